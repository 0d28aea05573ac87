"""POST /instruction/corbeille/suivante: the most urgent demande that the agent may treat becomes his, for a while.

Of several agents at once each gets another one: a demande that somebody took first is passed over.
"""

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.bail import bail_d_un_agent
from chalicelib.demande.corbeille import Agent, TropDeLectures, candidates
from chalicelib.demande.erreurs import DemandeInconnue, ServiceIndisponible, TransitionInterdite
from chalicelib.demande.modeles import Demande
from chalicelib.demande.ports_corbeille import Corbeilles, DejaTenue, Prise
from chalicelib.fonctions import Fonction
from chalicelib.guichet import Tenue, nom_en_fonction, repondre_tenue
from chalicelib.http import AGENT, CTN, Appel, Reponse, route
from chalicelib.observabilite import compter

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:comptes": ("GetItem",),
        "table:demandes": ("UpdateItem",),
        "table:demandes/index/par_corbeille": ("Query",),
    },
)

ESSAIS_MAX = 100
"""How many demandes taken by others meanwhile are passed over, before the agent is asked to try again."""


def prendre_la_suivante(corbeilles: Corbeilles, agent: Agent, prise: Prise) -> Demande | None:
    """Take the most urgent demande that ``agent`` may treat; None when nothing waits.

    Raises ``ServiceIndisponible`` when too many others take at the same instant.
    """
    essais = 0
    try:
        for ligne in candidates(corbeilles, agent, prise.maintenant):
            try:
                return corbeilles.prendre(ligne.id, prise)
            except (DejaTenue, TransitionInterdite, DemandeInconnue):
                # The index is an instant late: somebody took it, or it has left the worklist.
                essais += 1
            if essais == ESSAIS_MAX:
                raise TropDeLectures()
    except TropDeLectures:
        raise ServiceIndisponible(
            "Beaucoup d'agents prennent des demandes en ce moment : recommencez dans quelques instants."
        ) from None
    finally:
        compter("suivante_devancee", essais)
    return None


@route(bp, "POST", "/instruction/corbeille/suivante", qui=(*AGENT, *CTN), reponse=Tenue, erreurs=(204, 503))
def handler(appel: Appel[None]) -> Reponse:
    """Prendre la demande la plus urgente"""
    identite, maintenant = appel.identite, wiring.horloge()
    agent = Agent(identite.compte_id, identite.role, identite.autorites)
    nom = nom_en_fonction(appel)
    prise = Prise(identite.compte_id, nom, agent.corbeilles, maintenant, bail_d_un_agent(maintenant))
    demande = prendre_la_suivante(wiring.corbeilles(), agent, prise)
    return Reponse(None, 204) if demande is None else repondre_tenue(demande)
