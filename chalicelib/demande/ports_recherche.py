"""What the search needs of the store: ranges of its indexes, read in order, with what each reading cost.

``tests/contract/test_recherche.py`` is the contract: the fake and the real store pass the same suite.
"""

from dataclasses import dataclass
from typing import Protocol

from chalicelib.demande.recherche import Source, Trouvee


@dataclass(frozen=True)
class Position:
    """Where a range was left: the range key of the last entry read, without the source's ``prefixe``, and its id."""

    suffixe: str
    id: str


@dataclass(frozen=True)
class Lue:
    """An entry read: ``trouvee`` is None when it is no agent's yet (its contrôle has not begun)."""

    position: Position
    trouvee: Trouvee | None


@dataclass(frozen=True)
class Lot:
    """Entries in order, ``octets`` in all; ``suite``: there may be more; ``rru`` is the price of all that was read."""

    lues: tuple[Lue, ...]
    suite: bool
    octets: int
    rru: float


class Lecteur(Protocol):
    """The indexes of the demandes, for reading only."""

    def lire(self, source: Source, decroissant: bool, apres: Position | None, limite: int) -> Lot:
        """The entries of ``source`` after ``apres``, ``limite`` at most. Eventually consistent."""
        ...
