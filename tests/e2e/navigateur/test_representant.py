"""Who acts for somebody else names himself where the état civil is asked, proves it, and can take it back."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from demo.client import Demande
from tests.e2e.acteurs import Usager
from tests.e2e.navigateur.demandes import brouillon, signer
from tests.e2e.outils import ETAPES, demande_remplie

Ouvrir = Callable[..., Any]
MINEUR = {**ETAPES["etat-civil"], "date_naissance": "2015-03"}


@pytest.fixture
def telephone(ecran: Ouvrir, usager: Usager) -> Any:
    """A phone, signed in."""
    un = ecran()
    signer(un, usager)
    return un


@pytest.fixture
def demande(usager: Usager) -> Demande:
    return brouillon(usager)


def test_le_representant_d_un_mineur_se_nomme_se_prouve_et_se_retire(
    telephone: Any, usager: Usager, demande: Demande
) -> None:
    page, demande_id = telephone.page, demande["id"]
    usager.client.enregistrer(demande_id, "etat-civil", MINEUR)
    telephone.ouvrir(f"/demande/recapitulatif/#{demande_id}")
    page.locator("[data-manques]").get_by_role("link", name="Nommer le représentant légal").click()
    page.wait_for_url(f"**/demande/representant/#{demande_id}")
    telephone.prete()
    expect(page.get_by_role("textbox", name="Votre nom")).to_have_value(usager.citoyen.fiche()["nom"])
    telephone.cliquer("Enregistrer")
    expect(page.locator("[data-resume-erreurs]")).to_be_focused()
    telephone.accessible("représentant, rien de choisi")
    telephone.choisir("Son représentant légal")
    page.get_by_role("textbox", name="Vos prénoms").fill("Marie Anne-Laure")
    telephone.accessible("représentant")
    telephone.cliquer("Enregistrer")

    page.wait_for_url(f"**/demande/etat-civil/#{demande_id}")
    telephone.prete()
    dit = page.locator("[data-representant]")
    expect(dit).to_contain_text(
        f"Demande faite par Marie Anne-Laure {usager.citoyen.fiche()['nom']}, représentant légal."
    )
    expect(dit).not_to_contain_text("est mineure")
    telephone.accessible("état civil, avec un représentant")
    tenu = usager.client.appeler("GET", f"/api/demandes/{demande_id}/representant")["representant"]
    assert (tenu["qualite"], tenu["prenoms"]) == ("representant_legal", ["Marie", "Anne-Laure"])

    telephone.ouvrir(f"/demande/pieces/#{demande_id}")
    expect(page.locator("[data-piece=justificatif_representation]")).to_be_visible()
    telephone.ouvrir(f"/demande/recapitulatif/#{demande_id}")
    expect(page.locator("[data-manques]")).to_contain_text("Justificatif du représentant")
    expect(page.locator("[data-sections]")).to_contain_text("Personne qui fait la demande")
    telephone.accessible("récapitulatif, avec un représentant")

    page.get_by_role("link", name="Corriger : Personne qui fait la demande").click()
    telephone.prete()
    expect(page.get_by_label("Son représentant légal")).to_be_checked()
    telephone.cliquer("La demande est pour moi")
    page.wait_for_url(f"**/demande/etat-civil/#{demande_id}")
    telephone.prete()
    expect(dit).to_contain_text("La personne concernée est mineure : indiquez son représentant légal.")
    telephone.accessible("état civil d'un mineur, sans représentant")
    assert usager.client.appeler("GET", f"/api/demandes/{demande_id}/representant") == {"representant": None}
    telephone.ouvrir(f"/demande/pieces/#{demande_id}")
    expect(page.locator("[data-piece=identite]")).to_be_visible()
    expect(page.locator("[data-piece=justificatif_representation]")).to_have_count(0)


def test_le_contact_d_un_mandataire_n_est_pas_propose_pour_la_personne_concernee(
    telephone: Any, usager: Usager, demande: Demande
) -> None:
    page, demande_id = telephone.page, demande["id"]
    telephone.ouvrir(f"/demande/etat-civil/#{demande_id}")
    telephone.cliquer("Demander pour quelqu'un d'autre")
    telephone.prete()
    expect(page.get_by_role("textbox", name="Votre nom")).to_have_value(usager.citoyen.fiche()["nom"])
    telephone.choisir("Son mandataire")
    telephone.cliquer("Enregistrer")
    page.wait_for_url(f"**/demande/etat-civil/#{demande_id}")
    telephone.prete()
    expect(page.locator("[data-representant]")).to_contain_text("mandataire")
    telephone.ouvrir(f"/demande/adresse/#{demande_id}")
    expect(page.get_by_text("Vous êtes son mandataire")).to_be_visible()
    expect(page.locator("[name=email]")).to_have_value("")
    telephone.accessible("adresse, pour un mandataire")


def test_une_demande_deposee_ne_change_plus_de_representant(ecran: Ouvrir, usager: Usager) -> None:
    demande_id = demande_remplie(usager.client, "perte")["id"]
    usager.client.confirmer(demande_id)
    bureau = ecran(bureau=True)
    signer(bureau, usager)
    bureau.ouvrir(f"/demande/representant/#{demande_id}")
    bureau.page.wait_for_url(f"**/demande/suivi/#{demande_id}")
