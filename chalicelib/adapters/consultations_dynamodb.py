"""The consultations (table ``consultations``): one item each, under the demande, in order of time; TTL ``expire``."""

import re
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.adapters.dynamo import item, plat
from chalicelib.demande.instants import ecrire, lire
from chalicelib.demande.ports_consultations import CONSERVATION, Consultation

_POSITION = re.compile(r"[0-9TZ:.-]{24}_[0-9a-f-]{1,64}")


class ConsultationsDynamoDB:
    """The port ``Consultations``."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def noter(self, consultation: Consultation) -> None:
        expire = int((lire(consultation.consultee_le) + CONSERVATION).timestamp())
        valeurs = {
            **consultation.model_dump(mode="json", exclude_none=True),
            "consultation": f"{consultation.consultee_le}_{consultation.consultation_id}",
            "expire": expire,
        }
        try:
            self._client.put_item(
                TableName=self._table, Item=item(valeurs), ConditionExpression="attribute_not_exists(demande_id)"
            )
        except ClientError as erreur:
            # The answer was lost, and the call made again under us: it is there.
            if erreur.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise

    def lister(
        self, demande_id: str, maintenant: datetime, apres: str | None, limite: int
    ) -> tuple[list[Consultation], str | None]:
        debut: dict[str, Any] = {}
        if apres is not None:
            if not _POSITION.fullmatch(apres):
                raise ValueError("position inconnue")
            debut = {"ExclusiveStartKey": item({"demande_id": demande_id, "consultation": apres})}
        page = self._client.query(
            TableName=self._table,
            # TTL may lag by days: what is no longer kept is not read.
            KeyConditionExpression="demande_id = :id AND consultation > :limite",
            ExpressionAttributeValues=item({":id": demande_id, ":limite": ecrire(maintenant - CONSERVATION)}),
            ScanIndexForward=False,
            Limit=limite,
            **debut,
        )
        trouves = [Consultation.model_validate(plat(element)) for element in page["Items"]]
        derniere = plat(page.get("LastEvaluatedKey"))
        return trouves, derniere["consultation"] if derniere else None
