"""The tokens that the machine parks: one item ``REPRISE`` under each demande, written by the machine and by signals."""

from datetime import datetime
from typing import Any

from chalicelib.adapters.dynamo import ConditionRefusee, item, modifier, plat
from chalicelib.demande.instants import ecrire, lire
from chalicelib.demande.modeles import Demande
from chalicelib.demande.ports_machine import Reprise

REPRISE = "REPRISE"
_REPERE = "REPERE"
"""In the place of a demande's id: the reconciler's own mark."""


class ReprisesDynamoDB:
    """The port ``Reprises``. The machine's own write is in infra/demande.asl.json, state ``Attendre``."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def lire(self, demande_id: str) -> Reprise:
        reponse = self._client.get_item(TableName=self._table, Key=_cle(demande_id), ConsistentRead=True)
        return _reprise(plat(reponse.get("Item")))

    def annoncer(self, demande: Demande) -> Reprise:
        try:
            reponse = modifier(
                self._client,
                TableName=self._table,
                Key=_cle(demande.id),
                UpdateExpression="SET signale = :version",
                ConditionExpression="attribute_not_exists(signale) OR signale < :version",
                ExpressionAttributeValues=item({":version": demande.version}),
                ReturnValues="ALL_OLD",
            )
        except ConditionRefusee as refus:
            return _reprise(refus.ancien)
        return _reprise(plat(reponse.get("Attributes")))

    def repere(self) -> datetime | None:
        reponse = self._client.get_item(TableName=self._table, Key=_cle(_REPERE), ConsistentRead=True)
        trouve = plat(reponse.get("Item"))
        return lire(trouve["jusqua"]) if trouve else None

    def noter_repere(self, jusqua: datetime) -> None:
        try:
            modifier(
                self._client,
                TableName=self._table,
                Key=_cle(_REPERE),
                UpdateExpression="SET jusqua = :jusqua",
                ConditionExpression="attribute_not_exists(jusqua) OR jusqua < :jusqua",
                ExpressionAttributeValues=item({":jusqua": ecrire(jusqua)}),
            )
        except ConditionRefusee:
            return


def _cle(demande_id: str) -> dict[str, Any]:
    return item({"id": demande_id, "element": REPRISE})


def _reprise(trouve: dict[str, Any] | None) -> Reprise:
    champs = ("jeton", "generation", "version", "signale")
    return Reprise(**{nom: trouve[nom] for nom in champs if nom in trouve}) if trouve else Reprise()
