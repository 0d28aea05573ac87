"""Unit tests reach nothing outside."""

import pytest
from pytest_socket import disable_socket, enable_socket


@pytest.fixture(autouse=True)
def sans_reseau():
    disable_socket()
    yield
    enable_socket()
