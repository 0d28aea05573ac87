"""What the pages know of motifs and statuts is what the core knows."""

import json
import re

from chalicelib.demande.modeles import Motif, Statut
from chalicelib.demande.statuts import SUIVANTS
from infra.pages.contexte import referentiel


def _exports() -> dict[str, object]:
    lignes = [re.fullmatch(r"export const (\w+) = (?:new Set\()?(.+?)\)?;", un) for un in referentiel().splitlines()]
    return {trouve[1]: json.loads(trouve[2]) for trouve in lignes if trouve}


def test_every_motif_and_every_statut_has_its_words() -> None:
    exports = _exports()
    assert list(exports) == ["MOTIFS", "MOTIFS_COURTS", "STATUTS", "QUI_TRAITE", "FINALS", "RETIRABLES"]
    for nom in ("MOTIFS", "MOTIFS_COURTS"):
        mots = exports[nom]
        assert isinstance(mots, dict) and set(mots) == set(Motif) and all(mots.values())
    statuts = exports["STATUTS"]
    assert isinstance(statuts, dict) and set(statuts) == set(Statut) and all(statuts.values())


def test_what_ends_and_what_may_be_withdrawn_follow_the_table() -> None:
    exports = _exports()
    assert exports["FINALS"] == ["distribuee", "refusee", "classee_sans_suite", "retiree"]
    assert exports["RETIRABLES"] == [statut for statut in Statut if Statut.RETIREE in SUIVANTS[statut]]


def test_who_treats_a_statut_has_the_worklist_where_it_waits() -> None:
    assert _exports()["QUI_TRAITE"] == {
        "en_controle": ["ctn"],
        "en_instruction": ["agent", "chef"],
        "non_distribuee": ["agent", "chef"],
    }
