"""Whatever is typed: refused by a 422, or kept and given back as it was (outer spaces dropped, Unicode composed)."""

import unicodedata
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from demo.client import Client
from demo.parcours import ETAT_CIVIL
from tests.e2e.outils import ADRESSE, verifier_probleme

REGLAGES = hypothesis.settings(
    max_examples=40,
    derandomize=True,
    database=None,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
TEXTES = st.text(st.characters(codec=None), max_size=60) | st.text(
    st.characters(codec="latin-1"), min_size=1, max_size=30
)
CHAMPS = (
    ("etat-civil", ETAT_CIVIL, "nom_naissance"),
    ("etat-civil", ETAT_CIVIL, "date_naissance"),
    ("adresse", ADRESSE, "nom_voie"),
    ("adresse", ADRESSE, "commune"),
    ("adresse", ADRESSE, "complement"),
    ("adresse", ADRESSE, "email"),
)


@pytest.fixture(scope="module")
def demande_id(client: Client) -> str:
    """One demande, written again and again."""
    return client.creer_demande("perte")["id"]


@pytest.mark.parametrize(("etape", "juste", "champ"), CHAMPS)
def test_un_texte_est_refuse_ou_rendu(
    client: Client, demande_id: str, etape: str, juste: dict[str, Any], champ: str
) -> None:
    @REGLAGES
    @hypothesis.given(TEXTES)
    def essayer(texte: str) -> None:
        reponse = client.brut("PUT", f"/api/demandes/{demande_id}/{etape}", {**juste, champ: texte})
        if reponse.status_code != 200:
            verifier_probleme(reponse, 422, champ=champ)
            return
        rendu = reponse.json()["etapes"][etape.replace("-", "_")]["donnees"].get(champ)
        propre = unicodedata.normalize("NFC", texte).strip()
        assert (rendu or "") == propre or champ == "email"

    essayer()


@pytest.mark.parametrize(("methode", "modele"), [("PUT", "/api/demandes/{id}/adresse"), ("POST", "/api/sessions")])
def test_des_octets_quelconques_ne_cassent_rien(client: Client, demande_id: str, methode: str, modele: str) -> None:
    @hypothesis.settings(REGLAGES, max_examples=60)
    @hypothesis.given(st.binary(max_size=200))
    def essayer(octets: bytes) -> None:
        verifier_probleme(client.brut(methode, modele.format(id=demande_id), contenu=octets), 400, 415, 422)

    essayer()
