"""Searches kept in DynamoDB, table ``recherches`` (key ``cle``).

RECHERCHE#<id> is a search, AGENT#<compte_id>#<day> the count of those that an agent kept that day. Both expire.
"""

from datetime import datetime
from typing import Any

from chalicelib.adapters.dynamo import TransactionRefusee, item, plat, transiger
from chalicelib.demande.instants import ecrire, lire
from chalicelib.demande.recherches_enregistrees import (
    PAR_JOUR,
    RechercheEnregistree,
    TropDeRecherches,
    jour_de_compte,
)


class RecherchesDynamoDB:
    """The port ``RecherchesEnregistrees``."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def enregistrer(self, recherche: RechercheEnregistree, maintenant: datetime) -> None:
        jour, reste_s = jour_de_compte(maintenant)
        contenu = {
            **recherche.model_dump(mode="json", exclude_none=True),
            "cle": f"RECHERCHE#{recherche.recherche_id}",
            "expire": int(lire(recherche.expire_le).timestamp()),
        }
        compte = {
            "TableName": self._table,
            "Key": item({"cle": f"AGENT#{recherche.auteur}#{jour}"}),
            "UpdateExpression": "SET expire = :fin ADD nombre :un",
            "ConditionExpression": "attribute_not_exists(nombre) OR nombre < :limite",
            "ExpressionAttributeValues": item(
                {":fin": int(maintenant.timestamp()) + reste_s, ":un": 1, ":limite": PAR_JOUR}
            ),
        }
        try:
            transiger(self._client, [{"Update": compte}, {"Put": {"TableName": self._table, "Item": item(contenu)}}])
        except TransactionRefusee:
            raise TropDeRecherches(reste_s) from None

    def lire(self, recherche_id: str, maintenant: datetime) -> RechercheEnregistree | None:
        resultat = self._client.get_item(
            TableName=self._table, Key=item({"cle": f"RECHERCHE#{recherche_id}"}), ConsistentRead=True
        )
        trouvee = plat(resultat.get("Item"))
        # TTL may lag by days.
        if trouvee is None or trouvee["expire_le"] <= ecrire(maintenant):
            return None
        return RechercheEnregistree.model_validate(trouvee)
