"""GET /demandes: the demandes of the usager, newest first."""

import base64
import re
from typing import Annotated

from chalice import Blueprint
from pydantic import AfterValidator, BaseModel

from chalicelib import wiring
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
CURSEUR_INCONNU = "Ce curseur n'est pas l'un des nôtres : reprenez la liste depuis le début."


def _lire_curseur(curseur: str) -> str:
    try:
        position = base64.b64decode(curseur, altchars=b"-_", validate=True).decode("ascii")
    except ValueError:
        raise ValueError(CURSEUR_INCONNU) from None
    if not _POSITION.fullmatch(position):
        raise ValueError(CURSEUR_INCONNU)
    return position


class Suite(Saisie):
    """``curseur``: the one that the page before gave."""

    curseur: Annotated[str, AfterValidator(_lire_curseur)] | None = None


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
    curseur = base64.urlsafe_b64encode(suite.encode()).decode() if suite else None
    return Reponse(PageDemandes(elements=[ligne(demande) for demande in demandes], curseur=curseur))
