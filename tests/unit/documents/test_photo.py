"""The image of an identity photo: made anew by us, and each fault told alone. Drawn faces, taken for real ones."""

import struct
import zlib
from base64 import b64encode
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageFilter

from chalicelib.demande.image_photo import CONSEILS, conseils
from chalicelib.demande.modeles import ImagePhoto
from chalicelib.documents.photo import IMAGE_MAX, PhotoLue, comprendre, lire_photo
from infra.local.simulateurs.portrait import CHEVEUX, GRIS, en_base64, portrait


def lue(image: Image.Image, **options: Any) -> PhotoLue:
    sortie = BytesIO()
    image.save(sortie, **{"format": "JPEG", "quality": 90, **options})
    resultat = lire_photo(b64encode(sortie.getvalue()).decode())
    assert resultat is not None
    return resultat


@pytest.mark.parametrize("fin_de_ligne", ["\n", "\r\n", " \t"])
def test_une_image_coupee_en_lignes_est_la_meme(fin_de_ligne: str) -> None:
    texte = en_texte(enregistree("JPEG"))
    lignes = [texte[debut : debut + 76] for debut in range(0, len(texte), 76)]
    coupee = lire_photo(fin_de_ligne.join(lignes) + fin_de_ligne)
    assert coupee is not None and coupee == lire_photo(texte)


def refaite(resultat: PhotoLue) -> Image.Image:
    return Image.open(BytesIO(resultat.jpeg))


def test_une_photo_qui_suit_les_regles_n_a_aucun_conseil() -> None:
    assert lue(portrait()).conseils == []
    assert lue(portrait(), format="PNG").conseils == []


def cachee() -> Image.Image:
    """One eye behind a lock of hair."""
    image = portrait()
    image.paste(CHEVEUX, (110, 225, 205, 275))
    return image


DEFAUTS: dict[str, tuple[Callable[[], Image.Image], list[str]]] = {
    "petit visage": (lambda: portrait(0.65), ["photo_visage_petit"]),
    "grand visage": (lambda: portrait(1.12), ["photo_visage_grand"]),
    "de travers": (lambda: portrait(0.8, decalage=0.15), ["photo_decentree"]),
    "penchée": (lambda: portrait(0.85).rotate(9, fillcolor=GRIS), ["photo_penchee"]),
    "un oeil caché": (cachee, ["photo_yeux"]),
    "fond blanc": (lambda: portrait(fond=(255, 255, 255)), ["photo_fond_blanc"]),
    "fond sombre": (lambda: portrait(fond=(60, 70, 80)), ["photo_fond_sombre"]),
    "fond rayé": (lambda: portrait(raye=True), ["photo_fond"]),
    "floue": (lambda: portrait().filter(ImageFilter.GaussianBlur(6)), ["photo_floue"]),
    "petite image": (lambda: portrait().resize((210, 270)), ["photo_petite"]),
    "personne": (lambda: Image.new("RGB", (420, 540), GRIS), ["photo_sans_visage"]),
}


@pytest.mark.parametrize("nom", DEFAUTS)
def test_chaque_defaut_est_dit_seul(nom: str) -> None:
    construire, attendus = DEFAUTS[nom]
    assert lue(construire()).conseils == attendus


def test_des_cheveux_larges_ne_sont_pas_un_motif_du_fond() -> None:
    coiffee = portrait()
    for gauche in (32, 340):
        coiffee.paste(CHEVEUX, (gauche, 120, gauche + 48, 420))
    assert lue(coiffee).conseils == []


def test_une_photo_carree_est_dite() -> None:
    assert "photo_rapport" in lue(portrait(0.85).resize((540, 540))).conseils


def test_deux_personnes_sont_dites() -> None:
    deux = Image.new("RGB", (840, 1080), GRIS)
    for gauche in (0, 420):
        deux.paste(portrait(), (gauche, 270))
    assert "photo_plusieurs_visages" in lue(deux).conseils


def test_l_image_est_refaite_droite_sans_rien_de_ce_qui_l_accompagnait() -> None:
    couchee = portrait().transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by a quarter, clockwise
    exif[0x010E] = "Pierre Corneille, 6 rue de la Pie"
    resultat = lue(couchee, exif=exif, comment=b"6 rue de la Pie")
    image = refaite(resultat)
    assert (image.format, image.size, resultat.conseils) == ("JPEG", (420, 540), [])
    assert (resultat.largeur, resultat.hauteur) == (420, 540)
    assert not image.getexif() and "comment" not in image.info and b"rue de la Pie" not in resultat.jpeg


def test_une_grande_image_est_reduite_et_ses_points_dits_tels_que_recus() -> None:
    resultat = lue(portrait().resize((1653, 2126)))
    assert (resultat.largeur, resultat.hauteur, max(refaite(resultat).size)) == (1653, 2126, 1200)
    assert resultat.conseils == []


def test_la_meme_image_donne_les_memes_octets() -> None:
    assert lue(portrait()) == lue(portrait())


def bombe(cote: int) -> bytes:
    """A PNG of ``cote`` × ``cote`` points, all black, of a few kilobytes."""

    def bloc(nom: bytes, contenu: bytes) -> bytes:
        return struct.pack(">I", len(contenu)) + nom + contenu + struct.pack(">I", zlib.crc32(nom + contenu))

    lignes = zlib.compressobj(9)
    donnees = b"".join(lignes.compress(bytes(1 + cote // 8)) for _ in range(cote)) + lignes.flush()
    entete = bloc(b"IHDR", struct.pack(">IIBBBBB", cote, cote, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + entete + bloc(b"IDAT", donnees) + bloc(b"IEND", b"")


def en_texte(octets: bytes) -> str:
    return b64encode(octets).decode()


def enregistree(format_: str) -> bytes:
    sortie = BytesIO()
    portrait().save(sortie, format_)
    return sortie.getvalue()


ILLISIBLES: dict[str, Callable[[], str]] = {
    "vide": lambda: "",
    "pas du base64": lambda: "<script>",
    "accentuée": lambda: "é" * 8,
    "base64 coupé": lambda: en_base64(portrait())[:-3],
    "un début de JPEG": lambda: en_texte(b"\xff\xd8\xff"),
    "un début de PNG": lambda: en_texte(enregistree("PNG")[:60]),
    "du texte": lambda: en_texte(b"texte"),
    "un TIFF": lambda: en_texte(enregistree("TIFF")),
    "un BMP": lambda: en_texte(enregistree("BMP")),
    "un WEBP": lambda: en_texte(enregistree("WEBP")),
    "trop longue": lambda: en_texte(enregistree("JPEG") + bytes(IMAGE_MAX)),
    "une bombe que la mémoire permise ne contient pas": lambda: en_texte(bombe(20_000)),
    "une bombe que la bibliothèque refuse": lambda: en_texte(bombe(40_000)),
}


@pytest.mark.parametrize("nom", ILLISIBLES)
def test_ce_qui_n_est_pas_une_image_ne_se_garde_pas_et_ne_casse_rien(nom: str) -> None:
    assert lire_photo(ILLISIBLES[nom]()) is None


@pytest.mark.parametrize("format_", ["JPEG", "PNG"])
def test_des_octets_changes_donnent_une_image_ou_rien(format_: str) -> None:
    octets = enregistree(format_)
    lues = 0
    for rang in range(60):
        change = bytearray(octets)
        for pas in range(3):
            change[(rang * 7919 + pas * 104_729) % len(octets)] ^= 1 + (rang * 31 + pas) % 255
        resultat = lire_photo(en_texte(bytes(change[: len(octets) - (rang % 5) * 1000])))
        if resultat is not None:
            assert max(refaite(resultat).size) <= 1200 and set(resultat.conseils) <= set(CONSEILS)
            lues += 1
    assert (lues > 0) == (format_ == "JPEG"), "a PNG's checksums tell any change"


def test_ce_que_l_enfant_dit_de_plus_n_est_pas_cru() -> None:
    dit = {"largeur": 420, "hauteur": 540, "conseils": ["inconnu", "photo_floue"]}
    juste = comprendre(b"octets", dit, [b"x"])
    assert juste is not None and (juste.jpeg, juste.conseils) == (b"x", ["photo_floue"])
    for valeur, blobs in (({**dit, "largeur": 0}, [b"x"]), (dit, []), (dit, [b"x", b"y"]), ({}, [b"x"]), ({}, [])):
        assert comprendre(b"octets", valeur, blobs) is None


def test_chaque_conseil_est_une_phrase_pour_l_agent_et_ne_refuse_rien() -> None:
    image = ImagePhoto(recue_le="2026-11-24T10:00:00.000Z", largeur=210, hauteur=270, conseils=[*CONSEILS, "d_hier"])
    dits = conseils(image)
    assert [un.code for un in dits] == list(CONSEILS)
    assert {un.gravite for un in dits} == {"conseil"}
    assert all(un.message.endswith(".") and "{" not in un.message for un in dits)
    assert "210 × 270" in next(un.message for un in dits if un.code == "photo_petite")
