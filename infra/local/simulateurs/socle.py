"""What the simulated systems share: a state that survives a kill -9, a clock, faults on demand, bodies and instants."""

import asyncio
import functools
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from chalicelib.demande.erreurs import ErreurMetier, SaisieInvalide
from chalicelib.saisie import Saisie, valider

Horloge = Callable[[], float]
Action = Callable[[Request], Awaitable[Response]]
Service = Literal["photos", "timbres", "snpc", "producteur", "antivirus"]
M = TypeVar("M", bound=BaseModel)

SERVICES: dict[Service, str] = {
    "photos": "base des e-photos",
    "timbres": "boutique des timbres",
    "snpc": "SNPC",
    "producteur": "imprimeur",
    "antivirus": "antivirus",
}
MODES = {"panne": "en panne", "lent": "lent", "aucune": "normal"}

CORPS_MAX = 64 * 1024


def ouvrir(etat: Path) -> sqlite3.Connection:
    """The simulators' state in the folder ``etat``; every statement commits, so nothing said is lost."""
    etat.mkdir(parents=True, exist_ok=True)
    base = sqlite3.connect(etat / "simulateurs.sqlite", isolation_level=None, check_same_thread=False, timeout=5)
    base.row_factory = sqlite3.Row
    base.execute("PRAGMA journal_mode=WAL")
    return base


def instant(secondes: float) -> str:
    """ISO 8601 UTC with milliseconds."""
    return datetime.fromtimestamp(secondes, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def corps(requete: Request) -> bytes:
    """The body, short; raises ``SaisieInvalide``."""
    octets = b""
    async for morceau in requete.stream():
        octets += morceau
        if len(octets) > CORPS_MAX:
            raise SaisieInvalide([("", f"{CORPS_MAX // 1024} Ko au plus.")])
    return octets


async def lire(requete: Request, modele: type[M]) -> M:
    """The body as ``modele`` (no body is an empty object); raises ``SaisieInvalide``."""
    return valider(modele, await corps(requete) or b"{}")


def probleme(
    statut: int,
    titre: str,
    detail: str,
    champs: Mapping[str, object] | None = None,
    entetes: Mapping[str, str] | None = None,
) -> Response:
    """An RFC 9457 problem document, as the API's own."""
    return JSONResponse(
        {"type": "about:blank", "title": titre, "status": statut, "detail": detail, **(champs or {})},
        statut,
        {"Cache-Control": "no-store", **(entetes or {})},
        "application/problem+json",
    )


async def traduire(_: Request, erreur: Exception) -> Response:
    """A domain error as a problem document (an exception handler of Starlette)."""
    assert isinstance(erreur, ErreurMetier)
    return probleme(erreur.code_http, erreur.titre, erreur.detail, erreur.champs)


class DemandePanne(Saisie):
    """POST /dev/pannes: how a remote system behaves from now on."""

    service: Service
    mode: Literal["lent", "panne", "aucune"]
    delai_s: Annotated[float, Field(ge=0, le=120)] = 10.0


class Pannes:
    """Faults on demand: a slow system does what it is asked and answers late, a broken one does nothing."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base
        base.execute("CREATE TABLE IF NOT EXISTS pannes (service TEXT PRIMARY KEY, mode TEXT NOT NULL, delai_s REAL)")

    def regler(self, service: Service, mode: str, delai_s: float) -> None:
        """From now on ``service`` is ``lent`` by ``delai_s`` seconds, in ``panne``, or well (``aucune``)."""
        self._base.execute("INSERT OR REPLACE INTO pannes VALUES (?, ?, ?)", (service, mode, delai_s))

    def etat(self, service: Service) -> tuple[str, float]:
        """How ``service`` behaves now: its mode, and by how many seconds it is late."""
        panne = self._base.execute("SELECT mode, delai_s FROM pannes WHERE service = ?", (service,)).fetchone()
        return (panne["mode"], panne["delai_s"]) if panne else ("aucune", 0.0)

    def subir(self, service: Service, action: Action) -> Action:
        """``action`` of the remote ``service``, with the fault in force when it is called."""

        @functools.wraps(action)
        async def eprouvee(requete: Request) -> Response:
            mode, delai_s = self.etat(service)
            if mode == "panne":
                return HTMLResponse("<html><body><h1>503 Service Unavailable</h1></body></html>", 503)
            reponse = await action(requete)
            if mode == "lent":
                await asyncio.sleep(delai_s)
            return reponse

        return eprouvee

    def routes(self) -> list[Route]:
        """GET and POST /dev/pannes."""

        async def regler(requete: Request) -> Response:
            demande = await lire(requete, DemandePanne)
            self.regler(demande.service, demande.mode, demande.delai_s)
            return JSONResponse(demande.model_dump())

        async def lister(_: Request) -> Response:
            regles = dict(tuple(regle) for regle in self._base.execute("SELECT service, mode FROM pannes"))
            return JSONResponse({service: regles.get(service, "aucune") for service in SERVICES})

        return [
            Route("/dev/pannes", regler, methods=["POST"]),
            Route("/dev/pannes", lister, methods=["GET"]),
        ]
