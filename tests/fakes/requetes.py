"""DynamoDB's Query on indexes, in memory: fast where simulators scan a whole table.

Indexes, keys and projections are those of ``infra/resources.json``. What is asked must be what the search asks: another
form of condition is refused. ``tests/contract/test_recherche.py`` compares it with moto on the same items.
"""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from chalicelib.adapters.dynamo import taille

MODELE = Path(__file__).parents[2] / "infra" / "resources.json"
CLE = ("id", "element")
DERNIER = "\U0010ffff"

Item = dict[str, Any]


class _Index(NamedTuple):
    cle: tuple[str, ...]
    projette: tuple[str, ...]


def _index_du_modele() -> dict[str, _Index]:
    proprietes = json.loads(MODELE.read_text())["Resources"]["TableDemandes"]["Properties"]
    return {
        un["IndexName"]: _Index(
            tuple(element["AttributeName"] for element in un["KeySchema"]),
            tuple(un["Projection"].get("NonKeyAttributes", ())),
        )
        for un in proprietes["GlobalSecondaryIndexes"]
    }


class RequetesEnMemoire:
    """A client with ``query`` (on an index) and ``batch_get_item``, over ``items`` as DynamoDB stores them."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._index = _index_du_modele()
        self._items = {(item["id"]["S"], item["element"]["S"]): item for item in items}
        self._partitions: dict[tuple[str, str], list[tuple[tuple[str, str, str], Item]]] = {}
        for nom, index in self._index.items():
            for item in self._items.values():
                if all(attribut in item for attribut in index.cle):
                    noms = (*index.cle, *CLE, *index.projette)
                    entree = {attribut: item[attribut] for attribut in noms if attribut in item}
                    partition = self._partitions.setdefault((nom, item[index.cle[0]]["S"]), [])
                    partition.append((_ordre(index.cle, item), entree))
        for partition in self._partitions.values():
            partition.sort(key=lambda rangee: rangee[0])

    def query(
        self,
        *,
        TableName: str,
        IndexName: str,
        KeyConditionExpression: str,
        ExpressionAttributeNames: Mapping[str, str],
        ExpressionAttributeValues: Mapping[str, Item],
        ScanIndexForward: bool,
        Limit: int,
        ExclusiveStartKey: Item | None = None,
    ) -> dict[str, Any]:
        """One page, in the order of the range key; equal ones by the table's key."""
        index = self._index[IndexName]
        valeurs = {nom: valeur["S"] for nom, valeur in ExpressionAttributeValues.items()}
        assert ExpressionAttributeNames["#p"] == index.cle[0]
        assert ExpressionAttributeNames.get("#t") in (None, *index.cle[1:])
        match KeyConditionExpression.removeprefix("#p = :p"):
            case "":
                bas, haut = "", DERNIER
            case " AND begins_with(#t, :debut)":
                bas, haut = valeurs[":debut"], valeurs[":debut"] + DERNIER
            case " AND #t BETWEEN :bas AND :haut":
                bas, haut = valeurs[":bas"], valeurs[":haut"]
            case autre:
                raise NotImplementedError(autre)
        partition = self._partitions.get((IndexName, valeurs[":p"]), [])
        debut = bisect_left(partition, bas, key=lambda rangee: rangee[0][0])
        fin = bisect_right(partition, haut, key=lambda rangee: rangee[0][0])
        if ExclusiveStartKey is not None:
            apres = _ordre(index.cle, ExclusiveStartKey)
            assert bas <= apres[0] <= haut, "DynamoDB refuses a start outside of the condition"
            if ScanIndexForward:
                debut = max(debut, bisect_right(partition, apres, key=lambda rangee: rangee[0]))
            else:
                fin = min(fin, bisect_left(partition, apres, key=lambda rangee: rangee[0]))
        fin = max(debut, fin)
        if ScanIndexForward:
            tranche = partition[debut : min(fin, debut + Limit)]
        else:
            tranche = partition[max(debut, fin - Limit) : fin][::-1]
        reponse: dict[str, Any] = {"Items": [entree for _, entree in tranche], "Count": len(tranche)}
        if len(tranche) == Limit:
            derniere = tranche[-1][1]
            reponse["LastEvaluatedKey"] = {nom: derniere[nom] for nom in (*index.cle, *CLE)}
        return reponse

    def tailles(self, index: str) -> list[int]:
        """The bytes of each entry of ``index``."""
        return [
            taille(entree) for (nom, _), rangees in self._partitions.items() if nom == index for _, entree in rangees
        ]

    def batch_get_item(self, *, RequestItems: Mapping[str, Any]) -> dict[str, Any]:
        """Whole items."""
        reponses = {
            table: [
                self._items[cle]
                for demandee in demande["Keys"]
                if (cle := (demandee["id"]["S"], demandee["element"]["S"])) in self._items
            ]
            for table, demande in RequestItems.items()
        }
        return {"Responses": reponses, "UnprocessedKeys": {}}


def _ordre(cle: tuple[str, ...], item: Mapping[str, Any]) -> tuple[str, str, str]:
    return (item[cle[1]]["S"] if len(cle) > 1 else "", item["id"]["S"], item["element"]["S"])
