"""What the arrival of a photo changes: the paper of a talon, an e-photo at last activated, or one refused (DOMAIN §3).

A photo that comes before it is awaited is kept in mind; one that comes after the end of the demande is told once, and
reopens nothing. While it is awaited, the usager may give another one: the deadline stays the same.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from chalicelib.demande.completude import manques_photo
from chalicelib.demande.erreurs import SaisieInvalide, ServiceIndisponible, TransitionInterdite
from chalicelib.demande.instants import ecrire, lire
from chalicelib.demande.journal import Auteur, Changement
from chalicelib.demande.modeles import Demande, EtatPhoto, PhotoSignature, Statut
from chalicelib.demande.ports_externes import Photos
from chalicelib.demande.statuts import FINALS
from chalicelib.demande.suspension import DELAI_PASSE
from chalicelib.demande.vie import passer

S = Statut

ResultatPhoto = Literal["valide", "refuse"]

AVANT_ATTENTE = frozenset({S.DEPOSEE, S.EN_CONTROLE, S.SUSPENDUE})
"""The statuts in which a photo may come before somebody waits for it."""

REPETITION_JOURS = 1
"""A talon refused again within this time is the same one: partners repeat for a day at most (docs/contrats/)."""

QUITTEES_MAX = 5
"""How many codes given up are kept in mind: each is given back when it is given up (notifications/liberer_photo.py)."""

_REFUS = "photo_refusee"
_PARTENAIRE = Auteur("partenaire", "photo")
_TALON = PhotoSignature(mode="talon", etat=EtatPhoto.TALON)
_MEME_CODE = "Ce code « photo numérique » a été refusé : il en faut un nouveau, ou le talon."


def recevoir(
    demande: Demande,
    resultat: ResultatPhoto,
    par_talon: bool,
    maintenant: datetime,
    correlation_id: str,
    jour_s: float,
) -> Changement | None:
    """The change that the notice makes of a deposited demande, None when it makes none.

    ``par_talon``: it came on paper. A draft keeps no journal of it: ``a_noter`` says whether its photo is to be kept in
    mind.
    """
    if demande.statut is S.BROUILLON:
        return None
    photo = demande.photo_signature
    if resultat == "refuse":
        attendue = photo is not None and (photo.mode == "talon") is par_talon
        return refuser(demande, _PARTENAIRE, maintenant, correlation_id, jour_s) if attendue else None
    if demande.photo_recue_le is not None:
        return None
    recue: dict[str, Any] = {"photo_recue_le": ecrire(maintenant)}
    if demande.statut in FINALS:
        return passer(demande, "PhotoTardive", _PARTENAIRE, maintenant, correlation_id, jour_s=jour_s, poser=recue)
    if demande.statut is not S.ATTENTE_PHOTO and demande.statut not in AVANT_ATTENTE:
        return None
    if photo is not None and photo.etat not in (EtatPhoto.VALIDE, EtatPhoto.TALON):
        venue = _TALON if par_talon else photo.model_copy(update={"etat": EtatPhoto.VALIDE})
        recue |= _remplacer(demande, venue)
    if demande.statut is not S.ATTENTE_PHOTO:
        return passer(demande, "PhotoRecue", _PARTENAIRE, maintenant, correlation_id, jour_s=jour_s, poser=recue)
    return arriver(demande, recue, _PARTENAIRE, maintenant, correlation_id, jour_s)


def arriver(
    demande: Demande,
    poser: Mapping[str, Any],
    auteur: Auteur,
    maintenant: datetime,
    correlation_id: str,
    jour_s: float,
    *,
    entendu: bool = False,
) -> Changement:
    """The change that ends the wait for a photo: it is there. ``poser`` is what is known of it."""
    return passer(
        demande,
        "PhotoRecue",
        auteur,
        maintenant,
        correlation_id,
        jour_s=jour_s,
        vers=S.EN_INSTRUCTION,
        poser={"photo_recue_le": ecrire(maintenant), **poser},
        entendu=entendu,
    )


def exiger_attente(demande: Demande, maintenant: datetime) -> None:
    """Raise ``TransitionInterdite`` unless ``demande`` waits for its photo, before the deadline."""
    if demande.statut is not S.ATTENTE_PHOTO:
        raise TransitionInterdite(demande.statut)
    if demande.echeance is not None and demande.echeance <= ecrire(maintenant):
        raise TransitionInterdite(demande.statut, DELAI_PASSE)


def deja_donnee(demande: Demande, code: str | None) -> bool:
    """Whether ``code`` has ended the wait already: giving it again changes nothing."""
    photo = demande.photo_signature
    valide = photo is not None and photo.etat is EtatPhoto.VALIDE and photo.code == code
    return valide and demande.statut is S.EN_INSTRUCTION and demande.photo_recue_le is not None


def changer(
    demande: Demande,
    photo: PhotoSignature,
    auteur: Auteur,
    maintenant: datetime,
    correlation_id: str,
    jour_s: float,
) -> Changement | None:
    """The change by which another ``photo`` than the awaited one is given; None when it is the same.

    One that may be used at once ends the wait. Raises ``TransitionInterdite``, ``SaisieInvalide`` for one that can't be
    used, or that was refused.
    """
    exiger_attente(demande, maintenant)
    actuelle = demande.photo_signature
    refusee = actuelle is not None and actuelle.etat is EtatPhoto.REFUSE
    if refusee and photo.code is not None and actuelle is not None and photo.code == actuelle.code:
        raise SaisieInvalide([("code", _MEME_CODE)])
    manques = manques_photo(photo)
    if manques:
        raise SaisieInvalide([(manque["champ"], manque["message"]) for manque in manques])
    if photo == actuelle:
        return None
    donnee = _remplacer(demande, photo)
    if photo.etat is EtatPhoto.VALIDE:
        return arriver(demande, donnee, auteur, maintenant, correlation_id, jour_s)
    return passer(
        demande,
        "PhotoChangee",
        auteur,
        maintenant,
        correlation_id,
        jour_s=jour_s,
        poser={**donnee, "photo_attendue": photo.code},
    )


def _remplacer(demande: Demande, photo: PhotoSignature) -> dict[str, Any]:
    """What writes ``photo`` in the place of the present one, whose code is to be given back if it is another."""
    actuelle = demande.photo_signature
    quittes = [*demande.photos_quittees, *([actuelle.code] if actuelle and actuelle.code else [])]
    gardes = [code for code in dict.fromkeys(quittes) if code != photo.code][-QUITTEES_MAX:]
    donnee: dict[str, Any] = {"photo_signature": photo}
    return donnee if gardes == demande.photos_quittees else {**donnee, "photos_quittees": gardes or None}


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


def refuser(
    demande: Demande, auteur: Auteur, maintenant: datetime, correlation_id: str, jour_s: float
) -> Changement | None:
    """The usager is told to give another; the demande goes on waiting, until the same deadline. None when he was told.

    A code is refused once; the talon that is sent again may be refused again.
    """
    photo = demande.photo_signature
    if demande.statut is not S.ATTENTE_PHOTO or photo is None:
        return None
    if photo.etat is EtatPhoto.REFUSE and (photo.code is not None or _repete(demande, maintenant, jour_s)):
        return None
    return passer(
        demande,
        "PhotoRefusee",
        auteur,
        maintenant,
        correlation_id,
        jour_s=jour_s,
        poser={
            "photo_signature": photo.model_copy(update={"etat": EtatPhoto.REFUSE}),
            "evenements_titre": [f"{_REFUS}#{ecrire(maintenant)}"],
        },
    )


def _repete(demande: Demande, maintenant: datetime, jour_s: float) -> bool:
    """Whether a refusal told now is the last one told again."""
    refus = [connu for connu in demande.evenements_titre if connu.startswith(f"{_REFUS}#")]
    fin = timedelta(seconds=REPETITION_JOURS * jour_s)
    return bool(refus) and maintenant - lire(refus[-1].removeprefix(f"{_REFUS}#")) < fin
