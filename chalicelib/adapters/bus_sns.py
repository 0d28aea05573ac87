"""The bus of events, on SNS."""

from typing import Any

from chalicelib.demande.evenements import EvenementPublie


class BusSns:
    """The port ``Bus``."""

    def __init__(self, client: Any, topic: str) -> None:
        self._client = client
        self._topic = topic

    def publier(self, evenement: EvenementPublie) -> None:
        self._client.publish(
            TopicArn=self._topic,
            Message=evenement.model_dump_json(exclude_none=True),
            MessageAttributes={"type": {"DataType": "String", "StringValue": evenement.type}},
        )
