"""Where a test of the agents' site begins: an agent who signed in by the page."""

from typing import Any

from demo.guichet import MOT_DE_PASSE_LOCAL


def entrer(ecran: Any, identifiant: str, mot_de_passe: str = MOT_DE_PASSE_LOCAL) -> None:
    """Sign in, and wait for the page that follows."""
    ecran.ouvrir("/agent/connexion/")
    ecran.page.fill("#identifiant", identifiant)
    ecran.page.fill("#mot-de-passe", mot_de_passe)
    ecran.page.locator("#connexion button[type=submit]").click()
    ecran.page.wait_for_url("**/agent/")
    ecran.prete()
