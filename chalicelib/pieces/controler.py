"""POST and GET /demandes/{id}/pieces/{piece_id}/controle: read what was posted, say at once whether it can do.

The file is read in quarantine; only a controlled one leaves it, as images made by us beside the sealed original.
"""

from hashlib import sha256

from chalice import Blueprint
from pydantic import BaseModel

from chalicelib import wiring
from chalicelib.demande.complement import accepte, nouvelles
from chalicelib.demande.erreurs import FichierAbsent, PieceInconnue, TransitionInterdite
from chalicelib.demande.modeles import Anomalie, Demande, Piece, StatutPiece
from chalicelib.demande.motifs import TYPES_PIECES
from chalicelib.demande.ports import Demandes, Fichiers
from chalicelib.fonctions import Fonction
from chalicelib.http import SAISIE, Appel, Reponse, route
from chalicelib.usager import lire_la_sienne_et_ses_pieces, piece_visee

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:consultations": ("PutItem",),
        "table:demandes": ("Query", "UpdateItem"),
        # ListBucket: without it S3 answers 403, not 404, for a file that has not come yet.
        "bucket:quarantaine": ("ListBucket",),
        "bucket:quarantaine/*": ("GetObject",),
        "bucket:pieces": ("ListBucket",),
        "bucket:pieces/*": ("PutObject", "DeleteObject"),
    },
    memoire=1769,
    delai=29,
    couches=("documents",),
)


class Controle(BaseModel):
    """The verdict. ``en_cours`` (202) when a longer scan is under way: then GET it again."""

    statut: StatutPiece
    pages: int
    anomalies: list[Anomalie]


def choisir(demande: Demande, pieces: list[Piece], piece_id: str) -> tuple[Piece, int]:
    """The pièce and how many pages may still come for its type; raises ``PieceInconnue``."""
    piece = next((une for une in pieces if une.piece_id == piece_id), None)
    if piece is None:
        raise PieceInconnue()
    siennes = [une for une in nouvelles(demande, pieces) if une.type == piece.type]
    deja = sum(une.pages for une in siennes if une.statut == StatutPiece.VALIDE)
    return piece, max(TYPES_PIECES[piece.type].pages_max - deja, 0)


def controler(demandes: Demandes, fichiers: Fichiers, demande: Demande, piece: Piece, pages_restantes: int) -> Piece:
    """Read the file and write the verdict; a pièce already judged keeps its verdict.

    Pages are stored before the verdict, under the digest of the bytes read: a verdict never speaks of a page that is
    not there, nor of one that another control made. What is stored in vain is removed. Raises ``FichierAbsent``,
    ``TransitionInterdite``.
    """
    if piece.statut != StatutPiece.ATTENDUE:
        return piece
    if not accepte(demande, piece):
        raise TransitionInterdite(demande.statut)
    octets = fichiers.lire_quarantaine(piece)
    if octets is None:
        raise FichierAbsent()
    from chalicelib.documents.inspection import inspecter

    inspection = inspecter(octets, piece.type, pages_restantes)
    jugee = piece.model_copy(
        update={
            "empreinte": sha256(octets).hexdigest(),
            "statut": StatutPiece(inspection.statut),
            "pages": inspection.pages,
            "anomalies": inspection.anomalies,
            "mime": inspection.mime or piece.mime,
        }
    )
    if inspection.statut != "valide":
        return demandes.conclure_piece(jugee)
    fichiers.ranger(jugee, octets, inspection.rendu)
    try:
        verdict = demandes.conclure_piece(jugee)
    except PieceInconnue:
        fichiers.abandonner(jugee)
        raise
    if verdict.empreinte != jugee.empreinte:
        fichiers.abandonner(jugee)
    return verdict


@route(bp, "POST", "/demandes/{id}/pieces/{piece_id}/controle", qui=SAISIE, reponse=Controle, erreurs=(404, 409))
def handler(appel: Appel[None]) -> Reponse:
    """Contrôler une pièce"""
    piece_id = piece_visee(appel)
    demande, pieces = lire_la_sienne_et_ses_pieces(appel)
    piece, restantes = choisir(demande, pieces, piece_id)
    jugee = controler(wiring.demandes(), wiring.fichiers(), demande, piece, restantes)
    return Reponse(Controle(statut=jugee.statut, pages=jugee.pages, anomalies=jugee.anomalies))


@route(bp, "GET", "/demandes/{id}/pieces/{piece_id}/controle", qui=SAISIE, reponse=Controle, erreurs=(404,))
def relire(appel: Appel[None]) -> Reponse:
    """Relire le contrôle d'une pièce"""
    piece_id = piece_visee(appel)
    piece, _ = choisir(*lire_la_sienne_et_ses_pieces(appel), piece_id)
    return Reponse(Controle(statut=piece.statut, pages=piece.pages, anomalies=piece.anomalies))
