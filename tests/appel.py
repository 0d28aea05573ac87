"""Call the application as API Gateway does: a proxy event in, a status, headers and a parsed body out.

``appeler`` runs the real ``app.app``. Without ``groupe`` the whole application is loaded; with it, that room alone, as
its deployed function does (``ROUTE_GROUP``). Ports come from ``chalicelib.wiring``: a test runs inside moto, or gives
its fakes to wiring.
"""

import importlib.util
import json
import os
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from chalice import Chalice

from chalicelib.http import Identite
from demo.facturier import certificat

RACINE = Path(__file__).parents[1]
ADRESSE = "192.0.2.10"

TABLES = (
    "demandes",
    "journal",
    "comptes",
    "sessions",
    "timbres",
    "notifications",
    "idempotence",
    "consultations",
    "recherches",
)
BUCKETS = ("quarantaine", "pieces", "documents", "ancres")
REGION, COMPTE_AWS = "eu-west-3", "123456789012"

ENVIRONNEMENT = {
    "AWS_DEFAULT_REGION": REGION,
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    **{f"TABLE_{nom.upper()}": f"permis-{nom}" for nom in TABLES},
    **{f"BUCKET_{nom.upper()}": f"permis-{nom}" for nom in BUCKETS},
    "TOPIC_EVENEMENTS": f"arn:aws:sns:{REGION}:{COMPTE_AWS}:permis-evenements",
    "MACHINE_DEMANDE": f"arn:aws:states:{REGION}:{COMPTE_AWS}:stateMachine:permis-demande",
    "KEY_CACHET": "alias/permis-cachet",
    "QUEUE_ANCRAGE": f"https://sqs.{REGION}.amazonaws.com/{COMPTE_AWS}/permis-ancrage",
    "CLE_JETONS": "cle-de-test-des-jetons-de-session-0123456789",
    "CLE_CODES": "cle-de-test-des-codes-a-six-chiffres-0123456789",
    "CLE_ALTCHA": "cle-de-test-des-defis-anti-robot-0123456789",
    "CLE_PARTENAIRE": "cle-de-test-des-partenaires-0123456789",
    "URL_DEPOT": "",
    "URL_LIENS": "",
    "URL_PHOTOS": "http://photos.invalid",
    "URL_TIMBRES": "http://timbres.invalid",
    "URL_SNPC": "http://snpc.invalid",
    "URL_PRODUCTEUR": "http://producteur.invalid",
    "ANTIVIRUS": "s3",
    "CERTIFICATS_DE_PLUS": certificat(),
    "URL_SITE": "https://permis.invalid",
    "EXPEDITEUR": "ne-pas-repondre@permis.invalid",
    "SUIVI_MAILS": "",
    "SILENCE_SMS": "",
}


class Resultat(NamedTuple):
    """What came back: ``corps`` is the parsed JSON, a text when it is none, None when empty.

    Header names in lower case.
    """

    statut: int
    entetes: dict[str, str]
    corps: Any


class ContexteLambda:
    """What Powertools and Chalice read of a Lambda context."""

    function_name = "test"
    memory_limit_in_mb = 512
    invoked_function_arn = f"arn:aws:lambda:{REGION}:{COMPTE_AWS}:function:test"
    aws_request_id = "00000000-0000-4000-8000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        return 10_000


def preparer_environnement() -> None:
    """Set the variables that deployed functions have, without replacing those that a test already chose."""
    for nom, valeur in ENVIRONNEMENT.items():
        os.environ.setdefault(nom, valeur)


_inscrire = Chalice._register_route


def _sur_copie(app: Chalice, name: str, user_handler: Any, kwargs: dict[str, Any], **autres: Any) -> None:
    """Register a route from a copy of its description: Chalice empties it, and applications share a blueprint here."""
    _inscrire(app, name, user_handler, {**kwargs, "kwargs": dict(kwargs["kwargs"])}, **autres)


@cache
def charger(groupe: str | None = None) -> Chalice:
    """The application of ``app.py``, whole or reduced to ``groupe`` (as ``comptes.creer``)."""
    preparer_environnement()
    avant = os.environ.pop("ROUTE_GROUP", None)
    if groupe:
        os.environ["ROUTE_GROUP"] = groupe
    try:
        description = importlib.util.spec_from_file_location(f"app_{groupe or 'entiere'}", RACINE / "app.py")
        assert description is not None
        assert description.loader is not None
        module = importlib.util.module_from_spec(description)
        sys.modules[description.name] = module
        Chalice._register_route = _sur_copie
        description.loader.exec_module(module)
    finally:
        Chalice._register_route = _inscrire
        os.environ.pop("ROUTE_GROUP", None)
        if avant is not None:
            os.environ["ROUTE_GROUP"] = avant
    application: Chalice = module.app
    groupes = (groupe,) if groupe else module.GROUPES
    application.modules_de_test = [sys.modules[f"chalicelib.{nom}"] for nom in groupes]
    return application


def autoriser(jeton: str) -> Identite | None:
    """Run the Lambda authorizer on ``jeton`` as API Gateway does; None when it denies."""
    preparer_environnement()
    from chalicelib.autorisation import autoriseur

    evenement = {
        "type": "TOKEN",
        "authorizationToken": f"Bearer {jeton}",
        "methodArn": f"arn:aws:execute-api:{REGION}:{COMPTE_AWS}:test/api/GET/",
    }
    reponse = autoriseur(evenement, ContexteLambda())
    contexte = reponse.get("context") or {}
    # Chalice answers a policy without any route for a denial.
    permises = [ressource for phrase in reponse["policyDocument"]["Statement"] for ressource in phrase["Resource"]]
    if not permises:
        return None
    codes = tuple(code for code in contexte["autorites"].split(",") if code)
    return Identite(reponse["principalId"], contexte["session"], contexte["role"], codes)


def appeler(
    methode: str,
    chemin_modele: str,
    parametres: Mapping[str, str] | None = None,
    corps: Any = None,
    identite: Identite | None = None,
    entetes: Mapping[str, str] | None = None,
    *,
    requete: Mapping[str, str] | None = None,
    jeton: str | None = None,
    groupe: str | None = None,
    adresse: str = ADRESSE,
    contexte_lambda: ContexteLambda | None = None,
) -> Resultat:
    """Call ``methode chemin_modele`` (the route's template, as ``/demandes/{id}``) with its path ``parametres``.

    ``corps``: a dict or list is sent as JSON, a str or bytes as it is. ``identite``: the caller, as the authorizer
    would say; or ``jeton``: the authorizer itself is run first, and its denial is the gateway's 401 (``corps`` None).
    ``contexte_lambda`` says how long the function has: ten seconds when not given.
    """
    application = charger(groupe)
    for module in application.modules_de_test:
        # A blueprint answers to the application that registered it last: several live in one test process.
        module.bp._current_app = application
    if jeton is not None:
        identite = autoriser(jeton)
        if identite is None:
            return Resultat(401, {}, None)
    brut = corps if isinstance(corps, str) else corps.decode("latin-1") if isinstance(corps, bytes) else None
    if corps is not None and brut is None:
        brut = json.dumps(corps)
    tous = {"Content-Type": "application/json", **(entetes or {})}
    contexte: dict[str, Any] = {
        "httpMethod": methode,
        "resourcePath": chemin_modele,
        "stage": "api",
        "identity": {"sourceIp": adresse},
    }
    if identite is not None:
        contexte["authorizer"] = {
            "principalId": identite.compte_id,
            "session": identite.session_id,
            "role": identite.role,
            "autorites": ",".join(identite.autorites),
        }
    evenement = {
        "resource": chemin_modele,
        "path": chemin_modele.format(**(parametres or {})),
        "httpMethod": methode,
        "headers": tous,
        "multiValueHeaders": {nom: [valeur] for nom, valeur in tous.items()},
        "queryStringParameters": dict(requete) if requete else None,
        "multiValueQueryStringParameters": {n: [v] for n, v in requete.items()} if requete else None,
        "pathParameters": dict(parametres) if parametres else None,
        "stageVariables": None,
        "requestContext": contexte,
        "body": brut,
        "isBase64Encoded": False,
    }
    reponse = application(evenement, contexte_lambda or ContexteLambda())
    recus = {nom: ",".join(valeurs) for nom, valeurs in (reponse.get("multiValueHeaders") or {}).items()}
    recus = {nom.lower(): valeur for nom, valeur in {**recus, **(reponse.get("headers") or {})}.items()}
    texte = reponse.get("body") or ""
    rendu: Any = texte or None
    if texte and "json" in recus.get("content-type", ""):
        rendu = json.loads(texte)
    return Resultat(reponse["statusCode"], recus, rendu)
