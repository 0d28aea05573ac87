"""Step 5 in a browser: files joined, refused, photographed, removed; none lost nor doubled when the network is."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Route, expect

from chalicelib.documents.anomalies import ANALYSE_EN_PANNE
from demo import fichiers
from demo.client import Demande, Fichier
from tests.e2e.acteurs import Usager
from tests.e2e.navigateur.demandes import brouillon, signer

Ouvrir = Callable[..., Any]
FACTURE = {"name": "facture.pdf", "mimeType": "application/pdf", "buffer": fichiers.facture(1)}
LONG_MS = 30_000


def _photo(face: str) -> dict[str, Any]:
    return {"name": f"{face}.jpg", "mimeType": "image/jpeg", "buffer": fichiers.carte_identite(face)}


@pytest.fixture
def demande(usager: Usager) -> Demande:
    return brouillon(usager)


@pytest.fixture
def etape(ecran: Ouvrir, usager: Usager, demande: Demande) -> Any:
    """The step on a phone."""
    un = ecran()
    signer(un, usager)
    un.ouvrir(f"/demande/pieces/#{demande['id']}")
    return un


def _bloc(etape: Any, type_piece: str) -> Locator:
    bloc: Locator = etape.page.locator(f'[data-piece="{type_piece}"]')
    return bloc


def _joindre(etape: Any, type_piece: str, *envoyes: dict[str, Any]) -> None:
    etape.page.set_input_files(f'[data-fichier="{type_piece}"]', list(envoyes))


def _ralentir(etape: Any, octets_s: int) -> Any:
    """A slow way up; the session that sets it."""
    reseau = etape.page.context.new_cdp_session(etape.page)
    _regler(reseau, octets_s)
    return reseau


def _regler(reseau: Any, octets_s: int) -> None:
    reseau.send(
        "Network.emulateNetworkConditions",
        {"offline": octets_s == 0, "latency": 0, "downloadThroughput": -1, "uploadThroughput": octets_s},
    )


def _gardes(etape: Any) -> int:
    """How many files this browser keeps."""
    nombre: int = etape.page.evaluate(
        """() => new Promise((suite) => {
            const ouverture = indexedDB.open("fichiers", 1);
            ouverture.onupgradeneeded = () => ouverture.result.createObjectStore("envois", { keyPath: "cle" });
            ouverture.onsuccess = () => {
                const compte = ouverture.result.transaction("envois").objectStore("envois").count();
                compte.onsuccess = () => { ouverture.result.close(); suite(compte.result); };
            };
        })"""
    )
    return nombre


def test_un_fichier_joint_est_dit_valide_compte_et_visible(etape: Any, usager: Usager, demande: Demande) -> None:
    etape.accessible("rien de joint")
    expect(etape.page.get_by_text("Formats autorisés : JPG, PNG, BMP, TIFF, PDF (11Mo maximum)")).to_be_visible()
    _joindre(etape, "domicile", FACTURE)
    bloc = _bloc(etape, "domicile")
    expect(bloc.get_by_text("Document valide")).to_be_visible(timeout=LONG_MS)
    expect(bloc.get_by_role("heading", level=2)).to_contain_text("(1 page / 5 pages maximum)")
    expect(bloc.get_by_role("heading", name="Liste des fichiers")).to_be_visible()
    assert _gardes(etape) == 0
    etape.accessible("une pièce jointe")
    bloc.get_by_role("button", name="Voir facture.pdf").click()
    expect(etape.page.get_by_role("img", name="Page 1 sur 1")).to_be_visible()
    etape.accessible("pièce montrée")
    etape.page.keyboard.press("Escape")
    bloc.get_by_role("button", name="Retirer facture.pdf").click()
    expect(bloc.locator("li")).to_have_count(0)
    assert usager.client.demande(demande["id"])["pieces"] == []


def test_un_fichier_trop_gros_ou_d_un_autre_type_est_refuse_aussitot(
    etape: Any, usager: Usager, demande: Demande
) -> None:
    octets = b"0" * (11 * 1024**2 + 1)
    _joindre(etape, "domicile", {"name": "gros.pdf", "mimeType": "application/pdf", "buffer": octets})
    expect(_bloc(etape, "domicile").get_by_role("alert")).to_contain_text("dépasse 11 Mo")
    _joindre(etape, "identite", {"name": "lettre.docx", "mimeType": "application/msword", "buffer": b"x"})
    expect(_bloc(etape, "identite").get_by_role("alert")).to_contain_text("format autorisé")
    etape.accessible("fichiers refusés")
    assert usager.client.demande(demande["id"])["pieces"] == []


def test_un_fichier_que_le_service_refuse_dit_pourquoi(etape: Any) -> None:
    _joindre(etape, "domicile", {"name": "<b>abîmé</b>.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 x"})
    bloc = _bloc(etape, "domicile")
    expect(bloc.get_by_text("Document refusé")).to_be_visible(timeout=LONG_MS)
    expect(bloc.locator(".fr-message--error").first).to_contain_text("Ce fichier est")
    expect(bloc.locator(".piece-nom")).to_have_text("<b>abîmé</b>.pdf")
    etape.accessible("pièce refusée")
    etape.page.reload()
    etape.prete()
    expect(bloc.locator(".fr-message--error").first).to_contain_text("Ce fichier est")


def test_deux_photos_sont_deux_pages_dans_l_ordre(etape: Any, usager: Usager, demande: Demande) -> None:
    for face in ("recto", "verso"):
        etape.page.set_input_files('[data-photo="identite"]', _photo(face))
    titre = _bloc(etape, "identite").get_by_role("heading", level=2)
    expect(titre).to_contain_text("(2 pages / 2 pages maximum)", timeout=LONG_MS)
    expect(_bloc(etape, "identite").get_by_role("button", name="Joindre un fichier")).to_be_hidden()
    noms = [piece["nom_fichier"] for piece in usager.client.demande(demande["id"])["pieces"]]
    assert noms == ["recto.jpg", "verso.jpg"]


@pytest.mark.parametrize("recharger", [False, True])
def test_le_reseau_coupe_pendant_l_envoi_ne_perd_ni_ne_double_rien(
    etape: Any, usager: Usager, demande: Demande, recharger: bool
) -> None:
    reseau = _ralentir(etape, 150_000)
    _joindre(etape, "identite", _photo("recto"))
    bloc = _bloc(etape, "identite")
    expect(bloc.get_by_text(re.compile("Envoi en cours\u00a0: [1-9]\\d*\u00a0%"))).to_be_visible(timeout=LONG_MS)
    etape.accessible("envoi en cours")
    _regler(reseau, 0)
    expect(bloc.get_by_text("Envoi interrompu")).to_be_visible(timeout=LONG_MS)
    etape.accessible("envoi interrompu")
    assert _gardes(etape) == 1
    _regler(reseau, -1)
    if recharger:
        etape.page.reload()
        etape.prete()
    expect(bloc.get_by_text("Document valide")).to_be_visible(timeout=LONG_MS)
    assert [p["statut"] for p in usager.client.demande(demande["id"])["pieces"]] == ["valide"]
    assert _gardes(etape) == 0


def test_une_page_rouverte_sans_reseau_garde_le_fichier_et_l_envoie_a_son_retour(
    etape: Any, usager: Usager, demande: Demande
) -> None:
    etape.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    etape.page.reload()
    etape.prete()
    etape.page.context.set_offline(True)
    _joindre(etape, "identite", _photo("recto"))
    bloc = _bloc(etape, "identite")
    expect(bloc.get_by_text("Envoi interrompu")).to_be_visible(timeout=LONG_MS)
    etape.page.reload()
    etape.prete()
    expect(bloc.locator(".piece-nom")).to_have_text("recto.jpg")
    etape.accessible("page rouverte sans réseau")
    etape.page.context.set_offline(False)
    expect(bloc.get_by_text("Document valide")).to_be_visible(timeout=LONG_MS)
    assert [p["statut"] for p in usager.client.demande(demande["id"])["pieces"]] == ["valide"]


def test_la_session_finie_pendant_l_envoi_se_reprend_et_l_envoi_continue(etape: Any, usager: Usager) -> None:
    reseau = _ralentir(etape, 150_000)
    _joindre(etape, "identite", _photo("recto"))
    bloc = _bloc(etape, "identite")
    expect(bloc.get_by_role("progressbar")).to_be_visible(timeout=LONG_MS)
    usager.client.fermer_session()
    _regler(reseau, -1)
    dialogue = etape.page.get_by_role("dialog")
    expect(dialogue.get_by_text("Votre session est terminée.")).to_be_visible(timeout=LONG_MS)
    dialogue.get_by_label("Mot de passe").fill(usager.citoyen.mot_de_passe)
    dialogue.get_by_role("button", name="Me reconnecter").click()
    expect(bloc.get_by_text("Document valide")).to_be_visible(timeout=LONG_MS)
    usager.client.ouvrir_session(usager.citoyen.identifiant, usager.citoyen.mot_de_passe)


def test_deux_onglets_n_envoient_pas_deux_fois_le_meme_fichier(etape: Any, usager: Usager, demande: Demande) -> None:
    reseau = _ralentir(etape, 150_000)
    _joindre(etape, "identite", _photo("recto"))
    expect(_bloc(etape, "identite").get_by_role("progressbar")).to_be_visible(timeout=LONG_MS)
    autre = etape.page.context.new_page()
    autre.goto(etape.page.url)
    expect(autre.get_by_text("En attente d'envoi…")).to_be_visible()
    _regler(reseau, -1)
    expect(autre.get_by_text("Document valide")).to_be_visible(timeout=LONG_MS)
    assert [p["statut"] for p in usager.client.demande(demande["id"])["pieces"]] == ["valide"]


def test_un_envoi_annule_ne_laisse_rien(etape: Any, usager: Usager, demande: Demande) -> None:
    reseau = _ralentir(etape, 50_000)
    _joindre(etape, "identite", _photo("verso"))
    bloc = _bloc(etape, "identite")
    expect(bloc.get_by_role("progressbar")).to_be_visible(timeout=LONG_MS)
    bloc.get_by_role("button", name="Annuler verso.jpg").click()
    expect(bloc.locator("li")).to_have_count(0)
    _regler(reseau, -1)
    assert _gardes(etape) == 0
    assert usager.client.demande(demande["id"])["pieces"] == []


def test_on_ne_passe_pas_sans_les_pieces_obligatoires(etape: Any) -> None:
    etape.cliquer("Etape suivante >>")
    resume = etape.page.locator("[data-resume-erreurs]")
    expect(resume).to_be_focused()
    expect(resume.get_by_role("link")).to_have_count(3)
    etape.accessible("pièces manquantes")
    resume.get_by_role("link", name="Pièce d'identité").click()
    expect(_bloc(etape, "identite").get_by_role("heading", level=2)).to_be_focused()


def test_un_controle_qui_dure_est_relu_jusqu_a_sa_fin(ecran: Ouvrir, usager: Usager) -> None:
    # The worker that keeps the pages would hide their calls from the test.
    etape = ecran(service_workers="block")
    signer(etape, usager)
    relus: list[str] = []

    def durer(route: Route) -> None:
        relus.append(route.request.method)
        if len(relus) > 2:
            return route.continue_()
        if route.request.method == "POST":
            route.fetch()
        return route.fulfill(status=202, json={"statut": "en_cours", "pages": 0, "anomalies": []})

    etape.page.route("**/controle", durer)
    etape.ouvrir(f"/demande/pieces/#{brouillon(usager)['id']}")
    _joindre(etape, "domicile", FACTURE)
    bloc = _bloc(etape, "domicile")
    expect(bloc.get_by_text("Reçu. Contrôle du document…")).to_be_visible(timeout=LONG_MS)
    etape.accessible("contrôle en cours")
    expect(bloc.get_by_text("Document valide")).to_be_visible(timeout=LONG_MS)
    assert relus == ["POST", "GET", "GET"]


def test_une_analyse_en_panne_se_dit_et_finit_d_elle_meme(ecran: Ouvrir, usager: Usager) -> None:
    etape = ecran(service_workers="block")
    signer(etape, usager)
    demande_id = brouillon(usager)["id"]
    usager.client.joindre(demande_id, "domicile", Fichier("facture.pdf", "application/pdf", fichiers.facture(1)))
    panne = ANALYSE_EN_PANNE.model_dump(mode="json")
    relus: list[str] = []

    def attendre(route: Route) -> None:
        relus.append(route.request.method)
        if len(relus) > 2:
            return route.continue_()
        return route.fulfill(status=202, json={"statut": "en_cours", "pages": 0, "anomalies": [panne]})

    def montrer(route: Route) -> None:
        reponse = route.fetch()
        demande = reponse.json()
        if len(relus) < 3:
            demande["pieces"][0] |= {"statut": "en_cours", "pages": 0, "anomalies": [panne]}
        route.fulfill(response=reponse, json=demande)

    etape.page.route("**/controle", attendre)
    etape.page.route(f"**/api/demandes/{demande_id}", montrer)
    etape.ouvrir(f"/demande/pieces/#{demande_id}")
    bloc = _bloc(etape, "domicile")
    expect(bloc.locator("[data-conseil]")).to_contain_text("ne répond pas pour le moment")
    expect(bloc.locator("[data-conseil]")).not_to_contain_text("Vous pouvez continuer")
    etape.accessible("analyse en panne")
    expect(bloc.get_by_text("Document valide")).to_be_visible(timeout=LONG_MS)
    assert relus == ["GET"] * 3


def test_une_piece_facultative_est_dite_facultative(ecran: Ouvrir, usager: Usager) -> None:
    etape = ecran(bureau=True)
    signer(etape, usager)
    etape.ouvrir(f"/demande/pieces/#{brouillon(usager, 'expiration')['id']}")
    expect(_bloc(etape, "avis_medical").get_by_role("heading", level=2)).to_contain_text("facultatif")
    etape.accessible("pièces, au bureau")
