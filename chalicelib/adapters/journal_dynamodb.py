"""The journal read as it lies: entries as plain values, never refused for what they hold."""

from collections.abc import Iterator
from typing import Any

from chalicelib.adapters.dynamo import item, lire_journal, plat
from chalicelib.demande.verification import Attributs, Chaine, Tete

LECTURES = 5
"""How often a chain is read again while the demande moves on: its head and its entries must be of one moment."""


class JournalDynamoDB:
    """The port ``Journal``."""

    def __init__(self, client: Any, table_journal: str, table_demandes: str = "") -> None:
        self._client = client
        self._journal = table_journal
        self._demandes = table_demandes

    def page(self, demande_id: str, apres: int, limite: int) -> tuple[list[Attributs], int | None]:
        page = self._client.query(
            TableName=self._journal,
            KeyConditionExpression="demande_id = :id AND rang > :apres",
            ExpressionAttributeValues=item({":id": demande_id, ":apres": apres}),
            ConsistentRead=True,
            Limit=limite,
        )
        entrees: list[Attributs] = [plat(element) or {} for element in page["Items"]]
        return entrees, entrees[-1]["rang"] if "LastEvaluatedKey" in page else None

    def chaine(self, demande_id: str) -> Chaine:
        for _ in range(LECTURES):
            tete = self._tete(demande_id)
            chaine = Chaine(demande_id, self._entrees(demande_id), tete)
            if _meme_moment(chaine) or self._tete(demande_id) == tete:
                break
        return chaine

    def demandes(self) -> Iterator[str]:
        avec_journal = {
            "FilterExpression": "journal_rang > :zero",
            "ExpressionAttributeValues": item({":zero": 0}),
        }
        yield from self._cles(self._demandes, "id", **avec_journal)
        yield from self._cles(self._journal, "demande_id")

    def _cles(self, table: str, cle: str, **filtre: Any) -> Iterator[str]:
        vue = ""
        for page in self._client.get_paginator("scan").paginate(TableName=table, ProjectionExpression=cle, **filtre):
            for element in page["Items"]:
                # The entries of a chain follow each other.
                if element[cle]["S"] != vue:
                    vue = element[cle]["S"]
                    yield vue

    def _tete(self, demande_id: str) -> Tete | None:
        reponse = self._client.get_item(
            TableName=self._demandes,
            Key=item({"id": demande_id, "element": "DEMANDE"}),
            ProjectionExpression="id, journal_rang, journal_empreinte",
            ConsistentRead=True,
        )
        demande = plat(reponse.get("Item"))
        return Tete(demande.get("journal_rang", 0), demande.get("journal_empreinte", "")) if demande else None

    def _entrees(self, demande_id: str) -> list[Attributs]:
        return list(lire_journal(self._client, self._journal, demande_id))


def _meme_moment(chaine: Chaine) -> bool:
    derniere = chaine.entrees[-1] if chaine.entrees else {}
    return chaine.tete is not None and (derniere.get("rang", 0), derniere.get("empreinte", "")) == (
        chaine.tete.rang,
        chaine.tete.empreinte,
    )
