"""GET /openapi.json: the contract, as generated from the models (``infra/openapi.py``)."""

import functools
import json
from importlib.resources import files
from typing import Any

from chalice import Blueprint

from chalicelib.fonctions import Fonction
from chalicelib.http import PUBLIC, Appel, Reponse, route

bp = Blueprint(__name__)
FONCTION = Fonction()


@functools.cache
def contrat() -> dict[str, Any]:
    """The OpenAPI document of this version of the code."""
    document: dict[str, Any] = json.loads(
        (files("chalicelib.referentiel") / "openapi.json").read_text(encoding="utf-8")
    )
    return document


@route(bp, "GET", "/openapi.json", qui=PUBLIC, reponse=dict[str, Any])
def handler(appel: Appel[None]) -> Reponse:
    """Lire le contrat OpenAPI"""
    return Reponse(contrat(), entetes={"Cache-Control": "public, max-age=300"})
