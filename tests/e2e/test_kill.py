"""kill -9 of the whole local service at a random moment of a life, then ``make run`` again: it goes on by itself.

The people around the demande do what people do: they look where it is, and do again what they see was not done. The
emulator saves each second: what was asked in the last one may have to be asked again, which DynamoDB would not need.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from chalicelib.adapters.dynamo import plat
from demo.client import Probleme, nouvelle_cle
from demo.guichet import MOT_DE_PASSE_LOCAL
from infra.local.runtime import RACINE, Reglages
from tests.e2e.outils import photo
from tests.e2e.vies import DEPOT, PRODUCTION, Vie
from tests.runtime import ServiceDEssai, port_libre

REPRISE_MAX_S = 120
"""How soon a demande has gone on to its end once the service runs again."""

MOMENTS = 10
DUREE_D_UNE_VIE_S = 9.0
HISTOIRE = [*DEPOT, "DemandeSuspendue", "ComplementDepose", "DemandeValidee", *PRODUCTION]


class Lance:
    """``make run`` in processes of its own, simulators at work."""

    def __init__(self, etat: Path) -> None:
        self.service = ServiceDEssai(Reglages(etat, port_libre(), port_libre()))
        self._processus: subprocess.Popen[str] | None = None

    def demarrer(self) -> None:
        reglages = self.service.reglages
        env = {
            **os.environ,
            "PERMIS_ETAT": str(reglages.etat),
            "PERMIS_PORT": str(reglages.port),
            "PERMIS_EMULATEUR_PORT": str(reglages.port_emulateur),
        }
        env.pop("PERMIS_SIMULATEURS", None)
        commande = [sys.executable, "-m", "infra.local"]
        self._processus = subprocess.Popen(
            commande, cwd=RACINE, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self._processus.stdout is not None
        lignes = []
        for ligne in self._processus.stdout:
            lignes.append(ligne)
            if ligne.startswith("PRET "):
                # Read on, or a full pipe would stop it.
                threading.Thread(target=self._processus.stdout.read, daemon=True).start()
                self.service.sorties = json.loads((reglages.etat / "sorties.json").read_text())
                return
        raise AssertionError("".join(lignes))

    def tuer(self) -> None:
        """kill -9 of the launcher, of the emulator with the functions it runs, and of the front door."""
        assert self._processus is not None
        connus = json.loads((self.service.reglages.etat / "processus.json").read_text())
        for pid in (self._processus.pid, *(pid for pid, _ in connus.values())):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._processus.wait()

    def arreter(self) -> None:
        if self._processus is not None and self._processus.poll() is None:
            self._processus.terminate()
            self._processus.wait(timeout=40)


@pytest.fixture
def lance(tmp_path: Path) -> Iterator[Lance]:
    lance = Lance(tmp_path)
    lance.demarrer()
    try:
        yield lance
    finally:
        lance.arreter()


class Gens:
    """The citizen and the agent of one demande, who look where it is and do what comes next."""

    def __init__(self, vie: Vie) -> None:
        self.vie = vie
        self._cle = nouvelle_cle()

    def faire_la_suite(self) -> str:
        """One thing, if one is to be done now; gives the statut seen before."""
        vie, demande = self.vie, self.vie.client.demande(self.vie.id)
        match demande["statut"]:
            case "brouillon":
                vie.numero = vie.client.confirmer(vie.id, self._cle)["numero"]
            case "en_instruction" if "ComplementDepose" in vie.histoire():
                vie.agent.agir(vie.id, "validation", {})
            case "en_instruction":
                elements = [{"cible": vie.piece("domicile"), "motif": "illisible"}]
                vie.agent.agir(vie.id, "suspension", {"elements": elements, "message": "Joignez une facture lisible."})
            case "suspendue":
                if not any(not element["repondu"] for element in demande["suspension"]["elements"]):
                    vie.client.appeler("POST", f"/api/demandes/{vie.id}/complement")
                else:
                    vie.client.joindre(vie.id, "domicile", photo(600, 420))
        return str(demande["statut"])

    def jusqu_a_la_fin(self, avant: float) -> None:
        """Go on, through refusals and silences of the service, until the card is handed over."""
        vu = "rien"
        while time.monotonic() < avant:
            try:
                vu = self.faire_la_suite()
                if vu == "distribuee":
                    return
            except httpx.HTTPError as panne:
                vu = type(panne).__name__
            except Probleme as refus:
                vu = str(refus)
                if refus.statut == 401:
                    self._revenir()
            time.sleep(0.1)
        raise AssertionError(f"pas arrivée à sa fin ; en dernier : {vu}")

    def _revenir(self) -> None:
        """Log in again: a session opened in the last second was not saved."""
        with contextlib.suppress(httpx.HTTPError, Probleme):
            self.vie.client.ouvrir_session(self.vie.citoyen.identifiant, self.vie.citoyen.mot_de_passe)
            self.vie.agent.ouvrir_session("agent.543", MOT_DE_PASSE_LOCAL)


def compte(lance: Lance, table: str) -> list[dict[str, Any]]:
    """Every item of a table."""
    pages = lance.service.client("dynamodb").get_paginator("scan").paginate(TableName=f"permis-{table}")
    return [plat(element) or {} for page in pages for element in page["Items"]]


def vivre_et_tuer(lance: Lance, moment_s: float) -> float:
    """A whole life with a kill -9 after ``moment_s`` seconds; gives the seconds from ``PRET`` to its end."""
    vie = Vie(lance.service.url)
    lance.service.sauver()
    gens, tue = Gens(vie), threading.Event()

    def tuer() -> None:
        lance.tuer()
        tue.set()

    minuteur = threading.Timer(moment_s, tuer)
    minuteur.start()
    try:
        while not tue.is_set():
            with contextlib.suppress(httpx.HTTPError, Probleme):
                gens.faire_la_suite()
            time.sleep(0.05)
    finally:
        minuteur.cancel()
    lance.demarrer()
    debut = time.monotonic()
    gens.jusqu_a_la_fin(debut + REPRISE_MAX_S)
    duree = time.monotonic() - debut
    verifier(lance, vie)
    return duree


def verifier(lance: Lance, vie: Vie) -> None:
    """Nothing lost, no effect of ours doubled."""
    vie.numero = vie.client.demande(vie.id)["numero"]
    vie.raconte(*HISTOIRE)
    assert len(vie.agent.commandes(vie.numero)) == 1
    (timbre,) = [t for t in compte(lance, "timbres") if t["numero"] == vie.timbre]
    assert (timbre["etat"], timbre["demande_id"]) == ("consomme", vie.id)
    avis = [n for n in compte(lance, "notifications") if n["evenement_id"].startswith(f"{vie.id}#")]
    assert len({(n["evenement_id"], n["canal"]) for n in avis}) == len(avis)
    doubles = sum(nombre - 1 for nombre in vie.objets().values())
    assert doubles <= 1, f"one mail may leave twice across the crash, no more: {vie.objets()}"


@pytest.mark.parametrize("essai", [pytest.param(n, marks=[pytest.mark.long] if n else []) for n in range(MOMENTS)])
def test_une_vie_coupee_par_kill_9_va_a_sa_fin(lance: Lance, essai: int, capsys: pytest.CaptureFixture[str]) -> None:
    moment = random.SystemRandom().uniform(0, DUREE_D_UNE_VIE_S)

    duree = vivre_et_tuer(lance, moment)

    with capsys.disabled():
        print(f"\nkill -9 à {moment:.1f} s de vie : à son terme {duree:.0f} s après la reprise")
