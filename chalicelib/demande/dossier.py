"""The dossier that an agent or a CTN operator opens: the demande, the SNPC beside it line by line, pièces, photo.

It says what the usager's own view does not (who holds it, where it waits, likely duplicates), and none of it is ever
part of that view (demande/vue.py).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from chalicelib.demande.decision import consulter_snpc
from chalicelib.demande.delai import decision_avant, temps_usager
from chalicelib.demande.ecarts import Genre, comparer
from chalicelib.demande.erreurs import ServiceIndisponible
from chalicelib.demande.image_photo import conseils, image_montree
from chalicelib.demande.instants import ecrire, jour_legal
from chalicelib.demande.lectures import LIBELLES as LIBELLES_DOUTE
from chalicelib.demande.lectures import Doute, LigneLue, Raison, doutes, extrait
from chalicelib.demande.modeles import (
    Adresse,
    Anomalie,
    Decision,
    Demande,
    Element,
    EtatCivil,
    EtatPaiement,
    EtatPhoto,
    Motif,
    Piece,
    Representant,
    Statut,
    StatutPiece,
    Suspension,
)
from chalicelib.demande.motifs import TYPES_PIECES
from chalicelib.demande.motifs_decision import LIBELLES_SUSPENSION, libelle_cible, libelle_suspension
from chalicelib.demande.pages import PageVue, pages_vues
from chalicelib.demande.papier import canaux
from chalicelib.demande.ports import Doublon
from chalicelib.demande.ports_externes import DossierSnpc, Snpc
from chalicelib.demande.suivi import LIBELLES, detenteur
from chalicelib.demande.suspension import Remplacement, SuspensionClose, actuelle
from chalicelib.demande.vie import droits_jusqua
from chalicelib.demande.vue import masquer_timbre, paiement_vue

EtatSnpc = Literal["trouve", "inconnu", "indisponible"]

PHRASES_SNPC: dict[EtatSnpc, str] = {
    "trouve": "Le SNPC a répondu.",
    "inconnu": "Le SNPC ne connaît pas ce conducteur, ou en connaît plusieurs entre lesquels il ne choisit pas.",
    "indisponible": "Le SNPC ne répond pas : le dossier est ouvert sans lui. Rouvrez-le plus tard pour comparer.",
}


class DroitSnpc(BaseModel):
    """A category that the driver may drive, or not; days AAAA-MM-JJ, ``fin`` null without end."""

    categorie: str
    etat: str
    debut: str
    fin: str | None


class ConsultationSnpc(BaseModel):
    """« Consultation SNPC »: the driver as the register writes him (docs/contrats/snpc.md)."""

    numero_dossier: str
    etat: str
    points: int
    points_max: int
    droits: list[DroitSnpc]
    nom: str
    prenoms: list[str]
    date_naissance: str
    sexe: str
    nom_epouse: str | None
    nom_usage: str | None
    commune_naissance: str | None
    departement_naissance: str | None
    libelle_incoherent: str | None
    libelle_controle_impossible: str | None
    echange_etranger: str | None


class EcartVu(BaseModel):
    """One line of the comparison: ``identique``, only written otherwise (``forme``), ``absent`` or ``different``."""

    champ: str
    libelle: str
    snpc: str | None
    demande: str | None
    genre: Genre
    explication: str


class PaiementVu(BaseModel):
    """What was paid; of the stamp's number, which is enough to use it, the last four digits only."""

    etat: EtatPaiement
    montant_centimes: int
    numero_timbre: str | None


class Detention(BaseModel):
    """Who holds the demande for now; ``de_moi``: the caller."""

    nom: str | None
    de_moi: bool
    bail_jusqua: str


class DoublonVu(BaseModel):
    """Another demande under way for the same person; ``service`` treats it.

    All but ``libelle`` and ``service`` is null when that is not one of the reader's own: he knows whom to ask.
    """

    libelle: str
    service: str
    id: str | None = None
    numero: str | None = None
    motif: Motif | None = None
    statut: Statut | None = None
    deposee_le: str | None = None


class EchangesVus(BaseModel):
    """How many messages there are; ``attend_reponse_depuis``: the usager's first one without an answer."""

    nombre: int
    attend_reponse_depuis: str | None


class DemandeDossier(BaseModel):
    """« Information de la demande ». Instants are UTC; ``temps_usager_s`` is the usager's own time, out of the delay.

    ``detenteur`` is who must act, ``agent`` the one who holds it in the service, null when nobody does.
    ``joignable_par``: how the holder is told (``mail``, ``sms``); ``courrier``: only by what the service posts.
    ``droits_etablis_autrement``: who validated it answered for rights that the SNPC did not show.
    ``decision_avant``: when silence becomes a decision; ``droits_jusqua``: when the provisional right to drive ends.
    """

    id: str
    numero: str | None
    statut: Statut
    libelle: str
    detenteur: str
    version: int
    motif: Motif
    origine: Literal["en_ligne", "papier"]
    autorite: str
    service: str
    cree_le: str
    deposee_le: str | None
    modifie_le: str
    etat_civil: EtatCivil | None
    adresse: Adresse | None
    joignable_par: list[str]
    representant: Representant | None
    paiement: PaiementVu
    decision: Decision | None
    droits_etablis_autrement: bool
    agent: Detention | None
    urgence: str | None
    echeance: str | None
    decision_avant: str | None
    droits_jusqua: str | None
    temps_usager_s: int
    commande_le: str | None
    numero_suivi: str | None
    retours: int
    adresse_confirmee_le: str | None


class DouteVu(BaseModel):
    """Why no machine is sure of a pièce, and what was read of it beside what was declared."""

    raison: Raison
    libelle: str
    champs: list[str]
    extrait: list[LigneLue]


class PieceDossier(BaseModel):
    """One version of a pièce: ``courante`` is false once others took its place (``remplacee_par``, their ids).

    ``refus`` says in words why a person refused it, ``pages_refusees`` which pages, if he named any, ``doute`` why one
    must look at it; each of its ``pages`` is an image of its own (``…/pages/{n}``).
    """

    piece_id: str
    type: str
    libelle: str
    nom_fichier: str
    mime: str
    taille: int
    statut: StatutPiece
    courante: bool
    remplacee_par: list[str]
    pages: int
    rang: int
    anomalies: list[Anomalie]
    motif_refus: str | None
    refus: str | None
    pages_refusees: list[PageVue]
    doute: DouteVu | None


class ImageVue(BaseModel):
    """A short-lived link to the image of a photo, and its points as it was received."""

    url: str
    largeur: int
    hauteur: int


class PhotoDossier(BaseModel):
    """Photo and signature: the way chosen and its state. ``signee``: they were received, or are in the e-photo base.

    ``image`` is the one that came with them, ``conseils`` what a machine says of it: an agent decides. Without one, he
    sees the base's own by its ``code``, the paper by its talon (the numéro).
    """

    mode: Literal["numerique", "talon"] | None
    etat: EtatPhoto | None
    code: str | None
    recue_le: str | None
    signee: bool
    image: ImageVue | None
    conseils: list[Anomalie]


class ElementVu(BaseModel):
    """What a suspension asks, in words; ``avant`` and ``apres``: values of the form, or ids of pièces.

    ``apres`` is null until the complement is submitted: what the usager prepares is his own.
    """

    cible: str
    libelle: str
    motif: str
    raison: str
    pages: list[PageVue]
    avant: Any
    apres: Any


Issue = Literal["ouverte", "complement", "levee", "corrigee", "retiree", "sans_reponse"]


class SuspensionVue(BaseModel):
    """A suspension, open or over: ``issue`` says how it ended.

    The demande ended with it when ``retiree`` by its usager, or ``sans_reponse`` at the deadline.
    """

    rang: int
    issue: Issue
    elements: list[ElementVu]
    message: str
    par_nom: str
    role: Literal["agent", "chef", "ctn"]
    suspendue_le: str
    corrigee_le: str | None
    delai_jours: int
    close_le: str | None


class Dossier(BaseModel):
    """The whole dossier. ``snpc`` and ``ecarts`` are null when ``snpc_etat`` is not ``trouve``: ``snpc_message`` says
    why; the dossier opens all the same.
    """

    demande: DemandeDossier
    snpc_etat: EtatSnpc
    snpc_message: str
    snpc: ConsultationSnpc | None
    ecarts: list[EcartVu] | None
    pieces: list[PieceDossier]
    photo: PhotoDossier
    suspensions: list[SuspensionVue]
    doublons: list[DoublonVu]
    messages: EchangesVus


def demander_au_snpc(demande: Demande, snpc: Snpc) -> tuple[EtatSnpc, DossierSnpc | None]:
    """What the SNPC says of the driver, without ever keeping the dossier from opening."""
    try:
        trouve = consulter_snpc(demande, snpc)
    except ServiceIndisponible:
        return "indisponible", None
    return ("trouve", trouve) if trouve is not None else ("inconnu", None)


def pieces_du_dossier(demande: Demande, pieces: Sequence[Piece]) -> list[Piece]:
    """The pièces that agents see: those submitted, and the versions that they replaced; by type, the newest last.

    What the usager tried and did not submit stays his own.
    """
    soumises = set(demande.pieces_deposees or ())
    types = list(TYPES_PIECES)
    vues = [piece for piece in pieces if piece.piece_id in soumises or piece.statut is StatutPiece.REMPLACEE]
    return sorted(vues, key=lambda piece: (types.index(piece.type), piece.rang, piece.piece_id))


def doublon_vu(doublon: Doublon, autorites: Sequence[str], service: str) -> DoublonVu:
    """``doublon`` as an agent of ``autorites`` sees it; ``service`` is the name of the autorité that treats it."""
    if doublon.autorite not in autorites:
        return DoublonVu(libelle="Une demande est en cours dans un autre service", service=service)
    return DoublonVu(
        libelle=LIBELLES[doublon.statut],
        service=service,
        id=doublon.id,
        numero=doublon.numero,
        motif=doublon.motif,
        statut=doublon.statut,
        deposee_le=doublon.deposee_le,
    )


def dossier(
    demande: Demande,
    pieces: Sequence[Piece],
    closes: Sequence[SuspensionClose],
    doublons: Sequence[DoublonVu],
    snpc: tuple[EtatSnpc, DossierSnpc | None],
    service: str,
    compte_id: str,
    maintenant: datetime,
    jour_s: float,
    lien_photo: str | None,
) -> Dossier:
    """The dossier of ``demande`` as ``compte_id`` sees it; ``service`` is the name of its autorité.

    ``closes`` are its suspensions that are over, ``lien_photo`` a link to the image of its photo.
    """
    etat, conducteur = snpc
    remplacees = {s.cible: s.apres for close in closes if close.issue == "complement" for s in close.suites}
    douteuses = doutes(demande, pieces)
    ecarts = comparer(conducteur, demande.etat_civil) if conducteur and demande.etat_civil else None
    return Dossier(
        demande=_demande(demande, service, compte_id, maintenant, jour_s),
        snpc_etat=etat,
        snpc_message=PHRASES_SNPC[etat],
        snpc=ConsultationSnpc.model_validate(conducteur, from_attributes=True) if conducteur else None,
        ecarts=None if ecarts is None else [EcartVu.model_validate(ecart, from_attributes=True) for ecart in ecarts],
        pieces=[
            _piece(demande, piece, remplacees.get(piece.piece_id, []), douteuses.get(piece.piece_id))
            for piece in pieces_du_dossier(demande, pieces)
        ],
        photo=_photo(demande, lien_photo),
        suspensions=_suspensions(demande, pieces, closes),
        doublons=list(doublons),
        messages=EchangesVus(nombre=demande.messages, attend_reponse_depuis=demande.attend_reponse_depuis),
    )


def _demande(demande: Demande, service: str, compte_id: str, maintenant: datetime, jour_s: float) -> DemandeDossier:
    decision, droits = decision_avant(demande, maintenant, jour_s), droits_jusqua(demande, jour_s)
    return DemandeDossier(
        id=demande.id,
        numero=demande.numero,
        statut=demande.statut,
        libelle=LIBELLES[demande.statut],
        detenteur=detenteur(demande),
        version=demande.version,
        motif=demande.motif,
        origine=demande.origine,
        autorite=demande.autorite or "",
        service=service,
        cree_le=demande.cree_le,
        deposee_le=demande.deposee_le,
        modifie_le=demande.modifie_le,
        etat_civil=demande.etat_civil,
        adresse=demande.adresse,
        joignable_par=canaux(demande),
        representant=demande.representant,
        paiement=_paiement(demande, maintenant),
        decision=demande.decision,
        droits_etablis_autrement=bool(demande.droits_etablis_autrement),
        agent=_detention(demande, compte_id, maintenant),
        urgence=demande.urgence,
        echeance=demande.echeance,
        decision_avant=ecrire(decision) if decision else None,
        droits_jusqua=ecrire(droits) if droits else None,
        temps_usager_s=int(temps_usager(demande, maintenant).total_seconds()),
        commande_le=demande.commande_le,
        numero_suivi=demande.numero_suivi,
        retours=demande.retours,
        adresse_confirmee_le=demande.adresse_confirmee_le,
    )


def _paiement(demande: Demande, maintenant: datetime) -> PaiementVu:
    vu = paiement_vue(demande, jour_legal(maintenant))
    numero = vu.get("numero_timbre")
    return PaiementVu(
        etat=vu["etat"],
        montant_centimes=vu["montant_centimes"],
        numero_timbre=None if numero is None else masquer_timbre(numero),
    )


def _detention(demande: Demande, compte_id: str, maintenant: datetime) -> Detention | None:
    """A lease that has ended is nobody's."""
    if demande.agent is None or demande.bail_jusqua is None or demande.bail_jusqua <= ecrire(maintenant):
        return None
    return Detention(nom=demande.agent_nom, de_moi=demande.agent == compte_id, bail_jusqua=demande.bail_jusqua)


def _piece(demande: Demande, piece: Piece, remplacee_par: list[str], doute: Doute | None) -> PieceDossier:
    return PieceDossier(
        piece_id=piece.piece_id,
        type=piece.type,
        libelle=TYPES_PIECES[piece.type].libelle,
        nom_fichier=piece.nom_fichier,
        mime=piece.mime,
        taille=piece.taille,
        statut=piece.statut,
        courante=piece.statut is not StatutPiece.REMPLACEE,
        remplacee_par=remplacee_par,
        pages=piece.pages,
        rang=piece.rang,
        anomalies=piece.anomalies,
        motif_refus=piece.motif_refus,
        refus=LIBELLES_SUSPENSION.get(piece.motif_refus) if piece.motif_refus else None,
        pages_refusees=pages_vues(piece.pages_refusees),
        doute=None
        if doute is None
        else DouteVu(
            raison=doute.raison,
            libelle=LIBELLES_DOUTE[doute.raison],
            champs=list(doute.champs),
            extrait=extrait(piece, demande),
        ),
    )


def _photo(demande: Demande, lien: str | None) -> PhotoDossier:
    photo, image = demande.photo_signature, image_montree(demande)
    return PhotoDossier(
        mode=photo.mode if photo else None,
        etat=photo.etat if photo else None,
        code=photo.code if photo else None,
        recue_le=demande.photo_recue_le,
        signee=demande.photo_recue_le is not None or (photo is not None and photo.etat is EtatPhoto.VALIDE),
        image=ImageVue(url=lien, largeur=image.largeur, hauteur=image.hauteur) if image and lien else None,
        conseils=conseils(image) if image else [],
    )


def _suspensions(demande: Demande, pieces: Sequence[Piece], closes: Sequence[SuspensionClose]) -> list[SuspensionVue]:
    """Oldest first; the open one, if any, is the last."""
    types = {piece.piece_id: piece.type for piece in pieces}
    vues = [_suspension(close, close.issue, close.suites, types, close.close_le) for close in closes]
    ouverte = demande.suspension
    if ouverte is not None:
        issues: dict[Statut, Issue] = {Statut.SUSPENDUE: "ouverte", Statut.RETIREE: "retiree"}
        avant = [
            Remplacement(cible=un.cible, motif=un.motif, avant=actuelle(demande, un.cible)) for un in ouverte.elements
        ]
        vues.append(_suspension(ouverte, issues.get(demande.statut, "sans_reponse"), avant, types, None))
    return vues


def _suspension(
    suspension: Suspension,
    issue: Issue,
    suites: Sequence[Remplacement],
    types: Mapping[str, str],
    close_le: str | None,
) -> SuspensionVue:
    changes = {suite.cible: suite for suite in suites}
    return SuspensionVue(
        rang=suspension.rang,
        issue=issue,
        elements=[_element(un, changes.get(un.cible), types) for un in suspension.elements],
        message=suspension.message,
        par_nom=suspension.par_nom,
        role=suspension.role,
        suspendue_le=suspension.suspendue_le,
        corrigee_le=suspension.corrigee_le,
        delai_jours=suspension.delai_jours,
        close_le=close_le,
    )


def _element(element: Element, suite: Remplacement | None, types: Mapping[str, str]) -> ElementVu:
    return ElementVu(
        cible=element.cible,
        libelle=libelle_cible(element.cible, types),
        motif=element.motif,
        raison=libelle_suspension(element.motif),
        pages=pages_vues(element.pages),
        avant=suite.avant if suite else None,
        apres=suite.apres if suite else None,
    )
