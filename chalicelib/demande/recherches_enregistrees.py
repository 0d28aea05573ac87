"""A search kept so that a link may name it: its criteria are identity data, which no URL carries.

The port passes ``tests/contract/test_recherches_enregistrees.py``, fake and real.
"""

from datetime import datetime, timedelta
from typing import Protocol

from pydantic import BaseModel

from chalicelib.demande.erreurs import ErreurMetier, Introuvable
from chalicelib.demande.recherche import CriteresTries

CONSERVATION = timedelta(days=30)
"""How long a search is kept; real days, whatever the runs: identity data goes when it was said to."""

PAR_JOUR = 50
"""How many searches an agent keeps in a day: with their end, all that he may ever have."""

_JOUR_S = 86400


class RechercheInconnue(Introuvable):
    """No such search for the caller: another service's, or one that has ended, is told the same way (404)."""

    titre = "Recherche introuvable"
    detail = "Cette recherche n'existe pas, a expiré, ou n'est pas de votre service."


class TropDeRecherches(ErreurMetier):
    """The agent has kept all that he may for today (429, Retry-After)."""

    code_http = 429
    titre = "Trop de recherches enregistrées"

    def __init__(self, attendre_s: int) -> None:
        super().__init__(f"Vous avez enregistré {PAR_JOUR} recherches aujourd'hui : réessayez demain.")
        self.attendre_s = attendre_s


class RechercheEnregistree(BaseModel):
    """One search; ``autorites`` are those that its author had when he kept it."""

    recherche_id: str
    auteur: str
    autorites: list[str]
    nom: str | None = None
    criteres: CriteresTries
    cree_le: str
    expire_le: str


def jour_de_compte(maintenant: datetime) -> tuple[int, int]:
    """The day in which a search is counted, as a number, and the seconds until it ends."""
    secondes = int(maintenant.timestamp())
    return secondes // _JOUR_S, _JOUR_S - secondes % _JOUR_S


class RecherchesEnregistrees(Protocol):
    """The searches kept."""

    def enregistrer(self, recherche: RechercheEnregistree, maintenant: datetime) -> None:
        """Keep ``recherche``, counted in its author's day; raises ``TropDeRecherches``, and nothing is then kept."""

    def lire(self, recherche_id: str, maintenant: datetime) -> RechercheEnregistree | None:
        """The search; None when there is none, or when it has ended."""
