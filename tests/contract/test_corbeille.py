"""What any store of worklists must do: the same tests on the fake and on DynamoDB, races included."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.adapters.dynamo import item
from chalicelib.demande.bail import bail_d_un_agent
from chalicelib.demande.corbeille import COMPTE_MAX, PAGE, Agent, Liste, Page, lire_page
from chalicelib.demande.erreurs import ConflitDeVersion, DemandeInconnue, TransitionInterdite
from chalicelib.demande.index import cles_de_recherche
from chalicelib.demande.instants import ecrire
from chalicelib.demande.journal import Auteur
from chalicelib.demande.modeles import Demande, Statut
from chalicelib.demande.ports import Demandes
from chalicelib.demande.ports_corbeille import Corbeilles, DejaTenue, Position, Prise, Source
from chalicelib.demande.vie import passer
from chalicelib.instruction.suivante import prendre_la_suivante
from tests.capacite import mesurer_ecritures, mesurer_lectures, total, total_lu
from tests.contract.tables import aws_simule
from tests.dossiers import JOUR_S, MAINTENANT, prete
from tests.fakes.corbeille import FakeCorbeilles
from tests.fakes.demandes import FakeDemandes

AGNES = Agent("agnes", "agent", ("543",))
BRUNO = Agent("bruno", "agent", ("543",))
CORINNE = Agent("corinne", "ctn", ("543",))
ADRIEN = Agent("adrien", "agent", ("751",))


@dataclass
class Guichet:
    corbeilles: Corbeilles
    demandes: Demandes
    deposer: Callable[[Demande], None]


def _en_memoire() -> Iterator[Guichet]:
    demandes = FakeDemandes()
    yield Guichet(FakeCorbeilles(demandes), demandes, demandes.creer)


def _dynamodb() -> Iterator[Guichet]:
    with aws_simule() as client:

        def deposer(demande: Demande) -> None:
            valeurs = demande.model_dump(mode="json", exclude_none=True) | cles_de_recherche(demande)
            client.put_item(TableName="permis-demandes", Item=item({**valeurs, "element": "DEMANDE"}))

        yield Guichet(wiring.corbeilles(), wiring.demandes(), deposer)


@pytest.fixture(params=[_en_memoire, _dynamodb], ids=["memoire", "dynamodb"])
def guichet(request: pytest.FixtureRequest) -> Iterator[Guichet]:
    yield from request.param()


def demande(rang: int, file: str = "543#agent", **champs: Any) -> Demande:
    """A demande that waits in ``file``, to be treated ``rang`` days from now."""
    defaut: dict[str, Any] = {
        "id": f"{rang + 1000:032x}",
        "statut": Statut.EN_CONTROLE if file.endswith("ctn") else Statut.EN_INSTRUCTION,
        "numero": str(10**22 + rang),
        "deposee_le": ecrire(MAINTENANT),
        "autorite": file.partition("#")[0],
        "corbeille": file,
        "urgence": f"1#{ecrire(MAINTENANT + timedelta(days=rang))}",
    }
    return prete(**{**defaut, **champs})


def prise(agent: Agent, maintenant: datetime = MAINTENANT, jusqua: str | None = None) -> Prise:
    nom = agent.compte_id.capitalize()
    return Prise(agent.compte_id, nom, agent.corbeilles, maintenant, jusqua or bail_d_un_agent(maintenant))


def page(guichet: Guichet, liste: Liste, agent: Agent = AGNES, **options: Any) -> Page:
    return lire_page(guichet.corbeilles, liste, agent, MAINTENANT, **options, jour_s=JOUR_S)


def ids(page: Page) -> list[str]:
    return [ligne.id for ligne in page.elements]


class TestUnBail:
    def test_prendre_ne_touche_ni_la_version_ni_la_date_de_modification(self, guichet: Guichet) -> None:
        guichet.deposer(avant := demande(1))
        tenue = guichet.corbeilles.prendre(avant.id, prise(AGNES))
        assert (tenue.agent, tenue.agent_nom) == ("agnes", "Agnes")
        assert tenue.bail_jusqua == ecrire(MAINTENANT + timedelta(minutes=30))
        apres = guichet.demandes.lire(avant.id)
        assert (apres.version, apres.modifie_le) == (avant.version, avant.modifie_le)
        assert guichet.demandes.journal(avant.id) == []

    def test_ce_qu_un_autre_tient_est_refuse_en_le_nommant(self, guichet: Guichet) -> None:
        guichet.deposer(demande(1))
        guichet.corbeilles.prendre(demande(1).id, prise(AGNES))
        with pytest.raises(DejaTenue) as refus:
            guichet.corbeilles.prendre(demande(1).id, prise(BRUNO))
        assert refus.value.nom == "Agnes"

    def test_un_bail_termine_est_a_qui_le_prend(self, guichet: Guichet) -> None:
        guichet.deposer(demande(1))
        guichet.corbeilles.prendre(demande(1).id, prise(AGNES))
        plus_tard = MAINTENANT + timedelta(minutes=30)
        assert guichet.corbeilles.prendre(demande(1).id, prise(BRUNO, plus_tard)).agent == "bruno"
        with pytest.raises(DejaTenue):
            guichet.corbeilles.prendre(demande(1).id, prise(AGNES, plus_tard))

    def test_prolonger_son_bail_ne_le_raccourcit_jamais(self, guichet: Guichet) -> None:
        guichet.deposer(demande(1))
        dans_trois_jours = ecrire(MAINTENANT + timedelta(days=3))
        guichet.corbeilles.prendre(demande(1).id, prise(AGNES, jusqua=dans_trois_jours))
        assert guichet.corbeilles.prendre(demande(1).id, prise(AGNES)).bail_jusqua == dans_trois_jours
        plus_tard = MAINTENANT + timedelta(days=2, hours=23, minutes=45)
        assert guichet.corbeilles.prendre(demande(1).id, prise(AGNES, plus_tard)).bail_jusqua == bail_d_un_agent(
            plus_tard
        )

    def test_rendre_libere_et_se_repete_sans_effet(self, guichet: Guichet) -> None:
        guichet.deposer(demande(1))
        guichet.corbeilles.prendre(demande(1).id, prise(AGNES))
        for _ in range(2):
            guichet.corbeilles.rendre(demande(1).id, "agnes", ("543",), MAINTENANT)
        assert guichet.corbeilles.prendre(demande(1).id, prise(BRUNO)).agent == "bruno"
        with pytest.raises(DejaTenue):
            guichet.corbeilles.rendre(demande(1).id, "agnes", ("543",), MAINTENANT)

    def test_une_demande_d_une_autre_autorite_n_existe_pas(self, guichet: Guichet) -> None:
        guichet.deposer(demande(1))
        for inconnue, agent in ((demande(1).id, ADRIEN), ("f" * 32, AGNES)):
            with pytest.raises(DemandeInconnue):
                guichet.corbeilles.prendre(inconnue, prise(agent))
            with pytest.raises(DemandeInconnue):
                guichet.corbeilles.rendre(inconnue, agent.compte_id, agent.autorites, MAINTENANT)

    def test_ce_qui_n_est_pas_dans_sa_file_est_refuse_en_disant_le_statut(self, guichet: Guichet) -> None:
        guichet.deposer(demande(1, "543#ctn"))
        guichet.deposer(demande(2, corbeille=None, urgence=None, statut=Statut.SUSPENDUE))
        for rang, statut in ((1, "en_controle"), (2, "suspendue")):
            with pytest.raises(TransitionInterdite) as refus:
                guichet.corbeilles.prendre(demande(rang).id, prise(AGNES))
            assert refus.value.champs["statut"] == statut

    def test_une_decision_lue_avant_une_prise_en_charge_ne_s_ecrit_pas(self, guichet: Guichet) -> None:
        """The lease moves no version, and yet fences what another had read before it."""
        guichet.deposer(demande(1))
        lue = guichet.demandes.lire(demande(1).id)
        guichet.corbeilles.prendre(lue.id, prise(AGNES))
        validation = passer(
            lue, "DemandeValidee", Auteur("agent", "bruno"), MAINTENANT, "c", jour_s=JOUR_S, vers=Statut.VALIDEE
        )
        with pytest.raises(ConflitDeVersion):
            guichet.demandes.transiter(lue, validation)
        relue = guichet.demandes.lire(lue.id)
        decision = passer(
            relue, "DemandeValidee", Auteur("agent", "agnes"), MAINTENANT, "c", jour_s=JOUR_S, vers=Statut.VALIDEE
        )
        validee = guichet.demandes.transiter(relue, decision)
        assert (validee.agent, validee.bail_jusqua, validee.corbeille) == (None, None, None)


class TestLesListes:
    def test_chacun_voit_sa_file_et_ses_autorites_le_plus_urgent_d_abord(self, guichet: Guichet) -> None:
        tete = demande(3, urgence=f"0#{ecrire(MAINTENANT)}")
        for une in (demande(2), demande(1), tete, demande(4, "543#ctn"), demande(5, "751#agent")):
            guichet.deposer(une)
        assert ids(page(guichet, Liste.A_PRENDRE)) == [tete.id, demande(1).id, demande(2).id]
        assert ids(page(guichet, Liste.A_PRENDRE, CORINNE)) == [demande(4).id]
        deux = Agent("agnes", "chef", ("751", "543"))
        assert ids(page(guichet, Liste.A_PRENDRE, deux)) == [tete.id, *(demande(r).id for r in (1, 2, 5))]
        assert ids(page(guichet, Liste.A_PRENDRE, Agent("x", "usager", ("543",)))) == []

    def test_ce_qui_est_tenu_est_a_son_detenteur_tant_que_le_bail_court(self, guichet: Guichet) -> None:
        for rang in range(3):
            guichet.deposer(demande(rang))
        guichet.corbeilles.prendre(demande(0).id, prise(AGNES))
        guichet.corbeilles.prendre(demande(1).id, prise(BRUNO))
        guichet.corbeilles.prendre(demande(2).id, prise(AGNES, MAINTENANT - timedelta(hours=1)))
        assert ids(page(guichet, Liste.MIENNES)) == [demande(0).id]
        assert ids(page(guichet, Liste.MIENNES, BRUNO)) == [demande(1).id]
        assert ids(page(guichet, Liste.A_PRENDRE)) == [demande(2).id]
        assert ids(page(guichet, Liste.MIENNES, Agent("agnes", "agent", ("751",)))) == []

    def test_le_retard_se_dit_tenu_ou_non(self, guichet: Guichet) -> None:
        for rang in (-3, -2, 0, 1):
            guichet.deposer(demande(rang))
        guichet.deposer(demande(9, urgence=f"0#{ecrire(MAINTENANT - timedelta(days=9))}"))
        guichet.corbeilles.prendre(demande(-3).id, prise(BRUNO))
        assert ids(page(guichet, Liste.EN_RETARD)) == [demande(-3).id, demande(-2).id]

    def test_les_pages_se_suivent_sans_trou_ni_doublon_sur_plusieurs_autorites(self, guichet: Guichet) -> None:
        for rang in range(60):
            guichet.deposer(demande(rang, f"{'543' if rang % 3 else '751'}#agent"))
        for rang in range(0, 60, 4):
            guichet.corbeilles.prendre(demande(rang).id, prise(Agent("bruno", "agent", ("543", "751"))))
        deux = Agent("agnes", "agent", ("543", "751"))
        vues, curseur, tailles = [], None, []
        while True:
            lue = page(guichet, Liste.A_PRENDRE, deux, curseur=curseur)
            vues += ids(lue)
            tailles.append(len(lue.elements))
            curseur = lue.curseur
            if curseur is None:
                break
        assert vues == [demande(rang).id for rang in range(60) if rang % 4]
        assert tailles == [PAGE, 45 - PAGE]

    def test_une_derniere_page_pleine_n_annonce_rien_de_plus(self, guichet: Guichet) -> None:
        for rang in range(PAGE + 1):
            guichet.deposer(demande(rang))
        guichet.corbeilles.prendre(demande(3).id, prise(BRUNO))
        lue = page(guichet, Liste.A_PRENDRE)
        assert (len(lue.elements), lue.curseur) == (PAGE, None)

    def test_un_compteur_s_arrete_a_cent(self, guichet: Guichet) -> None:
        for rang in range(COMPTE_MAX):
            guichet.deposer(demande(rang))
        lue = page(guichet, Liste.A_PRENDRE, compter=True)
        assert (lue.nombre, lue.et_plus, len(lue.elements)) == (COMPTE_MAX, False, PAGE)
        guichet.deposer(demande(COMPTE_MAX))
        lue = page(guichet, Liste.A_PRENDRE, compter=True)
        assert (lue.nombre, lue.et_plus) == (COMPTE_MAX, True)


class TestLaSuivante:
    def test_elle_est_la_plus_urgente_que_personne_ne_tient(self, guichet: Guichet) -> None:
        for rang in range(3):
            guichet.deposer(demande(rang))
        guichet.corbeilles.prendre(demande(0).id, prise(BRUNO))
        prises = [prendre_la_suivante(guichet.corbeilles, AGNES, prise(AGNES)) for _ in range(3)]
        assert [une.id if une else None for une in prises] == [demande(1).id, demande(2).id, None]

    def test_elle_se_trouve_derriere_beaucoup_de_demandes_tenues(self, guichet: Guichet) -> None:
        for rang in range(150):
            tenue = {"agent": "bruno", "agent_nom": "Bruno", "bail_jusqua": ecrire(MAINTENANT + timedelta(minutes=1))}
            guichet.deposer(demande(rang, **(tenue if rang < 149 else {})))
        suivante = prendre_la_suivante(guichet.corbeilles, AGNES, prise(AGNES))
        assert suivante is not None and suivante.id == demande(149).id

    def test_de_vingt_agents_a_la_fois_chacun_a_la_sienne(self, guichet: Guichet) -> None:
        for rang in range(20):
            guichet.deposer(demande(rang))
        depart = Barrier(20)

        def prendre(rang: int) -> str | None:
            agent = Agent(f"agent-{rang}", "agent", ("543",))
            depart.wait()
            suivante = prendre_la_suivante(guichet.corbeilles, agent, prise(agent))
            return suivante.id if suivante else None

        with ThreadPoolExecutor(20) as agents:
            prises = list(agents.map(prendre, range(20)))
        assert sorted(p for p in prises if p) == [demande(rang).id for rang in range(20)]
        tenues = {guichet.demandes.lire(demande(rang).id).agent for rang in range(20)}
        assert tenues == {f"agent-{rang}" for rang in range(20)}

    def test_vingt_agents_sur_une_seule_demande_un_seul_la_tient(self, guichet: Guichet) -> None:
        guichet.deposer(demande(0))
        depart = Barrier(20)

        def prendre(rang: int) -> bool:
            agent = Agent(f"agent-{rang}", "agent", ("543",))
            depart.wait()
            return prendre_la_suivante(guichet.corbeilles, agent, prise(agent)) is not None

        with ThreadPoolExecutor(20) as agents:
            assert sum(agents.map(prendre, range(20))) == 1


@pytest.mark.parametrize("nombre", [200, 1_500])
def test_une_page_lit_autant_quel_que_soit_ce_qui_attend(nombre: int, capsys: pytest.CaptureFixture[str]) -> None:
    """DESIGN §3: a worklist page of 25 reads ≤ 1.5 RRU, whatever waits; the counters of the first view are bounded."""
    with aws_simule() as client:
        for rang in range(nombre):
            valeurs = demande(rang - nombre // 2)
            agent = {"agent": "bruno", "agent_nom": "Bruno Martin", "bail_jusqua": ecrire(MAINTENANT)}
            stocke = valeurs.model_dump(mode="json", exclude_none=True) | cles_de_recherche(valeurs) | agent
            client.put_item(TableName="permis-demandes", Item=item({**stocke, "element": "DEMANDE"}))
        corbeilles = wiring.corbeilles()
        couts = {}
        for liste in (Liste.A_PRENDRE, Liste.EN_RETARD):
            with mesurer_lectures() as une_page:
                assert len(lire_page(corbeilles, liste, AGNES, MAINTENANT, jour_s=JOUR_S).elements) == PAGE
            with mesurer_lectures() as comptee:
                assert lire_page(corbeilles, liste, AGNES, MAINTENANT, compter=True, jour_s=JOUR_S).et_plus
            couts[liste] = (len(une_page), total_lu(une_page), len(comptee), total_lu(comptee))
    with capsys.disabled():
        print(f"\n\ncorbeille de {nombre} : {couts}")
    for requetes, page_rru, requetes_comptee, comptee_rru in couts.values():
        assert (requetes, requetes_comptee) == (1, 1)
        assert page_rru <= 1.5
        assert comptee_rru <= 6


def test_un_bail_coute_peu_et_un_refus_moins_encore(capsys: pytest.CaptureFixture[str]) -> None:
    """What a happy life pays beyond its transitions: the demande, and its entries in the two worklists' indexes."""
    with aws_simule() as client:
        valeurs = demande(1).model_dump(mode="json", exclude_none=True) | cles_de_recherche(demande(1))
        client.put_item(TableName="permis-demandes", Item=item({**valeurs, "element": "DEMANDE"}))
        couts = {}
        for nom, agent in (("prendre", AGNES), ("prolonger", AGNES), ("refus", BRUNO)):
            with mesurer_ecritures() as ecrites:
                plus_tard = MAINTENANT + timedelta(minutes=1)
                try:
                    wiring.corbeilles().prendre(
                        demande(1).id, prise(agent, MAINTENANT if nom == "prendre" else plus_tard)
                    )
                except DejaTenue:
                    assert nom == "refus"
            couts[nom] = total(ecrites)
        with mesurer_ecritures() as ecrites:
            wiring.corbeilles().rendre(demande(1).id, "agnes", ("543",), MAINTENANT)
        couts["rendre"] = total(ecrites)
    with capsys.disabled():
        print(f"\n\nWRU d'un bail : {couts}")
    assert couts["prendre"] <= 5 and couts["prolonger"] <= 5 and couts["rendre"] <= 5 and couts["refus"] <= 3


def test_une_lecture_reprend_apres_une_entree_disparue(guichet: Guichet) -> None:
    """What a cursor points at may have been taken and treated since."""
    for rang in range(4):
        guichet.deposer(demande(rang))
    source = Source("par_corbeille", "543#agent")
    premiere = guichet.corbeilles.lire(source, None, 2)
    derniere = premiere.lignes[-1]
    lue = guichet.demandes.lire(derniere.id)
    suspension = passer(
        lue, "DemandeSuspendue", Auteur("agent", "x"), MAINTENANT, "c", jour_s=JOUR_S, vers=Statut.SUSPENDUE
    )
    guichet.demandes.transiter(lue, suspension)
    suite = guichet.corbeilles.lire(source, Position(derniere.urgence, derniere.id), 2)
    assert [ligne.id for ligne in suite.lignes] == [demande(2).id, demande(3).id]
