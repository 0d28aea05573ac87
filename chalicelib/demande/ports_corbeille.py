"""What the worklists need of the outside: their entries, read in order of urgency, and the lease on one demande.

``tests/contract/test_corbeille.py`` is the contract: the fake and the real store pass the same suite.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from chalicelib.demande.index import Fiche
from chalicelib.demande.modeles import Demande

AUTRE_SERVICE = "Cette demande n'existe pas, ou ne relève pas de votre service."
AUTRE_FILE = "Dans son état actuel, cette demande n'attend rien de vous : elle n'est pas dans votre corbeille."


class DejaTenue(Exception):
    """Somebody else holds this demande for now: ``nom``, if it is known."""

    def __init__(self, nom: str | None) -> None:
        super().__init__("demande tenue par un autre")
        self.nom = nom


@dataclass(frozen=True)
class Source:
    """A range of a worklist (``cle`` is ``543#agent``) or of what an agent holds (his compte_id), by urgency."""

    index: Literal["par_corbeille", "par_agent"]
    cle: str
    bas: str = "0"
    haut: str = "9"


@dataclass(frozen=True)
class Position:
    """Where reading stopped in a source: the last entry's urgency and demande."""

    urgence: str
    id: str


@dataclass(frozen=True)
class Ligne:
    """An entry of a worklist. It may be late by an instant: only the write on the demande decides."""

    id: str
    corbeille: str
    urgence: str
    statut: str
    fiche: Fiche
    agent: str | None = None
    agent_nom: str | None = None
    bail_jusqua: str | None = None


@dataclass(frozen=True)
class Tranche:
    """A part of a source, in order; ``suite`` when there may be more."""

    lignes: tuple[Ligne, ...]
    suite: bool


@dataclass(frozen=True)
class Prise:
    """Who takes a demande of one of his ``corbeilles``, when, and until when (``jusqua``, as stored)."""

    compte_id: str
    nom: str
    corbeilles: tuple[str, ...]
    maintenant: datetime
    jusqua: str


class Corbeilles(Protocol):
    """The worklists and the leases."""

    def lire(self, source: Source, apres: Position | None, limite: int) -> Tranche:
        """The ``limite`` next entries of ``source``, most urgent first. One query."""

    def prendre(self, demande_id: str, prise: Prise) -> Demande:
        """Take the demande, or renew one's own lease, which is never shortened. One conditional write, no version.

        Raises ``DemandeInconnue`` (none, or of another autorité), ``TransitionInterdite`` (not in the caller's
        worklist), ``DejaTenue``.
        """

    def rendre(self, demande_id: str, compte_id: str, autorites: tuple[str, ...], maintenant: datetime) -> None:
        """Give back what ``compte_id`` holds; nothing happens when nobody does. One conditional write, no version.

        Raises ``DemandeInconnue``, ``DejaTenue``.
        """
