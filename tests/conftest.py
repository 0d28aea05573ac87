"""Fixtures of every tier. Unit tests may not open a socket: what needs one belongs to another tier."""

from pathlib import Path

import pytest
from hypothesis import settings
from pytest_socket import disable_socket, enable_socket

from tests.runtime import runtime

__all__ = ["runtime"]

UNITAIRES = Path(__file__).parent / "unit"

# Times are measured by `make bench`: a busy machine must not make a test fail.
settings.register_profile("sans_duree", deadline=None)
settings.load_profile("sans_duree")


@pytest.fixture(autouse=True)
def _sans_reseau(request: pytest.FixtureRequest):
    if UNITAIRES not in request.path.parents:
        yield
        return
    # Unix sockets are asyncio's own, and stay inside the process.
    disable_socket(allow_unix_socket=True)
    yield
    enable_socket()
