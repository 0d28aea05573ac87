"""Messages in a browser: hostile text stays text, and what is being written outlives the network and the page."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.e2e.acteurs import Usager
from tests.e2e.navigateur.demandes import signer
from tests.e2e.vies import Vie

HOSTILE = "<script>alert(1)</script><b>gras</b>\n" + "W" * 300
REPONSE = "Je n'ai <u>pas</u> reçu votre courrier."


def test_un_message_hostile_est_du_texte_et_rien_n_est_perdu_sans_reseau(ecran: Callable[..., Any], url: str) -> None:
    vie = Vie(url).confirmer().jusqu_a("en_instruction")
    vie.agent.agir(vie.id, "prise-en-charge")
    un = ecran()
    signer(un, Usager(vie.client, vie.citoyen))
    un.ouvrir(f"/demande/messages/#{vie.id}")
    expect(un.page.get_by_text("Aucun message pour le moment.")).to_be_visible()
    un.accessible("aucun message")
    un.page.fill("textarea", HOSTILE)
    un.page.context.set_offline(True)
    un.cliquer("Envoyer le message")
    expect(un.page.locator("[data-resume-erreurs]")).to_contain_text("vérifiez votre connexion", timeout=30_000)
    un.page.context.set_offline(False)
    un.page.reload()
    un.prete()
    expect(un.page.locator("textarea")).to_have_value(HOSTILE)
    un.cliquer("Envoyer le message")
    expect(un.page.get_by_text("Message envoyé.").first).to_be_visible()
    vie.agent.agir(vie.id, "messages", {"texte": REPONSE})
    un.ouvrir("/demandes/")
    nouveaux = un.page.get_by_text("1 nouveau message")
    expect(nouveaux).to_be_visible()
    un.accessible("liste, un message à lire")
    un.ouvrir(f"/demande/suivi/#{vie.id}")
    expect(nouveaux).to_be_visible()
    un.accessible("suivi, un message à lire")
    un.cliquer("Messages")
    un.prete()
    textes = un.page.locator(".message-texte")
    expect(textes).to_have_count(2)
    assert [textes.nth(rang).evaluate("n => n.textContent") for rang in range(2)] == [HOSTILE, REPONSE]
    assert "Guichet" not in un.page.locator("[data-fil]").inner_text()
    un.accessible("deux messages")
    un.ouvrir(f"/demande/suivi/#{vie.id}")
    expect(un.page.get_by_role("heading", name="Vos échanges")).to_be_visible()
    expect(nouveaux).to_have_count(0)
    assert [un_message["texte"] for un_message in vie.client.messages(vie.id)] == [HOSTILE, REPONSE]
