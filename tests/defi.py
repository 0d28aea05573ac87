"""Solve an anti-robot challenge as the site does."""

import base64
import json
from typing import Any

from altcha import v1


def resoudre(defi: dict[str, Any]) -> str:
    """The value of ``anti_robot`` for a challenge given by GET /anti-robot."""
    trouve = v1.solve_challenge(defi["challenge"], defi["salt"], defi["algorithm"], defi["maxnumber"])
    assert trouve is not None
    reponse = {nom: defi[nom] for nom in ("algorithm", "challenge", "salt", "signature")} | {"number": trouve.number}
    return base64.b64encode(json.dumps(reponse).encode()).decode()
