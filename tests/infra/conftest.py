"""What ``infra/empaqueter.py`` built from these sources, for the tests that read it."""

import json
import subprocess
import sys
from typing import Any

import pytest

from infra.local.runtime import RACINE


@pytest.fixture(scope="session")
def construit() -> None:
    """``build/`` is up to date."""
    subprocess.run([sys.executable, "-m", "infra.empaqueter"], cwd=RACINE, check=True, timeout=900)


@pytest.fixture(scope="session")
def modele(construit: None) -> dict[str, Any]:
    """The expanded template, as it is deployed."""
    return dict(json.loads((RACINE / "build" / "modele.json").read_text()))
