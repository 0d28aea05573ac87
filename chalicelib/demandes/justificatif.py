"""GET /demandes/{id}/justificatif: the « justificatif de la pré-demande » (deck, step 8) as PDF."""

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.erreurs import Conflit
from chalicelib.demande.instants import jour_legal, lire
from chalicelib.demande.modeles import Demande, Piece
from chalicelib.demande.motifs import REGLES, TYPES_PIECES
from chalicelib.demande.ports_cachet import Cachet
from chalicelib.fonctions import Fonction
from chalicelib.http import SAISIE, Appel, Reponse, route
from chalicelib.usager import Lien, lire_la_sienne_et_ses_pieces

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:consultations": ("PutItem",),
        "table:demandes": ("Query",),
        "bucket:documents/*": ("PutObject", "GetObject"),
        "key:cachet": ("Sign",),
    },
    variables=("URL_LIENS", "URL_SITE"),
    memoire=1024,
    delai=20,
    couches=("documents",),
)


def rendre(demande: Demande, pieces: list[Piece], prefecture: str, cachet: Cachet) -> bytes:
    """The PDF of a confirmed ``demande``; raises ``Conflit`` before confirmation."""
    if demande.numero is None or demande.deposee_le is None or demande.etat_civil is None:
        raise Conflit("Le justificatif est disponible une fois la demande confirmée.")
    from chalicelib.documents.cachet import TypeDocument, sceller_demande
    from chalicelib.documents.justificatif import Justificatif, PieceDeposee
    from chalicelib.documents.justificatif import rendre as composer

    deposees = [piece for piece in pieces if piece.piece_id in (demande.pieces_deposees or [])]
    paiement = demande.paiement
    paye = paiement is not None and paiement.etat == "consomme"
    return composer(
        Justificatif(
            numero=demande.numero,
            demandeur=demande.etat_civil.nom_complet,
            motif=REGLES[demande.motif].libelle,
            prefecture=prefecture,
            depose_le=lire(demande.deposee_le),
            pieces=tuple(PieceDeposee(TYPES_PIECES[piece.type].libelle, piece.pages) for piece in deposees),
            montant_centimes=paiement.montant_centimes if paiement and paye else 0,
            numero_timbre=paiement.numero_timbre if paiement and paye else None,
            talon=demande.photo_signature is not None and demande.photo_signature.mode == "talon",
        ),
        sceller_demande(TypeDocument.JUSTIFICATIF, demande, cachet, jour_legal(lire(demande.deposee_le))),
    )


@route(bp, "GET", "/demandes/{id}/justificatif", qui=SAISIE, reponse=Lien, erreurs=(404, 409))
def handler(appel: Appel[None]) -> Reponse:
    """Obtenir le justificatif de la pré-demande"""
    demande, pieces = lire_la_sienne_et_ses_pieces(appel)
    prefecture = wiring.nom_de_la_prefecture(demande.adresse.prefecture) if demande.adresse else ""
    pdf = rendre(demande, pieces, prefecture, wiring.cachet())
    cle = f"{demande.id}/justificatif.pdf"
    return Reponse(Lien(url=wiring.fichiers().publier_document(cle, pdf, "justificatif-pre-demande.pdf")))
