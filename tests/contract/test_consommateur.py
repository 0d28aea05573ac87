"""The stream's consumer on AWS (moto): an entry is published once and starts the workflow, however often it comes."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

from chalicelib import wiring
from chalicelib.adapters.clients import client
from chalicelib.adapters.dynamo import item
from chalicelib.demande.machine import point
from chalicelib.demande.modeles import Statut
from tests.appel import COMPTE_AWS, ENVIRONNEMENT, ContexteLambda, charger
from tests.compteur import AppelAws, compter_appels
from tests.contract.tables import aws_simule
from tests.dossiers import JOUR_S, MAINTENANT, prete

NUMERO = "12441542134215461243643"
DEMANDE = prete(id="d1", numero=NUMERO, statut=Statut.DEPOSEE)
UNE_FOIS = [AppelAws("dynamodb", "PutItem"), AppelAws("sns", "Publish"), AppelAws("dynamodb", "UpdateItem")]


class Dehors(NamedTuple):
    """What the consumer's doings are seen from."""

    file_: str

    def publies(self) -> list[dict[str, Any]]:
        """Every message published since the last look, in order of arrival."""
        recus = client("sqs").receive_message(QueueUrl=self.file_, MaxNumberOfMessages=10).get("Messages", [])
        for message in recus:
            client("sqs").delete_message(QueueUrl=self.file_, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in recus]

    def executions(self) -> list[str]:
        """The names of the executions started."""
        arn = ENVIRONNEMENT["MACHINE_DEMANDE"]
        return [e["name"] for e in client("stepfunctions").list_executions(stateMachineArn=arn)["executions"]]


@pytest.fixture
def dehors() -> Iterator[Dehors]:
    with aws_simule():
        sns, sqs = client("sns"), client("sqs")
        sns.create_topic(Name="permis-evenements")
        file_ = sqs.create_queue(QueueName="mails")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=file_, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(
            TopicArn=ENVIRONNEMENT["TOPIC_EVENEMENTS"],
            Protocol="sqs",
            Endpoint=arn,
            Attributes={"RawMessageDelivery": "true"},
        )
        wiring.demandes().creer(DEMANDE)
        yield Dehors(file_)


def creer_la_machine() -> None:
    client("stepfunctions").create_state_machine(
        name="permis-demande",
        definition='{"StartAt":"Fin","States":{"Fin":{"Type":"Succeed"}}}',
        roleArn=f"arn:aws:iam::{COMPTE_AWS}:role/machine",
    )


def enregistrement(element: dict[str, Any], nom: str = "INSERT", sequence: int = 1) -> dict[str, Any]:
    return {
        "eventID": f"e{sequence}",
        "eventName": nom,
        "eventSource": "aws:dynamodb",
        "dynamodb": {"SequenceNumber": str(sequence), "NewImage": item(element), "StreamViewType": "NEW_IMAGE"},
    }


def entree(evenement: str = "DemandeDeposee", rang: int = 2, **champs: Any) -> dict[str, Any]:
    return {
        "demande_id": "d1",
        "rang": rang,
        "evenement": evenement,
        "statut": "deposee",
        "survenu_le": "2026-11-24T10:00:00.000Z",
        "auteur": {"genre": "usager", "id": "c1"},
        "correlation_id": "corr-0001",
        "precedent": "00",
        "empreinte": "ff",
        **champs,
    }


def evenement_de_compte() -> dict[str, Any]:
    return {
        "cle": "COMPTE#c1",
        "element": "EVENEMENT#e1",
        "type": "CodeActivation",
        "compte_id": "c1",
        "evenement_id": "e1",
        "correlation_id": "corr-0002",
        "survenu_le": "2026-11-24T10:00:00.000Z",
        "nonce": "n1",
        "email": "pierre@exemple.fr",
        "expire": 1_900_000_000,
    }


def livrer(*enregistrements: dict[str, Any]) -> Any:
    (module,) = charger("notifications.consommateur").modules_de_test
    return module.consommateur({"Records": list(enregistrements)}, ContexteLambda())


def test_un_depot_est_publie_et_demarre_la_machine(dehors: Dehors) -> None:
    creer_la_machine()

    livrer(enregistrement(entree(numero=NUMERO)))

    assert dehors.publies() == [
        {
            "evenement_id": "d1#2",
            "type": "DemandeDeposee",
            "demande_id": "d1",
            "rang": 2,
            "empreinte": "ff",
            "correlation_id": "corr-0001",
            "survenu_le": "2026-11-24T10:00:00.000Z",
        }
    ]
    assert dehors.executions() == [f"{NUMERO}-1"]


def test_un_evenement_de_compte_est_publie_sans_rien_de_la_personne(dehors: Dehors) -> None:
    livrer(enregistrement(evenement_de_compte()))

    assert dehors.publies() == [
        {
            "evenement_id": "e1",
            "type": "CodeActivation",
            "compte_id": "c1",
            "correlation_id": "corr-0002",
            "survenu_le": "2026-11-24T10:00:00.000Z",
        }
    ]


def test_ce_qui_n_est_pas_un_evenement_est_ignore_sans_appel(dehors: Dehors) -> None:
    with compter_appels() as appels:
        livrer(
            enregistrement({"cle": "COMPTE#c1", "element": "COMPTE", "email": "pierre@exemple.fr"}),
            enregistrement(evenement_de_compte(), "REMOVE", 2),
            enregistrement(entree("BrouillonRappele"), "MODIFY", 3),
        )

    assert appels == []


def test_une_livraison_doublee_n_est_publiee_qu_une_fois(dehors: Dehors) -> None:
    creer_la_machine()
    depot = enregistrement(entree(numero=NUMERO))

    livrer(depot, depot)
    livrer(depot)

    assert len(dehors.publies()) == 1
    assert dehors.executions() == [f"{NUMERO}-1"]


def test_un_evenement_coute_une_publication_et_deux_ecritures(dehors: Dehors) -> None:
    with compter_appels() as appels:
        livrer(enregistrement(entree("BrouillonRappele")))

    assert appels == UNE_FOIS


def test_une_panne_est_rendue_au_flux_puis_rattrapee_sans_redire_le_reste(dehors: Dehors) -> None:
    lot = [
        enregistrement(entree("BrouillonRappele", 1)),
        # The machine does not exist yet: its start fails.
        enregistrement(entree(numero=NUMERO), sequence=2),
        enregistrement(entree("DemandeRetiree", 3), sequence=3),
    ]
    with pytest.raises(Exception, match="1 enregistrement") as levee:
        livrer(*lot)
    assert type(levee.value).__name__ == "LotIncomplet"
    assert sorted(p["type"] for p in dehors.publies()) == ["BrouillonRappele", "DemandeRetiree"]

    creer_la_machine()
    livrer(*lot)

    assert [p["type"] for p in dehors.publies()] == ["DemandeDeposee"]
    assert dehors.executions() == [f"{NUMERO}-1"]


def test_un_depot_sans_numero_est_une_panne_visible(dehors: Dehors) -> None:
    with pytest.raises(Exception, match="1 enregistrement"):
        livrer(enregistrement(entree()))

    assert dehors.publies() == []


def test_une_execution_deja_la_n_empeche_pas_de_publier(dehors: Dehors) -> None:
    creer_la_machine()
    wiring.machine().demarrer(DEMANDE, point(DEMANDE, MAINTENANT, JOUR_S), "corr-0000")

    livrer(enregistrement(entree(numero=NUMERO)))

    assert len(dehors.publies()) == 1
    with pytest.raises(ClientError):
        client("stepfunctions").start_execution(
            stateMachineArn=ENVIRONNEMENT["MACHINE_DEMANDE"], name=f"{NUMERO}-1", input='{"autre": true}'
        )
