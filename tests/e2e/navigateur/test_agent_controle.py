"""The CTN's contrôle: pages seen, a refusal that says why, then the demande goes on."""

from typing import Any

from tests.e2e.navigateur.agents import entrer
from tests.e2e.test_vies import Vie


def test_controler_une_piece(ecran: Any, url: str) -> None:
    vie = Vie(url, "changement_etat_civil").confirmer().jusqu_a("en_controle")
    un = ecran(bureau=True)
    entrer(un, "ctn.543")
    un.ouvrir(f"/agent/controle/#{vie.id}")
    un.page.locator(".pga-page").first.wait_for()
    un.accessible("pièces à contrôler")
    un.page.set_viewport_size({"width": 320, "height": 640})
    un.accessible("pièces à contrôler, téléphone")
    un.choisir("Refuser")
    un.page.locator("#controle button[type=submit]").click()
    un.page.locator("#controle .fr-message--error").wait_for()
    un.accessible("motif manquant")
    un.cliquer("Demander un complément")
    un.accessible("dialogue de complément")
    un.page.keyboard.press("Escape")
    for accepter in un.page.locator("label", has_text="Accepter").all():
        accepter.click()
    un.page.locator("#controle button[type=submit]").click()
    vie.jusqu_a("en_instruction")
