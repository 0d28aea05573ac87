"""What every DynamoDB adapter needs: plain values to and from attributes, and one transaction with its reasons.

A write that another transaction touches at the same instant is tried again here; a condition that fails is an answer,
told to the caller with the item as it was.
"""

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NoReturn

from botocore.exceptions import ClientError

from chalicelib.demande.erreurs import ServiceIndisponible

ESSAIS = 6
PAUSE_S = 0.02
OCCUPE = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


class ConditionRefusee(Exception):
    """A single write whose condition failed; ``ancien`` is the item as it was (None: absent, or not asked for).

    ``renvoyee``: botocore had sent it before without an answer, so that it may have failed on its own effect.
    """

    def __init__(self, ancien: dict[str, Any] | None, *, renvoyee: bool = False) -> None:
        super().__init__("condition refusée")
        self.ancien = ancien
        self.renvoyee = renvoyee

    def est_son_effet(self, posees: Mapping[str, Any]) -> bool:
        """Whether the item holds just what this very write, sent twice, had to leave (None: absent)."""
        ancien = self.ancien
        return self.renvoyee and ancien is not None and all(ancien.get(nom) == posees[nom] for nom in posees)


class TransactionRefusee(Exception):
    """A transaction refused by its conditions.

    ``raisons``, per operation: None when it passed, else the item as it was ({}: absent).
    """

    def __init__(self, raisons: Sequence[dict[str, Any] | None]) -> None:
        super().__init__("transaction refusée")
        self.raisons = raisons


def attribut(valeur: Any) -> dict[str, Any]:
    """One value as a DynamoDB attribute (str, bool, int, Decimal, None, bytes, lists and mappings of those)."""
    match valeur:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": valeur}
        case str():
            return {"S": str(valeur)}
        case int() | Decimal():
            return {"N": str(valeur)}
        case bytes():
            return {"B": valeur}
        case Mapping():
            return {"M": {cle: attribut(v) for cle, v in valeur.items()}}
        case Sequence():
            return {"L": [attribut(v) for v in valeur]}
    raise TypeError(f"type sans attribut DynamoDB : {type(valeur).__name__}")


def valeur(attribut_: Mapping[str, Any]) -> Any:
    """The plain value of an attribute; whole numbers are int."""
    ((type_, contenu),) = attribut_.items()
    match type_:
        case "NULL":
            return None
        case "N":
            nombre = Decimal(contenu)
            return int(nombre) if nombre == nombre.to_integral_value() else nombre
        case "M":
            return {cle: valeur(v) for cle, v in contenu.items()}
        case "L":
            return [valeur(v) for v in contenu]
        case _:
            return contenu


def item(valeurs: Mapping[str, Any]) -> dict[str, Any]:
    """An item as sent; members that are None are left out."""
    return {cle: attribut(v) for cle, v in valeurs.items() if v is not None}


def plat(item_: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """An item as plain values; None stays None."""
    return None if not item_ else {cle: valeur(v) for cle, v in item_.items()}


def requeter(client: Any, **requete: Any) -> Iterator[dict[str, Any]]:
    """Every item of a Query, page after page, as plain values."""
    for page in client.get_paginator("query").paginate(**requete):
        yield from (plat(element) or {} for element in page["Items"])


def lire_journal(client: Any, table: str, demande_id: str) -> Iterator[dict[str, Any]]:
    """The entries of a demande's journal, from the first one, read consistently."""
    return requeter(
        client,
        TableName=table,
        KeyConditionExpression="demande_id = :id",
        ExpressionAttributeValues=item({":id": demande_id}),
        ConsistentRead=True,
    )


def modifier(client: Any, **operation: Any) -> dict[str, Any]:
    """One UpdateItem; raises ``ConditionRefusee``, with the item as it was, when its condition fails."""
    if "ConditionExpression" in operation:
        operation["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    for essai in range(ESSAIS):
        try:
            resultat: dict[str, Any] = client.update_item(**operation)
            return resultat
        except ClientError as erreur:
            match erreur.response["Error"]["Code"]:
                case "ConditionalCheckFailedException":
                    essais = erreur.response.get("ResponseMetadata", {}).get("RetryAttempts", 0)
                    raise ConditionRefusee(plat(erreur.response.get("Item")), renvoyee=essais > 0) from None
                case "TransactionConflictException":
                    _patienter(essai)
                case _:
                    raise
    _renoncer()


def taille(item_: Mapping[str, Any]) -> int:
    """The size in bytes of an item as sent: names and values, as DynamoDB counts them."""
    return sum(len(nom.encode()) + _taille(attribut_) for nom, attribut_ in item_.items())


def _taille(attribut_: Mapping[str, Any]) -> int:
    ((genre, contenu),) = attribut_.items()
    match genre:
        case "S":
            return len(contenu.encode())
        case "N":
            chiffres = contenu.strip("-").replace(".", "").strip("0")
            return (len(chiffres) + 1) // 2 + 1 + int(contenu.startswith("-"))
        case "B":
            return len(contenu)
        case "M":
            return 3 + sum(1 + len(nom.encode()) + _taille(valeur_) for nom, valeur_ in contenu.items())
        case "L":
            return 3 + sum(1 + _taille(valeur_) for valeur_ in contenu)
        case "BOOL" | "NULL":
            return 1
    raise ValueError(f"type d'attribut sans taille connue : {genre}")


def lire_lot(
    client: Any, table: str, cles: Sequence[Mapping[str, Any]], *, coherent: bool = True, champs: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """The items of ``table`` under ``cles`` (100 at most), in no order; half the price when not ``coherent``.

    ``champs``, when there are any, are the only attributes given. DynamoDB may give a part of the items only: the rest
    is asked again.
    """
    trouves: list[dict[str, Any]] = []
    noms = {f"#{rang}": champ for rang, champ in enumerate(champs)}
    projection = {"ProjectionExpression": ", ".join(noms), "ExpressionAttributeNames": noms} if noms else {}
    reste: Any = {table: {"Keys": cles, "ConsistentRead": coherent, **projection}}
    for essai in range(ESSAIS):
        reponse = client.batch_get_item(RequestItems=reste)
        trouves += [plat(element) or {} for element in reponse["Responses"].get(table, [])]
        reste = reponse.get("UnprocessedKeys")
        if not reste:
            return trouves
        _patienter(essai)
    _renoncer()


def transiger(client: Any, operations: Sequence[Mapping[str, Any]]) -> None:
    """One TransactWriteItems; raises ``TransactionRefusee`` when a condition fails.

    Each operation is ``{"Put": {...}}``, ``{"Update": …}``, ``{"Delete": …}`` or ``{"ConditionCheck": …}``; the item as
    it was comes back with each failed condition. A conflict with another transaction is tried again, a few times.
    """
    complets = [
        {genre: {"ReturnValuesOnConditionCheckFailure": "ALL_OLD", **contenu} for genre, contenu in operation.items()}
        for operation in operations
    ]
    for essai in range(ESSAIS):
        try:
            client.transact_write_items(TransactItems=complets)
            return
        except ClientError as erreur:
            if erreur.response["Error"]["Code"] != "TransactionCanceledException":
                raise
            raisons: list[Any] = erreur.response.get("CancellationReasons", [])
            codes = [raison.get("Code") for raison in raisons]
            if "ConditionalCheckFailed" in codes:
                raise TransactionRefusee(
                    [
                        (plat(raison.get("Item")) or {}) if code == "ConditionalCheckFailed" else None
                        for code, raison in zip(codes, raisons, strict=True)
                    ]
                ) from None
            if not OCCUPE.intersection(codes):
                raise
            _patienter(essai)
    _renoncer()


def _patienter(essai: int) -> None:
    time.sleep(random.uniform(0, PAUSE_S * 2**essai))


def _renoncer() -> NoReturn:
    raise ServiceIndisponible("Trop d'écritures simultanées. Rien n'est perdu : recommencez dans quelques instants.")
