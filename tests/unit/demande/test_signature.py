"""The signature of partner events: what is signed passes, whatever else does not, and nothing makes it break."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.demande.signature import TOLERANCE_S, signer, verifier

CLE, CORPS, T = "une-cle-partagee", b'{"reference": "r", "resultat": "accepte"}', 1_800_000_000


@given(cle=st.text(min_size=1, max_size=20), corps=st.binary(max_size=50), ecart=st.integers(-TOLERANCE_S, TOLERANCE_S))
def test_ce_qui_est_signe_passe_pendant_cinq_minutes(cle: str, corps: bytes, ecart: int) -> None:
    assert verifier(cle, corps, signer(cle, corps, T), T + ecart)


@pytest.mark.parametrize("ecart", [TOLERANCE_S + 1, -TOLERANCE_S - 1, 10**6, -T])
def test_un_evenement_vieux_ou_du_futur_est_refuse(ecart: int) -> None:
    assert not verifier(CLE, CORPS, signer(CLE, CORPS, T), T + ecart)


def test_un_autre_corps_une_autre_cle_ou_un_autre_instant_sont_refuses() -> None:
    signature = signer(CLE, CORPS, T)
    assert not verifier(CLE, CORPS + b" ", signature, T)
    assert not verifier(CLE + "x", CORPS, signature, T)
    assert not verifier(CLE, CORPS, signature.replace(f"t={T}", f"t={T + 1}"), T)


@pytest.mark.parametrize(
    "forge",
    ["", "t=1", "v1=" + "0" * 64, f"t={T},v1=" + "0" * 64, f"t={T},v1=", f"t={T};v1={'0' * 64}", f"t=-1,v1={'0' * 64}"],
)
def test_une_signature_forgee_est_refusee(forge: str) -> None:
    assert not verifier(CLE, CORPS, forge, T)


@pytest.mark.parametrize("ajout", ["\n", " ", ",v1=" + "0" * 64])
def test_rien_ne_s_ajoute_a_une_signature(ajout: str) -> None:
    assert not verifier(CLE, CORPS, signer(CLE, CORPS, T) + ajout, T)


def test_un_instant_ecrit_en_chiffres_d_un_autre_alphabet_est_refuse_sans_panne() -> None:
    arabes = str(T).translate({ord(str(chiffre)): 0x660 + chiffre for chiffre in range(10)})
    assert not verifier(CLE, CORPS, f"t={arabes},v1={'0' * 64}", T)


@given(st.text(max_size=100))
def test_aucun_texte_ne_passe_ni_ne_casse(entete: str) -> None:
    assert not verifier(CLE, CORPS, entete, T)
