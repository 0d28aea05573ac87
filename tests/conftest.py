"""Fixtures of every tier. Unit tests may not open a socket: what needs one belongs to another tier."""

from pathlib import Path

import pytest
from pytest_socket import disable_socket, enable_socket

from tests.runtime import runtime

__all__ = ["runtime"]

UNITAIRES = Path(__file__).parent / "unit"


@pytest.fixture(autouse=True)
def _sans_reseau(request: pytest.FixtureRequest):
    if UNITAIRES not in request.path.parents:
        yield
        return
    # Unix sockets are asyncio's own, and stay inside the process.
    disable_socket(allow_unix_socket=True)
    yield
    enable_socket()
