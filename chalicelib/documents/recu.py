"""The receipt of a payment: every payment made on line gets one (CRPA L112-11)."""

from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.documents.edition import composer, euros, grouper, instant_en_lettres, jour_en_lettres, masquer


@dataclass(frozen=True)
class Recu:
    """What the receipt says. ``reference`` is the purchase's, None for a stamp bought elsewhere; ``numero_timbre`` has
    16 digits and is printed masked; ``numero`` is the demande's, None before its confirmation; ``paye_le`` carries its
    zone; ``timbre_expire_le`` is the stamp's own."""

    reference: str | None
    numero_timbre: str
    montant_centimes: int
    paye_le: datetime
    demandeur: str
    motif: str
    numero: str | None
    timbre_expire_le: date


def rendre(recu: Recu, code: str) -> bytes:
    """The PDF, with its signed ``code``."""
    return composer(
        "recu",
        {
            "reference": recu.reference,
            "timbre": masquer(recu.numero_timbre),
            "montant": euros(recu.montant_centimes),
            "paye_le": instant_en_lettres(recu.paye_le),
            "demandeur": recu.demandeur,
            "motif": recu.motif,
            "numero": grouper(recu.numero) if recu.numero else None,
            "expire_le": jour_en_lettres(recu.timbre_expire_le),
        },
        code,
    )
