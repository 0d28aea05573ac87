"""The portrait of somebody who does not exist, drawn as an identity photo: what booths and talons send us here."""

import functools
from base64 import b64encode
from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter

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


def en_base64(image: Image.Image) -> str:
    """``image`` as a partner sends it."""
    sortie = BytesIO()
    image.save(sortie, "JPEG", quality=90)
    return b64encode(sortie.getvalue()).decode()


@functools.cache
def image_par_defaut() -> str:
    """A photo that follows the rules."""
    return en_base64(portrait())
