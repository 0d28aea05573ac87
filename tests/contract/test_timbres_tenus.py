"""No stamp is held for nothing, nor lost, whatever is done in whatever order: on DynamoDB (moto)."""

from contextlib import ExitStack

from hypothesis import HealthCheck, settings

from chalicelib import wiring
from chalicelib.demande.ports import Demandes
from tests.contract.tables import aws_simule
from tests.timbres_tenus import Timbres


class SurDynamoDB(Timbres):
    def magasin(self) -> Demandes:
        self.pile = ExitStack()
        self.pile.enter_context(aws_simule())
        return wiring.demandes()

    def teardown(self) -> None:
        if hasattr(self, "pile"):
            self.pile.close()


SurDynamoDB.TestCase.settings = settings(
    max_examples=8,
    stateful_step_count=25,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
TestTimbres = SurDynamoDB.TestCase
