"""The 2D-Doc of a page is found wherever it is, however it was sent."""

import random
from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image, ImageFilter

from chalicelib.demande.domicile import Signature
from chalicelib.documents import reperage
from chalicelib.documents.inspection import reconnaitre
from chalicelib.documents.reperage import CODES_MAX, reperer
from tests import codes, specimens
from tests.codes import dans_la_page

VALIDE, IMPRIMEE_A_TORT = codes.texte(0), codes.texte(2)


def tournee(image: Image.Image, degres: float) -> Image.Image:
    return image.rotate(degres, Image.Resampling.BICUBIC, expand=True, fillcolor=230)


FICHIERS: dict[str, tuple[Callable[[str], bytes], str]] = {
    "PNG": (lambda code: codes.octets(codes.page(code), "PNG"), "image/png"),
    "JPEG q60 tourné de 7°": (
        lambda code: codes.octets(tournee(codes.page(code), 7), "JPEG", quality=60),
        "image/jpeg",
    ),
    "PDF": (lambda code: codes.octets(codes.page(code), "PDF", resolution=200), "application/pdf"),
    "TIFF": (lambda code: codes.octets(codes.page(code), "TIFF"), "image/tiff"),
    "BMP": (lambda code: codes.octets(codes.page(code), "BMP"), "image/bmp"),
}


@pytest.mark.parametrize("nom", FICHIERS)
@pytest.mark.parametrize("rang", [0, 1, 2])
def test_a_vector_is_found_in_a_file_and_judged(nom: str, rang: int) -> None:
    construire, mime = FICHIERS[nom]
    (code,) = reperer(construire(codes.texte(rang)), mime, 5, codes.avec_specimens)
    assert code.signature is (Signature.VERIFIEE if codes.specimens()[rang]["valid"] else Signature.FAUSSE)


def test_a_symbol_alone_is_found_as_image_and_as_drawing() -> None:
    for degres in (0, 90, 180, 270):
        assert dans_la_page(codes.symbole(VALIDE, 6).rotate(degres, expand=True)) == [VALIDE.encode()]


def test_it_is_found_on_the_last_page_of_a_pdf_and_both_of_a_tiff_each_once() -> None:
    blanche = Image.new("L", (1654, 2339), 255)
    feuilles = [codes.page(VALIDE), codes.page(codes.texte(1)), codes.page(VALIDE)]
    pdf = codes.octets(blanche, "PDF", resolution=200, save_all=True, append_images=[blanche, feuilles[2].copy()])
    assert [code.type for code in reperer(pdf, "application/pdf", 5, codes.avec_specimens)] == ["01"]
    assert reperer(pdf, "application/pdf", 2) == ()
    tiff = codes.octets(feuilles[0], "TIFF", compression="tiff_deflate", save_all=True, append_images=feuilles[1:])
    assert [code.type for code in reperer(tiff, "image/tiff", 5, codes.avec_specimens)] == ["01", "00"]


def test_other_symbols_are_left_alone() -> None:
    assert reperer(codes.octets(codes.symbole("12441542134215461243643"), "PNG"), "image/png", 1) == ()


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_any_mode_of_image_is_looked_at(mode: str) -> None:
    image = codes.page(VALIDE)
    if mode == "RGBA":  # black on nothing: nothing is white
        transparente = Image.new("RGBA", image.size)
        transparente.putalpha(image.point(lambda valeur: 255 - valeur))
        image = transparente
    elif mode == "I;16":
        image = Image.frombytes("I;16", image.size, b"".join(bytes((valeur, valeur)) for valeur in image.tobytes()))
    else:
        image = image.convert(mode)
    assert dans_la_page(image) == [VALIDE.encode()]


def test_a_photo_of_fifty_megapixels_is_shrunk_first() -> None:
    photo = Image.open(BytesIO(codes.octets(codes.page(VALIDE).resize((5800, 8200)), "JPEG", quality=60)))
    assert dans_la_page(photo) == [VALIDE.encode()]
    # The decoder itself made it smaller: the fifty megapixels were never there.
    assert photo.width * photo.height < 2 * reperage.PIXELS_REGARDES


@pytest.mark.parametrize(
    ("octets", "mime"),
    [
        (b"", "image/png"),
        (b"%PDF-1.7 rien", "application/pdf"),
        (b"\xff\xd8\xff" + b"\0" * 2000, "image/jpeg"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 100, "image/heic"),
    ],
)
def test_a_broken_file_has_no_code(octets: bytes, mime: str) -> None:
    assert reperer(octets, mime, 5) == ()


@pytest.mark.parametrize("nom", specimens.MAUVAIS)
def test_no_file_that_is_refused_makes_the_search_fail(nom: str) -> None:
    octets = specimens.MAUVAIS[nom][0]()
    # The bill of six pages has a true code on its first: it is the only one.
    attendus = 1 if nom == "PDF de 6 pages" else 0
    assert len(reperer(octets, reconnaitre(octets) or "image/png", 5)) == attendus


def test_a_page_with_a_hundred_codes_gives_eight() -> None:
    feuille = Image.new("L", (2400, 2400), 255)
    for rang in range(16):
        code = codes.symbole(f"DC04FR00{rang:04}", 8)
        feuille.paste(code, (80 + 600 * (rang % 4), 80 + 600 * (rang // 4)))
    assert len(reperer(codes.octets(feuille, "PNG"), "image/png", 1)) == CODES_MAX


def test_what_has_no_code_is_looked_at_until_its_time_is_spent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks are counted, on a clock that each of them moves: what is spent is for the whole file, not for each page."""
    vues: list[tuple[int, int]] = []
    monkeypatch.setattr(reperage, "_regarder", lambda vue: vues.append(vue.size) or [])
    monkeypatch.setattr(reperage, "process_time", lambda: len(vues) * 0.25)
    feuille = Image.new("L", (1654, 2339), 255)
    assert dans_la_page(feuille) == []
    assert len(vues) == 3
    assert max(largeur * hauteur for largeur, hauteur in vues) <= reperage.PIXELS_AGRANDIS * 1.001
    vues.clear()
    pdf = codes.octets(feuille, "PDF", resolution=200, save_all=True, append_images=[feuille, feuille])
    assert reperage._dans_le_fichier(pdf, "application/pdf", 5) == []
    assert len(vues) == 3 + 1 + 1  # the first page takes the time there is, each other one has its one look


@pytest.mark.long
def test_most_are_found_askew_small_and_pressed() -> None:
    """Figures: 120 JPEG q60 of an A4, turned, two in three in perspective, one in two blurred."""
    hasard = random.Random(20261125)
    trouves: dict[tuple[int, int], list[bool]] = {}
    for points in (200, 300):
        for cote in (12, 15, 20, 25, 30):
            for rang in range(12):
                feuille = codes.page(VALIDE, points, cote, hasard.uniform(15, 170), hasard.choice((15, 30)))
                feuille = tournee(feuille, hasard.choice((0, 90, 180, 270)) + hasard.uniform(-15, 15))
                if rang % 3:
                    coins = [(hasard.uniform(0, 0.1), hasard.uniform(0, 0.1)) for _ in range(4)]
                    signes = ((1, 1), (-1, 1), (-1, -1), (1, -1))
                    feuille = codes.de_travers(
                        feuille, [(sx * x, sy * y) for (x, y), (sx, sy) in zip(coins, signes, strict=True)]
                    )
                if rang % 2:
                    feuille = feuille.filter(ImageFilter.GaussianBlur(0.8))
                photo = Image.open(BytesIO(codes.octets(feuille, "JPEG", quality=60)))
                trouves.setdefault((points, cote), []).append(dans_la_page(photo) == [VALIDE.encode()])
    print()
    for (points, cote), issues in trouves.items():
        print(f"{points} ppp, code de {cote} mm : {sum(issues)} trouvés sur {len(issues)}")
    tous = [issue for issues in trouves.values() for issue in issues]
    assert sum(tous) >= 0.95 * len(tous)
