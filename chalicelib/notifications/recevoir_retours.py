"""What the carriers tell of the notices that they took: written on their record, and told otherwise when one came back.

Mails come by the queue ``retours``; SMS by a subscription of CloudWatch Logs (locally by the same queue).
"""

from typing import Any

from aws_lambda_powertools.utilities.batch import EventType
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.notifications import Canal, EtatLivraison, Livraison, secours
from chalicelib.demande.ports_notifications import Files, Notifications
from chalicelib.fonctions import Fonction
from chalicelib.notifications.lots import traiter_lot
from chalicelib.observabilite import compter, journal_technique, publier_metriques, suivre

bp = Blueprint(__name__)

FONCTION = Fonction(
    droits={
        "table:notifications": ("UpdateItem",),
        "table:notifications/index/par_reference_sms": ("Query",),
        "queue:sms": ("SendMessage",),
    },
    delai=10,
)


def recevoir(livraison: Livraison, notifications: Notifications, files: Files) -> None:
    """Write ``livraison`` on its record; a mail that came back for good is told by SMS, once per event.

    Raises ``ReferenceInconnue`` when its record is not there yet: it will be told again.
    """
    notification = notifications.noter_livraison(livraison)
    suivre(notification.correlation_id)
    compter(f"{livraison.canal}_{livraison.etat}")
    journal_technique.info(
        "retour",
        extra={
            "canal": str(livraison.canal),
            "etat": str(livraison.etat),
            "raison": livraison.raison,
            "type": notification.type,
            "evenement_id": notification.evenement_id,
        },
    )
    revenu = livraison.canal is Canal.MAIL and livraison.etat is EtatLivraison.REBOND and livraison.definitif
    if revenu and (autre := secours(notification.evenement())) is not None:
        files.deposer(Canal.SMS, autre)


@bp.lambda_function(name="recevoir_retours")
def recevoir_les_retours(lot: dict[str, Any], contexte: Any) -> dict[str, Any]:
    """Handle a batch of the queue ``retours``, or what a log's subscription hands over; a failure is told again."""
    if "awslogs" not in lot:
        return traiter_lot(lot, contexte, EventType.SQS, lambda message: _un(_corps(message)))
    try:
        _toutes(wiring.messages_de_journal(lot))
    finally:
        publier_metriques()
    return {}


def _toutes(lignes: list[str]) -> None:
    """Each line, then the first failure: an SMS that is not ours, in an account's log, must not hide the others."""
    pannes: list[Exception] = []
    for ligne in lignes:
        try:
            _un(ligne)
        except Exception as panne:
            journal_technique.error("echec d'un retour", extra={"erreur": type(panne).__name__})
            pannes.append(panne)
    if pannes:
        raise pannes[0]


def _corps(message: SQSRecord) -> str:
    return str(message.body)


def _un(message: str) -> None:
    livraison = wiring.retour_de_transporteur(message)
    if livraison is not None:
        recevoir(livraison, wiring.notifications(), wiring.files())
