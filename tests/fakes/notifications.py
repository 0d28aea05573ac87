"""In-memory notices: the records, the contacts, the carriers and the bus."""

from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any

from chalicelib.demande.erreurs import DemandeInconnue
from chalicelib.demande.evenements import EvenementPublie
from chalicelib.demande.modeles import Demande
from chalicelib.demande.notifications import (
    Canal,
    Courriel,
    EtatNotification,
    Livraison,
    Notification,
    ReferenceInconnue,
)
from chalicelib.demande.ports_notifications import ContactDeCompte, EvenementDeCompte, Prise


class NotificationsFactices:
    """The port ``Notifications`` in a dict."""

    def __init__(self) -> None:
        self.toutes: dict[tuple[str, Canal], Notification] = {}
        self._verrou = Lock()

    def prendre(
        self, evenement: EvenementPublie, canal: Canal, maintenant: str, jusqua: str, expire: int, *, reprendre: bool
    ) -> Prise:
        with self._verrou:
            cle = (evenement.evenement_id, canal)
            connue = self.toutes.get(cle)
            if connue is not None:
                finie = reprendre and connue.prise_jusqua is not None and connue.prise_jusqua <= maintenant
                libre = connue.prise_jusqua is None or finie
                if connue.etat is not EtatNotification.A_ENVOYER or not libre:
                    return Prise(obtenue=False, notification=connue)
            notification = Notification(
                evenement_id=evenement.evenement_id,
                canal=canal,
                type=evenement.type,
                etat=EtatNotification.A_ENVOYER,
                essais=connue.essais + 1 if connue else 1,
                cree_le=connue.cree_le if connue else maintenant,
                prise_jusqua=jusqua,
                **_sources(evenement),
            )
            self.toutes[cle] = notification
            return Prise(obtenue=True, notification=notification)

    def differer(
        self, evenement: EvenementPublie, canal: Canal, maintenant: str, jusqua: str, expire: int
    ) -> Notification:
        with self._verrou:
            cle = (evenement.evenement_id, canal)
            connue = self.toutes.get(cle)
            if connue is None:
                connue = Notification(
                    evenement_id=evenement.evenement_id,
                    canal=canal,
                    type=evenement.type,
                    etat=EtatNotification.A_ENVOYER,
                    cree_le=maintenant,
                    **_sources(evenement),
                )
            if connue.etat is EtatNotification.A_ENVOYER and connue.prise_jusqua is None:
                connue = connue.model_copy(update={"attendre_jusqua": jusqua})
                self.toutes[cle] = connue
            return connue

    def en_attente(self, canal: Canal, maintenant: str, limite: int) -> list[EvenementPublie]:
        dues = [
            (n.attendre_jusqua, n)
            for n in self.toutes.values()
            if n.canal is canal and n.attendre_jusqua is not None and n.attendre_jusqua <= maintenant
        ]
        return [n.evenement() for _, n in sorted(dues, key=lambda due: due[0])[:limite]]

    def sortir_d_attente(self, evenement: EvenementPublie, canal: Canal, maintenant: str) -> None:
        with self._verrou:
            cle = (evenement.evenement_id, canal)
            connue = self.toutes.get(cle)
            if connue is not None and connue.attendre_jusqua is not None and connue.attendre_jusqua <= maintenant:
                self.toutes[cle] = connue.model_copy(update={"attendre_jusqua": None})

    def renoncer(self, evenement: EvenementPublie, canal: Canal, maintenant: str, raison: str) -> bool:
        with self._verrou:
            cle = (evenement.evenement_id, canal)
            connue = self.toutes.get(cle)
            if connue is None or connue.etat is not EtatNotification.A_ENVOYER or connue.prise_jusqua is not None:
                return False
            fin = {"etat": EtatNotification.ABANDONNE, "raison": raison, "attendre_jusqua": None}
            self.toutes[cle] = connue.model_copy(update=fin)
            return True

    def noter_livraison(self, livraison: Livraison) -> Notification:
        with self._verrou:
            for cle, connue in self.toutes.items():
                designee = (
                    livraison.evenement_id == connue.evenement_id
                    if livraison.evenement_id is not None
                    else livraison.reference == connue.reference
                )
                if connue.canal is livraison.canal and designee:
                    champ = f"{livraison.etat}_le"
                    note = {champ: getattr(connue, champ) or livraison.le}
                    if livraison.raison is not None and livraison.etat == "rebond":
                        note["raison_rebond"] = connue.raison_rebond or livraison.raison
                    self.toutes[cle] = connue.model_copy(update=note)
                    return self.toutes[cle]
        raise ReferenceInconnue(livraison.reference)

    def rendre(self, notification: Notification) -> None:
        with self._verrou:
            cle = (notification.evenement_id, notification.canal)
            connue = self.toutes[cle]
            if connue.etat is EtatNotification.A_ENVOYER and connue.essais == notification.essais:
                self.toutes[cle] = connue.model_copy(update={"prise_jusqua": None})

    def conclure(
        self,
        notification: Notification,
        etat: EtatNotification,
        maintenant: str,
        *,
        reference: str | None = None,
        raison: str | None = None,
    ) -> bool:
        with self._verrou:
            cle = (notification.evenement_id, notification.canal)
            connue = self.toutes[cle]
            if connue.etat is not EtatNotification.A_ENVOYER:
                return False
            envoye_le = maintenant if etat is EtatNotification.ENVOYE else None
            self.toutes[cle] = connue.model_copy(
                update={
                    "etat": etat,
                    "prise_jusqua": None,
                    "envoye_le": envoye_le,
                    "reference": reference,
                    "raison": raison,
                }
            )
            return True

    def lire(self, evenement_id: str, canal: Canal) -> Notification | None:
        return self.toutes.get((evenement_id, canal))


def _sources(evenement: EvenementPublie) -> dict[str, Any]:
    return {
        "demande_id": evenement.demande_id,
        "compte_id": evenement.compte_id,
        "rang": evenement.rang,
        "survenu_le": evenement.survenu_le,
        "correlation_id": evenement.correlation_id,
    }


class ContactsFactices:
    """The port ``Contacts``: fill ``comptes`` and ``evenements``."""

    def __init__(self) -> None:
        self.comptes: dict[str, ContactDeCompte] = {}
        self.evenements: dict[str, EvenementDeCompte] = {}

    def compte(self, compte_id: str) -> ContactDeCompte | None:
        return self.comptes.get(compte_id)

    def evenement(self, compte_id: str, evenement_id: str) -> EvenementDeCompte | None:
        return self.evenements.get(evenement_id)


class _Transporteur:
    def __init__(self, pannes: Iterable[Exception | None] = (), pendant: Callable[[], None] | None = None) -> None:
        self._pannes = list(pannes)
        self._pendant = pendant

    def _partir(self) -> None:
        """Raise the next fault planned, if any; then do what must happen while the send is under way."""
        panne = self._pannes.pop(0) if self._pannes else None
        if panne is not None:
            raise panne
        if self._pendant is not None:
            self._pendant()


class MailsFactices(_Transporteur):
    """The port ``EnvoiMails``: ``partis`` keeps what left, ``pannes`` are raised first, in order (None: no fault)."""

    def __init__(self, pannes: Iterable[Exception | None] = (), pendant: Callable[[], None] | None = None) -> None:
        super().__init__(pannes, pendant)
        self.partis: list[tuple[str, Courriel]] = []

    def envoyer(self, destinataire: str, courriel: Courriel, evenement_id: str) -> str:
        self._partir()
        self.partis.append((destinataire, courriel))
        return f"mail-{len(self.partis)}"


class SmsFactices(_Transporteur):
    """The port ``EnvoiSms``, as ``MailsFactices``."""

    def __init__(self, pannes: Iterable[Exception | None] = (), pendant: Callable[[], None] | None = None) -> None:
        super().__init__(pannes, pendant)
        self.partis: list[tuple[str, str]] = []

    def envoyer(self, telephone: str, texte: str) -> str:
        self._partir()
        self.partis.append((telephone, texte))
        return f"sms-{len(self.partis)}"


class FilesFactices:
    """The port ``Files``: ``deposes`` keeps what was put, in order."""

    def __init__(self, pannes: Iterable[BaseException] = ()) -> None:
        self.deposes: list[tuple[Canal, EvenementPublie]] = []
        self._pannes = list(pannes)

    def deposer(self, canal: Canal, evenement: EvenementPublie) -> None:
        if self._pannes:
            raise self._pannes.pop(0)
        self.deposes.append((canal, evenement))


class BusFactice:
    """The port ``Bus``."""

    def __init__(self, pannes: Iterable[Exception] = ()) -> None:
        self.publies: list[EvenementPublie] = []
        self._pannes = list(pannes)

    def publier(self, evenement: EvenementPublie) -> None:
        if self._pannes:
            raise self._pannes.pop(0)
        self.publies.append(evenement)


class DemandesLues:
    """The port ``LectureDemandes`` on a few demandes."""

    def __init__(self, *demandes: Demande) -> None:
        self._demandes = {demande.id: demande for demande in demandes}

    def poser(self, demande: Demande) -> None:
        """The demande as it has become."""
        self._demandes[demande.id] = demande

    def lire(self, demande_id: str) -> Demande:
        if demande_id not in self._demandes:
            raise DemandeInconnue()
        return self._demandes[demande_id]
