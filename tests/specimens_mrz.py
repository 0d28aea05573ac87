"""Photographs of identity documents that do not exist, drawn for the tests, with what their zones say.

Cards at their true proportions (character step 2.54 mm), print and a portrait above the zone, a guilloche under it;
then a table, a tilt of up to 10° and any quarter turn, some perspective, light from one side, blur, grain, JPEG.
"""

import random
from dataclasses import dataclass
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from chalicelib.demande.mrz import CLASSES, cle, cles_justes, format_de

POLICES = Path(__file__).parent / "donnees" / "polices"
# None of them is the one learnt (infra/apprendre_ocrb.py): OCR-B.ttf is another drawing, the two others the same
# drawing with square ends and with another weight and height.
POLICES_DE_TEST = ("OCR-B.ttf", "OCRBS.otf", "OCRB7.ttf")

NOMS = (
    "CORNEILLE", "MARTIN", "LE GALL", "DE LA TOUR DU PIN", "QUEMENER", "O BRIEN", "ZEDDOUR", "WYSOCKI", "BERNARD DUVAL",
    "VILLENEUVE LAGARDE SAINT CHAMOND DESMOULINS", "FAY", "IBANEZ", "JUGIE", "HUXLEY", "PFISTER", "KOWALCZYK",
)  # fmt: skip
PRENOMS = (
    "PIERRE", "MARIE LOUISE", "JEAN", "ANAIS", "GWENAELLE", "XAVIER", "ZOE", "QUENTIN", "BRUNE", "LUDIVINE", "KEVIN",
    "FRANCOIS XAVIER", "YVES", "WILLIAM", "HELENE", "OSCAR", "UGO", "DIDIER",
)  # fmt: skip
LETTRES_NUMERO = "ABCDEFGHJKLMNPRSTUVWXYZ"

Nature = Literal["td1", "td3", "cni", "permis"]
# Width and height of the document in mm, and the height of its zone's first line.
CARTES: dict[Nature, tuple[float, float]] = {
    "td1": (85.6, 54.0), "td3": (125.0, 88.0), "cni": (105.0, 74.0), "permis": (85.6, 54.0)
}  # fmt: skip
PAS_MM, INTERLIGNE_MM = 2.54, 4.3


@dataclass(frozen=True)
class Prise:
    """How a photo was taken: the part of its width that the card takes, the most blur and grain that it may have."""

    cadre: tuple[float, float]
    flou: tuple[float, float]
    grain: float
    ombre: float


ORDINAIRE = Prise((0.55, 0.92), (0.2, 1.3), 7, 0.35)
MAUVAISE = Prise((0.25, 0.6), (0.5, 2.4), 16, 0.6)


@dataclass(frozen=True)
class Specimen:
    """An image, what stands in its zone, and how it was turned."""

    jpeg: bytes
    lignes: tuple[str, ...]
    nature: Nature
    police: str
    angle: float
    quart: int


def specimen(rang: int, prise: Prise = ORDINAIRE, falsifier: bool = False) -> Specimen:
    """The image of rank ``rang``: always the same one. Formats and fonts come in turn.

    ``falsifier``: one character under a key is printed as another one, and no key follows.
    """
    hasard = random.Random(f"mrz {rang}")
    nature = tuple(CARTES)[rang % 4]
    police = POLICES_DE_TEST[rang // 4 % 3]
    lignes = _falsifier(hasard, zone(hasard, nature)) if falsifier else zone(hasard, nature)
    carte = _carte(hasard, nature, lignes, police)
    angle, quart = hasard.uniform(-10, 10), hasard.choice((0, 0, 0, 1, 2, 3))
    return Specimen(_photographier(hasard, carte, prise, angle, quart), lignes, nature, police, angle, quart)


def carte_a_plat(rang: int, nature: Nature) -> tuple[Image.Image, tuple[str, ...]]:
    """The card alone, as a scanner would take it, and the lines of its zone."""
    hasard = random.Random(f"carte {rang}")
    lignes = zone(hasard, nature)
    return _carte(hasard, nature, lignes, POLICES_DE_TEST[rang % 3]), lignes


def _falsifier(h: random.Random, lignes: tuple[str, ...]) -> tuple[str, ...]:
    format_ = format_de(lignes)
    assert format_ is not None
    texte, n = "".join(lignes), format_.longueur
    while True:
        _, plages = h.choice(format_.cles)
        i = h.randrange(*h.choice(plages))
        change = texte[:i] + h.choice(CLASSES[format_.forme[i]]) + texte[i + 1 :]
        if not cles_justes(format_, change):
            return tuple(change[k : k + n] for k in range(0, len(change), n))


def zone(h: random.Random, nature: Nature) -> tuple[str, ...]:
    """The lines of a zone of this nature, keys right, for an invented person."""
    nom = h.choice(NOMS).replace(" ", "<")
    prenoms = [p.replace(" ", "<") for p in h.sample(PRENOMS, h.randint(1, 3))]
    naissance = f"{h.randint(40, 99)}{h.randint(1, 12):02}{h.randint(1, 28):02}"
    fin = f"{h.randint(26, 36)}{h.randint(1, 12):02}{h.randint(1, 28):02}"
    sexe = h.choice("FM")
    if nature == "permis":
        debut = f"D1FRA{h.randint(10, 25)}{h.choice(LETTRES_NUMERO)}{h.choice(LETTRES_NUMERO)}{h.randint(0, 99999):05}"
        debut += cle(debut) + fin + nom[:8].ljust(8, "<")
        return (debut + cle(debut),)
    if nature == "cni":
        haut = "IDFRA" + nom[:25].ljust(25, "<") + h.choice(("<<<<<<", f"{h.randint(1, 95):03}{h.randint(0, 999):03}"))
        numero = f"{h.randint(90, 99)}{h.randint(1, 12):02}{h.randint(1, 95):02}{h.randint(0, 999999):06}"
        bas = numero + cle(numero) + "<<".join(prenoms)[:14].ljust(14, "<") + naissance + cle(naissance) + sexe
        return (haut, bas + cle(haut + bas))
    numero = "".join(h.choice(LETTRES_NUMERO + "0123456789") for _ in range(9))
    noms = f"{nom}<<{'<'.join(prenoms)}"
    if nature == "td1":
        haut = f"IDFRA{numero}{cle(numero)}".ljust(30, "<")
        dates = (naissance + cle(naissance), fin + cle(fin))
        milieu = f"{dates[0]}{sexe}{dates[1]}FRA".ljust(29, "<")
        return (haut, milieu + cle(haut[5:] + dates[0] + dates[1] + milieu[18:29]), noms[:30].ljust(30, "<"))
    bas = numero + cle(numero) + "FRA" + naissance + cle(naissance) + sexe + fin + cle(fin) + "<" * 14 + h.choice("0<")
    return (f"P<FRA{noms}"[:44].ljust(44, "<"), bas + cle(bas[:10] + bas[13:20] + bas[21:43]))


def _romaine(taille: float) -> ImageFont.FreeTypeFont:
    paquet = find_spec("font_source_sans_pro")
    assert paquet is not None and paquet.origin is not None
    fichier = Path(paquet.origin).parent / "files" / "SourceSansPro-Semibold.otf"
    return ImageFont.truetype(str(fichier), taille)


def _carte(h: random.Random, nature: Nature, lignes: tuple[str, ...], police: str) -> Image.Image:
    e = h.uniform(11, 15)  # pixels in a millimetre
    large, haut = (round(cote * e) for cote in CARTES[nature])
    teinte = np.array([h.randint(190, 238) for _ in range(3)], np.float32)
    jj, ii = np.mgrid[0:haut, 0:large].astype(np.float32) / e
    vagues = sum(
        np.sin(ii * h.uniform(-4, 4) + jj * h.uniform(-4, 4) + 2 * np.sin(jj * h.uniform(0.1, 0.8))) for _ in range(3)
    )
    fond = teinte + (vagues * h.uniform(1, 4))[..., None] * np.array([1, 0.8, 0.6], np.float32)
    carte = Image.fromarray(np.clip(fond, 0, 255).astype(np.uint8))
    trait = ImageDraw.Draw(carte)
    premiere = CARTES[nature][1] - 5.2 - INTERLIGNE_MM * (len(lignes) - 1)
    encre = (h.randint(25, 70),) * 3
    titre = _romaine(3.4 * e)
    petit, moyen = _romaine(2.0 * e), _romaine(2.9 * e)
    trait.text((4 * e, 2.5 * e), "RÉPUBLIQUE FRANÇAISE   SPECIMEN", fill=(30, 50, 120), font=titre)
    trait.rectangle((4 * e, 9 * e, 24 * e, min(34, premiere - 6) * e), fill=(150, 130, 120))
    trait.ellipse((9 * e, 11 * e, 19 * e, min(24, premiere - 8) * e), fill=(205, 170, 150))
    y = 9.0
    while y < premiere - 8:
        trait.text(
            (28 * e, y * e),
            h.choice(("Nom", "Prénoms / Given names", "Sexe", "Date d'expiration")),
            fill=(90, 90, 110),
            font=petit,
        )
        trait.text(
            (28 * e, (y + 2) * e),
            h.choice((lignes[-1][:9], "Née à Nancy le 12 03 1975", "12 QUAI DES EXEMPLES")),
            fill=encre,
            font=moyen,
        )
        y += 6.2
    fonte = ImageFont.truetype(str(POLICES / police), 200)
    fonte = fonte.font_variant(size=200 * PAS_MM * e / fonte.getlength("A"))
    _, dessus, _, dessous = fonte.getbbox("H")
    gauche = (CARTES[nature][0] - PAS_MM * len(lignes[0])) / 2
    for rang, ligne in enumerate(lignes):
        milieu = (premiere + rang * INTERLIGNE_MM) * e
        for colonne, c in enumerate(ligne):
            trait.text(((gauche + colonne * PAS_MM) * e, milieu - (dessus + dessous) / 2), c, fill=encre, font=fonte)
    return carte


def _photographier(h: random.Random, carte: Image.Image, prise: Prise, angle: float, quart: int) -> bytes:
    large, haut = 2000, 1500
    # What the card takes of the width of the photo, less when it would leave the frame.
    cadre = h.uniform(*prise.cadre)
    echelle = min(cadre * large / carte.width, 0.9 * haut / carte.height)
    demi_l, demi_h = carte.width * echelle / 2, carte.height * echelle / 2
    a = np.radians(angle)
    besoin = abs(demi_l * np.cos(a)) + abs(demi_h * np.sin(a)), abs(demi_l * np.sin(a)) + abs(demi_h * np.cos(a))
    reduit = min(1, 0.47 * large / besoin[0], 0.47 * haut / besoin[1])
    demi_l, demi_h = demi_l * reduit, demi_h * reduit
    coins = []
    for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        x, y = sx * demi_l * (1 + h.uniform(-0.03, 0.03)), sy * demi_h * (1 + h.uniform(-0.03, 0.03))
        coins.append((large / 2 + x * np.cos(a) - y * np.sin(a), haut / 2 + x * np.sin(a) + y * np.cos(a)))
    sources = [(0, 0), (carte.width, 0), (carte.width, carte.height), (0, carte.height)]
    coefficients = _homographie(coins, sources)
    # In grey from here on: the reader looks at nothing else, and three channels take three times as long to draw.
    adoucie = carte.convert("L").filter(ImageFilter.GaussianBlur(max(0.0, 0.4 * carte.width / (2 * demi_l) - 0.3)))
    posee = adoucie.transform((large, haut), Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC)
    masque = Image.new("L", carte.size, 255).transform((large, haut), Image.Transform.PERSPECTIVE, coefficients)
    grain = np.random.default_rng(h.randrange(1 << 30))
    bois = np.clip(h.randint(40, 215) + grain.normal(0, 5, (haut, 1)), 0, 255).astype(np.uint8)
    table = Image.fromarray(np.repeat(bois, large, axis=1))
    table.paste(posee, mask=masque)
    flou = np.asarray(table.filter(ImageFilter.GaussianBlur(h.uniform(*prise.flou))), np.float32)
    ombre = h.uniform(0, prise.ombre)
    if h.random() < 0.5:
        lumiere = 1 - ombre * np.linspace(0, 1, large, dtype=np.float32)[None, :]
    else:
        lumiere = 1 - ombre * np.linspace(1, 0, haut, dtype=np.float32)[:, None]
    bruit = grain.standard_normal((haut, large), np.float32) * h.uniform(2, prise.grain)
    photo = Image.fromarray(np.clip(flou * lumiere + bruit, 0, 255).astype(np.uint8))
    if quart:
        photo = photo.transpose(
            (Image.Transpose.ROTATE_270, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_90)[quart - 1]
        )
    sortie = BytesIO()
    photo.save(sortie, "JPEG", quality=h.randint(70, 90))
    return sortie.getvalue()


def _homographie(de: list[tuple[float, float]], vers: list[tuple[float, float]]) -> list[float]:
    """The eight coefficients of Pillow's PERSPECTIVE: where each point of the result comes from."""
    lignes, valeurs = [], []
    for (x, y), (u, v) in zip(de, vers, strict=True):
        lignes += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        valeurs += [u, v]
    return [float(c) for c in np.linalg.solve(np.array(lignes), np.array(valeurs))]
