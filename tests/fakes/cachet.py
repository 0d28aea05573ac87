"""The seal in memory: two keys, made from numbers that everybody may read."""

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chalicelib.demande.erreurs import ServiceIndisponible


class FakeCachet:
    """The port ``Cachet``: ``remplacer_la_cle`` makes a new one sign; ``en_panne`` makes every call fail.

    Another ``graine``, other keys.
    """

    def __init__(self, graine: int = 20261125) -> None:
        self._graine = graine
        self._cles = {"0001": ec.derive_private_key(graine, ec.SECP256R1())}
        self.en_panne = False

    @property
    def certificat(self) -> str:
        return max(self._cles)

    def remplacer_la_cle(self) -> None:
        suivant = len(self._cles) + 1
        self._cles[f"{suivant:04}"] = ec.derive_private_key(self._graine + suivant, ec.SECP256R1())

    def signer(self, message: bytes) -> bytes:
        self._repondre()
        der = self._cles[self.certificat].sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        return b"".join(nombre.to_bytes(32, "big") for nombre in decode_dss_signature(der))

    def cle_publique(self, certificat: str) -> bytes | None:
        self._repondre()
        cle = self._cles.get(certificat)
        return cle.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) if cle else None

    def _repondre(self) -> None:
        if self.en_panne:
            raise ServiceIndisponible("Le cachet ne répond pas.")
