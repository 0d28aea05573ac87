"""POST …/levee: the complement is needed no more; the demande comes back to who had asked for it, if he still may."""

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.journal import Changement
from chalicelib.demande.modeles import Demande
from chalicelib.demande.suspension import est_encore_la, lever
from chalicelib.fonctions import Fonction
from chalicelib.guichet import Suite, auteur, lire_pour_agent, repondre_suite, transiter
from chalicelib.http import AGENT, CTN, Appel, Reponse, route
from chalicelib.settings import duree_du_jour

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:comptes": ("GetItem",),
        "table:demandes": ("GetItem", "UpdateItem", "PutItem"),
        "table:journal": ("PutItem",),
    },
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
        qui, par = auteur(appel), demande.suspension.par if demande.suspension else None
        encore_la = par == qui.id or (par is not None and est_encore_la(demande, wiring.comptes().lire(par)))
        return lever(demande, qui, wiring.horloge(), appel.correlation_id, duree_du_jour(), encore_la=encore_la)

    return repondre_suite(transiter(appel, lambda: lire_pour_agent(appel), changer))
