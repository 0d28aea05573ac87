"""The printer and the post (docs/contrats/producteur.md): orders taken once, and events told signed until heard.

Left alone, an order becomes a card in its owner's hands by itself; in manual mode nothing moves until it is played.
"""

import hashlib
import json
import sqlite3
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chalicelib.saisie import Saisie
from infra.local.simulateurs.courriers import Courriers, Notificateur
from infra.local.simulateurs.socle import Horloge, Pannes, instant, lire

DELAI_S = 0.5
"""Seconds between two events of a card, by default: longer than an event takes to be heard."""

VIE = ("accepte", "produit", "expedie", "distribue")
RENVOI = ("accepte", "expedie", "distribue")
POSTE = frozenset({"expedie", "distribue", "retourne"})

Numero = Annotated[str, StringConstraints(pattern=r"^[0-9]{23}$")]


class CommandeRecue(Saisie):
    """POST {URL_PRODUCTEUR}/commandes; who and where are kept as they came."""

    model_config = ConfigDict(extra="forbid")

    numero: Numero
    rang: Annotated[int, Field(ge=0, le=99, strict=True)]
    motif: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    titulaire: dict[str, Any]
    adresse: dict[str, Any]
    code_photo: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{22}$")] | None = None


class EvenementJoue(Saisie):
    """POST /dev/production/{numero}: told ``repetitions`` times, ``delai_s`` late, as happened at ``survenu_le``."""

    evenement: Literal["accepte", "produit", "expedie", "distribue", "retourne"]
    repetitions: Annotated[int, Field(ge=1, le=20)] = 1
    delai_s: Annotated[float, Field(ge=0, le=86400)] = 0.0
    survenu_le: AwareDatetime | None = None
    numero_suivi: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,30}$")] | None = None


class ProducteurSimule:
    """The orders, and what is told of them; ``delai_s`` separates two events of a card that is left alone."""

    def __init__(
        self,
        base: sqlite3.Connection,
        courriers: Courriers,
        maintenant: Horloge,
        *,
        manuel: bool,
        delai_s: float = DELAI_S,
    ) -> None:
        self._base, self._courriers, self._maintenant = base, courriers, maintenant
        self._manuel, self._delai_s = manuel, delai_s
        base.execute(
            "CREATE TABLE IF NOT EXISTS commandes (numero TEXT, rang INTEGER, corps TEXT NOT NULL, etat TEXT NOT NULL,"
            " recue_le REAL NOT NULL, PRIMARY KEY (numero, rang))"
        )

    def commander(self, commande: CommandeRecue) -> tuple[str, bool]:
        """Take an order and owe its events, all or nothing; its state, and whether it is new.

        The same again is the order first taken.
        """
        etat = "recue" if self._manuel else "acceptee"
        cle = (commande.numero, commande.rang)
        self._base.execute("BEGIN IMMEDIATE")
        try:
            fait = self._base.execute(
                "INSERT OR IGNORE INTO commandes VALUES (?, ?, ?, ?, ?)",
                (*cle, json.dumps(commande.model_dump(mode="json")), etat, self._maintenant()),
            )
            nouvelle = fait.rowcount == 1
            if nouvelle and not self._manuel:
                for rang, evenement in enumerate(VIE if commande.rang == 0 else RENVOI, start=1):
                    self._devoir(
                        commande.numero,
                        evenement,
                        commande.rang,
                        survenu_le=self._maintenant() + rang * self._delai_s,
                        delai_s=rang * self._delai_s,
                    )
            self._base.execute("COMMIT")
        except BaseException:
            self._base.execute("ROLLBACK")
            raise
        connue = self._base.execute("SELECT etat FROM commandes WHERE numero = ? AND rang = ?", cle).fetchone()
        return str(connue["etat"]), nouvelle

    def commandes(self, numero: str) -> list[dict[str, Any]]:
        """The orders taken for this numéro, by rank."""
        lues = self._base.execute("SELECT corps FROM commandes WHERE numero = ? ORDER BY rang", (numero,))
        return [json.loads(ligne["corps"]) for ligne in lues]

    def jouer(self, numero: str, joue: EvenementJoue) -> dict[str, Any]:
        """Owe an event, whether the order was ever seen or not; gives its body."""
        (rang,) = self._base.execute("SELECT max(rang) FROM commandes WHERE numero = ?", (numero,)).fetchone()
        survenu_le = self._maintenant() if joue.survenu_le is None else joue.survenu_le.timestamp()
        return self._devoir(
            numero,
            joue.evenement,
            rang or 0,
            survenu_le=survenu_le,
            delai_s=joue.delai_s,
            repetitions=joue.repetitions,
            numero_suivi=joue.numero_suivi,
        )

    def _devoir(
        self,
        numero: str,
        evenement: str,
        rang: int,
        *,
        survenu_le: float,
        delai_s: float,
        repetitions: int = 1,
        numero_suivi: str | None = None,
    ) -> dict[str, Any]:
        corps = {"numero": numero, "evenement": evenement, "survenu_le": instant(survenu_le)}
        if evenement in POSTE:
            corps["numero_suivi"] = numero_suivi or suivi(numero, rang)
        self._courriers.ajouter(numero, corps, delai_s, repetitions)
        return corps

    def routes(self, pannes: Pannes, notificateur: Notificateur) -> list[Route]:
        """The printer's own route, which faults reach, and the local tools."""

        async def commander(requete: Request) -> Response:
            commande = await lire(requete, CommandeRecue)
            etat, nouvelle = self.commander(commande)
            notificateur.reveiller()
            reponse = {"numero": commande.numero, "rang": commande.rang, "etat": etat}
            return JSONResponse(reponse, 201 if nouvelle else 200)

        async def jouer(requete: Request) -> Response:
            numero, joue = requete.path_params["numero"], await lire(requete, EvenementJoue)
            corps = self.jouer(numero, joue)
            if joue.delai_s == 0:
                await notificateur.envoyer_les_dues()
            notificateur.reveiller()
            return JSONResponse({**corps, "notifications_en_attente": self._courriers.non_recus(numero)})

        async def lister(requete: Request) -> Response:
            return JSONResponse(self.commandes(requete.path_params["numero"]))

        return [
            Route("/dev/producteur/commandes", pannes.subir("producteur", commander), methods=["POST"]),
            Route("/dev/production/{numero}", jouer, methods=["POST"]),
            Route("/dev/production/{numero}", lister, methods=["GET"]),
        ]


def suivi(numero: str, rang: int) -> str:
    """The post's number of this sending: two letters, nine digits, FR; the same however often told."""
    condense = int(hashlib.sha256(f"{numero}#{rang}".encode()).hexdigest(), 16)
    return f"LX{condense % 10**9:09d}FR"
