"""What a whole file says of itself: one bill, one holder. Two that contradict each other are for a person."""

from datetime import date
from io import BytesIO

import pytest
from PIL import Image

from chalicelib.demande.domicile import Signature
from chalicelib.demande.lectures import code_de
from chalicelib.documents.inspection import inspecter
from chalicelib.documents.lecture import lire
from demo import facturier
from demo.fichiers import carte_identite
from tests import codes
from tests.dossiers import piece
from tests.specimens_mrz import carte_a_plat

JOUR = date(2026, 11, 25)
SIGNE = facturier.code(facturier.Client(), JOUR)
AILLEURS = facturier.code(facturier.Client(voie="9 RUE DES LILAS"), JOUR)
FAUX = SIGNE.replace("3 BIS RUE", "4 BIS RUE")


def pdf(*pages: Image.Image) -> bytes:
    return codes.octets(pages[0], "PDF", resolution=200, save_all=True, append_images=list(pages[1:]))


@pytest.mark.parametrize(
    ("textes", "signature", "contredit"),
    [
        ((SIGNE, SIGNE), Signature.VERIFIEE, False),
        ((SIGNE, AILLEURS), Signature.VERIFIEE, True),
        ((SIGNE, FAUX), Signature.FAUSSE, True),
        ((FAUX, SIGNE), Signature.FAUSSE, True),
    ],
)
def test_une_facture_a_deux_codes_dit_le_pire(textes: tuple[str, str], signature: Signature, contredit: bool) -> None:
    octets = pdf(*(codes.page(texte) for texte in textes))
    inspection = inspecter(octets, "domicile", 5)
    lue = lire("domicile", octets, "application/pdf", inspection.rendu, facturier.certificat(), JOUR)
    code = code_de(piece("domicile", code=lue.code))
    assert code is not None
    assert (code.signature, code.contredit) == (signature, contredit)


def test_un_fichier_qui_montre_deux_personnes_ne_se_lit_pas() -> None:
    sienne = Image.open(BytesIO(carte_identite())).convert("RGB")
    autre = Image.new("RGB", (2480, 1754), "white")
    autre.paste(carte_a_plat(7, "cni")[0].convert("RGB").resize((1240, 868)), (400, 400))
    pages_blanches = inspecter(pdf(Image.new("RGB", (800, 600), "white"), sienne), "identite", 2).rendu[:1]
    seules = [inspecter(pdf(image), "identite", 2).rendu for image in (sienne, autre)]
    zones = [lire("identite", b"", "", rendu, "", JOUR).mrz for rendu in seules]
    assert all(zones) and zones[0] != zones[1]
    ensemble = lire("identite", b"", "", [*seules[0], *seules[1]], "", JOUR).mrz
    assert sorted(ensemble) == sorted([*zones[0], *zones[1]])
    encore = lire("identite", b"", "", [*seules[0], *pages_blanches, *seules[0]], "", JOUR)
    assert (encore.mrz, encore.formats_mrz) == (zones[0], ["cni", "", "cni"])
