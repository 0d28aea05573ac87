"""Compose the PDFs that we issue: one style, French typography, tagged for screen readers (PDF/UA-1).

The same values give the same bytes: no hour of making, no font of the machine. What people typed reaches the template
as JSON values, so that nothing in it can be read as markup.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from chalicelib.demande.instants import heure_legale
from chalicelib.demande.vue import masquer_timbre
from chalicelib.settings import lire

MODELES = Path(__file__).parent / "modeles"
MOIS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip
INSECABLE = "\u00a0"
CESURE = "\u200b"  # where a word without an end may be cut
MOT_TROP_LONG = re.compile(r"[^\s'’-]{20}(?=[^\s'’-])")

# What is drawn: Latin with all its accents, as the civil registry writes, and punctuation. The fonts have no glyph for
# much of the rest (emoji, say), and an accessible PDF with a missing glyph is not made at all.
ALPHABETS = ((0x20, 0x7E), (0xA0, 0x17F), (0x1E00, 0x1EFF), (0x2010, 0x2027), (0x202F, 0x2040))
SIGNES = "€№™→•"


def composer(modele: str, donnees: Mapping[str, Any], code: str) -> bytes:
    """The PDF of the template ``modele`` (a name in ``modeles/``) filled with ``donnees`` (JSON-able), and with the
    symbol of its signed ``code`` (documents/cachet.py)."""
    import typst

    from chalicelib.documents.cachet import symbole_svg

    return typst.compile(
        MODELES / f"{modele}.typ",
        root=MODELES,
        font_paths=[_polices()],
        ignore_system_fonts=True,
        sys_inputs={
            "donnees": json.dumps(_affichable(donnees)),
            "code": symbole_svg(code),
            "verifier": f"{lire('URL_SITE').rstrip('/')}/verifier/",
        },
        pdf_standards=["ua-1"],
        timestamp=0,
        format="pdf",
    )


def grouper(chiffres: str) -> str:
    """Digits by four, for reading and dictating: 1244 1542 1342 …"""
    return INSECABLE.join(chiffres[rang : rang + 4] for rang in range(0, len(chiffres), 4))


def masquer(numero_timbre: str) -> str:
    """A stamp's number without what would let somebody else use it: only the last four digits."""
    return grouper(masquer_timbre(numero_timbre))


def euros(centimes: int) -> str:
    """2500 -> 25,00 €"""
    return f"{centimes // 100},{centimes % 100:02}{INSECABLE}€"


def jour_en_lettres(jour: date) -> str:
    """1er novembre 2026"""
    return f"{'1er' if jour.day == 1 else jour.day}{INSECABLE}{MOIS[jour.month - 1]}{INSECABLE}{jour.year}"


def instant_en_lettres(instant: datetime) -> str:
    """24 novembre 2026 à 21 h 27, in Paris; ``instant`` carries its zone."""
    a_paris = heure_legale(instant)
    return f"{jour_en_lettres(a_paris)} à {a_paris.hour}{INSECABLE}h{INSECABLE}{a_paris.minute:02}"


@cache
def _polices() -> Path:
    paquet = find_spec("font_source_sans_pro")
    if paquet is None or paquet.origin is None:
        raise ModuleNotFoundError("font_source_sans_pro")
    return Path(paquet.origin).parent / "files"


def _affichable(valeur: Any) -> Any:
    if isinstance(valeur, str):
        return MOT_TROP_LONG.sub(lambda debut: debut[0] + CESURE, _dessinable(valeur))
    if isinstance(valeur, Mapping):
        return {cle: _affichable(v) for cle, v in valeur.items()}
    if isinstance(valeur, list | tuple):
        return [_affichable(v) for v in valeur]
    return valeur


def _dessinable(texte: str) -> str:
    return "".join(
        c if c in SIGNES or any(debut <= ord(c) <= fin for debut, fin in ALPHABETS) else "?"
        for c in unicodedata.normalize("NFC", texte)
    )
