"""Find the 2D-Doc of a page, and of a file: turned at any angle, photographed askew, small in an A4 page.

zxing-cpp reads most of them at the first look. What it misses is looked at again, bigger, sharper or in parts, until
``SECONDES`` are spent: a file without any code costs that much more.
"""

from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from time import monotonic, process_time
from typing import TYPE_CHECKING, Any

from chalicelib.demande.domicile import CodeLu
from chalicelib.documents.deuxddoc import Annuaire, est_un_2ddoc, lire
from chalicelib.documents.images import FORMATS, PIXELS_MAX
from chalicelib.documents.isolement import LimiteAtteinte, executer

if TYPE_CHECKING:
    from PIL.Image import Image

SECONDES = 0.6  # of processor: what is found does not depend on what else the machine does
PIXELS_REGARDES = 12_000_000  # A4 at 350 dpi; a bigger photo is shrunk to it
PIXELS_AGRANDIS = 9_000_000  # what one more look may cost: some 100 ms
PIXELS_DETOURES = 1_000_000
POINTS_PAR_POUCE = (200, 300)
FICHIER_S = 4
MEMOIRE = 512 * 1024**2
CODES_MAX = 8  # in one file; more is not a bill


def reperer(octets: bytes, mime: str, pages_max: int, annuaire: Annuaire | None = None) -> tuple[CodeLu, ...]:
    """The 2D-Docs of a file already inspected, in the order of its pages; a file that cannot be read has none.

    ``annuaire`` as in ``deuxddoc.lire``.
    """
    return tuple(lire(contenu, annuaire) for contenu in contenus(octets, mime, pages_max))


def contenus(octets: bytes, mime: str, pages_max: int) -> list[bytes]:
    """What the 2D-Docs of a file hold, not looked into; a file that cannot be read has none.

    Reads in a child process of its own, in at most 4 s and 512 MB, as ``inspection.inspecter`` does.
    """
    import zxingcpp  # noqa: F401  (loaded here, so that the child need not)

    if mime == "application/pdf":
        import pypdfium2  # noqa: F401

    def lecture() -> tuple[dict[str, Any], list[bytes]]:
        return {}, _dans_le_fichier(octets, mime, pages_max)

    try:
        _, trouves = executer(lecture, FICHIER_S, MEMOIRE)
    except LimiteAtteinte:
        return []
    return trouves


def _dans_les_vues(vues: Iterator["Image"], echeance: float) -> list[bytes]:
    """What the first view that shows something shows; one is looked at, however late, and a look begun is ended."""
    for vue in vues:
        contenus = _regarder(vue)
        if contenus or process_time() > echeance:
            return contenus
    return []


def _dans_le_fichier(octets: bytes, mime: str, pages_max: int) -> list[bytes]:
    """What the pages show, each once. ``SECONDES`` of further looks are for the whole file, and end with a code."""
    trouves: dict[bytes, None] = {}
    debut, echeance = monotonic(), process_time() + SECONDES
    pages = _pages_pdf(octets, pages_max) if mime == "application/pdf" else _pages_image(octets, mime, pages_max)
    try:
        for vues in pages:
            trouves.update(dict.fromkeys(_dans_les_vues(vues, 0.0 if trouves else echeance)))
            if monotonic() > debut + FICHIER_S - 2:
                break
    except MemoryError:
        raise
    except Exception:  # a decoder fed with broken bytes raises anything; saying why is the inspection's affair
        pass
    return list(trouves)[:CODES_MAX]


def _pages_pdf(octets: bytes, pages_max: int) -> Iterator[Iterator["Image"]]:
    import pypdfium2

    pdf = pypdfium2.PdfDocument(octets)
    if pdf.get_formtype():
        pdf.init_forms()
    for rang in range(min(len(pdf), pages_max)):
        page = pdf[rang]
        yield _vues_pdf(page)
        page.close()


def _vues_pdf(page: Any) -> Iterator["Image"]:
    """A drawn page has neither blur nor perspective: drawing it finer does more than any other look. Those come last,
    for what was scanned."""
    finesse_max = (PIXELS_REGARDES / (page.get_width() * page.get_height() / 72**2)) ** 0.5
    for points in POINTS_PAR_POUCE:
        image = page.render(scale=min(points, finesse_max) / 72, grayscale=True).to_pil()
        yield image
    yield from islice(_vues(image), 1, None)


def _pages_image(octets: bytes, mime: str, pages_max: int) -> Iterator[Iterator["Image"]]:
    from PIL import Image

    if mime == "image/heic":
        import pi_heif  # type: ignore[import-untyped]

        heif: Any = pi_heif.open_heif(octets)
        if heif.size[0] * heif.size[1] <= PIXELS_MAX:
            yield _vues(_gris(heif.to_pillow()))
        return
    Image.MAX_IMAGE_PIXELS = None  # measured below
    image = Image.open(BytesIO(octets), formats=(FORMATS[mime],))
    for rang in range(pages_max if mime == "image/tiff" else 1):
        try:
            image.seek(rang)
        except EOFError:
            return
        if image.size[0] * image.size[1] <= PIXELS_MAX:
            yield _vues(_gris(image))


def _gris(page: "Image") -> "Image":
    """The page in grey, at most ``PIXELS_REGARDES``; what is transparent is white."""
    from PIL import Image

    reduction = (PIXELS_REGARDES / (page.width * page.height)) ** 0.5
    if reduction < 1:
        # A JPEG is decoded at half its size, which is nearly ours: fifty megapixels are never there.
        page.draft("L", (round(page.width * reduction * 0.9), round(page.height * reduction * 0.9)))
    if page.mode.startswith("I"):
        page = page.convert("I").point(lambda valeur: valeur * (1 / 256))
    elif page.has_transparency_data:
        page = page.convert("RGBA")
        page = Image.alpha_composite(Image.new("RGBA", page.size, "white"), page)
    grise = page.convert("L")
    reduction = (PIXELS_REGARDES / (grise.width * grise.height)) ** 0.5
    if reduction < 1:
        grise = grise.resize((round(grise.width * reduction), round(grise.height * reduction)))
    return grise


def _vues(page: "Image") -> Iterator["Image"]:
    """The page, then other ways of looking at it, the most fruitful first."""
    from PIL import Image, ImageFilter, ImageOps

    yield page
    if page.width * page.height < PIXELS_DETOURES:  # cut out, perhaps, at the very edge of the symbol
        yield ImageOps.expand(page, max(page.size) // 10, 255)
    agrandie = min(2.0, (PIXELS_AGRANDIS / (page.width * page.height)) ** 0.5)
    if agrandie > 1.2:
        taille = (round(page.width * agrandie), round(page.height * agrandie))
        yield page.resize(taille, Image.Resampling.BICUBIC)
    yield page.filter(ImageFilter.UnsharpMask(2, 200, 0))
    yield ImageOps.autocontrast(page.resize((page.width // 2, page.height // 2), Image.Resampling.BOX), cutoff=2)
    for boite in _quartiers(page.width, page.height):
        quart = page.crop(boite)
        echelle = min(3.0, (PIXELS_AGRANDIS / (quart.width * quart.height)) ** 0.5)
        grand = quart.resize((round(quart.width * echelle), round(quart.height * echelle)), Image.Resampling.BICUBIC)
        yield grand.filter(ImageFilter.UnsharpMask(3, 150, 0))


def _quartiers(largeur: int, hauteur: int) -> Iterator[tuple[int, int, int, int]]:
    """Six parts that overlap, from the top, where bills have their code."""
    for haut in (0.0, 0.3, 0.6):
        for gauche in (0.4, 0.0):
            yield (
                round(gauche * largeur),
                round(haut * hauteur),
                round(min(gauche + 0.6, 1.0) * largeur),
                round(min(haut + 0.4, 1.0) * hauteur),
            )


def _regarder(vue: "Image") -> list[bytes]:
    """The 2D-Docs that zxing-cpp reads in ``vue``, whole and without an error that was not mended.

    ``bytes`` and not ``text``: the separators are control characters, which a text shows otherwise.
    """
    import zxingcpp

    formats: Any = (zxingcpp.BarcodeFormat.DataMatrix, zxingcpp.BarcodeFormat.QRCode)  # its stub knows the old form
    return [code.bytes for code in zxingcpp.read_barcodes(vue, formats) if est_un_2ddoc(code.bytes)]
