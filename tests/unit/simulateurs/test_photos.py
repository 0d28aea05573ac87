"""The simulated e-photo base."""

from pathlib import Path

import pytest

from infra.local.simulateurs.photos import BasePhotos
from infra.local.simulateurs.socle import ouvrir


@pytest.mark.parametrize("etat", ["valide", "en_activation", "inconnu", "deja_utilise", "expire"])
def test_a_code_has_22_alphanumerics_and_keeps_its_state_through_a_sudden_end(tmp_path: Path, etat: str) -> None:
    premiere = ouvrir(tmp_path)
    code = BasePhotos(premiere, lambda: 0.0).creer(etat)  # type: ignore[arg-type]
    assert len(code) == 22 and code.isalnum() and code.isascii()
    seconde = ouvrir(tmp_path)
    assert BasePhotos(seconde, lambda: 0.0).consulter(code) == etat
    premiere.close()
    seconde.close()


def test_codes_differ(tmp_path: Path) -> None:
    base = ouvrir(tmp_path)
    photos = BasePhotos(base, lambda: 0.0)
    assert len({photos.creer("valide") for _ in range(50)}) == 50
    base.close()
