"""The dated configuration: what each motif asks for, and what it costs, in one place.

Pièces, tarifs and délais change by arrêté. A value that has changed is a tuple of ``Depuis`` (first day, value), the
newest last; ``en_vigueur`` picks the one of a given day. Sources are those of DOMAIN §4.
"""

from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from chalicelib.demande.modeles import Motif

V = TypeVar("V")


@dataclass(frozen=True)
class Depuis(Generic[V]):
    """A value and the first day on which it applies."""

    jour: date
    valeur: V


OUVERTURE = date(2016, 6, 23)
"""Day on which the téléservice opened (deck, planning)."""


def en_vigueur(valeurs: tuple[Depuis[V], ...], jour: date) -> V:
    """The value that applies on ``jour``; the first one for a day before the opening."""
    retenue = valeurs[0].valeur
    for depuis in valeurs:
        if depuis.jour <= jour:
            retenue = depuis.valeur
    return retenue


def _fixe(valeur: V) -> tuple[Depuis[V], ...]:
    return (Depuis(OUVERTURE, valeur),)


@dataclass(frozen=True)
class TypePiece:
    """A kind of pièce: its words on the page and how many pages all its files may have together (deck, step 5)."""

    code: str
    libelle: str
    pages_max: int


TYPES_PIECES: dict[str, TypePiece] = {
    piece.code: piece
    for piece in (
        TypePiece("identite", "Pièce d'identité", 2),
        # Deck: less than 3 months; F31847: less than 6.
        TypePiece("domicile", "Justificatif de domicile de moins de 6 mois", 5),
        TypePiece("recepisse_vol", "Récépissé de déclaration de vol", 1),
        TypePiece("permis_deteriore", "Photo du permis détérioré", 2),
        TypePiece("ancien_permis", "Permis de conduire actuel", 2),
        TypePiece("avis_medical", "Avis médical (Cerfa 14880)", 2),
        TypePiece("justificatif_etat_civil", "Justificatif du changement d'état civil", 5),
        # Livret de famille or judgment for a legal representative, signed mandate for a mandataire (convention).
        TypePiece("justificatif_representation", "Justificatif du représentant (livret, jugement ou mandat signé)", 5),
        TypePiece("formulaire_papier", "Formulaire papier daté et signé", 5),
    )
}


@dataclass(frozen=True)
class PieceDemandee:
    """A pièce asked by a motif; an optional one is for some categories only."""

    type: str
    obligatoire: bool = True


@dataclass(frozen=True)
class RegleMotif:
    """What a motif means, asks and costs. ``court`` is for lists; ``prix`` is in euro cents, national rate."""

    court: str
    libelle: str
    phrase: str
    pieces: tuple[PieceDemandee, ...]
    prix: tuple[Depuis[int], ...]


_BASE = (PieceDemandee("identite"), PieceDemandee("domicile"))

REGLES: dict[Motif, RegleMotif] = {
    Motif.PERTE: RegleMotif(
        "Perte",
        "Perte du titre",
        "La demande du titre est effectuée à la suite de la perte du précédent titre.",
        _BASE,
        _fixe(2500),
    ),
    Motif.VOL: RegleMotif(
        "Vol",
        "Vol du titre",
        "La demande du titre est effectuée à la suite du vol du précédent titre.",
        (*_BASE, PieceDemandee("recepisse_vol")),
        _fixe(2500),
    ),
    Motif.DETERIORATION: RegleMotif(
        "Détérioration",
        "Détérioration du titre",
        "La demande du titre est effectuée à la suite de la détérioration du précédent titre.",
        (*_BASE, PieceDemandee("permis_deteriore")),
        # F20109: paid once the arrêté of loi 2016-1918 applies. The day is a convention: no public source fixes it.
        (Depuis(OUVERTURE, 0), Depuis(date(2017, 3, 1), 2500)),
    ),
    Motif.EXPIRATION: RegleMotif(
        "Expiration",
        "Expiration de la durée administrative du titre",
        "La demande du titre est effectuée à la suite de l'expiration de la durée de validité du précédent titre.",
        (*_BASE, PieceDemandee("ancien_permis"), PieceDemandee("avis_medical", obligatoire=False)),
        _fixe(0),
    ),
    Motif.CHANGEMENT_ETAT_CIVIL: RegleMotif(
        "Changement d'état civil",
        "Changement d'état civil",
        "La demande du titre est effectuée à la suite d'un changement d'état civil.",
        (*_BASE, PieceDemandee("justificatif_etat_civil")),
        _fixe(0),
    ),
}

PRIX_REDUITS: dict[str, tuple[Depuis[int], ...]] = {
    # Guyane: half the national stamp, known from one unofficial source only (DOMAIN §4).
    "973": _fixe(1250),
}

TAXE_REGIONALE: tuple[Depuis[int], ...] = (Depuis(OUVERTURE, 0),)
"""Paid online from 30 November 2016 in the deck, abolished nationally in 2020 (F31845): zero today."""

TAILLE_MAX = 11 * 1024**2
"""Bytes of a file: the deck's « 11 Mo », read as 11 × 1024² (DOMAIN §3)."""

PIECES_PAR_DEMANDE = 30
"""How many files a draft may hold, refused ones included: beyond, something is wrong on the sender's side."""


def prix_centimes(motif: Motif, departement: str | None, jour: date) -> int:
    """What ``motif`` costs on ``jour`` to somebody attached to ``departement`` (None: the national rate)."""
    national = en_vigueur(REGLES[motif].prix, jour) + en_vigueur(TAXE_REGIONALE, jour)
    if national and departement in PRIX_REDUITS:
        return en_vigueur(PRIX_REDUITS[departement], jour)
    return national


def motifs_payants(jour: date) -> tuple[Motif, ...]:
    """The motifs for which something is due on ``jour``."""
    return tuple(motif for motif in Motif if prix_centimes(motif, None, jour) > 0)


def types_demandes(motif: Motif) -> dict[str, bool]:
    """The pièces of ``motif``, each with whether it is mandatory, in the order of the page."""
    return {piece.type: piece.obligatoire for piece in REGLES[motif].pieces}
