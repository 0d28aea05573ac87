"""The agents' sign-in and worklist."""

from typing import Any

from tests.e2e.acteurs import Usager
from tests.e2e.navigateur.agents import entrer


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
        un.accessible("corbeille")


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
    entrer(un, "agent.543")
    assert un.page.locator("nav#navigation").get_by_text("Mon équipe").is_hidden()
    un.ouvrir("/agent/equipe/")
    un.page.get_by_text("Votre rôle ne permet pas").wait_for()
    un.accessible("page réservée")
