"""The usager's answer to a suspension (« recueil complémentaire », DOMAIN §5): only what is asked opens.

What he corrects waits beside the demande (``Suspension.reponses``) until he submits it. New files are pièces of the
demande from the start, but count among those deposited only then.
"""

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from chalicelib.demande.brouillons import cloture_prevue
from chalicelib.demande.completude import en_cours_de_controle, manques_photo, pieces_demandees
from chalicelib.demande.contact import remplacement
from chalicelib.demande.controle import photo_manquante, suite_du_controle
from chalicelib.demande.erreurs import SaisieInvalide, TransitionInterdite
from chalicelib.demande.index import cles_de_recherche
from chalicelib.demande.instants import ecrire
from chalicelib.demande.journal import Auteur, Changement
from chalicelib.demande.lectures import COMPAREES, doutes
from chalicelib.demande.modeles import Demande, Demandeur, Element, Piece, Statut, StatutPiece, Suspension
from chalicelib.demande.motifs import TYPES_PIECES
from chalicelib.demande.motifs_decision import libelle_cible
from chalicelib.demande.photo import remplacer
from chalicelib.demande.suspension import (
    DELAI_PASSE,
    FERMES,
    MODELES,
    OUVRABLES,
    PHOTO,
    Remplacement,
    SuspensionClose,
    actuelle,
    champs_ouverts,
    clore,
    rendre_a,
    valeurs,
)
from chalicelib.demande.vie import passer

PIECES = "pieces"

PAS_DEMANDE = "Cette étape n'est pas à revoir : seuls les éléments demandés peuvent être changés."
DEJA_DEPOSEE = "Cette pièce fait partie de la demande déposée : elle ne se retire pas."
CHAMP_FIGE = "Ce champ n'est pas à revoir : il garde la valeur enregistrée."


def exiger_ouverte(demande: Demande, maintenant: datetime) -> Suspension:
    """The suspension that the usager may answer now; raises ``TransitionInterdite``."""
    if demande.statut is not Statut.SUSPENDUE or demande.suspension is None:
        raise TransitionInterdite(demande.statut)
    if demande.echeance is not None and demande.echeance <= ecrire(maintenant):
        raise TransitionInterdite(demande.statut, DELAI_PASSE)
    return demande.suspension


def types_ouverts(demande: Demande, maintenant: datetime, jour_s: float) -> tuple[str, ...]:
    """The types of pièce that the usager may add now: those of the motif to a draft, then those that are asked.

    Raises ``TransitionInterdite``.
    """
    if demande.statut is Statut.BROUILLON:
        if cloture_prevue(demande, jour_s) <= maintenant:
            raise TransitionInterdite(demande.statut, "Ce brouillon est clos : il n'a pas été modifié à temps.")
        return tuple(pieces_demandees(demande))
    return _types_demandes(exiger_ouverte(demande, maintenant))


def _types_demandes(suspension: Suspension) -> tuple[str, ...]:
    return tuple(dict.fromkeys(un.type for un in suspension.elements if un.type is not None))


def accepte(demande: Demande, piece: Piece) -> bool:
    """Whether ``piece``, announced before, may still be judged: on a draft, or as an answer to what is asked."""
    if demande.statut is Statut.BROUILLON:
        return True
    suspension = demande.suspension if demande.statut is Statut.SUSPENDUE else None
    demandee = suspension is not None and piece.type in _types_demandes(suspension)
    return demandee and piece in nouvelles(demande, [piece])


def rang_suivant(demande: Demande, pieces: Sequence[Piece]) -> int:
    """The rank of the next pièce: after all others, those found by the open suspension and gone since included."""
    trouvees = demande.suspension.derniere_piece if demande.suspension is not None else 0
    return max(trouvees, *(piece.rang for piece in pieces), 0) + 1


def rang_de_la_reponse(demande: Demande, piece: Piece, maintenant: datetime) -> int | None:
    """The rank of the open suspension whose answers ``piece`` may be taken from; None when none is open.

    Raises ``TransitionInterdite`` for a pièce that was submitted.
    """
    if demande.statut is not Statut.SUSPENDUE:
        return None
    if not _jamais_deposees(demande, [piece]):
        raise TransitionInterdite(demande.statut, DEJA_DEPOSEE)
    return exiger_ouverte(demande, maintenant).rang


def nouvelles(demande: Demande, pieces: Sequence[Piece]) -> list[Piece]:
    """The pièces that the usager is about to submit: all of a draft's, then those sent since the suspension opened.

    What an earlier suspension, lifted since, left unsubmitted answers no other one.
    """
    trouvees = demande.suspension.derniere_piece if demande.suspension is not None else 0
    return [piece for piece in _jamais_deposees(demande, pieces) if piece.rang > trouvees]


def _jamais_deposees(demande: Demande, pieces: Sequence[Piece]) -> list[Piece]:
    deposees = set(demande.pieces_deposees or ())
    return [p for p in pieces if p.piece_id not in deposees and p.statut is not StatutPiece.REMPLACEE]


def modifiables(suspension: Suspension) -> list[str]:
    """What the usager may change: fields (``adresse.nom_voie``), ``photo_signature``, ``pieces.<type>``."""
    ouverts: dict[str, None] = {}
    for element in suspension.elements:
        if element.type is not None:
            ouverts[f"{PIECES}.{element.type}"] = None
        elif element.cible in OUVRABLES and element.cible != PHOTO:
            ouverts |= dict.fromkeys(f"{element.cible}.{champ}" for champ in OUVRABLES[element.cible])
        else:
            ouverts[element.cible] = None
    return list(ouverts)


def repondre(demande: Demande, etape: str, valeur: BaseModel, maintenant: datetime) -> Suspension:
    """The suspension with the usager's ``valeur`` for ``etape``, kept beside the demande.

    Raises ``TransitionInterdite`` when nothing of the step is asked, ``SaisieInvalide`` naming each field that is not
    asked and would change.
    """
    suspension = exiger_ouverte(demande, maintenant)
    ouverts = champs_ouverts(suspension, etape)
    if not ouverts:
        raise TransitionInterdite(demande.statut, PAS_DEMANDE)
    saisie = valeur.model_dump(mode="json", exclude_none=True)
    actuel = valeurs(demande, etape)
    figes = [champ for champ in MODELES[etape].model_fields if champ not in ouverts]
    changes = [champ for champ in figes if saisie.get(champ) != actuel.get(champ)]
    if changes:
        raise SaisieInvalide([(champ, FERMES.get(f"{etape}.{champ}", CHAMP_FIGE)) for champ in changes])
    reprises = {champ: saisie[champ] for champ in sorted(ouverts & saisie.keys())}
    gardees = {nom: deja for nom, deja in suspension.reponses.get(etape, {}).items() if nom not in ouverts}
    return suspension.model_copy(
        update={
            "reponses": {**suspension.reponses, etape: {**gardees, **reprises}},
            "repondus": sorted({*suspension.repondus, *(f"{etape}.{champ}" for champ in ouverts)}),
        }
    )


def corrigee(demande: Demande) -> Demande:
    """``demande`` with what its usager has corrected of what is asked now; as it is when it is not suspended."""
    suspension = demande.suspension
    if demande.statut is not Statut.SUSPENDUE or suspension is None:
        return demande
    parties: dict[str, BaseModel] = {}
    for etape, saisie in suspension.reponses.items():
        reprises = {c for c in champs_ouverts(suspension, etape) if f"{etape}.{c}" in suspension.repondus}
        figees = {nom: valeur for nom, valeur in valeurs(demande, etape).items() if nom not in reprises}
        if reprises:
            voulues = {nom: valeur for nom, valeur in saisie.items() if nom in reprises}
            parties[etape] = MODELES[etape].model_validate({**figees, **voulues})
    return demande.model_copy(update=parties)


def repondu(demande: Demande, element: Element, pieces: Sequence[Piece]) -> bool:
    """Whether the usager has answered ``element``."""
    return not _manques_de(demande, element, pieces)


def manques(demande: Demande, pieces: Sequence[Piece]) -> list[dict[str, str]]:
    """What is still unanswered of what is asked: {etape, champ, message}, as completude.manques."""
    if demande.suspension is None:
        return []
    liste: list[dict[str, str]] = []
    for element in demande.suspension.elements:
        liste += [manque for manque in _manques_de(demande, element, pieces) if manque not in liste]
    return liste


def _manques_de(demande: Demande, element: Element, pieces: Sequence[Piece]) -> list[dict[str, str]]:
    if element.type is not None:
        return _manques_de_piece(demande, element.type, pieces)
    if element.cible == PHOTO:
        repondue = demande.suspension is not None and PHOTO in demande.suspension.reponses
        return manques_photo(corrigee(demande).photo_signature if repondue else None)
    return _manques_de_champ(demande, element)


def _manques_de_piece(demande: Demande, type_piece: str, pieces: Sequence[Piece]) -> list[dict[str, str]]:
    """One new file at least for each type asked; its page limit bounds what is sent now."""
    regle = TYPES_PIECES[type_piece]
    envoyees = [p for p in nouvelles(demande, pieces) if p.type == type_piece]
    recues = [p for p in envoyees if p.statut is StatutPiece.VALIDE]
    if any(p.statut is StatutPiece.EN_COURS for p in envoyees):
        return [{"etape": PIECES, "champ": type_piece, "message": en_cours_de_controle(regle.libelle)}]
    if not recues:
        return [{"etape": PIECES, "champ": type_piece, "message": f"Ajoutez la pièce « {regle.libelle} »."}]
    if sum(piece.pages for piece in recues) > regle.pages_max:
        message = f"« {regle.libelle} » : {regle.pages_max} page(s) au plus, retirez un fichier."
        return [{"etape": PIECES, "champ": type_piece, "message": message}]
    return []


def _manques_de_champ(demande: Demande, element: Element) -> list[dict[str, str]]:
    assert demande.suspension is not None
    etape, _, champ = element.cible.partition(".")
    attendus = [champ] if champ else sorted(champs_ouverts(demande.suspension, etape))
    repris = all(f"{etape}.{nom}" in demande.suspension.repondus for nom in attendus)
    vide = element.motif == "manquante" and champ and valeurs(corrigee(demande), etape).get(champ) is None
    if repris and not vide:
        return []
    manque = {"etape": etape, "message": f"Corrigez ou confirmez : {libelle_cible(element.cible, {})}."}
    return [{**manque, "champ": champ} if champ else manque]


def deja_deposee(demande: Demande, closes: Sequence[SuspensionClose]) -> bool:
    """Whether the last suspension of ``demande`` was answered: asking again to submit it is having submitted it."""
    return any(close.rang == demande.suspensions and close.issue == "complement" for close in closes)


def completer(
    demande: Demande,
    apres: Demande,
    pieces: Sequence[Piece],
    doublons: Sequence[str] | None,
    auteur: Auteur,
    maintenant: datetime,
    correlation_id: str,
    jour_s: float,
    *,
    encore_la: bool,
) -> Changement:
    """The change that submits the complement of ``demande``: ``apres`` is the demande with its corrections.

    It comes back at the head of the queue, to who asked if he is ``encore_la`` (his account still treats this
    worklist), else to all those who do; a photo still to come is awaited first, and brings it back so when it comes.
    ``doublons`` are the numéros of the other demandes of the person that ``apres`` now names, None when the identity
    did not change.
    """
    suspension = exiger_ouverte(demande, maintenant)
    types = {un.type for un in suspension.elements}
    recues = [p for p in nouvelles(demande, pieces) if p.type in types and p.statut is StatutPiece.VALIDE]
    elements = [*suspension.elements, *_refusees(demande, suspension, pieces)]
    remplacees = {un.cible: un.motif for un in elements if un.type not in (None, un.cible)}
    statuts = dict.fromkeys(remplacees, StatutPiece.REMPLACEE)
    if suspension.retour is Statut.EN_CONTROLE:
        # Somebody asked for them after having looked: he looks at what came.
        autres = [p for p in pieces if p not in recues and p.piece_id not in remplacees]
        a_revoir = [*recues, *_a_comparer_encore(demande, apres, autres)]
        statuts |= {p.piece_id: StatutPiece.A_VERIFIER for p in a_revoir}
    photo = _photo(demande, apres)
    apres = apres.model_copy(update=photo)
    evenement, vers, precedents, suite = _suite(suspension, apres, maintenant, jour_s, encore_la)
    avant, cles = cles_de_recherche(demande), cles_de_recherche(apres)
    remplace, anciens = remplacement(demande, apres)
    poser = {
        "pieces_deposees": [p for p in demande.pieces_deposees or [] if p not in remplacees]
        + [p.piece_id for p in recues],
        **{etape: getattr(apres, etape) for etape in MODELES if getattr(apres, etape) != getattr(demande, etape)},
        **{nom: valeur for nom, valeur in cles.items() if avant.get(nom) != valeur},
        **({} if doublons is None else {"doublons": list(doublons) or None}),
        **anciens,
        **photo,
        **suite,
    }
    suites = [
        Remplacement(
            cible=un.cible,
            motif=un.motif,
            avant=actuelle(demande, un.cible),
            apres=[p.piece_id for p in recues if p.type == un.type] if un.type else actuelle(apres, un.cible),
        )
        for un in elements
    ]
    changement = passer(
        demande,
        evenement,
        auteur,
        maintenant,
        correlation_id,
        jour_s=jour_s,
        vers=vers,
        poser=poser,
        elements=clore(suspension, "", "complement", auteur, maintenant, suites),
        pieces=statuts,
        refus=remplacees,
        pages_refusees={un.cible: un.pages for un in elements if un.cible in remplacees},
        precedents=(*remplace, *precedents),
    )
    # Keys of search that the corrected form has no more; they are no fields of the demande.
    return dataclasses.replace(changement, oter=(*changement.oter, *(avant.keys() - cles.keys())))


def _a_comparer_encore(demande: Demande, apres: Demande, pieces: Sequence[Piece]) -> list[Piece]:
    """Those of ``pieces`` found good against words since corrected: by a person, or by machines that are sure no more.

    Left as they were, the first would prove what nobody compared, and the second keep a control from ever ending.
    """
    changees = {etape for etape in MODELES if getattr(apres, etape) != getattr(demande, etape)}
    douteuses = doutes(apres, pieces)
    return [
        p
        for p in pieces
        if p.piece_id in (demande.pieces_deposees or ())
        and changees & COMPAREES.get(p.type, set())
        and (p.statut is StatutPiece.ACCEPTEE or (p.statut is StatutPiece.VALIDE and p.piece_id in douteuses))
    ]


def _photo(demande: Demande, apres: Demande) -> dict[str, Any]:
    """What another photo writes: the code held before is to be given back; a talon come meanwhile is no e-photo."""
    photo = apres.photo_signature
    if photo is None or photo == demande.photo_signature:
        return {}
    return {**remplacer(demande, photo), **({} if photo.mode == "talon" else {"photo_recue_le": None})}


def _refusees(demande: Demande, suspension: Suspension, pieces: Sequence[Piece]) -> list[Element]:
    """The pièces refused and not aimed at, of a type that is asked: what comes takes their place too.

    Left among those deposited, they would keep a control from ever ending.
    """
    motifs = {un.type: un.motif for un in suspension.elements if un.type is not None}
    autres = set(demande.pieces_deposees or ()) - {un.cible for un in suspension.elements}
    return [
        Element(cible=p.piece_id, motif=p.motif_refus or motifs[p.type], type=p.type, pages=p.pages_refusees)
        for p in pieces
        if p.piece_id in autres and p.statut is StatutPiece.REFUSEE and p.type in motifs
    ]


def _suite(
    suspension: Suspension, apres: Demande, maintenant: datetime, jour_s: float, encore_la: bool
) -> tuple[str, Statut | None, tuple[tuple[str, Statut], ...], dict[str, Any]]:
    """What follows the complement: the event, its statut, those that it implies, and what they write."""
    redemandee = any(un.cible == PHOTO for un in suspension.elements)
    attendue = redemandee and photo_manquante(apres, apres.photo_signature)
    if suspension.retour is not Statut.EN_INSTRUCTION or not attendue:
        rendue = rendre_a(suspension if encore_la else None, maintenant, jour_s)
        return "ComplementDepose", suspension.retour, (), rendue
    # Checks made again find the new photo still on its way: an agent only receives complete dossiers.
    evenement, vers, attente = suite_du_controle(apres, apres.photo_signature, maintenant, jour_s)
    demandeur = {"photo_redemandee_par": Demandeur(par=suspension.par, par_nom=suspension.par_nom)}
    return evenement, vers, (("ComplementDepose", Statut.EN_CONTROLE),), {**attente, **demandeur}
