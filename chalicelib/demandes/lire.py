"""GET /demandes/{id}: the demande with its steps and its pièces."""

from chalice import Blueprint

from chalicelib.demande.vue import DemandeVue
from chalicelib.fonctions import Fonction
from chalicelib.http import SAISIE, Appel, Reponse, route
from chalicelib.usager import lire_la_sienne_et_ses_pieces, repondre

bp = Blueprint(__name__)
FONCTION = Fonction(droits={"table:consultations": ("PutItem",), "table:demandes": ("Query",)})


@route(bp, "GET", "/demandes/{id}", qui=SAISIE, reponse=DemandeVue, erreurs=(404,))
def handler(appel: Appel[None]) -> Reponse:
    """Lire une demande"""
    return repondre(*lire_la_sienne_et_ses_pieces(appel))
