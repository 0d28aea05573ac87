"""Which rights a piece of code exercises, as IAM counts them: a transaction needs those of its operations."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.client import BaseClient

_DES_TRANSACTIONS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}


def _tables(operation: str, parametres: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if operation in ("TransactWriteItems", "TransactGetItems"):
        for element in parametres["TransactItems"]:
            for genre, contenu in element.items():
                yield contenu["TableName"], _DES_TRANSACTIONS[genre]
    elif operation.startswith("Batch"):
        for table in parametres["RequestItems"]:
            yield table, operation
    elif "IndexName" in parametres:
        yield f"{parametres['TableName']}/index/{parametres['IndexName']}", operation
    else:
        yield parametres["TableName"], operation


@contextmanager
def relever_droits(prefixe: str = "permis-") -> Iterator[dict[str, set[str]]]:
    """Give the DynamoDB rights exercised inside the block, in the form of ``Fonction.droits`` (actions as sets)."""
    droits: dict[str, set[str]] = {}
    appeler = BaseClient._make_api_call

    def relever(self: Any, operation: str, parametres: Any) -> Any:
        if self.meta.service_model.service_name == "dynamodb":
            for table, action in _tables(operation, parametres):
                droits.setdefault(f"table:{table.removeprefix(prefixe)}", set()).add(action)
        return appeler(self, operation, parametres)

    BaseClient._make_api_call = relever
    try:
        yield droits
    finally:
        BaseClient._make_api_call = appeler
