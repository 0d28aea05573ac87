"""Hostile and broken files, made here: what must be refused whatever its name, and what may at least harm nothing.

``CORPUS`` gives each one its name and the codes that may refuse it; an empty set: refused or not, it must only be
judged within the bounds, without a crash, and what is drawn of it be a picture.
"""

import gzip
import io
import random
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import cache

import pikepdf
from PIL import Image, PngImagePlugin, TiffImagePlugin

from chalicelib.demande.motifs import TAILLE_MAX
from tests import specimens
from tests.specimens import image, pdf_avec

Cas = tuple[str, Callable[[], bytes], frozenset[str]]

INDIFFERENT: frozenset[str] = frozenset()
ABIMES = frozenset({"fichier_tronque", "fichier_illisible"})
ABIMES_OU_LOURDS = ABIMES | {"fichier_trop_complexe", "image_trop_grande"}
INCONNU = frozenset({"format_non_accepte"})
MIXTE = frozenset({"contenu_mixte"})
SCRIPT = frozenset({"pdf_script"})
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def corpus() -> Iterator[Cas]:
    """Every file of the corpus."""
    for famille in (tronques, signatures, etrangers, polyglottes, bombes, pdf_actions, pdf_chiffres, pdf_structures):
        yield from famille()


# -- truncated, and nearly empty


@cache
def bases() -> dict[str, bytes]:
    """A small valid file of each kind, with what a decoder may meet in it."""
    return {
        "JPEG": image("JPEG", (640, 480), quality=80),
        "JPEG progressif": image("JPEG", (640, 480), progressive=True),
        "PNG": image("PNG", (640, 480)),
        "BMP": image("BMP", (320, 240)),
        "TIFF": image("TIFF", (320, 240)),
        "TIFF compressé": image("TIFF", (640, 480), compression="tiff_lzw"),
        "HEIC": specimens.carte_identite_heic(),
        "PDF": specimens.recepisse_vol(),
    }


def tronques() -> Iterator[Cas]:
    for nom, octets in bases().items():
        for pourcent in (1, 5, 20, 40, 60, 80, 95):
            coupe = octets[: max(12, len(octets) * pourcent // 100)]
            yield f"{nom} coupé à {pourcent} %", lambda coupe=coupe: coupe, ABIMES  # type: ignore[misc]
        evide = octets[: len(octets) // 10] + b"\0" * (len(octets) - len(octets) // 10)
        # Zeros are points for the formats that do not compress, and noise for JPEG and HEIC.
        attendu = ABIMES if nom in ("PDF", "PNG", "TIFF compressé") else INDIFFERENT
        yield f"{nom} dont la suite est à zéro", lambda evide=evide: evide, attendu  # type: ignore[misc]


def signatures() -> Iterator[Cas]:
    debuts = {
        "JPEG": b"\xff\xd8\xff\xe0", "PNG": b"\x89PNG\r\n\x1a\n", "BMP": b"BM", "TIFF II": b"II*\0",
        "TIFF MM": b"MM\0*", "PDF": b"%PDF-1.7\n", "HEIC": b"\0\0\0\x18ftypheic", "HEIF": b"\0\0\0\x18ftypmif1",
    }  # fmt: skip
    alea = random.Random(20_261_125)
    suites = {
        "seule": b"", "et des zéros": b"\0" * 5_000, "et du bruit": alea.randbytes(20_000),
        "et du texte": b"Bonjour. " * 500, "et des FF": b"\xff" * 5_000,
    }  # fmt: skip
    for nom, debut in debuts.items():
        for comment, suite in suites.items():
            octets = debut + suite + (b"\n%%EOF\n" if nom == "PDF" and suite else b"")
            yield f"signature {nom} {comment}", lambda octets=octets: octets, ABIMES_OU_LOURDS  # type: ignore[misc]
    yield "rien", lambda: b"", frozenset({"fichier_vide"})
    for nom, octets in {
        "un octet": b"\0",
        "un blanc": b" ",
        "des zéros": b"\0" * 10_000,
        "des lignes": b"\n" * 99,
    }.items():
        yield nom, lambda octets=octets: octets, INCONNU  # type: ignore[misc]
    yield "un octet de trop", specimens.trop_lourd, frozenset({"fichier_trop_lourd"})
    yield "11 Mo de zéros après une signature", lambda: b"BM" + b"\0" * (TAILLE_MAX - 2), ABIMES_OU_LOURDS


# -- other formats


def _zip(noms: dict[str, bytes]) -> bytes:
    sortie = io.BytesIO()
    with zipfile.ZipFile(sortie, "w", zipfile.ZIP_DEFLATED) as archive:
        for nom, octets in noms.items():
            archive.writestr(nom, octets)
    return sortie.getvalue()


@cache
def jar() -> bytes:
    return _zip({"META-INF/MANIFEST.MF": b"Main-Class: A\n", "A.class": b"\xca\xfe\xba\xbe\0\0\0\x34" + b"\0" * 99})


@cache
def programme() -> bytes:
    return b"MZ" + b"\0" * 76 + b"This program cannot be run in DOS mode.\r\r\n$" + b"\0" * 300


def etrangers() -> Iterator[Cas]:
    fichiers: dict[str, bytes] = {f"image {f}": image(f) for f in ("GIF", "WEBP", "ICO", "PCX", "PPM", "TGA", "EPS")}
    fichiers |= {
        "JPEG 2000": b"\0\0\0\x0cjP  \r\n\x87\n" + b"\0" * 200,
        "AVIF": b"\0\0\0\x1cftypavif" + b"\0" * 500,
        "MP4": b"\0\0\0\x18ftypmp42" + b"\0" * 500,
        "MOV": b"\0\0\0\x14ftypqt  " + b"\0" * 500,
        "PSD": b"8BPS\0\1" + b"\0" * 300,
        "BigTIFF": b"II+\0\x08\0\0\0" + b"\0" * 300,
        "WMF": b"\xd7\xcd\xc6\x9a" + b"\0" * 300,
        "DjVu": b"AT&TFORM\0\0\1\0DJVU" + b"\0" * 300,
        "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "SVG avec prologue": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
        "PostScript": b"%!PS-Adobe-3.0\n(%stdin) (r) file\n",
        "RTF": rb"{\rtf1 {\object\objdata 0105}}",
        "Office d'avant 2007": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2_000,
        "docx": _zip({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}),
        "docm": _zip({"word/vbaProject.bin": b"x", "word/document.xml": b"<w/>"}),
        "odt": _zip({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<o/>"}),
        "zip": _zip({"carte.jpg": bases()["JPEG"]}),
        "bombe zip": _zip({f"{rang}.txt": b"\0" * 1_000_000 for rang in range(20)}),
        "jar": jar(),
        "rar": b"Rar!\x1a\x07\x01\0" + b"\0" * 300,
        "7z": b"7z\xbc\xaf\x27\x1c\0\4" + b"\0" * 300,
        "gzip": gzip.compress(b"a" * 9_000),
        "tar": _tar(),
        "cab": b"MSCF\0\0\0\0" + b"\0" * 300,
        "iso": b"\0" * 32_769 + b"CD001" + b"\0" * 3_000,
        "exe": programme(),
        "elf": b"\x7fELF\2\1\1" + b"\0" * 300,
        "mach-o": b"\xcf\xfa\xed\xfe" + b"\0" * 300,
        "class": b"\xca\xfe\xba\xbe\0\0\0\x34" + b"\0" * 300,
        "raccourci Windows": b"L\0\0\0\1\x14\2\0" + b"\0" * 300,
        "mp3": b"ID3\3" + b"\0" * 300,
        "wav": b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 300,
        "page": specimens.page_html(),
        "page précédée de blancs": b"\n\n   " + specimens.page_html(),
        "page en UTF-16": specimens.page_html().decode().encode("utf-16"),
        "bombe XML": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><a>&b;</a>',
        "entité XML": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        "PHP": b"<?php system($_GET['c']); ?>",
        "script": b"#!/bin/sh\nrm -rf ~\n",
        "JavaScript": b"WScript.Shell",
        "pickle": b"\x80\4\x95\x10\0\0\0\0\0\0\0\x8c\x05posix\x94.",
        "courriel": b"From: a@exemple.fr\r\nContent-Type: multipart/mixed\r\n\r\n",
        "texte": specimens.texte_renomme(),
        "base64 d'un JPEG": b"/9j/4AAQSkZJRgABAQAAAQABAAD/2wBD" * 30,
        "EICAR": EICAR,
        "PDF après 2 ko de page": b"<p>" + b"a" * 2_000 + b"</p>" + specimens.recepisse_vol(),
        "JPEG après un octet": b"\0" + bases()["JPEG"],
        "PNG sans son premier octet": bases()["PNG"][1:],
        "AppleDouble": b"\0\5\x16\7\0\2\0\0" + b"\0" * 300,
        "police": b"\0\1\0\0\0\x0e\0\x80\0\3\0\x60" + b"\0" * 300,
        "SQLite": b"SQLite format 3\0" + b"\0" * 500,
        "WebAssembly": b"\0asm\1\0\0\0",
    }  # fmt: skip
    for nom, octets in fichiers.items():
        yield nom, lambda octets=octets: octets, INCONNU  # type: ignore[misc]


def _tar() -> bytes:
    sortie = io.BytesIO()
    with tarfile.open(fileobj=sortie, mode="w") as archive:
        entree = tarfile.TarInfo("../../etc/passwd")
        entree.size = 4
        archive.addfile(entree, io.BytesIO(b"root"))
    return sortie.getvalue()


# -- two files in one


def polyglottes() -> Iterator[Cas]:
    charges = {
        "une page": specimens.page_html(),
        "une page en capitales": specimens.page_html().upper(),
        "un PHP": b"<?php system($_GET['c']); ?>",
        "un SVG": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "un script": b"#!/bin/sh\nid\n",
        "un zip": _zip({"a.txt": b"a"}),
        "un jar": jar(),
        "un zip commenté": _zip({"a.txt": b"a"})[:-2] + struct.pack("<H", 300) + b"c" * 300,
        "un programme": programme(),
        "un elf": b"\x7fELF\2\1\1" + b"\0" * 300,
        "un rar": b"Rar!\x1a\x07\x01\0" + b"\0" * 300,
        "un 7z": b"7z\xbc\xaf\x27\x1c\0\4" + b"\0" * 300,
        "un vieil Office": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2_000,
        "EICAR": EICAR,
    }
    for base in ("JPEG", "PNG", "BMP", "TIFF", "HEIC"):
        for nom, charge in charges.items():
            octets = bases()[base] + charge
            yield f"{base} puis {nom}", lambda octets=octets: octets, MIXTE  # type: ignore[misc]
        octets = bases()[base] + specimens.recepisse_vol()
        yield f"{base} puis un PDF", lambda octets=octets: octets, MIXTE  # type: ignore[misc]
    pdf = specimens.recepisse_vol()
    for nom, charge in charges.items():
        # A PDF's own end must stay near the end of the file, or it is a truncated one.
        octets = pdf.replace(b"%%EOF", b"") + charge + b"\n%%EOF\n"
        attendu = MIXTE | ABIMES if "zip" in nom or "jar" in nom else MIXTE
        yield f"PDF et {nom}", lambda octets=octets: octets, attendu  # type: ignore[misc]
        octets = pdf[:9] + b"%" + charge.replace(b"\n", b" ") + b"\n" + pdf[9:]
        if not charge.startswith(b"PK"):
            yield f"PDF dont un commentaire est {nom}", lambda octets=octets: octets, MIXTE  # type: ignore[misc]
    page = specimens.page_html()
    yield "JPEG dont le commentaire est une page", lambda: image("JPEG", comment=page), MIXTE
    yield "JPEG dont l'EXIF est une page", lambda: image("JPEG", exif=_exif(page.decode())), MIXTE
    yield "JPEG dont le profil est une page", lambda: image("JPEG", icc_profile=page), MIXTE
    yield "PNG dont le texte est une page", lambda: image("PNG", pnginfo=_texte_png(page.decode())), MIXTE
    yield "PNG dont l'EXIF est un PHP", lambda: image("PNG", exif=_exif("<?php id(); ?>")), MIXTE
    yield "TIFF dont la description est une page", lambda: image("TIFF", tiffinfo=_description(page.decode())), MIXTE
    yield "GIF et JAR", lambda: image("GIF") + jar(), INCONNU
    yield (
        "JPEG et MP4, comme une photo animée",
        lambda: bases()["JPEG"] + b"\0\0\0\x18ftypmp42" + b"\0" * 99,
        INDIFFERENT,
    )


def _exif(texte: str) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010E] = texte
    return exif


def _texte_png(texte: str) -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", texte)
    return info


def _description(texte: str) -> TiffImagePlugin.ImageFileDirectory_v2:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[0x010E] = texte
    return tags


# -- bombs in images


def bloc_png(nom: bytes, corps: bytes) -> bytes:
    return struct.pack(">I", len(corps)) + nom + corps + struct.pack(">I", zlib.crc32(nom + corps))


def _png(largeur: int, hauteur: int, *blocs: bytes, couleur: int = 0, bits: int = 1) -> bytes:
    entete = struct.pack(">IIBBBBB", largeur, hauteur, bits, couleur, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + bloc_png(b"IHDR", entete) + b"".join(blocs) + bloc_png(b"IEND", b"")


def _apres_ihdr(png: bytes, *blocs: bytes) -> bytes:
    return png[:33] + b"".join(blocs) + png[33:]


def _tiff(repertoires: list[tuple[list[tuple[int, int, int, int]], int | None]]) -> bytes:
    """A TIFF of directories (entries: tag, type, count, value); each next one by its index, None at the end."""
    tailles = [2 + 12 * len(entrees) + 4 for entrees, _ in repertoires]
    places = [8 + sum(tailles[:rang]) for rang in range(len(repertoires))]
    corps = b"".join(
        struct.pack("<H", len(entrees))
        + b"".join(struct.pack("<HHII", *entree) for entree in entrees)
        + struct.pack("<I", 0 if suivant is None else places[suivant])
        for entrees, suivant in repertoires
    )
    return b"II*\0" + struct.pack("<I", 8) + corps


def _entrees(largeur: int = 8, hauteur: int = 8, **autres: int) -> list[tuple[int, int, int, int]]:
    valeurs = {"place": 8, "poids": 64, "bits": 8, "compression": 1, "lignes": hauteur, **autres}
    return [
        (256, 4, 1, largeur), (257, 4, 1, hauteur), (258, 3, 1, valeurs["bits"]), (259, 3, 1, valeurs["compression"]),
        (262, 3, 1, 1), (273, 4, 1, valeurs["place"]), (277, 3, 1, 1), (278, 4, 1, valeurs["lignes"]),
        (279, 4, 1, valeurs["poids"]),
    ]  # fmt: skip


def _jpeg_aux_balayages(nombre: int) -> bytes:
    """A progressive JPEG whose last scan is said again and again: each one costs a pass over the whole picture."""
    jpeg = image("JPEG", (4_000, 3_000), progressive=True)
    dernier = jpeg.rfind(b"\xff\xda")
    balayage = jpeg[dernier:-2]
    return jpeg[:-2] + balayage * nombre + jpeg[-2:]


def bombes() -> Iterator[Cas]:
    grandes = frozenset({"image_trop_grande"})
    zeros = zlib.compress(b"\0" * 4_000_000, 9)
    idat = bloc_png(b"IDAT", zeros)
    for largeur, hauteur in (
        (60_000, 60_000),
        (52_000_001, 1),
        (1, 52_000_001),
        (2**31 - 1, 2**31 - 1),
        (9_000, 9_000),
    ):
        octets = _png(largeur, hauteur, idat)
        yield f"PNG de {largeur} × {hauteur}", lambda octets=octets: octets, grandes | ABIMES  # type: ignore[misc]
        for fond in ("BMP", "TIFF"):
            octets = _bmp(largeur, hauteur) if fond == "BMP" else _tiff([(_entrees(largeur, hauteur), None)])
            nom = f"{fond} de {largeur} × {hauteur}"
            yield nom, lambda octets=octets: octets, ABIMES_OU_LOURDS  # type: ignore[misc]
    jpeg = bases()["JPEG"]
    sof = jpeg.find(b"\xff\xc0") + 5
    for taille in ((65_500, 65_500), (8_000, 8_000), (0, 640)):
        octets = jpeg[:sof] + struct.pack(">HH", *taille) + jpeg[sof + 4 :]
        yield f"JPEG qui dit {taille}", lambda octets=octets: octets, ABIMES_OU_LOURDS  # type: ignore[misc]
    heic = bases()["HEIC"]
    octets = heic.replace(
        b"ispe\0\0\0\0" + heic.split(b"ispe\0\0\0\0")[1][:8], b"ispe\0\0\0\0" + struct.pack(">II", 60_000, 60_000)
    )
    yield "HEIC de 60000 × 60000", lambda: octets, ABIMES_OU_LOURDS
    png = bases()["PNG"]
    gros = _blancs(300)
    texte = bloc_png(b"zTXt", b"Comment\0\0" + gros)
    yield "PNG dont le texte se déplie", lambda: _apres_ihdr(png, texte), ABIMES_OU_LOURDS
    profil = bloc_png(b"iCCP", b"p\0\0" + gros)
    yield "PNG dont le profil se déplie", lambda: _apres_ihdr(png, profil), INDIFFERENT
    inter = bloc_png(b"iTXt", b"Comment\0\1\0\0\0" + gros)
    yield "PNG dont le texte étranger se déplie", lambda: _apres_ihdr(png, inter), ABIMES_OU_LOURDS
    petits = bloc_png(b"zTXt", b"C\0\0" + zlib.compress(b"a" * 900_000, 9)) * 200
    yield "PNG aux 200 textes qui se déplient", lambda: _apres_ihdr(png, petits), ABIMES_OU_LOURDS
    vides = bloc_png(b"tEXt", b"C\0a") * 100_000
    yield "PNG aux 100 000 textes", lambda: _apres_ihdr(png, vides), INDIFFERENT
    yield "PNG aux blocs vides", lambda: _apres_ihdr(png, bloc_png(b"IDAT", b"") * 100_000), INDIFFERENT
    yield "PNG sans image", lambda: _png(100, 100), ABIMES
    yield "PNG au bloc de 2 Go", lambda: png[:33] + struct.pack(">I", 2**31 - 1) + png[37:], ABIMES
    yield "PNG de genre inconnu", lambda: _png(100, 100, idat, couleur=5, bits=3), ABIMES
    yield "PNG sans palette", lambda: _png(100, 100, idat, couleur=3, bits=8), INDIFFERENT
    yield "PNG aux points faux", lambda: png[:60] + bytes([png[60] ^ 1]) + png[61:], ABIMES
    yield "JPEG aux 400 balayages", lambda: _jpeg_aux_balayages(400), INDIFFERENT
    # The decoder has tables of its own for those who left theirs out.
    yield "JPEG sans tables", lambda: jpeg.replace(b"\xff\xc4", b"\xff\xfe"), INDIFFERENT
    yield "JPEG d'un EXIF qui tourne en rond", _jpeg_exif_en_rond, INDIFFERENT
    # The first directory is a page that reads; the chain never ends.
    pixels = _entrees()
    complexes = ABIMES_OU_LOURDS | {"trop_de_pages"}
    yield "TIFF qui se suit lui-même", lambda: _tiff([(pixels, 0)]) + b"\0" * 99, INDIFFERENT
    yield "TIFF à deux répertoires en rond", lambda: _tiff([(pixels, 1), (pixels, 0)]) + b"\0" * 99, INDIFFERENT
    yield "TIFF de 400 pages", specimens.tiff_sans_fin, frozenset({"trop_de_pages"})
    yield (
        "TIFF de 20 000 répertoires",
        lambda: _tiff([(pixels, r + 1) for r in range(20_000)] + [(pixels, None)]),
        complexes,
    )
    trop = [(1_000 + rang, 4, 1, rang) for rang in range(60_000)]
    yield "TIFF aux 60 000 champs", lambda: _tiff([(_entrees() + trop, None)]), INDIFFERENT
    for genre in (1, 2, 5, 12):
        enorme = [*_entrees(), (700, genre, 2**32 - 1, 8)]
        nom = f"TIFF au champ de 4 milliards de valeurs, genre {genre}"
        yield nom, lambda enorme=enorme: _tiff([(enorme, None)]), INDIFFERENT  # type: ignore[misc]
    yield "TIFF hors du fichier", lambda: _tiff([(_entrees(place=2**31), None)]), ABIMES_OU_LOURDS
    yield "TIFF au répertoire hors du fichier", lambda: b"II*\0" + struct.pack("<I", 2**31), ABIMES
    for compression in (2, 3, 4, 5, 6, 7, 8, 32773, 34676, 50000, 50001):
        octets = _tiff([(_entrees(5_000, 5_000, compression=compression, poids=4_000), None)]) + b"\x55" * 4_000
        # A fax has no wrong byte: what is missing is white.
        nom = f"TIFF de bruit, compression {compression}"
        yield nom, lambda octets=octets: octets, INDIFFERENT if compression in (2, 3, 4) else ABIMES_OU_LOURDS  # type: ignore[misc]
    yield (
        "BMP RLE qui ne finit pas",
        lambda: _bmp(5_000, 5_000, compression=1, bits=8) + b"\xff\0" * 9,
        ABIMES_OU_LOURDS,
    )
    yield "BMP de compression inconnue", lambda: _bmp(50, 50, compression=9) + b"\0" * 9_000, ABIMES
    yield "BMP de 77 bits", lambda: _bmp(50, 50, bits=77) + b"\0" * 9_000, ABIMES
    yield "BMP de taille négative", lambda: _bmp(-50, 50) + b"\0" * 9_000, ABIMES_OU_LOURDS


def _bmp(largeur: int, hauteur: int, compression: int = 0, bits: int = 24) -> bytes:
    corps = struct.pack("<IiiHHIIiiII", 40, largeur, hauteur, 1, bits, compression, 0, 2_835, 2_835, 0, 0)
    return b"BM" + struct.pack("<IHHI", 100, 0, 0, 54) + corps + b"\0" * 46


def _jpeg_exif_en_rond() -> bytes:
    tiff = _tiff([([(0x8769, 4, 1, 8), (0x8825, 4, 1, 8)], 0)])
    corps = b"Exif\0\0" + tiff
    return bases()["JPEG"][:2] + b"\xff\xe1" + struct.pack(">H", len(corps) + 2) + corps + bases()["JPEG"][2:]


# -- PDF: what acts, plays, fetches or carries

N = pikepdf.Name
D = pikepdf.Dictionary
S = pikepdf.String


def _avec(ou: str, action: Callable[[pikepdf.Pdf], pikepdf.Object]) -> bytes:
    """The récépissé with ``action`` at a place of the file."""

    def changer(pdf: pikepdf.Pdf) -> None:
        voulue = action(pdf)
        page = pdf.pages[0].obj
        if ou == "à l'ouverture":
            pdf.Root.OpenAction = voulue
        elif ou == "à la fermeture":
            pdf.Root.AA = D(WC=voulue)
        elif ou == "sur la page":
            page.AA = D(O=voulue)
        elif ou == "sur un lien":
            page.Annots = pikepdf.Array([D(Type=N.Annot, Subtype=N.Link, Rect=[0, 0, 9, 9], A=voulue)])
        elif ou == "dans un champ":
            champ = D(Type=N.Annot, Subtype=N.Widget, FT=N.Tx, T=S("a"), Rect=[0, 0, 9, 9], AA=D(K=voulue))
            page.Annots = pikepdf.Array([pdf.make_indirect(champ)])
        elif ou == "dans un signet":
            signet = pdf.make_indirect(D(Title=S("a"), A=voulue))
            pdf.Root.Outlines = pdf.make_indirect(D(Type=N.Outlines, First=signet, Last=signet, Count=1))
        elif ou == "à la suite d'une autre":
            pdf.Root.OpenAction = D(S=N.GoTo, D=[page, N.Fit], Next=voulue)
        elif ou == "hors d'atteinte":
            pdf.Root.Perdu = pdf.make_indirect(voulue)

    return pdf_avec(changer, object_stream_mode=pikepdf.ObjectStreamMode.generate)


OU = (
    "à l'ouverture", "à la fermeture", "sur la page", "sur un lien", "dans un champ", "dans un signet",
    "à la suite d'une autre", "hors d'atteinte",
)  # fmt: skip


def pdf_actions() -> Iterator[Cas]:
    actions: dict[str, Callable[[pikepdf.Pdf], pikepdf.Object]] = {
        "JavaScript": lambda pdf: D(S=N.JavaScript, JS=S("app.alert(1)")),
        "JavaScript en flux": lambda pdf: D(S=N.JavaScript, JS=pdf.make_stream(b"app.alert(1)")),
        "Launch": lambda pdf: D(S=N.Launch, F=S("cmd.exe")),
        "SubmitForm": lambda pdf: D(S=N.SubmitForm, F=S("http://exemple.fr/")),
        "ImportData": lambda pdf: D(S=N.ImportData, F=S("a.fdf")),
        "GoToE": lambda pdf: D(S=N.GoToE, D=[0, N.Fit]),
        "GoToR": lambda pdf: D(S=N.GoToR, F=S(r"\\exemple\partage"), D=[0, N.Fit]),
        "Rendition": lambda pdf: D(S=N.Rendition, OP=0),
        "Movie": lambda pdf: D(S=N.Movie),
        "Sound": lambda pdf: D(S=N.Sound),
    }
    for nom, action in actions.items():
        for ou in OU:
            yield f"PDF : {nom} {ou}", lambda ou=ou, action=action: _avec(ou, action), SCRIPT  # type: ignore[misc]
    lien = "https://exemple.fr/"
    for ou in ("à l'ouverture", "à la fermeture", "sur la page"):
        yield f"PDF : lien suivi {ou}", lambda ou=ou: _avec(ou, lambda pdf: D(S=N.URI, URI=S(lien))), SCRIPT  # type: ignore[misc]
    for uri in (
        "javascript:alert(1)",
        "file:///etc/passwd",
        r"\\exemple\partage",
        "vbscript:x",
        "data:text/html,x",
        "smb://e/p",
    ):
        yield f"PDF : lien {uri}", lambda uri=uri: _avec("sur un lien", lambda pdf: D(S=N.URI, URI=S(uri))), SCRIPT  # type: ignore[misc]
    for sous_type in ("/RichMedia", "/Screen", "/3D", "/Movie", "/Sound"):
        yield f"PDF : annotation {sous_type}", lambda sous_type=sous_type: _annoter(N(sous_type)), SCRIPT  # type: ignore[misc]
    jointe = frozenset({"pdf_piece_jointe"})
    yield "PDF : pièce jointe sur la page", lambda: _annoter(N.FileAttachment), jointe
    yield "PDF : pièce jointe", specimens.pdf_piece_jointe, jointe
    yield "PDF : dossier de fichiers", _portefeuille, jointe
    yield "PDF : fichier associé", _fichier_associe, jointe
    yield "PDF : formulaire XFA", lambda: pdf_avec(_xfa), SCRIPT
    yield "PDF : script nommé", lambda: pdf_avec(_script_nomme), SCRIPT
    yield "PDF : script au nom échappé", _script_echappe, SCRIPT
    yield "PDF : script dans une révision", _script_en_revision, SCRIPT
    ailleurs = frozenset({"pdf_lien_externe"})
    yield "PDF : flux dans un autre fichier", lambda: pdf_avec(_flux_externe), ailleurs
    yield "PDF : page d'un autre fichier", lambda: pdf_avec(_page_externe), ailleurs


def _annoter(sous_type: pikepdf.Name) -> bytes:
    def changer(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].Annots = pikepdf.Array([D(Type=N.Annot, Subtype=sous_type, Rect=[0, 0, 9, 9])])

    return pdf_avec(changer)


def _portefeuille() -> bytes:
    def changer(pdf: pikepdf.Pdf) -> None:
        pdf.attachments["a.pdf"] = specimens.recepisse_vol()
        pdf.Root.Collection = D(View=N.T)

    return pdf_avec(changer)


def _fichier_associe() -> bytes:
    def changer(pdf: pikepdf.Pdf) -> None:
        flux = pdf.make_stream(b"<facture/>", Type=N.EmbeddedFile)
        pdf.Root.AF = pikepdf.Array([pdf.make_indirect(D(Type=N.Filespec, F=S("f.xml"), EF=D(F=flux)))])

    return pdf_avec(changer)


def _xfa(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AcroForm = D(Fields=[], XFA=pdf.make_stream(b"<xdp:xdp/>"))


def _script_nomme(pdf: pikepdf.Pdf) -> None:
    action = pdf.make_indirect(D(S=N.JavaScript, JS=S("a()")))
    pdf.Root.Names = D(JavaScript=D(Names=[S("a"), action]))


def _flux_externe(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].Contents = pdf.make_stream(b"", F=S("/etc/passwd"))


def _page_externe(pdf: pikepdf.Pdf) -> None:
    forme = pdf.make_stream(b"", Type=N.XObject, Subtype=N.Form, BBox=[0, 0, 9, 9], Ref=D(F=S("a.pdf"), Page=0))
    pdf.pages[0].Resources.XObject = D(F=forme)


def pdf_brut(*objets: bytes, fin: bytes = b"") -> bytes:
    """A PDF written by hand: ``objets`` are numbered from 1, the first one is the catalogue."""
    sortie = bytearray(b"%PDF-1.7\n")
    places = []
    for rang, corps in enumerate(objets, start=1):
        places.append(len(sortie))
        sortie += b"%d 0 obj\n%b\nendobj\n" % (rang, corps)
    debut = len(sortie)
    sortie += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objets) + 1)
    sortie += b"".join(b"%010d 00000 n \n" % place for place in places)
    sortie += b"trailer\n<< /Size %d /Root 1 0 R %b >>\nstartxref\n%d\n%%%%EOF\n" % (len(objets) + 1, fin, debut)
    return bytes(sortie)


CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R >>"
PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R >>"
CONTENU = b"<< /Length 25 >>\nstream\n0 0 m 300 300 l 300 0 l f\nendstream"


def _script_echappe() -> bytes:
    catalogue = b"<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /J#61vaScript /#4aS (a) >> >>"
    return pdf_brut(catalogue, PAGES, PAGE, CONTENU)


def _script_en_revision() -> bytes:
    """The harmless catalogue is replaced by another one, written after the end."""
    pdf = pdf_brut(CATALOGUE, PAGES, PAGE, CONTENU)
    precedent = pdf.rfind(b"xref\n0")
    place = len(pdf)
    ajout = b"1 0 obj\n<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (a) >> >>\nendobj\n"
    table = b"xref\n1 1\n%010d 00000 n \ntrailer\n<< /Size 5 /Root 1 0 R /Prev %d >>\n" % (place, precedent)
    return pdf + ajout + table + b"startxref\n%d\n%%%%EOF\n" % (place + len(ajout))


def pdf_chiffres() -> Iterator[Cas]:
    protege = frozenset({"pdf_protege"})
    for r in (2, 3, 4, 6):
        for usager in ("", "secret"):
            cle = pikepdf.Encryption(user=usager, owner="secret", R=r, aes=r >= 4, metadata=r >= 4)  # type: ignore[arg-type]
            nom = f"PDF chiffré (R{r}) {'à mot de passe' if usager else 'sans mot de passe'}"
            yield nom, lambda cle=cle: pdf_avec(lambda pdf: None, encryption=cle), protege  # type: ignore[misc]


# -- PDF: structures that do not end, or weigh more than they seem


def _contenu(octets: bytes, **filtre: object) -> bytes:
    def changer(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].Contents = pikepdf.Stream(pdf, octets, **filtre)

    # As it is: saving would unpack it.
    return pdf_avec(changer, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)


@cache
def _blancs(megas: int) -> bytes:
    compresse = zlib.compressobj(9)
    return b"".join(compresse.compress(b" " * 1024**2) for _ in range(megas)) + compresse.flush()


def _image_de_page(largeur: int, hauteur: int, octets: bytes, filtre: pikepdf.Object, **autres: object) -> bytes:
    def changer(pdf: pikepdf.Pdf) -> None:
        une = pikepdf.Stream(
            pdf, octets, Type=N.XObject, Subtype=N.Image, Width=largeur, Height=hauteur, BitsPerComponent=1,
            ColorSpace=N.DeviceGray, Filter=filtre, **autres,
        )  # fmt: skip
        pdf.pages[0].Resources.XObject = D(Im0=pdf.make_indirect(une))
        pdf.pages[0].Contents = pdf.make_stream(b"q 600 0 0 800 0 0 cm /Im0 Do Q")

    return pdf_avec(changer)


def _jbig2(largeur: int, hauteur: int) -> bytes:
    """A page-information segment of that size and a generic region, as embedded in a PDF (no file header)."""
    page = struct.pack(">IBBI", 0, 48, 1, 19) + struct.pack(">IIIIBH", largeur, hauteur, 0, 0, 0, 0)
    region = struct.pack(">IIIIB", largeur, hauteur, 0, 0, 0) + b"\0" + bytes([3, 255, 253, 255, 2, 254, 254, 254])
    return page + struct.pack(">IBBI", 1, 38, 1, len(region) + 40) + region + b"\xff\xac" * 20


def pdf_structures() -> Iterator[Cas]:
    lourd = frozenset({"fichier_trop_complexe"})
    grande = frozenset({"image_trop_grande"})
    refuse = ABIMES_OU_LOURDS | {"pdf_sans_page", "trop_de_pages"}
    yield "PDF sans page", specimens.pdf_sans_page, frozenset({"pdf_sans_page"})
    yield "PDF de 6 pages", lambda: specimens.facture(6), frozenset({"trop_de_pages"})
    yield "PDF de 5 000 pages", _mille_pages, frozenset({"trop_de_pages"})
    yield "PDF qui se déplie", specimens.pdf_bombe, lourd
    yield (
        "PDF qui se déplie deux fois",
        lambda: _contenu(zlib.compress(_blancs(200)), Filter=pikepdf.Array([N.FlateDecode] * 2)),
        lourd,
    )
    yield (
        "PDF : dépliage sous un habit hexadécimal",
        lambda: _contenu(_blancs(400).hex().encode() + b">", Filter=pikepdf.Array([N.ASCIIHexDecode, N.FlateDecode])),
        lourd,
    )
    yield "PDF gigogne", specimens.pdf_gigogne, lourd
    yield "PDF : image de 40000 × 40000", specimens.pdf_image_bombe, grande
    yield (
        "PDF : JBIG2 de 60000 × 60000",
        lambda: _image_de_page(60_000, 60_000, _jbig2(60_000, 60_000), N.JBIG2Decode),
        grande,
    )
    yield (
        "PDF : JBIG2 qui en cache un plus grand",
        lambda: _image_de_page(100, 100, _jbig2(60_000, 60_000), N.JBIG2Decode),
        INDIFFERENT,
    )
    yield (
        "PDF : JBIG2 d'une hauteur inconnue",
        lambda: _image_de_page(100, 100, _jbig2(2**32 - 1, 2**32 - 1), N.JBIG2Decode),
        INDIFFERENT,
    )
    yield (
        "PDF : JPEG qui se dit plus petit",
        lambda: _image_de_page(100, 100, bases()["JPEG"], N.DCTDecode),
        INDIFFERENT,
    )
    yield (
        "PDF : JPEG 2000 de bruit",
        lambda: _image_de_page(100, 100, b"\xff\x4f\xff\x51" + b"\x7f" * 400, N.JPXDecode),
        INDIFFERENT,
    )
    yield "PDF : fax de bruit", lambda: _image_de_page(7_000, 7_000, b"\x55" * 9_000, N.CCITTFaxDecode), INDIFFERENT
    yield "PDF : image de taille négative", lambda: _image_de_page(-5, -5, b"\0", N.FlateDecode), INDIFFERENT
    yield "PDF : mille fois la même grande image", _mille_images, INDIFFERENT
    brut = pdf_brut
    yield "PDF : pages en rond", lambda: brut(CATALOGUE, b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"), refuse
    yield (
        "PDF : pages en rond à deux",
        lambda: brut(
            CATALOGUE, b"<< /Type /Pages /Kids [3 0 R] /Count 9 >>", b"<< /Type /Pages /Kids [2 0 R] /Count 9 >>"
        ),
        refuse,
    )
    yield (
        "PDF : compte de pages faux",
        lambda: brut(CATALOGUE, b"<< /Type /Pages /Kids [3 0 R] /Count 2000000000 >>", PAGE, CONTENU),
        INDIFFERENT,
    )
    yield (
        "PDF : compte de pages négatif",
        lambda: brut(CATALOGUE, b"<< /Type /Pages /Kids [3 0 R] /Count -1 >>", PAGE, CONTENU),
        INDIFFERENT,
    )
    yield "PDF : pages absentes", lambda: brut(b"<< /Type /Catalog >>"), refuse
    yield "PDF : pages qui sont un nombre", lambda: brut(b"<< /Type /Catalog /Pages 3 >>"), refuse
    yield "PDF : contenu qui est la page", lambda: brut(CATALOGUE, PAGES, PAGE.replace(b"4 0 R", b"3 0 R")), INDIFFERENT
    for boite in (
        b"0 0 0 0",
        b"0 0 1e9 1",
        b"0 0 1 1e9",
        b"0 0 1e38 1e38",
        b"-9e9 -9e9 9e9 9e9",
        b"(a) (b) (c) (d)",
        b"0 0 0.001 0.001",
    ):
        octets = brut(CATALOGUE, PAGES, PAGE.replace(b"0 0 600 800", boite), CONTENU)
        yield f"PDF : page de {boite.decode()}", lambda octets=octets: octets, INDIFFERENT  # type: ignore[misc]
    yield (
        "PDF : tableaux les uns dans les autres",
        lambda: brut(CATALOGUE, PAGES, PAGE, CONTENU, b"[" * 200_000 + b"]" * 200_000),
        INDIFFERENT,
    )
    yield (
        "PDF : dictionnaires les uns dans les autres",
        lambda: brut(CATALOGUE, PAGES, PAGE, CONTENU, b"<< /A " * 100_000 + b"1" + b" >>" * 100_000),
        INDIFFERENT,
    )
    yield "PDF : parenthèses sans fin", lambda: brut(CATALOGUE, PAGES, PAGE, CONTENU, b"(" * 500_000), INDIFFERENT
    yield (
        "PDF : 300 000 objets",
        lambda: brut(CATALOGUE, PAGES, PAGE, CONTENU, *[b"<< >>"] * 300_000)[:TAILLE_MAX],
        INDIFFERENT | ABIMES_OU_LOURDS,
    )
    yield (
        "PDF : table qui renvoie à elle-même",
        lambda: brut(CATALOGUE, PAGES, PAGE, CONTENU, fin=b"/Prev 9"),
        INDIFFERENT,
    )
    yield (
        "PDF : table d'un milliard d'objets",
        lambda: brut(CATALOGUE, PAGES, PAGE, CONTENU).replace(b"xref\n0 5", b"xref\n0 999999999"),
        INDIFFERENT,
    )
    yield (
        "PDF : longueur qui renvoie à elle-même",
        lambda: brut(CATALOGUE, PAGES, PAGE, CONTENU.replace(b"25", b"4 0 R")),
        INDIFFERENT,
    )
    yield (
        "PDF : longueur de 2 Go",
        lambda: brut(CATALOGUE, PAGES, PAGE, CONTENU.replace(b"25", b"2147483647")),
        INDIFFERENT,
    )
    boucle = b"<< /Type /ObjStm /N 1 /First 4 /Length 9 /Extends 5 0 R >>\nstream\n5 0 << >>\nendstream"
    yield "PDF : flux d'objets en rond", lambda: brut(CATALOGUE, PAGES, PAGE, CONTENU, boucle), INDIFFERENT
    yield (
        "PDF : prédicteur démesuré",
        lambda: _contenu(_blancs(1), Filter=N.FlateDecode, DecodeParms=D(Predictor=15, Columns=2**31 - 1, Colors=99)),
        INDIFFERENT,
    )
    yield (
        "PDF : un million de tracés",
        lambda: _contenu(zlib.compress(b"0 0 m 600 800 l S\n" * 1_000_000), Filter=N.FlateDecode),
        INDIFFERENT,
    )
    yield (
        "PDF : piles qui ne se vident pas",
        lambda: _contenu(zlib.compress(b"q " * 2_000_000), Filter=N.FlateDecode),
        INDIFFERENT,
    )
    yield "PDF : motif qui se contient", _motif_en_rond, INDIFFERENT
    yield "PDF : dessin qui se contient", _dessin_en_rond, INDIFFERENT
    yield "PDF : police de bruit", _police_de_bruit, INDIFFERENT
    yield "PDF : fonction de 2^32 points", _fonction_demesuree, INDIFFERENT


def _mille_pages() -> bytes:
    enfants = b" ".join(b"3 0 R" for _ in range(5_000))
    return pdf_brut(CATALOGUE, b"<< /Type /Pages /Kids [%b] /Count 5000 >>" % enfants, PAGE, CONTENU)


def _mille_images() -> bytes:
    def changer(pdf: pikepdf.Pdf) -> None:
        une = pikepdf.Stream(
            pdf, zlib.compress(b"\0" * 24_000_000), Type=N.XObject, Subtype=N.Image, Width=4_000, Height=2_000,
            BitsPerComponent=8, ColorSpace=N.DeviceRGB, Filter=N.FlateDecode,
        )  # fmt: skip
        pdf.pages[0].Resources.XObject = D(I=pdf.make_indirect(une))
        pdf.pages[0].Contents = pdf.make_stream(b"q 600 0 0 800 0 0 cm /I Do Q\n" * 1_000)

    return pdf_avec(changer)


def _motif_en_rond() -> bytes:
    motif = (
        b"<< /Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 9 9] /XStep 0.001 /YStep 0.001 "
        b"/Resources << /Pattern << /P 5 0 R >> >> /Length 36 >>\n"
        b"stream\n/Pattern cs /P scn 0 0 9 9 re f      \nendstream"
    )
    page = PAGE[:-2] + b"/Resources << /Pattern << /P 5 0 R >> >> >>"
    contenu = b"<< /Length 36 >>\nstream\n/Pattern cs /P scn 0 0 600 800 re f \nendstream"
    return pdf_brut(CATALOGUE, PAGES, page, contenu, motif)


def _dessin_en_rond() -> bytes:
    forme = (
        b"<< /Type /XObject /Subtype /Form /BBox [0 0 600 800] /Resources << /XObject << /F 5 0 R >> >> /Length 11 >>"
        b"\nstream\n/F Do /F Do\nendstream"
    )
    page = PAGE[:-2] + b"/Resources << /XObject << /F 5 0 R >> >> >>"
    return pdf_brut(CATALOGUE, PAGES, page, b"<< /Length 5 >>\nstream\n/F Do\nendstream", forme)


def _police_de_bruit() -> bytes:
    police = b"<< /Type /Font /Subtype /TrueType /BaseFont /A /FontDescriptor 6 0 R /FirstChar 0 /LastChar 255 >>"
    descripteur = b"<< /Type /FontDescriptor /FontName /A /Flags 4 /FontFile2 7 0 R >>"
    bruit = b"\0\1\0\0\0\4" + random.Random(7).randbytes(3_000)
    fichier = b"<< /Length %d >>\nstream\n%b\nendstream" % (len(bruit), bruit)
    page = PAGE[:-2] + b"/Resources << /Font << /F 5 0 R >> >> >>"
    contenu = b"<< /Length 30 >>\nstream\nBT /F 40 Tf 50 50 Td (abc) Tj ET\nendstream"
    return pdf_brut(CATALOGUE, PAGES, page, contenu, police, descripteur, fichier)


def _fonction_demesuree() -> bytes:
    nuance = (
        b"<< /ShadingType 1 /ColorSpace /DeviceRGB /Function << /FunctionType 0 /Domain [0 1 0 1] /Range [0 1 0 1 0 1] "
        b"/Size [65536 65536] /BitsPerSample 32 /Length 4 >> >>"
    )
    page = PAGE[:-2] + b"/Resources << /Shading << /S 5 0 R >> >> >>"
    return pdf_brut(CATALOGUE, PAGES, page, b"<< /Length 5 >>\nstream\n/S sh\nendstream", nuance)


CORPUS: list[Cas] = list(corpus())
