"""What SES and SNS tell of the mails and SMS that they took, as ``Livraison``.

SES publishes JSON on a topic (its "event publishing"; the older "notifications" have the same members); SNS writes the
status of each SMS in CloudWatch Logs, whose subscription hands it to a function, packed.
"""

import base64
import gzip
import json
from collections.abc import Mapping
from typing import Any

from chalicelib.adapters.envois_ses import ETIQUETTE, depuis_etiquette
from chalicelib.demande.instants import ecrire, lire
from chalicelib.demande.notifications import Canal, EtatLivraison, Livraison

# An answering machine gives a "Transient/General" bounce: the mail did arrive. These are lasting enough to tell.
_PASSAGERS_DURABLES = {"MailboxFull"}

# What SES writes on the topic when it is told to publish there: at each deployment that changes it.
_ESSAI_DU_TOPIC = "Successfully validated SNS topic"


class RetourIllisible(Exception):
    """Not one of the shapes that the carriers use: it goes to the dead letters, for a person to look at."""


def retour(message: str) -> Livraison | None:
    """What one message says; None when it says nothing of ours. Raises ``RetourIllisible``."""
    if message.startswith(_ESSAI_DU_TOPIC):
        return None
    try:
        corps = json.loads(message)
        return _de_sms(corps) if "notification" in corps else _de_mail(corps)
    except (AttributeError, KeyError, TypeError, ValueError, IndexError) as faute:
        raise RetourIllisible(type(faute).__name__) from None


def messages_de_journal(evenement: Mapping[str, Any]) -> list[str]:
    """The lines that a subscription of CloudWatch Logs hands to a function. Raises ``RetourIllisible``."""
    try:
        corps = json.loads(gzip.decompress(base64.b64decode(evenement["awslogs"]["data"])))
        return [ligne["message"] for ligne in corps["logEvents"]] if corps["messageType"] == "DATA_MESSAGE" else []
    except (KeyError, TypeError, ValueError, OSError, EOFError) as faute:
        raise RetourIllisible(type(faute).__name__) from None


def _de_mail(corps: Mapping[str, Any]) -> Livraison | None:
    genre = corps.get("eventType") or corps["notificationType"]
    mail = corps["mail"]
    etiquettes = mail.get("tags", {}).get(ETIQUETTE)
    if not etiquettes or genre not in ("Delivery", "Bounce", "Complaint", "Reject"):
        return None
    detail = corps[genre.lower()]
    etat = {"Delivery": EtatLivraison.LIVRE, "Complaint": EtatLivraison.PLAINTE}.get(genre, EtatLivraison.REBOND)
    raison, definitif = None, True
    if genre == "Bounce":
        raison = f"{detail['bounceType']}/{detail['bounceSubType']}"
        definitif = detail["bounceType"] != "Transient" or detail["bounceSubType"] in _PASSAGERS_DURABLES
    elif genre == "Reject":
        # Its content was found harmful, which says nothing of the address.
        raison, definitif = "Reject", False
    return Livraison(
        Canal.MAIL,
        etat,
        _instant(detail.get("timestamp", mail["timestamp"])),
        mail["messageId"],
        depuis_etiquette(etiquettes[0]),
        definitif,
        raison,
    )


def _de_sms(corps: Mapping[str, Any]) -> Livraison:
    """``providerResponse`` is a sentence of the operator, which holds no number."""
    arrive = corps["status"] == "SUCCESS"
    return Livraison(
        Canal.SMS,
        EtatLivraison.LIVRE if arrive else EtatLivraison.REBOND,
        _instant(corps["notification"]["timestamp"]),
        corps["notification"]["messageId"],
        raison=None if arrive else str(corps["delivery"].get("providerResponse", ""))[:80] or "FAILURE",
    )


def _instant(texte: str) -> str:
    """``2026-11-25T07:00:00.000Z``, or without the T and the Z as the SMS logs have it."""
    propre = texte.replace(" ", "T")
    return ecrire(lire(propre if propre.endswith("Z") or "+" in propre else f"{propre}Z"))
