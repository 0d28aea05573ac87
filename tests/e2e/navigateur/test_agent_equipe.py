"""The chef's team: an agent let in, changed, ended."""

import secrets
from typing import Any

from playwright.sync_api import expect

from tests.e2e.navigateur.agents import HOSTILE, entrer, lus_comme_du_texte, pieger


def test_habiliter_modifier_fermer(ecran: Any) -> None:
    un = ecran(bureau=True)
    entrer(un, "chef.543")
    un.ouvrir("/agent/equipe/")
    un.accessible("équipe")
    identifiant = f"essai.{secrets.token_hex(4)}"
    saisies = {
        "#prenom": "Zoé",
        "#nom": "Essai",
        "#identifiant": identifiant,
        "#email": f"{identifiant}@prefecture.example",
        "#telephone": "0311223344",
        "#autorites": "543",
    }
    for champ, valeur in saisies.items():
        un.page.fill(champ, valeur)
    un.choisir("Agent instructeur")
    un.page.locator("#habiliter button[type=submit]").click()
    un.page.get_by_text("est habilité").wait_for()
    rangee = un.page.locator("tr", has_text=identifiant)
    rangee.get_by_role("button", name="Historique").click()
    un.page.get_by_text("aucune habilitation → Agent instructeur").wait_for()
    un.accessible("historique")
    un.page.keyboard.press("Escape")
    rangee.get_by_role("button", name="Modifier").click()
    un.accessible("dialogue de changement")
    un.page.select_option("#role-voulu", "ctn")
    un.page.locator("dialog button[type=submit]").click()
    un.page.get_by_text("L'habilitation est modifiée.").wait_for()
    rangee.get_by_role("button", name="Fermer").click()
    un.page.locator("dialog button[type=submit]").click()
    un.page.get_by_text("Le compte est fermé.").wait_for()
    assert rangee.count() == 0


def test_une_fiche_refusee_le_dit_pres_de_ses_champs(ecran: Any) -> None:
    un = ecran()
    entrer(un, "chef.543")
    un.ouvrir("/agent/equipe/")
    un.page.locator("#habiliter button[type=submit]").click()
    expect(un.page.locator("#habiliter .fr-message--error")).to_have_count(7)
    un.accessible("fiche vide")
    for champ in ("#prenom", "#nom"):
        un.page.fill(champ, HOSTILE)
    saisies = {"#identifiant": "chef.543", "#email": "x@prefecture.example", "#telephone": "0311223344"}
    for champ, valeur in (saisies | {"#autorites": "751"}).items():
        un.page.fill(champ, valeur)
    un.choisir("Agent instructeur")
    un.page.locator("#habiliter button[type=submit]").click()
    expect(un.page.locator("#nom-messages .fr-message--error")).to_be_visible()
    un.accessible("fiche refusée")
    for champ in ("#prenom", "#nom"):
        un.page.fill(champ, "Zoé")
    un.page.locator("#habiliter button[type=submit]").click()
    expect(un.page.locator("#autorites-messages .fr-message--error")).to_be_visible()
    un.page.fill("#autorites", "543")
    un.page.locator("#habiliter button[type=submit]").click()
    expect(un.page.locator("[data-resume-erreurs]")).to_contain_text("identifiant", ignore_case=True)
    un.accessible("identifiant déjà pris")


def test_une_equipe_aux_noms_hostiles(ecran: Any) -> None:
    for bureau in (True, False):
        un = ecran(bureau=bureau)
        entrer(un, "chef.543")
        pieger(un, "**/api/instruction/agents**")
        un.ouvrir("/agent/equipe/")
        lus_comme_du_texte(un)
        un.accessible("noms hostiles et longs")
        un.page.get_by_role("button", name="Modifier").first.click()
        un.accessible("dialogue au nom hostile")
        un.page.keyboard.press("Escape")
        un.page.get_by_role("button", name="Fermer").first.click()
        un.accessible("fermeture à confirmer")
