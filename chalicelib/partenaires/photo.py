"""POST /partenaires/photo: a photo came by post with its talon, or an e-photo has been activated, or is refused.

The image that comes with a photo is kept with it, made anew, with what a machine says of it
(docs/decisions/photo-d-identite.md). A bad image refuses nothing.
"""

import dataclasses
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from chalice import Blueprint
from pydantic import AwareDatetime, BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from chalicelib import wiring
from chalicelib.demande.brouillons import CLOTURE_JOURS, RAPPEL_JOURS
from chalicelib.demande.champs import motif_de_texte
from chalicelib.demande.erreurs import ConflitDeVersion, DemandeInconnue, SaisieInvalide, TransitionInterdite
from chalicelib.demande.image_photo import ILLISIBLE
from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Demande, ImagePhoto
from chalicelib.demande.photo import ResultatPhoto, noter, recevoir, rendre_au_demandeur
from chalicelib.demande.ports import Demandes, Fichiers, Modification
from chalicelib.demande.ports_comptes import Comptes
from chalicelib.demande.signature import TOLERANCE_S
from chalicelib.demande.statuts import FINALS
from chalicelib.fonctions import Fonction
from chalicelib.http import PUBLIC, Appel, Reponse, route
from chalicelib.observabilite import compter
from chalicelib.partenaire import ESSAIS, lire_signe
from chalicelib.saisie import Saisie
from chalicelib.settings import duree_du_jour

if TYPE_CHECKING:
    from chalicelib.documents.photo import PhotoLue

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:comptes": ("GetItem",),
        "table:demandes": ("GetItem", "UpdateItem"),
        "table:demandes/index/par_numero": ("Query",),
        "table:demandes/index/par_photo": ("Query",),
        "table:journal": ("PutItem",),
        "bucket:pieces/*": ("PutObject", "DeleteObject"),
    },
    variables=("CLE_PARTENAIRE",),
    memoire=1024,
    delai=20,
    couches=("visage",),
)

CORPS_MAX = 4 * 1024**2
"""Lambda takes 6 MB. More than the largest image that is kept, so that one too heavy does not refuse the notice."""
DEBUT = datetime(2016, 1, 1, tzinfo=UTC)
"""No photo of ours is older."""
_NUMERO = re.compile(r"[0-9]{23}")


class NotificationPhoto(Saisie):
    """The photo of a talon (its numéro, or the demande's id printed before there is one) or of an e-photo code.

    ``survenu_le`` is when the talon was looked at, or the code activated, by the partner's clock: with it a repeat is
    told from another talon. ``image``: a JPEG or a PNG in base64, 1 000 000 characters at most, for the agent to see;
    another one, or one that cannot be read, is not kept, and he is told so.
    """

    code_talon: (
        Annotated[str, motif_de_texte(r"[0-9]{23}|[0-9a-f]{32}", "Le code du talon n'a pas la forme attendue.")] | None
    ) = None
    code: Annotated[str, motif_de_texte(r"[0-9A-Za-z]{22}", "Le code comporte 22 lettres et chiffres.")] | None = None
    resultat: ResultatPhoto
    survenu_le: Annotated[AwareDatetime, Field(strict=True)] | None = None
    image: str | None = None

    @model_validator(mode="after")
    def _un_seul_code(self) -> Self:
        if (self.code_talon is None) == (self.code is None):
            message = "Donnez code_talon ou code, et un seul des deux."
            raise PydanticCustomError("value_error", "{error}", {"error": message})
        return self


class SuitePhoto(BaseModel):
    """What became of the notice: ``note`` for a draft, ``inattendue`` when nobody waits for this e-photo."""

    effet: Literal["applique", "note", "sans_effet", "inattendue"]


class ImageRecue:
    """The image of a notice, in base64: read once, and kept only with a photo that counts; None when none came."""

    def __init__(self, fichiers: Callable[[], Fichiers], image: str | None) -> None:
        self._fichiers, self._image = fichiers, image
        self._rangee: ImagePhoto | None = None

    @cached_property
    def _lue(self) -> "PhotoLue | None":
        from chalicelib.documents.photo import lire_photo

        return lire_photo(self._image or "")

    def joindre(self, demande: Demande, poser: Mapping[str, Any]) -> dict[str, Any]:
        """``poser`` with the image, kept before ``demande`` tells it; as it is when no photo comes by it.

        Its name is of the version that is to tell it: once another write has made that version, none ever will.
        """
        self._rangee = None
        recue_le = poser.get("photo_recue_le")
        if self._image is None or recue_le is None or demande.statut in FINALS:
            return dict(poser)
        lue = self._lue
        if lue is None:
            self._rangee = ImagePhoto(recue_le=recue_le, conseils=[ILLISIBLE])
        else:
            nom = f"{demande.version + 1}-{lue.empreinte[:16]}"
            self._fichiers().ranger_photo(demande.id, nom, lue.jpeg)
            dimensions = {"largeur": lue.largeur, "hauteur": lue.hauteur}
            self._rangee = ImagePhoto(recue_le=recue_le, nom=nom, conseils=lue.conseils, **dimensions)
        return {**poser, "photo_image": self._rangee}

    def ecrite(self, avant: Demande) -> None:
        """It is told: remove the one that ``avant`` told."""
        if self._rangee is not None:
            self._retirer(avant, avant.photo_image)

    def vaine(self, demandes: Demandes, avant: Demande) -> None:
        """Somebody else wrote: remove it, unless the demande tells it (the same notice, faster, or our answer lost)."""
        if self._rangee is None:
            return
        dite = demandes.lire(avant.id).photo_image
        if dite is None or dite.nom != self._rangee.nom:
            self._retirer(avant, self._rangee)

    def _retirer(self, demande: Demande, image: ImagePhoto | None) -> None:
        if image is not None and image.nom is not None:
            self._fichiers().retirer_photo(demande.id, image.nom)


def recevoir_la_photo(
    demandes: Demandes,
    comptes: Comptes,
    fichiers: Callable[[], Fichiers],
    notification: NotificationPhoto,
    maintenant: datetime,
    correlation_id: str,
    jour_s: float,
) -> SuitePhoto:
    """Write what the notice changes, once, however often it comes; an agent who asked for the photo has it back.

    Raises ``DemandeInconnue`` for an unknown talon, ``ConflitDeVersion`` after ``ESSAIS`` tries.
    """
    par_talon = notification.code is None
    survenu_le = ecrire(notification.survenu_le) if notification.survenu_le else None
    image = ImageRecue(fichiers, notification.image)
    for _ in range(ESSAIS):
        try:
            demande = _viser(demandes, notification)
        except DemandeInconnue:
            if notification.code is None:
                raise
            # Nobody waits for it, or not any more: a repeat is no error, and the base is asked again at each need.
            return SuitePhoto(effet="inattendue")
        try:
            note = noter(demande, notification.resultat, survenu_le, maintenant, jour_s)
            if note is not None:
                return _noter(demandes, demande, image, note, maintenant, jour_s)
            changement = recevoir(
                demande, notification.resultat, par_talon, maintenant, correlation_id, jour_s, survenu_le
            )
            if changement is None:
                return SuitePhoto(effet="sans_effet")
            changement = rendre_au_demandeur(demande, changement, comptes, jour_s)
            changement = dataclasses.replace(changement, poser=image.joindre(demande, changement.poser))
            demandes.transiter(demande, changement)
        except ConflitDeVersion:
            image.vaine(demandes, demande)
            continue
        image.ecrite(demande)
        return SuitePhoto(effet="applique")
    raise ConflitDeVersion(demande.version)


def _viser(demandes: Demandes, notification: NotificationPhoto) -> Demande:
    if notification.code is not None:
        return demandes.lire_par_photo(notification.code)
    talon = notification.code_talon or ""
    return demandes.lire_par_numero(talon) if _NUMERO.fullmatch(talon) else demandes.lire(talon)


def _noter(
    demandes: Demandes,
    demande: Demande,
    image: ImageRecue,
    poser: Mapping[str, Any],
    maintenant: datetime,
    jour_s: float,
) -> SuitePhoto:
    """Keep in mind the photo of a draft: its usager posted it, so he is still at it."""
    jour = timedelta(seconds=jour_s)
    note = Modification(
        usager=demande.usager,
        maintenant=maintenant,
        limite=maintenant - CLOTURE_JOURS * jour,
        limite_rappel=maintenant - (CLOTURE_JOURS - RAPPEL_JOURS) * jour,
        si_version=demande.version,
        poser=image.joindre(demande, poser),
    )
    try:
        demandes.modifier(demande.id, note)
    except TransitionInterdite as refus:
        if refus.champs["statut"] == demande.statut:
            # A draft past its end, which only waits to be closed.
            return SuitePhoto(effet="sans_effet")
        raise ConflitDeVersion(demande.version) from None
    image.ecrite(demande)
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
    corps_max=CORPS_MAX,
)
def handler(appel: Appel[None]) -> Reponse:
    """Recevoir l'arrivée d'une photo et d'une signature"""
    notification, maintenant = lire_signe(appel, NotificationPhoto)
    survenu_le = notification.survenu_le
    if survenu_le is not None and not DEBUT <= survenu_le <= maintenant + timedelta(seconds=TOLERANCE_S):
        raise SaisieInvalide([("survenu_le", "Cet instant est dans le futur, ou d'avant ce service.")])
    suite = recevoir_la_photo(
        wiring.demandes(),
        wiring.comptes(),
        wiring.fichiers,
        notification,
        maintenant,
        appel.correlation_id,
        duree_du_jour(),
    )
    compter(f"photos_{suite.effet}")
    return Reponse(suite)
