"""The agent's dossier in a browser: compare, look at the pièces, suspend by pointing, lift, write, validate."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.navigateur.agents import entrer
from tests.e2e.navigateur.conftest import Ecran
from tests.e2e.vies import Vie

HOSTILE = "<img src=x onerror=alert(1)> & <b>gras</b>"


@pytest.fixture
def vie(url: str) -> Vie:
    return Vie(url).confirmer().jusqu_a("en_instruction")


@pytest.fixture
def dossier(ecran: Callable[..., Ecran], url: str, vie: Vie) -> Ecran:
    e = ecran(bureau=True)
    entrer(e, "agent.543")
    e.ouvrir(f"/agent/dossier/#{vie.id}")
    return e


def _dialogue(e: Ecran) -> Locator:
    return e.page.get_by_role("dialog")


def test_on_compare_le_snpc_et_la_demande_et_l_on_regarde_les_pieces(dossier: Ecran, vie: Vie) -> None:
    e = dossier
    snpc = e.page.locator("[data-snpc]")
    for mots in ("13572A7654", "VALIDE", "12 / 12", "Nom de naissance"):
        expect(snpc).to_contain_text(mots)
    expect(e.page.locator("[data-prededemande]")).to_contain_text(vie.numero)
    expect(e.page.locator("[data-photo]")).to_contain_text("OUI")
    expect(e.page.locator("[data-historique]")).to_contain_text("DemandeDeposee")
    vue = e.page.locator("[data-vue]")
    expect(vue).to_contain_text("page 1 sur")
    avant = vue.inner_text()
    e.page.keyboard.press("n")
    expect(vue).not_to_have_text(avant)
    for outil in ("Agrandir", "Tourner", "Réduire", "Ajuster"):
        e.cliquer(outil)
    e.cliquer("Côte à côte")
    expect(e.page.locator("[data-visionneuse='1']")).to_be_visible()
    e.cliquer("Vérifier l'historique")
    expect(e.page.locator("[data-verification]")).to_contain_text("intact")
    e.accessible("dossier ouvert")


def test_on_suspend_en_designant_une_piece_puis_on_leve(dossier: Ecran, vie: Vie) -> None:
    e = dossier
    e.cliquer("Prendre en charge")
    expect(e.page.locator("[data-avis]")).to_contain_text("prise en charge")
    expect(e.page.locator("[data-visionneuse='0'] .openseadragon-canvas")).to_have_count(1)
    e.page.get_by_role("button", name="Suspendre").click()
    dialogue = _dialogue(e)
    dialogue.get_by_role("button", name="Suspendre la demande").click()
    expect(dialogue.get_by_role("alert")).to_be_visible()
    e.accessible("suspension, avec une erreur")
    dialogue.locator("label", has_text="Justificatif de domicile").first.click()
    dialogue.locator("select:visible").select_option(index=1)
    dialogue.get_by_label("Message à l'usager").fill(HOSTILE)
    dialogue.get_by_role("button", name="Suspendre la demande").click()
    expect(e.page.locator("[data-avis]")).to_contain_text("La demande a été suspendue.")
    assert vie.statut == "suspendue"
    expect(e.page.locator("[data-liste-suspensions]")).to_contain_text(HOSTILE)
    assert e.page.locator("[data-liste-suspensions] img").count() == 0
    e.accessible("suspendue")
    e.cliquer("Lever la suspension")
    expect(e.page.locator("[data-avis]")).to_contain_text("levée")
    assert vie.statut == "en_instruction"


def test_notes_et_messages_sont_du_texte(dossier: Ecran, vie: Vie) -> None:
    e = dossier
    for genre, bouton in (("notes", "Enregistrer la note"), ("messages", "Envoyer le message")):
        e.page.locator(f"#texte-{genre}").fill(HOSTILE)
        e.cliquer(bouton)
        expect(e.page.locator(f"[data-{genre}] .echanges")).to_contain_text(HOSTILE)
        assert e.page.locator(f"[data-{genre}] img").count() == 0
    assert [un["texte"] for un in vie.client.messages(vie.id)] == [HOSTILE]
    e.accessible("échanges")


def test_on_valide_au_clavier_seul(dossier: Ecran, vie: Vie) -> None:
    e = dossier
    e.page.keyboard.press("v")
    dialogue: Any = _dialogue(e)
    dialogue.wait_for()
    e.accessible("validation demandée")
    for _ in range(6):
        if e.page.evaluate("document.activeElement.matches('dialog button[type=submit]')"):
            break
        e.page.keyboard.press("Tab")
    e.page.keyboard.press("Enter")
    expect(e.page.locator("[data-avis]")).to_contain_text("validée")
    assert vie.statut in ("validee", "en_production", "expediee", "distribuee")


def test_le_lien_du_snpc_ouvre_par_le_numero_de_dossier(ecran: Callable[..., Ecran], url: str, vie: Vie) -> None:
    e = ecran()
    entrer(e, "agent.543")
    e.ouvrir("/agent/dossier/#dossier=00000A0000")
    expect(e.page.locator("[data-avis]")).to_contain_text("Aucune demande")
    e.ouvrir(f"/agent/dossier/#{vie.id}")
    e.page.reload()
    e.prete()
    e.accessible("dossier sur un téléphone")


def test_les_raccourcis_s_eteignent(dossier: Ecran) -> None:
    e = dossier
    e.ouvrir("/agent/raccourcis/")
    e.accessible("raccourcis")
    e.page.locator("label[for=raccourcis]").click()
    e.page.go_back()
    e.prete()
    e.page.keyboard.press("v")
    expect(_dialogue(e)).to_have_count(0)
