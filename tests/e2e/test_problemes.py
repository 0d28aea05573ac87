"""What the gateway itself refuses is told as the rest is: a problem document in French."""

import pytest

from demo.client import Client
from tests.e2e.outils import verifier_probleme


@pytest.mark.parametrize(
    "chemin", ["/api/rien", "/api/demandes/x/y/z", "/api/", "/api/motifs/x", "/api/instruction/rien"]
)
def test_une_route_inconnue_est_404(anonyme: Client, chemin: str) -> None:
    verifier_probleme(anonyme.brut("GET", chemin), 404)


@pytest.mark.parametrize("methode", ["PUT", "DELETE", "PATCH", "POST"])
def test_une_methode_imprevue_est_refusee(anonyme: Client, methode: str) -> None:
    verifier_probleme(anonyme.brut(methode, "/api/motifs", {}), 404, 405)


def test_sans_session_la_passerelle_repond_en_francais(anonyme: Client) -> None:
    probleme = verifier_probleme(anonyme.brut("GET", "/api/demandes"), 401)
    assert "connect" in probleme["detail"].lower()


def test_rien_de_personnel_ne_reste_en_cache(client: Client) -> None:
    for chemin in ("/api/comptes/moi", "/api/demandes"):
        assert "no-store" in client.brut("GET", chemin).headers.get("cache-control", "")


def test_le_document_openapi_decrit_les_routes(anonyme: Client) -> None:
    document = anonyme.appeler("GET", "/api/openapi.json")
    assert document["openapi"].startswith("3.1")
    chemins = {chemin.removeprefix("/api") for chemin in document["paths"]}
    assert {"/comptes", "/demandes", "/demandes/{id}/etat-civil", "/demandes/{id}/confirmation"} <= chemins


def test_les_communes_et_prefectures_se_repondent(anonyme: Client) -> None:
    nancy = next(c for c in anonyme.communes("54000") if c["nom"].upper() == "NANCY")
    assert (nancy["departement"], nancy["prefecture"], nancy["code"]) == ("54", "543", "54395")
    assert {"543"} <= {p["code"] for p in anonyme.prefectures("54")}
    assert anonyme.communes("99999") == []
    for departement in ("2A", "2B", "75", "971", "976"):
        assert anonyme.prefectures(departement), departement


def test_les_cinq_motifs_disent_leurs_pieces_et_leur_prix(anonyme: Client) -> None:
    motifs = {m["code"]: m for m in anonyme.motifs()}
    for code, particulieres, gratuit in (
        ("perte", set(), False),
        ("vol", {"recepisse_vol"}, False),
        ("deterioration", {"permis_deteriore"}, False),
        ("expiration", {"ancien_permis"}, True),
        ("changement_etat_civil", {"justificatif_etat_civil"}, True),
    ):
        motif = motifs[code]
        types = {p["type"]: p for p in motif["pieces"]}
        assert {"identite", "domicile"} | particulieres <= types.keys(), code
        assert (types["identite"]["pages_max"], types["domicile"]["pages_max"]) == (2, 5)
        assert motif["libelle"]
        assert motif["phrase"].endswith(".")
        assert (motif["prix_centimes"] == 0) is gratuit, code
