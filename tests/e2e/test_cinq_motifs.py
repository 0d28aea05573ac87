"""The citizen's whole path for each motif, with real files: the play of ``make demo``, as a test."""

import pytest

from demo.parcours import VARIANTES, Journal, jouer_motif
from tests.e2e.acteurs import Usager

SUITES = {
    "perte": "en_instruction",
    "vol": "en_controle",
    "deterioration": "en_controle",
    "expiration": "en_controle",
    "changement_etat_civil": "en_controle",
}
"""Where each waits once machines have looked: an agent, or an operator for what no machine judges."""


@pytest.mark.parametrize("code", list(VARIANTES))
def test_les_huit_etapes_menent_la_ou_la_demande_est_attendue_et_aux_documents(usager: Usager, code: str) -> None:
    motif = next(m for m in usager.client.motifs("54") if m["code"] == code)
    journal = Journal(None)
    journal.acte(code)
    demande = jouer_motif(usager.client, usager.citoyen, motif, VARIANTES[code], journal)
    assert demande["statut"] == SUITES[code]
    assert demande["modifiable"] == []
    assert len(str(demande["numero"])) == 23
