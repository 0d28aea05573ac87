"""Give wiring the outside systems of a test: the routes then speak to the fakes of ``tests.fakes.exterieur``."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from chalicelib import wiring
from tests.fakes.exterieur import FakeBoutique, FakePhotos, FakeSnpc


class Exterieur(NamedTuple):
    """The outside systems that the routes ask inside ``exterieur_simule``."""

    photos: FakePhotos
    boutique: FakeBoutique
    snpc: FakeSnpc


@contextmanager
def exterieur_simule() -> Iterator[Exterieur]:
    """Have ``wiring.photos``, ``wiring.boutique`` and ``wiring.snpc`` give fakes inside the block."""
    exterieur = Exterieur(FakePhotos(), FakeBoutique(), FakeSnpc())
    vrais = {"photos": wiring.photos, "boutique": wiring.boutique, "snpc": wiring.snpc}
    vars(wiring).update(
        photos=lambda: exterieur.photos, boutique=lambda: exterieur.boutique, snpc=lambda: exterieur.snpc
    )
    try:
        yield exterieur
    finally:
        vars(wiring).update(vrais)
