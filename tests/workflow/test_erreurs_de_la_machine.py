"""Each error that the definition names, and one that it does not, raised in each task by the running emulator.

The definition is the one deployed, with its pauses left out and one function that fails as it is told in the place of
the tasks: what Lambda itself may say (throttled, out of time) cannot be had otherwise.
"""

import io
import json
import uuid
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.adapters.dynamo import item
from chalicelib.adapters.reprises_dynamodb import REPRISE
from infra.verifier_asl import MACHINE
from tests.runtime import ServiceDEssai
from tests.workflow.atelier import Execution, regle

TACHES = ("Controler", "Echeance", "Commander")
TOUJOURS = 99
FONCTION = """
def handler(entree, contexte):
    if entree["etat"] == entree["vise"] and entree["essai"] < entree["fois"]:
        raise type(entree["erreur"], (Exception,), {})("voulue")
    return {"statut": "distribuee", "version": 1, "generation": 1, "secondes": 1, "a_commander": False}
"""
DEPART = {
    "Controler": {"statut": "deposee", "a_commander": False},
    "Echeance": {"statut": "en_instruction", "a_commander": False},
    "Commander": {"statut": "validee", "a_commander": True},
}
AVANT = {"Controler": ["SelonStatut"], "Echeance": ["SelonStatut", "Attendre"], "Commander": ["SelonStatut"]}
JUSQU_A_LA_FIN = {
    "Attendre": ["Attendre", "Echeance", "SelonStatut", "Fin"],
    "SelonStatut": ["SelonStatut", "Fin"],
    "SignalerEchec": ["SignalerEchec"],
}


def etats() -> dict[str, Any]:
    return dict(json.loads(MACHINE.read_text())["States"])


def nommees(etat: str) -> list[str]:
    """The errors that the state's Retry names, and one of nobody."""
    noms = [nom for une in etats()[etat]["Retry"] for nom in une["ErrorEquals"] if nom != "States.TaskFailed"]
    return [*noms, "ErreurDePersonne"]


def reprises(etat: str, erreur: str) -> int:
    rang = regle(etats()[etat], "Retry", erreur)
    return 0 if rang is None else int(etats()[etat]["Retry"][rang]["MaxAttempts"])


CAS = [
    (etat, erreur, fois)
    for etat in TACHES
    for erreur in nommees(etat)
    for fois in (1, TOUJOURS)
    if fois == TOUJOURS or reprises(etat, erreur)
]


@pytest.fixture(scope="module")
def lancees(runtime: ServiceDEssai) -> Iterator[dict[tuple[str, str, int], Execution]]:
    """One execution for each case, all at the same time."""
    lambda_, stepfunctions, sorties = runtime.client("lambda"), runtime.client("stepfunctions"), runtime.sorties
    deployee = stepfunctions.describe_state_machine(stateMachineArn=sorties["MachineDemande"])
    role = lambda_.get_function_configuration(FunctionName="permis-workflow-controler")["Role"]
    fonction = lambda_.create_function(
        FunctionName="essai-tache-qui-echoue",
        Runtime="python3.11",
        Handler="tache.handler",
        Role=role,
        Code={"ZipFile": _zip("tache.py", FONCTION)},
    )["FunctionArn"]
    machine = stepfunctions.create_state_machine(
        name="essai-erreurs", definition=_avec(deployee["definition"], fonction), roleArn=deployee["roleArn"]
    )["stateMachineArn"]
    ids = {cas: uuid.uuid4().hex for cas in CAS}
    yield {cas: _lancer(stepfunctions, machine, id_, *cas) for cas, id_ in ids.items()}
    stepfunctions.delete_state_machine(stateMachineArn=machine)
    lambda_.delete_function(FunctionName="essai-tache-qui-echoue")
    dynamodb = runtime.client("dynamodb")
    for id_ in ids.values():
        dynamodb.delete_item(TableName=sorties["TableDemandes"], Key=item({"id": id_, "element": REPRISE}))


def _zip(nom: str, texte: str) -> bytes:
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w") as archive:
        archive.writestr(nom, texte)
    return tampon.getvalue()


def _avec(deployee: str, fonction: str) -> str:
    """The deployed definition without its pauses, ``fonction`` in the place of its tasks."""
    definition = json.loads(deployee)
    for nom in TACHES:
        etat = definition["States"][nom]
        etat["Resource"] = fonction
        etat["Parameters"] = {
            "etat": nom,
            "essai.$": "$$.State.RetryCount",
            **{f"{cle}.$": f"$.{cle}" for cle in ("vise", "erreur", "fois")},
        }
        for une in etat["Retry"]:
            une["IntervalSeconds"] = 0
    return json.dumps(definition)


def _lancer(stepfunctions: Any, machine: str, id_: str, etat: str, erreur: str, fois: int) -> Execution:
    entree = {
        "demande_id": id_,
        "numero": "0",
        "generation": 1,
        "correlation_id": "corr-essai",
        "vise": etat,
        "erreur": erreur,
        "fois": fois,
        "point": {"version": 1, "generation": 1, "secondes": 1, **DEPART[etat]},
    }
    return Execution(
        stepfunctions, stepfunctions.start_execution(stateMachineArn=machine, input=json.dumps(entree))["executionArn"]
    )


@pytest.mark.parametrize(("etat", "erreur", "fois"), CAS)
def test_une_erreur_mene_ou_la_definition_le_dit(
    etat: str, erreur: str, fois: int, lancees: dict[tuple[str, str, int], Execution]
) -> None:
    execution = lancees[etat, erreur, fois]
    definie, essais = etats()[etat], reprises(etat, erreur)
    if fois == TOUJOURS:
        rang = regle(definie, "Catch", erreur)
        assert rang is not None
        suite = definie["Catch"][rang]["Next"]
    else:
        suite = definie["Next"]

    execution.finit("FAILED" if suite == "SignalerEchec" else "SUCCEEDED")

    assert execution.echecs().count(erreur) - _attentes_finies(execution, erreur) == min(fois, 1 + essais)
    if etat == "Echeance" and suite == "SelonStatut":
        assert execution.etats == [*AVANT[etat], etat, "SelonStatut", "Fin"]
    else:
        assert execution.etats == [*AVANT[etat], etat, *JUSQU_A_LA_FIN[suite]]


def _attentes_finies(execution: Execution, erreur: str) -> int:
    """A wait that ends by time says so with the same name as a task that lasts too long."""
    return execution.etats.count("Attendre") if erreur == "States.Timeout" else 0
