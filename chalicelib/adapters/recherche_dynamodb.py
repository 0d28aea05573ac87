"""The search in DynamoDB: ranges of the indexes of ``demandes``, eventually consistent, with their price in bytes.

Emulators report a capacity that AWS would not, and AWS reports none per item: what was read is counted here.
"""

from typing import Any

from chalicelib.adapters.dynamo import item, lire_lot, plat, taille
from chalicelib.demande.index import INDEX
from chalicelib.demande.ports_recherche import Lot, Lue, Position
from chalicelib.demande.recherche import Source, trouvee_de

DEMANDE = "DEMANDE"
BLOC = 4096
PRIX_DU_BLOC = 0.5


class RechercheDynamoDB:
    """The port ``Lecteur``."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def lire(self, source: Source, decroissant: bool, apres: Position | None, limite: int) -> Lot:
        index = INDEX[source.index]
        operation = self._requete(source, index.cle)
        if apres is not None:
            operation["ExclusiveStartKey"] = item(self._depart(source, index.cle, apres))
        page = self._client.query(
            TableName=self._table,
            IndexName=index.nom,
            ScanIndexForward=not decroissant,
            Limit=limite,
            **operation,
        )
        entrees = [plat(entree) or {} for entree in page["Items"]]
        octets = sum(map(taille, page["Items"]))
        rru = _prix(octets)
        entieres = {entree["id"]: entree for entree in entrees}
        if entrees and not index.projette:
            cles = [item({"id": entree["id"], "element": entree["element"]}) for entree in entrees]
            demandes = lire_lot(self._client, self._table, cles, coherent=False)
            rru += sum(_prix(taille(item(demande))) for demande in demandes)
            entieres |= {demande["id"]: demande for demande in demandes}
        lues = tuple(
            Lue(self._position(source, index.cle, entree), trouvee_de(entieres[entree["id"]])) for entree in entrees
        )
        return Lot(lues, "LastEvaluatedKey" in page, octets, rru)

    def _requete(self, source: Source, cle: tuple[str, ...]) -> dict[str, Any]:
        condition, noms, valeurs = "#p = :p", {"#p": cle[0]}, {":p": source.valeur}
        if source.haut is not None:
            condition += " AND #t BETWEEN :bas AND :haut"
            valeurs |= {":bas": source.prefixe + source.bas, ":haut": source.prefixe + source.haut}
        elif source.prefixe + source.debut:
            condition += " AND begins_with(#t, :debut)"
            valeurs[":debut"] = source.prefixe + source.debut
        if "#t" in condition:
            noms["#t"] = cle[1]
        return {
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": noms,
            "ExpressionAttributeValues": item(valeurs),
        }

    def _depart(self, source: Source, cle: tuple[str, ...], apres: Position) -> dict[str, Any]:
        tri = {cle[1]: source.prefixe + apres.suffixe} if len(cle) > 1 else {}
        return {cle[0]: source.valeur, **tri, "id": apres.id, "element": DEMANDE}

    def _position(self, source: Source, cle: tuple[str, ...], entree: dict[str, Any]) -> Position:
        return Position(entree[cle[1]].removeprefix(source.prefixe) if len(cle) > 1 else "", entree["id"])


def _prix(octets: int) -> float:
    return max(1, -(-octets // BLOC)) * PRIX_DU_BLOC
