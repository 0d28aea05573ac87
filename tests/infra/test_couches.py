"""What each function weighs once its layers are unpacked: Lambda adds them up."""

import importlib
import zipfile

from infra.local.runtime import RACINE
from tests.infra.test_gabarit import _groupes

BUILD = RACINE / "build"
LIMITE = 262_144_000


def _poids(chemin: str) -> int:
    with zipfile.ZipFile(BUILD / chemin) as lu:
        return sum(entree.file_size for entree in lu.infolist())


def test_le_code_et_toutes_les_couches_d_une_fonction_tiennent_ensemble(construit: None) -> None:
    couches = {chemin.stem: _poids(f"couches/{chemin.name}") for chemin in (BUILD / "couches").glob("*.zip")}
    code = _poids("paquet.zip")
    print(f"\ncode {code / 1e6:.0f} Mo, couches { ({nom: round(poids / 1e6) for nom, poids in couches.items()}) }")
    fonctions = [importlib.import_module(f"chalicelib.{groupe}").FONCTION for groupe in _groupes()]
    assert any(fonction.couches for fonction in fonctions)
    for fonction in fonctions:
        assert code + sum(couches[nom] for nom in fonction.couches) < LIMITE
    # The function that controls pièces takes them both (docs/decisions/mrz.md).
    assert code + couches["documents"] + couches["vision"] < LIMITE
