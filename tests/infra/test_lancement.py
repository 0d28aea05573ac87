"""``make run``: what survives, what is refused in one sentence, what is left behind (nothing)."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.local.runtime import RACINE, LancementImpossible, Reglages
from tests.runtime import ServiceDEssai, port_libre

DEMARRAGE_MAX_S = 90


def _make_run(etat: Path, port: int, port_emulateur: int) -> "subprocess.Popen[str]":
    env = {**os.environ, "PERMIS_ETAT": str(etat), "PERMIS_PORT": str(port), "PERMIS_SIMULATEURS": "manuel"}
    env["PERMIS_EMULATEUR_PORT"] = str(port_emulateur)
    return subprocess.Popen(
        [sys.executable, "-m", "infra.local"],
        cwd=RACINE,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _attendre_pret(lance: "subprocess.Popen[str]") -> str:
    assert lance.stdout is not None
    lignes = []
    for ligne in lance.stdout:
        lignes.append(ligne)
        if ligne.startswith("PRET "):
            return ligne.split()[1]
    raise AssertionError("".join(lignes))


def _attendre(condition: Callable[[], bool], delai: float) -> bool:
    fin = time.monotonic() + delai
    while not condition():
        if time.monotonic() > fin:
            return False
        time.sleep(0.05)
    return True


def _libre(port: int) -> bool:
    with socket.socket() as essai:
        return essai.connect_ex(("127.0.0.1", port)) != 0


def test_l_etat_survit_a_kill_9_de_tout_et_l_arret_ne_laisse_rien(tmp_path: Path, construit: None) -> None:
    port, emulateur = port_libre(), port_libre()
    service = ServiceDEssai(Reglages(tmp_path, port, emulateur))
    lance = _make_run(tmp_path, port, emulateur)
    try:
        assert _attendre_pret(lance) == f"http://127.0.0.1:{port}"
        table = service.client("dynamodb")
        table.put_item(TableName="permis-sessions", Item={"cle": {"S": "gardee"}, "expire": {"N": "9999999999"}})
        sauve = tmp_path / "emulateur" / "etat" / "dynamodb.json"
        assert _attendre(lambda: '"gardee"' in sauve.read_text(), 10), "le sauveur n'a pas écrit"
        lance.kill()
        lance.wait()

        # At once: what the killed launcher left is ended by the next one, and its state taken up.
        debut = time.monotonic()
        lance = _make_run(tmp_path, port, emulateur)
        _attendre_pret(lance)
        assert time.monotonic() - debut < DEMARRAGE_MAX_S
        assert table.get_item(TableName="permis-sessions", Key={"cle": {"S": "gardee"}})["Item"]

        lance.send_signal(signal.SIGTERM)
        assert lance.wait(timeout=30) == 0
        assert _libre(port)
        assert _libre(emulateur)
    finally:
        lance.kill()
        lance.wait()


def test_un_port_occupe_est_dit_en_une_phrase(tmp_path: Path) -> None:
    with socket.socket() as occupant:
        occupant.bind(("127.0.0.1", 0))
        occupant.listen()
        port = occupant.getsockname()[1]
        with pytest.raises(LancementImpossible, match=rf"Le port {port} est déjà utilisé.*PERMIS_PORT\."):
            ServiceDEssai(Reglages(tmp_path, port, port_libre()), lambda _: None).demarrer()


def test_un_second_lancement_sur_le_meme_etat_est_refuse(runtime: ServiceDEssai) -> None:
    with pytest.raises(LancementImpossible, match="déjà lancé"):
        ServiceDEssai(Reglages(runtime.reglages.etat, port_libre(), port_libre()), lambda _: None).demarrer()
    assert runtime.client("lambda").list_functions()["Functions"]


def test_les_dossiers_secrets_ne_sont_lisibles_que_de_leur_proprietaire(runtime: ServiceDEssai) -> None:
    for nom in ("secrets.json", "env"):
        assert (runtime.reglages.etat / nom).stat().st_mode & 0o077 == 0
