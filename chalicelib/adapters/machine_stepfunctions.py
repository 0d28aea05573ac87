"""The state machine of a demande, on Step Functions."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.demande.machine import Point
from chalicelib.demande.modeles import Demande
from chalicelib.demande.ports_machine import Echec, EtatExecution, JetonPerime

_JETON_MORT = {"InvalidToken", "TaskTimedOut", "TaskDoesNotExist"}
_NOM = re.compile(r"([0-9]+)-([0-9]+)", re.ASCII)
_ECHECS = ("FAILED", "TIMED_OUT", "ABORTED")
VIE_MAX = timedelta(days=366)
"""No execution lives longer on AWS."""

_ETATS: dict[str, EtatExecution] = {"RUNNING": "en_cours", "PENDING_REDRIVE": "en_cours", "SUCCEEDED": "reussie"}


class MachineStepFunctions:
    """The port ``Machine``."""

    def __init__(self, client: Any, machine: str) -> None:
        self._client = client
        self._machine = machine

    def demarrer(self, demande: Demande, point: Point, correlation_id: str) -> bool:
        entree = {
            "demande_id": demande.id,
            "numero": demande.numero,
            "generation": demande.generation,
            "correlation_id": correlation_id,
            "point": point.model_dump(),
        }
        try:
            self._client.start_execution(stateMachineArn=self._machine, name=_nom(demande), input=json.dumps(entree))
        except ClientError as erreur:
            if erreur.response["Error"]["Code"] != "ExecutionAlreadyExists":
                raise
            return False
        return True

    def signaler(self, jeton: str, point: Point) -> None:
        try:
            self._client.send_task_success(taskToken=jeton, output=point.model_dump_json())
        except ClientError as erreur:
            if erreur.response["Error"]["Code"] not in _JETON_MORT:
                raise
            raise JetonPerime(erreur.response["Error"]["Code"]) from None

    def etat(self, demande: Demande) -> EtatExecution:
        try:
            execution = self._client.describe_execution(executionArn=self._arn(demande))
        except ClientError as erreur:
            if erreur.response["Error"]["Code"] != "ExecutionDoesNotExist":
                raise
            return "inconnue"
        return _ETATS.get(execution["status"], "echouee")

    def echouees(self, depuis: datetime) -> list[Echec]:
        trouves: list[Echec] = []
        pages = self._client.get_paginator("list_executions")
        for statut in _ECHECS:
            for page in pages.paginate(stateMachineArn=self._machine, statusFilter=statut):
                recentes = [execution for execution in page["executions"] if execution["stopDate"] >= depuis]
                trouves += [echec for execution in recentes if (echec := _echec(execution)) is not None]
                # The newest start first: a page of long dead ones ends the search, a demande lives less than a year.
                if page["executions"] and page["executions"][-1]["startDate"] < depuis - VIE_MAX:
                    break
        return sorted(trouves, key=lambda echec: echec.le)

    def _arn(self, demande: Demande) -> str:
        return f"{self._machine.replace(':stateMachine:', ':execution:')}:{_nom(demande)}"


def _echec(execution: dict[str, Any]) -> Echec | None:
    """None for an execution that somebody started by hand, under another name: it follows no demande."""
    nom = _NOM.fullmatch(execution["name"])
    return Echec(nom[1], int(nom[2]), execution["stopDate"]) if nom else None


def _nom(demande: Demande) -> str:
    return f"{demande.numero}-{demande.generation}"
