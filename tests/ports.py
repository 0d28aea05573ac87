"""Give wiring the outside systems of a test: the routes then speak to the fakes of ``tests.fakes.exterieur``."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from chalicelib import wiring
from tests.fakes.exterieur import FakeBoutique, FakePhotos


class Exterieur(NamedTuple):
    """The outside systems that the routes ask inside ``exterieur_simule``."""

    photos: FakePhotos
    boutique: FakeBoutique


@contextmanager
def exterieur_simule() -> Iterator[Exterieur]:
    """Have ``wiring.photos`` and ``wiring.boutique`` give fakes inside the block."""
    exterieur = Exterieur(FakePhotos(), FakeBoutique())
    vrais = {"photos": wiring.photos, "boutique": wiring.boutique}
    vars(wiring).update(photos=lambda: exterieur.photos, boutique=lambda: exterieur.boutique)
    try:
        yield exterieur
    finally:
        vars(wiring).update(vrais)
