"""The command that verifies journals, over the real store (moto): it says what is wrong, and never that all is well."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.adapters.clients import client
from chalicelib.demande.verification import Ancre
from infra import verifier_journal
from tests.contract.tables import aws_simule
from tests.contract.test_historique_http import falsifier, reecrire_la_tete, tronquer, vivre
from tests.contract.test_journal import creer_le_coffre
from tests.dossiers import DEMANDE_ID, brouillon

NUMERO = "12441542134215461243643"
SORTIES = {"TableDemandes": "permis-demandes", "TableJournal": "permis-journal", "BucketAncres": "permis-ancres"}


@pytest.fixture(autouse=True)
def dynamodb() -> Iterator[Any]:
    with aws_simule() as client_:
        creer_le_coffre()
        pile = {
            "Resources": {"Temoin": {"Type": "AWS::SQS::Queue"}},
            "Outputs": {nom: {"Value": valeur} for nom, valeur in SORTIES.items()},
        }
        client("cloudformation").create_stack(StackName="permis", TemplateBody=json.dumps(pile))
        yield client_


def lancer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str]]:
    code = verifier_journal.main(arguments)
    return code, capsys.readouterr().out.splitlines()


def ancrer(*rangs: int) -> None:
    entrees = wiring.journal().chaine(DEMANDE_ID).entrees
    wiring.ancres().ancrer([Ancre(DEMANDE_ID, rang, entrees[rang - 1]["empreinte"]) for rang in rangs])


@pytest.mark.parametrize("par", [DEMANDE_ID, NUMERO])
def test_une_chaine_intacte_le_dit_et_jusqu_ou_elle_est_prouvee(par: str, capsys: pytest.CaptureFixture[str]) -> None:
    vivre()
    assert lancer(capsys, par) == (
        0,
        [f"demande {DEMANDE_ID} : intacte, 2 entrées, jamais ancrée : un recalcul complet ne se verrait pas"],
    )
    ancrer(1)
    assert "jusqu'à l'entrée 1" in lancer(capsys, par)[1][0]
    ancrer(2)
    assert lancer(capsys, par)[1] == [
        f"demande {DEMANDE_ID} : intacte, 2 entrées, comparée à 2 ancre(s), jusqu'à la dernière entrée"
    ]


def test_ce_qui_est_faux_est_dit_ou_et_pourquoi(dynamodb: Any, capsys: pytest.CaptureFixture[str]) -> None:
    vivre()
    falsifier(dynamodb, 1, auteur_id="un-autre")
    code, lignes = lancer(capsys, DEMANDE_ID)
    assert code == 1
    assert "ROMPUE" in lignes[0]
    assert lignes[1:] == ["  - L'entrée 1 n'est plus telle qu'elle a été écrite. [entree_modifiee]"]


def test_l_audit_de_tout_ne_cite_que_ce_qui_est_faux(dynamodb: Any, capsys: pytest.CaptureFixture[str]) -> None:
    vivre()
    wiring.demandes().creer(brouillon(id="c" * 32))
    ancrer(2)
    assert lancer(capsys, "--tout") == (0, ["1 chaînes : 0 rompues, 0 dont la fin n'est pas encore ancrée"])
    tronquer(dynamodb, 2)
    reecrire_la_tete(dynamodb, 1, wiring.journal().chaine(DEMANDE_ID).entrees[0]["empreinte"])
    code, lignes = lancer(capsys, "--tout")
    assert code == 1
    assert lignes[0].startswith(f"demande {DEMANDE_ID} : ROMPUE, 1 entrée,")
    assert lignes[-1] == "1 chaînes : 1 rompues, 0 dont la fin n'est pas encore ancrée"


def test_l_audit_de_tout_voit_une_demande_dont_il_ne_reste_qu_une_ancre(
    dynamodb: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    vivre()
    ancrer(2)
    tronquer(dynamodb, 1)
    tronquer(dynamodb, 2)
    dynamodb.delete_item(TableName="permis-demandes", Key={"id": {"S": DEMANDE_ID}, "element": {"S": "DEMANDE"}})
    code, lignes = lancer(capsys, "--tout")
    assert code == 1
    assert "[demande_absente]" in lignes[1]


def test_une_demande_que_rien_ne_connait_n_est_pas_dite_intacte_sans_un_mot(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert verifier_journal.main(["f" * 32]) == 2
    assert verifier_journal.main(["9" * 23]) == 2
    assert "numéro" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], [DEMANDE_ID, "--tout"]])
def test_il_faut_dire_quoi_verifier(arguments: list[str]) -> None:
    with pytest.raises(SystemExit):
        verifier_journal.main(arguments)
