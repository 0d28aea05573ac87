"""Instants as they are stored: ISO 8601 UTC with milliseconds, so that text order is time order."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

FRANCE = ZoneInfo("Europe/Paris")


def ecrire(instant: datetime) -> str:
    """``2026-11-24T21:00:00.000Z`` for an aware ``instant``."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def lire(texte: str) -> datetime:
    """The aware instant written by ``ecrire``."""
    return datetime.fromisoformat(texte.replace("Z", "+00:00"))


def jours_apres(instant: datetime, jours: float, duree_du_jour: float) -> datetime:
    """``instant`` plus ``jours`` legal days of ``duree_du_jour`` seconds each (86400 outside local runs)."""
    return instant + timedelta(seconds=jours * duree_du_jour)


def heure_legale(instant: datetime) -> datetime:
    """``instant`` as clocks show it in metropolitan France."""
    return instant.astimezone(UTC).astimezone(FRANCE)


def jour_legal(instant: datetime) -> date:
    """The calendar day in metropolitan France, on which prices, ages and ends are judged: what is printed beside an
    hour is the same day as what is sealed or computed."""
    return heure_legale(instant).date()


def debut_du_jour(jour: date) -> datetime:
    """The first instant of a legal day."""
    return datetime.combine(jour, time(), FRANCE)
