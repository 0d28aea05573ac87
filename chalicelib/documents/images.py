"""Images sent by the usager: bounded decoding, and pages re-encoded by us (upright, without metadata)."""

import struct
import warnings
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Any

from chalicelib.documents.anomalies import Refus, trop_de_pages
from chalicelib.documents.polyglottes import sans_autre_contenu

if TYPE_CHECKING:
    from PIL.Image import Image

PIXELS_MAX = 52_000_000  # the 50-megapixel phones (8192 × 6144) pass; decoded, that is some 200 MB
COTE_MAX = 2000  # pixels of the longer side of a page given to agents: A4 at some 170 dpi
QUALITE = 82

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/bmp": "BMP", "image/tiff": "TIFF"}


PNG = b"\x89PNG\r\n\x1a\n"
BLOCS_ESSENTIELS = {b"IHDR", b"PLTE", b"IDAT", b"IEND"}


def sans_pdf(octets: bytes) -> None:
    """Refuse an image that holds a PDF."""
    if b"%PDF-1." in octets or b"%PDF-2." in octets:
        raise Refus("contenu_mixte")


def png_entier(octets: bytes) -> None:
    """Refuse a PNG without its end, or whose points are not those that were written.

    The decoder skips their checksums, and fills a picture with what a broken stream gives.
    """
    if not octets.startswith(PNG):
        return
    place = len(PNG)
    while place + 12 <= len(octets):
        taille, nom = struct.unpack_from(">I4s", octets, place)
        fin = place + 8 + taille
        if fin + 4 > len(octets):
            break
        if nom in BLOCS_ESSENTIELS and zlib.crc32(octets[place + 4 : fin]) != int.from_bytes(octets[fin : fin + 4]):
            raise Refus("fichier_illisible")
        if nom == b"IEND":
            return
        place = fin + 4
    raise Refus("fichier_tronque")


CONTROLES = (png_entier, sans_autre_contenu, sans_pdf)


def lire(octets: bytes, mime: str, type_piece: str, pages_max: int) -> list[bytes]:
    """Decode an image of type ``mime`` and answer its pages as JPEG. Raises Refus."""
    for controle in CONTROLES:
        controle(octets)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the decoders grumble about metadata that we drop anyway
        try:
            return _pages(octets, mime, type_piece, pages_max)
        except (Refus, MemoryError):
            raise
        except Exception as erreur:  # a decoder fed with broken bytes raises anything: OSError, KeyError, struct.error…
            raise Refus("fichier_tronque" if "truncated" in str(erreur).lower() else "fichier_illisible") from erreur


def encoder(image: "Image") -> bytes:
    """The JPEG of a page as agents will see it: RGB, at most ``COTE_MAX`` pixels long, no metadata at all."""
    sortie = BytesIO()
    image.save(sortie, "JPEG", quality=QUALITE)
    return sortie.getvalue()


def _pages(octets: bytes, mime: str, type_piece: str, pages_max: int) -> list[bytes]:
    image = _ouvrir(octets, mime)
    if mime != "image/tiff":  # an animated PNG, or the second view of a phone's JPEG, is not a page
        return [_normaliser(image)]
    pages: list[bytes] = []
    for rang in range(pages_max + 1):  # never n_frames: a chain of directories may be endless
        try:
            image.seek(rang)
        except EOFError:
            return pages
        if rang == pages_max:
            break
        pages.append(_normaliser(image))
    raise trop_de_pages(pages_max + 1, False, pages_max, type_piece)


def _ouvrir(octets: bytes, mime: str) -> "Image":
    from PIL import Image

    if mime == "image/heic":
        import pi_heif  # type: ignore[import-untyped]

        heif: Any = pi_heif.open_heif(octets)
        _mesurer(heif.size)
        decodee: Image.Image = heif.to_pillow()
        return decodee
    Image.MAX_IMAGE_PIXELS = None  # measured here for each page, with our own limit and our own words
    return Image.open(BytesIO(octets), formats=(FORMATS[mime],))


def _mesurer(taille: tuple[int, int]) -> None:
    if taille[0] * taille[1] > PIXELS_MAX:
        raise Refus("image_trop_grande")


def _normaliser(image: "Image") -> bytes:
    from PIL import Image, ImageOps

    _mesurer(image.size)
    if image.mode.startswith("I"):  # 16 bits of grey: keep the high ones, a plain conversion would whiten all
        image = image.convert("I").point(lambda valeur: valeur * (1 / 256)).convert("L")
    elif image.mode in ("P", "PA"):  # a palette cannot be shrunk smoothly
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.thumbnail((COTE_MAX, COTE_MAX), Image.Resampling.LANCZOS, reducing_gap=2.0)
    image.load()  # a small image was not shrunk, so not read either
    sens = _sens(image)  # read once decoded: Pillow turns a TIFF while decoding it
    if image.has_transparency_data:
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
    nette = image.convert("RGB")
    nette.info.clear()
    exif = nette.getexif()
    exif.clear()
    exif[0x0112] = sens
    return encoder(ImageOps.exif_transpose(nette))


def _sens(image: "Image") -> int:
    """The EXIF orientation; 1 (as it is) where the metadata are broken: they are thrown away, the picture is not."""
    try:
        sens = image.getexif().get(0x0112, 1)
    except Exception:  # as for the decoders: anything may come out of broken bytes
        return 1
    return sens if isinstance(sens, int) and 1 <= sens <= 8 else 1
