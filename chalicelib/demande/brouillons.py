"""What becomes of a draft that nobody touches: one reminder after 10 legal days, closed after 15 (deck, step 4)."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.demande.instants import ecrire, jours_apres, lire
from chalicelib.demande.modeles import Demande

RAPPEL_JOURS = 10
CLOTURE_JOURS = 15


@dataclass(frozen=True)
class Rappeler:
    """Remind now; ``prochaine`` is when to look again: the day of the closing."""

    prochaine: datetime


@dataclass(frozen=True)
class Classer:
    """Close now."""


@dataclass(frozen=True)
class Attendre:
    """Nothing yet: the draft was touched, or its day has not come; look again at ``prochaine``."""

    prochaine: datetime


def cloture_prevue(demande: Demande, jour_s: float) -> datetime:
    """When an untouched draft closes: 15 days of ``jour_s`` seconds after it was last touched.

    Never sooner than 5 days after its reminder: one sent late (an outage of ours) leaves the same time to answer.
    """
    cloture = jours_apres(lire(demande.modifie_le), CLOTURE_JOURS, jour_s)
    if demande.rappele_le is not None and _rappele(demande):
        cloture = max(cloture, jours_apres(lire(demande.rappele_le), CLOTURE_JOURS - RAPPEL_JOURS, jour_s))
    return cloture


def decider(demande: Demande, maintenant: datetime, jour_s: float) -> Rappeler | Classer | Attendre:
    """What to do now of a draft, from when it was last touched and last reminded."""
    rappel = jours_apres(lire(demande.modifie_le), RAPPEL_JOURS, jour_s)
    if not _rappele(demande):
        if maintenant < rappel:
            return Attendre(rappel)
        rappelee = demande.model_copy(update={"rappele_le": ecrire(maintenant)})
        return Rappeler(cloture_prevue(rappelee, jour_s))
    cloture = cloture_prevue(demande, jour_s)
    return Attendre(cloture) if maintenant < cloture else Classer()


def _rappele(demande: Demande) -> bool:
    """Whether the reminder was sent since the draft was last touched: touching it starts its fifteen days again."""
    return demande.rappele_le is not None and demande.rappele_le >= demande.modifie_le
