"""A file that is two at once: the image or the PDF that it says it is, and what another program would run or unpack.

What follows the end of a picture is not refused as such: phones put a film or a second view there.
"""

import re
import struct

from chalicelib.documents.anomalies import Refus

# Six bytes at least, so that 11 Mo of compressed points hold none by chance. PHP wants a blank after its mark; what
# follows that of an SVG, an attribute or an element, is text.
PAGES_ET_SCRIPTS = re.compile(
    rb"<script|<!doctype html|<html[ >]|<\?php(?:[ \t\r\n]|\Z)|<iframe[ >]|<svg[\s/>][\t\n\f\r -~]{4}|<\?xml-stylesheet"
    rb"|#!/(?:usr/)?bin/",
    re.IGNORECASE,
)
PROGRAMMES_ET_ARCHIVES = (
    b"This program cannot be run in DOS mode",
    b"\x7fELF\x01\x01\x01",
    b"\x7fELF\x02\x01\x01",
    b"Rar!\x1a\x07",
    b"7z\xbc\xaf\x27\x1c",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",  # Office before 2007
    b"MSCF\0\0\0\0",
    b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR",
)
FIN_DE_ZIP = struct.Struct("<4s4H2LH")
FIN_DE_ZIP_MAX = FIN_DE_ZIP.size + 65_535


def sans_autre_contenu(octets: bytes) -> None:
    """Refuse what also is a page, a script, a program or an archive (polyglot)."""
    if PAGES_ET_SCRIPTS.search(octets) or any(marque in octets for marque in PROGRAMMES_ET_ARCHIVES):
        raise Refus("contenu_mixte")
    if _finit_en_zip(octets):
        raise Refus("contenu_mixte")


def _finit_en_zip(octets: bytes) -> bool:
    """Whether the file ends as a ZIP does (JAR and Office ones too): that is where their readers begin."""
    fin = octets[-FIN_DE_ZIP_MAX:]
    place = fin.rfind(b"PK\x05\x06")
    while place != -1:
        if len(fin) - place >= FIN_DE_ZIP.size:
            _, disque, _, ici, total, taille, debut, _ = FIN_DE_ZIP.unpack_from(fin, place)
            # Beside four bytes found by chance, a directory that says nothing possible.
            if disque == 0 and ici == total and taille + debut <= len(octets):
                return True
        place = fin.rfind(b"PK\x05\x06", 0, place)
    return False
