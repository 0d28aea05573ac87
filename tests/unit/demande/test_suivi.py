"""The follow-up: for every statut, where it is, who must act, why, and what comes next."""

import pytest

from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Statut
from chalicelib.demande.suivi import suivi
from tests.dossiers import JOUR_S, MAINTENANT, brouillon, changement, il_y_a, prete
from tests.fakes.demandes import FakeDemandes

DETENTEURS = {
    "brouillon": "usager",
    "deposee": "ctn",
    "en_controle": "ctn",
    "attente_photo": "usager",
    "en_instruction": "agent",
    "suspendue": "usager",
    "validee": "imprimeur",
    "en_production": "imprimeur",
    "expediee": "poste",
    "non_distribuee": "usager",
    "distribuee": "personne",
    "refusee": "personne",
    "classee_sans_suite": "personne",
    "retiree": "personne",
}


@pytest.mark.parametrize("statut", list(Statut))
def test_chaque_statut_dit_qui_tient_la_demande_pourquoi_et_la_suite(statut: Statut) -> None:
    vu = suivi(prete(statut=statut), [], JOUR_S)
    assert (vu.statut, vu.detenteur) == (statut, DETENTEURS[statut])
    for phrase in (vu.raison, vu.prochaine_etape):
        assert phrase.endswith(".")
    assert vu.libelle
    assert statut.value not in vu.raison, "a person reads words, not codes"


def test_un_brouillon_dit_le_jour_de_sa_cloture() -> None:
    assert suivi(brouillon(modifie_le=ecrire(il_y_a(3))), [], JOUR_S).echeance == ecrire(il_y_a(3 - 15))


def test_un_brouillon_rappele_tard_garde_cinq_jours() -> None:
    demande = brouillon(modifie_le=ecrire(il_y_a(14)), rappele_le=ecrire(il_y_a(1)))
    assert suivi(demande, [], JOUR_S).echeance == ecrire(il_y_a(1 - 5))


@pytest.mark.parametrize("statut", [s for s in Statut if s is not Statut.BROUILLON])
def test_hors_du_brouillon_aucune_cloture_n_est_annoncee(statut: Statut) -> None:
    assert suivi(prete(statut=statut), [], JOUR_S).echeance is None


def test_les_evenements_se_lisent_de_la_creation_au_dernier_en_francais() -> None:
    demandes = FakeDemandes()
    demande = prete()
    demandes.creer(demande)
    rappel = changement("BrouillonRappele", vers=None, touche=False)
    demande = demandes.transiter(demande, rappel)
    demande = demandes.transiter(demande, changement("DemandeDeposee", vers=Statut.DEPOSEE))
    demande = demandes.transiter(demande, changement("EvenementDeDemain", vers=Statut.EN_CONTROLE))

    vu = suivi(demande, demandes.journal(demande.id), JOUR_S)

    assert [(e.evenement, e.libelle, e.statut) for e in vu.evenements] == [
        ("DemandeCommencee", "Vous avez commencé votre demande", "brouillon"),
        ("BrouillonRappele", "Nous vous avons rappelé votre brouillon", "brouillon"),
        ("DemandeDeposee", "Vous avez déposé votre demande", "deposee"),
        ("EvenementDeDemain", "Contrôle des pièces en cours", "en_controle"),
    ]
    assert [e.date for e in vu.evenements] == [demande.cree_le, *[ecrire(MAINTENANT)] * 3]
