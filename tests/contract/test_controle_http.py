"""The control of a CTN operator over its route: one verdict for a pièce, which he may correct."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.demande.modeles import Motif, Statut, StatutPiece
from chalicelib.http import Identite
from tests.agents import CTN, deposer, habiliter
from tests.appel import Resultat, appeler
from tests.compteur import compter_appels
from tests.contract.tables import aws_simule
from tests.dossiers import DEMANDE_ID, pieces_de, prete
from tests.ports import exterieur_simule

CONTROLE = "/instruction/demandes/{id}/controle"
ACTE = next(
    p.piece_id
    for p in pieces_de(prete(motif=Motif.CHANGEMENT_ETAT_CIVIL, paiement=None))
    if p.type == "justificatif_etat_civil"
)


@pytest.fixture(autouse=True)
def _aws() -> Iterator[None]:
    with aws_simule(), exterieur_simule():
        habiliter()
        deposer(
            Statut.EN_CONTROLE,
            motif=Motif.CHANGEMENT_ETAT_CIVIL,
            photo_recue_le="2026-11-24T10:00:00.000Z",
            paiement=None,
        )
        yield


def verdict(statut: str, motif: str | None = None) -> dict[str, Any]:
    return {"piece_id": ACTE, "statut": statut, **({"motif": motif} if motif else {})}


def juger(*verdicts: dict[str, Any], qui: Identite = CTN) -> Resultat:
    return appeler("POST", CONTROLE, {"id": DEMANDE_ID}, {"pieces": list(verdicts)}, qui)


def acte() -> tuple[StatutPiece, str | None]:
    une = next(p for p in wiring.demandes().lire_avec_pieces(DEMANDE_ID)[1] if p.piece_id == ACTE)
    return une.statut, une.motif_refus


def test_une_piece_jugee_deux_fois_a_la_fois_est_refusee_sans_appel() -> None:
    with compter_appels() as appels:
        refus = juger(verdict("refusee", "illisible"), verdict("acceptee"))
    assert (refus.statut, appels) == (422, [])
    (erreur,) = refus.corps["erreurs"]
    assert (erreur["champ"], erreur["message"]) == (
        "pieces",
        "Une même pièce ne peut pas être jugée deux fois à la fois.",
    )
    assert acte() == (StatutPiece.VALIDE, None)


def test_le_motif_d_une_piece_refusee_se_corrige() -> None:
    assert juger(verdict("refusee", "illisible")).corps["statut"] == "en_controle"
    assert juger(verdict("refusee", "illisible")).statut == 409, "the same again changes nothing"
    assert acte() == (StatutPiece.REFUSEE, "illisible")
    assert juger(verdict("refusee", "incomplete")).corps["statut"] == "en_controle"
    assert acte() == (StatutPiece.REFUSEE, "incomplete")
    assert [entree.evenement for entree in wiring.demandes().journal(DEMANDE_ID)] == ["PiecesControlees"] * 2


def test_le_motif_s_en_va_quand_la_piece_est_acceptee_apres_tout() -> None:
    juger(verdict("refusee", "illisible"))
    assert juger(verdict("acceptee")).corps["statut"] == "en_instruction"
    assert acte() == (StatutPiece.ACCEPTEE, None)
