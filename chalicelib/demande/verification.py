"""Is the journal of a demande whole? Its entries, the head that the demande keeps, and the heads anchored elsewhere.

An edit breaks the entry's own digest. A removed entry breaks the next one's ``precedent``; removed from the end, it is
missed by the demande's head, and by the anchors when that head was rewound too. A chain computed anew, whole and
coherent, is no longer the one whose heads were anchored: only the anchors tell, as far as they go.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from chalicelib.demande.journal import Entree, empreinte_stockee
from chalicelib.demande.modeles import Demande

Attributs = Mapping[str, Any]


@dataclass(frozen=True)
class Tete:
    """The last entry of a chain: its rank and its digest (0 and empty while nothing was written)."""

    rang: int
    empreinte: str


@dataclass(frozen=True)
class Ancre:
    """The head of a chain as it was anchored, out of reach, at ``ancree_le``. No identity data."""

    demande_id: str
    rang: int
    empreinte: str
    ancree_le: str = ""


@dataclass(frozen=True)
class Chaine:
    """A chain as it lies in the store: its entries by rank, and the demande's own head (None: no such demande)."""

    demande_id: str
    entrees: Sequence[Attributs]
    tete: Tete | None


class Cause(StrEnum):
    """Why a chain is not whole."""

    DEMANDE_ABSENTE = "demande_absente"
    ENTREE_MODIFIEE = "entree_modifiee"
    ENTREE_ABSENTE = "entree_absente"
    CHAINE_ROMPUE = "chaine_rompue"
    FIN_TRONQUEE = "fin_tronquee"
    TETE_DIFFERENTE = "tete_differente"
    CHAINE_RECALCULEE = "chaine_recalculee"
    ANCRES_CONTRADICTOIRES = "ancres_contradictoires"


class Rupture(BaseModel):
    """Where a chain breaks, why, and in plain French what it means."""

    rang: int
    cause: Cause
    detail: str


class Verification(BaseModel):
    """The verdict on a chain of ``entrees`` entries.

    ``ancres``: how many anchors it was compared with; ``ancree_jusqua``: the rank of the last one (None: never
    anchored, so that a chain computed anew would not show); the entries after it are not proven yet.
    """

    intacte: bool
    entrees: int
    ancres: int
    ancree_jusqua: int | None
    ruptures: list[Rupture]


def verifier(chaine: Chaine, ancres: Sequence[Ancre]) -> Verification:
    """The verdict on ``chaine`` beside all the ``ancres`` of its demande."""
    ruptures = [*_suite(chaine.entrees), *_fin(chaine), *_preuves(chaine.entrees, ancres)]
    if chaine.tete is None and (chaine.entrees or ancres):
        ruptures.append(_rupture(0, Cause.DEMANDE_ABSENTE, "La demande elle-même a disparu ; il en reste des traces."))
    return Verification(
        intacte=not ruptures,
        entrees=len(chaine.entrees),
        ancres=len(ancres),
        ancree_jusqua=max((ancre.rang for ancre in ancres), default=None),
        ruptures=sorted(ruptures, key=lambda rupture: rupture.rang),
    )


def tete(demande: Demande) -> Tete:
    """Where ``demande`` says that its journal ends."""
    return Tete(demande.journal_rang, demande.journal_empreinte)


def chaine_intacte(entrees: Sequence[Entree], demande: Demande) -> bool:
    """Whether ``entrees`` are all there, unedited, and end where the demande says that its journal ends."""
    stockees = [entree.model_dump(mode="json", exclude_none=True) for entree in entrees]
    return verifier(Chaine(demande.id, stockees, tete(demande)), ()).intacte


def _suite(entrees: Sequence[Attributs]) -> Iterator[Rupture]:
    """From each entry to the next."""
    attendu, precedent = 1, ""
    for entree in entrees:
        rang = _rang(entree)
        if rang > attendu:
            manque = f"l'entrée {attendu}" if rang == attendu + 1 else f"les entrées {attendu} à {rang - 1}"
            yield _rupture(attendu, Cause.ENTREE_ABSENTE, f"Il manque {manque}.")
        elif entree.get("precedent") != precedent:
            yield _rupture(
                rang, Cause.CHAINE_ROMPUE, f"L'entrée {rang} ne suit pas celle qui la précède : l'une a été remplacée."
            )
        if entree.get("empreinte") != empreinte_stockee(entree):
            yield _rupture(rang, Cause.ENTREE_MODIFIEE, f"L'entrée {rang} n'est plus telle qu'elle a été écrite.")
        attendu, precedent = rang + 1, str(entree.get("empreinte", ""))


def _fin(chaine: Chaine) -> Iterator[Rupture]:
    """The end of the chain and the demande's own head."""
    if chaine.tete is None:
        return
    dernier = _rang(chaine.entrees[-1]) if chaine.entrees else 0
    if dernier < chaine.tete.rang:
        yield _rupture(
            dernier + 1,
            Cause.FIN_TRONQUEE,
            f"La demande annonce {chaine.tete.rang} entrées ; le journal s'arrête à la {dernier}e.",
        )
    elif dernier > chaine.tete.rang:
        yield _rupture(
            chaine.tete.rang + 1,
            Cause.TETE_DIFFERENTE,
            f"Le journal compte {dernier} entrées ; la demande n'en annonce que {chaine.tete.rang}.",
        )
    elif chaine.entrees and chaine.entrees[-1].get("empreinte") != chaine.tete.empreinte:
        yield _rupture(
            dernier, Cause.TETE_DIFFERENTE, f"L'entrée {dernier} n'est pas celle que la demande donne pour dernière."
        )


def _preuves(entrees: Sequence[Attributs], ancres: Sequence[Ancre]) -> Iterator[Rupture]:
    """The entries and what was anchored of them."""
    presentes = {_rang(entree): str(entree.get("empreinte", "")) for entree in entrees}
    dernier = max(presentes, default=0)
    vues: dict[int, str] = {}
    for ancre in sorted(ancres, key=lambda une: une.rang):
        if vues.setdefault(ancre.rang, ancre.empreinte) != ancre.empreinte:
            yield _rupture(
                ancre.rang,
                Cause.ANCRES_CONTRADICTOIRES,
                f"Deux ancres différentes existent pour l'entrée {ancre.rang}.",
            )
        if ancre.rang > dernier:
            yield _rupture(
                dernier + 1,
                Cause.FIN_TRONQUEE,
                f"L'entrée {ancre.rang} a été ancrée{_le(ancre)} ; le journal s'arrête à la {dernier}e.",
            )
        elif ancre.rang in presentes and presentes[ancre.rang] != ancre.empreinte:
            yield _rupture(
                ancre.rang,
                Cause.CHAINE_RECALCULEE,
                f"L'entrée {ancre.rang} n'est pas celle qui a été ancrée{_le(ancre)} : le journal a été réécrit.",
            )


def _rang(entree: Attributs) -> int:
    return int(entree["rang"])


def _le(ancre: Ancre) -> str:
    return f" le {ancre.ancree_le}" if ancre.ancree_le else ""


def _rupture(rang: int, cause: Cause, detail: str) -> Rupture:
    return Rupture(rang=rang, cause=cause, detail=detail)
