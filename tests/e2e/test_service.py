"""The day of a service over HTTP on the running system: an agent arrives, work is shared, given, and he leaves."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from demo.client import Client, attendre
from demo.guichet import Guichet
from tests.e2e.outils import ADRESSE, compte_neuf, demande_remplie, en_parallele, verifier_probleme

ACCES = {
    "mot_de_passe": "Place-Stanislas-1755",
    "question_secrete": "Quel guichet ?",
    "reponse_secrete": "Le premier",
}


@dataclass(frozen=True)
class Arrivee:
    """An agent whom the chef let in."""

    guichet: Guichet
    compte_id: str
    identifiant: str
    nom: str


def arriver(chef: Guichet, url: str, role: str = "agent") -> Arrivee:
    """Create an agent, read his code in his mail, choose his password, and log in."""
    hasard = f"{random.randrange(10**8):08}"
    fiche = {
        "identifiant": f"{role}.{hasard}",
        "prenom": "Nadia",
        "nom": "Nouvelle",
        "email": f"{role}{hasard}@prefecture.example",
        "telephone": f"03{hasard}",
        "role": role,
        "autorites": ["543"],
    }
    cree = chef.appeler("POST", "/api/instruction/agents", fiche)
    assert cree["statut"] == "a_activer"
    anonyme = Client(url)
    code = {"identifiant": fiche["identifiant"], "code": anonyme.code_recu(fiche["email"])}
    verifier_probleme(anonyme.brut("POST", "/api/comptes/activation", code), 422, champ="mot_de_passe")
    anonyme.appeler("POST", "/api/comptes/activation", {**code, **ACCES})
    guichet = Guichet(url).entrer(fiche["identifiant"], ACCES["mot_de_passe"])
    return Arrivee(guichet, cree["compte_id"], fiche["identifiant"], "Nadia Nouvelle")


@pytest.fixture(scope="module")
def chef(url: str) -> Guichet:
    return Guichet(url).entrer("chef.543")


@pytest.fixture(scope="module")
def agnes(url: str) -> Guichet:
    return Guichet(url).entrer("agent.543")


@pytest.fixture(scope="module")
def demandes(url: str) -> list[str]:
    """Three demandes that wait for an agent of Nancy."""

    def deposer(_: int) -> str:
        client, _citoyen = compte_neuf(url)
        id_ = str(demande_remplie(client, "perte", sauf=("adresse", "photo-signature"))["id"])
        client.enregistrer(id_, "adresse", ADRESSE)
        client.enregistrer(id_, "photo-signature", {"mode": "numerique", "code": client.code_photo()})
        client.confirmer(id_)
        attendre(lambda: client.demande(id_)["statut"], lambda lu: lu == "en_instruction", "statut en_instruction")
        return id_

    return [deposer(rang) for rang in range(3)]


@pytest.fixture
def rendues(agnes: Guichet, chef: Guichet) -> Iterator[None]:
    """What was taken in a test is given back after it."""
    yield
    for guichet in (agnes, chef):
        for ligne in guichet.corbeille()["miennes"]["elements"]:
            guichet.brut("DELETE", f"/api/instruction/demandes/{ligne['id']}/prise-en-charge")


def suivante(guichet: Guichet) -> Any:
    return guichet.appeler("POST", "/api/instruction/corbeille/suivante")


def test_chacun_recoit_une_autre_demande_et_la_voit_dans_sa_corbeille(
    url: str, chef: Guichet, agnes: Guichet, demandes: list[str], rendues: None
) -> None:
    nadia = arriver(chef, url).guichet
    attendre(
        lambda: {ligne["id"] for ligne in agnes.corbeille()["a_prendre"]["elements"]},
        lambda vues: vues >= set(demandes),
        "demandes à prendre",
    )
    equipe = (nadia, agnes, chef)
    recues = en_parallele(suivante, equipe)
    assert len({recue["id"] for recue in recues}) == 3
    for guichet, recue in zip(equipe, recues, strict=True):
        miennes = [ligne["id"] for ligne in guichet.corbeille()["miennes"]["elements"]]
        assert recue["id"] in miennes
        autre = next(un for un in equipe if un is not guichet)
        refus = autre.brut("POST", f"/api/instruction/demandes/{recue['id']}/prise-en-charge")
        assert recue["agent_nom"] in verifier_probleme(refus, 409)["detail"]
        verifier_probleme(autre.brut("DELETE", f"/api/instruction/demandes/{recue['id']}/prise-en-charge"), 409)
    nadia.appeler("DELETE", f"/api/instruction/demandes/{recues[0]['id']}/prise-en-charge")


def test_le_chef_affecte_puis_change_et_ferme_une_habilitation(
    url: str, chef: Guichet, agnes: Guichet, demandes: list[str], rendues: None
) -> None:
    nadia, id_ = arriver(chef, url), demandes[0]
    agnes.agir(id_, "prise-en-charge")
    donnee = chef.agir(id_, "affectation", {"agent": nadia.identifiant})
    assert (donnee["agent"], donnee["agent_nom"]) == (nadia.compte_id, nadia.nom)
    assert "AffectationChangee" in [element["code_evenement"] for element in agnes.historique(id_)]
    verifier_probleme(agnes.brut("POST", f"/api/instruction/demandes/{id_}/prise-en-charge"), 409)
    verifier_probleme(agnes.brut("POST", f"/api/instruction/demandes/{id_}/affectation", {"agent": "x.y"}), 403)

    chemin = f"/api/instruction/agents/{nadia.compte_id}"
    assert chef.appeler("PUT", chemin, {"role": "ctn", "autorites": ["543"]})["role"] == "ctn"
    attendre(
        lambda: nadia.guichet.brut("GET", "/api/instruction/corbeille").status_code, lambda lu: lu == 401, "session"
    )
    assert agnes.agir(id_, "prise-en-charge")["agent_nom"] != nadia.nom
    nadia.guichet.entrer(nadia.identifiant, ACCES["mot_de_passe"])
    refus = nadia.guichet.brut("POST", f"/api/instruction/demandes/{id_}/prise-en-charge")
    assert verifier_probleme(refus, 409)["statut"] == "en_instruction"

    chef.appeler("DELETE", chemin)
    assert nadia.compte_id not in {
        agent["compte_id"] for agent in chef.appeler("GET", "/api/instruction/agents")["elements"]
    }
    verifier_probleme(
        Client(url).brut("POST", "/api/sessions", {"identifiant": nadia.identifiant, **_mot_de_passe()}), 401
    )
    mouvements = chef.appeler("GET", f"{chemin}/historique")["elements"]
    assert [(m["avant"] or {}).get("role") for m in mouvements] == ["ctn", "agent", None]
    assert {m["par_nom"] for m in mouvements} == {"Charles Service"}


def test_un_autre_service_ne_voit_rien_de_tout_cela(url: str, demandes: list[str]) -> None:
    ailleurs = Guichet(url).entrer("agent.751")
    assert not {ligne["id"] for ligne in ailleurs.corbeille()["a_prendre"]["elements"]} & set(demandes)
    verifier_probleme(ailleurs.brut("POST", f"/api/instruction/demandes/{demandes[0]}/prise-en-charge"), 404)


def _mot_de_passe() -> dict[str, str]:
    return {"mot_de_passe": ACCES["mot_de_passe"]}
