"""Lint of the state machine: `python -m infra.verifier_asl` prints what is wrong with infra/demande.asl.json.

statelint checks the language and that every state is reached; the rest are our rules:

- each task has a bounded time, a Retry and a Catch of everything; a wait has no Retry, and parks its token only as long
  as nobody has gone further (``generation``) nor left word of something newer (``signale``);
- each error named by a Retry or a Catch is one of AWS, or one of ours that this task's code may let out; each passing
  error that it may let out is tried again, by its own name (Step Functions knows no parent class);
- each Choice has a Default; each ``${…}`` is a function that the build makes or a resource of the template.
"""

import ast
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from statelint.linter import Linter

from infra.erreurs_levees import Source
from infra.politiques import camel

RACINE = Path(__file__).parents[1]
MACHINE = RACINE / "infra" / "demande.asl.json"
PASSAGERES = ("ConflitDeVersion", "ServiceIndisponible")
"""What may succeed a moment later, with the classes under them."""

JETON = "$$.Task.Token"
_REFERENCE = re.compile(r"\$\{(\w+)\}")
_TYPES = {"Task", "Choice", "Succeed", "Fail"}
_ERREURS_AWS = {
    "States.ALL",
    "States.Timeout",
    "States.TaskFailed",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "DynamoDb.ConditionalCheckFailedException",
}


@dataclass(frozen=True)
class Code:
    """What a definition is held against: what ``${…}`` may name, and the errors of ours.

    ``levees``: those that each function may let out; ``passageres``: those to try again.
    """

    references: frozenset[str]
    levees: Mapping[str, frozenset[str]]
    passageres: frozenset[str]


def defauts(definition: str, code: Code) -> list[str]:
    """What is wrong with a definition."""
    machine = json.loads(definition)
    # statelint wants ARNs where the deployment puts them.
    trouves = [str(p) for p in Linter.validate(json.loads(_REFERENCE.sub("arn:aws:lambda:::function:x", definition)))]
    if not isinstance(machine.get("TimeoutSeconds"), int):
        trouves.append("la machine : TimeoutSeconds manque")
    for nom, etat in machine["States"].items():
        trouves += [f"{nom} : {defaut}" for defaut in _de_l_etat(etat, code)]
    references = set(_REFERENCE.findall(definition))
    trouves += [f"${{{r}}} : aucune fonction ni table de ce nom" for r in sorted(references - code.references)]
    return trouves


def _de_l_etat(etat: Mapping[str, Any], code: Code) -> Iterator[str]:
    if etat["Type"] not in _TYPES:
        # A Wait, a Map or a Parallel would need rules of its own.
        yield f"type {etat['Type']} non prévu"
    if etat["Type"] == "Choice" and "Default" not in etat:
        yield "Default manque"
    if etat["Type"] == "Task":
        attente = "waitForTaskToken" in etat["Resource"]
        yield from _de_la_tache(etat)
        yield from _de_l_attente(etat) if attente else _de_la_fonction(etat)
        yield from _des_erreurs(etat, code)


def _de_la_tache(etat: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(etat.get("TimeoutSeconds"), int) and "TimeoutSecondsPath" not in etat:
        yield "TimeoutSeconds manque"
    if not any("States.ALL" in regle["ErrorEquals"] for regle in etat.get("Catch", ())):
        yield "aucun Catch de States.ALL"


def _de_la_fonction(etat: Mapping[str, Any]) -> Iterator[str]:
    if not etat.get("Retry"):
        yield "Retry manque"


def _de_l_attente(etat: Mapping[str, Any]) -> Iterator[str]:
    """A wait that ends by time goes on to what reads the demande again (DESIGN §5)."""
    if "Retry" in etat:
        yield "une attente ne se reprend pas : son Catch mène ailleurs"
    if not any("States.Timeout" in regle["ErrorEquals"] for regle in etat.get("Catch", ())):
        yield "aucun Catch de States.Timeout"
    parametres = etat.get("Parameters", {})
    if JETON not in json.dumps(parametres):
        yield "le jeton n'est déposé nulle part"
    for champ in ("generation", "signale"):
        if not re.search(rf"\b{champ} <= :", parametres.get("ConditionExpression", "")):
            yield f"aucune condition sur {champ}"


def _des_erreurs(etat: Mapping[str, Any], code: Code) -> Iterator[str]:
    fonction = _REFERENCE.fullmatch(etat["Resource"])
    levees = code.levees.get(fonction[1], frozenset()) if fonction else frozenset()
    reprises = [regle for regle in etat.get("Retry", ()) if regle.get("MaxAttempts", 3) > 0]
    nommees = {e for regle in (*etat.get("Retry", ()), *etat.get("Catch", ())) for e in regle["ErrorEquals"]}
    yield from (f"l'erreur {e} n'est jamais levée" for e in sorted(nommees - _ERREURS_AWS - levees))
    reprises_par_nom = {e for regle in reprises for e in regle["ErrorEquals"]}
    yield from (f"l'erreur {e} n'est pas reprise" for e in sorted((levees & code.passageres) - reprises_par_nom))


def code_du_depot() -> Code:
    """The functions of app.py's list and what each task lets out, the resources of the template."""
    module = ast.parse((RACINE / "app.py").read_text())
    groupes = next(
        ast.literal_eval(n.value)
        for n in module.body
        if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "GROUPES"
    )
    ressources = json.loads((RACINE / "infra" / "resources.json").read_text())["Resources"]
    source = Source()
    levees = {
        camel(groupe): frozenset(source.levees(f"chalicelib.{groupe}"))
        for groupe in groupes
        if groupe.startswith("workflow.")
    }
    references = frozenset({camel(groupe) for groupe in groupes} | set(ressources))
    return Code(references, levees, frozenset(source.sous(*PASSAGERES)))


def main() -> int:
    """Print the defects of the committed definition; 1 when there are any."""
    trouves = defauts(MACHINE.read_text(), code_du_depot())
    for defaut in trouves:
        print(f"{MACHINE.name}: {defaut}", file=sys.stderr)
    return 1 if trouves else 0


if __name__ == "__main__":
    sys.exit(main())
