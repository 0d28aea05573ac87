"""The one deploy command: secrets made once, a second deployment that changes nothing, failures that say why."""

import json
import stat
import time
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters import clients
from infra import deployer
from infra.local.runtime import RACINE, client_aws
from tests.runtime import ServiceDEssai

CLES = {"CleJetons", "CleCodes", "CleAltcha", "ClePartenaire", "SecretRelais"}


def test_sur_aws_les_cles_sont_creees_une_fois_dans_secrets_manager(aws: None) -> None:
    premieres = deployer.cles("permis")
    assert set(premieres) == CLES
    assert len(set(premieres.values())) == 5
    assert all(len(cle) >= 48 for cle in premieres.values())
    assert deployer.cles("permis") == premieres
    assert deployer.cles("permis-recette") != premieres


def test_en_local_les_cles_ne_sont_lisibles_que_de_leur_proprietaire(tmp_path: Path) -> None:
    premieres = deployer.cles_locales(tmp_path / "etat")
    assert set(premieres) == CLES
    assert stat.S_IMODE((tmp_path / "etat" / "secrets.json").stat().st_mode) == 0o600
    assert deployer.cles_locales(tmp_path / "etat") == premieres


def test_un_secret_nouveau_s_ajoute_aux_anciens_qui_restent(aws: None, tmp_path: Path) -> None:
    anciens = {"CleJetons": "a", "CleCodes": "b", "CleAltcha": "c", "ClePartenaire": "d"}
    clients.client("secretsmanager").create_secret(Name="permis/cles", SecretString=json.dumps(anciens))
    (tmp_path / "secrets.json").write_text(json.dumps(anciens))
    for lire in (lambda: deployer.cles("permis"), lambda: deployer.cles_locales(tmp_path)):
        completes = lire()
        assert {nom: completes[nom] for nom in anciens} == anciens
        assert lire() == completes


def test_sur_aws_les_fichiers_passent_par_l_origine_du_site(
    aws: None, construit: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("URL_SITE", "https://permis.exemple.fr")
    reglages = deployer.reglages_de_l_environnement()
    assert (reglages["UrlDepot"], reglages["UrlLiens"]) == ("https://permis.exemple.fr/depot",) * 2
    monkeypatch.setenv("URL_LIENS", "https://liens.exemple.fr")
    assert deployer.reglages_de_l_environnement()["UrlLiens"] == "https://liens.exemple.fr"


def test_un_parametre_oublie_est_nomme_avec_sa_variable(aws: None, construit: None) -> None:
    with pytest.raises(deployer.DeploiementImpossible, match="Expediteur est nécessaire : donnez EXPEDITEUR"):
        deployer.deployer(deployer.cles("permis"), lambda _: None)


def test_deployer_deux_fois_ne_change_rien(runtime: ServiceDEssai) -> None:
    lambdas = runtime.client("lambda")
    avant = {f["FunctionName"]: f["RevisionId"] for f in lambdas.list_functions()["Functions"]}
    sorties = dict(runtime.sorties)
    runtime.deployer()
    assert runtime.sorties == sorties
    assert {f["FunctionName"]: f["RevisionId"] for f in lambdas.list_functions()["Functions"]} == avant


def test_les_secrets_ne_se_lisent_pas_dans_la_pile(runtime: ServiceDEssai) -> None:
    pile = client_aws(runtime.reglages, "cloudformation").describe_stacks(StackName="permis")["Stacks"][0]
    texte = json.dumps(pile, default=str)
    secrets = json.loads((runtime.reglages.etat / "secrets.json").read_text())
    assert secrets.keys() == CLES
    assert not [cle for cle, secret in secrets.items() if secret in texte]


def test_le_gabarit_deploye_est_celui_qui_irait_sur_aws(runtime: ServiceDEssai) -> None:
    pile = client_aws(runtime.reglages, "cloudformation").get_template(StackName="permis")["TemplateBody"]
    deploye = pile if isinstance(pile, dict) else json.loads(pile)
    assert deploye == json.loads((RACINE / "build" / "modele.json").read_text())


def test_un_premier_deploiement_rate_ne_laisse_rien_qui_gene_le_suivant(runtime: ServiceDEssai) -> None:
    """The template's tables, with a resource that cannot be made: all is rolled back; without it, all is made."""
    modele = json.loads((RACINE / "build" / "modele.json").read_text())
    tables = {nom: r for nom, r in modele["Resources"].items() if r["Type"] == "AWS::DynamoDB::Table"}
    impossible = {
        "Type": "AWS::Lambda::Url",
        "DependsOn": sorted(tables),
        "Properties": {"TargetFunctionArn": "absente", "AuthType": "AWS_IAM"},
    }
    cloudformation, dynamodb = runtime.client("cloudformation"), runtime.client("dynamodb")

    def creer(ressources: dict[str, Any]) -> str:
        parametres = {"Prefixe": modele["Parameters"]["Prefixe"]}
        cloudformation.create_stack(
            StackName="essai-rate",
            TemplateBody=json.dumps({"Parameters": parametres, "Resources": ressources}),
            Parameters=[{"ParameterKey": "Prefixe", "ParameterValue": "essai-rate"}],
        )
        fin = time.monotonic() + 60
        while (statut := etat()).endswith("IN_PROGRESS"):
            assert time.monotonic() < fin, statut
        return statut

    def effacer() -> None:
        cloudformation.delete_stack(StackName="essai-rate")
        attente = cloudformation.get_waiter("stack_delete_complete")
        attente.wait(StackName="essai-rate", WaiterConfig={"Delay": 1, "MaxAttempts": 60})

    def etat() -> str:
        return str(cloudformation.describe_stacks(StackName="essai-rate")["Stacks"][0]["StackStatus"])

    def faites() -> list[str]:
        return [nom for nom in dynamodb.list_tables()["TableNames"] if nom.startswith("essai-rate")]

    assert creer({**tables, "Impossible": impossible}) == "ROLLBACK_COMPLETE"
    assert faites() == []
    effacer()
    assert creer(tables) == "CREATE_COMPLETE"
    assert len(faites()) == len(tables)
    effacer()
    assert len(faites()) == len(tables), "a deleted stack leaves its tables"
    for nom in faites():
        dynamodb.delete_table(TableName=nom)
