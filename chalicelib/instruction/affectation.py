"""POST …/affectation: the chef de service says which agent treats a demande of his autorité, whoever holds it."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from chalice import Blueprint
from pydantic import Field, StringConstraints

from chalicelib import wiring
from chalicelib.demande.bail import bail_d_un_agent, bail_d_une_affectation, detenteur, peut_traiter
from chalicelib.demande.comptes import Compte, StatutCompte, nom_complet
from chalicelib.demande.erreurs import ConflitDeVersion, SaisieInvalide, TransitionInterdite
from chalicelib.demande.journal import Auteur, Changement
from chalicelib.demande.modeles import Demande
from chalicelib.demande.ports_comptes import Comptes
from chalicelib.demande.ports_corbeille import AUTRE_FILE
from chalicelib.demande.vie import passer
from chalicelib.fonctions import Fonction
from chalicelib.guichet import ESSAIS, Tenue, auteur, exiger_version, lire_pour_agent, repondre_tenue
from chalicelib.http import Appel, Reponse, route
from chalicelib.saisie import Saisie
from chalicelib.settings import duree_du_jour

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:comptes": ("GetItem",),
        "table:demandes": ("GetItem", "UpdateItem"),
        "table:journal": ("PutItem",),
    },
)

_COMPTE_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NON_HABILITE = "Cet agent n'existe pas, ou n'est pas habilité à traiter cette demande."


class Affectation(Saisie):
    """Who will treat the demande."""

    agent: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=3, max_length=64),
        Field(title="Agent à qui confier la demande", description="Son identifiant, ou son compte_id."),
    ]


def trouver(designe: str, comptes: Comptes) -> Compte | None:
    """The active account named by its compte_id or its identifiant; None when there is none."""
    compte_id = designe if _COMPTE_ID.fullmatch(designe) else comptes.resoudre(designe)
    compte = comptes.lire(compte_id) if compte_id is not None else None
    return compte if compte is not None and compte.statut is StatutCompte.ACTIF else None


def affecter(
    demande: Demande, agent: Compte | None, chef: Auteur, maintenant: datetime, correlation_id: str, jour_s: float
) -> Changement | None:
    """The change that gives ``demande`` to ``agent``; None when it was given to him already.

    Raises ``TransitionInterdite`` when it waits for no agent, ``SaisieInvalide`` when ``agent`` may not treat it.
    """
    if demande.corbeille is None:
        raise TransitionInterdite(demande.statut, AUTRE_FILE)
    if agent is None or not peut_traiter(agent, demande.corbeille):
        raise SaisieInvalide([("agent", NON_HABILITE)])
    if detenteur(demande, maintenant) == agent.compte_id and (demande.bail_jusqua or "") > bail_d_un_agent(maintenant):
        return None
    bail = {
        "agent": agent.compte_id,
        "agent_nom": nom_complet(agent),
        "bail_jusqua": bail_d_une_affectation(maintenant, jour_s),
    }
    changement = passer(demande, "AffectationChangee", chef, maintenant, correlation_id, jour_s=jour_s, poser=bail)
    return replace(changement, agent=agent.compte_id)


@route(
    bp,
    "POST",
    "/instruction/demandes/{id}/affectation",
    qui=("chef",),
    saisie=Affectation,
    reponse=Tenue,
    erreurs=(404, 409, 412),
)
def handler(appel: Appel[Affectation]) -> Reponse:
    """Affecter une demande à un agent"""
    for essai in range(ESSAIS):
        demande = lire_pour_agent(appel)
        exiger_version(demande, appel.si_version)
        agent = trouver(appel.saisie.agent, wiring.comptes())
        changement = affecter(demande, agent, auteur(appel), wiring.horloge(), appel.correlation_id, duree_du_jour())
        if changement is None:
            return repondre_tenue(demande)
        try:
            return repondre_tenue(wiring.demandes().transiter(demande, changement))
        except ConflitDeVersion:
            # Somebody wrote, or took it, in between: what is there now decides.
            if essai == ESSAIS - 1:
                raise
    raise AssertionError("unreachable")
