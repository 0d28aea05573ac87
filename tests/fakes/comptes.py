"""The accounts' ports in memory; one ``Magasin`` is shared by the fake accounts and the fake sessions."""

import base64
import itertools
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from chalicelib.demande.codes import ESSAIS_MAX, UsageCode
from chalicelib.demande.comptes import (
    ECHECS_PAR_ADRESSE,
    SESSIONS_PAR_COMPTE,
    Acces,
    AntiRobotRefuse,
    CodeEmis,
    Compte,
    Contexte,
    Creation,
    Defi,
    Essais,
    Evenement,
    Limite,
    Session,
    StatutCompte,
    cle_adresse,
    cle_essais,
    cle_identifiant,
    empreinte_email,
    essai_de_plus,
    instant,
)
from chalicelib.demande.erreurs import IdentifiantPris, TropDeTentatives
from chalicelib.demande.inactivite import VEILLE
from chalicelib.demande.ports_comptes import AccesInattendu, CreationConnue, EmailPris, EtatInattendu, LimiteAtteinte


@dataclass
class Magasin:
    """What both stores hold; ``verrou`` makes each write one step, as a transaction is."""

    comptes: dict[str, Compte] = field(default_factory=dict)
    identifiants: dict[str, tuple[str, int | None]] = field(default_factory=dict)
    emails: dict[str, tuple[str, int | None]] = field(default_factory=dict)
    codes: dict[tuple[str, str], tuple[CodeEmis, int]] = field(default_factory=dict)
    evenements: list[Evenement] = field(default_factory=list)
    creations: dict[str, Creation] = field(default_factory=dict)
    defis: set[str] = field(default_factory=set)
    limites: Counter[str] = field(default_factory=Counter)
    sessions: dict[str, dict[str, Session]] = field(default_factory=dict)
    essais: dict[str, Essais] = field(default_factory=dict)
    adresses: Counter[str] = field(default_factory=Counter)
    verrou: threading.RLock = field(default_factory=threading.RLock)


def _prise(reservations: Mapping[str, tuple[str, int | None]], cle: str, maintenant: int) -> bool:
    if cle not in reservations:
        return False
    expire = reservations[cle][1]
    return expire is None or expire >= maintenant


class ComptesEnMemoire:
    """The port ``Comptes``."""

    def __init__(self, magasin: Magasin | None = None) -> None:
        self.m = magasin or Magasin()

    def resoudre(self, identifiant: str) -> str | None:
        return self.m.identifiants.get(cle_identifiant(identifiant), (None, None))[0]

    def titulaire(self, email: str, maintenant: int) -> str | None:
        cle = empreinte_email(email)
        return self.m.emails[cle][0] if _prise(self.m.emails, cle, maintenant) else None

    def lire(self, compte_id: str) -> Compte | None:
        compte = self.m.comptes.get(compte_id)
        return None if compte is None or compte.statut is StatutCompte.FERME else compte

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
        with self.m.verrou:
            if creation is not None:
                connue = self.m.creations.get(creation.empreinte_cle)
                if connue is not None and connue.expire >= maintenant:
                    raise CreationConnue(connue)
            if defi.signature in self.m.defis:
                raise AntiRobotRefuse()
            identifiant, email = cle_identifiant(compte.identifiant), empreinte_email(compte.email)
            if _prise(self.m.identifiants, identifiant, maintenant):
                raise IdentifiantPris()
            if compte.fantome_de is None and _prise(self.m.emails, email, maintenant):
                raise EmailPris()
            self._suites(limites, [code], evenements)
            if creation is not None:
                self.m.creations[creation.empreinte_cle] = creation
            self.m.defis.add(defi.signature)
            self.m.identifiants[identifiant] = (compte.compte_id, compte.expire)
            if compte.fantome_de is None:
                self.m.emails[email] = (compte.compte_id, compte.expire)
            self.m.comptes[compte.compte_id] = compte

    def emettre(
        self, limites: Sequence[Limite], defi: Defi, codes: Sequence[CodeEmis], evenements: Sequence[Evenement]
    ) -> None:
        with self.m.verrou:
            if defi.signature in self.m.defis:
                raise AntiRobotRefuse()
            self._suites(limites, codes, evenements)
            self.m.defis.add(defi.signature)

    def compter_essai(self, compte_id: str, usage: UsageCode, maintenant: int) -> CodeEmis | None:
        with self.m.verrou:
            code, essais = self.m.codes.get((compte_id, usage), (None, 0))
            if code is None or essais >= ESSAIS_MAX or code.expire_le <= maintenant:
                return None
            self.m.codes[compte_id, usage] = (code, essais + 1)
            return code

    def activer(self, code: CodeEmis, maintenant: int, acces: Acces | None = None) -> bool:
        with self.m.verrou:
            compte = self.m.comptes.get(code.compte_id)
            if compte is None or compte.statut is StatutCompte.FERME:
                return False
            if compte.statut is StatutCompte.ACTIF:
                return True
            if (compte.mot_de_passe == "") != (acces is not None):
                raise AccesInattendu(attendu=acces is None)
            identifiant, email = cle_identifiant(compte.identifiant), empreinte_email(compte.email)
            les_siens = (self.m.identifiants.get(identifiant), self.m.emails.get(email))
            if any(sien is None or sien[0] != compte.compte_id for sien in les_siens):
                return False
            if compte.expire is None or compte.expire <= maintenant:
                return False
            choisis = dict(vars(acces)) if acces is not None else {}
            if compte.veille_le is not None:
                choisis["veille"] = VEILLE
            actif = {"statut": StatutCompte.ACTIF, "expire": None, **choisis}
            self.m.comptes[compte.compte_id] = compte.model_copy(update=actif)
            self.m.identifiants[identifiant] = self.m.emails[email] = (compte.compte_id, None)
            self.m.codes[compte.compte_id, code.usage] = (code, 0)
            return True

    def changer_mot_de_passe(
        self, compte: Compte, mot_de_passe: str, codes: Sequence[CodeEmis], evenement: Evenement
    ) -> None:
        with self.m.verrou:
            self._utiliser(compte.compte_id, codes)
            self._changer(compte.compte_id, mot_de_passe=mot_de_passe)
            self.m.sessions.pop(compte.compte_id, None)
            self.m.essais.pop(cle_essais(compte.identifiant), None)
            self.m.evenements.append(evenement)

    def modifier(
        self,
        compte_id: str,
        changements: Mapping[str, str],
        limites: Sequence[Limite],
        codes: Sequence[CodeEmis],
        evenements: Sequence[Evenement],
    ) -> None:
        with self.m.verrou:
            if self.m.comptes[compte_id].statut is not StatutCompte.ACTIF:
                raise EtatInattendu()
            self._suites(limites, codes, evenements)
            self._changer(compte_id, **changements)

    def confirmer(self, compte: Compte, code: CodeEmis, evenement: Evenement, maintenant: int) -> None:
        champ, attente = str(code.usage), f"{code.usage}_en_attente"
        with self.m.verrou:
            actuel = self.m.comptes[compte.compte_id]
            if getattr(actuel, attente) != code.valeur or getattr(actuel, champ) != getattr(compte, champ):
                raise EtatInattendu()
            if code.usage is UsageCode.EMAIL:
                ancienne, nouvelle = empreinte_email(compte.email), empreinte_email(code.valeur or "")
                if ancienne != nouvelle and _prise(self.m.emails, nouvelle, maintenant):
                    raise EtatInattendu()
                self._utiliser(compte.compte_id, [code])
                self.m.emails.pop(ancienne)
                self.m.emails[nouvelle] = (compte.compte_id, None)
            else:
                self._utiliser(compte.compte_id, [code])
            self._changer(compte.compte_id, **{champ: code.valeur, attente: None})
            self.m.evenements.append(evenement)

    def fermer(self, compte: Compte, evenement: Evenement, maintenant: int) -> None:
        with self.m.verrou:
            actuel = self.m.comptes[compte.compte_id]
            if actuel.statut is not StatutCompte.ACTIF or actuel.email != compte.email:
                raise EtatInattendu()
            self._changer(compte.compte_id, statut=StatutCompte.FERME, veille=None, veille_le=None, prevenu_le=None)
            self.m.identifiants.pop(cle_identifiant(compte.identifiant))
            self.m.emails.pop(empreinte_email(compte.email))
            self.m.sessions.pop(compte.compte_id, None)
            self.m.evenements.append(evenement)

    def a_veiller(self, jusqua: str) -> Iterator[str]:
        dus = [
            (un.veille_le, un.compte_id)
            for un in self.m.comptes.values()
            if un.veille == VEILLE and un.veille_le is not None and un.veille_le <= jusqua
        ]
        yield from (compte_id for _, compte_id in sorted(dus))

    def replanifier(self, compte: Compte, prochaine: str) -> None:
        with self.m.verrou:
            self._exiger_inutilise(compte)
            self._changer(compte.compte_id, veille_le=prochaine)

    def prevenir(self, compte: Compte, evenement: Evenement, prevenu_le: str, prochaine: str) -> None:
        with self.m.verrou:
            self._exiger_inutilise(compte)
            self._changer(compte.compte_id, prevenu_le=prevenu_le, veille_le=prochaine)
            self.m.evenements.append(evenement)

    def fermer_inutilise(self, compte: Compte, evenement: Evenement, maintenant: int) -> None:
        with self.m.verrou:
            self._exiger_inutilise(compte)
            self.fermer(compte, evenement, maintenant)

    def _exiger_inutilise(self, compte: Compte) -> None:
        actuel = self.m.comptes[compte.compte_id]
        vus = ("statut", "veille_le", "derniere_connexion_le")
        if any(getattr(actuel, nom) != getattr(compte, nom) for nom in vus):
            raise EtatInattendu()

    def installer(self, compte: Compte) -> None:
        with self.m.verrou:
            self.m.comptes[compte.compte_id] = compte
            self.m.identifiants[cle_identifiant(compte.identifiant)] = (compte.compte_id, None)
            self.m.emails[empreinte_email(compte.email)] = (compte.compte_id, None)

    def _suites(self, limites: Sequence[Limite], codes: Sequence[CodeEmis], evenements: Sequence[Evenement]) -> None:
        if any(self.m.limites[limite.cle] >= limite.maximum for limite in limites):
            raise LimiteAtteinte()
        self.m.limites.update(limite.cle for limite in limites)
        self.m.codes.update({(code.compte_id, code.usage): (code, 0) for code in codes})
        self.m.evenements.extend(evenements)

    def _utiliser(self, compte_id: str, codes: Sequence[CodeEmis]) -> None:
        for code in codes:
            actuel, _ = self.m.codes[compte_id, code.usage]
            if actuel.nonce != code.nonce or actuel.utilise:
                raise EtatInattendu()
        for code in codes:
            actuel, essais = self.m.codes[compte_id, code.usage]
            self.m.codes[compte_id, code.usage] = (replace(actuel, utilise=True), essais)

    def _changer(self, compte_id: str, **changements: object) -> None:
        self.m.comptes[compte_id] = self.m.comptes[compte_id].model_copy(update=changements)


class SessionsEnMemoire:
    """The port ``Sessions``; a jeton is ``compte_id/session_id``, and ``instant_courant`` is moved by the test."""

    def __init__(self, magasin: Magasin, instant_courant: int = 0) -> None:
        self.m = magasin
        self.instant_courant = instant_courant

    def session_du_jeton(self, jeton: str) -> Session | None:
        compte_id, _, session_id = jeton.partition("/")
        session = self.lire(compte_id, session_id)
        return session if session and session.expire_le > self.instant_courant else None

    def jeton(self, session: Session) -> str:
        return f"{session.compte_id}/{session.session_id}"

    def reserver_essai(self, identifiant: str, adresse: str, maintenant: int) -> None:
        with self.m.verrou:
            cle, fin = cle_adresse(adresse, maintenant)
            if self.m.adresses[cle] >= ECHECS_PAR_ADRESSE:
                raise TropDeTentatives(fin - maintenant)
            connu = self.m.essais.get(cle_essais(identifiant), Essais())
            if connu.prochain > maintenant:
                raise TropDeTentatives(connu.prochain - maintenant)
            self.m.essais[cle_essais(identifiant)] = essai_de_plus(connu, maintenant)

    def compter_echec(self, adresse: str, maintenant: int) -> None:
        self.m.adresses[cle_adresse(adresse, maintenant)[0]] += 1

    def ouvrir(self, compte: Compte, session: Session, maintenant: int) -> None:
        with self.m.verrou:
            actuel = self.m.comptes[compte.compte_id]
            if actuel.statut is not StatutCompte.ACTIF or actuel.mot_de_passe != compte.mot_de_passe:
                raise EtatInattendu()
            self.m.comptes[compte.compte_id] = actuel.model_copy(update={"derniere_connexion_le": instant(maintenant)})
            ouvertes = self.m.sessions.setdefault(compte.compte_id, {})
            ouvertes[session.session_id] = session
            anciennes = sorted(ouvertes.values(), key=lambda ouverte: ouverte.expire_le)
            for ancienne in anciennes[:-SESSIONS_PAR_COMPTE]:
                del ouvertes[ancienne.session_id]
            self.m.essais.pop(cle_essais(compte.identifiant), None)

    def remplacer(self, ancienne: str, session: Session) -> None:
        with self.m.verrou:
            ouvertes = self.m.sessions.get(session.compte_id, {})
            if ouvertes.pop(ancienne, None) is None:
                raise EtatInattendu()
            ouvertes[session.session_id] = session

    def lire(self, compte_id: str, session_id: str) -> Session | None:
        return self.m.sessions.get(compte_id, {}).get(session_id)

    def fermer(self, compte_id: str, session_id: str) -> None:
        self.m.sessions.get(compte_id, {}).pop(session_id, None)


class SecretsRapides:
    """The port ``Secrets`` without its slowness; ``verifies`` counts the work done."""

    def __init__(self) -> None:
        self.verifies = 0

    def hacher(self, secret: str) -> str:
        return "haché:" + base64.b64encode(secret.encode()).decode()

    def verifier(self, hache: str | None, secret: str) -> bool:
        self.verifies += 1
        return hache == self.hacher(secret)


class AntiRobotComplaisant:
    """The port ``AntiRobot``: every answer is right but « faux », and is its own signature."""

    def defi(self, maintenant: int) -> dict[str, str | int]:
        return {}

    def verifier(self, reponse: str, maintenant: int) -> Defi:
        if reponse == "faux":
            raise AntiRobotRefuse()
        return Defi(reponse, maintenant + 600)


_RANGS = itertools.count(1)


def contexte(maintenant: int = 1_800_000_000) -> Contexte:
    """A call's context whose ids are numbered across the tests."""
    return Contexte(maintenant, "correlation-de-test", lambda: f"id-{next(_RANGS):08d}")
