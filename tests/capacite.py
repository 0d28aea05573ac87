"""Count the units that a piece of code pays, written (WRU) or read (RRU), from the bytes of the items.

Emulators meter capacity wrongly (DESIGN §3), so the sizes are counted here as DynamoDB documents them: a write costs
its item, before or after it, the larger, by whole KB; twice that in a transaction. An index pays one write for each of
its entries that appears or disappears, two when its key moves, one when an attribute that it projects changes, nothing
otherwise; outside the transaction, at the plain price. A refused write pays, too: the item that it looked at.

A reading costs half a unit by 4 KB, the double when it is consistent: a query by the sum of what it read (the entries
of an index are what it projects), before any filter; a batch item by item.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from botocore.client import BaseClient

from chalicelib.adapters.dynamo import taille

__all__ = ["KO", "Ecriture", "Lecture", "mesurer_ecritures", "mesurer_lectures", "taille", "total", "total_lu"]

MODELE = Path(__file__).parents[1] / "infra" / "resources.json"
KO = 1024
BLOC = 4 * KO
_SIMPLES = {"PutItem": "Put", "UpdateItem": "Update", "DeleteItem": "Delete"}

Item = Mapping[str, Any]


class Ecriture(NamedTuple):
    """One item written (or looked at by a refused write): its table, its size in bytes, and what it costs."""

    operation: str
    table: str
    octets: int
    wru: int
    index: int


class Lecture(NamedTuple):
    """One reading: its table, its index if any, the bytes read, and what they cost."""

    operation: str
    table: str
    index: str | None
    octets: int
    rru: float


class Index(NamedTuple):
    """The key of an index (the table's own included) and what else it projects."""

    cle: tuple[str, ...]
    projette: tuple[str, ...] | None

    def entree(self, item: Item) -> Item | None:
        """The entry of ``item``; None when it has none."""
        if any(nom not in item for nom in self.cle):
            return None
        if self.projette is None:
            return item
        return {nom: item[nom] for nom in (*self.cle, *self.projette) if nom in item}


class Table(NamedTuple):
    """The key of a table and its indexes, from the template."""

    cle: tuple[str, ...]
    index: tuple[Index, ...]


@cache
def _tables(prefixe: str = "permis") -> dict[str, Table]:
    tables = {}
    for ressource in json.loads(MODELE.read_text())["Resources"].values():
        if ressource.get("Type") != "AWS::DynamoDB::Table":
            continue
        proprietes = ressource["Properties"]
        cle = _noms(proprietes["KeySchema"])
        index = tuple(_index_de(i, cle) for i in proprietes.get("GlobalSecondaryIndexes", []))
        tables[proprietes["TableName"]["Fn::Sub"].replace("${Prefixe}", prefixe)] = Table(cle, index)
    return tables


def _index_de(description: dict[str, Any], cle: tuple[str, ...]) -> Index:
    projection = description["Projection"]
    cles = (*_noms(description["KeySchema"]), *cle)
    if projection["ProjectionType"] == "ALL":
        return Index(cles, None)
    return Index(cles, tuple(projection.get("NonKeyAttributes", ())))


def _noms(schema: list[dict[str, str]]) -> tuple[str, ...]:
    return tuple(element["AttributeName"] for element in schema)


def _unites(octets: int) -> int:
    return max(1, -(-octets // KO))


def _index(table: Table, avant: Item, apres: Item) -> int:
    """What the indexes pay for an item that changes."""
    ecritures = 0
    for index in table.index:
        vieille, neuve = index.entree(avant), index.entree(apres)
        if vieille == neuve:
            continue
        if vieille is None or neuve is None:
            ecritures += _unites(taille(vieille or neuve or {}))
        elif any(vieille[nom] != neuve[nom] for nom in index.cle):
            ecritures += _unites(taille(vieille)) + _unites(taille(neuve))
        else:
            ecritures += _unites(max(taille(vieille), taille(neuve)))
    return ecritures


@contextmanager
def mesurer_ecritures(
    a_part: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Iterator[list[Ecriture]]:
    """Give the list of the items written inside the block, with what each costs.

    The readings of the meter itself are made inside ``a_part()``: those who count calls leave them out.
    """
    ecritures: list[Ecriture] = []
    appeler = BaseClient._make_api_call  # type: ignore[attr-defined]

    def lire(client: Any, genre: str, contenu: dict[str, Any]) -> Item:
        connue = contenu["Item"] if genre == "Put" else contenu["Key"]
        cle = {nom: connue[nom] for nom in _tables()[contenu["TableName"]].cle}
        with a_part():
            trouve = appeler(client, "GetItem", {"TableName": contenu["TableName"], "Key": cle, "ConsistentRead": True})
        item: Item = trouve.get("Item", {})
        return item

    def mesurer(self: Any, operation: str, parametres: Any) -> Any:
        if operation in _SIMPLES:
            gestes = [(_SIMPLES[operation], parametres)]
        elif operation == "TransactWriteItems":
            gestes = [(genre, contenu) for geste in parametres["TransactItems"] for genre, contenu in geste.items()]
        elif operation in ("BatchWriteItem", "ExecuteStatement"):
            raise NotImplementedError(f"le compteur ne connaît pas {operation}")
        else:
            return appeler(self, operation, parametres)
        avant = [lire(self, genre, contenu) for genre, contenu in gestes]
        try:
            return appeler(self, operation, parametres)
        finally:
            facteur = 2 if operation == "TransactWriteItems" else 1
            for (genre, contenu), ancien in zip(gestes, avant, strict=True):
                nouveau = lire(self, genre, contenu)
                octets = max(taille(ancien), taille(nouveau))
                index = _index(_tables()[contenu["TableName"]], ancien, nouveau)
                nom = f"{operation}/{genre}" if facteur == 2 else operation
                ecritures.append(Ecriture(nom, contenu["TableName"], octets, facteur * _unites(octets), index))

    BaseClient._make_api_call = mesurer  # type: ignore[attr-defined]
    try:
        yield ecritures
    finally:
        BaseClient._make_api_call = appeler  # type: ignore[attr-defined]


def total(ecritures: list[Ecriture]) -> int:
    """The write units of all of them, indexes included."""
    return sum(ecriture.wru + ecriture.index for ecriture in ecritures)


@contextmanager
def mesurer_lectures() -> Iterator[list[Lecture]]:
    """Give the list of the readings made inside the block, with what each costs."""
    lectures: list[Lecture] = []
    appeler = BaseClient._make_api_call  # type: ignore[attr-defined]

    def mesurer(self: Any, operation: str, parametres: Any) -> Any:
        reponse = appeler(self, operation, parametres)
        if operation == "Query":
            if (
                reponse["Count"] != reponse.get("ScannedCount", reponse["Count"])
                or "ProjectionExpression" in parametres
            ):
                raise NotImplementedError("le compteur ne voit pas ce qu'un filtre ou une projection a caché")
            octets = sum(map(taille, reponse["Items"]))
            lectures.append(
                _lecture(operation, parametres["TableName"], parametres.get("IndexName"), octets, parametres)
            )
        elif operation == "GetItem":
            lectures.append(
                _lecture(operation, parametres["TableName"], None, taille(reponse.get("Item", {})), parametres)
            )
        elif operation == "BatchGetItem":
            for table, items in reponse["Responses"].items():
                for item in items:
                    lectures.append(_lecture(operation, table, None, taille(item), parametres["RequestItems"][table]))
        elif operation in ("Scan", "TransactGetItems"):
            raise NotImplementedError(f"le compteur ne connaît pas {operation}")
        return reponse

    BaseClient._make_api_call = mesurer  # type: ignore[attr-defined]
    try:
        yield lectures
    finally:
        BaseClient._make_api_call = appeler  # type: ignore[attr-defined]


def _lecture(operation: str, table: str, index: str | None, octets: int, demande: Any) -> Lecture:
    prix = 1.0 if demande.get("ConsistentRead") else 0.5
    return Lecture(operation, table, index, octets, prix * max(1, -(-octets // BLOC)))


def total_lu(lectures: list[Lecture]) -> float:
    """The read units of all of them."""
    return sum(lecture.rru for lecture in lectures)
