"""The life of a demande: every pair of statuts, allowed or not as DOMAIN §5 says."""

import itertools

import pytest

from chalicelib.demande.erreurs import TransitionInterdite
from chalicelib.demande.modeles import Statut
from chalicelib.demande.statuts import DETENTEURS, SUIVANTS, exiger_transition
from chalicelib.demande.suivi import LIBELLES, RAISONS

# Written again from DOMAIN §5, on purpose: the table of the code is compared with it pair by pair.
PERMISES = {
    "brouillon": "deposee classee_sans_suite retiree",
    "deposee": "en_controle retiree",
    "en_controle": "en_instruction attente_photo suspendue retiree",
    "attente_photo": "en_instruction classee_sans_suite retiree",
    "en_instruction": "suspendue validee refusee retiree",
    "suspendue": "en_controle en_instruction classee_sans_suite retiree",
    "validee": "en_production retiree",
    "en_production": "expediee",
    "expediee": "distribuee non_distribuee",
    "non_distribuee": "expediee",
    "distribuee": "",
    "refusee": "",
    "classee_sans_suite": "",
    "retiree": "",
}


@pytest.mark.parametrize(("de", "vers"), [*itertools.product(Statut, Statut)], ids=lambda statut: statut.value)
def test_chaque_passage_est_permis_ou_interdit_comme_la_regle_le_dit(de: Statut, vers: Statut) -> None:
    if vers.value in PERMISES[de.value].split():
        exiger_transition(de, vers)
        return
    with pytest.raises(TransitionInterdite) as erreur:
        exiger_transition(de, vers)
    assert erreur.value.champs == {"statut": de}


def test_on_ne_sort_pas_d_un_statut_final() -> None:
    finals = {statut for statut in Statut if not SUIVANTS[statut]}
    assert finals == {Statut.DISTRIBUEE, Statut.REFUSEE, Statut.CLASSEE_SANS_SUITE, Statut.RETIREE}
    assert {DETENTEURS[statut] for statut in finals} == {"personne"}


def test_tout_statut_a_un_detenteur_un_libelle_et_une_raison() -> None:
    assert set(DETENTEURS) == set(LIBELLES) == set(RAISONS) == set(SUIVANTS) == set(Statut)
