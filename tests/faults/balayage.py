"""Sweep a life: at each chosen call the process divides, and the child goes on with the failure.

What comes before the call is lived once for all the failures; each child tells what its life has left, and ends.
"""

import os
import pickle
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.bilan import Bilan, Ecarts, dresser
from tests.faults.monde import Monde
from tests.faults.pannes import MODES, MODES_D_AWS, Mode, Panne, Point, possible
from tests.faults.vies import Vie

ENFANTS_MAX = 2


@dataclass
class Essai:
    """One failure and what came of it: ``ecarts`` from the life left alone."""

    point: Point
    mode: Mode
    ecarts: list[str]
    admis: list[str]
    doubles: int = 0

    def __str__(self) -> str:
        numero, qui, service, operation = self.point
        return f"{numero:4d} {self.mode:6s} {qui} > {service} {operation} : {'; '.join(self.ecarts or self.admis)}"


def vivre(
    vie: type[Vie], panne: Panne | None = None, regler: Callable[[Monde], None] = lambda _: None
) -> tuple[Monde, Bilan]:
    """The whole life, with ``panne`` in it; what it leaves."""
    monde = Monde(panne, vie.silence)
    regler(monde)
    with monde.ouvert():
        une = vie(monde)
        une.preparer()
        une.vivre()
        return monde, dresser(monde)


class Balayage:
    """The life ``vie`` left alone (``temoin``), and each failure that ``retenir`` wants."""

    def __init__(self, vie: type[Vie], retenir: Callable[[Point, Mode], bool]) -> None:
        self._vie = vie
        self._retenir = retenir
        self._enfants: dict[int, tuple[Point, Mode, int]] = {}
        self._rendus: list[tuple[Point, Mode, Bilan | str]] = []
        self._rejouer: list[tuple[Point, Mode]] = []
        self._sortie: int | None = None
        self.temoin: Bilan
        self.points: list[Point] = []

    def passer(self) -> list[Essai]:
        """Live it all; what came of each failure, in the order of the calls."""
        rendu: Bilan | str
        try:
            monde, rendu = vivre(self._vie, regler=self._brancher)
            self.points = monde.injecteur.points
        except BaseException as perte:
            if self._sortie is None:
                raise
            rendu = _dire(perte)
        if self._sortie is not None:
            self._rendre(rendu)
        assert isinstance(rendu, Bilan)
        self.temoin = rendu
        while self._enfants:
            self._recueillir()
        for point, mode in self._rejouer:
            try:
                self._rendus.append((point, mode, vivre(self._vie, Panne(point.numero, mode))[1]))
            except Exception as perte:
                self._rendus.append((point, mode, _dire(perte)))
        return [self._juger(*un) for un in sorted(self._rendus, key=lambda un: (un[0].numero, un[1]))]

    def _brancher(self, monde: Monde) -> None:
        monde.injecteur.choisir = self._choisir

    def _choisir(self, point: Point) -> Mode | None:
        if self._sortie is not None:
            return None
        for mode in (*MODES, *MODES_D_AWS):
            if not possible(point, mode) or not self._retenir(point, mode):
                continue
            if threading.current_thread() is not threading.main_thread():
                self._rejouer.append((point, mode))
                continue
            while len(self._enfants) >= ENFANTS_MAX:
                self._recueillir()
            lecture, ecriture = os.pipe()
            sys.stdout.flush()
            enfant = os.fork()
            if enfant == 0:
                os.close(lecture)
                self._sortie = ecriture
                return mode
            os.close(ecriture)
            self._enfants[enfant] = (point, mode, lecture)
        return None

    def _rendre(self, rendu: Bilan | str) -> None:
        assert self._sortie is not None
        with os.fdopen(self._sortie, "wb") as sortie:
            pickle.dump(rendu, sortie)
        os._exit(0)

    def _recueillir(self) -> None:
        enfant, (point, mode, lecture) = next(iter(self._enfants.items()))
        with os.fdopen(lecture, "rb") as entree:
            rendu = entree.read()
        os.waitpid(enfant, 0)
        del self._enfants[enfant]
        self._rendus.append((point, mode, pickle.loads(rendu) if rendu else "processus mort"))

    def _juger(self, point: Point, mode: Mode, rendu: Bilan | str) -> Essai:
        if isinstance(rendu, str):
            return Essai(point, mode, [rendu], [])
        ecarts = Ecarts(self.temoin, rendu, point.qui)
        return Essai(point, mode, ecarts.tous, ecarts.admis, len(ecarts.double))


def _dire(perte: BaseException) -> str:
    lieux = traceback.extract_tb(perte.__traceback__)
    ici = [lieu for lieu in lieux if "/faults/" in lieu.filename][-1:]
    return f"{type(perte).__name__}: {perte} ({', '.join(f'{lieu.name}:{lieu.lineno}' for lieu in ici)})"
