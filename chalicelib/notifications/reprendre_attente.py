"""Scheduled: put back in their queue the SMS whose quiet hours have ended.

An event is back in its queue before its wait is ended: a run that stops between the two puts it back twice, which the
sender's record makes one.
"""

from typing import Any

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.comptes import instant
from chalicelib.demande.notifications import Canal
from chalicelib.demande.ports_notifications import Files, Notifications
from chalicelib.fonctions import Fonction
from chalicelib.observabilite import compter, journal_technique, publier_metriques

bp = Blueprint(__name__)

FONCTION = Fonction(
    droits={
        "table:notifications": ("UpdateItem",),
        "table:notifications/index/par_attente": ("Query",),
        "queue:sms": ("SendMessage",),
    },
    delai=60,
)

LOT = 500
"""At most per run: the rest comes with the next one, and a morning's crowd leaves over some minutes."""


def reprendre(notifications: Notifications, files: Files, maintenant: str) -> int:
    """Put back what is due at ``maintenant``, ``LOT`` at most; how many."""
    evenements = notifications.en_attente(Canal.SMS, maintenant, LOT)
    for evenement in evenements:
        files.deposer(Canal.SMS, evenement)
        notifications.sortir_d_attente(evenement, Canal.SMS, maintenant)
    return len(evenements)


@bp.lambda_function(name="reprendre_attente")
def tache(evenement: dict[str, Any], contexte: Any) -> dict[str, int]:
    """One run of the schedule."""
    try:
        repris = reprendre(wiring.notifications(), wiring.files(), instant(wiring.maintenant()))
        compter("sms_repris", repris)
        journal_technique.info("sms en attente", extra={"repris": repris})
        return {"repris": repris}
    finally:
        publier_metriques()
