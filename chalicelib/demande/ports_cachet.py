"""The seal of what we issue: a key that signs, and the keys that signed before it."""

from typing import Protocol

AUTORITE = "XP00"
"""Our own authority. XP is no country's code, and ISO 3166 promises that it never will be: nobody can take what it
signs for a 2D-Doc of the State, nor can a reader of real ones accept it."""


class Cachet(Protocol):
    """Signs with P-256 and SHA-256. A key has a certificate's name of four characters, that each code carries."""

    @property
    def certificat(self) -> str:
        """The name of the key that signs now."""
        ...

    def signer(self, message: bytes) -> bytes:
        """The signature of ``message``: r then s, 32 bytes each. Raises ``ServiceIndisponible``."""
        ...

    def cle_publique(self, certificat: str) -> bytes | None:
        """The public half (DER SubjectPublicKeyInfo) of the key of this name, past ones included; None: never ours.

        Raises ``ServiceIndisponible``.
        """
        ...
