"""The journal as people read it: one line per entry, as it lies, whatever was done to it (DOMAIN §6: Historique)."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from chalicelib.demande.modeles import Statut
from chalicelib.demande.suivi import LIBELLES
from chalicelib.demande.verification import Attributs

PAGE = 50
AGENTS = ("agent", "chef", "ctn")
"""The genres of author who treat demandes."""


class LigneHistorique(BaseModel):
    """One entry. ``auteur`` is a genre (``usager``, ``agent``, ``systeme``, …), ``empreinte`` the entry's digest.

    ``constate_le`` is when it happened outside, as a partner said.
    """

    date_statut: str
    code_statut: str
    libelle_statut: str
    code_evenement: str
    auteur: str
    empreinte: str
    constate_le: str | None


class LigneInstruction(LigneHistorique):
    """The same, for those who treat the demande: its rank in the chain, which account did it, and to whom it was given.

    ``auteur_nom`` is a colleague's name, ``agent_nom`` that of ``agent``; null for others, and once he has left.
    ``agent`` is the account to whom the chef gave the demande, on ``AffectationChangee``; on ``DemandeValidee``,
    ``droits_etablis_autrement`` that the agent answered for rights which the SNPC did not show.
    """

    rang: int
    auteur_id: str
    auteur_nom: str | None = None
    agent: str | None = None
    agent_nom: str | None = None
    droits_etablis_autrement: bool | None = None


class PageHistorique(BaseModel):
    """A page, first entry first: ``curseur`` is null on the last one."""

    elements: list[LigneHistorique]
    curseur: str | None


class PageInstruction(BaseModel):
    """The same, for those who treat the demande."""

    elements: list[LigneInstruction]
    curseur: str | None


def _communs(entree: Attributs) -> dict[str, Any]:
    statut = _texte(entree, "statut")
    return {
        "date_statut": _texte(entree, "survenu_le"),
        "code_statut": statut,
        "libelle_statut": LIBELLES[Statut(statut)] if statut in LIBELLES else "Statut inconnu",
        "code_evenement": _texte(entree, "evenement"),
        "auteur": _texte(entree, "auteur_genre"),
        "empreinte": _texte(entree, "empreinte"),
        "constate_le": _texte(entree, "constate_le") or None,
    }


def _texte(entree: Attributs, nom: str) -> str:
    """An attribute as it lies; a missing one, which only a falsified entry has, is empty."""
    return str(entree.get(nom, ""))


def ligne(entree: Attributs) -> LigneHistorique:
    """``entree`` as the usager reads it: never which agent."""
    return LigneHistorique(**_communs(entree))


def agents_de(entrees: Sequence[Attributs]) -> set[str]:
    """The accounts of the agents that ``entrees`` name."""
    auteurs = {_texte(entree, "auteur_id") for entree in entrees if entree.get("auteur_genre") in AGENTS}
    return (auteurs | {_texte(entree, "agent") for entree in entrees}) - {""}


def ligne_d_instruction(entree: Attributs, noms: Mapping[str, str]) -> LigneInstruction:
    """``entree`` as an agent reads it; ``noms`` are those of the agents who are still there."""
    return LigneInstruction(
        **_communs(entree),
        rang=int(entree["rang"]),
        auteur_id=_texte(entree, "auteur_id"),
        auteur_nom=noms.get(_texte(entree, "auteur_id")),
        agent=_texte(entree, "agent") or None,
        agent_nom=noms.get(_texte(entree, "agent")),
        droits_etablis_autrement=True if entree.get("droits_etablis_autrement") is True else None,
    )
