"""POST and GET /demandes/{id}/pieces/{piece_id}/controle: read what was posted, say at once whether it can do.

The file is read in quarantine; only a scanned and controlled one leaves it, as images made by us beside the sealed
original. While the scan is under way the pièce is ``en_cours``: asking again concludes.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from chalice import Blueprint
from pydantic import BaseModel

from chalicelib import wiring
from chalicelib.demande.complement import accepte, nouvelles
from chalicelib.demande.erreurs import FichierAbsent, PieceInconnue, ServiceIndisponible, TransitionInterdite
from chalicelib.demande.instants import ecrire, jour_legal
from chalicelib.demande.instants import lire as lire_instant
from chalicelib.demande.lectures import conseils
from chalicelib.demande.modeles import Anomalie, Demande, Piece, StatutPiece
from chalicelib.demande.motifs import TYPES_PIECES
from chalicelib.demande.ports import Demandes, Fichiers
from chalicelib.demande.ports_antivirus import AntiVirus
from chalicelib.fonctions import Fonction
from chalicelib.http import SAISIE, Appel, Reponse, route
from chalicelib.settings import lire as reglage
from chalicelib.usager import lire_la_sienne_et_ses_pieces, piece_visee

if TYPE_CHECKING:
    from chalicelib.documents.lecture import Lue

    Lecteur = Callable[[str, bytes, str, list[bytes]], Lue]

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:consultations": ("PutItem",),
        "table:demandes": ("Query", "UpdateItem"),
        # ListBucket: without it S3 answers 403, not 404, for a file that has not come yet.
        "bucket:quarantaine": ("ListBucket",),
        "bucket:quarantaine/*": ("GetObject", "GetObjectTagging"),
        "bucket:pieces": ("ListBucket",),
        "bucket:pieces/*": ("PutObject", "DeleteObject"),
    },
    variables=("ANTIVIRUS", "CERTIFICATS_DE_PLUS"),
    memoire=1769,
    delai=29,
    couches=("documents", "vision"),
)

REFUS = {"infectee": "virus_trouve", "impenetrable": "analyse_impossible"}


ATTENTE_MAX = timedelta(minutes=30)
"""How long a scan is waited for (convention): it takes seconds, and the quarantine keeps the file for a day."""


class Controle(BaseModel):
    """The verdict. ``en_cours`` (202) when a longer scan is under way: then GET it again.

    ``anomalies``: why it is ``invalide``, or advice (``gravite``) that refuses nothing.
    """

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


def controler(
    demandes: Demandes,
    fichiers: Fichiers,
    antivirus: AntiVirus,
    lecteur: "Lecteur",
    demande: Demande,
    piece: Piece,
    pages_restantes: int,
    maintenant: datetime,
    autres: Sequence[Piece] = (),
) -> Piece:
    """Have the file scanned, read it and write the verdict; a pièce already judged keeps its verdict.

    A scanner that has not said, or cannot say, leaves the pièce ``en_cours``: after ``ATTENTE_MAX`` its usager is told
    to send it again, and once the quarantine has dropped it, that it is lost. Pages are stored before the verdict,
    under the digest of the bytes read: a verdict never speaks of a page that is not there, nor of one that another
    control made. What is stored in vain is removed. ``lecteur`` reads what a valid pièce says by itself; ``autres`` are
    the demande's pièces, that this one may repeat. Raises ``FichierAbsent``, ``TransitionInterdite``.
    """
    if piece.statut not in (StatutPiece.ATTENDUE, StatutPiece.EN_COURS):
        return piece
    if not accepte(demande, piece):
        raise TransitionInterdite(demande.statut)
    octets = fichiers.lire_quarantaine(piece)
    from chalicelib.documents.anomalies import ANALYSE_EN_PANNE, FICHIER_PERDU, Refus
    from chalicelib.documents.inspection import inspecter
    from chalicelib.documents.qualite import doublon

    if octets is None:
        if piece.statut is StatutPiece.EN_COURS:
            perdue = {"statut": StatutPiece.INVALIDE, "anomalies": [FICHIER_PERDU]}
            return demandes.conclure_piece(piece.model_copy(update=perdue))
        raise FichierAbsent()
    try:
        analyse = antivirus.analyser(piece, octets)
    except ServiceIndisponible:
        return _attendre(demandes, piece, maintenant, [ANALYSE_EN_PANNE])
    if analyse == "en_cours":
        return _attendre(demandes, piece, maintenant, [])
    if analyse != "saine":
        refus = Refus(REFUS[analyse]).anomalie()
        return demandes.conclure_piece(_jugee(piece, octets, StatutPiece.INVALIDE, anomalies=[refus]))
    inspection = inspecter(octets, piece.type, pages_restantes)
    jugee = _jugee(
        piece,
        octets,
        StatutPiece(inspection.statut),
        controlee_le=ecrire(maintenant),
        pages=inspection.pages,
        anomalies=inspection.anomalies + doublon(piece, inspection.vues, autres),
        vues=inspection.vues,
        mime=inspection.mime or piece.mime,
    )
    if inspection.statut != "valide":
        return demandes.conclure_piece(jugee)
    lue = lecteur(jugee.type, octets, jugee.mime, inspection.rendu)
    jugee = jugee.model_copy(update={"mrz": lue.mrz, "formats_mrz": lue.formats_mrz, "code": lue.code})
    fichiers.ranger(jugee, octets, inspection.rendu)
    try:
        verdict = demandes.conclure_piece(jugee)
    except PieceInconnue:
        fichiers.abandonner(jugee)
        raise
    if verdict.empreinte != jugee.empreinte:
        fichiers.abandonner(jugee)
    return verdict


def _attendre(demandes: Demandes, piece: Piece, maintenant: datetime, anomalies: list[Anomalie]) -> Piece:
    """The pièce under scan since its first control; written when what is told of it is new."""
    from chalicelib.documents.anomalies import ANALYSE_A_REFAIRE

    depuis = piece.controlee_le or ecrire(maintenant)
    if maintenant - lire_instant(depuis) >= ATTENTE_MAX:
        anomalies = [ANALYSE_A_REFAIRE]
    if piece.statut is StatutPiece.EN_COURS and piece.anomalies == anomalies:
        return piece
    attente = {"statut": StatutPiece.EN_COURS, "anomalies": anomalies, "controlee_le": depuis}
    return demandes.conclure_piece(piece.model_copy(update=attente))


def _jugee(piece: Piece, octets: bytes, statut: StatutPiece, **constat: Any) -> Piece:
    return piece.model_copy(update={"statut": statut, "empreinte": sha256(octets).hexdigest(), **constat})


@route(bp, "POST", "/demandes/{id}/pieces/{piece_id}/controle", qui=SAISIE, reponse=Controle, erreurs=(202, 404, 409))
def handler(appel: Appel[None]) -> Reponse:
    """Contrôler une pièce"""
    return _controler(appel)


@route(bp, "GET", "/demandes/{id}/pieces/{piece_id}/controle", qui=SAISIE, reponse=Controle, erreurs=(202, 404, 409))
def relire(appel: Appel[None]) -> Reponse:
    """Relire le contrôle d'une pièce"""
    return _controler(appel, seulement=StatutPiece.EN_COURS)


def _controler(appel: Appel[None], seulement: StatutPiece | None = None) -> Reponse:
    """Control the pièce, and say it; with ``seulement``, say it as it is unless it has that statut."""
    piece_id = piece_visee(appel)
    demande, pieces = lire_la_sienne_et_ses_pieces(appel)
    piece, restantes = choisir(demande, pieces, piece_id)
    if seulement in (None, piece.statut):
        from chalicelib.documents.lecture import lire

        maintenant = wiring.horloge()
        lecteur = partial(lire, certificats=reglage("CERTIFICATS_DE_PLUS"), jour=jour_legal(maintenant))
        ports = wiring.demandes(), wiring.fichiers(), wiring.antivirus(), lecteur
        piece = controler(*ports, demande, piece, restantes, maintenant, pieces)
    autres = [une for une in pieces if une.piece_id != piece_id]
    return _dire(piece, conseils(nouvelles(demande, [*autres, piece])).get(piece_id))


def _dire(piece: Piece, conseil: Anomalie | None) -> Reponse:
    anomalies = [*piece.anomalies, *([conseil] if conseil else [])]
    controle = Controle(statut=piece.statut, pages=piece.pages, anomalies=anomalies)
    return Reponse(controle, 202 if piece.statut is StatutPiece.EN_COURS else 200)
