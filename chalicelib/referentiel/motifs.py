"""GET /motifs: what each motif means, asks and costs, from the dated configuration."""

from typing import Annotated

from chalice import Blueprint
from pydantic import BaseModel

from chalicelib import wiring
from chalicelib.demande.champs import DEPARTEMENT, VIDE_EST_ABSENT, motif_de_texte
from chalicelib.demande.instants import jour_legal
from chalicelib.demande.modeles import Motif
from chalicelib.demande.motifs import REGLES, TYPES_PIECES, prix_centimes
from chalicelib.fonctions import Fonction
from chalicelib.http import PUBLIC, Appel, Reponse, route
from chalicelib.saisie import Saisie

bp = Blueprint(__name__)
FONCTION = Fonction()

ETAPES = [
    "motif",
    "etat_civil",
    "adresse",
    "photo_signature",
    "pieces",
    "paiement",
    "recapitulatif",
    "confirmation",
]


class Criteres(Saisie):
    """``departement``: its code (54, 2A, 973), where the price depends on it."""

    departement: Annotated[
        Annotated[str, motif_de_texte(DEPARTEMENT, "Le département s'écrit par son code : 54, 2A, 971…")] | None,
        VIDE_EST_ABSENT,
    ] = None


class PieceAFournir(BaseModel):
    """A pièce of a motif; ``pages_max`` bounds the sum of its files."""

    type: str
    libelle: str
    pages_max: int
    obligatoire: bool


class MotifVue(BaseModel):
    """A motif: always eight steps; where nothing is due, paiement is passed by itself."""

    code: Motif
    libelle: str
    phrase: str
    etapes: list[str]
    pieces: list[PieceAFournir]
    prix_centimes: int


@route(bp, "GET", "/motifs", qui=PUBLIC, requete=Criteres, reponse=list[MotifVue])
def handler(appel: Appel[Criteres]) -> Reponse:
    """Lister les motifs, leurs pièces et leur prix"""
    jour = jour_legal(wiring.horloge())
    motifs = [
        MotifVue(
            code=motif,
            libelle=regle.libelle,
            phrase=regle.phrase,
            etapes=ETAPES,
            pieces=[
                PieceAFournir(
                    type=piece.type,
                    libelle=TYPES_PIECES[piece.type].libelle,
                    pages_max=TYPES_PIECES[piece.type].pages_max,
                    obligatoire=piece.obligatoire,
                )
                for piece in regle.pieces
            ],
            prix_centimes=prix_centimes(motif, appel.saisie.departement, jour),
        )
        for motif, regle in REGLES.items()
    ]
    return Reponse(
        [motif.model_dump(mode="json") for motif in motifs], entetes={"Cache-Control": "public, max-age=300"}
    )
