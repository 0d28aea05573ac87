"""What is deployed: small, complete, the same for the same sources; and a clear refusal of what cannot be."""

import importlib.util
import io
import json
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from chalicelib.fonctions import Fonction
from infra import empaqueter, politiques
from infra.local.runtime import RACINE

BUILD = RACINE / "build"


@pytest.fixture(scope="module")
def paquet(construit: None) -> zipfile.ZipFile:
    return zipfile.ZipFile(BUILD / "paquet.zip")


def test_le_zip_reste_leger(paquet: zipfile.ZipFile) -> None:
    assert (BUILD / "paquet.zip").stat().st_size < 10_000_000
    assert sum(entree.file_size for entree in paquet.infolist()) < 45_000_000


def test_une_fonction_et_ses_couches_tiennent_dans_lambda(construit: None, paquet: zipfile.ZipFile) -> None:
    code = sum(entree.file_size for entree in paquet.infolist())
    for couche in (BUILD / "couches").glob("*.zip"):
        assert couche.stat().st_size < 70_000_000
        with zipfile.ZipFile(couche) as lue:
            assert code + sum(entree.file_size for entree in lue.infolist()) < 262_144_000


def test_aucune_bibliotheque_n_en_demande_une_que_lambda_n_a_pas(construit: None, paquet: zipfile.ZipFile) -> None:
    """Amazon Linux 2: glibc 2.26, GCC 7's C++ library; Amazon Linux 2023: glibc 2.34, GCC 11's."""
    ancien = sys.version_info < (3, 12)
    maxima = {
        rb"GLIBC_2\.(\d+)": 26 if ancien else 34,
        rb"GLIBCXX_3\.4\.(\d+)": 24 if ancien else 29,
        rb"CXXABI_1\.3\.(\d+)": 11 if ancien else 13,
    }
    zips = [paquet, *(zipfile.ZipFile(couche) for couche in (BUILD / "couches").glob("*.zip"))]
    lues = [(nom, lue.read(nom)) for lue in zips for nom in lue.namelist() if ".so" in Path(nom).suffixes]
    assert len(lues) > 10
    for nom, octets in lues:
        for forme, maximum in maxima.items():
            demandees = [int(version) for version in re.findall(rb"\0" + forme + rb"(?=\0)", octets)]
            assert max(demandees, default=0) <= maximum, nom


def test_le_zip_n_emporte_ni_boto3_ni_traceur_ni_outil(paquet: zipfile.ZipFile) -> None:
    racines = {nom.split("/")[0] for nom in paquet.namelist()}
    assert not racines & {"boto3", "botocore", "aws_xray_sdk", "pytest", "ministack", "moto", "infra", "tests", "site"}
    assert {"app.py", "chalicelib", "chalice", "pydantic", "aws_lambda_powertools"} <= racines


def test_chaque_module_a_son_bytecode_valable_a_toute_date(paquet: zipfile.ZipFile) -> None:
    noms = set(paquet.namelist())
    modules = [nom for nom in noms if nom.endswith(".py")]
    assert len(modules) > 500
    for nom in modules:
        chemin = Path(nom)
        assert str(chemin.parent / "__pycache__" / f"{chemin.stem}.{sys.implementation.cache_tag}.pyc") in noms
    octets = paquet.read(f"__pycache__/app.{sys.implementation.cache_tag}.pyc")
    assert octets[:4] == importlib.util.MAGIC_NUMBER
    assert int.from_bytes(octets[4:8], "little") == 0b01  # hash-based, unchecked


def test_les_memes_sources_donnent_les_memes_octets(construit: None) -> None:
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w") as ecrit:
        ecrit.writestr(zipfile.ZipInfo("b.py", (2024, 1, 1, 0, 0, 0)), "B = 1\n")
        ecrit.writestr(zipfile.ZipInfo("a.py", (2025, 1, 1, 0, 0, 0)), "A = 1\n")
    autre = io.BytesIO()
    with zipfile.ZipFile(autre, "w") as ecrit:
        ecrit.writestr("a.py", "A = 1\n")
        ecrit.writestr("b.py", "B = 1\n")
    un, deux = (empaqueter.zip_du_paquet(zip_, {"c.txt": b"c"}) for zip_ in (tampon, autre))
    assert un == deux


def test_un_genre_de_ressource_inconnu_est_nomme() -> None:
    with pytest.raises(politiques.RegleInconnue, match="'tabel:demandes'.*table, bucket"):
        politiques.politique(Fonction(droits={"tabel:demandes": ("GetItem",)}), {})


def test_une_ressource_absente_du_gabarit_est_nommee() -> None:
    with pytest.raises(politiques.RegleInconnue, match="pas de TableDemande dans infra/resources.json"):
        politiques.politique(Fonction(droits={"table:demande": ("GetItem",)}), {})


@pytest.mark.parametrize("actions", [(), ("*",), ("Get*",)])
def test_un_droit_sans_action_precise_est_refuse(actions: tuple[str, ...]) -> None:
    with pytest.raises(politiques.RegleInconnue, match="nommer des actions"):
        politiques.politique(Fonction(droits={"table:demandes": actions}), {"TableDemandes": {}})


def test_une_variable_sans_parametre_est_nommee() -> None:
    with pytest.raises(politiques.RegleInconnue, match="pas de paramètre CleInconnue"):
        politiques.environnement(Fonction(variables=("CLE_INCONNUE",)), {}, {})


def test_un_appel_que_le_build_ne_sait_pas_autoriser_est_refuse() -> None:
    tache: dict[str, Any] = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": True}
    with pytest.raises(politiques.RegleInconnue, match="sqs:sendMessage"):
        politiques.politique_machine(json.dumps({"StartAt": "A", "States": {"A": tache}}))


def test_les_taches_des_branches_comptent_aussi() -> None:
    tache = {"Type": "Task", "Resource": "${Tache}", "End": True}
    attente = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken",
        "Parameters": {"TableName": "${TableDemandes}"},
        "End": True,
    }
    branches = [{"StartAt": "A", "States": {"A": tache}}, {"StartAt": "B", "States": {"B": attente}}]
    machine = {"StartAt": "P", "States": {"P": {"Type": "Parallel", "Branches": branches, "End": True}}}
    assert [
        (e["Action"], e["Resource"]["Fn::GetAtt"][0]) for e in politiques.politique_machine(json.dumps(machine))
    ] == [
        (["dynamodb:UpdateItem"], "TableDemandes"),
        (["lambda:InvokeFunction"], "Tache"),
    ]
