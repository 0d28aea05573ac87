"""The « justificatif de la pré-demande » (deck, step 8): what was deposited, when, and what comes next."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.documents.edition import composer, euros, grouper, instant_en_lettres, masquer


@dataclass(frozen=True)
class PieceDeposee:
    """A pièce of the demande: what it is, in words, and how many pages were taken."""

    libelle: str
    pages: int


@dataclass(frozen=True)
class Justificatif:
    """What the justificatif says. ``numero`` has 23 digits; ``motif`` and ``prefecture`` are in words; ``depose_le``
    carries its zone; ``montant_centimes`` is 0 when nothing was due, and then ``numero_timbre`` is None; ``talon`` when
    photo and signature come by post."""

    numero: str
    demandeur: str
    motif: str
    prefecture: str
    depose_le: datetime
    pieces: tuple[PieceDeposee, ...]
    montant_centimes: int
    numero_timbre: str | None
    talon: bool


def rendre(justificatif: Justificatif, code: str) -> bytes:
    """The PDF, with its signed ``code``."""
    return composer(
        "justificatif",
        {
            "numero": grouper(justificatif.numero),
            "demandeur": justificatif.demandeur,
            "motif": justificatif.motif,
            "prefecture": justificatif.prefecture,
            "depose_le": instant_en_lettres(justificatif.depose_le),
            "pieces": [{"libelle": piece.libelle, "pages": piece.pages} for piece in justificatif.pieces],
            "paiement": _paiement(justificatif),
            "talon": justificatif.talon,
        },
        code,
    )


def _paiement(justificatif: Justificatif) -> str:
    if justificatif.numero_timbre is None:
        return "Aucun timbre fiscal n’est dû pour ce motif."
    timbre = masquer(justificatif.numero_timbre)
    return f"Timbre fiscal de {euros(justificatif.montant_centimes)}, numéro {timbre}."
