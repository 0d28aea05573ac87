"""A citizen's whole path in a real browser, on a phone and on a desk: from the account to the justificatif."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from demo import fichiers
from demo.client import Client
from demo.parcours import inventer_citoyen
from tests.e2e.navigateur.conftest import Ecran

FICHIERS = {
    "identite": ("carte.jpg", lambda: fichiers.carte_identite("recto")),
    "domicile": ("facture.pdf", lambda: fichiers.facture(1)),
    "recepisse_vol": ("recepisse.pdf", fichiers.recepisse_vol),
}
# Counted in the page as they happen, kept from one page to the next: what hands do, not what the test says.
COMPTEUR = """
const RIEN = '{"champs": [], "clics": 0, "touches": 0, "choix": 0}';
const compte = () => JSON.parse(sessionStorage.getItem("gestes") ?? RIEN);
const noter = (changer) => {
  const gestes = compte();
  changer(gestes);
  sessionStorage.setItem("gestes", JSON.stringify(gestes));
};
addEventListener("pointerdown", (e) => e.isTrusted && noter((gestes) => (gestes.clics += 1)), true);
addEventListener("keydown", (e) => e.isTrusted && noter((gestes) => {
  gestes.touches += 1;
  const champ = `${location.pathname} ${e.target.name || e.target.dataset.part}`;
  if (e.key.length === 1 && !gestes.champs.includes(champ)) gestes.champs.push(champ);
}), true);
const choisi = (e) => e.target.matches("select, [type=file]");
addEventListener("change", (e) => choisi(e) && noter((gestes) => (gestes.choix += 1)), true);
"""
CHAMPS_MAX = 20
GESTES_MAX = (32, 140, 4)
"""The most clicks, keys, and choices in a list or among files, from the sign-in to the confirmation (29, 123, 4)."""


def _saisir(page: Page, champ: str, texte: str) -> None:
    """Touch a field and type, as people do."""
    page.locator(champ).click()
    page.locator(champ).press_sequentially(texte)


@pytest.mark.parametrize(("motif", "mots"), [("vol", "Vol du titre"), ("perte", "Perte du titre")])
@pytest.mark.parametrize("bureau", [False, True], ids=["telephone", "bureau"])
def test_du_compte_au_justificatif(
    ecran: Callable[..., Ecran],
    url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    motif: str,
    mots: str,
    bureau: bool,
) -> None:
    service = Client(url)
    citoyen = inventer_citoyen()
    service.creer_compte(citoyen.fiche())
    service.activer_compte(citoyen.identifiant, service.code_recu(citoyen.email))
    e = ecran(bureau=bureau)
    page = e.page
    page.add_init_script(COMPTEUR)

    e.ouvrir("/compte/connexion/")
    e.accessible("connexion")
    _saisir(page, "[name=identifiant]", citoyen.identifiant)
    _saisir(page, "[name=mot_de_passe]", citoyen.mot_de_passe)
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
    _saisir(page, "[name=nom_naissance]", "Corneille")
    e.choisir("Homme")
    _saisir(page, "[name='prenoms.0']", "Pierre")
    for part, texte in (("jour", "1"), ("mois", "1"), ("annee", "1956")):
        _saisir(page, f"[data-part={part}]", texte)
    _saisir(page, "[name='lieu_naissance.commune']", "Nancy")
    page.locator("[name='lieu_naissance.departement']").select_option("54")
    e.cliquer("Etape suivante")

    page.wait_for_url("**/demande/adresse/**")
    e.prete()
    _saisir(page, "[name=numero]", "66")
    _saisir(page, "[name=type_voie]", "rue")
    _saisir(page, "[name=nom_voie]", "du Pas")
    _saisir(page, "[name=code_postal]", "54000")
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
    _saisir(page, "[name=code]", service.code_photo())
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
    _saisir(page, "[name=numero_timbre]", service.timbre(2500))
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
    gestes = page.evaluate("JSON.parse(sessionStorage.getItem('gestes'))")
    faits = (gestes["clics"], gestes["touches"], gestes["choix"])
    with capsys.disabled():
        print(
            f"\n{motif} : {len(gestes['champs'])} champs saisis, {faits[0]} clics, {faits[1]} touches, {faits[2]} choix"
        )
    assert len(gestes["champs"]) <= CHAMPS_MAX, gestes["champs"]
    assert all(fait <= borne for fait, borne in zip(faits, GESTES_MAX, strict=True)), faits
    e.accessible("confirmation")
    with page.expect_response(lambda reponse: "/justificatif" in reponse.url) as lien:
        e.cliquer("justificatif de la pré-demande")
    assert service.telecharger(lien.value.json()["url"]).startswith(b"%PDF")
