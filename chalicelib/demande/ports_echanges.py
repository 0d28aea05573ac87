"""What is said under a demande: messages between its usager and the agents, notes that only agents read.

``tests/contract/test_echanges.py`` is the contract: the fake and the real store pass the same suite.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol

from pydantic import BaseModel

from chalicelib.demande.index import Fiche
from chalicelib.demande.modeles import Statut


class Fil(StrEnum):
    """Which of the two conversations of a demande."""

    MESSAGES = "MESSAGE"
    NOTES = "NOTE"


class Ecrit(BaseModel):
    """One message or note, never changed once written.

    ``autorite`` is the code of the service for which an agent wrote it, ``auteur_nom`` his name, for his colleagues'
    eyes only; ``ecrit_id`` is 32 hexadecimal digits.
    """

    ecrit_id: str
    ecrit_le: str
    auteur_genre: Literal["usager", "agent", "chef", "ctn"]
    auteur_id: str
    auteur_nom: str | None = None
    autorite: str | None = None
    texte: str

    @property
    def position(self) -> str:
        """Its place in its conversation: text order is the order of time."""
        return f"{self.ecrit_le}#{self.ecrit_id}"


@dataclass(frozen=True)
class SansReponse:
    """A demande whose usager waits for an answer, as the index knows it: late by an instant."""

    id: str
    autorite: str
    depuis: str
    statut: Statut
    fiche: Fiche


class Echanges(Protocol):
    """The store of what is said. A message itself is written with its journal entry, by ``Demandes.transiter``."""

    def lister(self, demande_id: str, fil: Fil, apres: str | None, limite: int) -> tuple[list[Ecrit], str | None]:
        """A page of a conversation, oldest first, after the position ``apres``; and where the next begins. One call.

        Raises ``ValueError`` for what is no position.
        """

    def sans_reponse(self, autorite: str, depuis: str, limite: int) -> tuple[list[SansReponse], bool]:
        """The demandes of ``autorite`` whose usager waits for an answer since ``depuis`` or later, oldest first.

        ``limite`` of them at most, and whether there may be more. One query.
        """

    def noter(self, demande_id: str, note: Ecrit, cle: str | None) -> Ecrit:
        """Write a note; answers the one already written under the same ``cle``, if any. One call, three for a repeat.

        ``cle`` is what ``echanges.cle_d_envoi`` gives.
        """

    def retrouver(self, demande_id: str, cle: str) -> Ecrit | None:
        """What was written under ``cle``, if anything. Two calls at most."""
