"""``make demo`` itself: what it prints, and the clear sentence when something is not there, or not as it says."""

import subprocess
import sys

from demo.client import Client


def _demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    commande = [sys.executable, "-m", "demo", *arguments]
    return subprocess.run(commande, capture_output=True, text=True, timeout=300, check=False)


def test_la_demo_joue_un_motif_et_dit_ses_temps(url: str) -> None:
    joue = _demo("--url", url, "expiration")
    assert joue.returncode == 0, joue.stdout + joue.stderr
    assert joue.stdout.count("✓") >= 20
    assert "Résumé" in joue.stdout
    assert "Pas de second acte" in joue.stdout
    assert joue.stdout.rstrip().endswith("Tout est passé.")


def test_le_second_acte_mene_le_vol_jusqu_a_sa_remise(url: str) -> None:
    joue = _demo("--url", url, "vol")

    assert joue.returncode == 0, joue.stdout + joue.stderr
    acte = joue.stdout.partition("Second acte")[2]
    assert acte.count("✓") >= 35
    # The simulators of this service wait to be told: the play speaks for them.
    assert acte.count("annoncé ici par /dev/production") == 4
    for vu in ("Demande suspendue", "remplacé par quittance.png", "Titre remis", "intacte, 13 écritures", "SMS reçus"):
        assert vu in acte
    assert acte.rstrip().endswith("Tout est passé.")


def test_ce_qui_differe_de_ce_qu_elle_dit_fait_echouer_la_demo(url: str) -> None:
    client = Client(url)
    client.appeler("POST", "/dev/pannes", {"service": "snpc", "mode": "panne"})
    try:
        joue = _demo("--url", url, "vol")
    finally:
        client.appeler("POST", "/dev/pannes", {"service": "snpc", "mode": "aucune"})

    assert joue.returncode == 1
    assert "✗ dossier, le SNPC en regard" in joue.stdout
    assert "Tout est passé" not in joue.stdout
    assert "Échec : SNPC : Le SNPC ne répond pas" in joue.stderr
    assert "Traceback" not in joue.stderr


def test_sans_service_la_demo_dit_quoi_lancer() -> None:
    seule = _demo("--url", "http://127.0.0.1:9")
    assert seule.returncode == 1
    assert "make run" in seule.stderr
    assert "Traceback" not in seule.stderr


def test_ailleurs_que_sur_le_service_la_demo_le_dit(url: str) -> None:
    egaree = _demo("--url", f"{url}/ailleurs")
    assert egaree.returncode == 1
    assert "n'est pas le service" in egaree.stderr
