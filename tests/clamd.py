"""ClamAV's own daemon (Debian: clamav-daemon), with a base of one signature: EICAR's, wherever it is in a file."""

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes.exterieur import EICAR
from tests.runtime import port_libre

REGLAGES = """
DatabaseDirectory {dossier}/base
LocalSocket {dossier}/clamd.sock
TCPAddr 127.0.0.1
TCPSocket {port}
TemporaryDirectory {dossier}
Foreground yes
StreamMaxLength 11M
"""
DEPART_S = 30


@dataclass
class Clamd:
    """The daemon, and its two addresses."""

    processus: subprocess.Popen[bytes]
    prise: Path
    port: int

    @property
    def adresses(self) -> tuple[str, str]:
        return f"unix:{self.prise}", f"tcp:127.0.0.1:{self.port}"

    def muet(self, oui: bool) -> None:
        """Connections wait and nothing is answered, until it is allowed to go on."""
        self.processus.send_signal(signal.SIGSTOP if oui else signal.SIGCONT)

    def tuer(self) -> None:
        self.processus.kill()
        self.processus.wait()

    def attendre_un_client(self) -> None:
        """Until somebody has connected to the silent daemon."""
        fin = time.monotonic() + DEPART_S
        while Path("/proc/net/unix").read_text().count(str(self.prise)) < 2:
            assert time.monotonic() < fin, "personne ne s'est connecté"
            time.sleep(0.01)


@contextmanager
def clamd(dossier: Path, *reglages: str) -> Iterator[Clamd]:
    """Run it with ``reglages`` besides the ordinary ones; the test is skipped where there is none."""
    programme = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin")
    if programme is None:
        pytest.skip("clamd manque : installez le paquet clamav-daemon")
    (dossier / "base").mkdir()
    (dossier / "base" / "eicar.ndb").write_text(f"Eicar-Test-Signature:0:*:{EICAR.hex()}\n")
    port = port_libre()
    conf = dossier / "clamd.conf"
    conf.write_text(REGLAGES.format(dossier=dossier, port=port) + "\n".join(reglages) + "\n")
    journal = dossier / "clamd.log"
    with journal.open("wb") as dit:
        lance = subprocess.Popen([programme, "--config-file", str(conf)], stdout=dit, stderr=dit)
    try:
        fin = time.monotonic() + DEPART_S
        while not (_ecoute(port) and (dossier / "clamd.sock").exists()):
            assert lance.poll() is None and time.monotonic() < fin, journal.read_text()
            time.sleep(0.01)
        yield Clamd(lance, dossier / "clamd.sock", port)
    finally:
        lance.kill()
        lance.wait()


def _ecoute(port: int) -> bool:
    with socket.socket() as prise:
        return prise.connect_ex(("127.0.0.1", port)) == 0
