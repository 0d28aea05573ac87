"""What every action of an agent on a demande shares: which one, may he see it, who he is, and the answer.

An agent, a chef and a CTN operator act within their own autorités: a demande of another one does not exist for them.
"""

from typing import Any

from chalicelib import wiring
from chalicelib.demande.erreurs import Conflit, ConflitDeVersion, DemandeInconnue, TransitionInterdite
from chalicelib.demande.instants import ecrire
from chalicelib.demande.journal import Auteur
from chalicelib.demande.modeles import Demande, Piece, Statut
from chalicelib.http import Appel
from chalicelib.usager import demande_visee

ESSAIS = 5
"""How often an action without If-Match reads again after a concurrent write, before telling the conflict."""


class DetenueParUnAutre(Conflit):
    """Somebody else holds this demande for now (409)."""

    titre = "Demande prise en charge par un autre agent"

    def __init__(self, nom: str | None) -> None:
        super().__init__(f"{nom or 'Un autre agent'} traite cette demande : attendez qu’elle soit rendue.")


def de_son_autorite(demande: Demande, appel: Appel[Any]) -> Demande:
    """``demande`` if the caller's autorités treat it; raises ``DemandeInconnue`` (also for a draft)."""
    if demande.autorite is None or demande.autorite not in appel.identite.autorites:
        raise DemandeInconnue("Cette demande n'existe pas, ou ne relève pas de votre service.")
    return demande


def lire_pour_agent(appel: Appel[Any]) -> Demande:
    """The demande named in the path, within the caller's autorités. One call."""
    return de_son_autorite(wiring.demandes().lire(demande_visee(appel)), appel)


def lire_pour_agent_et_pieces(appel: Appel[Any]) -> tuple[Demande, list[Piece]]:
    """The demande named in the path with its pièces, within the caller's autorités. One call."""
    demande, pieces = wiring.demandes().lire_avec_pieces(demande_visee(appel))
    return de_son_autorite(demande, appel), pieces


def auteur(appel: Appel[Any]) -> Auteur:
    """The caller as the author of a journal entry."""
    identite = appel.identite
    return Auteur(identite.role, identite.compte_id)  # type: ignore[arg-type]  # the route lets these roles only in


def exiger_statut(demande: Demande, *permis: Statut) -> None:
    """Raise ``TransitionInterdite``, telling the current statut, unless it is one of ``permis``."""
    if demande.statut not in permis:
        raise TransitionInterdite(demande.statut)


def exiger_version(demande: Demande, si_version: int | None) -> None:
    """Raise ``ConflitDeVersion`` when the caller's If-Match is stale."""
    if si_version is not None and si_version != demande.version:
        raise ConflitDeVersion(demande.version)


def exiger_disponible(demande: Demande, appel: Appel[Any]) -> None:
    """Raise ``DetenueParUnAutre`` while another agent's lease runs: one decides alone on what he holds."""
    if not est_disponible(demande, appel.identite.compte_id):
        raise DetenueParUnAutre(demande.agent_nom)


def est_disponible(demande: Demande, compte_id: str) -> bool:
    """Whether ``compte_id`` may act on ``demande``: he holds it, or nobody does any more."""
    libre = demande.agent is None or (demande.bail_jusqua or "") <= ecrire(wiring.horloge())
    return libre or demande.agent == compte_id
