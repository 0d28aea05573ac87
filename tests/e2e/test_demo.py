"""``make demo`` itself: what it prints, and the clear sentence when something is not there."""

import subprocess
import sys


def _demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    commande = [sys.executable, "-m", "demo", *arguments]
    return subprocess.run(commande, capture_output=True, text=True, timeout=180, check=False)


def test_la_demo_joue_un_motif_et_dit_ses_temps(url: str) -> None:
    joue = _demo("--url", url, "expiration")
    assert joue.returncode == 0, joue.stdout + joue.stderr
    assert joue.stdout.count("✓") >= 20
    assert "Résumé" in joue.stdout
    assert joue.stdout.rstrip().endswith("Tout est passé.")


def test_sans_service_la_demo_dit_quoi_lancer() -> None:
    seule = _demo("--url", "http://127.0.0.1:9")
    assert seule.returncode == 1
    assert "make run" in seule.stderr
    assert "Traceback" not in seule.stderr


def test_ailleurs_que_sur_le_service_la_demo_le_dit(url: str) -> None:
    egaree = _demo("--url", f"{url}/ailleurs")
    assert egaree.returncode == 1
    assert "n'est pas le service" in egaree.stderr
