"""The agents' sign-in and worklist: what waits, taking the next one, giving to others."""

from typing import Any

from playwright.sync_api import expect

from demo.guichet import Guichet
from tests.e2e.acteurs import Usager
from tests.e2e.navigateur.agents import entrer, lus_comme_du_texte, pieger
from tests.e2e.navigateur.conftest import Ecran
from tests.e2e.test_vies import Vie


def test_la_corbeille_dit_ce_qui_attend(ecran: Any) -> None:
    for bureau in (True, False):
        un = ecran(bureau=bureau)
        entrer(un, "agent.543")
        titres = un.page.locator("#listes h2").all_inner_texts()
        assert [titre.partition(" (")[0] for titre in titres] == [
            "Les miennes",
            "À prendre",
            "En retard",
            "Messages sans réponse",
        ]
        expect(un.page.get_by_text("Liste des demandes sur l'autorité 543")).to_be_visible()
        assert un.page.locator("#affecter").is_hidden()
        un.accessible("corbeille")


def test_rien_n_attend(ecran: Any) -> None:
    un = ecran()
    entrer(un, "agent.751")
    expect(un.page.get_by_text("Aucune demande n'attend.")).to_be_visible()
    un.accessible("corbeille vide")
    un.cliquer("Prendre la suivante")
    expect(un.page.get_by_text("Aucune demande n'attend : tout est pris ou traité.")).to_be_visible()
    expect(un.page.locator("[data-avis]")).to_be_focused()
    un.accessible("rien à prendre")


def test_un_service_en_panne_le_dit(ecran: Any) -> None:
    un = ecran()
    entrer(un, "agent.751")
    panne = {"type": "about:blank", "title": "Service indisponible", "status": 500, "detail": "Réessayez plus tard."}
    un.page.route(
        "**/api/instruction/**", lambda route: route.fulfill(status=500, content_type="application/json", json=panne)
    )
    un.page.reload()
    expect(un.page.locator("[data-avis] .fr-alert--error")).to_have_text("Réessayez plus tard.")
    un.prete()
    un.accessible("corbeille illisible")
    un.cliquer("Prendre la suivante")
    expect(un.page.locator("[data-avis]")).to_be_focused()
    un.accessible("suivante refusée")


def test_prendre_la_suivante_mene_au_dossier(ecran: Any, url: str) -> None:
    Vie(url).confirmer().jusqu_a("en_instruction")
    un = ecran(bureau=True)
    entrer(un, "agent.543")
    un.cliquer("Prendre la suivante")
    un.page.wait_for_url("**/agent/dossier/#*")
    prise = un.page.url.partition("#")[2]
    agent = Guichet(url).entrer("agent.543")
    assert agent.dossier(prise)["demande"]["agent"]["de_moi"] is True
    agent.rendre(prise)


def _choisir(un: Ecran, numero: str) -> None:
    """Tick the demande ``numero``, as far as it may be in the lists."""
    rangee = un.page.locator("tr", has_text=numero).first
    suite = un.page.get_by_role("button", name="Afficher la suite").first
    expect(rangee.or_(suite).first).to_be_visible()
    while not rangee.is_visible():
        avant = un.page.locator("tbody tr").count()
        suite.click()
        expect(un.page.locator("tbody tr").nth(avant)).to_be_attached()
    rangee.locator(".pga-choix label").click()


def test_un_chef_affecte_plusieurs_demandes_d_un_coup(ecran: Any, url: str) -> None:
    vies = [Vie(url).confirmer().jusqu_a("en_instruction") for _ in range(2)]
    un = ecran(bureau=True)
    entrer(un, "chef.543")
    expect(un.page.locator("#affecter")).to_be_disabled()
    for vie in vies:
        _choisir(un, vie.numero)
    un.accessible("demandes choisies")
    un.cliquer("Affecter les 2 demandes choisies")
    un.accessible("à qui affecter")
    un.page.locator("dialog button[type=submit]").click()
    expect(un.page.locator("#affecte-messages .fr-message--error")).to_be_visible()
    un.accessible("agent à choisir")
    # Who controls pièces does not treat these.
    assert "Corinne Traitement" not in un.page.locator("#affecte option").all_inner_texts()
    un.page.select_option("#affecte", label="Agnès Guichet")
    un.page.locator("dialog button[type=submit]").click()
    expect(un.page.locator("[data-avis]")).to_have_text("2 demandes sont affectées à Agnès Guichet.")
    expect(un.page.locator("#affecter")).to_be_disabled()
    un.accessible("demandes affectées")
    for vie in vies:
        assert vie.agent.dossier(vie.id)["demande"]["agent"]["de_moi"] is True


def test_ce_qui_ne_peut_plus_etre_affecte_est_dit_et_le_reste_l_est(ecran: Any, url: str) -> None:
    vies = [Vie(url).confirmer().jusqu_a("en_instruction") for _ in range(2)]
    un = ecran()
    entrer(un, "chef.543")
    for vie in vies:
        _choisir(un, vie.numero)
    vies[0].client.appeler("DELETE", f"/api/demandes/{vies[0].id}")
    un.cliquer("Affecter les 2 demandes choisies")
    un.page.select_option("#affecte", label="Agnès Guichet")
    un.page.locator("dialog button[type=submit]").click()
    expect(un.page.locator("[data-avis] .fr-alert--warning")).to_contain_text(
        "Une demande est affectée à Agnès Guichet."
    )
    expect(un.page.locator("[data-avis] li")).to_contain_text(vies[0].numero)
    un.accessible("une affectation refusée")


def test_une_corbeille_de_noms_hostiles(ecran: Any, url: str) -> None:
    Vie(url).confirmer().jusqu_a("en_instruction")
    for bureau in (True, False):
        un = ecran(bureau=bureau)
        pieger(un, "**/api/instruction/corbeille")
        entrer(un, "chef.543")
        lus_comme_du_texte(un)
        un.accessible("noms hostiles et longs")


def test_un_usager_n_y_a_pas_sa_place(ecran: Any, usager: Usager) -> None:
    un = ecran()
    un.ouvrir("/agent/connexion/")
    un.page.fill("#identifiant", usager.citoyen.identifiant)
    un.page.fill("#mot-de-passe", usager.citoyen.mot_de_passe)
    un.page.locator("#connexion button[type=submit]").click()
    un.page.get_by_text("Votre compte est celui d'un usager").wait_for()
    assert un.page.evaluate("localStorage.getItem('session-agent')") is None
    un.accessible("compte d'usager refusé")


def test_le_menu_et_les_pages_suivent_le_role(ecran: Any) -> None:
    un = ecran(bureau=True)
    un.ouvrir("/agent/raccourcis/")
    expect(un.page.locator("nav#navigation a:visible")).to_have_count(0)
    entrer(un, "agent.543")
    assert un.page.locator("nav#navigation").get_by_text("Mon équipe").is_hidden()
    un.ouvrir("/agent/equipe/")
    un.page.get_by_text("Votre rôle ne permet pas").wait_for()
    un.accessible("page réservée")
