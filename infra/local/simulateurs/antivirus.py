"""The scanner: it speaks as ClamAV's daemon does, on a socket of this machine, and knows one virus (EICAR's)."""

import asyncio
import struct
from contextlib import suppress
from pathlib import Path

from infra.local.simulateurs.socle import Pannes

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
TAILLE_MAX = 25 * 1024**2  # clamd's StreamMaxLength


def analyser(octets: bytes) -> bytes:
    """The answer to a whole stream."""
    return b"stream: Eicar-Test-Signature FOUND" if EICAR in octets else b"stream: OK"


class AntiVirusSimule:
    """A clamd whose faults are those of ``pannes``: out of order, it hangs up; slow, it answers late."""

    def __init__(self, prise: Path, pannes: Pannes) -> None:
        self._prise, self._pannes = prise, pannes

    async def servir(self) -> None:
        """Serve until cancelled."""
        self._prise.unlink(missing_ok=True)
        serveur = await asyncio.start_unix_server(self._repondre, str(self._prise))
        async with serveur:
            await serveur.serve_forever()

    async def _repondre(self, lecteur: asyncio.StreamReader, auteur: asyncio.StreamWriter) -> None:
        try:
            with suppress(asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
                mode, delai_s = self._pannes.etat("antivirus")
                if mode == "panne":
                    return
                commande = await lecteur.readuntil(b"\0")
                reponse = await self._executer(commande, lecteur)
                if mode == "lent":
                    await asyncio.sleep(delai_s)
                auteur.write(reponse + b"\0")
                await auteur.drain()
        finally:
            auteur.close()

    async def _executer(self, commande: bytes, lecteur: asyncio.StreamReader) -> bytes:
        if commande == b"zPING\0":
            return b"PONG"
        if commande != b"zINSTREAM\0":
            return b"UNKNOWN COMMAND"
        octets = bytearray()
        while taille := struct.unpack(">I", await lecteur.readexactly(4))[0]:
            if len(octets) + taille > TAILLE_MAX:
                return b"INSTREAM size limit exceeded. ERROR"
            octets += await lecteur.readexactly(taille)
        return analyser(bytes(octets))
