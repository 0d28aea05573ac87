"""In-memory ``Machine`` and ``Reprises``: executions that only a test moves, tokens parked by hand."""

from dataclasses import replace
from datetime import datetime

from chalicelib.demande.machine import Point
from chalicelib.demande.modeles import Demande
from chalicelib.demande.ports_machine import Echec, EtatExecution, JetonPerime, Reprise


class FakeMachine:
    """The port ``Machine``; ``etats`` by execution name, ``signaux`` by token, in the order they came."""

    def __init__(self) -> None:
        self.etats: dict[str, EtatExecution] = {}
        self.departs: dict[str, Point] = {}
        self.signaux: list[tuple[str, Point]] = []
        self.morts: set[str] = set()
        self.echecs: list[Echec] = []
        self.panne: Exception | None = None

    def demarrer(self, demande: Demande, point: Point, correlation_id: str) -> bool:
        if self.panne:
            raise self.panne
        nom = f"{demande.numero}-{demande.generation}"
        if nom in self.etats:
            return False
        self.etats[nom], self.departs[nom] = "en_cours", point
        return True

    def signaler(self, jeton: str, point: Point) -> None:
        if jeton in self.morts:
            raise JetonPerime("TaskTimedOut")
        self.signaux.append((jeton, point))

    def etat(self, demande: Demande) -> EtatExecution:
        return self.etats.get(f"{demande.numero}-{demande.generation}", "inconnue")

    def echouees(self, depuis: datetime) -> list[Echec]:
        return sorted((echec for echec in self.echecs if echec.le >= depuis), key=lambda echec: echec.le)

    def tuer(self, demande: Demande, le: datetime) -> None:
        """The execution that follows ``demande`` dies at ``le``."""
        self.etats[f"{demande.numero}-{demande.generation}"] = "echouee"
        self.echecs.append(Echec(demande.numero or "", demande.generation, le))


class FakeReprises:
    """The port ``Reprises``; ``deposer`` is what the machine's state ``Attendre`` does."""

    def __init__(self) -> None:
        self.toutes: dict[str, Reprise] = {}
        self.jusqua: datetime | None = None

    def deposer(self, demande_id: str, jeton: str, generation: int, version: int) -> bool:
        """Park a token; False when the condition of the state refuses it."""
        avant = self.toutes.get(demande_id, Reprise())
        if generation < avant.generation or version < avant.signale:
            return False
        self.toutes[demande_id] = replace(avant, jeton=jeton, generation=generation, version=version)
        return True

    def lire(self, demande_id: str) -> Reprise:
        return self.toutes.get(demande_id, Reprise())

    def annoncer(self, demande: Demande) -> Reprise:
        avant = self.lire(demande.id)
        if avant.signale < demande.version:
            self.toutes[demande.id] = replace(avant, signale=demande.version)
        return avant

    def repere(self) -> datetime | None:
        return self.jusqua

    def noter_repere(self, jusqua: datetime) -> None:
        if self.jusqua is None or self.jusqua < jusqua:
            self.jusqua = jusqua
