"""The records of notices (table ``notifications``), and what the senders read of the accounts (table ``comptes``)."""

import uuid
from collections.abc import Iterable
from typing import Any

from chalicelib.adapters.dynamo import ConditionRefusee, item, modifier, plat
from chalicelib.demande.evenements import PREFIXE_EVENEMENT_DE_COMPTE, EvenementPublie
from chalicelib.demande.notifications import (
    Canal,
    EtatLivraison,
    EtatNotification,
    Livraison,
    Notification,
    ReferenceInconnue,
)
from chalicelib.demande.ports_notifications import ContactDeCompte, EvenementDeCompte, Prise


class NotificationsDynamoDB:
    """The port ``Notifications``: one conditional UpdateItem per step of a record's life.

    A step whose answer was lost on its way is asked again at once: an SMS whose record was taken by nobody knows whom
    could never be sent.
    """

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def prendre(
        self, evenement: EvenementPublie, canal: Canal, maintenant: str, jusqua: str, expire: int, *, reprendre: bool
    ) -> Prise:
        libre = "attribute_not_exists(prise_jusqua)"
        if reprendre:
            libre = f"({libre} OR prise_jusqua <= :maintenant)"
        affectations, sources = _sources(evenement)
        preneur = str(uuid.uuid4())
        try:
            resultat = _insister(
                self._client,
                TableName=self._table,
                Key=self._cle(evenement.evenement_id, canal),
                UpdateExpression=(
                    f"SET {affectations}, etat = :a_envoyer, #type = :type, prise_jusqua = :jusqua, "
                    "preneur = :preneur, correlation_id = :correlation, "
                    "cree_le = if_not_exists(cree_le, :maintenant), expire = :expire "
                    "REMOVE attente, attendre_jusqua ADD essais :un"
                ),
                ConditionExpression=f"attribute_not_exists(evenement_id) OR (etat = :a_envoyer AND {libre})",
                ExpressionAttributeNames={"#type": "type"},
                ExpressionAttributeValues=item(
                    {
                        **sources,
                        ":a_envoyer": EtatNotification.A_ENVOYER,
                        ":type": evenement.type,
                        ":correlation": evenement.correlation_id,
                        ":preneur": preneur,
                        ":jusqua": jusqua,
                        ":maintenant": maintenant,
                        ":expire": expire,
                        ":un": 1,
                    }
                ),
                ReturnValues="ALL_NEW",
            )
        except ConditionRefusee as refus:
            ancien = refus.ancien or {}
            # Ours already: it is the answer that was lost.
            obtenue = ancien.get("preneur") == preneur
            return Prise(obtenue=obtenue, notification=Notification.model_validate(ancien))
        return Prise(obtenue=True, notification=Notification.model_validate(plat(resultat["Attributes"])))

    def differer(
        self, evenement: EvenementPublie, canal: Canal, maintenant: str, jusqua: str, expire: int
    ) -> Notification:
        affectations, sources = _sources(evenement)
        try:
            resultat = modifier(
                self._client,
                TableName=self._table,
                Key=self._cle(evenement.evenement_id, canal),
                UpdateExpression=(
                    f"SET {affectations}, etat = :a_envoyer, #type = :type, attente = :canal, "
                    "attendre_jusqua = :jusqua, correlation_id = :correlation, "
                    "cree_le = if_not_exists(cree_le, :maintenant), expire = :expire"
                ),
                ConditionExpression=(
                    "attribute_not_exists(evenement_id) OR (etat = :a_envoyer AND attribute_not_exists(prise_jusqua))"
                ),
                ExpressionAttributeNames={"#type": "type"},
                ExpressionAttributeValues=item(
                    {
                        **sources,
                        ":a_envoyer": EtatNotification.A_ENVOYER,
                        ":type": evenement.type,
                        ":canal": canal,
                        ":jusqua": jusqua,
                        ":correlation": evenement.correlation_id,
                        ":maintenant": maintenant,
                        ":expire": expire,
                    }
                ),
                ReturnValues="ALL_NEW",
            )
        except ConditionRefusee as refus:
            return Notification.model_validate(refus.ancien)
        return Notification.model_validate(plat(resultat["Attributes"]))

    def en_attente(self, canal: Canal, maintenant: str, limite: int) -> list[EvenementPublie]:
        resultat = self._client.query(
            TableName=self._table,
            IndexName="par_attente",
            KeyConditionExpression="attente = :canal AND attendre_jusqua <= :maintenant",
            ExpressionAttributeValues=item({":canal": canal, ":maintenant": maintenant}),
            Limit=limite,
        )
        trouves = [plat(trouve) or {} for trouve in resultat["Items"]]
        return [Notification.model_validate(trouve).evenement() for trouve in trouves]

    def sortir_d_attente(self, evenement: EvenementPublie, canal: Canal, maintenant: str) -> None:
        try:
            modifier(
                self._client,
                TableName=self._table,
                Key=self._cle(evenement.evenement_id, canal),
                UpdateExpression="REMOVE attente, attendre_jusqua",
                ConditionExpression="attendre_jusqua <= :maintenant",
                ExpressionAttributeValues=item({":maintenant": maintenant}),
            )
        except ConditionRefusee:
            return

    def renoncer(self, evenement: EvenementPublie, canal: Canal, maintenant: str, raison: str) -> bool:
        try:
            modifier(
                self._client,
                TableName=self._table,
                Key=self._cle(evenement.evenement_id, canal),
                UpdateExpression=(
                    "SET etat = :abandonne, raison = :raison, conclu_le = :maintenant REMOVE attente, attendre_jusqua"
                ),
                ConditionExpression="etat = :a_envoyer AND attribute_not_exists(prise_jusqua)",
                ExpressionAttributeValues=item(
                    {
                        ":abandonne": EtatNotification.ABANDONNE,
                        ":a_envoyer": EtatNotification.A_ENVOYER,
                        ":raison": raison,
                        ":maintenant": maintenant,
                    }
                ),
            )
        except ConditionRefusee:
            return False
        return True

    def rendre(self, notification: Notification) -> None:
        try:
            _insister(
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
        # A mail's later events name our event; those of an SMS only the carrier's id, kept in an index.
        reference_sms = reference if notification.canal is Canal.SMS else None
        champs = {**date, "reference": reference, "reference_sms": reference_sms, "raison": raison}
        valeurs = {nom: valeur for nom, valeur in champs.items() if valeur is not None}
        affectations = "".join(f", #{nom} = :{nom}" for nom in valeurs)
        try:
            _insister(
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

    def noter_livraison(self, livraison: Livraison) -> Notification:
        evenement_id = livraison.evenement_id or self._evenement_du_sms(livraison.reference)
        raison = livraison.raison if livraison.etat is EtatLivraison.REBOND else None
        champ = f"{livraison.etat}_le"
        try:
            resultat = modifier(
                self._client,
                TableName=self._table,
                Key=self._cle(evenement_id, livraison.canal),
                UpdateExpression=(
                    f"SET {champ} = if_not_exists({champ}, :le)"
                    + (", raison_rebond = if_not_exists(raison_rebond, :raison)" if raison else "")
                ),
                ConditionExpression="attribute_exists(evenement_id)",
                ExpressionAttributeValues=item({":le": livraison.le, **({":raison": raison} if raison else {})}),
                ReturnValues="ALL_NEW",
            )
        except ConditionRefusee:
            raise ReferenceInconnue(livraison.reference) from None
        return Notification.model_validate(plat(resultat["Attributes"]))

    def _evenement_du_sms(self, reference: str) -> str:
        resultat = self._client.query(
            TableName=self._table,
            IndexName="par_reference_sms",
            KeyConditionExpression="reference_sms = :reference",
            ExpressionAttributeValues=item({":reference": reference}),
            Limit=1,
        )
        if not resultat["Items"]:
            raise ReferenceInconnue(reference)
        return str((plat(resultat["Items"][0]) or {})["evenement_id"])

    def lire(self, evenement_id: str, canal: Canal) -> Notification | None:
        resultat = self._client.get_item(TableName=self._table, Key=self._cle(evenement_id, canal), ConsistentRead=True)
        trouve = plat(resultat.get("Item"))
        return Notification.model_validate(trouve) if trouve else None

    @staticmethod
    def _cle(evenement_id: str, canal: Canal) -> dict[str, Any]:
        return item({"evenement_id": evenement_id, "canal": canal})


def _insister(client: Any, **operation: Any) -> dict[str, Any]:
    """``modifier``, once more when nobody knows whether it was done."""
    try:
        return modifier(client, **operation)
    except ConditionRefusee:
        raise
    except Exception:
        return modifier(client, **operation)


def _sources(evenement: EvenementPublie) -> tuple[str, dict[str, Any]]:
    """What a record keeps of its event so that it can be told again: assignments, and their values."""
    champs = ("demande_id", "compte_id", "rang", "survenu_le")
    valeurs = {nom: getattr(evenement, nom) for nom in champs if getattr(evenement, nom) is not None}
    return ", ".join(f"{nom} = :{nom}" for nom in valeurs), {f":{nom}": valeur for nom, valeur in valeurs.items()}


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
