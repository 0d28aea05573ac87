"""An attestation says how the rights were established, as the journal does."""

from datetime import timedelta

import pypdfium2
import pytest

from chalicelib.demande.attestations import Attestation
from chalicelib.documents.attestation import rendre
from tests.appel import preparer_environnement
from tests.dossiers import MAINTENANT, prete
from tests.fakes.cachet import FakeCachet


@pytest.mark.parametrize(
    ("autrement", "dit", "tu"),
    [
        (None, "vérifiés dans le système national", "au vu d’autres documents"),
        (True, "établis par le service nommé ci-dessus, au vu d’autres documents", "système national"),
    ],
)
def test_rights_that_the_national_system_does_not_know_are_not_said_verified_in_it(
    autrement: bool | None, dit: str, tu: str
) -> None:
    preparer_environnement()
    demande = prete(numero="1" * 23, statut="validee", droits_etablis_autrement=autrement)
    attestation = Attestation(MAINTENANT, MAINTENANT + timedelta(days=60))
    pdf = rendre("attestation_droits", demande, attestation, "Préfecture de Paris", FakeCachet(), MAINTENANT.date())
    texte = " ".join(pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range().split())
    assert dit in texte
    assert tu not in texte
