"""Hashing of passwords and secret answers with argon2id.

46 MiB, 2 passes, 1 lane: above the OWASP minimum (46 MiB and 1 pass, or 19 MiB and 2), small beside the 1024 MB of the
functions that hash, about 60 ms on a full core.
"""

from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MEMOIRE_KIO = 46 * 1024
PASSES = 2


class SecretsArgon2:
    """The port ``Secrets``; the parameters are lowered by tests only."""

    def __init__(self, memoire_kio: int = MEMOIRE_KIO, passes: int = PASSES) -> None:
        self._hacheur = PasswordHasher(time_cost=passes, memory_cost=memoire_kio, parallelism=1)

    @cached_property
    def _leurre(self) -> str:
        return self._hacheur.hash("personne")

    def hacher(self, secret: str) -> str:
        return self._hacheur.hash(secret)

    def verifier(self, hache: str | None, secret: str) -> bool:
        try:
            juste = self._hacheur.verify(hache or self._leurre, secret)
        except (VerificationError, InvalidHashError):
            return False
        return juste and bool(hache)
