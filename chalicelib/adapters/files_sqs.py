"""The senders' queues, on SQS."""

from collections.abc import Mapping
from typing import Any

from chalicelib.demande.evenements import EvenementPublie
from chalicelib.demande.notifications import Canal


class FilesSqs:
    """The port ``Files``; ``urls`` are those of the queues that the function was given."""

    def __init__(self, client: Any, urls: Mapping[Canal, str]) -> None:
        self._client = client
        self._urls = urls

    def deposer(self, canal: Canal, evenement: EvenementPublie) -> None:
        # As the bus delivers it: the raw message.
        self._client.send_message(QueueUrl=self._urls[canal], MessageBody=evenement.model_dump_json(exclude_none=True))
