"""``make chalice-local``: the application in one process, against the emulator that ``make run`` started.

Plain ``chalice local`` does the same once ``.local/env`` is in the environment; this only adds what makes it bearable
(without: 44 ms a request, and connections reset when several come at once). Port: ``CHALICE_PORT`` (8000).
"""

import os
import sys
from pathlib import Path

from chalice import cli, local

RACINE = Path(__file__).parents[2]


def main() -> int:
    """Serve until Ctrl-C."""
    fichier = Path(os.environ.get("PERMIS_ETAT", str(RACINE / ".local"))) / "env"
    if not fichier.exists():
        print("L'émulateur n'a pas encore été lancé : faites d'abord make run, et laissez-le tourner.", file=sys.stderr)
        return 1
    for ligne in fichier.read_text().splitlines():
        nom, _, valeur = ligne.partition("=")
        os.environ[nom] = valeur
    local.ChaliceRequestHandler.disable_nagle_algorithm = True
    local.ThreadedHTTPServer.request_queue_size = 256
    os.chdir(RACINE)
    port = os.environ.get("CHALICE_PORT", "8000")
    sys.argv = ["chalice", "local", "--stage", "api", "--port", port, "--no-autoreload"]
    return int(cli.main() or 0)


if __name__ == "__main__":
    sys.exit(main())
