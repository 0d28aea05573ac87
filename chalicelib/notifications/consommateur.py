"""The one consumer of the streams: what was written in the journal or on an account is told to the rest of the house.

It starts the state machine of a deposited demande, tells it of what it waits for, and publishes each event on the bus,
once however often delivered.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aws_lambda_powertools.utilities.batch import EventType
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord, DynamoDBRecordEventName
from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, idempotent_function
from aws_lambda_powertools.utilities.typing import LambdaContext
from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.evenements import (
    PREFIXE_EVENEMENT_DE_COMPTE,
    EvenementIllisible,
    EvenementPublie,
    evenement_du_compte,
    evenement_du_journal,
)
from chalicelib.demande.machine import point
from chalicelib.demande.ports import Demandes
from chalicelib.demande.ports_machine import Machine, Reprises
from chalicelib.demande.ports_notifications import Bus
from chalicelib.demande.signaux import signaler
from chalicelib.demande.vie import SIGNALES
from chalicelib.fonctions import Fonction
from chalicelib.notifications.lots import traiter_lot
from chalicelib.observabilite import compter, journal_technique, suivre
from chalicelib.settings import duree_du_jour

bp = Blueprint(__name__)

FONCTION = Fonction(
    droits={
        "table:demandes": ("GetItem", "UpdateItem"),
        "table:idempotence": ("DeleteItem", "GetItem", "PutItem", "UpdateItem"),
        "topic:evenements": ("Publish",),
        "machine:demande": ("StartExecution", "SendTaskSuccess"),
    },
    delai=30,
)

# A stream keeps a record one day; a replay of its dead letters comes later and is caught by the senders' own records.
SOUVENIR_S = 3 * 24 * 3600


class LotIncomplet(Exception):
    """Some records of the batch failed: the stream must deliver the batch again."""


@dataclass(frozen=True)
class Liens:
    """What the consumer speaks to."""

    demandes: Demandes
    reprises: Reprises
    machine: Machine
    bus: Bus
    jour_s: float


def diffuser(evenement: EvenementPublie, numero: str | None, liens: Liens, maintenant: datetime) -> None:
    """Start or signal what the event starts or ends, then publish it.

    Raises ``EvenementIllisible`` on a deposit without its numéro.
    """
    if evenement.type == "DemandeDeposee" and numero is None:
        raise EvenementIllisible("dépôt sans numéro")
    if evenement.type in SIGNALES and evenement.demande_id is not None and numero is not None:
        _faire_suivre(evenement, evenement.demande_id, liens, maintenant)
    liens.bus.publier(evenement)
    compter("evenements_publies")
    journal_technique.info("evenement publie", extra={"type": evenement.type, "evenement_id": evenement.evenement_id})


def _faire_suivre(evenement: EvenementPublie, demande_id: str, liens: Liens, maintenant: datetime) -> None:
    demande = liens.demandes.lire(demande_id)
    if evenement.type == "DemandeDeposee":
        depart = point(demande, maintenant, liens.jour_s)
        demarree = liens.machine.demarrer(demande, depart, evenement.correlation_id)
        compter("machines_demarrees" if demarree else "machines_deja_demarrees")
        return
    effet = signaler(demande, liens.demandes, liens.reprises, liens.machine, maintenant, liens.jour_s)
    compter(f"signaux_{effet}")
    if effet == "perime":
        # Not an error to deliver again: the mark left on the demande is for the reconciler.
        journal_technique.warning("signal perime", extra={"demande_id": demande_id, "type": evenement.type})


def evenement_de(element: dict[str, Any]) -> EvenementPublie | None:
    """The event told by an item inserted in the journal or in the accounts' table; None when it tells none."""
    if "rang" in element:
        return evenement_du_journal(element)
    if str(element.get("element", "")).startswith(PREFIXE_EVENEMENT_DE_COMPTE):
        return evenement_du_compte(element)
    return None


@bp.lambda_function(name="consommateur")
def consommateur(lot: dict[str, Any], contexte: Any) -> dict[str, Any]:
    """Handle a batch of a stream; raises ``LotIncomplet`` so that the stream delivers again, in order, what failed."""
    reponse = traiter_lot(lot, contexte, EventType.DynamoDBStreams, _un)
    if reponse["batchItemFailures"]:
        # Raised rather than answered: the whole batch comes again, and what already passed is recognised.
        raise LotIncomplet(f"{len(reponse['batchItemFailures'])} enregistrement(s) en échec")
    return reponse


class _SansVerrou(LambdaContext):
    """Told to Powertools in the place of Lambda's context: a run that died holds nothing.

    A shard is handed to one run at a time. A record held for a dead one, until the time it had left, could spend in
    the meanwhile the few tries that the stream gives it.
    """

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 0


_CONFIGURATION = IdempotencyConfig(
    event_key_jmespath="evenement_id",
    raise_on_no_idempotency_key=True,
    expires_after_seconds=SOUVENIR_S,
    lambda_context=_SansVerrou(),
)


def _un(enregistrement: DynamoDBRecord) -> None:
    if enregistrement.event_name is not DynamoDBRecordEventName.INSERT or enregistrement.dynamodb is None:
        return
    element = enregistrement.dynamodb.new_image
    evenement = evenement_de(element)
    if evenement is None:
        return
    suivre(evenement.correlation_id)
    _une_fois()(evenement=evenement.model_dump(), numero=element.get("numero"))


def _une_fois() -> Callable[..., None]:
    """``diffuser`` behind Powertools Idempotency: a record delivered again is not published again."""

    def diffuser_une_fois(evenement: dict[str, Any], numero: str | None) -> None:
        liens = Liens(wiring.demandes(), wiring.reprises(), wiring.machine(), wiring.bus(), duree_du_jour())
        diffuser(EvenementPublie.model_validate(evenement), numero, liens, wiring.horloge())

    fonction: Callable[..., None] = idempotent_function(
        diffuser_une_fois,
        data_keyword_argument="evenement",
        persistence_store=wiring.idempotence(),
        config=_CONFIGURATION,
    )
    return fonction
