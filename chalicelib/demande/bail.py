"""The lease by which one agent holds a demande: it ends by itself, so that nobody blocks what he has left.

It is no event of the demande: it moves neither its version nor ``modifie_le``. What an agent decides holds on the lease
that was read (adapters/demandes_dynamodb.py), so that of two agents one decides.
"""

from datetime import datetime, timedelta

from chalicelib.demande.comptes import Compte, StatutCompte
from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Demande

BAIL_S = 30 * 60
"""How long an agent holds what he takes; renewed by taking it again."""

AFFECTATION_JOURS = 3
"""How long what is given to an agent, by the chef or by a complement that comes back to him, waits for him."""

FILES = {"agent": "agent", "chef": "agent", "ctn": "ctn"}
"""The worklist that each role treats."""


def bail_d_un_agent(maintenant: datetime) -> str:
    """Until when an agent holds what he takes ``maintenant``."""
    return ecrire(maintenant + timedelta(seconds=BAIL_S))


def bail_d_une_affectation(maintenant: datetime, jour_s: float) -> str:
    """Until when a demande given to an agent ``maintenant`` waits for him; ``jour_s`` is a legal day in seconds."""
    return ecrire(maintenant + timedelta(seconds=max(BAIL_S, AFFECTATION_JOURS * jour_s)))


def court(agent: str | None, bail_jusqua: str | None, maintenant: datetime) -> bool:
    """Whether somebody holds it ``maintenant``."""
    return agent is not None and (bail_jusqua or "") > ecrire(maintenant)


def detenteur(demande: Demande, maintenant: datetime) -> str | None:
    """The compte_id of who holds ``demande`` ``maintenant``; None when nobody does any more."""
    return demande.agent if court(demande.agent, demande.bail_jusqua, maintenant) else None


def corbeilles_de(role: str, autorites: tuple[str, ...]) -> tuple[str, ...]:
    """The worklists of somebody with this role in these autorités; none for a role that treats nothing."""
    if role not in FILES:
        return ()
    return tuple(f"{autorite}#{FILES[role]}" for autorite in sorted(set(autorites)))


def peut_traiter(compte: Compte | None, corbeille: str | None) -> bool:
    """Whether the holder of ``compte`` treats ``corbeille``: his account is open, and has that worklist."""
    if compte is None or compte.statut is not StatutCompte.ACTIF:
        return False
    return corbeille in corbeilles_de(compte.role, compte.autorites)
