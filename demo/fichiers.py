"""Sample files as a citizen would send them: drawn here, invented from one end to the other, marked SPECIMEN.

Each builder answers the bytes of a file and keeps them: drawing an 8-megapixel photograph takes a second.
"""

from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import typst
from PIL import Image, ImageDraw, ImageFilter, ImageFont

PHOTO = (3264, 2448)  # 8 megapixels, a phone of some years ago
A4_150 = (1240, 1754)

FACTURE = """
#set document(title: "Facture d'électricité")
#set page(paper: "a4", margin: 2cm, background: rotate(-35deg, text(72pt, fill: luma(228))[SPECIMEN]))
#set text(lang: "fr", size: 11pt)
#let pages = int(sys.inputs.pages)
#grid(columns: (1fr, 1fr), [*Énergie du Val* \\ 12 quai des Exemples \\ 54000 Nancy], align(right)[
  Pierre CORNEILLE \\ 3 bis rue de la Poste \\ 54000 NANCY])
#v(1cm)
= Facture d'électricité n° 2041 8867
Émise le 3 du mois, à régler avant le 25. Contrat n° 7 310 552.
#table(columns: (1fr, auto, auto, auto), align: (left, right, right, right), inset: 7pt,
  [Poste], [Quantité], [Prix], [Montant],
  ..range(14).map(i => ([Consommation, semaine #(i + 1)], [#(38 + calc.rem(i * 7, 19)) kWh], [0,2016 €],
    [#(7 + calc.rem(i * 3, 5)),#(10 + calc.rem(i * 37, 89)) €])).flatten())
#for page in range(2, pages + 1) [
  #pagebreak()
  == Détail, page #page
  #lorem(420)
]
"""

RECEPISSE = """
#set document(title: "Récépissé de déclaration de vol")
#set page(paper: "a4", margin: 2.2cm, background: rotate(-35deg, text(72pt, fill: luma(228))[SPECIMEN]))
#set text(lang: "fr", size: 11.5pt)
#align(center)[*RÉCÉPISSÉ DE DÉCLARATION DE VOL* \\ Commissariat d'Exempleville]
#v(1cm)
Procès-verbal n° 2041/000123. Ce jour, devant nous, s'est présenté CORNEILLE Pierre, né le 1er janvier 1956, qui déclare
le vol de son permis de conduire n° 13AA00002, survenu sur la voie publique.

#v(1cm) Le présent récépissé est remis au déclarant pour servir ce que de droit.
#v(2cm) #align(right)[Le gardien de la paix \\ (cachet)]
"""


@cache
def carte_identite(face: str = "recto") -> bytes:
    """JPEG, 8 megapixels: one ``face`` (recto, verso) of an identity card photographed on a table."""
    return _photo_de_carte("CARTE NATIONALE D'IDENTITÉ", face, (186, 205, 214))


@cache
def permis(abime: bool = False) -> bytes:
    """JPEG, 8 megapixels: a driving licence card, torn when ``abime``."""
    return _photo_de_carte("PERMIS DE CONDUIRE", "recto", (232, 190, 196), abime)


@cache
def facture(pages: int = 3) -> bytes:
    """PDF: an electricity bill."""
    return typst.compile(FACTURE.encode(), format="pdf", sys_inputs={"pages": str(pages)})


@cache
def recepisse_vol() -> bytes:
    """PDF, one page: the receipt of a declaration of theft."""
    return typst.compile(RECEPISSE.encode(), format="pdf")


@cache
def acte_naissance(pages: int = 2) -> bytes:
    """TIFF, black and white, 150 dots per inch: a civil-registry act as a scanner gives it."""
    feuilles = [_feuille("EXTRAIT D'ACTE DE NAISSANCE", rang).convert("1") for rang in range(1, pages + 1)]
    sortie = BytesIO()
    feuilles[0].save(sortie, "TIFF", save_all=True, append_images=feuilles[1:], compression="group4", dpi=(150, 150))
    return sortie.getvalue()


@cache
def quittance_png() -> bytes:
    """PNG: a rent receipt, as a screen capture."""
    return _enregistrer(_feuille("QUITTANCE DE LOYER", 1), "PNG")


@cache
def avis_medical_bmp() -> bytes:
    """BMP, grey: a medical opinion from an old scanner."""
    return _enregistrer(_feuille("AVIS MÉDICAL", 1).convert("L"), "BMP")


def _photo_de_carte(titre: str, face: str, fond: tuple[int, int, int], abimee: bool = False) -> bytes:
    carte = Image.new("RGB", (2140, 1350), fond)
    trait = ImageDraw.Draw(carte)
    for y in range(0, 1350, 18):  # the fine lines of a security background
        trait.line([(0, y), (2140, y + 60)], fill=tuple(c - 14 for c in fond), width=3)
    trait.text((90, 60), "RÉPUBLIQUE FRANÇAISE", font=_police(70, "Bold"), fill=(20, 40, 110))
    trait.text((90, 150), titre, font=_police(78, "Bold"), fill=(20, 20, 40))
    if face == "recto":
        trait.rectangle([90, 330, 640, 1040], fill=(214, 214, 210), outline=(90, 90, 90), width=4)
        trait.ellipse([235, 430, 495, 760], fill=(188, 160, 140))
        trait.pieslice([130, 760, 600, 1320], 180, 360, fill=(70, 84, 110))
        trait.rectangle([90, 1040, 640, 1330], fill=fond)
        lignes = ("Nom : CORNEILLE", "Prénoms : Pierre, Jean", "Né le : 01.01.1956", "À : NANCY (54)", "Sexe : M")
        for rang, ligne in enumerate(lignes):
            trait.text((720, 340 + rang * 130), ligne, font=_police(76), fill=(15, 15, 25))
    else:
        for rang, ligne in enumerate(("Adresse : 3 BIS RUE DE LA POSTE", "54000 NANCY", "Taille : 1,75 m")):
            trait.text((90, 340 + rang * 130), ligne, font=_police(76), fill=(15, 15, 25))
    trait.text((90, 1130), "IDFRACORNEILLE<<<<<<<<<<<<<<<<<543001", font=_police(84, "Semibold"), fill=(10, 10, 10))
    trait.text((1150, 1010), "SPECIMEN", font=_police(180, "Bold"), fill=(178, 40, 40))
    if abimee:
        trait.polygon([(1500, 0), (1760, 420), (1610, 610), (1900, 760), (2140, 520), (2140, 0)], fill=(96, 78, 60))
    photo = Image.new("RGB", PHOTO, (112, 92, 72))
    grain = Image.effect_noise(PHOTO, 26).convert("RGB")
    photo = Image.blend(photo, grain, 0.12)
    masque = Image.new("L", carte.size, 255).rotate(3, expand=True, resample=Image.Resampling.BICUBIC)
    photo.paste(carte.rotate(3, expand=True, resample=Image.Resampling.BICUBIC), (480, 460), masque)
    return _enregistrer(photo.filter(ImageFilter.GaussianBlur(0.8)), "JPEG", quality=90)


def _feuille(titre: str, rang: int) -> Image.Image:
    feuille = Image.new("RGB", A4_150, "white")
    trait = ImageDraw.Draw(feuille)
    trait.text((150, 130), titre, font=_police(52, "Bold"), fill="black")
    trait.text((150, 210), f"Page {rang}", font=_police(30), fill="black")
    for ligne in range(26):
        texte = "Le présent document est inventé et ne vaut que pour la démonstration du service en ligne."
        trait.text((150, 320 + ligne * 44), texte, font=_police(27), fill="black")
    trait.text((150, 1540), "SPECIMEN", font=_police(96, "Bold"), fill=(170, 170, 170))
    return feuille


def _police(taille: int, graisse: str = "Regular") -> ImageFont.FreeTypeFont:
    paquet = find_spec("font_source_sans_pro")
    if paquet is None or paquet.origin is None:
        raise ModuleNotFoundError("font_source_sans_pro")
    return ImageFont.truetype(Path(paquet.origin).parent / "files" / f"SourceSansPro-{graisse}.ttf", taille)


def _enregistrer(image: Image.Image, format_: str, **options: int) -> bytes:
    sortie = BytesIO()
    image.save(sortie, format_, **options)
    return sortie.getvalue()
