"""Steps 4 and 6 in a browser: the code or the talon, each state; the stamp bought, refused, late, or held."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from demo.client import Demande, attendre
from tests.e2e.acteurs import Usager
from tests.e2e.navigateur.demandes import brouillon, signer
from tests.e2e.outils import demande_remplie

Ouvrir = Callable[..., Any]
LONG_MS = 30_000


@pytest.fixture
def demande(usager: Usager) -> Demande:
    return brouillon(usager)


@pytest.fixture
def telephone(ecran: Ouvrir, usager: Usager) -> Any:
    """A phone, signed in."""
    un = ecran()
    signer(un, usager)
    return un


def _code(usager: Usager, etat: str) -> str:
    code: str = usager.client.appeler("POST", "/dev/photos", {"etat": etat})["code"]
    return code


def test_un_code_valide_fait_passer_a_l_etape_suivante(telephone: Any, usager: Usager, demande: Demande) -> None:
    telephone.ouvrir(f"/demande/photo-signature/#{demande['id']}")
    telephone.accessible("photo, rien de choisi")
    telephone.choisir("J'ai un code")
    telephone.accessible("photo, code à donner")
    code = _code(usager, "valide")
    telephone.page.get_by_role("textbox", name="Code « photo numérique »").fill(
        " ".join((code[:6], code[6:12], code[12:]))
    )
    telephone.cliquer("Etape suivante >>")
    telephone.page.wait_for_url(f"**/demande/pieces/#{demande['id']}")
    donnees = usager.client.demande(demande["id"])["etapes"]["photo_signature"]["donnees"]
    assert (donnees["etat"], donnees["code"]) == ("valide", code)


@pytest.mark.parametrize(
    ("etat", "mots"),
    [
        ("inconnu", "Ce code n'est pas connu"),
        ("deja_utilise", "Ce code a déjà servi"),
        ("expire", "Ce code a plus de six mois"),
        ("en_activation", "Votre code est connu, mais pas encore actif"),
    ],
)
def test_l_etat_du_code_est_dit_en_mots_simples(
    telephone: Any, usager: Usager, demande: Demande, etat: str, mots: str
) -> None:
    telephone.ouvrir(f"/demande/photo-signature/#{demande['id']}")
    telephone.choisir("J'ai un code")
    code = "A" * 22 if etat == "inconnu" else _code(usager, etat)
    telephone.page.get_by_role("textbox", name="Code « photo numérique »").fill(code)
    telephone.cliquer("Enregistrer")
    expect(telephone.page.locator("[data-etat-photo]")).to_contain_text(mots)
    # What cannot serve is said beside the field, too, which is then not ticked.
    faute = telephone.page.locator("#code-messages .fr-message--error")
    expect(faute).to_have_count(0 if etat == "en_activation" else 1)
    telephone.accessible(f"photo, {etat}")


def test_le_code_peut_venir_plus_tard(telephone: Any, demande: Demande) -> None:
    telephone.ouvrir(f"/demande/photo-signature/#{demande['id']}")
    telephone.choisir("J'ai un code")
    telephone.cliquer("Enregistrer")
    expect(telephone.page.get_by_text("Votre code est attendu")).to_be_visible()
    telephone.page.get_by_role("textbox", name="Code « photo numérique »").fill("TROP COURT")
    telephone.cliquer("Enregistrer")
    expect(telephone.page.locator("#code-messages")).to_contain_text("22 lettres et chiffres")
    telephone.accessible("photo, code trop court")


def test_le_talon_se_telecharge(telephone: Any, usager: Usager, demande: Demande) -> None:
    telephone.ouvrir(f"/demande/photo-signature/#{demande['id']}")
    telephone.choisir("Je préfère imprimer un talon")
    with telephone.page.expect_download() as attendu:
        telephone.cliquer("Télécharger le talon (PDF)")
    assert attendu.value.path().read_bytes().startswith(b"%PDF-")
    telephone.accessible("photo, talon")
    assert usager.client.demande(demande["id"])["etapes"]["photo_signature"]["donnees"]["etat"] == "talon"


def test_une_photo_attendue_apres_le_depot_se_donne_et_ramene_au_suivi(telephone: Any, usager: Usager) -> None:
    demande_id = demande_remplie(usager.client, "perte", sauf=("photo-signature",))["id"]
    choix = {"mode": "numerique", "code": _code(usager, "en_activation")}
    usager.client.enregistrer(demande_id, "photo-signature", choix)
    usager.client.confirmer(demande_id)
    attendre(lambda: usager.client.demande(demande_id)["modifiable"], lambda lu: lu == ["photo_signature"], "attente")
    telephone.ouvrir(f"/demande/photo-signature/#{demande_id}")
    expect(telephone.page.get_by_text("Une autre photo est attendue")).to_be_visible()
    telephone.accessible("photo, après le dépôt")
    telephone.page.get_by_role("textbox", name="Code « photo numérique »").fill(_code(usager, "valide"))
    telephone.cliquer("Enregistrer et revenir au suivi")
    telephone.page.wait_for_url(f"**/demande/suivi/#{demande_id}")


@pytest.mark.parametrize(
    ("bouton", "mots"),
    [
        ("VALIDER", "Paiement accepté"),
        ("Simuler un refus de la banque", "Le paiement n'a pas abouti"),
        ("ANNULATION - RETOUR A LA BOUTIQUE", "Le paiement n'a pas abouti"),
    ],
)
def test_le_retour_de_la_boutique_dit_ce_qui_s_est_passe(
    telephone: Any, demande: Demande, bouton: str, mots: str
) -> None:
    telephone.ouvrir(f"/demande/paiement/#{demande['id']}")
    expect(telephone.page.locator("[data-montant]")).to_have_text("25 €")
    telephone.accessible("paiement, à payer")
    telephone.cliquer("Acheter en ligne")
    telephone.page.wait_for_url("**/dev/boutique/**")
    telephone.cliquer(bouton)
    telephone.page.wait_for_url(f"**/demande/paiement/#{demande['id']}")
    expect(telephone.page.get_by_text(mots)).to_be_visible(timeout=LONG_MS)
    telephone.accessible(f"paiement, {bouton}")
    recu = telephone.page.get_by_role("button", name="Télécharger le reçu (PDF)")
    if bouton == "VALIDER":
        with telephone.page.expect_download() as attendu:
            recu.click()
        assert attendu.value.path().read_bytes().startswith(b"%PDF-")
    else:
        expect(recu).to_have_count(0)


def test_une_reponse_tardive_est_attendue_et_dite(telephone: Any, usager: Usager, demande: Demande) -> None:
    telephone.ouvrir(f"/demande/paiement/#{demande['id']}")
    telephone.cliquer("Acheter en ligne")
    telephone.page.wait_for_url("**/dev/boutique/**")
    reference = telephone.page.url.rsplit("/", 1)[1]
    telephone.ouvrir(f"/demande/paiement/#{demande['id']}")
    expect(telephone.page.get_by_text("Nous attendons la réponse")).to_be_visible()
    expect(telephone.page.get_by_role("button", name="Vérifier")).to_be_visible()
    telephone.accessible("paiement, en attente")
    telephone.cliquer("Etape suivante >>")
    expect(telephone.page.locator("[data-resume-erreurs]")).to_be_focused()
    usager.client.terminer_achat(reference, "accepte")
    expect(telephone.page.get_by_text("Paiement accepté")).to_be_visible(timeout=LONG_MS)
    telephone.cliquer("Etape suivante >>")
    telephone.page.wait_for_url(f"**/demande/recapitulatif/#{demande['id']}")


def test_un_timbre_deja_achete_est_reserve(telephone: Any, usager: Usager, demande: Demande) -> None:
    telephone.ouvrir(f"/demande/paiement/#{demande['id']}")
    champ = telephone.page.get_by_label("Numéro du timbre fiscal")
    champ.fill("1234")
    telephone.cliquer("Utiliser ce timbre")
    expect(telephone.page.locator("#numero-timbre-messages")).to_contain_text("16 chiffres")
    telephone.accessible("paiement, numéro trop court")
    numero = usager.client.timbre(2500)
    champ.fill(" ".join(numero[i : i + 4] for i in range(0, 16, 4)))
    telephone.cliquer("Utiliser ce timbre")
    expect(telephone.page.get_by_text("Paiement accepté")).to_be_visible()
    telephone.accessible("paiement, timbre réservé")


def test_rien_a_payer_se_dit_et_se_passe(ecran: Ouvrir, usager: Usager) -> None:
    gratuite = brouillon(usager, "expiration")
    bureau = ecran(bureau=True)
    signer(bureau, usager)
    bureau.ouvrir(f"/demande/paiement/#{gratuite['id']}")
    expect(bureau.page.get_by_text("Rien à payer")).to_be_visible()
    bureau.accessible("paiement, rien à payer")
    bureau.cliquer("Etape suivante >>")
    bureau.page.wait_for_url(f"**/demande/recapitulatif/#{gratuite['id']}")
