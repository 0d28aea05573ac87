"""DELETE /demandes/{id}/pieces/{piece_id}: remove a pièce from a draft, or from what answers a suspension."""

from collections.abc import Callable
from dataclasses import replace

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.complement import rang_de_la_reponse
from chalicelib.demande.erreurs import ConflitDeVersion, PieceInconnue
from chalicelib.demande.modeles import Demande, Piece
from chalicelib.demande.ports import Demandes, Fichiers, Modification
from chalicelib.fonctions import Fonction
from chalicelib.http import SAISIE, Appel, Reponse, route
from chalicelib.usager import lire_la_sienne_et_ses_pieces, modification, piece_visee

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:consultations": ("PutItem",),
        "table:demandes": ("Query", "UpdateItem", "DeleteItem"),
        "bucket:quarantaine/*": ("DeleteObject",),
        "bucket:pieces": ("ListBucket",),
        "bucket:pieces/*": ("DeleteObject",),
    },
)


ESSAIS = 5
"""How often a removal without If-Match reads again after a concurrent write, before telling the conflict."""


def retirer(
    demandes: Demandes,
    fichiers: Fichiers,
    lire: Callable[[], tuple[Demande, list[Piece]]],
    ecriture: Modification,
    piece_id: str,
) -> int:
    """Forget the pièce, then its files; answers the version that the demande then has.

    Cut in between, what is left is unreachable: the same call again removes it, and so does the end of the draft.
    """
    for essai in range(ESSAIS):
        demande, pieces = lire()
        piece = next((une for une in pieces if une.piece_id == piece_id), None)
        if piece is None:
            fichiers.supprimer(_oubliee(demande.id, piece_id))
            raise PieceInconnue()
        version = demande.version if ecriture.si_version is None else ecriture.si_version
        rang = rang_de_la_reponse(demande, piece, ecriture.maintenant)
        try:
            siennes = replace(ecriture, usager=demande.usager, si_version=version, suspension=rang)
            demandes.retirer_piece(demande.id, siennes, piece_id)
        except ConflitDeVersion:
            if ecriture.si_version is not None or essai == ESSAIS - 1:
                raise
            continue
        fichiers.supprimer(piece)
        return version + 1
    raise AssertionError("unreachable")


def _oubliee(demande_id: str, piece_id: str) -> Piece:
    """A pièce of which only the place of its files is known."""
    return Piece(demande_id=demande_id, piece_id=piece_id, type="", nom_fichier="", taille=0, mime="", rang=0)


@route(bp, "DELETE", "/demandes/{id}/pieces/{piece_id}", qui=SAISIE, statut=204, erreurs=(404, 409, 412))
def handler(appel: Appel[None]) -> Reponse:
    """Retirer une pièce"""
    piece_id = piece_visee(appel)

    def lire() -> tuple[Demande, list[Piece]]:
        return lire_la_sienne_et_ses_pieces(appel)

    version = retirer(wiring.demandes(), wiring.fichiers(), lire, modification(appel), piece_id)
    return Reponse(statut=204, entetes={"ETag": f'"{version}"'})
