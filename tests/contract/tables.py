"""The resources that the contract tests run on, in moto, made from the template that is deployed."""

import functools
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from botocore.client import BaseClient
from moto import mock_aws

from chalicelib import wiring
from chalicelib.adapters import clients
from tests.appel import BUCKETS, REGION, preparer_environnement

MODELE = Path(__file__).parents[2] / "infra" / "resources.json"
PREFIXE = "permis"
_PROPRIETES = ("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes", "StreamSpecification")


def creer_les_tables(dynamodb: Any) -> None:
    """Create every table of ``infra/resources.json`` under its deployed name."""
    for ressource in json.loads(MODELE.read_text())["Resources"].values():
        if ressource.get("Type") != "AWS::DynamoDB::Table":
            continue
        proprietes = ressource["Properties"]
        parametres = {nom: proprietes[nom] for nom in _PROPRIETES if nom in proprietes}
        if "StreamSpecification" in parametres:
            parametres["StreamSpecification"] = {"StreamEnabled": True, **parametres["StreamSpecification"]}
        nom = proprietes["TableName"]["Fn::Sub"].replace("${Prefixe}", PREFIXE)
        dynamodb.create_table(TableName=nom, **parametres)


def oublier_les_ports() -> None:
    """Have wiring and the AWS clients made anew: what a test process kept belongs to another simulation.

    The session stays: it only holds botocore's own data, slow to load, and moto's hook, set when moto was imported.
    """
    clients.client.cache_clear()
    for port in vars(wiring).values():
        if isinstance(port, functools._lru_cache_wrapper):
            port.cache_clear()


@contextmanager
def aws_simule() -> Iterator[Any]:
    """An empty AWS in moto, with our tables and buckets; gives the DynamoDB client.

    Each call is made alone: moto loses updates under threads, where DynamoDB makes every call atomic. Threads still
    interleave between their calls.
    """
    preparer_environnement()
    verrou = threading.RLock()
    appeler = BaseClient._make_api_call

    def un_a_un(self: Any, operation: str, parametres: Any) -> Any:
        with verrou:
            return appeler(self, operation, parametres)

    with mock_aws():
        oublier_les_ports()
        dynamodb = clients.client("dynamodb")
        creer_les_tables(dynamodb)
        s3 = clients.client("s3")
        for nom in BUCKETS:
            s3.create_bucket(Bucket=f"{PREFIXE}-{nom}", CreateBucketConfiguration={"LocationConstraint": REGION})
        kms = clients.client("kms")
        cachet = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName=os.environ["KEY_CACHET"], TargetKeyId=cachet)
        BaseClient._make_api_call = un_a_un
        try:
            yield dynamodb
        finally:
            BaseClient._make_api_call = appeler
            oublier_les_ports()
