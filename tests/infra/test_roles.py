"""On the running emulator: one function per group, and each role lets its function do what its module says, no more."""

import importlib
import io
import json
import sys
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from chalicelib.fonctions import Fonction
from tests.appel import BUCKETS, TABLES
from tests.infra.test_gabarit import _groupes
from tests.runtime import ServiceDEssai

VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"
REFUS = {"AccessDeniedException", "AccessDenied", "AuthorizationError", "403"}

# Runs under the role of each function in turn, and tells the credentials that Lambda gave it.
SONDE = """
import os

def faire(evenement, contexte):
    return {nom.lower(): os.environ[nom] for nom in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")}
"""


def _nom(groupe: str) -> str:
    return "permis-" + groupe.replace(".", "-").replace("_", "-")


def _droits(groupe: str) -> dict[str, tuple[str, ...]]:
    fonction: Fonction = importlib.import_module(f"chalicelib.{groupe}").FONCTION
    return dict(fonction.droits)


def _essais(runtime: ServiceDEssai) -> dict[tuple[str, str], tuple[str, str, dict[str, Any]]]:
    """(resource, IAM action) -> a call that needs just that, and changes nothing when it is allowed."""
    essais: dict[tuple[str, str], tuple[str, str, dict[str, Any]]] = {}
    dynamodb = runtime.client("dynamodb")
    for table in TABLES:
        nom = f"permis-{table}"
        description = dynamodb.describe_table(TableName=nom)["Table"]
        types = {a["AttributeName"]: a["AttributeType"] for a in description["AttributeDefinitions"]}
        cle = {k["AttributeName"]: {types[k["AttributeName"]]: "0"} for k in description["KeySchema"]}
        hash_ = description["KeySchema"][0]["AttributeName"]
        jamais = {"ConditionExpression": f"attribute_exists({hash_}) AND attribute_not_exists({hash_})"}
        essais[(f"table:{table}", "GetItem")] = ("dynamodb", "get_item", {"TableName": nom, "Key": cle})
        essais[(f"table:{table}", "PutItem")] = ("dynamodb", "put_item", {"TableName": nom, "Item": cle, **jamais})
        essais[(f"table:{table}", "UpdateItem")] = (
            "dynamodb",
            "update_item",
            {"TableName": nom, "Key": cle, "UpdateExpression": "SET essai = :u", **jamais}
            | {"ExpressionAttributeValues": {":u": {"S": "u"}}},
        )
        essais[(f"table:{table}", "DeleteItem")] = ("dynamodb", "delete_item", {"TableName": nom, "Key": cle, **jamais})
        essais[(f"table:{table}", "Scan")] = ("dynamodb", "scan", {"TableName": nom, "Limit": 1})
        condition = {"KeyConditionExpression": f"{hash_} = :h", "ExpressionAttributeValues": {":h": cle[hash_]}}
        essais[(f"table:{table}", "Query")] = ("dynamodb", "query", {"TableName": nom, **condition})
    for bucket in BUCKETS:
        nom = runtime.sorties[f"Bucket{bucket.capitalize()}"]
        objet = {"Bucket": nom, "Key": "essai-de-role"}
        essais[(f"bucket:{bucket}/*", "GetObject")] = ("s3", "get_object", objet)
        essais[(f"bucket:{bucket}/*", "PutObject")] = ("s3", "put_object", {**objet, "Body": ""})
        essais[(f"bucket:{bucket}/*", "DeleteObject")] = ("s3", "delete_object", {**objet, "Key": "rien"})
    message = {"TopicArn": runtime.sorties["TopicEvenements"], "Message": "{}"}
    essais[("topic:evenements", "Publish")] = ("sns", "publish", message)
    return essais


@pytest.fixture(scope="module")
def sonde() -> bytes:
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w") as ecrit:
        ecrit.writestr("sonde.py", SONDE)
    return tampon.getvalue()


def test_chaque_groupe_a_sa_fonction_deployee(runtime: ServiceDEssai) -> None:
    pages = runtime.client("lambda").get_paginator("list_functions").paginate()
    assert {f["FunctionName"] for page in pages for f in page["Functions"]} == {_nom(groupe) for groupe in _groupes()}


def test_chaque_role_permet_a_sa_fonction_ses_actions_et_aucune_autre(runtime: ServiceDEssai, sonde: bytes) -> None:
    essais = _essais(runtime)
    ecarts = []
    for groupe in _groupes():
        droits, clients = _droits(groupe), _clients_du_role(runtime, sonde, groupe)
        for (ressource, action), (service, operation, parametres) in _choix(essais, droits).items():
            code = "fait"
            try:
                getattr(clients[service], operation)(**parametres)
            except ClientError as erreur:
                code = erreur.response["Error"]["Code"]
            permis = action in droits.get(ressource, ())
            if permis == (code in REFUS):
                ecarts.append(f"{groupe} : {action} sur {ressource} -> {code}")
    assert ecarts == []


def _choix(essais: dict[tuple[str, str], Any], droits: dict[str, tuple[str, ...]]) -> dict[tuple[str, str], Any]:
    """All that is granted, and of what is not, one reading and one writing per resource."""
    choisis = {e: appel for e, appel in essais.items() if e[1] in droits.get(e[0], ())}
    for ressource in {r for r, _ in essais}:
        refuses = [e for e in essais if e[0] == ressource and e not in choisis]
        choisis |= {e: essais[e] for e in (refuses[:1] + refuses[-1:])}
    return choisis


def _clients_du_role(runtime: ServiceDEssai, sonde: bytes, groupe: str) -> dict[str, Any]:
    """Clients with the very credentials that the function of ``groupe`` has."""
    lambdas, nom = runtime.client("lambda"), f"sonde-{_nom(groupe)}"
    role = lambdas.get_function_configuration(FunctionName=_nom(groupe))["Role"]
    lambdas.create_function(
        FunctionName=nom, Runtime=VERSION, Handler="sonde.faire", Role=role, Code={"ZipFile": sonde}
    )
    try:
        cles = json.loads(lambdas.invoke(FunctionName=nom)["Payload"].read())
    finally:
        lambdas.delete_function(FunctionName=nom)
    session = boto3.session.Session(region_name=lambdas.meta.region_name, **cles)
    reglages = Config(retries={"total_max_attempts": 1})
    services = ("dynamodb", "s3", "sns")
    return {s: session.client(s, endpoint_url=runtime.reglages.emulateur, config=reglages) for s in services}


@pytest.fixture
def creer_sans_droit(runtime: ServiceDEssai) -> Iterator[None]:
    """The account function without its rights on the accounts' table, put back afterwards."""
    iam = runtime.client("iam")
    role = (
        runtime.client("lambda").get_function_configuration(FunctionName=_nom("comptes.creer"))["Role"].split("/")[-1]
    )
    document = iam.get_role_policy(RoleName=role, PolicyName="droits")["PolicyDocument"]
    table = "permis-comptes"
    prive = [e for e in document["Statement"] if table not in json.dumps(e["Resource"])]
    assert len(prive) < len(document["Statement"])
    _poser(runtime, role, {**document, "Statement": prive})
    yield
    _poser(runtime, role, document)


def _poser(runtime: ServiceDEssai, role: str, document: dict[str, Any]) -> None:
    runtime.client("iam").put_role_policy(RoleName=role, PolicyName="droits", PolicyDocument=json.dumps(document))


def test_une_fonction_privee_d_un_droit_echoue_sans_rien_dire_de_plus(
    runtime: ServiceDEssai, sonde: bytes, creer_sans_droit: None
) -> None:
    service, operation, parametres = _essais(runtime)[("table:comptes", "PutItem")]
    with pytest.raises(ClientError, match="AccessDenied"):
        getattr(_clients_du_role(runtime, sonde, "comptes.creer")[service], operation)(**parametres)
    statut, corps = _creer_un_compte(runtime)
    assert statut == 500
    assert corps["title"] == "Erreur interne"
    assert "AccessDenied" not in json.dumps(corps)
    journaux = runtime.client("logs").filter_log_events(logGroupName="/permis/permis", filterPattern="panne")["events"]
    assert any('"/comptes"' in evenement["message"] for evenement in journaux)


def test_la_meme_fonction_reussit_avec_ses_droits(runtime: ServiceDEssai) -> None:
    assert _creer_un_compte(runtime)[0] == 201


def _creer_un_compte(runtime: ServiceDEssai) -> tuple[int, Any]:
    """POST /api/comptes as a browser would, with its anti-robot solved."""
    from tests.defi import resoudre

    with urllib.request.urlopen(f"{runtime.url}/api/anti-robot", timeout=10) as reponse:
        defi = json.load(reponse)
    compte = {
        "identifiant": f"essai-{defi['salt'][:8]}",
        "mot_de_passe": "Guichet-543-local",
        "profil": "usager",
        "prenom": "Jeanne",
        "nom": "Essai",
        "email": f"essai-{defi['salt'][:8]}@example.org",
        "sexe": "F",
        "telephone": "0600000001",
        "question_secrete": "Le nom de votre premier animal ?",
        "reponse_secrete": "Félix",
        "cgu_acceptees": True,
        "anti_robot": resoudre(defi),
    }
    demande = urllib.request.Request(
        f"{runtime.url}/api/comptes", json.dumps(compte).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(demande, timeout=20) as reponse:
            return reponse.status, json.load(reponse)
    except urllib.error.HTTPError as refus:
        return refus.code, json.load(refus)
