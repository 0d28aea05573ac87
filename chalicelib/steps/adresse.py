"""Step 3, adresse et « Coordonnées où l'on peut vous joindre » (deck)."""

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.erreurs import SaisieInvalide
from chalicelib.demande.modeles import Adresse, AdresseEnLigne
from chalicelib.demande.vue import DemandeVue, EtapeVue, vue_demande
from chalicelib.fonctions import Fonction
from chalicelib.http import SAISIE, Appel, Reponse, route
from chalicelib.saisie import Saisie, partielle, saisi
from chalicelib.usager import demande_visee, enregistrer_etape, lire_la_sienne, modification, repondre

bp = Blueprint(__name__)
FONCTION = Fonction(droits={"table:consultations": ("PutItem",), "table:demandes": ("GetItem", "UpdateItem")})

Brouillon = partielle(Adresse)


def verifier_prefecture(code: str) -> None:
    """The préfecture is one of the reference list; raises ``SaisieInvalide``. The commune itself is never imposed."""
    if not wiring.prefecture_connue(code):
        raise SaisieInvalide([("prefecture", "Cette préfecture n'existe pas : choisissez-la dans la liste.")])


@route(bp, "GET", "/demandes/{id}/adresse", qui=SAISIE, reponse=EtapeVue, erreurs=(404,))
def lire(appel: Appel[None]) -> Reponse:
    """Lire l'adresse"""
    return Reponse(vue_demande(lire_la_sienne(appel), wiring.horloge()).etapes["adresse"])


@route(
    bp,
    "PUT",
    "/demandes/{id}/adresse",
    qui=SAISIE,
    saisie=AdresseEnLigne,
    saisie_agent=Adresse,
    reponse=DemandeVue,
    erreurs=(404, 409, 412),
)
def enregistrer(appel: Appel[Adresse]) -> Reponse:
    """Enregistrer l'adresse et les coordonnées"""
    verifier_prefecture(appel.saisie.prefecture)
    return repondre(enregistrer_etape(appel, "adresse", appel.saisie))


@route(
    bp,
    "PUT",
    "/demandes/{id}/adresse/brouillon",
    qui=SAISIE,
    saisie=Brouillon,
    reponse=DemandeVue,
    erreurs=(404, 409, 412),
)
def garder(appel: Appel[Saisie]) -> Reponse:
    """Garder l'adresse en brouillon"""
    ecriture = modification(appel, {"brouillon_adresse": saisi(appel.saisie)})
    return repondre(wiring.demandes().modifier(demande_visee(appel), ecriture))
