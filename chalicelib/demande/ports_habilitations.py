"""What the chef's acts on his agents need of the accounts' store.

``tests/contract/test_habilitations.py`` is the contract: the fake and the real store pass the same suite.
"""

from collections.abc import Collection
from typing import Protocol

from chalicelib.demande.comptes import CodeEmis, Compte, Evenement
from chalicelib.demande.habilitations import Habilitation, Mouvement


class Habilitations(Protocol):
    """The accounts of the agents, the list of each autorité, and the history of who may do what."""

    def resoudre(self, identifiant: str) -> str | None:
        """The ``compte_id`` of an identifiant, whatever its case; None when free."""

    def lire(self, compte_id: str) -> Compte | None:
        """The account, read consistently; None when absent or closed."""

    def equipe(self, autorite: str, apres: str | None, limite: int) -> tuple[list[Compte], str | None]:
        """The accounts that treat for ``autorite``, by compte_id after ``apres``; and where the next ones begin."""

    def noms(self, compte_ids: Collection[str]) -> dict[str, str]:
        """The full names of those of these accounts (100 at most, each once) that are agents' and still open."""

    def habiliter(
        self, compte: Compte, code: CodeEmis, evenement: Evenement, mouvement: Mouvement, maintenant: int
    ) -> None:
        """Write a new agent's account, to be activated, with its place in each autorité and its first ``mouvement``.

        Raises ``IdentifiantPris`` or ``EmailPris``, and then nothing is written.
        """

    def changer_habilitation(
        self, compte: Compte, apres: Habilitation, evenement: Evenement, mouvement: Mouvement
    ) -> None:
        """Give ``compte``, as it was read, its new habilitation; its sessions die. All or nothing.

        Raises ``EtatInattendu`` when it is no longer as it was read.
        """

    def clore(self, compte: Compte, evenement: Evenement, mouvement: Mouvement, maintenant: int) -> None:
        """Close ``compte``, as it was read: sessions dead, identifiant and e-mail free, identity erased, at once.

        Its id stays for what it signed, its ``mouvements`` say whose it was. Raises ``EtatInattendu``.
        """

    def mouvements(self, compte_id: str, avant: str | None, limite: int) -> tuple[list[Mouvement], str | None]:
        """The history of an account, newest first, before the position ``avant``; and where the next ones begin."""
