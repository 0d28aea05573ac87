"""Logs and metrics of every function, with the correlation id that follows a request to its last notification.

Never the identity of a person: log ids, codes, counts and durations only, never a body, a name or an address.
"""

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

journal_technique = Logger(service="permis", log_uncaught_exceptions=False)
metriques = Metrics(namespace="Permis", service="permis")


def compter(nom: str, valeur: float = 1) -> None:
    """Add ``valeur`` to the counter ``nom`` of this invocation; written when the function's handler ends."""
    metriques.add_metric(name=nom, unit=MetricUnit.Count, value=valeur)


def publier_metriques() -> None:
    """Write the counters of this invocation as one EMF line, then forget them."""
    if metriques.metric_set:
        metriques.flush_metrics()


def suivre(correlation_id: str) -> None:
    """Give every further log line of this invocation its correlation id."""
    journal_technique.set_correlation_id(correlation_id)


def nature(panne: BaseException) -> str:
    """What kind of failure it is: its type and, of an AWS answer, the operation and the code; never its message."""
    reponse = getattr(panne, "response", None)
    code = reponse.get("Error", {}).get("Code") if isinstance(reponse, dict) else None
    operation = getattr(panne, "operation_name", None)
    return f"{type(panne).__name__} {operation} {code}" if code else type(panne).__name__
