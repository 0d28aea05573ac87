"""What the chef's acts ask of any store of accounts: the same tests on the fake and on DynamoDB."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.adapters.dynamo import plat
from chalicelib.demande.codes import UsageCode
from chalicelib.demande.comptes import Acces, Compte, Session, StatutCompte, instant, nouvelle_session
from chalicelib.demande.erreurs import IdentifiantPris
from chalicelib.demande.habilitations import ACTIVATION_S, Habilitation, Mouvement, habilitation_de
from chalicelib.demande.ports_comptes import AccesInattendu, EmailPris, EtatInattendu
from tests.contract.tables import aws_simule
from tests.fakes.comptes import Magasin, SessionsEnMemoire, contexte
from tests.fakes.habilitations import HabilitationsEnMemoire

T0 = 1_800_000_000
CONTEXTE = contexte(T0)
ACCES = Acces("haché", "Quel guichet ?", "haché aussi")


@dataclass
class Service:
    habilitations: Any
    sessions: Any
    evenements: Callable[[], list[str]]


def _en_memoire() -> Iterator[Service]:
    magasin = Magasin()
    yield Service(
        HabilitationsEnMemoire(magasin), SessionsEnMemoire(magasin, T0), lambda: [e.type for e in magasin.evenements]
    )


def _dynamodb() -> Iterator[Service]:
    with aws_simule() as client:

        def evenements() -> list[str]:
            items = [plat(i) or {} for i in client.scan(TableName="permis-comptes")["Items"]]
            return [i["type"] for i in items if i["element"].startswith("EVENEMENT#")]

        yield Service(wiring.habilitations(), wiring.sessions(), evenements)


@pytest.fixture(params=[_en_memoire, _dynamodb], ids=["memoire", "dynamodb"])
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    yield from request.param()


def un_agent(rang: int = 1, **champs: Any) -> Compte:
    defaut: dict[str, Any] = {
        "compte_id": f"agent-{rang:03d}",
        "identifiant": f"Agent.{rang}",
        "role": "agent",
        "autorites": ("543",),
        "statut": StatutCompte.A_ACTIVER,
        "prenom": "Agnès",
        "nom": "Guichet",
        "email": f"agent{rang}@prefecture.example",
        "sexe": "",
        "telephone": "0383000000",
        "question_secrete": "",
        "reponse_secrete": "",
        "mot_de_passe": "",
        "cgu_acceptees_le": "",
        "cree_le": instant(T0),
        "expire": T0 + ACTIVATION_S,
    }
    return Compte(**{**defaut, **champs})


def mouvement(avant: Habilitation | None, apres: Habilitation | None, decalage: int = 0) -> Mouvement:
    return Mouvement(
        mouvement_id=CONTEXTE.nouvel_id(),
        survenu_le=instant(T0 + decalage),
        par="chef",
        par_nom="Charles Service",
        agent_nom="Agnès Guichet",
        avant=avant,
        apres=apres,
    )


def habiliter(service: Service, compte: Compte) -> Compte:
    code = CONTEXTE.code(compte.compte_id, UsageCode.ACTIVATION)
    evenement = CONTEXTE.evenement_de_code("HabilitationOuverte", code)
    service.habilitations.habiliter(compte, code, evenement, mouvement(None, habilitation_de(compte)), T0)
    return compte


def actif(service: Service, rang: int = 1, **champs: Any) -> Compte:
    compte = habiliter(service, un_agent(rang, **champs))
    code = service.habilitations.compter_essai(compte.compte_id, UsageCode.ACTIVATION, T0)
    assert service.habilitations.activer(code, T0, ACCES)
    lu: Compte = service.habilitations.lire(compte.compte_id)
    return lu


def changer(service: Service, compte: Compte, *autorites: str, role: str = "agent", decalage: int = 1) -> Habilitation:
    apres = Habilitation(role=role, autorites=autorites)
    evenement = CONTEXTE.evenement(compte.compte_id, "HabilitationModifiee", email=compte.email)
    service.habilitations.changer_habilitation(
        compte, apres, evenement, mouvement(habilitation_de(compte), apres, decalage)
    )
    return apres


def clore(service: Service, compte: Compte, decalage: int = 2) -> None:
    evenement = CONTEXTE.evenement(compte.compte_id, "HabilitationFermee", email=compte.email)
    service.habilitations.clore(compte, evenement, mouvement(habilitation_de(compte), None, decalage), T0)


def equipe(service: Service, autorite: str) -> list[str]:
    return [compte.compte_id for compte in service.habilitations.equipe(autorite, None, 25)[0]]


def ouvrir(service: Service, compte: Compte) -> Session:
    session = nouvelle_session(compte, "s1", T0)
    service.sessions.ouvrir(compte, session, T0)
    return session


class TestUnNouvelAgent:
    def test_il_est_de_son_service_et_attend_son_mot_de_passe(self, service: Service) -> None:
        compte = habiliter(service, un_agent(autorites=("543", "751")))
        assert service.habilitations.lire(compte.compte_id) == compte
        assert equipe(service, "543") == equipe(service, "751") == [compte.compte_id]
        assert service.evenements() == ["HabilitationOuverte"]
        (premier,), suite = service.habilitations.mouvements(compte.compte_id, None, 25)
        assert (premier.avant, premier.apres, suite) == (None, habilitation_de(compte), None)

    def test_il_s_active_en_choisissant_son_acces_et_pas_autrement(self, service: Service) -> None:
        compte = habiliter(service, un_agent())
        code = service.habilitations.compter_essai(compte.compte_id, UsageCode.ACTIVATION, T0)
        with pytest.raises(AccesInattendu) as refus:
            service.habilitations.activer(code, T0)
        assert refus.value.attendu and service.habilitations.lire(compte.compte_id).statut == "a_activer"
        assert service.habilitations.activer(code, T0, ACCES)
        lu = service.habilitations.lire(compte.compte_id)
        assert (lu.statut, lu.mot_de_passe, lu.reponse_secrete) == ("actif", "haché", "haché aussi")
        assert (lu.question_secrete, lu.expire) == ("Quel guichet ?", None)
        assert service.habilitations.activer(code, T0, ACCES), "the same call again changes nothing"
        assert equipe(service, "543") == [compte.compte_id]

    def test_un_usager_qui_a_choisi_son_mot_de_passe_ne_le_rechoisit_pas(self, service: Service) -> None:
        compte = habiliter(service, un_agent(mot_de_passe="haché"))
        code = service.habilitations.compter_essai(compte.compte_id, UsageCode.ACTIVATION, T0)
        with pytest.raises(AccesInattendu) as refus:
            service.habilitations.activer(code, T0, ACCES)
        assert not refus.value.attendu

    def test_un_identifiant_ou_un_courriel_pris_n_ecrit_rien(self, service: Service) -> None:
        habiliter(service, un_agent(1))
        with pytest.raises(IdentifiantPris):
            habiliter(service, un_agent(2, identifiant="AGENT.1"))
        with pytest.raises(EmailPris):
            habiliter(service, un_agent(2, email="Agent1@prefecture.example"))
        assert service.habilitations.lire("agent-002") is None
        assert equipe(service, "543") == ["agent-001"]
        assert service.habilitations.mouvements("agent-002", None, 25) == ([], None)


class TestUnChangement:
    def test_il_change_les_listes_et_tue_les_sessions(self, service: Service) -> None:
        compte = actif(service, autorites=("543", "751"))
        ouvrir(service, compte)
        changer(service, compte, "543", "2A1", role="ctn")
        lu = service.habilitations.lire(compte.compte_id)
        assert (lu.role, lu.autorites) == ("ctn", ("543", "2A1"))
        assert equipe(service, "543") == equipe(service, "2A1") == [compte.compte_id]
        assert equipe(service, "751") == []
        assert service.sessions.lire(compte.compte_id, "s1") is None

    def test_ce_qui_n_est_plus_comme_lu_est_refuse(self, service: Service) -> None:
        compte = actif(service)
        changer(service, compte, "543", "751")
        with pytest.raises(EtatInattendu):
            changer(service, compte, "2A1", decalage=5)
        with pytest.raises(EtatInattendu):
            clore(service, compte)
        assert len(service.habilitations.mouvements(compte.compte_id, None, 25)[0]) == 2

    def test_de_dix_changements_a_la_fois_un_seul_passe(self, service: Service) -> None:
        compte = actif(service)

        def essayer(rang: int) -> bool:
            try:
                changer(service, compte, "543", f"{rang + 100}", decalage=rang + 1)
            except EtatInattendu:
                return False
            return True

        with ThreadPoolExecutor(10) as chefs:
            assert sum(chefs.map(essayer, range(10))) == 1
        assert len(service.habilitations.mouvements(compte.compte_id, None, 25)[0]) == 2


class TestUneFermeture:
    @pytest.mark.parametrize("preparer", [actif, lambda service: habiliter(service, un_agent())])
    def test_elle_efface_la_personne_et_garde_son_histoire(
        self, service: Service, preparer: Callable[[Service], Compte]
    ) -> None:
        compte = preparer(service)
        if compte.statut is StatutCompte.ACTIF:
            ouvrir(service, compte)
        clore(service, compte)
        assert service.habilitations.lire(compte.compte_id) is None
        assert service.habilitations.resoudre(compte.identifiant) is None
        assert equipe(service, "543") == []
        assert service.sessions.lire(compte.compte_id, "s1") is None
        dernier = service.habilitations.mouvements(compte.compte_id, None, 25)[0][0]
        assert (dernier.avant, dernier.apres) == (habilitation_de(compte), None)
        assert dernier.agent_nom == "Agnès Guichet"
        habiliter(service, un_agent(9, identifiant=compte.identifiant, email=compte.email))


class TestLesListes:
    def test_l_equipe_et_l_histoire_se_lisent_par_pages(self, service: Service) -> None:
        for rang in range(5):
            habiliter(service, un_agent(rang))
        page, suite = service.habilitations.equipe("543", None, 3)
        assert [compte.compte_id for compte in page] == ["agent-000", "agent-001", "agent-002"]
        reste, _ = service.habilitations.equipe("543", suite, 3)
        assert [compte.compte_id for compte in reste] == ["agent-003", "agent-004"]
        compte = un_agent(0)
        for rang in range(1, 5):
            apres = changer(service, compte, "543", f"{100 + rang}", decalage=rang)
            compte = compte.model_copy(update={"autorites": apres.autorites})
        page, suite = service.habilitations.mouvements(compte.compte_id, None, 2)
        reste, fin = service.habilitations.mouvements(compte.compte_id, suite, 10)
        assert [m.survenu_le for m in (*page, *reste)] == [instant(T0 + rang) for rang in (4, 3, 2, 1, 0)]
        assert fin is None

    def test_un_agent_installe_est_de_son_service(self, service: Service) -> None:
        service.habilitations.installer(un_agent(role="chef", statut=StatutCompte.ACTIF, expire=None))
        assert equipe(service, "543") == ["agent-001"]

    def test_qui_ferme_lui_meme_son_compte_quitte_la_liste(self, service: Service) -> None:
        compte = actif(service)
        service.habilitations.fermer(compte, CONTEXTE.evenement(compte.compte_id, "CompteFerme"), T0)
        assert equipe(service, "543") == []

    def test_les_noms_sont_ceux_des_agents_encore_la(self, service: Service) -> None:
        habiliter(service, un_agent(1))
        clore(service, habiliter(service, un_agent(2)))
        usager = un_agent(3, role="usager", autorites=(), statut=StatutCompte.ACTIF, expire=None)
        service.habilitations.installer(usager)
        demandes = {"agent-001", "agent-002", "agent-003", "jamais-vu"}
        assert service.habilitations.noms(demandes) == {"agent-001": "Agnès Guichet"}
        assert service.habilitations.noms(set()) == {}
