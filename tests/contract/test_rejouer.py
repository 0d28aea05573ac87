"""The replay of dead letters (moto): each message once, none lost, nothing of it printed."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.adapters.clients import client
from chalicelib.adapters.dynamo import item
from infra import rejouer
from infra.rejouer import LettresMortes, vers_le_consommateur
from tests.appel import COMPTE_AWS, ENVIRONNEMENT, REGION, ContexteLambda, charger
from tests.contract.tables import aws_simule

FLUX = f"arn:aws:dynamodb:{REGION}:{COMPTE_AWS}:table/permis-journal/stream/2026-11-01T00:00:00.000"
FONCTION = f"arn:aws:lambda:{REGION}:{COMPTE_AWS}:function:permis-notifications-consommateur"
ADRESSE = "pierre.corneille@exemple.fr"


class Files:
    """Every queue of the house and its dead letters; ``dites`` are the lines announced."""

    def __init__(self) -> None:
        sqs = client("sqs")
        self.urls = {
            nom: sqs.create_queue(QueueName=f"permis-{nom}")["QueueUrl"]
            for nom in ("mails", "sms", "retours", "ancrage", "photos", *(f"{file_}-echecs" for file_ in rejouer.FILES))
        }
        self.lettres = LettresMortes(sqs, "permis")
        self.dites: list[str] = []

    def deposer(self, nom: str, *corps: str) -> None:
        for un in corps:
            client("sqs").send_message(QueueUrl=self.urls[nom], MessageBody=un)

    def nombre(self, nom: str) -> int:
        """The messages of a queue, those in replay included."""
        noms = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        reponse = client("sqs").get_queue_attributes(QueueUrl=self.urls[nom], AttributeNames=noms)
        return sum(int(valeur) for valeur in reponse["Attributes"].values())

    def recus(self, nom: str) -> list[str]:
        recus = client("sqs").receive_message(QueueUrl=self.urls[nom], MaxNumberOfMessages=10).get("Messages", [])
        return sorted(message["Body"] for message in recus)

    def rejouer(self, nom: str, rejeu: Any, au_plus: int = 100) -> int:
        return self.lettres.rejouer(nom, rejeu, au_plus, self.dites.append)


@pytest.fixture
def files() -> Iterator[Files]:
    with aws_simule():
        yield Files()


def test_sans_nom_la_commande_compte_sans_rien_montrer(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    files.deposer("mails-echecs", ADRESSE, "deux")
    files.deposer("retours-echecs", "trois")

    assert rejouer.main([]) == 0

    dit = capsys.readouterr()
    assert dict(ligne.split() for ligne in dit.out.splitlines()) == {
        "journal": "0",
        "mails": "2",
        "sms": "0",
        "retours": "1",
        "ancrage": "0",
        "photos": "0",
    }
    assert ADRESSE not in dit.out + dit.err


def test_chaque_message_retourne_a_sa_file_et_quitte_les_echecs(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    files.deposer("mails-echecs", ADRESSE, "deux")
    files.deposer("sms-echecs", "trois")
    files.deposer("retours-echecs", "quatre")

    assert rejouer.main(["tout"]) == 0

    assert (files.recus("mails"), files.recus("sms"), files.recus("retours")) == (
        ["deux", ADRESSE],
        ["trois"],
        ["quatre"],
    )
    assert [files.nombre(f"{nom}-echecs") for nom in rejouer.FILES] == [0] * len(rejouer.FILES)
    dit = capsys.readouterr()
    assert "mails : 2 rejoués, 0 gardés, sur 2" in dit.err
    assert ADRESSE not in dit.out + dit.err


def test_une_seule_file_se_rejoue_a_la_fois_si_on_la_nomme(files: Files) -> None:
    files.deposer("mails-echecs", "un")
    files.deposer("sms-echecs", "deux")

    rejouer.main(["sms"])

    assert (files.nombre("mails-echecs"), files.nombre("sms-echecs")) == (1, 0)


def test_la_commande_s_arrete_au_nombre_demande(files: Files) -> None:
    files.deposer("mails-echecs", *(str(n) for n in range(13)))

    assert rejouer.main(["mails", "--au-plus", "11"]) == 0

    assert files.nombre("mails-echecs") == 2


def test_un_message_qui_echoue_reste_et_les_autres_passent(files: Files) -> None:
    files.deposer("retours-echecs", "bon", ADRESSE, "bon aussi")
    passes = []

    def rejeu(corps: str) -> None:
        if corps == ADRESSE:
            raise ConnectionError(ADRESSE)
        passes.append(corps)

    assert files.rejouer("retours", rejeu) == 1

    assert sorted(passes) == ["bon", "bon aussi"]
    assert files.nombre("retours-echecs") == 1
    assert files.dites[-1] == "retours : 2 rejoués, 1 gardés, sur 3"
    assert ADRESSE not in "".join(files.dites)


def test_ce_qui_revient_aussitot_ne_tourne_pas_en_rond(files: Files) -> None:
    files.deposer("mails-echecs", "un", "deux")
    passes = []

    def rejeu(corps: str) -> None:
        passes.append(corps)
        files.deposer("mails-echecs", corps)

    files.rejouer("mails", rejeu)

    assert len(passes) == 2
    assert files.nombre("mails-echecs") == 2


class FluxRelu:
    """The stream: ``records``, in pages of two; or the error that it gives."""

    def __init__(self, records: list[dict[str, Any]], panne: str | None = None) -> None:
        self._records = records
        self._panne = panne

    def get_shard_iterator(self, **demande: Any) -> dict[str, str]:
        assert demande["ShardIteratorType"] == "AT_SEQUENCE_NUMBER"
        assert demande["StreamArn"] == FLUX
        if self._panne:
            raise ClientError({"Error": {"Code": self._panne, "Message": ""}}, "GetShardIterator")
        suite = [n for n, r in enumerate(self._records) if r["dynamodb"]["SequenceNumber"] == demande["SequenceNumber"]]
        return {"ShardIterator": str(suite[0])}

    def get_records(self, ShardIterator: str, Limit: int) -> dict[str, Any]:
        debut = int(ShardIterator)
        return {"Records": self._records[debut : debut + 2], "NextShardIterator": str(debut + 2)}


class Bus:
    """What the consumer publishes, seen from a queue subscribed to the topic."""

    def __init__(self) -> None:
        client("sns").create_topic(Name="permis-evenements")
        self._url = client("sqs").create_queue(QueueName="ecoute")["QueueUrl"]
        client("sns").subscribe(
            TopicArn=ENVIRONNEMENT["TOPIC_EVENEMENTS"],
            Protocol="sqs",
            Endpoint=f"arn:aws:sqs:{REGION}:{COMPTE_AWS}:ecoute",
            Attributes={"RawMessageDelivery": "true"},
        )

    def publies(self) -> list[str]:
        recus = client("sqs").receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages", [])
        for message in recus:
            client("sqs").delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        return sorted(json.loads(message["Body"])["evenement_id"] for message in recus)


def entree(rang: int, survenu_le: str = "2026-11-24T10:00:00.000Z") -> dict[str, Any]:
    return item(
        {
            "demande_id": "d1",
            "rang": rang,
            "evenement": "ControleCommence",
            "statut": "en_controle",
            "survenu_le": survenu_le,
            "correlation_id": "corr-0001",
        }
    )


def record(rang: int) -> dict[str, Any]:
    # As the stream gives it: with an instant that JSON has not.
    detail = {"NewImage": entree(rang), "SequenceNumber": str(100 + rang), "ApproximateCreationDateTime": object()}
    return {"eventID": f"e{rang}", "eventName": "INSERT", "dynamodb": detail}


def lot(premier: int, dernier: int) -> str:
    """What Lambda puts in the dead letters of a stream (its documented shape)."""
    return json.dumps(
        {
            "requestContext": {
                "requestId": "r1",
                "functionArn": FONCTION,
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": 11,
            },
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "version": "1.0",
            "timestamp": "2026-11-24T10:10:00.000Z",
            "DDBStreamBatchInfo": {
                "shardId": "shardId-00000001573689847184-864758bb",
                "startSequenceNumber": str(100 + premier),
                "endSequenceNumber": str(100 + dernier),
                "approximateArrivalOfFirstRecord": "2026-11-24T10:00:01Z",
                "approximateArrivalOfLastRecord": "2026-11-24T10:00:02Z",
                "batchSize": dernier - premier + 1,
                "streamArn": FLUX,
            },
        }
    )


def consommer(fonction: str, evenement: Mapping[str, Any]) -> None:
    """The deployed function, in this process."""
    assert fonction == FONCTION
    (module,) = charger("notifications.consommateur").modules_de_test
    module.consommateur(json.loads(json.dumps(evenement)), ContexteLambda())


def depuis(files: Files, flux: FluxRelu) -> Any:
    return vers_le_consommateur(flux, client("dynamodb"), consommer, files.dites.append)


def test_un_lot_du_journal_se_relit_dans_le_flux_et_rien_que_lui(files: Files) -> None:
    bus, flux = Bus(), FluxRelu([record(rang) for rang in range(1, 8)])
    files.deposer("journal-echecs", lot(2, 6))

    assert files.rejouer("journal", depuis(files, flux)) == 0

    assert bus.publies() == ["d1#2", "d1#3", "d1#4", "d1#5", "d1#6"]
    assert files.nombre("journal-echecs") == 0


def test_un_lot_rejoue_deux_fois_n_est_publie_qu_une(files: Files) -> None:
    bus, flux = Bus(), FluxRelu([record(1)])
    files.deposer("journal-echecs", lot(1, 1), lot(1, 1))

    files.rejouer("journal", depuis(files, flux))

    assert bus.publies() == ["d1#1"]


@pytest.mark.parametrize("panne", ["TrimmedDataAccessException", "ResourceNotFoundException"])
def test_un_lot_que_le_flux_a_oublie_se_relit_dans_sa_table(files: Files, panne: str) -> None:
    bus = Bus()
    instants = {1: "2026-11-24T09:57:00.000Z", 2: "2026-11-24T09:59:59.000Z", 3: "2026-11-24T10:00:01.500Z"}
    for rang, survenu_le in instants.items():
        client("dynamodb").put_item(TableName="permis-journal", Item=entree(rang, survenu_le))
    files.deposer("journal-echecs", lot(2, 3))

    assert files.rejouer("journal", depuis(files, FluxRelu([], panne))) == 0

    assert bus.publies() == ["d1#2", "d1#3"]


def test_une_panne_du_flux_ou_du_consommateur_garde_le_message(files: Files) -> None:
    files.deposer("journal-echecs", lot(1, 1), "illisible")

    # Nobody listens: the topic does not exist, the consumer fails.
    assert files.rejouer("journal", depuis(files, FluxRelu([record(1)]))) == 2
    assert files.nombre("journal-echecs") == 2


def test_un_lot_introuvable_garde_le_message(files: Files) -> None:
    files.deposer("journal-echecs", lot(1, 1))

    assert files.rejouer("journal", depuis(files, FluxRelu([], "TrimmedDataAccessException"))) == 1
    assert files.nombre("journal-echecs") == 1
