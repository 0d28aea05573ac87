"""Unit tests reach nothing outside."""

import pytest
from pytest_socket import disable_socket, enable_socket


@pytest.fixture(autouse=True)
def sans_reseau():
    disable_socket()
    yield
    enable_socket()


@pytest.fixture(autouse=True)
def _site(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the documents that we issue say that they can be verified."""
    monkeypatch.setenv("URL_SITE", "https://permis.invalid")
