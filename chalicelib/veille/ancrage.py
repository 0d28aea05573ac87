"""Scheduled: anchor the heads of the chains that grew, where nobody can change them.

Each event of the journal comes here from the stream through the bus, with the digest that its entry had when it was
written: nothing is read in the tables, so that what was falsified since is not what is anchored. A run takes what
waits, the last head of each demande only; it may stop anywhere and run twice: an anchor is written once, and what was
not confirmed comes back (docs/decisions/ancrage-du-journal.md).
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.evenements import EvenementIllisible, lire_evenement
from chalicelib.demande.ports_journal import Ancres, MessageDeTete, TetesEnAttente
from chalicelib.demande.verification import Ancre
from chalicelib.fonctions import Fonction
from chalicelib.observabilite import compter, journal_technique, publier_metriques, suivre

bp = Blueprint(__name__)

FONCTION = Fonction(
    droits={"queue:ancrage": ("ReceiveMessage", "DeleteMessage"), "bucket:ancres/*": ("PutObject",)},
    delai=300,
)

LOT = 500
MARGE_MS = 30_000


def ancrer(tetes: TetesEnAttente, ancres: Ancres, encore: Callable[[], bool] = lambda: True) -> Counter[str]:
    """Anchor what waits, lot by lot, while ``encore()`` says so.

    Answers how many heads were ``ancrees``, or were ``deja`` (anchored before), and how many messages were
    ``illisibles``: those are left for the dead letters.
    """
    comptes: Counter[str] = Counter()
    while encore():
        recus = _lot(tetes)
        if not recus:
            break
        derniers: dict[str, Ancre] = {}
        lus: list[MessageDeTete] = []
        for recu in recus:
            try:
                evenement = lire_evenement(recu.texte)
            except EvenementIllisible:
                comptes["illisibles"] += 1
                continue
            lus.append(recu)
            if evenement.demande_id is None or evenement.rang is None or evenement.empreinte is None:
                continue
            if evenement.demande_id not in derniers or derniers[evenement.demande_id].rang < evenement.rang:
                derniers[evenement.demande_id] = Ancre(evenement.demande_id, evenement.rang, evenement.empreinte)
        neuves = ancres.ancrer(list(derniers.values()))
        tetes.confirmer(lus)
        comptes["ancrees"] += neuves
        comptes["deja"] += len(derniers) - neuves
    return +comptes


def _lot(tetes: TetesEnAttente) -> list[MessageDeTete]:
    recus: list[MessageDeTete] = []
    while len(recus) < LOT and (suite := tetes.recevoir()):
        recus += suite
    return recus


@bp.lambda_function(name="ancrage")
def tache(evenement: dict[str, Any], contexte: Any) -> dict[str, int]:
    """One run of the schedule; answers the counts."""
    suivre(wiring.nouvel_id())
    try:
        comptes = ancrer(
            wiring.tetes_en_attente(),
            wiring.ancres(),
            lambda: contexte.get_remaining_time_in_millis() > MARGE_MS,
        )
        for nom, nombre in comptes.items():
            compter(f"ancrage_{nom}", nombre)
        if comptes["illisibles"]:
            journal_technique.error("messages illisibles a ancrer", extra={"nombre": comptes["illisibles"]})
        journal_technique.info("ancrage du journal", extra={"comptes": dict(comptes)})
        return dict(comptes)
    finally:
        publier_metriques()
