"""Read the image of an identity photo: made anew by us, and advice on it (demande/image_photo.py has the words).

OpenCV's cascades find the face and the eyes; they come with the library, nothing is downloaded. They see the face from
the brow to the chin: the head's height, from the chin to the crown, is worked out from there, so its bounds are wide.
"""

import functools
from base64 import b64decode
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field

from chalicelib.demande.image_photo import CONSEILS
from chalicelib.documents.isolement import LimiteAtteinte, executer

if TYPE_CHECKING:
    import cv2
    from cv2.typing import MatLike

    Rectangle = tuple[int, int, int, int]

SECONDES = 6  # an ordinary photo takes a fifth of a second
MEMOIRE = 256 * 1024**2
IMAGE_MAX = 1_000_000
"""Characters of base64: 413 × 531 points without loss, or 827 × 1063 (600 per inch) in the best JPEG."""
BLANCS = str.maketrans("", "", " \t\r\n")
SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")

COTE_MAX = 1200  # points of what we keep: 45 mm at 600 per inch
QUALITE = 92

LARGEUR_MM, HAUTEUR_MM = 35, 45
RAPPORT_TOLERE = 0.04
HAUTEUR_MIN = 531  # points: 45 mm at 300 per inch
TETE_MM = (32, 36)
MARGE_MM = 5  # what the estimate of the head may be wrong by
TETE_PAR_VISAGE = 1.45  # the head, chin to crown, against the square that the cascade finds: 1.24 to 1.72 on portraits
PENCHE_MAX = 0.14  # slope of the line of the eyes: 8 degrees
CENTRE_MAX = 0.12  # of the width: how far from the middle the face may be
FOND_ECART_MAX = 18  # of 255: spread of the greys of a plain background
FOND_CLAIR, FOND_BLANC = 140, 248
NETTETE_MIN = 25  # variance of the Laplacian of the face, brought to 200 points
VISAGE = 200
MESURE = 600  # points of height at which all is measured

CASCADE_VISAGE, CASCADE_YEUX = "haarcascade_frontalface_default.xml", "haarcascade_eye.xml"


@dataclass(frozen=True)
class PhotoLue:
    """``jpeg`` is the image as we made it: upright, without metadata; ``empreinte`` the digest of what was received."""

    jpeg: bytes
    empreinte: str
    largeur: int
    hauteur: int
    conseils: list[str]


class _Constat(BaseModel):
    """What the child process says of the image."""

    largeur: int = Field(ge=1)
    hauteur: int = Field(ge=1)
    conseils: list[str]


def lire_photo(image: str) -> PhotoLue | None:
    """What ``image``, the base64 of a JPEG or a PNG, holds; None when nothing can be read of it, or of more.

    Many encoders cut base64 in lines (RFC 2045): blanks count for nothing.
    Never raises for what is in the image; takes at most 6 s and 256 MB (in a child process of its own).
    """
    texte = image.translate(BLANCS)
    try:
        octets = b64decode(texte, validate=True) if len(texte) <= IMAGE_MAX else b""
    except ValueError:
        return None
    if not octets.startswith(SIGNATURES):
        return None
    # Loaded here, so that the child need not; OpenCV's own threads would not outlive the fork.
    import cv2

    cv2.setNumThreads(0)
    for cascade in (CASCADE_VISAGE, CASCADE_YEUX):
        _detecteur(cascade)

    def lecture() -> tuple[dict[str, Any], list[bytes]]:
        couleur = _decoder(octets)
        if couleur is None:
            return {}, []
        hauteur, largeur = couleur.shape[:2]
        constat = _Constat(largeur=largeur, hauteur=hauteur, conseils=conseiller(couleur))
        return constat.model_dump(), [_refaire(couleur)]

    try:
        return comprendre(octets, *executer(lecture, SECONDES, MEMOIRE))
    except LimiteAtteinte:
        return None


def comprendre(octets: bytes, valeur: dict[str, Any], blobs: list[bytes]) -> PhotoLue | None:
    """What the child process answered about ``octets``, which is not to be believed more than they are."""
    try:
        (jpeg,) = blobs
        constat = _Constat.model_validate(valeur)
    except ValueError:
        return None
    connus = [code for code in constat.conseils if code in CONSEILS]
    return PhotoLue(jpeg, sha256(octets).hexdigest(), constat.largeur, constat.hauteur, connus)


def _decoder(octets: bytes) -> "MatLike | None":
    """The image in colour, upright: IMREAD_COLOR follows the orientation that EXIF tells."""
    import cv2
    import numpy as np

    try:
        return cv2.imdecode(np.frombuffer(octets, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        return None


def _refaire(couleur: "MatLike") -> bytes:
    import cv2

    echelle = COTE_MAX / max(couleur.shape[:2])
    if echelle < 1:
        hauteur, largeur = (max(1, round(cote * echelle)) for cote in couleur.shape[:2])
        couleur = cv2.resize(couleur, (largeur, hauteur), interpolation=cv2.INTER_AREA)
    _, jpeg = cv2.imencode(".jpg", couleur, [cv2.IMWRITE_JPEG_QUALITY, QUALITE])
    return jpeg.tobytes()


def conseiller(couleur: "MatLike") -> list[str]:
    """The codes of the advice on an image, upright and in colour; empty when nothing strikes the machine."""
    import cv2

    hauteur, largeur = couleur.shape[:2]
    conseils: list[str] = []
    if abs(largeur / hauteur / (LARGEUR_MM / HAUTEUR_MM) - 1) > RAPPORT_TOLERE:
        conseils.append("photo_rapport")
    if hauteur < HAUTEUR_MIN:
        conseils.append("photo_petite")
    mesuree = (min(2 * MESURE, max(1, round(largeur * MESURE / hauteur))), MESURE)
    gris = cv2.cvtColor(cv2.resize(couleur, mesuree), cv2.COLOR_BGR2GRAY)
    visages = _detecter(CASCADE_VISAGE, gris, 6, 120)
    if not visages:
        return [*conseils, "photo_sans_visage"]
    return conseils + _du_visage(gris, visages) + _du_fond(gris, visages[0])


def _du_visage(gris: "MatLike", visages: "list[Rectangle]") -> list[str]:
    import cv2

    x, y, largeur, hauteur = visages[0]
    visage = cv2.resize(gris[y : y + hauteur, x : x + largeur], (VISAGE, VISAGE), interpolation=cv2.INTER_AREA)
    tete_mm = hauteur * TETE_PAR_VISAGE * HAUTEUR_MM / gris.shape[0]
    yeux = [oeil for oeil in _detecter(CASCADE_YEUX, visage, 5, 24) if oeil[1] + oeil[3] / 2 < VISAGE * 0.55]
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


def _du_fond(gris: "MatLike", visage: "Rectangle") -> list[str]:
    """The background: the upper corners, and the edges down to the eyes; hair may come near them."""
    import numpy as np

    hauteur, largeur = gris.shape[:2]
    coin, bord, haut_coin, yeux = largeur // 4, largeur // 16, hauteur // 5, visage[1] + visage[3] // 3
    zones = [
        gris[:haut_coin, :coin],
        gris[:haut_coin, -coin:],
        gris[haut_coin:yeux, :bord],
        gris[haut_coin:yeux, -bord:],
    ]
    points = np.concatenate([zone.ravel() for zone in zones])
    # Between the tenth and the ninetieth: a lock of hair is no pattern.
    bas, median, haut = np.percentile(points, (10, 50, 90))
    if haut - bas > 2 * FOND_ECART_MAX:
        return ["photo_fond"]
    if median < FOND_CLAIR:
        return ["photo_fond_sombre"]
    return ["photo_fond_blanc"] if median > FOND_BLANC else []


@functools.cache
def _detecteur(cascade: str) -> "cv2.CascadeClassifier":
    import cv2
    import cv2.data

    return cv2.CascadeClassifier(cv2.data.haarcascades + cascade)


def _detecter(cascade: str, gris: "MatLike", voisins: int, cote_min: int) -> "list[Rectangle]":
    """What the cascade finds, the largest first."""
    trouves = _detecteur(cascade).detectMultiScale(gris, 1.1, voisins, minSize=(cote_min, cote_min))
    rectangles = [(int(x), int(y), int(largeur), int(hauteur)) for x, y, largeur, hauteur in trouves]
    return sorted(rectangles, key=lambda rectangle: -rectangle[2] * rectangle[3])


def _pente(yeux: "list[Rectangle]") -> float:
    (xa, ya, la, ha), (xb, yb, lb, hb) = yeux
    ecart = abs((xa + la / 2) - (xb + lb / 2))
    return abs((ya + ha / 2) - (yb + hb / 2)) / max(1.0, ecart)
