"""A 2D-Doc says what it says, its signature is worth what the chains prove, and no byte makes the reading fail."""

from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.demande.domicile import AdresseLue, CodeLu, Personne, Signature
from chalicelib.documents import deuxddoc
from chalicelib.documents.deuxddoc import GS, RS, US, decouper, est_un_2ddoc, lire, officiel
from tests import codes

DONNEES = f"10M/CORNEILLE/PIERRE{GS}2454000" + f"26FR25NANCY{GS}223 BIS RUE DE LA POSTE{GS}"


def lu(texte: str) -> CodeLu:
    return lire(texte.encode(), codes.autorite().annuaire)


@pytest.mark.parametrize("rang", [0, 1, 2])
def test_the_vectors_of_the_specification_verify_but_the_misprinted_one(rang: int) -> None:
    attendue = Signature.VERIFIEE if codes.specimens()[rang]["valid"] else Signature.FAUSSE
    assert lire(codes.texte(rang).encode(), codes.avec_specimens).signature is attendue


def test_a_vector_says_who_lives_where_since_when() -> None:
    assert lire(codes.texte(1).encode(), codes.avec_specimens) == CodeLu(
        signature=Signature.VERIFIEE,
        autorite="FR00",
        certificat="0001",
        type="00",
        libelle="Justificatif de domicile : Spécifique",
        emis_le=date(2012, 11, 15),
        signe_le=date(2012, 11, 13),
        personnes=(Personne("MLLE SAMPLE ANGELA"),),
        adresse=AdresseLue(
            batiment="BAT 2 ETG 3", voie="7 PLACE DES SPECIMENS", code_postal="57000", commune="METZ", pays="FR"
        ),
    )


def test_specimens_are_never_real() -> None:
    assert lire(codes.texte(0).encode()).signature is Signature.AUTORITE_INCONNUE


@pytest.mark.parametrize("rang", [0, 1])
def test_no_changed_character_of_a_vector_verifies(rang: int) -> None:
    texte = codes.texte(rang)
    for place in range(len(texte)):
        for autre in "A2Z ":
            if texte[place] != autre:
                change = texte[:place] + autre + texte[place + 1 :]
                assert lire(change.encode(), codes.avec_specimens).signature is not Signature.VERIFIEE


def test_every_bundled_certificate_is_signed_by_its_authority() -> None:
    noms = [chemin.name[:-4] for chemin in files("tddoc.chains").iterdir() if chemin.name.endswith(".der")]
    certificats = [nom.split("_") for nom in noms if "_" in nom]
    assert len(certificats) > 200
    sans = {f"{autorite}_{nom}" for autorite, nom in certificats if officiel(autorite, nom) is None}
    # Made by their authority to try its own: they sign what they are asked to.
    assert sans == {"FR03_0000", "FR03_AIG0"}


@pytest.mark.parametrize(("autorite", "nom"), [("FR00", "0001"), ("FR03", "ZZZZ"), ("FR08", "0001"), ("../.", "/FR0")])
def test_an_unknown_certificate_is_none(autorite: str, nom: str) -> None:
    assert officiel(autorite, nom) is None


def test_a_certificate_that_its_authority_did_not_sign_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    autre = codes.autorite().certificat.public_bytes(Encoding.DER)
    (tmp_path / "FR98.der").write_bytes((files("tddoc.chains") / "FR03.der").read_bytes())
    (tmp_path / "FR98_AAAA.der").write_bytes(autre)
    (tmp_path / "FR98_BBBB.der").write_bytes((files("tddoc.chains") / "FR03_ASP0.der").read_bytes())
    monkeypatch.setattr(deuxddoc, "files", lambda paquet: tmp_path)
    assert officiel("FR98", "AAAA") is None
    assert officiel("FR98", "BBBB") is not None


def test_the_fields_of_another_perimeter_are_not_those_of_a_bill() -> None:
    autorite = codes.autorite()
    ailleurs = lire(autorite.signer(DONNEES, perimetre="02").encode(), autorite.annuaire)
    assert (ailleurs.signature, ailleurs.personnes, ailleurs.adresse) == (Signature.VERIFIEE, (), None)
    assert lu(autorite.signer(DONNEES)).adresse is not None


@pytest.mark.parametrize("courbe", [ec.SECP256R1, ec.SECP384R1, ec.SECP521R1])
def test_the_three_curves_of_the_specification_verify(courbe: type[ec.EllipticCurve]) -> None:
    autorite = codes.autorite(courbe)
    assert lire(autorite.signer(DONNEES).encode(), autorite.annuaire).signature is Signature.VERIFIEE


@pytest.mark.parametrize("version", [2, 3, 4])
def test_the_three_versions_are_read(version: int) -> None:
    code = lu(codes.autorite().signer(DONNEES, version=version))
    assert code.signature is Signature.VERIFIEE
    assert (code.type, code.libelle) == ("01", "Justificatif de domicile : Facture")
    assert code.personnes == (Personne("M CORNEILLE PIERRE"),)
    assert code.adresse == AdresseLue(voie="3 BIS RUE DE LA POSTE", code_postal="54000", commune="NANCY", pays="FR")


@pytest.mark.parametrize(
    ("signe_le", "attendue"),
    [
        (date(2024, 12, 31), Signature.CERTIFICAT_HORS_DATES),
        (date(2025, 1, 1), Signature.VERIFIEE),
        (date(2027, 1, 1), Signature.VERIFIEE),
        (date(2027, 1, 2), Signature.CERTIFICAT_HORS_DATES),
        (None, Signature.CERTIFICAT_HORS_DATES),
    ],
)
def test_a_certificate_signs_between_its_dates_and_its_end_does_not_undo_what_it_signed(
    signe_le: date | None, attendue: Signature
) -> None:
    code = lu(codes.autorite().signer(DONNEES, signe_le=signe_le))
    assert (code.signature, code.signe_le) == (attendue, signe_le)


def test_the_key_of_another_authority_does_not_verify() -> None:
    faux = codes.autorite(fin=2028).signer(DONNEES)
    assert lu(faux).signature is Signature.FAUSSE


def test_a_name_in_fields_of_its_own_tells_which_is_which_and_every_holder_is_read() -> None:
    code = lu(
        codes.autorite().signer(
            f"11MME{GS}12ANNE{GS}13MARTIN{GS}1IM/MARTIN/PAUL{GS}14SARL DUPONT{GS}1G0" + f"2454000{GS}25NANCY{GS}"
        )
    )
    assert code.personnes == (
        Personne("MME MARTIN ANNE", "MARTIN", "ANNE"),
        Personne("M MARTIN PAUL"),
        Personne("SARL DUPONT", payeur=True),
    )
    assert code.autres_titulaires is False
    assert lu(codes.autorite().signer(DONNEES + "1G1")).autres_titulaires is True


@pytest.mark.parametrize("champs", ["10 11 12 13", "1I 1J 1K 1L", "14 15 16 17", "1M 1N 1O 1P"])
def test_the_title_of_each_holder_is_kept_in_the_four_places_where_he_may_be(champs: str) -> None:
    ligne, qualite, prenom, nom = champs.split()
    autorite, payeur = codes.autorite(), ligne in ("14", "1M")
    a_part = lu(autorite.signer(f"{qualite}MME{GS}{prenom}ANNE{GS}{nom}MARTIN{GS}"))
    assert a_part.personnes == (Personne("MME MARTIN ANNE", "MARTIN", "ANNE", payeur),)
    sans = lu(autorite.signer(f"{prenom}ANNE{GS}{nom}MARTIN{GS}"))
    assert sans.personnes == (Personne("MARTIN ANNE", "MARTIN", "ANNE", payeur),)
    for une in ("MME/MARTIN/ANNE", "MME MARTIN ANNE", "/MME/MARTIN ANNE"):
        assert lu(autorite.signer(f"{ligne}{une}{GS}")).personnes == (Personne("MME MARTIN ANNE", payeur=payeur),)
    assert lu(autorite.signer(f"{ligne}MARTIN/ANNE{GS}{qualite}MME{GS}")).personnes == (
        Personne("MME MARTIN ANNE", payeur=payeur),
    )


def test_where_the_bill_goes_is_read_when_where_the_service_is_given_is_not_told() -> None:
    ailleurs = f"10M/X/Y{GS}26FR" + f"293 R X{GS}2B54000" + f"2CNANCY{GS}2DFR"
    assert lu(codes.autorite().signer(ailleurs)).adresse == AdresseLue(
        voie="3 R X", code_postal="54000", commune="NANCY", pays="FR", du_payeur=True
    )
    ici = codes.autorite().signer(ailleurs + "2457000" + f"25METZ{GS}")
    assert lu(ici).adresse == AdresseLue(code_postal="57000", commune="METZ", pays="FR")


def test_what_the_code_says_it_cut_is_told() -> None:
    code = lu(codes.autorite().signer(f"10M/X/Y{RS}22RUE DU MOUL{RS}2454000" + f"25NANCY{GS}26FR"))
    assert code.personnes == (Personne("M X Y", coupee=True),)
    assert code.adresse is not None and code.adresse.coupees == ("voie",)
    a_part = lu(codes.autorite().signer(f"11M{GS}12PIERR{RS}13CORNEILLE{GS}2454000" + f"25NANCY{GS}26FR"))
    assert [une.coupee for une in a_part.personnes] == [True]


@pytest.mark.parametrize("type_", ["02", "04", "07", "B0", "ZZ"])
def test_a_type_that_is_not_a_proof_of_domicile_gives_no_value(type_: str) -> None:
    code = lu(codes.autorite().signer(DONNEES, type_=type_))
    assert code.signature is Signature.VERIFIEE
    assert (code.personnes, code.adresse) == ((), None)


def test_fields_end_by_their_length_or_by_a_separator_and_a_cut_value_is_kept() -> None:
    longueurs = {"24": 5, "25": None}
    assert list(decouper(f"2454000{GS}25NANC{RS}2457000ZZ?{GS}25", longueurs)) == [
        ("24", "54000", False),
        ("25", "NANC", True),
        ("24", "57000", False),
        ("ZZ", "?", False),
        ("25", "", False),
    ]
    assert list(decouper("2", longueurs)) == []
    assert list(decouper("24540", longueurs)) == [("24", "540", False)]


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"DC",
        b"DC02",
        b"\xdc\x04binaire",
        b"DC05FR000001125E125B0126FR" + US.encode() + b"AAAA",
        b"DC02FR000001125E125B01",
        b"DC02FR00000112xE125B01" + US.encode() + b"AAAA",
        "DC02FR000001125E125B01é\x1fAAAA".encode(),
        b"DC02FR000001125E125B01" + b"A" * 5000 + US.encode() + b"AAAA",
        b"https://exemple.fr",
    ],
)
def test_what_cannot_be_understood_is_said_to_be(octets: bytes) -> None:
    assert lire(octets, codes.avec_specimens) == CodeLu(Signature.ILLISIBLE)


@pytest.mark.parametrize("signature", ["", "AAAA", "????", "A" * 103, "a" * 103, "A" * 206])
def test_a_signature_that_is_none_is_false(signature: str) -> None:
    debut = codes.texte(0).split(US)[0]
    assert lire((debut + US + signature).encode(), codes.avec_specimens).signature is Signature.FAUSSE


def test_a_2ddoc_is_known_by_its_first_bytes() -> None:
    assert est_un_2ddoc(codes.texte(0).encode())
    assert est_un_2ddoc(b"\xdc\x04")
    assert not est_un_2ddoc(b"12441542134215461243643")
    assert not est_un_2ddoc(b"DCxx")


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_no_bytes_make_the_reading_fail(octets: bytes) -> None:
    assert lire(octets).signature is not Signature.VERIFIEE
    assert lire(codes.texte(0).encode()[:22] + octets, codes.avec_specimens).signature is not Signature.VERIFIEE


@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=120), st.sampled_from(["00", "01"]))
def test_no_signed_data_makes_the_reading_fail(donnees: str, type_: str) -> None:
    code = codes.autorite().signer(donnees, type_=type_)
    assert lu(code).signature is (Signature.VERIFIEE if US not in donnees else Signature.FAUSSE)
