"""Replay dead letters once their cause is put right: ``python -m infra.rejouer [tout|<file>]``.

Without a name, only their counts are printed; a body never is, it may hold an address. A message leaves its dead
letters once it is replayed, and stays there otherwise: what is replayed twice is recognised by who handles it. It
replays at most what was there when it began, so that a cause still wrong makes no loop.

``mails``, ``sms``, ``retours``, ``ancrage`` and ``photos`` go back to the queue that they come from. ``journal`` holds
no records: the stream's consumer failed on a batch, of which Lambda only tells the place. Its records are read again
from the stream, or from the table that it follows when the stream has forgotten them (after a day), and given to the
consumer.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError

from chalicelib.adapters.clients import client, session
from chalicelib.adapters.dynamo import item
from chalicelib.demande.instants import ecrire, lire

FILES = ("journal", "mails", "sms", "retours", "ancrage", "photos")
AU_PLUS = 1000
LOT = 10
CACHEE_S = 600
"""How long a message in replay is hidden; the run that dies before its end leaves it for the next one."""

MARGE = timedelta(minutes=2)
"""Between the instant written in an entry and its arrival in the stream: clocks, and the length of a call."""

_OUBLIE = {"TrimmedDataAccessException", "ResourceNotFoundException", "ExpiredIteratorException"}

Rejeu = Callable[[str], None]
Annonce = Callable[[str], None]


class RejeuImpossible(Exception):
    """The message could not be replayed; it stays in its dead letters."""


class LettresMortes:
    """The dead letters of the deployment ``prefixe``."""

    def __init__(self, sqs: Any, prefixe: str) -> None:
        self._sqs = sqs
        self._prefixe = prefixe

    def nombre(self, nom: str) -> int:
        """About how many messages wait there."""
        attribut = "ApproximateNumberOfMessages"
        reponse = self._sqs.get_queue_attributes(QueueUrl=self._url(nom, "-echecs"), AttributeNames=[attribut])
        return int(reponse["Attributes"][attribut])

    def rejouer(self, nom: str, rejeu: Rejeu, au_plus: int, annoncer: Annonce) -> int:
        """Replay ``au_plus`` messages of ``nom`` with ``rejeu``, fewer if there are; how many stay after a failure."""
        total = min(au_plus, self.nombre(nom))
        rejoues = gardes = 0
        while rejoues + gardes < total:
            messages = self._prendre(nom, min(LOT, total - rejoues - gardes))
            if not messages:
                break
            for message in messages:
                try:
                    rejeu(message["Body"])
                except Exception as panne:
                    annoncer(f"{nom} : message {message['MessageId']} gardé ({type(panne).__name__})")
                    gardes += 1
                else:
                    self._sqs.delete_message(QueueUrl=self._url(nom, "-echecs"), ReceiptHandle=message["ReceiptHandle"])
                    rejoues += 1
            annoncer(f"{nom} : {rejoues} rejoués, {gardes} gardés, sur {total}")
        return gardes

    def renvoyer(self, nom: str) -> Rejeu:
        """The replay of what a queue delivers: back to it, as it was."""
        url = self._url(nom)

        def rejeu(corps: str) -> None:
            self._sqs.send_message(QueueUrl=url, MessageBody=corps)

        return rejeu

    def _prendre(self, nom: str, limite: int) -> list[dict[str, Any]]:
        reponse = self._sqs.receive_message(
            QueueUrl=self._url(nom, "-echecs"),
            MaxNumberOfMessages=limite,
            VisibilityTimeout=CACHEE_S,
            WaitTimeSeconds=2,
        )
        messages: list[dict[str, Any]] = reponse.get("Messages", [])
        return messages

    def _url(self, nom: str, suite: str = "") -> str:
        return str(self._sqs.get_queue_url(QueueName=f"{self._prefixe}-{nom}{suite}")["QueueUrl"])


def vers_le_consommateur(
    flux: Any, dynamodb: Any, invoquer: Callable[[str, Mapping[str, Any]], None], annoncer: Annonce
) -> Rejeu:
    """The replay of a batch on which the consumer failed. ``flux`` is a client of DynamoDB Streams.

    ``invoquer`` gives an event to a function and raises if it fails.
    """

    def rejeu(corps: str) -> None:
        message = json.loads(corps)
        fonction, lot = message["requestContext"]["functionArn"], message["DDBStreamBatchInfo"]
        try:
            records = list(_du_flux(flux, lot))
        except ClientError as erreur:
            if erreur.response["Error"]["Code"] not in _OUBLIE:
                raise
            annoncer("journal : le flux a oublié ce lot, ses entrées sont relues dans la table")
            records = list(_de_la_table(dynamodb, lot))
        if not records:
            raise RejeuImpossible("rien n'a été retrouvé")
        for debut in range(0, len(records), LOT):
            invoquer(fonction, {"Records": records[debut : debut + LOT]})

    return rejeu


def _du_flux(flux: Any, lot: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The records of a batch, as the stream gives them to a function."""
    arn, fin = lot["streamArn"], int(lot["endSequenceNumber"])
    curseur: str | None = flux.get_shard_iterator(
        StreamArn=arn,
        ShardId=lot["shardId"],
        ShardIteratorType="AT_SEQUENCE_NUMBER",
        SequenceNumber=lot["startSequenceNumber"],
    )["ShardIterator"]
    while curseur is not None:
        page = flux.get_records(ShardIterator=curseur, Limit=100)
        for record in page["Records"]:
            numero = int(record["dynamodb"]["SequenceNumber"])
            if numero <= fin:
                yield _enregistrement(arn, record["eventID"], record["eventName"], record["dynamodb"])
            if numero >= fin:
                return
        # An open shard has always a next page: an empty one is its end.
        curseur = page.get("NextShardIterator") if page["Records"] else None


def _de_la_table(dynamodb: Any, lot: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What was written when the batch arrived, as if the stream told it: neighbours too, already handled."""
    debut = lire(lot["approximateArrivalOfFirstRecord"]) - MARGE
    fin = lire(lot["approximateArrivalOfLastRecord"]) + MARGE
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=lot["streamArn"].split("/")[1],
        FilterExpression="survenu_le BETWEEN :debut AND :fin",
        ExpressionAttributeValues=item({":debut": ecrire(debut), ":fin": ecrire(fin)}),
        ConsistentRead=True,
    )
    trouves = [element for page in pages for element in page["Items"]]
    for rang, element in enumerate(sorted(trouves, key=lambda un: str(un["survenu_le"]["S"]))):
        yield _enregistrement(
            lot["streamArn"], f"rejeu-{rang}", "INSERT", {"NewImage": element, "SequenceNumber": str(rang)}
        )


def _enregistrement(arn: str, identifiant: str, nom: str, detail: Mapping[str, Any]) -> dict[str, Any]:
    utiles = {cle: detail[cle] for cle in ("Keys", "NewImage", "SequenceNumber", "StreamViewType") if cle in detail}
    return {
        "eventID": identifiant,
        "eventName": nom,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": arn.split(":")[3],
        "eventSourceARN": arn,
        "dynamodb": utiles,
    }


def invoquer_lambda(fonction: str, evenement: Mapping[str, Any]) -> None:
    """Call the deployed function and wait for its end; raises ``RejeuImpossible`` if it failed."""
    # Longer than the function may last, and once: it may have done its work.
    config = Config(connect_timeout=5, read_timeout=120, retries={"mode": "standard", "total_max_attempts": 1})
    reponse = session().client("lambda", config=config).invoke(FunctionName=fonction, Payload=json.dumps(evenement))
    if reponse.get("FunctionError"):
        raise RejeuImpossible("la fonction a échoué : voir son journal")


def main(arguments: Iterable[str] | None = None) -> int:
    """List the dead letters, or replay some; 1 when a message had to stay."""
    analyse = argparse.ArgumentParser(prog="python -m infra.rejouer", description="Rejouer les messages en échec.")
    analyse.add_argument("file", nargs="?", choices=[*FILES, "tout"], help="sans nom : seulement les compter")
    analyse.add_argument("--au-plus", type=int, default=AU_PLUS, metavar="N", help=f"par file ({AU_PLUS})")
    choix = analyse.parse_args(None if arguments is None else list(arguments))
    lettres = LettresMortes(client("sqs"), os.environ.get("PREFIXE", "permis"))
    if choix.file is None:
        for nom in FILES:
            print(f"{nom:8} {lettres.nombre(nom):6}")
        return 0
    gardes = 0
    for nom in FILES if choix.file == "tout" else (choix.file,):
        if nom == "journal":
            rejeu = vers_le_consommateur(client("dynamodbstreams"), client("dynamodb"), invoquer_lambda, _dire)
        else:
            rejeu = lettres.renvoyer(nom)
        gardes += lettres.rejouer(nom, rejeu, choix.au_plus, _dire)
    return 1 if gardes else 0


def _dire(ligne: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {ligne}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
