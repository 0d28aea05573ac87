"""What the arrival of a photo changes: the paper of a talon, an e-photo at last activated, or one refused (DOMAIN §3).

A photo that comes before it is awaited is kept in mind; one that comes after the end of the demande is told once, and
reopens nothing. While it is awaited, the usager may give another one: the deadline stays the same.

A talon counts once, and for a usager who has chosen it (or whose code was refused): what is told again, or happened
before another photo was asked, changes nothing (``Demande.talons_jusqua``).
"""

import dataclasses
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from chalicelib.demande.bail import peut_traiter
from chalicelib.demande.completude import manques_photo
from chalicelib.demande.erreurs import SaisieInvalide, ServiceIndisponible, TransitionInterdite
from chalicelib.demande.instants import ecrire, lire
from chalicelib.demande.journal import Auteur, Changement
from chalicelib.demande.modeles import Demande, EtatPhoto, PhotoSignature, Statut
from chalicelib.demande.ports_comptes import Comptes
from chalicelib.demande.ports_externes import Photos
from chalicelib.demande.statuts import FINALS
from chalicelib.demande.suspension import DELAI_PASSE, PHOTO, rendre_a
from chalicelib.demande.vie import corbeille_de, passer

S = Statut

ResultatPhoto = Literal["valide", "refuse"]

AVANT_ATTENTE = frozenset({S.DEPOSEE, S.EN_CONTROLE, S.SUSPENDUE})
"""The statuts in which a photo may come before somebody waits for it."""

REPETITION_JOURS = 1
"""A talon told again within this time is the same one, when it isn't dated: partners repeat for a day at most."""

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
    survenu_le: str | None = None,
) -> Changement | None:
    """The change that the notice makes of a deposited demande, None when it makes none.

    ``par_talon``: it came on paper, at ``survenu_le`` when that is told. A draft keeps no journal of it: ``noter`` says
    what it keeps in mind.
    """
    if demande.statut is S.BROUILLON:
        return None
    photo = demande.photo_signature
    if resultat == "refuse":
        attendue = _choisi(demande) == "talon" if par_talon else photo is not None and photo.code is not None
        suite = refuser(demande, _PARTENAIRE, maintenant, correlation_id, jour_s, survenu_le)
        return suite if attendue else None
    if demande.photo_recue_le is not None or (par_talon and _deja_venu(demande, survenu_le, maintenant, jour_s)):
        return None
    recue = _venue(demande, par_talon, survenu_le, maintenant)
    if demande.statut in FINALS:
        return passer(demande, "PhotoTardive", _PARTENAIRE, maintenant, correlation_id, jour_s=jour_s, poser=recue)
    if demande.statut is not S.ATTENTE_PHOTO and demande.statut not in AVANT_ATTENTE:
        return None
    refusee = photo is not None and photo.etat is EtatPhoto.REFUSE
    if par_talon and not refusee and _choisi(demande) == "numerique":
        return None
    if photo is not None and photo.etat not in (EtatPhoto.VALIDE, EtatPhoto.TALON):
        venue = _TALON if par_talon else photo.model_copy(update={"etat": EtatPhoto.VALIDE})
        recue |= remplacer(demande, venue)
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


def rendre_au_demandeur(demande: Demande, changement: Changement, comptes: Comptes, jour_s: float) -> Changement:
    """``changement``, by which the photo that an agent had asked again comes back to him, at the head of the queue.

    Without him (his account treats this worklist no more), it comes to all those who do.
    """
    demandeur = demande.photo_redemandee_par
    if demandeur is None or changement.vers is not S.EN_INSTRUCTION:
        return changement
    encore_la = peut_traiter(comptes.lire(demandeur.par), corbeille_de(demande, S.EN_INSTRUCTION))
    rendue = rendre_a(demandeur if encore_la else None, changement.maintenant, jour_s)
    return dataclasses.replace(changement, poser={**changement.poser, **rendue})


def peut_en_donner_une_autre(demande: Demande) -> bool:
    """Whether its usager may give another photo: the one awaited was refused, or its code is not active yet.

    A talon is on its way, or is to be posted: nothing is to be chosen again.
    """
    photo = demande.photo_signature
    return demande.statut is S.ATTENTE_PHOTO and photo is not None and photo.etat is not EtatPhoto.TALON


def exiger_attente(demande: Demande, maintenant: datetime) -> None:
    """Raise ``TransitionInterdite`` unless another photo may be given to ``demande``, before the deadline."""
    if not peut_en_donner_une_autre(demande):
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
    donnee = remplacer(demande, photo)
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


def remplacer(demande: Demande, photo: PhotoSignature) -> dict[str, Any]:
    """What writes ``photo`` in the place of the present one, whose code is to be given back if it is another."""
    actuelle = demande.photo_signature
    quittes = [*demande.photos_quittees, *([actuelle.code] if actuelle and actuelle.code else [])]
    gardes = [code for code in dict.fromkeys(quittes) if code != photo.code][-QUITTEES_MAX:]
    donnee: dict[str, Any] = {"photo_signature": photo}
    return donnee if gardes == demande.photos_quittees else {**donnee, "photos_quittees": gardes or None}


def noter(
    demande: Demande, resultat: ResultatPhoto, survenu_le: str | None, maintenant: datetime, jour_s: float
) -> dict[str, Any] | None:
    """What a draft keeps of its talon: it has come, its control will not wait for it; or another one is to be given.

    None when it keeps nothing: it was told, or an e-photo was chosen.
    """
    photo = demande.photo_signature
    if demande.statut is not S.BROUILLON or demande.photo_recue_le is not None or _choisi(demande) == "numerique":
        return None
    if resultat == "refuse":
        if photo is None or _deja_refuse(demande, survenu_le, maintenant, jour_s):
            return None
        refusee = photo.model_copy(update={"etat": EtatPhoto.REFUSE})
        return {"photo_signature": refusee, "evenements_titre": _trace_du_refus(survenu_le, maintenant)}
    if _deja_venu(demande, survenu_le, maintenant, jour_s):
        return None
    return {**_venue(demande, True, survenu_le, maintenant), **({"photo_signature": _TALON} if photo else {})}


def _choisi(demande: Demande) -> str | None:
    """The way that its usager has chosen last: in his answer to a suspension, maybe not submitted yet."""
    suspension = demande.suspension if demande.statut is S.SUSPENDUE else None
    if suspension is not None and PHOTO in suspension.reponses:
        return str(suspension.reponses[PHOTO].get("mode"))
    return demande.photo_signature.mode if demande.photo_signature else None


def _venue(demande: Demande, par_talon: bool, survenu_le: str | None, maintenant: datetime) -> dict[str, Any]:
    recue = {"photo_recue_le": ecrire(maintenant)}
    if par_talon:
        recue["talons_jusqua"] = max(demande.talons_jusqua or "", survenu_le or ecrire(maintenant))
    return recue


def _deja_venu(demande: Demande, survenu_le: str | None, maintenant: datetime, jour_s: float) -> bool:
    """Whether the talon is one that has counted, or that came before another photo was asked."""
    return _passe(demande.talons_jusqua, survenu_le, maintenant, jour_s)


def _passe(jusqua: str | None, survenu_le: str | None, maintenant: datetime, jour_s: float) -> bool:
    if jusqua is None:
        return False
    if survenu_le is not None:
        return survenu_le <= jusqua
    return maintenant - lire(jusqua) < timedelta(seconds=REPETITION_JOURS * jour_s)


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
    demande: Demande,
    auteur: Auteur,
    maintenant: datetime,
    correlation_id: str,
    jour_s: float,
    survenu_le: str | None = None,
) -> Changement | None:
    """The usager is told to give another; the demande goes on waiting, until the same deadline. None when he was told.

    A code is refused once; the talon that is sent again may be refused again. Refused before it is awaited, it will be
    awaited as such; the answer to a suspension is the usager's, and stays as it is.
    """
    photo = demande.photo_signature
    if demande.statut is not S.ATTENTE_PHOTO and demande.statut not in AVANT_ATTENTE:
        return None
    if photo is None or demande.photo_recue_le is not None:
        return None
    refusee: dict[str, Any]
    en_reponse = _redemandee(demande)
    par_code = photo.code is not None and not en_reponse
    if photo.etat is EtatPhoto.REFUSE if par_code else _deja_refuse(demande, survenu_le, maintenant, jour_s):
        return None
    refusee = {} if par_code else {"evenements_titre": _trace_du_refus(survenu_le, maintenant)}
    if not en_reponse:
        refusee["photo_signature"] = photo.model_copy(update={"etat": EtatPhoto.REFUSE})
    return passer(
        demande,
        "PhotoRefusee",
        auteur,
        maintenant,
        correlation_id,
        jour_s=jour_s,
        poser=refusee,
    )


def _redemandee(demande: Demande) -> bool:
    """Whether a suspension asks for another photo now."""
    suspension = demande.suspension if demande.statut is S.SUSPENDUE else None
    return suspension is not None and any(un.cible == PHOTO for un in suspension.elements)


def _trace_du_refus(survenu_le: str | None, maintenant: datetime) -> list[str]:
    """The refusal of a talon, kept where the partner's events are: the first one of a card comes later."""
    return [f"{_REFUS}#{survenu_le or ecrire(maintenant)}"]


def _deja_refuse(demande: Demande, survenu_le: str | None, maintenant: datetime, jour_s: float) -> bool:
    """Whether the refusal of a talon is the last one told again, or that of a paper older than what is asked now."""
    refus = [connu for connu in demande.evenements_titre if connu.startswith(f"{_REFUS}#")]
    dernier = refus[-1].removeprefix(f"{_REFUS}#") if refus else None
    ancien = survenu_le is not None and _deja_venu(demande, survenu_le, maintenant, jour_s)
    return ancien or _passe(dernier, survenu_le, maintenant, jour_s)
