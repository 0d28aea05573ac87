"""The seal kept by KMS: keys ECC_NIST_P256 for SIGN_VERIFY, that nobody can read."""

from collections.abc import Mapping
from typing import Any


class CachetKms:
    """``cles`` maps the name of each certificate to its key (id, ARN or alias), the one that signs now last.

    A key is replaced by adding one; the former ones stay, to verify what they signed.
    """

    def __init__(self, kms: Any, cles: Mapping[str, str]) -> None:
        self._kms = kms
        self._cles = dict(cles)
        self._publiques: dict[str, bytes] = {}

    @property
    def certificat(self) -> str:
        """See ``ports_cachet.Cachet``."""
        return list(self._cles)[-1]

    def signer(self, message: bytes) -> bytes:
        """See ``ports_cachet.Cachet``. KMS answers in DER, a 2D-Doc has r and s as they are."""
        from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

        reponse = self._kms.sign(
            KeyId=self._cles[self.certificat],
            Message=message,
            MessageType="RAW",
            SigningAlgorithm="ECDSA_SHA_256",
        )
        return b"".join(nombre.to_bytes(32, "big") for nombre in decode_dss_signature(reponse["Signature"]))

    def cle_publique(self, certificat: str) -> bytes | None:
        """See ``ports_cachet.Cachet``. Asked once per process: it never changes."""
        if certificat not in self._cles:
            return None
        if certificat not in self._publiques:
            self._publiques[certificat] = self._kms.get_public_key(KeyId=self._cles[certificat])["PublicKey"]
        return self._publiques[certificat]
