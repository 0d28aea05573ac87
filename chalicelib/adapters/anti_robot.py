"""The anti-robot: ALTCHA's classic challenge (a proof of work; nothing to see, hear or click), by its own library.

The client looks for ``number`` with SHA-256(salt + number) = challenge: 25 000 hashes on average, a fraction of a
second on a phone, done while the person fills in the form.
"""

import base64
import binascii
from datetime import UTC, datetime
from typing import Annotated

from altcha import v1
from pydantic import BaseModel, ConfigDict, Field, StrictInt, ValidationError

from chalicelib.demande.comptes import AntiRobotRefuse, Defi

NOMBRE_MAX = 50_000
DUREE_S = 10 * 60


class _Solution(BaseModel):
    """The payload's JSON, its types checked before the library sees it."""

    model_config = ConfigDict(extra="ignore")

    algorithm: Annotated[str, Field(pattern="^SHA-256$")]
    challenge: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    number: Annotated[StrictInt, Field(ge=0, le=NOMBRE_MAX)]
    salt: Annotated[str, Field(max_length=200)]
    signature: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class AntiRobotAltcha:
    """The port ``AntiRobot``."""

    def __init__(self, cle: str) -> None:
        self._cle = cle

    def defi(self, maintenant: int) -> dict[str, str | int]:
        defi = v1.create_challenge(
            v1.ChallengeOptions(
                algorithm="SHA-256",
                max_number=NOMBRE_MAX,
                hmac_key=self._cle,
                expires=datetime.fromtimestamp(maintenant + DUREE_S, UTC),
            )
        )
        return {
            "algorithm": defi.algorithm,
            "challenge": defi.challenge,
            "salt": defi.salt,
            "maxnumber": defi.max_number,
            "signature": defi.signature,
        }

    def verifier(self, reponse: str, maintenant: int) -> Defi:
        try:
            solution = _Solution.model_validate_json(base64.b64decode(reponse, validate=True))
        except (ValidationError, binascii.Error, ValueError):
            raise AntiRobotRefuse() from None
        contenu: v1.PayloadType = {
            "algorithm": "SHA-256",
            "challenge": solution.challenge,
            "number": solution.number,
            "salt": solution.salt,
            "signature": solution.signature,
        }
        # Its own expiry check reads the machine's clock; ours is the caller's.
        juste, _ = v1.verify_solution(contenu, self._cle, check_expires=False)
        expire = v1.extract_params(contenu).get("expires", ["0"])[0]
        if not juste or not expire.isdecimal() or int(expire) < maintenant:
            raise AntiRobotRefuse()
        return Defi(solution.signature, int(expire))
