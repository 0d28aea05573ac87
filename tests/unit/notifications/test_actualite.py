"""Outdated notices: what is no longer asked, or no longer runs, is not told; facts are told however late."""

from typing import Any

import pytest

from chalicelib.demande.evenements import EvenementPublie
from chalicelib.demande.modeles import Demande, Element, EtatPhoto, Statut, Suspension
from chalicelib.demande.notifications import SECOURS
from chalicelib.demande.statuts import FINALS
from chalicelib.notifications import textes_comptes
from chalicelib.notifications.actualite import depasse
from chalicelib.notifications.messages import MAILS, SMS
from tests.dossiers import prete

S = Statut
AVANT, ALORS, APRES = (f"2026-11-2{jour}T10:00:00.000Z" for jour in (4, 5, 6))

FAITS = {
    "ContactRemplace",
    "DemandeDeposee",
    "PhotoTardive",
    "ComplementDepose",
    "MessageAgent",
    "DemandeRefusee",
    "DemandeRetiree",
    "DemandeClasseeSansSuite",
    "TitreDistribue",
    "AdresseConfirmee",
    "TimbreConserve",
}
"""What stays true whatever came next."""


def evenement(type_: str, survenu_le: str = ALORS) -> EvenementPublie:
    return EvenementPublie(
        evenement_id="d1#5", type=type_, demande_id="d1", rang=5, correlation_id="corr-0001", survenu_le=survenu_le
    )


def demande(statut: Statut, **champs: Any) -> Demande:
    return prete(statut=statut, numero="12441542134215461243643", **champs)


def suspendue(suspendue_le: str = ALORS, corrigee_le: str | None = None) -> Demande:
    return demande(
        S.SUSPENDUE,
        suspension=Suspension(
            rang=1,
            elements=[Element(cible="p1", motif="illisible")],
            message="",
            par="a1",
            par_nom="Mme DURAND",
            role="agent",
            retour=S.EN_INSTRUCTION,
            suspendue_le=suspendue_le,
            delai_jours=60,
            corrigee_le=corrigee_le,
        ),
    )


@pytest.mark.parametrize("type_", sorted(FAITS))
@pytest.mark.parametrize("statut", sorted(FINALS))
def test_un_fait_se_dit_meme_apres_la_fin(type_: str, statut: Statut) -> None:
    assert not depasse(evenement(type_), demande(statut))


@pytest.mark.parametrize("type_", sorted({*MAILS, *SMS} - FAITS))
def test_tout_le_reste_est_depasse_par_un_classement_ou_n_est_pas_de_la_demande(type_: str) -> None:
    """Whoever adds a text says whether it may come too late."""
    de_compte = type_ in {*textes_comptes.MAILS, *textes_comptes.SMS}

    assert depasse(evenement(type_), demande(S.CLASSEE_SANS_SUITE)) != (de_compte or type_ == SECOURS)


@pytest.mark.parametrize("type_", ["DemandeSuspendue", "ComplementRappele", "SuspensionCorrigee"])
def test_une_suspension_en_cours_se_dit_une_close_ou_remplacee_non(type_: str) -> None:
    assert not depasse(evenement(type_), suspendue(ALORS))
    assert depasse(evenement(type_), demande(S.EN_INSTRUCTION))
    assert depasse(evenement(type_), suspendue(APRES))


def test_seule_la_derniere_correction_se_dit() -> None:
    assert not depasse(evenement("SuspensionCorrigee", APRES), suspendue(AVANT, corrigee_le=APRES))
    assert depasse(evenement("SuspensionCorrigee", ALORS), suspendue(AVANT, corrigee_le=APRES))


def test_une_levee_ne_se_dit_plus_quand_une_autre_suspension_court() -> None:
    assert not depasse(evenement("SuspensionLevee"), demande(S.EN_INSTRUCTION))
    assert depasse(evenement("SuspensionLevee"), suspendue(APRES))


@pytest.mark.parametrize("type_", ["PhotoAttendue", "PhotoRappelee"])
def test_une_photo_arrivee_n_est_plus_demandee(type_: str) -> None:
    assert not depasse(evenement(type_), demande(S.ATTENTE_PHOTO, chez_usager_depuis=ALORS))
    assert depasse(evenement(type_), demande(S.EN_INSTRUCTION))


def test_un_refus_ne_se_dit_plus_quand_une_autre_photo_est_donnee() -> None:
    refusee, autre = (
        demande(S.ATTENTE_PHOTO, chez_usager_depuis=ALORS, photo_signature={"mode": "talon", "etat": etat})
        for etat in (EtatPhoto.REFUSE, EtatPhoto.TALON)
    )
    assert not depasse(evenement("PhotoRefusee"), refusee)
    assert depasse(evenement("PhotoRefusee"), autre)
    assert depasse(evenement("PhotoRefusee"), demande(S.EN_INSTRUCTION))


def test_un_refus_pendant_la_suspension_se_dit_tant_qu_elle_court_et_que_rien_n_est_venu() -> None:
    refus = evenement("PhotoRefusee")
    assert not depasse(refus, suspendue(AVANT))
    assert depasse(refus, suspendue(APRES)) and depasse(
        refus, suspendue(AVANT).model_copy(update={"photo_recue_le": APRES})
    )


@pytest.mark.parametrize("statut", [S.EN_PRODUCTION, S.EXPEDIEE, S.DISTRIBUEE])
def test_une_acceptation_se_dit_meme_si_le_titre_est_deja_parti(statut: Statut) -> None:
    assert not depasse(evenement("DemandeValidee"), demande(statut))


def test_ce_qu_un_evenement_de_la_poste_implique_ne_se_dit_pas_une_seconde_fois() -> None:
    """Told together, the card posted and handed over: the last one says all."""
    assert depasse(evenement("CommandeAcceptee"), demande(S.DISTRIBUEE))
    assert depasse(evenement("TitreExpedie"), demande(S.DISTRIBUEE))
    assert not depasse(evenement("TitreDistribue"), demande(S.DISTRIBUEE))


def test_un_retour_dont_l_adresse_est_confirmee_ne_la_demande_plus() -> None:
    assert not depasse(evenement("TitreRetourne"), demande(S.NON_DISTRIBUEE))
    assert depasse(evenement("TitreRetourne"), demande(S.NON_DISTRIBUEE, adresse_confirmee_le=APRES))
    assert depasse(evenement("TitreRetourne"), demande(S.EXPEDIEE))


def test_un_brouillon_confirme_n_est_plus_a_reprendre() -> None:
    assert not depasse(evenement("BrouillonRappele"), prete())
    assert depasse(evenement("BrouillonRappele"), demande(S.DEPOSEE))
