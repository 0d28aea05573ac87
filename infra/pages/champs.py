"""From a pydantic model to what a form field needs: its words, its limits, its required mark, its closed list.

Nothing is typed twice: labels and hints are the fields' ``title`` and ``description``, limits and lists are read in the
types, and the sentence of a missing field is the one that the API answers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import MaxLen, MinLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic.types import StringConstraints

from chalicelib.demande.champs import Forme
from chalicelib.demande.erreurs import SaisieInvalide
from chalicelib.demande.motifs import REGLES
from chalicelib.demande.suivi import LIBELLES
from chalicelib.saisie import valider_objet


class LibelleManquant(Exception):
    """A field has no words for the people who fill it: give it a ``title`` in its model."""


@dataclass(frozen=True)
class Champ:
    """One field of a form. Lengths in characters; ``nombre_max`` is that of a list; ``choix`` are (value, words)."""

    nom: str
    libelle: str
    aide: str = ""
    obligatoire: bool = False
    longueur_min: int | None = None
    longueur_max: int | None = None
    motif: str = ""
    message_motif: str = ""
    message_obligatoire: str = ""
    format: str = ""
    liste: bool = False
    nombre_max: int | None = None
    choix: tuple[tuple[str, str], ...] = ()


def decrire(modele: type[BaseModel], prefixe: str = "") -> dict[str, Champ]:
    """The fields of ``modele`` by their dotted name, its parts' too: each form of a union, items of a list.

    Raises ``LibelleManquant``.
    """
    absents = _messages_d_absence(modele)
    champs: dict[str, Champ] = {}
    for nom, info in modele.model_fields.items():
        complet = f"{prefixe}{nom}"
        if not info.title:
            raise LibelleManquant(f"{modele.__name__}.{nom} n'a pas de libellé (Field(title=…))")
        champs[complet] = _champ(complet, info, absents.get(nom, ""))
        for partie in _parties(info.annotation):
            champs |= decrire(partie, f"{complet}.")
    return champs


def _messages_d_absence(modele: type[BaseModel]) -> dict[str, str]:
    """What the API says of each mandatory field, when nothing is sent."""
    try:
        valider_objet(modele, {})
    except SaisieInvalide as refus:
        return {erreur["champ"]: erreur["message"] for erreur in refus.champs["erreurs"]}
    return {}


def _champ(nom: str, info: FieldInfo, absence: str) -> Champ:
    contraintes = list(_contraintes(info))
    formes = [c for c in contraintes if isinstance(c, Forme)]
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    liste = _est_liste(info.annotation)
    bornes = [(c.min_length, c.max_length) for c in contraintes if isinstance(c, StringConstraints)]
    longueurs_min = [borne for borne, _ in bornes if borne is not None]
    longueurs_max = [borne for _, borne in bornes if borne is not None]
    exterieures = [*info.metadata]
    nombres = [c.max_length for c in exterieures if isinstance(c, MaxLen)]
    if not liste:
        longueurs_min += [c.min_length for c in contraintes if isinstance(c, MinLen)]
        longueurs_max += [c.max_length for c in contraintes if isinstance(c, MaxLen)]
    formats = [
        str(c.json_schema_extra.get("format", ""))
        for c in contraintes
        if isinstance(c, FieldInfo) and isinstance(c.json_schema_extra, dict)
    ]
    return Champ(
        nom=nom,
        libelle=info.title or "",
        aide=info.description or "",
        obligatoire=info.is_required(),
        longueur_min=max(longueurs_min, default=None),
        longueur_max=min(longueurs_max, default=None),
        motif=formes[0].expression if formes else "",
        message_motif=formes[0].message if formes else "",
        message_obligatoire=absence,
        format=next(filter(None, [str(extra.get("format", "")), *formats]), ""),
        liste=liste,
        nombre_max=min(nombres, default=None) if liste else None,
        choix=_choix(info, extra),
    )


def _contraintes(info: FieldInfo) -> Iterator[Any]:
    yield from info.metadata
    yield from _dans(info.annotation)


def _dans(annotation: Any) -> Iterator[Any]:
    """What ``Annotated`` says anywhere inside a type: of an optional field, of the items of a list."""
    origine = get_origin(annotation)
    if origine is Annotated:
        dedans, *dits = get_args(annotation)
        yield from dits
        yield from _dans(dedans)
    elif origine in (Union, UnionType, list):
        for membre in get_args(annotation):
            yield from _dans(membre)


def _types(annotation: Any) -> Iterator[Any]:
    origine = get_origin(annotation)
    if origine is Annotated:
        yield from _types(get_args(annotation)[0])
    elif origine in (Union, UnionType):
        for membre in get_args(annotation):
            yield from _types(membre)
    else:
        yield annotation


def _est_liste(annotation: Any) -> bool:
    return any(get_origin(un) is list for un in _types(annotation))


def _parties(annotation: Any) -> Iterator[type[BaseModel]]:
    for un in _types(annotation):
        if get_origin(un) is list:
            yield from _parties(get_args(un)[0])
        elif isinstance(un, type) and issubclass(un, BaseModel):
            yield un


def _choix(info: FieldInfo, extra: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """The closed list of a field, in the order of its type; that of a text whose model checks it is its words'."""
    libelles: dict[str, str] = {motif.value: regle.libelle for motif, regle in REGLES.items()}
    libelles |= {statut.value: libelle for statut, libelle in LIBELLES.items()}
    libelles |= extra.get("libelles", {})
    valeurs: list[str] = []
    for type_ in _types(info.annotation):
        if get_origin(type_) is Literal:
            valeurs += [str(valeur) for valeur in get_args(type_)]
        elif isinstance(type_, type) and issubclass(type_, Enum):
            valeurs += [str(membre.value) for membre in type_]
        elif type_ is bool:
            valeurs += [valeur for valeur in ("true", "false") if valeur in extra.get("libelles", {})]
        elif type_ is str:
            valeurs += extra.get("libelles", {})
    sans = [valeur for valeur in valeurs if valeur not in libelles]
    if sans:
        raise LibelleManquant(f"{info.title} : pas de mots pour {', '.join(sans)}")
    return tuple((valeur, libelles[valeur]) for valeur in valeurs)
