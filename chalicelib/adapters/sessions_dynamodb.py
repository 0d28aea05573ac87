"""Sessions in DynamoDB, table ``sessions`` (key ``cle``), and the password tries kept beside them.

All the sessions of an account are one item, COMPTE#<id>, with one attribute ``S#<session_id>`` per session: the
authorizer needs one read, and ending every session (new password, closed account) is one delete that fits in the
transaction of what causes it. ``nombre`` counts them. ECHECS#<sha256 of the identifiant> holds the tries, ADRESSE#… the
failures of an address.
"""

from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.adapters.dynamo import ConditionRefusee, TransactionRefusee, item, modifier, plat, transiger
from chalicelib.adapters.jetons import Jetons
from chalicelib.demande.comptes import (
    ECHECS_PAR_ADRESSE,
    SESSIONS_PAR_COMPTE,
    Compte,
    Essais,
    Session,
    StatutCompte,
    cle_adresse,
    cle_essais,
    essai_de_plus,
    instant,
)
from chalicelib.demande.erreurs import TropDeTentatives
from chalicelib.demande.ports_comptes import EtatInattendu

_PREFIXE = "S#"
_COURSES = 5


class SessionsDynamoDB:
    """The port ``Sessions``; ``horloge`` gives the instant at which a jeton is read (epoch seconds)."""

    def __init__(
        self, client: Any, table_sessions: str, table_comptes: str, jetons: Jetons, horloge: Callable[[], int]
    ) -> None:
        self._client = client
        self._table = table_sessions
        self._comptes = table_comptes
        self._jetons = jetons
        self._horloge = horloge

    def session_du_jeton(self, jeton: str) -> Session | None:
        maintenant = self._horloge()
        lu = self._jetons.lire(jeton, maintenant)
        if lu is None:
            return None
        session = self.lire(*lu)
        return session if session and session.expire_le > maintenant else None

    def jeton(self, session: Session) -> str:
        return self._jetons.signer(session)

    def reserver_essai(self, identifiant: str, adresse: str, maintenant: int) -> None:
        cle, fin = cle_adresse(adresse, maintenant)
        if self._obtenir(cle).get("nombre", 0) >= ECHECS_PAR_ADRESSE:
            raise TropDeTentatives(fin - maintenant)
        # Most people have no failure behind them: write first, and learn the state from the refusal.
        connu = Essais()
        for _ in range(_COURSES):
            try:
                self._ecrire_essai(cle_essais(identifiant), connu, essai_de_plus(connu, maintenant))
                return
            except ConditionRefusee as refus:
                lu = refus.ancien or {}
                connu = Essais(lu.get("nombre", 0), lu.get("prochain", 0), lu.get("expire", 0))
            if connu.prochain > maintenant:
                raise TropDeTentatives(connu.prochain - maintenant)
        raise TropDeTentatives(1)

    def compter_echec(self, adresse: str, maintenant: int) -> None:
        cle, fin = cle_adresse(adresse, maintenant)
        modifier(
            self._client,
            TableName=self._table,
            Key=item({"cle": cle}),
            UpdateExpression="SET expire = :fin ADD nombre :un",
            ExpressionAttributeValues=item({":fin": fin, ":un": 1}),
        )

    def ouvrir(self, compte: Compte, session: Session, maintenant: int) -> None:
        compte_inchange = {
            "Update": {
                "TableName": self._comptes,
                "Key": item({"cle": f"COMPTE#{compte.compte_id}", "element": "COMPTE"}),
                "UpdateExpression": "SET derniere_connexion_le = :instant",
                "ConditionExpression": "mot_de_passe = :hache AND statut = :actif",
                "ExpressionAttributeValues": item(
                    {
                        ":instant": instant(maintenant),
                        ":hache": compte.mot_de_passe,
                        ":actif": StatutCompte.ACTIF,
                    }
                ),
            }
        }
        oubli = {"Delete": {"TableName": self._table, "Key": item({"cle": cle_essais(compte.identifiant)})}}
        connues: dict[str, Any] = {}
        for _ in range(_COURSES):
            try:
                transiger(self._client, [compte_inchange, self._ajouter(session, connues, maintenant), oubli])
                return
            except TransactionRefusee as refus:
                if refus.raisons[0] is not None:
                    raise EtatInattendu() from None
                connues = refus.raisons[1] or {}
        raise TropDeTentatives(1)

    def remplacer(self, ancienne: str, session: Session) -> None:
        try:
            modifier(
                self._client,
                TableName=self._table,
                Key=item({"cle": f"COMPTE#{session.compte_id}"}),
                UpdateExpression="SET #nouvelle = :session REMOVE #ancienne",
                # The new one is there already when the answer was lost and the call made again under us.
                ConditionExpression="attribute_exists(#ancienne) OR attribute_exists(#nouvelle)",
                ExpressionAttributeNames={
                    "#nouvelle": _PREFIXE + session.session_id,
                    "#ancienne": _PREFIXE + ancienne,
                },
                ExpressionAttributeValues=item({":session": _contenu(session)}),
            )
        except ConditionRefusee:
            raise EtatInattendu() from None

    def lire(self, compte_id: str, session_id: str) -> Session | None:
        return _session(compte_id, session_id, self._obtenir(f"COMPTE#{compte_id}").get(_PREFIXE + session_id))

    def fermer(self, compte_id: str, session_id: str) -> None:
        try:
            modifier(
                self._client,
                TableName=self._table,
                Key=item({"cle": f"COMPTE#{compte_id}"}),
                UpdateExpression="REMOVE #session ADD nombre :moins",
                ConditionExpression="attribute_exists(#session)",
                ExpressionAttributeNames={"#session": _PREFIXE + session_id},
                ExpressionAttributeValues=item({":moins": -1}),
            )
        except ConditionRefusee:
            return

    def _obtenir(self, cle: str) -> dict[str, Any]:
        resultat = self._client.get_item(TableName=self._table, Key=item({"cle": cle}), ConsistentRead=True)
        return plat(resultat.get("Item")) or {}

    def _ecrire_essai(self, cle: str, connu: Essais, nouveau: Essais) -> None:
        valeurs: dict[str, Any] = {":n": nouveau.nombre, ":p": nouveau.prochain, ":e": nouveau.expire}
        condition = "attribute_not_exists(cle)"
        if connu.nombre:
            condition = "nombre = :connu AND prochain = :connu_prochain"
            valeurs |= {":connu": connu.nombre, ":connu_prochain": connu.prochain}
        modifier(
            self._client,
            TableName=self._table,
            Key=item({"cle": cle}),
            UpdateExpression="SET nombre = :n, prochain = :p, expire = :e",
            ConditionExpression=condition,
            ExpressionAttributeValues=item(valeurs),
        )

    def _ajouter(self, session: Session, connues: Mapping[str, Any], maintenant: int) -> dict[str, Any]:
        """The update that adds ``session``.

        Once the item is known to be full, it also drops the dead and the oldest.
        """
        noms = {"#session": _PREFIXE + session.session_id}
        valeurs: dict[str, Any] = {":session": _contenu(session), ":fin": session.fin_le}
        if not connues:
            expression = "SET #session = :session, expire = :fin ADD nombre :un"
            condition = "attribute_not_exists(nombre) OR nombre < :max"
            valeurs |= {":un": 1, ":max": SESSIONS_PAR_COMPTE}
        else:
            ouvertes = sorted(
                (contenu["expire_le"], nom) for nom, contenu in connues.items() if nom.startswith(_PREFIXE)
            )
            vivantes = [nom for expire_le, nom in ouvertes if expire_le > maintenant]
            gardees = set(vivantes[-(SESSIONS_PAR_COMPTE - 1) :])
            retirees = {f"#r{rang}": nom for rang, (_, nom) in enumerate(ouvertes) if nom not in gardees}
            noms |= retirees
            expression = "SET #session = :session, expire = :fin, nombre = :nombre"
            if retirees:
                expression += f" REMOVE {', '.join(retirees)}"
            condition = "nombre = :connu"
            valeurs |= {":nombre": len(gardees) + 1, ":connu": connues["nombre"]}
        return {
            "Update": {
                "TableName": self._table,
                "Key": item({"cle": f"COMPTE#{session.compte_id}"}),
                "UpdateExpression": expression,
                "ConditionExpression": condition,
                "ExpressionAttributeNames": noms,
                "ExpressionAttributeValues": item(valeurs),
            }
        }


def _contenu(session: Session) -> dict[str, Any]:
    return {
        "role": session.role,
        "autorites": list(session.autorites),
        "expire_le": session.expire_le,
        "fin_le": session.fin_le,
    }


def _session(compte_id: str, session_id: str, contenu: Mapping[str, Any] | None) -> Session | None:
    if contenu is None:
        return None
    return Session(
        compte_id,
        session_id,
        contenu["role"],
        tuple(contenu["autorites"]),
        contenu["expire_le"],
        contenu["fin_le"],
    )
