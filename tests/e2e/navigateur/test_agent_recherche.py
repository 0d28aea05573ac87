"""« Recherche globale »: no criterion in an address, errors beside the field, a link to share, page after page."""

from typing import Any

from playwright.sync_api import Route, expect

from tests.e2e.navigateur.agents import entrer, lus_comme_du_texte, pieger
from tests.e2e.test_vies import Vie

RECHERCHES = "**/api/instruction/recherches"


def _ligne(rang: int) -> dict[str, Any]:
    return {
        "id": f"{rang:032x}",
        "numero": f"{rang:023d}",
        "numero_dossier": "13572A7654",
        "nom": f"CORNEILLE{rang}",
        "prenom": "PIERRE",
        "date_naissance": "1956-01-01",
        "sexe": "M",
        "date_demande": "2026-11-24T10:00:00.000Z",
        "motif": "vol",
        "statut": "en_instruction",
    }


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
    expect(un.page.locator("#resultats h2")).to_have_text("Liste des demandes sur l'autorité 543")
    un.accessible("aucun résultat")
    un.page.reload()
    un.prete()
    assert un.page.input_value("#nom") == "Introuvable"
    un.cliquer("Partager cette recherche")
    un.accessible("dialogue de partage")
    un.cliquer("Créer le lien")
    un.page.locator("#lien").wait_for()
    un.accessible("lien à transmettre")
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


def test_les_resultats_se_lisent_page_a_page_meme_incomplets(ecran: Any) -> None:
    pages: dict[str | None, dict[str, Any]] = {
        None: {"elements": [_ligne(1), _ligne(2)], "curseur": "deux", "partiel": False},
        "deux": {"elements": [], "curseur": "trois", "partiel": True},
        "trois": {"elements": [_ligne(3)], "curseur": None, "partiel": False},
    }

    def repondre(route: Route) -> None:
        route.fulfill(json=pages[route.request.post_data_json.get("curseur")])

    un = ecran(bureau=True)
    entrer(un, "agent.543")
    un.page.route(RECHERCHES, repondre)
    un.ouvrir("/agent/recherche/")
    un.page.fill("#nom", "Corneille")
    un.cliquer("Rechercher")
    expect(un.page.locator("#lignes tbody tr")).to_have_count(2)
    expect(un.page.locator("#precedente")).to_be_hidden()
    un.accessible("résultats")
    un.cliquer("Page suivante")
    expect(un.page.get_by_text("Cette page est incomplète")).to_be_visible()
    expect(un.page.get_by_text("Aucune demande trouvée jusqu'ici.")).to_be_visible()
    un.accessible("page incomplète")
    un.cliquer("Page suivante")
    expect(un.page.locator("#lignes tbody tr")).to_have_count(1)
    expect(un.page.locator("#page-suivante")).to_be_hidden()
    expect(un.page.locator("#resultats h2")).to_be_focused()
    un.page.reload()
    un.prete()
    expect(un.page.get_by_text("CORNEILLE3")).to_be_visible()
    for _ in range(2):
        un.cliquer("Page précédente")
    expect(un.page.locator("#lignes tbody tr")).to_have_count(2)
    expect(un.page.locator("#precedente")).to_be_hidden()


def test_un_chef_affecte_ce_qu_il_a_trouve(ecran: Any, url: str) -> None:
    vie = Vie(url).confirmer().jusqu_a("en_instruction")
    un = ecran(bureau=True)
    entrer(un, "chef.543")
    un.ouvrir("/agent/recherche/")
    un.page.fill("#numero", vie.numero)
    un.cliquer("Rechercher")
    un.page.locator("tr", has_text=vie.numero).locator(".pga-choix label").click()
    un.cliquer("Affecter la demande choisie")
    un.page.select_option("#affecte", label="Agnès Guichet")
    un.page.locator("dialog button[type=submit]").click()
    expect(un.page.locator("[data-avis]")).to_have_text("Une demande est affectée à Agnès Guichet.")
    un.accessible("demande affectée depuis une recherche")
    assert vie.agent.dossier(vie.id)["demande"]["agent"]["de_moi"] is True


def test_des_resultats_aux_noms_hostiles(ecran: Any, url: str) -> None:
    vie = Vie(url).confirmer().jusqu_a("en_instruction")
    for bureau in (True, False):
        un = ecran(bureau=bureau)
        entrer(un, "agent.543")
        pieger(un, RECHERCHES)
        un.ouvrir("/agent/recherche/")
        un.page.fill("#numero", vie.numero)
        un.cliquer("Rechercher")
        lus_comme_du_texte(un)
        un.accessible("résultats aux noms hostiles et longs")
