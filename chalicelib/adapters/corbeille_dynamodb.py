"""The worklists in DynamoDB: indexes ``par_corbeille`` and ``par_agent`` of ``demandes``, and the lease on the item.

Index readings are eventually consistent; the lease is one conditional UpdateItem that loads nothing before.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.adapters.dynamo import ConditionRefusee, item, modifier, plat
from chalicelib.demande.bail import court
from chalicelib.demande.erreurs import DemandeInconnue, TransitionInterdite
from chalicelib.demande.index import INDEX, lire_fiche
from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Demande
from chalicelib.demande.ports_corbeille import (
    AUTRE_FILE,
    AUTRE_SERVICE,
    DejaTenue,
    Ligne,
    Position,
    Prise,
    Source,
    Tranche,
)

DEMANDE = "DEMANDE"
_NOMS = {"#agent": "agent"}  # a word that DynamoDB keeps for itself


class CorbeillesDynamoDB:
    """The port ``Corbeilles``."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def lire(self, source: Source, apres: Position | None, limite: int) -> Tranche:
        cle, tri = INDEX[source.index].cle
        debut: dict[str, Any] = {}
        if apres is not None:
            depart = {cle: source.cle, tri: apres.urgence, "id": apres.id, "element": DEMANDE}
            debut = {"ExclusiveStartKey": item(depart)}
        page = self._client.query(
            TableName=self._table,
            IndexName=source.index,
            KeyConditionExpression="#p = :p AND #t BETWEEN :bas AND :haut",
            ExpressionAttributeNames={"#p": cle, "#t": tri},
            ExpressionAttributeValues=item({":p": source.cle, ":bas": source.bas, ":haut": source.haut}),
            Limit=limite,
            **debut,
        )
        lues = (plat(entree) or {} for entree in page["Items"])
        return Tranche(tuple(map(_ligne, lues)), "LastEvaluatedKey" in page)

    def prendre(self, demande_id: str, prise: Prise) -> Demande:
        siennes = {f":c{rang}": corbeille for rang, corbeille in enumerate(prise.corbeilles)}
        if not siennes:
            raise DemandeInconnue(AUTRE_SERVICE)
        try:
            resultat = modifier(
                self._client,
                TableName=self._table,
                Key=self._cle(demande_id),
                UpdateExpression="SET #agent = :moi, agent_nom = :nom, bail_jusqua = :jusqua",
                ConditionExpression=f"corbeille IN ({', '.join(siennes)}) AND (attribute_not_exists(#agent)"
                " OR attribute_not_exists(bail_jusqua) OR bail_jusqua <= :maintenant"
                " OR (#agent = :moi AND bail_jusqua < :jusqua))",
                ExpressionAttributeNames=_NOMS,
                ExpressionAttributeValues=item(
                    {
                        **siennes,
                        ":moi": prise.compte_id,
                        ":nom": prise.nom,
                        ":jusqua": prise.jusqua,
                        ":maintenant": ecrire(prise.maintenant),
                    }
                ),
                ReturnValues="ALL_NEW",
            )
        except ConditionRefusee as refus:
            demande = _connue(refus.ancien, tuple(corbeille.partition("#")[0] for corbeille in prise.corbeilles))
            if demande.corbeille not in prise.corbeilles:
                raise TransitionInterdite(demande.statut, AUTRE_FILE) from None
            if demande.agent == prise.compte_id:
                return demande
            raise DejaTenue(demande.agent_nom) from None
        return Demande.model_validate(plat(resultat["Attributes"]))

    def rendre(self, demande_id: str, compte_id: str, autorites: tuple[str, ...], maintenant: datetime) -> None:
        try:
            modifier(
                self._client,
                TableName=self._table,
                Key=self._cle(demande_id),
                UpdateExpression="REMOVE #agent, agent_nom, bail_jusqua",
                ConditionExpression="#agent = :moi",
                ExpressionAttributeNames=_NOMS,
                ExpressionAttributeValues=item({":moi": compte_id}),
            )
        except ConditionRefusee as refus:
            demande = _connue(refus.ancien, autorites)
            if court(demande.agent, demande.bail_jusqua, maintenant):
                raise DejaTenue(demande.agent_nom) from None

    def _cle(self, demande_id: str) -> dict[str, Any]:
        return item({"id": demande_id, "element": DEMANDE})


def _connue(trouve: Mapping[str, Any] | None, autorites: tuple[str, ...]) -> Demande:
    if trouve is None or trouve.get("autorite") not in autorites:
        raise DemandeInconnue(AUTRE_SERVICE)
    return Demande.model_validate(trouve)


def _ligne(entree: Mapping[str, Any]) -> Ligne:
    return Ligne(
        entree["id"],
        entree["corbeille"],
        entree["urgence"],
        entree["statut"],
        lire_fiche(entree["fiche"]),
        entree.get("agent"),
        entree.get("agent_nom"),
        entree.get("bail_jusqua"),
    )
