"""The e-photo base is told of a demande that ended without a card, or took another photo: its code is free again.

By a queue of its own: the base may be down for hours, and neither the usager who withdraws, nor the stream's consumer,
nor the machine is to wait for it. The queue tells half a minute late: a confirmation under way while the demande ended
has held the code by then, or never will.
"""

from typing import Any, Literal

from aws_lambda_powertools.utilities.batch import EventType
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.evenements import EvenementPublie, lire_evenement
from chalicelib.demande.modeles import Demande
from chalicelib.demande.ports import Demandes
from chalicelib.demande.ports_externes import Photos
from chalicelib.demande.suspension import PHOTO
from chalicelib.fonctions import Fonction
from chalicelib.notifications.lots import traiter_lot
from chalicelib.observabilite import compter, suivre

bp = Blueprint(__name__)

FONCTION = Fonction(droits={"table:demandes": ("GetItem",)}, variables=("URL_PHOTOS",), delai=15)

FINS_SANS_TITRE = frozenset({"DemandeRetiree", "DemandeRefusee", "DemandeClasseeSansSuite"})
PHOTOS_CHANGEES = frozenset({"PhotoChangee", "PhotoRecue", "ComplementDepose"})
"""The events after which the code held may be another one. The queue takes these two sets (infra/resources.json,
AbonnementPhotos)."""


def liberer_la_photo(
    evenement: EvenementPublie, demandes: Demandes, photos: Photos
) -> Literal["liberee", "sans_code", "autre_fin"]:
    """Give back the codes that a demande holds no more, however often told.

    Raises ``ServiceIndisponible``: the queue tells again.
    """
    if evenement.type not in FINS_SANS_TITRE | PHOTOS_CHANGEES or evenement.demande_id is None:
        return "autre_fin"
    demande = demandes.lire(evenement.demande_id)
    finie, tenu = evenement.type in FINS_SANS_TITRE, _code(demande)
    rendus = [*demande.photos_quittees, *([code for code in (tenu, _repondu(demande)) if code] if finie else [])]
    if not rendus:
        return "sans_code"
    for code in rendus:
        photos.liberer(code, demande.id)
    repris = None if finie else _code(demandes.lire(demande.id))
    if repris in rendus and repris is not None:
        # Its usager came back to it at the same instant: it is his still.
        photos.reserver(repris, demande.id)
    return "liberee"


def _code(demande: Demande) -> str | None:
    return demande.photo_signature.code if demande.photo_signature else None


def _repondu(demande: Demande) -> str | None:
    """The code of a complement that was not submitted before the end: it may have been held for it."""
    suspension = demande.suspension
    return suspension.reponses.get(PHOTO, {}).get("code") if suspension else None


@bp.lambda_function(name="liberer_photo")
def liberer_photos(lot: dict[str, Any], contexte: Any) -> dict[str, Any]:
    """Handle a batch of the queue ``photos``; what failed is delivered again."""
    return traiter_lot(lot, contexte, EventType.SQS, _un)


def _un(message: SQSRecord) -> None:
    evenement = lire_evenement(message.body)
    suivre(evenement.correlation_id)
    compter(f"photos_{liberer_la_photo(evenement, wiring.demandes(), wiring.photos())}")
