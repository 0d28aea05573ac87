"""Likely duplicates: one's own are named, somebody else's are only said to exist."""

from typing import Any

import pytest

from chalicelib.demande.doublons import DEMANDE_EN_COURS, signaler
from chalicelib.demande.index import cles_de_recherche
from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Demande, EtatCivil, Motif, Statut
from chalicelib.steps.recapitulatif import doublons
from tests.dossiers import ETAT_CIVIL, USAGER, brouillon, il_y_a, prete
from tests.fakes.demandes import FakeDemandes


def en_cours(rang: int, statut: Statut = Statut.EN_INSTRUCTION, **champs: Any) -> Demande:
    """A demande of the same person, in the agents' hands."""
    demande = prete(
        id=f"{rang:032x}",
        statut=statut,
        numero=f"{rang:023}",
        deposee_le=ecrire(il_y_a(rang)),
        **{"motif": Motif.VOL, **champs},
    )
    return demande.model_copy(update=cles_de_recherche(demande))


def magasin(*demandes: Demande) -> FakeDemandes:
    fake = FakeDemandes()
    for demande in demandes:
        fake.creer(demande)
    return fake


def test_une_autre_demande_de_l_usager_lui_est_nommee() -> None:
    autre = en_cours(1)
    (vue,) = doublons(magasin(autre), prete())
    assert (vue.id, vue.numero, vue.motif, vue.deposee_le) == (autre.id, autre.numero, Motif.VOL, autre.deposee_le)
    assert "« Vol du titre » (instruction en cours)" in vue.message


def test_celle_d_un_autre_compte_n_est_que_dite() -> None:
    vues = doublons(magasin(en_cours(1, usager="un-autre"), en_cours(2, usager="papier#agent")), prete())
    assert [vue.model_dump(exclude_none=True) for vue in vues] == [{"message": DEMANDE_EN_COURS}]


def test_les_siennes_se_disent_a_cote_de_celles_des_autres() -> None:
    vues = doublons(magasin(en_cours(1, usager="un-autre"), en_cours(2)), prete())
    assert [vue.numero for vue in vues] == [f"{2:023}", None]


@pytest.mark.parametrize("statut", [Statut.DISTRIBUEE, Statut.REFUSEE, Statut.RETIREE, Statut.CLASSEE_SANS_SUITE])
def test_une_demande_terminee_n_est_pas_un_doublon(statut: Statut) -> None:
    assert doublons(magasin(en_cours(1, statut)), prete()) == []


def test_les_accents_et_les_tirets_ne_font_pas_une_autre_personne() -> None:
    tirets = EtatCivil.model_validate({**ETAT_CIVIL, "nom_naissance": "Lévy-Brühl", "prenoms": ["Anne-Marie"]})
    espaces = EtatCivil.model_validate({**ETAT_CIVIL, "nom_naissance": "LEVY BRUHL", "prenoms": ["Anne Marie"]})
    assert len(doublons(magasin(en_cours(1, etat_civil=tirets)), prete(etat_civil=espaces))) == 1


@pytest.mark.parametrize("change", [{"date_naissance": "1956-01-02"}, {"prenoms": ["Thomas"]}])
def test_une_autre_personne_n_est_pas_un_doublon(change: dict[str, Any]) -> None:
    autre = EtatCivil.model_validate({**ETAT_CIVIL, **change})
    assert doublons(magasin(en_cours(1, etat_civil=autre)), prete()) == []


@pytest.mark.parametrize("demande", [brouillon(), prete(adresse=None), prete(statut=Statut.DEPOSEE)])
def test_rien_n_est_cherche_avant_de_savoir_qui_ni_apres_la_confirmation(demande: Demande) -> None:
    assert doublons(magasin(en_cours(1)), demande) == []


def test_sans_autre_demande_rien_n_est_dit() -> None:
    assert signaler(USAGER, []) == []
