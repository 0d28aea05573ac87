"""Instants as they are stored: ISO 8601 UTC with milliseconds, so that text order is time order."""

from datetime import UTC, date, datetime, timedelta, timezone


def ecrire(instant: datetime) -> str:
    """``2026-11-24T21:00:00.000Z`` for an aware ``instant``."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def lire(texte: str) -> datetime:
    """The aware instant written by ``ecrire``."""
    return datetime.fromisoformat(texte.replace("Z", "+00:00"))


def jours_apres(instant: datetime, jours: float, duree_du_jour: float) -> datetime:
    """``instant`` plus ``jours`` legal days of ``duree_du_jour`` seconds each (86400 outside local runs)."""
    return instant + timedelta(seconds=jours * duree_du_jour)


def jour_legal(instant: datetime) -> date:
    """The calendar day in metropolitan France, on which prices and dates of birth are judged.

    France is UTC+1 at least all year: a fixed offset is wrong by an hour in summer, never by a day in the usager's
    disfavour, and needs no time zone data in the function.
    """
    return instant.astimezone(timezone(timedelta(hours=1))).date()
