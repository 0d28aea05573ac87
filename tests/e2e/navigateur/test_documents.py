"""Documents in a browser: they fill the form, a doubt goes to the CTN with its reason, ours are verified by anybody."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
import zxingcpp
from PIL import Image, ImageFilter
from playwright.sync_api import Page, expect

from demo import fichiers
from demo.client import Fichier
from demo.facturier import Client as Facture
from tests.e2e.acteurs import Usager
from tests.e2e.navigateur.agents import entrer
from tests.e2e.navigateur.conftest import Ecran
from tests.e2e.navigateur.demandes import brouillon, signer
from tests.e2e.outils import compte_neuf, demande_remplie, photo, pieces_demandees
from tests.e2e.vies import Vie

Ouvrir = Callable[..., Ecran]
LONG_MS = 60_000
GESTE = "Remplir avec ces informations"
# Mandatory, or said by one of the two documents: the whole of what somebody named as on his card must give.
ETAT_CIVIL = ("nom_naissance", "prenoms.0", "sexe", "date_naissance", "lieu_naissance")
CHEZ_SOI = ("numero", "extension", "type_voie", "nom_voie", "code_postal", "commune", "prefecture")
DU_COMPTE = ("email", "telephone")
DES_CHOIX = ("reutilisation_donnees",)
REMPLI = """(nom) => {
    const form = document.querySelector("form[data-etape-formulaire]");
    const date = form.querySelector(`[data-date="${nom}"]`);
    if (date) return [...date.querySelectorAll("[data-part]")].every((un) => un.value !== "");
    const champs = [...form.querySelectorAll(`[name="${nom}"], [name^="${nom}."]`)].filter((un) => un.offsetParent);
    return champs.some((un) => (un.type === "radio" ? un.checked : un.value !== ""));
}"""


def _image(octets: bytes, nom: str = "carte.jpg") -> dict[str, Any]:
    return {"name": nom, "mimeType": "image/jpeg", "buffer": octets}


def _pdf(octets: bytes) -> dict[str, Any]:
    return {"name": "document.pdf", "mimeType": "application/pdf", "buffer": octets}


def _joindre(page: Page, type_piece: str, fichier: dict[str, Any]) -> None:
    page.set_input_files(f'[data-fichier="{type_piece}"]', fichier)
    expect(page.locator(f'[data-piece="{type_piece}"] [data-statut=valide]')).to_be_visible(timeout=LONG_MS)


def _remplis(page: Page, champs: tuple[str, ...]) -> list[str]:
    return [nom for nom in champs if page.evaluate(REMPLI, nom)]


def test_une_carte_et_une_facture_remplissent_le_formulaire(ecran: Ouvrir, url: str) -> None:
    usager = Usager(*compte_neuf(url))
    demande = brouillon(usager)
    un = ecran()
    signer(un, usager)
    un.ouvrir(f"/demande/etat-civil/#{demande['id']}")
    un.page.get_by_role("link", name="Commencer par mes documents").click()
    un.page.wait_for_url("**/demande/pieces/**")
    un.prete()
    _joindre(un.page, "identite", _image(fichiers.carte_identite(prenoms="PIERRE")))
    _joindre(un.page, "domicile", _pdf(fichiers.facture(1)))
    expect(un.page.locator("[data-lu]")).to_contain_text("remplir le formulaire pour vous")
    un.accessible("documents lus")

    un.page.locator("[data-lu] a").first.click()
    un.page.wait_for_url("**/demande/etat-civil/**")
    un.prete()
    assert _remplis(un.page, ETAT_CIVIL[:4]) == []
    un.accessible("état civil proposé")
    un.page.get_by_role("button", name=GESTE).click()
    expect(un.page.locator("[data-source]").first).to_contain_text("pièce d'identité")
    un.accessible("état civil rempli")
    remplis = _remplis(un.page, ETAT_CIVIL)

    un.ouvrir(f"/demande/adresse/#{demande['id']}")
    expect(un.page.locator("#email")).not_to_have_value("")
    un.accessible("adresse proposée")
    un.page.get_by_role("button", name=GESTE).click()
    expect(un.page.locator("[data-source]").first).to_contain_text("code de votre document")
    expect(un.page.locator("[name=prefecture]")).to_have_value("543")
    un.accessible("adresse remplie")
    remplis += _remplis(un.page, CHEZ_SOI)
    du_compte = _remplis(un.page, DU_COMPTE)
    demandes = [*ETAT_CIVIL, *CHEZ_SOI]
    tous = len(demandes) + len(DU_COMPTE) + len(DES_CHOIX)
    print(
        f"d'après les documents : {len(remplis)} champs sur {len(demandes)} ; manquent {set(demandes) - set(remplis)}"
    )
    print(f"avec le compte : {len(remplis) + len(du_compte)} sur {tous} (un choix personnel compris)")
    assert len(remplis) >= 0.8 * len(demandes)
    assert len(remplis) + len(du_compte) >= 0.8 * tous


def test_une_facture_d_un_autre_va_au_ctn_avec_sa_raison(ecran: Ouvrir, url: str) -> None:
    client, _ = compte_neuf(url)
    demande_id = demande_remplie(client, "vol", sauf=("pieces",))["id"]
    facture = fichiers.facture(1, Facture(nom="MARTIN", prenom="LOUISE"))
    for type_piece in pieces_demandees(url, "vol"):
        fichier = _fichier_de(type_piece, facture)
        client.joindre(demande_id, type_piece, fichier)
    client.confirmer(demande_id)
    un = ecran(bureau=True)
    entrer(un, "ctn.543")
    un.ouvrir(f"/agent/controle/#{demande_id}")
    doute = un.page.locator("[data-doute=differente]").first
    expect(doute).to_contain_text("n'est pas ce qui a été déclaré")
    ligne = doute.locator("tr", has_text="Titulaire")
    expect(ligne).to_contain_text("MARTIN")
    expect(ligne).to_contain_text("CORNEILLE")
    expect(ligne).to_contain_text("Différent")
    un.accessible("doute et extrait")
    un.page.set_viewport_size({"width": 320, "height": 640})
    un.accessible("doute et extrait, téléphone")


def _fichier_de(type_piece: str, facture: bytes) -> Fichier:
    """The file of a type: ``facture`` for the home, a small picture for the rest."""
    return Fichier("facture.pdf", "application/pdf", facture) if type_piece == "domicile" else photo()


@pytest.fixture(scope="module")
def attestation(url: str) -> bytes:
    """The PDF of an attestation of rights."""
    vie = Vie(url).confirmer().jusqu_a("en_instruction")
    vie.agent.prendre(vie.id)
    vie.valider()
    return vie.client.document(vie.id, "attestation-droits")


def _code(pdf: bytes) -> str:
    """The code that the PDF carries, as a scanner reads it."""
    import pypdfium2

    page = pypdfium2.PdfDocument(pdf)[0]
    lus = zxingcpp.read_barcodes(page.render(scale=4).to_pil(), formats=zxingcpp.BarcodeFormat.DataMatrix)
    return lus[0].bytes.decode("ascii")


@pytest.mark.parametrize("bureau", [False, True])
def test_verifier_une_attestation(ecran: Ouvrir, attestation: bytes, bureau: bool) -> None:
    un = ecran(bureau=bureau)
    un.ouvrir("/")
    un.page.locator("#pied").get_by_role("link", name="Vérifier un document").click()
    un.page.wait_for_url("**/verifier/")
    un.prete()
    un.accessible("rien à vérifier")
    un.page.set_input_files("[data-fichier]", _pdf(attestation))
    verdict = un.page.locator("[data-verdict]")
    expect(verdict).to_contain_text("Document authentique", timeout=LONG_MS)
    for mots in ("CORNEILLE", "Numéro de la demande", "Valable jusqu'au", "droits à conduire"):
        expect(verdict).to_contain_text(mots)
    un.accessible("authentique")

    un.page.set_input_files("[data-fichier]", _image(photo().octets))
    expect(verdict).to_contain_text("Aucun code trouvé", timeout=LONG_MS)
    expect(verdict).not_to_contain_text("CORNEILLE")
    un.accessible("sans code")

    code = _code(attestation)
    un.page.locator("summary", has_text="J'ai un lecteur").click()
    un.page.locator("form[data-code] textarea").fill(code.replace("CORNEILLE", "CORNEILLF"))
    un.cliquer("Vérifier ce code")
    expect(verdict).to_contain_text("Document faux ou modifié")
    expect(verdict).not_to_contain_text("CORNEILL")
    un.accessible("altéré")
    un.page.locator("form[data-code] textarea").fill(code)
    un.cliquer("Vérifier ce code")
    expect(verdict).to_contain_text("Document authentique")

    un.page.set_input_files("[data-fichier]", _pdf(b"%PDF-1.7" + b"0" * 3_000_001))
    expect(verdict).to_contain_text("dépasse 3 Mo")


def test_une_photo_floue_recoit_un_conseil_et_laisse_continuer(ecran: Ouvrir, usager: Usager) -> None:
    demande = brouillon(usager)
    sortie = BytesIO()
    with Image.open(BytesIO(fichiers.carte_identite())) as nette:
        nette.filter(ImageFilter.GaussianBlur(14)).save(sortie, "JPEG")
    un = ecran()
    signer(un, usager)
    un.ouvrir(f"/demande/pieces/#{demande['id']}")
    _joindre(un.page, "identite", _image(sortie.getvalue()))
    conseil = un.page.locator("[data-piece=identite] [data-conseil]")
    expect(conseil).to_contain_text("floue")
    expect(conseil).to_contain_text("Vous pouvez continuer")
    expect(un.page.locator("[data-piece=identite] .fr-message--error")).to_have_count(0)
    un.accessible("photo floue")
    un.page.reload()
    un.prete()
    expect(conseil).to_contain_text("floue")
