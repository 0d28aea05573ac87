"""The state machine as the house sees it: executions that are started, signalled and looked at, and parked tokens."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from chalicelib.demande.machine import Point
from chalicelib.demande.modeles import Demande

EtatExecution = Literal["en_cours", "reussie", "echouee", "inconnue"]


class JetonPerime(Exception):
    """The machine no longer waits on this token: its wait has ended, or its execution has."""


@dataclass(frozen=True)
class Reprise:
    """Where the execution ``generation`` of a demande waits: ``jeton``, knowing the demande as of ``version``.

    ``signale`` is the last version announced to it; all are None or 0 before.
    """

    jeton: str | None = None
    generation: int = 0
    version: int = 0
    signale: int = 0

    def attend(self, demande: Demande) -> bool:
        """Whether the execution that follows ``demande`` waits, not knowing yet what it has become."""
        return self.jeton is not None and self.generation == demande.generation and self.version < demande.version

    def sait(self, demande: Demande) -> bool:
        """Whether the execution that follows ``demande`` waits with full knowledge of it."""
        return self.jeton is not None and self.generation == demande.generation and self.version >= demande.version


@dataclass(frozen=True)
class Echec:
    """An execution that died: which demande it followed, as which generation, and when it ended."""

    numero: str
    generation: int
    le: datetime


class Machine(Protocol):
    """The workflow engine. The execution that follows a demande is named ``<numero>-<generation>``."""

    def demarrer(self, demande: Demande, point: Point, correlation_id: str) -> bool:
        """Start the execution that follows ``demande``; False when it exists already, which is as good."""

    def signaler(self, jeton: str, point: Point) -> None:
        """End the wait parked under ``jeton``; raises ``JetonPerime``."""

    def etat(self, demande: Demande) -> EtatExecution:
        """How the execution that follows ``demande`` is."""

    def echouees(self, depuis: datetime) -> list[Echec]:
        """The executions that ended otherwise than well since ``depuis``, the oldest end first."""


class Reprises(Protocol):
    """The tokens parked by the machine, one item per demande."""

    def lire(self, demande_id: str) -> Reprise:
        """Where the execution waits."""

    def annoncer(self, demande: Demande) -> Reprise:
        """Leave word that ``demande`` has become this version: a wait that begins knowing less is refused.

        Answers where the execution waited at this very instant.
        """

    def repere(self) -> datetime | None:
        """Up to when the dead executions have all been looked at; None before the first time."""

    def noter_repere(self, jusqua: datetime) -> None:
        """Remember it."""
