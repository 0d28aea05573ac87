"""What travels on the bus when something has happened: which event, on what, when; never who.

An entry inserted in the journal is an event of a demande; an item ``EVENEMENT#<id>`` of the accounts' table is an event
of an account. Both become one ``EvenementPublie``. Who must know more (an address, a nonce) reads it in the tables.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

PREFIXE_EVENEMENT_DE_COMPTE = "EVENEMENT#"


class EvenementIllisible(Exception):
    """A stored or received event lacks what every event has: it goes to the dead letters, for a person to look at."""


class EvenementPublie(BaseModel):
    """The message of the bus.

    ``evenement_id`` is ``<demande_id>#<rang>`` for a journal entry, the item's own id for an account's event. Exactly
    one of ``demande_id`` (with ``rang``) and ``compte_id`` is given. ``empreinte`` is the entry's, as it was written:
    what anchors the chain needs no later reading. ``survenu_le`` is ISO 8601 UTC.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    evenement_id: str
    type: str
    demande_id: str | None = None
    compte_id: str | None = None
    rang: int | None = None
    empreinte: str | None = None
    correlation_id: str
    survenu_le: str


def evenement_du_journal(entree: Mapping[str, Any]) -> EvenementPublie:
    """The event told by a journal entry (its stored attributes); raises ``EvenementIllisible``."""
    try:
        return EvenementPublie(
            evenement_id=f"{entree['demande_id']}#{int(entree['rang'])}",
            type=entree["evenement"],
            demande_id=entree["demande_id"],
            rang=int(entree["rang"]),
            empreinte=entree.get("empreinte"),
            correlation_id=entree["correlation_id"],
            survenu_le=entree["survenu_le"],
        )
    except (KeyError, TypeError, ValueError) as manque:
        raise EvenementIllisible(f"entrée de journal illisible ({type(manque).__name__})") from None


def evenement_du_compte(element: Mapping[str, Any]) -> EvenementPublie:
    """The event told by an account's ``EVENEMENT#`` item (its stored attributes); raises ``EvenementIllisible``."""
    try:
        return EvenementPublie(
            evenement_id=element["evenement_id"],
            type=element["type"],
            compte_id=element["compte_id"],
            correlation_id=element["correlation_id"],
            survenu_le=element["survenu_le"],
        )
    except (KeyError, TypeError, ValueError) as manque:
        raise EvenementIllisible(f"événement de compte illisible ({type(manque).__name__})") from None


def lire_evenement(message: str) -> EvenementPublie:
    """The event of a message received from the bus (JSON); raises ``EvenementIllisible``."""
    try:
        evenement = EvenementPublie.model_validate_json(message)
    except ValidationError:
        raise EvenementIllisible("message du bus illisible") from None
    if (evenement.demande_id is None) == (evenement.compte_id is None):
        raise EvenementIllisible("message du bus sans demande ni compte, ou avec les deux")
    return evenement
