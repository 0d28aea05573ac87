"""The rules of accounts: passwords, answers, waits, codes, lifetimes."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from chalicelib.demande.codes import UsageCode, code_a_six_chiffres, code_juste
from chalicelib.demande.comptes import (
    ATTENTE_MAX_S,
    ECHECS_LIBRES,
    JETON_S,
    SESSION_MAX_S,
    Essais,
    Identifiant,
    MotDePasse,
    Session,
    attente_apres,
    cle_adresse,
    cle_essais,
    essai_de_plus,
    instant,
    limite,
    normaliser_reponse,
    refuser_identifiant_dans_mot_de_passe,
    session_prolongee,
)
from chalicelib.demande.erreurs import SaisieInvalide

mot_de_passe = TypeAdapter(MotDePasse).validate_python
identifiant = TypeAdapter(Identifiant).validate_python


@pytest.mark.parametrize(
    "texte",
    [
        "Guichet-543-local",
        "Le-Cid-1637!",
        "abcdefGHI123",
        "une phrase de passe",
        "correcte agrafe",
        "3141592653589793",
        "Été2027-été2028",
    ],
)
def test_un_mot_de_passe_de_cinquante_bits_est_accepte(texte: str) -> None:
    assert mot_de_passe(texte) == texte


@pytest.mark.parametrize(
    "texte",
    [
        "Court-1",
        "Elevencha-1",
        "motdepasse12",
        "MOTDEPASSE-A",
        "aaaaaaaaaaaaaaaaaaaa",
        "Aa1Aa1Aa1Aa1",
        "31415926535897",
        "x" * 129,
    ],
)
def test_un_mot_de_passe_trop_faible_ou_trop_long_est_refuse(texte: str) -> None:
    with pytest.raises(ValidationError):
        mot_de_passe(texte)


def test_les_deux_ecritures_unicode_d_un_mot_de_passe_sont_le_meme() -> None:
    assert mot_de_passe("Me\u0301lite-1629-Rouen") == mot_de_passe("M\u00e9lite-1629-Rouen")


def test_un_mot_de_passe_qui_n_est_que_l_identifiant_est_refuse() -> None:
    with pytest.raises(SaisieInvalide):
        refuser_identifiant_dans_mot_de_passe("pierre.corneille", "Pierre.Corneille-1")
    refuser_identifiant_dans_mot_de_passe("pierre", "Pierre-ecrit-Le-Cid")


@pytest.mark.parametrize("texte", ["abc", "agent.543", "Pierre_C-1606", "pierre@exemple.fr", "a" * 64])
def test_un_identifiant_usuel_est_accepte(texte: str) -> None:
    assert identifiant(texte) == texte


@pytest.mark.parametrize("texte", ["ab", "a" * 65, "a b c", "élodie", ".abc", "abc-", "a#b", "<b>", "abc\n1"])
def test_un_identifiant_ambigu_est_refuse(texte: str) -> None:
    with pytest.raises(ValidationError):
        identifiant(texte)


@pytest.mark.parametrize(
    ("donnee", "attendue"),
    [
        ("Saint-Étienne", "saintetienne"),
        ("  saint   etienne ", "saintetienne"),
        ("SAINT ÉTIENNE", "saintetienne"),
        ("L'été", "lete"),
        ("Straße", "strasse"),
        ("?!", "?!"),
    ],
)
def test_une_reponse_secrete_ne_depend_ni_de_la_casse_ni_des_accents_ni_des_espaces(donnee: str, attendue: str) -> None:
    assert normaliser_reponse(donnee) == attendue


@given(st.text(min_size=1).filter(str.strip))
def test_une_reponse_normalisee_n_est_jamais_vide_ni_changee_par_une_seconde_fois(donnee: str) -> None:
    normale = normaliser_reponse(donnee)
    assert normaliser_reponse(normale) == normale


def test_l_attente_double_jusqu_a_deux_heures_et_jamais_plus() -> None:
    attentes = [attente_apres(nombre) for nombre in range(1, 16)]
    assert attentes == [0, 0, 0, 0, 60, 120, 240, 480, 960, 1920, 3840, 7200, 7200, 7200, 7200]
    assert attente_apres(10**9) == ATTENTE_MAX_S


def test_moins_de_vingt_cinq_essais_tiennent_en_un_jour() -> None:
    instant_, essais, faits = 0, Essais(), 0
    while instant_ < 24 * 3600:
        essais = essai_de_plus(essais, instant_)
        faits += 1
        instant_ = max(instant_, essais.prochain)
    assert ECHECS_LIBRES < faits <= 25


def test_un_jour_sans_essai_efface_le_compte() -> None:
    essais = Essais(9, 100, 1000)
    assert essai_de_plus(essais, 999).nombre == 10
    assert essai_de_plus(essais, 1000).nombre == 1


@pytest.mark.parametrize(
    ("une", "autre", "meme"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("inconnue", "inconnue", True),
    ],
)
def test_une_adresse_ipv6_compte_pour_tout_son_reseau(une: str, autre: str, meme: bool) -> None:
    assert (cle_adresse(une, 0) == cle_adresse(autre, 0)) is meme


def test_les_cles_des_compteurs_ne_montrent_ni_identifiant_ni_adresse() -> None:
    assert cle_essais("Pierre.C") == cle_essais("pierre.c")
    assert "pierre" not in cle_essais("pierre.c")
    assert "192.0.2.1" not in cle_adresse("192.0.2.1", 0)[0]
    assert "pierre" not in limite("activation", "pierre.c", 0).cle


@given(st.uuids(), st.sampled_from(list(UsageCode)), st.uuids())
def test_un_code_a_six_chiffres_et_ne_vaut_que_pour_son_compte_son_usage_et_son_nonce(compte, usage, nonce) -> None:
    code = code_a_six_chiffres("cle", str(compte), usage, str(nonce))
    assert len(code) == 6
    assert set(code) <= set(string.digits)
    assert code_juste("cle", str(compte), usage, str(nonce), code)
    assert not code_juste("cle", str(compte), usage, str(nonce), code + "0")


def test_chaque_donnee_du_code_compte() -> None:
    codes = {
        code_a_six_chiffres(*donnees)
        for donnees in (
            ("cle", "c1", "activation", "n1"),
            ("autre", "c1", "activation", "n1"),
            ("cle", "c2", "activation", "n1"),
            ("cle", "c1", "email", "n1"),
            ("cle", "c1", "activation", "n2"),
        )
    }
    assert len(codes) == 5


def test_le_code_est_fige_par_un_exemple_car_deux_fonctions_le_calculent() -> None:
    assert code_a_six_chiffres("cle", "compte", "activation", "nonce") == "009284"


@given(st.integers(min_value=0, max_value=2 * SESSION_MAX_S))
def test_une_session_prolongee_ne_depasse_jamais_douze_heures(apres: int) -> None:
    session = Session("c1", "s1", "usager", (), JETON_S, SESSION_MAX_S)
    suivante = session_prolongee(session, "s2", apres)
    assert suivante.fin_le == SESSION_MAX_S
    assert suivante.expire_le <= SESSION_MAX_S


def test_un_instant_s_ecrit_en_utc_avec_ses_millisecondes() -> None:
    assert instant(1_800_000_000) == "2027-01-15T08:00:00.000Z"
