"""What a caller may send: the base of every input model, and the French sentence of each refusal.

Each action declares its own ``Saisie`` with its fields only. ``valider`` is the single way from bytes to a model.
"""

from collections.abc import Iterator
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from pydantic_core import ErrorDetails

from chalicelib.demande.champs import VIDE_EST_ABSENT
from chalicelib.demande.erreurs import SaisieInvalide


class Saisie(BaseModel):
    """Base of the bodies: unknown fields are refused, outer spaces are dropped, JSON types are not coerced."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


M = TypeVar("M", bound=BaseModel)


def partielle(modele: type[BaseModel], **autres: Any) -> type[Saisie]:
    """The draft of ``modele``: its fields, all optional, each still checked for its form when given.

    ``autres`` replaces the type of a field (a part that may itself be half filled).
    """
    champs: dict[str, Any] = {}
    for nom, champ in modele.model_fields.items():
        type_ = autres.get(nom) or Annotated[(champ.annotation, *champ.metadata, VIDE_EST_ABSENT)]
        champs[nom] = (Annotated[type_ | None, VIDE_EST_ABSENT], None)
    brouillon: type[Saisie] = create_model(f"Brouillon{modele.__name__}", __base__=Saisie, **champs)
    return brouillon


def saisi(modele: BaseModel) -> dict[str, Any]:
    """What was given of ``modele``, absent fields left out, as JSON values ready to be stored."""
    return modele.model_dump(mode="json", exclude_none=True)


_PHRASES = {
    "missing": "Ce champ est obligatoire.",
    "extra_forbidden": "Ce champ n'est pas attendu ici.",
    "string_type": "Un texte est attendu.",
    "int_type": "Un nombre entier est attendu.",
    "int_parsing": "Un nombre entier est attendu.",
    "int_from_float": "Un nombre entier est attendu.",
    "float_type": "Un nombre est attendu.",
    "bool_type": "Répondez par oui ou par non.",
    "bool_parsing": "Répondez par oui ou par non.",
    "list_type": "Une liste est attendue.",
    "dict_type": "Un objet est attendu.",
    "model_type": "Un objet est attendu.",
    "model_attributes_type": "Un objet est attendu.",
    "json_invalid": "Le corps de la requête n'est pas du JSON valide.",
    "string_pattern_mismatch": "Le format n'est pas celui attendu.",
    "union_tag_invalid": "Cette valeur ne fait pas partie des choix possibles.",
    "union_tag_not_found": "Ce champ est obligatoire.",
    "string_unicode": "Le texte contient des caractères illisibles.",
}

# pydantic names the branch of a union that it tried; people know the field only.
_BRANCHES = frozenset({"France", "Etranger", "numerique", "talon"})


INSTANT = "Un instant s'écrit en ISO 8601, avec son fuseau : 2026-11-24T10:00:00Z."


def _est_un_texte(erreur: ErrorDetails) -> bool:
    """A limit set on a text after a validator of its own is told by pydantic as that of a list."""
    return erreur["type"].startswith("string_") or erreur["ctx"].get("field_type") == "Value"


def _phrase(erreur: ErrorDetails) -> str:
    contexte = erreur.get("ctx", {})
    match erreur["type"]:
        case "string_too_short" | "too_short" if _est_un_texte(erreur):
            minimum = contexte["min_length"]
            return "Ce champ est obligatoire." if minimum == 1 else f"{minimum} caractères au moins sont attendus."
        case "string_too_long" | "too_long" if _est_un_texte(erreur):
            return f"{contexte['max_length']} caractères au plus sont acceptés."
        case "too_short":
            return f"{contexte['min_length']} élément(s) au moins sont attendus."
        case "too_long":
            return f"{contexte['max_length']} élément(s) au plus sont acceptés."
        case "literal_error" | "enum":
            return "Cette valeur ne fait pas partie des choix possibles."
        case "greater_than_equal" | "greater_than":
            return f"La valeur doit être au moins {contexte.get('ge', contexte.get('gt'))}."
        case "less_than_equal" | "less_than":
            return f"La valeur doit être au plus {contexte.get('le', contexte.get('lt'))}."
        case "timezone_aware" | "timezone_offset":
            return INSTANT
        case instant if instant.startswith("datetime_"):
            return INSTANT
        case "value_error":
            return str(contexte["error"])
        case connu if connu in _PHRASES:
            return _PHRASES[connu]
        case _:
            return "Cette valeur n'est pas acceptée."


def _erreurs(refus: ValidationError) -> Iterator[tuple[str, str]]:
    for erreur in refus.errors(include_url=False, include_input=False):
        chemin = [str(part) for part in erreur["loc"] if part not in _BRANCHES]
        yield ".".join(chemin), _phrase(erreur)


def valider(modele: type[M], corps: bytes) -> M:
    """Parse ``corps`` (UTF-8 JSON) into ``modele``; raises ``SaisieInvalide`` naming each faulty field in French."""
    try:
        return modele.model_validate_json(corps)
    except ValidationError as refus:
        raise SaisieInvalide(list(_erreurs(refus))) from None


def valider_objet(modele: type[M], objet: Any) -> M:
    """Same as ``valider`` for what is already a Python object (query strings, partner events)."""
    try:
        return modele.model_validate(objet)
    except ValidationError as refus:
        raise SaisieInvalide(list(_erreurs(refus))) from None
