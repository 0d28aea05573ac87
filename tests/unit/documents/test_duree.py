"""How long the control of an ordinary pièce takes, with everything on; printed, for a machine is not another."""

import statistics
import time

import pytest

from chalicelib.demande.modeles import StatutPiece
from chalicelib.pieces.controler import controler
from tests import specimens
from tests.dossiers import brouillon, piece
from tests.fakes.demandes import FakeDemandes, FakeFichiers
from tests.fakes.exterieur import FakeAntiVirus

SECONDES_MAX = 2.0
ORDINAIRES = {
    "PDF de 3 pages": specimens.facture,
    "JPEG de 8 mégapixels": specimens.carte_identite,
    "TIFF de 2 pages": specimens.acte_naissance,
}


@pytest.mark.parametrize("nom", ORDINAIRES)
def test_an_ordinary_piece_is_controlled_within_two_seconds(nom: str, capfd: pytest.CaptureFixture[str]) -> None:
    octets = ORDINAIRES[nom]()
    durees = []
    for _ in range(6):
        demandes, fichiers, attendue = FakeDemandes(), FakeFichiers(), piece("domicile", 1, StatutPiece.ATTENDUE, 0)
        demandes.creer(brouillon())
        demandes.ajouter_piece(attendue)
        fichiers.quarantaine[attendue.piece_id] = octets
        debut = time.monotonic()
        jugee = controler(demandes, fichiers, FakeAntiVirus(), brouillon(), attendue, 5)
        durees.append(time.monotonic() - debut)
        assert (jugee.statut, jugee.anomalies) == (StatutPiece.VALIDE, [])
    mediane = statistics.median(durees[1:])
    with capfd.disabled():
        print(f"\nContrôle, {nom} : {durees[0] * 1000:.0f} ms puis {mediane * 1000:.0f} ms")
    assert mediane <= SECONDES_MAX
