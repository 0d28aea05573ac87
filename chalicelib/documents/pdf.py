"""PDF sent by the usager: its structure is examined before any page is drawn, then each page becomes an image."""

import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any

from chalicelib.documents.anomalies import Refus, trop_de_pages
from chalicelib.documents.images import COTE_MAX, PIXELS_MAX, encoder
from chalicelib.documents.polyglottes import sans_autre_contenu

if TYPE_CHECKING:
    from pikepdf import Pdf

POINTS_PAR_POUCE = 150
DECOMPRESSE_MAX = 100 * 1024**2  # what the streams that are not images may weigh together once inflated

# Actions that run, send or fetch something, and content that a viewer would play (PDF 32000-1, 12.6.4, 13).
ACTIONS_REFUSEES = {
    "/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/GoToR", "/Rendition", "/RichMediaExecute",
    "/Movie", "/Sound",
}  # fmt: skip
# A link to a page, that one may click, is on every invoice; what opens it without a click, or opens no page, is not.
LIENS_PERMIS = ("http:", "https:", "mailto:", "tel:")
CONTENUS_REFUSES = {"/RichMedia", "/Screen", "/3D", "/Movie", "/Sound"}


def non_chiffre(pdf: "Pdf") -> None:
    """Refuse an encrypted PDF, even when it opens without a password."""
    if pdf.is_encrypted:
        raise Refus("pdf_protege")


def avec_page(pdf: "Pdf") -> None:
    """Refuse a PDF without any page."""
    if not len(pdf.pages):
        raise Refus("pdf_sans_page")


def sans_danger(pdf: "Pdf") -> None:
    """Refuse scripts, actions, media and attached files, wherever they hang in the file; and bombs of pixels or bytes.

    Every object is read once, reachable or not: what is not reached by us might be by another reader.
    """
    reste = DECOMPRESSE_MAX
    for dictionnaire, flux in _dictionnaires(pdf):
        if "/JS" in dictionnaire or "/XFA" in dictionnaire or str(dictionnaire.get("/S")) in ACTIONS_REFUSEES:
            raise Refus("pdf_script")
        if _lien_automatique(dictionnaire) or _lien_etrange(dictionnaire.get("/URI")):
            raise Refus("pdf_script")
        sous_type = str(dictionnaire.get("/Subtype"))
        if sous_type in CONTENUS_REFUSES:
            raise Refus("pdf_script")
        if "/EF" in dictionnaire or sous_type == "/FileAttachment" or str(dictionnaire.get("/Type")) == "/EmbeddedFile":
            raise Refus("pdf_piece_jointe")
        if "/Ref" in dictionnaire and sous_type == "/Form":
            raise Refus("pdf_lien_externe")
        if flux is not None:
            if "/F" in dictionnaire:  # of a stream: the file where its bytes are
                raise Refus("pdf_lien_externe")
            reste -= _poids(flux, sous_type, reste)


CONTROLES = (non_chiffre, avec_page, sans_danger)


def lire(octets: bytes, type_piece: str, pages_max: int) -> list[bytes]:
    """Examine a PDF and answer its pages as JPEG. Raises Refus."""
    if b"%%EOF" not in octets.rstrip(b"\0\r\n\t ")[-1024:]:
        raise Refus("fichier_tronque")
    _examiner(octets)
    sans_autre_contenu(octets)
    return _dessiner(octets, type_piece, pages_max)


def _examiner(octets: bytes) -> None:
    import pikepdf

    try:
        with pikepdf.open(BytesIO(octets), suppress_warnings=True) as pdf:
            for controle in CONTROLES:
                controle(pdf)
    except pikepdf.PasswordError as erreur:
        raise Refus("pdf_protege") from erreur
    except (Refus, MemoryError):
        raise
    except Exception as erreur:  # broken structure: PdfError, but also ValueError, RuntimeError, KeyError…
        raise Refus("fichier_illisible") from erreur


def _dessiner(octets: bytes, type_piece: str, pages_max: int) -> list[bytes]:
    import pypdfium2

    try:
        pdf = pypdfium2.PdfDocument(octets)
        nombre = len(pdf)
        if nombre > pages_max:
            raise trop_de_pages(nombre, True, pages_max, type_piece)
        if pdf.get_formtype():
            pdf.init_forms()  # without it what was typed in a form is not drawn
        pages = []
        for rang in range(nombre):
            page = pdf[rang]
            echelle = min(POINTS_PAR_POUCE / 72, COTE_MAX / max(page.get_size()))
            pages.append(encoder(page.render(scale=echelle).to_pil().convert("RGB")))
            page.close()
    except (Refus, MemoryError):
        raise
    except Exception as erreur:  # PdfiumError, or a page without a usable size
        raise Refus("fichier_illisible") from erreur
    return pages


def _dictionnaires(pdf: "Pdf") -> Iterator[tuple[Any, Any]]:
    """Each dictionary of the file, direct ones inside others included, with its stream when it has one."""
    import pikepdf

    for objet in pdf.objects:
        a_lire: list[Any] = [objet]
        while a_lire:
            courant = a_lire.pop()
            if isinstance(courant, pikepdf.Stream):
                dictionnaire, flux = courant.stream_dict, courant
            elif isinstance(courant, pikepdf.Dictionary):
                dictionnaire, flux = courant, None
            elif isinstance(courant, pikepdf.Array):
                a_lire.extend(v for v in courant.as_list() if isinstance(v, pikepdf.Object) and not v.is_indirect)
                continue
            else:
                continue
            yield dictionnaire, flux
            a_lire.extend(
                v for v in dictionnaire.as_dict().values() if isinstance(v, pikepdf.Object) and not v.is_indirect
            )


def _lien_automatique(dictionnaire: Any) -> bool:
    """Whether opening the file or a page follows a link: no click is needed."""
    import pikepdf

    declenchees: list[Any] = [dictionnaire.get("/OpenAction")]
    additionnelles = dictionnaire.get("/AA")
    if isinstance(additionnelles, pikepdf.Dictionary):
        declenchees.extend(additionnelles.as_dict().values())
    return any(isinstance(une, pikepdf.Dictionary) and "/URI" in une for une in declenchees)


def _lien_etrange(uri: Any) -> bool:
    """Whether a link leads elsewhere than to a page: a script, a file of the reader's machine or network."""
    import pikepdf

    if not isinstance(uri, pikepdf.String):
        return False
    adresse = str(uri).strip().lower()
    if adresse.startswith("\\\\"):
        return True
    protocole, deux_points, _ = adresse.partition(":")
    return bool(deux_points) and protocole.isalpha() and not adresse.startswith(LIENS_PERMIS)


def _poids(flux: Any, sous_type: str, reste: int) -> int:
    """Bytes of a stream once inflated, for streams that are not images. Raises Refus when over what is left."""
    import pikepdf

    filtres = flux.stream_dict.get("/Filter", "")
    noms = [str(filtre) for filtre in filtres.as_list()] if isinstance(filtres, pikepdf.Array) else [str(filtres)]
    deflate = [nom for nom in noms if nom in ("/FlateDecode", "/Fl", "/LZWDecode", "/LZW")]
    if len(deflate) > 1:
        raise Refus("fichier_trop_complexe")  # packed twice: only a bomb gains by it
    if sous_type == "/Image":
        if int(flux.stream_dict.get("/Width", 0)) * int(flux.stream_dict.get("/Height", 0)) > PIXELS_MAX:
            raise Refus("image_trop_grande")
        return 0
    if noms[:1] not in (["/FlateDecode"], ["/Fl"]):
        return 0
    decompresseur = zlib.decompressobj()
    poids, morceau = 0, flux.read_raw_bytes()
    try:
        while morceau and not decompresseur.eof:
            poids += len(decompresseur.decompress(morceau, 1024**2))
            if poids > reste:
                raise Refus("fichier_trop_complexe")
            morceau = decompresseur.unconsumed_tail
    except zlib.error:
        return poids  # a damaged stream draws nothing more than what was inflated
    return poids
