"""ClamAV's daemon (Debian: clamav-daemon), asked over its socket: the bytes go there, nothing is written on a disk.

Protocol (man clamd): ``zINSTREAM\\0``, then blocks preceded by their size on four bytes, then a size of zero. The
answer is ``stream: OK``, ``stream: <name> FOUND`` or something ending in ``ERROR``. What goes over one of its limits
(MaxScanSize, MaxScanTime…) is scanned in part only: it says so by a name of its own with ``AlertExceedsMax yes``, and
says ``OK`` without.
"""

import socket
import struct
import time
from contextlib import suppress

from chalicelib.demande.erreurs import ServiceIndisponible
from chalicelib.demande.modeles import Piece
from chalicelib.demande.ports_antivirus import Analyse
from chalicelib.temps import reste

CONNEXION_S, TOTAL_S = 1.0, 8.0
MARGE_S = 13.0
"""What is left of the function's own time for what follows the scan: 6 s to inspect the file and 4 s to read it
(documents/inspection.py, documents/lecture.py), 3 s to put it away."""

BLOC = 256 * 1024
REPONSE_MAX = 1024
TROUVE, LIMITE = b"stream: ", b"Heuristics.Limits.Exceeded"


class AntiVirusClamav:
    """The port ``AntiVirus``. ``adresse`` is ``unix:/run/clamav/clamd.ctl`` or ``tcp:host:3310``."""

    def __init__(self, adresse: str, total_s: float = TOTAL_S) -> None:
        self._genre, _, self._adresse = adresse.partition(":")
        self._total_s = total_s
        if self._genre not in ("unix", "tcp") or not self._adresse:
            raise ValueError(f"adresse d'antivirus {adresse!r} : unix:/chemin ou tcp:hote:port")

    def analyser(self, piece: Piece, octets: bytes) -> Analyse:
        fin = time.monotonic() + min(self._total_s, reste() - MARGE_S)
        try:
            with self._joindre(fin) as prise:
                with suppress(BrokenPipeError, ConnectionResetError):
                    # It may answer before it has read all: that it has too much, for one.
                    _envoyer(prise, octets, fin)
                reponse = _recevoir(prise, fin)
        except OSError as erreur:
            raise ServiceIndisponible() from erreur
        if reponse == b"stream: OK":
            return "saine"
        if reponse.startswith(TROUVE) and reponse.endswith(b" FOUND"):
            return "impenetrable" if reponse.startswith(TROUVE + LIMITE) else "infectee"
        raise ServiceIndisponible()

    def _joindre(self, fin: float) -> socket.socket:
        attente = min(CONNEXION_S, _reste(fin))
        if self._genre == "tcp":
            hote, _, port = self._adresse.rpartition(":")
            return socket.create_connection((hote, int(port)), attente)
        prise = socket.socket(socket.AF_UNIX)
        try:
            prise.settimeout(attente)
            prise.connect(self._adresse)
        except BaseException:
            prise.close()
            raise
        return prise


def _reste(fin: float) -> float:
    attente = fin - time.monotonic()
    if attente <= 0:
        raise TimeoutError
    return attente


def _envoyer(prise: socket.socket, octets: bytes, fin: float) -> None:
    prise.settimeout(_reste(fin))
    prise.sendall(b"zINSTREAM\0")
    for debut in range(0, len(octets), BLOC):
        bloc = octets[debut : debut + BLOC]
        prise.settimeout(_reste(fin))
        prise.sendall(struct.pack(">I", len(bloc)) + bloc)
    prise.sendall(struct.pack(">I", 0))


def _recevoir(prise: socket.socket, fin: float) -> bytes:
    """The answer without the zero that ends it; what was cut before it is no answer."""
    recu = b""
    while len(recu) < REPONSE_MAX:
        prise.settimeout(_reste(fin))
        morceau = prise.recv(REPONSE_MAX)
        if not morceau:
            break
        recu += morceau
        if recu.endswith(b"\0"):
            return recu[:-1]
    return b""
