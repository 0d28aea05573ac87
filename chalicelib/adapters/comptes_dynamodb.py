"""Accounts in DynamoDB: table ``comptes``, with the spent challenges and hourly allowances kept in ``sessions``.

Items of ``comptes`` (key ``cle``, ``element``): COMPTE#<id>/COMPTE, IDENTIFIANT#<lower>/IDENTIFIANT,
EMAIL#<sha256>/EMAIL, COMPTE#<id>/CODE#<usage>, COMPTE#<id>/EVENEMENT#<uuid>, CREATION#<sha256>/CREATION,
AUTORITE#<code>/AGENT#<id>: who treats for an autorité. Its index ``par_veille`` holds the active accounts of usagers by
when they are looked at next. Of ``sessions`` (key ``cle``): DEFI#<signature>, LIMITE#…, COMPTE#<id> (sessions, see
``sessions_dynamodb``), ECHECS#….
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from chalicelib.adapters.dynamo import ConditionRefusee, TransactionRefusee, item, modifier, plat, transiger
from chalicelib.demande.codes import ESSAIS_MAX, UsageCode
from chalicelib.demande.comptes import (
    EVENEMENT_S,
    RESERVATION_S,
    Acces,
    AntiRobotRefuse,
    CodeEmis,
    Compte,
    Creation,
    Defi,
    Evenement,
    Limite,
    StatutCompte,
    cle_essais,
    cle_identifiant,
    empreinte_email,
    instant,
)
from chalicelib.demande.erreurs import IdentifiantPris
from chalicelib.demande.inactivite import VEILLE
from chalicelib.demande.ports_comptes import AccesInattendu, CreationConnue, EmailPris, EtatInattendu, LimiteAtteinte

LOT_DE_VEILLE = 100
_LIBRE = "attribute_not_exists(cle) OR expire < :maintenant"


def _compte(compte_id: str) -> str:
    return f"COMPTE#{compte_id}"


def _inutilise(compte: Compte) -> tuple[str, dict[str, Any]]:
    """The condition that nobody logged in, nor looked at the account, since it was read; and its values."""
    valeurs: dict[str, Any] = {":actif": StatutCompte.ACTIF, ":veille_le": compte.veille_le}
    jamais = compte.derniere_connexion_le is None
    if not jamais:
        valeurs[":connexion"] = compte.derniere_connexion_le
    connexion = "attribute_not_exists(derniere_connexion_le)" if jamais else "derniere_connexion_le = :connexion"
    return f"statut = :actif AND veille_le = :veille_le AND {connexion}", valeurs


class ComptesDynamoDB:
    """The port ``Comptes``."""

    def __init__(self, client: Any, table_comptes: str, table_sessions: str) -> None:
        self._client = client
        self._table = table_comptes
        self._sessions = table_sessions

    def resoudre(self, identifiant: str) -> str | None:
        trouve = self._obtenir(f"IDENTIFIANT#{cle_identifiant(identifiant)}", "IDENTIFIANT")
        return trouve["compte_id"] if trouve else None

    def titulaire(self, email: str, maintenant: int) -> str | None:
        trouve = self._obtenir(f"EMAIL#{empreinte_email(email)}", "EMAIL")
        if not trouve or trouve.get("expire", maintenant) < maintenant:
            return None
        return str(trouve["compte_id"])

    def lire(self, compte_id: str) -> Compte | None:
        trouve = self._obtenir(_compte(compte_id), "COMPTE")
        if not trouve or trouve["statut"] == StatutCompte.FERME:
            return None
        return Compte.model_validate(trouve)

    def creer(
        self,
        compte: Compte,
        code: CodeEmis,
        limites: Sequence[Limite],
        evenements: Sequence[Evenement],
        defi: Defi,
        creation: Creation | None,
        maintenant: int,
    ) -> None:
        # The order of the operations is that in which their refusals are told.
        operations: dict[str, dict[str, Any]] = {}
        if creation is not None:
            operations["creation"] = self._reserver(
                f"CREATION#{creation.empreinte_cle}", "CREATION", maintenant, **vars(creation)
            )
        operations["defi"] = self._depenser(defi)
        cles = {"compte_id": compte.compte_id, "expire": compte.expire}
        operations["identifiant"] = self._reserver(
            f"IDENTIFIANT#{cle_identifiant(compte.identifiant)}", "IDENTIFIANT", maintenant, **cles
        )
        if compte.fantome_de is None:
            operations["email"] = self._reserver(f"EMAIL#{empreinte_email(compte.email)}", "EMAIL", maintenant, **cles)
        operations["compte"] = self._poser(_compte(compte.compte_id), "COMPTE", compte.model_dump(mode="json"))
        suites = self._suites(limites, [code], evenements)
        try:
            transiger(self._client, [*operations.values(), *suites])
        except TransactionRefusee as refus:
            raisons = dict(zip(operations, refus.raisons, strict=False))
            if (connue := raisons.get("creation")) is not None:
                champs = {nom: connue[nom] for nom in Creation.__dataclass_fields__}
                raise CreationConnue(Creation(**champs)) from None
            if raisons["defi"] is not None:
                raise AntiRobotRefuse() from None
            if raisons["identifiant"] is not None:
                raise IdentifiantPris() from None
            if raisons.get("email") is not None:
                raise EmailPris() from None
            raise LimiteAtteinte() from None

    def emettre(
        self, limites: Sequence[Limite], defi: Defi, codes: Sequence[CodeEmis], evenements: Sequence[Evenement]
    ) -> None:
        operations = [self._depenser(defi), *self._suites(limites, codes, evenements)]
        try:
            transiger(self._client, operations)
        except TransactionRefusee as refus:
            if refus.raisons[0] is not None:
                raise AntiRobotRefuse() from None
            raise LimiteAtteinte() from None

    def compter_essai(self, compte_id: str, usage: UsageCode, maintenant: int) -> CodeEmis | None:
        try:
            resultat = modifier(
                self._client,
                TableName=self._table,
                Key=item({"cle": _compte(compte_id), "element": f"CODE#{usage}"}),
                UpdateExpression="ADD essais :un",
                ConditionExpression="attribute_exists(cle) AND essais < :max AND expire_le > :maintenant",
                ExpressionAttributeValues=item({":un": 1, ":max": ESSAIS_MAX, ":maintenant": maintenant}),
                ReturnValues="ALL_NEW",
            )
        except ConditionRefusee:
            return None
        code = plat(resultat["Attributes"]) or {}
        return CodeEmis(
            compte_id, usage, code["nonce"], code["expire_le"], code.get("valeur"), bool(code.get("utilise"))
        )

    def activer(self, code: CodeEmis, maintenant: int, acces: Acces | None = None) -> bool:
        compte = self._obtenir(_compte(code.compte_id), "COMPTE") or {}
        if compte.get("statut") == StatutCompte.ACTIF:
            return True
        if compte.get("statut") != StatutCompte.A_ACTIVER:
            return False
        if (compte["mot_de_passe"] == "") != (acces is not None):
            raise AccesInattendu(attendu=acces is None)
        choisis = dict(vars(acces)) if acces is not None else {}
        if "veille_le" in compte:
            choisis["veille"] = VEILLE
        affectations = "".join(f", {nom} = :{nom}" for nom in choisis)
        definitif = {
            "UpdateExpression": "REMOVE expire",
            "ConditionExpression": "compte_id = :compte",
            "ExpressionAttributeValues": item({":compte": code.compte_id}),
        }
        operations = [
            self._changer(
                _compte(code.compte_id),
                "COMPTE",
                UpdateExpression=f"SET statut = :actif{affectations} REMOVE expire",
                ConditionExpression="statut = :a_activer AND expire > :maintenant",
                ExpressionAttributeValues=item(
                    {
                        **{f":{nom}": valeur for nom, valeur in choisis.items()},
                        ":actif": StatutCompte.ACTIF,
                        ":a_activer": StatutCompte.A_ACTIVER,
                        ":maintenant": maintenant,
                    }
                ),
            ),
            self._changer(f"IDENTIFIANT#{cle_identifiant(compte['identifiant'])}", "IDENTIFIANT", **definitif),
            self._changer(f"EMAIL#{empreinte_email(compte['email'])}", "EMAIL", **definitif),
            *(
                self._changer(f"AUTORITE#{autorite}", f"AGENT#{code.compte_id}", **definitif)
                for autorite in compte.get("autorites", [])
            ),
            # The same right code, sent again because its answer was lost, must still be told that all is well.
            self._changer(
                _compte(code.compte_id),
                f"CODE#{code.usage}",
                UpdateExpression="SET essais = :zero",
                ConditionExpression="nonce = :nonce",
                ExpressionAttributeValues=item({":zero": 0, ":nonce": code.nonce}),
            ),
        ]
        try:
            transiger(self._client, operations)
        except TransactionRefusee as refus:
            return (refus.raisons[0] or {}).get("statut") == StatutCompte.ACTIF
        return True

    def changer_mot_de_passe(
        self, compte: Compte, mot_de_passe: str, codes: Sequence[CodeEmis], evenement: Evenement
    ) -> None:
        operations = [
            self._changer(
                _compte(compte.compte_id),
                "COMPTE",
                UpdateExpression="SET mot_de_passe = :nouveau",
                ConditionExpression="statut = :actif",
                ExpressionAttributeValues=item({":nouveau": mot_de_passe, ":actif": StatutCompte.ACTIF}),
            ),
            *(self._utiliser(code) for code in codes),
            self._oublier(_compte(compte.compte_id)),
            self._oublier(cle_essais(compte.identifiant)),
            self._poser_evenement(evenement),
        ]
        self._transiger_ou_relire(operations)

    def modifier(
        self,
        compte_id: str,
        changements: Mapping[str, str],
        limites: Sequence[Limite],
        codes: Sequence[CodeEmis],
        evenements: Sequence[Evenement],
    ) -> None:
        noms = {f"#c{rang}": nom for rang, nom in enumerate(changements)}
        valeurs = {f":c{rang}": valeur for rang, valeur in enumerate(changements.values())}
        affectations = ", ".join(f"#c{rang} = :c{rang}" for rang in range(len(changements)))
        compte = self._changer(
            _compte(compte_id),
            "COMPTE",
            UpdateExpression=f"SET {affectations}",
            ConditionExpression="statut = :actif",
            ExpressionAttributeNames=noms,
            ExpressionAttributeValues=item({**valeurs, ":actif": StatutCompte.ACTIF}),
        )
        try:
            transiger(self._client, [compte, *self._suites(limites, codes, evenements)])
        except TransactionRefusee as refus:
            if refus.raisons[0] is not None:
                raise EtatInattendu() from None
            raise LimiteAtteinte() from None

    def confirmer(self, compte: Compte, code: CodeEmis, evenement: Evenement, maintenant: int) -> None:
        champ = str(code.usage)
        attente = f"{champ}_en_attente"
        operations = [
            self._changer(
                _compte(compte.compte_id),
                "COMPTE",
                UpdateExpression=f"SET {champ} = :nouveau REMOVE {attente}",
                ConditionExpression=f"statut = :actif AND {attente} = :nouveau AND {champ} = :ancien",
                ExpressionAttributeValues=item(
                    {":nouveau": code.valeur, ":ancien": getattr(compte, champ), ":actif": StatutCompte.ACTIF}
                ),
            ),
            self._utiliser(code),
            self._poser_evenement(evenement),
        ]
        if code.usage is UsageCode.EMAIL:
            ancienne, nouvelle = empreinte_email(compte.email), empreinte_email(code.valeur or "")
            if ancienne != nouvelle:
                cles = {"compte_id": compte.compte_id}
                operations.append(self._supprimer_la_sienne(f"EMAIL#{ancienne}", "EMAIL", compte.compte_id))
                operations.append(self._reserver(f"EMAIL#{nouvelle}", "EMAIL", maintenant, **cles))
        self._transiger_ou_relire(operations)

    def fermer(self, compte: Compte, evenement: Evenement, maintenant: int) -> None:
        condition, valeurs = "statut = :actif AND email = :email", {":actif": StatutCompte.ACTIF}
        self._transiger_ou_relire(self._fermeture(compte, evenement, maintenant, condition, valeurs))

    def a_veiller(self, jusqua: str) -> Iterator[str]:
        # Page after page: one that stays where it was does not hold up those behind.
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName="par_veille",
            KeyConditionExpression="veille = :veille AND veille_le <= :jusqua",
            ExpressionAttributeValues=item({":veille": VEILLE, ":jusqua": jusqua}),
            PaginationConfig={"PageSize": LOT_DE_VEILLE},
        )
        for page in pages:
            yield from (element["cle"]["S"].removeprefix(_compte("")) for element in page["Items"])

    def replanifier(self, compte: Compte, prochaine: str) -> None:
        condition, valeurs = _inutilise(compte)
        try:
            modifier(
                self._client,
                TableName=self._table,
                Key=item({"cle": _compte(compte.compte_id), "element": "COMPTE"}),
                UpdateExpression="SET veille_le = :prochaine",
                ConditionExpression=condition,
                ExpressionAttributeValues=item({**valeurs, ":prochaine": prochaine}),
            )
        except ConditionRefusee:
            raise EtatInattendu() from None

    def prevenir(self, compte: Compte, evenement: Evenement, prevenu_le: str, prochaine: str) -> None:
        condition, valeurs = _inutilise(compte)
        annonce = self._changer(
            _compte(compte.compte_id),
            "COMPTE",
            UpdateExpression="SET prevenu_le = :prevenu, veille_le = :prochaine",
            ConditionExpression=condition,
            ExpressionAttributeValues=item({**valeurs, ":prevenu": prevenu_le, ":prochaine": prochaine}),
        )
        self._transiger_ou_relire([annonce, self._poser_evenement(evenement)])

    def fermer_inutilise(self, compte: Compte, evenement: Evenement, maintenant: int) -> None:
        condition, valeurs = _inutilise(compte)
        condition += " AND email = :email"
        self._transiger_ou_relire(self._fermeture(compte, evenement, maintenant, condition, valeurs))

    def _fermeture(
        self,
        compte: Compte,
        evenement: Evenement,
        maintenant: int,
        condition: str,
        valeurs: Mapping[str, Any],
        noms_de_condition: Mapping[str, str] | None = None,
    ) -> list[dict[str, Any]]:
        """What closes ``compte`` if ``condition`` holds (it may name ``:email``)."""
        effaces = sorted(
            set(Compte.model_fields) - {"compte_id", "statut", "role", "cree_le", "cgu_acceptees_le", "fantome_de"}
        )
        noms = {f"#e{rang}": nom for rang, nom in enumerate(effaces)}
        return [
            self._changer(
                _compte(compte.compte_id),
                "COMPTE",
                UpdateExpression=f"SET statut = :ferme, ferme_le = :instant REMOVE {', '.join(noms)}",
                ConditionExpression=condition,
                ExpressionAttributeNames={**noms, **(noms_de_condition or {})},
                ExpressionAttributeValues=item(
                    {
                        **valeurs,
                        ":ferme": StatutCompte.FERME,
                        ":instant": instant(maintenant),
                        ":email": compte.email,
                    }
                ),
            ),
            self._supprimer_la_sienne(
                f"IDENTIFIANT#{cle_identifiant(compte.identifiant)}", "IDENTIFIANT", compte.compte_id
            ),
            self._supprimer_la_sienne(f"EMAIL#{empreinte_email(compte.email)}", "EMAIL", compte.compte_id),
            self._oublier(_compte(compte.compte_id)),
            self._poser_evenement(evenement),
            *(self._rayer(autorite, compte.compte_id) for autorite in compte.autorites),
        ]

    def installer(self, compte: Compte) -> None:
        cles = {"compte_id": compte.compte_id}
        transiger(
            self._client,
            [
                self._poser(_compte(compte.compte_id), "COMPTE", compte.model_dump(mode="json")),
                self._poser(f"IDENTIFIANT#{cle_identifiant(compte.identifiant)}", "IDENTIFIANT", cles),
                self._poser(f"EMAIL#{empreinte_email(compte.email)}", "EMAIL", cles),
                *(self._inscrire(autorite, compte) for autorite in compte.autorites),
            ],
        )

    def _obtenir(self, cle: str, element: str) -> dict[str, Any] | None:
        resultat = self._client.get_item(
            TableName=self._table, Key=item({"cle": cle, "element": element}), ConsistentRead=True
        )
        return plat(resultat.get("Item"))

    def _transiger_ou_relire(self, operations: Sequence[Mapping[str, Any]]) -> None:
        try:
            transiger(self._client, operations)
        except TransactionRefusee:
            raise EtatInattendu() from None

    def _suites(
        self, limites: Iterable[Limite], codes: Iterable[CodeEmis], evenements: Iterable[Evenement]
    ) -> list[dict[str, Any]]:
        return [
            *(self._compter(limite) for limite in limites),
            *(self._poser_code(code) for code in codes),
            *(self._poser_evenement(evenement) for evenement in evenements),
        ]

    def _poser(self, cle: str, element: str, valeurs: Mapping[str, Any]) -> dict[str, Any]:
        return {"Put": {"TableName": self._table, "Item": item({"cle": cle, "element": element, **valeurs})}}

    def _reserver(self, cle: str, element: str, maintenant: int, **valeurs: Any) -> dict[str, Any]:
        """A put that only takes a free key, or one whose reservation has ended even if TTL is late."""
        operation = self._poser(cle, element, valeurs)
        operation["Put"] |= {
            "ConditionExpression": _LIBRE,
            "ExpressionAttributeValues": item({":maintenant": maintenant}),
        }
        return operation

    def _poser_code(self, code: CodeEmis) -> dict[str, Any]:
        valeurs = {
            "nonce": code.nonce,
            "expire_le": code.expire_le,
            "valeur": code.valeur,
            "essais": 0,
            "expire": code.expire_le + RESERVATION_S,
        }
        return self._poser(_compte(code.compte_id), f"CODE#{code.usage}", valeurs)

    def _poser_evenement(self, evenement: Evenement) -> dict[str, Any]:
        valeurs = {
            "type": evenement.type,
            "compte_id": evenement.compte_id,
            "evenement_id": evenement.evenement_id,
            "correlation_id": evenement.correlation_id,
            "survenu_le": instant(evenement.survenu_le),
            "expire": evenement.survenu_le + EVENEMENT_S,
            **evenement.donnees,
        }
        return self._poser(_compte(evenement.compte_id), f"EVENEMENT#{evenement.evenement_id}", valeurs)

    def _inscrire(self, autorite: str, compte: Compte) -> dict[str, Any]:
        """Have ``compte`` found among those who treat for ``autorite``."""
        valeurs = {"compte_id": compte.compte_id, "expire": compte.expire}
        return self._poser(f"AUTORITE#{autorite}", f"AGENT#{compte.compte_id}", valeurs)

    def _rayer(self, autorite: str, compte_id: str) -> dict[str, Any]:
        cle = item({"cle": f"AUTORITE#{autorite}", "element": f"AGENT#{compte_id}"})
        return {"Delete": {"TableName": self._table, "Key": cle}}

    def _changer(self, cle: str, element: str, **expressions: Any) -> dict[str, Any]:
        return {
            "Update": {"TableName": self._table, "Key": item({"cle": cle, "element": element}), **expressions},
        }

    def _utiliser(self, code: CodeEmis) -> dict[str, Any]:
        return self._changer(
            _compte(code.compte_id),
            f"CODE#{code.usage}",
            UpdateExpression="SET utilise = :vrai",
            ConditionExpression="nonce = :nonce AND attribute_not_exists(utilise)",
            ExpressionAttributeValues=item({":vrai": True, ":nonce": code.nonce}),
        )

    def _supprimer_la_sienne(self, cle: str, element: str, compte_id: str) -> dict[str, Any]:
        return {
            "Delete": {
                "TableName": self._table,
                "Key": item({"cle": cle, "element": element}),
                "ConditionExpression": "compte_id = :compte",
                "ExpressionAttributeValues": item({":compte": compte_id}),
            }
        }

    def _depenser(self, defi: Defi) -> dict[str, Any]:
        return {
            "Put": {
                "TableName": self._sessions,
                "Item": item({"cle": f"DEFI#{defi.signature}", "expire": defi.expire + RESERVATION_S}),
                "ConditionExpression": "attribute_not_exists(cle)",
            }
        }

    def _compter(self, limite: Limite) -> dict[str, Any]:
        return {
            "Update": {
                "TableName": self._sessions,
                "Key": item({"cle": limite.cle}),
                "UpdateExpression": "SET expire = :expire ADD nombre :un",
                "ConditionExpression": "attribute_not_exists(nombre) OR nombre < :max",
                "ExpressionAttributeValues": item({":expire": limite.expire, ":un": 1, ":max": limite.maximum}),
            }
        }

    def _oublier(self, cle: str) -> dict[str, Any]:
        return {"Delete": {"TableName": self._sessions, "Key": item({"cle": cle})}}
