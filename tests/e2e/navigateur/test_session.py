"""The dialogs of the session: one that may not be closed stays, one that warns says what is so."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.acteurs import Usager
from tests.e2e.navigateur.conftest import Ecran
from tests.e2e.navigateur.demandes import brouillon, signer


def test_echap_ne_ferme_pas_la_reprise_de_la_session(ecran: Callable[..., Ecran], usager: Usager) -> None:
    e = ecran()
    signer(e, usager)
    e.ouvrir(f"/demande/adresse/#{brouillon(usager)['id']}")
    # The copies are the same person's, whose identifiant was typed in another case.
    identifiant = usager.citoyen.identifiant
    e.page.evaluate("i => localStorage.setItem('copie-de', i)", identifiant.upper())
    e.page.evaluate("localStorage.setItem('copie:temoin', '1')")
    jeton = e.page.evaluate("JSON.parse(localStorage.getItem('session-usager')).jeton")
    e.page.request.delete(f"{e.url}/api/sessions/courante", headers={"Authorization": f"Bearer {jeton}"})
    e.page.locator("[name=nom_voie]").fill("de la Poste")
    dialogue = e.page.get_by_role("dialog", name="Reprendre où vous en étiez")
    dialogue.wait_for()
    for _ in range(3):
        e.page.keyboard.press("Escape")
    expect(dialogue).to_be_visible()
    dialogue.get_by_label("Mot de passe").fill(usager.citoyen.mot_de_passe)
    dialogue.get_by_role("button", name="Me reconnecter").click()
    expect(dialogue).to_have_count(0)
    assert e.page.evaluate("localStorage.getItem('copie:temoin')") == "1"


def test_rester_connecte_sans_reseau_le_dit(ecran: Callable[..., Ecran], usager: Usager) -> None:
    e = ecran()
    signer(e, usager)
    e.page.clock.install()
    e.ouvrir("/demandes/")
    e.page.evaluate("""() => {
      const s = JSON.parse(localStorage.getItem("session-usager"));
      s.expire_le = new Date(Date.now() + 400_000).toISOString();
      localStorage.setItem("session-usager", JSON.stringify(s));
    }""")
    e.page.route("**/api/sessions/renouvellement", lambda route: route.abort())
    # Nobody has touched the page for three minutes: it warns, instead of prolonging.
    e.page.clock.fast_forward(180_000)
    dialogue = e.page.get_by_role("dialog", name="Votre session va se terminer")
    expect(dialogue).to_contain_text("4 minutes")
    e.page.clock.fast_forward(60_000)
    expect(dialogue).to_contain_text("3 minutes")
    dialogue.get_by_role("button", name="Rester connecté").click()
    expect(dialogue.get_by_role("alert")).to_contain_text("réessayez")
