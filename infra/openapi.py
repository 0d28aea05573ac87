"""The OpenAPI 3.1 document, made from the routes and their pydantic models, and its drift check.

``python -m infra.openapi`` writes ``chalicelib/referentiel/openapi.json``, which GET /api/openapi.json serves;
``--verifier`` only compares, and fails when the committed document is not what the code says.
"""

import importlib
import json
import re
import sys
from http import HTTPStatus
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

DOCUMENT = Path(__file__).parents[1] / "chalicelib" / "referentiel" / "openapi.json"
REFERENCE = "#/components/schemas/{model}"

PROBLEME = {
    "type": "object",
    "description": "Problème (RFC 9457). « detail » est une phrase pour la personne.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "statut": {"type": "string", "description": "409 : le statut actuel de la demande."},
        "version": {"type": "integer", "description": "412 : la version actuelle de la demande."},
        "erreurs": {
            "type": "array",
            "description": "422 : chaque champ à corriger.",
            "items": {
                "type": "object",
                "required": ["champ", "message"],
                "properties": {"champ": {"type": "string"}, "message": {"type": "string"}},
            },
        },
        "manques": {
            "type": "array",
            "description": "409 : ce qui manque, étape par étape.",
            "items": {
                "type": "object",
                "required": ["etape", "message"],
                "properties": {
                    "etape": {"type": "string"},
                    "champ": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
EN_TETES = {
    "If-Match": "Version attendue de la demande, entre guillemets : périmée, la réponse est 412.",
    "X-Permis-Signature": "t=<unix>,v1=<HMAC-SHA256 hexadécimal de « t.corps »>, de moins de cinq minutes.",
    "Idempotency-Key": "La même clé donne la même réponse, une seule fois.",
}
REQUIS = {"X-Permis-Signature"}
AVEC_CLE = {
    ("POST", "/comptes"),
    ("POST", "/demandes/{id}/paiement"),
    ("POST", "/demandes/{id}/confirmation"),
    ("POST", "/demandes/{id}/messages"),
    ("POST", "/instruction/demandes/{id}/messages"),
    ("POST", "/instruction/demandes/{id}/notes"),
}


class _Schemas(GenerateJsonSchema):
    """Schemas under ``components``, without the titles that only repeat the field's name."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


class _Collecte:
    """The schemas met while describing the routes."""

    def __init__(self) -> None:
        self.schemas: dict[str, Any] = {"Probleme": PROBLEME}

    def reference(self, type_: Any, mode: str) -> dict[str, Any]:
        schema = TypeAdapter(type_).json_schema(
            ref_template=REFERENCE,
            schema_generator=_Schemas,
            mode="validation" if mode == "validation" else "serialization",
        )
        self.schemas.update(schema.pop("$defs", {}))
        nom = getattr(type_, "__name__", None)
        if schema.get("type") == "object" and nom and "[" not in str(type_):
            self.schemas[nom] = schema
            return {"$ref": REFERENCE.format(model=nom)}
        return schema


def _probleme(statut: int) -> dict[str, Any]:
    return {
        "description": HTTPStatus(statut).phrase,
        "content": {"application/problem+json": {"schema": {"$ref": REFERENCE.format(model="Probleme")}}},
    }


def _parametres(route: Any, collecte: _Collecte) -> list[dict[str, Any]]:
    parametres = [
        {"name": nom, "in": "path", "required": True, "schema": {"type": "string"}}
        for nom in re.findall(r"{(\w+)}", route.chemin)
    ]
    if route.requete is not None:
        schema = TypeAdapter(route.requete).json_schema(ref_template=REFERENCE, schema_generator=_Schemas)
        for nom, champ in schema["properties"].items():
            requis = nom in schema.get("required", [])
            parametres.append({"name": nom, "in": "query", "required": requis, "schema": champ})
    en_tetes = []
    if 412 in route.erreurs and route.methode != "GET" and route.chemin.startswith(("/demandes", "/instruction")):
        en_tetes.append("If-Match")
    if (route.methode, route.chemin) in AVEC_CLE:
        en_tetes.append("Idempotency-Key")
    if route.corps_brut:
        en_tetes.append("X-Permis-Signature")
    parametres += [
        {
            "name": nom,
            "in": "header",
            "required": nom in REQUIS,
            "description": EN_TETES[nom],
            "schema": {"type": "string"},
        }
        for nom in en_tetes
    ]
    return parametres


def _operation(route: Any, collecte: _Collecte) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": route.resume,
        "operationId": re.sub(r"\W+", "_", f"{route.methode.lower()}{route.chemin}").strip("_"),
        "tags": [route.chemin.split("/")[1]],
        "x-roles": list(route.qui),
        "security": [{"jeton": []}] if route.qui else [],
        "parameters": _parametres(route, collecte),
        "responses": {},
    }
    if route.saisie is not None:
        corps = collecte.reference(route.saisie, "validation")
        requis = not importlib.import_module("chalicelib.http").corps_facultatif(route.methode, route.saisie)
        operation["requestBody"] = {"required": requis, "content": {"application/json": {"schema": corps}}}
    reussite: dict[str, Any] = {"description": HTTPStatus(route.statut).phrase}
    if route.reponse is not None:
        schema = collecte.reference(route.reponse, "serialization")
        reussite["content"] = {"application/json": {"schema": schema}}
    operation["responses"][str(route.statut)] = reussite
    erreurs = set(route.erreurs)
    if route.qui:
        erreurs |= {401, 403}
    if route.saisie is not None or route.requete is not None or route.corps_brut or 412 in erreurs:
        erreurs |= {422}
    if route.saisie is not None or route.corps_brut:
        erreurs |= {413, 415}
    for statut in sorted(erreurs | {429, 500}):
        # Another success (nothing to give) is no problem.
        autre = {"description": HTTPStatus(statut).phrase}
        operation["responses"][str(statut)] = autre if statut < 400 else _probleme(statut)
    return operation


def document() -> dict[str, Any]:
    """The whole contract, routes in order of path and method."""
    application = importlib.import_module("app")
    routes = importlib.import_module("chalicelib.http").ROUTES
    assert application.app is not None
    collecte = _Collecte()
    chemins: dict[str, Any] = {}
    for (methode, chemin), route in sorted(routes.items(), key=lambda paire: (paire[0][1], paire[0][0])):
        chemins.setdefault(f"/api{chemin}", {})[methode.lower()] = _operation(route, collecte)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Permis de conduire en ligne",
            "version": "1",
            "description": "Demande de permis de conduire : compte, huit étapes, suivi.",
        },
        "servers": [{"url": "/"}],
        "paths": chemins,
        "components": {
            "schemas": dict(sorted(collecte.schemas.items())),
            "securitySchemes": {"jeton": {"type": "http", "scheme": "bearer"}},
        },
    }


def main() -> int:
    """Write or, with ``--verifier``, compare; 1 when the committed document has drifted."""
    texte = json.dumps(document(), ensure_ascii=False, indent=1, sort_keys=False) + "\n"
    if "--verifier" not in sys.argv[1:]:
        DOCUMENT.write_text(texte, encoding="utf-8")
        return 0
    if not DOCUMENT.exists() or DOCUMENT.read_text(encoding="utf-8") != texte:
        print("openapi.json ne dit plus ce que dit le code : lancez « make openapi » et relisez la différence.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
