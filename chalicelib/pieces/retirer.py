"""DELETE /demandes/{id}/pieces/{piece_id}: remove a pièce from a draft."""

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.erreurs import PieceInconnue
from chalicelib.demande.modeles import Piece
from chalicelib.demande.ports import Demandes, Fichiers, Modification
from chalicelib.fonctions import Fonction
from chalicelib.http import USAGER, Appel, Reponse, route
from chalicelib.usager import lire_la_sienne_et_ses_pieces, modification, piece_visee

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:demandes": ("Query", "UpdateItem", "DeleteItem"),
        "bucket:quarantaine/*": ("DeleteObject",),
        "bucket:pieces": ("ListBucket",),
        "bucket:pieces/*": ("DeleteObject",),
    },
)


def retirer(demandes: Demandes, fichiers: Fichiers, ecriture: Modification, piece: Piece) -> None:
    """Forget the pièce, then its files: cut in between, what is left is unreachable and expires."""
    demandes.retirer_piece(piece.demande_id, ecriture, piece.piece_id)
    fichiers.supprimer(piece)


@route(bp, "DELETE", "/demandes/{id}/pieces/{piece_id}", qui=USAGER, statut=204, erreurs=(404, 409, 412))
def handler(appel: Appel[None]) -> Reponse:
    """Retirer une pièce"""
    piece_id = piece_visee(appel)
    _, pieces = lire_la_sienne_et_ses_pieces(appel)
    piece = next((une for une in pieces if une.piece_id == piece_id), None)
    if piece is None:
        raise PieceInconnue()
    retirer(wiring.demandes(), wiring.fichiers(), modification(appel), piece)
    return Reponse(statut=204)
