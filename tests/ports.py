"""Give wiring the outside systems of a test: the routes then speak to the fakes of ``tests.fakes.exterieur``."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from chalicelib import wiring
from tests.fakes.exterieur import FakeAntiVirus, FakeBoutique, FakePhotos, FakeSnpc


class Exterieur(NamedTuple):
    """The outside systems that the routes ask inside ``exterieur_simule``."""

    photos: FakePhotos
    boutique: FakeBoutique
    snpc: FakeSnpc
    antivirus: FakeAntiVirus


@contextmanager
def exterieur_simule() -> Iterator[Exterieur]:
    """Have ``wiring.photos``, ``.boutique``, ``.snpc`` and ``.antivirus`` give fakes inside the block."""
    exterieur = Exterieur(FakePhotos(), FakeBoutique(), FakeSnpc(), FakeAntiVirus())
    vrais = {nom: getattr(wiring, nom) for nom in Exterieur._fields}
    vars(wiring).update({nom: lambda port=port: port for nom, port in exterieur._asdict().items()})
    try:
        yield exterieur
    finally:
        vars(wiring).update(vrais)
