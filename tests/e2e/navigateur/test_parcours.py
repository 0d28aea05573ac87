"""A citizen's whole path in a real browser, on a phone and on a desk: from the account to the justificatif."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from demo import fichiers
from demo.client import Client
from demo.parcours import inventer_citoyen
from tests.e2e.navigateur.conftest import Ecran

FICHIERS = {
    "identite": ("carte.jpg", lambda: fichiers.carte_identite("recto")),
    "domicile": ("facture.pdf", lambda: fichiers.facture(1)),
    "recepisse_vol": ("recepisse.pdf", fichiers.recepisse_vol),
}


@pytest.mark.parametrize(("motif", "mots"), [("vol", "Vol du titre"), ("perte", "Perte du titre")])
@pytest.mark.parametrize("bureau", [False, True], ids=["telephone", "bureau"])
def test_du_compte_au_justificatif(
    ecran: Callable[..., Ecran], url: str, tmp_path: Path, motif: str, mots: str, bureau: bool
) -> None:
    service = Client(url)
    citoyen = inventer_citoyen()
    service.creer_compte(citoyen.fiche())
    service.activer_compte(citoyen.identifiant, service.code_recu(citoyen.email))
    e = ecran(bureau=bureau)
    page = e.page

    e.ouvrir("/compte/connexion/")
    e.accessible("connexion")
    page.locator("[name=identifiant]").fill(citoyen.identifiant)
    page.locator("[name=mot_de_passe]").fill(citoyen.mot_de_passe)
    page.locator("main").get_by_role("button", name="Me connecter").click()
    page.wait_for_url("**/demandes/")

    e.ouvrir("/demande/motif/")
    e.cliquer("Etape suivante")
    page.locator("[data-resume-erreurs]:focus").wait_for()
    e.accessible("motif, avec une erreur")
    e.choisir(mots)
    e.accessible("motif choisi")
    e.cliquer("Etape suivante")

    page.wait_for_url("**/demande/etat-civil/**")
    e.prete()
    e.accessible("état civil vide")
    page.locator("[name=nom_naissance]").fill("Corneille")
    e.choisir("Homme")
    page.locator("[name='prenoms.0']").fill("Pierre")
    for part, texte in (("jour", "1"), ("mois", "1"), ("annee", "1956")):
        page.locator(f"[data-part={part}]").fill(texte)
    page.locator("[name='lieu_naissance.commune']").fill("Nancy")
    page.locator("[name='lieu_naissance.departement']").select_option("54")
    e.cliquer("Etape suivante")

    page.wait_for_url("**/demande/adresse/**")
    e.prete()
    page.locator("[name=numero]").fill("66")
    page.locator("[name=type_voie]").fill("rue")
    page.locator("[name=nom_voie]").fill("du Pas")
    page.locator("[name=code_postal]").fill("54000")
    # Proposed from the official data, and from the account.
    expect(page.locator("[name=prefecture]")).to_have_value("543")
    expect(page.locator("[name=email]")).to_have_value(citoyen.email)
    expect(page.locator("[name=commune]")).to_have_value("Nancy")
    e.choisir("Non")
    e.accessible("adresse remplie")
    e.cliquer("Etape suivante")

    page.wait_for_url("**/demande/photo-signature/**")
    e.prete()
    e.accessible("photo et signature")
    e.choisir("J'ai un code")
    page.locator("[name=code]").fill(service.code_photo())
    e.cliquer("Etape suivante")

    page.wait_for_url("**/demande/pieces/**")
    e.prete()
    e.accessible("pièces, aucune jointe")
    attendues = 3 if motif == "vol" else 2
    for type_, (nom, contenu) in FICHIERS.items():
        zone = page.locator(f"main [data-piece={type_}]")
        if type_ == "recepisse_vol" and motif != "vol":
            assert zone.count() == 0
            continue
        fichier = tmp_path / nom
        fichier.write_bytes(contenu())
        zone.locator("input[type=file]").first.set_input_files(fichier)
        zone.get_by_text("Document valide").wait_for()
    assert page.get_by_text("Document valide").count() >= attendues
    e.accessible("pièces jointes")
    e.cliquer("Etape suivante")

    page.wait_for_url("**/demande/paiement/**")
    e.prete()
    page.locator("[name=numero_timbre]").fill(service.timbre(2500))
    e.accessible("paiement")
    e.cliquer("Utiliser ce timbre")
    expect(page.locator("[data-a-payer]")).to_be_hidden()
    e.accessible("payé")
    e.cliquer("Etape suivante")

    page.wait_for_url("**/demande/recapitulatif/**")
    e.prete()
    page.get_by_role("heading", name="Relisez-vous !").wait_for()
    e.accessible("récapitulatif")
    page.locator("label[for=attestation]").click()
    e.cliquer("Etape suivante")

    page.wait_for_url("**/demande/confirmation/**")
    e.prete()
    page.get_by_text("Demande confirmée et consultable").wait_for()
    e.accessible("confirmation")
    with page.expect_response(lambda reponse: "/justificatif" in reponse.url) as lien:
        e.cliquer("justificatif de la pré-demande")
    assert service.telecharger(lien.value.json()["url"]).startswith(b"%PDF")
