"""The control that opens a demande's life: what machines are sure of passes, the rest goes to a CTN operator.

Deck: « complétude garantie : automatismes et vérification de la pertinence des P.J. par le CTN ».
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.demande.erreurs import Conflit, SaisieInvalide, TransitionInterdite
from chalicelib.demande.index import cles_de_recherche
from chalicelib.demande.journal import Auteur, Changement
from chalicelib.demande.lectures import doutes
from chalicelib.demande.modeles import Demande, EtatPhoto, PageRefusee, PhotoSignature, Piece, Statut, StatutPiece
from chalicelib.demande.vie import attendre_la_photo, passer


@dataclass(frozen=True)
class Avis:
    """What a CTN operator says of a pièce; when he refuses it, ``motif`` (closed list) and the ``pages`` he names."""

    piece_id: str
    acceptee: bool
    motif: str | None = None
    pages: tuple[PageRefusee, ...] = ()


def juger(
    demande: Demande,
    pieces: Sequence[Piece],
    avis: Sequence[Avis],
    auteur: Auteur,
    maintenant: datetime,
    correlation_id: str,
    jour_s: float,
) -> Changement:
    """The change that the ``avis`` of a CTN operator make; the control ends when every pièce is accepted.

    A refused pièce keeps the demande in control: the operator then asks the usager for another one (suspension).
    Raises ``TransitionInterdite``, ``Conflit`` when nothing would change, ``SaisieInvalide`` on a pièce that is not
    one of those deposited, or on a page that it does not have.
    """
    if demande.statut is not Statut.EN_CONTROLE:
        raise TransitionInterdite(demande.statut)
    deposees = {p.piece_id: p for p in pieces if p.piece_id in set(demande.pieces_deposees or ())}
    retenues = {piece_id: piece.statut for piece_id, piece in deposees.items()}
    jugees = {un.piece_id: StatutPiece.ACCEPTEE if un.acceptee else StatutPiece.REFUSEE for un in avis}
    inconnues = [rang for rang, un in enumerate(avis) if un.piece_id not in retenues]
    if inconnues:
        message = "Cette pièce n'est pas, ou n'est plus, une pièce de la demande."
        raise SaisieInvalide([(f"pieces.{rang}.piece_id", message) for rang in inconnues])
    _exiger_les_pages(deposees, avis)
    apres = {**retenues, **dict.fromkeys(doutes(demande, pieces), StatutPiece.A_VERIFIER), **jugees}
    changees = {un.piece_id: jugees[un.piece_id] for un in avis if _change(un, deposees[un.piece_id])}
    if not set(apres.values()) & {StatutPiece.A_VERIFIER, StatutPiece.REFUSEE}:
        evenement, vers, suite = suite_du_controle(demande, demande.photo_signature, maintenant, jour_s)
    elif changees:
        evenement, vers, suite = "PiecesControlees", None, {}
    else:
        raise Conflit("Rien ne change : une pièce refusée ou à vérifier empêche de terminer le contrôle.")
    return passer(
        demande,
        evenement,
        auteur,
        maintenant,
        correlation_id,
        jour_s=jour_s,
        vers=vers,
        poser=suite,
        pieces=changees,
        refus={un.piece_id: un.motif for un in avis if un.motif is not None and un.piece_id in changees},
        pages_refusees={un.piece_id: un.pages for un in avis if un.pages and un.piece_id in changees},
    )


def _exiger_les_pages(deposees: Mapping[str, Piece], avis: Sequence[Avis]) -> None:
    """Raise ``SaisieInvalide`` naming each page that its pièce does not have."""
    erreurs = [
        (f"pieces.{rang}.pages.{position}.page", _page_absente(deposees[un.piece_id].pages))
        for rang, un in enumerate(avis)
        for position, refusee in enumerate(un.pages)
        if refusee.page > deposees[un.piece_id].pages
    ]
    if erreurs:
        raise SaisieInvalide(erreurs)


def _page_absente(pages: int) -> str:
    if pages == 0:
        return "Aucune page de cette pièce n'a pu être lue\u00a0: refusez-la sans nommer de page."
    return f"Cette pièce n'a que {pages} pages." if pages > 1 else "Cette pièce n'a qu'une page."


def _change(avis: Avis, piece: Piece) -> bool:
    """Whether ``avis`` says anything new of ``piece``: the motif and the pages of a refusal may be corrected."""
    statut = StatutPiece.ACCEPTEE if avis.acceptee else StatutPiece.REFUSEE
    dits = (statut, avis.motif, list(avis.pages))
    return dits != (piece.statut, piece.motif_refus, piece.pages_refusees)


def photo_manquante(demande: Demande, photo: PhotoSignature | None) -> bool:
    """Whether the photo and the signature are still to come: a talon by post, a code in activation.

    So is another one, when it was refused before it was awaited. A code that became useless after the deposit is not
    awaited: the agent asks for another one.
    """
    en_route = (EtatPhoto.EN_ACTIVATION, EtatPhoto.TALON, EtatPhoto.REFUSE)
    return demande.photo_recue_le is None and photo is not None and photo.etat in en_route


def suite_du_controle(
    demande: Demande, photo: PhotoSignature | None, maintenant: datetime, jour_s: float
) -> tuple[str, Statut | None, dict[str, object]]:
    """What follows a control without doubt left: the event, the statut, and what it writes."""
    if not photo_manquante(demande, photo):
        return "ControleTermine", Statut.EN_INSTRUCTION, {}
    code = photo.code if photo else None
    attente: dict[str, object] = {"echeance": attendre_la_photo(maintenant, jour_s), "photo_attendue": code}
    return "PhotoAttendue", Statut.ATTENTE_PHOTO, attente


def controler(
    demande: Demande,
    pieces: Sequence[Piece],
    doublons: Sequence[str],
    photo: PhotoSignature | None,
    auteur: Auteur,
    maintenant: datetime,
    correlation_id: str,
    jour_s: float,
) -> Changement:
    """The change that opens the control of a deposited ``demande``, and ends it when machines are sure of all.

    ``doublons`` are the numéros of other demandes under way for the same person; ``photo`` is the step 4 as the
    e-photo base knows it now.
    """
    entree: dict[str, Any] = {**cles_de_recherche(demande), "doublons": list(doublons) or None}
    if photo != demande.photo_signature:
        entree["photo_signature"] = photo
    douteuses = doutes(demande, pieces)
    if douteuses:
        return passer(
            demande,
            "ControleCommence",
            auteur,
            maintenant,
            correlation_id,
            jour_s=jour_s,
            vers=Statut.EN_CONTROLE,
            poser=entree,
            pieces=dict.fromkeys(douteuses, StatutPiece.A_VERIFIER),
            entendu=True,
        )
    evenement, vers, suite = suite_du_controle(demande, photo, maintenant, jour_s)
    return passer(
        demande,
        evenement,
        auteur,
        maintenant,
        correlation_id,
        jour_s=jour_s,
        vers=vers,
        poser={**entree, **suite},
        precedents=(("ControleCommence", Statut.EN_CONTROLE),),
        entendu=True,
    )
