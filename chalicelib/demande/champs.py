"""Field types shared by the input models: what a name, a post code or a partial date may be, said in French.

Each type carries its limits in its JSON schema too (length, pattern), so that the OpenAPI document and the pages built
from the models agree with what is checked here.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StrictBool,
    StringConstraints,
)
from pydantic.networks import validate_email
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

_DANS_UN_NOM = re.compile(r"[\u0300-\u036f '’.\-]")
_TELEPHONE = re.compile(r"^0[1-9]\d{8}$", re.ASCII)
_MOBILE = re.compile(r"^0[67]\d{8}$", re.ASCII)
_DATE = re.compile(r"^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$", re.ASCII)
ANNEE_MIN = 1900
DEPARTEMENT = r"0[1-9]|[1-8]\d|9[0-5]|2[AB]|97[1-8]|98[4-8]"
"""Codes of départements and collectivités; 20 was Corsica's until 1976, and is on birth certificates."""


def _refuser(message: str) -> PydanticCustomError:
    return PydanticCustomError("value_error", "{error}", {"error": message})


def _lisible(texte: str) -> str:
    """NFC, and nothing that a screen or a printer could not show (controls, surrogates, private use)."""
    texte = unicodedata.normalize("NFC", texte)
    if any(unicodedata.category(c)[0] == "C" for c in texte):
        raise _refuser("Le texte contient des caractères invisibles ou illisibles : ressaisissez-le.")
    return texte


def _fins_de_ligne(texte: object) -> object:
    """Lines end one way, whatever typed them: a limit counts what the person sees."""
    return re.sub(r"\r\n?|\u2028|\u2029", "\n", texte) if isinstance(texte, str) else texte


def _lisible_par_lignes(texte: str) -> str:
    """As ``_lisible``, over several lines; a joiner is kept inside the emojis that phones make of it."""
    return "\n".join(_sans_invisible(ligne.replace("\t", " ")) for ligne in texte.split("\n"))


def _sans_invisible(ligne: str) -> str:
    _lisible(ligne.replace("\u200d", ""))
    return unicodedata.normalize("NFC", ligne)


def _nom(texte: str) -> str:
    # isalpha: the Unicode categories of letters; \w of a pattern has signs as ² too.
    if not texte[:1].isalpha() or not all(c.isalpha() or _DANS_UN_NOM.match(c) for c in texte):
        raise _refuser("Seules les lettres, les espaces, les apostrophes et les traits d'union sont acceptés.")
    return texte


def _courriel(texte: str) -> str:
    try:
        return validate_email(texte)[1]
    except ValueError:
        raise _refuser("L'adresse électronique doit ressembler à nom@exemple.fr.") from None


def normaliser_telephone(texte: str) -> str:
    """French numbers as ten digits: spaces, dots and hyphens dropped, +33 and 0033 written 0."""
    chiffres = re.sub(r"[ .\-\u00a0]", "", texte)
    return re.sub(r"^(?:\+33|0033)(?:\(0\))?", "0", chiffres)


def _telephone(texte: str) -> str:
    chiffres = normaliser_telephone(texte)
    if not _TELEPHONE.match(chiffres):
        raise _refuser("Le numéro de téléphone comporte 10 chiffres et commence par 0.")
    return chiffres


def _mobile(texte: str) -> str:
    chiffres = normaliser_telephone(texte)
    if not _MOBILE.match(chiffres):
        raise _refuser("Le numéro de téléphone portable comporte 10 chiffres et commence par 06 ou 07.")
    return chiffres


def _date_partielle(texte: str) -> str:
    trouve = _DATE.match(texte)
    if not trouve:
        raise _refuser("La date s'écrit AAAA-MM-JJ ; si le jour ou le mois est inconnu : AAAA-MM ou AAAA.")
    annee, mois, jour = trouve.groups()
    if int(annee) < ANNEE_MIN:
        raise _refuser(f"L'année doit être au moins {ANNEE_MIN}.")
    try:
        date(int(annee), int(mois or 1), int(jour or 1))
    except ValueError:
        raise _refuser("Cette date n'existe pas dans le calendrier.") from None
    return texte


def _vide_est_absent(valeur: object) -> object:
    """An optional field sent empty, as forms do, is an absent one."""
    return None if isinstance(valeur, str) and not valeur.strip() else valeur


@dataclass(frozen=True)
class Forme:
    """What a text must match whole, and the sentence that refuses it: told beforehand in the JSON schema.

    Not as its ``pattern``: what is typed may have outer spaces, or others that the field's own type drops.
    """

    expression: str
    message: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._verifier, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return handler(schema) | {"x-motif": f"^(?:{self.expression})$", "x-message": self.message}

    def _verifier(self, valeur: str) -> str:
        if not re.fullmatch(self.expression, valeur, re.ASCII):
            raise _refuser(self.message)
        return valeur


def motif_de_texte(expression: str, message: str) -> Forme:
    """What refuses with ``message`` a text that does not match ``expression`` whole."""
    return Forme(expression, message)


LISIBLE = AfterValidator(_lisible)
Texte10 = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10), LISIBLE]
Texte30 = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=30), LISIBLE]
Texte60 = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60), LISIBLE]
Texte100 = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), LISIBLE]
Texte150 = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=150), LISIBLE]
Texte255 = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255), LISIBLE]
Texte500 = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), LISIBLE]
TEXTE_LONG_MAX = 2000
TexteLong = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=TEXTE_LONG_MAX),
    AfterValidator(_lisible_par_lignes),
    BeforeValidator(_fins_de_ligne),
]
"""What somebody writes to somebody: plain text, over several lines."""
NOM_MAX = 100
Nom = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=NOM_MAX),
    AfterValidator(_lisible),
    AfterValidator(_nom),
]
Courriel = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=254),
    AfterValidator(_lisible),
    AfterValidator(_courriel),
    Field(json_schema_extra={"format": "email"}),
]
Telephone = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20), AfterValidator(_telephone)
]
Mobile = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20), AfterValidator(_mobile)]
DatePartielle = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=10),
    AfterValidator(_date_partielle),
    Field(examples=["1956-01-01", "1956-01", "1956"]),
]
CodePostal = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=5),
    motif_de_texte(r"\d{5}", "Le code postal comporte 5 chiffres."),
]
VIDE_EST_ABSENT = BeforeValidator(_vide_est_absent)
OuiNon = StrictBool
