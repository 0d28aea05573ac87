"""Quiet hours: when an SMS that can wait does not ring, on the usager's own clock.

*Convention*: no SMS by night nor on Sunday; what an SMS says can always wait some hours, codes apart. The setting is
``21-8 dimanche`` (from 21:00 to 8:00, and the whole Sunday); empty, there are none. Clocks are computed from the fixed
rules that France follows, for no time zone data comes with a function.
"""

import re
from datetime import UTC, datetime, timedelta, timezone

# Overseas: hours from UTC; no summer time there (Saint-Pierre's is left out). Elsewhere the clock is that of Paris.
_OUTRE_MER = {
    "971": -4,
    "972": -4,
    "973": -3,
    "974": 4,
    "975": -3,
    "976": 3,
    "977": -4,
    "978": -4,
    "986": 12,
    "987": -10,
    "988": 11,
}
_REGLAGE = re.compile(r"(?P<debut>\d{1,2})-(?P<fin>\d{1,2})(?P<dimanche> dimanche)?")
_DIMANCHE = 6


class SilenceIllisible(ValueError):
    """The setting of the quiet hours is neither empty nor like ``21-8 dimanche``."""


def fin_du_silence(instant: datetime, reglage: str, departement: str | None = None) -> datetime | None:
    """When an SMS due at ``instant`` may leave; None when it may leave now. Raises ``SilenceIllisible``."""
    if not reglage:
        return None
    lu = _REGLAGE.fullmatch(reglage)
    if lu is None or int(lu["debut"]) > 23 or int(lu["fin"]) > 23:
        raise SilenceIllisible(f"silence des SMS illisible : {reglage!r}")
    debut, fin, dimanche = int(lu["debut"]), int(lu["fin"]), lu["dimanche"] is not None
    candidat = instant
    # One night, then a Sunday, then the night that follows it.
    while (suite := _suite(_heure_locale(candidat, departement), debut, fin, dimanche)) is not None:
        candidat = _instant_local(suite, departement)
    return None if candidat == instant else candidat


def _suite(local: datetime, debut: int, fin: int, dimanche: bool) -> datetime | None:
    """The local hour at which to look again; None when ``local`` is not quiet."""
    minuit = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if dimanche and local.weekday() == _DIMANCHE:
        return minuit + timedelta(days=1)
    if debut > fin:
        if local.hour >= debut:
            return minuit + timedelta(days=1, hours=fin)
        return minuit + timedelta(hours=fin) if local.hour < fin else None
    return minuit + timedelta(hours=fin) if debut <= local.hour < fin else None


def _heure_locale(instant: datetime, departement: str | None) -> datetime:
    """The wall clock of the usager's département, without its time zone."""
    return (instant.astimezone(UTC) + _decalage(instant, departement)).replace(tzinfo=None)


def _instant_local(local: datetime, departement: str | None) -> datetime:
    """The instant at which that wall clock shows ``local`` (quiet hours end neither at 2:00 nor at 3:00)."""
    approche = local.replace(tzinfo=UTC) - _decalage(local.replace(tzinfo=UTC), departement)
    return local.replace(tzinfo=timezone(_decalage(approche, departement))).astimezone(UTC)


def _decalage(instant: datetime, departement: str | None) -> timedelta:
    if departement in _OUTRE_MER:
        return timedelta(hours=_OUTRE_MER[departement])
    utc = instant.astimezone(UTC)
    ete = _dernier_dimanche(utc.year, 3) <= utc < _dernier_dimanche(utc.year, 10)
    return timedelta(hours=2 if ete else 1)


def _dernier_dimanche(annee: int, mois: int) -> datetime:
    """1:00 UTC on the last Sunday of a month of 31 days: when the clocks of the Union change."""
    dernier = datetime(annee, mois, 31, 1, tzinfo=UTC)
    return dernier - timedelta(days=(dernier.weekday() - _DIMANCHE) % 7)
