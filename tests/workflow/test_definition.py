"""The state machine's definition: it lints, and the lint sees each kind of defect."""

import json
from typing import Any

import pytest

from infra.verifier_asl import MACHINE, classes, defauts, references_possibles

ERREURS = {"ConflitDeVersion", "DemandeInconnue", "ServiceIndisponible"}
FONCTIONS = {"WorkflowPrendreEnControle"}


def definition() -> dict[str, Any]:
    return dict(json.loads(MACHINE.read_text()))


def test_la_definition_est_sans_defaut() -> None:
    assert defauts(MACHINE.read_text(), classes(), references_possibles()) == []


@pytest.mark.parametrize("cle", ["TimeoutSeconds", "Retry", "Catch"])
def test_une_tache_sans_borne_ni_reprise_ni_issue_est_vue(cle: str) -> None:
    abimee = definition()
    del abimee["States"]["PrendreEnControle"][cle]

    assert f"PrendreEnControle : {cle} manque" in defauts(json.dumps(abimee), ERREURS, FONCTIONS)


def test_une_erreur_qui_n_existe_pas_dans_le_code_est_vue() -> None:
    abimee = definition()
    abimee["States"]["PrendreEnControle"]["Retry"][0]["ErrorEquals"] = ["DemandePerdue"]

    assert defauts(json.dumps(abimee), ERREURS, FONCTIONS) == [
        "PrendreEnControle : l'erreur DemandePerdue n'existe pas dans le code"
    ]


def test_une_fonction_qui_n_existe_pas_est_vue() -> None:
    abimee = MACHINE.read_text().replace("${WorkflowPrendreEnControle}", "${WorkflowAutre}")

    assert defauts(abimee, ERREURS, FONCTIONS) == ["${WorkflowAutre} : aucune fonction ni table de ce nom"]


def test_un_etat_suivant_absent_est_vu() -> None:
    abimee = definition()
    abimee["States"]["PrendreEnControle"]["Next"] = "Ailleurs"

    assert any("Ailleurs" in defaut for defaut in defauts(json.dumps(abimee), ERREURS, FONCTIONS))
