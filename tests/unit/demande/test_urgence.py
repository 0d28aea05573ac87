"""The order of the worklist: what must be treated before the nearest day comes first."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from chalicelib.demande.instants import ecrire
from chalicelib.demande.journal import Auteur
from chalicelib.demande.modeles import Demande, Motif, Statut
from chalicelib.demande.vie import (
    ADRESSE_JOURS,
    DROITS_PROVISOIRES_JOURS,
    PRIORITE_DROITS_JOURS,
    droits_jusqua,
    passer,
    urgence,
    urgence_de_tete,
)
from tests.dossiers import JOUR_S, MAINTENANT, il_y_a, prete

PROVISOIRES = (Motif.PERTE, Motif.VOL)
AUTRES = tuple(motif for motif in Motif if motif not in PROVISOIRES)
AVANCE = DROITS_PROVISOIRES_JOURS - PRIORITE_DROITS_JOURS


def deposee(motif: Motif, jours: float, statut: Statut = Statut.EN_CONTROLE) -> Demande:
    """A demande deposited ``jours`` ago."""
    return prete(motif=motif, statut=statut, deposee_le=ecrire(il_y_a(jours)), numero="1" * 23, autorite="543")


def rangees(demandes: Sequence[Demande]) -> list[Demande]:
    return sorted(demandes, key=lambda demande: urgence(demande, JOUR_S))


@pytest.mark.parametrize("motif", PROVISOIRES)
@pytest.mark.parametrize("autre", AUTRES)
def test_un_droit_provisoire_qui_finit_passe_devant_une_demande_plus_ancienne(motif: Motif, autre: Motif) -> None:
    ancienne, provisoire = deposee(autre, AVANCE - 1), deposee(motif, 0)
    assert rangees([ancienne, provisoire]) == [provisoire, ancienne]


@pytest.mark.parametrize("motif", PROVISOIRES)
def test_il_ne_passe_pas_devant_ce_qui_attend_depuis_plus_longtemps_encore(motif: Motif) -> None:
    ancienne, provisoire = deposee(Motif.EXPIRATION, AVANCE + 1), deposee(motif, 0)
    assert rangees([provisoire, ancienne]) == [ancienne, provisoire]


@pytest.mark.parametrize("motif", list(Motif))
def test_a_droits_egaux_la_plus_ancienne_passe_devant(motif: Motif) -> None:
    jeune, vieille = deposee(motif, 1), deposee(motif, 2)
    assert rangees([jeune, vieille]) == [vieille, jeune]


@pytest.mark.parametrize("motif", list(Motif))
def test_seuls_une_perte_ou_un_vol_donnent_un_droit_provisoire(motif: Motif) -> None:
    fin = droits_jusqua(deposee(motif, 10), JOUR_S)
    assert fin == (il_y_a(10 - DROITS_PROVISOIRES_JOURS) if motif in PROVISOIRES else None)


def test_un_brouillon_n_en_donne_pas_encore() -> None:
    assert droits_jusqua(prete(motif=Motif.VOL), JOUR_S) is None


def test_ce_qui_revient_passe_en_tete_de_la_file() -> None:
    en_retard = [urgence(deposee(motif, 400), JOUR_S) for motif in Motif]
    assert urgence_de_tete(MAINTENANT) < min(en_retard)


def test_un_titre_revenu_attend_d_abord_que_son_titulaire_confirme_son_adresse() -> None:
    expediee = deposee(Motif.VOL, 90, Statut.EXPEDIEE)
    poste = Auteur("partenaire", "poste")
    revenu = passer(expediee, "TitreRetourne", poste, MAINTENANT, "c", jour_s=JOUR_S, vers=Statut.NON_DISTRIBUEE)
    assert (revenu.poser["corbeille"], revenu.poser["urgence"]) == (
        "543#agent",
        f"1#{ecrire(MAINTENANT + timedelta(days=ADRESSE_JOURS))}",
    )


@pytest.mark.parametrize("motif", list(Motif))
def test_l_entree_en_instruction_met_la_demande_dans_la_file_a_sa_place(motif: Motif) -> None:
    demande = deposee(motif, 5)
    entree = passer(
        demande,
        "ControleTermine",
        Auteur("systeme", "workflow.controler"),
        MAINTENANT,
        "correlation",
        jour_s=JOUR_S,
        vers=Statut.EN_INSTRUCTION,
    )
    assert (entree.poser["corbeille"], entree.poser["urgence"]) == ("543#agent", urgence(demande, JOUR_S))
