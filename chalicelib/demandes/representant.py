"""GET, PUT, DELETE /demandes/{id}/representant: who acts for the holder, if somebody does (DOMAIN §8).

A legal representative for a minor or a protected adult, or somebody whom the holder has mandated. It is named on the
draft, proved by a pièce (demande/completude.py), and the holder is told of it once the demande is confirmed.
"""

from chalice import Blueprint
from pydantic import BaseModel

from chalicelib import wiring
from chalicelib.demande.modeles import Representant
from chalicelib.demande.vue import DemandeVue
from chalicelib.fonctions import Fonction
from chalicelib.http import SAISIE, Appel, Reponse, route
from chalicelib.usager import demande_visee, lire_la_sienne, modification, repondre

bp = Blueprint(__name__)
FONCTION = Fonction(droits={"table:consultations": ("PutItem",), "table:demandes": ("GetItem", "UpdateItem")})


class RepresentantVu(BaseModel):
    """Who acts for the holder; null when he acts himself."""

    representant: Representant | None


@route(bp, "GET", "/demandes/{id}/representant", qui=SAISIE, reponse=RepresentantVu, erreurs=(404,))
def lire(appel: Appel[None]) -> Reponse:
    """Lire qui représente la personne concernée"""
    return Reponse(RepresentantVu(representant=lire_la_sienne(appel).representant))


@route(
    bp,
    "PUT",
    "/demandes/{id}/representant",
    qui=SAISIE,
    saisie=Representant,
    reponse=DemandeVue,
    erreurs=(404, 409, 412),
)
def enregistrer(appel: Appel[Representant]) -> Reponse:
    """Nommer un représentant légal ou un mandataire"""
    ecriture = modification(appel, {"representant": appel.saisie})
    return repondre(wiring.demandes().modifier(demande_visee(appel), ecriture))


@route(bp, "DELETE", "/demandes/{id}/representant", qui=SAISIE, reponse=DemandeVue, erreurs=(404, 409, 412))
def retirer(appel: Appel[None]) -> Reponse:
    """Ne plus nommer de représentant"""
    ecriture = modification(appel, oter=("representant",))
    return repondre(wiring.demandes().modifier(demande_visee(appel), ecriture))
