"""The stamp shop (docs/contrats/timbres.md): purchases, their payment page, the stamps sold, the notifications sent.

A purchase ends once; what it ended as is known at once to whoever asks, and told by a signed notification that may be
late, doubled, or sent again until it is heard. All of it is kept: a restart forgets no notification.
"""

import secrets
import sqlite3
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator, Field, StringConstraints
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from chalicelib.demande.erreurs import Conflit, Introuvable, SaisieInvalide
from chalicelib.demande.ports_externes import EtatTimbreExterne
from chalicelib.saisie import Saisie, valider_objet
from infra.local.simulateurs import boutique
from infra.local.simulateurs.courriers import VEILLE_S, Notificateur, suite_de_l_envoi
from infra.local.simulateurs.socle import Horloge, Pannes, corps, instant, lire

AN_S = 365 * 86400

Resultat = Literal["accepte", "refuse", "abandon"]


def _url_de_retour(url: str) -> str:
    """Only where a browser may be sent: an http(s) address, or a path of the same site."""
    lisible = url.isprintable() and " " not in url and "\\" not in url
    parties = urlsplit(url)
    absolue = parties.scheme in ("http", "https") and bool(parties.hostname)
    relative = url.startswith("/") and not url.startswith("//")
    if not lisible or not (absolue or relative):
        raise ValueError("Une adresse http(s), ou un chemin du même site, est attendue.")
    return url


def ramene_au_site(url: str, origine: str) -> bool:
    """Whether ``url``, already read, is a page of ``origine``: the shop sends a browser nowhere else."""
    parties = urlsplit(url)
    return not parties.netloc or f"{parties.scheme}://{parties.netloc}" == origine


Reference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Montant = Annotated[int, Field(ge=1, le=100_000, strict=True)]


class DemandeAchat(Saisie):
    """POST {URL_TIMBRES}/achats."""

    reference: Reference
    montant_centimes: Montant
    url_retour: Annotated[str, StringConstraints(max_length=2000), AfterValidator(_url_de_retour)]
    identifiant_commercant: Annotated[str, StringConstraints(min_length=1, max_length=64)]


class Verification(Saisie):
    """POST {URL_TIMBRES}/verification. Any text is a number for the shop: what it did not sell is ``inconnu``."""

    numero_timbre: Annotated[str, StringConstraints(min_length=1, max_length=100)]


class NouveauTimbre(Saisie):
    """POST /dev/timbres: a stamp bought elsewhere (in a tobacconist's), in a given state."""

    montant_centimes: Montant
    etat: Literal["valide", "expire", "rembourse"] = "valide"


class FinAchat(Saisie):
    """POST /dev/paiement/{reference}: ``repetitions`` is how many times it is told, ``delai_s`` how late."""

    resultat: Resultat
    delai_s: Annotated[float, Field(ge=0, le=86400)] = 0.0
    repetitions: Annotated[int, Field(ge=1, le=20)] = 1


class BoutiqueSimulee:
    """The shop's state: purchases, stamps and notifications; ``maintenant`` gives epoch seconds."""

    def __init__(self, base: sqlite3.Connection, maintenant: Horloge) -> None:
        self._base, self._maintenant = base, maintenant
        base.executescript(
            """
            CREATE TABLE IF NOT EXISTS achats (
                reference TEXT PRIMARY KEY, montant_centimes INTEGER NOT NULL, url_retour TEXT NOT NULL,
                identifiant_commercant TEXT NOT NULL, resultat TEXT NOT NULL, numero_timbre TEXT,
                cree_le REAL NOT NULL);
            CREATE TABLE IF NOT EXISTS timbres (
                numero TEXT PRIMARY KEY, montant_centimes INTEGER NOT NULL, etat TEXT NOT NULL,
                expire_le REAL NOT NULL);
            CREATE TABLE IF NOT EXISTS notifications (
                id INTEGER PRIMARY KEY, reference TEXT NOT NULL, resultat TEXT NOT NULL, due_le REAL NOT NULL,
                cree_le REAL NOT NULL, essais INTEGER NOT NULL DEFAULT 0, issue TEXT);
            """
        )

    def creer_achat(self, demande: DemandeAchat) -> None:
        """Open a purchase; the same again changes nothing, the same reference at another price is a ``Conflit``."""
        self._base.execute(
            "INSERT OR IGNORE INTO achats VALUES (?, ?, ?, ?, 'en_attente', NULL, ?)",
            (
                demande.reference,
                demande.montant_centimes,
                demande.url_retour,
                demande.identifiant_commercant,
                self._maintenant(),
            ),
        )
        if self.achat(demande.reference)["montant_centimes"] != demande.montant_centimes:
            raise Conflit("Cette référence est déjà celle d'un achat d'un autre montant.")

    def achat(self, reference: str) -> dict[str, Any]:
        """The purchase with the expiry of its stamp; raises ``Introuvable``."""
        trouve = self._base.execute(
            "SELECT achats.*, timbres.expire_le FROM achats LEFT JOIN timbres ON numero = numero_timbre"
            " WHERE reference = ?",
            (reference,),
        ).fetchone()
        if trouve is None:
            raise Introuvable("Cet achat n'existe pas à la boutique.")
        return dict(trouve)

    def finir_achat(self, reference: str, fin: FinAchat) -> dict[str, Any]:
        """End a purchase, sell its stamp when accepted and prepare its notifications, all or nothing.

        The same end again only tells it again; another end raises ``Conflit``.
        """
        self._base.execute("BEGIN IMMEDIATE")
        try:
            achat = self.achat(reference)
            if achat["resultat"] not in ("en_attente", fin.resultat):
                raise Conflit(f"Cet achat est déjà terminé ({achat['resultat']}).")
            if achat["resultat"] == "en_attente":
                numero = self._vendre(achat["montant_centimes"], "valide") if fin.resultat == "accepte" else None
                self._base.execute(
                    "UPDATE achats SET resultat = ?, numero_timbre = ? WHERE reference = ?",
                    (fin.resultat, numero, reference),
                )
            due_le = self._maintenant() + fin.delai_s
            self._base.executemany(
                "INSERT INTO notifications (reference, resultat, due_le, cree_le) VALUES (?, ?, ?, ?)",
                [(reference, fin.resultat, due_le, self._maintenant())] * fin.repetitions,
            )
            self._base.execute("COMMIT")
        except BaseException:
            self._base.execute("ROLLBACK")
            raise
        return self.achat(reference)

    def creer_timbre(self, demande: NouveauTimbre) -> str:
        """A stamp sold outside any purchase; gives its number."""
        return self._vendre(demande.montant_centimes, demande.etat)

    def _vendre(self, montant_centimes: int, etat: str) -> str:
        numero = f"{secrets.randbelow(10**16):016d}"
        expire_le = self._maintenant() + (-86400 if etat == "expire" else AN_S)
        self._base.execute(
            "INSERT INTO timbres VALUES (?, ?, ?, ?)",
            (numero, montant_centimes, "rembourse" if etat == "rembourse" else "valide", expire_le),
        )
        return numero

    def verifier(self, numero: str) -> dict[str, Any]:
        """What a stamp is worth now; verifying changes nothing."""
        timbre = self._base.execute("SELECT * FROM timbres WHERE numero = ?", (numero,)).fetchone()
        if timbre is None:
            return {"etat": "inconnu", "montant_centimes": 0, "expire_le": None}
        etat: EtatTimbreExterne = timbre["etat"]
        if etat == "valide" and timbre["expire_le"] <= self._maintenant():
            etat = "expire"
        return {
            "etat": etat,
            "montant_centimes": timbre["montant_centimes"],
            "expire_le": instant(timbre["expire_le"]),
        }

    def notifications_dues(self) -> list[dict[str, Any]]:
        """The notifications to send now, oldest first."""
        dues = self._base.execute(
            "SELECT * FROM notifications WHERE issue IS NULL AND due_le <= ? ORDER BY due_le, id", (self._maintenant(),)
        )
        return [dict(ligne) for ligne in dues]

    def contenu(self, notification: Mapping[str, Any]) -> dict[str, Any]:
        """What is told of a purchase: that it ended; the rest is read here."""
        return {"reference": notification["reference"], "resultat": notification["resultat"]}

    def delai_avant_la_prochaine(self) -> float:
        """Seconds until a notification is due, ``VEILLE_S`` at most."""
        (due_le,) = self._base.execute("SELECT min(due_le) FROM notifications WHERE issue IS NULL").fetchone()
        return VEILLE_S if due_le is None else min(VEILLE_S, max(0.0, due_le - self._maintenant()))

    def noter_envoi(self, notification: dict[str, Any], recue: bool) -> None:
        """Heard, it is over; else it is sent again in 1, 2, 4… 60 seconds, for a day."""
        essais = notification["essais"] + 1
        due_le, issue = suite_de_l_envoi(essais, notification["cree_le"], self._maintenant(), recue)
        self._base.execute(
            "UPDATE notifications SET essais = ?, due_le = ?, issue = ? WHERE id = ?",
            (essais, due_le, issue, notification["id"]),
        )

    def non_recues(self, reference: str) -> int:
        """How many notifications of this purchase are still to be heard."""
        (nombre,) = self._base.execute(
            "SELECT count(*) FROM notifications WHERE reference = ? AND issue IS NULL", (reference,)
        ).fetchone()
        return int(nombre)


def routes(
    etat: BoutiqueSimulee, notificateur: Notificateur, pannes: Pannes, base_publique: str, actifs: Callable[[], str]
) -> list[Route]:
    """The remote system's routes, which faults reach, its payment page, and the local tools.

    ``base_publique`` is the origin at which a browser finds the payment page; its design system is at ``actifs``.
    """

    async def creer_achat(requete: Request) -> Response:
        demande = await lire(requete, DemandeAchat)
        if not ramene_au_site(demande.url_retour, base_publique):
            raise SaisieInvalide([("url_retour", f"Une page de {base_publique} est attendue.")])
        etat.creer_achat(demande)
        return JSONResponse({"url_paiement": f"{base_publique}/dev/boutique/{demande.reference}"}, 201)

    async def consulter_achat(requete: Request) -> Response:
        achat = etat.achat(requete.path_params["reference"])
        vu: dict[str, Any] = {"resultat": achat["resultat"], "montant_centimes": achat["montant_centimes"]}
        if achat["numero_timbre"]:
            vu |= {"numero_timbre": achat["numero_timbre"], "expire_le": instant(achat["expire_le"])}
        return JSONResponse(vu)

    async def verifier(requete: Request) -> Response:
        return JSONResponse(etat.verifier((await lire(requete, Verification)).numero_timbre))

    async def creer_timbre(requete: Request) -> Response:
        return JSONResponse({"numero_timbre": etat.creer_timbre(await lire(requete, NouveauTimbre))})

    async def page(requete: Request) -> Response:
        return boutique.page(etat.achat(requete.path_params["reference"]), actifs())

    async def finir(reference: str, fin: FinAchat) -> dict[str, Any]:
        achat = etat.finir_achat(reference, fin)
        if fin.delai_s == 0:
            # As a real shop does: the server is told before the browser is sent back, when it can be.
            await notificateur.envoyer_les_dues()
        notificateur.reveiller()
        return achat

    async def payer(requete: Request) -> Response:
        """The form of the payment page (a browser), or a JSON body (a test)."""
        reference = requete.path_params["reference"]
        if not requete.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            achat = await finir(reference, await lire(requete, FinAchat))
            return JSONResponse(
                {
                    "reference": reference,
                    "resultat": achat["resultat"],
                    "url_retour": achat["url_retour"],
                    "notifications_en_attente": etat.non_recues(reference),
                }
            )
        formulaire = {
            nom: valeurs[-1] for nom, valeurs in parse_qs((await corps(requete)).decode("utf-8", "replace")).items()
        }
        achat = etat.achat(reference)
        if achat["resultat"] == "en_attente":
            if formulaire.get("resultat") == "accepte" and not boutique.carte_fictive(formulaire.get("carte", "")):
                return boutique.page(achat, actifs(), carte_refusee=True)
            achat = await finir(reference, valider_objet(FinAchat, {"resultat": formulaire.get("resultat")}))
        return RedirectResponse(achat["url_retour"], 303)

    return [
        Route("/dev/timbres", creer_timbre, methods=["POST"]),
        Route("/dev/timbres/achats", pannes.subir("timbres", creer_achat), methods=["POST"]),
        Route("/dev/timbres/achats/{reference}", pannes.subir("timbres", consulter_achat), methods=["GET"]),
        Route("/dev/timbres/verification", pannes.subir("timbres", verifier), methods=["POST"]),
        Route("/dev/boutique/{reference}", page, methods=["GET"]),
        Route("/dev/boutique.css", boutique.style, methods=["GET"]),
        Route("/dev/paiement/{reference}", payer, methods=["POST"]),
    ]
