"""The worklists' rules without a store: leases, cursors, and how much a call reads at most."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.demande.bail import (
    BAIL_S,
    bail_d_un_agent,
    bail_d_une_affectation,
    corbeilles_de,
    court,
)
from chalicelib.demande.corbeille import (
    LECTURES_MAX,
    PAGE,
    Agent,
    CurseurInconnu,
    Liste,
    TropDeLectures,
    candidates,
    en_tete,
    est_en_retard,
    lire_page,
)
from chalicelib.demande.erreurs import ServiceIndisponible
from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Statut
from chalicelib.demande.ports_corbeille import Ligne, Prise
from chalicelib.instruction.suivante import ESSAIS_MAX, prendre_la_suivante
from tests.dossiers import JOUR_S, MAINTENANT, prete
from tests.fakes.corbeille import FakeCorbeilles
from tests.fakes.demandes import FakeDemandes

AGNES = Agent("agnes", "agent", ("543",))
TENUE = {"agent": "bruno", "agent_nom": "Bruno", "bail_jusqua": ecrire(MAINTENANT + timedelta(minutes=1))}


def corbeilles(nombre: int, autorites: tuple[str, ...] = ("543",), **champs: Any) -> FakeCorbeilles:
    """``nombre`` demandes that wait, in turn in each of ``autorites``."""
    demandes = FakeDemandes()
    for rang in range(nombre):
        autorite = autorites[rang % len(autorites)]
        urgence = f"1#{ecrire(MAINTENANT + timedelta(minutes=rang))}"
        une = prete(
            id=f"{rang:032x}",
            statut=Statut.EN_INSTRUCTION,
            numero=str(10**22 + rang),
            deposee_le=ecrire(MAINTENANT),
            autorite=autorite,
            corbeille=f"{autorite}#agent",
            urgence=urgence,
            **champs,
        )
        demandes.creer(une)
    return FakeCorbeilles(demandes)


def test_un_bail_finit_a_son_instant() -> None:
    jusqua = bail_d_un_agent(MAINTENANT)
    fin = MAINTENANT + timedelta(seconds=BAIL_S)
    assert court("agnes", jusqua, fin - timedelta(milliseconds=1))
    assert not court("agnes", jusqua, fin)
    assert not court(None, jusqua, MAINTENANT) and not court("agnes", None, MAINTENANT)


def test_une_affectation_attend_l_agent_trois_jours_et_jamais_moins_qu_un_bail() -> None:
    assert bail_d_une_affectation(MAINTENANT, JOUR_S) == ecrire(MAINTENANT + timedelta(days=3))
    assert bail_d_une_affectation(MAINTENANT, 1.0) == bail_d_un_agent(MAINTENANT)


def test_chaque_role_a_sa_file() -> None:
    assert corbeilles_de("chef", ("751", "543", "543")) == ("543#agent", "751#agent")
    assert corbeilles_de("ctn", ("543",)) == ("543#ctn",)
    assert corbeilles_de("usager", ("543",)) == corbeilles_de("partenaire", ()) == ()


@pytest.mark.parametrize("tenues", [{}, TENUE], ids=["libres", "tenues"])
@pytest.mark.parametrize("nombre", [0, 10, 3_000])
def test_un_appel_lit_un_nombre_borne_de_fois_quoi_qu_il_attende(nombre: int, tenues: dict[str, str]) -> None:
    autorites = ("543", "751", "2A1")
    lecteur = corbeilles(nombre, autorites, **tenues)
    page = lire_page(lecteur, Liste.A_PRENDRE, Agent("agnes", "agent", autorites), MAINTENANT, jour_s=JOUR_S)
    assert lecteur.lectures <= len(autorites) + LECTURES_MAX
    if not tenues:
        assert len(page.elements) == min(nombre, PAGE)


def test_une_page_coupee_par_des_demandes_tenues_reprend_ou_elle_s_est_arretee() -> None:
    lecteur = corbeilles(3_000, **TENUE)
    derniere = lecteur.demandes.toutes[f"{2_999:032x}"]
    lecteur.demandes.toutes[derniere.id] = derniere.model_copy(update={"agent": None})
    curseur, vues, appels = None, [], 0
    while appels == 0 or curseur is not None:
        page = lire_page(lecteur, Liste.A_PRENDRE, AGNES, MAINTENANT, curseur, jour_s=JOUR_S)
        curseur, appels = page.curseur, appels + 1
        vues += [ligne.id for ligne in page.elements]
    assert vues == [derniere.id] and appels <= 3


@given(
    st.one_of(
        st.text(max_size=60),
        st.recursive(
            st.none() | st.integers() | st.text(max_size=8), lambda enfants: st.lists(enfants, max_size=3)
        ).map(lambda contenu: base64.urlsafe_b64encode(json.dumps(contenu).encode()).decode()),
    )
)
def test_ce_qui_n_est_pas_un_curseur_est_refuse(curseur: str) -> None:
    with pytest.raises(CurseurInconnu):
        lire_page(corbeilles(1), Liste.A_PRENDRE, AGNES, MAINTENANT, curseur, jour_s=JOUR_S)


@pytest.mark.parametrize("position", [["1#2026", "pas-un-id"], ["zz", "0" * 32], ["2", "0" * 32], 1, "x", [1, 2]])
def test_une_position_forgee_est_refusee(position: Any) -> None:
    vrai = lire_page(corbeilles(30), Liste.A_PRENDRE, AGNES, MAINTENANT, jour_s=JOUR_S).curseur
    assert vrai is not None
    sceau, _ = json.loads(base64.urlsafe_b64decode(vrai))
    forge = base64.urlsafe_b64encode(json.dumps([sceau, [position]]).encode()).decode()
    with pytest.raises(CurseurInconnu):
        lire_page(corbeilles(30), Liste.A_PRENDRE, AGNES, MAINTENANT, forge, jour_s=JOUR_S)


class ToujoursDevance(FakeCorbeilles):
    """A store where somebody takes each demande just before."""

    essais = 0

    def prendre(self, demande_id: str, prise: Prise) -> Any:
        self.essais += 1
        super().prendre(demande_id, Prise("autre", "Autre", prise.corbeilles, prise.maintenant, prise.jusqua))
        return super().prendre(demande_id, prise)


def test_un_agent_toujours_devance_est_prie_de_recommencer_et_rien_n_est_dit_vide() -> None:
    prise = Prise("agnes", "Agnès", AGNES.corbeilles, MAINTENANT, bail_d_un_agent(MAINTENANT))
    devance = ToujoursDevance(corbeilles(ESSAIS_MAX + 10).demandes)
    with pytest.raises(ServiceIndisponible):
        prendre_la_suivante(devance, AGNES, prise)
    assert devance.essais == ESSAIS_MAX
    assert prendre_la_suivante(ToujoursDevance(corbeilles(3).demandes), AGNES, prise) is None


def test_des_milliers_de_demandes_tenues_ne_se_lisent_pas_toutes() -> None:
    lecteur = corbeilles(3_000, **TENUE)
    with pytest.raises(TropDeLectures):
        list(candidates(lecteur, AGNES, MAINTENANT))
    assert lecteur.lectures <= 1 + LECTURES_MAX


REVENU = {"statut": Statut.NON_DISTRIBUEE, "deposee_le": ecrire(MAINTENANT - timedelta(days=90))}
BIENTOT, HIER = ecrire(MAINTENANT + timedelta(days=1)), ecrire(MAINTENANT - timedelta(days=1))


def une_seule(urgence: str, **champs: Any) -> FakeCorbeilles:
    lecteur = corbeilles(1)
    (demande,) = lecteur.demandes.toutes.values()
    lecteur.demandes.toutes[demande.id] = demande.model_copy(update={**champs, "urgence": urgence})
    return lecteur


def lues(lecteur: FakeCorbeilles, liste: Liste) -> list[Ligne]:
    return list(lire_page(lecteur, liste, AGNES, MAINTENANT, jour_s=JOUR_S).elements)


def test_un_titre_revenu_attend_son_titulaire_trente_jours_puis_un_agent() -> None:
    assert lues(une_seule(f"1#{BIENTOT}", **REVENU), Liste.A_PRENDRE) == []
    assert list(candidates(une_seule(f"1#{BIENTOT}", **REVENU), AGNES, MAINTENANT)) == []
    oublie = une_seule(f"1#{HIER}", **REVENU)
    assert len(lues(oublie, Liste.A_PRENDRE)) == len(lues(oublie, Liste.EN_RETARD)) == 1
    assert len(list(candidates(oublie, AGNES, MAINTENANT))) == 1


def test_la_tete_de_la_file_dit_pourquoi_et_garde_sa_propre_limite() -> None:
    jour = {"deposee_le": ecrire(MAINTENANT - timedelta(days=1))}
    vieux = {"deposee_le": ecrire(MAINTENANT - timedelta(days=61))}
    for champs, pourquoi, tardive in (
        (jour, "complement", False),
        (vieux, "complement", True),
        (REVENU, "adresse_confirmee", False),
    ):
        lecteur = une_seule(f"0#{HIER}", **champs)
        (ligne,) = lues(lecteur, Liste.A_PRENDRE)
        assert en_tete(ligne) == pourquoi
        assert est_en_retard(ligne, MAINTENANT, JOUR_S) == tardive
        assert len(lues(lecteur, Liste.EN_RETARD)) == tardive
    (autre,) = lues(une_seule(f"1#{BIENTOT}"), Liste.A_PRENDRE)
    assert en_tete(autre) is None
