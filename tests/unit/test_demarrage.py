"""What a deployed function makes while it starts, before the first call counts its time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

RACINE = Path(__file__).parents[2]
DEMARRER = """
import sys
import app
clients = sys.modules.get("chalicelib.adapters.clients")
print("boto3" in sys.modules, clients.client.cache_info().currsize if clients else 0)
"""


def demarrer(groupe: str, **variables: str) -> str:
    variables |= {"ROUTE_GROUP": groupe, "AWS_DEFAULT_REGION": "eu-west-3", "PATH": os.environ["PATH"]}
    fait = subprocess.run(
        [sys.executable, "-c", DEMARRER], cwd=RACINE, env=variables, capture_output=True, text=True, check=True
    )
    return fait.stdout.strip()


@pytest.mark.parametrize(
    ("groupe", "attendu"),
    [("autorisation", "True 1"), ("steps.adresse", "True 1"), ("referentiel.motifs", "False 0")],
)
def test_une_fonction_fait_son_client_de_tables_en_demarrant(groupe: str, attendu: str) -> None:
    assert demarrer(groupe, AWS_LAMBDA_FUNCTION_NAME="permis-essai") == attendu


def test_hors_d_une_fonction_rien_n_est_fait_d_avance() -> None:
    assert demarrer("autorisation") == "False 0"
