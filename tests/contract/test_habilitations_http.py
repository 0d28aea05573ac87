"""The chef's routes on his agents: who may, within which autorités, what is told, how many AWS calls, which rights."""

import importlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.adapters.clients import client
from chalicelib.adapters.dynamo import plat
from chalicelib.demande.codes import code_a_six_chiffres
from chalicelib.demande.instants import jour_legal
from chalicelib.http import Identite
from tests.agents import AGENT, AILLEURS, CHEF
from tests.appel import ENVIRONNEMENT, Resultat, appeler, autoriser
from tests.compteur import compter_appels
from tests.contract.tables import aws_simule
from tests.dossiers import ADRESSE
from tests.droits import relever_droits
from tests.personnel import PARIS, SECOND, compte_de, en_file, installer

AGENTS = "/instruction/agents"
UN_AGENT = "/instruction/agents/{compte_id}"
HISTORIQUE = "/instruction/agents/{compte_id}/historique"
ROUTES = (("GET", AGENTS), ("POST", AGENTS), ("PUT", UN_AGENT), ("DELETE", UN_AGENT), ("GET", HISTORIQUE))
NOUVEAU = {
    "identifiant": "nouvel.agent",
    "prenom": "Nadia",
    "nom": "Nouvelle",
    "email": "nadia.nouvelle@prefecture.example",
    "telephone": "0383000001",
    "role": "agent",
    "autorites": ["543"],
}
ACCES = {
    "mot_de_passe": "Place-Stanislas-1755",
    "question_secrete": "Quel guichet ?",
    "reponse_secrete": "Le premier",
}
CHEF_DES_DEUX = Identite("chef-des-deux", "session-d", "chef", ("543", "751"))


@pytest.fixture(autouse=True)
def _aws() -> Iterator[None]:
    with aws_simule():
        installer()
        deux = compte_de(CHEF, compte_id=CHEF_DES_DEUX.compte_id, identifiant="chef.deux", email="deux@p.example")
        wiring.comptes().installer(deux.model_copy(update={"autorites": CHEF_DES_DEUX.autorites}))
        yield


def appel(
    methode: str, chemin: str, compte_id: str = "", corps: Any = None, chef: Identite = CHEF, **requete: str
) -> Resultat:
    return appeler(methode, chemin, {"compte_id": compte_id}, corps, chef, requete=requete)


def creer(chef: Identite = CHEF, **champs: Any) -> Resultat:
    return appel("POST", AGENTS, corps={**NOUVEAU, **champs}, chef=chef)


def changer(compte_id: str, role: str, *autorites: str, chef: Identite = CHEF) -> Resultat:
    return appel("PUT", UN_AGENT, compte_id, {"role": role, "autorites": list(autorites)}, chef)


def clore(compte_id: str, chef: Identite = CHEF) -> Resultat:
    return appel("DELETE", UN_AGENT, compte_id, chef=chef)


def historique(compte_id: str, chef: Identite = CHEF, **requete: str) -> Any:
    return appel("GET", HISTORIQUE, compte_id, chef=chef, **requete)


def code_recu(compte_id: str) -> str:
    """The code that the mail carries, as its sender derives it."""
    cle = {"cle": {"S": f"COMPTE#{compte_id}"}, "element": {"S": "CODE#activation"}}
    code = plat(client("dynamodb").get_item(TableName="permis-comptes", Key=cle)["Item"]) or {}
    return code_a_six_chiffres(ENVIRONNEMENT["CLE_CODES"], compte_id, "activation", code["nonce"])


@pytest.mark.parametrize(("methode", "chemin"), ROUTES)
@pytest.mark.parametrize("role", ["usager", "agent", "ctn", "ecole", "partenaire"])
def test_seul_un_chef_tient_les_habilitations(methode: str, chemin: str, role: str) -> None:
    with compter_appels() as appels:
        resultat = appel(methode, chemin, SECOND.compte_id, {}, Identite(AGENT.compte_id, "s", role, ("543",)))
    assert (resultat.statut, appels) == (403, [])


def test_un_agent_habilite_choisit_son_mot_de_passe_avec_son_code_puis_travaille() -> None:
    with compter_appels() as appels:
        cree = creer()
    assert [appel.operation for appel in appels] == ["GetItem", "TransactWriteItems"]
    assert (cree.statut, cree.corps["statut"], cree.corps["autorites"]) == (201, "a_activer", ["543"])
    code = {"identifiant": "nouvel.agent", "code": code_recu(cree.corps["compte_id"])}
    sans = appeler("POST", "/comptes/activation", corps=code)
    assert (sans.statut, sans.corps["erreurs"][0]["champ"]) == (422, "mot_de_passe")
    ouverture = {"identifiant": "nouvel.agent", "mot_de_passe": "personne"}
    assert appeler("POST", "/sessions", corps=ouverture).statut == 401
    for _ in range(2):
        assert appeler("POST", "/comptes/activation", corps={**code, **ACCES}).statut == 204
    ouverte = appeler("POST", "/sessions", corps={**ouverture, "mot_de_passe": ACCES["mot_de_passe"]})
    assert (ouverte.statut, ouverte.corps["profil"]) == (200, "agent")
    demande = en_file()
    prise = appeler("POST", "/instruction/corbeille/suivante", jeton=ouverte.corps["jeton"])
    assert (prise.corps["id"], prise.corps["agent_nom"]) == (demande.id, "Nadia Nouvelle")


@pytest.mark.parametrize("mot_de_passe", ["court", "nouvel.agent-1", "aaaaaaaaaaaaaaaa"])
def test_le_mot_de_passe_d_un_agent_suit_la_meme_regle(mot_de_passe: str) -> None:
    compte_id = creer().corps["compte_id"]
    corps = {"identifiant": "nouvel.agent", "code": code_recu(compte_id), **ACCES, "mot_de_passe": mot_de_passe}
    assert appeler("POST", "/comptes/activation", corps=corps).statut == 422
    incomplet = {nom: valeur for nom, valeur in corps.items() if nom != "reponse_secrete"}
    assert appeler("POST", "/comptes/activation", corps=incomplet).statut == 422


def test_la_meme_creation_repetee_ne_cree_et_n_ecrit_qu_une_fois() -> None:
    premiere, seconde = creer(), creer()
    assert (seconde.statut, seconde.corps) == (201, premiere.corps)
    assert len(historique(premiere.corps["compte_id"]).corps["elements"]) == 1
    assert creer(nom="Autre").statut == 409
    assert creer(identifiant="encore.un").statut == 409
    assert creer(identifiant="agent.nancy", email="x@p.example").statut == 409


@pytest.mark.parametrize(
    ("champs", "champ"),
    [
        ({"autorites": ["751"]}, "autorites"),
        ({"autorites": ["543", "751"]}, "autorites"),
        ({"autorites": []}, "autorites"),
        ({"autorites": ["5 3"]}, "autorites.0"),
        ({"role": "chef"}, "role"),
        ({"role": "usager"}, "role"),
        ({"email": "pas une adresse"}, "email"),
        ({"mot_de_passe": "choisi par le chef"}, "mot_de_passe"),
    ],
)
def test_un_chef_n_habilite_que_dans_ses_autorites_et_pour_ses_roles(champs: dict[str, Any], champ: str) -> None:
    refus = creer(**champs)
    assert (refus.statut, refus.corps["erreurs"][0]["champ"]) == (422, champ)


def test_la_liste_montre_le_service_et_lui_seul() -> None:
    with compter_appels() as appels:
        vus = appel("GET", AGENTS).corps
    assert [appel.operation for appel in appels] == ["Query", "BatchGetItem"]
    assert vus["curseur"] is None
    assert {vu["identifiant"] for vu in vus["elements"]} == {
        "agent.nancy",
        "second.nancy",
        "chef.nancy",
        "ctn.nancy",
        "chef.deux",
    }
    assert {"mot_de_passe", "reponse_secrete"}.isdisjoint(vus["elements"][0])


def test_la_liste_de_plusieurs_autorites_se_suit_par_pages_sans_doublon() -> None:
    for rang in range(30):
        autorites = [["543"], ["751"], ["543", "751"]][rang % 3]
        nouveau = {"identifiant": f"agent.{rang:02d}", "email": f"a{rang}@p.example", "autorites": autorites}
        assert creer(CHEF_DES_DEUX, **nouveau).statut == 201
    vus, curseur, pages = [], None, 0
    while pages == 0 or curseur:
        corps = appel("GET", AGENTS, chef=CHEF_DES_DEUX, **({"curseur": curseur} if curseur else {})).corps
        vus += [vu["compte_id"] for vu in corps["elements"]]
        curseur, pages = corps["curseur"], pages + 1
    assert len(vus) == len(set(vus)) == 30 + 7 and pages == 2
    for faux in ("AAAA", "é", "NTQz"):
        assert appel("GET", AGENTS, chef=PARIS, curseur=faux).statut == 422


def test_un_changement_tue_les_sessions_rend_ce_qui_est_tenu_et_s_inscrit() -> None:
    tenue = en_file()
    appeler("POST", "/instruction/demandes/{id}/prise-en-charge", {"id": tenue.id}, identite=SECOND)
    with compter_appels() as appels:
        change = changer(SECOND.compte_id, "ctn", "543")
    assert [appel.operation for appel in appels] == [
        "GetItem",
        "GetItem",
        "TransactWriteItems",
        "Query",
        "UpdateItem",
        "Query",
    ]
    assert change.corps == {"role": "ctn", "autorites": ["543"]}
    assert wiring.demandes().lire(tenue.id).agent is None
    assert changer(SECOND.compte_id, "ctn", "543").statut == 200
    (mouvement,) = historique(SECOND.compte_id).corps["elements"]
    assert (mouvement["par"], mouvement["par_nom"]) == (CHEF.compte_id, "Charles Service")
    assert (mouvement["avant"]["role"], mouvement["apres"]["role"]) == ("agent", "ctn")


def test_une_fermeture_tue_les_sessions_et_le_chef_en_lit_encore_l_histoire() -> None:
    compte_id = creer().corps["compte_id"]
    corps = {"identifiant": "nouvel.agent", "code": code_recu(compte_id), **ACCES}
    appeler("POST", "/comptes/activation", corps=corps)
    ouverture = {"identifiant": "nouvel.agent", "mot_de_passe": ACCES["mot_de_passe"]}
    jeton = appeler("POST", "/sessions", corps=ouverture).corps["jeton"]
    tenue = en_file()
    assert appeler("POST", "/instruction/corbeille/suivante", jeton=jeton).corps["id"] == tenue.id
    assert clore(compte_id).statut == 204
    assert autoriser(jeton) is None
    assert appeler("POST", "/sessions", corps=ouverture).statut == 401
    assert wiring.demandes().lire(tenue.id).agent is None
    assert clore(compte_id).statut == 204, "the same call again changes nothing"
    assert clore(compte_id, PARIS).statut == 404
    assert changer(compte_id, "agent", "543").statut == 404
    genres = [(m["avant"] is None, m["apres"] is None) for m in historique(compte_id).corps["elements"]]
    assert genres == [(False, True), (True, False)]
    assert historique(compte_id, PARIS).statut == 404
    assert creer().statut == 201, "identifiant and e-mail are free again"


def commencer(identite: Identite = SECOND, prefecture: str | None = "543") -> str:
    """A paper dossier that ``identite`` begins to type."""
    jour = jour_legal(wiring.horloge()).isoformat()
    saisie = appeler("POST", "/instruction/demandes", None, {"motif": "vol", "recu_le": jour}, identite)
    id_: str = saisie.corps["id"]
    if prefecture is not None:
        adresse = {**ADRESSE, "prefecture": prefecture}
        assert appeler("PUT", "/demandes/{id}/adresse", {"id": id_}, adresse, identite).statut == 200
    return id_


def siennes(identite: Identite) -> set[str]:
    corps = appeler("GET", "/demandes", None, None, identite).corps
    return {une["id"] for une in corps["elements"]}


@pytest.mark.parametrize("partir", [clore, lambda compte_id: changer(compte_id, "ctn", "543")], ids=["clos", "ctn"])
def test_les_dossiers_papier_qu_un_agent_laisse_sont_au_chef(partir: Callable[[str], Resultat]) -> None:
    commences = {commencer(), commencer(prefecture=None)}
    avant = commencer(AGENT)
    assert partir(SECOND.compte_id).statut // 100 == 2
    assert siennes(CHEF) == commences and siennes(SECOND) == set() and siennes(AGENT) == {avant}
    for id_ in commences:
        demande = wiring.demandes().lire(id_)
        assert demande.saisie_par == CHEF.compte_id, "its reminders go to who has it"
        suite = {**ADRESSE, "complement": "3e étage"}
        assert appeler("PUT", "/demandes/{id}/adresse", {"id": id_}, suite, CHEF).statut == 200
        assert appeler("PUT", "/demandes/{id}/adresse", {"id": id_}, suite, SECOND).statut == 404
    assert partir(SECOND.compte_id).statut // 100 == 2, "the same call again changes nothing"
    assert siennes(CHEF) == commences


def test_un_agent_garde_ce_qu_il_peut_encore_finir() -> None:
    deux = Identite(SECOND.compte_id, "s", "agent", ("543", "751"))
    wiring.comptes().installer(compte_de(SECOND, autorites=deux.autorites))
    a_nancy, a_paris, sans = commencer(deux), commencer(deux, "751"), commencer(deux, None)
    assert changer(SECOND.compte_id, "agent", "751").statut == 200
    assert siennes(CHEF) == {a_nancy}
    assert siennes(deux) == {a_paris, sans}


def test_hors_de_son_service_un_agent_n_existe_pas() -> None:
    wiring.comptes().installer(
        compte_de(AGENT, compte_id="usager", identifiant="usager", email="u@p.example", role="usager", autorites=())
    )
    for compte_id in (AILLEURS.compte_id, "inconnu", "usager", "x" * 80):
        assert changer(compte_id, "agent", "543").statut == 404
        assert clore(compte_id).statut == 404
        assert historique(compte_id).statut == 404


def test_un_chef_ne_touche_ni_a_lui_meme_ni_a_un_autre_chef() -> None:
    assert changer(CHEF.compte_id, "agent", "543").statut == 409
    assert clore(CHEF.compte_id).statut == 409
    assert changer(CHEF_DES_DEUX.compte_id, "agent", "543").statut == 404
    assert clore(CHEF_DES_DEUX.compte_id).statut == 404
    assert historique(CHEF_DES_DEUX.compte_id).corps["elements"] == []


def test_un_agent_de_deux_services_garde_ce_que_l_autre_lui_donne() -> None:
    partage = creer(CHEF_DES_DEUX, autorites=["543", "751"]).corps["compte_id"]
    assert clore(partage).statut == 409
    assert changer(partage, "ctn", "543", "751").statut == 409
    perdue = changer(partage, "agent", "543")
    assert (perdue.statut, perdue.corps["erreurs"][0]["champ"]) == (422, "autorites")
    assert changer(partage, "agent", "751").corps["autorites"] == ["751"]
    assert changer(partage, "agent", "751").statut == 404, "he has left the service"
    assert len(historique(partage).corps["elements"]) == 2
    assert clore(partage, PARIS).statut == 204


def test_un_chef_dont_l_habilitation_a_change_n_habilite_plus() -> None:
    hier = Identite(CHEF.compte_id, "s", "chef", ("543", "751"))
    assert creer(hier, autorites=["751"]).statut == 401
    assert changer(AILLEURS.compte_id, "ctn", "751", chef=hier).statut == 401
    assert clore(AILLEURS.compte_id, hier).statut == 401


def test_l_historique_se_lit_par_pages_de_la_plus_recente_a_la_plus_ancienne() -> None:
    for rang in range(30):
        assert changer(SECOND.compte_id, ("ctn", "agent")[rang % 2], "543").statut == 200
    with compter_appels() as appels:
        premiere = historique(SECOND.compte_id).corps
    assert [appel.operation for appel in appels] == ["GetItem", "Query"]
    seconde = historique(SECOND.compte_id, curseur=premiere["curseur"]).corps
    dates = [m["survenu_le"] for m in (*premiere["elements"], *seconde["elements"])]
    assert len(dates) == 30 and dates == sorted(dates, reverse=True) and seconde["curseur"] is None
    assert historique(SECOND.compte_id, curseur="AAAA").statut == 422


@pytest.mark.parametrize(
    ("groupe", "agir"),
    [
        ("instruction.agents", lambda: (creer(), creer(), appel("GET", AGENTS))),
        (
            "instruction.habilitation",
            lambda: (changer(SECOND.compte_id, "ctn", "543"), clore(SECOND.compte_id), clore(SECOND.compte_id)),
        ),
        ("instruction.historique_agent", lambda: historique(SECOND.compte_id)),
    ],
)
def test_les_droits_ecrits_sont_ceux_qui_servent(groupe: str, agir: Callable[[], Any]) -> None:
    tenue = en_file()
    appeler("POST", "/instruction/demandes/{id}/prise-en-charge", {"id": tenue.id}, identite=SECOND)
    commencer()
    with relever_droits() as exerces:
        agir()
    ecrits = importlib.import_module(f"chalicelib.{groupe}").FONCTION.droits
    assert exerces == {ressource: set(actions) for ressource, actions in ecrits.items()}
