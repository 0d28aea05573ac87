"""Step 4, photo et signature (deck): a « photo numérique » code, or a printed talon.

Once deposited, a demande that waits for its photo may be given another one: the code was refused, never became active,
or the talon suits better.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Literal

from chalice import Blueprint
from pydantic import BeforeValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from chalicelib import wiring
from chalicelib.demande.champs import VIDE_EST_ABSENT, motif_de_texte
from chalicelib.demande.erreurs import ConflitDeVersion, ServiceIndisponible, TransitionInterdite
from chalicelib.demande.modeles import Demande, EtatPhoto, PhotoSignature, Statut
from chalicelib.demande.papier import auteur_de
from chalicelib.demande.photo import changer, deja_donnee, exiger_attente, rendre_au_demandeur
from chalicelib.demande.ports import Demandes
from chalicelib.demande.ports_comptes import Comptes
from chalicelib.demande.ports_externes import Photos
from chalicelib.demande.vue import DemandeVue, EtapeVue, vue_demande
from chalicelib.fonctions import Fonction
from chalicelib.http import SAISIE, Appel, Reponse, route
from chalicelib.saisie import Saisie, partielle, saisi
from chalicelib.settings import duree_du_jour
from chalicelib.usager import ESSAIS, demande_visee, enregistrer_etape, lire_la_sienne, modification, repondre

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:comptes": ("GetItem",),
        "table:consultations": ("PutItem",),
        "table:demandes": ("GetItem", "UpdateItem"),
        "table:journal": ("PutItem",),
    },
    variables=("URL_PHOTOS",),
    delai=25,
)


def _sans_espaces(code: object) -> object:
    return "".join(code.split()).replace("-", "") if isinstance(code, str) else code


CodePhoto = Annotated[
    str,
    BeforeValidator(_sans_espaces),
    motif_de_texte(r"[A-Za-z0-9]{22}", "Le code « photo numérique » comporte 22 lettres et chiffres."),
]


class ChoixPhoto(Saisie):
    """The way chosen. A ``code`` may come later (within the draft's 15 days); it goes with ``numerique`` only."""

    mode: Literal["numerique", "talon"] = Field(
        title="Fournir la photo et la signature en eService",
        json_schema_extra={
            "libelles": {
                "numerique": "J'ai un code « photo numérique », ou je vais en demander un",
                "talon": "Je préfère imprimer un talon et l'envoyer par la poste",
            }
        },
    )
    code: Annotated[CodePhoto | None, VIDE_EST_ABSENT] = Field(
        default=None,
        title="Code « photo numérique »",
        description="22 lettres et chiffres, donnés par la cabine ou le photographe.",
    )

    @field_validator("code")
    @classmethod
    def _code_du_mode(cls, code: str | None, info: ValidationInfo) -> str | None:
        if code is not None and info.data.get("mode") == "talon":
            message = "Avec le talon, il n'y a pas de code : effacez-le, ou choisissez la photo numérique."
            raise PydanticCustomError("value_error", "{error}", {"error": message})
        return code


Brouillon = partielle(ChoixPhoto)


def choisir(photos: Photos, choix: ChoixPhoto, pour: str | None = None) -> PhotoSignature:
    """What is known of the choice; asks the e-photo base about a code. Raises ``ServiceIndisponible`` if it is down.

    ``pour``: the code is held for the demande of this id.
    """
    if choix.mode == "talon":
        return PhotoSignature(mode="talon", etat=EtatPhoto.TALON)
    if choix.code is None:
        return PhotoSignature(mode="numerique", etat=EtatPhoto.CODE_ATTENDU)
    etat = photos.consulter(choix.code) if pour is None else photos.reserver(choix.code, pour)
    return PhotoSignature(mode="numerique", code=choix.code, etat=EtatPhoto(etat))


def donner_une_autre(
    demandes: Demandes,
    photos: Photos,
    comptes: Comptes,
    lire: Callable[[], Demande],
    choix: ChoixPhoto,
    si_version: int | None,
    maintenant: datetime,
    correlation_id: str,
    jour_s: float,
) -> Demande:
    """Give another photo to the demande that ``lire`` reads, which waits for one; the same again changes nothing.

    Its code is held for it first; the one that it held is given back by the queue (notifications/liberer_photo.py).
    Raises ``TransitionInterdite``, ``ConflitDeVersion``, ``SaisieInvalide``, ``ServiceIndisponible``.
    """
    tenu = False
    for essai in range(ESSAIS):
        demande = lire()
        try:
            if deja_donnee(demande, choix.code):
                return demande
            exiger_attente(demande, maintenant)
            if si_version is not None and si_version != demande.version:
                raise ConflitDeVersion(demande.version)
            photo = choisir(photos, choix, demande.id)
            changement = changer(demande, photo, auteur_de(demande), maintenant, correlation_id, jour_s)
            if changement is None:
                return demande
            tenu = True
            return demandes.transiter(demande, rendre_au_demandeur(demande, changement, comptes, jour_s))
        except ConflitDeVersion:
            # Somebody wrote in between: what is there now decides.
            if essai < ESSAIS - 1 and (si_version is None or si_version == demande.version):
                continue
            _rendre(photos, choix, demande, tenu)
            raise
        except TransitionInterdite:
            _rendre(photos, choix, demande, tenu)
            raise
    raise AssertionError("unreachable")


def _rendre(photos: Photos, choix: ChoixPhoto, demande: Demande, tenu: bool) -> None:
    """Give back the code that was held for a change that was not made after all."""
    actuelle = demande.photo_signature
    if tenu and choix.code is not None and (actuelle is None or actuelle.code != choix.code):
        with suppress(ServiceIndisponible):
            photos.liberer(choix.code, demande.id)


@route(bp, "GET", "/demandes/{id}/photo-signature", qui=SAISIE, reponse=EtapeVue, erreurs=(404,))
def lire(appel: Appel[None]) -> Reponse:
    """Lire le choix de la photo et de la signature"""
    return Reponse(vue_demande(lire_la_sienne(appel), wiring.horloge()).etapes["photo_signature"])


@route(
    bp,
    "PUT",
    "/demandes/{id}/photo-signature",
    qui=SAISIE,
    saisie=ChoixPhoto,
    reponse=DemandeVue,
    erreurs=(404, 409, 412, 503),
)
def enregistrer(appel: Appel[ChoixPhoto]) -> Reponse:
    """Enregistrer le choix de la photo et de la signature"""
    if appel.saisie.code is not None:
        # The e-photo base is asked for the demande's own usager only.
        lire_la_sienne(appel)
    photo = choisir(wiring.photos(), appel.saisie)
    # The talon that came for a draft is no photo of who chooses an e-photo after all: its activation is awaited.
    oubliee = () if photo.mode == "talon" else ("photo_recue_le",)
    try:
        return repondre(enregistrer_etape(appel, "photo_signature", photo, oter=oubliee))
    except TransitionInterdite as refus:
        if refus.champs["statut"] not in (Statut.ATTENTE_PHOTO, Statut.EN_INSTRUCTION):
            raise
    return repondre(
        donner_une_autre(
            wiring.demandes(),
            wiring.photos(),
            wiring.comptes(),
            lambda: lire_la_sienne(appel),
            appel.saisie,
            appel.si_version,
            wiring.horloge(),
            appel.correlation_id,
            duree_du_jour(),
        )
    )


@route(
    bp,
    "PUT",
    "/demandes/{id}/photo-signature/brouillon",
    qui=SAISIE,
    saisie=Brouillon,
    reponse=DemandeVue,
    erreurs=(404, 409, 412),
)
def garder(appel: Appel[Saisie]) -> Reponse:
    """Garder le choix de la photo en brouillon"""
    ecriture = modification(appel, {"brouillon_photo_signature": saisi(appel.saisie)})
    return repondre(wiring.demandes().modifier(demande_visee(appel), ecriture))
