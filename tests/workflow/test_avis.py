"""On the running service: a mail that comes back, an SMS put off, dead letters replayed; each is sent once."""

import json
import os
import random
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from chalicelib.adapters.demandes_dynamodb import DemandesDynamoDB
from chalicelib.adapters.envois_ses import en_etiquette
from chalicelib.adapters.notifications_dynamodb import NotificationsDynamoDB
from chalicelib.demande.comptes import instant
from chalicelib.demande.evenements import EvenementPublie
from chalicelib.demande.journal import Auteur, Changement
from chalicelib.demande.modeles import Adresse
from chalicelib.demande.notifications import CONSERVATION_S, Canal
from infra.local.runtime import environnement_aws
from tests.dossiers import ADRESSE, brouillon
from tests.runtime import ServiceDEssai

RACINE = Path(__file__).parents[2]
PATIENCE_S = 45


def attendre(observer: Callable[[], Any], voulu: Callable[[Any], bool]) -> Any:
    """Look until what is observed is what is wanted, for a bounded time; a failure tells the last thing seen."""
    fin = time.monotonic() + PATIENCE_S
    while not voulu(vu := observer()):
        assert time.monotonic() < fin, f"pas vu en {PATIENCE_S} s ; en dernier : {vu}"
        time.sleep(0.05)
    return vu


class Usager:
    """Somebody with a draft, a mail address and a number of his own, and an event to be told to him."""

    def __init__(self, service: ServiceDEssai) -> None:
        self._service = service
        hasard = f"{random.randrange(10**8):08}"
        self.email, self.telephone = f"usager{hasard}@exemple.fr", f"06{hasard}"
        adresse = Adresse.model_validate({**ADRESSE, "email": self.email, "telephone": self.telephone})
        self.demande = brouillon(id=str(uuid.uuid4()), usager=str(uuid.uuid4()), adresse=adresse)
        dynamodb, sorties = service.client("dynamodb"), service.sorties
        self.demandes = DemandesDynamoDB(
            dynamodb, sorties["TableDemandes"], sorties["TableJournal"], sorties["TableTimbres"]
        )
        self.notifications = NotificationsDynamoDB(dynamodb, sorties["TableNotifications"])
        self.demandes.creer(self.demande)

    def evenement(self, type_: str) -> EvenementPublie:
        return EvenementPublie(
            evenement_id=f"{self.demande.id}#1",
            type=type_,
            demande_id=self.demande.id,
            rang=1,
            correlation_id="corr-essai",
            survenu_le=instant(int(time.time())),
        )

    def envois(self, destinataire: str) -> list[str]:
        """What he received, oldest first."""
        url = f"{self._service.url}/dev/envois?destinataire={quote(destinataire)}"
        with urllib.request.urlopen(url, timeout=10) as reponse:
            return [envoi["texte"] for envoi in json.load(reponse)]

    def journaliser(self) -> None:
        """The event written where the house tells it from."""
        maintenant = datetime.now(UTC)
        rappel = Changement("BrouillonRappele", Auteur("systeme", "veille"), maintenant, "corr-essai")
        self.demandes.transiter(self.demande, rappel)


@pytest.fixture
def usager(runtime: ServiceDEssai) -> Usager:
    return Usager(runtime)


def deposer(service: ServiceDEssai, file_: str, corps: str) -> None:
    sqs = service.client("sqs")
    sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName=f"permis-{file_}")["QueueUrl"], MessageBody=corps)


def file_vide(service: ServiceDEssai, file_: str) -> bool:
    sqs = service.client("sqs")
    noms = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    url = sqs.get_queue_url(QueueName=f"permis-{file_}")["QueueUrl"]
    attributs = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=noms)["Attributes"]
    return all(valeur == "0" for valeur in attributs.values())


def appeler(service: ServiceDEssai, fonction: str) -> Any:
    reponse = service.client("lambda").invoke(FunctionName=f"permis-notifications-{fonction}", Payload="{}")
    return json.loads(reponse["Payload"].read())


def test_un_courriel_revenu_est_note_et_fait_partir_un_sms(runtime: ServiceDEssai, usager: Usager) -> None:
    usager.journaliser()
    attendre(lambda: usager.envois(usager.email), lambda recus: len(recus) == 1)
    evenement_id = f"{usager.demande.id}#1"
    rebond = {
        "eventType": "Bounce",
        "mail": {
            "timestamp": "2026-11-25T10:00:00.000Z",
            "messageId": "ses-1",
            "tags": {"evenement": [en_etiquette(evenement_id)]},
        },
        "bounce": {"bounceType": "Permanent", "bounceSubType": "General", "timestamp": "2026-11-25T10:00:01.000Z"},
    }

    for _ in range(2):
        deposer(runtime, "retours", json.dumps(rebond))

    (sms,) = attendre(lambda: usager.envois(usager.telephone), lambda recus: len(recus) > 0)
    assert runtime.url in sms
    attendre(lambda: file_vide(runtime, "retours") and file_vide(runtime, "sms"), bool)
    note = usager.notifications.lire(evenement_id, Canal.MAIL)
    assert note is not None
    assert (note.etat, note.rebond_le, note.raison_rebond) == (
        "envoye",
        "2026-11-25T10:00:01.000Z",
        "Permanent/General",
    )
    assert (len(usager.envois(usager.email)), len(usager.envois(usager.telephone))) == (1, 1)


def test_un_sms_differe_part_une_fois_a_la_fin_du_silence(runtime: ServiceDEssai, usager: Usager) -> None:
    maintenant = int(time.time())
    usager.notifications.differer(
        usager.evenement("DemandeDeposee"),
        Canal.SMS,
        instant(maintenant - 3600),
        instant(maintenant - 1),
        maintenant + CONSERVATION_S,
    )

    # Its schedule may have come first.
    assert "repris" in appeler(runtime, "reprendre-attente")
    (sms,) = attendre(lambda: usager.envois(usager.telephone), lambda recus: len(recus) > 0)
    appeler(runtime, "reprendre-attente")
    attendre(lambda: file_vide(runtime, "sms"), bool)

    assert "déposée" in sms
    assert len(usager.envois(usager.telephone)) == 1


def rejouer(service: ServiceDEssai, *arguments: str) -> str:
    """The command, as somebody runs it; what it said."""
    fini = subprocess.run(
        [sys.executable, "-m", "infra.rejouer", *arguments],
        cwd=RACINE,
        env={**os.environ, **environnement_aws(service.reglages)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert fini.returncode == 0, fini.stderr
    return fini.stdout + fini.stderr


def test_les_courriels_en_echec_repartent_une_fois_par_la_commande(runtime: ServiceDEssai, usager: Usager) -> None:
    message = usager.evenement("BrouillonRappele").model_dump_json(exclude_none=True)
    for _ in range(2):
        deposer(runtime, "mails-echecs", message)

    dit = rejouer(runtime, "mails")

    assert "mails : 2 rejoués, 0 gardés, sur 2" in dit
    attendre(lambda: usager.envois(usager.email), lambda recus: len(recus) > 0)
    attendre(lambda: file_vide(runtime, "mails") and file_vide(runtime, "mails-echecs"), bool)
    assert len(usager.envois(usager.email)) == 1


@pytest.mark.parametrize("oublie", [False, True])
def test_un_lot_du_journal_se_rejoue_depuis_le_flux_ou_sa_table(
    runtime: ServiceDEssai, usager: Usager, oublie: bool
) -> None:
    usager.journaliser()
    attendre(lambda: usager.envois(usager.email), lambda recus: len(recus) == 1)
    table = runtime.client("dynamodb").describe_table(TableName=runtime.sorties["TableJournal"])["Table"]
    flux, arn = runtime.client("dynamodbstreams"), table["LatestStreamArn"]
    shard = flux.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    curseur = flux.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    dernier = flux.get_records(ShardIterator=curseur)["Records"][-1]["dynamodb"]
    arrivee = f"{dernier['ApproximateCreationDateTime']:%Y-%m-%dT%H:%M:%SZ}"
    numero = "1".zfill(21) if oublie else dernier["SequenceNumber"]
    fonction = runtime.client("lambda").get_function(FunctionName="permis-notifications-consommateur")
    lot = {
        "requestContext": {"functionArn": fonction["Configuration"]["FunctionArn"]},
        "DDBStreamBatchInfo": {
            "shardId": shard,
            "startSequenceNumber": numero,
            "endSequenceNumber": numero,
            "approximateArrivalOfFirstRecord": arrivee,
            "approximateArrivalOfLastRecord": arrivee,
            "batchSize": 1,
            "streamArn": arn,
        },
    }
    deposer(runtime, "journal-echecs", json.dumps(lot))

    dit = rejouer(runtime, "journal")

    assert "journal : 1 rejoués, 0 gardés, sur 1" in dit
    assert ("relues dans la table" in dit) == oublie
    attendre(lambda: file_vide(runtime, "mails"), bool)
    assert len(usager.envois(usager.email)) == 1
