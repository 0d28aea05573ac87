"""Advice on an identity photo: drawn faces, that the cascades take for real ones."""

from io import BytesIO

import pytest
from PIL import Image, ImageDraw, ImageFilter

from chalicelib.documents.photo import MESSAGES, conseils_photo

GRIS = (205, 212, 220)
PEAU, OMBRE, CHEVEUX = (224, 184, 156), (188, 140, 112), (60, 42, 30)


def portrait(
    echelle: float = 1.0, fond: tuple[int, int, int] = GRIS, decalage: float = 0.0, *, raye: bool = False
) -> Image.Image:
    """A face of 34 mm on a photo of 35 × 45 (``echelle`` 1), ``decalage`` of the width off the middle."""
    largeur, hauteur = 840, 1080
    image = Image.new("RGB", (largeur, hauteur), fond)
    dessin = ImageDraw.Draw(image)
    if raye:
        for gauche in range(0, largeur, 60):
            dessin.rectangle((gauche, 0, gauche + 30, hauteur), fill=(90, 120, 90))
    cx, cy = largeur / 2 + decalage * largeur, hauteur / 2
    t = hauteur * 0.76 * echelle / 2
    w = t * 0.74

    def ovale(x: float, y: float, rx: float, ry: float, couleur: tuple[int, int, int]) -> None:
        boite = (cx + (x - rx) * w, cy + (y - ry) * t, cx + (x + rx) * w, cy + (y + ry) * t)
        dessin.ellipse(boite, fill=couleur)

    dessin.ellipse((cx - 2 * w, cy + 1.15 * t, cx + 2 * w, cy + 3.2 * t), fill=(70, 80, 110))
    dessin.rectangle((cx - 0.45 * w, cy + 0.7 * t, cx + 0.45 * w, cy + 1.35 * t), fill=OMBRE)
    ovale(0, -0.12, 1.08, 0.9, CHEVEUX)
    ovale(0, 0.05, 0.95, 0.95, PEAU)
    ovale(0, -0.72, 0.85, 0.3, CHEVEUX)
    for cote in (-1, 1):
        ovale(cote * 0.42, -0.08, 0.30, 0.13, OMBRE)
        sourcil = (cx + (cote * 0.42 - 0.27) * w, cy - 0.26 * t, cx + (cote * 0.42 + 0.27) * w, cy - 0.19 * t)
        dessin.rounded_rectangle(sourcil, 10, fill=CHEVEUX)
        ovale(cote * 0.42, -0.06, 0.19, 0.075, (245, 240, 236))
        ovale(cote * 0.42, -0.06, 0.085, 0.075, (50, 35, 25))
        ovale(cote * 0.6, 0.3, 0.25, 0.18, (214, 168, 140))
        ovale(cote * 0.09, 0.29, 0.05, 0.025, (120, 80, 60))
    nez = [(-0.05, -0.05), (0.05, -0.05), (0.17, 0.28), (-0.17, 0.28)]
    dessin.polygon([(cx + x * w, cy + y * t) for x, y in nez], fill=(206, 162, 134))
    ovale(0, 0.55, 0.33, 0.07, (160, 80, 76))
    dessin.line((cx - 0.3 * w, cy + 0.55 * t, cx + 0.3 * w, cy + 0.55 * t), fill=(110, 50, 48), width=6)
    return image.filter(ImageFilter.GaussianBlur(2)).resize((420, 540), Image.Resampling.LANCZOS)


def codes(image: Image.Image) -> list[str]:
    sortie = BytesIO()
    image.save(sortie, "JPEG", quality=90)
    conseils = conseils_photo(sortie.getvalue())
    assert all(un.gravite == "conseil" and un.message.endswith(".") and "{" not in un.message for un in conseils)
    return [un.code for un in conseils]


def test_a_photo_that_follows_the_rules_gets_no_advice() -> None:
    assert codes(portrait()) == []


DEFAUTS = {
    "petit visage": (lambda: portrait(0.65), ["photo_visage_petit"]),
    "grand visage": (lambda: portrait(1.12), ["photo_visage_grand"]),
    "de travers": (lambda: portrait(0.8, decalage=0.15), ["photo_decentree"]),
    "penchée": (lambda: portrait(0.85).rotate(9, fillcolor=GRIS), ["photo_penchee"]),
    "fond blanc": (lambda: portrait(fond=(255, 255, 255)), ["photo_fond_blanc"]),
    "fond sombre": (lambda: portrait(fond=(60, 70, 80)), ["photo_fond_sombre"]),
    "fond rayé": (lambda: portrait(raye=True), ["photo_fond"]),
    "floue": (lambda: portrait().filter(ImageFilter.GaussianBlur(6)), ["photo_floue"]),
    "petite image": (lambda: portrait().resize((210, 270)), ["photo_petite"]),
    "personne": (lambda: Image.new("RGB", (420, 540), GRIS), ["photo_sans_visage"]),
}


@pytest.mark.parametrize("nom", DEFAUTS)
def test_each_fault_is_told_by_itself(nom: str) -> None:
    construire, attendus = DEFAUTS[nom]
    assert codes(construire()) == attendus


def test_a_square_photo_is_told() -> None:
    assert "photo_rapport" in codes(portrait(0.85).resize((540, 540)))


@pytest.mark.parametrize("octets", [b"", b"\xff\xd8\xff", b"texte"])
def test_what_is_no_image_is_told_and_breaks_nothing(octets: bytes) -> None:
    assert [un.code for un in conseils_photo(octets)] == ["photo_illisible"]


def test_every_advice_says_what_to_do() -> None:
    gestes = (
        "Vérifiez",
        "Recadrez",
        "Approchez",
        "Reculez",
        "numérisez",
        "Enregistrez",
        "Placez",
        "Reprenez",
        "doit",
        "Tenez",
    )
    assert {code for code, texte in MESSAGES.items() if not any(geste in texte for geste in gestes)} == set()
