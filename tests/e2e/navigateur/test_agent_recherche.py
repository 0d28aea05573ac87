"""« Recherche globale »: no criterion in an address, errors beside the field, a link to share."""

from typing import Any

from tests.e2e.navigateur.agents import entrer


def test_chercher_sans_rien_dans_l_adresse_puis_partager(ecran: Any) -> None:
    un = ecran(bureau=True)
    entrer(un, "agent.543")
    un.ouvrir("/agent/recherche/")
    un.accessible("avant de chercher")
    un.page.fill("#nom", "Introuvable")
    un.page.fill("#annee", "2026")
    un.cliquer("Rechercher")
    un.page.get_by_text("Aucune demande ne répond").wait_for()
    assert un.page.url.endswith("/agent/recherche/")
    un.accessible("aucun résultat")
    un.page.reload()
    un.prete()
    assert un.page.input_value("#nom") == "Introuvable"
    un.cliquer("Partager cette recherche")
    un.accessible("dialogue de partage")
    un.cliquer("Créer le lien")
    un.page.locator("#lien").wait_for()
    lien = un.page.input_value("#lien")
    assert "Introuvable" not in lien
    autre = ecran()
    entrer(autre, "chef.543")
    autre.ouvrir(lien.removeprefix(un.url))
    assert (autre.page.input_value("#nom"), autre.page.input_value("#annee")) == ("Introuvable", "2026")
    autre.accessible("recherche partagée")


def test_une_faute_est_dite_pres_de_son_champ(ecran: Any) -> None:
    un = ecran()
    entrer(un, "agent.543")
    un.ouvrir("/agent/recherche/")
    un.page.fill("#annee", "12")
    un.cliquer("Rechercher")
    un.page.locator("#annee-messages .fr-message--error").wait_for()
    un.accessible("critère refusé")
