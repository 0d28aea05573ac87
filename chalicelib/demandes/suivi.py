"""GET /demandes/{id}/suivi: where the demande is, from the brouillon on."""

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.suivi import Suivi, suivi
from chalicelib.fonctions import Fonction
from chalicelib.http import SAISIE, Appel, Reponse, route
from chalicelib.settings import duree_du_jour
from chalicelib.usager import lire_la_sienne

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={"table:consultations": ("PutItem",), "table:demandes": ("GetItem",), "table:journal": ("Query",)}
)


@route(bp, "GET", "/demandes/{id}/suivi", qui=SAISIE, reponse=Suivi, erreurs=(404,))
def handler(appel: Appel[None]) -> Reponse:
    """Suivre une demande"""
    demande = lire_la_sienne(appel)
    journal = wiring.demandes().journal(demande.id)
    return Reponse(suivi(demande, journal, wiring.horloge(), duree_du_jour()))
