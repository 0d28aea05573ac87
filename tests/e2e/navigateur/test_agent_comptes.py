"""An agent's account: opened by his chef, activated by himself, opened again when its password is lost."""

import re
import secrets
from typing import Any

from playwright.sync_api import expect

from demo.client import Client
from demo.guichet import Guichet
from tests.e2e.navigateur.agents import entrer
from tests.e2e.navigateur.conftest import Ecran

QUESTION = "Quel était mon premier guichet ?"
REPONSE = "Saint-Dié"


def _lien_et_code(client: Client, email: str, rang: int = 0) -> tuple[str, str]:
    """Where the mail of this rank leads, and its code."""
    code = client.code_recu(email, rang)
    liens = re.findall(r"https?://[^/\s]+(/\S*)", client.envois(email)[rang]["texte"])
    assert len(liens) == 1, liens
    return liens[0], code


def _habiliter(url: str) -> tuple[str, str]:
    """A new agent, as his chef opens his account: his identifiant and his e-mail."""
    identifiant = f"agent.{secrets.token_hex(4)}"
    email = f"{identifiant}@prefecture.example"
    fiche = {"prenom": "Zoé", "nom": "Nouvelle", "identifiant": identifiant, "email": email, "telephone": "0311223344"}
    chef = Guichet(url).entrer("chef.543")
    chef.appeler("POST", "/api/instruction/agents", {**fiche, "role": "agent", "autorites": ["543"]})
    return identifiant, email


def _choisir_l_acces(un: Ecran, identifiant: str, code: str, mot_de_passe: str) -> None:
    champs = {
        "#identifiant": identifiant,
        "#code": code,
        "#mot-de-passe": mot_de_passe,
        "#question-secrete": QUESTION,
        "#reponse-secrete": REPONSE,
    }
    for champ, valeur in champs.items():
        un.page.fill(champ, valeur)
    un.page.locator("#activation button[type=submit]").click()


def test_un_agent_habilite_active_son_compte_puis_retrouve_son_mot_de_passe(
    ecran: Any, url: str, client: Client
) -> None:
    identifiant, email = _habiliter(url)
    lien, code = _lien_et_code(client, email)
    un = ecran()
    un.ouvrir(lien)
    assert un.page.url.endswith("/agent/activer/")
    un.accessible("activation d'un agent")
    un.page.locator("#activation button[type=submit]").click()
    expect(un.page.locator("#activation .fr-message--error")).to_have_count(5)
    un.accessible("rien de saisi")
    _choisir_l_acces(un, identifiant, "000000" if code != "000000" else "111111", "Guichet-Ouvert-8h30")
    expect(un.page.locator("#code-messages .fr-message--error")).to_be_visible()
    un.accessible("code refusé")
    _choisir_l_acces(un, identifiant, code, "Guichet-Ouvert-8h30")
    un.page.wait_for_url("**/agent/connexion/")
    expect(un.page.get_by_text("Votre compte est activé")).to_be_visible()
    expect(un.page.locator("#identifiant")).to_have_value(identifiant)
    un.accessible("compte activé")
    un.page.fill("#mot-de-passe", "Guichet-Ouvert-8h30")
    un.page.locator("#connexion button[type=submit]").click()
    un.page.wait_for_url("**/agent/")
    un.prete()
    expect(un.page.locator(".fr-header__service-tagline")).to_have_text("Bienvenue Zoé Nouvelle, pour l'autorité 543")

    autre = ecran(bureau=True)
    autre.ouvrir("/agent/connexion/")
    autre.cliquer("Mot de passe oublié")
    autre.prete()
    autre.accessible("mot de passe oublié, agent")
    autre.page.fill("#identifiant", identifiant)
    autre.cliquer("Recevoir mon code")
    expect(autre.page.get_by_text("Regardez vos courriels")).to_be_visible()
    autre.accessible("code demandé, agent")
    lien, code = _lien_et_code(client, email, 1)
    assert lien == "/agent/mot-de-passe-oublie/"
    autre.page.fill("#code", code)
    autre.page.fill("#reponse-secrete", REPONSE.upper())
    autre.page.fill("#nouveau-mot-de-passe", "Guichet-Rouvert-14h")
    autre.cliquer("Changer mon mot de passe")
    autre.page.wait_for_url("**/agent/connexion/")
    expect(autre.page.get_by_text("Votre mot de passe est changé")).to_be_visible()
    entrer(autre, identifiant, "Guichet-Rouvert-14h")


def test_un_autre_code_d_activation_ramene_a_la_page_des_agents(ecran: Any, url: str, client: Client) -> None:
    identifiant, email = _habiliter(url)
    _lien_et_code(client, email)
    un = ecran()
    un.ouvrir("/agent/activer/")
    un.cliquer("Recevoir un autre code")
    expect(un.page.locator("#identifiant-messages .fr-message--error")).to_be_visible()
    un.page.fill("#identifiant", identifiant)
    un.cliquer("Recevoir un autre code")
    expect(un.page.get_by_text("Un autre code est parti")).to_be_visible()
    un.accessible("autre code envoyé")
    assert _lien_et_code(client, email, 1) == ("/agent/activer/", client.code_recu(email, 1))
    assert client.envois(email)[1]["objet"] == "Votre compte d'agent est ouvert"
