"""No stamp is held for nothing, nor lost, whatever is done in whatever order: on the fake."""

from hypothesis import settings

from tests.fakes.demandes import FakeDemandes
from tests.timbres_tenus import Timbres


class SurLeFake(Timbres):
    def magasin(self) -> FakeDemandes:
        return FakeDemandes()


SurLeFake.TestCase.settings = settings(max_examples=150, stateful_step_count=30)
TestTimbres = SurLeFake.TestCase
