"""What the notices need of the outside.

The store of records passes ``tests/contract/test_notifications.py``, fake and real. Instants are ISO 8601 UTC strings
with milliseconds, which compare as they follow each other.
"""

from typing import Protocol

from pydantic import BaseModel, ConfigDict

from chalicelib.demande.comptes import StatutCompte
from chalicelib.demande.evenements import EvenementPublie
from chalicelib.demande.modeles import Demande
from chalicelib.demande.notifications import Canal, Courriel, EtatNotification, Livraison, Notification


class Bus(Protocol):
    """Where events are told to whoever listens."""

    def publier(self, evenement: EvenementPublie) -> None:
        """Publish the event with its type as an attribute; the same one may come twice."""


class Prise(BaseModel):
    """The answer to a sender that asks for a record: ``obtenue``, and the record as it now is."""

    obtenue: bool
    notification: Notification


class Notifications(Protocol):
    """The records of what was sent: one per event and channel."""

    def prendre(
        self, evenement: EvenementPublie, canal: Canal, maintenant: str, jusqua: str, expire: int, *, reprendre: bool
    ) -> Prise:
        """Take the record for one attempt until ``jusqua``, making it if need be.

        Given when there is none, when its last holder gave it back, or, with ``reprendre``, when its lease has ended.
        An end (``envoye``, ``incertain``, ``abandonne``) is never taken. ``expire`` is the record's own end (epoch).
        """

    def differer(
        self, evenement: EvenementPublie, canal: Canal, maintenant: str, jusqua: str, expire: int
    ) -> Notification:
        """Have the event wait until ``jusqua``, making its record if need be; the record as it now is.

        A record that has ended, or that somebody holds, is left as it is.
        """

    def en_attente(self, canal: Canal, maintenant: str, limite: int) -> list[EvenementPublie]:
        """The events whose wait is over, first those that ended first; some may have left meanwhile."""

    def sortir_d_attente(self, evenement: EvenementPublie, canal: Canal, maintenant: str) -> None:
        """End a wait that is over at ``maintenant``: its queue has the event again; a later wait stays."""

    def renoncer(self, evenement: EvenementPublie, canal: Canal, maintenant: str, raison: str) -> bool:
        """End as ``abandonne`` a record that nobody holds; False, and nothing written, when there is none."""

    def rendre(self, notification: Notification) -> None:
        """Give back a record that was taken, since nothing was sent; nothing happens if another attempt has it."""

    def conclure(
        self,
        notification: Notification,
        etat: EtatNotification,
        maintenant: str,
        *,
        reference: str | None = None,
        raison: str | None = None,
    ) -> bool:
        """Write the end of a record; False when it had one already, which stays."""

    def noter_livraison(self, livraison: Livraison) -> Notification:
        """Write what became of a notice beside its record's end, the first date of each kind kept; the record.

        Raises ``ReferenceInconnue``.
        """

    def lire(self, evenement_id: str, canal: Canal) -> Notification | None:
        """The record, if there is one."""


class LectureDemandes(Protocol):
    """The only thing that the senders do with demandes."""

    def lire(self, demande_id: str) -> Demande:
        """The demande as it is now; raises ``DemandeInconnue``."""


class EvenementDeCompte(BaseModel):
    """What an account's event says beyond the bus: the nonce of a code, or an address that is not the account's.

    ``valable_jusqua``: until when it is worth telling; the closing, for an unused account.
    """

    model_config = ConfigDict(extra="ignore")

    usage: str | None = None
    nonce: str | None = None
    valable_jusqua: str | None = None
    email: str | None = None
    telephone: str | None = None


class ContactDeCompte(BaseModel):
    """How to reach the holder of an account; a closed account keeps neither address nor identifiant."""

    model_config = ConfigDict(extra="ignore")

    statut: StatutCompte
    role: str = "usager"
    identifiant: str | None = None
    email: str | None = None
    telephone: str | None = None
    derniere_connexion_le: str | None = None


class Contacts(Protocol):
    """Read access of the senders to the accounts, limited to what a notice needs."""

    def compte(self, compte_id: str) -> ContactDeCompte | None:
        """The holder's contact; None when the account is unknown or was never activated in time."""

    def evenement(self, compte_id: str, evenement_id: str) -> EvenementDeCompte | None:
        """The account's event; None once it has expired."""


class EnvoiMails(Protocol):
    """The mail carrier."""

    def envoyer(self, destinataire: str, courriel: Courriel, evenement_id: str) -> str:
        """Send, and give the carrier's id; what the carrier tells later of this mail names ``evenement_id``.

        Raises ``EnvoiAReprendre`` or ``EnvoiImpossible``.
        """


class EnvoiSms(Protocol):
    """The SMS carrier; it never tries again by itself."""

    def envoyer(self, telephone: str, texte: str) -> str:
        """Send, and give the carrier's id; raises ``EnvoiAReprendre``, ``EnvoiImpossible`` or ``EnvoiIncertain``."""


class Files(Protocol):
    """The queue of each sender, for an event that is for one channel only."""

    def deposer(self, canal: Canal, evenement: EvenementPublie) -> None:
        """Have the sender of ``canal`` handle the event; the same one may come twice."""
