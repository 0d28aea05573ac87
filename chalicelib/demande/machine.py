"""What the state machine needs to know of a demande: where it is, what to do now, how long it may wait.

The machine reads no table: a ``Point`` is given to it by each task, and with each signal.
"""

import math
from datetime import datetime

from pydantic import BaseModel

from chalicelib.demande.modeles import Demande, EtatPhoto, Statut
from chalicelib.demande.statuts import FINALS
from chalicelib.demande.vie import prochain_rendez_vous

ATTENTE_MAX_S = 300 * 86400
"""No wait is longer: an execution lives one year at most, and hands over to another before (DESIGN §5)."""

COMMANDE_S = 300
"""How soon an order that the printer has not accepted yet is placed again; placing it twice is placing it once."""

RELANCE_PHOTO_JOURS = 1
"""How often the e-photo base is asked about a code in activation: its own notice may be lost."""

REMPLACEE = "remplacee"
"""The statut told to an execution that another one has replaced: it ends."""


class Point(BaseModel):
    """``secondes`` is the longest wait from now; ``a_commander`` says that an order is to be placed with the printer.

    ``version`` is that of the demande read: a signal about a later one ends the wait at once.
    """

    statut: str
    version: int
    generation: int
    secondes: int
    a_commander: bool


def point(demande: Demande, maintenant: datetime, jour_s: float) -> Point:
    """Where ``demande`` is for its machine, at ``maintenant``."""
    return Point(
        statut=demande.statut,
        version=demande.version,
        generation=demande.generation,
        secondes=_attente(demande, maintenant, jour_s),
        a_commander=a_commander(demande),
    )


def a_commander(demande: Demande) -> bool:
    """Whether an order is to be placed: a card to make, or one come back to post again, not yet taken."""
    if demande.statut is Statut.VALIDEE:
        return True
    return demande.statut is Statut.EXPEDIEE and demande.commande_le is None


def _attente(demande: Demande, maintenant: datetime, jour_s: float) -> int:
    if demande.statut in FINALS:
        return 1
    if a_commander(demande):
        return COMMANDE_S
    attente = float(ATTENTE_MAX_S)
    rendez_vous = prochain_rendez_vous(demande, maintenant, jour_s)
    if rendez_vous is not None:
        attente = (rendez_vous - maintenant).total_seconds()
    photo = demande.photo_signature
    if demande.statut is Statut.ATTENTE_PHOTO and photo is not None and photo.etat is EtatPhoto.EN_ACTIVATION:
        attente = min(attente, RELANCE_PHOTO_JOURS * jour_s)
    return max(1, math.ceil(min(attente, ATTENTE_MAX_S)))
