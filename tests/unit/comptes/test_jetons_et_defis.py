"""Jetons, hashing and anti-robot: what is forged, altered, old or absurd is refused, never an exception."""

import base64
import json
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.anti_robot import DUREE_S, AntiRobotAltcha
from chalicelib.adapters.jetons import Jetons
from chalicelib.adapters.secrets_argon2 import SecretsArgon2
from chalicelib.demande.comptes import AntiRobotRefuse, Session
from tests.defi import resoudre

CLE = "cle-de-test-assez-longue-pour-hs256-0123456789"
T0 = 1_800_000_000
SESSION = Session("c1", "s1", "usager", (), T0 + 3600, T0 + 43200)
JETONS = Jetons(lambda: CLE)
ALTCHA = AntiRobotAltcha(CLE)


def test_un_jeton_signe_se_relit_jusqu_a_son_terme() -> None:
    jeton = JETONS.signer(SESSION)
    assert JETONS.lire(jeton, T0) == JETONS.lire(jeton, T0 + 3599) == ("c1", "s1")
    assert JETONS.lire(jeton, T0 + 3600) is None


def test_un_jeton_ne_porte_que_des_numeros_et_un_role() -> None:
    contenu = jwt.decode(JETONS.signer(SESSION), options={"verify_signature": False})
    assert contenu == {"sid": "s1", "sub": "c1", "role": "usager", "exp": T0 + 3600}


@pytest.mark.parametrize(
    "contenu",
    [
        {"sub": "c1", "exp": T0 + 1},
        {"sid": "s1", "exp": T0 + 1},
        {"sid": "s1", "sub": "c1"},
        {"sid": "s1", "sub": 12, "exp": T0 + 1},
        {"sid": "s1", "sub": "c1", "exp": "demain"},
        {"sid": ["s1"], "sub": "c1", "exp": T0 + 1},
    ],
)
def test_un_jeton_signe_mais_incomplet_est_refuse(contenu: dict[str, Any]) -> None:
    assert JETONS.lire(jwt.encode(contenu, CLE, algorithm="HS256"), T0) is None


def test_un_jeton_d_une_autre_cle_ou_d_un_autre_algorithme_est_refuse() -> None:
    contenu = {"sid": "s1", "sub": "c1", "exp": T0 + 1}
    assert JETONS.lire(jwt.encode(contenu, CLE + "x", algorithm="HS256"), T0) is None
    assert JETONS.lire(jwt.encode(contenu, CLE * 2, algorithm="HS512"), T0) is None
    assert JETONS.lire(jwt.encode(contenu, None, algorithm="none"), T0) is None


@given(st.text())
def test_n_importe_quel_texte_est_un_jeton_refuse(texte: str) -> None:
    assert JETONS.lire(texte, T0) is None


@given(st.integers(min_value=0, max_value=200), st.integers(min_value=1, max_value=255))
def test_un_jeton_change_d_un_octet_est_refuse(rang: int, masque: int) -> None:
    jeton = JETONS.signer(SESSION)
    en_tete, contenu, signature = jeton.split(".")
    octets = bytearray(base64.urlsafe_b64decode(contenu + "=="))
    octets[rang % len(octets)] ^= masque
    change = base64.urlsafe_b64encode(bytes(octets)).rstrip(b"=").decode()
    assert JETONS.lire(f"{en_tete}.{change}.{signature}", T0) is None


def test_un_secret_hache_se_verifie_et_deux_hachages_different() -> None:
    secrets = SecretsArgon2(memoire_kio=64, passes=1)
    un, deux = secrets.hacher("Le-Cid-1637"), secrets.hacher("Le-Cid-1637")
    assert un != deux
    assert un.startswith("$argon2id$")
    assert secrets.verifier(un, "Le-Cid-1637")
    assert not secrets.verifier(un, "le-cid-1637")
    assert not secrets.verifier("pas un hachage", "Le-Cid-1637")


@pytest.mark.parametrize("hache", [None, ""], ids=["sans compte", "mot de passe pas encore choisi"])
def test_sans_hachage_aucun_secret_n_est_juste_pas_meme_le_leurre(hache: str | None) -> None:
    assert not SecretsArgon2(memoire_kio=64, passes=1).verifier(hache, "personne")


def test_un_defi_resolu_est_accepte_dix_minutes() -> None:
    reponse = resoudre(ALTCHA.defi(T0))
    defi = ALTCHA.verifier(reponse, T0)
    assert defi.expire == T0 + DUREE_S
    assert ALTCHA.verifier(reponse, T0 + DUREE_S) == defi
    with pytest.raises(AntiRobotRefuse):
        ALTCHA.verifier(reponse, T0 + DUREE_S + 1)


def _changee(**champs: Any) -> str:
    contenu = json.loads(base64.b64decode(resoudre(ALTCHA.defi(T0))))
    return base64.b64encode(json.dumps({**contenu, **champs}).encode()).decode()


@pytest.mark.parametrize(
    "champs",
    [
        {"number": -1},
        {"number": 50_001},
        {"number": "1"},
        {"number": True},
        {"number": 1.5},
        {"algorithm": "SHA-1"},
        {"salt": 12},
        {"salt": "sel?expires=99999999999"},
        {"salt": ""},
        {"signature": "0" * 64},
        {"signature": None},
        {"challenge": "0" * 64},
        {"challenge": []},
    ],
)
def test_une_reponse_changee_est_refusee(champs: dict[str, Any]) -> None:
    with pytest.raises(AntiRobotRefuse):
        ALTCHA.verifier(_changee(**champs), T0)


def test_prolonger_l_echeance_dans_le_sel_ne_sert_a_rien() -> None:
    contenu = json.loads(base64.b64decode(resoudre(ALTCHA.defi(T0))))
    for sel in (contenu["salt"] + "expires=99999999999", contenu["salt"].replace(str(T0 + DUREE_S), "99999999999")):
        with pytest.raises(AntiRobotRefuse):
            ALTCHA.verifier(_changee(salt=sel), T0 + DUREE_S + 1)


def test_le_defi_d_une_autre_cle_est_refuse() -> None:
    with pytest.raises(AntiRobotRefuse):
        ALTCHA.verifier(resoudre(AntiRobotAltcha("autre-cle").defi(T0)), T0)


@given(st.one_of(st.text(), st.binary().map(lambda octets: base64.b64encode(octets).decode())))
def test_n_importe_quel_texte_est_une_reponse_refusee(texte: str) -> None:
    with pytest.raises(AntiRobotRefuse):
        ALTCHA.verifier(texte, T0)


@pytest.mark.parametrize("valeur", ["null", "12", "[]", '"x"', "{}", "[" * 1000])
def test_un_json_inattendu_est_refuse(valeur: str) -> None:
    with pytest.raises(AntiRobotRefuse):
        ALTCHA.verifier(base64.b64encode(valeur.encode()).decode(), T0)
