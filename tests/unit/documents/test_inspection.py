"""A file is judged by what is in it, and what agents open was made by us."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image, TiffImagePlugin

from chalicelib.demande.motifs import TAILLE_MAX
from chalicelib.documents.anomalies import MESSAGES, Refus
from chalicelib.documents.inspection import inspecter
from chalicelib.documents.isolement import LimiteAtteinte, executer
from chalicelib.documents.polyglottes import sans_autre_contenu
from tests import specimens

BONS = {
    "photo JPEG de 8 mégapixels": (specimens.carte_identite, "image/jpeg", 1),
    "photo HEIC": (specimens.carte_identite_heic, "image/heic", 1),
    "PDF de 3 pages": (specimens.facture, "application/pdf", 3),
    "PDF d'une page": (specimens.recepisse_vol, "application/pdf", 1),
    "TIFF de 2 pages": (specimens.acte_naissance, "image/tiff", 2),
    "PNG": (specimens.quittance_png, "image/png", 1),
    "BMP": (specimens.avis_medical_bmp, "image/bmp", 1),
}


@pytest.mark.parametrize("nom", BONS)
def test_an_ordinary_file_is_valid_and_each_page_becomes_a_jpeg(nom: str) -> None:
    construire, mime, pages = BONS[nom]
    inspection = inspecter(construire(), "domicile", 5)
    assert (inspection.statut, inspection.mime, inspection.pages) == ("valide", mime, pages)
    assert inspection.anomalies == []
    assert len(inspection.rendu) == pages
    for page in inspection.rendu:
        image = Image.open(BytesIO(page))
        assert image.format == "JPEG"
        assert 400 < max(image.size) <= 2000
        assert not image.info.keys() & {"exif", "icc_profile", "comment", "xmp"}
        assert image.convert("L").getextrema()[0] < 60  # something is written there


@pytest.mark.parametrize("nom", specimens.MAUVAIS)
def test_a_file_that_cannot_be_taken_is_refused_with_its_reason(nom: str) -> None:
    construire, code = specimens.MAUVAIS[nom]
    octets = construire()
    inspection = inspecter(octets, "domicile", 5)
    assert inspection.statut == "invalide"
    assert [anomalie.code for anomalie in inspection.anomalies] == [code]
    assert inspection.rendu == []
    message = inspection.anomalies[0].message
    assert message[0].isupper()
    assert message.endswith(".")
    assert "{" not in message


@pytest.mark.parametrize("hasard", [b"<?PhP\x9a", b"<svG \xd8\x01\x7f\xe2", b"<Svg>ab\x8f1"])
def test_a_mark_that_random_bytes_may_bear_is_not_enough_to_refuse_a_photo(hasard: bytes) -> None:
    sans_autre_contenu(specimens.image("JPEG") + hasard + b"\0" * 9)


@pytest.mark.parametrize(
    "charge",
    [
        b"<?php\nid();",
        b"<?PHP\tid();",
        b"<svg\nonload=a()>",
        b"<SVG/onload=a()>",
        b"<svg/\x0conload=a()>",
        b"<?php",
        b"<svg><a href='x'/>",
    ],
)
def test_a_page_or_a_program_is_told_by_its_mark_and_what_follows(charge: bytes) -> None:
    with pytest.raises(Refus, match="contenu_mixte"):
        sans_autre_contenu(specimens.image("JPEG") + charge)


def test_every_message_says_what_to_do() -> None:
    assert {code for code, texte in MESSAGES.items() if "nvoyez" in texte} == set(MESSAGES)


@pytest.mark.parametrize(
    ("type_piece", "pages_max", "attendu"),
    [
        ("identite", 2, "Ce fichier a 3 pages, alors que 2 pages au plus sont acceptées pour une pièce d'identité."),
        ("recepisse_vol", 1, "Ce fichier a 3 pages, alors que 1 page au plus est acceptée pour un récépissé de "),
        ("autre", 2, "Ce fichier a 3 pages, alors que 2 pages au plus sont acceptées pour cette pièce."),
    ],
)
def test_too_many_pages_says_how_many_and_for_what(type_piece: str, pages_max: int, attendu: str) -> None:
    assert inspecter(specimens.facture(3), type_piece, pages_max).anomalies[0].message.startswith(attendu)


@pytest.mark.parametrize("fichier", [lambda: specimens.image("JPEG"), lambda: specimens.facture(1)])
def test_a_piece_that_has_all_its_pages_says_to_remove_one_first(fichier: Callable[[], bytes]) -> None:
    (anomalie,) = inspecter(fichier(), "recepisse_vol", 0).anomalies
    assert anomalie.code == "plus_de_place"
    assert anomalie.message.startswith(
        "Toutes les pages possibles pour un récépissé de déclaration de vol sont déjà jointes. Retirez d'abord"
    )


def test_eleven_mo_exactly_is_taken() -> None:
    photo = specimens.image("JPEG")
    assert inspecter(photo + b"\0" * (TAILLE_MAX - len(photo)), "identite", 2).statut == "valide"


def test_a_pdf_after_a_byte_order_mark_is_a_pdf() -> None:
    assert inspecter(b"\xef\xbb\xbf\r\n" + specimens.recepisse_vol(), "recepisse_vol", 1).statut == "valide"


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16"])
def test_any_kind_of_png_keeps_its_dark_and_light_halves(mode: str) -> None:
    _verifier_moities(_page(specimens.image("PNG", mode=mode)))


@pytest.mark.parametrize("mode", ["CMYK", "L"])
def test_any_kind_of_jpeg_keeps_its_dark_and_light_halves(mode: str) -> None:
    _verifier_moities(_page(specimens.image("JPEG", mode=mode)))


def test_what_is_transparent_becomes_white() -> None:
    assert _gris(_page(_png_transparent()), 0.5) > 250


def _png_transparent() -> bytes:
    sortie = BytesIO()
    dessin = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    dessin.paste((20, 40, 160, 255), (20, 20, 60, 180))
    dessin.save(sortie, "PNG")
    return sortie.getvalue()


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "TIFF"])
def test_a_photo_held_sideways_is_shown_upright_and_says_nothing_of_where_it_was_taken(format_: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: the left of the pixels is the top of the picture
    exif[0x010F] = "FabricantSecret"
    if format_ == "TIFF":
        tags = TiffImagePlugin.ImageFileDirectory_v2()
        tags[0x0112] = 6
        tags[0x010F] = "FabricantSecret"
        octets = specimens.image(format_, tiffinfo=tags)
    else:
        octets = specimens.image(format_, exif=exif)
    assert b"FabricantSecret" in octets
    page = inspecter(octets, "identite", 2).rendu[0]
    image = Image.open(BytesIO(page)).convert("L")
    assert image.size == (200, 300)
    _verifier_moities(image.rotate(90, expand=True))  # the dark half is now the top one
    assert b"FabricantSecret" not in page


def test_what_was_typed_in_a_form_is_drawn() -> None:
    import pikepdf

    def remplir(pdf: pikepdf.Pdf) -> None:
        champ = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx, T=pikepdf.String("nom"),
                V=pikepdf.String("MMMMMMMM"), Rect=[100, 60, 500, 110], F=4,
                DA=pikepdf.String("/Helv 40 Tf 0 g"), MK=pikepdf.Dictionary(BG=[0.1]),
            )
        )  # fmt: skip
        pdf.pages[0].Annots = pikepdf.Array([champ])
        police = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        pdf.Root.AcroForm = pikepdf.Dictionary(
            Fields=[champ], DR=pikepdf.Dictionary(Font=pikepdf.Dictionary(Helv=police)), NeedAppearances=True
        )

    vide = inspecter(specimens.recepisse_vol(), "recepisse_vol", 1).rendu[0]
    rempli = inspecter(specimens.pdf_avec(remplir), "recepisse_vol", 1)
    assert rempli.statut == "valide"
    assert _noir(rempli.rendu[0]) > _noir(vide) + 1000


def _noir(page: bytes) -> int:
    return sum(Image.open(BytesIO(page)).convert("L").histogram()[:60])


def test_a_reading_that_eats_memory_is_stopped() -> None:
    def gourmande() -> tuple[dict[str, str], list[bytes]]:
        return {}, [bytes(600 * 1024**2)]

    with pytest.raises(LimiteAtteinte):
        executer(gourmande, 8, 512 * 1024**2)


def test_a_reading_without_end_is_stopped() -> None:
    def sans_fin() -> tuple[dict[str, str], list[bytes]]:
        while True:
            pass

    with pytest.raises(LimiteAtteinte):
        executer(sans_fin, 1, 512 * 1024**2)


def test_a_decoder_that_crashes_is_a_refusal() -> None:
    def chute() -> tuple[dict[str, str], list[bytes]]:
        os.kill(os.getpid(), signal.SIGKILL)
        return {}, []

    with pytest.raises(LimiteAtteinte):
        executer(chute, 8, 512 * 1024**2)


def test_importing_the_room_loads_no_heavy_library() -> None:
    code = (
        "import sys, chalicelib.documents.inspection; "
        "print([m for m in ('PIL', 'pypdfium2', 'pikepdf', 'pi_heif', 'typst', 'zxingcpp') if m in sys.modules])"
    )
    sortie = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert sortie.stdout.strip() == "[]"


def _page(octets: bytes) -> Image.Image:
    inspection = inspecter(octets, "identite", 2)
    assert inspection.statut == "valide"
    return Image.open(BytesIO(inspection.rendu[0])).convert("L")


def _verifier_moities(image: Image.Image) -> None:
    assert _gris(image, 0.25) < 100
    assert _gris(image, 0.75) > 150


def _gris(image: Image.Image, abscisse: float) -> int:
    valeur = image.getpixel((int(image.width * abscisse), image.height // 2))
    assert isinstance(valeur, int)
    return valeur
