"""What the functions fed by a queue or a stream share: one record at a time, each failure logged and reported."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

from chalicelib.demande.notifications import EnvoiAReprendre
from chalicelib.observabilite import compter, journal_technique, nature, publier_metriques


def traiter_lot(
    lot: dict[str, Any], contexte: Any, source: EventType, traiter: Callable[[Any], None]
) -> dict[str, Any]:
    """Run ``traiter`` on each record; answers ``batchItemFailures``: the records to deliver again."""

    def un(record: Any) -> None:  # Powertools passes it by this name
        try:
            traiter(record)
        except Exception as panne:
            # The message of any other error may quote an address; that of a carrier's error is its code.
            raison = str(panne) if isinstance(panne, EnvoiAReprendre) else None
            journal_technique.error("echec d'un message", extra={"erreur": nature(panne), "raison": raison})
            compter("messages_en_echec")
            raise

    try:
        processeur = BatchProcessor(event_type=source, raise_on_entire_batch_failure=False)
        return dict(process_partial_response(event=lot, record_handler=un, processor=processeur, context=contexte))
    finally:
        publier_metriques()
