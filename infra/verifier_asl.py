"""Lint of the state machine: `python -m infra.verifier_asl` prints what is wrong with infra/demande.asl.json.

statelint checks the language; the rest are our rules: each task has a bounded time, a Retry and a Catch, each named
error is a class of the code (or of AWS), each `${Function}` is one that the build makes.
"""

import ast
import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from statelint.linter import Linter

from infra.politiques import camel

RACINE = Path(__file__).parents[1]
MACHINE = RACINE / "infra" / "demande.asl.json"
_REFERENCE = re.compile(r"\$\{(\w+)\}")
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


def defauts(definition: str, erreurs: Iterable[str], fonctions: Iterable[str]) -> list[str]:
    """What is wrong with a definition, given the error classes of the code and the logical ids of the functions."""
    connues, existantes = set(erreurs) | _ERREURS_AWS, set(fonctions)
    # statelint wants ARNs where the deployment puts them.
    trouves = [str(p) for p in Linter.validate(json.loads(_REFERENCE.sub("arn:aws:lambda:::function:x", definition)))]
    for nom, etat in _taches(json.loads(definition)["States"]):
        # A token state is never retried: a wait that ends by its timeout goes on to a Choice (DESIGN §5).
        requis = ("Catch",) if "waitForTaskToken" in etat["Resource"] else ("Retry", "Catch")
        trouves += [f"{nom} : {cle} manque" for cle in requis if not etat.get(cle)]
        if not isinstance(etat.get("TimeoutSeconds"), int) and "TimeoutSecondsPath" not in etat:
            trouves.append(f"{nom} : TimeoutSeconds manque")
        nommees = {e for regle in (*etat.get("Retry", ()), *etat.get("Catch", ())) for e in regle["ErrorEquals"]}
        trouves += [f"{nom} : l'erreur {e} n'existe pas dans le code" for e in sorted(nommees - connues)]
        if not any("States.ALL" in regle["ErrorEquals"] for regle in etat.get("Catch", ())):
            trouves.append(f"{nom} : aucun Catch de States.ALL")
    references = set(_REFERENCE.findall(definition))
    trouves += [f"${{{r}}} : aucune fonction ni table de ce nom" for r in sorted(references - existantes)]
    return trouves


def _taches(etats: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for nom, etat in etats.items():
        if etat["Type"] == "Task":
            yield nom, etat
        for branche in [*etat.get("Branches", ()), *(etat[c] for c in ("Iterator", "ItemProcessor") if c in etat)]:
            yield from _taches(branche["States"])


def classes(racine: Path = RACINE / "chalicelib") -> set[str]:
    """The names of the classes that the code of ``racine`` defines."""
    return {
        noeud.name
        for fichier in racine.rglob("*.py")
        for noeud in ast.walk(ast.parse(fichier.read_text()))
        if isinstance(noeud, ast.ClassDef)
    }


def references_possibles() -> set[str]:
    """The logical ids that ``${…}`` may name: the functions of app.py's list, the resources of the template."""
    module = ast.parse((RACINE / "app.py").read_text())
    groupes = next(
        ast.literal_eval(n.value)
        for n in module.body
        if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "GROUPES"
    )
    ressources = json.loads((RACINE / "infra" / "resources.json").read_text())["Resources"]
    return {camel(groupe) for groupe in groupes} | set(ressources)


def main() -> int:
    """Print the defects of the committed definition; 1 when there are any."""
    trouves = defauts(MACHINE.read_text(), classes(), references_possibles())
    for defaut in trouves:
        print(f"{MACHINE.name}: {defaut}", file=sys.stderr)
    return 1 if trouves else 0


if __name__ == "__main__":
    sys.exit(main())
