"""Zones read in photographs of documents that do not exist: how many are read, and that none is read wrong.

The figures are printed; bad photos and 200 falsified zones are in the long run.
"""

from collections import Counter
from collections.abc import Callable
from datetime import date
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw

from chalicelib.demande import mrz
from chalicelib.documents.inspection import inspecter
from chalicelib.documents.lecture import lire
from chalicelib.documents.mrz import RIEN, dechiffrer, lire_mrz
from demo.fichiers import carte_identite, permis, quittance_png
from tests.specimens_mrz import (
    CARTES,
    MAUVAISE,
    ORDINAIRE,
    POLICES_DE_TEST,
    Nature,
    Prise,
    Specimen,
    carte_a_plat,
    specimen,
)

LE = date(2026, 11, 25)


def _une(page: bytes, jour: date) -> mrz.Mrz | None:
    """The one zone of the page; None when there is none."""
    zones = lire_mrz(page, jour)
    assert len(zones) < 2
    return zones[0] if zones else None


Bilan = Callable[[str, list[Specimen]], tuple[int, int]]


@pytest.fixture(name="bilan")
def _bilan(capfd: pytest.CaptureFixture[str]) -> Bilan:
    """Prints, whatever pytest captures: figures are to be seen in every run."""

    def bilan(titre: str, specimens: list[Specimen]) -> tuple[int, int]:
        with capfd.disabled():
            return _compter(titre, specimens)

    return bilan


def _compter(titre: str, specimens: list[Specimen]) -> tuple[int, int]:
    """How many were read whole, and how many were accepted though they say something else."""
    lus, faux, rates = 0, 0, Counter[str]()
    for un in specimens:
        lecture = _une(un.jpeg, LE)
        if lecture is None:
            rates[f"{un.nature} {un.police}"] += 1
            continue
        assert lecture.cles_justes
        juste = lecture.lignes == un.lignes
        lus, faux = lus + juste, faux + (not juste)
    print(
        f"\n{titre} : {lus} zones lues en entier sur {len(specimens)} ({lus / len(specimens):.1%}) ; acceptées mais "
        f"différentes de la vérité : {faux} ; non lues : {dict(rates)}"
    )
    return lus, faux


def _serie(debut: int, nombre: int, prise: Prise = ORDINAIRE, falsifier: bool = False) -> list[Specimen]:
    return [specimen(rang, prise, falsifier) for rang in range(debut, debut + nombre)]


def test_sur_200_images_95_pour_cent_sont_lues_et_aucune_autrement(bilan: Bilan) -> None:
    specimens = _serie(0, 200)
    assert {un.police for un in specimens} == set(POLICES_DE_TEST)
    assert {un.nature for un in specimens} == {format_.nom for format_ in mrz.FORMATS}
    lus, faux = bilan("photos ordinaires", specimens)
    assert faux == 0
    assert lus >= 190


@pytest.mark.long
def test_une_mauvaise_photo_n_est_pas_lue_plutot_que_lue_de_travers(bilan: Bilan) -> None:
    lus, faux = bilan("mauvaises photos (petites, floues, bruitées, sombres)", _serie(1000, 200, MAUVAISE))
    assert faux == 0
    assert lus >= 170


def test_un_caractere_falsifie_fait_refuser_la_zone(bilan: Bilan) -> None:
    assert bilan("zones falsifiées, échantillon", _serie(2000, 12, falsifier=True)) == (0, 0)


@pytest.mark.long
def test_aucune_de_200_zones_falsifiees_n_est_acceptee_meme_mal_photographiee(bilan: Bilan) -> None:
    assert bilan("zones falsifiées", _serie(2000, 100, falsifier=True)) == (0, 0)
    assert bilan("zones falsifiées, mauvaises photos", _serie(3000, 100, MAUVAISE, falsifier=True)) == (0, 0)


@pytest.mark.parametrize("quart", [0, 1, 2, 3])
def test_la_page_est_lue_dans_tous_les_sens(quart: int) -> None:
    droit = next(un for un in map(specimen, range(0, 40, 4)) if un.quart == 0)
    tournee = Image.open(BytesIO(droit.jpeg))
    if quart:  # clockwise, so that `quart` turns the other way put it back
        tournee = tournee.transpose(
            (Image.Transpose.ROTATE_270, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_90)[quart - 1]
        )
    png = BytesIO()
    tournee.save(png, "PNG", compress_level=1)
    lecture = _une(png.getvalue(), LE)
    assert lecture is not None
    assert lecture.lignes == droit.lignes


def _feuille(*images: Image.Image) -> bytes:
    feuille = Image.new("RGB", (1654, 2339), "white")
    for rang, image in enumerate(images):
        carte = image.convert("RGB")
        feuille.paste(carte.resize((1240, 1240 * carte.height // carte.width)), (200, 150 + 1100 * rang))
    png = BytesIO()
    feuille.save(png, "PNG", compress_level=1)
    return png.getvalue()


@pytest.mark.parametrize(("une", "autre"), [("cni", "cni"), ("td1", "td3"), ("td1", "cni")])
def test_deux_cartes_sur_une_photo_ne_sont_pas_celle_de_l_une(une: Nature, autre: Nature) -> None:
    (image, lignes), (seconde, autres) = carte_a_plat(7, une), carte_a_plat(11, autre)
    assert {lue.lignes for lue in lire_mrz(_feuille(image, seconde), LE)} == {lignes, autres}
    lues = lire("identite", b"", "image/jpeg", [_feuille(image, seconde)], "", LE).mrz
    assert len(lues) == len(lignes) + len(autres) and mrz.lire(tuple(lues), LE) is None
    # Nor does another page say whose the file is.
    assert len(lire("identite", b"", "image/jpeg", [_feuille(image, seconde), _feuille(image)], "", LE).mrz) == len(
        lues
    )
    assert lire("identite", b"", "image/jpeg", [_feuille(image)], "", LE).mrz == list(lignes)


def test_un_permis_a_cote_d_une_carte_est_laisse() -> None:
    (carte, lignes), (permis_, _) = carte_a_plat(7, "cni"), carte_a_plat(11, "permis")
    assert len(lire_mrz(_feuille(carte, permis_), LE)) == 2
    lue = lire("identite", b"", "image/jpeg", [_feuille(carte, permis_), _feuille(permis_)], "", LE)
    assert (lue.mrz, lue.formats_mrz) == (list(lignes), ["cni", "permis"])


def _page(dessiner: bool) -> bytes:
    """An A4 page at 200 dots per inch, full of print when ``dessiner``."""
    page = Image.new("L", (1654, 2339), 250)
    if dessiner:
        trait = ImageDraw.Draw(page)
        for ligne in range(90):
            trait.text((80, 60 + ligne * 25), f"{ligne:02} " + "LES<PIECES DU 12 03 1975 O0I1 " * 4, fill=30)
    sortie = BytesIO()
    page.save(sortie, "PNG")
    return sortie.getvalue()


def _bruit() -> bytes:
    sortie = BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (2000, 2000), np.uint8)).save(sortie, "PNG")
    return sortie.getvalue()


def _point() -> bytes:
    sortie = BytesIO()
    Image.new("L", (1, 1)).save(sortie, "PNG")
    return sortie.getvalue()


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(lambda: carte_identite("verso"), id="côté sans zone d'une carte"),
        pytest.param(permis, id="permis sans zone"),
        pytest.param(quittance_png, id="quittance"),
        pytest.param(lambda: _page(False), id="page blanche"),
        pytest.param(lambda: _page(True), id="page pleine"),
        pytest.param(_bruit, id="bruit"),
        pytest.param(_point, id="un point"),
    ],
)  # fmt: skip
def test_une_page_sans_zone_ne_donne_rien(page: Callable[[], bytes]) -> None:
    assert _une(page(), LE) is None


def test_huit_megapixels_sont_lus_comme_les_autres() -> None:
    petite = specimen(1)
    grande = BytesIO()
    photo = Image.open(BytesIO(petite.jpeg))
    photo.resize((2448, 3264) if photo.height > photo.width else (3264, 2448), Image.Resampling.BICUBIC).save(
        grande, "JPEG", quality=85
    )
    lecture = _une(grande.getvalue(), LE)
    assert lecture is not None and lecture.lignes == petite.lignes


PERMIS = "D1FRA13AA000026181231MARTIN<<9"


def _certitudes(texte: str, hesitations: dict[int, dict[str, float]]) -> np.ndarray:
    """Probabilities sure of ``texte``, but for what ``hesitations`` says."""
    p = np.full((len(texte), RIEN + 1), 1e-6, np.float32)
    for i, c in enumerate(texte):
        for lettre, probabilite in hesitations.get(i, {c: 1.0}).items():
            p[i, mrz.ALPHABET.index(lettre)] = probabilite
    return p / p.sum(axis=1, keepdims=True)


(FORMAT_PERMIS,) = (format_ for format_ in mrz.FORMATS if format_.nom == "permis")


def test_la_cle_tranche_entre_deux_lettres_vues_aussi_bien() -> None:
    lu = dechiffrer(FORMAT_PERMIS, _certitudes(PERMIS, {7: {"H": 0.6, "A": 0.4}}))
    assert lu == PERMIS


def test_le_format_tranche_entre_o_et_zero() -> None:
    lu = dechiffrer(FORMAT_PERMIS, _certitudes(PERMIS, {9: {"O": 0.9, "0": 0.1}, 1: {"I": 0.9, "1": 0.1}}))
    assert lu == PERMIS


@pytest.mark.parametrize(
    "hesitations",
    [
        pytest.param({15: {"3": 1.0}}, id="un chiffre faux, sans autre candidat"),
        pytest.param({29: {"7": 1.0}}, id="une clé fausse"),
        # Both stand under the same weight: one more here or one more there gives the same key.
        pytest.param({16: {"7": 0.6, "8": 0.4}, 19: {"3": 0.6, "4": 0.4}}, id="deux corrections aussi bonnes"),
        pytest.param({0: {"X": 1.0}}, id="un caractère que le format interdit"),
        pytest.param({i: {PERMIS[i]: 0.6, "W": 0.4} for i in range(21, 29)}, id="trop de doutes ensemble"),
    ],
)
def test_dans_le_doute_rien_n_est_lu(hesitations: dict[int, dict[str, float]]) -> None:
    assert dechiffrer(FORMAT_PERMIS, _certitudes(PERMIS, hesitations)) is None


@pytest.mark.parametrize("nature", list(CARTES))
def test_une_carte_numerisee_grandeur_nature_dans_un_pdf_est_lue_sur_la_page_que_nous_en_faisons(
    nature: Nature,
) -> None:
    """A4 at 300 dots per inch, drawn again by us at 150: a character every 15 pixels."""
    carte, lignes = carte_a_plat(7, nature)
    feuille = Image.new("L", (2480, 3508), 252)
    large, haut = (round(cote / 25.4 * 300) for cote in CARTES[nature])
    feuille.paste(carte.convert("L").resize((large, haut), Image.Resampling.LANCZOS), (500, 700))
    pdf = BytesIO()
    feuille.save(pdf, "PDF", resolution=300)
    inspection = inspecter(pdf.getvalue(), "identite", 2)
    assert inspection.statut == "valide"
    lecture = _une(inspection.rendu[0], LE)
    assert lecture is not None and lecture.lignes == lignes


def test_une_photo_est_lue_sur_la_page_que_nous_en_faisons() -> None:
    un = specimen(2)
    lecture = _une(inspecter(un.jpeg, "identite", 2).rendu[0], LE)
    assert lecture is not None and lecture.lignes == un.lignes
