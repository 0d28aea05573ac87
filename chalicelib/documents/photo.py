"""Advice on an identity photo (arrêté du 5 février 2009, ISO/IEC 19794-5): a person decides, the machine only warns.

OpenCV's cascades find the face and the eyes; they come with the library, nothing is downloaded. They see the face from
the brow to the chin: the head's height, from the chin to the crown, is worked out from there, so its bounds are wide.
"""

import os
from typing import TYPE_CHECKING, Any

from chalicelib.demande.modeles import Anomalie

if TYPE_CHECKING:
    import numpy as np

    Gris = np.ndarray[Any, np.dtype[Any]]

LARGEUR_MM, HAUTEUR_MM = 35, 45
RAPPORT_TOLERE = 0.04
HAUTEUR_MIN = 531  # points: 45 mm at 300 per inch
TETE_MM = (32, 36)
MARGE_MM = 4  # what the estimate of the head may be wrong by
TETE_PAR_VISAGE = 1.3  # the head, from chin to crown, against the square that the cascade finds
PENCHE_MAX = 0.14  # slope of the line of the eyes: 8 degrees
CENTRE_MAX = 0.12  # of the width: how far from the middle the face may be
FOND_ECART_MAX = 18  # of 255: spread of the greys of a plain background
FOND_CLAIR, FOND_BLANC = 140, 248
NETTETE_MIN = 25  # variance of the Laplacian of the face, brought to 200 points
VISAGE = 200

MESSAGES = {
    "photo_illisible": "La photo ne peut pas être lue. Enregistrez-la de nouveau, puis envoyez ce nouveau fichier.",
    "photo_rapport": (
        "La photo n'est pas aux proportions d'une photo d'identité : 35 mm de large sur 45 mm de haut. Recadrez-la."
    ),
    "photo_petite": (
        "La photo a peu de points ({largeur} × {hauteur}). Il en faut environ 413 × 531 : numérisez-la en 300 points "
        "par pouce, ou reprenez-la."
    ),
    "photo_sans_visage": (
        "Aucun visage n'a été reconnu. Il doit être de face, tête nue, bien éclairé et sans ombre. Vérifiez la photo."
    ),
    "photo_plusieurs_visages": "Plusieurs visages paraissent sur la photo. La personne doit y être seule.",
    "photo_visage_petit": (
        "Le visage paraît trop petit : du menton au sommet du crâne, il doit faire 32 à 36 mm sur les 45 mm de la "
        "photo. Approchez-vous, ou recadrez."
    ),
    "photo_visage_grand": (
        "Le visage paraît trop grand : du menton au sommet du crâne, il doit faire 32 à 36 mm sur les 45 mm de la "
        "photo. Reculez, ou recadrez."
    ),
    "photo_decentree": "Le visage n'est pas au milieu de la photo. Recadrez-la, ou placez-vous face à l'appareil.",
    "photo_yeux": (
        "Les deux yeux n'ont pas été reconnus. Ils doivent être ouverts et bien visibles : ni reflet sur les lunettes, "
        "ni cheveux devant. Vérifiez la photo."
    ),
    "photo_penchee": "La tête paraît penchée. Tenez-la droite, les yeux à la même hauteur.",
    "photo_fond": "Le fond n'est pas uni. Placez-vous devant un mur clair, sans motif ni ombre.",
    "photo_fond_sombre": "Le fond est sombre. Il doit être clair (gris clair, bleu clair), sans être blanc.",
    "photo_fond_blanc": "Le fond est blanc. Il doit être clair sans être blanc : gris clair ou bleu clair.",
    "photo_floue": "Le visage paraît flou. Reprenez la photo sans bouger.",
}


def conseils_photo(jpeg: bytes) -> list[Anomalie]:
    """Advice on the JPEG of an identity photo made by us (upright); empty when nothing strikes the machine.

    Never raises, and never refuses: what it does not recognise may be a good photo.
    """
    import cv2
    import numpy as np

    try:
        couleur = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        couleur = None
    if couleur is None:
        return [_conseil("photo_illisible")]
    hauteur, largeur = couleur.shape[:2]
    conseils: list[str] = []
    if abs(largeur / hauteur / (LARGEUR_MM / HAUTEUR_MM) - 1) > RAPPORT_TOLERE:
        conseils.append("photo_rapport")
    if hauteur < HAUTEUR_MIN:
        conseils.append("photo_petite")
    # Everything below is measured at one size.
    gris: Gris = cv2.cvtColor(cv2.resize(couleur, (round(largeur * 600 / hauteur), 600)), cv2.COLOR_BGR2GRAY)
    visages = _detecter("haarcascade_frontalface_default.xml", gris, 6, 120)
    if not visages:
        conseils.append("photo_sans_visage")
    else:
        conseils += _du_visage(gris, visages)
        conseils += _du_fond(gris, visages[0])
    return [_conseil(code, largeur=largeur, hauteur=hauteur) for code in conseils]


def _du_visage(gris: "Gris", visages: list[tuple[int, int, int, int]]) -> list[str]:
    import cv2

    x, y, largeur, hauteur = visages[0]
    visage = cv2.resize(gris[y : y + hauteur, x : x + largeur], (VISAGE, VISAGE), interpolation=cv2.INTER_AREA)
    tete_mm = hauteur * TETE_PAR_VISAGE * HAUTEUR_MM / gris.shape[0]
    yeux = [oeil for oeil in _detecter("haarcascade_eye.xml", visage, 5, 24) if oeil[1] + oeil[3] / 2 < VISAGE * 0.55]
    constats = {
        "photo_plusieurs_visages": len(visages) > 1,
        "photo_visage_petit": tete_mm < TETE_MM[0] - MARGE_MM,
        "photo_visage_grand": tete_mm > TETE_MM[1] + MARGE_MM,
        "photo_decentree": abs((x + largeur / 2) / gris.shape[1] - 0.5) > CENTRE_MAX,
        "photo_yeux": len(yeux) < 2,
        "photo_penchee": len(yeux) == 2 and _pente(yeux) > PENCHE_MAX,
        "photo_floue": cv2.Laplacian(visage, cv2.CV_64F).var() < NETTETE_MIN,
    }
    return [code for code, vu in constats.items() if vu]


def _du_fond(gris: "Gris", visage: tuple[int, int, int, int]) -> list[str]:
    """The background: what is above the eyes, on both sides of the face."""
    import numpy as np

    x, y, largeur, hauteur = visage
    bords = [gris[: y + hauteur // 4, :x], gris[: y + hauteur // 4, x + largeur :]]
    points = np.concatenate([bord.ravel() for bord in bords])
    if points.size < gris.size * 0.01:
        return []
    # Between the tenth and the ninetieth: a lock of hair is no pattern.
    bas, median, haut = np.percentile(points, (10, 50, 90))
    if haut - bas > 2 * FOND_ECART_MAX:
        return ["photo_fond"]
    if median < FOND_CLAIR:
        return ["photo_fond_sombre"]
    return ["photo_fond_blanc"] if median > FOND_BLANC else []


def _detecter(cascade: str, gris: "Gris", voisins: int, cote_min: int) -> list[tuple[int, int, int, int]]:
    """What the cascade finds, the largest first."""
    import cv2

    dossier = os.path.join(os.path.dirname(cv2.__file__), "data")
    detecteur = cv2.CascadeClassifier(os.path.join(dossier, cascade))
    trouves = detecteur.detectMultiScale(gris, 1.1, voisins, minSize=(cote_min, cote_min))
    rectangles = [(int(x), int(y), int(largeur), int(hauteur)) for x, y, largeur, hauteur in trouves]
    return sorted(rectangles, key=lambda rectangle: -rectangle[2] * rectangle[3])


def _pente(yeux: list[tuple[int, int, int, int]]) -> float:
    (xa, ya, la, ha), (xb, yb, lb, hb) = yeux
    ecart = abs((xa + la / 2) - (xb + lb / 2))
    return abs((ya + ha / 2) - (yb + hb / 2)) / max(1.0, ecart)


def _conseil(code: str, **valeurs: int) -> Anomalie:
    return Anomalie(code=code, message=MESSAGES[code].format(**valeurs), gravite="conseil")
