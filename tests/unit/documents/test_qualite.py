"""Advice on what people will read: given where it should be, and not on ordinary documents."""

from collections.abc import Callable
from functools import cache
from io import BytesIO

import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from chalicelib.demande.modeles import StatutPiece
from chalicelib.documents.anomalies import CONSEILS, Refus, conseil
from chalicelib.documents.inspection import inspecter
from chalicelib.documents.qualite import doublon, examiner
from tests import specimens
from tests.dossiers import piece

TABLE = (60, 45, 30)


@cache
def pages() -> dict[str, Image.Image]:
    """The first page of each ordinary document, as agents see it."""
    fichiers = {
        "carte d'identité": specimens.carte_identite(),
        "facture": specimens.facture(),
        "récépissé": specimens.recepisse_vol(),
        "acte de naissance": specimens.acte_naissance(),
        "quittance": specimens.quittance_png(),
        "permis": specimens.permis(),
    }
    return {nom: Image.open(BytesIO(inspecter(octets, "domicile", 5).rendu[0])) for nom, octets in fichiers.items()}


NOMS = ("carte d'identité", "facture", "récépissé", "acte de naissance", "quittance", "permis")
TEXTES = ("facture", "récépissé", "acte de naissance", "quittance")


def jpeg(image: Image.Image) -> bytes:
    sortie = BytesIO()
    image.convert("RGB").save(sortie, "JPEG", quality=82)
    return sortie.getvalue()


def codes(*images: Image.Image, dessinees: bool = False) -> list[str]:
    return [un.code for un in examiner([jpeg(image) for image in images], dessinees=dessinees).conseils]


def sur_une_table(feuille: Image.Image, gauche: float, haut: float) -> Image.Image:
    """The sheet photographed on a dark table; its corner is at that part of the picture."""
    photo = Image.new("RGB", (1500, 2000), TABLE)
    petite = feuille.resize((1000, 1000 * feuille.height // feuille.width))
    photo.paste(petite, (int(1500 * gauche), int(2000 * haut)))
    return photo


@pytest.mark.parametrize("nom", NOMS)
def test_an_ordinary_document_gets_no_advice(nom: str) -> None:
    assert codes(pages()[nom]) == []


@pytest.mark.parametrize("nom", NOMS)
@pytest.mark.parametrize(("rayon", "attendu"), [(2, []), (8, ["page_floue"])])
def test_what_is_blurred_is_told(nom: str, rayon: int, attendu: list[str]) -> None:
    assert [code for code in codes(pages()[nom].filter(ImageFilter.GaussianBlur(rayon))) if code == "page_floue"] == (
        attendu
    )


@pytest.mark.parametrize("nom", NOMS)
def test_what_is_dark_is_told(nom: str) -> None:
    assert "page_sombre" in codes(ImageEnhance.Brightness(pages()[nom]).enhance(0.3))
    assert "page_sombre" not in codes(ImageEnhance.Brightness(pages()[nom]).enhance(0.7))


@pytest.mark.parametrize("nom", TEXTES)
def test_a_sheet_out_of_the_picture_on_one_side_is_told(nom: str) -> None:
    assert codes(sur_une_table(pages()[nom], 0.15, 0.1)) == []
    assert codes(sur_une_table(pages()[nom], 0.15, 0.5)) == ["page_coupee"]
    assert codes(sur_une_table(pages()[nom], 0.6, 0.1)) == ["page_coupee"]
    assert codes(sur_une_table(pages()[nom], -0.3, 0.1)) == ["page_coupee"]


@pytest.mark.parametrize("nom", TEXTES)
def test_a_text_on_its_side_is_told(nom: str) -> None:
    assert codes(pages()[nom].rotate(90, expand=True)) == ["page_de_cote"]
    assert codes(pages()[nom].rotate(-90, expand=True)) == ["page_de_cote"]
    assert codes(pages()[nom].rotate(180)) == []


def test_a_small_picture_is_told_and_a_thumbnail_refused() -> None:
    carte = pages()["carte d'identité"]
    assert codes(carte.resize((600, 450))) == ["image_petite"]
    assert "600 × 450" in examiner([jpeg(carte.resize((600, 450)))]).conseils[0].message
    assert codes(carte.resize((600, 450)), dessinees=True) == [], "the size of a page drawn from a PDF is our choice"
    with pytest.raises(Refus) as refus:
        codes(carte.resize((120, 90)))
    assert refus.value.code == "image_trop_petite"


def feuille_blanche(bruit: int = 6) -> Image.Image:
    """A sheet of paper as a scanner sees it: grain, and a shade from a side to the other."""
    grain = Image.effect_noise((1240, 1754), bruit).point(lambda n: n + 100)
    ombre = Image.linear_gradient("L").resize((1240, 1754)).point(lambda n: n // 5)
    return Image.composite(grain, Image.new("L", grain.size, 180), ombre.point(lambda n: 255 - n))


@pytest.mark.parametrize("taille", [(1, 3000), (20000, 2), (300, 3)])
def test_a_thread_of_an_image_is_too_small_and_breaks_nothing(taille: tuple[int, int]) -> None:
    sortie = BytesIO()
    Image.effect_noise(taille, 90).save(sortie, "PNG")
    assert [une.code for une in inspecter(sortie.getvalue(), "identite", 2).anomalies] == ["image_trop_petite"]


def test_a_blank_page_is_told_among_others_and_a_blank_file_refused() -> None:
    facture = pages()["facture"]
    examen = examiner([jpeg(facture), jpeg(feuille_blanche()), jpeg(facture)])
    assert [un.code for un in examen.conseils] == ["page_vide"]
    assert examen.conseils[0].message.startswith("Page 2 : cette page paraît vide.")
    assert examen.vues[1] == ""
    for unie in (feuille_blanche(), Image.new("L", (900, 900), 255), Image.new("L", (900, 900), 0)):
        with pytest.raises(Refus) as refus:
            codes(unie)
        assert refus.value.code == "document_vide"


def test_a_few_lines_are_enough_for_a_page_not_to_be_blank() -> None:
    page = Image.new("L", (1240, 1754), 255)
    ImageDraw.Draw(page).text((200, 300), "Attestation sur l'honneur", fill=0, font_size=30)
    assert "page_vide" not in codes(page)


@pytest.mark.parametrize("code", CONSEILS)
def test_every_advice_is_a_sentence_that_says_what_to_do(code: str) -> None:
    valeurs = {"largeur": "600", "hauteur": "400", "piece": "Justificatif de domicile"}
    seul, parmi = conseil(code, **valeurs), conseil(code, 2, **valeurs)
    assert seul.gravite == parmi.gravite == "conseil"
    assert seul.message[0].isupper() and seul.message.endswith(".")
    assert parmi.message.startswith("Page 2 : ")
    assert "Vérifiez" in seul.message or "S'il" in seul.message or "Si " in seul.message


DEGRADER: dict[str, Callable[[Image.Image], Image.Image]] = {
    "même image": lambda image: image,
    "plus petite": lambda image: image.resize((image.width // 2, image.height // 2)),
    "un peu floue": lambda image: image.filter(ImageFilter.GaussianBlur(2)),
    "plus claire": lambda image: ImageEnhance.Brightness(image).enhance(1.1),
}


@pytest.mark.parametrize("nom", NOMS)
@pytest.mark.parametrize("comment", DEGRADER)
def test_the_same_page_saved_another_way_is_recognised(nom: str, comment: str) -> None:
    envoyee = piece("identite", 1, vues=examiner([jpeg(pages()[nom])]).vues)
    vues = examiner([jpeg(DEGRADER[comment](pages()[nom]))]).vues
    (avis,) = doublon(piece("domicile", 2), vues, [envoyee])
    assert (avis.code, avis.gravite) == ("deja_envoye", "conseil")
    assert "« Pièce d'identité »" in avis.message


def test_other_documents_are_not_duplicates() -> None:
    envoyees = [
        piece("identite", rang, vues=examiner([jpeg(image)]).vues) for rang, image in enumerate(pages().values())
    ]
    for envoyee in envoyees:
        autres = [autre for autre in envoyees if autre is not envoyee]
        assert doublon(piece("domicile", 99), envoyee.vues, autres) == []
        assert doublon(envoyee, envoyee.vues, [envoyee]) == [], "a pièce is no duplicate of itself"


def test_pages_without_anything_are_no_duplicates_of_each_other() -> None:
    assert doublon(piece("domicile", 2), [""], [piece("identite", 1, StatutPiece.VALIDE, vues=[""])]) == []
