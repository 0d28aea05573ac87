"""Sender of mails: an event of the bus becomes a mail, at least once across the crash between send and mark."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.batch import EventType
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.evenements import EvenementPublie, lire_evenement
from chalicelib.demande.notifications import Canal, secours
from chalicelib.demande.ports_notifications import EnvoiMails, Files, Notifications
from chalicelib.fonctions import Fonction
from chalicelib.notifications.acheminement import Issue, Lectures, acheminer, ouvrir
from chalicelib.notifications.lots import traiter_lot
from chalicelib.notifications.messages import MAILS, SMS
from chalicelib.observabilite import compter, journal_technique, suivre
from chalicelib.settings import duree_du_jour, lire

bp = Blueprint(__name__)

FONCTION = Fonction(
    droits={
        "table:demandes": ("GetItem",),
        "table:comptes": ("GetItem",),
        "table:notifications": ("UpdateItem",),
        "queue:sms": ("SendMessage",),
        "mail:*": ("SendEmail",),
        "mail:suivi": ("SendEmail",),
    },
    variables=("CLE_CODES", "EXPEDITEUR", "SUIVI_MAILS", "URL_SITE"),
    delai=10,
)


def envoyer_mail(
    evenement: EvenementPublie,
    lectures: Lectures,
    notifications: Notifications,
    mails: EnvoiMails,
    files: Files,
    horloge: Callable[[], int],
) -> Issue:
    """Send the mail of ``evenement``, if there is one to send and somewhere to send it.

    What the carrier refuses for good, or what has no address, is told by SMS.
    """
    if evenement.type not in MAILS:
        return Issue.SANS_TEXTE
    dossier = ouvrir(evenement, lectures, horloge())
    if dossier.perime:
        return Issue.PERIME
    courriel = MAILS[evenement.type](dossier)
    if courriel is None:
        return Issue.SANS_TEXTE

    def prevenir_autrement() -> None:
        if (autre := secours(evenement)) is not None:
            files.deposer(Canal.SMS, autre)

    email = dossier.email
    if email is None:
        # A dossier that came on paper may have a phone number only.
        if evenement.type not in SMS:
            prevenir_autrement()
        return Issue.SANS_ADRESSE
    return acheminer(
        evenement,
        Canal.MAIL,
        notifications,
        lambda: mails.envoyer(email, courriel, evenement.evenement_id),
        horloge,
        prevenir_autrement,
    )


@bp.lambda_function(name="envoyer_mail")
def envoyer_mails(lot: dict[str, Any], contexte: Any) -> dict[str, Any]:
    """Handle a batch of the queue ``mails``; what failed is delivered again."""
    return traiter_lot(lot, contexte, EventType.SQS, _un)


def _un(message: SQSRecord) -> None:
    evenement = lire_evenement(message.body)
    suivre(evenement.correlation_id)
    lectures = Lectures(wiring.demandes(), wiring.contacts(), lire("CLE_CODES"), lire("URL_SITE"), duree_du_jour())
    issue = envoyer_mail(
        evenement, lectures, wiring.notifications(), wiring.envoi_mails(), wiring.files(), wiring.maintenant
    )
    compter(f"mails_{issue}")
    journal_technique.info(
        "mail", extra={"issue": str(issue), "type": evenement.type, "evenement_id": evenement.evenement_id}
    )
