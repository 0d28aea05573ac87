"""JSON calls to a remote system that may be slow, down or talk nonsense: bounded in time and in size, never followed.

urllib3 is botocore's own dependency, so the Lambda runtime has it (1.26 or 2.x there: only what both have is used).
"""

import json
import time
from typing import Any, TypeVar

import urllib3
from pydantic import BaseModel, ValidationError

from chalicelib.demande.erreurs import ServiceIndisponible

CONNEXION_S, LECTURE_S, TOTAL_S = 2.0, 5.0, 7.0
REPONSE_MAX = 16 * 1024

M = TypeVar("M", bound=BaseModel)


class Distant:
    """One remote system at ``base_url``, with a connection for each call.

    A connection kept by a function that slept is often dead, and a call that broke on it may have been heard.
    """

    def __init__(self, base_url: str) -> None:
        self._base = base_url.rstrip("/")

    def appeler(self, methode: str, chemin: str, corps: dict[str, Any] | None = None) -> tuple[int, bytes]:
        """The HTTP status and the bytes answered; raises ``ServiceIndisponible`` when nothing whole came in time."""
        fin = time.monotonic() + TOTAL_S
        entetes = {"Accept": "application/json", "Connection": "close"}
        if corps is not None:
            entetes["Content-Type"] = "application/json"
        delais = urllib3.Timeout(connect=CONNEXION_S, read=LECTURE_S)
        # A pool would give back the connection of the call before, which the other side may be closing right now. No
        # retry: only the caller knows whether its call may be made twice.
        with urllib3.PoolManager(timeout=delais, retries=False) as connexions:
            try:
                reponse = connexions.request(
                    methode,
                    self._base + chemin,
                    body=None if corps is None else json.dumps(corps).encode(),
                    headers=entetes,
                    redirect=False,
                    preload_content=False,
                )
                try:
                    octets = _lire(reponse, fin)
                finally:
                    reponse.close()
            except urllib3.exceptions.HTTPError:
                raise ServiceIndisponible() from None
        return reponse.status, octets


def _lire(reponse: Any, fin: float) -> bytes:
    """The whole body; each read is bounded, and so is their sum: a system that drips does not hold the function."""
    octets = bytearray()
    # One at a time: a longer read returns when it is full only. The answers have a hundred bytes.
    while morceau := reponse.read(1):
        octets += morceau
        if len(octets) > REPONSE_MAX or time.monotonic() > fin:
            raise ServiceIndisponible()
    return bytes(octets)


def comprendre(modele: type[M], octets: bytes) -> M:
    """The answer as ``modele``; ``ServiceIndisponible`` when it is something else."""
    try:
        return modele.model_validate_json(octets)
    except ValidationError:
        raise ServiceIndisponible() from None
