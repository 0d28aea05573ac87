"""A small Step Functions: it interprets the real infra/demande.asl.json, in virtual time, and answers its API.

What the definition uses is here and nothing else: an unknown construct is an error, not a guess. The machine's own
calls (a Lambda, DynamoDB) are made through ``Mains``, where they are numbered and may fail as on AWS.
"""

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

DEFINITION = Path(__file__).parents[2] / "infra" / "demande.asl.json"
PAS_S = 0.05
"""How long a transition takes."""


class EchecDeTache(Exception):
    """A task failed under the name that Retry and Catch know."""

    def __init__(self, nom: str) -> None:
        super().__init__(nom)
        self.nom = nom


class ExecutionTuee(Exception):
    """The execution at work is aborted, as by an operator."""


class Refus(Exception):
    """What the API of Step Functions refuses, by its code."""


class Mains(Protocol):
    """What the machine does outside itself, and its clock."""

    maintenant: datetime

    def plus_tard(self, secondes: float, faire: Callable[[], None]) -> None:
        """Do it then."""

    def invoquer(self, fonction: str, entree: dict[str, Any]) -> Any:
        """Call a Lambda; raises ``EchecDeTache``."""

    def entrer(self, etat: str) -> bool:
        """An execution enters ``etat``; False when it is aborted there."""

    def ecrire(self, parametres: dict[str, Any]) -> None:
        """One dynamodb:updateItem; raises ``EchecDeTache``."""


@dataclass
class Execution:
    """One execution: ``etat`` is where it is, ``attente`` the token that it waits on."""

    nom: str
    entree: str
    donnees: dict[str, Any]
    debut: datetime
    statut: str = "RUNNING"
    fin: datetime | None = None
    etat: str = ""
    attente: str | None = None
    essais: dict[int, int] = field(default_factory=dict)
    parcours: list[str] = field(default_factory=list)


class Automate:
    """The state machine ``definition`` and its executions."""

    def __init__(self, mains: Mains, definition: str | None = None) -> None:
        self.etats: dict[str, dict[str, Any]] = json.loads(definition or DEFINITION.read_text())["States"]
        self._depart: str = json.loads(definition or DEFINITION.read_text())["StartAt"]
        self._mains = mains
        self.executions: dict[str, Execution] = {}
        self._jetons: dict[str, Execution | None] = {}

    # -- the API

    def demarrer(self, nom: str, entree: str) -> Execution:
        """StartExecution: the same name with the same input is the same start; raises ``Refus``."""
        donnees = json.loads(entree)
        connue = self.executions.get(nom)
        if connue is not None:
            if connue.statut == "RUNNING" and connue.entree == entree:
                return connue
            raise Refus("ExecutionAlreadyExists")
        execution = Execution(nom, entree, donnees, self._mains.maintenant)
        self.executions[nom] = execution
        self._entrer(execution, self._depart)
        return execution

    def reussir(self, jeton: str, sortie: str) -> None:
        """SendTaskSuccess; raises ``Refus`` on a token that nothing waits on."""
        if jeton not in self._jetons:
            raise Refus("InvalidToken")
        execution = self._jetons[jeton]
        if execution is None or execution.statut != "RUNNING" or execution.attente != jeton:
            raise Refus("TaskTimedOut")
        self._sortir(execution, self.etats[execution.etat], json.loads(sortie))

    # -- the interpreter

    def _entrer(self, execution: Execution, etat: str) -> None:
        execution.etat, execution.attente, execution.essais = etat, None, {}
        execution.parcours.append(etat)
        if not self._mains.entrer(etat):
            self._finir(execution, "ABORTED")
            return
        self._mains.plus_tard(PAS_S, lambda: self._faire(execution, etat))

    def _faire(self, execution: Execution, nom: str) -> None:
        if execution.statut != "RUNNING" or execution.etat != nom:
            return
        etat = self.etats[nom]
        match etat["Type"]:
            case "Choice":
                self._entrer(execution, self._choisir(etat, execution.donnees))
            case "Succeed":
                self._finir(execution, "SUCCEEDED")
            case "Fail":
                self._finir(execution, "FAILED")
            case "Task":
                self._tacher(execution, etat)
            case autre:
                raise NotImplementedError(autre)

    def _tacher(self, execution: Execution, etat: dict[str, Any]) -> None:
        jeton = f"jeton-{execution.nom}-{len(self._jetons)}"
        contexte = {"Task": {"Token": jeton}, "Execution": {"StartTime": execution.debut.isoformat()}}
        entree = copy.deepcopy(execution.donnees)
        if "Parameters" in etat:
            entree = evaluer(etat["Parameters"], execution.donnees, contexte)
        try:
            if etat["Resource"] == "arn:aws:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken":
                self._jetons[jeton] = execution
                execution.attente = jeton
                self._mains.ecrire(entree)
                delai = lire(execution.donnees, etat["TimeoutSecondsPath"])
                self._mains.plus_tard(delai, lambda: self._expirer(execution, etat, jeton))
                return
            sortie = self._mains.invoquer(etat["Resource"], entree)
        except EchecDeTache as echec:
            self._echouer(execution, etat, echec.nom)
            return
        except ExecutionTuee:
            self._finir(execution, "ABORTED")
            return
        self._sortir(execution, etat, sortie)

    def _expirer(self, execution: Execution, etat: dict[str, Any], jeton: str) -> None:
        if execution.statut == "RUNNING" and execution.attente == jeton:
            self._echouer(execution, etat, "States.Timeout")

    def _sortir(self, execution: Execution, etat: dict[str, Any], sortie: Any) -> None:
        self._ranger(execution, etat.get("ResultPath", "$"), sortie)
        self._entrer(execution, etat["Next"])

    def _echouer(self, execution: Execution, etat: dict[str, Any], erreur: str) -> None:
        if execution.attente is not None:
            self._jetons[execution.attente] = None
            execution.attente = None
        for rang, reprise in enumerate(etat.get("Retry", [])):
            if not _designe(reprise["ErrorEquals"], erreur):
                continue
            faits = execution.essais.get(rang, 0)
            if faits >= reprise.get("MaxAttempts", 3):
                break
            execution.essais[rang] = faits + 1
            # Full jitter draws below this: the longest is the hardest on what follows.
            attente = reprise.get("IntervalSeconds", 1) * reprise.get("BackoffRate", 2.0) ** faits
            attente = min(attente, reprise.get("MaxDelaySeconds", attente))
            self._mains.plus_tard(attente, lambda: self._faire(execution, execution.etat))
            return
        for issue in etat.get("Catch", []):
            if _designe(issue["ErrorEquals"], erreur):
                self._ranger(execution, issue.get("ResultPath", "$"), {"Error": erreur})
                self._entrer(execution, issue["Next"])
                return
        self._finir(execution, "FAILED")

    def _ranger(self, execution: Execution, chemin: str | None, sortie: Any) -> None:
        if chemin is None:
            return
        if not chemin.startswith("$.") or "." in chemin[2:]:
            raise NotImplementedError(chemin)
        execution.donnees = {**execution.donnees, chemin[2:]: sortie}

    def _choisir(self, etat: dict[str, Any], donnees: Mapping[str, Any]) -> str:
        for choix in etat["Choices"]:
            if _vrai(choix, donnees):
                return str(choix["Next"])
        return str(etat["Default"])

    def _finir(self, execution: Execution, statut: str) -> None:
        if execution.attente is not None:
            self._jetons[execution.attente] = None
        execution.statut, execution.fin, execution.attente = statut, self._mains.maintenant, None


def _designe(noms: list[str], erreur: str) -> bool:
    if erreur in noms or "States.ALL" in noms:
        return True
    return "States.TaskFailed" in noms and erreur != "States.Timeout"


def _vrai(regle: Mapping[str, Any], donnees: Mapping[str, Any]) -> bool:
    if "And" in regle:
        return all(_vrai(une, donnees) for une in regle["And"])
    if "Or" in regle:
        return any(_vrai(une, donnees) for une in regle["Or"])
    if "Not" in regle:
        return not _vrai(regle["Not"], donnees)
    valeur = lire(donnees, regle["Variable"])
    for operateur, type_ in (("StringEquals", str), ("BooleanEquals", bool)):
        if operateur in regle:
            return isinstance(valeur, type_) and valeur == regle[operateur]
    raise NotImplementedError(str(regle))


def lire(donnees: Mapping[str, Any], chemin: str) -> Any:
    """The value at ``chemin``, as ``$.point.statut``; an absent one is an error, as on AWS."""
    valeur: Any = donnees
    for nom in chemin.removeprefix("$").strip(".").split("."):
        valeur = valeur[nom] if nom else valeur
    return valeur


def evaluer(modele: Any, donnees: Mapping[str, Any], contexte: Mapping[str, Any]) -> Any:
    """A ``Parameters`` template filled in: members whose name ends with ``.$`` are paths or ``States.Format``."""
    if not isinstance(modele, dict):
        return modele
    rempli: dict[str, Any] = {}
    for nom, valeur in modele.items():
        if nom.endswith(".$"):
            rempli[nom[:-2]] = _expression(valeur, donnees, contexte)
        else:
            rempli[nom] = evaluer(valeur, donnees, contexte)
    return rempli


def _expression(texte: str, donnees: Mapping[str, Any], contexte: Mapping[str, Any]) -> Any:
    if texte.startswith("States.Format('{}', ") and texte.endswith(")"):
        valeur = _expression(texte.removeprefix("States.Format('{}', ")[:-1], donnees, contexte)
        return valeur if isinstance(valeur, str) else json.dumps(valeur)
    if texte.startswith("$$."):
        return lire(contexte, texte[1:])
    if texte.startswith("$."):
        return lire(donnees, texte)
    raise NotImplementedError(texte)
