"""Make the committed reference data from the npm package ``@etalab/decoupage-administratif``.

``python -m infra.referentiel [FOLDER]`` reads the unpacked package in FOLDER, or fetches the pinned version first. It
writes ``chalicelib/referentiel/donnees/communes/<two first digits of the code postal>.json`` and ``prefectures.json``.
``exceptions.json`` beside them is kept by hand: the places without arrondissement (Mayotte, collectivités), whose code
is their own followed by 1, as where there is one arrondissement only; the two where nobody lives, which are left out;
and the préfectures whose usual name is not the one that the article given by INSEE would make.

Communes are today's ones: people live in Paris, not in « Paris 1er Arrondissement », and a commune déléguée has no code
postal of its own in the package. Files have one line per code postal or département, so that an update can be read.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chalicelib.demande.autorites import code_autorite, departement_de_la_commune
from infra import npm

RACINE = Path(__file__).parents[1]
DONNEES = RACINE / "chalicelib" / "referentiel" / "donnees"
PAQUET, VERSION = "@etalab/decoupage-administratif", "6.0.0"

# The article before a name, by INSEE's « typeLiaison » (TNCC).
_LIAISONS = {0: "de ", 1: "d'", 2: "du ", 3: "de la ", 4: "des ", 5: "de l'"}


def generer(source: Path) -> dict[str, str]:
    """The text of each file to commit, by its path under ``donnees/``, from the unpacked package ``source``.

    Raises ``ValueError`` when a département has neither an arrondissement holding its chef-lieu nor an exception.
    """
    communes = [c for c in _lire(source, "communes") if c["type"] == "commune-actuelle"]
    exceptions = json.loads((DONNEES / "exceptions.json").read_text())
    prefectures = _prefectures(_lire(source, "departements"), communes, exceptions)
    fichiers = {"prefectures.json": _en_lignes(prefectures)}
    paquets: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    for commune in communes:
        if departement_de_la_commune(commune["code"]) in exceptions["sans_autorite"]:
            continue
        for code_postal in commune.get("codesPostaux", ()):
            paquets[code_postal[:2]][code_postal][commune["code"]] = commune["nom"]
    for prefixe, codes in paquets.items():
        fichiers[f"communes/{prefixe}.json"] = _en_lignes(codes)
    return fichiers


def _lire(source: Path, nom: str) -> list[dict[str, Any]]:
    contenu: list[dict[str, Any]] = json.loads((source / "data" / f"{nom}.json").read_text())
    return contenu


def _prefectures(
    departements: list[dict[str, Any]], communes: list[dict[str, Any]], exceptions: Mapping[str, Any]
) -> dict[str, dict[str, str]]:
    arrondissements = {commune["code"]: commune.get("arrondissement", "") for commune in communes}
    prefectures = {}
    for departement in departements:
        code = departement["code"]
        if code in exceptions["sans_autorite"]:
            continue
        if code in exceptions["autorites"]:
            prefectures[code] = exceptions["autorites"][code]
            continue
        autorite = code_autorite(departement["chefLieu"], arrondissements)
        if autorite is None:
            raise ValueError(f"département {code} sans arrondissement du chef-lieu : à ajouter dans exceptions.json")
        libelle = f"Préfecture {_LIAISONS[departement['typeLiaison']]}{departement['nom']}"
        prefectures[code] = {"code": autorite, "libelle": exceptions["libelles"].get(code, libelle)}
    return prefectures


def _en_lignes(objet: Mapping[str, Mapping[str, str]]) -> str:
    lignes = [
        f"{json.dumps(cle)}: {json.dumps(dict(sorted(objet[cle].items())), ensure_ascii=False)}"
        for cle in sorted(objet)
    ]
    return "{\n" + ",\n".join(lignes) + "\n}\n"


def main() -> int:
    """Write the files, and remove those that have no more reason to be."""
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else npm.obtenir(PAQUET, VERSION)
    fichiers = generer(source)
    for ancien in (DONNEES / "communes").glob("*.json"):
        if f"communes/{ancien.name}" not in fichiers:
            ancien.unlink()
    for chemin, texte in fichiers.items():
        (DONNEES / chemin).parent.mkdir(parents=True, exist_ok=True)
        (DONNEES / chemin).write_text(texte)
    print(f"{len(fichiers)} fichiers écrits depuis {PAQUET} {VERSION}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
