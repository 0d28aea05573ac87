"""The follow-up in a browser: the list, each state of a demande, its complement sent from a phone, its withdrawal."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from demo import fichiers
from tests.e2e.acteurs import Usager
from tests.e2e.navigateur.demandes import brouillon, signer
from tests.e2e.outils import compte_neuf
from tests.e2e.vies import Vie

Ouvrir = Callable[..., Any]
LONG_MS = 30_000
FACTURE = {"name": "facture.pdf", "mimeType": "application/pdf", "buffer": fichiers.facture(1)}


def _ecran(ouvrir: Ouvrir, vie: Vie, **options: Any) -> Any:
    ecran = ouvrir(**options)
    signer(ecran, Usager(vie.client, vie.citoyen))
    return ecran


def test_sans_demande_la_liste_le_dit_et_en_propose_une(ecran: Ouvrir, url: str) -> None:
    un = ecran()
    signer(un, Usager(*compte_neuf(url)))
    un.ouvrir("/demandes/")
    expect(un.page.get_by_text("Vous n'avez pas encore de demande")).to_be_visible()
    expect(un.page.get_by_role("link", name="Faire une nouvelle demande")).to_be_visible()
    un.accessible("liste vide")


def test_un_brouillon_se_continue_a_sa_premiere_etape_incomplete_ou_se_retire(ecran: Ouvrir, usager: Usager) -> None:
    demande = brouillon(usager, "perte")
    un = ecran()
    signer(un, usager)
    un.ouvrir("/demandes/")
    ligne = un.page.locator(f'[data-demande="{demande["id"]}"]')
    expect(ligne.get_by_text("Qui doit agir : Vous")).to_be_visible()
    un.accessible("liste")
    ligne.get_by_role("link", name="Continuer").click()
    un.prete()
    expect(un.page.get_by_role("heading", level=2, name="Brouillon")).to_be_visible()
    expect(un.page.get_by_role("link", name="Continuer ma demande")).to_have_attribute(
        "href", f"/demande/etat-civil/#{demande['id']}"
    )
    un.accessible("brouillon")
    un.cliquer("Retirer ma demande")
    un.accessible("retrait demandé")
    un.cliquer("Non, la garder")
    assert usager.client.demande(demande["id"])["statut"] == "brouillon"
    un.cliquer("Retirer ma demande")
    un.cliquer("Oui, retirer ma demande")
    expect(un.page.get_by_text("Votre demande est retirée")).to_be_visible()
    assert usager.client.demande(demande["id"])["statut"] == "retiree"
    un.accessible("retirée")


def test_un_complement_se_lit_et_s_envoie_au_telephone(ecran: Ouvrir, url: str) -> None:
    vie = Vie(url).confirmer().jusqu_a("en_instruction")
    vie.agent.agir(vie.id, "prise-en-charge")
    elements = [
        {"cible": "etat_civil.prenoms", "motif": "differente_piece"},
        {"cible": "adresse.nom_voie", "motif": "inexacte"},
        {"cible": vie.piece("domicile"), "motif": "illisible"},
    ]
    message = "<img src=x onerror=alert(1)> L'adresse se lit mal."
    vie.agent.agir(vie.id, "suspension", {"elements": elements, "message": message})
    un = _ecran(ecran, vie)
    un.ouvrir(f"/demande/suivi/#{vie.id}")
    expect(un.page.get_by_role("heading", level=2, name="Demande suspendue")).to_be_visible()
    un.accessible("suspendue")
    un.cliquer("Compléter ma demande")
    un.prete()
    expect(un.page.locator("blockquote")).to_have_text(message)
    assert [champ.get_attribute("name") for champ in un.page.locator("form input.fr-input:visible").all()] == [
        "prenoms.0",
        "prenoms.1",
        "nom_voie",
    ]
    un.accessible("complément")
    un.cliquer("Envoyer mon complément")
    resume = un.page.locator("[data-resume-erreurs]")
    expect(resume).to_contain_text("Justificatif de domicile")
    un.accessible("complément incomplet")
    un.page.fill('[name="nom_voie"]', "de la Gare")
    un.page.set_input_files('[data-fichier="domicile"]', FACTURE)
    expect(un.page.locator(".piece-etat--ok")).to_be_visible(timeout=LONG_MS)
    un.page.reload()
    un.prete()
    expect(un.page.locator('[name="nom_voie"]')).to_have_value("de la Gare")
    un.cliquer("Envoyer mon complément")
    expect(un.page.get_by_text("Votre complément est envoyé")).to_be_visible()
    vie.jusqu_a("en_instruction")
    assert vie.client.demande(vie.id)["etapes"]["adresse"]["donnees"]["nom_voie"] == "de la Gare"
    expect(un.page.get_by_role("heading", level=2, name="Instruction en cours")).to_be_visible()
    un.accessible("complément envoyé")


def test_tout_un_etat_civil_et_une_photo_redemandes_tiennent_sur_un_telephone(ecran: Ouvrir, url: str) -> None:
    vie = Vie(url).confirmer().jusqu_a("en_instruction")
    vie.agent.agir(vie.id, "prise-en-charge")
    elements = [
        {"cible": "etat_civil", "motif": "differente_piece"},
        {"cible": "photo_signature", "motif": "photo_non_conforme"},
    ]
    vie.agent.agir(vie.id, "suspension", {"elements": elements, "message": "Votre pièce d'identité dit autre chose."})
    un = _ecran(ecran, vie)
    un.ouvrir(f"/demande/complement/#{vie.id}")
    expect(un.page.locator('[name="numero_dossier"]')).to_be_visible()
    expect(un.page.locator('[name="nom_voie"]')).to_be_hidden()
    un.accessible("tout l'état civil")
    un.cliquer("Donner une autre photo")
    un.prete()
    assert un.page.url.endswith(f"/demande/photo-signature/#{vie.id}")


def test_une_photo_et_une_piece_refusees_se_remplacent_jusqu_a_la_reprise(ecran: Ouvrir, url: str) -> None:
    vie = Vie(url).confirmer().jusqu_a("en_instruction")
    vie.agent.agir(vie.id, "prise-en-charge")
    elements = [
        {"cible": "photo_signature", "motif": "photo_non_conforme"},
        {"cible": vie.piece("domicile"), "motif": "illisible"},
    ]
    vie.agent.agir(vie.id, "suspension", {"elements": elements, "message": "La photo est floue."})
    un = _ecran(ecran, vie)
    un.ouvrir(f"/demande/complement/#{vie.id}")
    bloc = un.page.locator('[data-piece="domicile"]')
    expect(bloc.get_by_text("Document à remplacer")).to_be_visible()
    expect(bloc.get_by_role("button", name="Retirer")).to_have_count(0)
    expect(bloc.get_by_role("heading", level=2)).to_contain_text("(0 page / 5 pages maximum)")
    un.page.set_input_files('[data-fichier="domicile"]', FACTURE)
    expect(bloc.get_by_text("Document valide")).to_be_visible(timeout=LONG_MS)
    expect(bloc.get_by_role("button", name="Retirer facture.pdf")).to_be_visible()
    un.accessible("une pièce remplacée, la photo à donner")

    un.cliquer("Donner une autre photo")
    un.page.wait_for_url(f"**/demande/photo-signature/#{vie.id}")
    un.prete()
    un.accessible("photo redemandée")
    code = vie.client.code_photo()
    un.page.get_by_role("textbox", name="Code « photo numérique »").fill(code)
    un.cliquer("Enregistrer et revenir au complément")
    un.page.wait_for_url(f"**/demande/complement/#{vie.id}")
    un.prete()
    expect(un.page.locator(".element-fait")).to_have_count(2)
    un.accessible("complément prêt")
    un.cliquer("Envoyer mon complément")
    expect(un.page.get_by_text("Votre complément est envoyé")).to_be_visible()
    vie.jusqu_a("en_instruction")
    assert vie.client.demande(vie.id)["etapes"]["photo_signature"]["donnees"]["code"] == code
    factures = [p for p in vie.agent.dossier(vie.id)["pieces"] if p["type"] == "domicile"]
    assert sorted(p["statut"] for p in factures) == ["remplacee", "valide"]


def test_les_documents_se_telechargent_depuis_le_suivi(ecran: Ouvrir, url: str) -> None:
    vie = Vie(url).confirmer()
    un = _ecran(ecran, vie)
    un.ouvrir(f"/demande/suivi/#{vie.id}")
    for bouton in ("Justificatif de la pré-demande (PDF)", "Récépissé : accusé de réception (PDF)", "Reçu du paiement"):
        with un.page.expect_download() as recu:
            un.cliquer(bouton)
        assert recu.value.path().read_bytes().startswith(b"%PDF-"), bouton


def test_un_titre_rendu_par_la_poste_attend_l_adresse_puis_est_remis(ecran: Ouvrir, url: str) -> None:
    vie = Vie(url).confirmer().jusqu_a("en_instruction")
    vie.agent.agir(vie.id, "prise-en-charge")
    vie.valider()
    vie.titre("accepte", "produit", "expedie", "retourne")
    vie.jusqu_a("non_distribuee")
    un = _ecran(ecran, vie, bureau=True)
    un.ouvrir(f"/demande/suivi/#{vie.id}")
    expect(un.page.get_by_role("heading", level=2, name="Confirmez votre adresse")).to_be_visible()
    un.accessible("titre non distribué")
    un.page.fill('[name="complement"]', "Chez Mme Racine")
    un.cliquer("Confirmer cette adresse")
    expect(un.page.get_by_text("Votre adresse est confirmée", exact=True)).to_be_visible()
    assert vie.client.demande(vie.id)["etapes"]["adresse"]["donnees"]["complement"] == "Chez Mme Racine"
    un.page.get_by_text("Voir l'historique complet").click()
    expect(un.page.locator("[data-historique] li").first).to_contain_text("Demande déposée")
    un.accessible("adresse confirmée, historique ouvert")
    with un.page.expect_download() as recu:
        un.cliquer("Récépissé")
    assert recu.value.suggested_filename.endswith(".pdf")
