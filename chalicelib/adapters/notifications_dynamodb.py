"""The records of notices (table ``notifications``), and what the senders read of the accounts (table ``comptes``)."""

from collections.abc import Iterable
from typing import Any

from chalicelib.adapters.dynamo import ConditionRefusee, item, modifier, plat
from chalicelib.demande.evenements import PREFIXE_EVENEMENT_DE_COMPTE, EvenementPublie
from chalicelib.demande.notifications import Canal, EtatNotification, Notification
from chalicelib.demande.ports_notifications import ContactDeCompte, EvenementDeCompte, Prise


class NotificationsDynamoDB:
    """The port ``Notifications``: one conditional UpdateItem per step of a record's life."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def prendre(
        self, evenement: EvenementPublie, canal: Canal, maintenant: str, jusqua: str, expire: int, *, reprendre: bool
    ) -> Prise:
        libre = "attribute_not_exists(prise_jusqua)"
        valeurs: dict[str, Any] = {}
        if reprendre:
            libre = f"({libre} OR prise_jusqua <= :maintenant)"
        source = {"demande_id": evenement.demande_id, "compte_id": evenement.compte_id}
        valeurs |= {f":{nom}": identifiant for nom, identifiant in source.items() if identifiant}
        affectations = [f"{nom} = :{nom}" for nom, identifiant in source.items() if identifiant]
        try:
            resultat = modifier(
                self._client,
                TableName=self._table,
                Key=self._cle(evenement.evenement_id, canal),
                UpdateExpression=(
                    f"SET {', '.join(affectations)}, etat = :a_envoyer, #type = :type, prise_jusqua = :jusqua, "
                    "correlation_id = :correlation, cree_le = if_not_exists(cree_le, :maintenant), expire = :expire "
                    "ADD essais :un"
                ),
                ConditionExpression=f"attribute_not_exists(evenement_id) OR (etat = :a_envoyer AND {libre})",
                ExpressionAttributeNames={"#type": "type"},
                ExpressionAttributeValues=item(
                    {
                        **valeurs,
                        ":a_envoyer": EtatNotification.A_ENVOYER,
                        ":type": evenement.type,
                        ":correlation": evenement.correlation_id,
                        ":jusqua": jusqua,
                        ":maintenant": maintenant,
                        ":expire": expire,
                        ":un": 1,
                    }
                ),
                ReturnValues="ALL_NEW",
            )
        except ConditionRefusee as refus:
            return Prise(obtenue=False, notification=Notification.model_validate(refus.ancien))
        return Prise(obtenue=True, notification=Notification.model_validate(plat(resultat["Attributes"])))

    def rendre(self, notification: Notification) -> None:
        try:
            modifier(
                self._client,
                TableName=self._table,
                Key=self._cle(notification.evenement_id, notification.canal),
                UpdateExpression="REMOVE prise_jusqua",
                ConditionExpression="etat = :a_envoyer AND essais = :essais",
                ExpressionAttributeValues=item(
                    {":a_envoyer": EtatNotification.A_ENVOYER, ":essais": notification.essais}
                ),
            )
        except ConditionRefusee:
            return

    def conclure(
        self,
        notification: Notification,
        etat: EtatNotification,
        maintenant: str,
        *,
        reference: str | None = None,
        raison: str | None = None,
    ) -> bool:
        date = {"envoye_le": maintenant} if etat is EtatNotification.ENVOYE else {"conclu_le": maintenant}
        valeurs = {nom: v for nom, v in {**date, "reference": reference, "raison": raison}.items() if v is not None}
        affectations = "".join(f", #{nom} = :{nom}" for nom in valeurs)
        try:
            modifier(
                self._client,
                TableName=self._table,
                Key=self._cle(notification.evenement_id, notification.canal),
                UpdateExpression=f"SET etat = :etat{affectations} REMOVE prise_jusqua",
                ConditionExpression="etat = :a_envoyer",
                ExpressionAttributeNames={f"#{nom}": nom for nom in valeurs},
                ExpressionAttributeValues=item(
                    {
                        ":etat": etat,
                        ":a_envoyer": EtatNotification.A_ENVOYER,
                        **{f":{nom}": v for nom, v in valeurs.items()},
                    }
                ),
            )
        except ConditionRefusee:
            return False
        return True

    def lire(self, evenement_id: str, canal: Canal) -> Notification | None:
        resultat = self._client.get_item(TableName=self._table, Key=self._cle(evenement_id, canal), ConsistentRead=True)
        trouve = plat(resultat.get("Item"))
        return Notification.model_validate(trouve) if trouve else None

    @staticmethod
    def _cle(evenement_id: str, canal: Canal) -> dict[str, Any]:
        return item({"evenement_id": evenement_id, "canal": canal})


class ContactsDynamoDB:
    """The port ``Contacts``: projections that leave hashes and civil status where they are."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def compte(self, compte_id: str) -> ContactDeCompte | None:
        trouve = self._lire(compte_id, "COMPTE", ContactDeCompte.model_fields)
        return ContactDeCompte.model_validate(trouve) if trouve else None

    def evenement(self, compte_id: str, evenement_id: str) -> EvenementDeCompte | None:
        element = f"{PREFIXE_EVENEMENT_DE_COMPTE}{evenement_id}"
        # Some events say nothing more: a key is projected too, so that they are not taken for absent ones.
        trouve = self._lire(compte_id, element, (*EvenementDeCompte.model_fields, "cle"))
        return EvenementDeCompte.model_validate(trouve) if trouve else None

    def _lire(self, compte_id: str, element: str, champs: Iterable[str]) -> dict[str, Any] | None:
        noms = {f"#{rang}": champ for rang, champ in enumerate(champs)}
        resultat = self._client.get_item(
            TableName=self._table,
            Key=item({"cle": f"COMPTE#{compte_id}", "element": element}),
            ConsistentRead=True,
            ProjectionExpression=", ".join(noms),
            ExpressionAttributeNames=noms,
        )
        return plat(resultat.get("Item"))
