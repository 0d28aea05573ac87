"""POST …/reexpedition: a card that the post brought back is posted again, to the demande's address."""

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.journal import Changement
from chalicelib.demande.modeles import Demande, Statut
from chalicelib.demande.vie import passer
from chalicelib.fonctions import Fonction
from chalicelib.guichet import Suite, auteur, exiger_statut, lire_pour_agent, repondre_suite, transiter
from chalicelib.http import AGENT, Appel, Reponse, route
from chalicelib.settings import duree_du_jour

bp = Blueprint(__name__)
FONCTION = Fonction(droits={"table:demandes": ("GetItem", "UpdateItem"), "table:journal": ("PutItem",)})


@route(
    bp,
    "POST",
    "/instruction/demandes/{id}/reexpedition",
    qui=AGENT,
    reponse=Suite,
    erreurs=(404, 409, 412),
)
def handler(appel: Appel[None]) -> Reponse:
    """Renvoyer un titre revenu"""

    def changer(demande: Demande) -> Changement:
        exiger_statut(demande, Statut.NON_DISTRIBUEE)
        # The order to post it again is the machine's: it leaves, and is noted, as the first one was. The number under
        # which the card came back says nothing of the new sending.
        return passer(
            demande,
            "TitreReexpedie",
            auteur(appel),
            wiring.horloge(),
            appel.correlation_id,
            jour_s=duree_du_jour(),
            vers=Statut.EXPEDIEE,
            oter=("commande_le", "numero_suivi"),
        )

    return repondre_suite(transiter(appel, lambda: lire_pour_agent(appel), changer))
