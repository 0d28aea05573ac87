"""``make test``: pytest tier by tier, with the time of each, so that a slow one shows.

``--longs`` adds the tests marked ``long``. A tier whose folder is absent or empty is not an error; no test at all is.
"""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

RACINE = Path(__file__).parents[1]
# From the quickest to the slowest: what fails at once is told at once.
PALIERS = ("unit", "contract", "infra", "workflow", "faults", "fuzz", "e2e", "e2e/navigateur")
SANS_TEST = 5


def main(longs: bool) -> int:
    """Run the tiers in order, all of them even after a failure; 0 when every test passed."""
    bilans: list[str] = []
    total, mauvais = 0, False
    for palier in PALIERS:
        if not list((RACINE / "tests" / palier).rglob("test_*.py")):
            continue
        debut = time.monotonic()
        # In its own process: sockets blocked or patched by one tier do not reach the next.
        commande = [
            sys.executable,
            "-m",
            "pytest",
            f"tests/{palier}",
            "-q",
            "-rs",
            # A tier inside another one has a run of its own.
            *(f"--ignore=tests/{autre}" for autre in PALIERS if autre.startswith(f"{palier}/")),
            *(["-m", "long or not long"] if longs else []),
        ]
        env = {**os.environ, "PYTHONHASHSEED": "0"}
        lance = subprocess.Popen(commande, cwd=RACINE, env=env, stdout=subprocess.PIPE, text=True)
        assert lance.stdout is not None
        derniere = ""
        for ligne in lance.stdout:
            print(ligne, end="", flush=True)
            derniere = ligne if re.search(r"\b(passed|failed|error)", ligne) else derniere
        code = lance.wait()
        mauvais |= code not in (0, SANS_TEST)
        total += sum(int(nombre) for nombre in re.findall(r"(\d+) (?:passed|failed)", derniere))
        bilans.append(f"  {palier:14s} {time.monotonic() - debut:6.1f} s  {derniere.strip(' =') or 'aucun test'}")
    print("\nPaliers :", *bilans, sep="\n", flush=True)
    if total == 0:
        print("Aucun test n'a été exécuté.", flush=True)
        return 1
    return 1 if mauvais else 0


if __name__ == "__main__":
    sys.exit(main("--longs" in sys.argv[1:]))
