"""Count the write units (WRU) that a piece of code pays, from the bytes of the items that it writes.

Emulators meter capacity wrongly (DESIGN §3), so the sizes are counted here as DynamoDB documents them: a write costs
its item, before or after it, the larger, by whole KB; twice that in a transaction. An index pays one write for each of
its entries that appears or disappears (KEYS_ONLY: nothing when its keys stay), outside the transaction, at the plain
price. A refused write pays, too: the item that it looked at.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from botocore.client import BaseClient

MODELE = Path(__file__).parents[1] / "infra" / "resources.json"
KO = 1024
_SIMPLES = {"PutItem": "Put", "UpdateItem": "Update", "DeleteItem": "Delete"}

Item = Mapping[str, Any]


class Ecriture(NamedTuple):
    """One item written (or looked at by a refused write): its table, its size in bytes, and what it costs."""

    operation: str
    table: str
    octets: int
    wru: int
    index: int


class Table(NamedTuple):
    """The key of a table and those of its indexes, from the template."""

    cle: tuple[str, ...]
    index: tuple[tuple[str, ...], ...]


@cache
def _tables(prefixe: str = "permis") -> dict[str, Table]:
    tables = {}
    for ressource in json.loads(MODELE.read_text())["Resources"].values():
        if ressource.get("Type") != "AWS::DynamoDB::Table":
            continue
        proprietes = ressource["Properties"]
        cle = _noms(proprietes["KeySchema"])
        index = tuple((*_noms(i["KeySchema"]), *cle) for i in proprietes.get("GlobalSecondaryIndexes", []))
        tables[proprietes["TableName"]["Fn::Sub"].replace("${Prefixe}", prefixe)] = Table(cle, index)
    return tables


def _noms(schema: list[dict[str, str]]) -> tuple[str, ...]:
    return tuple(element["AttributeName"] for element in schema)


def taille(item: Item) -> int:
    """The size of an item in bytes: names and values, as DynamoDB counts them."""
    return sum(len(nom.encode()) + _valeur(valeur) for nom, valeur in item.items())


def _valeur(attribut: Mapping[str, Any]) -> int:
    ((genre, contenu),) = attribut.items()
    match genre:
        case "S":
            return len(contenu.encode())
        case "N":
            chiffres = contenu.strip("-").replace(".", "").strip("0")
            return (len(chiffres) + 1) // 2 + 1 + contenu.startswith("-")
        case "B":
            return len(contenu)
        case "M":
            return 3 + sum(1 + len(nom.encode()) + _valeur(valeur) for nom, valeur in contenu.items())
        case "L":
            return 3 + sum(1 + _valeur(valeur) for valeur in contenu)
        case "BOOL" | "NULL":
            return 1
    raise ValueError(f"type d'attribut inconnu du compteur : {genre}")


def _unites(octets: int) -> int:
    return max(1, -(-octets // KO))


def _index(table: Table, avant: Item, apres: Item) -> int:
    """How many index entries appear or disappear."""
    ecritures = 0
    for noms in table.index:
        vieille, neuve = ([item.get(nom) for nom in noms] for item in (avant, apres))
        if vieille != neuve:
            ecritures += (None not in vieille) + (None not in neuve)
    return ecritures


@contextmanager
def mesurer_ecritures() -> Iterator[list[Ecriture]]:
    """Give the list of the items written inside the block, with what each costs."""
    ecritures: list[Ecriture] = []
    appeler = BaseClient._make_api_call  # type: ignore[attr-defined]

    def lire(client: Any, genre: str, contenu: dict[str, Any]) -> Item:
        connue = contenu["Item"] if genre == "Put" else contenu["Key"]
        cle = {nom: connue[nom] for nom in _tables()[contenu["TableName"]].cle}
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
