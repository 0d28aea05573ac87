"""``make check``: every static control, each with its time; the exit code tells whether all passed."""

import os
import subprocess
import sys
import time
from pathlib import Path

RACINE = Path(__file__).parents[1]
REGION = "eu-west-3"


def main() -> int:
    """Run all the controls, even after a failure, and return 0 when all passed."""
    python, outils = sys.executable, str(Path(sys.executable).parent)
    controles = {
        "ruff": [f"{outils}/ruff", "check", "--quiet", "."],
        "mise en forme": [f"{outils}/ruff", "format", "--check", "--quiet", "."],
        "types": [f"{outils}/mypy", "--strict", "app.py", "chalicelib", "infra"],
        "couches": [f"{outils}/lint-imports", "--no-cache"],
        "paquet": [python, "-m", "infra.empaqueter"],
        "pages": [python, "-m", "infra.pages"],
        "hébergement": [python, "-m", "infra.hebergement.gabarit"],
        "gabarit du site": [f"{outils}/cfn-lint", "-r", REGION, "-t", "build/site.json"],
        "gabarit SAM": [f"{outils}/cfn-lint", "-r", REGION, "-t", "build/sam.json"],
        "gabarit développé": [f"{outils}/cfn-lint", "-r", REGION, "-t", "build/modele.json"],
        "machine à états": [python, "-m", "infra.verifier_asl"],
        "OpenAPI": [python, "-m", "infra.openapi", "--verifier"],
    }
    echecs = [titre for titre, commande in controles.items() if not _passer(titre, commande)]
    print(f"contrôles : {', '.join(echecs)} en échec" if echecs else "contrôles : tout passe", flush=True)
    return 1 if echecs else 0


def _passer(titre: str, commande: list[str]) -> bool:
    debut = time.monotonic()
    env = {**os.environ, "AWS_DEFAULT_REGION": REGION}
    fini = subprocess.run(commande, cwd=RACINE, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    bilan = "ok" if fini.returncode == 0 else "ÉCHEC"
    print(f"[{time.monotonic() - debut:5.1f} s] {titre} : {bilan}", flush=True)
    if fini.returncode:
        print(fini.stdout, flush=True)
    return fini.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
