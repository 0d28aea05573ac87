"""Step 8, confirmation (deck): the demande is complete, attested, numbered and locked, its stamp spent, once.

All of it is one transaction with its journal entry, on the version that was read; the stream's consumer does the rest.
"""

import dataclasses
import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from chalice import Blueprint
from pydantic import AfterValidator, BaseModel, Field, StrictBool

from chalicelib import wiring
from chalicelib.demande import papier
from chalicelib.demande.brouillons import cloture_prevue
from chalicelib.demande.completude import ATTESTATION, manques, montant_du, pieces_demandees
from chalicelib.demande.doublons import DEMANDE_EN_COURS
from chalicelib.demande.erreurs import (
    ConflitDeVersion,
    DemandeIncomplete,
    ServiceIndisponible,
    TimbreIndisponible,
    TransitionInterdite,
)
from chalicelib.demande.instants import ecrire, jour_legal
from chalicelib.demande.journal import Changement, MouvementTimbre, liberation
from chalicelib.demande.modeles import Demande, EtatPaiement, EtatPhoto, Piece, Statut, StatutPiece
from chalicelib.demande.papier import auteur_de, titulaire_prevenu
from chalicelib.demande.ports import Demandes
from chalicelib.demande.ports_externes import Photos
from chalicelib.demande.vie import passer
from chalicelib.fonctions import Fonction
from chalicelib.http import SAISIE, Appel, Reponse, route
from chalicelib.saisie import Saisie
from chalicelib.settings import duree_du_jour
from chalicelib.usager import a_lui, demande_visee

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:consultations": ("PutItem",),
        "table:demandes": ("Query", "UpdateItem"),
        "table:demandes/index/par_naissance": ("Query",),
        "table:journal": ("PutItem",),
        "table:timbres": ("UpdateItem",),
    },
    variables=("URL_PHOTOS",),
    delai=20,
)

ESSAIS = 5
"""How often a confirmation without If-Match reads again after a concurrent write, before telling the conflict."""


def _acceptee(attestation: bool) -> bool:
    if not attestation:
        raise ValueError("L'attestation sur l'honneur est nécessaire pour confirmer la demande.")
    return attestation


class Attestation(Saisie):
    """The attestation of the récapitulatif, accepted: sur l'honneur, or for a paper dossier that of its form."""

    attestation: Annotated[StrictBool, AfterValidator(_acceptee)] = Field(title=ATTESTATION)


class Confirmee(BaseModel):
    """The numéro (23 digits) of the demande, and where it now is.

    ``avertissement``: another demande is under way for the same person, which forbids nothing. ``titulaire_prevenu``:
    how the holder of a paper dossier is told (``mail``, ``sms``), or ``courrier`` when the agent must post him the
    acknowledgement of receipt.
    """

    numero: str
    statut: Statut
    avertissement: str | None = None
    titulaire_prevenu: list[str] | None = None


def _confirmee(demande: Demande, numero: str, doublon: bool) -> Confirmee:
    return Confirmee(
        numero=numero,
        statut=Statut.DEPOSEE,
        avertissement=DEMANDE_EN_COURS if doublon else None,
        titulaire_prevenu=titulaire_prevenu(demande),
    )


def deposer(
    demande: Demande,
    pieces: list[Piece],
    photos: Photos,
    numero: str,
    cle: str | None,
    maintenant: datetime,
    jour_s: float,
    correlation_id: str,
    doublon: bool = False,
) -> Changement:
    """What confirming a complete ``demande`` writes; raises ``DemandeIncomplete`` when its e-photo no longer serves.

    Its e-photo is held for it, so that no other demande spends it. A stamp held for a motif that has become free is
    given back. ``doublon``: its usager is told that another demande is under way for the same person.
    """
    jour = jour_legal(maintenant)
    tenue = _tenir_la_photo(demande, photos)
    if tenue.photo_signature != demande.photo_signature:
        _exiger_complete(tenue, pieces, maintenant)
    du = montant_du(demande, jour)
    paiement = demande.paiement
    if du and paiement is not None and paiement.numero_timbre is not None:
        mouvement: MouvementTimbre | None = MouvementTimbre(paiement.numero_timbre, "consomme")
        suite = {"paiement": paiement.model_copy(update={"etat": EtatPaiement.CONSOMME})}
    else:
        mouvement, suite = liberation(demande)
    demandees = pieces_demandees(demande)
    retenues = [p.piece_id for p in pieces if p.statut == StatutPiece.VALIDE and p.type in demandees]
    changement = passer(
        demande,
        "DemandeDeposee",
        auteur_de(demande),
        maintenant,
        correlation_id,
        jour_s=jour_s,
        vers=Statut.DEPOSEE,
        poser={
            "numero": numero,
            "deposee_le": demande.recue_le or ecrire(maintenant),
            "pieces_deposees": retenues,
            "cle_confirmation": cle,
            "doublon_signale": doublon or None,
            "photo_signature": tenue.photo_signature,
            **suite,
        },
    )
    return dataclasses.replace(changement, timbre=mouvement)


def _exiger_complete(demande: Demande, pieces: list[Piece], maintenant: datetime) -> None:
    absents = manques(demande, pieces, maintenant, jour_legal(maintenant))
    if absents:
        raise DemandeIncomplete(absents)


def _tenir_la_photo(demande: Demande, photos: Photos) -> Demande:
    """``demande`` with its e-photo held for it, in the state it has now.

    An e-photo base that does not answer stops nobody: the code was known at step 4, and the control holds it later.
    """
    photo = demande.photo_signature
    if photo is None or photo.code is None:
        return demande
    try:
        etat = EtatPhoto(photos.reserver(photo.code, demande.id))
    except ServiceIndisponible:
        return demande
    return demande.model_copy(update={"photo_signature": photo.model_copy(update={"etat": etat})})


def confirmer(
    demandes: Demandes,
    photos: Photos,
    lire: Callable[[], tuple[Demande, list[Piece]]],
    si_version: int | None,
    nouveau_numero: Callable[[], str],
    cle: str | None,
    maintenant: datetime,
    jour_s: float,
    correlation_id: str,
) -> Confirmee:
    """Confirm what ``lire`` reads; the same key again gets the same numéro.

    Raises ``DemandeIncomplete``, ``TransitionInterdite``, ``ConflitDeVersion``, ``TimbreIndisponible``.
    """
    empreinte = hashlib.sha256(cle.encode()).hexdigest()[:8] if cle else None
    for essai in range(ESSAIS):
        demande, pieces = lire()
        if demande.statut != Statut.BROUILLON:
            if empreinte and demande.cle_confirmation == empreinte and demande.numero:
                return _confirmee(demande, demande.numero, bool(demande.doublon_signale))
            raise TransitionInterdite(demande.statut, "Cette demande est déjà confirmée ou close.")
        if cloture_prevue(demande, jour_s) <= maintenant:
            raise TransitionInterdite(demande.statut, "Ce brouillon est clos : il n'a pas été modifié à temps.")
        if si_version is not None and si_version != demande.version:
            raise ConflitDeVersion(demande.version)
        _exiger_complete(demande, pieces, maintenant)
        numero, doublon = nouveau_numero(), bool(demandes.doublons(demande))
        changement = deposer(demande, pieces, photos, numero, empreinte, maintenant, jour_s, correlation_id, doublon)
        try:
            demandes.transiter(demande, changement)
        except (ConflitDeVersion, TimbreIndisponible):
            # Somebody wrote in between: what is there now decides.
            if essai == ESSAIS - 1:
                raise
            continue
        return _confirmee(demande, numero, doublon)
    raise AssertionError("unreachable")


@route(
    bp,
    "POST",
    "/demandes/{id}/confirmation",
    qui=SAISIE,
    saisie=Attestation,
    reponse=Confirmee,
    statut=202,
    erreurs=(404, 409, 412),
)
def handler(appel: Appel[Attestation]) -> Reponse:
    """Confirmer la demande"""
    demandes, demande_id = wiring.demandes(), demande_visee(appel)

    def lire() -> tuple[Demande, list[Piece]]:
        demande, pieces = demandes.lire_avec_pieces(demande_id)
        demande = a_lui(demande, appel)
        if demande.origine == "papier":
            ailleurs = papier.manques(demande, appel.identite.autorites)
            if ailleurs:
                raise DemandeIncomplete(ailleurs)
        return demande, pieces

    confirmee = confirmer(
        demandes,
        wiring.photos(),
        lire,
        appel.si_version,
        wiring.nouveau_numero,
        appel.cle_idempotence,
        wiring.horloge(),
        duree_du_jour(),
        appel.correlation_id,
    )
    return Reponse(confirmee, 202)
