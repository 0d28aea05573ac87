"""What any store of accounts and sessions must do: the same tests on the fake and on DynamoDB (moto)."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from chalicelib.adapters import comptes_dynamodb
from chalicelib.adapters.comptes_dynamodb import ComptesDynamoDB
from chalicelib.adapters.dynamo import item, plat
from chalicelib.adapters.jetons import Jetons
from chalicelib.adapters.sessions_dynamodb import SessionsDynamoDB
from chalicelib.demande.codes import UsageCode
from chalicelib.demande.comptes import (
    ECHECS_LIBRES,
    ECHECS_PAR_ADRESSE,
    FENETRE_ADRESSE_S,
    JETON_S,
    RESERVATION_S,
    SESSIONS_PAR_COMPTE,
    AntiRobotRefuse,
    CodeEmis,
    Compte,
    Creation,
    Defi,
    Session,
    StatutCompte,
    attente_apres,
    limite,
    nouvelle_session,
    session_prolongee,
)
from chalicelib.demande.erreurs import IdentifiantPris, TropDeTentatives
from chalicelib.demande.ports_comptes import (
    Comptes,
    CreationConnue,
    EmailPris,
    EtatInattendu,
    LimiteAtteinte,
    Sessions,
)
from tests.contract.tables import aws_simule
from tests.fakes.comptes import ComptesEnMemoire, Magasin, SessionsEnMemoire, contexte

T0 = 1_800_000_000
CONTEXTE = contexte(T0)


@dataclass
class Magasins:
    comptes: Comptes
    sessions: Sessions
    avancer: Callable[[int], None]
    evenements: Callable[[], list[tuple[str, str]]]


def _en_memoire() -> Iterator[Magasins]:
    magasin = Magasin()
    sessions = SessionsEnMemoire(magasin, T0)
    yield Magasins(
        ComptesEnMemoire(magasin),
        sessions,
        lambda instant: setattr(sessions, "instant_courant", instant),
        lambda: [(evenement.compte_id, evenement.type) for evenement in magasin.evenements],
    )


def _dynamodb() -> Iterator[Magasins]:
    with aws_simule() as client:
        horloge = [T0]

        def evenements() -> list[tuple[str, str]]:
            items = [plat(i) or {} for i in client.scan(TableName="permis-comptes")["Items"]]
            return [(i["compte_id"], i["type"]) for i in items if i["element"].startswith("EVENEMENT#")]

        jetons = Jetons(lambda: "cle-de-contrat-assez-longue-pour-hs256-0123456789")
        yield Magasins(
            ComptesDynamoDB(client, "permis-comptes", "permis-sessions"),
            SessionsDynamoDB(client, "permis-sessions", "permis-comptes", jetons, lambda: horloge[0]),
            lambda instant: horloge.__setitem__(0, instant),
            evenements,
        )


@pytest.fixture(params=[_en_memoire, _dynamodb], ids=["memoire", "dynamodb"])
def magasins(request: pytest.FixtureRequest) -> Iterator[Magasins]:
    yield from request.param()


def un_compte(compte_id: str = "c1", identifiant: str = "Pierre.C", **champs: Any) -> Compte:
    return Compte(
        **{
            "compte_id": compte_id,
            "identifiant": identifiant,
            "statut": StatutCompte.A_ACTIVER,
            "prenom": "Pierre",
            "nom": "CORNEILLE",
            "email": "pierre@exemple.fr",
            "sexe": "M",
            "telephone": "0612345678",
            "question_secrete": "Ville de naissance ?",
            "reponse_secrete": "haché",
            "mot_de_passe": "haché-1",
            "cgu_acceptees_le": "2027-01-15T08:00:00.000Z",
            "cree_le": "2027-01-15T08:00:00.000Z",
            "expire": T0 + RESERVATION_S,
            **champs,
        }
    )


def creer(
    magasins: Magasins, compte: Compte, defi: str = "defi-1", creation: Creation | None = None, instant: int = T0
) -> CodeEmis:
    code = contexte(instant).code(compte.compte_id, UsageCode.ACTIVATION)
    evenement = CONTEXTE.evenement_de_code("CodeActivation", code)
    magasins.comptes.creer(compte, code, [], [evenement], Defi(defi, instant + 600), creation, instant)
    return code


def compte_actif(magasins: Magasins, **champs: Any) -> Compte:
    compte = un_compte(**{"statut": StatutCompte.ACTIF, "expire": None, **champs})
    magasins.comptes.installer(compte)
    return compte


def ouvrir(magasins: Magasins, compte: Compte, session_id: str = "s1", instant: int = T0) -> Session:
    session = nouvelle_session(compte, session_id, instant)
    magasins.sessions.ouvrir(compte, session, instant)
    return session


class TestCreation:
    def test_un_compte_cree_se_retrouve_par_son_identifiant_sans_casse_et_par_son_courriel(
        self, magasins: Magasins
    ) -> None:
        compte = un_compte()
        creer(magasins, compte)
        assert magasins.comptes.resoudre("PIERRE.c") == "c1"
        assert magasins.comptes.titulaire("PIERRE@exemple.fr", T0) == "c1"
        assert magasins.comptes.lire("c1") == compte
        assert magasins.evenements() == [("c1", "CodeActivation")]

    def test_un_identifiant_pris_refuse_et_n_ecrit_rien(self, magasins: Magasins) -> None:
        creer(magasins, un_compte())
        with pytest.raises(IdentifiantPris):
            creer(magasins, un_compte("c2", "pierre.c", email="autre@exemple.fr"), "defi-2")
        assert magasins.comptes.lire("c2") is None
        assert magasins.comptes.titulaire("autre@exemple.fr", T0) is None
        # The challenge was not spent: the form goes on with another identifiant.
        creer(magasins, un_compte("c3", "pierre.d", email="autre@exemple.fr"), "defi-2")

    def test_un_courriel_pris_depuis_la_lecture_est_signale(self, magasins: Magasins) -> None:
        creer(magasins, un_compte())
        with pytest.raises(EmailPris):
            creer(magasins, un_compte("c2", "autre"), "defi-2")
        assert magasins.comptes.resoudre("autre") is None

    def test_un_fantome_reserve_son_identifiant_sans_toucher_au_courriel(self, magasins: Magasins) -> None:
        creer(magasins, un_compte())
        code = creer(magasins, un_compte("c2", "autre", fantome_de="c1"), "defi-2")
        assert magasins.comptes.resoudre("autre") == "c2"
        assert magasins.comptes.titulaire("pierre@exemple.fr", T0) == "c1"
        assert magasins.comptes.activer(code, T0) is False

    def test_une_limite_atteinte_n_ecrit_rien(self, magasins: Magasins) -> None:
        prevenir = limite("deja_existant", "c1", T0)
        for rang in range(5):
            magasins.comptes.emettre([prevenir], Defi(f"d{rang}", T0), [], [])
        code = CONTEXTE.code("c2", UsageCode.ACTIVATION)
        with pytest.raises(LimiteAtteinte):
            magasins.comptes.creer(un_compte("c2"), code, [prevenir], [], Defi("d", T0), None, T0)
        assert magasins.comptes.resoudre("pierre.c") is None
        magasins.comptes.creer(un_compte("c2"), code, [], [], Defi("d", T0), None, T0)

    def test_un_defi_ne_sert_qu_une_fois(self, magasins: Magasins) -> None:
        creer(magasins, un_compte())
        with pytest.raises(AntiRobotRefuse):
            creer(magasins, un_compte("c2", "autre", email="autre@exemple.fr"), "defi-1")

    def test_la_meme_cle_rend_ce_qui_en_a_ete_garde(self, magasins: Magasins) -> None:
        creation = Creation("cle", "empreinte", "h1", "h2", T0 + RESERVATION_S)
        creer(magasins, un_compte(), creation=creation)
        with pytest.raises(CreationConnue) as connue:
            creer(magasins, un_compte("c2"), creation=Creation("cle", "autre", "h3", "h4", T0 + RESERVATION_S))
        assert connue.value.creation == creation
        assert len(magasins.evenements()) == 1

    def test_une_reservation_non_activee_se_libere_apres_un_jour_meme_si_le_ttl_tarde(self, magasins: Magasins) -> None:
        creer(magasins, un_compte())
        plus_tard = T0 + RESERVATION_S + 1
        assert magasins.comptes.titulaire("pierre@exemple.fr", plus_tard) is None
        creer(magasins, un_compte("c2", expire=plus_tard + RESERVATION_S), "defi-2", instant=plus_tard)
        assert magasins.comptes.resoudre("pierre.c") == "c2"

    def test_vingt_fils_creent_le_meme_identifiant_un_seul_gagne(self, magasins: Magasins) -> None:
        gagnants, perdants = [], []

        def tenter(rang: int) -> None:
            try:
                creer(magasins, un_compte(f"c{rang}", email=f"p{rang}@exemple.fr"), f"defi-{rang}")
                gagnants.append(f"c{rang}")
            except IdentifiantPris:
                perdants.append(rang)

        fils = [threading.Thread(target=tenter, args=(rang,)) for rang in range(20)]
        for fil in fils:
            fil.start()
        for fil in fils:
            fil.join()
        assert len(gagnants) == 1
        assert len(perdants) == 19
        assert magasins.comptes.resoudre("pierre.c") == gagnants[0]
        assert len(magasins.evenements()) == 1


class TestActivation:
    def test_activer_rend_le_compte_definitif(self, magasins: Magasins) -> None:
        code = creer(magasins, un_compte())
        assert magasins.comptes.activer(code, T0) is True
        compte = magasins.comptes.lire("c1")
        assert compte is not None
        assert (compte.statut, compte.expire) == (StatutCompte.ACTIF, None)
        bien_plus_tard = T0 + 30 * RESERVATION_S
        assert magasins.comptes.titulaire("pierre@exemple.fr", bien_plus_tard) == "c1"
        with pytest.raises(IdentifiantPris):
            creer(magasins, un_compte("c2", email="x@exemple.fr"), "defi-2", instant=bien_plus_tard)

    def test_activer_deux_fois_reussit_deux_fois(self, magasins: Magasins) -> None:
        code = creer(magasins, un_compte())
        for _ in range(5):
            assert magasins.comptes.compter_essai("c1", UsageCode.ACTIVATION, T0) == code
        assert magasins.comptes.activer(code, T0) is True
        assert magasins.comptes.compter_essai("c1", UsageCode.ACTIVATION, T0) == code
        assert magasins.comptes.activer(code, T0) is True

    def test_le_jour_passe_l_activation_est_refusee(self, magasins: Magasins) -> None:
        code = creer(magasins, un_compte())
        assert magasins.comptes.activer(code, T0 + RESERVATION_S) is False

    def test_cinq_essais_puis_plus_aucun(self, magasins: Magasins) -> None:
        creer(magasins, un_compte())
        essais = [magasins.comptes.compter_essai("c1", UsageCode.ACTIVATION, T0) for _ in range(7)]
        assert [essai is not None for essai in essais] == [True] * 5 + [False] * 2

    def test_cinq_essais_en_parallele_aussi(self, magasins: Magasins) -> None:
        creer(magasins, un_compte())
        obtenus: list[CodeEmis | None] = []
        fils = [
            threading.Thread(
                target=lambda: obtenus.append(magasins.comptes.compter_essai("c1", UsageCode.ACTIVATION, T0))
            )
            for _ in range(16)
        ]
        for fil in fils:
            fil.start()
        for fil in fils:
            fil.join()
        assert sum(code is not None for code in obtenus) == 5

    def test_un_code_expire_ou_d_un_autre_usage_ou_d_un_inconnu_n_est_pas_donne(self, magasins: Magasins) -> None:
        code = creer(magasins, un_compte())
        assert magasins.comptes.compter_essai("c1", UsageCode.ACTIVATION, code.expire_le) is None
        assert magasins.comptes.compter_essai("c1", UsageCode.MOT_DE_PASSE, T0) is None
        assert magasins.comptes.compter_essai("inconnu", UsageCode.ACTIVATION, T0) is None


class TestEmission:
    def test_un_nouveau_code_remplace_l_ancien_et_ses_essais(self, magasins: Magasins) -> None:
        creer(magasins, un_compte())
        for _ in range(5):
            magasins.comptes.compter_essai("c1", UsageCode.ACTIVATION, T0)
        nouveau = CONTEXTE.code("c1", UsageCode.ACTIVATION)
        evenement = CONTEXTE.evenement_de_code("CodeActivation", nouveau)
        magasins.comptes.emettre([limite("activation", "x", T0)], Defi("d", T0), [nouveau], [evenement])
        assert magasins.comptes.compter_essai("c1", UsageCode.ACTIVATION, T0) == nouveau
        assert magasins.evenements().count(("c1", "CodeActivation")) == 2

    def test_la_limite_de_l_heure_arrete_puis_se_rouvre(self, magasins: Magasins) -> None:
        for rang in range(5):
            magasins.comptes.emettre([limite("activation", "x", T0)], Defi(f"d{rang}", T0), [], [])
        with pytest.raises(LimiteAtteinte):
            magasins.comptes.emettre(
                [limite("activation", "x", T0)], Defi("d6", T0), [], [CONTEXTE.evenement("c1", "IdentifiantOublie")]
            )
        assert magasins.evenements() == []
        magasins.comptes.emettre([limite("activation", "autre", T0)], Defi("d7", T0), [], [])
        magasins.comptes.emettre([limite("activation", "x", T0 + 3600)], Defi("d8", T0), [], [])

    def test_un_defi_depense_est_refuse(self, magasins: Magasins) -> None:
        magasins.comptes.emettre([], Defi("d", T0), [], [])
        with pytest.raises(AntiRobotRefuse):
            magasins.comptes.emettre([], Defi("d", T0), [], [CONTEXTE.evenement("c1", "IdentifiantOublie")])
        assert magasins.evenements() == []


class TestMotDePasse:
    def _code(self, magasins: Magasins, usage: UsageCode = UsageCode.MOT_DE_PASSE) -> CodeEmis:
        code = CONTEXTE.code("c1", usage)
        magasins.comptes.emettre([], Defi(code.nonce, T0), [code], [])
        return code

    def test_changer_eteint_les_sessions_leve_le_blocage_et_depense_le_code(self, magasins: Magasins) -> None:
        compte = compte_actif(magasins)
        session = ouvrir(magasins, compte)
        for _ in range(ECHECS_LIBRES):
            magasins.sessions.reserver_essai("pierre.c", "ip", T0)
        code = self._code(magasins)
        evenement = CONTEXTE.evenement("c1", "MotDePasseModifie")
        magasins.comptes.changer_mot_de_passe(compte, "haché-2", [code], evenement)
        relu = magasins.comptes.lire("c1")
        assert relu is not None
        assert relu.mot_de_passe == "haché-2"
        assert magasins.sessions.session_du_jeton(magasins.sessions.jeton(session)) is None
        magasins.sessions.reserver_essai("pierre.c", "ip", T0)
        donne = magasins.comptes.compter_essai("c1", UsageCode.MOT_DE_PASSE, T0)
        assert donne is not None
        assert donne.utilise is True
        with pytest.raises(EtatInattendu):
            magasins.comptes.changer_mot_de_passe(compte, "haché-3", [code], evenement)

    def test_deux_codes_sont_depenses_ensemble_ou_pas_du_tout(self, magasins: Magasins) -> None:
        compte = compte_actif(magasins)
        code, remplace = self._code(magasins), self._code(magasins, UsageCode.MOT_DE_PASSE_SMS)
        self._code(magasins, UsageCode.MOT_DE_PASSE_SMS)
        with pytest.raises(EtatInattendu):
            magasins.comptes.changer_mot_de_passe(
                compte, "haché-2", [code, remplace], CONTEXTE.evenement("c1", "MotDePasseModifie")
            )
        relu = magasins.comptes.lire("c1")
        assert relu is not None
        assert relu.mot_de_passe == "haché-1"
        donne = magasins.comptes.compter_essai("c1", UsageCode.MOT_DE_PASSE, T0)
        assert donne is not None
        assert donne.utilise is False

    def test_une_session_ne_s_ouvre_plus_avec_le_mot_de_passe_lu_avant_le_changement(self, magasins: Magasins) -> None:
        lu_avant = compte_actif(magasins)
        magasins.comptes.changer_mot_de_passe(
            lu_avant, "haché-2", [self._code(magasins)], CONTEXTE.evenement("c1", "MotDePasseModifie")
        )
        with pytest.raises(EtatInattendu):
            ouvrir(magasins, lu_avant)


class TestProfil:
    def _demander(self, magasins: Magasins, usage: UsageCode, valeur: str) -> CodeEmis:
        code = CONTEXTE.code("c1", usage, valeur)
        magasins.comptes.modifier("c1", {f"{usage}_en_attente": valeur}, [], [code], [])
        return code

    def _confirmer(self, magasins: Magasins, compte: Compte, code: CodeEmis) -> None:
        evenement = CONTEXTE.evenement("c1", "CoordonneesModifiees", email=compte.email)
        magasins.comptes.confirmer(compte, code, evenement, T0)

    def test_modifier_change_ce_qui_est_nomme(self, magasins: Magasins) -> None:
        compte = compte_actif(magasins)
        magasins.comptes.modifier("c1", {"prenom": "Paul", "nom": "RACINE"}, [], [], [])
        assert magasins.comptes.lire("c1") == compte.model_copy(update={"prenom": "Paul", "nom": "RACINE"})

    def test_modifier_respecte_la_limite_sans_rien_changer(self, magasins: Magasins) -> None:
        compte_actif(magasins)
        for _ in range(3):
            magasins.comptes.modifier("c1", {"nom": "A"}, [limite("telephone", "c1", T0, "sms")], [], [])
        with pytest.raises(LimiteAtteinte):
            magasins.comptes.modifier("c1", {"nom": "B"}, [limite("telephone", "c1", T0, "sms")], [], [])
        relu = magasins.comptes.lire("c1")
        assert relu is not None
        assert relu.nom == "A"

    def test_un_courriel_confirme_remplace_l_ancien_qui_se_libere(self, magasins: Magasins) -> None:
        compte = compte_actif(magasins)
        code = self._demander(magasins, UsageCode.EMAIL, "neuf@exemple.fr")
        self._confirmer(magasins, compte, code)
        relu = magasins.comptes.lire("c1")
        assert relu is not None
        assert (relu.email, relu.email_en_attente) == ("neuf@exemple.fr", None)
        assert magasins.comptes.titulaire("neuf@exemple.fr", T0) == "c1"
        assert magasins.comptes.titulaire("pierre@exemple.fr", T0) is None

    def test_changer_la_seule_casse_de_son_courriel_est_permis(self, magasins: Magasins) -> None:
        compte = compte_actif(magasins)
        self._confirmer(magasins, compte, self._demander(magasins, UsageCode.EMAIL, "Pierre@exemple.fr"))
        assert magasins.comptes.titulaire("pierre@exemple.fr", T0) == "c1"

    def test_un_courriel_devenu_celui_d_un_autre_n_est_pas_confirme(self, magasins: Magasins) -> None:
        compte = compte_actif(magasins)
        code = self._demander(magasins, UsageCode.EMAIL, "neuf@exemple.fr")
        creer(magasins, un_compte("c2", "autre", email="neuf@exemple.fr"))
        with pytest.raises(EtatInattendu):
            self._confirmer(magasins, compte, code)
        assert magasins.comptes.titulaire("neuf@exemple.fr", T0) == "c2"

    def test_un_telephone_confirme_remplace_l_ancien_une_fois(self, magasins: Magasins) -> None:
        compte = compte_actif(magasins)
        code = self._demander(magasins, UsageCode.TELEPHONE, "0699999999")
        self._confirmer(magasins, compte, code)
        relu = magasins.comptes.lire("c1")
        assert relu is not None
        assert (relu.telephone, relu.telephone_en_attente) == ("0699999999", None)
        with pytest.raises(EtatInattendu):
            self._confirmer(magasins, compte, code)

    def test_fermer_libere_identifiant_et_courriel_et_eteint_les_sessions(self, magasins: Magasins) -> None:
        compte = compte_actif(magasins)
        session = ouvrir(magasins, compte)
        magasins.comptes.fermer(compte, CONTEXTE.evenement("c1", "CompteFerme", email=compte.email), T0)
        assert magasins.comptes.lire("c1") is None
        assert magasins.comptes.resoudre("pierre.c") is None
        assert magasins.comptes.titulaire("pierre@exemple.fr", T0) is None
        assert magasins.sessions.session_du_jeton(magasins.sessions.jeton(session)) is None
        with pytest.raises(EtatInattendu):
            magasins.comptes.fermer(compte, CONTEXTE.evenement("c1", "CompteFerme"), T0)
        with pytest.raises(EtatInattendu):
            ouvrir(magasins, compte)


class TestVeille:
    """The watch over unused accounts: what it reads, and what it writes only if nobody came back."""

    PREMIERE, SUITE = "2029-12-15T08:00:00.000Z", "2030-01-14T08:00:00.000Z"

    def _veille(self, magasins: Magasins, compte_id: str = "c1", veille_le: str | None = PREMIERE) -> Compte:
        compte = un_compte(compte_id, f"i-{compte_id}", email=f"{compte_id}@exemple.fr", veille_le=veille_le)
        assert magasins.comptes.activer(creer(magasins, compte, defi=f"defi-{compte_id}"), T0)
        return self._lu(magasins, compte_id)

    def _lu(self, magasins: Magasins, compte_id: str = "c1") -> Compte:
        lu = magasins.comptes.lire(compte_id)
        assert lu is not None
        return lu

    def _dus(self, magasins: Magasins, jusqua: str) -> list[str]:
        return list(magasins.comptes.a_veiller(jusqua))

    def _annonce(self) -> Any:
        return CONTEXTE.evenement("c1", "CompteInutilise", valable_jusqua=self.SUITE)

    def test_un_compte_est_veille_une_fois_actif_le_plus_ancien_d_abord(self, magasins: Magasins) -> None:
        self._veille(magasins, "tard", veille_le="2029-12-15T08:00:00.001Z")
        self._veille(magasins, "tot")
        creer(magasins, un_compte("attend", "attend", email="a@exemple.fr", veille_le=self.PREMIERE), defi="d-attend")
        self._veille(magasins, "agent", veille_le=None)

        assert self._dus(magasins, "2029-12-15T07:59:59.999Z") == []
        assert self._dus(magasins, self.PREMIERE) == ["tot"]
        assert self._dus(magasins, "2031-01-01T00:00:00.000Z") == ["tot", "tard"]

    def test_une_connexion_ne_deplace_pas_la_veille(self, magasins: Magasins) -> None:
        ouvrir(magasins, self._veille(magasins))

        assert self._dus(magasins, self.PREMIERE) == ["c1"]

    def test_replanifier_repousse_ce_qui_n_a_pas_bouge(self, magasins: Magasins) -> None:
        compte = self._veille(magasins)
        magasins.comptes.replanifier(compte, self.SUITE)

        assert self._dus(magasins, self.PREMIERE) == []
        assert self._dus(magasins, self.SUITE) == ["c1"]
        with pytest.raises(EtatInattendu):
            magasins.comptes.replanifier(compte, self.PREMIERE)

    def test_prevenir_le_dit_une_fois(self, magasins: Magasins) -> None:
        compte = self._veille(magasins)
        magasins.comptes.prevenir(compte, self._annonce(), self.PREMIERE, self.SUITE)
        with pytest.raises(EtatInattendu):
            magasins.comptes.prevenir(compte, self._annonce(), self.PREMIERE, self.SUITE)

        assert (self._lu(magasins).prevenu_le, self._lu(magasins).veille_le) == (self.PREMIERE, self.SUITE)
        assert [un for un in magasins.evenements() if un[1] == "CompteInutilise"] == [("c1", "CompteInutilise")]

    def test_qui_revient_n_est_ni_prevenu_ni_ferme_ni_replanifie_sur_ce_qui_fut_lu_avant(
        self, magasins: Magasins
    ) -> None:
        compte = self._veille(magasins)
        ouvrir(magasins, compte)
        revenu = self._lu(magasins)
        ouvrir(magasins, compte, "s2", T0 + 60)
        for lu in (compte, revenu):
            with pytest.raises(EtatInattendu):
                magasins.comptes.prevenir(lu, self._annonce(), self.PREMIERE, self.SUITE)
            with pytest.raises(EtatInattendu):
                magasins.comptes.fermer_inutilise(lu, self._annonce(), T0)
            with pytest.raises(EtatInattendu):
                magasins.comptes.replanifier(lu, self.SUITE)

        assert magasins.comptes.resoudre("i-c1") == "c1"
        assert "CompteInutilise" not in [type_ for _, type_ in magasins.evenements()]

    def test_fermer_un_compte_inutilise_libere_ses_cles_et_le_sort_de_la_veille(self, magasins: Magasins) -> None:
        compte = self._veille(magasins)
        session = ouvrir(magasins, compte)
        magasins.comptes.fermer_inutilise(self._lu(magasins), CONTEXTE.evenement("c1", "CompteInutiliseFerme"), T0)

        assert magasins.comptes.lire("c1") is None
        assert magasins.comptes.resoudre("i-c1") is None
        assert magasins.comptes.titulaire("c1@exemple.fr", T0) is None
        assert magasins.sessions.session_du_jeton(magasins.sessions.jeton(session)) is None
        assert self._dus(magasins, "2031-01-01T00:00:00.000Z") == []

    def test_fermer_soi_meme_son_compte_le_sort_de_la_veille(self, magasins: Magasins) -> None:
        compte = self._veille(magasins)
        magasins.comptes.fermer(compte, CONTEXTE.evenement("c1", "CompteFerme", email=compte.email), T0)

        assert self._dus(magasins, "2031-01-01T00:00:00.000Z") == []


class TestSessions:
    def test_un_jeton_donne_sa_session_jusqu_a_son_terme(self, magasins: Magasins) -> None:
        compte = compte_actif(magasins, role="agent", autorites=("543", "542"))
        session = ouvrir(magasins, compte)
        jeton = magasins.sessions.jeton(session)
        assert magasins.sessions.session_du_jeton(jeton) == session
        assert (session.role, session.autorites) == ("agent", ("543", "542"))
        magasins.avancer(T0 + JETON_S)
        assert magasins.sessions.session_du_jeton(jeton) is None

    def test_une_session_fermee_est_morte_aussitot_et_peut_etre_fermee_deux_fois(self, magasins: Magasins) -> None:
        compte = compte_actif(magasins)
        un, deux = ouvrir(magasins, compte, "s1"), ouvrir(magasins, compte, "s2")
        magasins.sessions.fermer("c1", "s1")
        magasins.sessions.fermer("c1", "s1")
        magasins.sessions.fermer("jamais-vu", "s1")
        assert magasins.sessions.session_du_jeton(magasins.sessions.jeton(un)) is None
        assert magasins.sessions.session_du_jeton(magasins.sessions.jeton(deux)) == deux

    def test_remplacer_tue_l_ancienne_une_seule_fois(self, magasins: Magasins) -> None:
        session = ouvrir(magasins, compte_actif(magasins))
        suivante = session_prolongee(session, "s2", T0 + 10)
        magasins.sessions.remplacer("s1", suivante)
        assert magasins.sessions.session_du_jeton(magasins.sessions.jeton(session)) is None
        assert magasins.sessions.session_du_jeton(magasins.sessions.jeton(suivante)) == suivante
        with pytest.raises(EtatInattendu):
            magasins.sessions.remplacer("s1", session_prolongee(session, "s3", T0 + 10))

    def test_au_dela_de_dix_sessions_la_plus_ancienne_se_ferme(self, magasins: Magasins) -> None:
        compte = compte_actif(magasins)
        ouvertes = [ouvrir(magasins, compte, f"s{rang}", T0 + rang) for rang in range(SESSIONS_PAR_COMPTE + 3)]
        vivantes = [magasins.sessions.session_du_jeton(magasins.sessions.jeton(s)) is not None for s in ouvertes]
        assert vivantes == [False] * 3 + [True] * SESSIONS_PAR_COMPTE
        magasins.sessions.fermer("c1", f"s{SESSIONS_PAR_COMPTE + 2}")
        neuve = ouvrir(magasins, compte, "neuve", T0 + 50)
        assert magasins.sessions.session_du_jeton(magasins.sessions.jeton(neuve)) == neuve


class TestEssais:
    def test_cinq_essais_libres_puis_une_attente_qui_double(self, magasins: Magasins) -> None:
        for _ in range(ECHECS_LIBRES):
            magasins.sessions.reserver_essai("Pierre.C", "ip", T0)
        with pytest.raises(TropDeTentatives) as refus:
            magasins.sessions.reserver_essai("pierre.c", "ip", T0)
        assert refus.value.attendre_s == attente_apres(ECHECS_LIBRES) == 60
        magasins.sessions.reserver_essai("pierre.c", "ip", T0 + 60)
        with pytest.raises(TropDeTentatives) as refus:
            magasins.sessions.reserver_essai("pierre.c", "ip", T0 + 61)
        assert refus.value.attendre_s == 119

    def test_une_connexion_reussie_remet_a_zero(self, magasins: Magasins) -> None:
        compte = compte_actif(magasins)
        for _ in range(ECHECS_LIBRES - 1):
            magasins.sessions.reserver_essai("pierre.c", "ip", T0)
        ouvrir(magasins, compte)
        for _ in range(ECHECS_LIBRES):
            magasins.sessions.reserver_essai("pierre.c", "ip", T0)

    def test_des_essais_paralleles_ne_depassent_pas_la_regle(self, magasins: Magasins) -> None:
        passes: list[bool] = []

        def tenter() -> None:
            try:
                magasins.sessions.reserver_essai("pierre.c", "ip", T0)
                passes.append(True)
            except TropDeTentatives:
                passes.append(False)

        fils = [threading.Thread(target=tenter) for _ in range(16)]
        for fil in fils:
            fil.start()
        for fil in fils:
            fil.join()
        assert 1 <= sum(passes) <= ECHECS_LIBRES

    def test_une_adresse_qui_echoue_cent_fois_attend_la_fin_de_son_quart_d_heure(self, magasins: Magasins) -> None:
        for _ in range(ECHECS_PAR_ADRESSE):
            magasins.sessions.compter_echec("ip", T0)
        with pytest.raises(TropDeTentatives) as refus:
            magasins.sessions.reserver_essai("quelqu-un", "ip", T0)
        assert refus.value.attendre_s == FENETRE_ADRESSE_S - T0 % FENETRE_ADRESSE_S
        magasins.sessions.reserver_essai("quelqu-un", "autre-ip", T0)
        magasins.sessions.reserver_essai("quelqu-un", "ip", T0 + FENETRE_ADRESSE_S)


def test_un_compte_ferme_ne_garde_que_ce_qui_tient_ses_demandes() -> None:
    with aws_simule() as client:
        comptes = ComptesDynamoDB(client, "permis-comptes", "permis-sessions")
        comptes.installer(un_compte(statut=StatutCompte.ACTIF, expire=None, veille="compte", veille_le="2029"))
        lu = comptes.lire("c1")
        assert lu is not None
        comptes.fermer_inutilise(lu, CONTEXTE.evenement("c1", "CompteInutiliseFerme", email=lu.email), T0)
        cle = item({"cle": "COMPTE#c1", "element": "COMPTE"})
        garde = plat(client.get_item(TableName="permis-comptes", Key=cle)["Item"])
        assert garde == {
            "cle": "COMPTE#c1",
            "element": "COMPTE",
            "compte_id": "c1",
            "role": "usager",
            "statut": "ferme",
            "cree_le": "2027-01-15T08:00:00.000Z",
            "cgu_acceptees_le": "2027-01-15T08:00:00.000Z",
            "ferme_le": "2027-01-15T08:00:00.000Z",
        }


def test_la_veille_lit_page_apres_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comptes_dynamodb, "LOT_DE_VEILLE", 2)
    with aws_simule() as client:
        comptes = ComptesDynamoDB(client, "permis-comptes", "permis-sessions")
        for rang in range(5):
            comptes.installer(
                un_compte(f"c{rang}", f"i{rang}", email=f"{rang}@exemple.fr", veille="compte", veille_le=f"202{rang}")
            )
        assert list(comptes.a_veiller("2030")) == ["c0", "c1", "c2", "c3", "c4"]


def test_ce_que_la_base_garde_d_un_evenement_est_ce_que_l_expediteur_lit() -> None:
    with aws_simule() as client:
        comptes = ComptesDynamoDB(client, "permis-comptes", "permis-sessions")
        code = CodeEmis("c1", UsageCode.EMAIL, "nonce-1", T0 + 1800, "neuf@exemple.fr")
        evenement = CONTEXTE.evenement_de_code("CodeEmail", code, email="neuf@exemple.fr")
        comptes.emettre([], Defi("d", T0), [code], [evenement])
        cle = item({"cle": "COMPTE#c1", "element": f"EVENEMENT#{evenement.evenement_id}"})
        lu = plat(client.get_item(TableName="permis-comptes", Key=cle)["Item"])
        assert lu == {
            "cle": "COMPTE#c1",
            "element": f"EVENEMENT#{evenement.evenement_id}",
            "type": "CodeEmail",
            "compte_id": "c1",
            "evenement_id": evenement.evenement_id,
            "correlation_id": "correlation-de-test",
            "survenu_le": "2027-01-15T08:00:00.000Z",
            "expire": T0 + 30 * 24 * 3600,
            "usage": "email",
            "nonce": "nonce-1",
            "valable_jusqua": "2027-01-15T08:30:00.000Z",
            "email": "neuf@exemple.fr",
        }
