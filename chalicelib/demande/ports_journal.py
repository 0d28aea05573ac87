"""What reads a chain and what proves it: the journal, the anchors, and the heads that wait to be anchored.

The ports pass ``tests/contract/test_journal.py``, fake and real.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from chalicelib.demande.verification import Ancre, Attributs, Chaine


class Journal(Protocol):
    """The journal as it lies in the store: entries are given as they are, whatever was done to them."""

    def page(self, demande_id: str, apres: int, limite: int) -> tuple[list[Attributs], int | None]:
        """The entries of a demande after the rank ``apres``, and the rank that the next page comes after (or None)."""

    def chaine(self, demande_id: str) -> Chaine:
        """All the entries of a demande and the head that it keeps, both of one moment."""

    def demandes(self) -> Iterator[str]:
        """The keys of all that has, or says that it has, a journal, some twice; for an audit: it reads everything."""


class Ancres(Protocol):
    """The heads written where nobody changes nor removes them before their retention ends."""

    def ancrer(self, tetes: Sequence[Ancre]) -> int:
        """Anchor each head, once: what is anchored already stays as it is. How many are new."""

    def de(self, demande_id: str) -> list[Ancre]:
        """The anchors of a demande by rank, those that somebody hid included; ``ancree_le`` is the store's own date."""

    def demandes(self) -> Iterator[str]:
        """The keys of the demandes that have anchors, in order; for an audit."""


@dataclass(frozen=True)
class MessageDeTete:
    """An event received, to be confirmed by its ``poignee`` once its head is anchored."""

    poignee: str
    texte: str


class TetesEnAttente(Protocol):
    """The events of the journal whose heads wait to be anchored; what is not confirmed comes back."""

    def recevoir(self) -> list[MessageDeTete]:
        """Some events; empty when none waits."""

    def confirmer(self, messages: Sequence[MessageDeTete]) -> None:
        """They will not come back."""
