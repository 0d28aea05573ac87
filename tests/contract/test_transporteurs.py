"""The carriers, the bus and the workflow engine at their AWS boundary: what they send, which errors they tell apart."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from moto import mock_aws
from moto.ses.models import ses_backends
from moto.sns.models import sns_backends

from chalicelib.adapters.bus_sns import BusSns
from chalicelib.adapters.envois_ses import EnvoiMailsSes
from chalicelib.adapters.envois_sms import EnvoiSmsSns, client_sans_reprise
from chalicelib.adapters.machine_stepfunctions import MachineStepFunctions
from chalicelib.demande.evenements import EvenementPublie, lire_evenement
from chalicelib.demande.machine import point
from chalicelib.demande.modeles import Statut
from chalicelib.demande.notifications import Courriel, EnvoiAReprendre, EnvoiImpossible, EnvoiIncertain
from chalicelib.demande.ports_machine import JetonPerime
from tests.appel import COMPTE_AWS, REGION
from tests.dossiers import JOUR_S, MAINTENANT, prete

EXPEDITEUR = "ne-pas-repondre@permis.invalid"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for nom in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(nom, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield


def client(service: str) -> Any:
    return boto3.client(service, region_name=REGION, config=Config(retries={"total_max_attempts": 1}))


class ClientEnPanne:
    """An AWS client whose every call fails with ``panne``."""

    def __init__(self, panne: Exception) -> None:
        self._panne = panne

    def __getattr__(self, operation: str) -> Any:
        def appel(**parametres: Any) -> Any:
            raise self._panne

        return appel


def erreur(code: str, http: int) -> ClientError:
    reponse: Any = {
        "Error": {"Code": code, "Message": "Bad address: pierre.corneille@exemple.fr"},
        "ResponseMetadata": {"HTTPStatusCode": http},
    }
    return ClientError(reponse, "Publish")


def coupure(genre: type[Exception]) -> Exception:
    return genre(endpoint_url="https://sns.invalid", error="coupure")


def test_un_courriel_part_a_son_destinataire(aws: None) -> None:
    ses = client("ses")
    ses.verify_email_identity(EmailAddress=EXPEDITEUR)

    demandes: list[Any] = []
    ses.meta.events.register("provide-client-params.ses.SendEmail", lambda params, **_: demandes.append(params))
    courriel = Courriel("Objet é", "Bonjour,\n", "<p>Bonjour,</p>")

    reference = EnvoiMailsSes(ses, EXPEDITEUR).envoyer("pierre@exemple.fr", courriel, "d1#3")

    (parti,) = ses_backends[COMPTE_AWS][REGION].sent_messages
    assert parti.id == reference
    assert (parti.source, parti.subject) == (EXPEDITEUR, "Objet é")
    assert parti.destinations["ToAddresses"] == ["pierre@exemple.fr"]
    # The simulator keeps one part only.
    assert demandes[0]["Message"]["Body"] == {
        "Text": {"Data": courriel.texte, "Charset": "UTF-8"},
        "Html": {"Data": courriel.html, "Charset": "UTF-8"},
    }


@pytest.mark.parametrize(
    ("panne", "attendue"),
    [
        (erreur("MessageRejected", 400), EnvoiAReprendre),
        (erreur("InvalidParameterValue", 400), EnvoiImpossible),
        (erreur("Throttling", 400), EnvoiAReprendre),
        (erreur("MailFromDomainNotVerifiedException", 400), EnvoiAReprendre),
        (erreur("ServiceUnavailable", 503), EnvoiAReprendre),
        (coupure(EndpointConnectionError), EnvoiAReprendre),
        (coupure(ReadTimeoutError), EnvoiAReprendre),
    ],
)
def test_les_pannes_d_un_courriel_se_reprennent_sauf_le_refus(panne: Exception, attendue: type[Exception]) -> None:
    with pytest.raises(attendue) as levee:
        EnvoiMailsSes(ClientEnPanne(panne), EXPEDITEUR).envoyer(
            "pierre@exemple.fr", Courriel("o", "t", "<p>t</p>"), "d1#3"
        )

    assert "@" not in str(levee.value)
    assert levee.value.__cause__ is None


def test_un_sms_part_au_numero_international(aws: None) -> None:
    reference = EnvoiSmsSns(client("sns")).envoyer("0692123456", "Votre code")

    assert sns_backends[COMPTE_AWS][REGION].sms_messages == {reference: ("+262692123456", "Votre code")}


@pytest.mark.parametrize(
    ("panne", "attendue"),
    [
        (erreur("InvalidParameter", 400), EnvoiImpossible),
        (erreur("OptedOut", 400), EnvoiImpossible),
        (erreur("Throttled", 429), EnvoiAReprendre),
        (erreur("AuthorizationError", 403), EnvoiAReprendre),
        (erreur("InternalError", 500), EnvoiIncertain),
        (coupure(EndpointConnectionError), EnvoiAReprendre),
        (coupure(ConnectTimeoutError), EnvoiAReprendre),
        (coupure(ReadTimeoutError), EnvoiIncertain),
    ],
)
def test_un_sms_ne_se_reprend_que_s_il_n_est_surement_pas_parti(panne: Exception, attendue: type[Exception]) -> None:
    with pytest.raises(attendue) as levee:
        EnvoiSmsSns(ClientEnPanne(panne)).envoyer("0612345678", "Votre code")

    assert "@" not in str(levee.value)


def test_le_client_des_sms_n_essaie_qu_une_fois(aws: None) -> None:
    assert client_sans_reprise().meta.config.retries["total_max_attempts"] == 1


def test_le_bus_porte_l_evenement_et_son_type(aws: None) -> None:
    sns, sqs = client("sns"), client("sqs")
    topic = sns.create_topic(Name="evenements")["TopicArn"]
    file_ = sqs.create_queue(QueueName="mails")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=file_, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    evenement = EvenementPublie(
        evenement_id="d1#3",
        type="DemandeDeposee",
        demande_id="d1",
        rang=3,
        correlation_id="corr-0001",
        survenu_le="2026-11-24T10:00:00.000Z",
    )

    BusSns(sns, topic).publier(evenement)

    (message,) = sqs.receive_message(QueueUrl=file_, MessageAttributeNames=["All"])["Messages"]
    assert lire_evenement(message["Body"]) == evenement
    assert set(json.loads(message["Body"])) == {
        "evenement_id",
        "type",
        "demande_id",
        "rang",
        "correlation_id",
        "survenu_le",
    }
    assert message["MessageAttributes"]["type"]["StringValue"] == "DemandeDeposee"


DEPOSEE = prete(id="d1", numero="12441542134215461243643", statut=Statut.DEPOSEE)
POINT = point(DEPOSEE, MAINTENANT, JOUR_S)


def test_une_execution_ne_demarre_qu_une_fois_par_generation(aws: None) -> None:
    stepfunctions = client("stepfunctions")
    arn = stepfunctions.create_state_machine(
        name="demande", definition='{"StartAt":"Fin","States":{"Fin":{"Type":"Succeed"}}}', roleArn=ROLE
    )["stateMachineArn"]
    machine = MachineStepFunctions(stepfunctions, arn)

    assert machine.demarrer(DEPOSEE, POINT, "corr-0001")
    assert not machine.demarrer(DEPOSEE, POINT, "corr-0002")
    assert machine.demarrer(DEPOSEE.model_copy(update={"generation": 2}), POINT, "corr-0001")

    executions = {
        e["name"]: e["executionArn"] for e in stepfunctions.list_executions(stateMachineArn=arn)["executions"]
    }
    assert sorted(executions) == ["12441542134215461243643-1", "12441542134215461243643-2"]
    entree = stepfunctions.describe_execution(executionArn=executions["12441542134215461243643-1"])["input"]
    assert json.loads(entree) == {
        "demande_id": "d1",
        "numero": "12441542134215461243643",
        "generation": 1,
        "correlation_id": "corr-0001",
        "point": POINT.model_dump(),
    }


def test_une_autre_panne_du_demarrage_se_voit() -> None:
    machine = MachineStepFunctions(ClientEnPanne(erreur("StateMachineDoesNotExist", 400)), "arn")

    with pytest.raises(ClientError):
        machine.demarrer(DEPOSEE, POINT, "corr-0001")


@pytest.mark.parametrize("code", ["InvalidToken", "TaskTimedOut", "TaskDoesNotExist"])
def test_un_jeton_mort_n_est_pas_une_panne(code: str) -> None:
    with pytest.raises(JetonPerime):
        MachineStepFunctions(ClientEnPanne(erreur(code, 400)), "arn").signaler("jeton", POINT)


ROLE = f"arn:aws:iam::{COMPTE_AWS}:role/machine"
