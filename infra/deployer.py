"""Deploy what ``infra/empaqueter.py`` built: the same command for AWS, LocalStack and the local emulator.

Only the endpoint differs: ``AWS_ENDPOINT_URL``, or ``PERMIS_CLIENTS=localstack``. The stack's parameters come from
variables of the same name in capitals (``UrlSite`` -> ``URL_SITE``); what is not said keeps its value or its default.
Secrets are made once: in Secrets Manager on AWS, in ``.local/secrets.json`` with an endpoint of one's own.
On AWS, the sites follow: a stack of their own (``infra/hebergement/``), then their files. An endpoint of one's own has
its front door instead.

``python -m infra.deployer`` prints the stack's outputs as JSON on its standard output, its progress on the other one.
"""

import fcntl
import json
import os
import secrets
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from chalicelib.adapters.clients import client, session
from infra.hebergement import envoi, gabarit
from infra.politiques import camel

RACINE = Path(__file__).parents[1]
BUILD = RACINE / "build"
CLES = ("CLE_JETONS", "CLE_CODES", "CLE_ALTCHA", "CLE_PARTENAIRE", "SECRET_RELAIS")
ATTENTE_MAX_S = 1800
PAUSE_S = {"local": 0.1, "aws": 5.0}

Annonce = Callable[[str], None]


class DeploiementImpossible(RuntimeError):
    """The stack was not brought to its new state; the message says what AWS answered."""


def deployer(reglages: Mapping[str, str], annoncer: Annonce) -> dict[str, str]:
    """Bring the stack ``<Prefixe>`` to what ``build/`` holds and return its outputs.

    ``reglages`` maps parameters of the template to values. Doing it twice changes nothing the second time. Raises
    ``DeploiementImpossible`` after ``ATTENTE_MAX_S`` seconds, or as soon as the stack rolls back.
    """
    with (BUILD / "verrou").open("w") as verrou:
        # The build must not change while it is being sent.
        fcntl.flock(verrou, fcntl.LOCK_SH)
        return _deployer(reglages, annoncer)


def _deployer(reglages: Mapping[str, str], annoncer: Annonce) -> dict[str, str]:
    manifeste = json.loads((BUILD / "manifeste.json").read_text())
    prefixe = reglages.get("Prefixe", "permis")
    bucket = _bucket_des_artefacts(prefixe)
    connus = json.loads((BUILD / "modele.json").read_text())["Parameters"]
    parametres = _parametres(prefixe, connus, {**reglages, "BucketArtefacts": bucket})
    _envoyer(bucket, manifeste["code"], BUILD / "paquet.zip", annoncer)
    for nom, cle in manifeste["couches"].items():
        _envoyer(bucket, cle, BUILD / "couches" / f"{nom}.zip", annoncer)
    cle_modele = f"modeles/{manifeste['sources'][:32]}.json"
    _envoyer(bucket, cle_modele, BUILD / "modele.json", annoncer)
    url = client("s3").generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": cle_modele}).split("?")[0]
    annoncer(f"pile {prefixe} : mise à jour ({manifeste['ressources']} ressources)")
    _appliquer(prefixe, {"TemplateURL": url}, parametres)
    sorties = _attendre(prefixe, annoncer)
    annoncer(f"pile {prefixe} : à jour")
    return sorties


def deployer_site(
    reglages: Mapping[str, str], sorties: Mapping[str, str], annoncer: Annonce, site: Path = gabarit.SITE
) -> dict[str, str]:
    """Bring the stack ``<Prefixe>-site`` and its bucket to what ``site`` holds, in front of the API of ``sorties``.

    Its outputs. As ``deployer``: twice changes nothing, same errors.
    """
    with (BUILD / "pages.verrou").open("w") as verrou:
        fcntl.flock(verrou, fcntl.LOCK_SH)
        modele = gabarit.modele(site)
        pile = f"{reglages.get('Prefixe', 'permis')}-site"
        valeurs = {**sorties, **reglages}
        if "UrlSite" in reglages:
            valeurs["DomaineSite"] = urlsplit(reglages["UrlSite"]).hostname or ""

        def appliquer() -> dict[str, str]:
            annoncer(f"pile {pile} : mise à jour (une distribution prend quelques minutes)")
            _appliquer(pile, {"TemplateBody": json.dumps(modele)}, _parametres(pile, modele["Parameters"], valeurs))
            return _attendre(pile, annoncer)

        # The distribution knows the pages by name: it hears of the new ones once they are there.
        faites = _sorties(_pile(pile))
        if "BucketSite" not in faites:
            faites = appliquer()
        envoi.envoyer(faites["BucketSite"], site, annoncer, lambda: faites.update(appliquer()))
        return faites


def reglages_de_l_environnement() -> dict[str, str]:
    """The parameters of the templates that the environment gives, and the secrets."""
    parametres = json.loads((BUILD / "modele.json").read_text())["Parameters"] | gabarit.squelette()["Parameters"]
    noms = {variable: camel(variable) for variable in os.environ}
    choisis = {nom: os.environ[variable] for variable, nom in noms.items() if nom in parametres}
    if local():
        choisis.setdefault("ExigerTls", "non")
    elif "UrlSite" in choisis:
        # CloudFront has the buckets under the site's own origin, which is all that the content policy allows.
        for nom in ("UrlDepot", "UrlLiens"):
            choisis.setdefault(nom, f"{choisis['UrlSite'].rstrip('/')}/depot")
    return {**choisis, **cles(choisis.get("Prefixe", "permis"))}


def local() -> bool:
    """Whether the endpoint is one of our own (emulator, LocalStack) and not AWS."""
    return bool(os.environ.get("AWS_ENDPOINT_URL")) or os.environ.get("PERMIS_CLIENTS") == "localstack"


def cles(prefixe: str) -> dict[str, str]:
    """The HMAC keys, made at the first deployment and the same ever after."""
    if local():
        return cles_locales(Path(os.environ.get("PERMIS_ETAT", str(RACINE / ".local"))))
    gestionnaire, nom = client("secretsmanager"), f"{prefixe}/cles"
    try:
        connues: dict[str, str] = json.loads(gestionnaire.get_secret_value(SecretId=nom)["SecretString"])
    except gestionnaire.exceptions.ResourceNotFoundException:
        connues = {}
    completes = {**_nouvelles_cles(), **connues}
    if not connues:
        texte = json.dumps(completes)
        gestionnaire.create_secret(Name=nom, SecretString=texte, Description="Secrets du service permis")
    elif completes != connues:
        gestionnaire.put_secret_value(SecretId=nom, SecretString=json.dumps(completes))
    return completes


def cles_locales(etat: Path) -> dict[str, str]:
    """The same, in ``secrets.json`` of the local state, readable by its owner only."""
    fichier = etat / "secrets.json"
    connues: dict[str, str] = json.loads(fichier.read_text()) if fichier.exists() else {}
    completes = {**_nouvelles_cles(), **connues}
    if completes != connues:
        etat.mkdir(parents=True, exist_ok=True)
        provisoire = fichier.with_suffix(".partiel")
        descripteur = os.open(provisoire, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descripteur, "w") as ecrit:
            json.dump(completes, ecrit)
        provisoire.rename(fichier)
    return completes


def _nouvelles_cles() -> dict[str, str]:
    return {camel(nom): secrets.token_urlsafe(48) for nom in CLES}


def _bucket_des_artefacts(prefixe: str) -> str:
    compte = client("sts").get_caller_identity()["Account"]
    region = session().region_name or "us-east-1"
    nom = f"{prefixe}-artefacts-{compte}-{region}"
    s3 = client("s3")
    try:
        s3.head_bucket(Bucket=nom)
    except ClientError:
        lieu = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=nom, **lieu)
        ferme = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
        s3.put_public_access_block(Bucket=nom, PublicAccessBlockConfiguration=dict.fromkeys(ferme, True))
    return nom


def _envoyer(bucket: str, cle: str, fichier: Path, annoncer: Annonce) -> None:
    """Keys carry the digest of their content: what is there already is not sent again (the template apart)."""
    s3 = client("s3")
    try:
        s3.head_object(Bucket=bucket, Key=cle)
    except ClientError:
        annoncer(f"envoi de {fichier.name} ({fichier.stat().st_size / 1e6:.1f} Mo)")
        s3.upload_file(str(fichier), bucket, cle)


def _parametres(pile: str, connus: Mapping[str, Any], valeurs: Mapping[str, str]) -> list[dict[str, Any]]:
    anciens = {p["ParameterKey"] for p in (_pile(pile) or {}).get("Parameters", [])}
    parametres: list[dict[str, Any]] = []
    for nom, description in connus.items():
        if nom in valeurs:
            parametres.append({"ParameterKey": nom, "ParameterValue": valeurs[nom]})
        elif nom in anciens:
            parametres.append({"ParameterKey": nom, "UsePreviousValue": True})
        elif "Default" not in description:
            variable = "".join(f"_{lettre}" if lettre.isupper() else lettre for lettre in nom).lstrip("_").upper()
            raise DeploiementImpossible(
                f"le paramètre {nom} est nécessaire : donnez {variable}. {description['Description']}"
            )
    return parametres


def _pile(nom: str) -> dict[str, Any] | None:
    try:
        pile: dict[str, Any] = client("cloudformation").describe_stacks(StackName=nom)["Stacks"][0]
    except ClientError:
        return None
    return None if pile["StackStatus"] == "DELETE_COMPLETE" else pile


def _appliquer(pile: str, modele: Mapping[str, str], parametres: list[dict[str, Any]]) -> None:
    cloudformation = client("cloudformation")
    demande = {"StackName": pile, **modele, "Parameters": parametres, "Capabilities": ["CAPABILITY_IAM"]}
    existante = _pile(pile)
    if existante and existante["StackStatus"] == "ROLLBACK_COMPLETE":
        # A first creation that failed leaves a stack that can only be deleted.
        cloudformation.delete_stack(StackName=pile)
        cloudformation.get_waiter("stack_delete_complete").wait(StackName=pile)
        existante = None
    try:
        (cloudformation.update_stack if existante else cloudformation.create_stack)(**demande)
    except ClientError as erreur:
        if "No updates are to be performed" not in str(erreur):
            raise DeploiementImpossible(str(erreur)) from None


def _attendre(nom: str, annoncer: Annonce) -> dict[str, str]:
    fin, pause, vu = time.monotonic() + ATTENTE_MAX_S, PAUSE_S["local" if local() else "aws"], 0.0
    while time.monotonic() < fin:
        pile = _pile(nom)
        if pile is None:
            raise DeploiementImpossible(f"la pile {nom} a disparu")
        statut = pile["StackStatus"]
        if statut.endswith("_COMPLETE") and "ROLLBACK" not in statut:
            return _sorties(pile)
        if statut.endswith(("_FAILED", "ROLLBACK_COMPLETE")):
            raise DeploiementImpossible(f"pile {nom} : {statut}. {_causes(nom)}")
        if time.monotonic() - vu > 10:
            annoncer(f"pile {nom} : {statut}")
            vu = time.monotonic()
        time.sleep(pause)
    raise DeploiementImpossible(f"pile {nom} : pas terminée après {ATTENTE_MAX_S} s")


def _sorties(pile: Mapping[str, Any] | None) -> dict[str, str]:
    return {sortie["OutputKey"]: sortie["OutputValue"] for sortie in (pile or {}).get("Outputs", [])}


def _causes(pile: str) -> str:
    evenements = client("cloudformation").describe_stack_events(StackName=pile)["StackEvents"]
    echecs = [e for e in evenements if e["ResourceStatus"].endswith("FAILED")]
    return " ; ".join(f"{e['LogicalResourceId']} : {e.get('ResourceStatusReason', '?')}" for e in echecs[:5])


if __name__ == "__main__":

    def _dire(ligne: str) -> None:
        print(ligne, file=sys.stderr, flush=True)

    try:
        reglages = reglages_de_l_environnement()
        sorties = deployer(reglages, _dire)
        if not local():
            sorties |= deployer_site(reglages, sorties, _dire)
        print(json.dumps(sorties, indent=1))
    except DeploiementImpossible as echec:
        sys.exit(f"Déploiement impossible : {echec}")
