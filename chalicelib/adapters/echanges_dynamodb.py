"""Messages and notes in DynamoDB, under their demande (table ``demandes``); keys: demande/echanges.py."""

from typing import Any

from botocore.exceptions import ClientError

from chalicelib.adapters.dynamo import TransactionRefusee, item, plat, transiger
from chalicelib.demande.echanges import element, element_de_cle, elements
from chalicelib.demande.index import lire_fiche
from chalicelib.demande.modeles import Statut
from chalicelib.demande.ports_echanges import Ecrit, Fil, SansReponse


class EchangesDynamoDB:
    """The port ``Echanges``."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def lister(self, demande_id: str, fil: Fil, apres: str | None, limite: int) -> tuple[list[Ecrit], str | None]:
        debut: dict[str, Any] = {}
        if apres is not None:
            if "#" not in apres:
                raise ValueError("position inconnue")
            debut = {"ExclusiveStartKey": item({"id": demande_id, "element": element(fil, apres)})}
        page = self._client.query(
            TableName=self._table,
            KeyConditionExpression="id = :id AND begins_with(#element, :fil)",
            ExpressionAttributeNames={"#element": "element"},
            ExpressionAttributeValues=item({":id": demande_id, ":fil": element(fil)}),
            ConsistentRead=True,
            # One more than asked for tells whether there is another page.
            Limit=limite + 1,
            **debut,
        )
        trouves = [Ecrit.model_validate(plat(element_)) for element_ in page["Items"]]
        reste = len(trouves) > limite or "LastEvaluatedKey" in page
        ecrits = trouves[:limite]
        return ecrits, ecrits[-1].position if reste and ecrits else None

    def sans_reponse(self, autorite: str, depuis: str, limite: int) -> tuple[list[SansReponse], bool]:
        page = self._client.query(
            TableName=self._table,
            IndexName="par_reponse",
            KeyConditionExpression="autorite = :autorite AND attend_reponse_depuis >= :depuis",
            ExpressionAttributeValues=item({":autorite": autorite, ":depuis": depuis}),
            Limit=limite,
        )
        lus = [plat(entree) or {} for entree in page["Items"]]
        trouves = [
            SansReponse(lu["id"], autorite, lu["attend_reponse_depuis"], Statut(lu["statut"]), lire_fiche(lu["fiche"]))
            for lu in lus
        ]
        return sorted(trouves, key=lambda une: (une.depuis, une.id)), "LastEvaluatedKey" in page

    def noter(self, demande_id: str, note: Ecrit, cle: str | None) -> Ecrit:
        ecritures = [
            {
                "TableName": self._table,
                "Item": item({**valeurs, "id": demande_id, "element": element_}),
                "ConditionExpression": "attribute_not_exists(id)",
            }
            for element_, valeurs in elements(Fil.NOTES, note, cle).items()
        ]
        if cle is None:
            self._poser(ecritures[0])
            return note
        try:
            transiger(self._client, [{"Put": ecriture} for ecriture in ecritures])
        except TransactionRefusee:
            return self.retrouver(demande_id, cle) or note
        return note

    def retrouver(self, demande_id: str, cle: str) -> Ecrit | None:
        souvenir = self._lire(demande_id, element_de_cle(cle))
        ecrit = self._lire(demande_id, souvenir["vers"]) if souvenir else None
        return Ecrit.model_validate(ecrit) if ecrit else None

    def _poser(self, ecriture: dict[str, Any]) -> None:
        """Its key was drawn at random: one that is there is ours, its answer lost and the call made again under us."""
        try:
            self._client.put_item(**ecriture)
        except ClientError as erreur:
            if erreur.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise

    def _lire(self, demande_id: str, element_: str) -> dict[str, Any] | None:
        cle = item({"id": demande_id, "element": element_})
        reponse = self._client.get_item(TableName=self._table, Key=cle, ConsistentRead=True)
        return plat(reponse.get("Item"))
