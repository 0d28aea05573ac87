"""The command that lets the first chef of a service in."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.http import Identite
from infra import habiliter_chef
from tests.appel import appeler, autoriser
from tests.contract.tables import aws_simule
from tests.contract.test_habilitations_http import ACCES, NOUVEAU, code_recu

CHEF = ("claire.chef", "Claire", "Chef", "claire.chef@prefecture.example", "0383000009", "543", "751")


@pytest.fixture(autouse=True)
def _aws() -> Iterator[None]:
    with aws_simule():
        yield


def test_un_premier_chef_choisit_son_mot_de_passe_puis_habilite_ses_agents(capsys: pytest.CaptureFixture[str]) -> None:
    assert [habiliter_chef.main(CHEF) for _ in range(2)] == [0, 0]
    assert "543, 751" in capsys.readouterr().out
    compte_id = wiring.comptes().resoudre("claire.chef") or ""
    activation = {"identifiant": "claire.chef", "code": code_recu(compte_id), **ACCES}
    assert appeler("POST", "/comptes/activation", corps=activation).statut == 204
    ouverture = {"identifiant": "claire.chef", "mot_de_passe": ACCES["mot_de_passe"]}
    chef: Identite | None = autoriser(appeler("POST", "/sessions", corps=ouverture).corps["jeton"])
    assert chef is not None and (chef.role, chef.autorites) == ("chef", ("543", "751"))
    assert appeler("POST", "/instruction/agents", corps=NOUVEAU, identite=chef).statut == 201
    assert len(_equipe(chef)) == 2


@pytest.mark.parametrize(
    ("arguments", "dit"),
    [
        ((*CHEF[:-2], "000"), "autorité inconnue : 000"),
        ((*CHEF[:3], "pas une adresse", *CHEF[4:]), "email"),
    ],
)
def test_ce_qui_est_faux_est_dit_et_n_ouvre_rien(
    arguments: tuple[str, ...], dit: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert habiliter_chef.main(arguments) == 1
    assert dit in capsys.readouterr().out
    ouverture = {"identifiant": "claire.chef", "mot_de_passe": "personne"}
    assert appeler("POST", "/sessions", corps=ouverture).statut == 401


def _equipe(chef: Identite) -> list[Any]:
    vus: list[Any] = appeler("GET", "/instruction/agents", identite=chef).corps["elements"]
    return vus
