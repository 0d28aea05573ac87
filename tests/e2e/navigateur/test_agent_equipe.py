"""The chef's team: an agent let in, changed, ended."""

import secrets
from typing import Any

from tests.e2e.navigateur.agents import entrer


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
