"""Learn the 37 characters of OCR-B, and write ``chalicelib/documents/ocrb.npz``: ``python -m infra.apprendre_ocrb``.

Some minutes, numpy only. Characters are drawn with the public-domain OCR-B of tests/donnees/polices, then spoilt as a
photo spoils them: weight, tilt, blur, grain, light, background, JPEG. The generator is seeded; sums of floats may
differ from one processor to another, so the figures of the tests, not the bytes, say whether a new file is as good.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from chalicelib.demande.mrz import ALPHABET
from chalicelib.documents.mrz import CASE, RESEAU, RIEN, cases

POLICES = Path(__file__).parents[1] / "tests" / "donnees" / "polices"
APPRISES = ("OCRB.otf",)
BANDES = 3500  # lines of text drawn
CACHEES = 128  # units of the hidden layer
EPOQUES = 10
LOT = 512
PAS_DESSIN = 40  # pixels from one character to the next when drawn, before it is shrunk
LONGUEUR = 26
MARGE = 3  # blank characters before and after

Tableau = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Bande:
    """Where the characters of a drawn line are, as documents.mrz describes a line."""

    x: Tableau
    y: Tableau
    hauteur: float


def main() -> int:
    """Draw, learn, measure on lines not learnt, write."""
    hasard = np.random.default_rng(20_2611)
    vues, classes = dessiner(hasard, BANDES)
    print(f"{len(classes)} caractères dessinés", file=sys.stderr, flush=True)
    poids = apprendre(hasard, vues, classes)
    neuves, attendues = dessiner(hasard, BANDES // 15)
    juste = float((_avant(poids, neuves)[1].argmax(axis=1) == attendues).mean())
    print(f"caractères jamais vus, bien lus : {juste:.4%}", flush=True)
    w1, b1, w2, b2 = (poids[nom].astype(np.float16) for nom in ("w1", "b1", "w2", "b2"))
    np.savez_compressed(RESEAU, w1=w1, b1=b1, w2=w2, b2=b2)
    print(f"{RESEAU.name} : {RESEAU.stat().st_size // 1024} Kio", flush=True)
    return 0


def dessiner(hasard: np.random.Generator, bandes: int) -> tuple[Tableau, Tableau]:
    """Squares of characters and their classes."""
    lots = [lot for _ in range(bandes) for lot in _bande(hasard)]
    return np.concatenate([vues for vues, _ in lots]), np.concatenate([classes for _, classes in lots])


def _bande(h: np.random.Generator) -> Iterator[tuple[Tableau, Tableau]]:
    police = ImageFont.truetype(str(POLICES / h.choice(APPRISES)), 200)
    police = police.font_variant(size=200 * PAS_DESSIN / police.getlength("A"))
    etire = h.uniform(0.9, 1.12)
    largeur, hauteur = PAS_DESSIN * (LONGUEUR + 2 * MARGE), PAS_DESSIN * 3
    dessin = Image.new("L", (largeur, hauteur), 0)
    trait = ImageDraw.Draw(dessin)
    _, haut, _, bas = police.getbbox("H")
    tirage = h.choice(len(ALPHABET), LONGUEUR, p=[0.8 / 36] * 36 + [0.2])
    for rang, c in enumerate(tirage):
        y = hauteur / 2 - (haut + bas) / 2 + h.normal(0, 0.012) * PAS_DESSIN
        trait.text(
            ((MARGE + rang) * PAS_DESSIN + h.normal(0, 0.015) * PAS_DESSIN, y), ALPHABET[c], fill=255, font=police
        )
    # Weight: a blurred edge cut lower is a thicker stroke.
    encre = np.asarray(dessin.filter(ImageFilter.GaussianBlur(h.uniform(0.8, 2.2))), np.float32) / 255
    encre = np.clip((encre - h.uniform(0.25, 0.7)) * 4 + 0.5, 0, 1)
    pas = float(np.exp(h.uniform(np.log(8.5), np.log(36))))
    reduction = pas / PAS_DESSIN
    angle, penche = np.radians(h.normal(0, 2.0)), h.normal(0, 0.06)
    avant = np.array([[1.0, penche], [0.0, etire]])
    avant = reduction * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ avant
    taille = (int(largeur * reduction * 1.06), int(pas * 4.6 + abs(np.sin(angle)) * largeur * reduction))
    milieu, cible = np.array([largeur / 2, hauteur / 2]), np.array(taille) / 2
    inverse = np.linalg.inv(avant)
    decalage = milieu - inverse @ cible
    flou = Image.fromarray((encre * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.4 / reduction))
    petit = flou.transform(
        taille, Image.Transform.AFFINE,
        (inverse[0, 0], inverse[0, 1], decalage[0], inverse[1, 0], inverse[1, 1], decalage[1]),
        resample=Image.Resampling.BILINEAR,
    )  # fmt: skip
    photo = _photographier(h, np.asarray(petit, np.float32) / 255, pas)
    rangs = np.arange(LONGUEUR + 2 * MARGE, dtype=np.float64)
    classes = np.full(len(rangs), RIEN)
    classes[MARGE:-MARGE] = tirage
    origine = avant @ (np.array([PAS_DESSIN / 2, hauteur / 2]) - milieu) + cible
    un_pas = avant @ np.array([PAS_DESSIN, 0.0])
    capitale = (bas - haut) * reduction * etire
    for _ in range(2):
        ecart = origine + np.array([h.normal(0, 0.05) * pas, h.normal(0, 0.045) * capitale])
        bande = Bande(
            np.array([0.0, un_pas[0], ecart[0]]),
            np.array([0.0, un_pas[1] + h.normal(0, 0.003) * pas, ecart[1]]),
            capitale * h.uniform(0.9, 1.12),
        )
        yield cases(photo, bande, rangs, 1).astype(np.float16), classes


def _photographier(h: np.random.Generator, encre: Tableau, pas: float) -> Tableau:
    lignes, colonnes = encre.shape
    jj, ii = np.mgrid[0:lignes, 0:colonnes].astype(np.float32)
    fond = (
        h.uniform(120, 245)
        + h.normal(0, 12) * (ii / colonnes - 0.5)
        + h.normal(0, 6) * np.sin(ii * h.uniform(0.02, 0.6) + jj * h.uniform(-0.6, 0.6) + h.uniform(0, 6))
    )
    noir = h.uniform(10, 70)
    image = Image.fromarray(np.clip(fond * (1 - encre) + noir * encre, 0, 255).astype(np.uint8))
    image = image.filter(ImageFilter.GaussianBlur(float(h.uniform(0, 0.11)) * pas))
    bruit = np.asarray(image, np.float32) + h.normal(0, h.uniform(0, 15), encre.shape)
    sortie = BytesIO()
    Image.fromarray(np.clip(bruit, 0, 255).astype(np.uint8)).save(sortie, "JPEG", quality=int(h.integers(55, 96)))
    return np.asarray(Image.open(sortie), np.float32)


def apprendre(hasard: np.random.Generator, vues: Tableau, classes: Tableau) -> dict[str, Tableau]:
    """Weights of the two layers, by Adam on the cross entropy."""
    entrees, sorties = CASE[0] * CASE[1], RIEN + 1
    poids: dict[str, Tableau] = {
        "w1": hasard.normal(0, (2 / entrees) ** 0.5, (entrees, CACHEES)).astype(np.float32),
        "b1": np.zeros(CACHEES, np.float32),
        "w2": hasard.normal(0, (2 / CACHEES) ** 0.5, (CACHEES, sorties)).astype(np.float32),
        "b2": np.zeros(sorties, np.float32),
    }
    moyennes = {nom: np.zeros_like(valeur) for nom, valeur in poids.items()}
    carres = {nom: np.zeros_like(valeur) for nom, valeur in poids.items()}
    etape, total = 0, EPOQUES * (len(classes) // LOT)
    for _ in range(EPOQUES):
        ordre = hasard.permutation(len(classes))
        for debut in range(0, len(ordre) - LOT + 1, LOT):
            lot = ordre[debut : debut + LOT]
            etape += 1
            pas = 2e-3 * (0.5 + 0.5 * np.cos(np.pi * etape / (total + 1)))
            for nom, pente in _pentes(poids, vues[lot].reshape(LOT, -1).astype(np.float32), classes[lot]).items():
                moyennes[nom] = 0.9 * moyennes[nom] + 0.1 * pente
                carres[nom] = 0.999 * carres[nom] + 0.001 * pente**2
                elan = moyennes[nom] / (1 - 0.9**etape)
                poids[nom] -= pas * (elan / (np.sqrt(carres[nom] / (1 - 0.999**etape)) + 1e-8) + 1e-3 * poids[nom])
    return poids


def _avant(poids: dict[str, Tableau], vues: Tableau) -> tuple[Tableau, Tableau]:
    cachee = np.maximum(vues.reshape(len(vues), -1).astype(np.float32) @ poids["w1"] + poids["b1"], 0)
    return cachee, cachee @ poids["w2"] + poids["b2"]


def _pentes(poids: dict[str, Tableau], vues: Tableau, classes: Tableau) -> dict[str, Tableau]:
    cachee, sortie = _avant(poids, vues)
    erreur = np.exp(sortie - sortie.max(axis=1, keepdims=True))
    erreur /= erreur.sum(axis=1, keepdims=True)
    erreur[np.arange(len(classes)), classes] -= 1
    erreur /= len(classes)
    retour = (erreur @ poids["w2"].T) * (cachee > 0)
    return {"w1": vues.T @ retour, "b1": retour.sum(axis=0), "w2": cachee.T @ erreur, "b2": erreur.sum(axis=0)}


if __name__ == "__main__":
    sys.exit(main())
