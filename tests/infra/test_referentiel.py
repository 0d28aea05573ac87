"""The committed files are those that the pinned package gives."""

import gzip
import json
import os
from pathlib import Path

import pytest

from infra.npm import SourceAbsente, obtenir
from infra.referentiel import DONNEES, PAQUET, VERSION, generer


def test_regenerating_gives_the_committed_files() -> None:
    donne = os.environ.get("PERMIS_DECOUPAGE")
    try:
        source = Path(donne) if donne else obtenir(PAQUET, VERSION)
    except SourceAbsente as raison:
        pytest.skip(f"paquet npm indisponible : {raison}")
    engages = {"prefectures.json"} | {f"communes/{f.name}" for f in (DONNEES / "communes").glob("*.json")}
    fichiers = generer(source)
    assert set(fichiers) == engages
    assert [chemin for chemin, texte in fichiers.items() if (DONNEES / chemin).read_text() != texte] == []


def test_a_departement_without_arrondissement_nor_exception_stops_the_generation(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    commune = {
        "type": "commune-actuelle",
        "code": "99001",
        "nom": "Ys",
        "arrondissement": "",
        "codesPostaux": ["99000"],
    }
    (tmp_path / "data" / "communes.json").write_text(json.dumps([commune]))
    departement = {"code": "99", "chefLieu": "99001", "nom": "Armorique", "typeLiaison": 1}
    (tmp_path / "data" / "departements.json").write_text(json.dumps([departement]))
    with pytest.raises(ValueError, match="département 99"):
        generer(tmp_path)


def test_each_file_is_small_enough_for_a_phone() -> None:
    tailles = {f.name: len(gzip.compress(f.read_bytes(), mtime=0)) for f in (DONNEES / "communes").glob("*.json")}
    assert max(tailles.values()) < 10_240, tailles
