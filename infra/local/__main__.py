"""``make run``: the whole service on this machine, until Ctrl-C.

Ports: ``PERMIS_PORT`` (8080) and ``PERMIS_EMULATEUR_PORT`` (4566). ``PERMIS_JOUR`` is the length of a legal day in
seconds, ``PERMIS_ETAT`` the folder of the state (``.local``).
"""

import os
import signal
import sys
from pathlib import Path
from types import FrameType

from infra.local.runtime import RACINE, LancementImpossible, Reglages, Runtime


class Arret(Exception):
    """Somebody asked for the end (Ctrl-C, SIGTERM)."""


def _demander_l_arret(*_: int | FrameType | None) -> None:
    # Once: the second one must not interrupt an orderly end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Arret


def main() -> int:
    """Run; 0 after an asked end, 1 with one clear sentence otherwise."""
    for signal_ in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_, _demander_l_arret)
    reglages = Reglages(
        etat=Path(os.environ.get("PERMIS_ETAT", str(RACINE / ".local"))).absolute(),
        port=int(os.environ.get("PERMIS_PORT", "8080")),
        port_emulateur=int(os.environ.get("PERMIS_EMULATEUR_PORT", "4566")),
        jour=os.environ.get("PERMIS_JOUR", ""),
    )
    runtime = Runtime(reglages, lambda ligne: print(ligne, flush=True))
    try:
        runtime.demarrer()
        print(f"PRET {reglages.site}", flush=True)
        runtime.surveiller()
    except Arret:
        print("Arrêt demandé.", flush=True)
    except LancementImpossible as faute:
        print(faute, file=sys.stderr, flush=True)
        return 1
    finally:
        runtime.arreter()
    return 0


if __name__ == "__main__":
    sys.exit(main())
