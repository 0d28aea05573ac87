"""What the second act and its review share: who plays, what printer and post tell, how statuts and days are said."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from demo.client import Client, Demande, attendre
from demo.guichet import Guichet
from demo.parcours import Citoyen, Journal

PHOTO_ATTENDUE = "Votre photo et votre signature sont attendues"
UN_MESSAGE = "Vous avez un message au sujet de votre demande"
UN_COMPLEMENT = "Un complément est nécessaire pour votre demande"
FABRICATION = "Votre permis de conduire est en fabrication"
EN_CHEMIN = "Votre permis de conduire est en chemin"
REMIS = "Votre permis de conduire vous a été remis"

A_QUI = {"usager": "à l'usager d'agir", "agent": "chez l'agent", "personne": "plus rien à faire"}


@dataclass(frozen=True)
class Evenement:
    """What printer or post (``qui``) tells of a card: its event of the journal, its name here, its mail's subject."""

    evenement: str
    code: str
    nom: str
    qui: str
    objet: str | None = None


TITRE = (
    Evenement("accepte", "CommandeAcceptee", "titre en fabrication", "imprimeur", FABRICATION),
    Evenement("produit", "TitreProduit", "titre fabriqué", "imprimeur"),
    Evenement("expedie", "TitreExpedie", "titre confié à la poste", "poste", EN_CHEMIN),
    Evenement("distribue", "TitreDistribue", "titre remis en main propre", "poste", REMIS),
)


@dataclass(frozen=True)
class Scene:
    """Who plays, and the demande that it is about."""

    usager: Client
    citoyen: Citoyen
    agent: Guichet
    operateur: Guichet
    demande: Demande
    journal: Journal

    @property
    def id(self) -> str:
        return self.demande["id"]

    @property
    def numero(self) -> str:
        return str(self.demande["numero"])

    @property
    def adresse(self) -> dict[str, Any]:
        donnees: dict[str, Any] = self.demande["etapes"]["adresse"]["donnees"]
        return donnees

    def envois(self, canal: str) -> list[dict[str, str]]:
        """The mails or SMS received about this demande, oldest first."""
        return self.usager.envois(self.adresse["email" if canal == "mail" else "telephone"])

    def attendre_le_courriel(self, objet: str) -> dict[str, str]:
        """Wait for this mail."""
        recus = attendre(
            lambda: [envoi for envoi in self.envois("mail") if envoi["objet"] == objet], bool, f"courriel « {objet} »"
        )
        return recus[0]

    def attendre_le_sms(self, mot: str) -> str:
        """Wait for the SMS that says ``mot``."""
        recus = attendre(
            lambda: [envoi["texte"] for envoi in self.envois("sms") if mot in envoi["texte"]], bool, f"SMS « {mot} »"
        )
        return recus[0]

    def attendre_le_statut(self, statut: str) -> dict[str, Any]:
        """Wait until the usager's follow-up says this statut."""
        suivi = attendre(
            lambda: self.usager.suivi(self.id), lambda lu: lu["statut"] == statut, f"demande au statut « {statut} »"
        )
        return dict(suivi)


def ou_en_est(suivi: Any) -> str:
    """The statut that a follow-up tells, and whose turn it is."""
    return f"{suivi['libelle']} ({A_QUI.get(suivi['detenteur'], suivi['detenteur'])})"


def heure(instant: str) -> str:
    """The time of day on this machine's clock."""
    return f"{datetime.fromisoformat(instant).astimezone():%H:%M:%S}"


def jour(instant: str) -> str:
    """The day, on this machine's clock; the hour when it is today's (a service of short days)."""
    dit = datetime.fromisoformat(instant).astimezone()
    return f"{dit:%H:%M:%S}" if dit.date() == datetime.now(dit.tzinfo).date() else f"le {dit:%d/%m/%Y}"
