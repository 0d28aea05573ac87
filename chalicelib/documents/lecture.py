"""Read what a pièce says by itself: the machine-readable zone of an identity document, the 2D-Doc of a bill.

What is not found is not a fault of the file: the pièce goes to a person (demande/lectures.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError

from chalicelib.demande import mrz
from chalicelib.demande.domicile import CodeLu, Signature
from chalicelib.demande.lectures import retenir
from chalicelib.documents.deuxddoc import elargi
from chalicelib.documents.isolement import LimiteAtteinte, executer
from chalicelib.documents.reperage import reperer

SECONDES = 4  # two pages; an ordinary one takes half a second
MEMOIRE = 512 * 1024**2
_PAR_PREUVE: tuple[mrz.NomFormat, ...] = ("td1", "td3", "cni", "permis")
"""Of two zones on one page, the one written first here says what the page is: beside a card, a licence is left."""

ZONES = TypeAdapter(list[list[tuple[str, ...]]])


@dataclass(frozen=True)
class Lue:
    """``mrz`` are the lines of a zone whose keys are right, or of all where there are several; ``formats_mrz`` the
    format of that of each page, "" where it has none; ``code`` a 2D-Doc as a pièce keeps it; empty when there is none.
    """

    mrz: list[str] = field(default_factory=list)
    formats_mrz: list[str] = field(default_factory=list)
    code: dict[str, Any] = field(default_factory=dict)


def lire(type_piece: str, octets: bytes, mime: str, rendu: list[bytes], certificats: str, jour: date) -> Lue:
    """What the file ``octets``, inspected and rendered as ``rendu``, says on ``jour``.

    ``certificats`` are trusted beside those of the real authorities (``deuxddoc.elargi``). Never raises for what is in
    the file; takes at most 4 s and 512 MB (in a child process of its own).
    """
    if type_piece == "identite":
        return _zones(rendu, jour)
    if type_piece == "domicile":
        code = _de_domicile(reperer(octets, mime, len(rendu), elargi(certificats)))
        return Lue(code=retenir(code) if code is not None else {})
    return Lue()


def _de_domicile(codes: Sequence[CodeLu]) -> CodeLu | None:
    """The code of a bill. It may bear another 2D-Doc, of its cheque or its leaflet: the one that says where somebody
    lives matters; of several of these, one that is not right, and what contradicts is told."""
    domiciles = [un for un in codes if un.adresse is not None]
    if not domiciles:
        return codes[0] if codes else None
    code = next((un for un in domiciles if un.signature is not Signature.VERIFIEE), domiciles[0])
    return replace(code, contredit=any(_sujet(un) != _sujet(code) for un in domiciles))


def _sujet(code: CodeLu) -> tuple[object, ...]:
    return code.personnes, code.adresse


def _zones(rendu: list[bytes], jour: date) -> Lue:
    """The zone of the pages, and which of them have one. When they have several that differ, the lines of all: they
    make no zone, and a person sees which is whose. A licence beside a card is left alone."""
    import numpy  # noqa: F401  (loaded here, so that the child need not)

    from chalicelib.documents.mrz import lire_mrz

    def lecture() -> tuple[dict[str, Any], list[bytes]]:
        return {"zones": [[list(une.lignes) for une in lire_mrz(page, jour)] for page in rendu]}, []

    try:
        valeur, _ = executer(lecture, SECONDES, MEMOIRE)
        lignes = ZONES.validate_python(valeur.get("zones"))
    except (LimiteAtteinte, ValidationError):
        return Lue()
    pages = [
        [lue for lue in (mrz.lire(une, jour) for une in siennes) if lue is not None and lue.cles_justes]
        for siennes in lignes
    ]
    zones = {une.lignes: une.format for page in pages for une in page}
    retenues = sorted(une for une, format_ in zones.items() if format_ != "permis") or sorted(zones)
    return Lue(
        mrz=[ligne for une in retenues for ligne in une],
        formats_mrz=[min((une.format for une in page), key=_PAR_PREUVE.index, default="") for page in pages],
    )
