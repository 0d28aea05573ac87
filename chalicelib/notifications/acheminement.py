"""From an event to one notice on one channel: read, write the text, take the record, send, mark.

The two senders share this; they differ by what a crash between send and mark leaves: a mail goes again, an SMS not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.demande.brouillons import cloture_prevue
from chalicelib.demande.codes import code_a_six_chiffres
from chalicelib.demande.comptes import StatutCompte, instant
from chalicelib.demande.contact import REMPLACE, ancien_contact
from chalicelib.demande.evenements import EvenementPublie
from chalicelib.demande.instants import lire
from chalicelib.demande.modeles import Statut
from chalicelib.demande.notifications import (
    BAIL_S,
    CONSERVATION_S,
    Canal,
    EnvoiAReprendre,
    EnvoiEnCours,
    EnvoiImpossible,
    EnvoiIncertain,
    EtatNotification,
    Notification,
)
from chalicelib.demande.ports_notifications import (
    ContactDeCompte,
    Contacts,
    EvenementDeCompte,
    LectureDemandes,
    Notifications,
)
from chalicelib.notifications.actualite import depasse
from chalicelib.notifications.redaction import Dossier


class Issue(StrEnum):
    """How an event ended on a channel; each is a counter of the metrics."""

    ENVOYE = "envoye"
    DEJA_TRAITE = "deja_traite"
    SANS_TEXTE = "sans_texte"
    SANS_ADRESSE = "sans_adresse"
    PERIME = "perime"
    DIFFERE = "differe"
    ABANDONNE = "abandonne"
    INCERTAIN = "incertain"


@dataclass(frozen=True)
class Lectures:
    """What a sender reads to write a notice: the ports, the key of codes, the site's URL, a legal day in seconds."""

    demandes: LectureDemandes
    contacts: Contacts
    cle_codes: str
    url_site: str
    jour_s: float


def ouvrir(evenement: EvenementPublie, lectures: Lectures, maintenant: int) -> Dossier:
    """All that a text may need about ``evenement``; raises ``DemandeInconnue`` when its demande is not there."""
    if evenement.compte_id is not None:
        return _dossier_de_compte(evenement, evenement.compte_id, lectures, maintenant)
    demande = lectures.demandes.lire(str(evenement.demande_id))
    email = demande.adresse.email if demande.adresse else None
    telephone = demande.adresse.telephone if demande.adresse else None
    if demande.numero is None and demande.saisie_par is not None:
        # The holder of a paper dossier knows nothing of its typing: it is its agent's to end.
        compte = lectures.contacts.compte(demande.saisie_par)
        email, telephone = compte.email if compte else None, None
    elif email is None:
        # A draft may not have reached the step of its address: its owner still has an account.
        compte = lectures.contacts.compte(demande.usager)
        email = compte.email if compte else None
    perime = depasse(evenement, demande)
    if evenement.type == REMPLACE:
        ancien = ancien_contact(demande, evenement.rang)
        email, telephone = (ancien.email, ancien.telephone) if ancien else (None, None)
        perime = perime or ancien is None
    cloture = cloture_prevue(demande, lectures.jour_s) if demande.statut is Statut.BROUILLON else None
    return Dossier(
        lectures.url_site,
        email,
        telephone,
        demande=demande,
        cloture=cloture,
        perime=perime,
    )


def _dossier_de_compte(evenement: EvenementPublie, compte_id: str, lectures: Lectures, maintenant: int) -> Dossier:
    detail = lectures.contacts.evenement(compte_id, evenement.evenement_id)
    compte = lectures.contacts.compte(compte_id)
    if detail is None:
        return Dossier(lectures.url_site, perime=True)
    code = None
    if detail.usage and detail.nonce:
        code = code_a_six_chiffres(lectures.cle_codes, compte_id, detail.usage, detail.nonce)
    return Dossier(
        lectures.url_site,
        email=detail.email or (compte.email if compte else None),
        telephone=detail.telephone or (compte.telephone if compte else None),
        identifiant=compte.identifiant if compte else None,
        a_activer=compte is not None and compte.statut is StatutCompte.A_ACTIVER,
        agent=compte is not None and compte.role != "usager",
        code=code,
        cloture=lire(detail.valable_jusqua) if detail.valable_jusqua and code is None else None,
        perime=_compte_depasse(evenement, detail, compte, instant(maintenant)),
    )


def _compte_depasse(
    evenement: EvenementPublie, detail: EvenementDeCompte, compte: ContactDeCompte | None, maintenant: str
) -> bool:
    """Whether what an account's event tells is over: a code has expired; who was away has come back."""
    if detail.valable_jusqua is not None and detail.valable_jusqua <= maintenant:
        return True
    connexion = compte.derniere_connexion_le if compte else None
    return evenement.type == "CompteInutilise" and connexion is not None and connexion >= evenement.survenu_le


def acheminer(
    evenement: EvenementPublie,
    canal: Canal,
    notifications: Notifications,
    envoyer: Callable[[], str],
    horloge: Callable[[], int],
    avant_abandon: Callable[[], None] = lambda: None,
) -> Issue:
    """Send once what ``envoyer`` sends, under the event's record for ``canal``.

    ``avant_abandon`` is done before the end of a notice that its carrier refuses for good: a crash between the two
    does both again. Raises ``EnvoiAReprendre`` (nothing was sent, the record is given back) and ``EnvoiEnCours``
    (another copy has it).
    """
    maintenant = horloge()
    prise = notifications.prendre(
        evenement,
        canal,
        instant(maintenant),
        instant(maintenant + BAIL_S),
        maintenant + CONSERVATION_S,
        reprendre=canal is Canal.MAIL,
    )
    notification = prise.notification
    if not prise.obtenue:
        return deja_prise(notification, notifications, instant(maintenant))
    try:
        reference = envoyer()
    except EnvoiAReprendre:
        notifications.rendre(notification)
        raise
    except EnvoiImpossible as refus:
        avant_abandon()
        notifications.conclure(notification, EtatNotification.ABANDONNE, instant(horloge()), raison=str(refus))
        return Issue.ABANDONNE
    except EnvoiIncertain as doute:
        notifications.conclure(notification, EtatNotification.INCERTAIN, instant(horloge()), raison=str(doute))
        return Issue.INCERTAIN
    notifications.conclure(notification, EtatNotification.ENVOYE, instant(horloge()), reference=reference)
    return Issue.ENVOYE


def deja_prise(notification: Notification, notifications: Notifications, maintenant: str) -> Issue:
    """What a record that could not be taken means; raises ``EnvoiEnCours`` when another copy is at work."""
    if notification.etat is not EtatNotification.A_ENVOYER:
        return Issue.DEJA_TRAITE
    if notification.prise_jusqua is None or notification.prise_jusqua > maintenant:
        raise EnvoiEnCours("un autre exemplaire du message est en cours d'envoi")
    # Only an SMS comes here: its sender died holding it, perhaps after the send.
    notifications.conclure(notification, EtatNotification.INCERTAIN, maintenant, raison="EnvoiInterrompu")
    return Issue.INCERTAIN
