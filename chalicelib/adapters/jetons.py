"""Session tokens: JWT HS256 with the session's id, the account's id, the role and the end; no identity in them."""

from collections.abc import Callable
from typing import Any

import jwt

from chalicelib.demande.comptes import Session

_ALGORITHME = "HS256"
_TAILLE_MAX = 2048


class Jetons:
    """Signs and reads jetons with the key that ``cle`` gives when first needed.

    A function that does neither has no key.
    """

    def __init__(self, cle: Callable[[], str]) -> None:
        self._cle = cle

    def signer(self, session: Session) -> str:
        """The jeton of ``session``."""
        contenu = {
            "sid": session.session_id,
            "sub": session.compte_id,
            "role": session.role,
            "exp": session.expire_le,
        }
        return jwt.encode(contenu, self._cle(), algorithm=_ALGORITHME)

    def lire(self, jeton: str, maintenant: int) -> tuple[str, str] | None:
        """``(compte_id, session_id)`` of a jeton that we signed and that has not expired, else None."""
        if len(jeton) > _TAILLE_MAX:
            return None
        try:
            contenu: dict[str, Any] = jwt.decode(
                jeton,
                self._cle(),
                algorithms=[_ALGORITHME],
                # The caller's clock decides of the expiry, below.
                options={"verify_exp": False},
            )
        except (jwt.InvalidTokenError, ValueError):
            return None
        match contenu:
            case {"sub": str(compte_id), "sid": str(session_id), "exp": int(terme)} if terme > maintenant:
                return compte_id, session_id
            case _:
                return None
