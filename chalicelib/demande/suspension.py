"""The suspension (DOMAIN §5, CRPA L114-5): what may be asked from the usager, how it is corrected, lifted and kept.

Only what is named opens for him (demande/complement.py). Once over, a suspension is kept, closed, under its demande,
with what was there before and what came instead; so is what a correction replaced: no message is ever lost.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from chalicelib.demande.bail import bail_d_une_affectation, peut_traiter
from chalicelib.demande.comptes import Compte
from chalicelib.demande.erreurs import SaisieInvalide, TransitionInterdite
from chalicelib.demande.instants import ecrire, jours_apres, lire
from chalicelib.demande.journal import Auteur, Changement
from chalicelib.demande.modeles import (
    Adresse,
    Demande,
    Demandeur,
    Element,
    EtatCivil,
    PhotoSignature,
    Piece,
    Statut,
    StatutPiece,
    Suspension,
)
from chalicelib.demande.motifs import TYPES_PIECES
from chalicelib.demande.motifs_decision import motifs_de
from chalicelib.demande.vie import corbeille_de, passer, rappels_prevus, urgence_de_tete

ELEMENTS_MAX = 20
DELAI_JOURS = 60
DELAI_MIN_JOURS = 1
DELAI_MAX_JOURS = 180
"""Bounds of the delay to answer, in legal days (convention; reminders follow, demande/vie.py)."""

RESTE_JOURS = 15
"""How long a correction leaves at least for what it newly asks, or for another reason (or the delay that was given,
when it is shorter); what was left below it, it does not shorten."""

PHOTO = "photo_signature"

FERMES: Mapping[str, str] = {
    "adresse.prefecture": (
        "La préfecture de rattachement désigne le service qui traite la demande : elle ne se change pas par un "
        "complément."
    ),
    "adresse.reutilisation_donnees": "Ce consentement appartient à l'usager : il ne se demande pas.",
}
"""Fields that no suspension opens."""

MODELES: Mapping[str, type[BaseModel]] = {"etat_civil": EtatCivil, "adresse": Adresse, PHOTO: PhotoSignature}
OUVRABLES: Mapping[str, tuple[str, ...]] = {
    etape: tuple(champ for champ in modele.model_fields if f"{etape}.{champ}" not in FERMES)
    for etape, modele in MODELES.items()
}
_RETOURS: Mapping[str, Statut] = {
    "agent": Statut.EN_INSTRUCTION,
    "chef": Statut.EN_INSTRUCTION,
    "ctn": Statut.EN_CONTROLE,
}
"""From which statut each role asks the usager for more, and so where the demande comes back to."""

CIBLE_INCONNUE = (
    "Désignez une pièce de la demande, un type de pièce, la photo (photo_signature) ou un champ (adresse.nom_voie)."
)
MANQUANTE = "piece_manquante"
RIEN_DE_CE_TYPE = "Aucune pièce de ce type n'est déposée : demandez-la avec le motif piece_manquante."
DELAI_PASSE = "Le délai pour répondre est passé : votre demande va être classée sans suite."
DELAI_DEPASSE = "Compté depuis la suspension, ce délai est déjà passé : donnez-en un plus long."


class Remplacement(BaseModel):
    """What one element changed: ``avant`` and ``apres`` are values of the form, or the ids of pièces."""

    cible: str
    motif: str
    avant: Any = None
    apres: Any = None


class SuspensionClose(Suspension):
    """A suspension as kept once it is over, or as it stood before it was corrected; its message is never lost."""

    close_le: str
    close_par: str
    issue: Literal["complement", "levee", "corrigee"]
    suites: list[Remplacement] = []


def viser(demande: Demande, pieces: Sequence[Piece], elements: Sequence[Element]) -> list[Element]:
    """``elements`` with the type of each pièce, and its pages already refused.

    Raises ``SaisieInvalide`` naming each one that can't be asked. A type of which there are pièces means all of them: a
    complement replaces them. Without any, it is missing.
    """
    soumises = set(demande.pieces_deposees or ())
    refusees = {p.piece_id: p.pages_refusees for p in pieces}
    deposees = {p.piece_id: p.type for p in sorted(pieces, key=lambda une: une.rang) if p.piece_id in soumises}
    vises: list[Element] = []
    erreurs: list[tuple[str, str]] = []
    vues: set[str] = set()
    for rang, element in enumerate(elements):
        type_piece = deposees.get(element.cible) or (element.cible if element.cible in TYPES_PIECES else None)
        de_ce_type = [piece_id for piece_id, type_ in deposees.items() if type_ == element.cible]
        cibles = de_ce_type or [element.cible]
        refus = _refus_de(element.cible, cibles, type_piece, vues)
        if refus is not None:
            erreurs.append((f"elements.{rang}.cible", refus))
        elif element.motif not in motifs_de(type_piece is not None, element.cible == PHOTO):
            message = "Ce motif n'est pas dans la liste, ou ne convient pas à ce qui est visé."
            erreurs.append((f"elements.{rang}.motif", message))
        elif element.cible in TYPES_PIECES and not de_ce_type and element.motif != MANQUANTE:
            erreurs.append((f"elements.{rang}.motif", RIEN_DE_CE_TYPE))
        vues |= set(cibles)
        vises += [
            Element(cible=cible, motif=element.motif, type=type_piece, pages=refusees.get(cible, []))
            for cible in cibles
        ]
    if erreurs:
        raise SaisieInvalide(erreurs)
    return vises


def _refus_de(cible: str, cibles: Sequence[str], type_piece: str | None, vues: set[str]) -> str | None:
    """Why ``cible``, which means ``cibles``, can't be asked; None when it can."""
    if vues & set(cibles):
        return "Cet élément est déjà dans la liste."
    if cible in FERMES:
        return FERMES[cible]
    etape, point, champ = cible.partition(".")
    connue = type_piece is not None or (
        etape in OUVRABLES and (not point or (etape != PHOTO and champ in OUVRABLES[etape]))
    )
    return None if connue else CIBLE_INCONNUE


def suspendre(
    demande: Demande,
    pieces: Sequence[Piece],
    elements: Sequence[Element],
    message: str,
    delai_jours: int | None,
    auteur: Auteur,
    nom: str,
    maintenant: datetime,
    correlation_id: str,
    jour_s: float,
) -> Changement:
    """The change by which ``auteur`` asks the usager for ``elements``; the pièces aimed at are refused.

    Raises ``TransitionInterdite`` (an agent asks from the instruction, a CTN operator from the control),
    ``SaisieInvalide``.
    """
    retour = exiger_a_suspendre(demande, auteur)
    vises = viser(demande, pieces, elements)
    statuts = _a_refuser(vises, pieces)
    photo = any(un.cible == PHOTO for un in vises)
    delai = delai_jours or DELAI_JOURS
    suspension = Suspension(
        rang=demande.suspensions + 1,
        elements=vises,
        message=message,
        par=auteur.id,
        par_nom=nom,
        role=auteur.genre,
        retour=retour,
        suspendue_le=ecrire(maintenant),
        delai_jours=delai,
        pieces_avant=statuts,
        photo_recue_le=demande.photo_recue_le if photo else None,
        derniere_piece=max((piece.rang for piece in pieces), default=0),
    )
    poser: dict[str, Any] = {
        "suspension": suspension,
        "suspensions": suspension.rang,
        "echeance": ecrire(jours_apres(maintenant, delai, jour_s)),
        **(_sans_photo(demande, maintenant) if photo else {}),
    }
    return passer(
        demande,
        "DemandeSuspendue",
        auteur,
        maintenant,
        correlation_id,
        jour_s=jour_s,
        vers=Statut.SUSPENDUE,
        poser=poser,
        pieces=dict.fromkeys(statuts, StatutPiece.REFUSEE),
        refus=_motifs(vises, statuts),
    )


def _sans_photo(demande: Demande, maintenant: datetime) -> dict[str, str | None]:
    """Another photo is to come: that one no longer counts as received, and no talon that came until now replaces it."""
    if demande.photo_recue_le is None:
        return {}
    return {"photo_recue_le": None, "talons_jusqua": max(demande.talons_jusqua or "", ecrire(maintenant))}


def exiger_a_suspendre(demande: Demande, auteur: Auteur) -> Statut:
    """The statut that ``demande`` is in and would come back to; raises ``TransitionInterdite``."""
    retour = _RETOURS[auteur.genre]
    if demande.statut is not retour:
        raise TransitionInterdite(demande.statut)
    return retour


def _a_refuser(elements: Sequence[Element], pieces: Sequence[Piece]) -> dict[str, StatutPiece]:
    """The pièces that ``elements`` aim at and that nobody has refused yet, with their present statut."""
    visees = {element.cible for element in elements}
    return {p.piece_id: p.statut for p in pieces if p.piece_id in visees and p.statut is not StatutPiece.REFUSEE}


def _motifs(elements: Sequence[Element], pieces: Mapping[str, object]) -> dict[str, str]:
    return {element.cible: element.motif for element in elements if element.cible in pieces}


def corriger(
    demande: Demande,
    pieces: Sequence[Piece],
    elements: Sequence[Element],
    message: str,
    delai_jours: int | None,
    auteur: Auteur,
    maintenant: datetime,
    correlation_id: str,
    jour_s: float,
) -> Changement | None:
    """The change that replaces what the open suspension asks; None when nothing would change.

    The delay still counts from the suspension, and leaves ``RESTE_JOURS`` for what is newly asked, or for another
    reason. What the usager has already answered is kept, and so is the suspension as it stood, message included. Raises
    ``TransitionInterdite``, ``SaisieInvalide``.
    """
    avant = _exiger_sienne(demande, auteur)
    vises = viser(demande, pieces, elements)
    delai = delai_jours or avant.delai_jours
    if (vises, message, delai) == (avant.elements, avant.message, avant.delai_jours):
        return None
    fin = _fin_corrigee(demande, avant, vises, delai, maintenant, jour_s)
    statuts, suite = _pieces_corrigees(avant, vises, pieces)
    photo, poser = _photo_corrigee(demande, avant, vises, maintenant)
    suspension = avant.model_copy(
        update={
            "elements": vises,
            "message": message,
            "delai_jours": delai,
            "corrigee_le": ecrire(maintenant),
            "pieces_avant": statuts,
            "photo_recue_le": photo,
        }
    )
    echeance = ecrire(fin)
    prevus = rappels_prevus(demande.model_copy(update={"echeance": echeance}))
    # A reminder whose day the new deadline puts in the past is not sent on top of the correction's own notice.
    rappels = sum(prevu <= maintenant for prevu in prevus)
    return passer(
        demande,
        "SuspensionCorrigee",
        auteur,
        maintenant,
        correlation_id,
        jour_s=jour_s,
        poser={"suspension": suspension, "echeance": echeance, "rappels": rappels or None, **poser},
        elements=clore(avant, f"#{demande.version}", "corrigee", auteur, maintenant),
        pieces=suite,
        refus=_motifs(vises, suite),
    )


def _fin_corrigee(
    demande: Demande, avant: Suspension, vises: Sequence[Element], delai: int, maintenant: datetime, jour_s: float
) -> datetime:
    """The deadline once ``avant`` asks ``vises`` within ``delai`` days; raises ``SaisieInvalide`` if it is past."""
    fin = jours_apres(lire(avant.suspendue_le), delai, jour_s)
    plancher = jours_apres(maintenant, RESTE_JOURS, jour_s)
    echeance = lire(demande.echeance) if demande.echeance is not None else fin
    if delai == avant.delai_jours:
        fin = echeance
    if {(un.cible, un.motif) for un in vises} - {(un.cible, un.motif) for un in avant.elements}:
        return max(fin, min(plancher, jours_apres(maintenant, max(delai, avant.delai_jours), jour_s)))
    if fin <= maintenant:
        raise SaisieInvalide([("delai_jours", DELAI_DEPASSE)])
    return max(fin, min(plancher, echeance))


def _pieces_corrigees(
    avant: Suspension, vises: Sequence[Element], pieces: Sequence[Piece]
) -> tuple[dict[str, StatutPiece], dict[str, StatutPiece]]:
    """What the pièces now aimed at were before, and the statuts to write: those aimed at no more come back."""
    anciens = {un.cible: un.motif for un in avant.elements}
    gardees = {un.cible: avant.pieces_avant[un.cible] for un in vises if un.cible in avant.pieces_avant}
    nouvelles = _a_refuser(vises, pieces)
    rendues = {cible: statut for cible, statut in avant.pieces_avant.items() if cible not in gardees}
    redites = [un.cible for un in vises if un.cible in gardees and un.motif != anciens[un.cible]]
    suite = {**rendues, **dict.fromkeys([*nouvelles, *redites], StatutPiece.REFUSEE)}
    return {**gardees, **nouvelles}, suite


def _photo_corrigee(
    demande: Demande, avant: Suspension, vises: Sequence[Element], maintenant: datetime
) -> tuple[str | None, dict[str, str | None]]:
    """When the photo aimed at had come, and what is written of it: asked at last, or asked no more."""
    deja = any(un.cible == PHOTO for un in avant.elements)
    encore = any(un.cible == PHOTO for un in vises)
    if encore and not deja:
        return demande.photo_recue_le, _sans_photo(demande, maintenant)
    if deja and not encore:
        return None, {"photo_recue_le": demande.photo_recue_le or avant.photo_recue_le}
    return avant.photo_recue_le, {}


def lever(
    demande: Demande,
    auteur: Auteur,
    maintenant: datetime,
    correlation_id: str,
    jour_s: float,
    *,
    encore_la: bool,
) -> Changement:
    """The change that asks no more: back to the statut and the person that asked, as things stood.

    ``encore_la``: who asked still treats this worklist; without him it comes back to all those who do. Raises
    ``TransitionInterdite``.
    """
    suspension = _exiger_sienne(demande, auteur)
    suites = [
        Remplacement(cible=un.cible, motif=un.motif, avant=actuelle(demande, un.cible)) for un in suspension.elements
    ]
    return passer(
        demande,
        "SuspensionLevee",
        auteur,
        maintenant,
        correlation_id,
        jour_s=jour_s,
        vers=suspension.retour,
        poser={
            "photo_recue_le": demande.photo_recue_le or suspension.photo_recue_le,
            **rendre_a(suspension if encore_la else None, maintenant, jour_s),
        },
        elements=clore(suspension, "", "levee", auteur, maintenant, suites),
        pieces=suspension.pieces_avant,
    )


def _exiger_sienne(demande: Demande, auteur: Auteur) -> Suspension:
    """The open suspension, if somebody of this role asked it; raises ``TransitionInterdite``."""
    suspension = demande.suspension
    if demande.statut is not Statut.SUSPENDUE or suspension is None:
        raise TransitionInterdite(demande.statut)
    if suspension.retour is not _RETOURS[auteur.genre]:
        qui = "le centre de traitement" if suspension.role == "ctn" else "un agent instructeur"
        raise TransitionInterdite(demande.statut, f"Ce complément a été demandé par {qui} : lui seul peut y revenir.")
    return suspension


def est_encore_la(demande: Demande, compte: Compte | None) -> bool:
    """Whether ``compte``, of who asked (None once closed), may still treat ``demande`` when it comes back."""
    suspension = demande.suspension
    return suspension is not None and peut_traiter(compte, corbeille_de(demande, suspension.retour))


def rendre_a(demandeur: Suspension | Demandeur | None, maintenant: datetime, jour_s: float) -> dict[str, Any]:
    """Back at the head of the queue, to who asked for long enough that he finds it; to nobody when it is None."""
    tete = {"urgence": urgence_de_tete(maintenant)}
    if demandeur is None:
        return tete
    return tete | {
        "agent": demandeur.par,
        "agent_nom": demandeur.par_nom,
        "bail_jusqua": bail_d_une_affectation(maintenant, jour_s),
    }


def clore(
    suspension: Suspension,
    version: str,
    issue: Literal["complement", "levee", "corrigee"],
    auteur: Auteur,
    maintenant: datetime,
    suites: Sequence[Remplacement] = (),
) -> dict[str, dict[str, Any]]:
    """The item that keeps ``suspension``; ``version`` tells apart those that a correction replaced."""
    close = SuspensionClose(
        **suspension.model_dump(),
        close_le=ecrire(maintenant),
        close_par=auteur.id,
        issue=issue,
        suites=list(suites),
    )
    return {f"{prefixe(suspension.rang)}{version}": close.model_dump(mode="json", exclude_none=True)}


def prefixe(rang: int | None = None) -> str:
    """The key, under its demande, of the closed suspension ``rang``; without it, what all of them begin with."""
    return "SUSPENSION#" if rang is None else f"SUSPENSION#{rang:03d}"


def champs_ouverts(suspension: Suspension, etape: str) -> frozenset[str]:
    """The fields of ``etape`` that ``suspension`` opens."""
    ouverts: set[str] = set()
    for element in suspension.elements:
        visee, _, champ = element.cible.partition(".")
        if visee == etape and etape in OUVRABLES:
            ouverts |= {champ} if champ else set(OUVRABLES[etape])
    return frozenset(ouverts)


def valeurs(demande: Demande, etape: str) -> dict[str, Any]:
    """The fields of ``etape`` as JSON values, absent ones left out."""
    partie: BaseModel | None = getattr(demande, etape)
    return partie.model_dump(mode="json", exclude_none=True) if partie is not None else {}


def actuelle(demande: Demande, cible: str) -> Any:
    """What ``demande`` holds under ``cible``: a value of the form, a part of it, or the id of a pièce."""
    etape, _, champ = cible.partition(".")
    if etape not in MODELES:
        return None if cible in TYPES_PIECES else cible
    saisies = valeurs(demande, etape)
    return saisies.get(champ) if champ else saisies
