"""The pages that anybody opens: accessible, no wider than a phone, in plain words, and usable without JavaScript."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from infra.pages.contexte import euros
from tests.e2e.navigateur.conftest import Ecran
from tests.e2e.navigateur.pages import MOTS_DU_PREALABLE

INFORMATIVES = (
    "/",
    "/aide/",
    "/accessibilite/",
    "/donnees-personnelles/",
    "/conditions/",
    "/plan/",
    "/verifier/",
    "/404.html",
)
COMPTE = (
    "/compte/connexion/",
    "/compte/creer/",
    "/compte/activer/",
    "/compte/identifiant-oublie/",
    "/compte/mot-de-passe-oublie/",
)


def _texte(ecran: Ecran) -> str:
    return " ".join(ecran.page.inner_text("main").split())


@pytest.mark.parametrize("bureau", [False, True])
@pytest.mark.parametrize("chemin", [*INFORMATIVES, *COMPTE])
def test_la_page_est_accessible(ecran: Callable[..., Ecran], chemin: str, bureau: bool) -> None:
    vu = ecran(bureau=bureau)
    vu.page.goto(vu.url + chemin)
    if chemin in COMPTE:
        vu.prete()
    vu.page.evaluate("document.querySelectorAll('details').forEach((un) => (un.open = true))")
    vu.accessible(chemin)
    assert vu.page.locator("h1").count() == 1
    assert vu.page.locator("h1 + p.fr-text--lead").count() == 1


@pytest.mark.parametrize("chemin", ["/", *COMPTE, "/compte/"])
def test_sans_javascript_la_page_dit_quoi_faire(ecran: Callable[..., Ecran], chemin: str) -> None:
    vu = ecran(java_script_enabled=False)
    vu.page.goto(vu.url + chemin)
    expect(vu.page.locator("main noscript .fr-alert")).to_contain_text("Autorisez JavaScript")


def test_le_prealable_a_les_mots_du_support(ecran: Callable[..., Ecran]) -> None:
    vu = ecran(bureau=True)
    vu.ouvrir("/compte/creer/")
    texte = _texte(vu)
    assert [mots for mots in MOTS_DU_PREALABLE if mots not in texte] == []
    assert vu.page.locator("main img").count() == 0
    vu.ouvrir("/compte/connexion/")
    texte = _texte(vu)
    assert [mots for mots in ("Identifiant oublié", "Mot de passe oublié", "Me connecter") if mots not in texte] == []


def test_l_anti_robot_se_fait_seul_et_le_dit(ecran: Callable[..., Ecran]) -> None:
    vu = ecran()
    vu.ouvrir("/compte/creer/")
    expect(vu.page.locator("[data-anti-robot]")).to_contain_text("Vérification faite")


def test_les_gestionnaires_de_mots_de_passe_reconnaissent_les_champs(ecran: Callable[..., Ecran]) -> None:
    vu = ecran()
    vu.ouvrir("/compte/creer/")
    attendus = {
        "prenom": "given-name",
        "nom": "family-name",
        "email": "email",
        "telephone": "tel",
        "identifiant": "username",
        "mot-de-passe": "new-password",
    }
    lus = {champ: vu.page.locator(f"#{champ}").get_attribute("autocomplete") for champ in attendus}
    assert lus == attendus
    vu.ouvrir("/compte/connexion/")
    assert vu.page.locator("#mot-de-passe").get_attribute("autocomplete") == "current-password"
    vu.ouvrir("/compte/activer/")
    assert vu.page.locator("#code").get_attribute("autocomplete") == "one-time-code"


def test_l_accueil_dit_les_prix_et_previent_des_sites_payants(ecran: Callable[..., Ecran]) -> None:
    vu = ecran()
    vu.page.goto(vu.url + "/")
    texte = _texte(vu)
    for mots in (f"Vol du titre – {euros(2500)}", "sites qui imitent", "Aucun intermédiaire", "dossier papier"):
        assert mots in texte
    for mots in ("Création d'un compte", "Saisie de la demande", "Instruction par l'agent", "Production et remise"):
        assert mots in texte


def test_la_declaration_suit_le_rgaa(ecran: Callable[..., Ecran]) -> None:
    vu = ecran()
    vu.page.goto(vu.url + "/accessibilite/")
    texte = _texte(vu)
    for mots in ("version 4.1", "conformité partielle", "Résultats des tests", "Défenseur des droits", "Aucun audit"):
        assert mots in texte
