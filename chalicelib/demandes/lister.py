"""GET /demandes: the demandes of the usager, newest first."""

import re
from typing import Annotated

from chalice import Blueprint
from pydantic import BaseModel

from chalicelib import wiring
from chalicelib.demande.curseurs import CURSEUR_INCONNU, ecrire_curseur, position_de
from chalicelib.demande.erreurs import SaisieInvalide
from chalicelib.demande.modeles import Demande, Motif, Statut
from chalicelib.demande.suivi import LIBELLES
from chalicelib.fonctions import Fonction
from chalicelib.http import SAISIE, Appel, Reponse, route
from chalicelib.saisie import Saisie
from chalicelib.usager import proprietaire

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={"table:demandes/index/par_usager": ("Query",), "table:demandes": ("BatchGetItem",)},
)


PAGE = 25
_POSITION = re.compile(r"[0-9TZ:.\-]{10,30}/[0-9a-f]{32}")


class Suite(Saisie):
    """``curseur``: the one that the page before gave."""

    curseur: Annotated[str, position_de(_POSITION)] | None = None


class LigneDemande(BaseModel):
    """One line of « mes demandes »."""

    id: str
    numero: str | None
    statut: Statut
    libelle: str
    motif: Motif
    cree_le: str
    modifie_le: str


class PageDemandes(BaseModel):
    """A page: ``curseur`` is null on the last one."""

    elements: list[LigneDemande]
    curseur: str | None


def ligne(demande: Demande) -> LigneDemande:
    """``demande`` as a line of the list."""
    return LigneDemande(**demande.model_dump(include=set(LigneDemande.model_fields)), libelle=LIBELLES[demande.statut])


@route(bp, "GET", "/demandes", qui=SAISIE, requete=Suite, reponse=PageDemandes)
def handler(appel: Appel[Suite]) -> Reponse:
    """Lister mes demandes"""
    try:
        demandes, suite = wiring.demandes().lister(proprietaire(appel), appel.saisie.curseur, PAGE)
    except ValueError:
        raise SaisieInvalide([("curseur", CURSEUR_INCONNU)]) from None
    return Reponse(PageDemandes(elements=[ligne(demande) for demande in demandes], curseur=ecrire_curseur(suite)))
