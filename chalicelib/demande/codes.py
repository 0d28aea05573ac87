"""Six-digit codes that are never stored: sender and checker derive them from a nonce with the same secret key.

The table keeps the nonce, the expiry and the number of tries; who reads it without the key learns no code.
"""

import hashlib
import hmac
from enum import StrEnum

DUREE_CODE_S = 30 * 60
ESSAIS_MAX = 5


class UsageCode(StrEnum):
    """What a code proves; a code of one usage is worth nothing for another."""

    ACTIVATION = "activation"
    MOT_DE_PASSE = "mot_de_passe"
    MOT_DE_PASSE_SMS = "mot_de_passe_sms"
    EMAIL = "email"
    TELEPHONE = "telephone"


def code_a_six_chiffres(cle: str, compte_id: str, usage: str, nonce: str) -> str:
    """The code of ``usage`` for the account ``compte_id``, drawn from ``nonce`` by HMAC-SHA256 with ``cle``."""
    empreinte = hmac.new(cle.encode(), f"{compte_id}|{usage}|{nonce}".encode(), hashlib.sha256).digest()
    # 64 bits modulo 10^6: the bias is below 10^-13.
    return f"{int.from_bytes(empreinte[:8]) % 1_000_000:06d}"


def code_juste(cle: str, compte_id: str, usage: str, nonce: str, code: str) -> bool:
    """Whether ``code`` is that of the nonce, compared in constant time."""
    return hmac.compare_digest(code_a_six_chiffres(cle, compte_id, usage, nonce).encode(), code.encode())
