"""What the tests of the running machine share: demandes set at any point of their life, executions, their coverage."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from chalicelib import wiring
from chalicelib.adapters.demandes_dynamodb import DEMANDE, DemandesDynamoDB
from chalicelib.adapters.dynamo import item
from chalicelib.adapters.reprises_dynamodb import ReprisesDynamoDB
from chalicelib.demande.instants import ecrire
from chalicelib.demande.machine import point
from chalicelib.demande.modeles import Demande, Statut
from demo.client import Client, attendre
from infra.verifier_asl import MACHINE
from tests.dossiers import prete
from tests.runtime import ServiceDEssai

JOUR_S = 86400.0
DEFINITION: dict[str, Any] = json.loads(MACHINE.read_text())


class Execution:
    """One execution, looked at from outside."""

    def __init__(self, stepfunctions: Any, arn: str) -> None:
        self._stepfunctions = stepfunctions
        self.arn = arn

    @property
    def statut(self) -> str:
        return str(self.decrite["status"])

    @property
    def decrite(self) -> dict[str, Any]:
        return dict(self._stepfunctions.describe_execution(executionArn=self.arn))

    @property
    def histoire(self) -> list[dict[str, Any]]:
        return list(self._stepfunctions.get_execution_history(executionArn=self.arn, maxResults=1000)["events"])

    @property
    def etats(self) -> list[str]:
        """The states entered, in order."""
        return [e["stateEnteredEventDetails"]["name"] for e in self.histoire if "stateEnteredEventDetails" in e]

    def echecs(self) -> list[str]:
        """The errors of the tries that failed, in order."""
        return [cause["error"] for cause in self.causes()]

    def causes(self) -> list[dict[str, Any]]:
        """What the tries that failed said."""
        return [e["taskFailedEventDetails"] for e in self.histoire if "taskFailedEventDetails" in e]

    def passe(self, *etats: str) -> None:
        """Wait for just these states, then stop where the last one is."""
        attendre(lambda: self.etats, lambda lus: len(lus) >= len(etats), f"les états {etats}", pause_s=0.05)
        assert self.etats == list(etats), self.causes()

    def finit(self, statut: str = "SUCCEEDED") -> dict[str, Any]:
        """Wait for its end."""
        finie = attendre(lambda: self.decrite, lambda lue: lue["status"] != "RUNNING", "la fin", pause_s=0.05)
        assert finie["status"] == statut, self.causes()
        return finie


class Atelier:
    """The running service, with demandes of its own; ``executions`` are all those that it has looked at."""

    def __init__(self, service: ServiceDEssai) -> None:
        self.service = service
        self.executions: list[Execution] = []
        self.client = Client(service.url)
        self.dynamodb, self.stepfunctions = service.client("dynamodb"), service.client("stepfunctions")
        sorties = service.sorties
        self.table = sorties["TableDemandes"]
        self.demandes = DemandesDynamoDB(self.dynamodb, self.table, sorties["TableJournal"], sorties["TableTimbres"])
        self.reprises = ReprisesDynamoDB(self.dynamodb, self.table)
        self._siennes: list[Execution] = []
        self._demandes: list[Demande] = []

    def demande(self, statut: Statut, **champs: Any) -> Demande:
        """A demande in this statut, as its life would have left it, followed by nobody."""
        maintenant = ecrire(datetime.now(UTC))
        defaut: dict[str, Any] = {
            "id": wiring.nouvelle_cle(),
            "numero": wiring.nouveau_numero(),
            "statut": statut,
            "deposee_le": maintenant,
            "autorite": "543",
            "paiement": None,
            "veille": None,
            "veille_le": None,
        }
        demande = prete(**{**defaut, **champs})
        self.demandes.creer(demande)
        self._demandes.append(demande)
        return demande

    def demarrer(self, demande: Demande, *, generation: int | None = None, **du_point: Any) -> Execution:
        """Start the execution that follows ``demande``, told of it what is said here."""
        sue = point(demande, datetime.now(UTC), JOUR_S).model_dump()
        numero_d_execution = generation or demande.generation
        entree = {
            "demande_id": demande.id,
            "numero": demande.numero,
            "generation": numero_d_execution,
            "correlation_id": "corr-essai",
            "point": {**sue, "generation": numero_d_execution, **du_point},
        }
        lancee = self.stepfunctions.start_execution(
            stateMachineArn=self.service.sorties["MachineDemande"],
            name=f"{demande.numero}-{numero_d_execution}",
            input=json.dumps(entree),
        )
        return self._suivre(lancee["executionArn"])

    def execution(self, demande: Demande, generation: int = 1) -> Execution:
        """The execution that somebody else started, once it is there."""
        machine = self.service.sorties["MachineDemande"].replace(":stateMachine:", ":execution:")
        suivie = self._suivre(f"{machine}:{demande.numero}-{generation}")

        def existe() -> bool:
            try:
                return bool(suivie.statut)
            except self.stepfunctions.exceptions.ExecutionDoesNotExist:
                return False

        attendre(existe, bool, f"l'exécution {generation}", pause_s=0.05)
        return suivie

    def attend(self, demande: Demande, generation: int = 1) -> str:
        """The token parked for ``demande``, once there, with what it knows."""
        parquee = attendre(
            lambda: self.reprises.lire(demande.id),
            lambda lue: lue.jeton is not None and lue.generation == generation,
            "le jeton",
            pause_s=0.05,
        )
        assert parquee.jeton is not None
        return parquee.jeton

    def reveiller(self, demande: Demande) -> None:
        """End its wait with what the demande now is, as a signal does."""
        actuelle = self.demandes.lire(demande.id)
        sortie = point(actuelle, datetime.now(UTC), JOUR_S).model_dump_json()
        self.stepfunctions.send_task_success(taskToken=self.attend(demande), output=sortie)

    def lire(self, demande: Demande) -> Demande:
        return self.demandes.lire(demande.id)

    def evenements(self, demande: Demande) -> list[str]:
        return [entree.evenement for entree in self.demandes.journal(demande.id)]

    def corriger(self, demande: Demande, **champs: Any) -> None:
        """Write attributes behind everybody's back; the version grows."""
        self.dynamodb.update_item(
            TableName=self.table,
            Key=item({"id": demande.id, "element": DEMANDE}),
            UpdateExpression="SET " + ", ".join(["version = version + :un", *(f"#{n} = :{n}" for n in champs)]),
            ExpressionAttributeValues=item({":un": 1, **{f":{nom}": valeur for nom, valeur in champs.items()}}),
            **({"ExpressionAttributeNames": {f"#{nom}": nom for nom in champs}} if champs else {}),
        )

    def appeler(self, groupe: str, entree: dict[str, Any]) -> Any:
        """Invoke the function of ``groupe``, under its role; a raised error comes back as {"errorType": …}."""
        nom = "permis-" + groupe.replace(".", "-").replace("_", "-")
        reponse = self.service.client("lambda").invoke(FunctionName=nom, Payload=json.dumps(entree))
        return json.loads(reponse["Payload"].read())

    def regler(self, service: str, mode: str, delai_s: float = 0) -> None:
        """How an outside system behaves from now on."""
        self.client.appeler("POST", "/dev/pannes", {"service": service, "mode": mode, "delai_s": delai_s})

    def commandes(self, demande: Demande) -> list[dict[str, Any]]:
        """The orders that the printer took for it."""
        return list(self.client.appeler("GET", f"/dev/production/{demande.numero}"))

    def oublier(self, demande: Demande) -> None:
        """As if it had never been; nothing must have been told of it."""
        self.dynamodb.delete_item(TableName=self.table, Key=item({"id": demande.id, "element": DEMANDE}))

    def clore(self, *demandes: Demande) -> None:
        """End them behind everybody's back."""
        for demande in demandes:
            with suppress(self.dynamodb.exceptions.ConditionalCheckFailedException):
                self.dynamodb.update_item(
                    TableName=self.table,
                    Key=item({"id": demande.id, "element": DEMANDE}),
                    UpdateExpression="SET version = version + :un, statut = :retiree, motif = :motif"
                    " REMOVE veille, veille_le, echeance",
                    ConditionExpression="attribute_exists(id)",
                    ExpressionAttributeValues=item({":un": 1, ":retiree": Statut.RETIREE, ":motif": demande.motif}),
                )

    def ranger(self) -> None:
        """Stop what runs and close the demandes, readable again: the reconciler and the senders are done with them."""
        for execution in self._siennes:
            if execution.statut == "RUNNING":
                self.stepfunctions.stop_execution(executionArn=execution.arn)
        self.clore(*self._demandes)
        self._siennes, self._demandes = [], []

    def _suivre(self, arn: str) -> Execution:
        execution = Execution(self.stepfunctions, arn)
        self._siennes.append(execution)
        self.executions.append(execution)
        return execution


def branches() -> set[str]:
    """All that an execution of the definition may do: states, choices, outcomes of tasks, each Retry and Catch."""
    toutes: set[str] = set(DEFINITION["States"])
    for nom, etat in DEFINITION["States"].items():
        for choix in etat.get("Choices", []):
            toutes |= {f"{nom} -> {choix['Next']}{cas}" for cas in _cas(choix)}
        if "Default" in etat:
            toutes.add(f"{nom} -> {etat['Default']} (Default)")
        if "Next" in etat:
            toutes.add(f"{nom} -> {etat['Next']}")
        toutes |= {f"{nom} : Retry {rang}" for rang, _ in enumerate(etat.get("Retry", []))}
        toutes |= {f"{nom} : Catch {rang} -> {c['Next']}" for rang, c in enumerate(etat.get("Catch", []))}
    return toutes


def prises(histoire: list[dict[str, Any]]) -> Iterator[str]:
    """The branches that an execution took, from its history."""
    entrees = [
        (rang, e["stateEnteredEventDetails"]) for rang, e in enumerate(histoire) if "stateEnteredEventDetails" in e
    ]
    bornes = [rang for rang, _ in entrees[1:]] + [len(histoire)]
    suites = [entree["name"] for _, entree in entrees[1:]] + [""]
    for (debut, entree), borne, suite in zip(entrees, bornes, suites, strict=True):
        nom, etat = entree["name"], DEFINITION["States"][entree["name"]]
        yield nom
        echecs = [e["taskFailedEventDetails"]["error"] for e in histoire[debut:borne] if "taskFailedEventDetails" in e]
        yield from (f"{nom} : Retry {rang}" for echec in echecs if (rang := regle(etat, "Retry", echec)) is not None)
        if not suite:
            continue
        if etat["Type"] == "Choice":
            statut = json.loads(entree["input"])["point"]["statut"]
            cas = {f"{nom} -> {c['Next']}{un}" for c in etat["Choices"] for un in _cas(c) if c["Next"] == suite}
            yield from cas if len(cas) == 1 else {un for un in cas if f"({statut})" in un}
            if not cas:
                yield f"{nom} -> {suite} (Default)"
        elif any("taskSucceededEventDetails" in e for e in histoire[debut:borne]):
            yield f"{nom} -> {suite}"
        elif echecs:
            yield f"{nom} : Catch {regle(etat, 'Catch', echecs[-1])} -> {suite}"


def _cas(choix: dict[str, Any]) -> list[str]:
    return [f" ({un['StringEquals']})" for un in choix.get("Or", [])] or [""]


def regle(etat: dict[str, Any], genre: str, erreur: str) -> int | None:
    """The rank of the first rule that names ``erreur``, as Step Functions looks for it."""
    for rang, regle in enumerate(etat.get(genre, [])):
        noms = regle["ErrorEquals"]
        if erreur in noms or "States.ALL" in noms or ("States.TaskFailed" in noms and erreur != "States.Timeout"):
            return rang
    return None
