"""Run one reading of an untrusted file in a child process with bounded time and memory.

Decoders are C libraries fed with hostile bytes: a bomb or a crash must end as a refusal, not as the end of the Lambda.
The child is a fork (libraries already loaded are not loaded again) and answers through a pipe (Lambda has no
/dev/shm, so no queue). The answer is JSON and images, never pickle: what reads the file is not to be believed more
than the file, and who asked for the reading looks at each value before using it.
"""

import json
import multiprocessing
import os
import resource
import struct
import sys
from collections.abc import Callable
from multiprocessing.connection import wait
from time import monotonic
from typing import Any

Lecture = Callable[[], tuple[dict[str, Any], list[bytes]]]

LONGUEUR = struct.Struct("!I")  # of each part of the answer, before it
REPONSE_MAX = 1024**2
BLOB_MAX = 16 * 1024**2  # the JPEG of a page: 2000 × 2000 points of noise weigh 6 MB
BLOBS_MAX = 64


class LimiteAtteinte(Exception):
    """The child ended without an answer of ours: time, memory, a crash of a decoder, or another program in it."""


def executer(lecture: Lecture, secondes: int, memoire: int) -> tuple[dict[str, Any], list[bytes]]:
    """Answer what ``lecture`` returns (a JSON-able dict and blobs), obtained in at most ``secondes`` of wall time and
    ``memoire`` bytes above what the process had. Raises LimiteAtteinte."""
    recoit, envoie = os.pipe()
    enfant = multiprocessing.get_context("fork").Process(
        target=_lire, args=(lecture, recoit, envoie, secondes, memoire), daemon=True
    )
    enfant.start()
    os.close(envoie)
    echeance = monotonic() + secondes
    try:
        valeur, nombre = _comprendre(_recevoir(recoit, echeance, REPONSE_MAX))
        blobs = [_recevoir(recoit, echeance, BLOB_MAX) for _ in range(nombre)]
    finally:
        os.close(recoit)
        enfant.kill()
        enfant.join()
        enfant.close()
    return valeur, blobs


def _recevoir(recoit: int, echeance: float, maximum: int) -> bytes:
    (longueur,) = LONGUEUR.unpack(_octets(recoit, echeance, LONGUEUR.size))
    if longueur > maximum:
        raise LimiteAtteinte
    return _octets(recoit, echeance, longueur)


def _octets(recoit: int, echeance: float, nombre: int) -> bytes:
    """The next ``nombre`` bytes. It may have died before them, or say them one by one for ever."""
    recu = bytearray()
    while len(recu) < nombre:
        reste = echeance - monotonic()
        morceau = os.read(recoit, nombre - len(recu)) if reste > 0 and wait([recoit], reste) else b""
        if not morceau:
            raise LimiteAtteinte
        recu += morceau
    return bytes(recu)


def _comprendre(recu: bytes) -> tuple[dict[str, Any], int]:
    try:
        reponse = json.loads(recu)
        valeur, nombre = reponse["valeur"], reponse["blobs"]
    except (ValueError, TypeError, KeyError) as erreur:
        raise LimiteAtteinte from erreur
    if not isinstance(valeur, dict) or not isinstance(nombre, int) or not 0 <= nombre <= BLOBS_MAX:
        raise LimiteAtteinte
    return valeur, nombre


def _lire(lecture: Lecture, recoit: int, envoie: int, secondes: int, memoire: int) -> None:
    os.close(recoit)
    _borner(secondes, memoire)
    _faire_taire_les_decodeurs()
    try:
        valeur, blobs = lecture()
    except MemoryError:
        return  # closing the pipe without an answer is how a child says that it could not
    with os.fdopen(envoie, "wb") as tuyau:
        for partie in (json.dumps({"valeur": valeur, "blobs": len(blobs)}).encode(), *blobs):
            tuyau.write(LONGUEUR.pack(len(partie)))
            tuyau.write(partie)


def _faire_taire_les_decodeurs() -> None:
    """Keep what C libraries say of each broken byte out of the logs; a Python traceback still goes there."""
    sys.stderr = os.fdopen(os.dup(2), "w")
    muet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(muet, 2)
    os.close(muet)


def _borner(secondes: int, memoire: int) -> None:
    with open("/proc/self/statm", encoding="ascii") as statm:
        deja = int(statm.read().split()[0]) * resource.getpagesize()
    for ressource, limite in (
        (resource.RLIMIT_AS, deja + memoire),
        (resource.RLIMIT_CPU, secondes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),  # it has no file to write
    ):
        _, plafond = resource.getrlimit(ressource)
        limite = limite if plafond == resource.RLIM_INFINITY else min(limite, plafond)
        resource.setrlimit(ressource, (limite, limite))
