"""The outside systems that the wizard asks: the e-photo base and the stamp shop (docs/contrats/).

Both are remote, slow and sometimes down: every call below is bounded in time, and raises ``ServiceIndisponible`` when
no usable answer came. The caller then knows nothing of what the other side did: every call may be made again.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

EtatPhotoExterne = Literal["valide", "en_activation", "inconnu", "deja_utilise", "expire"]
ResultatAchat = Literal["en_attente", "accepte", "refuse", "abandon"]
EtatTimbreExterne = Literal["valide", "inconnu", "expire", "rembourse"]


@dataclass(frozen=True)
class Achat:
    """A purchase at the shop; ``numero_timbre`` (16 digits) and ``expire_le`` (instant) once ``accepte`` only."""

    resultat: ResultatAchat
    montant_centimes: int
    numero_timbre: str | None = None
    expire_le: str | None = None


@dataclass(frozen=True)
class TimbreVerifie:
    """What the shop says of a stamp; an ``inconnu`` one has neither amount (0) nor expiry."""

    etat: EtatTimbreExterne
    montant_centimes: int
    expire_le: str | None


class Photos(Protocol):
    """The e-photo base."""

    def consulter(self, code: str) -> EtatPhotoExterne:
        """The state of the e-photo ``code`` (22 alphanumerics); asking does not spend it."""
        ...


class Boutique(Protocol):
    """The stamp shop."""

    def creer_achat(self, reference: str, montant_centimes: int, url_retour: str) -> str:
        """Open the purchase ``reference`` and give the address of its payment page.

        The same reference and amount again: the same purchase. Raises ``Conflit`` for a known reference at another
        amount, or for a ``url_retour`` that the shop does not accept.
        """
        ...

    def consulter_achat(self, reference: str) -> Achat:
        """The purchase as the shop knows it, whether its notification came or not; ``Introuvable`` if unknown there."""
        ...

    def verifier(self, numero: str) -> TimbreVerifie:
        """What the stamp ``numero`` is worth; asking does not spend it."""
        ...
