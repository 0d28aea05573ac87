"""Each correction of the emulator keeps its promise: when a new version moves what it replaces, one of these fails."""

import base64
import io
import json
import os
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local.runtime import RACINE
from tests.runtime import ServiceDEssai, service

ROLE = "arn:aws:iam::000000000000:role/essai"
VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture(scope="module")
def nu(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceDEssai]:
    """The corrected emulator alone, with nothing deployed but a role that may do nothing."""
    lance = service(tmp_path_factory.mktemp("emulateur"))
    lance.demarrer_emulateur()
    confiance = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [confiance]})
    lance.client("iam").create_role(RoleName="essai", AssumeRolePolicyDocument=document)
    yield lance
    lance.arreter()


def _zip(**fichiers: str) -> bytes:
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w") as ecrit:
        for nom, contenu in fichiers.items():
            ecrit.writestr(nom.replace("__", "/") + ".py", contenu)
    return tampon.getvalue()


def _fonction(nu: ServiceDEssai, nom: str, code: str, **reste: Any) -> None:
    nu.client("lambda").create_function(
        FunctionName=nom, Runtime=VERSION, Handler="code.faire", Role=ROLE, Code={"ZipFile": _zip(code=code)}, **reste
    )


def _invoquer(nu: ServiceDEssai, nom: str, **demande: Any) -> dict[str, Any]:
    reponse: dict[str, Any] = nu.client("lambda").invoke(FunctionName=nom, Payload=b"{}", **demande)
    return {**reponse, "corps": json.loads(reponse["Payload"].read())}


def test_une_fonction_ne_voit_que_son_zip_et_boto3(nu: ServiceDEssai) -> None:
    code = """
import importlib.util, os
def faire(evenement, contexte):
    vus = [nom for nom in ("boto3", "pytest", "chalice", "pydantic", "ministack") if importlib.util.find_spec(nom)]
    return {"vus": vus, "variables": sorted(os.environ)}
"""
    _fonction(nu, "isolee", code, Environment={"Variables": {"A_MOI": "oui"}})
    corps = _invoquer(nu, "isolee")["corps"]
    assert corps["vus"] == ["boto3"]
    assert "A_MOI" in corps["variables"]
    assert not [
        v for v in corps["variables"] if v in ("GATEWAY_PORT", "STATE_DIR", "PYTHONPATH", "VIRTUAL_ENV", "HOME")
    ]


def test_un_appel_tiede_et_muet_ne_paie_pas_l_attente_des_journaux(nu: ServiceDEssai) -> None:
    _fonction(nu, "muette", "def faire(evenement, contexte):\n    return 1\n")
    lambdas, durees = nu.client("lambda"), []
    for _ in range(9):
        debut = time.monotonic()
        lambdas.invoke(FunctionName="muette", Payload=b"{}")
        durees.append(time.monotonic() - debut)
    # The uncorrected wait alone is 50 ms, each time.
    assert min(durees) < 0.045, durees


def test_le_journal_d_un_appel_est_entier_et_sans_marque(nu: ServiceDEssai) -> None:
    code = "def faire(evenement, contexte):\n    for i in range(300):\n        print('ligne', i)\n"
    _fonction(nu, "bavarde", code)
    journal = base64.b64decode(_invoquer(nu, "bavarde", LogType="Tail")["LogResult"]).decode()
    assert "ligne 299" in journal
    assert "\x1e" not in journal


def test_une_exception_garde_son_nom(nu: ServiceDEssai) -> None:
    code = "class MonErreur(Exception): pass\ndef faire(evenement, contexte):\n    raise MonErreur('raison')\n"
    _fonction(nu, "fautive", code)
    reponse = _invoquer(nu, "fautive")
    assert reponse["FunctionError"]
    assert (reponse["corps"]["errorType"], reponse["corps"]["errorMessage"]) == ("MonErreur", "raison")


def test_une_fonction_qui_ne_s_importe_pas_le_dit(nu: ServiceDEssai) -> None:
    _fonction(nu, "cassee", "import paquet_absent\ndef faire(evenement, contexte):\n    return 1\n")
    reponse = _invoquer(nu, "cassee")
    assert reponse["FunctionError"]
    assert "paquet_absent" in reponse["corps"]["errorMessage"]


@pytest.mark.parametrize("langage", ["JSONPath", "JSONata"])
def test_le_delai_d_une_attente_vient_de_l_entree(nu: ServiceDEssai, langage: str) -> None:
    file = nu.client("sqs").create_queue(QueueName=f"attente-{langage}")["QueueUrl"]
    etat: dict[str, Any] = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "Echu"}],
        "End": True,
    }
    if langage == "JSONPath":
        etat |= {"TimeoutSecondsPath": "$.delai", "Parameters": {"QueueUrl": file, "MessageBody.$": "$$.Task.Token"}}
    else:
        arguments = {"QueueUrl": file, "MessageBody": "{% $states.context.Task.Token %}"}
        etat |= {"TimeoutSeconds": "{% $states.input.delai %}", "Arguments": arguments}
    definition = {
        "QueryLanguage": langage,
        "StartAt": "Attendre",
        "States": {"Attendre": etat, "Echu": {"Type": "Succeed"}},
    }
    machines = nu.client("stepfunctions")
    arn = machines.create_state_machine(name=f"attente-{langage}", definition=json.dumps(definition), roleArn=ROLE)[
        "stateMachineArn"
    ]
    execution = machines.start_execution(stateMachineArn=arn, input=json.dumps({"delai": 1}))["executionArn"]
    fin = time.monotonic() + 10
    while (statut := machines.describe_execution(executionArn=execution)["status"]) == "RUNNING":
        assert time.monotonic() < fin, "le délai de l'attente n'a pas été lu"
    evenements = machines.get_execution_history(executionArn=execution)["events"]
    assert (statut, any(e.get("stateEnteredEventDetails", {}).get("name") == "Echu" for e in evenements)) == (
        "SUCCEEDED",
        True,
    )


def test_une_api_importee_garde_ses_reponses_d_erreur(nu: ServiceDEssai) -> None:
    corps = {
        "swagger": "2.0",
        "info": {"title": "essai", "version": "1"},
        "paths": {},
        "x-amazon-apigateway-gateway-responses": {
            "MISSING_AUTHENTICATION_TOKEN": {
                "statusCode": "404",
                "responseTemplates": {"application/json": '{"title": "Introuvable"}'},
            }
        },
    }
    modele = {
        "Resources": {
            "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": corps}},
            "Mise": {
                "Type": "AWS::ApiGateway::Deployment",
                "Properties": {"RestApiId": {"Ref": "Api"}, "StageName": "api"},
            },
        },
        "Outputs": {"Id": {"Value": {"Ref": "Api"}}},
    }
    pile = nu.client("cloudformation")
    pile.create_stack(StackName="essai-api", TemplateBody=json.dumps(modele))
    pile.get_waiter("stack_create_complete").wait(StackName="essai-api", WaiterConfig={"Delay": 1, "MaxAttempts": 20})
    api = pile.describe_stacks(StackName="essai-api")["Stacks"][0]["Outputs"][0]["OutputValue"]
    with pytest.raises(urllib.error.HTTPError) as refus:
        urllib.request.urlopen(f"{nu.reglages.emulateur}/restapis/{api}/api/_user_request_/rien", timeout=5)
    assert (refus.value.code, json.loads(refus.value.read())) == (404, {"title": "Introuvable"})


def test_un_sms_envoye_porte_son_heure(nu: ServiceDEssai) -> None:
    avant = time.time()
    for texte in ("un", "deux"):
        nu.client("sns").publish(PhoneNumber="+33600000001", Message=texte)
    apres = time.time()
    # The save of the state copies them: they keep their hour there too.
    with urllib.request.urlopen(f"{nu.reglages.emulateur}/_permis/sauvegarde", timeout=20):
        pass
    with urllib.request.urlopen(f"{nu.reglages.emulateur}/_ministack/sns/sms-messages", timeout=5) as reponse:
        envois = _chercher(json.load(reponse), "Timestamp")
    etat = nu.reglages.etat / "emulateur" / "etat" / "sns.json"
    assert _chercher(json.loads(etat.read_text()), "Timestamp") == envois
    assert len(envois) == 2
    assert avant <= envois[0] <= envois[1] <= apres


def _chercher(noeud: Any, cle: str) -> list[Any]:
    if isinstance(noeud, dict):
        return [noeud[cle]] if cle in noeud else [v for n in noeud.values() for v in _chercher(n, cle)]
    return [v for n in noeud for v in _chercher(n, cle)] if isinstance(noeud, list) else []


def test_le_meme_zip_n_est_tenu_qu_une_fois(tmp_path: Path) -> None:
    essai = """
import sys
from pathlib import Path
from infra.local import corrections
from ministack.services import lambda_svc, s3
s3._get_object_data = lambda bucket, cle, version_id=None: bytes(bytearray(b"contenu"))
corrections.code_partage()
un, deux = (lambda_svc._fetch_code_from_s3("b", "c") for _ in range(2))
sys.exit(0 if un == b"contenu" and un is deux else 1)
"""
    env = {**os.environ, "STATE_DIR": str(tmp_path), "PYTHONPATH": str(RACINE)}
    assert subprocess.run([sys.executable, "-c", essai], env=env, cwd=RACINE).returncode == 0


def test_kill_9_ne_perd_ni_les_donnees_ni_les_fonctions_ni_les_couches_ni_les_courriels(tmp_path: Path) -> None:
    lance = service(tmp_path)
    lance.demarrer_emulateur()
    try:
        confiance = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [confiance]})
        lance.client("iam").create_role(RoleName="essai", AssumeRolePolicyDocument=document)
        cle = {"AttributeName": "cle", "KeyType": "HASH"}
        attribut = {"AttributeName": "cle", "AttributeType": "S"}
        lance.client("dynamodb").create_table(
            TableName="essai", KeySchema=[cle], AttributeDefinitions=[attribut], BillingMode="PAY_PER_REQUEST"
        )
        poids = base64.b64encode(os.urandom(2_000_000)).decode()
        couche = lance.client("lambda").publish_layer_version(
            LayerName="lourde", Content={"ZipFile": _zip(python__poids=f"POIDS = {poids!r}\nVALEUR = 42\n")}
        )["LayerVersionArn"]
        code = "import poids\ndef faire(evenement, contexte):\n    return poids.VALEUR\n"
        _fonction(lance, "avec-couche", code, Layers=[couche])
        lance.client("dynamodb").put_item(TableName="essai", Item={"cle": {"S": "1"}})
        lance.client("ses").verify_email_identity(EmailAddress="essai@exemple.fr")
        courriel = {"Subject": {"Data": "objet-essai"}, "Body": {"Text": {"Data": "texte"}}}
        lance.client("ses").send_email(
            Source="essai@exemple.fr", Destination={"ToAddresses": ["vous@exemple.fr"]}, Message=courriel
        )
        # The saver writes within a second or two of an activity, without being asked.
        etat = tmp_path / "emulateur" / "etat"
        attendus = {"lambda.json": "avec-couche", "dynamodb.json": '"cle": {"S": "1"}', "ses.json": "objet-essai"}
        fin = time.monotonic() + 8
        while not all((etat / f).exists() and texte in (etat / f).read_text() for f, texte in attendus.items()):
            assert time.monotonic() < fin, "rien n'a été sauvé"
        lance.tuer_emulateur()
        assert (etat / "lambda.json").stat().st_size < 100_000
        lance.demarrer_emulateur()
        assert lance.client("dynamodb").get_item(TableName="essai", Key={"cle": {"S": "1"}})["Item"]
        assert _invoquer(lance, "avec-couche")["corps"] == 42
        with urllib.request.urlopen(f"{lance.reglages.emulateur}/_ministack/ses/messages", timeout=5) as reponse:
            assert _chercher(json.load(reponse), "Subject") == ["objet-essai"]
    finally:
        lance.arreter()


def test_un_bucket_que_le_gabarit_verrouille_l_est(nu: ServiceDEssai) -> None:
    regle = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": "30"}}
    bucket = {
        "BucketName": "essai-verrou",
        "VersioningConfiguration": {"Status": "Enabled"},
        "ObjectLockEnabled": True,
        "ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", "Rule": regle},
    }
    modele = {"Resources": {"Verrou": {"Type": "AWS::S3::Bucket", "Properties": bucket}}}
    cloudformation, s3 = nu.client("cloudformation"), nu.client("s3")
    cloudformation.create_stack(StackName="verrou", TemplateBody=json.dumps(modele))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="verrou", WaiterConfig={"Delay": 1})
    version = s3.put_object(Bucket="essai-verrou", Key="ancre", Body=b"{}")["VersionId"]
    assert s3.head_object(Bucket="essai-verrou", Key="ancre")["ObjectLockMode"] == "GOVERNANCE"
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(Bucket="essai-verrou", Key="ancre", VersionId=version)


def test_le_droit_d_effacer_un_message_vaut_pour_un_lot(nu: ServiceDEssai) -> None:
    url = nu.client("sqs").create_queue(QueueName="essai-lot")["QueueUrl"]
    enonce = {"Effect": "Allow", "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage"], "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [enonce]})
    nu.client("iam").put_role_policy(RoleName="essai", PolicyName="droits", PolicyDocument=document)
    code = """
import boto3, os
def faire(evenement, contexte):
    sqs = boto3.client("sqs", endpoint_url=os.environ["EMULATEUR"])
    fait = []
    for appel in (
        lambda: sqs.delete_message_batch(QueueUrl=os.environ["FILE"], Entries=[{"Id": "0", "ReceiptHandle": "x"}]),
        lambda: sqs.send_message_batch(QueueUrl=os.environ["FILE"], Entries=[{"Id": "0", "MessageBody": "x"}]),
    ):
        try:
            appel()
            fait.append("permis")
        except Exception as refus:
            fait.append(refus.response["Error"]["Code"])
    return fait
"""
    variables = {"FILE": url, "EMULATEUR": nu.reglages.emulateur}
    _fonction(nu, "par-lots", code, Environment={"Variables": variables}, Timeout=20)
    try:
        permis, refuse = _invoquer(nu, "par-lots")["corps"]
    finally:
        nu.client("iam").delete_role_policy(RoleName="essai", PolicyName="droits")
    assert permis == "permis"
    assert "AccessDenied" in refuse
