"""Sample files for the tests: the good ones of the demonstration, and what people, scanners and attackers also send.

Each builder answers bytes and keeps them. ``MAUVAIS`` names every file that must be refused, with the code expected.
"""

import struct
import zlib
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path

import pikepdf
from PIL import Image

from demo.fichiers import (
    acte_naissance,
    avis_medical_bmp,
    carte_identite,
    facture,
    permis,
    quittance_png,
    recepisse_vol,
)

__all__ = [
    "MAUVAIS",
    "acte_naissance",
    "avis_medical_bmp",
    "bombe_png",
    "carte_identite",
    "carte_identite_heic",
    "facture",
    "image",
    "page_html",
    "pdf_avec",
    "permis",
    "quittance_png",
    "recepisse_vol",
    "texte_renomme",
    "trop_lourd",
]

TAILLE_MAX = 11 * 1024**2


@cache
def carte_identite_heic() -> bytes:
    """HEIC: the same card as an iPhone writes it (made once with pillow-heif: our own decoder cannot write any)."""
    return (Path(__file__).parent / "donnees" / "carte.heic").read_bytes()


def image(format_: str, taille: tuple[int, int] = (300, 200), mode: str = "RGB", **options: object) -> bytes:
    """A small image, blue on its left half and yellow on its right (dark and light where ``mode`` has no colour)."""
    dessin = Image.new("RGB", taille, (250, 220, 40))
    dessin.paste((20, 40, 160), (0, 0, taille[0] // 2, taille[1]))
    if mode == "I;16":  # no conversion leads there from RGB
        gris = dessin.convert("L").tobytes()
        dessin = Image.frombytes("I;16", taille, b"".join(struct.pack("<H", octet * 257) for octet in gris))
    sortie = BytesIO()
    dessin.convert(mode).save(sortie, format_, **options)
    return sortie.getvalue()


@cache
def texte_renomme() -> bytes:
    """A text that was only given the name of a JPG."""
    return b"Ceci n'est pas une photographie.\n" * 200


@cache
def page_html() -> bytes:
    """A page."""
    return b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"


@cache
def polyglotte_html() -> bytes:
    """A JPEG that opens, with a page in its comment: some programs would run it."""
    return image("JPEG", comment=page_html())


@cache
def polyglotte_pdf() -> bytes:
    """A PNG with a whole PDF behind it."""
    return image("PNG") + recepisse_vol()


@cache
def bombe_png() -> bytes:
    """A PNG of a few kilobytes that announces, and holds, 60000 × 60000 black points."""

    def bloc(nom: bytes, corps: bytes) -> bytes:
        return struct.pack(">I", len(corps)) + nom + corps + struct.pack(">I", zlib.crc32(nom + corps))

    entete = struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0)
    lignes = zlib.compress(b"\0" * 4_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + bloc(b"IHDR", entete) + bloc(b"IDAT", lignes) + bloc(b"IEND", b"")


@cache
def trop_lourd() -> bytes:
    """A JPEG of one byte more than 11 Mo."""
    debut = image("JPEG")
    return debut + b"\0" * (TAILLE_MAX + 1 - len(debut))


def pdf_avec(changer: Callable[[pikepdf.Pdf], None], **options: object) -> bytes:
    """The récépissé after ``changer`` has worked on it, saved with pikepdf's ``options``."""
    sortie = BytesIO()
    with pikepdf.open(BytesIO(recepisse_vol())) as pdf:
        changer(pdf)
        pdf.save(sortie, **options)  # type: ignore[arg-type]
    return sortie.getvalue()


@cache
def pdf_protege() -> bytes:
    """Opens with a password only."""
    return pdf_avec(lambda pdf: None, encryption=pikepdf.Encryption(user="secret", owner="secret"))


@cache
def pdf_verrouille() -> bytes:
    """Opens without a password, but is encrypted so that nobody changes it."""
    return pdf_avec(lambda pdf: None, encryption=pikepdf.Encryption(user="", owner="secret"))


@cache
def pdf_javascript() -> bytes:
    """Runs a script when opened; the script hides in an object stream."""

    def changer(pdf: pikepdf.Pdf) -> None:
        pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert('x')"))

    return pdf_avec(changer, object_stream_mode=pikepdf.ObjectStreamMode.generate)


@cache
def pdf_lancement() -> bytes:
    """A link on the page launches a program."""

    def changer(pdf: pikepdf.Pdf) -> None:
        action = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("cmd.exe"))
        lien = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 100, 100], A=action)
        pdf.pages[0].Annots = pdf.make_indirect(pikepdf.Array([lien]))

    return pdf_avec(changer)


@cache
def pdf_piece_jointe() -> bytes:
    """Carries a program as an attachment."""

    def changer(pdf: pikepdf.Pdf) -> None:
        pdf.attachments["facture.exe"] = b"MZ"

    return pdf_avec(changer)


@cache
def pdf_sans_page() -> bytes:
    """A right PDF with no page at all."""
    return pdf_avec(lambda pdf: pdf.pages.__delitem__(slice(None)))


@cache
def pdf_bombe() -> bytes:
    """A page whose content weighs 300 Mo once inflated, 300 kB before."""

    def changer(pdf: pikepdf.Pdf) -> None:
        zeros = zlib.compressobj(9)
        octets = b"".join(zeros.compress(b" " * 1024**2) for _ in range(300)) + zeros.flush()
        pdf.pages[0].Contents = pikepdf.Stream(pdf, octets, Filter=pikepdf.Name.FlateDecode)

    return pdf_avec(changer)


@cache
def pdf_gigogne() -> bytes:
    """A page of 11 kB whose drawing calls three drawings, each of which calls three others, forty times over."""

    def dessin(pdf: pikepdf.Pdf, contenu: bytes, **dedans: pikepdf.Object) -> pikepdf.Stream:
        return pdf.make_stream(
            contenu, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 600, 800],
            Resources=pikepdf.Dictionary(XObject=pikepdf.Dictionary(dedans)),
        )  # fmt: skip

    def changer(pdf: pikepdf.Pdf) -> None:
        courant = dessin(pdf, b"0 0 m 100 100 l S")
        for _ in range(40):
            courant = dessin(pdf, b"/F Do /F Do /F Do", **{"/F": courant})
        pdf.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=courant))
        pdf.pages[0].Contents = pdf.make_stream(b"/F Do")

    return pdf_avec(changer)


@cache
def pdf_image_bombe() -> bytes:
    """A page that shows an image announced as 40000 × 40000."""

    def changer(pdf: pikepdf.Pdf) -> None:
        bombe = pikepdf.Stream(
            pdf, zlib.compress(b"\0" * 1_000_000), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image,
            Width=40_000, Height=40_000, BitsPerComponent=8, ColorSpace=pikepdf.Name.DeviceRGB,
            Filter=pikepdf.Name.FlateDecode,
        )  # fmt: skip
        pdf.pages[0].Resources.XObject = pikepdf.Dictionary(Im0=pdf.make_indirect(bombe))

    return pdf_avec(changer)


@cache
def tiff_sans_fin() -> bytes:
    """A TIFF whose every directory names the next one, 400 of them."""
    feuille = Image.new("1", (8, 8))
    sortie = BytesIO()
    feuille.save(sortie, "TIFF", save_all=True, append_images=[feuille] * 399)
    return sortie.getvalue()


MAUVAIS: dict[str, tuple[Callable[[], bytes], str]] = {
    "vide": (lambda: b"", "fichier_vide"),
    "texte renommé en .jpg": (texte_renomme, "format_non_accepte"),
    "page HTML": (page_html, "format_non_accepte"),
    "GIF": (lambda: image("GIF"), "format_non_accepte"),
    "WebP": (lambda: image("WEBP"), "format_non_accepte"),
    "document Word": (lambda: b"PK\x03\x04" + b"\0" * 2000, "format_non_accepte"),
    "JPEG coupé": (lambda: carte_identite()[:200_000], "fichier_tronque"),
    "PNG coupé": (lambda: quittance_png()[:60_000], "fichier_tronque"),
    "BMP coupé": (lambda: avis_medical_bmp()[:100_000], "fichier_tronque"),
    "TIFF coupé": (lambda: image("TIFF", (900, 900))[:100_000], "fichier_tronque"),
    "HEIC coupé": (lambda: carte_identite_heic()[:6_000], "fichier_illisible"),
    "PDF coupé": (lambda: facture()[:20_000], "fichier_tronque"),
    "début de JPEG seulement": (lambda: b"\xff\xd8\xff\xe0", "fichier_illisible"),
    "début de PDF seulement": (lambda: b"%PDF-1.7\n", "fichier_tronque"),
    "PDF de bruit": (lambda: b"%PDF-1.7\n" + bytes(range(256)) * 40 + b"\n%%EOF", "fichier_illisible"),
    "PDF à mot de passe": (pdf_protege, "pdf_protege"),
    "PDF verrouillé": (pdf_verrouille, "pdf_protege"),
    "PDF à script": (pdf_javascript, "pdf_script"),
    "PDF qui lance un programme": (pdf_lancement, "pdf_script"),
    "PDF à pièce jointe": (pdf_piece_jointe, "pdf_piece_jointe"),
    "PDF sans page": (pdf_sans_page, "pdf_sans_page"),
    "PDF de 6 pages": (lambda: facture(6), "trop_de_pages"),
    "TIFF de 400 pages": (tiff_sans_fin, "trop_de_pages"),
    "11 Mo et un octet": (trop_lourd, "fichier_trop_lourd"),
    "bombe PNG": (bombe_png, "image_trop_grande"),
    "bombe dans un PDF": (pdf_image_bombe, "image_trop_grande"),
    "PDF qui se déplie": (pdf_bombe, "fichier_trop_complexe"),
    "PDF gigogne": (pdf_gigogne, "fichier_trop_complexe"),
    "JPEG et page": (polyglotte_html, "contenu_mixte"),
    "PNG et PDF": (polyglotte_pdf, "contenu_mixte"),
}
