"""POST …/controle: a CTN operator judges the pièces that no machine can; the last one judged ends the control."""

from typing import Annotated, Literal, Self

from chalice import Blueprint
from pydantic import AfterValidator, Field, StringConstraints, model_validator

from chalicelib import wiring
from chalicelib.demande.controle import Avis, juger
from chalicelib.demande.journal import Changement
from chalicelib.demande.modeles import Demande, Piece
from chalicelib.demande.motifs_decision import LIBELLES_PIECE
from chalicelib.fonctions import Fonction
from chalicelib.guichet import Suite, auteur, lire_pour_agent_et_pieces, repondre_suite, transiter
from chalicelib.http import CTN, Appel, Reponse, route
from chalicelib.saisie import Saisie
from chalicelib.settings import duree_du_jour

bp = Blueprint(__name__)
FONCTION = Fonction(droits={"table:demandes": ("Query", "UpdateItem"), "table:journal": ("PutItem",)})

PIECES_MAX = 40


class PieceJugee(Saisie):
    """The verdict on one pièce; a refusal says why, by a motif of the closed list."""

    piece_id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")] = Field(title="Pièce")
    statut: Literal["acceptee", "refusee"] = Field(
        title="Votre avis", json_schema_extra={"libelles": {"acceptee": "Accepter", "refusee": "Refuser"}}
    )
    motif: str | None = Field(
        default=None, title="Motif du refus", json_schema_extra={"libelles": dict(LIBELLES_PIECE)}
    )

    @model_validator(mode="after")
    def _motif_d_un_refus(self) -> Self:
        if self.statut == "refusee" and self.motif not in LIBELLES_PIECE:
            raise ValueError("Un refus donne un motif de la liste (GET /api/instruction/motifs).")
        if self.statut == "acceptee" and self.motif is not None:
            raise ValueError("Une pièce acceptée n'a pas de motif.")
        return self


def _une_seule_fois(jugees: list[PieceJugee]) -> list[PieceJugee]:
    if len({jugee.piece_id for jugee in jugees}) < len(jugees):
        raise ValueError("Une même pièce ne peut pas être jugée deux fois à la fois.")
    return jugees


class PiecesJugees(Saisie):
    """The pièces judged now; the others are left for later. An empty list ends a control with nothing left to judge."""

    pieces: Annotated[
        list[PieceJugee], Field(max_length=PIECES_MAX, title="Pièces à contrôler"), AfterValidator(_une_seule_fois)
    ]


@route(
    bp,
    "POST",
    "/instruction/demandes/{id}/controle",
    qui=CTN,
    saisie=PiecesJugees,
    reponse=Suite,
    erreurs=(404, 409, 412),
)
def handler(appel: Appel[PiecesJugees]) -> Reponse:
    """Juger les pièces qu'aucun automatisme ne juge"""
    pieces: list[Piece] = []
    avis = [Avis(jugee.piece_id, jugee.statut == "acceptee", jugee.motif) for jugee in appel.saisie.pieces]

    def lire() -> Demande:
        demande, pieces[:] = lire_pour_agent_et_pieces(appel)
        return demande

    def changer(demande: Demande) -> Changement:
        maintenant = wiring.horloge()
        return juger(demande, pieces, avis, auteur(appel), maintenant, appel.correlation_id, duree_du_jour())

    return repondre_suite(transiter(appel, lire, changer))
