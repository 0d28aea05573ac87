"""Settings of a Lambda function, read once from its environment.

A function only has the variables of its ``FONCTION``; reading one that it was not given is a fault of ours and says
which. Nothing here has a default that could hide a missing deployment parameter, apart from values that are the
law's or the house's own.
"""

import os


class ReglageManquant(RuntimeError):
    """A variable that the deployment should have given is absent."""


def lire(nom: str) -> str:
    """The value of the variable ``nom``; raises ``ReglageManquant`` with its name when it is not set."""
    valeur = os.environ.get(nom)
    if valeur is None:
        raise ReglageManquant(f"variable d'environnement {nom} absente : voir FONCTION dans le module de la fonction")
    return valeur


def duree_du_jour() -> float:
    """How long a legal day lasts, in seconds: 86400, shortened locally by ``PERMIS_JOUR`` to watch deadlines pass."""
    return float(os.environ.get("PERMIS_JOUR") or "86400")
