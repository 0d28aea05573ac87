"""The history over its routes: each sees his own, page by page; a falsified store is shown, told, and never a 500."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.demande.historique import PAGE
from chalicelib.demande.journal import Auteur, empreinte_stockee
from chalicelib.demande.modeles import Demande, Statut
from chalicelib.demande.verification import Ancre
from chalicelib.demande.vie import passer
from chalicelib.demandes.historique import FONCTION as DROITS_USAGER
from chalicelib.http import Identite
from chalicelib.instruction.consultations import FONCTION as DROITS_CONSULTATIONS
from chalicelib.instruction.historique import FONCTION as DROITS_HISTORIQUE
from chalicelib.instruction.verifier_historique import FONCTION as DROITS_VERIFICATION
from tests.agents import AGENT, AILLEURS, CHEF, CTN, PIERRE, deposer, habiliter
from tests.appel import Resultat, appeler
from tests.compteur import compter_appels
from tests.contract.tables import aws_simule
from tests.contract.test_journal import creer_le_coffre
from tests.dossiers import DEMANDE_ID
from tests.droits import relever_droits

HISTORIQUE = "/instruction/demandes/{id}/historique"
VERIFICATION = "/instruction/demandes/{id}/historique/verification"
CONSULTATIONS = "/instruction/demandes/{id}/consultations"
LE_SIEN = "/demandes/{id}/historique"
AGNES = "compte-secret-d-agnes"


@pytest.fixture(autouse=True)
def dynamodb() -> Iterator[Any]:
    with aws_simule() as client_:
        creer_le_coffre()
        yield client_


def lire(route: str, qui: Identite = AGENT, **requete: str) -> Resultat:
    return appeler("GET", route, {"id": DEMANDE_ID}, identite=qui, requete=requete or None)


def vivre(entrees: int = 2) -> Demande:
    """A demande under instruction, with as many entries, the last one an agent's decision."""
    demande = deposer(paiement=None)
    for rang in range(1, entrees + 1):
        dernier = rang == entrees
        changement = passer(
            demande,
            "DemandeRefusee" if dernier else "MessageUsager",
            Auteur("agent", AGNES) if dernier else Auteur("usager", PIERRE.compte_id),
            datetime.now(UTC),
            f"correlation-{rang}",
            jour_s=86400,
            vers=Statut.REFUSEE if dernier else None,
        )
        demande = wiring.demandes().transiter(demande, changement)
    return demande


def ancrer(*rangs: int) -> None:
    chaine = wiring.journal().chaine(DEMANDE_ID)
    wiring.ancres().ancrer([Ancre(DEMANDE_ID, rang, chaine.entrees[rang - 1]["empreinte"]) for rang in rangs])


@pytest.mark.parametrize("qui", [AGENT, CHEF, CTN])
def test_qui_traite_la_demande_lit_chaque_entree_avec_son_auteur_et_son_empreinte(qui: Identite) -> None:
    demande = vivre()
    resultat = lire(HISTORIQUE, qui)
    assert resultat.statut == 200
    lignes = resultat.corps["elements"]
    assert [(ligne["rang"], ligne["code_evenement"], ligne["code_statut"]) for ligne in lignes] == [
        (1, "MessageUsager", "en_instruction"),
        (2, "DemandeRefusee", "refusee"),
    ]
    assert lignes[1]["libelle_statut"] == "Demande refusée"
    assert (lignes[1]["auteur"], lignes[1]["auteur_id"]) == ("agent", AGNES)
    assert lignes[1]["empreinte"] == demande.journal_empreinte
    assert lignes[1]["date_statut"] == demande.modifie_le
    assert resultat.corps["curseur"] is None


def test_un_agent_lit_le_nom_de_ses_collegues_tant_qu_ils_sont_la() -> None:
    habiliter(AGENT, CHEF)
    demande = deposer(paiement=None)
    auteurs = [Auteur("agent", AGENT.compte_id), Auteur("usager", PIERRE.compte_id), Auteur("agent", AGNES)]
    for rang, auteur in enumerate(auteurs):
        changement = passer(demande, "MessageAgent", auteur, datetime.now(UTC), f"c-{rang}", jour_s=86400)
        demande = wiring.demandes().transiter(demande, changement)
    donnee = passer(
        demande, "AffectationChangee", Auteur("chef", CHEF.compte_id), datetime.now(UTC), "c-9", jour_s=86400
    )
    wiring.demandes().transiter(demande, replace(donnee, agent=AGENT.compte_id))
    lignes = lire(HISTORIQUE).corps["elements"]
    assert [ligne["auteur_nom"] for ligne in lignes] == ["Agnès Guichet", None, None, "Charles Service"]
    assert [ligne["agent_nom"] for ligne in lignes] == [None, None, None, "Agnès Guichet"]
    assert "Guichet" not in json.dumps(lire(LE_SIEN, PIERRE).corps)


def test_l_usager_lit_le_sien_sans_savoir_quel_agent(dynamodb: Any) -> None:
    demande = vivre()
    resultat = lire(LE_SIEN, PIERRE)
    assert resultat.statut == 200
    assert [ligne["auteur"] for ligne in resultat.corps["elements"]] == ["usager", "agent"]
    assert resultat.corps["elements"][1]["empreinte"] == demande.journal_empreinte
    assert AGNES not in json.dumps(resultat.corps)


def test_celui_d_un_autre_usager_n_existe_pas() -> None:
    vivre()
    autre = Identite("compte-d-un-autre", "s", "usager")
    assert lire(LE_SIEN, autre).statut == 404


@pytest.mark.parametrize("route", [HISTORIQUE, VERIFICATION, CONSULTATIONS])
def test_celui_d_une_autre_autorite_n_existe_pas_et_l_essai_ne_laisse_rien_a_lire(route: str) -> None:
    vivre()
    ailleurs = Identite(AILLEURS.compte_id, "s", "chef", AILLEURS.autorites)
    assert lire(route, ailleurs).statut == 404
    assert consultees() == []


def consultees() -> list[str]:
    trouvees, _ = wiring.consultations().lister(DEMANDE_ID, datetime.now(UTC), None, 100)
    return [une.quoi for une in trouvees]


@pytest.mark.parametrize(("route", "qui"), [(HISTORIQUE, AGENT), (LE_SIEN, PIERRE)])
def test_un_long_historique_se_lit_page_a_page(route: str, qui: Identite) -> None:
    vivre(PAGE + 3)
    premiere = lire(route, qui).corps
    assert len(premiere["elements"]) == PAGE
    seconde = lire(route, qui, curseur=premiere["curseur"]).corps
    assert len(seconde["elements"]) == 3
    assert seconde["curseur"] is None
    empreintes = [ligne["empreinte"] for ligne in premiere["elements"] + seconde["elements"]]
    assert empreintes == [entree.empreinte for entree in wiring.demandes().journal(DEMANDE_ID)]


@pytest.mark.parametrize("curseur", ["0", "-1", "x", "1e3", "9999999", "1.5"])
@pytest.mark.parametrize(("route", "qui"), [(HISTORIQUE, AGENT), (LE_SIEN, PIERRE), (CONSULTATIONS, CHEF)])
def test_un_curseur_invente_est_refuse_sans_appel(route: str, qui: Identite, curseur: str) -> None:
    with compter_appels() as appels:
        resultat = lire(route, qui, curseur=curseur)
    assert resultat.statut == 422
    assert resultat.corps["erreurs"][0]["champ"] == "curseur"
    assert appels == []


def test_chaque_lecture_d_un_agent_est_notee_et_le_chef_les_lit_page_a_page() -> None:
    vivre()
    lire(HISTORIQUE, AGENT)
    lire(VERIFICATION, CTN)
    resultat = lire(CONSULTATIONS, CHEF)
    assert resultat.statut == 200
    assert [(une["quoi"], une["role"], une["compte_id"]) for une in resultat.corps["elements"]] == [
        ("verification", "ctn", CTN.compte_id),
        ("historique", "agent", AGENT.compte_id),
    ]
    assert consultees() == ["consultations", "verification", "historique"]
    for _ in range(50):
        lire(HISTORIQUE, AGENT)
    premiere = lire(CONSULTATIONS, CHEF).corps
    seconde = lire(CONSULTATIONS, CHEF, curseur=premiere["curseur"]).corps
    assert (len(premiere["elements"]), len(seconde["elements"])) == (50, 3)


@pytest.mark.parametrize("qui", [AGENT, CTN, PIERRE])
def test_les_consultations_sont_pour_le_chef_seul(qui: Identite) -> None:
    vivre()
    assert lire(CONSULTATIONS, qui).statut == 403


def test_une_chaine_intacte_dit_jusqu_ou_elle_est_prouvee() -> None:
    vivre()
    assert lire(VERIFICATION).corps == {
        "intacte": True,
        "entrees": 2,
        "ancres": 0,
        "ancree_jusqua": None,
        "ruptures": [],
    }
    ancrer(1, 2)
    assert lire(VERIFICATION).corps["ancree_jusqua"] == 2


def falsifier(dynamodb: Any, rang: int, **valeurs: str) -> None:
    noms = {f"#{nom}": nom for nom in valeurs}
    dynamodb.update_item(
        TableName="permis-journal",
        Key={"demande_id": {"S": DEMANDE_ID}, "rang": {"N": str(rang)}},
        UpdateExpression="SET " + ", ".join(f"#{nom} = :{nom}" for nom in valeurs),
        ExpressionAttributeNames=noms,
        ExpressionAttributeValues={f":{nom}": {"S": valeur} for nom, valeur in valeurs.items()},
    )


def tronquer(dynamodb: Any, rang: int) -> None:
    dynamodb.delete_item(TableName="permis-journal", Key={"demande_id": {"S": DEMANDE_ID}, "rang": {"N": str(rang)}})


def reecrire_la_tete(dynamodb: Any, rang: int, empreinte: str) -> None:
    dynamodb.update_item(
        TableName="permis-demandes",
        Key={"id": {"S": DEMANDE_ID}, "element": {"S": "DEMANDE"}},
        UpdateExpression="SET journal_rang = :r, journal_empreinte = :e",
        ExpressionAttributeValues={":r": {"N": str(rang)}, ":e": {"S": empreinte}},
    )


def causes() -> list[tuple[int, str]]:
    corps = lire(VERIFICATION).corps
    assert corps["intacte"] is False
    return [(rupture["rang"], rupture["cause"]) for rupture in corps["ruptures"]]


def test_une_entree_modifiee_dans_la_table_est_denoncee(dynamodb: Any) -> None:
    vivre()
    falsifier(dynamodb, 1, auteur_id="un-autre")
    assert causes() == [(1, "entree_modifiee")]


def test_une_fin_retiree_de_la_table_est_denoncee_meme_quand_la_demande_est_reecrite(dynamodb: Any) -> None:
    vivre()
    ancrer(2)
    tronquer(dynamodb, 2)
    assert causes() == [(2, "fin_tronquee"), (2, "fin_tronquee")]
    (premiere,) = wiring.journal().chaine(DEMANDE_ID).entrees
    reecrire_la_tete(dynamodb, 1, premiere["empreinte"])
    assert causes() == [(2, "fin_tronquee")]


def test_une_chaine_recalculee_tout_entiere_est_denoncee_par_son_ancre(dynamodb: Any) -> None:
    vivre()
    ancrer(2)
    precedent = ""
    for entree in wiring.journal().chaine(DEMANDE_ID).entrees:
        refaite = {**entree, "auteur_id": "un-autre", "precedent": precedent}
        precedent = empreinte_stockee(refaite)
        falsifier(dynamodb, entree["rang"], auteur_id="un-autre", precedent=refaite["precedent"], empreinte=precedent)
    reecrire_la_tete(dynamodb, 2, precedent)
    assert causes() == [(2, "chaine_recalculee")]


def test_une_entree_rendue_illisible_se_lit_encore_et_se_denonce(dynamodb: Any) -> None:
    vivre()
    falsifier(dynamodb, 1, statut="inventé", survenu_le="jamais")
    for route, qui in ((HISTORIQUE, AGENT), (LE_SIEN, PIERRE)):
        ligne = lire(route, qui).corps["elements"][0]
        assert (ligne["code_statut"], ligne["libelle_statut"]) == ("inventé", "Statut inconnu")
    assert causes() == [(1, "entree_modifiee")]


@pytest.mark.parametrize(
    ("route", "qui", "droits", "appels"),
    [
        (HISTORIQUE, AGENT, DROITS_HISTORIQUE, ["GetItem", "Query", "PutItem", "BatchGetItem"]),
        (
            VERIFICATION,
            AGENT,
            DROITS_VERIFICATION,
            ["GetItem", "PutItem", "ListObjectVersions", "GetItem", "Query"],
        ),
        (CONSULTATIONS, CHEF, DROITS_CONSULTATIONS, ["GetItem", "Query", "PutItem"]),
        (LE_SIEN, PIERRE, DROITS_USAGER, ["GetItem", "Query"]),
    ],
)
def test_les_appels_et_les_droits_de_chaque_route(route: str, qui: Identite, droits: Any, appels: list[str]) -> None:
    vivre()
    with compter_appels() as faits, relever_droits() as exerces:
        assert lire(route, qui).statut == 200
    assert [appel.operation for appel in faits] == appels
    tables = {nom: set(actions) for nom, actions in droits.droits.items() if nom.startswith("table:")}
    assert exerces == tables
