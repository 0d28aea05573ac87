"""GET …/pieces/{piece_id}/pages/{n}: a page as an image for the viewer, of any version of a pièce."""

import re

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.dossier import pieces_du_dossier
from chalicelib.demande.erreurs import Introuvable, PieceInconnue
from chalicelib.demande.ports_consultations import Quoi
from chalicelib.fonctions import Fonction
from chalicelib.guichet import lire_pour_agent_et_pieces
from chalicelib.http import AGENT, CTN, Appel, Reponse, route
from chalicelib.usager import Lien, consulter, piece_visee

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:demandes": ("Query",),
        "table:consultations": ("PutItem",),
        "bucket:pieces/*": ("GetObject",),
    },
    variables=("URL_LIENS",),
)

_RANG = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)


class PageInconnue(Introuvable):
    """The pièce has no such page (404)."""

    titre = "Page introuvable"
    detail = "Cette pièce n'a pas de page à ce numéro."


def page_visee(appel: Appel[None]) -> int:
    """The number of the page in the path; what is no number is an unknown page, told without a call."""
    if not _RANG.fullmatch(appel.chemin["n"]):
        raise PageInconnue()
    return int(appel.chemin["n"])


@route(
    bp,
    "GET",
    "/instruction/demandes/{id}/pieces/{piece_id}/pages/{n}",
    qui=AGENT + CTN,
    reponse=Lien,
    erreurs=(404,),
)
def handler(appel: Appel[None]) -> Reponse:
    """Voir une page d'une pièce"""
    piece_id, rang = piece_visee(appel), page_visee(appel)
    demande, pieces = lire_pour_agent_et_pieces(appel)
    piece = next((une for une in pieces_du_dossier(demande, pieces) if une.piece_id == piece_id), None)
    if piece is None:
        raise PieceInconnue()
    if rang > piece.pages:
        raise PageInconnue()
    consulter(appel, demande, Quoi.PAGE, f"{piece_id}/{rang}")
    return Reponse(Lien(url=wiring.fichiers().liens_pages(piece)[rang - 1]))
