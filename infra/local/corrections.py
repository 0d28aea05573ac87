"""What the emulator (ministack 1.5.33) does otherwise than AWS, and that we rely on: one small function per fact.

Each replaces a function of the emulator in its own process, refuses to apply when that function is not there any more,
and has its contract test in ``tests/infra/test_corrections_emulateur.py``: a new version that fixes or moves one of
them fails there. ``appliquer`` runs before the server starts.
"""

import copy
import hashlib
import inspect
import json
import logging
import os
import platform
import queue
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from ministack.core import iam_actions, lambda_runtime, persistence
from ministack.services import apigateway_v1, dynamodb, lambda_svc, s3, ses, sns, stepfunctions
from ministack.services.cloudformation import provisioners

VERSION_CONNUE = "1.5.33"
OUVRIER = Path(__file__).with_name("ouvrier.py")
FIN = "\x1e"  # as in ouvrier.py, which imports nothing of ours
PAQUETS_DU_RUNTIME = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six.py")

journal = logging.getLogger("permis.corrections")
_dernier_type = threading.local()
_extraction = threading.Lock()
_demarrages = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))
"""As many functions start at once as there are processors: a crowd of them starves those that already answer, whose
time counts, where the time of a start does not."""


class CorrectionInapplicable(RuntimeError):
    """The emulator is not the one that the corrections were written for."""


def appliquer(etat: Path) -> None:
    """Apply every correction; ``etat`` is the emulator's folder for extracted code and logs."""
    ouvriers_isoles(etat)
    for correction in (
        fin_des_journaux,
        nom_des_erreurs,
        code_partage,
        couches_hors_etat,
        reponses_de_passerelle,
        delai_des_attentes,
        heure_des_sms,
        courriels_gardes,
        identite_des_mails,
        machine_des_jetons,
        flux_durables,
        verrou_des_objets,
        droits_des_lots,
    ):
        correction()


def _remplacer(module: Any, nom: str, parametres: tuple[str, ...], fabrique: Callable[[Any], Any]) -> None:
    """Put ``fabrique(original)`` in place of ``module.nom``, whose first parameters must be ``parametres``."""
    original = getattr(module, nom, None)
    if original is None or tuple(inspect.signature(original).parameters)[: len(parametres)] != parametres:
        raise CorrectionInapplicable(f"{nom} a changé dans l'émulateur : revoir infra/local/corrections.py")
    setattr(module, nom, fabrique(original))


def ouvriers_isoles(etat: Path) -> None:
    """Functions run in the developer's interpreter and environment: a dependency missing from the zip goes unseen.

    They also extract the zip once per process, and import botocore for a recursion counter of no use here. Ours run
    ``ouvrier.py`` with ``-I -S``, a chosen environment, and one extraction per content.
    """
    runtime = _runtime_boto3(etat / "runtime")

    def fabrique(original: Callable[..., None]) -> Callable[..., None]:
        def demarrer(self: Any) -> None:
            config = self.config
            if not str(config.get("Runtime", "")).startswith("python"):
                return original(self)
            code = _extraire(self.code_zip, etat / "code")
            couches = [_extraire(octets, etat / "code") for octets in _couches(config)]
            with _demarrages:
                _lancer(self, code, couches, runtime)
            self._start_time = time.time()

        return demarrer

    _remplacer(lambda_runtime.Worker, "_spawn", ("self",), fabrique)


def _lancer(ouvrier: Any, code: Path, couches: list[Path], runtime: list[str]) -> None:
    """Start the process of ``ouvrier`` (the emulator's own Worker) and wait until it is ready."""
    config = ouvrier.config
    ouvrier._proc = subprocess.Popen(
        [sys.executable, "-I", "-S", str(OUVRIER)],
        cwd=code,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
        env=_environnement(config),
    )
    ouvrier._stderr_queue = queue.Queue()
    ouvrier._stderr_thread = threading.Thread(target=ouvrier._read_stderr, daemon=True)
    ouvrier._stderr_thread.start()
    module, _, fonction = config["Handler"].rpartition(".")
    ouverture = {
        "chemins": [str(code), *(f"{couche}/python" for couche in couches), *runtime],
        "module": module.replace("/", "."),
        "handler": fonction,
        "function_name": config["FunctionName"],
        "memory": config.get("MemorySize", 128),
        "arn": config.get("FunctionArn", ""),
    }
    ouvrier._proc.stdin.write(json.dumps(ouverture) + "\n")
    ouvrier._proc.stdin.flush()
    ligne = ouvrier._proc.stdout.readline()
    reponse = json.loads(ligne) if ligne else {"error": "le processus s'est arrêté"}
    if reponse.get("status") != "ready":
        ouvrier._stderr_thread.join(timeout=2)
        journal.error("%s ne démarre pas : %s\n%s", config["FunctionName"], reponse["error"], ouvrier._drain_stderr())
        raise RuntimeError(f"Runtime.ImportModuleError: {reponse['error']}")


def _couches(config: dict[str, Any]) -> list[bytes]:
    octets = [lambda_svc._resolve_layer_zip(couche) for couche in config.get("Layers", [])]
    return [o for o in octets if o]


def _environnement(config: dict[str, Any]) -> dict[str, str]:
    """What AWS gives a function: its own variables, its role's credentials, its identity. Nothing of the host's."""
    choisies = config.get("Environment", {}).get("Variables", {})
    _, region = lambda_runtime._account_region_from_function_config(config)
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}",
        **{nom: valeur for nom, valeur in choisies.items() if nom not in lambda_runtime._RESERVED_RUNTIME_ENV_VARS},
        **lambda_runtime.execution_credentials(config),
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{config['Runtime']}",
        "AWS_LAMBDA_FUNCTION_NAME": config["FunctionName"],
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.get("MemorySize", 128)),
        "AWS_LAMBDA_FUNCTION_VERSION": config.get("Version", "$LATEST"),
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
    }


def _extraire(octets: bytes, dossier: Path) -> Path:
    """The folder of the zip ``octets``, extracted once per content."""
    cible = dossier / hashlib.sha256(octets).hexdigest()[:24]
    with _extraction:
        if not cible.is_dir():
            provisoire = cible.with_suffix(".partiel")
            shutil.rmtree(provisoire, ignore_errors=True)
            provisoire.mkdir(parents=True)
            zip_ = provisoire / "code.zip"
            zip_.write_bytes(octets)
            with zipfile.ZipFile(zip_) as lu:
                lu.extractall(provisoire)
            zip_.unlink()
            provisoire.rename(cible)
    return cible


def _runtime_boto3(dossier: Path) -> list[str]:
    """Folders of what the Lambda runtime has of its own: boto3 and its dependencies, and nothing else."""
    paquets = Path(lambda_runtime.__file__).parents[2]
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        # The zip holds Linux x86_64 wheels: elsewhere, the developer's own take their place.
        return [str(paquets)]
    shutil.rmtree(dossier, ignore_errors=True)
    dossier.mkdir(parents=True)
    for nom in PAQUETS_DU_RUNTIME:
        (dossier / nom).symlink_to(paquets / nom)
    return [str(dossier)]


def fin_des_journaux() -> None:
    """A warm call waits up to 50 ms for log lines that may not come; our worker says which line is the last."""

    def fabrique(original: Callable[..., str]) -> Callable[..., str]:
        def lire(self: Any, *_: Any, **__: Any) -> str:
            lignes: list[str] = []
            fin = time.monotonic() + 0.25
            while (reste := fin - time.monotonic()) > 0:
                try:
                    ligne = self._stderr_queue.get(timeout=reste)
                except queue.Empty:
                    break
                if ligne == FIN:
                    break
                lignes.append(ligne)
            return "\n".join(lignes).strip("\n")

        return lire

    _remplacer(lambda_runtime.Worker, "_drain_stderr_bounded", ("self", "first_line_wait"), fabrique)


def nom_des_erreurs() -> None:
    """An exception always comes out as ``Runtime.HandlerError``: no Retry or Catch by name ever matches."""

    def invoquer(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
        def invoke(self: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
            reponse = original(self, *args, **kwargs)
            _dernier_type.nom = reponse.get("error_type")
            return reponse

        return invoke

    def executer(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
        def executer_fonction(func: Any, event: Any, request_id: str) -> dict[str, Any]:
            _dernier_type.nom = None
            resultat = original(func, event, request_id)
            if resultat.get("error") and _dernier_type.nom:
                resultat["body"]["errorType"] = _dernier_type.nom
            return resultat

        return executer_fonction

    _remplacer(lambda_runtime.Worker, "invoke", ("self", "event", "request_id"), invoquer)
    _remplacer(lambda_svc, "_execute_function_warm", ("func", "event", "request_id"), executer)


def code_partage() -> None:
    """Forty functions of one zip hold forty copies of it, and each save hashes them all again."""
    copies: dict[bytes, bytes] = {}
    empreintes: dict[int, tuple[bytes, str]] = {}

    def lire(original: Callable[..., bytes | None]) -> Callable[..., bytes | None]:
        def chercher(bucket: str, key: str, version_id: str | None = None) -> bytes | None:
            octets = original(bucket, key, version_id)
            return octets and copies.setdefault(hashlib.sha256(octets).digest(), octets)

        return chercher

    def ecrire(original: Callable[[bytes], str]) -> Callable[[bytes], str]:
        def ranger(code_zip: bytes) -> str:
            connu = empreintes.get(id(code_zip))
            if connu and connu[0] is code_zip:
                return connu[1]
            empreintes[id(code_zip)] = (code_zip, original(code_zip))
            return empreintes[id(code_zip)][1]

        return ranger

    _remplacer(lambda_svc, "_fetch_code_from_s3", ("bucket", "key"), lire)
    _remplacer(lambda_svc, "_write_code_blob", ("code_zip",), ecrire)


def couches_hors_etat() -> None:
    """A layer's zip is saved inside ``lambda.json``, 60 MB each second; functions' code is not: layers join it."""
    blobs: set[str] = set()
    cle = lambda_svc._BLOB_REF_KEY

    def versions(etat: dict[str, Any]) -> list[dict[str, Any]]:
        return [v for couche in etat["layers"]._data.values() for v in couche["versions"]]

    def lire(original: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
        def get_state() -> dict[str, Any]:
            etat = original()
            for version in versions(etat):
                if isinstance(version.get("_zip_data"), bytes):
                    empreinte = lambda_svc._write_code_blob(version["_zip_data"])
                    blobs.add(empreinte)
                    version["_zip_data"] = {cle: empreinte}
            return etat

        return get_state

    def restaurer(original: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
        def load_persisted_state(data: dict[str, Any]) -> None:
            for version in versions(data):
                if isinstance(version.get("_zip_data"), dict):
                    empreinte = version["_zip_data"][cle]
                    blobs.add(empreinte)
                    version["_zip_data"] = lambda_svc._read_code_blob(empreinte)
            original(data)

        return load_persisted_state

    def elaguer(original: Callable[[set[str]], None]) -> Callable[[set[str]], None]:
        return lambda referenced: original(referenced | blobs)

    _remplacer(lambda_svc, "get_state", (), lire)
    _remplacer(lambda_svc, "load_persisted_state", ("data",), restaurer)
    _remplacer(lambda_svc, "_prune_orphan_code_blobs", ("referenced",), elaguer)


def reponses_de_passerelle() -> None:
    """``x-amazon-apigateway-gateway-responses`` of an imported body is ignored: errors of the gateway are not ours."""

    def fabrique(original: Callable[..., str]) -> Callable[..., str]:
        def importer(spec: dict[str, Any], base_data: dict[str, Any] | None = None) -> str:
            api = original(spec, base_data)
            for genre, reponse in (spec.get("x-amazon-apigateway-gateway-responses") or {}).items():
                apigateway_v1._put_gateway_response(api, genre, reponse)
            return api

        return importer

    _remplacer(apigateway_v1, "_import_rest_api", ("spec", "base_data"), fabrique)


def delai_des_attentes() -> None:
    """``TimeoutSecondsPath`` is ignored (99999 s) and a JSONata ``TimeoutSeconds`` crashes the execution."""

    def fabrique(original: Callable[..., Any]) -> Callable[..., Any]:
        def executer(state_def: dict[str, Any], raw_input: Any, execution: Any, ctx: Any) -> Any:
            chemin, delai = state_def.get("TimeoutSecondsPath"), state_def.get("TimeoutSeconds")
            if chemin:
                entree = stepfunctions._apply_input_path(state_def, raw_input, ctx)
                delai = stepfunctions._resolve_path_or_ctx(chemin, entree, ctx)
            elif isinstance(delai, str):
                delai = stepfunctions._apply_jsonata_template(delai, raw_input, ctx)
            if delai != state_def.get("TimeoutSeconds"):
                state_def = {**copy.copy(state_def), "TimeoutSeconds": int(str(delai))}
            return original(state_def, raw_input, execution, ctx)

        return executer

    _remplacer(stepfunctions, "_execute_task", ("state_def", "raw_input", "execution", "ctx"), fabrique)


def identite_des_mails() -> None:
    """The right to send a mail is judged on no identity (``*``): a policy on one identity, as on AWS, denies all."""

    def fabrique(original: Callable[..., str]) -> Callable[..., str]:
        def ressource(
            service: str, method: str, path: str, headers: Any, body: Any, query_params: Any, region: str, compte: str
        ) -> str:
            expediteur = iam_actions._query_param(query_params, "Source") if service == "ses" else ""
            if expediteur:
                return f"arn:aws:ses:{region}:{compte}:identity/{expediteur}"
            return original(service, method, path, headers, body, query_params, region, compte)

        return ressource

    _remplacer(iam_actions, "extract_resource_arn", ("service", "method", "path"), fabrique)


def machine_des_jetons() -> None:
    """The right to answer a task token is judged on ``*``; on AWS it is on the state machine that waits.

    A token that nobody waits on any more is judged on the account's only machine: its answer is an error anyhow.
    """
    machines: dict[str, str] = {}
    en_cours = threading.local()

    def avec_machine(original: Callable[..., Any]) -> Callable[..., Any]:
        def executer(state_def: dict[str, Any], raw_input: Any, execution: Any, ctx: Any) -> Any:
            en_cours.machine = (execution or {}).get("stateMachineArn", "")
            return original(state_def, raw_input, execution, ctx)

        return executer

    def avec_jeton(original: Callable[..., Any]) -> Callable[..., Any]:
        def attendre(resource: str, input_data: Any, token: str, state_def: dict[str, Any]) -> Any:
            machines[token] = getattr(en_cours, "machine", "")
            try:
                return original(resource, input_data, token, state_def)
            finally:
                machines.pop(token, None)

        return attendre

    def fabrique(original: Callable[..., str]) -> Callable[..., str]:
        def ressource(
            service: str, method: str, path: str, headers: Any, body: Any, query_params: Any, region: str, compte: str
        ) -> str:
            jeton = iam_actions._safe_json_field(body, "taskToken") if service == "states" else ""
            if jeton:
                return machines.get(jeton) or next(iter(stepfunctions._state_machines), "*")
            return original(service, method, path, headers, body, query_params, region, compte)

        return ressource

    _remplacer(stepfunctions, "_execute_task", ("state_def", "raw_input", "execution", "ctx"), avec_machine)
    _remplacer(stepfunctions, "_invoke_with_callback", ("resource", "input_data", "token"), avec_jeton)
    _remplacer(iam_actions, "extract_resource_arn", ("service", "method", "path"), fabrique)


def flux_durables() -> None:
    """A restart empties the streams but keeps the consumers' positions: what was unread, and what comes next, is lost.

    Unread records are saved with the tables. Tables and positions are two files: a position saved after its table is
    brought back to the end of the stream, so that at worst a record is delivered twice.
    """

    def lecteurs() -> list[tuple[str, str, str, str]]:
        trouves = []
        for compte, region, source in lambda_svc._iter_all_esms():
            arn = str(source.get("EventSourceArn", ""))
            if ":dynamodb:" in arn:
                trouves.append((compte, region, arn.split("/")[1], str(source["UUID"])))
        return trouves

    def avec_flux(original: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
        def get_state() -> dict[str, Any]:
            flux, coupes = copy.deepcopy(dynamodb._stream_records), copy.deepcopy(dynamodb._stream_trimmed)
            for compte, region, table, lecteur in lecteurs():
                records = flux.get_scoped(compte, region, table, None)
                position = lambda_svc._dynamodb_stream_positions.get_scoped(compte, region, lecteur, 0)
                debut = coupes.get_scoped(compte, region, table, 0)
                lus = min(max(0, position - debut), len(records or []))
                if lus:
                    del records[:lus]
                    coupes.set_scoped(compte, region, table, debut + lus)
            return {**original(), "flux": flux, "flux_coupes": coupes}

        return get_state

    def reprise(original: Callable[[Any], None]) -> Callable[[Any], None]:
        def load_persisted_state(data: Any) -> None:
            original(data)
            if data:
                dynamodb._stream_records.update(data.get("flux", {}))
                dynamodb._stream_trimmed.update(data.get("flux_coupes", {}))

        return load_persisted_state

    def releve(original: Callable[[], bool]) -> Callable[[], bool]:
        recale = threading.Event()

        def poll() -> bool:
            if not recale.is_set():
                recale.set()
                for compte, region, table, lecteur in lecteurs():
                    fin = dynamodb.stream_end_position(table, account_id=compte, region=region)
                    position = lambda_svc._dynamodb_stream_positions.get_scoped(compte, region, lecteur, None)
                    if position is not None and position > fin:
                        lambda_svc._dynamodb_stream_positions.set_scoped(compte, region, lecteur, fin)
            return original()

        return poll

    _remplacer(dynamodb, "get_state", (), avec_flux)
    _remplacer(dynamodb, "load_persisted_state", ("data",), reprise)
    _remplacer(lambda_svc, "_poll_dynamodb_streams", (), releve)


def droits_des_lots() -> None:
    """The right to send or delete a batch of messages is judged under a name of its own; on AWS, as a single one."""

    def fabrique(original: Callable[..., str | None]) -> Callable[..., str | None]:
        def action(*arguments: Any, **nommes: Any) -> str | None:
            trouvee = original(*arguments, **nommes)
            return trouvee.removesuffix("Batch") if trouvee and trouvee.startswith("sqs:") else trouvee

        return action

    _remplacer(iam_actions, "extract_iam_action", ("service", "method", "path"), fabrique)


def verrou_des_objets() -> None:
    """A bucket that the template locks (Object Lock) is made without its lock."""

    def fabrique(original: Callable[..., None]) -> Callable[..., None]:
        def appliquer_au_bucket(name: str, props: dict[str, Any], old_props: dict[str, Any] | None = None) -> None:
            original(name, props, old_props)
            if props.get("ObjectLockEnabled"):
                retention = props.get("ObjectLockConfiguration", {}).get("Rule", {}).get("DefaultRetention")
                if retention and "Days" in retention:
                    retention = {**retention, "Days": int(retention["Days"])}
                s3._bucket_object_lock[name] = {"enabled": True, "default_retention": retention}

        return appliquer_au_bucket

    _remplacer(provisioners, "_s3_apply_configurations", ("name", "props", "old_props"), fabrique)


def heure_des_sms() -> None:
    """The outbox of SMS does not say when each was sent (that of mails does): ``Timestamp``, epoch seconds."""

    class Envois(list[Any]):
        def append(self, envoi: dict[str, Any]) -> None:
            # A copy of the list, as each save makes one, appends them again: the hour is that of the sending.
            super().append({"Timestamp": time.time(), **envoi})

    def fabrique(original: Callable[[str], list[Any]]) -> Callable[[str], list[Any]]:
        def envois_vers(phone_number: str) -> list[Any]:
            envois = original(phone_number)
            if not isinstance(envois, Envois):
                envois = sns._sms_messages[phone_number] = Envois(envois)
            return envois

        return envois_vers

    _remplacer(sns, "_sms_log_for", ("phone_number",), fabrique)


def courriels_gardes() -> None:
    """The outbox of mails does not outlive the emulator (that of SMS does): it is saved with the rest of its state."""

    def lire(original: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
        return lambda: {**original(), "_sent_emails": copy.deepcopy(ses._sent_emails)}

    def rendre(original: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
        def rendre_tout(data: dict[str, Any]) -> None:
            original(data)
            ses._restore_regional_store(ses._sent_emails, data.get("_sent_emails", {}))

        return rendre_tout

    _remplacer(ses, "get_state", (), lire)
    _remplacer(ses, "load_persisted_state", ("data",), rendre)


class Sauvegarde(threading.Thread):
    """kill -9 loses all since the last clean stop: save the emulator's state after each second with activity.

    What is read and written is the emulator's own (``get_state``, its file format), but only what changed is written,
    aside then renamed. A save takes at most a tenth of the time: with a large state the interval grows. Logs and
    metrics are not kept.
    """

    SANS_MEMOIRE = frozenset({"cloudwatch_logs", "cloudwatch"})

    def __init__(self, emulateur: ModuleType) -> None:
        super().__init__(daemon=True, name="sauvegarde")
        self._emulateur = emulateur
        self._activite = threading.Event()
        self._verrou = threading.Lock()
        self._ecrits: dict[str, int] = {}

    def marquer(self) -> None:
        """Something was asked of the emulator."""
        self._activite.set()

    def sauver(self) -> float:
        """Save now; returns the seconds it took."""
        with self._verrou:
            debut = time.monotonic()
            for service, lire in self._emulateur._build_persistence_save_dict().items():
                if service not in self.SANS_MEMOIRE:
                    self._sauver_service(service, lire)
            return time.monotonic() - debut

    def _sauver_service(self, service: str, lire: Callable[[], Any]) -> None:
        try:
            etat = lire()
            if etat is None:
                return
            contenu = {"__ministack_format__": persistence._state_format_version(service), "payload": etat}
            texte = json.dumps(contenu, default=persistence._json_default)
        except RuntimeError:
            # A table changed while it was being read: the next second will do.
            self.marquer()
            return
        if self._ecrits.get(service) != hash(texte):
            fichier = Path(persistence.STATE_DIR) / f"{service}.json"
            fichier.parent.mkdir(parents=True, exist_ok=True)
            provisoire = fichier.with_suffix(".partiel")
            provisoire.write_text(texte)
            provisoire.rename(fichier)
            self._ecrits[service] = hash(texte)

    def arreter(self) -> None:
        """Save no more: the emulator is about to write its last save."""
        self._verrou.acquire()

    def run(self) -> None:
        """Until the process ends."""
        while True:
            self._activite.wait()
            self._activite.clear()
            time.sleep(1)
            time.sleep(max(0.0, 10 * self.sauver() - 1))
