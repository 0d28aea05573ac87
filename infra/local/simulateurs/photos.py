"""The e-photo base (docs/contrats/photos.md): codes of booths and photographers, and talons that come by post."""

import secrets
import sqlite3
import string
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, StringConstraints
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chalicelib.demande.erreurs import Introuvable
from chalicelib.demande.ports_externes import EtatPhotoExterne
from chalicelib.saisie import Saisie
from infra.local.simulateurs.courriers import Courriers, Notificateur
from infra.local.simulateurs.portrait import image_par_defaut
from infra.local.simulateurs.socle import Horloge, Pannes, instant, lire

ALPHABET = string.ascii_uppercase + string.digits
LONGUEUR = 22
RESERVABLES = ("valide", "en_activation")

Code = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class NouvellePhoto(Saisie):
    """POST /dev/photos: the state that the new code must have."""

    etat: EtatPhotoExterne = "valide"


class Consultation(Saisie):
    """What we ask the base. Any text is a code for it: what it does not know is ``inconnu``."""

    code: Code
    reference: Code | None = None


class Reservation(Saisie):
    """What we hold at the base, or give back, for one demande."""

    code: Code
    reference: Code


class Annonce(Saisie):
    """How an arrival is told: ``repetitions`` times, ``delai_s`` late, as happened at ``survenu_le``.

    A good photo comes with ``image``, in base64: a drawn portrait when not said, none when null.
    """

    delai_s: Annotated[float, Field(ge=0, le=86400)] = 0.0
    repetitions: Annotated[int, Field(ge=1, le=20)] = 1
    survenu_le: AwareDatetime | None = None
    image: str | None = Field(default_factory=image_par_defaut)


class FinActivation(Annonce):
    """POST /dev/photos/{code}: what became of the code; ``valide`` and ``expire`` (refused) are told."""

    etat: EtatPhotoExterne


class Talon(Annonce):
    """POST /dev/talons/{numero}: the photo and the signature of a talon came, good or not."""

    resultat: Literal["valide", "refuse"] = "valide"


class BasePhotos:
    """Photos known by their code; ``maintenant`` gives epoch seconds."""

    def __init__(self, base: sqlite3.Connection, maintenant: Horloge) -> None:
        self._base, self._maintenant = base, maintenant
        base.executescript(
            """
            CREATE TABLE IF NOT EXISTS photos (code TEXT PRIMARY KEY, etat TEXT NOT NULL, cree_le REAL NOT NULL);
            CREATE TABLE IF NOT EXISTS reservations (code TEXT PRIMARY KEY, reference TEXT NOT NULL);
            """
        )

    def creer(self, etat: EtatPhotoExterne) -> str:
        """A new code of 22 alphanumerics in that state; an ``inconnu`` one is simply not kept."""
        code = "".join(secrets.choice(ALPHABET) for _ in range(LONGUEUR))
        if etat != "inconnu":
            self._base.execute("INSERT INTO photos VALUES (?, ?, ?)", (code, etat, self._maintenant()))
        return code

    def changer(self, code: str, etat: EtatPhotoExterne) -> None:
        """The code is now in that state; raises ``Introuvable``."""
        fait = self._base.execute("UPDATE photos SET etat = ? WHERE code = ?", (etat, code))
        if not fait.rowcount:
            raise Introuvable("Cette e-photo n'existe pas.")

    def consulter(self, code: str, reference: str | None = None) -> str:
        """The state of ``code`` as the demande ``reference`` sees it; consulting changes nothing."""
        connue = self._base.execute(
            "SELECT etat, reference FROM photos LEFT JOIN reservations USING (code) WHERE code = ?", (code,)
        ).fetchone()
        if connue is None:
            return "inconnu"
        prise = connue["reference"] is not None and connue["reference"] != reference
        return "deja_utilise" if prise and connue["etat"] in RESERVABLES else str(connue["etat"])

    def reserver(self, code: str, reference: str) -> str:
        """Hold ``code`` for ``reference`` if nobody else does; the first one to ask has it."""
        self._base.execute(
            "INSERT OR IGNORE INTO reservations SELECT code, ? FROM photos WHERE code = ? AND etat IN (?, ?)",
            (reference, code, *RESERVABLES),
        )
        return self.consulter(code, reference)

    def liberer(self, code: str, reference: str) -> str:
        """Give ``code`` back if ``reference`` holds it; its state for anybody."""
        self._base.execute("DELETE FROM reservations WHERE code = ? AND reference = ?", (code, reference))
        return self.consulter(code)

    def routes(
        self, pannes: Pannes, arrivees: Courriers | None = None, notificateur: Notificateur | None = None
    ) -> list[Route]:
        """The remote system's routes, which faults reach, and the local tools that make codes and play arrivals.

        Without ``arrivees`` nothing is told.
        """

        async def creer(requete: Request) -> Response:
            return JSONResponse({"code": self.creer((await lire(requete, NouvellePhoto)).etat)})

        async def consulter(requete: Request) -> Response:
            question = await lire(requete, Consultation)
            return JSONResponse({"etat": self.consulter(question.code, question.reference)})

        async def reserver(requete: Request) -> Response:
            demande = await lire(requete, Reservation)
            return JSONResponse({"etat": self.reserver(demande.code, demande.reference)})

        async def liberer(requete: Request) -> Response:
            demande = await lire(requete, Reservation)
            return JSONResponse({"etat": self.liberer(demande.code, demande.reference)})

        async def dire(cle: str, corps: dict[str, Any], annonce: Annonce) -> int:
            if arrivees is None or notificateur is None:
                return 0
            survenu_le = self._maintenant() if annonce.survenu_le is None else annonce.survenu_le.timestamp()
            dit = {**corps, "survenu_le": instant(survenu_le)}
            if annonce.image is not None and corps["resultat"] == "valide":
                dit["image"] = annonce.image
            arrivees.ajouter(cle, dit, annonce.delai_s, annonce.repetitions)
            if annonce.delai_s == 0:
                await notificateur.envoyer_les_dues()
            notificateur.reveiller()
            return arrivees.non_recus(cle)

        async def finir(requete: Request) -> Response:
            code, fin = requete.path_params["code"], await lire(requete, FinActivation)
            self.changer(code, fin.etat)
            en_attente = 0
            if fin.etat in ("valide", "expire"):
                resultat = "valide" if fin.etat == "valide" else "refuse"
                en_attente = await dire(code, {"code": code, "resultat": resultat}, fin)
            return JSONResponse({"code": code, "etat": fin.etat, "notifications_en_attente": en_attente})

        async def recevoir_talon(requete: Request) -> Response:
            numero, talon = requete.path_params["numero"], await lire(requete, Talon)
            corps = {"code_talon": numero, "resultat": talon.resultat}
            en_attente = await dire(numero, corps, talon)
            return JSONResponse({**corps, "notifications_en_attente": en_attente})

        return [
            Route("/dev/photos", creer, methods=["POST"]),
            Route("/dev/photos/consultation", pannes.subir("photos", consulter), methods=["POST"]),
            Route("/dev/photos/reservation", pannes.subir("photos", reserver), methods=["POST"]),
            Route("/dev/photos/liberation", pannes.subir("photos", liberer), methods=["POST"]),
            Route("/dev/photos/{code}", finir, methods=["POST"]),
            Route("/dev/talons/{numero}", recevoir_talon, methods=["POST"]),
        ]
