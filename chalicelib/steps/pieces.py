"""Step 5, pièces justificatives (deck): announce a file, which the browser then posts straight to the quarantine."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from chalice import Blueprint
from pydantic import AfterValidator, BaseModel, Field

from chalicelib import wiring
from chalicelib.demande.champs import Texte255
from chalicelib.demande.complement import nouvelles, rang_suivant, types_ouverts
from chalicelib.demande.erreurs import Conflit, ConflitDeVersion, SaisieInvalide
from chalicelib.demande.instants import lire
from chalicelib.demande.modeles import Demande, Piece, Statut
from chalicelib.demande.motifs import PIECES_PAR_DEMANDE, REGLES, TAILLE_MAX, TYPES_PIECES
from chalicelib.demande.ports import Demandes, Modification
from chalicelib.fonctions import Fonction
from chalicelib.http import SAISIE, Appel, Reponse, route
from chalicelib.saisie import Saisie
from chalicelib.settings import duree_du_jour
from chalicelib.usager import lire_la_sienne_et_ses_pieces, modification

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:consultations": ("PutItem",),
        "table:demandes": ("Query", "UpdateItem", "PutItem"),
        "bucket:quarantaine/*": ("PutObject",),
    },
    variables=("URL_DEPOT",),
)


def _type_connu(type_piece: str) -> str:
    if type_piece not in TYPES_PIECES:
        raise ValueError("Ce type de pièce n'existe pas.")
    return type_piece


def _taille_permise(taille: int) -> int:
    if taille > TAILLE_MAX:
        raise ValueError("Le fichier dépasse 11 Mo : réduisez-le, ou envoyez une photo plus légère.")
    return taille


class NouvellePiece(Saisie):
    """A file to come: its pièce, its name (shown back, never trusted), its size in bytes and announced media type."""

    type: Annotated[str, AfterValidator(_type_connu)]
    nom_fichier: Texte255
    taille: Annotated[int, Field(strict=True, ge=1), AfterValidator(_taille_permise)]
    mime: Literal[
        "image/jpeg",
        "image/png",
        "image/bmp",
        "image/x-ms-bmp",
        "image/tiff",
        "application/pdf",
        "image/heic",
        "image/heif",
    ]


class EnvoiVue(BaseModel):
    """Post ``champs`` as multipart/form-data to ``url``, then the file as the last field ``file``."""

    url: str
    champs: dict[str, str]


class PieceAnnoncee(BaseModel):
    """The answer: the pièce's id and how to send its file (within 15 minutes)."""

    piece_id: str
    envoi: EnvoiVue


def annoncer(
    demande: Demande,
    pieces: list[Piece],
    saisie: NouvellePiece,
    piece_id: str,
    si_version: int | None,
    maintenant: datetime,
    jour_s: float,
) -> Piece:
    """The pièce to add, last in order.

    Raises ``TransitionInterdite``, ``ConflitDeVersion``, ``SaisieInvalide``, ``Conflit`` (too many files).
    """
    ouverts = types_ouverts(demande, maintenant, jour_s)
    if si_version is not None and si_version != demande.version:
        raise ConflitDeVersion(demande.version)
    if saisie.type not in ouverts:
        pour = f"pour « {REGLES[demande.motif].libelle} »" if demande.statut is Statut.BROUILLON else "en complément"
        raise SaisieInvalide([("type", f"Cette pièce n'est pas demandée {pour}.")])
    if len(nouvelles(demande, pieces)) >= PIECES_PAR_DEMANDE:
        raise Conflit(f"Votre demande a déjà {PIECES_PAR_DEMANDE} fichiers : retirez-en avant d'en ajouter.")
    return Piece(demande_id=demande.id, piece_id=piece_id, rang=rang_suivant(demande, pieces), **saisie.model_dump())


def repousser(demandes: Demandes, demande: Demande, ecriture: Modification, jour_s: float) -> None:
    """Adding a pièce touches the draft, and puts its end off.

    Only a draft last touched a legal day ago or more is written: one sitting at the wizard pays nothing for it.
    """
    if demande.statut is not Statut.BROUILLON:
        return
    if lire(demande.modifie_le) + timedelta(seconds=jour_s) <= ecriture.maintenant:
        demandes.modifier(demande.id, ecriture)


@route(
    bp,
    "POST",
    "/demandes/{id}/pieces",
    qui=SAISIE,
    saisie=NouvellePiece,
    reponse=PieceAnnoncee,
    statut=201,
    erreurs=(404, 409, 412),
)
def handler(appel: Appel[NouvellePiece]) -> Reponse:
    """Annoncer une pièce et obtenir où l'envoyer"""
    demandes, ecriture, jour_s = wiring.demandes(), modification(appel), duree_du_jour()
    demande, pieces = lire_la_sienne_et_ses_pieces(appel)
    piece = annoncer(
        demande, pieces, appel.saisie, wiring.nouvelle_cle_de_piece(), appel.si_version, ecriture.maintenant, jour_s
    )
    repousser(demandes, demande, ecriture, jour_s)
    demandes.ajouter_piece(piece)
    envoi = wiring.fichiers().preparer_envoi(piece, appel.identite.compte_id)
    return Reponse(PieceAnnoncee(piece_id=piece.piece_id, envoi=EnvoiVue(url=envoi.url, champs=envoi.champs)), 201)
