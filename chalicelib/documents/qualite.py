"""Whether a page can be read by people: advice at once, with what to do; a refusal only where nothing is to be seen.

Measured on the pages that agents will open, with Pillow alone. A wrong advice costs the usager a look: the thresholds
are set so that ordinary documents get none (tests/unit/documents/test_qualite.py).
"""

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BaseModel, StringConstraints

from chalicelib.demande.apparences import semblables
from chalicelib.demande.modeles import Anomalie, Piece
from chalicelib.demande.motifs import TYPES_PIECES
from chalicelib.documents.anomalies import Refus, conseil, est_un_conseil

if TYPE_CHECKING:
    from PIL.Image import Image

POINTS_MIN = 150  # of the longer side: a thumbnail
TRANCHE_MIN = 50  # points of the shorter side: two lines of print
POINTS_CONSEILLES = 800  # of the longer side: below, an A4 page is at less than 70 points per inch
COTE = 1000  # pages are measured at that size, at most
NETTETE_MIN = 0.5  # an edge of the text, against the contrast of the page
CLAIR_MIN = 100  # of 255: the paper
RELIEF = 24  # of 255: what stands out of its surroundings
ENCRE_MIN = 0.0002  # of the page: below, nothing is written
FOND, FEUILLE = 0.1, 0.35  # of the edge of an image: that is the table, that is the paper
SEPARATION_MIN = 60  # of 255: between the table and the paper
COUCHEE = 3  # how much more the columns vary than the rows, in a text that lies on its side
LIGNES_MIN = 8  # how many times a text passes from ink to paper: four lines
MARGE = 2  # of 255: less than that is the grain of the paper


class Qualite(BaseModel):
    """The advice on a file, and the look of each of its pages ("" for one without anything)."""

    conseils: list[Annotated[Anomalie, AfterValidator(est_un_conseil)]] = []
    vues: list[Annotated[str, StringConstraints(pattern="^([0-9a-f]{36})?$")]] = []


def examiner(pages: Sequence[bytes], *, dessinees: bool = False) -> Qualite:
    """Look at the JPEG ``pages`` of a file; ``dessinees``: their size is our own choice, not the file's.

    Raises ``Refus`` when no page shows anything, or when the only one is a thumbnail.
    """
    conseils: list[Anomalie] = []
    vues: list[str] = []
    for rang, page in enumerate(pages, start=1):
        place = rang if len(pages) > 1 else None
        taille, grise = _ouvrir(page)
        if not dessinees:
            points = {"largeur": str(taille[0]), "hauteur": str(taille[1])}
            if max(taille) < POINTS_MIN or min(taille) < TRANCHE_MIN:
                raise Refus("image_trop_petite", **points)
            if max(taille) < POINTS_CONSEILLES:
                conseils.append(conseil("image_petite", place, **points))
        if _vide(grise):
            conseils.append(conseil("page_vide", place))
            vues.append("")
            continue
        defauts = {
            "page_sombre": _centile(grise, 0.9) < CLAIR_MIN,
            "page_floue": _nettete(grise) < NETTETE_MIN,
            "page_coupee": _coupee(grise),
            "page_de_cote": _couchee(grise),
        }
        conseils += [conseil(code, place) for code, vu in defauts.items() if vu]
        vues.append(_vue(grise, page))
    if not any(vues):
        raise Refus("document_vide")
    return Qualite(conseils=conseils, vues=vues)


def doublon(piece: Piece, vues: Sequence[str], autres: Sequence[Piece]) -> list[Anomalie]:
    """An advice when a page of ``piece`` looks like one of another pièce of the demande."""
    for autre in autres:
        if autre.piece_id != piece.piece_id and any(semblables(une, sienne) for une in vues for sienne in autre.vues):
            return [conseil("deja_envoye", piece=TYPES_PIECES[autre.type].libelle)]
    return []


def _ouvrir(page: bytes) -> tuple[tuple[int, int], "Image"]:
    """The size of a page, and the page in grey, at half its size when it is large (the decoder does that for free)."""
    from PIL import Image

    image = Image.open(BytesIO(page))
    taille = image.size
    if max(taille) > COTE:
        image.draft("L", (max(taille[0] // 2, 1), max(taille[1] // 2, 1)))
    return taille, image.convert("L")


def _centile(image: "Image", part: float) -> int:
    """The level of grey below which that part of the points is."""
    histogramme = image.histogram()
    reste = part * sum(histogramme)
    for niveau, nombre in enumerate(histogramme):
        reste -= nombre
        if reste <= 0:
            return niveau
    return 255


def _vide(image: "Image") -> bool:
    """Nothing stands out of its surroundings, be they shaded."""
    from PIL import ImageChops, ImageFilter

    relief = ImageChops.difference(image, image.filter(ImageFilter.BoxBlur(24))).histogram()
    return sum(relief[RELIEF:]) < ENCRE_MIN * sum(relief)


def _nettete(image: "Image") -> float:
    """How steep the steepest edges are (Laplacian), against the contrast of the page."""
    from PIL import ImageFilter

    contraste = max(1, _centile(image, 0.995) - _centile(image, 0.005))
    laplacien = image.filter(ImageFilter.Kernel((3, 3), (-1, -1, -1, -1, 8, -1, -1, -1, -1), 2, 128))
    laplacien = laplacien.crop((1, 1, image.width - 1, image.height - 1))  # the filter leaves the border as it was
    bords = max(_centile(laplacien, 0.999) - 128, 128 - _centile(laplacien, 0.001))
    return 2 * bords / contraste


def _coupee(image: "Image") -> bool:
    """A light sheet on a dark table: some edges of the image show the table, another one the sheet."""
    from PIL import Image, ImageFilter

    petite = image.resize((64, 64), Image.Resampling.BOX).filter(ImageFilter.MedianFilter(3))
    seuil, separation = _otsu(petite.histogram())
    if separation < SEPARATION_MIN:
        return False
    bords = ((0, 0, 64, 2), (0, 62, 64, 64), (0, 0, 2, 64), (62, 0, 64, 64))
    parts = [sum(petite.crop(bord).histogram()[seuil:]) / 128 for bord in bords]
    return sum(part < FOND for part in parts) >= 2 and any(part > FEUILLE for part in parts)


def _otsu(histogramme: list[int]) -> tuple[int, float]:
    """The level that parts the dark from the light best, and how far apart their means are."""
    total, somme = sum(histogramme), sum(niveau * nombre for niveau, nombre in enumerate(histogramme))
    meilleur, seuil, ecart = -1.0, 0, 0.0
    nombre_sombre = somme_sombre = 0
    for niveau, nombre in enumerate(histogramme):
        if 0 < nombre_sombre < total:
            difference = (somme - somme_sombre) / (total - nombre_sombre) - somme_sombre / nombre_sombre
            variance = nombre_sombre * (total - nombre_sombre) * difference**2
            if variance > meilleur:
                meilleur, seuil, ecart = variance, niveau, difference
        nombre_sombre += nombre
        somme_sombre += niveau * nombre
    return seuil, ecart


def _couchee(image: "Image") -> bool:
    """Lines of text make rows that are dark and light in turn; on its side, columns."""
    from PIL import Image, ImageChops, ImageFilter

    petite = image.copy()
    petite.thumbnail((600, 600))
    relief = ImageChops.subtract(petite.filter(ImageFilter.BoxBlur(6)), petite).point(lambda n: 255 * (n > RELIEF))
    lignes = relief.resize((1, relief.height), Image.Resampling.BOX).tobytes()
    colonnes = relief.resize((relief.width, 1), Image.Resampling.BOX).tobytes()
    return _alternances(colonnes) >= LIGNES_MIN and _alternance(colonnes) > COUCHEE * max(1.0, _alternance(lignes))


def _alternance(profil: bytes) -> float:
    """How much neighbours differ, on average of squares."""
    return sum((un - deux) ** 2 for un, deux in zip(profil, profil[3:], strict=False)) / max(1, len(profil))


def _vue(image: "Image", page: bytes) -> str:
    """The look of a page, in 36 hexadecimal digits: where it gets darker from left to right, then its tint.

    Sixteen columns and eight rows; the tint is that of its middle, for a card is known by its colour.
    """
    from PIL import Image

    petite = image.resize((17, 8), Image.Resampling.BOX).tobytes()
    places = [(17 * ligne + rang, 17 * ligne + rang + 1) for ligne in range(8) for rang in range(16)]
    bits = "".join("1" if petite[un] > petite[deux] + MARGE else "0" for un, deux in places)
    couleur = Image.open(BytesIO(page))
    couleur.draft("RGB", (max(couleur.width // 8, 1), max(couleur.height // 8, 1)))
    quart = (couleur.width // 4, couleur.height // 4, 3 * couleur.width // 4 or 1, 3 * couleur.height // 4 or 1)
    teinte = couleur.convert("YCbCr").resize((1, 1), Image.Resampling.BOX, quart).tobytes()
    return f"{int(bits, 2):032x}{teinte[1]:02x}{teinte[2]:02x}"


def _alternances(profil: bytes) -> int:
    """How many times a profile passes its mean."""
    moyenne = sum(profil) / max(1, len(profil))
    return sum((un > moyenne) != (deux > moyenne) for un, deux in zip(profil, profil[1:], strict=False))
