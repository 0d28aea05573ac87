"""What ``infra/empaqueter.py`` built from these sources, for the tests that read it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from chalicelib.adapters import clients
from infra.local.runtime import RACINE
from tests.appel import REGION


@pytest.fixture(scope="session")
def construit() -> None:
    """``build/`` is up to date."""
    subprocess.run([sys.executable, "-m", "infra.empaqueter"], cwd=RACINE, check=True, timeout=900)


@pytest.fixture(scope="session")
def modele(construit: None) -> dict[str, Any]:
    """The expanded template, as it is deployed."""
    return dict(json.loads((RACINE / "build" / "modele.json").read_text()))


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """AWS itself (moto), as far as boto3 can tell: no endpoint of our own."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("PERMIS_CLIENTS", raising=False)
    for nom, valeur in {"DEFAULT_REGION": REGION, "ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test"}.items():
        monkeypatch.setenv(f"AWS_{nom}", valeur)
    for cache in (clients.client, clients.session):
        cache.cache_clear()
    with mock_aws():
        yield
    for cache in (clients.client, clients.session):
        cache.cache_clear()
