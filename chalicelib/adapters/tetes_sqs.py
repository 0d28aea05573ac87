"""The heads that wait to be anchored: the events of the bus, on a queue of their own."""

from collections.abc import Sequence
from typing import Any

from chalicelib.demande.ports_journal import MessageDeTete

ATTENTE_S = 1
"""Long enough for SQS to ask all its servers: an empty answer then means an empty queue."""


class TetesSqs:
    """The port ``TetesEnAttente``."""

    def __init__(self, client: Any, url: str) -> None:
        self._client = client
        self._url = url

    def recevoir(self) -> list[MessageDeTete]:
        reponse = self._client.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10, WaitTimeSeconds=ATTENTE_S)
        return [MessageDeTete(recu["ReceiptHandle"], recu["Body"]) for recu in reponse.get("Messages", [])]

    def confirmer(self, messages: Sequence[MessageDeTete]) -> None:
        for debut in range(0, len(messages), 10):
            lot = messages[debut : debut + 10]
            # What is not removed comes back, and is anchored already.
            self._client.delete_message_batch(
                QueueUrl=self._url,
                Entries=[{"Id": str(rang), "ReceiptHandle": recu.poignee} for rang, recu in enumerate(lot)],
            )
