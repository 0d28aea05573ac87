"""The CTN's contrôle: pages seen, a refusal that says why, a complement for several pièces; then the next demande."""

from typing import Any

from playwright.sync_api import expect

from demo.client import Fichier
from demo.fichiers import acte_naissance
from tests.e2e.acteurs import Usager
from tests.e2e.navigateur.agents import entrer, lus_comme_du_texte, pieger
from tests.e2e.navigateur.demandes import signer
from tests.e2e.test_vies import Vie


def test_controler_une_piece(ecran: Any, url: str) -> None:
    vie = Vie(url, "changement_etat_civil").confirmer().jusqu_a("en_controle")
    un = ecran(bureau=True)
    entrer(un, "ctn.543")
    un.ouvrir(f"/agent/controle/#{vie.id}")
    un.page.locator(".pga-page:visible").first.wait_for()
    expect(un.page.get_by_text("Page 1 sur 1.").first).to_be_visible()
    un.accessible("pièces à contrôler")
    un.page.locator("details summary").first.click()
    expect(un.page.locator("details .pga-page").first).to_be_visible()
    un.accessible("autre pièce ouverte")
    un.page.set_viewport_size({"width": 320, "height": 640})
    un.accessible("pièces à contrôler, téléphone")
    un.choisir("Refuser")
    un.page.locator("#controle button[type=submit]").click()
    un.page.locator("#controle .fr-message--error").wait_for()
    un.accessible("motif manquant")
    for accepter in un.page.locator("label", has_text="Accepter").all():
        accepter.click()
    un.page.locator("#controle button[type=submit]").click()
    vie.jusqu_a("en_instruction")


def test_refuser_une_piece_puis_en_demander_plusieurs(ecran: Any, url: str) -> None:
    vie = Vie(url, "changement_etat_civil").confirmer().jusqu_a("en_controle")
    un = ecran(bureau=True)
    entrer(un, "ctn.543")
    un.ouvrir(f"/agent/controle/#{vie.id}")
    un.choisir("Refuser")
    un.page.locator("#controle select").first.select_option("illisible")
    un.page.locator("#controle button[type=submit]").click()
    expect(un.page.locator("[data-avis]")).to_contain_text("demandez à l'usager de remplacer les pièces refusées")
    un.accessible("pièce refusée")

    un.cliquer("Demander un complément")
    dialogue = un.page.locator("dialog")
    un.accessible("dialogue de complément")
    # What was refused is asked for already, for the same reason.
    expect(dialogue.locator("select:visible")).to_have_value("illisible")
    dialogue.locator("label", has_text="Justificatif du changement").first.click()
    dialogue.get_by_role("button", name="Demander à l'usager").click()
    expect(dialogue.locator("#message-messages .fr-message--error")).to_be_visible()
    dialogue.locator("#message").fill("Il me faut ces deux documents, bien lisibles.")
    dialogue.get_by_role("button", name="Demander à l'usager").click()
    expect(dialogue.locator("#elements-messages .fr-message--error")).to_have_text("Choisissez au moins une pièce.")
    un.accessible("aucune pièce choisie")
    dialogue.locator("label", has_text="Justificatif du changement").first.click()
    dialogue.locator("label", has_text="Pièce d'identité").first.click()
    dialogue.get_by_role("button", name="Demander à l'usager").click()
    expect(dialogue.locator(".fr-select-group--error:visible")).to_have_count(1)
    un.accessible("motif d'un complément manquant")
    dialogue.locator(".fr-select-group--error select").select_option("expiree")
    dialogue.get_by_role("button", name="Demander à l'usager").click()
    vie.jusqu_a("suspendue")
    elements = vie.client.demande(vie.id)["suspension"]["elements"]
    assert sorted(element["libelle"] for element in elements) == [
        "Justificatif du changement d'état civil",
        "Pièce d'identité",
    ]


def test_nommer_la_page_en_cause_d_un_acte_de_deux_pages(ecran: Any, url: str) -> None:
    vie = Vie(url, "changement_etat_civil")
    acte = Fichier("acte-complet.tiff", "image/tiff", acte_naissance(2))
    assert vie.client.joindre(vie.id, "justificatif_etat_civil", acte)["pages"] == 2
    vie.confirmer().jusqu_a("en_controle")
    un = ecran()
    entrer(un, "ctn.543")
    un.ouvrir(f"/agent/controle/#{vie.id}")
    piece = un.page.locator("section.piece", has_text=acte.nom)
    pages = piece.get_by_role("group", name="Pages en cause")
    expect(pages).to_be_hidden()
    piece.locator("label", has_text="Refuser").click()
    pages.locator("label", has_text="Page 2").first.click()
    un.accessible("page en cause sans motif")
    pages.get_by_label("Motif pour la page 2").select_option("illisible")
    un.page.locator("#controle button[type=submit]").click()
    expect(un.page.locator("[data-avis]")).to_contain_text("Vos avis sont enregistrés")
    expect(pages.get_by_label("Motif pour la page 2")).to_have_value("illisible")
    un.accessible("page en cause enregistrée")

    (refusee,) = [p for p in vie.ctn.dossier(vie.id)["pieces"] if p["statut"] == "refusee"]
    assert (refusee["motif_refus"], [p["page"] for p in refusee["pages_refusees"]]) == ("illisible", [2])
    demande = {"elements": [{"cible": refusee["piece_id"], "motif": "illisible"}], "message": "Reprenez le verso."}
    vie.ctn.appeler("POST", f"/api/instruction/demandes/{vie.id}/suspension", demande)
    usager = ecran()
    signer(usager, Usager(vie.client, vie.citoyen))
    for chemin in ("demande/suivi", "demande/complement"):
        usager.ouvrir(f"/{chemin}/#{vie.id}")
        expect(usager.page.get_by_text("Page 2\u00a0: illisible, floue ou mal éclairée.").first).to_be_visible()
        usager.accessible("page en cause dite à l'usager")


def test_chaque_motif_propose_pour_une_piece_est_accepte(ecran: Any, url: str) -> None:
    vie = Vie(url, "changement_etat_civil").confirmer().jusqu_a("en_controle")
    un = ecran()
    entrer(un, "ctn.543")
    un.ouvrir(f"/agent/controle/#{vie.id}")
    codes = un.page.locator("[data-motifs-complement]").evaluate(
        "gabarit => [...gabarit.content.querySelectorAll('option')].map(option => option.value)"
    )
    connus = {motif["code"] for motif in vie.ctn.appeler("GET", "/api/instruction/motifs")["suspension"]}
    assert codes and set(codes) <= connus
    (piece, *_) = [p["piece_id"] for p in vie.ctn.dossier(vie.id)["pieces"]]
    for rang, code in enumerate(codes):
        corps = {"elements": [{"cible": piece, "motif": code}], "message": f"Essai du motif {code}, merci."}
        methode = "PUT" if rang else "POST"
        vie.ctn.appeler(methode, f"/api/instruction/demandes/{vie.id}/suspension", corps)


def test_un_fichier_au_nom_hostile(ecran: Any, url: str) -> None:
    vie = Vie(url, "changement_etat_civil").confirmer().jusqu_a("en_controle")
    for bureau in (True, False):
        un = ecran(bureau=bureau)
        entrer(un, "ctn.543")
        pieger(un, f"**/api/instruction/demandes/{vie.id}")
        un.ouvrir(f"/agent/controle/#{vie.id}")
        lus_comme_du_texte(un)
        un.accessible("nom de fichier hostile et long")
        un.cliquer("Demander un complément")
        un.accessible("complément, nom de fichier hostile")


def test_une_demande_qui_n_est_pas_a_controler_le_dit(ecran: Any) -> None:
    un = ecran()
    entrer(un, "ctn.543")
    un.ouvrir(f"/agent/controle/#{'0' * 32}")
    expect(un.page.locator("[data-avis] .fr-alert--error")).to_contain_text("Cette demande n'existe pas")
    un.accessible("demande introuvable")
    for ancre in ("", "#%", "#zzz"):
        un.page.goto("about:blank")
        un.ouvrir(f"/agent/controle/{ancre}")
        expect(un.page.locator("[data-avis] .fr-alert--error")).to_contain_text("Cette demande n'existe pas")
