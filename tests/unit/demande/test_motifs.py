"""The dated configuration: which value applies on which day, what a motif asks and costs."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.catalogue import departement_de, prefecture_connue
from chalicelib.demande.completude import departement
from chalicelib.demande.modeles import Motif
from chalicelib.demande.motifs import (
    OUVERTURE,
    REGLES,
    TYPES_PIECES,
    Depuis,
    en_vigueur,
    motifs_payants,
    prix_centimes,
    types_demandes,
)

AUJOURD_HUI = date(2026, 11, 24)
PAYANTE_LE = date(2017, 3, 1)
"""The day on which a deteriorated licence began to cost a stamp (chalicelib/demande/motifs.py)."""


@given(
    jours=st.lists(st.dates(date(2016, 7, 1), date(2030, 1, 1)), unique=True, max_size=5).map(sorted),
    jour=st.dates(date(2016, 1, 1), date(2031, 1, 1)),
)
def test_la_valeur_du_jour_est_la_derniere_commencee(jours: list[date], jour: date) -> None:
    valeurs = (Depuis(OUVERTURE, -1), *(Depuis(debut, rang) for rang, debut in enumerate(jours)))
    commencees = [rang for rang, debut in enumerate(jours) if debut <= jour]
    assert en_vigueur(valeurs, jour) == (commencees[-1] if commencees else -1)


def test_une_deterioration_est_gratuite_la_veille_de_l_arrete_et_payante_le_jour_meme() -> None:
    assert prix_centimes(Motif.DETERIORATION, "54", PAYANTE_LE - timedelta(days=1)) == 0
    assert prix_centimes(Motif.DETERIORATION, "54", PAYANTE_LE) == 2500
    assert Motif.DETERIORATION not in motifs_payants(PAYANTE_LE - timedelta(days=1))
    assert Motif.DETERIORATION in motifs_payants(PAYANTE_LE)


@pytest.mark.parametrize("motif", [Motif.PERTE, Motif.VOL])
def test_une_perte_ou_un_vol_coutent_25_euros(motif: Motif) -> None:
    assert prix_centimes(motif, "54", AUJOURD_HUI) == 2500
    assert prix_centimes(motif, None, AUJOURD_HUI) == 2500


@pytest.mark.parametrize("motif", [Motif.EXPIRATION, Motif.CHANGEMENT_ETAT_CIVIL])
def test_une_expiration_ou_un_changement_d_etat_civil_sont_gratuits_partout(motif: Motif) -> None:
    assert prix_centimes(motif, "54", AUJOURD_HUI) == prix_centimes(motif, "973", AUJOURD_HUI) == 0


def test_la_guyane_paie_la_moitie_la_ou_quelque_chose_est_du() -> None:
    assert prix_centimes(Motif.VOL, "973", AUJOURD_HUI) == 1250
    assert prix_centimes(Motif.DETERIORATION, "973", PAYANTE_LE - timedelta(days=1)) == 0


def test_le_departement_d_un_code_autorite_est_celui_du_referentiel() -> None:
    connus = [f"{debut}{rang}" for debut in (*range(1, 96), "2A", "2B", *range(971, 989)) for rang in range(1, 10)]
    connus = [code.zfill(3) for code in connus if prefecture_connue(code.zfill(3))]
    assert len(connus) >= 100
    assert [departement(code) for code in connus] == [departement_de(code) for code in connus]


@pytest.mark.parametrize("motif", list(Motif))
def test_tout_motif_demande_l_identite_et_le_domicile_et_dit_ce_qu_il_veut_dire(motif: Motif) -> None:
    assert list(types_demandes(motif))[:2] == ["identite", "domicile"]
    assert set(types_demandes(motif)) <= set(TYPES_PIECES)
    assert REGLES[motif].phrase.startswith("La demande du titre est effectuée à la suite")


def test_les_limites_de_pages_sont_celles_de_l_ecran() -> None:
    assert {code: TYPES_PIECES[code].pages_max for code in ("identite", "domicile", "recepisse_vol")} == {
        "identite": 2,
        "domicile": 5,
        "recepisse_vol": 1,
    }


def test_l_avis_medical_n_est_pas_obligatoire() -> None:
    assert types_demandes(Motif.EXPIRATION)["avis_medical"] is False
