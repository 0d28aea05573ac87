"""The signature of partner events: ``t=<unix>,v1=<hex HMAC-SHA256 of "t.body">`` (API.md, Partners)."""

import hashlib
import hmac
import re

TOLERANCE_S = 300
_FORME = re.compile(r"^t=([0-9]{1,12}),v1=([0-9a-f]{64})$")


def signer(cle: str, corps: bytes, instant: int) -> str:
    """The header value for ``corps`` at ``instant`` (epoch seconds)."""
    calcul = hmac.new(cle.encode(), str(instant).encode() + b"." + corps, hashlib.sha256).hexdigest()
    return f"t={instant},v1={calcul}"


def verifier(cle: str, corps: bytes, entete: str, maintenant: int) -> bool:
    """Whether ``entete`` signs ``corps`` with ``cle``, at most 5 minutes before or after ``maintenant``."""
    trouve = _FORME.match(entete)
    if not trouve or abs(maintenant - int(trouve[1])) > TOLERANCE_S:
        return False
    return hmac.compare_digest(signer(cle, corps, int(trouve[1])), entete)
