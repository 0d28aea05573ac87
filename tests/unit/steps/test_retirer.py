"""Withdrawing a demande: where DOMAIN §5 allows it, its stamp free again, whoever writes meanwhile."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.demande.erreurs import ConflitDeVersion, TransitionInterdite
from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Demande, EtatPaiement, EtatTimbre, Statut
from chalicelib.demandes.retirer import ESSAIS, retirer
from tests.dossiers import (
    DEMANDE_ID,
    JOUR_S,
    MAINTENANT,
    NUMERO_TIMBRE,
    ecriture,
    paiement_reserve,
    prete,
    timbre_reserve,
)
from tests.fakes.demandes import FakeDemandes

RETIRABLES = {"brouillon", "deposee", "en_controle", "attente_photo", "en_instruction", "suspendue", "validee"}


def magasin(statut: Statut = Statut.BROUILLON) -> FakeDemandes:
    demandes = FakeDemandes()
    tenu = EtatPaiement.RESERVE if statut is Statut.BROUILLON else EtatPaiement.CONSOMME
    suivie = {} if statut is Statut.BROUILLON else {"numero": "1" * 23, "veille": None, "veille_le": None}
    demandes.creer(prete(statut=statut, paiement=paiement_reserve(etat=tenu), **suivie))
    demandes.timbres[NUMERO_TIMBRE] = timbre_reserve(etat=EtatTimbre(tenu))
    return demandes


def retire(demandes: FakeDemandes, si_version: int | None = None, lire: Callable[[], Demande] | None = None) -> Demande:
    return retirer(demandes, lire or (lambda: demandes.lire(DEMANDE_ID)), si_version, MAINTENANT, "correlation", JOUR_S)


def test_une_demande_validee_dont_la_commande_est_partie_ne_se_retire_plus() -> None:
    demandes = magasin(Statut.VALIDEE)
    demandes.noter_commande(demandes.lire(DEMANDE_ID), ecrire(MAINTENANT))

    with pytest.raises(TransitionInterdite, match="en fabrication") as refus:
        retire(demandes)

    assert refus.value.champs == {"statut": "validee"}
    assert demandes.lire(DEMANDE_ID).statut is Statut.VALIDEE


@pytest.mark.parametrize("statut", list(Statut))
def test_une_demande_se_retire_la_ou_la_regle_le_permet_et_son_timbre_est_rendu(statut: Statut) -> None:
    demandes = magasin(statut)
    if statut is Statut.RETIREE:
        return
    if statut.value not in RETIRABLES:
        with pytest.raises(TransitionInterdite) as erreur:
            retire(demandes)
        assert erreur.value.champs == {"statut": statut}
        return

    retiree = retire(demandes)

    assert retiree == demandes.lire(DEMANDE_ID)
    # A draft has told nobody of itself: only its files are left to remove.
    suite = "purge" if statut is Statut.BROUILLON else "signal"
    assert (retiree.statut, retiree.veille, retiree.veille_le) == (Statut.RETIREE, suite, ecrire(MAINTENANT))
    assert retiree.paiement == paiement_reserve(etat=EtatPaiement.LIBERE)
    assert demandes.timbre(NUMERO_TIMBRE) == timbre_reserve(etat=EtatTimbre.LIBRE, demande_id=None)
    assert [entree.evenement for entree in demandes.journal(DEMANDE_ID)] == ["DemandeRetiree"]


def test_retirer_deux_fois_ne_fait_rien_de_plus() -> None:
    demandes = magasin()
    premiere = retire(demandes, si_version=1)
    assert retire(demandes, si_version=1) == premiere
    assert len(demandes.journal(DEMANDE_ID)) == 1


def test_le_statut_qui_interdit_se_dit_avant_la_version_perimee() -> None:
    with pytest.raises(TransitionInterdite):
        retire(magasin(Statut.EN_PRODUCTION), si_version=9)


def test_une_version_perimee_ne_retire_rien() -> None:
    demandes = magasin()
    with pytest.raises(ConflitDeVersion) as erreur:
        retire(demandes, si_version=9)
    assert erreur.value.champs == {"version": 1}
    assert demandes.lire(DEMANDE_ID).statut is Statut.BROUILLON


def pendant_la_lecture(demandes: FakeDemandes, *gestes: Callable[[], Any]) -> Callable[[], Demande]:
    restants = list(gestes)

    def lire() -> Demande:
        lue = demandes.lire(DEMANDE_ID)
        if restants:
            restants.pop(0)()
        return lue

    return lire


def test_sans_version_attendue_une_ecriture_concurrente_n_empeche_pas_de_retirer() -> None:
    demandes = magasin()
    lire = pendant_la_lecture(demandes, lambda: demandes.modifier(DEMANDE_ID, ecriture()))
    assert retire(demandes, lire=lire).version == 3


def test_deux_retraits_au_meme_instant_reussissent_tous_deux() -> None:
    demandes = magasin()
    assert retire(demandes, lire=pendant_la_lecture(demandes, lambda: retire(demandes))).statut is Statut.RETIREE
    assert len(demandes.journal(DEMANDE_ID)) == 1


def test_avec_une_version_attendue_une_ecriture_concurrente_se_dit() -> None:
    demandes = magasin()
    lire = pendant_la_lecture(demandes, lambda: demandes.modifier(DEMANDE_ID, ecriture()))
    with pytest.raises(ConflitDeVersion):
        retire(demandes, si_version=1, lire=lire)


def test_apres_trop_de_conflits_le_retrait_renonce() -> None:
    demandes = magasin()
    lire = pendant_la_lecture(demandes, *[lambda: demandes.modifier(DEMANDE_ID, ecriture())] * ESSAIS)
    with pytest.raises(ConflitDeVersion):
        retire(demandes, lire=lire)
