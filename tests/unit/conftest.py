"""What unit tests find in the environment."""

import pytest


@pytest.fixture(autouse=True)
def _site(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the documents that we issue say that they can be verified."""
    monkeypatch.setenv("URL_SITE", "https://permis.invalid")
