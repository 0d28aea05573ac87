"""Where a browser test begins: a browser already signed in, on a demande made through the API."""

import json
from typing import Any

from demo.client import Demande
from tests.e2e.acteurs import Usager


def signer(ecran: Any, usager: Usager, **dit: str) -> None:
    """Have the browser hold a session of ``usager``, as the sign-in page leaves it; ``dit`` is said in its place."""
    session = usager.client.ouvrir_session(usager.citoyen.identifiant, usager.citoyen.mot_de_passe)
    tenue = json.dumps(session | {"identifiant": usager.citoyen.identifiant} | dit)
    ecran.page.add_init_script(f"localStorage.setItem('session-usager', {json.dumps(tenue)})")


def brouillon(usager: Usager, motif: str = "vol") -> Demande:
    """A draft for ``motif``, nothing filled."""
    return usager.client.creer_demande(motif)
