"""The clock of the administration: two months to decide, without the time that was the usager's own.

Silence kept for two months is a decision to reject: *convention*, for a licence is only made of rights that the State
has looked up (CRPA L231-4 lists such exceptions to L231-1). While a complement is awaited the clock stops, and goes on
when it comes (CRPA L114-5, third paragraph).
"""

import calendar
from datetime import datetime, timedelta

from chalicelib.demande.instants import jour_legal, jours_apres, lire
from chalicelib.demande.modeles import Demande, Statut
from chalicelib.demande.statuts import CHEZ_USAGER

S = Statut

MOIS = 2
A_DECIDER = frozenset({S.DEPOSEE, S.EN_CONTROLE, S.ATTENTE_PHOTO, S.EN_INSTRUCTION, S.SUSPENDUE})
"""No decision was taken yet: the clock runs, or waits for the usager."""


def deux_mois_apres(instant: datetime, jour_s: float) -> datetime:
    """``instant`` plus two months, from date to date: 31 December gives the last day of February.

    Counted in legal days of ``jour_s`` seconds, so that a shortened day shortens the months too.
    """
    depart = jour_legal(instant)
    mois = depart.month - 1 + MOIS
    annee, mois = depart.year + mois // 12, mois % 12 + 1
    arrivee = depart.replace(year=annee, month=mois, day=min(depart.day, calendar.monthrange(annee, mois)[1]))
    return jours_apres(instant, (arrivee - depart).days, jour_s)


def temps_usager(demande: Demande, maintenant: datetime) -> timedelta:
    """How long ``demande`` has been in its usager's hands since its deposit, the wait that runs included."""
    passe = timedelta(seconds=demande.temps_usager_s)
    if demande.statut in CHEZ_USAGER and demande.chez_usager_depuis is not None:
        passe += max(timedelta(0), maintenant - lire(demande.chez_usager_depuis))
    return passe


def limite_de_decision(demande: Demande, maintenant: datetime, jour_s: float) -> datetime | None:
    """When two months of the administration's own time have passed since the deposit; None for a draft.

    While the usager must act it moves on with the clock: it is the date that holds if he acted now.
    """
    if demande.deposee_le is None:
        return None
    return deux_mois_apres(lire(demande.deposee_le), jour_s) + temps_usager(demande, maintenant)


def decision_avant(demande: Demande, maintenant: datetime, jour_s: float) -> datetime | None:
    """When silence becomes a decision; None for a draft, and once a decision was taken."""
    return limite_de_decision(demande, maintenant, jour_s) if demande.statut in A_DECIDER else None


def est_arretee(demande: Demande) -> bool:
    """Whether the clock waits for the usager."""
    return demande.statut in CHEZ_USAGER and demande.statut in A_DECIDER
