"""Run one reading of an untrusted file in a child process with bounded time and memory.

Decoders are C libraries fed with hostile bytes: a bomb or a crash must end as a refusal, not as the end of the Lambda.
The child is a fork (libraries already loaded are not loaded again) and answers through a pipe (Lambda has no
/dev/shm, so no queue). The answer is JSON and images, never pickle: what reads the file is not to be believed more
than the file.
"""

import json
import multiprocessing
import os
import resource
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from time import monotonic
from typing import Any

Lecture = Callable[[], tuple[dict[str, Any], list[bytes]]]

REPONSE_MAX = 1024**2
BLOB_MAX = 16 * 1024**2  # the JPEG of a page: 2000 × 2000 points of noise weigh 6 MB
BLOBS_MAX = 64


class LimiteAtteinte(Exception):
    """The child ended without an answer of ours: time, memory, a crash of a decoder, or another program in it."""


def executer(lecture: Lecture, secondes: int, memoire: int) -> tuple[dict[str, Any], list[bytes]]:
    """Answer what ``lecture`` returns (a JSON-able dict and blobs), obtained in at most ``secondes`` of wall time and
    ``memoire`` bytes above what the process had. Raises LimiteAtteinte."""
    recoit, envoie = multiprocessing.Pipe(duplex=False)
    enfant = multiprocessing.get_context("fork").Process(
        target=_lire, args=(lecture, envoie, secondes, memoire), daemon=True
    )
    enfant.start()
    envoie.close()
    echeance = monotonic() + secondes
    try:
        valeur, nombre = _comprendre(_recevoir(recoit, echeance, REPONSE_MAX))
        blobs = [_recevoir(recoit, echeance, BLOB_MAX) for _ in range(nombre)]
    finally:
        recoit.close()
        enfant.kill()
        enfant.join()
        enfant.close()
    return valeur, blobs


def _recevoir(recoit: Connection, echeance: float, maximum: int) -> bytes:
    try:
        if recoit.poll(max(0.0, echeance - monotonic())):
            return recoit.recv_bytes(maximum)
    except (EOFError, OSError):  # it died before, or in the middle of, its answer; or says more than it may
        pass
    raise LimiteAtteinte


def _comprendre(recu: bytes) -> tuple[dict[str, Any], int]:
    try:
        reponse = json.loads(recu)
        valeur, nombre = reponse["valeur"], reponse["blobs"]
    except (ValueError, TypeError, KeyError) as erreur:
        raise LimiteAtteinte from erreur
    if not isinstance(valeur, dict) or not isinstance(nombre, int) or not 0 <= nombre <= BLOBS_MAX:
        raise LimiteAtteinte
    return valeur, nombre


def _lire(lecture: Lecture, envoie: Connection, secondes: int, memoire: int) -> None:
    _borner(secondes, memoire)
    _faire_taire_les_decodeurs()
    try:
        valeur, blobs = lecture()
    except MemoryError:
        return  # closing the pipe without an answer is how a child says that it could not
    envoie.send_bytes(json.dumps({"valeur": valeur, "blobs": len(blobs)}).encode())
    for blob in blobs:
        envoie.send_bytes(blob)


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
