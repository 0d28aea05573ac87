"""Documents in a browser: they fill the form, a doubt goes to the CTN with its reason, ours are verified by anybody."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pypdfium2
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
from tests.e2e.outils import compte_neuf, demande_remplie, fichier_de, photo, pieces_demandees
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


def test_une_carte_et_une_facture_remplissent_le_formulaire(
    ecran: Ouvrir, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
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
    with capsys.disabled():
        print(
            f"\nd'après les documents : {len(remplis)} champs sur {len(demandes)}, manquent "
            f"{sorted(set(demandes) - set(remplis))} ; avec le compte : {len(remplis) + len(du_compte)} sur {tous} "
            "(un choix personnel compris)"
        )
    assert len(remplis) >= 0.8 * len(demandes)
    assert len(remplis) + len(du_compte) >= 0.8 * tous


def _proposee(ecran: Ouvrir, usager: Usager) -> Ecran:
    """État civil on a phone that never saw this demande: typed otherwise than the card says."""
    demande_id = brouillon(usager)["id"]
    ecrit = {"nom_naissance": "Corneil", "prenoms": ["Pierre", "Jean-Noël", "Luc"], "sexe": "M"}
    usager.client.brouillon(demande_id, "etat-civil", ecrit)
    carte = Fichier("carte.jpg", "image/jpeg", fichiers.carte_identite(prenoms="PIERRE<<JEAN<NOEL"))
    usager.client.joindre(demande_id, "identite", carte)
    un = ecran()
    signer(un, usager)
    un.ouvrir(f"/demande/etat-civil/#{demande_id}")
    proposees = un.page.locator("[data-propositions] li")
    # The prénoms that the card cut, and the sex that is the same, are not among them.
    nom = "Nom de naissance\u00a0: CORNEILLE, à la place de «\u00a0Corneil\u00a0»"
    expect(proposees).to_have_text([nom, "Date de naissance\u00a0: 01/01/1956"])
    expect(un.page.locator("[data-champ=sexe] [data-source]")).to_contain_text("Comme sur vos documents")
    return un


def test_qui_refuse_les_propositions_garde_ce_qu_il_a_ecrit(ecran: Ouvrir, usager: Usager) -> None:
    un = _proposee(ecran, usager)
    un.cliquer("Non, garder mes réponses")
    expect(un.page.locator("[data-propositions]")).to_be_hidden()
    expect(un.page.locator("#nom-naissance")).to_be_focused()
    un.accessible("propositions refusées")
    ecrits = un.page.locator("[name=nom_naissance], [name^='prenoms.']")
    assert [champ.input_value() for champ in ecrits.all()] == ["Corneil", "Pierre", "Jean-Noël", "Luc"]
    assert _remplis(un.page, ("date_naissance",)) == []


def test_qui_accepte_garde_ce_que_ses_documents_ne_disent_pas(ecran: Ouvrir, usager: Usager) -> None:
    un = _proposee(ecran, usager)
    un.cliquer(GESTE)
    expect(un.page.locator("[data-propositions] .fr-alert")).to_be_focused()
    expect(un.page.locator("[data-propositions]")).to_contain_text("2 champs remplis d'après vos documents")
    ecrits = un.page.locator("[name=nom_naissance], [name^='prenoms.']")
    assert [champ.input_value() for champ in ecrits.all()] == ["CORNEILLE", "Pierre", "Jean-Noël", "Luc"]
    source = un.page.locator("[data-champ=nom_naissance] [data-source]")
    expect(source).to_contain_text("D'après vos documents")
    decrit = un.page.locator("#nom-naissance").get_attribute("aria-describedby") or ""
    assert source.get_attribute("id") in decrit.split()
    un.page.fill("#nom-naissance", "Corneille")
    expect(source).to_have_count(0)
    un.accessible("valeur corrigée")


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


def test_une_facture_maquillee_va_au_ctn_et_n_est_ni_refusee_ni_passee(ecran: Ouvrir, url: str) -> None:
    client, _ = compte_neuf(url)
    demande_id = demande_remplie(client, "perte", sauf=("pieces",))["id"]
    maquillee = fichiers.facture(1, Facture(nom="MARTIN", prenom="LOUISE"), altere=Facture())
    for type_piece in pieces_demandees(url, "perte"):
        fichier = Fichier("facture.pdf", "application/pdf", maquillee)
        controle = client.joindre(
            demande_id, type_piece, fichier if type_piece == "domicile" else fichier_de(type_piece)
        )
        assert (controle["statut"], controle["anomalies"]) == ("valide", [])
    (domicile,) = [p for p in client.demande(demande_id)["pieces"] if p["type"] == "domicile"]
    assert domicile["lu"] == []
    client.confirmer(demande_id)
    un = ecran()
    entrer(un, "ctn.543")
    un.ouvrir(f"/agent/controle/#{demande_id}")
    doute = un.page.locator("[data-doute]")
    expect(doute).to_have_count(1)
    expect(doute).to_have_attribute("data-doute", "falsifiee")
    expect(doute).to_contain_text("La signature du code est fausse")
    expect(doute.locator("tr", has_text="Signature du code")).to_contain_text("a pu être falsifié")
    expect(doute.locator("tr", has_text="Titulaire")).to_contain_text("Identique en partie")
    expect(un.page.locator("label", has_text="Accepter")).to_have_count(1)
    assert client.demande(demande_id)["statut"] == "en_controle"
    un.accessible("signature fausse")
    un.page.set_viewport_size({"width": 1280, "height": 800})
    un.accessible("signature fausse, bureau")


def _fichier_de(type_piece: str, facture: bytes) -> Fichier:
    """The file of a type: ``facture`` for the home, a small picture for the rest."""
    return Fichier("facture.pdf", "application/pdf", facture) if type_piece == "domicile" else photo()


@pytest.fixture(scope="module")
def attestation(url: str) -> bytes:
    """The PDF of the attestation of a loss whose demande an agent has still to treat."""
    vie = Vie(url, "perte").confirmer().jusqu_a("en_instruction")
    return vie.client.document(vie.id, "attestation-perte")


@pytest.fixture(scope="module")
def attestation_passee(url: str) -> bytes:
    """The PDF of an attestation of rights whose card has been handed over since."""
    vie = Vie(url).confirmer().jusqu_a("en_instruction")
    vie.agent.prendre(vie.id)
    vie.valider()
    pdf = vie.client.document(vie.id, "attestation-droits")
    vie.titre("accepte", "produit", "expedie", "distribue")
    vie.jusqu_a("distribuee")
    return pdf


def _code(pdf: bytes) -> str:
    """The code that the PDF carries, as a scanner reads it."""
    page = pypdfium2.PdfDocument(pdf)[0]
    lus = zxingcpp.read_barcodes(page.render(scale=4).to_pil(), formats=zxingcpp.BarcodeFormat.DataMatrix)
    return lus[0].bytes.decode("ascii")


def _photographie(pdf: bytes) -> bytes:
    """JPEG, 8 megapixels and more than three megabytes: the first page of ``pdf``, taken on a table by a phone."""
    table = Image.effect_noise((3264, 2448), 60).convert("RGB")
    page = pypdfium2.PdfDocument(pdf)[0].render(scale=2.6).to_pil().convert("RGB")
    table.paste(page.rotate(4, expand=True, resample=Image.Resampling.BICUBIC, fillcolor=(112, 92, 72)), (700, 40))
    sortie = BytesIO()
    table.save(sortie, "JPEG", quality=92)
    return sortie.getvalue()


def test_verifier_une_photo_prise_au_telephone(ecran: Ouvrir, attestation: bytes) -> None:
    photographie = _photographie(attestation)
    assert len(photographie) > 3_000_000
    un = ecran()
    un.ouvrir("/verifier/")
    un.page.set_input_files("[data-photo]", _image(photographie, "IMG_2041.jpg"))
    verdict = un.page.locator("[data-verdict]")
    expect(verdict).to_contain_text("Document authentique", timeout=LONG_MS)
    expect(verdict).to_contain_text("CORNEILLE")
    expect(verdict).to_be_focused()
    un.page.set_input_files("[data-photo]", _image(b"ni une photo ni un PDF"))
    expect(verdict).to_contain_text("Lecture impossible", timeout=LONG_MS)
    expect(verdict).to_contain_text("Photographiez")
    un.accessible("fichier illisible")
    un.page.set_input_files("[data-fichier]", _pdf(fichiers.facture(1)))
    expect(verdict).to_contain_text("Ce code n'est pas du service", timeout=LONG_MS)
    un.accessible("code d'un autre")


def test_verifier_une_attestation_dont_la_demande_est_terminee(ecran: Ouvrir, attestation_passee: bytes) -> None:
    un = ecran()
    un.ouvrir("/verifier/")
    un.page.set_input_files("[data-fichier]", _pdf(attestation_passee))
    verdict = un.page.locator("[data-verdict]")
    expect(verdict).to_contain_text("Document qui ne vaut plus rien", timeout=LONG_MS)
    for mots in ("la demande qu'il concerne est terminée", "droits à conduire", "CORNEILLE"):
        expect(verdict).to_contain_text(mots)
    un.accessible("demande terminée")


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
    for mots in ("CORNEILLE", "Numéro de la demande", "Valable jusqu'au", "déclaration de perte"):
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


def test_un_document_envoye_deux_fois_et_un_cote_sans_chevrons_se_disent(ecran: Ouvrir, usager: Usager) -> None:
    demande = brouillon(usager)
    un = ecran()
    signer(un, usager)
    un.ouvrir(f"/demande/pieces/#{demande['id']}")
    _joindre(un.page, "identite", _image(fichiers.carte_identite("verso"), "verso.jpg"))
    conseil = un.page.locator("[data-piece=identite] [data-conseil]")
    expect(conseil).to_contain_text("lignes de chevrons")
    expect(conseil).to_contain_text("Vous pouvez continuer")
    un.accessible("un côté sans chevrons")

    un.page.set_input_files('[data-fichier="identite"]', _image(fichiers.carte_identite("recto"), "recto.jpg"))
    expect(un.page.locator("[data-piece=identite] [data-statut=valide]")).to_have_count(2, timeout=LONG_MS)
    expect(conseil).to_have_count(0)

    _joindre(un.page, "recepisse_vol", _image(fichiers.carte_identite("recto"), "encore.jpg"))
    double = un.page.locator("[data-piece=recepisse_vol] [data-conseil]")
    expect(double).to_contain_text("ressemble à celui déjà joint pour «\u00a0Pièce d'identité\u00a0»")
    expect(double).to_contain_text("Vous pouvez continuer")
    un.accessible("document envoyé deux fois")
