"""The heads that wait are anchored: the last of each demande, once, whatever is doubled, late, cut or unreadable."""

import itertools
import json
from collections.abc import Sequence

import pytest

from chalicelib.demande.verification import Ancre
from chalicelib.veille.ancrage import ancrer
from tests.fakes.journal import FakeAncres, FakeTetes

UNE, AUTRE = "a" * 32, "b" * 32


def evenement(demande_id: str, rang: int, **champs: str) -> str:
    return json.dumps(
        {
            "evenement_id": f"{demande_id}#{rang}",
            "type": "DemandeDeposee",
            "demande_id": demande_id,
            "rang": rang,
            "empreinte": f"{rang:064x}",
            "correlation_id": "corr-0001",
            "survenu_le": "2026-11-24T10:00:00.000Z",
            **champs,
        }
    )


def ancrees(ancres: FakeAncres, demande_id: str = UNE) -> list[int]:
    return [ancre.rang for ancre in ancres.de(demande_id)]


def test_la_derniere_tete_de_chaque_demande_est_ancree_avec_l_empreinte_du_moment() -> None:
    tetes, ancres = (
        FakeTetes([evenement(UNE, 2), evenement(UNE, 3), evenement(AUTRE, 1), evenement(UNE, 1)]),
        FakeAncres(),
    )
    assert ancrer(tetes, ancres) == {"ancrees": 2}
    assert ancrees(ancres) == [3]
    assert ancres.de(AUTRE)[0].empreinte == f"{1:064x}"
    tetes.revenir()
    assert tetes.en_attente == []


def test_un_evenement_redit_n_ancre_rien_de_plus() -> None:
    tetes, ancres = FakeTetes([evenement(UNE, 2), evenement(UNE, 2)]), FakeAncres()
    ancrer(tetes, ancres)
    assert ancrer(FakeTetes([evenement(UNE, 2)]), ancres) == {"deja": 1}
    assert ancrees(ancres) == [2]


def test_un_message_illisible_est_laisse_a_la_file_d_echecs_sans_retenir_les_autres() -> None:
    tetes, ancres = FakeTetes(["{", evenement(UNE, 2), "[]"]), FakeAncres()
    assert ancrer(tetes, ancres) == {"ancrees": 1, "illisibles": 2}
    tetes.revenir()
    assert [message.texte for message in tetes.en_attente] == ["{", "[]"]


def test_un_evenement_de_compte_ou_d_avant_les_ancres_ne_se_garde_pas() -> None:
    de_compte = {
        "evenement_id": "e1",
        "type": "CodeActivation",
        "compte_id": "c1",
        "correlation_id": "corr-0002",
        "survenu_le": "2026-11-24T10:00:00.000Z",
    }
    sans_empreinte = json.loads(evenement(UNE, 1))
    del sans_empreinte["empreinte"]
    tetes, ancres = FakeTetes([json.dumps(de_compte), json.dumps(sans_empreinte)]), FakeAncres()
    assert ancrer(tetes, ancres) == {}
    tetes.revenir()
    assert tetes.en_attente == []


def test_un_passage_s_arrete_a_l_heure_et_le_suivant_reprend() -> None:
    tetes = FakeTetes([evenement(f"{rang:032x}", 1) for rang in range(1200)])
    ancres = FakeAncres()
    assert ancrer(tetes, ancres, iter([True, False]).__next__) == {"ancrees": 500}
    assert ancrer(tetes, ancres) == {"ancrees": 700}


class Panne(Exception):
    """S3 does not answer."""


class AncresEnPanne(FakeAncres):
    """Fails, before or after having written what it was given, the first ``fois``."""

    def __init__(self, fois: int, apres: bool) -> None:
        super().__init__()
        self._rangs = itertools.count()
        self._fois, self._apres = fois, apres

    def ancrer(self, tetes: Sequence[Ancre]) -> int:
        panne = next(self._rangs) < self._fois
        if panne and not self._apres:
            raise Panne
        neuves = super().ancrer(tetes)
        if panne:
            raise Panne
        return neuves


@pytest.mark.parametrize("apres", [False, True])
def test_une_panne_ne_perd_aucune_tete_et_n_en_double_aucune(apres: bool) -> None:
    tetes, ancres = FakeTetes([evenement(UNE, 2), evenement(AUTRE, 4)]), AncresEnPanne(1, apres)
    with pytest.raises(Panne):
        ancrer(tetes, ancres)
    tetes.revenir()
    ancrer(tetes, ancres)
    assert (ancrees(ancres), ancrees(ancres, AUTRE)) == ([2], [4])
    tetes.revenir()
    assert tetes.en_attente == []
