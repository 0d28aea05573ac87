"""Reading many items at once from a busy DynamoDB, which gives a part of them at a time."""

from typing import Any

import pytest

from chalicelib.adapters.dynamo import ESSAIS, lire_lot
from chalicelib.demande.erreurs import ServiceIndisponible

CLES = [{"id": {"S": str(rang)}} for rang in range(5)]


class DynamoDbOccupee:
    """Gives ``part`` items per call."""

    def __init__(self, part: int) -> None:
        self.part, self.appels = part, 0

    def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:
        self.appels += 1
        cles = RequestItems["table"]["Keys"]
        donnees, reste = cles[: self.part], cles[self.part :]
        demande = {**RequestItems["table"], "Keys": reste}
        return {"Responses": {"table": donnees}, "UnprocessedKeys": {"table": demande} if reste else {}}


@pytest.mark.parametrize(("part", "appels"), [(5, 1), (3, 2), (1, 5)])
def test_ce_qui_n_est_pas_donne_est_demande_de_nouveau(part: int, appels: int) -> None:
    dynamodb = DynamoDbOccupee(part)
    assert lire_lot(dynamodb, "table", CLES) == [{"id": str(rang)} for rang in range(5)]
    assert dynamodb.appels == appels


def test_une_base_qui_ne_donne_rien_se_dit_plutot_que_de_taire_des_demandes() -> None:
    dynamodb = DynamoDbOccupee(0)
    with pytest.raises(ServiceIndisponible):
        lire_lot(dynamodb, "table", CLES)
    assert dynamodb.appels == ESSAIS
