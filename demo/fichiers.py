"""Sample files as a citizen would send them: drawn here, invented from one end to the other, marked SPECIMEN.

Each builder answers the bytes of a file and keeps them: drawing an 8-megapixel photograph takes a second.
"""

from datetime import date, timedelta
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import typst
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from demo.facturier import Client, code

OCRB = ImageFont.truetype(Path(__file__).parent / "polices" / "OCRB.otf", 84)  # public domain (Debian fonts-ocr-b)
PHOTO = (3264, 2448)  # 8 megapixels, a phone of some years ago
A4_150 = (1240, 1754)

CLIENT = Client()

FACTURE = """
#set document(title: "Facture d'électricité")
#set page(paper: "a4", margin: 2cm, background: rotate(-35deg, text(72pt, fill: luma(228))[SPECIMEN]))
#set text(lang: "fr", size: 11pt)
#let pages = int(sys.inputs.pages)
#grid(columns: (1fr, auto, 1fr), [*Énergie du Val* \\ 12 quai des Exemples \\ 54000 Nancy],
  image(bytes(sys.inputs.code), format: "svg", width: 28mm, alt: "2D-Doc"),
  align(right, sys.inputs.destinataire.split("\n").join(linebreak())))
#v(1cm)
= Facture d'électricité n° 2041 8867
Émise le #sys.inputs.jour, à régler sous vingt jours. Contrat n° 7 310 552.
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
def carte_identite(face: str = "recto", prenoms: str = "PIERRE") -> bytes:
    """JPEG, 8 megapixels: one ``face`` (recto, verso) of an identity card photographed on a table.

    ``prenoms`` are those of its machine-readable zone, on the recto.
    """
    return _photo_de_carte("CARTE NATIONALE D'IDENTITÉ", face, (186, 205, 214), zone=_zone(prenoms))


@cache
def permis(abime: bool = False) -> bytes:
    """JPEG, 8 megapixels: a driving licence card, torn when ``abime``."""
    return _photo_de_carte("PERMIS DE CONDUIRE", "recto", (232, 190, 196), abime)


@cache
def facture(pages: int = 3, client: Client = CLIENT, jour: date | None = None, altere: Client | None = None) -> bytes:
    """PDF: an electricity bill of ``jour`` (ten days ago) for ``client``, with its 2D-Doc.

    ``altere`` is who somebody wrote on it afterwards in the place of ``client``.
    """
    emise = jour or date.today() - timedelta(days=10)
    lu = altere or client
    destinataire = f"{lu.prenom} {lu.nom}\n{lu.voie}\n{lu.code_postal} {lu.commune}"
    valeurs = {"pages": str(pages), "destinataire": destinataire, "jour": f"{emise:%d/%m/%Y}"}
    return typst.compile(
        FACTURE.encode(), format="pdf", sys_inputs={**valeurs, "code": _data_matrix(code(client, emise, altere))}
    )


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


def _data_matrix(texte: str) -> str:
    symbole = zxingcpp.create_barcode(texte.encode("ascii"), zxingcpp.BarcodeFormat.DataMatrix)
    return symbole.to_svg(add_quiet_zones=True)


def _zone(prenoms: str) -> tuple[str, str]:
    """The two lines of 36 characters of a card of the former model: Corneille, born on 1 January 1956."""
    haut = f"IDFRA{'CORNEILLE':<<25}543001"
    bas = "190354300012"
    bas += f"{_cle(bas)}{prenoms[:14]:<<14}560101{_cle('560101')}M"
    return haut, bas + _cle(haut + bas)


def _cle(texte: str) -> str:
    valeurs = (0 if c == "<" else int(c, 36) for c in texte)
    return str(sum(valeur * (7, 3, 1)[rang % 3] for rang, valeur in enumerate(valeurs)) % 10)


def _photo_de_carte(
    titre: str, face: str, fond: tuple[int, int, int], abimee: bool = False, zone: tuple[str, ...] = ()
) -> bytes:
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
    trait.text((1150, 860), "SPECIMEN", font=_police(180, "Bold"), fill=(178, 40, 40))
    if face == "recto" and zone:
        trait.rectangle([0, 1080, 2140, 1350], fill=(236, 240, 240))
        for rang, ligne in enumerate(zone):
            for place, caractere in enumerate(ligne):
                trait.text((90 + place * 54.4, 1110 + rang * 110), caractere, font=OCRB, fill=(15, 15, 15))
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
