"""What the tasks of the state machine share: their input, their output, and how they fail.

Without HTTP: a task raises, and the machine's Retry and Catch match the class of the error. An error that may quote
what somebody typed never leaves: Lambda would log it.
"""

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from chalicelib.demande.machine import Point
from chalicelib.observabilite import compter, journal_technique, publier_metriques, suivre


class DonneesIllisibles(Exception):
    """A stored demande no longer has the shape that the code expects; its values are not told."""


def executer(nom: str, entree: dict[str, Any], tache: Callable[[str, str], Point]) -> dict[str, Any]:
    """Run ``tache(demande_id, correlation_id)`` on the machine's input; answers the ``Point`` that it now knows."""
    demande_id, correlation_id = entree["demande_id"], entree["correlation_id"]
    suivre(correlation_id)
    try:
        point = tache(demande_id, correlation_id)
        compter(f"{nom}_{point.statut}")
        journal_technique.info(nom, extra={"demande_id": demande_id, "statut": point.statut})
        return point.model_dump()
    except ValidationError as erreur:
        lieux = [".".join(map(str, detail["loc"])) for detail in erreur.errors(include_input=False)]
        raise DonneesIllisibles(", ".join(lieux)) from None
    finally:
        publier_metriques()
