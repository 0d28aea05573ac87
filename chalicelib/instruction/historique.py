"""GET …/historique: the journal of a demande, as those who treat it read it (DOMAIN §6)."""

from typing import Annotated

from chalice import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.demande.historique import PAGE, PageInstruction, agents_de, ligne_d_instruction
from chalicelib.demande.ports_consultations import Quoi
from chalicelib.fonctions import Fonction
from chalicelib.guichet import lire_pour_agent
from chalicelib.http import AGENT, CTN, Appel, Reponse, route
from chalicelib.saisie import Saisie
from chalicelib.usager import consulter

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:demandes": ("GetItem",),
        "table:journal": ("Query",),
        "table:comptes": ("BatchGetItem",),
        "table:consultations": ("PutItem",),
    },
)


class Suite(Saisie):
    """``curseur``: the one that the page before gave."""

    curseur: Annotated[int, Field(ge=1, le=999_999)] | None = None


@route(
    bp,
    "GET",
    "/instruction/demandes/{id}/historique",
    qui=AGENT + CTN,
    requete=Suite,
    reponse=PageInstruction,
    erreurs=(404,),
)
def handler(appel: Appel[Suite]) -> Reponse:
    """Lire l'historique d'une demande"""
    demande = lire_pour_agent(appel)
    entrees, suite = wiring.journal().page(demande.id, appel.saisie.curseur or 0, PAGE)
    consulter(appel, demande, Quoi.HISTORIQUE)
    noms = wiring.habilitations().noms(agents_de(entrees))
    elements = [ligne_d_instruction(entree, noms) for entree in entrees]
    return Reponse(PageInstruction(elements=elements, curseur=str(suite) if suite else None))
