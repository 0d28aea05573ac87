"""Read the machine readable zone in the image of a page: a card or passport photographed, tilted, upside down.

Pillow and numpy only (why: docs/decisions/mrz.md). Dark spots of the size of characters are found, those that stand
on one line at a regular step are kept, each character is brought back to the same small square, and a little network
trained on OCR-B (infra/apprendre_ocrb.py) gives a probability to each of the 37 characters. Nothing is accepted unless
the lines have the shape of a known format and all its keys are right.
"""

import math
from dataclasses import dataclass
from datetime import date
from functools import cache
from io import BytesIO
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalicelib.demande import mrz

if TYPE_CHECKING:
    from PIL.Image import Image

COTE_MAX = 2400  # beyond, a page is shrunk: a character of a card that fills it then has 50 pixels
HAUTEURS = (7, 110)  # of a character, in pixels
TACHES_MAX = 6000
CHAINES_MAX = 200  # of neighbours, the longest ones: those of a zone have some thirty characters
LONGUEURS = (30, 36, 44)
CASE = (28, 24)  # rows and columns of a character brought back: 20 columns are the step from one to the next
PAS = 20
RIEN = len(mrz.ALPHABET)  # the class of what is no character
# Drawn alike in OCR-B, told apart by the format where it can.
JUMEAUX = (("0", "O"), ("1", "I"), ("2", "Z"), ("5", "S"), ("6", "G"), ("8", "B"))
SUPPORT_MIN = 0.02  # probability that what is seen is one of the characters allowed there
CONFIANCE_MIN = 0.9  # of each character that no key covers
# Sums of -log of the chosen characters' probabilities: about how many errors are to be expected.
DOUTE_SANS_CLE_MAX = 0.2
DOUTE_MAX = 2.0
CORRECTIONS_MAX = 2
CANDIDATS_MAX = 14
COUT_MAX = 3.0  # -log of how much likelier the characters that the keys refuse were
CERTITUDE_MIN = 0.97  # of the best text among those whose keys are right
RESEAU = Path(__file__).parent / "ocrb.npz"

Matrice = Any  # numpy arrays: numpy is loaded by the functions that need it


@dataclass(frozen=True)
class _Ligne:
    """Characters on one line: ``x`` and ``y`` are polynomials of the rank of a character (highest power first),
    ranks run from 0 to ``n`` - 1 and may hold more or fewer characters than the zone; ``hauteur`` of a capital."""

    x: Matrice
    y: Matrice
    n: int
    hauteur: float

    def centre(self, rang: float) -> tuple[float, float]:
        import numpy as np

        return float(np.polyval(self.x, rang)), float(np.polyval(self.y, rang))

    def pas(self) -> float:
        (x0, y0), (x1, y1) = self.centre(0), self.centre(self.n - 1)
        return math.hypot(x1 - x0, y1 - y0) / (self.n - 1)


def lire_mrz(page: bytes, aujourdhui: date) -> list[mrz.Mrz]:
    """The zones found in the JPEG or PNG ``page``, whole and their keys right, each once; what cannot be read with
    certainty is not there.

    ``page`` is an image that we made (documents.images): what people send must be inspected first.
    """
    image = _charger(page)
    taches = _taches(image)
    trouvees: dict[mrz.Mrz, None] = {}
    for quart in (0, 1):
        lignes = _lignes(_tourner(taches, quart, image.size))
        vues = _voir(image, lignes, quart)
        for bloc in _blocs(lignes):
            for sens in (0, 1):
                lue = _lire_bloc([vues[id(ligne)][sens] for ligne in (bloc, bloc[::-1])[sens]], aujourdhui)
                if lue is not None:
                    trouvees[lue] = None
    return list(trouvees)


def _voir(image: "Image", lignes: list[_Ligne], quart: int) -> dict[int, tuple[Matrice, Matrice]]:
    """Probabilities of the characters of each line (by its id), upright and upside down, some more at both ends."""
    import numpy as np
    from PIL import Image

    if not lignes:
        return {}
    tournee = image.transpose(Image.Transpose.ROTATE_90) if quart else image
    plans: dict[int, Matrice] = {}
    vues = {}
    for ligne in lignes:
        echelle = max(1, int(ligne.pas() / PAS))
        if echelle not in plans:
            plans[echelle] = np.asarray(tournee.reduce(echelle), np.float32)
        marge = min(12, max(2, LONGUEURS[-1] + 2 - ligne.n))
        rangs = np.arange(-marge, ligne.n + marge)
        carres = cases(plans[echelle], ligne, rangs, echelle)
        vues[id(ligne)] = (_probabilites(carres), _probabilites(carres[::-1, ::-1, ::-1]))
    return vues


def _lire_bloc(vues: list[Matrice], aujourdhui: date) -> mrz.Mrz | None:
    """The zone that these lines hold; None when there is none."""
    for format_ in mrz.FORMATS:
        if format_.lignes != len(vues):
            continue
        probabilites = _caler(vues, format_)
        if probabilites is None:
            continue
        texte = dechiffrer(format_, probabilites)
        if texte is None:
            continue
        n = format_.longueur
        lue = mrz.lire(tuple(texte[i : i + n] for i in range(0, len(texte), n)), aujourdhui)
        if lue is not None and lue.cles_justes and mrz.vraisemblable(lue):
            return lue
    return None


def _caler(vues: list[Matrice], format_: mrz.Format) -> Matrice | None:
    """Probabilities of the characters of the zone, one row each: where each line begins is what fits the format best.

    None when a line is too short, or looks unlike the format wherever it begins.
    """
    import numpy as np

    choisies = []
    for rang, p in enumerate(vues):
        forme = format_.forme[rang * format_.longueur : (rang + 1) * format_.longueur]
        n, total = format_.longueur, len(p)
        if total < n:
            return None
        rien = np.maximum(np.log(p[:, RIEN] + 1e-6), -3)
        # Summed along diagonals: character k of the form at rank start + k.
        accord = np.stack([np.log(_reporter(p, classe)[:, _indices(classe)].max(axis=1) + 1e-6) for classe in forme])
        accord = np.maximum(accord, -5)
        scores = [
            accord[np.arange(n), debut + np.arange(n)].sum() + rien[:debut].sum() + rien[debut + n :].sum()
            for debut in range(total - n + 1)
        ]
        debut = int(np.argmax(scores))
        if accord[np.arange(n), debut + np.arange(n)].mean() < -0.5:
            return None
        choisies.append(p[debut : debut + n])
    return np.concatenate(choisies)


def dechiffrer(format_: mrz.Format, probabilites: Matrice) -> str | None:
    """The text with right keys that these probabilities tell.

    The likeliest character of those that the format allows is taken at each place; at most CORRECTIONS_MAX of those
    under a key may give way to the next candidate. Of all the texts so obtained whose keys are right, one must be far
    likelier than the others together. None otherwise, and when too much is doubtful for keys modulo 10 to settle it: a
    text with a wrong key is never answered.
    """
    import numpy as np

    couvertes = {i for position, plages in format_.cles for d, f in plages for i in (position, *range(d, f))}
    texte, confiance = "", 1.0
    doutes = {True: 0.0, False: 0.0}
    autres: list[tuple[float, int, str]] = []
    for i, classe in enumerate(format_.forme):
        indices = _indices(classe)
        permis = _reporter(probabilites[i : i + 1], classe)[0, indices]
        if permis.sum() < SUPPORT_MIN:
            return None
        permis = permis / permis.sum()
        ordre = np.argsort(-permis)
        sure = float(permis[ordre[0]])
        texte += mrz.ALPHABET[indices[ordre[0]]]
        doutes[i in couvertes] -= math.log(sure)
        if i not in couvertes:
            confiance = min(confiance, sure)
            continue
        for j in ordre[1:3]:
            cout = math.log(sure / max(float(permis[j]), 1e-9))
            if cout < COUT_MAX:
                autres.append((cout, i, mrz.ALPHABET[indices[j]]))
    if confiance < CONFIANCE_MIN or doutes[True] > DOUTE_MAX or doutes[False] > DOUTE_SANS_CLE_MAX:
        return None
    autres = sorted(autres)[:CANDIDATS_MAX]
    justes = []
    for nombre in range(CORRECTIONS_MAX + 1):
        for ensemble in combinations(autres, nombre):
            remplaces = {i: c for _, i, c in ensemble}
            essai = "".join(remplaces.get(i, c) for i, c in enumerate(texte))
            if len(remplaces) == nombre and mrz.cles_justes(format_, essai):
                justes.append((sum(cout for cout, _, _ in ensemble), essai))
    if not justes:
        return None
    cout, retenu = min(justes)
    certitude = math.exp(-cout) / sum(math.exp(-autre) for autre, _ in justes)
    if cout > COUT_MAX or certitude < CERTITUDE_MIN:
        return None
    return retenu


@cache
def _indices(classe: str) -> list[int]:
    return [mrz.ALPHABET.index(c) for c in mrz.CLASSES[classe]]


def _reporter(p: Matrice, classe: str) -> Matrice:
    """What was seen as the twin of an allowed character (O and 0…) counts for it where the twin is not allowed."""
    permis, p = mrz.CLASSES[classe], p.copy()
    for un, autre in JUMEAUX:
        for c, jumeau in ((un, autre), (autre, un)):
            if c in permis and jumeau not in permis:
                p[:, mrz.ALPHABET.index(c)] += p[:, mrz.ALPHABET.index(jumeau)]
    return p


def _charger(page: bytes) -> "Image":
    from PIL import Image, ImageOps

    image = Image.open(BytesIO(page), formats=("JPEG", "PNG"))
    image.draft("L", (COTE_MAX, COTE_MAX))
    droite = ImageOps.exif_transpose(image).convert("L")
    if max(droite.size) > COTE_MAX:
        droite.thumbnail((COTE_MAX, COTE_MAX), Image.Resampling.BOX)
    return droite


def _taches(image: "Image") -> Matrice:
    """Boxes (left, top, right, bottom) of the dark spots that may be characters."""
    import numpy as np
    from PIL import ImageFilter

    net = np.asarray(image.filter(ImageFilter.GaussianBlur(0.7)), np.int16)
    fond = np.asarray(image.filter(ImageFilter.BoxBlur(25)), np.int16)
    encre = (fond - net) * 8 > np.maximum(fond, 80)
    boites = _composantes(encre)
    haut = boites[:, 3] - boites[:, 1]
    large = boites[:, 2] - boites[:, 0]
    plus_grand = np.maximum(haut, large)
    garde = (plus_grand >= HAUTEURS[0]) & (plus_grand <= HAUTEURS[1]) & (np.minimum(haut, large) * 6 >= plus_grand)
    boites = boites[garde]
    if len(boites) > TACHES_MAX:  # a page of print: the largest ones, in no case all of them two by two
        boites = boites[np.argsort(-plus_grand[garde], kind="stable")[:TACHES_MAX]]
    return boites


def _composantes(encre: Matrice) -> Matrice:
    """Bounding boxes of the connected parts of a boolean image: runs of each row, then union of those that touch."""
    import numpy as np

    hauteur, largeur = encre.shape
    bord = np.zeros((hauteur, largeur + 2), np.int8)
    bord[:, 1:-1] = encre
    saut = np.diff(bord.ravel())
    debuts, fins = np.flatnonzero(saut == 1), np.flatnonzero(saut == -1)  # of each run, fins excluded
    n = len(debuts)
    if n == 0:
        return np.zeros((0, 4), np.int32)
    pas = largeur + 2
    # Runs of the row above that touch run i (corners included) are those of ranks premier[i] to dernier[i] - 1.
    premier = np.searchsorted(fins, debuts - pas, side="left")
    dernier = np.searchsorted(debuts, fins - pas, side="right")
    nombre = np.maximum(dernier - premier, 0)
    a = np.repeat(np.arange(n), nombre)
    b = np.arange(len(a)) - np.repeat(np.cumsum(nombre) - nombre, nombre) + np.repeat(premier, nombre)
    label = np.arange(n)
    while len(a):
        la, lb = label[a], label[b]
        differents = la != lb
        a, b, la, lb = a[differents], b[differents], la[differents], lb[differents]
        np.minimum.at(label, np.maximum(la, lb), np.minimum(la, lb))
        while True:
            suivant = label[label]
            if np.array_equal(suivant, label):
                break
            label = suivant
    rangs = debuts // pas
    _, inverse = np.unique(label, return_inverse=True)
    m = int(inverse.max()) + 1
    boites = np.empty((m, 4), np.int32)
    boites[:, :2] = 1 << 30
    boites[:, 2:] = 0
    np.minimum.at(boites[:, 0], inverse, debuts - rangs * pas)
    np.minimum.at(boites[:, 1], inverse, rangs)
    np.maximum.at(boites[:, 2], inverse, fins - rangs * pas)
    np.maximum.at(boites[:, 3], inverse, rangs + 1)
    return boites


def _tourner(boites: Matrice, quart: int, taille: tuple[int, int]) -> Matrice:
    """The same boxes once the page is turned by ``quart`` (0 or 1) quarter turns counter-clockwise."""
    import numpy as np

    if quart == 0:
        return boites
    return np.stack([boites[:, 1], taille[0] - boites[:, 2], boites[:, 3], taille[0] - boites[:, 0]], axis=1)


def _lignes(boites: Matrice) -> list[_Ligne]:
    """The lines of at least 16 spots of like heights, at a regular step, within some 15° of the horizontal."""
    import numpy as np

    haut = (boites[:, 3] - boites[:, 1]).astype(np.float32)
    large = (boites[:, 2] - boites[:, 0]).astype(np.float32)
    garde = (large <= 1.4 * haut) & (haut <= 5 * large)
    boites, haut = boites[garde], haut[garde]
    if len(boites) < 16:
        return []
    ordre = np.argsort(boites[:, 0] + boites[:, 2], kind="stable")
    boites, haut = boites[ordre], haut[ordre]
    cx = (boites[:, 0] + boites[:, 2]).astype(np.float32) / 2
    cy = (boites[:, 1] + boites[:, 3]).astype(np.float32) / 2
    droite = _voisins(cx, cy, haut)
    chaines = _chaines(droite)
    pris = np.zeros(len(cx), bool)
    lignes = []
    for chaine in chaines[:CHAINES_MAX]:
        if pris[chaine].mean() > 0.5:
            continue
        trouvee = _ajuster(cx, cy, haut, chaine)
        if trouvee is not None:
            ligne, membres = trouvee
            pris[membres] = True
            lignes.append(ligne)
    return lignes


def _voisins(cx: Matrice, cy: Matrice, haut: Matrice) -> Matrice:
    """For each spot (sorted by ``cx``), the nearest one on its right at the distance of a next character, or -1."""
    import numpy as np

    n = len(cx)
    droite = np.full(n, -1)
    for debut in range(0, n, 256):
        fin = min(n, debut + 256)
        i = slice(debut, fin)
        limite = np.searchsorted(cx, cx[fin - 1] + 2.2 * HAUTEURS[1], side="right")
        dx = cx[None, debut:limite] - cx[i, None]
        dy = np.abs(cy[None, debut:limite] - cy[i, None])
        h = haut[i, None]
        rapport = haut[None, debut:limite] / h
        bon = (dx > 0.35 * h) & (dx < 2.2 * h) & (dy < 0.3 * dx + 0.12 * h) & (rapport > 0.55) & (rapport < 1.8)
        distance = np.where(bon, dx + dy, np.inf)
        choisi = distance.argmin(axis=1)
        droite[i] = np.where(np.isfinite(distance[np.arange(fin - debut), choisi]), choisi + debut, -1)
    return droite


def _chaines(droite: Matrice) -> list[list[int]]:
    """Chains of neighbours, the longest first; each spot is in one chain only."""
    suivants = [int(j) for j in droite]
    entrants = {j for j in suivants if j >= 0}
    vus: set[int] = set()
    chaines = []
    for depart in range(len(suivants)):
        if depart in entrants:
            continue
        chaine, i = [], depart
        while i >= 0 and i not in vus:
            vus.add(i)
            chaine.append(i)
            i = suivants[i]
        if len(chaine) >= 5:
            chaines.append(chaine)
    return sorted(chaines, key=len, reverse=True)


def _ajuster(cx: Matrice, cy: Matrice, haut: Matrice, chaine: list[int]) -> tuple[_Ligne, Matrice] | None:
    """The line that a chain of spots begins, and its spots; None when they are not at a regular step."""
    import numpy as np

    membres = np.array(chaine)
    for _ in range(3):
        pente, origine = np.polyfit(cx[membres], cy[membres], 1)
        if abs(pente) > 0.27:
            return None
        h = float(np.median(haut[membres]))
        ecart = np.abs(cy - (pente * cx + origine)) / math.hypot(1, pente)
        debut, fin = cx[membres].min(), cx[membres].max()
        portee = max(6 * h, (fin - debut) * 0.8)
        proche = (cx > debut - portee) & (cx < fin + portee)
        membres = np.flatnonzero(proche & (ecart < 0.3 * h) & (haut > 0.55 * h) & (haut < 1.5 * h))
        if len(membres) < 8:
            return None
    t = cx[membres] * math.hypot(1, pente)
    sauts = np.diff(t)
    grands = sauts[sauts > 0.4 * h]
    if len(membres) < 16 or len(grands) < 12:
        return None
    pas = float(np.median(grands))
    rangs = np.zeros(len(t))
    for i, saut in enumerate(sauts):
        entier = round(float(saut) / pas)
        rangs[i + 1] = rangs[i] + entier
        if entier == 1:
            pas = 0.85 * pas + 0.15 * float(saut)
    bons = np.ones(len(t), bool)
    for tolerance in (0.45, 0.3, 0.25):
        if bons.sum() < 14:
            return None
        coefs = np.polyfit(rangs[bons], t[bons], 2 if bons.sum() > 18 else 1)
        moyen = (np.polyval(coefs, rangs[-1]) - np.polyval(coefs, 0)) / max(rangs[-1], 1)
        bons = np.abs(np.polyval(coefs, rangs) - t) < tolerance * moyen
    if bons.sum() < 14 or bons.mean() < 0.6:
        return None
    membres, rangs = membres[bons], rangs[bons]
    premier = rangs[0]
    rangs = rangs - premier
    n = int(rangs[-1]) + 1
    if not 16 <= n <= 60 or len(membres) < 0.55 * n:
        return None
    x = np.polyfit(rangs, cx[membres], 2)
    pente, origine = np.polyfit(cx[membres], cy[membres], 1)
    y = pente * x
    y[-1] += origine
    moyen = float(np.polyval(x, n - 1) - np.polyval(x, 0)) / (n - 1)
    # A tilted character has a taller box: 0.7 is how wide an ordinary one is for its height.
    hauteur = float(np.percentile(haut[membres], 85)) / (
        math.cos(math.atan(pente)) + 0.7 * abs(math.sin(math.atan(pente)))
    )
    if not 0.6 * moyen < hauteur < 1.5 * moyen:
        return None
    return _Ligne(x, y, n, hauteur), membres


def _blocs(lignes: list[_Ligne]) -> list[list[_Ligne]]:
    """Lines one under the other, from top to bottom: one, two or three that may make a zone."""
    lignes = sorted(lignes, key=lambda ligne: ligne.centre((ligne.n - 1) / 2)[1])
    blocs = [[ligne] for ligne in lignes]
    for bloc in list(blocs):
        while len(bloc) < 3:
            suite = next((ligne for ligne in lignes if _dessous(bloc[-1], ligne)), None)
            if suite is None:
                break
            bloc = [*bloc, suite]
            blocs.append(bloc)
    return blocs


def _dessous(haute: _Ligne, basse: _Ligne) -> bool:
    pas = haute.pas()
    if not 0.85 < basse.pas() / pas < 1.18:
        return False
    (x0, y0), (x1, y1) = haute.centre(0), haute.centre(haute.n - 1)
    xb, yb = basse.centre((basse.n - 1) / 2)
    longueur = math.hypot(x1 - x0, y1 - y0)
    ux, uy = (x1 - x0) / longueur, (y1 - y0) / longueur
    long_de, ecart = (xb - x0) * ux + (yb - y0) * uy, (yb - y0) * ux - (xb - x0) * uy
    return 1.1 * pas < ecart < 3.2 * pas and 0 < long_de < longueur


def cases(plan: Matrice, ligne: Any, rangs: Matrice, echelle: float) -> Matrice:
    """The squares of the characters of ``rangs``, as the network sees them: 0 is the ground, 1 the ink.

    ``plan`` is the page in grey, shrunk by ``echelle``; used by the training too, so that both see the same.
    """
    import numpy as np

    dx, dy = np.polyval(np.polyder(ligne.x), rangs), np.polyval(np.polyder(ligne.y), rangs)
    norme = np.hypot(dx, dy)
    lignes, colonnes = CASE
    long_de = (np.arange(colonnes) - (colonnes - 1) / 2) / PAS
    travers = (np.arange(lignes) - (lignes - 1) / 2) / (PAS - 1) * ligne.hauteur
    x = (
        np.polyval(ligne.x, rangs)[:, None, None]
        + long_de * dx[:, None, None]
        - travers[:, None] * (dy / norme)[:, None, None]
    )
    y = (
        np.polyval(ligne.y, rangs)[:, None, None]
        + long_de * dy[:, None, None]
        + travers[:, None] * (dx / norme)[:, None, None]
    )
    vues = _echantillonner(plan, x / echelle, y / echelle)
    clair = np.percentile(vues, 85, axis=(1, 2))
    sombre = np.percentile(vues, 6, axis=(1, 2))
    fond = _glisser(clair, 2, np.median)
    encre = _glisser(sombre, 3, np.min)
    contraste = np.maximum(fond - encre, 0.5 * np.percentile(fond - encre, 60) + 1)
    return np.clip((fond[:, None, None] - vues) / contraste[:, None, None], -0.3, 1.3)


def _glisser(valeurs: Matrice, rayon: int, operation: Any) -> Matrice:
    import numpy as np

    elargies = np.pad(valeurs, rayon, mode="edge")
    return operation(np.lib.stride_tricks.sliding_window_view(elargies, 2 * rayon + 1), axis=1)


def _echantillonner(plan: Matrice, x: Matrice, y: Matrice) -> Matrice:
    """Bilinear values of ``plan`` at (x, y), its edge beyond it."""
    import numpy as np

    hauteur, largeur = plan.shape
    x, y = np.clip(x - 0.5, 0, largeur - 1.001), np.clip(y - 0.5, 0, hauteur - 1.001)
    i, j = x.astype(np.intp), y.astype(np.intp)
    fx, fy = (x - i).astype(np.float32), (y - j).astype(np.float32)
    haut = plan[j, i] * (1 - fx) + plan[j, i + 1] * fx
    bas = plan[j + 1, i] * (1 - fx) + plan[j + 1, i + 1] * fx
    return haut * (1 - fy) + bas * fy


@cache
def _reseau() -> tuple[Matrice, ...]:
    import numpy as np

    with np.load(RESEAU) as poids:
        return tuple(poids[nom].astype(np.float32) for nom in ("w1", "b1", "w2", "b2"))


def _probabilites(vues: Matrice) -> Matrice:
    """For each square, the probability of each character of ALPHABET, then of none."""
    import numpy as np

    w1, b1, w2, b2 = _reseau()
    cachee = np.maximum(vues.reshape(len(vues), -1).astype(np.float32) @ w1 + b1, 0)
    sortie = cachee @ w2 + b2
    exposant = np.exp(sortie - sortie.max(axis=1, keepdims=True))
    return exposant / exposant.sum(axis=1, keepdims=True)
