"""POST /partenaires/paiement: the stamp shop tells the end of a purchase; it may tell it late, twice, or never.

The notice only says that something happened: what happened is read at the shop (demande/achats.py).
"""

from datetime import datetime
from typing import Literal

from chalice import Blueprint
from pydantic import BaseModel

from chalicelib import wiring
from chalicelib.demande.achats import AchatInconnu, Effet, constater
from chalicelib.demande.champs import Texte60
from chalicelib.demande.erreurs import Introuvable
from chalicelib.demande.ports import Demandes
from chalicelib.demande.ports_externes import Boutique
from chalicelib.fonctions import Fonction
from chalicelib.http import PUBLIC, Appel, Reponse, route
from chalicelib.observabilite import compter
from chalicelib.partenaire import lire_signe
from chalicelib.saisie import Saisie

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:demandes": ("GetItem", "UpdateItem"),
        "table:journal": ("PutItem",),
        "table:timbres": ("GetItem", "PutItem"),
    },
    variables=("CLE_PARTENAIRE", "URL_TIMBRES"),
    delai=20,
)


class Notification(Saisie):
    """The end of the purchase ``reference``."""

    reference: Texte60
    resultat: Literal["accepte", "refuse", "abandon"]


class Suite(BaseModel):
    """What became of the notice: ``reserve``, ``conserve`` (kept free for its owner), ``refuse`` or ``sans_effet``."""

    effet: Effet


def encaisser(
    demandes: Demandes, boutique: Boutique, reference: str, maintenant: datetime, correlation_id: str
) -> Suite:
    """Read the purchase at the shop and write its effect once, however often this is told.

    Raises ``AchatInconnu``, ``ServiceIndisponible`` (the shop tells again later).
    """
    try:
        achat = boutique.consulter_achat(reference)
    except Introuvable:
        raise AchatInconnu() from None
    effet, _ = constater(demandes, reference, achat, maintenant, correlation_id)
    return Suite(effet=effet)


@route(
    bp,
    "POST",
    "/partenaires/paiement",
    qui=PUBLIC,
    saisie=Notification,
    reponse=Suite,
    erreurs=(401, 404, 409, 412, 503),
    corps_brut=True,
)
def handler(appel: Appel[None]) -> Reponse:
    """Recevoir la fin d'un achat de timbre"""
    notification, maintenant = lire_signe(appel, Notification)
    suite = encaisser(wiring.demandes(), wiring.boutique(), notification.reference, maintenant, appel.correlation_id)
    compter(f"paiements_{suite.effet}")
    return Reponse(suite)
