"""What becomes of an account that nobody opens: told a month before, closed after 36 months (DOMAIN §2).

The date under which an account is watched is written when it is opened, then by the watch alone: a login writes
nothing for it. The watch counts again from the last login each time that it looks.
"""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.demande.comptes import Compte
from chalicelib.demande.instants import ecrire, jours_apres, lire

INACTIVITE_JOURS = 1096
"""36 months, the longest that they can be."""

PREAVIS_JOURS = 30
REPORT_JOURS = 30
"""How long an account whose holder has a demande under way is left alone before it is looked at again."""

VEILLE = "compte"
"""What the watch is named in the index ``par_veille``."""


@dataclass(frozen=True)
class Prevenir:
    """Tell now that the account closes on ``cloture``, and look again then."""

    cloture: datetime


@dataclass(frozen=True)
class Fermer:
    """Close now."""


@dataclass(frozen=True)
class Attendre:
    """Nothing yet: look again at ``prochaine``."""

    prochaine: datetime


def premiere_veille(ouverture: datetime, jour_s: float) -> str:
    """When to look for the first time at an account opened at ``ouverture``."""
    return ecrire(_preavis(ouverture, jour_s))


def cloture_prevue(compte: Compte, jour_s: float) -> datetime:
    """When an account that nobody opens is closed: never sooner than a month after its holder was told."""
    cloture = jours_apres(_dernier_usage(compte), INACTIVITE_JOURS, jour_s)
    if compte.prevenu_le is not None and _prevenu(compte):
        cloture = max(cloture, jours_apres(lire(compte.prevenu_le), PREAVIS_JOURS, jour_s))
    return cloture


def decider(compte: Compte, en_cours: bool, maintenant: datetime, jour_s: float) -> Prevenir | Fermer | Attendre:
    """What to do now of an account, from its last login; ``en_cours``: its holder has a demande under way."""
    preavis = _preavis(_dernier_usage(compte), jour_s)
    if maintenant < preavis:
        return Attendre(preavis)
    if en_cours:
        return Attendre(jours_apres(maintenant, REPORT_JOURS, jour_s))
    if not _prevenu(compte):
        return Prevenir(cloture_prevue(compte.model_copy(update={"prevenu_le": ecrire(maintenant)}), jour_s))
    cloture = cloture_prevue(compte, jour_s)
    return Attendre(cloture) if maintenant < cloture else Fermer()


def a_regarder(compte: Compte, maintenant: datetime, jour_s: float) -> bool:
    """Whether the last login is old enough for the demandes of the account to be read."""
    return maintenant >= _preavis(_dernier_usage(compte), jour_s)


def _preavis(dernier_usage: datetime, jour_s: float) -> datetime:
    return jours_apres(dernier_usage, INACTIVITE_JOURS - PREAVIS_JOURS, jour_s)


def _dernier_usage(compte: Compte) -> datetime:
    return lire(compte.derniere_connexion_le or compte.cree_le)


def _prevenu(compte: Compte) -> bool:
    """Whether its holder was told since he last came: a login starts the 36 months again."""
    return compte.prevenu_le is not None and compte.prevenu_le >= (compte.derniere_connexion_le or compte.cree_le)
