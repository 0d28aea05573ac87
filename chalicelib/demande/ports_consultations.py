"""Who opened which dossier, and when: a record apart from the journal of the demande, unchained.

The port passes ``tests/contract/test_consultations.py``, fake and real. No identity data: agents and demandes are named
by their keys.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from pydantic import BaseModel

CONSERVATION = timedelta(days=365)
"""How long a consultation is kept: six months to a year (CNIL, délibération 2021-122); real days, whatever the runs."""


class Quoi(StrEnum):
    """What is opened."""

    DOSSIER = "dossier"
    PAGE = "page"
    MESSAGES = "messages"
    NOTES = "notes"
    HISTORIQUE = "historique"
    VERIFICATION = "verification"
    CONSULTATIONS = "consultations"


class Consultation(BaseModel):
    """One opening. ``detail`` tells which page (``<piece_id>/<n>``); ``consultation_id`` is unique."""

    demande_id: str
    consultation_id: str
    consultee_le: str
    compte_id: str
    role: str
    quoi: Quoi
    detail: str | None = None
    correlation_id: str


class Consultations(Protocol):
    """The record of the consultations."""

    def noter(self, consultation: Consultation) -> None:
        """Write it, once: the same one written again changes nothing; a consultation is never overwritten."""

    def lister(
        self, demande_id: str, maintenant: datetime, apres: str | None, limite: int
    ) -> tuple[list[Consultation], str | None]:
        """The consultations of a demande that are still kept, last first, and where the next page starts (or None).

        Raises ``ValueError`` when ``apres`` is no position.
        """
