"""What we issue can be read by a person, a screen reader and a scanner, and only says what it should."""

import hashlib
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pikepdf
import pypdfium2
import pypdfium2.raw as brut
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from page import validate_pdf_bytes
from PIL import Image

from chalicelib.demande.attestations import Attestation
from chalicelib.documents import attestation, edition, justificatif, recepisse, recu, talon
from chalicelib.documents.cachet import TypeDocument, sceller_demande, verifier
from chalicelib.documents.edition import (
    euros,
    grouper,
    instant_en_lettres,
    jour_en_lettres,
    masquer,
)
from tests.dossiers import prete
from tests.fakes.cachet import FakeCachet
from tests.programmes import trouver

NUMERO = "12441542134215461243643"
TIMBRE = "1234567890123456"

CACHET = FakeCachet()
JOUR = date(2026, 12, 1)
DEPOSEE = prete(numero=NUMERO, deposee_le="2026-11-24T20:27:00.000Z", statut="en_instruction")


def _code_signe(type_: TypeDocument) -> str:
    return sceller_demande(type_, DEPOSEE, CACHET, JOUR)


CODE = _code_signe(TypeDocument.JUSTIFICATIF)
ATTESTEE = Attestation(datetime(2026, 11, 24, 20, 27, tzinfo=UTC), datetime(2027, 1, 23, 20, 27, tzinfo=UTC))

JUSTIFICATIF = justificatif.Justificatif(
    numero=NUMERO,
    demandeur="CORNEILLE Pierre",
    motif="Vol du permis de conduire",
    prefecture="Préfecture de Meurthe-et-Moselle",
    depose_le=datetime(2026, 11, 24, 20, 27, tzinfo=UTC),
    pieces=(justificatif.PieceDeposee("Pièce d’identité", 2), justificatif.PieceDeposee("Récépissé de vol", 1)),
    montant_centimes=2500,
    numero_timbre=TIMBRE,
    talon=False,
)
RECU = recu.Recu(
    reference="PAY-7F3K-2210",
    numero_timbre=TIMBRE,
    montant_centimes=2500,
    paye_le=datetime(2026, 7, 31, 22, 5, tzinfo=UTC),
    demandeur="CORNEILLE Pierre",
    motif="Vol du permis de conduire",
    numero=NUMERO,
    timbre_expire_le=date(2027, 8, 1),
)
TALON = talon.Talon(code="TPS-7F3K-9QX2-41HD", demandeur="CORNEILLE Pierre", motif="Vol du permis de conduire")

RECEPISSE = recepisse.Recepisse(
    numero=NUMERO,
    demandeur="CORNEILLE Pierre",
    depose_par=None,
    motif="Vol du permis de conduire",
    recue_le=datetime(2026, 11, 24, 20, 27, tzinfo=UTC),
    service="Préfecture de Meurthe-et-Moselle",
    adresse=("Permis de conduire en ligne", "Préfecture de Meurthe-et-Moselle", "54000 NANCY CEDEX"),
    telephone="34 00",
    courriel="service-543@permis-de-conduire.example",
    situation_au=date(2026, 12, 1),
    situation="Instruction en cours",
    decision_avant=date(2027, 1, 24),
    arrete=False,
    jours_usager=0,
    decidee=False,
    manquants=(),
    avant_le=None,
    message=None,
    droits_jusqua=date(2027, 1, 23),
    droits="Votre récépissé de déclaration de vol",
)
SUSPENDUE = replace(
    RECEPISSE,
    arrete=True,
    jours_usager=5,
    decision_avant=date(2027, 1, 29),
    manquants=(recepisse.ElementManquant("Justificatif de domicile", "document illisible"),),
    avant_le=date(2027, 1, 26),
    message="La facture est coupée.",
)


def attester(genre: attestation.Genre, nom: str = "CORNEILLE") -> bytes:
    """An attestation of a demande of ``nom``, until 23 January 2027."""
    assert DEPOSEE.etat_civil is not None
    nomme = DEPOSEE.etat_civil.model_copy(update={"nom_naissance": nom})
    demande = DEPOSEE.model_copy(update={"etat_civil": nomme})
    return attestation.rendre(genre, demande, ATTESTEE, "Préfecture de Meurthe-et-Moselle", CACHET, JOUR)


class Emis(NamedTuple):
    """A document that we issue, and what must be found in it."""

    type: TypeDocument
    titre: str
    pages: int
    rendre: Callable[[], bytes]


T = TypeDocument
DOCUMENTS = {
    "justificatif": Emis(
        T.JUSTIFICATIF,
        "Justificatif de pré-demande de permis de conduire",
        1,
        lambda: justificatif.rendre(JUSTIFICATIF, CODE),
    ),
    "recepisse": Emis(
        T.RECEPISSE,
        "Accusé de réception de votre demande",
        2,
        lambda: recepisse.rendre(RECEPISSE, _code_signe(T.RECEPISSE)),
    ),
    "recepisse d'une demande suspendue": Emis(
        T.RECEPISSE,
        "Accusé de réception de votre demande",
        2,
        lambda: recepisse.rendre(SUSPENDUE, _code_signe(T.RECEPISSE)),
    ),
    "recu": Emis(T.RECU, "Reçu de paiement", 1, lambda: recu.rendre(RECU, _code_signe(T.RECU))),
    "talon": Emis(T.TALON, "Talon photo-signature", 1, lambda: talon.rendre(TALON, _code_signe(T.TALON))),
    "attestation_perte": Emis(
        T.DECLARATION_DE_PERTE, "Attestation de déclaration de perte", 1, lambda: attester("attestation_perte")
    ),
    "attestation_droits": Emis(
        T.DROITS_A_CONDUIRE, "Attestation provisoire de droits à conduire", 1, lambda: attester("attestation_droits")
    ),
}

HOSTILES = (
    '#import "x": y',
    "$ x^2 $",
    "\\u{41} \\",
    "*gras* _italique_ `code` = titre",
    "#panic()",
    "<etiquette> @renvoi",
    "</svg><script>alert(1)</script>",
    '"}],"numero":"0',
    "// commentaire /* autre */",
    "#sys.inputs",
    "[crochets] {accolades}",
)


@cache
def _emis(nom: str) -> bytes:
    return DOCUMENTS[nom].rendre()


@pytest.mark.parametrize("nom", DOCUMENTS)
def test_a_document_passes_an_independent_check_of_pdf_ua(nom: str) -> None:
    rapport = validate_pdf_bytes(_emis(nom), profile="ua1")
    assert [(une.rule_id, une.message) for une in rapport.failures] == []
    assert rapport.rules.passed == rapport.rules.total > 100


def _sans_structure(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.StructTreeRoot, pdf.Root.MarkInfo


def _sans_langue(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.Lang


def _sans_titre(pdf: pikepdf.Pdf) -> None:
    with pdf.open_metadata() as xmp:
        del xmp["dc:title"]


def _sans_texte_de_remplacement(pdf: pikepdf.Pdf) -> None:
    for figure in _roles(pdf.Root.StructTreeRoot)["/Figure"]:
        del figure["/Alt"]


def _titres_de_niveau_4(pdf: pikepdf.Pdf) -> None:
    for titre in _roles(pdf.Root.StructTreeRoot)["/H2"]:
        titre["/S"] = pikepdf.Name("/H4")


def _texte_hors_structure(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].contents_add(b"BT /F0 12 Tf 100 100 Td (x) Tj ET")


@pytest.mark.parametrize("nom", DOCUMENTS)
@pytest.mark.parametrize(
    ("abimer", "regle"),
    [
        (_sans_structure, "STRUCT-TREE-ROOT"),
        (_sans_langue, "TEXT-LANGUAGE"),
        (_sans_titre, "METADATA-TITLE"),
        (_sans_texte_de_remplacement, "FIGURE-ALTERNATIVE-TEXT"),
        (_titres_de_niveau_4, "HEADING-NESTING"),
        (_texte_hors_structure, "CONTENT-TAGGING"),
    ],
)
def test_the_independent_check_sees_what_a_document_would_lack(
    nom: str, abimer: Callable[[pikepdf.Pdf], None], regle: str
) -> None:
    abime = BytesIO()
    with pikepdf.open(BytesIO(_emis(nom))) as pdf:
        abimer(pdf)
        pdf.save(abime)
    rapport = validate_pdf_bytes(abime.getvalue(), profile="ua1")
    assert f"PDFUA1-{regle}-001" in {une.rule_id for une in rapport.failures}


@pytest.mark.parametrize("nom", DOCUMENTS)
def test_a_document_is_titled_in_french_and_read_in_whole_paragraphs(nom: str) -> None:
    titre = DOCUMENTS[nom].titre
    with pikepdf.open(BytesIO(_emis(nom))) as pdf:
        assert str(pdf.Root.Lang).lower() == "fr-fr"
        assert str(pdf.docinfo["/Title"]) == titre
        with pdf.open_metadata() as xmp:
            assert xmp["dc:title"] == titre
        roles = _roles(pdf.Root.StructTreeRoot)
        assert {"/H1", "/H2", "/P"} <= roles.keys()
        # A run of words that is a block of its own cuts the sentence that it belongs to.
        assert [span for span in roles.get("/Span", []) if "/Block" in repr(span.get("/A"))] == []
        assert "/CreationDate" not in pdf.docinfo


def _roles(racine: pikepdf.Object) -> dict[str, list[pikepdf.Object]]:
    """The elements of a structure tree, by role."""
    trouves: dict[str, list[pikepdf.Object]] = {}
    reste = [racine]
    while reste:
        element = reste.pop()
        if isinstance(element, pikepdf.Array):
            reste.extend(element)
        elif isinstance(element, pikepdf.Dictionary):
            trouves.setdefault(str(element.get("/S")), []).append(element)
            if "/K" in element:
                reste.append(element.K)
    return trouves


@pytest.mark.parametrize("nom", DOCUMENTS)
def test_the_same_values_give_the_same_bytes_in_another_process(nom: str) -> None:
    code = (
        "import hashlib; from tests.unit.documents.test_edition import DOCUMENTS; "
        f"print(hashlib.sha256(DOCUMENTS[{nom!r}].rendre()).hexdigest())"
    )
    ailleurs = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert ailleurs == hashlib.sha256(DOCUMENTS[nom].rendre()).hexdigest()


@pytest.mark.parametrize("nom", DOCUMENTS)
def test_another_reader_opens_a_document_and_its_code_proves_it(nom: str, tmp_path: Path) -> None:
    document = DOCUMENTS[nom]
    pdftoppm = trouver(("pdftoppm",), "poppler-utils", "pdftoppm manque : installez le paquet poppler-utils.")
    commande = [pdftoppm, "-r", "150", "-gray", "-png", "-", str(tmp_path / "page")]
    ouvert = subprocess.run(commande, input=_emis(nom), capture_output=True, timeout=60)
    assert (ouvert.returncode, ouvert.stdout, ouvert.stderr) == (0, b"", b"")
    pages = sorted(tmp_path.iterdir())
    assert len(pages) == document.pages
    lus = [[code.bytes.decode() for code in zxingcpp.read_barcodes(Image.open(page))] for page in pages]
    assert [len(codes) for codes in lus] == ([1] if document.pages == 1 else [0, 1])
    code = lus[-1][0]
    prouve = verifier(code, CACHET, JOUR)
    assert prouve.etat == "valide"
    assert prouve.document is not None
    assert (prouve.document.type, prouve.document.numero) == (document.type, NUMERO)
    signes = set(code)
    for rang, signe in enumerate(code):
        for autre in signes - {signe}:
            faux = verifier(code[:rang] + autre + code[rang + 1 :], CACHET, JOUR)
            assert faux.etat in ("altere", "inconnu", "illisible")
            assert faux.document is None


@pytest.mark.parametrize("nom", DOCUMENTS)
def test_a_document_says_where_it_is_verified(nom: str) -> None:
    """But the talon, which nobody is shown."""
    assert ("https://permis.invalid/verifier/" in _texte(_emis(nom))) == (nom != "talon")


@pytest.mark.parametrize("genre", ["attestation_perte", "attestation_droits"])
def test_an_attestation_says_until_when_and_since_when(genre: attestation.Genre) -> None:
    texte = _texte(attester(genre))
    assert "Valable jusqu’au 23 janvier 2027" in texte
    assert "Attestation délivrée le 1er décembre 2026" in texte


def test_a_soiled_talon_is_still_read() -> None:
    page = _page(talon.rendre(TALON, CODE)).render(scale=300 / 72).to_pil().convert("L")
    position = zxingcpp.read_barcodes(page)[0].position
    centre = (
        (position.top_left.x + position.bottom_right.x) // 2,
        (position.top_left.y + position.bottom_right.y) // 2,
    )
    cote = (position.bottom_right.x - position.top_left.x) // 5
    page.paste(Image.new("L", (cote, cote), 128), centre)
    assert zxingcpp.read_barcodes(page.rotate(3, fillcolor=255))[0].bytes.decode() == CODE


def _page(octets: bytes, rang: int = 0) -> pypdfium2.PdfPage:
    return pypdfium2.PdfDocument(octets)[rang]


def _texte(octets: bytes) -> str:
    """All the text of a PDF, on one line, its spaces made plain."""
    pages = (page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(octets))
    return " ".join(" ".join(pages).replace("\u200b", "").replace("\ufffe", "").split())


def test_the_justificatif_says_what_was_deposited() -> None:
    texte = _texte(justificatif.rendre(JUSTIFICATIF, CODE))
    for attendu in (
        "1244 1542 1342 1546 1243 643",
        "CORNEILLE Pierre",
        "Vol du permis de conduire",
        "Préfecture de Meurthe-et-Moselle",
        "Déposée le 24 novembre 2026 à 21 h 27",
        "Récépissé de vol 1",
        "Timbre fiscal de 25,00 €, numéro •••• •••• •••• 3456.",
        "n’autorise pas à conduire",
    ):
        assert attendu in texte
    assert "talon" not in texte.lower()


def test_the_justificatif_reminds_of_the_talon_and_of_what_is_free() -> None:
    texte = _texte(
        justificatif.rendre(replace(JUSTIFICATIF, talon=True, montant_centimes=0, numero_timbre=None, pieces=()), CODE)
    )
    assert "1. Envoyez votre talon photo-signature par la poste" in texte
    assert "Aucun timbre fiscal n’est dû pour ce motif." in texte
    assert "Aucune pièce n’est demandée" in texte


def test_the_receipt_shows_the_payment_and_hides_the_stamp() -> None:
    texte = _texte(recu.rendre(RECU, CODE))
    for attendu in (
        "25,00 €",
        "PAY-7F3K-2210",
        "1er août 2026 à 0 h 05",
        "1er août 2027",
        "•••• •••• •••• 3456",
        "L112-11",
    ):
        assert attendu in texte
    assert "1234" not in texte
    assert "9012" not in texte


def test_the_receipt_of_a_stamp_bought_elsewhere_has_no_reference() -> None:
    texte = _texte(recu.rendre(replace(RECU, reference=None, numero=None), CODE))
    assert "Référence de la transaction" not in texte
    assert "Numéro de la demande" not in texte


def test_the_acknowledgement_says_all_that_the_law_asks() -> None:
    """CRPA R112-5: receipt, service and how to reach it, what silence becomes and when, remedies."""
    texte = _texte(recepisse.rendre(RECEPISSE, CODE))
    for attendu in (
        "1244 1542 1342 1546 1243 643",
        "Reçue le 24 novembre 2026 à 21 h 27",
        "Préfecture de Meurthe-et-Moselle",
        "54000 NANCY CEDEX",
        "34 00",
        "service-543@permis-de-conduire.example",
        "d’ici au 24 janvier 2027, votre demande sera réputée rejetée",
        "décision implicite de rejet",
        "rien ne vous est demandé",
        "recours gracieux",
        "recours hiérarchique",
        "tribunal administratif",
        "dans les deux mois",
        "vous permet de conduire, en France, jusqu’au 23 janvier 2027",
        "R112-5",
    ):
        assert attendu in texte
    assert "arrêté en ce moment" not in texte
    assert "Déposée par" not in texte


def test_the_acknowledgement_of_an_incomplete_demande_names_what_is_missing() -> None:
    texte = _texte(recepisse.rendre(replace(SUSPENDUE, depose_par="un agent"), CODE))
    for attendu in (
        "avant le 26 janvier 2027",
        "Justificatif de domicile document illisible",
        "« La facture est coupée. »",
        "Le délai est arrêté en ce moment",
        "5 jours ont ainsi été ajoutés",
        "Déposée par un agent",
    ):
        assert attendu in texte


def test_the_acknowledgement_of_a_decided_demande_says_that_the_delay_has_no_effect() -> None:
    texte = _texte(recepisse.rendre(replace(RECEPISSE, decidee=True, droits_jusqua=None, droits=None), CODE))
    assert "Une décision a été prise" in texte
    assert "Conduire en attendant" not in texte


def test_a_provisional_right_that_has_ended_is_told_as_ended() -> None:
    texte = _texte(recepisse.rendre(replace(RECEPISSE, situation_au=date(2027, 1, 24)), CODE))
    assert "vous permettait de conduire, en France, jusqu’au 23 janvier 2027 : cette date est passée" in texte


def test_the_talon_is_one_page_with_frames_at_their_true_size() -> None:
    octets = talon.rendre(TALON, CODE)
    assert len(pypdfium2.PdfDocument(octets)) == 1
    assert (35, 45) in _cadres(octets)
    assert any(hauteur == 45 and largeur > 100 for largeur, hauteur in _cadres(octets))
    assert (50, 0) in _cadres(octets)  # the line that proves the printing was not scaled
    texte = _texte(octets)
    assert all(ligne in texte for ligne in talon.ADRESSE)
    assert "CORNEILLE Pierre" in texte
    assert TALON.code in texte


def _cadres(octets: bytes) -> set[tuple[int, int]]:
    """Width and height of each path drawn on the first page, in millimetres."""
    tailles = set()
    for objet in _page(octets).get_objects(filter=[brut.FPDF_PAGEOBJ_PATH], max_depth=5):
        gauche, bas, droite, haut = objet.get_bounds()
        tailles.add((int((droite - gauche) / 72 * 25.4), int((haut - bas) / 72 * 25.4)))
    return tailles


@pytest.mark.parametrize("hostile", HOSTILES)
def test_what_people_typed_is_printed_as_it_is(hostile: str) -> None:
    for octets in (
        justificatif.rendre(replace(JUSTIFICATIF, demandeur=hostile), CODE),
        recu.rendre(replace(RECU, demandeur=hostile), CODE),
        talon.rendre(replace(TALON, demandeur=hostile), CODE),
        recepisse.rendre(replace(SUSPENDUE, message=hostile), CODE),
    ):
        assert "".join(hostile.split()) in "".join(_texte(octets).split())


def test_what_cannot_be_drawn_becomes_a_question_mark_and_the_rest_stays() -> None:
    texte = _texte(talon.rendre(replace(TALON, demandeur="Zoé 😀 漢 O\u2019Neil e\u0301 \u202e\x00\n"), CODE))
    assert "Zoé ? ? O’Neil é ???" in texte


def test_all_that_is_said_to_be_drawable_is_drawn() -> None:
    signes = "".join(chr(c) for debut, fin in edition.ALPHABETS for c in range(debut, fin + 1)) + edition.SIGNES
    assert talon.rendre(replace(TALON, demandeur=" ".join(signes)), CODE).startswith(b"%PDF-")


@settings(max_examples=60)
@given(st.text(max_size=300))
def test_no_name_stops_the_making_of_a_document(nom: str) -> None:
    assert talon.rendre(replace(TALON, demandeur=nom, motif=nom), CODE).startswith(b"%PDF-")


@pytest.mark.parametrize("nom", ["W" * 200, "MARIE-" * 33, "Jean " * 40])
def test_a_name_of_two_hundred_letters_stays_inside_the_page(nom: str) -> None:
    for octets in (
        justificatif.rendre(replace(JUSTIFICATIF, demandeur=nom, motif=nom, prefecture=nom), CODE),
        recu.rendre(replace(RECU, demandeur=nom, motif=nom), CODE),
        talon.rendre(replace(TALON, demandeur=nom, motif=nom), CODE),
        recepisse.rendre(replace(SUSPENDUE, demandeur=nom, motif=nom, message=nom), CODE),
    ):
        assert _lettres(_texte(octets)).count(_lettres(nom)) >= 2
        for page in pypdfium2.PdfDocument(octets):
            texte = page.get_textpage()
            bords = [texte.get_charbox(rang) for rang in range(texte.count_chars())]
            assert max(bord[2] for bord in bords) < page.get_width() - 50
            assert _chevauchements(bords) == 0


def _lettres(texte: str) -> str:
    return "".join(filter(str.isalpha, texte))


def _chevauchements(bords: list[tuple[float, float, float, float]]) -> int:
    """How many letters start well inside another one of the same line (the two of a ligature start together)."""
    lettres = sorted((round(bas), gauche, droite) for gauche, bas, droite, haut in bords if droite - gauche > 4)
    return sum(a[0] == b[0] and a[1] < b[1] < a[2] - 2 for a, b in pairwise(lettres))


@pytest.mark.parametrize(
    ("instant", "attendu"),
    [
        (datetime(2026, 1, 1, 11, 0, tzinfo=UTC), "1er janvier 2026 à 12 h 00"),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "1er janvier 2027 à 0 h 30"),
        (datetime(2026, 7, 14, 8, 5, tzinfo=timezone(timedelta(hours=-4))), "14 juillet 2026 à 14 h 05"),
    ],
)
def test_an_instant_is_told_in_the_hour_of_paris(instant: datetime, attendu: str) -> None:
    assert instant_en_lettres(instant).replace("\u00a0", " ") == attendu


def test_values_are_written_as_in_french() -> None:
    assert jour_en_lettres(date(2026, 2, 1)) == "1er\u00a0février\u00a02026"
    assert euros(1250) == "12,50\u00a0€"
    assert euros(5) == "0,05\u00a0€"
    assert grouper(NUMERO) == "1244\u00a01542\u00a01342\u00a01546\u00a01243\u00a0643"
    assert masquer(TIMBRE) == "••••\u00a0••••\u00a0••••\u00a03456"


@pytest.mark.parametrize("nom", [*HOSTILES, "W" * 200, "MARIE-" * 33])
@pytest.mark.parametrize("genre", ["attestation_perte", "attestation_droits"])
def test_an_attestation_prints_any_name_as_it_is_on_one_page(genre: attestation.Genre, nom: str) -> None:
    octets = attester(genre, nom)
    assert len(pypdfium2.PdfDocument(octets)) == 1
    assert _lettres(nom.upper()) in _lettres(_texte(octets))
