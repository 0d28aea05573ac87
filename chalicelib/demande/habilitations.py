"""Who may treat demandes, and where: the agents and CTN operators of a service, kept by its chef.

A chef acts within his own autorités only, on agents and CTN operators, never on himself. Each change is kept, with who
made it, what was before and what is after.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from chalicelib.demande.comptes import Compte
from chalicelib.demande.erreurs import Conflit, Introuvable, SaisieInvalide

Role = Literal["agent", "ctn"]
GERES = ("agent", "ctn")
"""The roles that a chef gives."""

TITRE_ROLE = "Rôle"
LIBELLES_ROLE: Mapping[str, str] = {
    "agent": "Agent instructeur : il traite les demandes",
    "ctn": "Opérateur du centre de traitement (CTN) : il contrôle les pièces",
}
TITRE_AUTORITES = "Autorités dont il traite les demandes"
"""What the forms of a new agent and of a change say of these two fields."""

AUTORITES_MAX = 20
"""How many autorités one agent treats at most: each is one more query of his worklist."""

Autorites = Annotated[
    list[Annotated[str, StringConstraints(pattern=r"^[0-9AB]{3,4}$")]],
    Field(min_length=1, max_length=AUTORITES_MAX, description="Codes autorité, comme 543."),
]

ACTIVATION_S = 7 * 24 * 3600
"""How long an agent may take to activate his account; the code itself is sent again when it is asked for."""


class AgentInconnu(Introuvable):
    """No such agent in the caller's service: another's is told the same way (404)."""

    titre = "Agent introuvable"
    detail = "Cet agent n'existe pas, ou ne relève pas de votre service."


class HabilitationPartagee(Conflit):
    """The agent also treats for a service that is not the caller's (409)."""

    titre = "Agent commun à plusieurs services"
    detail = "Cet agent relève aussi d'autres services que le vôtre : vous pouvez seulement lui retirer vos autorités."


class Habilitation(BaseModel):
    """What an agent may do: his role, and the autorités (codes) that he treats."""

    role: str
    autorites: tuple[str, ...]


class Mouvement(BaseModel):
    """One change, as stored and never changed after. ``par`` is the chef's compte_id.

    ``avant`` is None when the habilitation begins, ``apres`` when it ends.
    """

    mouvement_id: str
    survenu_le: str
    par: str
    par_nom: str
    agent_nom: str
    avant: Habilitation | None = None
    apres: Habilitation | None = None


def habilitation_de(compte: Compte) -> Habilitation:
    """What ``compte`` may do now."""
    return Habilitation(role=compte.role, autorites=compte.autorites)


def exiger_les_siennes(autorites: Iterable[str], du_chef: Iterable[str]) -> None:
    """Raise ``SaisieInvalide`` unless the chef has each of ``autorites``."""
    autres = sorted(set(autorites) - set(du_chef))
    if autres:
        message = f"Vous ne pouvez donner ou retirer que les autorités de votre service (pas {', '.join(autres)})."
        raise SaisieInvalide([("autorites", message)])


def exiger_du_service(compte: Compte | None, chef_id: str, du_chef: Iterable[str]) -> Compte:
    """``compte`` if the chef keeps it; raises ``AgentInconnu``, and ``Conflit`` on the chef's own."""
    if compte is not None and compte.compte_id == chef_id:
        raise Conflit("Votre propre habilitation ne dépend pas de vous.")
    if compte is None or compte.role not in GERES or not set(compte.autorites) & set(du_chef):
        raise AgentInconnu()
    return compte


def changer(compte: Compte, voulue: Habilitation, du_chef: Iterable[str]) -> Habilitation | None:
    """What ``compte`` may do once changed; None when nothing changes.

    Only the chef's own autorités are given or taken away; the role is that of all of them. Raises ``SaisieInvalide``,
    ``HabilitationPartagee``.
    """
    avant, apres = set(compte.autorites), set(voulue.autorites)
    exiger_les_siennes(avant ^ apres, du_chef)
    if voulue.role != compte.role and (avant | apres) - set(du_chef):
        raise HabilitationPartagee()
    suite = Habilitation(role=voulue.role, autorites=tuple(sorted(apres)))
    return None if (suite.role, apres) == (compte.role, avant) else suite


def exiger_fermable(compte: Compte, du_chef: Iterable[str]) -> None:
    """Raise ``HabilitationPartagee`` when ``compte`` also treats for another service."""
    if set(compte.autorites) - set(du_chef):
        raise HabilitationPartagee()


def concerne(mouvement: Mouvement, du_chef: Iterable[str]) -> bool:
    """Whether ``mouvement`` is about one of the chef's autorités."""
    cotes = (mouvement.avant, mouvement.apres)
    return any(set(cote.autorites) & set(du_chef) for cote in cotes if cote is not None)
