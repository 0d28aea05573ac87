"""From an API Gateway request to a plain call, and from a result or a domain error back to HTTP.

A handler is declared once with ``@route``; its path, method, roles, input and output models are then known to Chalice,
to the packaging (the view's module owns the route), to the OpenAPI document and to the tests through ``ROUTES``.
"""

import functools
import hmac
import os
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from chalice import Blueprint, Response
from pydantic import BaseModel, TypeAdapter

from chalicelib.autorisation import autoriseur
from chalicelib.demande.erreurs import ErreurMetier, NonAuthentifie, RoleInterdit, SaisieInvalide
from chalicelib.observabilite import compter, journal_technique, nature, publier_metriques, suivre
from chalicelib.saisie import valider, valider_objet
from chalicelib.temps import borne

PUBLIC: tuple[str, ...] = ()
USAGER = ("usager",)
AGENT = ("agent", "chef")
CTN = ("ctn",)
SAISIE = (*USAGER, *AGENT)
"""Who may fill in a demande: its usager, or the agent who types a paper dossier (chalicelib/usager.py says which)."""
TOUS = ("usager", "agent", "chef", "ctn", "ecole", "partenaire")

_CORRELATION = re.compile(r"^[A-Za-z0-9-]{8,64}$")
_CLE = re.compile(r"^[\x21-\x7e]{1,128}$")
PROBLEME = "application/problem+json"
CORPS_MAX = 64 * 1024
RELAIS = "x-permis-relais"

S = TypeVar("S")


@dataclass(frozen=True)
class Identite:
    """Who calls, as the authorizer said: ``compte_id``, ``role`` and, for agents, their ``autorites`` (codes)."""

    compte_id: str
    session_id: str
    role: str
    autorites: tuple[str, ...] = ()


@dataclass(frozen=True)
class Appel(Generic[S]):
    """One call: ``saisie`` is the validated body (None without one), ``chemin`` and ``requete`` the URL's parameters.

    ``si_version`` is the If-Match version when sent, ``cle_idempotence`` the Idempotency-Key, ``adresse`` the caller's
    IP address (see ``_adresse``), ``octets`` the raw body (for signatures).
    """

    saisie: S
    chemin: dict[str, str]
    requete: dict[str, str]
    correlation_id: str
    adresse: str
    si_version: int | None = None
    cle_idempotence: str | None = None
    _identite: Identite | None = None
    octets: bytes = b""
    entetes: dict[str, str] = field(default_factory=dict)

    @property
    def identite(self) -> Identite:
        """The caller; raises ``NonAuthentifie`` on a public route."""
        if self._identite is None:
            raise NonAuthentifie()
        return self._identite


@dataclass(frozen=True)
class Reponse:
    """What a handler answers: a model, a dict, a list or None, an HTTP status and headers."""

    corps: BaseModel | dict[str, Any] | list[Any] | None = None
    statut: int = 200
    entetes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DescriptionRoute:
    """What is known of a route, for the OpenAPI document and the tests."""

    methode: str
    chemin: str
    qui: tuple[str, ...]
    saisie: type[BaseModel] | None
    requete: type[BaseModel] | None
    reponse: Any
    statut: int
    erreurs: tuple[int, ...]
    resume: str
    module: str
    corps_brut: bool
    saisie_agent: type[BaseModel] | None = None
    corps_max: int = CORPS_MAX


ROUTES: dict[tuple[str, str], DescriptionRoute] = {}


def route(
    bp: Blueprint,
    methode: str,
    chemin: str,
    *,
    qui: Sequence[str] = USAGER,
    saisie: type[BaseModel] | None = None,
    requete: type[BaseModel] | None = None,
    reponse: Any = None,
    statut: int = 200,
    erreurs: Sequence[int] = (),
    corps_brut: bool = False,
    saisie_agent: type[BaseModel] | None = None,
    corps_max: int = CORPS_MAX,
) -> Callable[[Callable[[Appel[Any]], Reponse]], Callable[..., Response]]:
    """Register ``action`` as the handler of ``methode chemin`` (without the stage ``/api``).

    ``qui`` lists the roles that may call (``PUBLIC`` for all), ``saisie`` the body's model, ``requete`` the query
    string's, ``reponse`` the answer's (a model, or any type pydantic can describe), ``statut`` the usual status,
    ``erreurs`` the statuses told beyond 401, 403 and 422. ``corps_brut``: the handler reads and validates ``octets``
    itself, once it has checked the signature that covers them. ``saisie_agent``: the body's model for an agent, where a
    paper dossier may hold less than is asked on line. ``corps_max``: bytes of a body at most. The first line of the
    handler's docstring is the route's summary.
    """

    def decorer(action: Callable[[Appel[Any]], Reponse]) -> Callable[..., Response]:
        @functools.wraps(action)
        def vue(**parametres: str) -> Response:
            return _repondre(bp, action, description, parametres)

        description = DescriptionRoute(
            methode,
            chemin,
            tuple(qui),
            saisie,
            requete,
            reponse,
            statut,
            tuple(erreurs),
            (action.__doc__ or "").strip().split("\n")[0],
            action.__module__,
            corps_brut,
            saisie_agent,
            corps_max,
        )
        ROUTES[(methode, chemin)] = description
        # functools.wraps exposes the handler's own signature; Chalice passes the path's parameters by name.
        del vue.__wrapped__
        bp.route(
            chemin,
            methods=[methode],
            authorizer=autoriseur if qui else None,
            content_types=["application/json"],
            name=f"{action.__module__}.{action.__name__}",
        )(vue)
        return vue

    return decorer


def probleme(statut: int, titre: str, detail: str, champs: dict[str, Any] | None = None, **entetes: str) -> Response:
    """An RFC 9457 problem document as a Chalice response."""
    corps = {"type": "about:blank", "title": titre, "status": statut, "detail": detail, **(champs or {})}
    return Response(
        body=_json(corps),
        status_code=statut,
        headers={"Content-Type": PROBLEME, "Cache-Control": "no-store", **entetes},
    )


def _json(corps: Any) -> str:
    return TypeAdapter(Any).dump_json(corps).decode()


def _repondre(
    bp: Blueprint, action: Callable[[Appel[Any]], Reponse], description: DescriptionRoute, parametres: dict[str, str]
) -> Response:
    requete = bp.current_request
    entetes = {nom.lower(): valeur for nom, valeur in (requete.headers or {}).items()}
    correlation_id = entetes.get("x-correlation-id", "")
    if not _CORRELATION.match(correlation_id):
        correlation_id = str(uuid.uuid4())
    suivre(correlation_id)
    try:
        with borne(bp.lambda_context.get_remaining_time_in_millis() / 1000):
            appel = _appel(requete, description, parametres, entetes, correlation_id)
            reponse = _http(action(appel))
    except ErreurMetier as erreur:
        attente = getattr(erreur, "attendre_s", None)
        suite = {"Retry-After": str(attente)} if attente else {}
        reponse = probleme(erreur.code_http, erreur.titre, erreur.detail, dict(erreur.champs), **suite)
    except Exception as panne:
        # The message of an unknown exception may quote what the person typed: its type and place are enough.
        journal_technique.error(
            "panne",
            extra={"route": description.chemin, "erreur": nature(panne), "lieux": _lieux(panne)},
        )
        reponse = probleme(
            500,
            "Erreur interne",
            "Une erreur de notre fait s'est produite. Rien n'est perdu : recommencez, et si cela persiste citez la "
            f"référence {correlation_id}.",
        )
    reponse.headers["X-Correlation-Id"] = correlation_id
    compter(f"reponses_{reponse.status_code // 100}xx")
    journal_technique.info(
        "appel", extra={"methode": description.methode, "route": description.chemin, "statut": reponse.status_code}
    )
    publier_metriques()
    return reponse


def _lieux(panne: Exception) -> list[str]:
    """Where it broke, as file:line pairs, without the exception's text."""
    lieux, pas = [], panne.__traceback__
    while pas:
        lieux.append(f"{pas.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{pas.tb_lineno}")
        pas = pas.tb_next
    return lieux


def _appel(
    requete: Any,
    description: DescriptionRoute,
    parametres: dict[str, str],
    entetes: dict[str, str],
    correlation_id: str,
) -> Appel[Any]:
    contexte = requete.context or {}
    identite = _identite(contexte.get("authorizer") or {}) if description.qui else None
    if identite is not None and identite.role not in description.qui:
        raise RoleInterdit()
    octets = _octets(requete, description.corps_max) if description.saisie or description.corps_brut else b""
    parametres_url = dict(requete.query_params or {})
    return Appel(
        saisie=_saisie(description, octets, parametres_url, identite),
        chemin=parametres,
        requete=parametres_url,
        correlation_id=correlation_id,
        adresse=_adresse((contexte.get("identity") or {}).get("sourceIp") or "inconnue", entetes),
        si_version=_version(entetes.get("if-match")),
        cle_idempotence=_cle(entetes.get("idempotency-key")),
        _identite=identite,
        octets=octets,
        entetes=entetes,
    )


def _adresse(source: str, entetes: dict[str, str]) -> str:
    """The caller's address: the one that the gateway saw or, behind CloudFront, the one that CloudFront saw.

    CloudFront alone knows ``SECRET_RELAIS``: whoever calls the gateway directly may write what he likes in
    X-Forwarded-For, and is known by his own address. Each hop adds at the end the address that called it, so that the
    viewer is the one just before CloudFront's; what stands further left is what the viewer wrote.
    """
    secret = os.environ.get("SECRET_RELAIS", "")
    if not secret or not hmac.compare_digest(entetes.get(RELAIS, "").encode(), secret.encode()):
        return source
    sauts = [saut.strip() for saut in entetes.get("x-forwarded-for", "").split(",")]
    rang = next((rang for rang in range(len(sauts) - 1, 0, -1) if sauts[rang] == source), 0)
    return sauts[rang - 1] if rang else source


def _identite(autorisation: dict[str, Any]) -> Identite:
    if not autorisation.get("principalId") or not autorisation.get("role"):
        raise NonAuthentifie()
    codes = tuple(code for code in str(autorisation.get("autorites", "")).split(",") if code)
    return Identite(autorisation["principalId"], autorisation.get("session", ""), autorisation["role"], codes)


def _octets(requete: Any, au_plus: int) -> bytes:
    brut = requete.raw_body
    octets = brut.encode() if isinstance(brut, str) else bytes(brut or b"")
    if len(octets) > au_plus:
        raise SaisieInvalide([("", f"La requête est trop longue ({_poids(au_plus)} au plus).")])
    return octets


def _poids(octets: int) -> str:
    return f"{octets // 1024} Ko" if octets < 1024**2 else f"{octets // 1024**2} Mo"


def _saisie(
    description: DescriptionRoute, octets: bytes, parametres_url: dict[str, str], identite: Identite | None
) -> Any:
    if description.saisie is not None and not description.corps_brut:
        d_agent = description.saisie_agent if identite is not None and identite.role in AGENT else None
        modele = d_agent or description.saisie
        return valider(modele, octets or (b"{}" if corps_facultatif(description.methode, modele) else b"null"))
    if description.requete is not None:
        return valider_objet(description.requete, parametres_url)
    return None


def corps_facultatif(methode: str, modele: type[BaseModel]) -> bool:
    """Whether an action may come without a body: each of its fields has a default.

    A PUT replaces what is there: a body lost on the way would erase it.
    """
    return methode == "POST" and not any(champ.is_required() for champ in modele.model_fields.values())


def _version(si_correspond: str | None) -> int | None:
    if si_correspond is None or si_correspond.strip() == "*":
        return None
    chiffres = si_correspond.strip().removeprefix("W/").strip('"')
    if not chiffres.isdecimal() or len(chiffres) > 12:
        raise SaisieInvalide([("If-Match", "La version attendue est un nombre, entre guillemets.")])
    return int(chiffres)


def _cle(cle: str | None) -> str | None:
    if cle is not None and not _CLE.match(cle):
        raise SaisieInvalide([("Idempotency-Key", "128 caractères ASCII imprimables au plus, sans espace.")])
    return cle


def _http(reponse: Reponse) -> Response:
    entetes = {"Cache-Control": "no-store", **reponse.entetes}
    if reponse.corps is None:
        return Response(body="", status_code=reponse.statut, headers=entetes)
    corps = reponse.corps
    texte = corps.model_dump_json(exclude_none=False) if isinstance(corps, BaseModel) else _json(corps)
    return Response(
        body=texte, status_code=reponse.statut, headers={"Content-Type": "application/json; charset=utf-8", **entetes}
    )


def traduire_erreurs(evenement: Any, suite: Callable[[Any], Response]) -> Response:
    """Chalice middleware: an error of the framework itself (405, 415, 500) becomes a problem document too."""
    reponse = suite(evenement)
    corps = reponse.body
    if reponse.status_code < 400 or not isinstance(corps, dict) or "Code" not in corps:
        return reponse
    phrases = {
        405: ("Méthode non prévue", "Cette méthode n'est pas prévue ici."),
        415: ("Type de contenu refusé", "Le corps de la requête doit être du JSON (Content-Type: application/json)."),
    }
    titre, detail = phrases.get(
        reponse.status_code, ("La requête n'a pas pu être traitée", "Vérifiez son adresse et sa forme.")
    )
    return probleme(reponse.status_code, titre, detail)
