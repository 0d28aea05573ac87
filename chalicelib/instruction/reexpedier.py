"""POST …/reexpedition: a card that the post brought back is posted again, to the address that its holder confirmed.

Posted again where it could not be handed over, it would only come back: the holder confirms his address first, or the
agent who reached him says so.
"""

from typing import Any

from chalice import Blueprint
from pydantic import Field, StrictBool

from chalicelib import wiring
from chalicelib.demande.erreurs import TransitionInterdite
from chalicelib.demande.instants import ecrire
from chalicelib.demande.journal import Changement
from chalicelib.demande.modeles import Demande, Statut
from chalicelib.demande.vie import passer
from chalicelib.fonctions import Fonction
from chalicelib.guichet import Suite, auteur, exiger_statut, lire_pour_agent, repondre_suite, transiter
from chalicelib.http import AGENT, Appel, Reponse, route
from chalicelib.saisie import Saisie
from chalicelib.settings import duree_du_jour

bp = Blueprint(__name__)
FONCTION = Fonction(droits={"table:demandes": ("GetItem", "UpdateItem"), "table:journal": ("PutItem",)})

NON_CONFIRMEE = (
    "L'usager n'a pas encore confirmé l'adresse où renvoyer son titre. Si vous l'avez vérifiée avec lui, dites-le : "
    "adresse_verifiee."
)


class Reexpedition(Saisie):
    """``adresse_verifiee``: the agent reached the holder, who confirms the demande's address as it stands."""

    adresse_verifiee: StrictBool = Field(
        default=False, title="J'ai joint le titulaire : il confirme l'adresse de la demande"
    )


@route(
    bp,
    "POST",
    "/instruction/demandes/{id}/reexpedition",
    qui=AGENT,
    saisie=Reexpedition,
    reponse=Suite,
    erreurs=(404, 409, 412),
)
def handler(appel: Appel[Reexpedition]) -> Reponse:
    """Renvoyer un titre revenu"""

    def changer(demande: Demande) -> Changement:
        exiger_statut(demande, Statut.NON_DISTRIBUEE)
        maintenant, poser = wiring.horloge(), dict[str, Any]()
        if demande.adresse_confirmee_le is None:
            if not appel.saisie.adresse_verifiee:
                raise TransitionInterdite(demande.statut, NON_CONFIRMEE)
            poser["adresse_confirmee_le"] = ecrire(maintenant)
        # The order to post it again is the machine's: it leaves, and is noted, as the first one was. The number under
        # which the card came back says nothing of the new sending.
        return passer(
            demande,
            "TitreReexpedie",
            auteur(appel),
            maintenant,
            appel.correlation_id,
            jour_s=duree_du_jour(),
            vers=Statut.EXPEDIEE,
            poser=poser,
            oter=("commande_le", "numero_suivi"),
        )

    return repondre_suite(transiter(appel, lambda: lire_pour_agent(appel), changer))
