"""Every published operation under generated input: never a 5xx, and always what the OpenAPI document says."""

import json
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

import chalicelib.referentiel
from demo.client import Client
from demo.guichet import Guichet
from tests.e2e.outils import INCONNU, photo

DOCUMENT = json.loads((Path(chalicelib.referentiel.__file__).parent / "openapi.json").read_text())
# Without a body to fuzz, and they end the session that the others need.
FIN_DE_SESSION = {
    ("post", "/api/sessions/renouvellement"),
    ("delete", "/api/sessions/courante"),
    ("delete", "/api/comptes/moi"),
}
OPERATIONS = [
    (methode, chemin)
    for chemin, operations in DOCUMENT["paths"].items()
    for methode in operations
    if methode in {"get", "put", "post", "delete"} and (methode, chemin) not in FIN_DE_SESSION
]
VERIFICATIONS: list[Any] = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]

REGLAGES = hypothesis.settings(
    derandomize=True,
    database=None,
    phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
    suppress_health_check=list(hypothesis.HealthCheck),
)


@pytest.fixture(scope="module")
def cible(client: Client) -> dict[str, str]:
    """The path parameters of a demande that exists, with one pièce; the accounts are left alone."""
    demande_id = client.creer_demande("perte")["id"]
    client.joindre(demande_id, "identite", photo())
    piece_id = client.demande(demande_id)["pieces"][0]["piece_id"]
    return {"id": demande_id, "piece_id": piece_id, "n": "1", "compte_id": INCONNU, "recherche_id": INCONNU}


@pytest.fixture(scope="module")
def clients(client: Client, url: str) -> dict[str, Client]:
    """Who calls, by role."""
    return {"usager": client, "chef": Guichet(url).entrer("chef.543"), "ctn": Guichet(url).entrer("ctn.543")}


def test_le_document_servi_est_celui_du_depot(anonyme: Client) -> None:
    assert anonyme.appeler("GET", "/api/openapi.json") == DOCUMENT


def _a_des_entrees(methode: str, chemin: str) -> bool:
    operation = DOCUMENT["paths"][chemin][methode]
    return bool(operation.get("requestBody") or operation.get("parameters"))


@pytest.mark.parametrize(
    ("methode", "chemin", "mode", "exemples"),
    [
        pytest.param(methode, chemin, mode, exemples, id=f"{methode} {chemin} {mode.value} {exemples}", marks=marques)
        for exemples, marques in ((12, ()), (150, pytest.mark.long))
        for methode, chemin in OPERATIONS
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
        if mode is GenerationMode.POSITIVE or _a_des_entrees(methode, chemin)
    ],
)
def test_une_operation_tient_ce_qui_est_publie(
    clients: dict[str, Client], cible: dict[str, str], methode: str, chemin: str, mode: GenerationMode, exemples: int
) -> None:
    """With input that the document allows, and with input that it does not, which must then be refused."""
    operation = schemathesis.openapi.from_dict(DOCUMENT)[chemin][methode]
    roles = DOCUMENT["paths"][chemin][methode]["x-roles"]
    client = clients[next((role for role in clients if role in roles), "usager")]
    entetes = {"Authorization": f"Bearer {client.jeton}"}

    verifications = VERIFICATIONS + ([negative_data_rejection] if mode is GenerationMode.NEGATIVE else [])

    @hypothesis.settings(REGLAGES, max_examples=exemples)
    @hypothesis.given(operation.as_strategy(generation_mode=mode), hypothesis.strategies.integers(0, 3))
    def essayer(case: Any, tirage: int) -> None:
        if case.path_parameters:
            # Three times out of four the demande exists; what would withdraw it does not reach it.
            if methode == "delete":
                case.path_parameters = dict.fromkeys(case.path_parameters, INCONNU)
            elif tirage:
                case.path_parameters = {nom: cible[nom] for nom in case.path_parameters}
        case.call_and_validate(base_url=client.url, headers=entetes, checks=verifications, timeout=30)

    essayer()
