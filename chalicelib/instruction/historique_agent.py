"""GET /instruction/agents/{compte_id}/historique: who let this agent do what, when; his account may be closed."""

import re
from typing import Annotated

from chalice import Blueprint
from pydantic import BaseModel

from chalicelib import wiring
from chalicelib.demande.curseurs import ecrire_curseur, position_de
from chalicelib.demande.habilitations import AgentInconnu, Mouvement, concerne
from chalicelib.demande.ports_habilitations import Habilitations
from chalicelib.fonctions import Fonction
from chalicelib.http import Appel, Reponse, route
from chalicelib.saisie import Saisie

bp = Blueprint(__name__)
FONCTION = Fonction(droits={"table:comptes": ("GetItem", "Query")})

PAGE = 25
_POSITION = re.compile(r"[0-9TZ:.-]{10,30}#[0-9A-Za-z-]{1,64}")


class SuiteMouvements(Saisie):
    """``curseur``: the one that the page before gave."""

    curseur: Annotated[str, position_de(_POSITION)] | None = None


class PageMouvements(BaseModel):
    """A page, newest first: ``curseur`` is null on the last one."""

    elements: list[Mouvement]
    curseur: str | None


def lire_l_historique(
    habilitations: Habilitations, compte_id: str, du_chef: tuple[str, ...], avant: str | None
) -> tuple[list[Mouvement], str | None]:
    """A page of the changes of an agent who treats, or treated, for one of the chef's autorités.

    Raises ``AgentInconnu``.
    """
    compte = habilitations.lire(compte_id)
    mouvements, suite = habilitations.mouvements(compte_id, avant, PAGE)
    sien = compte is not None and bool(set(compte.autorites) & set(du_chef))
    if not sien and not any(concerne(mouvement, du_chef) for mouvement in mouvements):
        raise AgentInconnu()
    return mouvements, suite


@route(
    bp,
    "GET",
    "/instruction/agents/{compte_id}/historique",
    qui=("chef",),
    requete=SuiteMouvements,
    reponse=PageMouvements,
    erreurs=(404,),
)
def handler(appel: Appel[SuiteMouvements]) -> Reponse:
    """Lire l'historique des habilitations d'un agent"""
    compte_id, avant = appel.chemin["compte_id"], appel.saisie.curseur
    if len(compte_id) > 64 or not compte_id.isascii():
        raise AgentInconnu()
    mouvements, suite = lire_l_historique(wiring.habilitations(), compte_id, appel.identite.autorites, avant)
    return Reponse(PageMouvements(elements=mouvements, curseur=ecrire_curseur(suite)))
