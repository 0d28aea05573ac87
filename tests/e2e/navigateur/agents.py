"""Where a test of the agents' site begins: an agent who signed in by the page, what would do harm elsewhere."""

import json
import re
from typing import Any

from playwright.sync_api import Route, expect

from demo.guichet import MOT_DE_PASSE_LOCAL, Guichet

# Markup, a template's braces, and a sign that turns the reading order round; then a word longer than any column.
HOSTILE = '"><script>window.pirate = 1</script><img src="x" onerror="window.pirate = 1">{{ 7 * 7 }}\u202egnp.exe'
LONG = "Wolfeschlegelsteinhausenbergerdorff" * 3
ECRITS = re.compile(
    "(nom|prenoms?)(_(naissance|usage|epouse|fichier))?|(auteur|agent|par)(_nom)?|detenue_par|identifiant|email|telephone"
)
"""Names and the like, as the API's answers call them."""


def entrer(ecran: Any, identifiant: str, mot_de_passe: str = MOT_DE_PASSE_LOCAL) -> None:
    """Sign in, and wait for the page that follows."""
    ecran.ouvrir("/agent/connexion/")
    ecran.page.fill("#identifiant", identifiant)
    ecran.page.fill("#mot-de-passe", mot_de_passe)
    ecran.page.locator("#connexion button[type=submit]").click()
    ecran.page.wait_for_url("**/agent/")
    ecran.prete()


def signer_agent(ecran: Any, url: str, identifiant: str, **dit: str) -> None:
    """Have the browser hold a session of this agent, as the sign-in page leaves it; ``dit`` is said in its place."""
    session = Guichet(url).ouvrir_session(identifiant, MOT_DE_PASSE_LOCAL)
    tenue = json.dumps(session | {"identifiant": identifiant} | dit)
    ecran.page.add_init_script(f"localStorage.setItem('session-agent', {json.dumps(tenue)})")


def pieger(ecran: Any, chemin: str) -> None:
    """From now on, whatever people typed is hostile in the answers of ``chemin``, and longer than a column.

    The API refuses to take such names: the pages must not rely on it.
    """

    def repondre(route: Route) -> None:
        reponse = route.fetch()
        corps = reponse.body()
        if not corps or "json" not in reponse.headers.get("content-type", ""):
            return route.fulfill(response=reponse)
        route.fulfill(response=reponse, json=_hostile(json.loads(corps)))

    ecran.page.route(chemin, repondre)


def _hostile(corps: Any, ecrit: bool = False) -> Any:
    if isinstance(corps, str) and ecrit:
        return f"{HOSTILE} {LONG}"
    if isinstance(corps, list):
        return [_hostile(un, ecrit) for un in corps]
    if isinstance(corps, dict):
        return {cle: _hostile(valeur, bool(ECRITS.fullmatch(cle))) for cle, valeur in corps.items()}
    return corps


def lus_comme_du_texte(ecran: Any) -> None:
    """The hostile names are on the page, as they are written and as nothing else."""
    expect(ecran.page.locator("main").get_by_text(HOSTILE).first).to_be_visible()
    assert ecran.page.locator("img[src=x]").count() == 0
    assert ecran.page.evaluate("window.pirate") is None
