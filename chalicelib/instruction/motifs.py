"""GET /instruction/motifs: the closed lists from which an agent says why."""

from collections.abc import Mapping

from chalice import Blueprint
from pydantic import BaseModel

from chalicelib.demande.motifs_decision import LIBELLES_PAGE, LIBELLES_PIECE, LIBELLES_REFUS, LIBELLES_SUSPENSION
from chalicelib.fonctions import Fonction
from chalicelib.http import AGENT, CTN, Appel, Reponse, route

bp = Blueprint(__name__)
FONCTION = Fonction(memoire=256)


class MotifDInstruction(BaseModel):
    """``code`` is sent back; ``libelle`` is what the usager reads."""

    code: str
    libelle: str


class MotifsDInstruction(BaseModel):
    """Why something is asked again, why the demande is refused, why a pièce is, or one of its pages.

    The codes of ``page`` are those of ``piece``.
    """

    suspension: list[MotifDInstruction]
    refus: list[MotifDInstruction]
    piece: list[MotifDInstruction]
    page: list[MotifDInstruction]


def en_liste(libelles: Mapping[str, str]) -> list[MotifDInstruction]:
    """A closed list, in its order."""
    return [MotifDInstruction(code=code, libelle=libelle) for code, libelle in libelles.items()]


@route(bp, "GET", "/instruction/motifs", qui=(*AGENT, *CTN), reponse=MotifsDInstruction)
def handler(appel: Appel[None]) -> Reponse:
    """Lister les motifs de suspension, de refus et de pièce"""
    return Reponse(
        MotifsDInstruction(
            suspension=en_liste(LIBELLES_SUSPENSION),
            refus=en_liste(LIBELLES_REFUS),
            piece=en_liste(LIBELLES_PIECE),
            page=en_liste(LIBELLES_PAGE),
        )
    )
