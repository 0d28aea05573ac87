"""The verdict on a chain: what an entry edited, a tail cut, a chain computed anew look like, alone and together."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.demande.journal import empreinte_stockee
from chalicelib.demande.verification import Ancre, Cause, Chaine, Tete, Verification, tete, verifier
from tests.dossiers import DEMANDE_ID, brouillon, changement
from tests.fakes.demandes import FakeDemandes

LONGUEUR = 6
ANCREES = (2, 5)

Attributs = dict[str, Any]


def chaine(longueur: int = LONGUEUR) -> Chaine:
    """A chain as the use cases write it, and as it lies in the store."""
    demandes = FakeDemandes()
    demande = brouillon()
    demandes.creer(demande)
    for rang in range(longueur):
        note = changement("BrouillonRappele", vers=None, correlation_id=f"correlation-{rang}", touche=False)
        demande = demandes.transiter(demande, note)
    entrees = [entree.model_dump(mode="json", exclude_none=True) for entree in demandes.journal(DEMANDE_ID)]
    return Chaine(DEMANDE_ID, entrees, tete(demande))


def ancres(de: Chaine, rangs: Sequence[int] = ANCREES) -> list[Ancre]:
    """What was anchored of ``de``, at these ranks."""
    return [Ancre(DEMANDE_ID, rang, de.entrees[rang - 1]["empreinte"], "2026-11-24T10:00:00.000Z") for rang in rangs]


def recalculee(entrees: Sequence[Attributs]) -> list[Attributs]:
    """What a forger leaves who knows the rule: every digest computed anew."""
    refaites: list[Attributs] = []
    precedent = ""
    for rang, entree in enumerate(entrees, start=1):
        refaite = {**entree, "rang": rang, "precedent": precedent}
        refaite["empreinte"] = precedent = empreinte_stockee(refaite)
        refaites.append(refaite)
    return refaites


def avec_sa_tete(entrees: Sequence[Attributs]) -> Chaine:
    """The chain of a forger who also writes the demande."""
    derniere = entrees[-1]
    return Chaine(DEMANDE_ID, entrees, Tete(derniere["rang"], derniere["empreinte"]))


def constats(verdict: Verification) -> set[tuple[int, Cause]]:
    return {(rupture.rang, rupture.cause) for rupture in verdict.ruptures}


@pytest.mark.parametrize("longueur", range(4))
def test_une_chaine_telle_qu_ecrite_est_intacte_ancree_ou_non(longueur: int) -> None:
    ecrite = chaine(longueur)
    assert verifier(ecrite, []) == Verification(
        intacte=True, entrees=longueur, ancres=0, ancree_jusqua=None, ruptures=[]
    )
    verdict = verifier(ecrite, ancres(ecrite, range(1, longueur + 1)))
    assert (verdict.intacte, verdict.ancres) == (True, longueur)
    assert verdict.ancree_jusqua == (longueur or None)


@pytest.mark.parametrize("rang", range(1, LONGUEUR + 1))
def test_une_entree_modifiee_est_nommee(rang: int) -> None:
    ecrite = chaine()
    entrees = [{**entree, "auteur_id": "un-autre"} if entree["rang"] == rang else entree for entree in ecrite.entrees]
    verdict = verifier(Chaine(DEMANDE_ID, entrees, ecrite.tete), [])
    assert constats(verdict) == {(rang, Cause.ENTREE_MODIFIEE)}
    assert not verdict.intacte


@pytest.mark.parametrize("ajout", [{"note": "ajoutée"}, {"statut": None}, {"constate_le": b"\x00"}, {"statut": 1.5}])
def test_ce_qui_est_ajoute_ou_rendu_illisible_dans_une_entree_se_voit_aussi(ajout: Attributs) -> None:
    ecrite = chaine()
    entrees = [{**ecrite.entrees[0], **ajout}, *ecrite.entrees[1:]]
    assert constats(verifier(Chaine(DEMANDE_ID, entrees, ecrite.tete), [])) == {(1, Cause.ENTREE_MODIFIEE)}


def test_une_entree_modifiee_et_signee_de_nouveau_rompt_la_suivante() -> None:
    ecrite = chaine()
    falsifiee = {**ecrite.entrees[2], "auteur_id": "un-autre"}
    falsifiee["empreinte"] = empreinte_stockee(falsifiee)
    entrees = [*ecrite.entrees[:2], falsifiee, *ecrite.entrees[3:]]
    assert constats(verifier(Chaine(DEMANDE_ID, entrees, ecrite.tete), [])) == {(4, Cause.CHAINE_ROMPUE)}


def test_une_entree_du_milieu_retiree_laisse_un_trou() -> None:
    ecrite = chaine()
    entrees = [*ecrite.entrees[:2], *ecrite.entrees[4:]]
    verdict = verifier(Chaine(DEMANDE_ID, entrees, ecrite.tete), [])
    assert constats(verdict) == {(3, Cause.ENTREE_ABSENTE)}
    assert verdict.ruptures[0].detail == "Il manque les entrées 3 à 4."


@pytest.mark.parametrize("gardees", range(LONGUEUR))
def test_une_fin_tronquee_manque_a_la_demande(gardees: int) -> None:
    ecrite = chaine()
    verdict = verifier(Chaine(DEMANDE_ID, ecrite.entrees[:gardees], ecrite.tete), [])
    assert constats(verdict) == {(gardees + 1, Cause.FIN_TRONQUEE)}


def test_une_fin_tronquee_jusque_dans_la_demande_manque_a_l_ancre() -> None:
    ecrite = chaine()
    coupee = avec_sa_tete(ecrite.entrees[:3])
    assert verifier(coupee, []).intacte
    assert constats(verifier(coupee, ancres(ecrite))) == {(4, Cause.FIN_TRONQUEE)}


def test_une_chaine_recalculee_sous_la_tete_d_avant_ne_finit_plus_comme_la_demande_le_dit() -> None:
    ecrite = chaine()
    entrees = recalculee([{**entree, "auteur_id": "un-autre"} for entree in ecrite.entrees])
    verdict = verifier(Chaine(DEMANDE_ID, entrees, ecrite.tete), [])
    assert constats(verdict) == {(LONGUEUR, Cause.TETE_DIFFERENTE)}


def test_une_chaine_entierement_recalculee_demande_comprise_n_est_plus_celle_qui_fut_ancree() -> None:
    ecrite = chaine()
    refaite = avec_sa_tete(recalculee([{**entree, "auteur_id": "un-autre"} for entree in ecrite.entrees]))
    assert verifier(refaite, []).intacte, "sans ancre, rien ne la trahit : c'est ce que l'ancrage apporte"
    assert constats(verifier(refaite, ancres(ecrite))) == {(rang, Cause.CHAINE_RECALCULEE) for rang in ANCREES}


@given(st.integers(1, max(ANCREES)), st.sampled_from(["auteur_id", "evenement", "survenu_le", "statut"]))
def test_quoi_que_l_on_change_avant_la_derniere_ancre_un_recalcul_se_voit(rang: int, champ: str) -> None:
    ecrite = chaine()
    entrees = [{**entree, champ: "falsifie"} if entree["rang"] == rang else entree for entree in ecrite.entrees]
    assert not verifier(avec_sa_tete(recalculee(entrees)), ancres(ecrite)).intacte


@given(st.lists(st.integers(0, LONGUEUR - 1), max_size=LONGUEUR, unique=True))
def test_quelles_que_soient_les_entrees_retirees_leur_recalcul_se_voit(gardees: list[int]) -> None:
    ecrite = chaine()
    entrees = recalculee([ecrite.entrees[rang] for rang in sorted(gardees)])
    if len(entrees) < LONGUEUR:
        assert not verifier(Chaine(DEMANDE_ID, entrees, ecrite.tete), []).intacte
        ancree = verifier(Chaine(DEMANDE_ID, entrees, Tete(len(entrees), "")), ancres(ecrite, [LONGUEUR]))
        assert not ancree.intacte


def test_ce_qui_suit_la_derniere_ancre_n_est_pas_encore_prouve_et_le_verdict_le_dit() -> None:
    ecrite = chaine()
    verdict = verifier(ecrite, ancres(ecrite, [2, 4]))
    assert (verdict.intacte, verdict.entrees, verdict.ancree_jusqua) == (True, LONGUEUR, 4)


def test_des_entrees_de_trop_se_voient_des_la_premiere() -> None:
    ecrite = chaine()
    courte = Tete(LONGUEUR - 2, ecrite.entrees[-3]["empreinte"])
    verdict = verifier(Chaine(DEMANDE_ID, ecrite.entrees, courte), [])
    assert constats(verdict) == {(LONGUEUR - 1, Cause.TETE_DIFFERENTE)}


def test_deux_ancres_qui_se_contredisent_sont_un_fait_meme_si_l_une_convient() -> None:
    ecrite = chaine()
    verdict = verifier(ecrite, [*ancres(ecrite), Ancre(DEMANDE_ID, 5, "0" * 64)])
    assert (5, Cause.ANCRES_CONTRADICTOIRES) in constats(verdict)


def test_une_demande_disparue_laisse_ses_traces() -> None:
    ecrite = chaine()
    assert constats(verifier(Chaine(DEMANDE_ID, ecrite.entrees, None), [])) == {(0, Cause.DEMANDE_ABSENTE)}
    tout = verifier(Chaine(DEMANDE_ID, [], None), ancres(ecrite, [2]))
    assert constats(tout) == {(0, Cause.DEMANDE_ABSENTE), (1, Cause.FIN_TRONQUEE)}
    assert verifier(Chaine(DEMANDE_ID, [], None), []).intacte
