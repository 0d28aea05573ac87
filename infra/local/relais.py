"""What the front door forwards to the emulator: the API to the deployed API Gateway, the files to S3, nothing else.

The emulator answers many services on one port: a path is forwarded only under our API, or in one of our buckets with
what a signature covers. Whatever it answers badly, or does not answer, becomes a problem document.
"""

import json
import logging
import re
import time
import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from urllib.parse import unquote_to_bytes

import httpx
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from infra.local.simulateurs.socle import probleme

API_MAX = 10 * 1024 * 1024
DEPOT_MAX = 12 * 1024 * 1024
METHODES = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
# API Gateway gives an integration 29 seconds.
DELAIS = httpx.Timeout(32, connect=2, pool=32)

# The form that chalicelib/http.py accepts.
_CORRELATION = re.compile(r"[A-Za-z0-9-]{8,64}")
_SAUTS = {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "host"}
# The gateway believes X-Forwarded-For: only the front door knows where a call comes from.
_RETIRES = _SAUTS | {"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "forwarded", "accept-encoding"}
_DEPOT_ALLER = {"content-type", "content-length", "range", "if-none-match", "if-modified-since", "if-range"}
_DEPOT_RETOUR = {
    "content-type",
    "content-length",
    "content-disposition",
    "content-range",
    "accept-ranges",
    "cache-control",
    "etag",
    "last-modified",
}
_PHRASES = {
    400: ("Requête incorrecte", "La requête n'a pas pu être comprise."),
    401: ("Connexion nécessaire", "Votre session est absente ou terminée : connectez-vous de nouveau."),
    403: ("Accès refusé", "Vous n'avez pas accès à cette adresse."),
    404: ("Introuvable", "Cette adresse n'existe pas."),
    413: ("Requête trop longue", "Ce qui est envoyé dépasse la taille permise."),
    429: ("Trop de demandes", "Patientez quelques instants avant de recommencer."),
}

_ERREUR_INTERNE = ("Erreur interne", "Une erreur de notre fait s'est produite : recommencez dans quelques instants.")

journal = logging.getLogger("permis.porte")


class TropLong(Exception):
    """The body is longer than what may pass."""


class Relais:
    """Forwards to the emulator at ``emulateur`` (base URL): the API ``api_id``, and the ``buckets`` by name."""

    def __init__(self, client: httpx.AsyncClient, emulateur: str, api_id: str, buckets: Iterable[str]) -> None:
        self._client = client
        self._base = httpx.URL(emulateur)
        self._prefixe_api = f"/restapis/{api_id}/api/_user_request_".encode()
        self._buckets = frozenset(buckets)

    def routes(self) -> list[Route]:
        """/api/… and /depot/…"""
        return [
            Route("/api", self.api, methods=METHODES),
            Route("/api/{chemin:path}", self.api, methods=METHODES),
            Route("/depot/{bucket}", self.deposer, methods=["POST"]),
            Route("/depot/{bucket}/{cle:path}", self.telecharger, methods=["GET", "HEAD"]),
        ]

    async def api(self, requete: Request) -> Response:
        """One call of the API, with its correlation id: the caller's when well formed, else a new one."""
        debut = time.monotonic()
        correlation_id = requete.headers.get("x-correlation-id", "")
        if not _CORRELATION.fullmatch(correlation_id):
            correlation_id = str(uuid.uuid4())
        reponse = await self._api(requete, correlation_id)
        await _vider(requete)
        reponse.headers["X-Correlation-Id"] = correlation_id
        champs = {
            "methode": requete.method,
            "chemin": requete.url.path,
            "statut": reponse.status_code,
            "duree_ms": round(1000 * (time.monotonic() - debut)),
            "correlation_id": correlation_id,
        }
        journal.info(json.dumps(champs))
        return reponse

    async def _api(self, requete: Request, correlation_id: str) -> Response:
        chemin = _chemin_brut(requete).removeprefix(b"/api")
        if not _sur(chemin) or chemin in (b"", b"/"):
            return _page_inconnue()
        ecartes = _RETIRES | {"x-correlation-id", "content-length"}
        entetes = _bruts((nom, valeur) for nom, valeur in requete.headers.items() if nom not in ecartes)
        entetes += _bruts([("x-correlation-id", correlation_id), ("x-forwarded-for", _adresse(requete))])
        try:
            octets = await _lire(requete, API_MAX)
            recue = await self._client.request(
                requete.method, self._url(requete, self._prefixe_api + chemin), headers=entetes, content=octets
            )
        except TropLong:
            return _trop_long(API_MAX)
        except ClientDisconnect:
            return probleme(400, *_PHRASES[400])
        except httpx.HTTPError as panne:
            return _indisponible(panne)
        return _reponse_api(recue)

    async def deposer(self, requete: Request) -> Response:
        """A presigned POST: the form goes to S3 as it comes, without being held in memory."""
        reponse = await self._deposer(requete)
        await _vider(requete)
        return reponse

    async def _deposer(self, requete: Request) -> Response:
        bucket = requete.path_params["bucket"]
        if bucket not in self._buckets:
            return _page_inconnue()
        if not requete.headers.get("content-type", "").startswith("multipart/form-data"):
            return probleme(415, "Format inattendu", "Un fichier s'envoie en multipart/form-data.")
        if int(requete.headers.get("content-length") or 0) > DEPOT_MAX:
            return _trop_long(DEPOT_MAX)
        try:
            recue = await self._client.post(
                self._url(requete, f"/{bucket}".encode(), avec_parametres=False),
                headers=_bruts(_choisir(requete.headers.items(), _DEPOT_ALLER)),
                content=_flux(requete, DEPOT_MAX),
            )
        except TropLong:
            return _trop_long(DEPOT_MAX)
        except ClientDisconnect:
            return probleme(400, *_PHRASES[400])
        except httpx.HTTPError as panne:
            return _indisponible(panne)
        return Response(recue.content, recue.status_code, _entetes_de_fichier(recue))

    async def telecharger(self, requete: Request) -> Response:
        """A presigned link: S3 checks its signature, made over its own host, and the bytes are streamed."""
        chemin = _chemin_brut(requete).removeprefix(b"/depot")
        signe = "X-Amz-Signature" in requete.query_params
        if requete.path_params["bucket"] not in self._buckets or not _sur(chemin):
            return _page_inconnue()
        if not signe:
            return probleme(403, *_PHRASES[403])
        demande = self._client.build_request(
            requete.method,
            self._url(requete, chemin),
            headers=_bruts([*_choisir(requete.headers.items(), _DEPOT_ALLER), ("accept-encoding", "identity")]),
        )
        try:
            recue = await self._client.send(demande, stream=True)
        except httpx.HTTPError as panne:
            return _indisponible(panne)
        return StreamingResponse(
            recue.aiter_raw(), recue.status_code, _entetes_de_fichier(recue), background=BackgroundTask(recue.aclose)
        )

    def _url(self, requete: Request, chemin: bytes, *, avec_parametres: bool = True) -> httpx.URL:
        # Byte for byte: a signature covers them.
        parametres = requete.scope["query_string"] if avec_parametres else b""
        return self._base.copy_with(raw_path=chemin + (b"?" + parametres if parametres else b""))


def _chemin_brut(requete: Request) -> bytes:
    chemin: bytes = requete.scope["raw_path"].partition(b"?")[0]
    return chemin


def _sur(chemin: bytes) -> bool:
    """No step back, in clear or encoded, that could leave the API or the bucket."""
    lu = unquote_to_bytes(chemin)
    morceaux = lu.split(b"/")
    return b"\\" not in lu and b"\0" not in lu and not {b".", b".."} & set(morceaux) and b"" not in morceaux[1:-1]


def _adresse(requete: Request) -> str:
    return requete.client.host if requete.client else "127.0.0.1"


async def _flux(requete: Request, maximum: int) -> AsyncIterator[bytes]:
    recus = 0
    async for morceau in requete.stream():
        recus += len(morceau)
        if recus > maximum:
            raise TropLong
        yield morceau


async def _lire(requete: Request, maximum: int) -> bytes:
    if int(requete.headers.get("content-length") or 0) > maximum:
        raise TropLong
    return b"".join([morceau async for morceau in _flux(requete, maximum)])


async def _vider(requete: Request) -> None:
    """Read on, for a while, what is left of the body: who is still sending does not hear the answer."""
    restants = 4 * DEPOT_MAX
    # RuntimeError: there is nothing left.
    with suppress(RuntimeError, ClientDisconnect):
        async for morceau in requete.stream():
            restants -= len(morceau)
            if restants < 0:
                return


def _bruts(entetes: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """Headers as the bytes that they came in: a value need not be ASCII, and is not ours to judge."""
    return [(nom.encode("latin-1"), valeur.encode("latin-1")) for nom, valeur in entetes]


def _choisir(entetes: Iterable[tuple[str, str]], noms: set[str]) -> list[tuple[str, str]]:
    return [(nom, valeur) for nom, valeur in entetes if nom.lower() in noms]


def _entetes_de_fichier(recue: httpx.Response) -> dict[str, str]:
    return {**dict(_choisir(recue.headers.items(), _DEPOT_RETOUR)), "X-Content-Type-Options": "nosniff"}


def _reponse_api(recue: httpx.Response) -> Response:
    """The gateway's answer; an error that is not ours (a crashed function, an unknown path) becomes a problem."""
    statut, genre = recue.status_code, recue.headers.get("content-type", "")
    if statut >= 400 and not genre.startswith("application/problem+json"):
        # A REST API tells an unknown path with this 403.
        inconnu = statut == 403 and b"Missing Authentication Token" in recue.content
        statut = 404 if inconnu else statut
        defaut = (
            500,
            ("Erreur interne", "Une erreur de notre fait s'est produite : recommencez dans quelques instants."),
        )
        titre, detail = _PHRASES.get(statut, defaut[1])
        return probleme(statut, titre, detail)
    reponse = Response(recue.content, statut)
    ecartes = _SAUTS | {"content-length", "content-encoding", "date", "server"}
    reponse.raw_headers = [
        (nom.lower(), valeur) for nom, valeur in recue.headers.raw if nom.lower().decode("latin-1") not in ecartes
    ]
    if statut not in (204, 304):
        reponse.headers["Content-Length"] = str(len(recue.content))
    reponse.headers.setdefault("X-Content-Type-Options", "nosniff")
    return reponse


def _page_inconnue() -> Response:
    return probleme(404, *_PHRASES[404])


def _trop_long(maximum: int) -> Response:
    return probleme(413, _PHRASES[413][0], f"Ce qui est envoyé dépasse {maximum // 1024**2} Mo.")


def _indisponible(panne: httpx.HTTPError) -> Response:
    journal.warning(json.dumps({"emulateur": type(panne).__name__}))
    return probleme(
        503,
        "Service momentanément indisponible",
        "Le service ne répond pas. Rien n'est perdu : recommencez dans quelques instants.",
        entetes={"Retry-After": "5"},
    )
