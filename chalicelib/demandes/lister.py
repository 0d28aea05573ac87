"""GET /demandes: the demandes of the usager, newest first."""

from chalice import Blueprint
from pydantic import BaseModel

from chalicelib import wiring
from chalicelib.demande.modeles import Demande, Motif, Statut
from chalicelib.demande.suivi import LIBELLES
from chalicelib.fonctions import Fonction
from chalicelib.http import USAGER, Appel, Reponse, route

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={"table:demandes/index/par_usager": ("Query",), "table:demandes": ("BatchGetItem",)},
)


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


@route(bp, "GET", "/demandes", qui=USAGER, reponse=PageDemandes)
def handler(appel: Appel[None]) -> Reponse:
    """Lister mes demandes"""
    demandes = wiring.demandes().lister(appel.identite.compte_id)
    return Reponse(PageDemandes(elements=[ligne(demande) for demande in demandes], curseur=None))
