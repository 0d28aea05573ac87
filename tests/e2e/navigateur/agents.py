"""Where a test of the agents' site begins: an agent who signed in by the page, names that would do harm elsewhere."""

from typing import Any

from playwright.sync_api import Route, expect

from demo.guichet import MOT_DE_PASSE_LOCAL

HOSTILE = '<img src="x" onerror="window.pirate = 1">{{ 7 * 7 }}'
LONG = "Wolfeschlegelsteinhausenbergerdorff" * 3
NOMS = frozenset({"nom", "prenom", "detenue_par", "agent_nom", "par_nom", "identifiant", "nom_fichier"})


def entrer(ecran: Any, identifiant: str, mot_de_passe: str = MOT_DE_PASSE_LOCAL) -> None:
    """Sign in, and wait for the page that follows."""
    ecran.ouvrir("/agent/connexion/")
    ecran.page.fill("#identifiant", identifiant)
    ecran.page.fill("#mot-de-passe", mot_de_passe)
    ecran.page.locator("#connexion button[type=submit]").click()
    ecran.page.wait_for_url("**/agent/")
    ecran.prete()


def pieger(ecran: Any, chemin: str) -> None:
    """From now on, every name in the answers of ``chemin`` is hostile, and longer than a column.

    The API refuses to take such names: the pages must not rely on it.
    """

    def repondre(route: Route) -> None:
        reponse = route.fetch()
        route.fulfill(response=reponse, json=_avec_des_noms_hostiles(reponse.json()))

    ecran.page.route(chemin, repondre)


def _avec_des_noms_hostiles(corps: Any) -> Any:
    if isinstance(corps, list):
        return [_avec_des_noms_hostiles(un) for un in corps]
    if not isinstance(corps, dict):
        return corps
    return {
        cle: f"{HOSTILE} {LONG}" if cle in NOMS and isinstance(valeur, str) else _avec_des_noms_hostiles(valeur)
        for cle, valeur in corps.items()
    }


def lus_comme_du_texte(ecran: Any) -> None:
    """The hostile names are on the page, as they are written and as nothing else."""
    expect(ecran.page.locator("main").get_by_text(HOSTILE).first).to_be_visible()
    assert ecran.page.locator("img[src=x]").count() == 0
    assert ecran.page.evaluate("window.pirate") is None
