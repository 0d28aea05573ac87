"""Package the application: one zip, one Lambda function per module, one template that any endpoint can deploy.

``python -m infra.empaqueter`` writes under ``build/``:

- ``paquet.zip``: application, dependencies and bytecode, the same bytes for the same input;
- ``couches/<name>.zip``: the layers of ``infra/couches/<name>.txt``;
- ``sam.json``: the SAM template, ``chalice package``'s single function split by owner module;
- ``modele.json``: the same, expanded: plain CloudFormation, what ``infra/deployer.py`` sends;
- ``manifeste.json``: digests of the input and of the output.

The owner of a route is its view's module, and its rights are that module's ``FONCTION``: nothing is said twice.
"""

import copy
import fcntl
import hashlib
import importlib
import importlib.util
import io
import json
import marshal
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from infra import politiques
from infra.politiques import camel

RACINE = Path(__file__).parents[1]
BUILD = RACINE / "build"
SOURCE = BUILD / "source"
RESSOURCES_MAX = 400
# The runtime of the functions is that of the machine that packages: dependencies are chosen for it.
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
# Of the Lambda runtime: Amazon Linux 2 for Python 3.11, Amazon Linux 2023 after it. No wheel may ask for a newer one.
GLIBC = 26 if sys.version_info < (3, 12) else 34
# Taken when nothing else is: a wheel is tagged 2_27 when built against the C++ library of GCC 7 or 8. The former is
# Amazon Linux 2's: tests/infra/test_paquet.py reads what each library asks for, whatever its tag.
TOLERE = ["manylinux_2_27"] if GLIBC < 27 else []
FORME_DES_JETONS = r"^Bearer [A-Za-z0-9._~+/=-]{16,4096}$"
_DATE = (2020, 1, 1, 0, 0, 0)
_INUTILES = re.compile(r"(^|/)(tests?|__pycache__|RECORD|INSTALLER|REQUESTED|direct_url\.json)(/|$)|\.(pyi|c|h)$")

Modele = dict[str, Any]


class EmpaquetageImpossible(RuntimeError):
    """The sources cannot be packaged as they are; the message says what to write, and where."""


def main() -> None:
    """Package unless ``build/`` already holds the package of these very sources; one at a time."""
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "verrou").open("w") as verrou:
        fcntl.flock(verrou, fcntl.LOCK_EX)
        _empaqueter()


def _empaqueter() -> None:
    debut = time.monotonic()
    empreinte = empreinte_des_sources()
    if _manifeste().get("sources") == empreinte:
        print("paquet : sources inchangées, build/ est à jour", file=sys.stderr, flush=True)
        return
    # Imported from the copy that goes into the zip, never from elsewhere.
    _copier_sources()
    sys.path.insert(0, str(SOURCE))
    _annoncer("chalice package")
    _chalice_package()
    _annoncer("zip des fonctions")
    paquet = zip_du_paquet(BUILD / "chalice" / "deployment.zip", _dependances(RACINE / "requirements.txt"))
    (BUILD / "paquet.zip").write_bytes(paquet)
    couches = {nom: _construire_couche(nom) for nom in _couches()}
    _annoncer("une fonction par module")
    sam = decouper(json.loads((BUILD / "chalice" / "sam.json").read_text()), _cle_zip("code", paquet), couches)
    _ecrire_json(BUILD / "sam.json", sam)
    _annoncer("développement du gabarit")
    modele = developper(sam)
    _ecrire_json(BUILD / "modele.json", modele)
    manifeste = {
        "sources": empreinte,
        "code": _cle_zip("code", paquet),
        "couches": couches,
        "ressources": len(modele["Resources"]),
        "octets": len(paquet),
    }
    _ecrire_json(BUILD / "manifeste.json", manifeste)
    print(
        f"paquet : {len(paquet) / 1e6:.1f} Mo, {len(modele['Resources'])} ressources, {time.monotonic() - debut:.1f} s",
        flush=True,
    )


def empreinte_des_sources() -> str:
    """SHA-256 of all that decides the package: code, requirements, templates, this builder and the Python version."""
    somme = hashlib.sha256(f"{VERSION} {sys.platform}".encode())
    dossiers = [RACINE / "chalicelib", RACINE / "infra" / "couches", RACINE / ".chalice"]
    fichiers = [RACINE / "app.py", RACINE / "requirements.txt", *sorted((RACINE / "infra").glob("*.json"))]
    fichiers += [RACINE / "infra" / "empaqueter.py", RACINE / "infra" / "politiques.py"]
    for dossier in dossiers:
        fichiers += [f for f in sorted(dossier.rglob("*")) if f.is_file() and not _a_ignorer(f)]
    for fichier in fichiers:
        somme.update(str(fichier.relative_to(RACINE)).encode() + b"\0" + fichier.read_bytes() + b"\0")
    return somme.hexdigest()


def decouper(sam: Modele, cle_code: str, couches: dict[str, str]) -> Modele:
    """``chalice package``'s template with one function per module instead of ``APIHandler``.

    ``cle_code`` and ``couches`` are keys of the artefact bucket. Raises ``EmpaquetageImpossible`` when a module has no
    ``FONCTION``, or when something still points at what was removed.
    """
    application = importlib.import_module("app")
    modele = copy.deepcopy(sam)
    ressources: Modele = modele["Resources"]
    modules = {f"chalicelib.{groupe}": groupe for groupe in application.GROUPES}
    proprietaires = _proprietaires(application.app)
    gabarit = ressources.pop("APIHandler")["Properties"]
    for nom in ("ApiHandlerRole", "APIHandlerInvokePermission"):
        ressources.pop(nom)
    for nom in ("APIHandlerName", "APIHandlerArn", "RestAPIId", "EndpointURL"):
        modele["Outputs"].pop(nom)
    manuels = _fonctions(ressources)
    for nom in manuels:
        ressources.pop(nom)
        ressources.pop(f"{nom}Role")
        ressources.pop(f"{nom}InvokePermission", None)
    par_module = {r["Properties"]["Handler"].rpartition(".")[0]: r["Properties"] for r in manuels.values()}

    for module, groupe in modules.items():
        proprietes = par_module.get(module, gabarit)
        if module not in par_module and module not in proprietaires.values():
            raise EmpaquetageImpossible(f"{module} : ni route ni fonction ; retirez {groupe!r} de GROUPES (app.py)")
        fonction = getattr(importlib.import_module(module), "FONCTION", None)
        if fonction is None:
            raise EmpaquetageImpossible(f"{module} : il manque FONCTION = Fonction(...) (voir chalicelib/fonctions.py)")
        logique = camel(groupe)
        sources = [
            r
            for r in ressources.values()
            if r["Type"] == "AWS::Lambda::EventSourceMapping" and r["Properties"]["FunctionName"] == {"Ref": logique}
        ]
        try:
            enonces = politiques.politique(fonction, ressources)
            variables = politiques.environnement(fonction, modele["Parameters"], ressources)
        except politiques.RegleInconnue as faute:
            raise EmpaquetageImpossible(f"{module}, FONCTION : {faute}") from None
        for source in sources:
            enonces += [enonce for enonce in politiques.politique_source(source) if enonce not in enonces]
        ressources[f"{logique}Role"] = _role("lambda.amazonaws.com", [*enonces, _droit_de_journal()])
        ressources[logique] = _fonction(proprietes, groupe, logique, fonction, variables, cle_code)
        if inconnues := set(fonction.couches) - set(couches):
            raise EmpaquetageImpossible(f"{module} : couche inconnue {sorted(inconnues)} (infra/couches/<nom>.txt)")

    for nom, cle in couches.items():
        ressources[f"Couche{camel(nom)}"] = {
            "Type": "AWS::Lambda::LayerVersion",
            "Properties": {
                "LayerName": {"Fn::Sub": "${Prefixe}-" + nom},
                "CompatibleRuntimes": [f"python{VERSION}"],
                "Content": {"S3Bucket": {"Ref": "BucketArtefacts"}, "S3Key": cle},
            },
        }
    _rattacher_routes(ressources, proprietaires, modules)
    _machines(ressources)
    if orphelines := sorted(set(_references(modele)) - set(ressources) - set(modele["Parameters"])):
        raise EmpaquetageImpossible(f"le gabarit cite ce qui n'existe pas : {', '.join(orphelines)}")
    return modele


def developper(sam: Modele) -> Modele:
    """Plain CloudFormation from the SAM template, as the service's own translator does it."""
    from samtranslator.translator.transform import transform

    class SansPolitiqueGeree:
        def load(self) -> dict[str, str]:
            return {}

    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-3")
    modele: Modele = transform(copy.deepcopy(sam), {}, SansPolitiqueGeree())
    # A Ref stays a Ref: the translator resolves parameters that have a default.
    for nom, ressource in _fonctions(sam["Resources"]).items():
        modele["Resources"][nom]["Properties"]["Code"] = {
            "S3Bucket": ressource["Properties"]["CodeUri"]["Bucket"],
            "S3Key": ressource["Properties"]["CodeUri"]["Key"],
        }
    if len(modele["Resources"]) > RESSOURCES_MAX:
        raise EmpaquetageImpossible(f"{len(modele['Resources'])} ressources, {RESSOURCES_MAX} au plus")
    return modele


def zip_du_paquet(source: Path, dependances: dict[str, bytes]) -> bytes:
    """The deployed zip: the application as ``chalice package`` zipped it, and its dependencies."""
    with zipfile.ZipFile(source) as lu:
        application = {nom: lu.read(nom) for nom in lu.namelist() if not nom.endswith("/")}
    return _zip(_avec_bytecode(dependances | application))


def _avec_bytecode(fichiers: dict[str, bytes]) -> dict[str, bytes]:
    """The useful ``fichiers``, each module with its bytecode (missing, it doubles the time of an import).

    It is of the "unchecked hash" kind: it stays valid whatever dates the extraction gives.
    """
    utiles = {nom: contenu for nom, contenu in fichiers.items() if not _INUTILES.search(nom)}
    for nom, contenu in list(utiles.items()):
        if nom.endswith(".py"):
            chemin = PurePosixPath(nom)
            utiles[str(chemin.parent / "__pycache__" / f"{chemin.stem}.{sys.implementation.cache_tag}.pyc")] = (
                _bytecode(contenu, nom)
            )
    return utiles


def _zip(fichiers: dict[str, bytes]) -> bytes:
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as ecrit:
        for nom in sorted(fichiers):
            entree = zipfile.ZipInfo(nom, _DATE)
            entree.external_attr = 0o644 << 16
            entree.compress_type = zipfile.ZIP_DEFLATED
            ecrit.writestr(entree, fichiers[nom])
    return tampon.getvalue()


def _bytecode(source: bytes, nom: str) -> bytes:
    """Compiled once per content: dependencies do not change between two packagings."""
    rangee = BUILD / "bytecode" / f"{hashlib.sha256(nom.encode() + source).hexdigest()}-{sys.implementation.cache_tag}"
    if rangee.exists():
        return rangee.read_bytes()
    code = compile(source, f"/var/task/{nom}", "exec", dont_inherit=True, optimize=0)
    empreinte = importlib.util.source_hash(source)
    compile_ = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + empreinte + marshal.dumps(code)
    rangee.parent.mkdir(parents=True, exist_ok=True)
    rangee.write_bytes(compile_)
    return compile_


def _copier_sources() -> None:
    """``build/source``: what chalice is to see, without requirements: it would fetch them again at each change."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    SOURCE.mkdir(parents=True)
    shutil.copytree(RACINE / "chalicelib", SOURCE / "chalicelib", ignore=shutil.ignore_patterns("__pycache__"))
    (SOURCE / ".chalice").mkdir(exist_ok=True)
    for fichier in ("config.json", "vide.json"):
        shutil.copy(RACINE / ".chalice" / fichier, SOURCE / ".chalice" / fichier)
    shutil.copy(RACINE / "app.py", SOURCE / "app.py")


def _chalice_package() -> None:
    env = {**os.environ, "AWS_DEFAULT_REGION": os.environ.get("AWS_DEFAULT_REGION", "eu-west-3")}
    env.pop("ROUTE_GROUP", None)
    sortie = BUILD / "chalice"
    shutil.rmtree(sortie, ignore_errors=True)
    fini = subprocess.run(
        [sys.executable, "-c", "from chalice.cli import main; main()", "--project-dir", str(SOURCE), "package"]
        + ["--stage", "api", "--merge-template", str(RACINE / "infra" / "resources.json"), str(sortie)],
        env=env,
        capture_output=True,
        text=True,
        timeout=600,
    )
    if fini.returncode or not (sortie / "sam.json").exists():
        raise EmpaquetageImpossible(f"chalice package a échoué :\n{fini.stdout}{fini.stderr}")


def _couches() -> list[str]:
    return sorted(fichier.stem for fichier in (RACINE / "infra" / "couches").glob("*.txt"))


def _construire_couche(nom: str) -> str:
    """The layer of ``infra/couches/<nom>.txt``, under ``python/`` where Lambda looks for it; returns its key."""
    liste = RACINE / "infra" / "couches" / f"{nom}.txt"
    zip_ = _dossier_des_dependances(liste).with_suffix(".zip")
    if not zip_.exists():
        _annoncer(f"couche {nom}")
        fichiers = _avec_bytecode(_dependances(liste))
        zip_.with_suffix(".partiel").write_bytes(
            _zip({f"python/{chemin}": octets for chemin, octets in fichiers.items()})
        )
        zip_.with_suffix(".partiel").rename(zip_)
    (BUILD / "couches").mkdir(exist_ok=True)
    shutil.copyfile(zip_, BUILD / "couches" / f"{nom}.zip")
    return _cle_zip(f"couches/{nom}", zip_.read_bytes())


def _dossier_des_dependances(liste: Path) -> Path:
    empreinte = hashlib.sha256(f"{VERSION} ".encode() + liste.read_bytes()).hexdigest()[:16]
    return BUILD / "dependances" / f"{liste.stem}-{empreinte}"


def _dependances(liste: Path) -> dict[str, bytes]:
    """The files of the wheels that ``liste`` pins (all of them: pip adds none), for Lambda's Linux.

    Installed once per list, under its digest: the second packaging needs neither the network nor pip.
    """
    dossier = _dossier_des_dependances(liste)
    if not dossier.is_dir():
        _annoncer(f"dépendances de {liste.name}")
        provisoire = dossier.with_suffix(".partiel")
        shutil.rmtree(provisoire, ignore_errors=True)
        versions = [f"manylinux_2_{n}" for n in range(GLIBC, 4, -1)] + ["manylinux2014", "manylinux2010", *TOLERE]
        plateformes = [f"--platform={version}_x86_64" for version in versions]
        commande = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--only-binary=:all:",
            "--no-compile",
            "--no-deps",
        ]
        commande += [*plateformes, f"--python-version={VERSION}", "--implementation=cp", "--target", str(provisoire)]
        fini = subprocess.run([*commande, "-r", str(liste)], capture_output=True, text=True, timeout=600)
        if fini.returncode:
            raise EmpaquetageImpossible(f"dépendances de {liste.name} :\n{fini.stderr}")
        provisoire.rename(dossier)
    # No function serves the pages of a library (Powertools' Swagger is half a megabyte).
    chemins = [f for f in sorted(dossier.rglob("*")) if f.is_file() and f.suffix not in (".js", ".css")]
    return {str(f.relative_to(dossier)): f.read_bytes() for f in chemins}


def _cle_zip(genre: str, contenu: bytes) -> str:
    return f"{genre}/{hashlib.sha256(contenu).hexdigest()[:32]}.zip"


def _proprietaires(application: Any) -> dict[tuple[str, str], str]:
    """(path, method) -> the module of its view."""
    return {
        (chemin, methode): entree.view_function.__module__
        for chemin, methodes in application.routes.items()
        for methode, entree in methodes.items()
    }


def _fonctions(ressources: Modele) -> Modele:
    return {nom: r for nom, r in ressources.items() if r["Type"] == "AWS::Serverless::Function"}


def _fonction(proprietes: Modele, groupe: str, logique: str, fonction: Any, variables: Modele, cle_code: str) -> Modele:
    communes: Modele = {
        "ROUTE_GROUP": groupe,
        "POWERTOOLS_SERVICE_NAME": groupe,
        "POWERTOOLS_METRICS_NAMESPACE": "Permis",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "PERMIS_JOUR": {"Fn::If": ["JourChoisi", {"Ref": "PermisJour"}, "86400"]},
    }
    neuves: Modele = {
        **copy.deepcopy(proprietes),
        "FunctionName": {"Fn::Sub": "${Prefixe}-" + re.sub(r"[._]", "-", groupe)},
        "CodeUri": {"Bucket": {"Ref": "BucketArtefacts"}, "Key": cle_code},
        "MemorySize": fonction.memoire,
        "Timeout": fonction.delai,
        "Role": {"Fn::GetAtt": [f"{logique}Role", "Arn"]},
        "Environment": {"Variables": {**communes, **variables}},
        "LoggingConfig": {"LogGroup": {"Ref": "JournalTechnique"}, "LogFormat": "Text"},
    }
    if fonction.couches:
        neuves["Layers"] = [{"Ref": f"Couche{camel(nom)}"} for nom in fonction.couches]
    if fonction.simultanees is not None:
        neuves["ReservedConcurrentExecutions"] = fonction.simultanees
    return {"Type": "AWS::Serverless::Function", "Properties": neuves}


def _role(service: str, enonces: list[Modele]) -> Modele:
    confiance = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    proprietes: Modele = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [confiance]}}
    if enonces:
        document = {"Version": "2012-10-17", "Statement": enonces}
        proprietes["Policies"] = [{"PolicyName": "droits", "PolicyDocument": document}]
    return {"Type": "AWS::IAM::Role", "Properties": proprietes}


def _droit_de_journal() -> Modele:
    actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
    return {"Effect": "Allow", "Action": actions, "Resource": {"Fn::GetAtt": ["JournalTechnique", "Arn"]}}


def _rattacher_routes(ressources: Modele, proprietaires: dict[tuple[str, str], str], modules: dict[str, str]) -> None:
    """Point each operation at its owner's function, and let API Gateway call it for that operation only."""
    corps = ressources["RestAPI"]["Properties"]["DefinitionBody"]
    for chemin, operations in corps["paths"].items():
        for methode, operation in operations.items():
            integration = operation["x-amazon-apigateway-integration"]
            if integration["type"] != "aws_proxy":
                continue
            module = proprietaires[(chemin, methode.upper())]
            if module not in modules:
                raise EmpaquetageImpossible(f"{methode.upper()} {chemin} : {module} n'est pas dans GROUPES (app.py)")
            logique = camel(modules[module])
            integration["uri"] = _invocation(logique)
            motif = re.sub(r"\{[^}]+\}", "*", chemin)
            nom = f"{logique}Route{hashlib.sha256(f'{methode} {chemin}'.encode()).hexdigest()[:8]}"
            ressources[nom] = _permission(logique, "apigateway.amazonaws.com", f"/*/{methode.upper()}{motif}")
    for nom, schema in corps.get("securityDefinitions", {}).items():
        # The authorizer's scheme has the name of its function; its group is the module's.
        logique = camel("autorisation")
        autoriseur = schema["x-amazon-apigateway-authorizer"]
        autoriseur["authorizerUri"] = _invocation(logique)
        autoriseur["authorizerResultTtlInSeconds"] = {"Ref": "AutoriseurTtl"}
        # What cannot be a jeton is refused by the gateway itself, without a function.
        autoriseur["identityValidationExpression"] = FORME_DES_JETONS
        ressources[f"{logique}Droit{camel(nom)}"] = _permission(logique, "apigateway.amazonaws.com", "/authorizers/*")


def _invocation(logique: str) -> Modele:
    prefixe = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
    return {"Fn::Sub": f"{prefixe}${{{logique}.Arn}}/invocations"}


def _permission(logique: str, service: str, motif: str) -> Modele:
    return {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "FunctionName": {"Ref": logique},
            "Action": "lambda:InvokeFunction",
            "Principal": service,
            "SourceArn": {
                "Fn::Sub": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${RestAPI}" + motif
            },
        },
    }


def _machines(ressources: Modele) -> None:
    """Inline each state machine's file, give it its references and the role its Task states need."""
    for nom, ressource in list(ressources.items()):
        if ressource["Type"] != "AWS::StepFunctions::StateMachine":
            continue
        proprietes = ressource["Properties"]
        fichier = RACINE / "infra" / proprietes.pop("DefinitionS3Location")
        definition = json.dumps(json.loads(fichier.read_text()), ensure_ascii=False, separators=(",", ":"))
        try:
            proprietes["DefinitionSubstitutions"] = politiques.substitutions(definition, ressources)
            enonces = politiques.politique_machine(definition)
        except politiques.RegleInconnue as faute:
            raise EmpaquetageImpossible(f"infra/{fichier.name} : {faute}") from None
        proprietes["DefinitionString"] = definition
        ressources[f"{nom}Role"] = _role("states.amazonaws.com", enonces)


def _references(noeud: Any) -> Iterator[str]:
    """Every logical id that ``noeud`` cites through Ref, Fn::GetAtt or Fn::Sub."""
    if isinstance(noeud, dict):
        for cle, valeur in noeud.items():
            if cle == "Ref" and not valeur.startswith("AWS::"):
                yield valeur
            elif cle == "Fn::GetAtt":
                yield valeur[0]
            elif cle == "Fn::Sub":
                texte = valeur if isinstance(valeur, str) else valeur[0]
                propres = set() if isinstance(valeur, str) else set(valeur[1])
                for nom in re.findall(r"\$\{([A-Za-z0-9]+)(?:\.\w+)?\}", texte):
                    if nom not in propres:
                        yield nom
            yield from _references(valeur)
    elif isinstance(noeud, list):
        for element in noeud:
            yield from _references(element)


def _manifeste() -> dict[str, Any]:
    fichier = BUILD / "manifeste.json"
    return json.loads(fichier.read_text()) if fichier.exists() else {}


def _a_ignorer(fichier: Path) -> bool:
    ignores = {"__pycache__", "deployments", "deployed"}
    return bool(ignores & set(fichier.parts)) or fichier.suffix == ".pyc"


def _ecrire_json(fichier: Path, contenu: Any) -> None:
    fichier.write_text(json.dumps(contenu, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


def _annoncer(etape: str) -> None:
    print(f"paquet : {etape}…", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        main()
    except EmpaquetageImpossible as faute:
        sys.exit(f"Empaquetage impossible : {faute}")
