"""The local service as a whole: emulator, deployed stack, front door. ``make run`` and the tests use the same class.

``Runtime(reglages).demarrer()`` packages, starts the emulator, deploys the template and opens the front door;
``arreter()`` ends what was started, in bounded time. What a killed launcher left behind is ended at the next start.
"""

import fcntl
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from demo.facturier import certificat
from infra.local import emulateur

RACINE = Path(__file__).parents[2]
DEMARRAGE_MAX_S = 30
ARRET_MAX_S = 12


class LancementImpossible(RuntimeError):
    """The local service cannot start; the message is one sentence for the person who launched it."""


@dataclass(frozen=True)
class Reglages:
    """Where and how to run: ports on the loopback, folder of the state, seconds of a legal day ("" for a real one)."""

    etat: Path = RACINE / ".local"
    port: int = 8080
    port_emulateur: int = 4566
    jour: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def site(self) -> str:
        """The base URL of the front door."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def emulateur(self) -> str:
        """The base URL of the emulator."""
        return f"http://127.0.0.1:{self.port_emulateur}"


def client_aws(reglages: Reglages, service: str) -> Any:
    """A boto3 client of the emulator with the account's own rights (to look and to prepare, never to serve)."""
    import boto3

    return boto3.session.Session().client(
        service,
        endpoint_url=reglages.emulateur,
        region_name=emulateur.REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


class Runtime:
    """One running local service."""

    def __init__(self, reglages: Reglages, annoncer: Callable[[str], None] = print) -> None:
        self.reglages = reglages
        self.sorties: dict[str, str] = {}
        self._annoncer = annoncer
        self._processus: dict[str, subprocess.Popen[bytes]] = {}
        self._verrou: IO[str] | None = None

    def __enter__(self) -> Self:
        self.demarrer()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.arreter()

    def demarrer(self) -> None:
        """Start everything, or raise ``LancementImpossible`` with nothing left running."""
        self._verrouiller()
        try:
            self._etape("aucun processus d'avant ne reste", self._finir_les_orphelins)
            self._verifier_ports()
            self._etape("paquet", lambda: self._python("-m", "infra.empaqueter"))
            self._etape("pages", lambda: self._python("-m", "infra.pages"))
            self._etape("émulateur", self.demarrer_emulateur)
            self._etape("déploiement", self.deployer)
            self._etape("données de référence", self._semer)
            self._etape("porte d'entrée", self._demarrer_facade)
            self._reprendre()
        except BaseException:
            self.arreter()
            raise

    def arreter(self) -> None:
        """End the processes, the front door first; each has ``ARRET_MAX_S`` seconds, then is killed."""
        for nom in reversed(list(self._processus)):
            _finir(self._processus.pop(nom))
        self._noter_processus()
        if self._verrou is not None:
            self._verrou.close()
            self._verrou = None

    def surveiller(self) -> None:
        """Return when one of the processes has ended by itself (a fault), else wait for ever."""
        while all(processus.poll() is None for processus in self._processus.values()):
            time.sleep(0.5)
        morts = [nom for nom, processus in self._processus.items() if processus.poll() is not None]
        raise LancementImpossible(f"arrêt inattendu de {', '.join(morts)} : voir {self._journal(morts[0])}")

    def demarrer_emulateur(self) -> None:
        """Start the emulator and wait until it answers."""
        etat = self.reglages.etat / "emulateur"
        etat.mkdir(parents=True, exist_ok=True)
        if (etat / "etat.avant").exists():
            # Killed while it deployed: nobody was served meanwhile, so what was before is the truth.
            shutil.rmtree(etat / "etat", ignore_errors=True)
            (etat / "etat.avant").rename(etat / "etat")
        env = emulateur.environnement(etat, self.reglages.port_emulateur) | {"PYTHONPATH": str(RACINE)}
        self._lancer("emulateur", ["-m", "infra.local.emulateur", str(etat)], env)
        self._attendre("emulateur", f"{self.reglages.emulateur}/_ministack/health")

    def sauver(self) -> None:
        """Have the emulator write its state now."""
        with urllib.request.urlopen(f"{self.reglages.emulateur}/_permis/sauvegarde", timeout=DEMARRAGE_MAX_S):
            pass

    def tuer_emulateur(self) -> None:
        """End the emulator as kill -9 does (for the tests of what survives)."""
        processus = self._processus.pop("emulateur")
        processus.kill()
        processus.wait()

    def deployer(self) -> None:
        """Deploy ``build/`` on the emulator with the command that serves AWS too."""
        etat = self.reglages.etat / "emulateur"
        self.sauver()
        shutil.rmtree(etat / "copie", ignore_errors=True)
        # Links, not copies: the emulator's files are replaced, never changed in place.
        shutil.copytree(etat / "etat", etat / "copie", copy_function=os.link)
        (etat / "copie").rename(etat / "etat.avant")
        sortie = self._python("-m", "infra.deployer", env=self.environnement_de_deploiement())
        self.sauver()
        shutil.rmtree(etat / "etat.avant")
        self.sorties = json.loads(sortie)
        _ecrire(self.reglages.etat / "sorties.json", json.dumps(self.sorties, indent=1))
        # What `chalice local` and one-off scripts need to use this emulator.
        lignes = {**environnement_aws(self.reglages), **self._variables_des_fonctions()}
        _ecrire(self.reglages.etat / "env", "".join(f"{nom}={valeur}\n" for nom, valeur in lignes.items()), 0o600)

    def environnement_de_deploiement(self) -> dict[str, str]:
        """The variables of ``infra/deployer.py`` for this emulator."""
        site = self.reglages.site
        return {
            **environnement_aws(self.reglages),
            "PERMIS_ETAT": str(self.reglages.etat),
            "PERMIS_JOUR": self.reglages.jour,
            "URL_SITE": site,
            "URL_DEPOT": f"{site}/depot",
            "URL_LIENS": f"{site}/depot",
            "URL_PHOTOS": f"{site}/dev/photos",
            "URL_TIMBRES": f"{site}/dev/timbres",
            "URL_SNPC": f"{site}/dev/snpc",
            "URL_PRODUCTEUR": f"{site}/dev/producteur",
            "ANTIVIRUS": f"unix:{self.reglages.etat.absolute() / 'antivirus.sock'}",
            "EXPEDITEUR": "ne-pas-repondre@permis.example",
            "AUTORISEUR_TTL": "0",
            "CADENCE_VEILLE": "rate(1 minute)",
            "CADENCE_ATTENTE": "rate(1 minute)",
            "CADENCE_ANCRAGE": "rate(1 minute)",
            # At any hour a local SMS leaves at once; and the emulator's SES publishes nothing of its mails.
            "SILENCE_SMS": "",
            "SUIVI_MAILS": "",
            # The invented company whose bills the demonstration sends.
            "CERTIFICATS_DE_PLUS": certificat(),
            **self.reglages.variables,
        }

    def _variables_des_fonctions(self) -> dict[str, str]:
        """All the variables that functions have, together: ``chalice local`` runs them in one process."""
        variables: dict[str, str] = {}
        for page in client_aws(self.reglages, "lambda").get_paginator("list_functions").paginate():
            for fonction in page["Functions"]:
                variables |= fonction.get("Environment", {}).get("Variables", {})
        variables.pop("ROUTE_GROUP", None)
        return dict(sorted(variables.items()))

    def _semer(self) -> None:
        if importlib.util.find_spec("infra.local.semences") is None:
            return
        code = "import json, sys; from infra.local.semences import semer; semer(json.load(open(sys.argv[1])))"
        self._python("-c", code, str(self.reglages.etat / "sorties.json"), env=self.environnement_de_deploiement())

    def _reprendre(self) -> None:
        """No execution outlives its emulator: have the reconciler look at once, not in a minute."""
        nom = "permis-veille-reconciliation"
        client_aws(self.reglages, "lambda").invoke(FunctionName=nom, InvocationType="Event")

    def _demarrer_facade(self) -> None:
        self._lancer("facade", ["-m", "infra.local.facade"], {**os.environ, **self._env_local()})
        self._attendre("facade", f"{self.reglages.site}/dev/sante")

    def _env_local(self) -> dict[str, str]:
        cles = json.loads((self.reglages.etat / "secrets.json").read_text())
        return {
            # The simulated shop signs its notifications as the real one would.
            "CLE_PARTENAIRE": cles["ClePartenaire"],
            **environnement_aws(self.reglages),
            "PERMIS_PORT": str(self.reglages.port),
            "PERMIS_EMULATEUR": self.reglages.emulateur,
            "PERMIS_API_ID": self.sorties["ApiId"],
            "PERMIS_PILE_SORTIES": str(self.reglages.etat / "sorties.json"),
            "PERMIS_ETAT": str(self.reglages.etat),
            "PERMIS_JOUR": self.reglages.jour,
            "PYTHONPATH": str(RACINE),
            **self.reglages.variables,
        }

    def _etape(self, titre: str, action: Callable[[], Any]) -> None:
        debut = time.monotonic()
        action()
        self._annoncer(f"[{time.monotonic() - debut:5.1f} s] {titre}")

    def _lancer(self, nom: str, arguments: list[str], env: Mapping[str, str]) -> None:
        journal = self._journal(nom)
        journal.parent.mkdir(parents=True, exist_ok=True)
        with journal.open("ab") as sortie:
            self._processus[nom] = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=RACINE,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=sortie,
                stderr=sortie,
                # Ctrl-C goes to the launcher alone, which ends its children in order.
                start_new_session=True,
            )
        self._noter_processus()

    def _attendre(self, nom: str, url: str) -> None:
        fin = time.monotonic() + DEMARRAGE_MAX_S
        while time.monotonic() < fin:
            if self._processus[nom].poll() is not None:
                raise LancementImpossible(f"{nom} n'a pas démarré : voir {self._journal(nom)}")
            try:
                with urllib.request.urlopen(url, timeout=2) as reponse:
                    if reponse.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise LancementImpossible(f"{nom} ne répond pas après {DEMARRAGE_MAX_S} s : voir {self._journal(nom)}")

    def _python(self, *arguments: str, env: Mapping[str, str] | None = None) -> str:
        """Run one of our commands to its end; its progress goes to the terminal, its result comes back."""
        fini = subprocess.run(
            [sys.executable, *arguments],
            cwd=RACINE,
            env={**os.environ, **(env or {})},
            stdout=subprocess.PIPE,
            text=True,
        )
        if fini.returncode:
            raise LancementImpossible(f"python {' '.join(arguments[:2])} a échoué (voir ci-dessus)")
        return fini.stdout

    def _verrouiller(self) -> None:
        """One launcher for one state; the system drops the lock of one that is killed."""
        self.reglages.etat.mkdir(parents=True, exist_ok=True)
        verrou = (self.reglages.etat / "verrou").open("w")
        try:
            fcntl.flock(verrou, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            verrou.close()
            raise LancementImpossible(
                f"Le service est déjà lancé sur {self.reglages.etat} : arrêtez-le d'abord."
            ) from None
        self._verrou = verrou

    def _verifier_ports(self) -> None:
        choix = {"PERMIS_PORT": self.reglages.port, "PERMIS_EMULATEUR_PORT": self.reglages.port_emulateur}
        for variable, port in choix.items():
            with socket.socket() as essai:
                essai.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    essai.bind(("127.0.0.1", port))
                except OSError:
                    conseil = f"arrêtez ce qui l'occupe, ou choisissez-en un autre avec {variable}"
                    raise LancementImpossible(f"Le port {port} est déjà utilisé : {conseil}.") from None

    def _journal(self, nom: str) -> Path:
        return self.reglages.etat / "journaux" / f"{nom}.log"

    def _noter_processus(self) -> None:
        notes = {nom: [processus.pid, _naissance(processus.pid)] for nom, processus in self._processus.items()}
        _ecrire(self.reglages.etat / "processus.json", json.dumps(notes))

    def _finir_les_orphelins(self) -> None:
        """End the processes noted by a launcher that was killed, if they still are the very ones it started."""
        fichier = self.reglages.etat / "processus.json"
        if not fichier.exists():
            return
        for pid, naissance in json.loads(fichier.read_text()).values():
            if naissance is None or _naissance(pid) != naissance or "infra.local." not in _commande(pid):
                continue
            for signal_, delai in ((signal.SIGTERM, ARRET_MAX_S), (signal.SIGKILL, 2)):
                os.kill(pid, signal_)
                fin = time.monotonic() + delai
                while time.monotonic() < fin and _naissance(pid) == naissance:
                    time.sleep(0.05)
                if _naissance(pid) != naissance:
                    break
        fichier.unlink()


def environnement_aws(reglages: Reglages) -> dict[str, str]:
    """What points boto3 at the emulator."""
    return {
        "AWS_ENDPOINT_URL": reglages.emulateur,
        "AWS_DEFAULT_REGION": emulateur.REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }


def _finir(processus: subprocess.Popen[bytes]) -> None:
    if processus.poll() is None:
        processus.terminate()
        try:
            processus.wait(ARRET_MAX_S)
        except subprocess.TimeoutExpired:
            processus.kill()
            processus.wait()


def _naissance(pid: int) -> str | None:
    """What tells a live process from another that got the same number later: when it was born."""
    try:
        etat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return _ps(pid, "lstart=") or None
    return None if etat[0] == "Z" else etat[19]


def _commande(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return _ps(pid, "command=")


def _ps(pid: int, colonne: str) -> str:
    ps = shutil.which("ps")
    if ps is None:
        return ""
    return subprocess.run([ps, "-p", str(pid), "-o", colonne], capture_output=True, text=True).stdout.strip()


def _ecrire(fichier: Path, texte: str, mode: int = 0o644) -> None:
    """Written aside, then renamed: a reader sees the old content or the new one."""
    fichier.parent.mkdir(parents=True, exist_ok=True)
    provisoire = fichier.with_name(fichier.name + ".partiel")
    descripteur = os.open(provisoire, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descripteur, "w") as ecrit:
        ecrit.write(texte)
    provisoire.rename(fichier)
