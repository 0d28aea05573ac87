"""Scheduled: remove the files of the demandes that ended as drafts, withdrawn or closed: nobody may need them any more.

The files first, then the pièces and the mark that asked for it: cut anywhere, the next run does it again. A demande
once deposited keeps its pièces, whatever became of it: they are what was decided on.
"""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.ports import Demandes, Fichiers
from chalicelib.fonctions import Fonction
from chalicelib.observabilite import journal_technique
from chalicelib.veille.passage import tourner

bp = Blueprint(__name__)

FONCTION = Fonction(
    droits={
        "table:demandes": ("Query", "UpdateItem", "DeleteItem"),
        "table:demandes/index/par_veille": ("Query",),
        "bucket:pieces": ("ListBucket",),
        "bucket:pieces/*": ("DeleteObject",),
    },
    delai=300,
)

APRES = timedelta(hours=1)
"""How long after its end a draft is purged: a control that was under way has ended, and wrote what it had to."""


class PurgeIncomplete(Exception):
    """Some files could not be removed: the next run begins with them."""


def purger(
    demandes: Demandes, fichiers: Fichiers, maintenant: datetime, encore: Callable[[], bool] = lambda: True
) -> Counter[str]:
    """Purge what ended before ``APRES``, while ``encore()`` says so; answers how many ``purgees``, in ``erreurs``."""
    comptes: Counter[str] = Counter()
    for demande_id in demandes.a_purger(maintenant - APRES):
        if not encore():
            break
        try:
            fichiers.vider(demande_id)
            demandes.oublier_pieces(demande_id)
            comptes["purgees"] += 1
        except Exception as panne:
            # One demande must not hold up the others.
            comptes["erreurs"] += 1
            journal_technique.error("purge en echec", extra={"demande_id": demande_id, "erreur": type(panne).__name__})
    return comptes


@bp.lambda_function(name="purge")
def tache(evenement: dict[str, Any], contexte: Any) -> dict[str, int]:
    """One run of the schedule; answers the counts. Raises ``PurgeIncomplete`` when some demandes failed."""
    return tourner(
        "purge des brouillons",
        "brouillons",
        contexte,
        partial(purger, wiring.demandes(), wiring.fichiers(), datetime.now(UTC)),
        PurgeIncomplete,
    )
