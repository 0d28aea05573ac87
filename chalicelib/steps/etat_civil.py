"""Step 2, état civil de la personne concernée par le titre (deck)."""

from datetime import date

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.erreurs import SaisieInvalide
from chalicelib.demande.instants import jour_legal
from chalicelib.demande.modeles import EtatCivil, NeALEtranger, NeEnFrance
from chalicelib.demande.vue import DemandeVue, EtapeVue, vue_demande
from chalicelib.fonctions import Fonction
from chalicelib.http import SAISIE, Appel, Reponse, route
from chalicelib.saisie import Saisie, partielle, saisi
from chalicelib.usager import demande_visee, enregistrer_etape, lire_la_sienne, modification, repondre

bp = Blueprint(__name__)
FONCTION = Fonction(droits={"table:consultations": ("PutItem",), "table:demandes": ("GetItem", "UpdateItem")})


class Lieu(NeEnFrance, NeALEtranger):
    """A birth place half filled, in France or abroad."""


Brouillon = partielle(EtatCivil, lieu_naissance=partielle(Lieu))


def verifier_date(date_naissance: str, aujourd_hui: date) -> None:
    """A date of birth is in the past, as far as it is known; raises ``SaisieInvalide``."""
    if date_naissance > aujourd_hui.isoformat()[: len(date_naissance)]:
        raise SaisieInvalide([("date_naissance", "La date de naissance est dans le futur : vérifiez-la.")])


@route(bp, "GET", "/demandes/{id}/etat-civil", qui=SAISIE, reponse=EtapeVue, erreurs=(404,))
def lire(appel: Appel[None]) -> Reponse:
    """Lire l'état civil"""
    return Reponse(vue_demande(lire_la_sienne(appel), wiring.horloge()).etapes["etat_civil"])


@route(
    bp, "PUT", "/demandes/{id}/etat-civil", qui=SAISIE, saisie=EtatCivil, reponse=DemandeVue, erreurs=(404, 409, 412)
)
def enregistrer(appel: Appel[EtatCivil]) -> Reponse:
    """Enregistrer l'état civil"""
    verifier_date(appel.saisie.date_naissance, jour_legal(wiring.horloge()))
    return repondre(enregistrer_etape(appel, "etat_civil", appel.saisie))


@route(
    bp,
    "PUT",
    "/demandes/{id}/etat-civil/brouillon",
    qui=SAISIE,
    saisie=Brouillon,
    reponse=DemandeVue,
    erreurs=(404, 409, 412),
)
def garder(appel: Appel[Saisie]) -> Reponse:
    """Garder l'état civil en brouillon"""
    ecriture = modification(appel, {"brouillon_etat_civil": saisi(appel.saisie)})
    return repondre(wiring.demandes().modifier(demande_visee(appel), ecriture))
