"""Communes and préfectures, read from ``referentiel/donnees/`` (made by ``infra/referentiel.py``); no call, no clock.

The files are in the package, one per first two characters of the code postal: a function reads the one it needs, once.
"""

import functools
import json
import unicodedata
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.demande.autorites import departement_de_la_commune

_DONNEES = files("chalicelib") / "referentiel" / "donnees"


class Commune(BaseModel):
    """A commune of today, with the code autorité of the préfecture it belongs to."""

    model_config = ConfigDict(frozen=True)

    nom: str = Field(description="Nom officiel", examples=["Nancy"])
    code: str = Field(description="Code INSEE de la commune", examples=["54395"])
    departement: str = Field(description="Code du département ou de la collectivité", examples=["54"])
    prefecture: str = Field(description="Code autorité de la préfecture de rattachement", examples=["543"])


class Prefecture(BaseModel):
    """A préfecture, or what represents the State where there is none, by its code autorité."""

    model_config = ConfigDict(frozen=True)

    code: str = Field(description="Code autorité", examples=["543"])
    libelle: str = Field(description="Nom usuel", examples=["Préfecture de Meurthe-et-Moselle"])


def communes_de(code_postal: str) -> list[Commune]:
    """The communes that share ``code_postal`` (five digits), by name; none for an unknown one.

    A code postal may cover several départements, and a commune may have several codes postaux.
    """
    trouvees = [_commune(code, nom) for code, nom in _communes(code_postal[:2]).get(code_postal, {}).items()]
    return sorted(trouvees, key=lambda commune: (_forme_de_tri(commune.nom), commune.code))


def prefectures_de(departement: str) -> list[Prefecture]:
    """The préfecture of ``departement`` (54, 2A, 971), in a list; an empty one for an unknown département."""
    connue = _prefectures().get(departement)
    return [Prefecture(**connue)] if connue else []


def prefecture_connue(code: str) -> bool:
    """Whether ``code`` is the code autorité of a préfecture."""
    return code in _departements()


def departement_de(code_autorite: str) -> str:
    """The département where the préfecture ``code_autorite`` has its seat (543 -> 54); ``KeyError`` if unknown."""
    return _departements()[code_autorite]


def _commune(code: str, nom: str) -> Commune:
    departement = departement_de_la_commune(code)
    return Commune(nom=nom, code=code, departement=departement, prefecture=_prefectures()[departement]["code"])


def _forme_de_tri(nom: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", nom.casefold()) if not unicodedata.combining(c))


@functools.cache
def _communes(prefixe: str) -> dict[str, dict[str, str]]:
    # Only digits reach the name of a file.
    fichier = _DONNEES / "communes" / f"{prefixe}.json"
    return _lire(fichier) if prefixe.isdecimal() and prefixe.isascii() and fichier.is_file() else {}


@functools.cache
def _prefectures() -> dict[str, dict[str, str]]:
    return _lire(_DONNEES / "prefectures.json")


@functools.cache
def _departements() -> dict[str, str]:
    # Two collectivités may share one préfecture: its seat is where its code comes from.
    return {
        p["code"]: d for d, p in sorted(_prefectures().items(), key=lambda paire: paire[1]["code"].startswith(paire[0]))
    }


def _lire(fichier: Any) -> dict[str, dict[str, str]]:
    contenu: dict[str, dict[str, str]] = json.loads(fichier.read_text(encoding="utf-8"))
    return contenu
