"""JSON calls to a remote system that may be slow, down or talk nonsense: bounded in time and size, never followed."""

import http.client
import json
import socket
import threading
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from chalicelib.demande.erreurs import ServiceIndisponible
from chalicelib.temps import reste

CONNEXION_S, LECTURE_S, TOTAL_S = 2.0, 5.0, 7.0
MARGE_S = 0.5
"""What is left of the function's own time to say that nobody answered."""

REPONSE_MAX = 16 * 1024

M = TypeVar("M", bound=BaseModel)


class NonJoint(ServiceIndisponible):
    """The call was never sent: no name, nobody there, no connection in time. The other side did nothing of it."""


class Distant:
    """One remote system at ``base_url``, with a connection for each call.

    A connection kept by a function that slept is often dead, and a call that broke on it may have been heard.
    """

    def __init__(self, base_url: str) -> None:
        self._base = base_url.rstrip("/")

    def appeler(self, methode: str, chemin: str, corps: dict[str, Any] | None = None) -> tuple[int, bytes]:
        """The HTTP status and the bytes answered, without any retry: only the caller knows whether he may call twice.

        Raises ``NonJoint`` when nothing was sent, ``ServiceIndisponible`` when nothing whole came back in ``TOTAL_S``
        seconds, or in what the function has left: name, connection, headers and body together.
        """
        attente = min(TOTAL_S, reste() - MARGE_S)
        if attente <= 0:
            raise NonJoint()
        appel = _Appel(self._base, methode, chemin, corps)
        # In a thread of its own: no timeout of a socket bounds a name that is slow to find, nor headers that drip.
        tache = threading.Thread(target=appel.faire, daemon=True)
        tache.start()
        tache.join(attente)
        return appel.conclure()


class _Appel:
    """One call, made in its thread; ``conclure`` ends it wherever it is."""

    def __init__(self, base: str, methode: str, chemin: str, corps: dict[str, Any] | None) -> None:
        adresse = urlsplit(base)
        classe = http.client.HTTPSConnection if adresse.scheme == "https" else http.client.HTTPConnection
        self._connexion = classe(adresse.hostname or "", adresse.port, timeout=CONNEXION_S)
        self._methode, self._chemin = methode, adresse.path + chemin
        self._octets = None if corps is None else json.dumps(corps).encode()
        self._verrou = threading.Lock()
        self._parti = self._abandonne = False
        self._reponse: tuple[int, bytes] | None = None

    def faire(self) -> None:
        # Whatever fails, ``conclure`` says what is known: nothing came back.
        with suppress(OSError, http.client.HTTPException, ValueError):
            try:
                self._connexion.connect()
                with self._verrou:
                    if self._abandonne:
                        return
                    self._parti = True
                self._connexion.sock.settimeout(LECTURE_S)
                self._reponse = self._echanger()
            finally:
                self._connexion.close()

    def _echanger(self) -> tuple[int, bytes] | None:
        entetes = {"Accept": "application/json", "Connection": "close"}
        if self._octets is not None:
            entetes["Content-Type"] = "application/json"
        self._connexion.request(self._methode, self._chemin, self._octets, entetes)
        with self._connexion.getresponse() as reponse:
            octets = reponse.read(REPONSE_MAX + 1)
            # What is left of the length announced was cut, or is more than any answer has.
            entiere = len(octets) <= REPONSE_MAX and not reponse.length
        return (reponse.status, octets) if entiere else None

    def conclure(self) -> tuple[int, bytes]:
        with self._verrou:
            self._abandonne, reponse, parti = True, self._reponse, self._parti
        if reponse is not None:
            return reponse
        prise = self._connexion.sock
        if prise is not None:
            # Wakes the thread, if it still reads.
            with suppress(OSError):
                prise.shutdown(socket.SHUT_RDWR)
        raise (ServiceIndisponible() if parti else NonJoint())


def comprendre(modele: type[M], octets: bytes) -> M:
    """The answer as ``modele``; ``ServiceIndisponible`` when it is something else."""
    try:
        return modele.model_validate_json(octets)
    except ValidationError:
        raise ServiceIndisponible() from None
