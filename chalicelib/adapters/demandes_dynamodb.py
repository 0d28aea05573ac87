"""Demandes in DynamoDB: tables ``demandes`` (a demande and its pièces under one key), ``journal`` and ``timbres``.

Items of ``demandes`` (key ``id``, ``element``): <id>/DEMANDE and <id>/PIECE#<piece_id>. A function is given only the
tables that its ``FONCTION`` names; the others are empty names that it never uses.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError
from pydantic import BaseModel

from chalicelib.adapters.dynamo import (
    ConditionRefusee,
    TransactionRefusee,
    attribut,
    item,
    lire_journal,
    lire_lot,
    modifier,
    plat,
    requeter,
    transiger,
)
from chalicelib.demande.erreurs import (
    ConflitDeVersion,
    DejaPaye,
    DemandeInconnue,
    PieceInconnue,
    RienAPayer,
    TimbreIndisponible,
    TransitionInterdite,
)
from chalicelib.demande.index import cles_de_recherche, lire_fiche
from chalicelib.demande.instants import ecrire
from chalicelib.demande.journal import Changement, Entree, MouvementTimbre, ecritures, exiger_chaine, liberation
from chalicelib.demande.modeles import Demande, EtatPaiement, Motif, Paiement, Piece, Statut, StatutPiece, Timbre
from chalicelib.demande.ports import AchatEnCours, Doublon, Modification
from chalicelib.demande.statuts import FINALS
from chalicelib.demande.suspension import DELAI_PASSE, SuspensionClose, prefixe
from chalicelib.demande.vie import PURGE, SIGNAL

DEMANDE = "DEMANDE"
_PIECE = "PIECE#"
_FIN_DES_PIECES = "PIECE$"
"""Just after every pièce: what a demande gathers later (messages, notes, tokens) is not read with them."""

VEILLE_BROUILLON = "brouillon"
LOT_DE_VEILLE = 100
"""How many demandes a job reads at a time from the index of those to look at."""
EXPIREE = "Cette demande est restée trop longtemps sans modification : elle est close. Commencez-en une nouvelle."

_DU_BROUILLON = (
    "usager = :usager AND statut = :brouillon"
    " AND (modifie_le > :limite OR (attribute_exists(rappele_le) AND rappele_le > :limite_rappel))"
)

_DE_LA_SUSPENSION = (
    "usager = :usager AND statut = :suspendue AND suspension.rang = :suspension AND echeance > :maintenant"
)


def _simple(valeur: Any) -> Any:
    return valeur.model_dump(mode="json", exclude_none=True) if isinstance(valeur, BaseModel) else valeur


def _stockee(demande: Demande) -> dict[str, Any]:
    """The attributes of a new demande: what a later life will add is not there yet, and is not paid for."""
    valeurs = demande.model_dump(mode="json", exclude_none=True)
    return {nom: valeur for nom, valeur in valeurs.items() if nom not in _TARDIFS or valeur != _TARDIFS[nom]}


_TARDIFS: dict[str, Any] = {
    "generation": 1,
    "origine": "en_ligne",
    "rappels": 0,
    "suspensions": 0,
    "retours": 0,
    "evenements_titre": [],
    "photos_quittees": [],
    "anciens_contacts": [],
    "temps_usager_s": 0,
    "messages": 0,
}


def _laisse(posees: Mapping[str, Any], version: int) -> dict[str, Any]:
    """What a write of ``posees`` on ``version`` leaves in the item, as it is read."""
    simples = {nom: None if valeur is None else plat(item({nom: _simple(valeur)})) for nom, valeur in posees.items()}
    return {**{nom: lu and lu[nom] for nom, lu in simples.items()}, "version": version + 1}


def _piece_element(piece_id: str) -> str:
    return f"{_PIECE}{piece_id}"


def _piece(valeurs: Mapping[str, Any]) -> Piece:
    return Piece.model_validate({**valeurs, "demande_id": valeurs["id"]})


class _Ecriture:
    """An update expression being built: ``SET``/``REMOVE`` clauses with their names and values."""

    def __init__(self) -> None:
        self._poses: list[str] = ["version = version + :un"]
        self._otes: list[str] = []
        self.noms: dict[str, str] = {}
        self.valeurs: dict[str, Any] = {":un": 1}

    def poser(self, valeurs: Mapping[str, Any]) -> None:
        for nom, valeur in valeurs.items():
            self.noms[f"#{nom}"] = nom
            if valeur is None:
                self._otes.append(f"#{nom}")
            else:
                self.valeurs[f":p_{nom}"] = _simple(valeur)
                self._poses.append(f"#{nom} = :p_{nom}")

    def oter(self, noms: Sequence[str]) -> None:
        for nom in noms:
            self.noms[f"#{nom}"] = nom
            self._otes.append(f"#{nom}")

    def egal(self, nom: str, valeur: str | None) -> str:
        """The condition that ``nom`` is as it was read; None: absent."""
        self.noms[f"#{nom}"] = nom
        if valeur is None:
            return f"attribute_not_exists(#{nom})"
        self.valeurs[f":lu_{nom}"] = valeur
        return f"#{nom} = :lu_{nom}"

    def expression(self) -> str:
        return "SET " + ", ".join(self._poses) + (f" REMOVE {', '.join(self._otes)}" if self._otes else "")


class DemandesDynamoDB:
    """The port ``Demandes``."""

    def __init__(self, client: Any, table: str, table_journal: str = "", table_timbres: str = "") -> None:
        self._client = client
        self._table = table
        self._journal = table_journal
        self._timbres = table_timbres

    def creer(self, demande: Demande) -> None:
        self._poser({**_stockee(demande), "element": DEMANDE})

    def lire(self, demande_id: str) -> Demande:
        reponse = self._client.get_item(TableName=self._table, Key=self._cle(demande_id), ConsistentRead=True)
        return self._demande(plat(reponse.get("Item")))

    def lire_avec_pieces(self, demande_id: str) -> tuple[Demande, list[Piece]]:
        demande, pieces = None, []
        trouves = requeter(
            self._client,
            TableName=self._table,
            KeyConditionExpression="id = :id AND #element <= :fin",
            ExpressionAttributeNames={"#element": "element"},
            ExpressionAttributeValues=item({":id": demande_id, ":fin": _FIN_DES_PIECES}),
            ConsistentRead=True,
        )
        for trouve in trouves:
            if trouve["element"] == DEMANDE:
                demande = trouve
            elif trouve["element"].startswith(_PIECE):
                pieces.append(_piece(trouve))
        return self._demande(demande), sorted(pieces, key=lambda piece: (piece.rang, piece.piece_id))

    def lire_par_numero(self, numero: str) -> Demande:
        return self._lire_par("par_numero", "numero", numero)

    def lire_par_photo(self, code: str) -> Demande:
        return self._lire_par("par_photo", "photo_attendue", code)

    def _lire_par(self, index: str, cle: str, valeur: str) -> Demande:
        page = self._client.query(
            TableName=self._table,
            IndexName=index,
            KeyConditionExpression="#cle = :valeur",
            ExpressionAttributeNames={"#cle": cle},
            ExpressionAttributeValues=item({":valeur": valeur}),
            Limit=1,
        )
        if not page["Items"]:
            raise DemandeInconnue()
        return self.lire(page["Items"][0]["id"]["S"])

    def lister(self, usager: str, apres: str | None, limite: int) -> tuple[list[Demande], str | None]:
        debut: dict[str, Any] = {}
        if apres is not None:
            cree_le, _, demande_id = apres.partition("/")
            if not cree_le or not demande_id:
                raise ValueError("position inconnue")
            position = {"usager": usager, "cree_le": cree_le, "id": demande_id, "element": DEMANDE}
            debut = {"ExclusiveStartKey": item(position)}
        page = self._client.query(
            TableName=self._table,
            IndexName="par_usager",
            KeyConditionExpression="usager = :usager",
            ExpressionAttributeValues=item({":usager": usager}),
            ScanIndexForward=False,
            Limit=limite,
            **debut,
        )
        cles = [{"id": element["id"], "element": element["element"]} for element in page["Items"]]
        if not cles:
            return [], None
        demandes = [self._demande(trouve) for trouve in lire_lot(self._client, self._table, cles)]
        demandes.sort(key=lambda demande: (demande.cree_le, demande.id), reverse=True)
        derniere = plat(page.get("LastEvaluatedKey"))
        return demandes, f"{derniere['cree_le']}/{derniere['id']}" if derniere else None

    def modifier(self, demande_id: str, modification: Modification) -> Demande:
        return self._modifier(demande_id, modification, "ALL_NEW")

    def changer_motif(self, demande_id: str, modification: Modification) -> Demande:
        return self._modifier(demande_id, modification, "ALL_OLD")

    def ouvrir_achat(
        self,
        demande_id: str,
        modification: Modification,
        paiement: Paiement,
        payants: Sequence[Motif],
        remplace: str | None = None,
    ) -> Demande:
        valeurs, parmi = self._parmi(payants)
        condition = (
            f"{parmi} AND (attribute_not_exists(paiement) OR NOT paiement.etat IN (:reserve, :consomme, :en_attente)"
            " OR (paiement.etat = :en_attente AND paiement.#reference = :remplace))"
            " AND (attribute_not_exists(paiement.cle) OR paiement.cle <> :cle)"
        )
        valeurs |= {
            ":reserve": "reserve",
            ":consomme": "consomme",
            ":en_attente": "en_attente",
            ":remplace": remplace or "",
            ":cle": paiement.cle or "",
        }
        avec = replace(modification, poser={**modification.poser, "paiement": paiement})
        operation = self._operation(demande_id, avec, condition, valeurs)
        operation["ExpressionAttributeNames"]["#reference"] = "reference"
        try:
            return self._demande(plat(modifier(self._client, ReturnValues="ALL_NEW", **operation)["Attributes"]))
        except ConditionRefusee as refus:
            erreur = self._refus(refus.ancien, modification)
            # The answer to a key does not change with what was written since, nor with the If-Match sent again.
            if isinstance(erreur, ConflitDeVersion | _ConditionAutre):
                demande = self._demande(refus.ancien)
                if paiement.cle and demande.paiement is not None and demande.paiement.cle == paiement.cle:
                    return demande
            if not isinstance(erreur, _ConditionAutre):
                raise erreur from None
            if erreur.demande.motif not in payants:
                raise RienAPayer() from None
            tenu = erreur.demande.paiement
            attend = tenu is not None and tenu.etat is EtatPaiement.EN_ATTENTE
            raise (AchatEnCours(erreur.demande) if attend else DejaPaye()) from None

    def reserver_timbre(
        self, demande_id: str, modification: Modification, timbre: Timbre, payants: Sequence[Motif]
    ) -> Demande:
        try:
            return self._reserver(demande_id, modification, timbre, payants, None)
        except _ConditionAutre as refus:
            if refus.demande.motif not in payants:
                raise RienAPayer() from None
            tenu = refus.demande.paiement
            return self._reserver(demande_id, modification, timbre, payants, tenu.numero_timbre if tenu else None)

    def rendre_timbre(self, demande: Demande, maintenant: datetime) -> Demande:
        mouvement, libere = liberation(demande)
        if mouvement is None:
            return demande
        posees = {**libere, "modifie_le": ecrire(maintenant)}
        ecriture = _Ecriture()
        ecriture.poser(posees)
        try:
            transiger(
                self._client,
                [self._sur_version(demande, ecriture), self._liberer(mouvement.numero, demande.id)],
            )
        except TransactionRefusee as refus:
            if refus.raisons[0] is None:
                raise TimbreIndisponible() from None
            raise ConflitDeVersion(refus.raisons[0].get("version", demande.version)) from None
        return demande.model_copy(update={**posees, "version": demande.version + 1})

    def noter_paiement(self, demande: Demande, paiement: Paiement, maintenant: datetime) -> None:
        self._poser_sur_version(demande, {"paiement": paiement, "modifie_le": ecrire(maintenant)})

    def encaisser(self, demande: Demande, paiement: Paiement, timbre: Timbre, maintenant: datetime) -> bool:
        ecriture = _Ecriture()
        ecriture.poser({"paiement": paiement, "modifie_le": ecrire(maintenant)})
        operations = [
            self._sur_version(demande, ecriture),
            {
                "Put": {
                    "TableName": self._timbres,
                    "Item": item(timbre.model_dump(mode="json", exclude_none=True)),
                    "ConditionExpression": "attribute_not_exists(numero)",
                }
            },
        ]
        try:
            transiger(self._client, operations)
        except TransactionRefusee:
            return False
        return True

    def conserver(self, demande: Demande, timbre: Timbre, changement: Changement) -> None:
        ligne = {
            "Put": {
                "TableName": self._timbres,
                "Item": item({**timbre.model_dump(mode="json", exclude_none=True), "usager": demande.usager}),
                "ConditionExpression": "attribute_not_exists(numero)",
            }
        }
        try:
            transiger(self._client, [*self._transition(demande, changement), ligne])
        except TransactionRefusee as refus:
            if refus.raisons[-1] is not None:
                return
            raise ConflitDeVersion(demande.version) from None

    def timbre(self, numero: str) -> Timbre | None:
        reponse = self._client.get_item(TableName=self._timbres, Key={"numero": attribut(numero)}, ConsistentRead=True)
        trouve = plat(reponse.get("Item"))
        return Timbre.model_validate(trouve) if trouve else None

    def ajouter_piece(self, piece: Piece) -> None:
        valeurs = piece.model_dump(mode="json", exclude={"demande_id"})
        self._poser({**valeurs, "id": piece.demande_id, "element": _piece_element(piece.piece_id)})

    def conclure_piece(self, piece: Piece) -> Piece:
        try:
            resultat = modifier(
                self._client,
                TableName=self._table,
                Key=item({"id": piece.demande_id, "element": _piece_element(piece.piece_id)}),
                UpdateExpression="SET statut = :statut, #pages = :pages, anomalies = :anomalies, #mime = :mime,"
                " empreinte = :empreinte, vues = :vues, mrz = :mrz, formats_mrz = :formats_mrz, #code = :code,"
                " controlee_le = :controlee_le",
                ConditionExpression="statut IN (:attendue, :en_cours)",
                ExpressionAttributeNames={"#pages": "pages", "#mime": "mime", "#code": "code"},
                ExpressionAttributeValues=item(
                    {
                        ":statut": piece.statut,
                        ":pages": piece.pages,
                        ":anomalies": [anomalie.model_dump() for anomalie in piece.anomalies],
                        ":mime": piece.mime,
                        ":empreinte": piece.empreinte or "",
                        ":controlee_le": piece.controlee_le,
                        ":mrz": piece.mrz,
                        ":formats_mrz": piece.formats_mrz,
                        ":code": piece.code,
                        ":vues": piece.vues,
                        ":attendue": StatutPiece.ATTENDUE,
                        ":en_cours": StatutPiece.EN_COURS,
                    }
                ),
                ReturnValues="ALL_NEW",
            )
        except ConditionRefusee as refus:
            if refus.ancien is None:
                raise PieceInconnue() from None
            return _piece(refus.ancien)
        return _piece(plat(resultat["Attributes"]) or {})

    def retirer_piece(self, demande_id: str, modification: Modification, piece_id: str) -> None:
        mise_a_jour = {"Update": self._operation(demande_id, modification)}
        suppression = {
            "Delete": {
                "TableName": self._table,
                "Key": item({"id": demande_id, "element": _piece_element(piece_id)}),
                "ConditionExpression": "attribute_exists(id)",
            }
        }
        try:
            transiger(self._client, [mise_a_jour, suppression])
        except TransactionRefusee as refus:
            if refus.raisons[0] is not None:
                raise self._refus(refus.raisons[0], modification) from None
            raise PieceInconnue() from None

    def transiter(self, demande: Demande, changement: Changement) -> Demande:
        exiger_chaine(demande, changement)
        operations = self._transition(demande, changement)
        if changement.timbre is not None:
            operations.append(self._mouvement(demande, changement.timbre, changement.maintenant))
        try:
            transiger(self._client, operations)
        except TransactionRefusee as refus:
            # The demande's own condition first: a stamp moved by a faster writer is told as the conflict that it is.
            if changement.timbre is not None and refus.raisons[-1] is not None and not any(refus.raisons[:-1]):
                raise TimbreIndisponible() from None
            raise ConflitDeVersion((refus.raisons[0] or {}).get("version", demande.version)) from None
        posees, _ = ecritures(demande, changement)
        suite = {**demande.model_dump(mode="json"), **{nom: _simple(valeur) for nom, valeur in posees.items()}}
        presents = {nom: valeur for nom, valeur in suite.items() if valeur is not None}
        return Demande.model_validate({**presents, "version": demande.version + 1})

    def journal(self, demande_id: str) -> list[Entree]:
        return [Entree.model_validate(entree) for entree in lire_journal(self._client, self._journal, demande_id)]

    def suspensions_closes(self, demande_id: str) -> list[SuspensionClose]:
        closes = requeter(
            self._client,
            TableName=self._table,
            KeyConditionExpression="id = :id AND begins_with(#element, :debut)",
            ExpressionAttributeNames={"#element": "element"},
            ExpressionAttributeValues=item({":id": demande_id, ":debut": prefixe()}),
            ConsistentRead=True,
        )
        return sorted(map(SuspensionClose.model_validate, closes), key=lambda close: close.close_le)

    def doublons(self, demande: Demande) -> list[Doublon]:
        if demande.etat_civil is None:
            return []
        cles = cles_de_recherche(demande)
        meme_jour = requeter(
            self._client,
            TableName=self._table,
            IndexName="par_naissance",
            KeyConditionExpression="naissance = :naissance",
            ExpressionAttributeValues=item({":naissance": cles["naissance"]}),
        )
        trouves: list[Doublon] = []
        for autre in meme_jour:
            autorite, _, nom = autre["autorite_nom"].partition("#")
            ecartee = autre["id"] == demande.id or nom != cles["nom_recherche"] or autre["statut"] in FINALS
            # An entry damaged by hand must not stop the control of somebody else.
            if not ecartee and "fiche" in autre:
                fiche = lire_fiche(autre["fiche"])
                trouves.append(
                    Doublon(autre["id"], fiche.numero, fiche.motif, autre["statut"], fiche.deposee_le, autorite)
                )
        return sorted(trouves, key=lambda autre: autre.deposee_le)

    def noter_commande(self, demande: Demande, le: str | None) -> Demande:
        return self._poser_sur_version(demande, {"commande_le": le, "veille": None, "veille_le": None})

    def changer_de_generation(self, demande: Demande, maintenant: datetime) -> Demande:
        marque = {"veille": SIGNAL, "veille_le": ecrire(maintenant)}
        return self._poser_sur_version(demande, {"generation": demande.generation + 1, **marque})

    def signal_entendu(self, demande: Demande) -> None:
        try:
            modifier(
                self._client,
                TableName=self._table,
                Key=self._cle(demande.id),
                UpdateExpression="REMOVE veille, veille_le",
                ConditionExpression="veille = :signal AND veille_le = :le",
                ExpressionAttributeValues=item({":signal": SIGNAL, ":le": demande.veille_le or ""}),
            )
        except ConditionRefusee:
            return

    def signaux_en_attente(self, avant: datetime, limite: int) -> list[str]:
        return self._veilles(SIGNAL, avant, limite)

    def a_veiller(self, maintenant: datetime) -> Iterator[str]:
        return self._defiler(VEILLE_BROUILLON, maintenant)

    def a_purger(self, avant: datetime) -> Iterator[str]:
        return self._defiler(PURGE, avant)

    def oublier_pieces(self, demande_id: str) -> None:
        _, pieces = self.lire_avec_pieces(demande_id)
        for piece in pieces:
            cle = item({"id": demande_id, "element": _piece_element(piece.piece_id)})
            self._client.delete_item(TableName=self._table, Key=cle)
        try:
            modifier(
                self._client,
                TableName=self._table,
                Key=self._cle(demande_id),
                UpdateExpression="REMOVE veille, veille_le, photo_image",
                ConditionExpression="veille = :purge",
                ExpressionAttributeValues=item({":purge": PURGE}),
            )
        except ConditionRefusee:
            return

    def _defiler(self, veille: str, jusqua: datetime) -> Iterator[str]:
        """Page after page: one that stays where it was does not hold up those behind."""
        suite: dict[str, Any] = {}
        while True:
            page = self._client.query(
                TableName=self._table,
                IndexName="par_veille",
                KeyConditionExpression="veille = :veille AND veille_le <= :jusqua",
                ExpressionAttributeValues=item({":veille": veille, ":jusqua": ecrire(jusqua)}),
                Limit=LOT_DE_VEILLE,
                **suite,
            )
            yield from (element["id"]["S"] for element in page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            suite = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def _veilles(self, veille: str, jusqua: datetime, limite: int) -> list[str]:
        page = self._client.query(
            TableName=self._table,
            IndexName="par_veille",
            KeyConditionExpression="veille = :veille AND veille_le <= :jusqua",
            ExpressionAttributeValues=item({":veille": veille, ":jusqua": ecrire(jusqua)}),
            Limit=limite,
        )
        return [element["id"]["S"] for element in page["Items"]]

    def _poser_sur_version(self, demande: Demande, posees: Mapping[str, Any]) -> Demande:
        ecriture = _Ecriture()
        ecriture.poser(posees)
        try:
            modifier(self._client, **self._sur_version(demande, ecriture)["Update"])
        except ConditionRefusee as refus:
            if not refus.est_son_effet(_laisse(posees, demande.version)):
                raise ConflitDeVersion((refus.ancien or {}).get("version", demande.version)) from None
        return demande.model_copy(update={**posees, "version": demande.version + 1})

    def replanifier(self, demande: Demande, prochaine: datetime) -> None:
        try:
            modifier(
                self._client,
                TableName=self._table,
                Key=self._cle(demande.id),
                UpdateExpression="SET veille_le = :prochaine",
                ConditionExpression="statut = :brouillon AND veille_le = :actuelle",
                ExpressionAttributeValues=item(
                    {
                        ":prochaine": ecrire(prochaine),
                        ":actuelle": demande.veille_le or "",
                        ":brouillon": Statut.BROUILLON,
                    }
                ),
            )
        except ConditionRefusee:
            return

    def _poser(self, valeurs: Mapping[str, Any]) -> None:
        """Write a new item, whose key was drawn at random for it.

        One that is there already is ours: the answer was lost, and the call made again under us.
        """
        try:
            self._client.put_item(
                TableName=self._table, Item=item(valeurs), ConditionExpression="attribute_not_exists(id)"
            )
        except ClientError as erreur:
            if erreur.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise

    def _cle(self, demande_id: str) -> dict[str, Any]:
        return item({"id": demande_id, "element": DEMANDE})

    def _demande(self, trouve: Mapping[str, Any] | None) -> Demande:
        if trouve is None:
            raise DemandeInconnue()
        return Demande.model_validate(trouve)

    def _operation(
        self,
        demande_id: str,
        modification: Modification,
        condition: str = "",
        valeurs: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        ecriture = _Ecriture()
        ecriture.poser(modification.poser)
        ecriture.oter(modification.oter)
        ecriture.valeurs[":usager"] = modification.usager
        if modification.suspension is None:
            conditions = [_DU_BROUILLON]
            ecriture.poser({"modifie_le": ecrire(modification.maintenant)})
            ecriture.valeurs |= {
                ":brouillon": Statut.BROUILLON,
                ":limite": ecrire(modification.limite),
                ":limite_rappel": ecrire(modification.limite_rappel),
            }
        else:
            conditions = [_DE_LA_SUSPENSION]
            ecriture.valeurs |= {
                ":suspendue": Statut.SUSPENDUE,
                ":suspension": modification.suspension,
                ":maintenant": ecrire(modification.maintenant),
            }
        if modification.si_version is not None:
            conditions.append("version = :si_version")
            ecriture.valeurs[":si_version"] = modification.si_version
        if condition:
            conditions.append(condition)
        ecriture.valeurs |= valeurs or {}
        return {
            "TableName": self._table,
            "Key": self._cle(demande_id),
            "UpdateExpression": ecriture.expression(),
            "ConditionExpression": " AND ".join(conditions),
            "ExpressionAttributeNames": ecriture.noms,
            "ExpressionAttributeValues": item(ecriture.valeurs),
        }

    def _modifier(self, demande_id: str, modification: Modification, rendre: str) -> Demande:
        operation = self._operation(demande_id, modification)
        try:
            resultat = modifier(self._client, ReturnValues=rendre, **operation)
        except ConditionRefusee as refus:
            if modification.si_version is not None:
                posees = {**dict.fromkeys(modification.oter), **modification.poser}
                if modification.suspension is None:
                    posees["modifie_le"] = ecrire(modification.maintenant)
                if refus.est_son_effet(_laisse(posees, modification.si_version)):
                    return self._demande(refus.ancien)
            raise self._refus(refus.ancien, modification) from None
        return self._demande(plat(resultat["Attributes"]))

    def _refus(self, ancien: Mapping[str, Any] | None, modification: Modification) -> Exception:
        """What made a write refused, told from the item as it was: 404, then 409, then 412."""
        if not ancien or ancien["usager"] != modification.usager:
            return DemandeInconnue()
        if modification.suspension is not None:
            return self._refus_d_une_reponse(ancien, modification)
        if ancien["statut"] != Statut.BROUILLON:
            return TransitionInterdite(ancien["statut"])
        vivant = ancien["modifie_le"] > ecrire(modification.limite)
        if not vivant and ancien.get("rappele_le", "") <= ecrire(modification.limite_rappel):
            return TransitionInterdite(ancien["statut"], EXPIREE)
        if modification.si_version is not None and ancien["version"] != modification.si_version:
            return ConflitDeVersion(ancien["version"])
        return _ConditionAutre(Demande.model_validate(ancien))

    def _refus_d_une_reponse(self, ancien: Mapping[str, Any], modification: Modification) -> Exception:
        if ancien["statut"] != Statut.SUSPENDUE or ancien["suspension"]["rang"] != modification.suspension:
            return TransitionInterdite(ancien["statut"])
        if ancien.get("echeance", "") <= ecrire(modification.maintenant):
            return TransitionInterdite(ancien["statut"], DELAI_PASSE)
        return ConflitDeVersion(ancien["version"])

    def _parmi(self, motifs: Sequence[Motif]) -> tuple[dict[str, Any], str]:
        valeurs: dict[str, Any] = {f":motif_{rang}": motif for rang, motif in enumerate(motifs)}
        return valeurs, f"motif IN ({', '.join(valeurs)})"

    def _reserver(
        self,
        demande_id: str,
        modification: Modification,
        timbre: Timbre,
        payants: Sequence[Motif],
        rendu: str | None,
    ) -> Demande:
        """Hold ``timbre``; ``rendu`` is the stamp held until now, freed in the same transaction."""
        valeurs, parmi = self._parmi(payants)
        valeurs |= {":etat_reserve": "reserve", ":tenu": rendu or timbre.numero}
        condition = (
            f"{parmi} AND (attribute_not_exists(paiement) OR paiement.etat <> :etat_reserve"
            " OR paiement.numero_timbre = :tenu)"
        )
        prise = {
            "Update": {
                "TableName": self._timbres,
                "Key": {"numero": attribut(timbre.numero)},
                "UpdateExpression": "SET etat = :reserve, demande_id = :demande, montant_centimes = :montant,"
                " expire_le = if_not_exists(expire_le, :expire)",
                "ConditionExpression": "attribute_not_exists(numero) OR etat = :libre"
                " OR (etat = :reserve AND demande_id = :demande)",
                "ExpressionAttributeValues": item(
                    {
                        ":reserve": "reserve",
                        ":libre": "libre",
                        ":demande": demande_id,
                        ":montant": timbre.montant_centimes,
                        ":expire": timbre.expire_le or "9999-12-31T00:00:00.000Z",
                    }
                ),
            }
        }
        operations: list[dict[str, Any]] = [
            {"Update": self._operation(demande_id, modification, condition, valeurs)},
            prise,
        ]
        if rendu is not None:
            operations.append(self._liberer(rendu, demande_id))
        try:
            transiger(self._client, operations)
        except TransactionRefusee as refus:
            if refus.raisons[0] is not None:
                erreur = self._refus(refus.raisons[0], modification)
                if isinstance(erreur, _ConditionAutre) and rendu is not None:
                    # The stamp held changed again between the two tries: the caller reads and decides.
                    erreur = ConflitDeVersion(erreur.demande.version)
                raise erreur from None
            raise TimbreIndisponible() from None
        # A transaction answers no item: the demande as it now is costs one read.
        return self.lire(demande_id)

    def _liberer(self, numero: str, demande_id: str) -> dict[str, Any]:
        return {
            "Update": {
                "TableName": self._timbres,
                "Key": {"numero": attribut(numero)},
                "UpdateExpression": "SET etat = :libre REMOVE demande_id",
                "ConditionExpression": "demande_id = :demande",
                "ExpressionAttributeValues": item({":libre": "libre", ":demande": demande_id}),
            }
        }

    def _mouvement(self, demande: Demande, mouvement: MouvementTimbre, maintenant: datetime) -> dict[str, Any]:
        if mouvement.vers == "libre":
            return self._liberer(mouvement.numero, demande.id)
        return {
            "Update": {
                "TableName": self._timbres,
                "Key": {"numero": attribut(mouvement.numero)},
                "UpdateExpression": "SET etat = :consomme",
                "ConditionExpression": "etat = :reserve AND demande_id = :demande AND expire_le > :maintenant",
                "ExpressionAttributeValues": item(
                    {
                        ":consomme": "consomme",
                        ":reserve": "reserve",
                        ":demande": demande.id,
                        ":maintenant": ecrire(maintenant),
                    }
                ),
            }
        }

    def _sur_version(self, demande: Demande, ecriture: _Ecriture) -> dict[str, Any]:
        ecriture.valeurs |= {":version": demande.version, ":statut": demande.statut}
        # A lease moves no version: what is decided holds on the one that was read, too.
        tenue = [
            ecriture.egal("agent", demande.agent),
            ecriture.egal("bail_jusqua", demande.bail_jusqua),
        ]
        return {
            "Update": {
                "TableName": self._table,
                "Key": self._cle(demande.id),
                "UpdateExpression": ecriture.expression(),
                "ConditionExpression": " AND ".join(["version = :version", "statut = :statut", *tenue]),
                "ExpressionAttributeNames": ecriture.noms,
                "ExpressionAttributeValues": item(ecriture.valeurs),
            }
        }

    def _transition(self, demande: Demande, changement: Changement) -> list[dict[str, Any]]:
        posees, entrees = ecritures(demande, changement)
        ecriture = _Ecriture()
        ecriture.poser(posees)
        return [
            self._sur_version(demande, ecriture),
            *(self._inscription(entree) for entree in entrees),
            *(self._ajout(demande.id, element, valeurs) for element, valeurs in changement.elements.items()),
            *(
                self._statut_de_piece(demande.id, piece_id, statut, changement)
                for piece_id, statut in changement.pieces.items()
            ),
        ]

    def _inscription(self, entree: Entree) -> dict[str, Any]:
        return {
            "Put": {
                "TableName": self._journal,
                "Item": item(entree.model_dump(mode="json", exclude_none=True)),
                "ConditionExpression": "attribute_not_exists(demande_id)",
            }
        }

    def _ajout(self, demande_id: str, element: str, valeurs: Mapping[str, Any]) -> dict[str, Any]:
        simples = {nom: _simple(valeur) for nom, valeur in valeurs.items()}
        return {
            "Put": {
                "TableName": self._table,
                "Item": item({**simples, "id": demande_id, "element": element}),
                "ConditionExpression": "attribute_not_exists(id)",
            }
        }

    def _statut_de_piece(
        self, demande_id: str, piece_id: str, statut: StatutPiece, changement: Changement
    ) -> dict[str, Any]:
        """A motif and pages that ``changement`` does not give are those of a refusal that is over."""
        pages = [page.model_dump() for page in changement.pages_refusees.get(piece_id, ())]
        donnees = {"motif_refus": changement.refus.get(piece_id), "pages_refusees": pages}
        posees = {"statut": statut, **{nom: valeur for nom, valeur in donnees.items() if valeur}}
        otees = [nom for nom in donnees if nom not in posees]
        return {
            "Update": {
                "TableName": self._table,
                "Key": item({"id": demande_id, "element": _piece_element(piece_id)}),
                "UpdateExpression": "SET "
                + ", ".join(f"{nom} = :{nom}" for nom in posees)
                + (f" REMOVE {', '.join(otees)}" if otees else ""),
                "ConditionExpression": "attribute_exists(id)",
                "ExpressionAttributeValues": item({f":{nom}": valeur for nom, valeur in posees.items()}),
            }
        }


class _ConditionAutre(Exception):
    """A write on a live draft refused by the condition of its own action; ``demande`` is as it was."""

    def __init__(self, demande: Demande) -> None:
        super().__init__("condition de l'action refusée")
        self.demande = demande
