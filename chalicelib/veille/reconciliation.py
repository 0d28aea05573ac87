"""Scheduled: repair what a crash left between a write and what should have followed (DESIGN §5).

Two marks are looked at, and no demande that has none. A signal that nobody heard stays in the sparse index
``par_veille`` until the execution that follows the demande knows of it. An execution that died stays in the list of
Step Functions: another generation takes the demande where it is. What expires by itself needs no repair: a lease is
over when its instant has passed, a draft's stamp is freed when the draft closes.

It may stop anywhere and run twice: each write is conditional, each start is named.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.erreurs import ConflitDeVersion, DemandeInconnue
from chalicelib.demande.machine import a_commander, point
from chalicelib.demande.modeles import Demande
from chalicelib.demande.ports import Demandes
from chalicelib.demande.ports_machine import Echec, Machine, Reprises
from chalicelib.demande.signaux import signaler
from chalicelib.demande.statuts import FINALS
from chalicelib.demande.vie import SIGNAL
from chalicelib.fonctions import Fonction
from chalicelib.observabilite import compter, journal_technique, nature, publier_metriques, suivre
from chalicelib.settings import duree_du_jour

bp = Blueprint(__name__)

FONCTION = Fonction(
    droits={
        "table:demandes": ("GetItem", "UpdateItem"),
        "table:demandes/index/par_veille": ("Query",),
        "table:demandes/index/par_numero": ("Query",),
        "machine:demande": ("ListExecutions", "SendTaskSuccess", "StartExecution"),
        "machine:demande/executions": ("DescribeExecution",),
    },
    delai=60,
)

LOT = 200
MARGE_MS = 5_000

PATIENCE = timedelta(seconds=10)
"""How long the stream's consumer is left to give a signal before it is given again."""

RECUL = timedelta(minutes=5)
"""The list of executions may be late: the last minutes are looked at again."""

ORIGINE = datetime(2016, 1, 1, tzinfo=UTC)


class ReconciliationIncomplete(Exception):
    """Some demandes could not be looked at: the rest was, and these come first at the next run."""


@dataclass(frozen=True)
class Liens:
    """What the reconciler speaks to."""

    demandes: Demandes
    reprises: Reprises
    machine: Machine
    jour_s: float


def reconcilier(
    liens: Liens, maintenant: datetime, nouvel_id: Callable[[], str], encore: Callable[[], bool] = lambda: True
) -> Counter[str]:
    """Repair what is due at ``maintenant``, while ``encore()`` says so.

    Answers how many executions were ``demarrees`` or ``remplacees``, how many signals were ``entendus`` or
    ``annonces`` (seen at the next wait) or already ``sus``, how many demandes were in ``conflits`` or ``erreurs``.
    """
    comptes: Counter[str] = Counter()
    # The signals first, which are bounded: demandes that die again and again must not hold them up.
    for demande_id in liens.demandes.signaux_en_attente(maintenant - PATIENCE, LOT):
        if not encore():
            break
        _sans_arreter(partial(_redire, liens, demande_id, maintenant, nouvel_id()), comptes)
    _rendre_les_morts(liens, maintenant, nouvel_id, encore, comptes)
    return comptes


def _rendre_les_morts(
    liens: Liens,
    maintenant: datetime,
    nouvel_id: Callable[[], str],
    encore: Callable[[], bool],
    comptes: Counter[str],
) -> None:
    """Have each execution that died replaced; the mark stays before the first that could not be looked at."""
    vus = jusqua = liens.reprises.repere() or ORIGINE
    tous = True
    for echec in liens.machine.echouees(vus):
        if not encore():
            tous = False
            break
        _sans_arreter(partial(_remplacer_si_suivie, liens, echec, maintenant, nouvel_id()), comptes)
        tous = not comptes["erreurs"]
        if tous:
            jusqua = echec.le
    jusqua = max(maintenant - RECUL, vus) if tous else jusqua
    if jusqua > vus:
        liens.reprises.noter_repere(jusqua)


def _sans_arreter(reparer: Callable[[], str | None], comptes: Counter[str]) -> None:
    try:
        fait = reparer()
        if fait is not None:
            comptes[fait] += 1
    except (ConflitDeVersion, DemandeInconnue):
        # Somebody wrote while we looked: what he wrote has its own signal.
        comptes["conflits"] += 1
    except Exception as panne:
        # One demande must not hold up the others.
        comptes["erreurs"] += 1
        journal_technique.error("reconciliation en echec", extra={"erreur": nature(panne)})


def _remplacer_si_suivie(liens: Liens, echec: Echec, maintenant: datetime, correlation_id: str) -> str | None:
    demande = liens.demandes.lire_par_numero(echec.numero)
    if demande.generation != echec.generation or demande.statut in FINALS:
        return None
    return _remplacer(liens, demande, maintenant, correlation_id)


def _redire(liens: Liens, demande_id: str, maintenant: datetime, correlation_id: str) -> str:
    demande = liens.demandes.lire(demande_id)
    if demande.veille != SIGNAL:
        return "sus"
    match liens.machine.etat(demande):
        case "inconnue":
            return _demarrer(liens, demande, maintenant, correlation_id)
        case "en_cours":
            return _signaler(liens, demande, maintenant)
        case _ if demande.statut in FINALS:
            liens.demandes.signal_entendu(demande)
            return "sus"
        case _:
            return _remplacer(liens, demande, maintenant, correlation_id)


def _signaler(liens: Liens, demande: Demande, maintenant: datetime) -> str:
    effet = signaler(demande, liens.demandes, liens.reprises, liens.machine, maintenant, liens.jour_s)
    if effet == "annonce" and liens.reprises.lire(demande.id).sait(demande):
        liens.demandes.signal_entendu(demande)
        return "sus"
    if effet == "entendu" and a_commander(demande):
        # What it was looked at for is done: the order has its own tries.
        liens.demandes.signal_entendu(demande)
    return {"entendu": "entendus", "annonce": "annonces", "perime": "perimes"}[effet]


def _remplacer(liens: Liens, demande: Demande, maintenant: datetime, correlation_id: str) -> str:
    suivante = liens.demandes.changer_de_generation(demande, maintenant)
    _demarrer(liens, suivante, maintenant, correlation_id)
    return "remplacees"


def _demarrer(liens: Liens, demande: Demande, maintenant: datetime, correlation_id: str) -> str:
    suivre(correlation_id)
    liens.machine.demarrer(demande, point(demande, maintenant, liens.jour_s), correlation_id)
    journal_technique.info("execution demarree", extra={"demande_id": demande.id, "generation": demande.generation})
    return "demarrees"


@bp.lambda_function(name="reconciliation")
def tache(evenement: dict[str, Any], contexte: Any) -> dict[str, int]:
    """One run of the schedule; answers the counts. Raises ``ReconciliationIncomplete`` when some demandes failed."""
    try:
        liens = Liens(wiring.demandes(), wiring.reprises(), wiring.machine(), duree_du_jour())
        comptes = reconcilier(
            liens, wiring.horloge(), wiring.nouvel_id, lambda: contexte.get_remaining_time_in_millis() > MARGE_MS
        )
        for nom, nombre in comptes.items():
            compter(f"reconciliation_{nom}", nombre)
        journal_technique.info("reconciliation", extra={"comptes": dict(comptes)})
        if comptes["erreurs"]:
            raise ReconciliationIncomplete(f"{comptes['erreurs']} demande(s) en échec")
        return dict(comptes)
    finally:
        publier_metriques()
