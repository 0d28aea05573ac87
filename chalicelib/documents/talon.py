"""The « talon photo-signature »: printed, completed by hand and posted by who has no e-photo (deck, step 4)."""

from dataclasses import dataclass

from chalicelib.documents.edition import composer

# Convention: no public source gives the address of the service that scans the talons.
ADRESSE = ("Permis de conduire en ligne", "Talons photo-signature", "TSA 00543", "54000 NANCY CEDEX")


@dataclass(frozen=True)
class Talon:
    """What the talon says. ``code`` identifies the demande when the talon comes back (`code_talon` of API.md)."""

    code: str
    demandeur: str
    motif: str


def rendre(talon: Talon, code: str) -> bytes:
    """The PDF, one A4 page at its true size: the frame of the photo is 35 × 45 mm. Its signed ``code`` says whose it is
    when it comes back by post."""
    return composer(
        "talon",
        {
            "code": talon.code,
            "demandeur": talon.demandeur,
            "motif": talon.motif,
            "adresse": ADRESSE,
        },
        code,
    )
