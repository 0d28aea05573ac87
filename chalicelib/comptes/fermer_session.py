"""DELETE /sessions/courante: log out; the jeton is dead at once."""

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.fonctions import Fonction
from chalicelib.http import TOUS, Appel, Reponse, route

bp = Blueprint(__name__)

FONCTION = Fonction(droits={"table:sessions": ("UpdateItem",)}, memoire=256)


@route(bp, "DELETE", "/sessions/courante", qui=TOUS, statut=204)
def fermer(appel: Appel[None]) -> Reponse:
    """Ferme la session en cours."""
    wiring.sessions().fermer(appel.identite.compte_id, appel.identite.session_id)
    return Reponse(None, 204)
