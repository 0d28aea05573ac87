"""The control that opens a demande's life: what machines are sure of passes, the rest goes to a CTN operator.

Deck: « complétude garantie : automatismes et vérification de la pertinence des P.J. par le CTN ».
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chalicelib.demande.index import cles_de_recherche
from chalicelib.demande.journal import Auteur, Changement
from chalicelib.demande.modeles import Demande, EtatPhoto, PhotoSignature, Piece, Statut, StatutPiece
from chalicelib.demande.vie import attendre_la_photo, passer

A_JUGER = frozenset({"justificatif_etat_civil", "avis_medical"})
"""Pièces that no machine can judge: an act of civil status, a doctor's opinion (convention)."""


def a_juger(pieces: Sequence[Piece], deposees: Sequence[str] | None) -> list[str]:
    """The ids of the pièces deposited that a person must look at."""
    retenues = set(deposees or ())
    return [
        p.piece_id for p in pieces if p.piece_id in retenues and p.type in A_JUGER and p.statut is StatutPiece.VALIDE
    ]


def photo_manquante(demande: Demande, photo: PhotoSignature | None) -> bool:
    """Whether the photo and the signature are still to come: a talon by post, a code in activation."""
    return demande.photo_recue_le is None and photo is not None and photo.etat is not EtatPhoto.VALIDE


def suite_du_controle(
    demande: Demande, photo: PhotoSignature | None, maintenant: datetime, jour_s: float
) -> tuple[str, Statut, dict[str, object]]:
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
    doutes = a_juger(pieces, demande.pieces_deposees)
    if doutes:
        return passer(
            demande,
            "ControleCommence",
            auteur,
            maintenant,
            correlation_id,
            jour_s=jour_s,
            vers=Statut.EN_CONTROLE,
            poser=entree,
            pieces=dict.fromkeys(doutes, StatutPiece.A_VERIFIER),
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
