"""Step 4, photo et signature (deck): a « photo numérique » code, or a printed talon."""

from typing import Annotated, Literal

from chalice import Blueprint
from pydantic import BeforeValidator, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from chalicelib import wiring
from chalicelib.demande.champs import VIDE_EST_ABSENT, motif_de_texte
from chalicelib.demande.modeles import EtatPhoto, PhotoSignature
from chalicelib.demande.ports_externes import Photos
from chalicelib.demande.vue import DemandeVue, EtapeVue, vue_demande
from chalicelib.fonctions import Fonction
from chalicelib.http import SAISIE, Appel, Reponse, route
from chalicelib.saisie import Saisie, partielle, saisi
from chalicelib.usager import demande_visee, enregistrer_etape, lire_la_sienne, modification, repondre

bp = Blueprint(__name__)
FONCTION = Fonction(droits={"table:consultations": ("PutItem",), "table:demandes": ("GetItem", "UpdateItem")}, variables=("URL_PHOTOS",), delai=15)


def _sans_espaces(code: object) -> object:
    return "".join(code.split()).replace("-", "") if isinstance(code, str) else code


CodePhoto = Annotated[
    str,
    BeforeValidator(_sans_espaces),
    motif_de_texte(r"[A-Za-z0-9]{22}", "Le code « photo numérique » comporte 22 lettres et chiffres."),
]


class ChoixPhoto(Saisie):
    """The way chosen. A ``code`` may come later (within the draft's 15 days); it goes with ``numerique`` only."""

    mode: Literal["numerique", "talon"]
    code: Annotated[CodePhoto | None, VIDE_EST_ABSENT] = None

    @field_validator("code")
    @classmethod
    def _code_du_mode(cls, code: str | None, info: ValidationInfo) -> str | None:
        if code is not None and info.data.get("mode") == "talon":
            message = "Avec le talon, il n'y a pas de code : effacez-le, ou choisissez la photo numérique."
            raise PydanticCustomError("value_error", "{error}", {"error": message})
        return code


Brouillon = partielle(ChoixPhoto)


def choisir(photos: Photos, choix: ChoixPhoto) -> PhotoSignature:
    """What is known of the choice; asks the e-photo base about a code. Raises ``ServiceIndisponible`` if it is down."""
    if choix.mode == "talon":
        return PhotoSignature(mode="talon", etat=EtatPhoto.TALON)
    if choix.code is None:
        return PhotoSignature(mode="numerique", etat=EtatPhoto.CODE_ATTENDU)
    return PhotoSignature(mode="numerique", code=choix.code, etat=EtatPhoto(photos.consulter(choix.code)))


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
    return repondre(enregistrer_etape(appel, "photo_signature", photo))


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
