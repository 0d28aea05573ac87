"""The emulator's process: ministack with our corrections, on the loopback only.

Started by ``infra/local/runtime.py`` with a clean environment, as ``python -m infra.local.emulateur <state folder>``.
It ends on SIGTERM, and by itself when the launcher is gone, after a last save.
"""

import asyncio
import json
import logging
import os
import shutil
import signal
import sys
import threading
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

ARRET_MAX_S = 10


def environnement(etat: Path, port: int) -> dict[str, str]:
    """All the variables of the emulator's process; its functions inherit none of them."""
    return {
        "PATH": os.environ.get("PATH", ""),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        "AUTH": "true",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{etat}/sans-docker.sock",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(etat / "etat"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(etat / "s3"),
        "TMPDIR": str(etat / "tmp"),
        "LOG_LEVEL": "INFO",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }


REGION = "eu-west-3"


def main(etat: Path) -> None:
    """Serve until told to stop."""
    # Before the emulator is imported: it reads its folders then.
    for passager in ("tmp", "code"):
        shutil.rmtree(etat / passager, ignore_errors=True)
        (etat / passager).mkdir(parents=True)
    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack import app as emulateur

    from infra.local import corrections

    if version("ministack") != corrections.VERSION_CONNUE:
        raise corrections.CorrectionInapplicable(
            f"ministack {version('ministack')} : attendu {corrections.VERSION_CONNUE}"
        )
    for bavard in ("persistence", "hypercorn.access"):
        logging.getLogger(bavard).setLevel(logging.WARNING)
    corrections.appliquer(etat)
    sauvegarde = corrections.Sauvegarde(emulateur)

    async def application(scope: dict[str, Any], recevoir: Any, envoyer: Any) -> None:
        if scope["type"] == "http":
            if scope["path"] == "/_permis/sauvegarde":
                # So that a test, or a clean copy, need not wait for the next save.
                duree = await asyncio.to_thread(sauvegarde.sauver)
                await envoyer({"type": "http.response.start", "status": 200, "headers": []})
                await envoyer({"type": "http.response.body", "body": json.dumps({"duree_s": duree}).encode()})
                return
            await emulateur.app(scope, recevoir, envoyer)
            sauvegarde.marquer()
            return
        await emulateur.app(scope, recevoir, envoyer)

    arret = asyncio.Event()

    async def servir() -> None:
        boucle = asyncio.get_running_loop()
        for signal_ in (signal.SIGTERM, signal.SIGINT):
            boucle.add_signal_handler(signal_, arreter)
        config = Config()
        config.bind = [f"127.0.0.1:{os.environ['GATEWAY_PORT']}"]
        config.keep_alive_timeout = 75
        config.graceful_timeout = 1
        config.shutdown_timeout = ARRET_MAX_S
        config.loglevel = "WARNING"
        config.backlog = 512
        await serve(application, config, shutdown_trigger=arret.wait)

    def arreter() -> None:
        if arret.is_set():
            return
        sauvegarde.arreter()
        arret.set()
        # A handler that never ends must not keep the port.
        minuterie = threading.Timer(ARRET_MAX_S, os._exit, (1,))
        minuterie.daemon = True
        minuterie.start()

    threading.Thread(target=suivre_le_lanceur, daemon=True, name="lanceur").start()
    sauvegarde.start()
    asyncio.run(servir())
    from ministack.core import lambda_runtime

    lambda_runtime.reset()
    # Threads of the emulator (pollers, executions) may wait for hours.
    os._exit(0)


def suivre_le_lanceur() -> None:
    """End this process cleanly once its parent is gone, even by kill -9."""
    lanceur = os.getppid()
    while os.getppid() == lanceur:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
