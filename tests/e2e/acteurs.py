"""Fixtures of the black-box tests (e2e, fuzz): the running service and the people who use it."""

import os
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from demo.client import Client
from demo.parcours import Citoyen
from tests.e2e.outils import compte_neuf


@dataclass(frozen=True)
class Usager:
    """A logged-in client and who it is."""

    client: Client
    citoyen: Citoyen


@pytest.fixture(scope="session")
def url(request: pytest.FixtureRequest) -> str:
    """Where the service runs: ``PERMIS_URL`` when given, else the runtime that the tests start."""
    donnee = os.environ.get("PERMIS_URL")
    return donnee.rstrip("/") if donnee else str(request.getfixturevalue("runtime").url)


@pytest.fixture(scope="session")
def usager(url: str) -> Usager:
    """The citizen that most tests share; its session is never closed."""
    return Usager(*compte_neuf(url))


@pytest.fixture(scope="session")
def autre_usager(url: str) -> Usager:
    """Somebody else."""
    return Usager(*compte_neuf(url))


@pytest.fixture(scope="session")
def client(usager: Usager) -> Client:
    """The client of the shared citizen."""
    return usager.client


@pytest.fixture(scope="session")
def anonyme(url: str) -> Client:
    """A client without a session."""
    return Client(url)


@pytest.fixture(scope="session")
def secret(request: pytest.FixtureRequest) -> Callable[[str], str]:
    """One of the service's keys, by name: known only of the service that the tests start."""
    if "PERMIS_URL" in os.environ:
        pytest.skip("les clés ne sont connues que du service lancé par les tests")
    donner: Callable[[str], str] = request.getfixturevalue("runtime").secret
    return donner
