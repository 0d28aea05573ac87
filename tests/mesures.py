"""``make bench``: how long the control of an ordinary pièce takes, everything on, on one core.

A time alone says more of the machine than of the code: beside each stands its ratio to what nothing can avoid, decoding
the same file once. Ends with 1 beyond ``SECONDES_MAX`` warm.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from io import BytesIO

import pypdfium2
from PIL import Image

from chalicelib.demande.modeles import StatutPiece
from chalicelib.documents.lecture import lire
from chalicelib.pieces.controler import controler
from demo import facturier
from tests import specimens
from tests.dossiers import MAINTENANT, brouillon, piece
from tests.fakes.demandes import FakeDemandes, FakeFichiers
from tests.fakes.exterieur import FakeAntiVirus

SECONDES_MAX = 2.0
FOIS = 9
ORDINAIRES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "PDF de 3 pages, 2D-Doc": ("domicile", specimens.facture),
    "JPEG de 8 mégapixels, MRZ": ("identite", specimens.carte_identite),
    "JPEG de 8 mégapixels, sans MRZ": ("identite", partial(specimens.carte_identite, "verso")),
    "TIFF de 2 pages, sans code": ("domicile", specimens.acte_naissance),
}


def main() -> int:
    """Print a line per pièce; 1 when one is longer than it may."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    pire = 0.0
    for nom, (type_piece, construire) in ORDINAIRES.items():
        octets = construire()
        premiere, *chaudes = [_duree(partial(_controler, type_piece, octets)) for _ in range(FOIS)]
        decodage = statistics.median(_duree(partial(_decoder, octets)) for _ in range(FOIS))
        mediane = statistics.median(chaudes)
        pire = max(pire, mediane)
        print(
            f"{nom:32s} première {premiere * 1000:5.0f} ms, ensuite {mediane * 1000:5.0f} ms "
            f"({mediane / decodage:.1f} fois son seul décodage)",
            flush=True,
        )
    print(f"au plus {pire:.2f} s, pour {SECONDES_MAX:.0f} s permises")
    return int(pire > SECONDES_MAX)


def _controler(type_piece: str, octets: bytes) -> None:
    demandes, fichiers, attendue = FakeDemandes(), FakeFichiers(), piece(type_piece, 1, StatutPiece.ATTENDUE, 0)
    demandes.creer(brouillon())
    demandes.ajouter_piece(attendue)
    fichiers.quarantaine[attendue.piece_id] = octets
    lecteur = partial(lire, certificats=facturier.certificat(), jour=date.today())
    jugee = controler(demandes, fichiers, FakeAntiVirus(), lecteur, brouillon(), attendue, 5, MAINTENANT)
    if jugee.statut is not StatutPiece.VALIDE:
        raise AssertionError(jugee.anomalies)


def _decoder(octets: bytes) -> None:
    if octets.startswith(b"%PDF"):
        for page in pypdfium2.PdfDocument(octets):
            page.render(scale=2)
        return
    image = Image.open(BytesIO(octets))
    for rang in range(getattr(image, "n_frames", 1)):
        image.seek(rang)
        image.load()


def _duree(acte: Callable[[], None]) -> float:
    debut = time.perf_counter()
    acte()
    return time.perf_counter() - debut


if __name__ == "__main__":
    sys.exit(main())
