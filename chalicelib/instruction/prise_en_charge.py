"""POST and DELETE …/prise-en-charge: an agent takes a demande for half an hour, keeps it longer, or gives it back.

The lease ends by itself. It is no event of the demande: neither its version nor its date of change moves. An If-Match
is not read (nor listed in the OpenAPI document): who takes a demande has not read it yet, and the answer's ETag is the
version that he holds. What he decides then is checked against it.
"""

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.bail import bail_d_un_agent, corbeilles_de
from chalicelib.demande.ports_corbeille import DejaTenue, Prise
from chalicelib.fonctions import Fonction
from chalicelib.guichet import DetenueParUnAutre, Tenue, nom_en_fonction, repondre_tenue
from chalicelib.http import AGENT, CTN, Appel, Reponse, route
from chalicelib.usager import demande_visee

bp = Blueprint(__name__)
FONCTION = Fonction(droits={"table:comptes": ("GetItem",), "table:demandes": ("UpdateItem",)})
CHEMIN = "/instruction/demandes/{id}/prise-en-charge"


@route(bp, "POST", CHEMIN, qui=(*AGENT, *CTN), reponse=Tenue, erreurs=(404, 409))
def prendre(appel: Appel[None]) -> Reponse:
    """Prendre une demande en charge, ou prolonger sa prise en charge"""
    demande_id, identite, maintenant = demande_visee(appel), appel.identite, wiring.horloge()
    prise = Prise(
        compte_id=identite.compte_id,
        nom=nom_en_fonction(appel),
        corbeilles=corbeilles_de(identite.role, identite.autorites),
        maintenant=maintenant,
        jusqua=bail_d_un_agent(maintenant),
    )
    try:
        return repondre_tenue(wiring.corbeilles().prendre(demande_id, prise))
    except DejaTenue as tenue:
        raise DetenueParUnAutre(tenue.nom) from None


@route(bp, "DELETE", CHEMIN, qui=(*AGENT, *CTN), statut=204, erreurs=(404, 409))
def rendre(appel: Appel[None]) -> Reponse:
    """Rendre une demande prise en charge"""
    demande_id, identite = demande_visee(appel), appel.identite
    try:
        wiring.corbeilles().rendre(demande_id, identite.compte_id, identite.autorites, wiring.horloge())
    except DejaTenue as tenue:
        raise DetenueParUnAutre(tenue.nom) from None
    return Reponse(None, 204)
