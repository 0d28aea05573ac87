"""POST /partenaires/photo: a photo came by post with its talon, or an e-photo has been activated, or is refused."""

import re
from datetime import datetime, timedelta
from typing import Annotated, Literal, Self

from chalice import Blueprint
from pydantic import BaseModel, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from chalicelib import wiring
from chalicelib.demande.brouillons import CLOTURE_JOURS, RAPPEL_JOURS
from chalicelib.demande.champs import motif_de_texte
from chalicelib.demande.erreurs import ConflitDeVersion, DemandeInconnue, TransitionInterdite
from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Demande
from chalicelib.demande.photo import ResultatPhoto, a_noter, recevoir
from chalicelib.demande.ports import Demandes, Modification
from chalicelib.fonctions import Fonction
from chalicelib.http import PUBLIC, Appel, Reponse, route
from chalicelib.observabilite import compter
from chalicelib.partenaire import ESSAIS, lire_signe
from chalicelib.saisie import Saisie
from chalicelib.settings import duree_du_jour

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:demandes": ("GetItem", "UpdateItem"),
        "table:demandes/index/par_numero": ("Query",),
        "table:demandes/index/par_photo": ("Query",),
        "table:journal": ("PutItem",),
    },
    variables=("CLE_PARTENAIRE",),
    delai=20,
)

IMAGE_MAX = 60_000
_NUMERO = re.compile(r"[0-9]{23}")


class NotificationPhoto(Saisie):
    """The photo of a talon (its numéro, or the demande's id printed before there is one) or of an e-photo code.

    ``image``, in base64, is taken and not kept: the agent's view of a photo is the base's own.
    """

    code_talon: (
        Annotated[str, motif_de_texte(r"[0-9]{23}|[0-9a-f]{32}", "Le code du talon n'a pas la forme attendue.")] | None
    ) = None
    code: Annotated[str, motif_de_texte(r"[0-9A-Za-z]{22}", "Le code comporte 22 lettres et chiffres.")] | None = None
    resultat: ResultatPhoto
    image: Annotated[str, StringConstraints(max_length=IMAGE_MAX, pattern=r"^[A-Za-z0-9+/]*={0,2}$")] | None = None

    @model_validator(mode="after")
    def _un_seul_code(self) -> Self:
        if (self.code_talon is None) == (self.code is None):
            message = "Donnez code_talon ou code, et un seul des deux."
            raise PydanticCustomError("value_error", "{error}", {"error": message})
        return self


class SuitePhoto(BaseModel):
    """What became of the notice: ``note`` for a draft, ``inattendue`` when nobody waits for this e-photo."""

    effet: Literal["applique", "note", "sans_effet", "inattendue"]


def recevoir_la_photo(
    demandes: Demandes, notification: NotificationPhoto, maintenant: datetime, correlation_id: str, jour_s: float
) -> SuitePhoto:
    """Write what the notice changes, once, however often it comes.

    Raises ``DemandeInconnue`` for an unknown talon, ``ConflitDeVersion`` after ``ESSAIS`` tries.
    """
    for _ in range(ESSAIS):
        try:
            demande = _viser(demandes, notification)
        except DemandeInconnue:
            if notification.code is None:
                raise
            # Nobody waits for it, or not any more: a repeat is no error, and the base is asked again at each need.
            return SuitePhoto(effet="inattendue")
        try:
            if a_noter(demande, notification.resultat):
                return _noter(demandes, demande, maintenant, jour_s)
            par_talon = notification.code is None
            changement = recevoir(demande, notification.resultat, par_talon, maintenant, correlation_id, jour_s)
            if changement is None:
                return SuitePhoto(effet="sans_effet")
            demandes.transiter(demande, changement)
            return SuitePhoto(effet="applique")
        except ConflitDeVersion:
            continue
    raise ConflitDeVersion(demande.version)


def _viser(demandes: Demandes, notification: NotificationPhoto) -> Demande:
    if notification.code is not None:
        return demandes.lire_par_photo(notification.code)
    talon = notification.code_talon or ""
    return demandes.lire_par_numero(talon) if _NUMERO.fullmatch(talon) else demandes.lire(talon)


def _noter(demandes: Demandes, demande: Demande, maintenant: datetime, jour_s: float) -> SuitePhoto:
    """Keep in mind the photo of a draft: its usager posted it, so he is still at it."""
    jour = timedelta(seconds=jour_s)
    note = Modification(
        usager=demande.usager,
        maintenant=maintenant,
        limite=maintenant - CLOTURE_JOURS * jour,
        limite_rappel=maintenant - (CLOTURE_JOURS - RAPPEL_JOURS) * jour,
        si_version=demande.version,
        poser={"photo_recue_le": ecrire(maintenant)},
    )
    try:
        demandes.modifier(demande.id, note)
    except TransitionInterdite as refus:
        if refus.champs["statut"] == demande.statut:
            # A draft past its end, which only waits to be closed.
            return SuitePhoto(effet="sans_effet")
        raise ConflitDeVersion(demande.version) from None
    return SuitePhoto(effet="note")


@route(
    bp,
    "POST",
    "/partenaires/photo",
    qui=PUBLIC,
    saisie=NotificationPhoto,
    reponse=SuitePhoto,
    erreurs=(401, 404, 412, 503),
    corps_brut=True,
)
def handler(appel: Appel[None]) -> Reponse:
    """Recevoir l'arrivée d'une photo et d'une signature"""
    notification, maintenant = lire_signe(appel, NotificationPhoto)
    suite = recevoir_la_photo(wiring.demandes(), notification, maintenant, appel.correlation_id, duree_du_jour())
    compter(f"photos_{suite.effet}")
    return Reponse(suite)
