"""The agents' worklist and leases through the routes: who may, what is told, how many AWS calls, which rights."""

import importlib
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.demande.instants import ecrire, jours_apres
from chalicelib.demande.modeles import Statut
from chalicelib.demande.motifs_decision import LIBELLES_PAGE, LIBELLES_PIECE, LIBELLES_REFUS, LIBELLES_SUSPENSION
from chalicelib.demande.verification import chaine_intacte
from chalicelib.http import Identite
from tests.agents import AGENT, AILLEURS, CHEF, CTN, PIERRE
from tests.appel import Resultat, appeler
from tests.compteur import compter_appels
from tests.contract.tables import aws_simule
from tests.droits import relever_droits
from tests.personnel import PARIS, SECOND, en_file, installer

PRISE = "/instruction/demandes/{id}/prise-en-charge"
AFFECTATION = "/instruction/demandes/{id}/affectation"
ROUTES = (
    ("GET", "/instruction/motifs", {"agent", "chef", "ctn"}),
    ("GET", "/instruction/corbeille", {"agent", "chef", "ctn"}),
    ("POST", "/instruction/corbeille/suivante", {"agent", "chef", "ctn"}),
    ("POST", PRISE, {"agent", "chef", "ctn"}),
    ("DELETE", PRISE, {"agent", "chef", "ctn"}),
    ("POST", AFFECTATION, {"chef"}),
)
ROLES = ("usager", "agent", "chef", "ctn", "ecole", "partenaire")


@pytest.fixture(autouse=True)
def _aws() -> Iterator[None]:
    with aws_simule():
        installer()
        yield


def corbeille(identite: Identite = AGENT, **requete: str) -> Any:
    resultat = appeler("GET", "/instruction/corbeille", identite=identite, requete=requete)
    assert resultat.statut == 200, resultat
    return resultat.corps


def suivante(identite: Identite = AGENT) -> Resultat:
    return appeler("POST", "/instruction/corbeille/suivante", identite=identite)


def prendre(id_: str, identite: Identite = AGENT, methode: str = "POST") -> Resultat:
    return appeler(methode, PRISE, {"id": id_}, identite=identite)


def affecter(id_: str, agent: str, chef: Identite = CHEF, **entetes: str) -> Resultat:
    return appeler("POST", AFFECTATION, {"id": id_}, {"agent": agent}, chef, entetes)


def vus(liste: Any) -> list[str]:
    return [ligne["id"] for ligne in liste["elements"]]


@pytest.mark.parametrize(("methode", "chemin", "permis"), ROUTES)
@pytest.mark.parametrize("role", ROLES)
def test_chaque_route_n_admet_que_ses_roles(methode: str, chemin: str, permis: set[str], role: str) -> None:
    identite = Identite(AGENT.compte_id, "s", role, ("543",))
    with compter_appels() as appels:
        resultat = appeler(methode, chemin, {"id": "0" * 32}, {"agent": SECOND.compte_id}, identite)
    assert (resultat.statut == 403) == (role not in permis)
    if role not in permis:
        assert appels == []


def test_les_motifs_sont_les_listes_fermees_sans_appel() -> None:
    with compter_appels() as appels:
        corps = appeler("GET", "/instruction/motifs", identite=CTN).corps
    assert appels == []
    listes = {
        "suspension": LIBELLES_SUSPENSION,
        "refus": LIBELLES_REFUS,
        "piece": LIBELLES_PIECE,
        "page": LIBELLES_PAGE,
    }
    assert {nom: {m["code"]: m["libelle"] for m in motifs} for nom, motifs in corps.items()} == listes
    assert list(LIBELLES_PAGE) == list(LIBELLES_PIECE), "a page is refused for what a pièce is"


def test_la_corbeille_dit_ce_que_tient_l_agent_ce_qu_il_peut_prendre_et_ce_qui_tarde() -> None:
    premiere, deuxieme, troisieme = (en_file(rang) for rang in range(3))
    passee = f"1#{ecrire(jours_apres(wiring.horloge(), -1, 86400))}"
    tardive = en_file(3, urgence=passee)
    prendre(premiere.id)
    prendre(tardive.id, SECOND)
    with compter_appels() as appels:
        vue = corbeille()
    assert [appel.operation for appel in appels] == ["Query"] * 3
    assert vus(vue["miennes"]) == [premiere.id]
    assert vus(vue["a_prendre"]) == [deuxieme.id, troisieme.id]
    assert vus(vue["en_retard"]) == [tardive.id]
    assert [(vue[nom]["nombre"], vue[nom]["et_plus"]) for nom in ("miennes", "a_prendre", "en_retard")] == [
        (1, False),
        (2, False),
        (1, False),
    ]
    (ligne,) = vue["en_retard"]["elements"]
    assert ligne["detenue_par"] == "Bruno Martin" and ligne["en_retard"] and ligne["a_traiter_avant"] == passee[2:]
    assert (ligne["nom"], ligne["prenom"], ligne["numero"]) == ("CORNEILLE", "Pierre", tardive.numero)
    assert corbeille(AILLEURS)["a_prendre"]["elements"] == []


def test_les_pages_d_une_liste_se_suivent_et_un_curseur_d_ailleurs_est_refuse() -> None:
    for rang in range(30):
        en_file(rang)
    premiere = corbeille(liste="a_prendre")
    assert premiere["miennes"] is None and len(premiere["a_prendre"]["elements"]) == 25
    curseur = premiere["a_prendre"]["curseur"]
    with compter_appels() as appels:
        seconde = corbeille(liste="a_prendre", curseur=curseur)
    assert [appel.operation for appel in appels] == ["Query"]
    assert len(seconde["a_prendre"]["elements"]) == 5 and seconde["a_prendre"]["curseur"] is None
    for requete in (
        {"liste": "en_retard", "curseur": curseur},
        {"liste": "a_prendre", "curseur": "AAAA"},
        {"liste": "a_prendre", "curseur": "é"},
        {"curseur": curseur},
        {"liste": "toutes"},
    ):
        refus = appeler("GET", "/instruction/corbeille", identite=AGENT, requete=requete)
        assert (refus.statut, "erreurs" in refus.corps) == (422, True)
    autre = appeler("GET", "/instruction/corbeille", identite=PARIS, requete={"liste": "a_prendre", "curseur": curseur})
    assert autre.statut == 422


def test_la_suivante_est_prise_par_un_bail_sans_entree_au_journal() -> None:
    demande = en_file()
    with compter_appels() as appels:
        resultat = suivante()
    assert [appel.operation for appel in appels] == ["GetItem", "Query", "UpdateItem"]
    assert resultat.statut == 200 and resultat.corps["id"] == demande.id
    assert (resultat.corps["agent"], resultat.corps["agent_nom"]) == (AGENT.compte_id, "Agnès Guichet")
    assert resultat.entetes["etag"] == f'"{demande.version}"' and resultat.corps["version"] == demande.version
    apres = wiring.demandes().lire(demande.id)
    assert (apres.modifie_le, wiring.demandes().journal(demande.id)) == (demande.modifie_le, [])


def test_sans_rien_qui_attende_la_suivante_repond_204() -> None:
    en_file(0, "543#ctn")
    en_file(1, "751#agent")
    with compter_appels() as appels:
        resultat = suivante()
    assert (resultat.statut, resultat.corps) == (204, None)
    assert [appel.operation for appel in appels] == ["GetItem", "Query"]
    assert suivante(CTN).corps["statut"] == "en_controle"


def test_chaque_appel_en_donne_une_autre_la_plus_urgente_d_abord() -> None:
    for rang in range(10):
        en_file(rang)
    recues = [suivante((AGENT, SECOND, CHEF)[rang % 3]).corps["id"] for rang in range(10)]
    assert recues == [f"{rang + 1:032x}" for rang in range(10)]
    assert suivante().statut == 204


def test_une_demande_tenue_est_refusee_en_nommant_qui_la_tient() -> None:
    demande = en_file()
    with compter_appels() as appels:
        assert prendre(demande.id).statut == 200
    assert [appel.operation for appel in appels] == ["GetItem", "UpdateItem"]
    for methode in ("POST", "DELETE"):
        refus = prendre(demande.id, SECOND, methode)
        assert refus.statut == 409 and "Agnès Guichet" in refus.corps["detail"]
    assert prendre(demande.id).statut == 200
    with compter_appels() as appels:
        assert prendre(demande.id, methode="DELETE").statut == 204
    assert [appel.operation for appel in appels] == ["UpdateItem"]
    assert prendre(demande.id, methode="DELETE").statut == 204
    assert prendre(demande.id, SECOND).statut == 200


def test_hors_de_son_autorite_une_demande_n_existe_pas_et_hors_de_sa_file_le_statut_est_dit() -> None:
    demande = en_file()
    for methode in ("POST", "DELETE"):
        assert prendre(demande.id, AILLEURS, methode).statut == 404
        assert prendre("f" * 32, AGENT, methode).statut == 404
        assert prendre("mal-forme", AGENT, methode).statut == 404
    refus = prendre(demande.id, CTN)
    assert (refus.statut, refus.corps["statut"]) == (409, "en_instruction")
    assert affecter(demande.id, SECOND.compte_id, PARIS).statut == 404


def test_un_agent_dont_l_habilitation_a_change_ne_prend_plus_rien() -> None:
    demande = en_file()
    assert prendre(demande.id, Identite(AGENT.compte_id, "s", "agent", ("543", "751"))).statut == 401
    assert suivante(Identite("inconnu", "s", "agent", ("543",))).statut == 401
    assert wiring.demandes().lire(demande.id).agent is None


def test_le_chef_affecte_meme_ce_qu_un_autre_tient_et_l_inscrit_au_journal() -> None:
    demande = en_file()
    prendre(demande.id)
    with compter_appels() as appels:
        resultat = affecter(demande.id, SECOND.compte_id)
    assert [appel.operation for appel in appels] == ["GetItem", "GetItem", "TransactWriteItems"]
    assert (resultat.statut, resultat.corps["agent_nom"]) == (200, "Bruno Martin")
    apres = wiring.demandes().lire(demande.id)
    journal = wiring.demandes().journal(demande.id)
    assert [(e.evenement, e.auteur_genre, e.auteur_id, e.agent) for e in journal] == [
        ("AffectationChangee", "chef", CHEF.compte_id, SECOND.compte_id)
    ]
    assert chaine_intacte(journal, apres) and apres.modifie_le == demande.modifie_le
    assert apres.version == demande.version + 1
    assert prendre(demande.id).statut == 409
    tenue = prendre(demande.id, SECOND)
    assert tenue.corps["bail_jusqua"] == resultat.corps["bail_jusqua"], "renewing never shortens what was given"


def test_une_affectation_repetee_ne_s_inscrit_qu_une_fois_et_l_identifiant_convient_aussi() -> None:
    demande = en_file()
    for designe in (SECOND.compte_id, "second.nancy", "SECOND.nancy"):
        assert affecter(demande.id, designe).statut == 200
    assert len(wiring.demandes().journal(demande.id)) == 1


@pytest.mark.parametrize("agent", ["ctn.nancy", "agent.paris", "inconnu", "00000000-0000-4000-8000-000000000000"])
def test_on_n_affecte_qu_a_un_agent_habilite_pour_cette_file_et_cette_autorite(agent: str) -> None:
    demande = en_file()
    refus = affecter(demande.id, agent)
    assert refus.statut == 422 and refus.corps["erreurs"][0]["champ"] == "agent"
    assert wiring.demandes().journal(demande.id) == []


def test_une_affectation_sur_une_version_perimee_ou_hors_file_est_refusee() -> None:
    demande = en_file()
    perimee = affecter(demande.id, "second.nancy", **{"If-Match": f'"{demande.version + 1}"'})
    assert (perimee.statut, perimee.corps["version"]) == (412, demande.version)
    suspendue = en_file(1, corbeille=None, statut=Statut.SUSPENDUE)
    refus = affecter(suspendue.id, SECOND.compte_id)
    assert (refus.statut, refus.corps["statut"]) == (409, "suspendue")


def test_l_usager_ne_voit_pas_sa_version_changer_quand_un_agent_prend_sa_demande() -> None:
    demande = en_file(paiement=None)
    suivante()
    si_version = {"If-Match": f'"{demande.version}"'}
    assert appeler("DELETE", "/demandes/{id}", {"id": demande.id}, identite=PIERRE, entetes=si_version).statut == 200
    retiree = wiring.demandes().lire(demande.id)
    assert (retiree.statut, retiree.agent, retiree.corbeille) == ("retiree", None, None)
    assert corbeille()["miennes"]["elements"] == []


@pytest.mark.parametrize(
    ("groupe", "agir"),
    [
        ("instruction.motifs", lambda id_: appeler("GET", "/instruction/motifs", identite=AGENT)),
        ("instruction.corbeille", lambda id_: corbeille()),
        ("instruction.suivante", lambda id_: suivante()),
        ("instruction.prise_en_charge", lambda id_: (prendre(id_), prendre(id_, methode="DELETE"))),
        ("instruction.affectation", lambda id_: affecter(id_, "second.nancy")),
    ],
)
def test_les_droits_ecrits_sont_ceux_qui_servent(groupe: str, agir: Any) -> None:
    demande = en_file()
    with relever_droits() as exerces:
        agir(demande.id)
    ecrits = importlib.import_module(f"chalicelib.{groupe}").FONCTION.droits
    assert exerces == {ressource: set(actions) for ressource, actions in ecrits.items()}
