"""GET /demandes/{id}/historique: the usager's own journal, with the proof of each line; never which agent acted."""

from typing import Annotated

from chalice import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.demande.historique import PAGE, PageHistorique, ligne
from chalicelib.fonctions import Fonction
from chalicelib.http import USAGER, Appel, Reponse, route
from chalicelib.saisie import Saisie
from chalicelib.usager import lire_la_sienne

bp = Blueprint(__name__)
FONCTION = Fonction(droits={"table:demandes": ("GetItem",), "table:journal": ("Query",)})


class Suite(Saisie):
    """``curseur``: the one that the page before gave."""

    curseur: Annotated[int, Field(ge=1, le=999_999)] | None = None


@route(bp, "GET", "/demandes/{id}/historique", qui=USAGER, requete=Suite, reponse=PageHistorique, erreurs=(404,))
def handler(appel: Appel[Suite]) -> Reponse:
    """Lire l'historique de ma demande"""
    demande = lire_la_sienne(appel)
    entrees, suite = wiring.journal().page(demande.id, appel.saisie.curseur or 0, PAGE)
    return Reponse(
        PageHistorique(elements=[ligne(entree) for entree in entrees], curseur=str(suite) if suite else None)
    )
