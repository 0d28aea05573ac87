"""POST …/levee: the complement is needed no more; the demande comes back to who had asked for it."""

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.journal import Changement
from chalicelib.demande.modeles import Demande
from chalicelib.demande.suspension import lever
from chalicelib.fonctions import Fonction
from chalicelib.guichet import Suite, auteur, lire_pour_agent, repondre_suite, transiter
from chalicelib.http import AGENT, CTN, Appel, Reponse, route
from chalicelib.settings import duree_du_jour

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={"table:demandes": ("GetItem", "UpdateItem", "PutItem"), "table:journal": ("PutItem",)},
)


@route(
    bp,
    "POST",
    "/instruction/demandes/{id}/levee",
    qui=AGENT + CTN,
    reponse=Suite,
    erreurs=(404, 409, 412),
)
def handler(appel: Appel[None]) -> Reponse:
    """Lever la suspension"""

    def changer(demande: Demande) -> Changement:
        return lever(demande, auteur(appel), wiring.horloge(), appel.correlation_id, duree_du_jour())

    return repondre_suite(transiter(appel, lambda: lire_pour_agent(appel), changer))
