"""What the agents' page offers to ask again is what the rules of a suspension take: no more, no less."""

import pytest

from chalicelib.demande.erreurs import SaisieInvalide
from chalicelib.demande.modeles import Element
from chalicelib.demande.motifs import TYPES_PIECES
from chalicelib.demande.motifs_decision import LIBELLES_SUSPENSION
from chalicelib.demande.suspension import MODELES, PHOTO, viser
from infra.pages.designation import CIBLES, MOTIFS_SUSPENSION
from tests.agents import en_cours
from tests.dossiers import pieces_de

DEMANDE = en_cours()
PIECES = pieces_de(DEMANDE)
DEPOSEES = {piece.type for piece in PIECES}
OFFERTES = {
    **{cible: "photo" if partie == PHOTO else "champ" for partie, cibles in CIBLES.items() for cible, _ in cibles},
    **{piece.piece_id: "piece" for piece in PIECES},
    **{type_: "manquante" for type_ in TYPES_PIECES if type_ not in DEPOSEES},
}


def acceptes(cible: str) -> set[str]:
    """The motifs that the rules take for ``cible``."""
    pris = set()
    for motif in LIBELLES_SUSPENSION:
        try:
            viser(DEMANDE, PIECES, [Element(cible=cible, motif=motif)])
        except SaisieInvalide:
            continue
        pris.add(motif)
    return pris


@pytest.mark.parametrize("cible", OFFERTES)
def test_les_motifs_offerts_sont_ceux_que_l_on_accepte(cible: str) -> None:
    assert {code for code, _ in MOTIFS_SUSPENSION[OFFERTES[cible]]} == acceptes(cible)


def test_tout_champ_que_l_on_accepte_est_offert() -> None:
    champs = {f"{partie}.{champ}" for partie, modele in MODELES.items() for champ in modele.model_fields}
    formulaire = champs | MODELES.keys()
    assert {cible for cible in formulaire if acceptes(cible)} == OFFERTES.keys() & formulaire


def test_chaque_cible_a_ses_propres_mots() -> None:
    mots = [mot for cibles in CIBLES.values() for _, mot in cibles]
    assert len(set(mots)) == len(mots)
