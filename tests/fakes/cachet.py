"""The seal with a key drawn from a secret of ours: for local runs, where no service keeps a key out of reach."""

import functools
from collections.abc import Callable
from hashlib import sha512
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

ORDRE = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of P-256 (FIPS 186-5, appendix; SEC 2)."""


class CachetCle:
    """One key for ever; the same message gives the same signature (RFC 6979)."""

    certificat = "0001"

    def __init__(self, secret: Callable[[], str]) -> None:
        self._secret = secret

    def signer(self, message: bytes) -> bytes:
        """See ``ports_cachet.Cachet``."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

        signature = self._cle.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        return b"".join(nombre.to_bytes(32, "big") for nombre in decode_dss_signature(signature))

    def cle_publique(self, certificat: str) -> bytes | None:
        """See ``ports_cachet.Cachet``."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        if certificat != self.certificat:
            return None
        return self._cle.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @functools.cached_property
    def _cle(self) -> "EllipticCurvePrivateKey":
        """512 bits brought down to 256: no number is more likely than another by more than 2**-256."""
        from cryptography.hazmat.primitives.asymmetric import ec

        nombre = int.from_bytes(sha512(b"cachet P-256\0" + self._secret().encode()).digest(), "big")
        return ec.derive_private_key(nombre % (ORDRE - 1) + 1, ec.SECP256R1())
