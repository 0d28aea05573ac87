"""The e-photo base (docs/contrats/photos.md): codes made by booths and photographers, consulted by us."""

import secrets
import sqlite3
import string
from typing import Annotated

from pydantic import StringConstraints
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chalicelib.demande.ports_externes import EtatPhotoExterne
from chalicelib.saisie import Saisie
from infra.local.simulateurs.socle import Horloge, Pannes, lire

ALPHABET = string.ascii_uppercase + string.digits
LONGUEUR = 22


class NouvellePhoto(Saisie):
    """POST /dev/photos: the state that the new code must have."""

    etat: EtatPhotoExterne = "valide"


class Consultation(Saisie):
    """What we ask the base. Any text is a code for it: what it does not know is ``inconnu``."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=100)]


class BasePhotos:
    """Photos known by their code; ``maintenant`` gives epoch seconds."""

    def __init__(self, base: sqlite3.Connection, maintenant: Horloge) -> None:
        self._base, self._maintenant = base, maintenant
        base.execute(
            "CREATE TABLE IF NOT EXISTS photos (code TEXT PRIMARY KEY, etat TEXT NOT NULL, cree_le REAL NOT NULL)"
        )

    def creer(self, etat: EtatPhotoExterne) -> str:
        """A new code of 22 alphanumerics in that state; an ``inconnu`` one is simply not kept."""
        code = "".join(secrets.choice(ALPHABET) for _ in range(LONGUEUR))
        if etat != "inconnu":
            self._base.execute("INSERT INTO photos VALUES (?, ?, ?)", (code, etat, self._maintenant()))
        return code

    def consulter(self, code: str) -> str:
        """The state of ``code``; consulting changes nothing."""
        connue = self._base.execute("SELECT etat FROM photos WHERE code = ?", (code,)).fetchone()
        return str(connue["etat"]) if connue else "inconnu"

    def routes(self, pannes: Pannes) -> list[Route]:
        """The remote system's own route, which faults reach, and the local tool that makes codes."""

        async def creer(requete: Request) -> Response:
            return JSONResponse({"code": self.creer((await lire(requete, NouvellePhoto)).etat)})

        async def consulter(requete: Request) -> Response:
            return JSONResponse({"etat": self.consulter((await lire(requete, Consultation)).code)})

        return [
            Route("/dev/photos", creer, methods=["POST"]),
            Route("/dev/photos/consultation", pannes.subir("photos", consulter), methods=["POST"]),
        ]
