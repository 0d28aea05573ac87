"""The usager's account in a real browser: create, activate, connect, both forgotten flows, profile, closing."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import expect

from demo.client import Client
from tests.e2e.navigateur.conftest import Ecran

MOT_DE_PASSE = "Aube-calme-1637"
QUESTION = "Quelle était ma première ville ?"
REPONSE = "Saint-Étienne"
HOSTILE = '"><img src=x onerror=alert(1)>'


@dataclass
class Personne:
    """Somebody whom nobody was before."""

    identifiant: str
    telephone: str
    mot_de_passe: str = MOT_DE_PASSE

    @property
    def email(self) -> str:
        return f"{self.identifiant}@exemple.fr"


@pytest.fixture
def personne() -> Personne:
    return Personne(f"u{secrets.token_hex(5)}", f"06{secrets.randbelow(10**8):08d}")


def _remplir(ecran: Ecran, personne: Personne, prenom: str = "Pierre", nom: str = "Corneille") -> None:
    page = ecran.page
    for champ, valeur in (
        ("#prenom", prenom),
        ("#nom", nom),
        ("#email", personne.email),
        ("#telephone", personne.telephone),
        ("#identifiant", personne.identifiant),
        ("#mot-de-passe", personne.mot_de_passe),
        ("#question-secrete", QUESTION),
        ("#reponse-secrete", REPONSE),
    ):
        page.fill(champ, valeur)
    page.locator("label[for=sexe-M]").click()
    page.locator("label[for=cgu-acceptees]").click()


def _creer(ecran: Ecran, client: Client, personne: Personne) -> None:
    """Create, activate with the code of the mail: the screen is then on the page where one connects."""
    ecran.ouvrir("/compte/creer/")
    _remplir(ecran, personne)
    ecran.cliquer("Enregistrer")
    ecran.page.wait_for_url("**/compte/activer/")
    ecran.prete()
    expect(ecran.page.locator("#identifiant")).to_have_value(personne.identifiant)
    ecran.page.fill("#code", client.code_recu(personne.email))
    ecran.cliquer("Activer mon compte")
    ecran.page.wait_for_url("**/compte/connexion/")
    ecran.prete()


def _connecter(ecran: Ecran, personne: Personne) -> None:
    ecran.page.fill("#identifiant", personne.identifiant)
    ecran.page.fill("#mot-de-passe", personne.mot_de_passe)
    _soumettre(ecran, "#connexion")


def _connecte(ecran: Ecran) -> None:
    ecran.page.wait_for_url("**/demandes/")


def _soumettre(ecran: Ecran, formulaire: str) -> None:
    ecran.page.locator(f"{formulaire} button[type=submit]").click()


def _resume(ecran: Ecran) -> Any:
    return ecran.page.locator("[data-resume-erreurs]")


def test_on_cree_active_et_se_connecte(ecran: Callable[..., Ecran], client: Client, personne: Personne) -> None:
    telephone = ecran()
    _creer(telephone, client, personne)
    expect(telephone.page.locator("[data-fait]")).to_contain_text("Votre compte est activé")
    telephone.accessible("compte activé")
    assert personne.identifiant not in telephone.page.url
    _connecter(telephone, personne)
    _connecte(telephone)


def test_les_erreurs_sont_dites_et_le_resume_prend_le_focus(
    ecran: Callable[..., Ecran], client: Client, personne: Personne
) -> None:
    telephone = ecran()
    telephone.ouvrir("/compte/creer/")
    telephone.cliquer("Enregistrer")
    expect(_resume(telephone)).to_be_focused()
    expect(telephone.page.locator("#email-messages")).to_contain_text("Ce champ est obligatoire.")
    telephone.accessible("création, erreurs affichées")
    _remplir(telephone, personne, nom=HOSTILE)
    telephone.page.fill("#mot-de-passe", "court")
    telephone.cliquer("Enregistrer")
    expect(_resume(telephone)).to_be_focused()
    expect(telephone.page.locator("#nom-messages")).not_to_be_empty()
    expect(telephone.page.locator("#mot-de-passe-messages")).not_to_be_empty()
    # What was typed stays, as text.
    expect(telephone.page.locator("#nom")).to_have_value(HOSTILE)
    assert telephone.page.locator("main img").count() == 0


def test_un_identifiant_pris_est_dit_a_cote_du_champ(
    ecran: Callable[..., Ecran], client: Client, personne: Personne
) -> None:
    _creer(ecran(), client, personne)
    autre = ecran(bureau=True)
    autre.ouvrir("/compte/creer/")
    _remplir(autre, Personne(personne.identifiant, personne.telephone))
    autre.page.fill("#email", f"autre-{personne.email}")
    autre.cliquer("Enregistrer")
    expect(autre.page.locator("#identifiant-messages")).to_contain_text("déjà pris")


def test_un_mauvais_mot_de_passe_est_dit(ecran: Callable[..., Ecran], personne: Personne) -> None:
    bureau = ecran(bureau=True)
    bureau.ouvrir("/compte/connexion/")
    _connecter(bureau, personne)
    expect(_resume(bureau)).to_contain_text("Identifiant ou mot de passe incorrect.")
    expect(_resume(bureau)).to_be_focused()
    bureau.accessible("connexion refusée")


def test_l_identifiant_oublie_arrive_par_courriel(
    ecran: Callable[..., Ecran], client: Client, personne: Personne
) -> None:
    telephone = ecran()
    _creer(telephone, client, personne)
    avant = len(client.envois(personne.email))
    telephone.ouvrir("/compte/identifiant-oublie/")
    telephone.page.fill("#email", personne.email)
    telephone.cliquer("Recevoir mon identifiant")
    expect(telephone.page.locator("[data-fait]")).to_be_focused()
    telephone.accessible("identifiant envoyé")
    for _ in range(100):
        recus = client.envois(personne.email)[avant:]
        if recus:
            break
        telephone.page.wait_for_timeout(100)
    assert any(personne.identifiant in envoi["texte"] for envoi in recus)


@pytest.mark.parametrize("perdue", [False, True])
def test_le_mot_de_passe_oublie_se_change(
    ecran: Callable[..., Ecran], client: Client, personne: Personne, perdue: bool
) -> None:
    telephone = ecran()
    _creer(telephone, client, personne)
    avant = len(client.envois(personne.email))
    telephone.ouvrir("/compte/mot-de-passe-oublie/")
    telephone.page.fill("#identifiant", personne.identifiant)
    if perdue:
        telephone.page.locator("label[for=reponse-perdue]").click()
    _soumettre(telephone, "#demande-code")
    expect(telephone.page.locator("#nouveau")).to_be_visible()
    telephone.accessible("code envoyé")
    telephone.page.fill("#code", client.code_recu(personne.email, avant))
    if perdue:
        telephone.page.fill("#code-sms", client.code_recu(personne.telephone))
    else:
        telephone.page.fill("#reponse-secrete", "saint etienne")
    personne.mot_de_passe = "Lune-rousse-1682"
    telephone.page.fill("#nouveau-mot-de-passe", personne.mot_de_passe)
    _soumettre(telephone, "#nouveau")
    telephone.page.wait_for_url("**/compte/connexion/")
    telephone.prete()
    expect(telephone.page.locator("[data-fait]")).to_contain_text("Votre mot de passe est changé")
    _connecter(telephone, personne)
    _connecte(telephone)


def test_on_se_connecte_au_clavier_seul(ecran: Callable[..., Ecran], client: Client, personne: Personne) -> None:
    bureau = ecran(bureau=True)
    _creer(bureau, client, personne)
    bureau.ouvrir("/compte/connexion/")
    bureau.page.focus("#identifiant")
    bureau.page.keyboard.press("Control+A")
    bureau.page.keyboard.type(personne.identifiant)
    bureau.page.keyboard.press("Tab")
    bureau.page.keyboard.type(personne.mot_de_passe)
    bureau.page.keyboard.press("Enter")
    _connecte(bureau)


def test_le_profil_se_corrige_et_le_compte_se_ferme(
    ecran: Callable[..., Ecran], client: Client, personne: Personne
) -> None:
    telephone = ecran()
    _creer(telephone, client, personne)
    _connecter(telephone, personne)
    _connecte(telephone)
    telephone.ouvrir("/compte/")
    page = telephone.page
    expect(page.locator("#nom")).to_have_value("Corneille")
    telephone.accessible("profil")
    page.fill("#prenom", "Jean-Pierre")
    page.fill("#email", f"neuf-{personne.email}")
    _soumettre(telephone, "#profil")
    expect(page.locator("#code-email [data-en-attente]").first).to_have_text(f"neuf-{personne.email}")
    telephone.accessible("adresse à confirmer")
    page.locator("#code-email input").fill(client.code_recu(f"neuf-{personne.email}"))
    _soumettre(telephone, "#code-email")
    expect(page.locator("[data-fait]")).to_contain_text("Votre nouvelle adresse est confirmée")
    expect(page.locator("#email")).to_have_value(f"neuf-{personne.email}")
    page.locator("[data-fermer-compte]").click()
    telephone.accessible("fermeture demandée")
    telephone.cliquer("Fermer mon compte définitivement")
    page.wait_for_url("**/compte/connexion/")
    telephone.prete()
    expect(page.locator("[data-fait]")).to_contain_text("Votre compte est fermé")
    _connecter(telephone, personne)
    expect(_resume(telephone)).to_contain_text("Identifiant ou mot de passe incorrect.")
