"""The whole local service for tests: what ``make run`` starts, on free ports, with a state of its own.

``runtime`` is one for the session: emulator with our corrections, the template deployed, the front door. A test that
breaks something (a role, the emulator itself) puts it back, or starts its own with ``lancer``.
"""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from infra.local.runtime import Reglages, Runtime, client_aws


class ServiceDEssai(Runtime):
    """A running service, and what tests ask of it."""

    @property
    def url(self) -> str:
        """The front door: site, API under ``/api``, ``/depot``, ``/dev``."""
        return self.reglages.site

    @property
    def api(self) -> str:
        """The deployed API Gateway stage itself, without the front door."""
        return f"{self.reglages.emulateur}/restapis/{self.sorties['ApiId']}/api/_user_request_"

    def client(self, service: str) -> Any:
        """A boto3 client with the account's own rights."""
        return client_aws(self.reglages, service)

    def secret(self, nom: str) -> str:
        """One of the keys of this deployment, as ``CLE_PARTENAIRE``."""
        cles = json.loads((self.reglages.etat / "secrets.json").read_text())
        return str(cles["".join(mot.capitalize() for mot in nom.split("_"))])


def port_libre() -> int:
    """A port of the loopback that nobody uses now."""
    with socket.socket() as essai:
        essai.bind(("127.0.0.1", 0))
        return int(essai.getsockname()[1])


def service(etat: Path, jour: str = "", **variables: str) -> ServiceDEssai:
    """A service that is not started yet; simulators wait to be told (``PERMIS_SIMULATEURS=manuel``).

    ``jour``: how many seconds a legal day lasts there ("" for a real one).
    """
    choix = {"PERMIS_SIMULATEURS": "manuel", **variables}
    reglages = Reglages(etat, port_libre(), port_libre(), jour, variables=choix)
    return ServiceDEssai(reglages, lambda ligne: print(ligne))


@contextmanager
def lancer(etat: Path, jour: str = "", **variables: str) -> Iterator[ServiceDEssai]:
    """Start a service of its own, end it afterwards."""
    with service(etat, jour, **variables) as lance:
        yield lance


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceDEssai]:
    """The session's service."""
    with lancer(tmp_path_factory.mktemp("service")) as lance:
        yield lance
