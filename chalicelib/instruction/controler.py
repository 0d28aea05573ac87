"""POST …/controle: a CTN operator judges the pièces that no machine can; the last one judged ends the control."""

from typing import Annotated, Literal, Self

from chalice import Blueprint
from pydantic import AfterValidator, Field, StringConstraints, model_validator

from chalicelib import wiring
from chalicelib.demande.controle import Avis, juger
from chalicelib.demande.journal import Changement
from chalicelib.demande.modeles import Demande, PageRefusee, Piece
from chalicelib.demande.motifs_decision import LIBELLES_PAGE, LIBELLES_PIECE
from chalicelib.fonctions import Fonction
from chalicelib.guichet import Suite, auteur, lire_pour_agent_et_pieces, repondre_suite, transiter
from chalicelib.http import CTN, Appel, Reponse, route
from chalicelib.saisie import Saisie
from chalicelib.settings import duree_du_jour

bp = Blueprint(__name__)
FONCTION = Fonction(droits={"table:demandes": ("Query", "UpdateItem"), "table:journal": ("PutItem",)})

PIECES_MAX = 40
PAGES_MAX = 40
"""More than the pages of any pièce: a longer list is not read."""

MOTIF_DE_LA_LISTE = "Un refus donne un motif de la liste (GET /api/instruction/motifs)."


def _de_la_liste(motif: str) -> str:
    if motif not in LIBELLES_PAGE:
        raise ValueError(MOTIF_DE_LA_LISTE)
    return motif


class PageJugee(Saisie):
    """A page of a refused pièce that is wrong, and why, by a motif of the closed list."""

    page: Annotated[int, Field(strict=True, ge=1)] = Field(title="Page")
    motif: Annotated[str, AfterValidator(_de_la_liste)] = Field(
        title="Motif du refus de la page", json_schema_extra={"libelles": dict(LIBELLES_PAGE)}
    )


def _une_fois_chacune(pages: list[PageJugee]) -> list[PageJugee]:
    if len({jugee.page for jugee in pages}) < len(pages):
        raise ValueError("Une même page ne peut pas être nommée deux fois.")
    return pages


class PieceJugee(Saisie):
    """The verdict on one pièce; a refusal says why, by a motif of the closed list, and may name the pages at fault.

    When pages are named the motif may be left out: it is that of the first of them.
    """

    piece_id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")] = Field(title="Pièce")
    statut: Literal["acceptee", "refusee"] = Field(
        title="Votre avis", json_schema_extra={"libelles": {"acceptee": "Accepter", "refusee": "Refuser"}}
    )
    motif: str | None = Field(
        default=None, title="Motif du refus", json_schema_extra={"libelles": dict(LIBELLES_PIECE)}
    )
    pages: Annotated[
        list[PageJugee], Field(max_length=PAGES_MAX, title="Pages en cause"), AfterValidator(_une_fois_chacune)
    ] = []

    @model_validator(mode="after")
    def _motif_d_un_refus(self) -> Self:
        deduit = self.motif is None and self.pages
        if self.statut == "refusee" and not deduit and self.motif not in LIBELLES_PIECE:
            raise ValueError(MOTIF_DE_LA_LISTE)
        if self.statut == "acceptee" and self.motif is not None:
            raise ValueError("Une pièce acceptée n'a pas de motif.")
        if self.statut == "acceptee" and self.pages:
            raise ValueError("Une pièce acceptée n'a pas de page refusée.")
        return self

    def avis(self) -> Avis:
        """The verdict as the domain takes it: its pages in their order, its motif given or that of the first page."""
        nommees = sorted(self.pages, key=lambda une: une.page)
        pages = tuple(PageRefusee(page=une.page, motif=une.motif) for une in nommees)
        motif = self.motif or (pages[0].motif if pages else None)
        return Avis(self.piece_id, self.statut == "acceptee", motif, pages)


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
    avis = [jugee.avis() for jugee in appel.saisie.pieces]

    def lire() -> Demande:
        demande, pieces[:] = lire_pour_agent_et_pieces(appel)
        return demande

    def changer(demande: Demande) -> Changement:
        maintenant = wiring.horloge()
        return juger(demande, pieces, avis, auteur(appel), maintenant, appel.correlation_id, duree_du_jour())

    return repondre_suite(transiter(appel, lire, changer))
