"""AWS clients, made when first needed and once per process.

``AWS_ENDPOINT_URL`` (read by boto3 itself) points them at an emulator. With ``PERMIS_CLIENTS=localstack`` they are
built by localstack-client, which finds LocalStack from its own variable (``LOCALSTACK_HOST``, ``host:port``).

An outage of AWS (nobody there, no answer in time, throttling, 5xx) is ``ServiceIndisponible`` once the tries are spent,
for every adapter; what a service refuses stays a ``ClientError``.
"""

import functools
import os
from typing import Any

from botocore.config import Config
from botocore.exceptions import ConnectionError as NonJoint
from botocore.exceptions import HTTPClientError

from chalicelib.demande.erreurs import ServiceIndisponible
from chalicelib.temps import reste

CONNEXION_S = 1
LECTURES_S = {"dynamodb": 2, "s3": 4, "stepfunctions": 4, "sns": 4, "sqs": 4, "ses": 4, "kms": 4}
LECTURE_S = 20
"""For what no function calls: the deployment has time."""

ESSAIS = 3
ESSAIS_DE_MAIL = 1
"""A mail whose answer was lost comes back by its queue, after its lease: a second one at once would be a double."""

TRADUITS = frozenset({"dynamodb", "s3", "stepfunctions", "sns", "sqs", "kms"})
"""SES is not there: its adapter tells itself what became of a mail."""

_DEBORDE = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
DETAIL = "Le service est momentanément saturé. Rien n'est perdu : recommencez dans quelques instants."


@functools.cache
def session() -> Any:
    """The boto3 session of this process (localstack-client's when local mode is asked for by name)."""
    if os.environ.get("PERMIS_CLIENTS") == "localstack":
        from localstack_client.session import Session

        return Session()
    import boto3

    return boto3.session.Session()


def essai_s(service: str) -> int:
    """How long one try may wait: a connection, then an answer."""
    return CONNEXION_S + LECTURES_S.get(service, LECTURE_S)


@functools.cache
def client(service: str) -> Any:
    """The client of ``service`` (``dynamodb``, ``s3``, ``stepfunctions``, ``sns``, ``sqs``, ``ses``, ``kms``)."""
    config = Config(
        connect_timeout=CONNEXION_S,
        read_timeout=LECTURES_S.get(service, LECTURE_S),
        retries={"mode": "standard", "total_max_attempts": ESSAIS_DE_MAIL if service == "ses" else ESSAIS},
    )
    if service == "s3" and not os.environ.get("AWS_ENDPOINT_URL") and os.environ.get("PERMIS_CLIENTS") != "localstack":
        # Presigned addresses name the bucket's own region: the global one answers a redirection, which no form follows,
        # and some regions would sign in a version that new buckets refuse.
        config = config.merge(Config(signature_version="s3v4", s3={"addressing_style": "virtual"}))
    fait = session().client(service, config=config)
    if service in TRADUITS:
        _surveiller(fait, service)
    return fait


def _surveiller(client_: Any, service: str) -> None:
    """Start no try that cannot end in the time left, and translate the outages."""

    def avant_chaque_essai(**_: Any) -> None:
        if reste() < essai_s(service):
            raise ServiceIndisponible(DETAIL)

    def sans_reponse(exception: Exception, **_: Any) -> None:
        if isinstance(exception, NonJoint | HTTPClientError):
            raise ServiceIndisponible(DETAIL) from exception

    def en_erreur(http_response: Any, parsed: Any, **_: Any) -> None:
        code = parsed.get("Error", {}).get("Code") if isinstance(parsed, dict) else None
        if http_response.status_code >= 500 or (http_response.status_code >= 300 and code in _DEBORDE):
            raise ServiceIndisponible(DETAIL)

    evenements = client_.meta.events
    evenements.register_first(f"before-send.{client_.meta.service_model.service_id.hyphenize()}", avant_chaque_essai)
    evenements.register("after-call-error", sans_reponse)
    evenements.register("after-call", en_erreur)
