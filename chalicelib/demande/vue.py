"""The demande as its usager sees it: the state of each of the eight steps, and what may be changed now (API.md)."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel

from chalicelib.demande.complement import PIECES, corrigee, modifiables, nouvelles
from chalicelib.demande.complement import manques as manques_du_complement
from chalicelib.demande.completude import (
    PHOTO_SUFFISANTE,
    ecarts_de_motif,
    manques_pieces,
    montant_du,
    pieces_demandees,
)
from chalicelib.demande.instants import jour_legal
from chalicelib.demande.lectures import ValeurLue, conseils, valeurs
from chalicelib.demande.modeles import (
    Anomalie,
    Demande,
    EtatPaiement,
    EtatPhoto,
    Motif,
    Piece,
    Representant,
    Statut,
    StatutPiece,
)
from chalicelib.demande.motifs_decision import libelle_cible, libelle_suspension
from chalicelib.demande.pages import PageVue, pages_vues
from chalicelib.demande.photo import peut_en_donner_une_autre
from chalicelib.demande.suspension import PHOTO

EtatEtape = Literal["vide", "brouillon", "complete", "non_requise", "a_revoir"]


class EtapeVue(BaseModel):
    """A step: its state and what it holds (the draft of the step when it was left half-way)."""

    etat: EtatEtape
    donnees: Any = None


class PieceVue(BaseModel):
    """A pièce in the list: ``statut`` is one of the pièce's (API.md), ``rang`` orders the files.

    ``deposee``: it was submitted with the demande or with a complement, and is no more taken away.
    ``lu`` is what it says of the form's fields, while they are being filled.
    ``anomalies`` say why it was not taken, or are advice that refuses nothing (their ``gravite``).
    """

    piece_id: str
    type: str
    nom_fichier: str
    statut: StatutPiece
    pages: int
    rang: int
    deposee: bool
    lu: list[ValeurLue]
    anomalies: list[Anomalie]


class AReprendre(BaseModel):
    """Something that a change of motif leaves to look at again."""

    etape: str
    champ: str | None = None
    message: str


class ElementDemande(BaseModel):
    """One thing asked: where it is answered (``etape``, ``champ``), what it is and why in words, and whether it is.

    ``pages`` are those of the pièce that were refused, when they were named. ``repondu`` is null for a pièce when the
    pièces were not loaded.
    """

    cible: str
    etape: str
    champ: str | None
    libelle: str
    motif: str
    raison: str
    pages: list[PageVue]
    repondu: bool | None


class ComplementDemande(BaseModel):
    """What a suspension asks, and until when (an instant)."""

    message: str
    elements: list[ElementDemande]
    suspendue_le: str
    corrigee_le: str | None
    echeance: str | None


class DemandeVue(BaseModel):
    """The demande as answered by every read and write.

    The PUT of a step leaves ``pieces`` out, in the list and among ``etapes``: it writes without loading them.
    ``modifiable`` names steps of a draft, then what a suspension asks (``adresse.nom_voie``, ``pieces.domicile``); the
    steps then show what the usager has corrected. While a photo is awaited, he may give another (``photo_signature``).
    ``a_reprendre`` is what a change of motif no longer fits.
    ``representant`` is who acts for the holder, if anybody.
    """

    id: str
    numero: str | None
    statut: Statut
    version: int
    motif: Motif
    origine: Literal["en_ligne", "papier"]
    representant: Representant | None
    etapes: dict[str, EtapeVue]
    pieces: list[PieceVue] | None = None
    modifiable: list[str]
    suspension: ComplementDemande | None = None
    a_reprendre: list[AReprendre] | None = None


MODIFIABLES = ["motif", "etat_civil", "adresse", "photo_signature", "pieces", "paiement"]


def _saisie(brouillon: dict[str, Any] | None, valeur: BaseModel | None, etat: EtatEtape = "complete") -> EtapeVue:
    if brouillon is not None:
        return EtapeVue(etat="brouillon", donnees=brouillon)
    if valeur is not None:
        return EtapeVue(etat=etat, donnees=valeur.model_dump(mode="json", exclude_none=True))
    return EtapeVue(etat="vide")


def _photo(demande: Demande) -> EtapeVue:
    photo = demande.photo_signature
    etat: EtatEtape = "a_revoir"
    if photo is None or photo.etat in PHOTO_SUFFISANTE:
        etat = "complete"
    elif photo.etat == EtatPhoto.CODE_ATTENDU:
        etat = "brouillon"
    return _saisie(demande.brouillon_photo_signature, photo, etat)


def _pieces(demande: Demande, pieces: list[Piece]) -> EtapeVue:
    demandees = pieces_demandees(demande)
    a_revoir = any(
        piece.type not in demandees or piece.statut in (StatutPiece.INVALIDE, StatutPiece.REFUSEE) for piece in pieces
    )
    manques = manques_pieces(demande, pieces)
    etat: EtatEtape = "vide" if not pieces else "a_revoir" if a_revoir else "brouillon" if manques else "complete"
    return EtapeVue(etat=etat, donnees={"manques": manques})


def _pieces_deposees(manquants: list[dict[str, str]]) -> EtapeVue:
    """Once deposited, nothing is asked of the pièces but what a suspension asks."""
    return EtapeVue(etat="complete", donnees={"manques": [m for m in manquants if m["etape"] == PIECES]})


def pieces_a_lui(demande: Demande, pieces: list[Piece]) -> list[Piece]:
    """The pièces to show: once deposited, what was never submitted is no part of it, but for the answers to come."""
    if demande.deposee_le is None or demande.statut is Statut.BROUILLON:
        return pieces
    vues = set(demande.pieces_deposees or ())
    if demande.statut is Statut.SUSPENDUE:
        vues |= {piece.piece_id for piece in nouvelles(demande, pieces)}
    return [p for p in pieces if p.piece_id in vues or p.statut is StatutPiece.REMPLACEE]


def _piece(demande: Demande, piece: Piece, jour: date, conseil: Anomalie | None) -> PieceVue:
    return PieceVue(
        piece_id=piece.piece_id,
        type=piece.type,
        nom_fichier=piece.nom_fichier,
        statut=piece.statut,
        pages=piece.pages,
        rang=piece.rang,
        anomalies=[*piece.anomalies, *([conseil] if conseil else [])],
        deposee=piece.piece_id in (demande.pieces_deposees or ()),
        lu=valeurs(piece, jour) if demande.statut is Statut.BROUILLON else [],
    )


def _modifiable(demande: Demande) -> list[str]:
    if demande.statut is Statut.SUSPENDUE and demande.suspension is not None:
        return modifiables(demande.suspension)
    if peut_en_donner_une_autre(demande):
        return [PHOTO]
    return list(MODIFIABLES) if demande.statut is Statut.BROUILLON else []


def _suspension(demande: Demande, manquants: list[dict[str, str]], pieces_lues: bool) -> ComplementDemande | None:
    suspension = demande.suspension
    if suspension is None or demande.statut is not Statut.SUSPENDUE:
        return None
    elements = []
    for element in suspension.elements:
        etape, _, champ = (PIECES, "", element.type) if element.type else element.cible.partition(".")
        attendu = any(m["etape"] == etape and (not champ or m.get("champ", champ) == champ) for m in manquants)
        elements.append(
            ElementDemande(
                cible=element.cible,
                etape=etape,
                champ=champ or None,
                libelle=libelle_cible(element.type or element.cible, {}),
                motif=element.motif,
                raison=libelle_suspension(element.motif),
                pages=pages_vues(element.pages),
                repondu=None if etape == PIECES and not pieces_lues else not attendu,
            )
        )
    return ComplementDemande(
        message=suspension.message,
        elements=elements,
        suspendue_le=suspension.suspendue_le,
        corrigee_le=suspension.corrigee_le,
        echeance=demande.echeance,
    )


def etat_paiement(demande: Demande, jour: date) -> EtatPaiement:
    """The payment's state (API.md): nothing due, still to pay, or what became of it."""
    if demande.paiement is not None and demande.paiement.etat in ("consomme", "libere"):
        return demande.paiement.etat
    if demande.paiement is not None and demande.statut in (Statut.RETIREE, Statut.CLASSEE_SANS_SUITE):
        # Nothing is held nor awaited any more: a stamp paid after all is kept free for its owner.
        return EtatPaiement.LIBERE
    if montant_du(demande, jour) == 0:
        return EtatPaiement.NON_REQUIS
    return demande.paiement.etat if demande.paiement else EtatPaiement.A_PAYER


def masquer_timbre(numero: str) -> str:
    """A stamp's number without what would let somebody else use it: only the last four digits."""
    return "•" * (len(numero) - 4) + numero[-4:]


def paiement_vue(demande: Demande, jour: date) -> dict[str, Any]:
    """The payment as told to the usager: {etat, montant_centimes, reference?, numero_timbre?, recu?}.

    A paper dossier is read by agents: they see no more of a stamp than in any dossier.
    """
    etat = etat_paiement(demande, jour)
    vue: dict[str, Any] = {"etat": etat, "montant_centimes": montant_du(demande, jour)}
    paiement = demande.paiement
    if paiement is not None:
        tenu = etat in (EtatPaiement.RESERVE, EtatPaiement.CONSOMME)
        vue["montant_centimes"] = paiement.montant_centimes if tenu else vue["montant_centimes"]
        vue["reference"] = paiement.reference
        numero = paiement.numero_timbre
        vue["numero_timbre"] = masquer_timbre(numero) if numero and demande.origine == "papier" else numero
        vue["recu"] = f"/api/demandes/{demande.id}/recu" if tenu else None
    return vue


def _paiement(demande: Demande, jour: date) -> EtapeVue:
    vue = paiement_vue(demande, jour)
    etats: dict[str, EtatEtape] = {
        "non_requis": "non_requise",
        "a_payer": "vide",
        "en_attente": "brouillon",
        "reserve": "complete",
        "consomme": "complete",
        "refuse": "a_revoir",
        "libere": "a_revoir",
    }
    etat = etats[vue["etat"]]
    if (
        etat == "complete"
        and demande.statut == Statut.BROUILLON
        and vue["montant_centimes"] < montant_du(demande, jour)
    ):
        etat = "a_revoir"
    return EtapeVue(etat=etat, donnees=vue)


def vue_demande(
    demande: Demande, maintenant: datetime, pieces: list[Piece] | None = None, avant: Demande | None = None
) -> DemandeVue:
    """``demande`` as its usager sees it; ``pieces`` when they were loaded, ``avant`` when the motif just changed."""
    jour = jour_legal(maintenant)
    ecarts = ecarts_de_motif(avant, demande, jour) if avant else None
    ecarts_de_pieces = [ecart for ecart in ecarts or [] if ecart["etape"] == "pieces"]
    confirmee = demande.deposee_le is not None
    suspendue = demande.suspension if demande.statut is Statut.SUSPENDUE else None
    manquants = manques_du_complement(demande, pieces or []) if suspendue else []
    montree = corrigee(demande)
    avis = conseils(nouvelles(demande, pieces or []))
    etapes = {
        "motif": _saisie(demande.brouillon_motif, None)
        if demande.brouillon_motif is not None
        else EtapeVue(etat="complete", donnees={"motif": demande.motif}),
        "etat_civil": _saisie(demande.brouillon_etat_civil, montree.etat_civil),
        "adresse": _saisie(demande.brouillon_adresse, montree.adresse),
        "photo_signature": _photo(montree),
    }
    if pieces is not None:
        etapes["pieces"] = _pieces(demande, pieces) if not confirmee else _pieces_deposees(manquants)
    elif ecarts_de_pieces:
        etapes["pieces"] = EtapeVue(etat="a_revoir", donnees={"manques": ecarts_de_pieces})
    for etape in {manque["etape"] for manque in manquants} & etapes.keys():
        etapes[etape].etat = "a_revoir"
    etapes["paiement"] = _paiement(demande, jour)
    etapes["recapitulatif"] = EtapeVue(etat="complete" if confirmee else "vide")
    etapes["confirmation"] = EtapeVue(
        etat="complete" if confirmee else "vide", donnees={"numero": demande.numero} if confirmee else None
    )
    return DemandeVue(
        id=demande.id,
        numero=demande.numero,
        statut=demande.statut,
        version=demande.version,
        motif=demande.motif,
        origine=demande.origine,
        representant=demande.representant,
        etapes=etapes,
        pieces=None
        if pieces is None
        else [_piece(demande, piece, jour, avis.get(piece.piece_id)) for piece in pieces_a_lui(demande, pieces)],
        modifiable=_modifiable(demande),
        suspension=_suspension(demande, manquants, pieces is not None),
        a_reprendre=None if ecarts is None else [AReprendre(**ecart) for ecart in ecarts],
    )
