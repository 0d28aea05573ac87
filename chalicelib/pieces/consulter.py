"""GET /demandes/{id}/pieces/{piece_id}: a short-lived link to each controlled page."""

from chalice import Blueprint
from pydantic import BaseModel

from chalicelib import wiring
from chalicelib.demande.erreurs import FichierAbsent, PieceInconnue
from chalicelib.fonctions import Fonction
from chalicelib.http import SAISIE, Appel, Reponse, route
from chalicelib.usager import lire_la_sienne_et_ses_pieces, piece_visee

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={"table:consultations": ("PutItem",), "table:demandes": ("Query",), "bucket:pieces/*": ("GetObject",)},
    variables=("URL_LIENS",),
)


class LienPiece(BaseModel):
    """``url`` is the first page's image, ``pages`` all of them in order."""

    url: str
    pages: list[str]


@route(bp, "GET", "/demandes/{id}/pieces/{piece_id}", qui=SAISIE, reponse=LienPiece, erreurs=(404, 409))
def handler(appel: Appel[None]) -> Reponse:
    """Consulter une pièce"""
    piece_id = piece_visee(appel)
    _, pieces = lire_la_sienne_et_ses_pieces(appel)
    piece = next((une for une in pieces if une.piece_id == piece_id), None)
    if piece is None:
        raise PieceInconnue()
    if piece.pages == 0:
        raise FichierAbsent("Cette pièce n'a pas de page à montrer : son fichier n'est pas arrivé, ou a été refusé.")
    liens = wiring.fichiers().liens_pages(piece)
    return Reponse(LienPiece(url=liens[0], pages=liens))
