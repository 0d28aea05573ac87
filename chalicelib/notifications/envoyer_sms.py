"""Sender of SMS: an event of the bus becomes an SMS, at most once across the crash between send and mark.

In quiet hours the event waits in its record; ``reprendre_attente`` puts it back in the queue when they end.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.batch import EventType
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.completude import departement
from chalicelib.demande.comptes import instant
from chalicelib.demande.evenements import EvenementPublie, lire_evenement
from chalicelib.demande.instants import ecrire
from chalicelib.demande.notifications import CONSERVATION_S, Canal, EtatNotification, verifier_sms
from chalicelib.demande.ports_notifications import EnvoiSms, Notifications
from chalicelib.demande.silence import fin_du_silence
from chalicelib.fonctions import Fonction
from chalicelib.notifications.acheminement import Issue, Lectures, acheminer, deja_prise, ouvrir
from chalicelib.notifications.lots import traiter_lot
from chalicelib.notifications.messages import SMS
from chalicelib.notifications.redaction import Dossier
from chalicelib.observabilite import compter, journal_technique, suivre
from chalicelib.settings import duree_du_jour, lire

bp = Blueprint(__name__)

FONCTION = Fonction(
    droits={
        "table:demandes": ("GetItem",),
        "table:comptes": ("GetItem",),
        "table:notifications": ("UpdateItem",),
        "sms:*": ("Publish",),
    },
    variables=("CLE_CODES", "SILENCE_SMS", "URL_SITE"),
    delai=10,
)


IMMEDIATS = frozenset({"CodeMotDePasseSms", "CodeTelephone"})
"""The codes: somebody waits for them at his screen, whatever the hour."""


def envoyer_sms(
    evenement: EvenementPublie,
    lectures: Lectures,
    notifications: Notifications,
    sms: EnvoiSms,
    horloge: Callable[[], int],
    silence: str = "",
) -> Issue:
    """Send the SMS of ``evenement``, if there is one to send and a number to send it to.

    ``silence`` is the setting of the quiet hours. Raises ``SmsTropLong``.
    """
    if evenement.type not in SMS:
        return Issue.SANS_TEXTE
    maintenant = horloge()
    dossier = ouvrir(evenement, lectures, maintenant)
    issue, texte = _texte(evenement, dossier)
    telephone = dossier.telephone
    if texte is None or telephone is None:
        if silence:
            # It may have waited, and be of no use any more.
            notifications.renoncer(evenement, Canal.SMS, instant(maintenant), issue)
        return issue
    if evenement.type not in IMMEDIATS:
        adresse = dossier.demande.adresse if dossier.demande else None
        moment = datetime.fromtimestamp(maintenant, UTC)
        fin = fin_du_silence(moment, silence, departement(adresse.prefecture) if adresse else None)
        if fin is not None:
            return _differer(evenement, notifications, instant(maintenant), fin, maintenant + CONSERVATION_S)
    return acheminer(evenement, Canal.SMS, notifications, lambda: sms.envoyer(telephone, texte), horloge)


def _texte(evenement: EvenementPublie, dossier: Dossier) -> tuple[Issue, str | None]:
    """The text to send, or why there is none."""
    if dossier.perime:
        return Issue.PERIME, None
    if dossier.telephone is None:
        return Issue.SANS_ADRESSE, None
    texte = SMS[evenement.type](dossier)
    return Issue.SANS_TEXTE, None if texte is None else verifier_sms(texte)


def _differer(
    evenement: EvenementPublie, notifications: Notifications, maintenant: str, fin: datetime, expire: int
) -> Issue:
    notification = notifications.differer(evenement, Canal.SMS, maintenant, ecrire(fin), expire)
    if notification.etat is EtatNotification.A_ENVOYER and notification.attendre_jusqua is not None:
        return Issue.DIFFERE
    return deja_prise(notification, notifications, maintenant)


@bp.lambda_function(name="envoyer_sms")
def envoyer_des_sms(lot: dict[str, Any], contexte: Any) -> dict[str, Any]:
    """Handle a batch of the queue ``sms``; what failed is delivered again."""
    return traiter_lot(lot, contexte, EventType.SQS, _un)


def _un(message: SQSRecord) -> None:
    evenement = lire_evenement(message.body)
    suivre(evenement.correlation_id)
    lectures = Lectures(wiring.demandes(), wiring.contacts(), lire("CLE_CODES"), lire("URL_SITE"), duree_du_jour())
    issue = envoyer_sms(
        evenement, lectures, wiring.notifications(), wiring.envoi_sms(), wiring.maintenant, lire("SILENCE_SMS")
    )
    compter(f"sms_{issue}")
    journal_technique.info(
        "sms", extra={"issue": str(issue), "type": evenement.type, "evenement_id": evenement.evenement_id}
    )
