"""The journal's chain: an entry edited, removed, added or moved shows."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.demande.journal import Entree, empreinte, liberation
from chalicelib.demande.modeles import Demande, EtatPaiement, EtatTimbre, Statut
from chalicelib.demande.verification import chaine_intacte
from tests.dossiers import DEMANDE_ID, NUMERO_TIMBRE, brouillon, changement, paiement_reserve, prete, timbre_reserve
from tests.fakes.demandes import FakeDemandes


def journal(longueur: int = 4) -> tuple[list[Entree], Demande]:
    """A journal of ``longueur`` entries, as the use cases make it."""
    demandes = FakeDemandes()
    demande = brouillon()
    demandes.creer(demande)
    for rang in range(longueur):
        note = changement("BrouillonRappele", vers=None, correlation_id=f"correlation-{rang}", touche=False)
        demande = demandes.transiter(demande, note)
    return demandes.journal(DEMANDE_ID), demande


def test_un_journal_entier_est_intact_meme_vide() -> None:
    for longueur in range(4):
        assert chaine_intacte(*journal(longueur))


def test_chaque_entree_porte_l_empreinte_de_la_precedente() -> None:
    entrees, demande = journal()
    assert [entree.rang for entree in entrees] == [1, 2, 3, 4]
    assert [entree.precedent for entree in entrees] == ["", *(entree.empreinte for entree in entrees[:-1])]
    assert demande.journal_empreinte == entrees[-1].empreinte


def test_une_entree_ecrite_avant_un_nouveau_membre_garde_son_empreinte() -> None:
    """The digest of an entry of the first day, written down: what it does not have must never enter in it."""
    ancienne = Entree(
        demande_id=DEMANDE_ID,
        rang=1,
        evenement="AffectationChangee",
        statut=Statut.EN_INSTRUCTION,
        survenu_le="2026-11-24T10:00:00.000Z",
        auteur_genre="chef",
        auteur_id="un-chef",
        correlation_id="correlation",
        precedent="",
    )
    assert empreinte(ancienne) == "0b9d0d00229274f5f02dc9215c21cbe9c3b69d55c7ade11248c778d9dfb84592"
    assert empreinte(ancienne.model_copy(update={"agent": "un-agent"})) != empreinte(ancienne)


FALSIFICATIONS: dict[str, Any] = {
    "evenement": "DemandeRetiree",
    "statut": Statut.VALIDEE,
    "survenu_le": "2020-01-01T00:00:00.000Z",
    "auteur_genre": "usager",
    "auteur_id": "un-autre",
    "correlation_id": "une-autre",
    "numero": "12441542134215461243643",
    "agent": "un-autre",
    "demande_id": "b" * 32,
}


@pytest.mark.parametrize("champ", [*FALSIFICATIONS, "auteur_id"])
@pytest.mark.parametrize("rang", range(4))
def test_une_entree_modifiee_se_voit(champ: str, rang: int) -> None:
    entrees, demande = journal()
    falsifiee = entrees[rang].model_copy(update={champ: FALSIFICATIONS[champ]})
    if falsifiee == entrees[rang]:
        falsifiee = falsifiee.model_copy(update={champ: "systeme"})
    entrees[rang] = falsifiee
    assert not chaine_intacte(entrees, demande)


@pytest.mark.parametrize("rang", range(4))
def test_une_entree_modifiee_puis_signee_de_nouveau_se_voit_a_la_suivante_ou_a_la_tete(rang: int) -> None:
    entrees, demande = journal()
    falsifiee = entrees[rang].model_copy(update={"auteur_id": "un-autre"})
    entrees[rang] = falsifiee.model_copy(update={"empreinte": empreinte(falsifiee)})
    assert not chaine_intacte(entrees, demande)


@given(st.data())
def test_un_journal_tronque_prolonge_ou_remue_se_voit(data: st.DataObject) -> None:
    entrees, demande = journal()
    autres = data.draw(st.lists(st.sampled_from(entrees), max_size=6))
    if autres != entrees:
        assert not chaine_intacte(autres, demande)


def test_un_timbre_tenu_se_libere_en_gardant_ce_qui_a_ete_paye() -> None:
    for etat in (EtatPaiement.RESERVE, EtatPaiement.CONSOMME):
        mouvement, suite = liberation(prete(paiement=paiement_reserve(etat=etat)))
        assert mouvement is not None
        assert (mouvement.numero, mouvement.vers) == (NUMERO_TIMBRE, "libre")
        assert suite["paiement"] == paiement_reserve(etat=EtatPaiement.LIBERE)


@pytest.mark.parametrize("etat", ["en_attente", "refuse", "libere"])
def test_sans_timbre_tenu_rien_ne_se_libere(etat: str) -> None:
    assert liberation(prete(paiement=paiement_reserve(etat=etat))) == (None, {})
    assert liberation(prete(paiement=None)) == (None, {})


def test_le_timbre_libere_garde_sa_propre_fin() -> None:
    demandes = FakeDemandes()
    demande = prete()
    demandes.creer(demande)
    demandes.timbres[NUMERO_TIMBRE] = timbre_reserve()
    mouvement, suite = liberation(demande)
    demandes.transiter(demande, changement(poser=suite, timbre=mouvement))
    assert demandes.timbre(NUMERO_TIMBRE) == timbre_reserve(etat=EtatTimbre.LIBRE, demande_id=None)
