"""The access paths declared in one place are those of the template, and the keys that lead to a demande."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.demande.index import (
    FORME_MAX,
    INDEX,
    Fiche,
    cles_de_recherche,
    ecrire_fiche,
    forme_de_recherche,
    lire_fiche,
)
from chalicelib.demande.modeles import EtatCivil, Motif
from tests.dossiers import ETAT_CIVIL, brouillon, prete

MODELE = Path(__file__).parents[3] / "infra" / "resources.json"


def test_le_gabarit_a_les_index_declares_et_nuls_autres() -> None:
    proprietes = json.loads(MODELE.read_text())["Resources"]["TableDemandes"]["Properties"]
    du_gabarit = {
        un["IndexName"]: (
            tuple(element["AttributeName"] for element in un["KeySchema"]),
            tuple(un["Projection"].get("NonKeyAttributes", ())),
        )
        for un in proprietes["GlobalSecondaryIndexes"]
    }
    assert du_gabarit == {nom: (index.cle, index.projette) for nom, index in INDEX.items()}


@pytest.mark.parametrize(
    ("nom", "forme"),
    [
        ("Corneille", "CORNEILLE"),
        ("Œuvrard", "OEUVRARD"),
        ("d'Arcy", "D ARCY"),
        ("L’Hermitte", "L HERMITTE"),
        ("Anne-Marie", "ANNE MARIE"),
        ("  Müller -- Groß ", "MULLER GROSS"),
        ("É", "E"),
        ("-", ""),
    ],
)
def test_la_forme_de_recherche_oublie_accents_casse_et_ponctuation(nom: str, forme: str) -> None:
    assert forme_de_recherche(nom) == forme


@given(st.text(max_size=200))
def test_la_forme_de_recherche_est_stable_et_bornee(texte: str) -> None:
    forme = forme_de_recherche(texte)
    assert forme_de_recherche(forme) == forme
    assert forme_de_recherche(texte.upper().lower()) == forme_de_recherche(texte.lower().upper().lower())
    assert len(forme) <= FORME_MAX


def test_une_cle_d_index_tient_dans_ses_1024_octets_quels_que_soient_les_prenoms() -> None:
    etat_civil = {**ETAT_CIVIL, "nom_naissance": "Ñ" * 100, "prenoms": ["É" * 100] * 15, "nom_usage": "Ж" * 100}
    cles = cles_de_recherche(prete(etat_civil=EtatCivil.model_validate(etat_civil)))
    assert all(len(cle.encode()) <= 1024 for nom, cle in cles.items() if nom != "fiche")


def test_les_cles_d_une_demande() -> None:
    etat_civil = {
        **ETAT_CIVIL,
        "nom_naissance": "de l'Épée",
        "nom_usage": "Œuvrard",
        "prenoms": ["Anne-Marie", "Zoé"],
        "numero_dossier": "13572A7654",
    }
    demande = prete(
        etat_civil=EtatCivil.model_validate(etat_civil), numero="1" * 23, deposee_le="2026-11-24T10:00:00.000Z"
    )
    cles = cles_de_recherche(demande)
    fiche = cles.pop("fiche")
    assert cles == {
        "autorite": "543",
        "nom_recherche": "DE L EPEE ANNE MARIE ZOE",
        "usage_recherche": "OEUVRARD ANNE MARIE ZOE",
        "naissance": "1956-01-01",
        "autorite_nom": "543#DE L EPEE ANNE MARIE ZOE",
        "numero_dossier": "13572A7654",
    }
    assert lire_fiche(fiche).prenoms == ("Anne-Marie", "Zoé")


def test_ce_qu_une_demande_n_a_pas_n_est_pas_dans_ses_cles() -> None:
    assert not {"usage_recherche", "numero_dossier"} & set(cles_de_recherche(prete()))


def test_un_brouillon_vide_n_a_pas_de_cles() -> None:
    with pytest.raises(ValueError):
        cles_de_recherche(brouillon())


def test_la_fiche_se_relit_telle_qu_elle_a_ete_ecrite() -> None:
    fiche = Fiche(
        "1" * 23,
        None,
        "2026-11-24T10:00:00.000Z",
        Motif.VOL,
        "54000",
        "1956",
        "M",
        "L’Hermitte",
        None,
        ("Jean", "Éloi"),
    )
    assert lire_fiche(ecrire_fiche(fiche)) == fiche
