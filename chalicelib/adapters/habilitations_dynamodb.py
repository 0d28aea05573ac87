"""The agents' accounts in DynamoDB: those of ``comptes_dynamodb``, with their history and the list of each autorité.

Further items of ``comptes``: COMPTE#<id>/HABILITATION#<instant>#<uuid>, written once.
"""

from collections.abc import Collection
from typing import Any

from chalicelib.adapters.comptes_dynamodb import ComptesDynamoDB
from chalicelib.adapters.dynamo import TransactionRefusee, item, lire_lot, plat, transiger
from chalicelib.demande.comptes import (
    CodeEmis,
    Compte,
    Evenement,
    StatutCompte,
    cle_identifiant,
    empreinte_email,
)
from chalicelib.demande.erreurs import IdentifiantPris
from chalicelib.demande.habilitations import Habilitation, Mouvement
from chalicelib.demande.ports_comptes import EmailPris

_AGENT = "AGENT#"
_MOUVEMENT = "HABILITATION#"
_NOMS = {"#role": "role"}  # a word that DynamoDB keeps for itself
_COMME_LU = "#role = :role AND autorites = :autorites AND statut = :statut"


class HabilitationsDynamoDB(ComptesDynamoDB):
    """The port ``Habilitations``."""

    def equipe(self, autorite: str, apres: str | None, limite: int) -> tuple[list[Compte], str | None]:
        cle = f"AUTORITE#{autorite}"
        debut = {} if apres is None else {"ExclusiveStartKey": item({"cle": cle, "element": _AGENT + apres})}
        page = self._client.query(
            TableName=self._table,
            KeyConditionExpression="cle = :cle",
            ExpressionAttributeValues=item({":cle": cle}),
            Limit=limite,
            **debut,
        )
        ids = [element["compte_id"]["S"] for element in page["Items"]]
        cles = [item({"cle": f"COMPTE#{id_}", "element": "COMPTE"}) for id_ in ids]
        trouves = lire_lot(self._client, self._table, cles) if cles else []
        ouverts = {t["compte_id"]: Compte.model_validate(t) for t in trouves if t["statut"] != StatutCompte.FERME}
        suite = ids[-1] if "LastEvaluatedKey" in page else None
        return [ouverts[id_] for id_ in ids if id_ in ouverts], suite

    def noms(self, compte_ids: Collection[str]) -> dict[str, str]:
        cles = [item({"cle": f"COMPTE#{id_}", "element": "COMPTE"}) for id_ in compte_ids]
        champs = ("compte_id", "role", "statut", "prenom", "nom")
        trouves = lire_lot(self._client, self._table, cles, coherent=False, champs=champs) if cles else []
        return {
            trouve["compte_id"]: f"{trouve['prenom']} {trouve['nom']}"
            for trouve in trouves
            if trouve["role"] != "usager" and trouve["statut"] != StatutCompte.FERME
        }

    def habiliter(
        self, compte: Compte, code: CodeEmis, evenement: Evenement, mouvement: Mouvement, maintenant: int
    ) -> None:
        cles = {"compte_id": compte.compte_id, "expire": compte.expire}
        operations = [
            self._reserver(f"IDENTIFIANT#{cle_identifiant(compte.identifiant)}", "IDENTIFIANT", maintenant, **cles),
            self._reserver(f"EMAIL#{empreinte_email(compte.email)}", "EMAIL", maintenant, **cles),
            self._poser(f"COMPTE#{compte.compte_id}", "COMPTE", compte.model_dump(mode="json")),
            *(self._inscrire(autorite, compte) for autorite in compte.autorites),
            self._poser_code(code),
            self._poser_evenement(evenement),
            self._noter(compte.compte_id, mouvement),
        ]
        try:
            transiger(self._client, operations)
        except TransactionRefusee as refus:
            raise (IdentifiantPris() if refus.raisons[0] is not None else EmailPris()) from None

    def changer_habilitation(
        self, compte: Compte, apres: Habilitation, evenement: Evenement, mouvement: Mouvement
    ) -> None:
        change = compte.model_copy(update={"role": apres.role, "autorites": apres.autorites})
        operations = [
            self._changer(
                f"COMPTE#{compte.compte_id}",
                "COMPTE",
                UpdateExpression="SET #role = :nouveau, autorites = :nouvelles",
                ConditionExpression=_COMME_LU,
                ExpressionAttributeNames=_NOMS,
                ExpressionAttributeValues=item(
                    {**_comme_lu(compte), ":nouveau": apres.role, ":nouvelles": list(apres.autorites)}
                ),
            ),
            *(self._inscrire(autorite, change) for autorite in sorted(set(apres.autorites) - set(compte.autorites))),
            *(
                self._rayer(autorite, compte.compte_id)
                for autorite in sorted(set(compte.autorites) - set(apres.autorites))
            ),
            self._oublier(f"COMPTE#{compte.compte_id}"),
            self._poser_evenement(evenement),
            self._noter(compte.compte_id, mouvement),
        ]
        self._transiger_ou_relire(operations)

    def clore(self, compte: Compte, evenement: Evenement, mouvement: Mouvement, maintenant: int) -> None:
        condition = f"{_COMME_LU} AND email = :email"
        fermeture = self._fermeture(compte, evenement, maintenant, condition, _comme_lu(compte), _NOMS)
        self._transiger_ou_relire([*fermeture, self._noter(compte.compte_id, mouvement)])

    def mouvements(self, compte_id: str, avant: str | None, limite: int) -> tuple[list[Mouvement], str | None]:
        cle = f"COMPTE#{compte_id}"
        debut = {} if avant is None else {"ExclusiveStartKey": item({"cle": cle, "element": _MOUVEMENT + avant})}
        page = self._client.query(
            TableName=self._table,
            KeyConditionExpression="cle = :cle AND begins_with(#element, :debut)",
            ExpressionAttributeNames={"#element": "element"},
            ExpressionAttributeValues=item({":cle": cle, ":debut": _MOUVEMENT}),
            ScanIndexForward=False,
            Limit=limite,
            **debut,
        )
        lus = [plat(element) or {} for element in page["Items"]]
        suite = lus[-1]["element"].removeprefix(_MOUVEMENT) if "LastEvaluatedKey" in page else None
        return [Mouvement.model_validate(lu) for lu in lus], suite

    def _noter(self, compte_id: str, mouvement: Mouvement) -> dict[str, Any]:
        element = f"{_MOUVEMENT}{mouvement.survenu_le}#{mouvement.mouvement_id}"
        operation = self._poser(f"COMPTE#{compte_id}", element, mouvement.model_dump(mode="json", exclude_none=True))
        operation["Put"]["ConditionExpression"] = "attribute_not_exists(cle)"
        return operation


def _comme_lu(compte: Compte) -> dict[str, Any]:
    return {":role": compte.role, ":autorites": list(compte.autorites), ":statut": compte.statut}
