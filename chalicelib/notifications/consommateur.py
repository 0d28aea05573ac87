"""The one consumer of the streams: what was written in the journal or on an account is told to the rest of the house.

It starts the state machine of a deposited demande and publishes each event on the bus, once however often delivered.
"""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.batch import EventType
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord, DynamoDBRecordEventName
from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, idempotent_function
from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.evenements import (
    PREFIXE_EVENEMENT_DE_COMPTE,
    EvenementIllisible,
    EvenementPublie,
    evenement_du_compte,
    evenement_du_journal,
)
from chalicelib.demande.modeles import Statut
from chalicelib.demande.ports_notifications import Bus, Machine
from chalicelib.fonctions import Fonction
from chalicelib.notifications.lots import traiter_lot
from chalicelib.observabilite import compter, journal_technique, suivre

bp = Blueprint(__name__)

FONCTION = Fonction(
    droits={
        "table:idempotence": ("DeleteItem", "GetItem", "PutItem", "UpdateItem"),
        "topic:evenements": ("Publish",),
        "machine:demande": ("StartExecution",),
    },
    delai=30,
)

PREMIERE_GENERATION = 1
# A stream keeps a record one day; a replay of its dead letters comes later and is caught by the senders' own records.
SOUVENIR_S = 3 * 24 * 3600


class LotIncomplet(Exception):
    """Some records of the batch failed: the stream must deliver the batch again."""


def diffuser(evenement: EvenementPublie, numero: str | None, bus: Bus, machine: Machine) -> None:
    """Start what the event starts, then publish it. Raises ``EvenementIllisible`` on a deposit without its numéro."""
    if evenement.type == "DemandeDeposee":
        if evenement.demande_id is None or numero is None:
            raise EvenementIllisible("dépôt sans numéro")
        demarree = machine.demarrer(
            evenement.demande_id, numero, Statut.DEPOSEE, PREMIERE_GENERATION, evenement.correlation_id
        )
        compter("machines_demarrees" if demarree else "machines_deja_demarrees")
    bus.publier(evenement)
    compter("evenements_publies")
    journal_technique.info("evenement publie", extra={"type": evenement.type, "evenement_id": evenement.evenement_id})


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
    _CONFIGURATION.register_lambda_context(contexte)
    reponse = traiter_lot(lot, contexte, EventType.DynamoDBStreams, _un)
    if reponse["batchItemFailures"]:
        # Raised rather than answered: the whole batch comes again, and what already passed is recognised.
        raise LotIncomplet(f"{len(reponse['batchItemFailures'])} enregistrement(s) en échec")
    return reponse


_CONFIGURATION = IdempotencyConfig(
    event_key_jmespath="evenement_id", raise_on_no_idempotency_key=True, expires_after_seconds=SOUVENIR_S
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
        diffuser(EvenementPublie.model_validate(evenement), numero, wiring.bus(), wiring.machine())

    fonction: Callable[..., None] = idempotent_function(
        diffuser_une_fois,
        data_keyword_argument="evenement",
        persistence_store=wiring.idempotence(),
        config=_CONFIGURATION,
    )
    return fonction
