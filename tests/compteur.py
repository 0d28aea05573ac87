"""Count the AWS calls that a piece of code makes, at the botocore boundary."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from botocore.client import BaseClient


class AppelAws(NamedTuple):
    """One call: ``("dynamodb", "UpdateItem")``. A presigned URL is no call."""

    service: str
    operation: str


@contextmanager
def compter_appels() -> Iterator[list[AppelAws]]:
    """Give the list of the AWS calls made inside the block, in order, whichever client or thread makes them.

    A call counts once, whatever botocore's own retries; it counts when it fails, too.
    """
    appels: list[AppelAws] = []
    appeler = BaseClient._make_api_call

    def compter(self: Any, operation: str, parametres: Any) -> Any:
        appels.append(AppelAws(self.meta.service_model.service_name, operation))
        return appeler(self, operation, parametres)

    BaseClient._make_api_call = compter
    try:
        yield appels
    finally:
        BaseClient._make_api_call = appeler
