"""What the arrival of a photo changes: the paper of a talon, an e-photo at last activated, or one refused (DOMAIN §3).

A photo that comes before it is awaited is kept in mind; one that comes after the end of the demande is told once, and
reopens nothing.
"""

from datetime import datetime, timedelta
from typing import Any, Literal

from chalicelib.demande.erreurs import ServiceIndisponible
from chalicelib.demande.instants import ecrire, lire
from chalicelib.demande.journal import Auteur, Changement
from chalicelib.demande.modeles import Demande, EtatPhoto, PhotoSignature, Statut
from chalicelib.demande.ports_externes import Photos
from chalicelib.demande.statuts import FINALS
from chalicelib.demande.vie import passer

S = Statut

ResultatPhoto = Literal["valide", "refuse"]

AVANT_ATTENTE = frozenset({S.DEPOSEE, S.EN_CONTROLE, S.SUSPENDUE})
"""The statuts in which a photo may come before somebody waits for it."""

REPETITION_JOURS = 1
"""A refusal told again within this time is the same one: partners repeat for a day at most (docs/contrats/)."""

_REFUS = "photo_refusee"
_PARTENAIRE = Auteur("partenaire", "photo")


def recevoir(
    demande: Demande, resultat: ResultatPhoto, maintenant: datetime, correlation_id: str, jour_s: float
) -> Changement | None:
    """The change that the notice makes of a deposited demande, None when it makes none.

    A draft keeps no journal of it: ``a_noter`` says whether its photo is to be kept in mind.
    """
    if demande.statut is S.BROUILLON:
        return None
    if resultat == "refuse":
        return _refuser(demande, maintenant, correlation_id, jour_s)
    if demande.photo_recue_le is not None:
        return None
    recue: dict[str, Any] = {"photo_recue_le": ecrire(maintenant)}
    if demande.statut in FINALS:
        return passer(demande, "PhotoTardive", _PARTENAIRE, maintenant, correlation_id, jour_s=jour_s, poser=recue)
    if demande.statut is not S.ATTENTE_PHOTO and demande.statut not in AVANT_ATTENTE:
        return None
    photo = demande.photo_signature
    if photo is not None and photo.etat is EtatPhoto.EN_ACTIVATION:
        recue["photo_signature"] = photo.model_copy(update={"etat": EtatPhoto.VALIDE})
    return passer(
        demande,
        "PhotoRecue",
        _PARTENAIRE,
        maintenant,
        correlation_id,
        jour_s=jour_s,
        vers=S.EN_INSTRUCTION if demande.statut is S.ATTENTE_PHOTO else None,
        poser=recue,
    )


def a_noter(demande: Demande, resultat: ResultatPhoto) -> bool:
    """Whether a draft's photo has just come: its control will not wait for it."""
    return demande.statut is S.BROUILLON and resultat == "valide" and demande.photo_recue_le is None


def photo_actuelle(demande: Demande, photos: Photos) -> PhotoSignature | None:
    """Step 4 as the e-photo base knows it now, held for this demande; one that does not answer is asked again later."""
    photo = demande.photo_signature
    if photo is None or photo.code is None:
        return photo
    try:
        return photo.model_copy(update={"etat": EtatPhoto(photos.reserver(photo.code, demande.id))})
    except ServiceIndisponible:
        return photo


def _refuser(demande: Demande, maintenant: datetime, correlation_id: str, jour_s: float) -> Changement | None:
    """The usager is told to give another; the demande goes on waiting, until the same deadline."""
    if demande.statut is not S.ATTENTE_PHOTO:
        return None
    refus = [connu for connu in demande.evenements_titre if connu.startswith(f"{_REFUS}#")]
    if refus and maintenant - lire(refus[-1].removeprefix(f"{_REFUS}#")) < timedelta(seconds=REPETITION_JOURS * jour_s):
        return None
    return passer(
        demande,
        "PhotoRefusee",
        _PARTENAIRE,
        maintenant,
        correlation_id,
        jour_s=jour_s,
        poser={"evenements_titre": [f"{_REFUS}#{ecrire(maintenant)}"]},
    )
