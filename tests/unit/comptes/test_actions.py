"""The account actions over fakes: what they decide, and what they never reveal."""

from typing import Any

import pytest

from chalicelib.comptes.activer import SaisieActivation, activer_compte
from chalicelib.comptes.changer_mot_de_passe import SaisieNouveauMotDePasse, changer_le_mot_de_passe
from chalicelib.comptes.creer import CompteCree, SaisieCompte, creer_compte
from chalicelib.comptes.moi import SaisieProfil, fermer_le_compte, modifier_le_profil
from chalicelib.comptes.mot_de_passe_oublie import SaisieMotDePasseOublie, envoyer_les_codes
from chalicelib.comptes.ouvrir_session import SaisieSession, ouvrir_une_session
from chalicelib.comptes.renouveler_session import renouveler_la_session
from chalicelib.comptes.renvoyer_code import SaisieRenvoi, renvoyer_le_code
from chalicelib.demande.codes import code_a_six_chiffres
from chalicelib.demande.comptes import (
    JETON_S,
    RESERVATION_S,
    SESSION_MAX_S,
    AntiRobotRefuse,
    CodeRefuse,
    CompteAActiver,
    Evenement,
    SessionOuverte,
    StatutCompte,
    instant,
)
from chalicelib.demande.erreurs import (
    IdentifiantPris,
    IdentifiantsRefuses,
    NonAuthentifie,
    SaisieInvalide,
    TropDeTentatives,
)
from chalicelib.demande.ports_comptes import EtatInattendu
from chalicelib.http import Identite
from tests.fakes.comptes import (
    AntiRobotComplaisant,
    ComptesEnMemoire,
    Magasin,
    SecretsRapides,
    SessionsEnMemoire,
    contexte,
)

T0 = 1_800_000_000
CLE = "cle-des-codes"
MOT_DE_PASSE = "Le-Cid-1637-Rouen"
NOUVEAU = "Horace-1640-Paris"


class Service:
    """The rooms' actions over one shared memory, with a clock that the test moves."""

    def __init__(self) -> None:
        self.magasin = Magasin()
        self.comptes = ComptesEnMemoire(self.magasin)
        self.sessions = SessionsEnMemoire(self.magasin, T0)
        self.secrets = SecretsRapides()
        self.anti_robot = AntiRobotComplaisant()
        self.instant = T0
        self._defi = 0

    def _un_defi(self) -> str:
        self._defi += 1
        return f"defi-{self._defi}"

    def creer(self, cle: str | None = None, **champs: Any) -> CompteCree:
        saisie = SaisieCompte(
            **{
                "identifiant": "pierre.corneille",
                "mot_de_passe": MOT_DE_PASSE,
                "profil": "usager",
                "prenom": "Pierre",
                "nom": "CORNEILLE",
                "email": "pierre@exemple.fr",
                "sexe": "M",
                "telephone": "0612345678",
                "question_secrete": "Votre première pièce ?",
                "reponse_secrete": "Mélite",
                "cgu_acceptees": True,
                "anti_robot": self._un_defi(),
                **champs,
            }
        )
        return creer_compte(saisie, self.comptes, self.secrets, self.anti_robot, contexte(self.instant), cle, 86400)

    def activer(self, code: str, identifiant: str = "pierre.corneille") -> None:
        saisie = SaisieActivation(identifiant=identifiant, code=code)
        activer_compte(saisie, self.comptes, self.secrets, CLE, contexte(self.instant))

    def renvoyer(self, identifiant: str = "pierre.corneille", anti_robot: str | None = None) -> None:
        saisie = SaisieRenvoi(identifiant=identifiant, anti_robot=anti_robot or self._un_defi())
        renvoyer_le_code(saisie, self.comptes, self.anti_robot, contexte(self.instant))

    def connecter(
        self, mot_de_passe: str = MOT_DE_PASSE, identifiant: str = "pierre.corneille", adresse: str = "192.0.2.1"
    ) -> SessionOuverte:
        saisie = SaisieSession(identifiant=identifiant, mot_de_passe=mot_de_passe)
        self.sessions.instant_courant = self.instant
        return ouvrir_une_session(saisie, adresse, self.comptes, self.sessions, self.secrets, contexte(self.instant))

    def oublier(self, **champs: Any) -> None:
        saisie = SaisieMotDePasseOublie(**{"identifiant": "pierre.corneille", "anti_robot": self._un_defi(), **champs})
        envoyer_les_codes(saisie, self.comptes, self.anti_robot, contexte(self.instant))

    def changer(self, **champs: Any) -> None:
        saisie = SaisieNouveauMotDePasse(
            **{"identifiant": "pierre.corneille", "nouveau_mot_de_passe": NOUVEAU, **champs}
        )
        changer_le_mot_de_passe(saisie, self.comptes, self.secrets, CLE, contexte(self.instant))

    def modifier(self, **champs: Any) -> Any:
        return modifier_le_profil(
            self.compte_id, SaisieProfil(**champs), self.comptes, self.secrets, CLE, contexte(self.instant)
        )

    def evenements(self, type_: str) -> list[Evenement]:
        return [evenement for evenement in self.magasin.evenements if evenement.type == type_]

    def code(self, type_: str) -> str:
        evenement = self.evenements(type_)[-1]
        return code_a_six_chiffres(CLE, evenement.compte_id, evenement.donnees["usage"], evenement.donnees["nonce"])

    def ouvert(self) -> "Service":
        self.creer()
        self.activer(self.code("CodeActivation"))
        return self

    @property
    def compte_id(self) -> str:
        return self.magasin.identifiants["pierre.corneille"][0]

    def identite(self, jeton: str) -> Identite | None:
        session = self.sessions.session_du_jeton(jeton)
        return session and Identite(session.compte_id, session.session_id, session.role, session.autorites)


def faux(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


@pytest.fixture
def service() -> Service:
    return Service()


def test_creer_ne_garde_que_des_hachages_et_attend_l_activation(service: Service) -> None:
    service.creer()
    compte = service.magasin.comptes[service.compte_id]
    assert compte.statut is StatutCompte.A_ACTIVER
    assert compte.mot_de_passe == service.secrets.hacher(MOT_DE_PASSE)
    assert compte.reponse_secrete == service.secrets.hacher("melite")
    assert compte.expire == T0 + RESERVATION_S


def test_creer_ne_touche_a_rien_quand_l_anti_robot_est_faux(service: Service) -> None:
    with pytest.raises(AntiRobotRefuse):
        service.creer(anti_robot="faux")
    assert service.magasin == Magasin(verrou=service.magasin.verrou)


def test_un_courriel_pris_fait_un_fantome_qui_ne_s_active_jamais(service: Service) -> None:
    service.ouvert()
    assert service.creer(identifiant="curieux") == CompteCree(identifiant="curieux", statut="a_activer")
    fantome_id = service.magasin.identifiants["curieux"][0]
    code, _ = service.magasin.codes[fantome_id, "activation"]
    with pytest.raises(CodeRefuse):
        service.activer(code_a_six_chiffres(CLE, fantome_id, "activation", code.nonce), "curieux")
    assert [evenement.compte_id for evenement in service.evenements("CompteDejaExistant")] == [service.compte_id]
    service.renvoyer("curieux")
    assert len(service.evenements("CompteDejaExistant")) == 2
    assert len(service.evenements("CodeActivation")) == 1


def test_un_titulaire_n_est_prevenu_que_cinq_fois_par_heure_et_rien_ne_le_dit(service: Service) -> None:
    service.ouvert()
    for rang in range(7):
        assert service.creer(identifiant=f"curieux-{rang}").statut == "a_activer"
    assert len(service.evenements("CompteDejaExistant")) == 5


def test_un_courriel_pris_entre_la_lecture_et_l_ecriture_donne_le_meme_fantome(service: Service) -> None:
    class Devance(ComptesEnMemoire):
        """Another creation with the same e-mail lands just after it was looked up."""

        def titulaire(self, email: str, maintenant: int) -> str | None:
            lu = super().titulaire(email, maintenant)
            if lu is None and not self.m.comptes:
                service.comptes = ComptesEnMemoire(service.magasin)
                service.creer(identifiant="premier")
            return lu

    service.comptes = Devance(service.magasin)
    service.creer(identifiant="second")
    second = service.magasin.comptes[service.magasin.identifiants["second"][0]]
    assert second.fantome_de == service.magasin.identifiants["premier"][0]
    assert len(service.evenements("CodeActivation")) == 1


def test_un_courriel_jamais_active_se_libere_le_lendemain(service: Service) -> None:
    service.creer(identifiant="squatteur")
    service.instant += RESERVATION_S + 1
    service.creer()
    assert service.magasin.comptes[service.compte_id].fantome_de is None


def test_un_identifiant_pris_le_dit(service: Service) -> None:
    service.creer()
    with pytest.raises(IdentifiantPris):
        service.creer(identifiant="PIERRE.corneille", email="autre@exemple.fr")


def test_la_meme_cle_rend_la_meme_reponse_et_refuse_un_autre_corps(service: Service) -> None:
    assert service.creer("cle") == service.creer("cle")
    assert len(service.magasin.evenements) == 1
    for champ, valeur in (("nom", "RACINE"), ("mot_de_passe", NOUVEAU), ("reponse_secrete", "Cinna")):
        with pytest.raises(SaisieInvalide):
            service.creer("cle", **{champ: valeur})


def test_le_code_d_activation_vaut_trente_minutes(service: Service) -> None:
    service.creer()
    service.instant += 30 * 60
    with pytest.raises(CodeRefuse):
        service.activer(service.code("CodeActivation"))


def test_un_code_faux_n_active_rien_et_le_bon_peut_suivre(service: Service) -> None:
    service.creer()
    code = service.code("CodeActivation")
    with pytest.raises(CodeRefuse):
        service.activer(faux(code))
    assert service.magasin.comptes[service.compte_id].statut is StatutCompte.A_ACTIVER
    service.activer(code)
    service.activer(code)
    assert service.magasin.comptes[service.compte_id].statut is StatutCompte.ACTIF


def test_le_renvoi_ne_dit_rien_d_un_compte_deja_actif_ni_d_un_inconnu(service: Service) -> None:
    service.ouvert()
    avant = len(service.magasin.evenements)
    service.renvoyer()
    service.renvoyer("personne")
    assert len(service.magasin.evenements) == avant
    with pytest.raises(AntiRobotRefuse):
        service.renvoyer(anti_robot="faux")


def test_avant_l_activation_seul_qui_sait_le_mot_de_passe_l_apprend(service: Service) -> None:
    service.creer()
    with pytest.raises(CompteAActiver):
        service.connecter()
    with pytest.raises(IdentifiantsRefuses) as refus:
        service.connecter(NOUVEAU)
    assert not isinstance(refus.value, CompteAActiver)


def test_un_inconnu_coute_le_meme_travail_qu_un_mauvais_mot_de_passe(service: Service) -> None:
    service.ouvert()
    for identifiant in ("pierre.corneille", "personne"):
        avant = service.secrets.verifies
        with pytest.raises(IdentifiantsRefuses):
            service.connecter(NOUVEAU, identifiant)
        assert service.secrets.verifies == avant + 1


def test_cinq_echecs_bloquent_puis_le_temps_debloque(service: Service) -> None:
    service.ouvert()
    for _ in range(5):
        with pytest.raises(IdentifiantsRefuses):
            service.connecter(NOUVEAU)
    with pytest.raises(TropDeTentatives):
        service.connecter()
    service.instant += 60
    assert service.connecter().profil == "usager"


def test_un_mot_de_passe_change_pendant_la_verification_n_ouvre_rien(service: Service) -> None:
    service.ouvert()

    class ChangeAuMilieu(SecretsRapides):
        def verifier(self, hache: str | None, secret: str) -> bool:
            juste = super().verifier(hache, secret)
            compte = service.magasin.comptes[service.compte_id]
            service.magasin.comptes[service.compte_id] = compte.model_copy(update={"mot_de_passe": "autre"})
            return juste

    service.secrets = ChangeAuMilieu()
    with pytest.raises(IdentifiantsRefuses):
        service.connecter()
    assert service.magasin.sessions == {}


def test_une_session_se_renouvelle_d_heure_en_heure_douze_heures_au_plus(service: Service) -> None:
    service.ouvert()
    ouverte = service.connecter()
    debut = service.instant
    assert ouverte.expire_le == instant(debut + JETON_S)
    while True:
        service.instant += JETON_S - 60
        service.sessions.instant_courant = service.instant
        identite = service.identite(ouverte.jeton)
        if identite is None:
            break
        ouverte = renouveler_la_session(identite, service.comptes, service.sessions, contexte(service.instant))
        assert ouverte.expire_le <= instant(debut + SESSION_MAX_S)
    assert service.instant >= debut + SESSION_MAX_S


def test_une_session_deja_remplacee_ne_se_renouvelle_plus(service: Service) -> None:
    identite = service.ouvert().identite(service.connecter().jeton)
    assert identite is not None
    renouveler_la_session(identite, service.comptes, service.sessions, contexte(T0 + 1))
    with pytest.raises(NonAuthentifie):
        renouveler_la_session(identite, service.comptes, service.sessions, contexte(T0 + 2))


def test_le_code_seul_ou_la_reponse_seule_ne_suffisent_pas(service: Service) -> None:
    service.ouvert().oublier()
    code = service.code("CodeMotDePasse")
    with pytest.raises(ValueError, match="question secrète"):
        service.changer(code=code)
    for preuves in (
        {"code": faux(code), "reponse_secrete": "Mélite"},
        {"code": code, "reponse_secrete": "Cinna"},
        {"code": code, "code_sms": code},
    ):
        with pytest.raises(CodeRefuse):
            service.changer(**preuves)
    service.changer(code=code, reponse_secrete="mélite")
    assert service.connecter(NOUVEAU)


def test_le_sms_remplace_la_reponse_perdue(service: Service) -> None:
    service.ouvert().oublier(reponse_perdue=True)
    service.changer(code=service.code("CodeMotDePasse"), code_sms=service.code("CodeMotDePasseSms"))
    assert service.connecter(NOUVEAU)


def test_trois_sms_par_heure_au_plus_et_rien_ne_le_dit(service: Service) -> None:
    service.ouvert()
    for _ in range(5):
        service.oublier(reponse_perdue=True)
    assert len(service.evenements("CodeMotDePasseSms")) == 3


def test_un_code_remplace_pendant_le_changement_ne_change_rien(service: Service) -> None:
    service.ouvert().oublier()

    class Devancee(ComptesEnMemoire):
        def changer_mot_de_passe(self, *arguments: Any) -> None:
            raise EtatInattendu()

    service.comptes = Devancee(service.magasin)
    with pytest.raises(CodeRefuse):
        service.changer(code=service.code("CodeMotDePasse"), reponse_secrete="Mélite")


def test_envoyer_son_profil_tel_quel_n_ecrit_rien(service: Service) -> None:
    service.ouvert()
    compte = service.magasin.comptes[service.compte_id]
    avant = len(service.magasin.evenements)
    assert service.modifier(email=compte.email, telephone=compte.telephone, nom=compte.nom) == compte
    assert len(service.magasin.evenements) == avant


def test_la_question_change_avec_sa_reponse(service: Service) -> None:
    service.ouvert().modifier(question_secrete="Ma ville ?", reponse_secrete="Rouen")
    compte = service.magasin.comptes[service.compte_id]
    assert (compte.question_secrete, compte.reponse_secrete) == ("Ma ville ?", service.secrets.hacher("rouen"))
    with pytest.raises(SaisieInvalide):
        service.modifier(question_secrete="Autre ?")
    service.modifier(question_secrete="Ma ville ?")
    service.modifier(reponse_secrete="Caen")
    assert service.magasin.comptes[service.compte_id].reponse_secrete == service.secrets.hacher("caen")


def test_un_courriel_libre_au_depart_puis_pris_ne_se_confirme_pas(service: Service) -> None:
    service.ouvert().modifier(email="neuf@exemple.fr")
    code = service.code("CodeEmail")
    service.creer(identifiant="autre", email="neuf@exemple.fr")
    with pytest.raises(CodeRefuse):
        service.modifier(code_email=code)
    assert service.magasin.comptes[service.compte_id].email == "pierre@exemple.fr"


def test_un_second_courriel_annule_le_code_du_premier(service: Service) -> None:
    service.ouvert().modifier(email="un@exemple.fr")
    premier = service.code("CodeEmail")
    service.modifier(email="deux@exemple.fr")
    second = service.code("CodeEmail")
    if premier != second:
        with pytest.raises(CodeRefuse):
            service.modifier(code_email=premier)
    assert service.modifier(code_email=second).email == "deux@exemple.fr"


def test_confirmer_et_changer_encore_en_un_seul_envoi(service: Service) -> None:
    service.ouvert().modifier(email="un@exemple.fr")
    compte = service.modifier(code_email=service.code("CodeEmail"), telephone="0700000001")
    assert (compte.email, compte.telephone_en_attente) == ("un@exemple.fr", "0700000001")


def test_fermer_eteint_tout_et_ne_se_fait_qu_une_fois(service: Service) -> None:
    jeton = service.ouvert().connecter().jeton
    compte_id = service.compte_id
    fermer_le_compte(compte_id, service.comptes, contexte(T0))
    assert service.sessions.session_du_jeton(jeton) is None
    with pytest.raises(NonAuthentifie):
        fermer_le_compte(compte_id, service.comptes, contexte(T0))
    assert service.evenements("CompteFerme")[0].donnees == {"email": "pierre@exemple.fr"}
