"""Where Powertools Idempotency remembers the events already handled (table ``idempotence``)."""

from typing import Any

from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer


def persistance(client: Any, table: str) -> DynamoDBPersistenceLayer:
    """The persistence layer on our table: key ``id``, TTL ``expiration``, no stored answer to give back."""
    return DynamoDBPersistenceLayer(table_name=table, key_attr="id", expiry_attr="expiration", boto3_client=client)
