"""Record what each run of a function does in a life told by ``Monde``: its calls to AWS, and what its writes cost."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from tests.capacite import Ecriture, mesurer_ecritures, total
from tests.faults.monde import Monde


@dataclass
class Passage:
    """One run of ``qui`` (a route, a function, the machine's own hand), within the step ``etape`` of the life."""

    etape: str
    qui: str
    appels: list[str] = field(default_factory=list)
    ecritures: list[Ecriture] = field(default_factory=list)

    @property
    def wru(self) -> int:
        """What its writes cost, indexes included."""
        return total(self.ecritures)


class Releve:
    """The runs of a life, in order; ``etape`` names the step that the next ones belong to."""

    def __init__(self) -> None:
        self.etape = ""
        self.passages: list[Passage] = []

    def wru(self, compter: Callable[[Ecriture], bool]) -> int:
        """The cost of the writes that ``compter`` keeps."""
        return total([une for passage in self.passages for une in passage.ecritures if compter(une)])

    @contextmanager
    def ouvert(self, monde: Monde) -> Iterator[Monde]:
        """``monde``, open and recorded."""
        injecteur, pour = monde.injecteur, monde.injecteur.pour

        def personne() -> AbstractContextManager[None]:
            return pour(None)  # type: ignore[arg-type]

        with monde.ouvert(), mesurer_ecritures(personne) as ecritures:

            @contextmanager
            def relever(qui: str) -> Iterator[None]:
                passage = Passage(self.etape, qui)
                self.passages.append(passage)
                appels_avant, ecritures_avant = len(injecteur.points), len(ecritures)
                with pour(qui):
                    yield
                # What the machine does while its start is answered is its own run.
                siens = [point for point in injecteur.points[appels_avant:] if point.qui == qui]
                passage.appels = [f"{point.service} {point.operation}" for point in siens]
                passage.ecritures = ecritures[ecritures_avant:]

            injecteur.pour = relever  # type: ignore[method-assign]
            try:
                yield monde
            finally:
                injecteur.pour = pour  # type: ignore[method-assign]
