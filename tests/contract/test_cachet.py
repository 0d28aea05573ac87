"""The same of every seal: what it signs verifies with the key that it gives under that name, and with no other."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.adapters import clients
from chalicelib.adapters.cachet_kms import CachetKms
from chalicelib.demande.erreurs import ServiceIndisponible
from chalicelib.demande.ports_cachet import Cachet
from chalicelib.documents.deuxddoc import verifier_signature
from tests.compteur import compter_appels
from tests.contract.tables import aws_simule
from tests.fakes.cachet import FakeCachet


@pytest.fixture
def kms() -> Iterator[Any]:
    with aws_simule():
        yield clients.client("kms")


def cle(kms: Any) -> str:
    metadonnees = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    return str(metadonnees["Arn"])


@pytest.fixture(params=["mémoire", "KMS"])
def cachet(request: pytest.FixtureRequest) -> Cachet:
    if request.param == "KMS":
        kms = request.getfixturevalue("kms")
        return CachetKms(kms, {"0001": cle(kms)})
    return FakeCachet()


def test_ce_qui_est_signe_se_verifie_avec_la_cle_de_ce_nom(cachet: Cachet) -> None:
    assert cachet.certificat == "0001"
    publique = cachet.cle_publique("0001")
    assert publique is not None
    for message in (b"x", b"DC04XP00", b"x" * 500):
        signature = cachet.signer(message)
        assert len(signature) == 64
        assert verifier_signature(publique, message, signature)
        assert not verifier_signature(publique, message + b" ", signature)
        assert not verifier_signature(publique, message, signature[:-1] + bytes((signature[-1] ^ 1,)))


def test_un_nom_qui_ne_fut_jamais_le_sien_n_a_pas_de_cle(cachet: Cachet) -> None:
    for nom in ("0002", "", "000", "arn:aws:kms"):
        assert cachet.cle_publique(nom) is None


def test_les_cles_passees_verifient_encore(kms: Any) -> None:
    premiere = cle(kms)
    avant = CachetKms(kms, {"0001": premiere})
    signature = avant.signer(b"message")
    apres = CachetKms(kms, {"0001": premiere, "0002": cle(kms)})
    assert apres.certificat == "0002"
    publiques = [apres.cle_publique(nom) or b"" for nom in ("0001", "0002")]
    assert [verifier_signature(publique, b"message", signature) for publique in publiques] == [True, False]


def test_kms_ne_donne_qu_une_fois_une_cle_qui_ne_change_pas(kms: Any) -> None:
    cachet = CachetKms(kms, {"0001": cle(kms)})
    with compter_appels() as appels:
        cachet.cle_publique("0001")
        cachet.cle_publique("0001")
        cachet.signer(b"message")
        cachet.cle_publique("9999")
    assert [appel.operation for appel in appels] == ["GetPublicKey", "Sign"]


def test_une_panne_de_kms_est_un_service_indisponible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    for nom in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(nom, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")
    clients.client.cache_clear()
    clients.session.cache_clear()
    cachet = CachetKms(clients.client("kms"), {"0001": "alias/cachet"})
    try:
        with pytest.raises(ServiceIndisponible):
            cachet.signer(b"message")
        with pytest.raises(ServiceIndisponible):
            cachet.cle_publique("0001")
    finally:
        clients.client.cache_clear()
        clients.session.cache_clear()
