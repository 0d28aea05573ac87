"""From which address a call comes: the gateway's word, or CloudFront's when it is CloudFront that calls."""

import pytest

from chalicelib.http import RELAIS, _adresse

SECRET = "un-secret-que-cloudfront-seul-connait-012345"
USAGER, CLOUDFRONT, MENSONGE, AUTRE = "198.51.100.7", "203.0.113.9", "192.0.2.66", "203.0.113.10"


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_RELAIS", SECRET)


def entetes(suite: str, secret: str | None = SECRET) -> dict[str, str]:
    return {"x-forwarded-for": suite, **({RELAIS: secret} if secret is not None else {})}


@pytest.mark.parametrize(
    "suite",
    [
        f"{USAGER}, {CLOUDFRONT}",
        f"{MENSONGE}, {USAGER}, {CLOUDFRONT}",
        f"{CLOUDFRONT},{MENSONGE},{USAGER},{CLOUDFRONT}",
        f"{MENSONGE}, {USAGER}, {CLOUDFRONT}, {AUTRE}",
    ],
)
def test_derriere_cloudfront_c_est_l_adresse_que_cloudfront_a_vue(suite: str) -> None:
    assert _adresse(CLOUDFRONT, entetes(suite)) == USAGER


@pytest.mark.parametrize("secret", [None, "", "faux", SECRET + "x", "é"])
def test_qui_appelle_la_passerelle_directement_ne_choisit_pas_son_adresse(secret: str | None) -> None:
    assert _adresse(USAGER, entetes(f"{MENSONGE}, {USAGER}", secret)) == USAGER


def test_sans_cloudfront_devant_l_adresse_est_celle_que_la_passerelle_a_vue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_RELAIS")
    assert _adresse(USAGER, entetes(f"{MENSONGE}, {USAGER}", "")) == USAGER


@pytest.mark.parametrize("suite", ["", CLOUDFRONT, f"{MENSONGE}, {USAGER}"])
def test_une_suite_ou_la_passerelle_n_est_pas_ne_dit_rien(suite: str) -> None:
    assert _adresse(CLOUDFRONT, entetes(suite)) == CLOUDFRONT
