"""Decide whether a file sent by the usager can be a pièce, and make what agents will open.

The content decides, never the name or the announced type (DESIGN §4). Nothing here stores or sends anything. A new
check is one more small function in ``CONTROLES`` here (any bytes), in ``images.CONTROLES`` or in ``pdf.CONTROLES``.
"""

from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Literal

from pydantic import ValidationError

from chalicelib.demande.modeles import Anomalie
from chalicelib.demande.motifs import TAILLE_MAX
from chalicelib.documents import images, pdf
from chalicelib.documents.anomalies import Refus, RefusLu, trop_de_pages
from chalicelib.documents.isolement import LimiteAtteinte, executer
from chalicelib.documents.qualite import Qualite, examiner

SECONDES = 6  # an ordinary file takes 0.3 s; with the reading that may follow, ten seconds in all
MEMOIRE = 480 * 1024**2  # with what the child writes over of its parent's, 512 at most

SIGNATURES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"BM", "image/bmp"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
)
MARQUES_HEIC = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"}

# What a child needs to find already loaded, so as not to load it again at each file.
BIBLIOTHEQUES = {
    "application/pdf": ("pikepdf", "pypdfium2"),
    "image/heic": ("pi_heif",),
    "image/tiff": ("PIL.TiffImagePlugin",),
}


@dataclass(frozen=True)
class Inspection:
    """What a file is. ``mime`` is None when unknown; ``rendu`` holds one JPEG per page, empty when ``invalide``.

    ``anomalies`` of a valid file are advice only. ``vues`` has the look of each page (documents/qualite.py).
    """

    statut: Literal["valide", "invalide"]
    mime: str | None
    pages: int
    anomalies: list[Anomalie]
    rendu: list[bytes]
    vues: list[str] = field(default_factory=list)


def inspecter(octets: bytes, type_piece: str, pages_max: int) -> Inspection:
    """Inspect the file ``octets`` given for a pièce ``type_piece`` of which ``pages_max`` pages may still come.

    Never raises for what is in the file; takes at most 6 s and 512 MB (in a child process of its own).
    """
    mime = reconnaitre(octets)
    try:
        for controle in CONTROLES:
            controle(octets)
        if mime is None:
            raise Refus("format_non_accepte")
        if pages_max < 1:
            raise trop_de_pages(1, False, pages_max, type_piece)
        rendu, qualite = _lire_a_part(octets, mime, type_piece, pages_max)
    except Refus as refus:
        return Inspection("invalide", mime, 0, [refus.anomalie()], [])
    return Inspection("valide", mime, len(rendu), qualite.conseils, rendu, qualite.vues)


def reconnaitre(octets: bytes) -> str | None:
    """The media type told by the first bytes, or None when it is not one that we take."""
    for signature, mime in SIGNATURES:
        if octets.startswith(signature):
            return mime
    if octets[:16].lstrip(b"\xef\xbb\xbf\r\n\t ").startswith(b"%PDF-"):  # some printers put a mark or a line before
        return "application/pdf"
    if octets[4:8] == b"ftyp" and octets[8:12] in MARQUES_HEIC:
        return "image/heic"
    return None


def non_vide(octets: bytes) -> None:
    """Refuse a file without a byte."""
    if not octets:
        raise Refus("fichier_vide")


def pas_trop_lourd(octets: bytes) -> None:
    """Refuse more than 11 Mo (S3's policy does already; this holds whatever the way in)."""
    if len(octets) > TAILLE_MAX:
        raise Refus("fichier_trop_lourd")


CONTROLES = (non_vide, pas_trop_lourd)


def _lire_a_part(octets: bytes, mime: str, type_piece: str, pages_max: int) -> tuple[list[bytes], Qualite]:
    from PIL import Image

    Image.preinit()  # BMP, JPEG, PNG
    for bibliotheque in BIBLIOTHEQUES.get(mime, ()):
        import_module(bibliotheque)

    def lecture() -> tuple[dict[str, Any], list[bytes]]:
        try:
            if mime == "application/pdf":
                rendu = pdf.lire(octets, type_piece, pages_max)
            else:
                rendu = images.lire(octets, mime, type_piece, pages_max)
            qualite = examiner(rendu, dessinees=mime == "application/pdf")
        except Refus as refus:
            return {"code": refus.code, "valeurs": refus.valeurs}, []
        return qualite.model_dump(), rendu

    try:
        reponse, rendu = executer(lecture, SECONDES, MEMOIRE)
        if "code" in reponse:
            raise RefusLu.model_validate(reponse).refus()
        qualite = Qualite.model_validate(reponse)
        if not len(qualite.vues) == len(rendu) <= pages_max:
            raise LimiteAtteinte
        return rendu, qualite
    except (LimiteAtteinte, ValidationError) as erreur:
        raise Refus("fichier_trop_complexe") from erreur
