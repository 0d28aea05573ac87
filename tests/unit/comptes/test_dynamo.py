"""The DynamoDB helpers: values there and back, refusals told apart, conflicts tried again."""

from decimal import Decimal
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.dynamo import (
    ESSAIS,
    ConditionRefusee,
    TransactionRefusee,
    attribut,
    item,
    modifier,
    transiger,
    valeur,
)
from chalicelib.demande.erreurs import ServiceIndisponible

OPERATIONS = [
    {"Delete": {"TableName": "t", "Key": item({"cle": "a"})}},
    {"Delete": {"TableName": "t", "Key": item({"cle": "b"})}},
]
MISE_A_JOUR = {
    "TableName": "t",
    "Key": item({"cle": "a"}),
    "UpdateExpression": "REMOVE x",
    "ConditionExpression": "attribute_exists(cle)",
}


def refuser(bouchon: Stubber, *raisons: dict[str, Any]) -> None:
    bouchon.add_client_error(
        "transact_write_items", "TransactionCanceledException", modeled_fields={"CancellationReasons": list(raisons)}
    )


@pytest.fixture
def bouchon() -> Stubber:
    client = boto3.client("dynamodb", region_name="eu-west-3", aws_access_key_id="test", aws_secret_access_key="test")
    return Stubber(client)


@given(
    st.recursive(
        st.none() | st.booleans() | st.text() | st.integers(min_value=-(10**37), max_value=10**37) | st.binary(),
        lambda valeurs: st.lists(valeurs) | st.dictionaries(st.text(), valeurs),
        max_leaves=8,
    )
)
def test_une_valeur_revient_telle_quelle(donnee: Any) -> None:
    assert valeur(attribut(donnee)) == donnee


def test_un_nombre_a_virgule_reste_decimal_et_un_flottant_est_refuse() -> None:
    assert valeur(attribut(Decimal("12.5"))) == Decimal("12.5")
    with pytest.raises(TypeError):
        attribut(12.5)


def test_un_conflit_de_transaction_est_tente_de_nouveau(bouchon: Stubber) -> None:
    refuser(bouchon, {"Code": "TransactionConflict"}, {"Code": "None"})
    refuser(bouchon, {"Code": "None"}, {"Code": "ThrottlingError"})
    bouchon.add_response("transact_write_items", {})
    with bouchon:
        transiger(bouchon.client, OPERATIONS)
        bouchon.assert_no_pending_responses()


def test_un_conflit_qui_dure_devient_un_503_qui_invite_a_recommencer(bouchon: Stubber) -> None:
    for _ in range(ESSAIS):
        refuser(bouchon, {"Code": "TransactionConflict"}, {"Code": "None"})
    with bouchon, pytest.raises(ServiceIndisponible):
        transiger(bouchon.client, OPERATIONS)


def test_une_condition_refusee_est_rendue_avec_l_ancien_meme_a_cote_d_un_conflit(bouchon: Stubber) -> None:
    refuser(
        bouchon,
        {"Code": "ConditionalCheckFailed", "Item": item({"cle": "a", "nombre": 3})},
        {"Code": "TransactionConflict"},
    )
    with bouchon, pytest.raises(TransactionRefusee) as refus:
        transiger(bouchon.client, OPERATIONS)
    assert refus.value.raisons == [{"cle": "a", "nombre": 3}, None]


def test_une_condition_sur_un_absent_se_distingue_d_une_operation_passee(bouchon: Stubber) -> None:
    refuser(bouchon, {"Code": "None"}, {"Code": "ConditionalCheckFailed"})
    with bouchon, pytest.raises(TransactionRefusee) as refus:
        transiger(bouchon.client, OPERATIONS)
    assert refus.value.raisons == [None, {}]


def test_une_autre_erreur_n_est_ni_cachee_ni_repetee(bouchon: Stubber) -> None:
    refuser(bouchon, {"Code": "ValidationError"}, {"Code": "None"})
    bouchon.add_client_error("transact_write_items", "AccessDeniedException")
    with bouchon:
        for _ in range(2):
            with pytest.raises(ClientError):
                transiger(bouchon.client, OPERATIONS)


def test_une_mise_a_jour_en_conflit_est_tentee_de_nouveau(bouchon: Stubber) -> None:
    bouchon.add_client_error("update_item", "TransactionConflictException")
    bouchon.add_response("update_item", {})
    with bouchon:
        modifier(bouchon.client, **MISE_A_JOUR)
        bouchon.assert_no_pending_responses()


def test_une_mise_a_jour_refusee_rend_l_ancien(bouchon: Stubber) -> None:
    bouchon.add_client_error(
        "update_item", "ConditionalCheckFailedException", modeled_fields={"Item": item({"cle": "a", "essais": 5})}
    )
    with bouchon, pytest.raises(ConditionRefusee) as refus:
        modifier(bouchon.client, **MISE_A_JOUR)
    assert refus.value.ancien == {"cle": "a", "essais": 5}
