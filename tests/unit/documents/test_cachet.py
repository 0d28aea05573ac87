"""What we issue proves itself: one changed character and it does not; nothing is shown of what is not proven."""

import unicodedata
from dataclasses import replace
from datetime import date
from io import BytesIO

import pypdfium2
import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from chalicelib.demande.domicile import Signature
from chalicelib.demande.erreurs import ServiceIndisponible
from chalicelib.demande.ports_cachet import AUTORITE
from chalicelib.documents import deuxddoc
from chalicelib.documents.cachet import (
    LIBELLES,
    Authenticite,
    DocumentScelle,
    TypeDocument,
    sceller,
    symbole_svg,
    verifier,
)
from chalicelib.documents.edition import ALPHABETS
from chalicelib.documents.reperage import reperer
from tests import codes
from tests.codes import dans_la_page
from tests.fakes.cachet import FakeCachet

AU = date(2026, 12, 1)
DROITS = DocumentScelle(
    type=TypeDocument.DROITS_A_CONDUIRE,
    numero="12441542134215461243643",
    emis_le=date(2026, 11, 25),
    nom="Lefèvre-Müller",
    prenom="Éléonore",
    date_naissance="1956-02-03",
    expire_le=date(2027, 1, 25),
)
LU = replace(DROITS, nom="LEFEVRE MULLER", prenom="ELEONORE")


@pytest.fixture
def cachet() -> FakeCachet:
    return FakeCachet()


def test_what_was_sealed_is_read_back(cachet: FakeCachet) -> None:
    assert verifier(sceller(DROITS, cachet), cachet, AU) == Authenticite("valide", LU)


@pytest.mark.parametrize("type_", TypeDocument)
@pytest.mark.parametrize("naissance", [None, "1956", "1956-02", "1956-02-03"])
@pytest.mark.parametrize("montant", [None, 0, 2500])
def test_each_kind_says_what_it_has_and_no_more(
    cachet: FakeCachet, type_: TypeDocument, naissance: str | None, montant: int | None
) -> None:
    document = DocumentScelle(
        type_, "1" * 23, date(2026, 1, 2), "CORNEILLE", "PIERRE", naissance, montant_centimes=montant
    )
    assert verifier(sceller(document, cachet), cachet, AU) == Authenticite("valide", document)
    assert LIBELLES[type_]


def test_a_document_ends_after_its_last_good_day(cachet: FakeCachet) -> None:
    code = sceller(DROITS, cachet)
    assert verifier(code, cachet, date(2027, 1, 25)).etat == "valide"
    assert verifier(code, cachet, date(2027, 1, 26)) == Authenticite("expire", LU)


def test_one_changed_character_and_nothing_is_proven_nor_shown(cachet: FakeCachet) -> None:
    code = sceller(DROITS, cachet)
    etats = set()
    for place in range(len(code)):
        for autre in "AQZ028b\x1d\x1f é":
            if autre != code[place]:
                rendu = verifier(code[:place] + autre + code[place + 1 :], cachet, AU)
                assert rendu.document is None
                etats.add(rendu.etat)
    assert etats == {"altere", "inconnu", "illisible"}


def test_a_removed_or_added_character_is_not_proven_either(cachet: FakeCachet) -> None:
    code = sceller(DROITS, cachet)
    for place in range(len(code)):
        assert verifier(code[:place] + code[place + 1 :], cachet, AU).document is None
        assert verifier(code[:place] + "A" + code[place:], cachet, AU).document is None


def test_the_end_of_one_document_cannot_be_put_on_another(cachet: FakeCachet) -> None:
    autre = sceller(replace(DROITS, nom="Corneille"), cachet)
    code = sceller(DROITS, cachet)
    melange = code.split("\x1f")[0] + "\x1f" + autre.split("\x1f")[1]
    assert verifier(melange, cachet, AU) == Authenticite("altere")


def test_who_has_not_our_key_seals_nothing(cachet: FakeCachet) -> None:
    assert verifier(sceller(DROITS, FakeCachet(graine=7)), cachet, AU) == Authenticite("altere")


def test_a_replaced_key_still_proves_what_it_sealed(cachet: FakeCachet) -> None:
    avant = sceller(DROITS, cachet)
    jamais = FakeCachet()
    cachet.remplacer_la_cle()
    apres = sceller(DROITS, cachet)
    assert avant[8:12] == "0001" and apres[8:12] == "0002"
    assert [verifier(code, cachet, AU).etat for code in (avant, apres)] == ["valide", "valide"]
    assert verifier(apres, jamais, AU) == Authenticite("inconnu")


def test_the_code_of_somebody_else_is_unknown_and_no_code_is_unreadable(cachet: FakeCachet) -> None:
    assert verifier(codes.texte(0), cachet, AU) == Authenticite("inconnu")
    for texte in ("", "bonjour", "12441542134215461243643", "DC04XP00", "\ud800", "DC04" + "A" * 5000):
        assert verifier(texte, cachet, AU) == Authenticite("illisible")


@settings(max_examples=200)
@given(st.text(max_size=150))
def test_nothing_that_is_typed_makes_the_verification_fail(texte: str) -> None:
    cachet = FakeCachet()
    assert verifier(texte, cachet, AU).document is None
    assert verifier("DC04XP000001" + texte, cachet, AU).document is None


def test_ours_cannot_be_taken_for_a_code_of_the_state(cachet: FakeCachet) -> None:
    """Neither by us, who read real ones, nor by another reader: the authority has no certificate anywhere."""
    code = sceller(DROITS, cachet)
    assert AUTORITE[:1] == "X"
    lu = deuxddoc.lire(code.encode())
    assert (lu.signature, lu.personnes, lu.adresse, lu.libelle) == (Signature.AUTORITE_INCONNUE, (), None, "")


def test_it_carries_the_date_of_emission_as_a_2ddoc_does(cachet: FakeCachet) -> None:
    assert deuxddoc.lire(sceller(DROITS, cachet).encode()).emis_le == DROITS.emis_le


@pytest.mark.parametrize(
    ("nom", "lu"),
    [
        ("d'Artagnan", "D ARTAGNAN"),
        ("Cœur", "COEUR"),
        ("Ngọc Ánh", "NGOC ANH"),
        ("漢字", ""),
        ("A\x1dP6\x1f9", "A P6 9"),
        ("Łukasiewicz", "LUKASIEWICZ"),
        ("Đorđe", "DORDE"),
        ("Øster Þór", "OSTER THOR"),
        ("ıßĿĸŉ", "ISSL K N"),
        ("N" * 60, "N" * 60),
    ],
)
def test_a_name_is_written_in_capitals_and_cannot_become_another_field(cachet: FakeCachet, nom: str, lu: str) -> None:
    document = verifier(sceller(replace(DROITS, nom=nom), cachet), cachet, AU).document
    assert document == replace(LU, nom=lu)


def test_no_letter_that_is_printed_is_lost_in_the_code(cachet: FakeCachet) -> None:
    signes = [chr(n) for debut, fin in ALPHABETS for n in range(debut, fin + 1)]
    lettres = [un for un in signes if unicodedata.name(un, "").startswith("LATIN ")]
    perdues = []
    for lettre in lettres:
        document = verifier(sceller(replace(DROITS, prenom=lettre), cachet), cachet, AU).document
        if document is not None and not document.prenom:
            perdues.append(lettre)
    assert len(lettres) > 300
    assert "".join(perdues) == ""


@pytest.mark.parametrize("champ", ["nom", "prenom"])
@pytest.mark.parametrize(
    ("ecrit", "lu"), [("N" * 61, "N" * 60), ("Jean-Marie " * 8, ("JEAN MARIE " * 8)[:60].rstrip())]
)
def test_a_name_cut_says_that_it_is_and_is_signed_so(cachet: FakeCachet, champ: str, ecrit: str, lu: str) -> None:
    code = sceller(replace(DROITS, **{champ: ecrit}), cachet)
    assert verifier(code, cachet, AU).document == replace(LU, **{champ: lu}, abrege=True)
    assert verifier(code.replace("\x1e", "\x1d"), cachet, AU) == Authenticite("altere")


@pytest.mark.parametrize("suite", ["\n", "\r\n", " ", "\x1d", "\x1dN'IMPORTE QUOI", "\x1f", "=", "A", "\0"])
def test_nothing_may_be_put_around_what_was_signed(cachet: FakeCachet, suite: str) -> None:
    code = sceller(DROITS, cachet)
    for autour in (code + suite, suite + code):
        assert verifier(autour, cachet, AU).document is None


def test_a_seal_that_does_not_answer_is_told(cachet: FakeCachet) -> None:
    code = sceller(DROITS, cachet)
    cachet.en_panne = True
    with pytest.raises(ServiceIndisponible):
        sceller(DROITS, cachet)
    with pytest.raises(ServiceIndisponible):
        verifier(code, cachet, AU)


def test_the_names_are_not_in_what_is_printed_of_a_document() -> None:
    assert "Lef" not in repr(DROITS)
    assert "1956" not in repr(Authenticite("valide", DROITS))


def test_the_image_is_read_back_even_turned_and_pressed(cachet: FakeCachet) -> None:
    code = sceller(DROITS, cachet)
    image = ImageOps.expand(codes.symbole(code, 8), 16, 255)
    assert dans_la_page(image) == [code.encode()]
    photo = codes.octets(image.rotate(7, expand=True, fillcolor=255), "JPEG", quality=60)
    assert dans_la_page(Image.open(BytesIO(photo))) == [code.encode()]


@pytest.mark.parametrize("cote_mm", [20, 25, 30])
def test_the_drawing_in_a_tagged_pdf_is_read_back_and_verified(cachet: FakeCachet, cote_mm: int) -> None:
    code = sceller(replace(DROITS, nom="Corneille-de-la-Villardière-et-des-Trois-Fontaines"), cachet)
    source = (
        '#set document(title: "T")\n#set text(lang: "fr")\n'
        f'#image(bytes(sys.inputs.code), format: "svg", width: {cote_mm}mm, alt: "Code qui prouve ce document")'
    )
    pdf = typst.compile(source.encode(), sys_inputs={"code": symbole_svg(code)}, pdf_standards=["ua-1"])
    (lu,) = reperer(pdf, "application/pdf", 1)
    assert lu.signature is Signature.AUTORITE_INCONNUE
    page = pypdfium2.PdfDocument(pdf)[0].render(scale=200 / 72).to_pil()
    photo = Image.open(BytesIO(codes.octets(page.rotate(7, expand=True, fillcolor="white"), "JPEG", quality=60)))
    (octets,) = dans_la_page(photo)
    assert verifier(octets.decode(), cachet, AU).etat == "valide"


def test_the_same_code_is_drawn_the_same(cachet: FakeCachet) -> None:
    code = sceller(DROITS, cachet)
    assert code == sceller(DROITS, cachet)
    assert symbole_svg(code) == symbole_svg(code)
