"""Sender of SMS: an event of the bus becomes an SMS, at most once across the crash between send and mark."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.batch import EventType
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.evenements import EvenementPublie, lire_evenement
from chalicelib.demande.notifications import Canal, verifier_sms
from chalicelib.demande.ports_notifications import EnvoiSms, Notifications
from chalicelib.fonctions import Fonction
from chalicelib.notifications.acheminement import Issue, Lectures, acheminer, ouvrir
from chalicelib.notifications.lots import traiter_lot
from chalicelib.notifications.messages import SMS
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
    variables=("CLE_CODES", "URL_SITE"),
    delai=20,
)


def envoyer_sms(
    evenement: EvenementPublie,
    lectures: Lectures,
    notifications: Notifications,
    sms: EnvoiSms,
    horloge: Callable[[], int],
) -> Issue:
    """Send the SMS of ``evenement``, if there is one to send and a number to send it to. Raises ``SmsTropLong``."""
    if evenement.type not in SMS:
        return Issue.SANS_TEXTE
    dossier = ouvrir(evenement, lectures, horloge())
    if dossier.perime:
        return Issue.PERIME
    telephone = dossier.telephone
    if telephone is None:
        return Issue.SANS_ADRESSE
    texte = verifier_sms(SMS[evenement.type](dossier))
    return acheminer(evenement, Canal.SMS, notifications, lambda: sms.envoyer(telephone, texte), horloge)


@bp.lambda_function(name="envoyer_sms")
def envoyer_des_sms(lot: dict[str, Any], contexte: Any) -> dict[str, Any]:
    """Handle a batch of the queue ``sms``; what failed is delivered again."""
    return traiter_lot(lot, contexte, EventType.SQS, _un)


def _un(message: SQSRecord) -> None:
    evenement = lire_evenement(message.body)
    suivre(evenement.correlation_id)
    lectures = Lectures(wiring.demandes(), wiring.contacts(), lire("CLE_CODES"), lire("URL_SITE"), duree_du_jour())
    issue = envoyer_sms(evenement, lectures, wiring.notifications(), wiring.envoi_sms(), wiring.maintenant)
    compter(f"sms_{issue}")
    journal_technique.info(
        "sms", extra={"issue": str(issue), "type": evenement.type, "evenement_id": evenement.evenement_id}
    )
