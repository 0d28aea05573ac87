"""The state machine of a demande, on Step Functions."""

import json
from typing import Any

from botocore.exceptions import ClientError


class MachineStepFunctions:
    """The port ``Machine``."""

    def __init__(self, client: Any, machine: str) -> None:
        self._client = client
        self._machine = machine

    def demarrer(self, demande_id: str, numero: str, statut: str, generation: int, correlation_id: str) -> bool:
        entree = {
            "demande_id": demande_id,
            "numero": numero,
            "statut": statut,
            "generation": generation,
            "correlation_id": correlation_id,
        }
        try:
            self._client.start_execution(
                stateMachineArn=self._machine, name=f"{numero}-{generation}", input=json.dumps(entree)
            )
        except ClientError as erreur:
            if erreur.response["Error"]["Code"] != "ExecutionAlreadyExists":
                raise
            return False
        return True
