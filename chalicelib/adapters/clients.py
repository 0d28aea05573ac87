"""AWS clients, made when first needed and once per process.

``AWS_ENDPOINT_URL`` (read by boto3 itself) points them at an emulator. With ``PERMIS_CLIENTS=localstack`` they are
built by localstack-client, which finds LocalStack from its own variable (``LOCALSTACK_HOST``, ``host:port``).
"""

import functools
import os
from typing import Any

from botocore.config import Config

# A Lambda must not wait longer than its caller: two short tries, then a clear 503.
_CONFIG = Config(connect_timeout=2, read_timeout=8, retries={"mode": "standard", "total_max_attempts": 3})


@functools.cache
def session() -> Any:
    """The boto3 session of this process (localstack-client's when local mode is asked for by name)."""
    if os.environ.get("PERMIS_CLIENTS") == "localstack":
        from localstack_client.session import Session

        return Session()
    import boto3

    return boto3.session.Session()


@functools.cache
def client(service: str) -> Any:
    """The client of ``service`` (``dynamodb``, ``s3``, ``stepfunctions``, ``sns``, ``sqs``, ``ses``)."""
    config = _CONFIG
    if service == "s3" and not os.environ.get("AWS_ENDPOINT_URL") and os.environ.get("PERMIS_CLIENTS") != "localstack":
        # Presigned addresses name the bucket's own region: the global one answers a redirection, which no form follows,
        # and some regions would sign in a version that new buckets refuse.
        config = _CONFIG.merge(Config(signature_version="s3v4", s3={"addressing_style": "virtual"}))
    return session().client(service, config=config)
