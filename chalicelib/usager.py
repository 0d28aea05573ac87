"""What every action of a usager on his own demande shares: its id, the conditions of a write, and the answer.

``Modification`` carries the owner, the If-Match version and the draft's end into the one conditional write, so that no
step needs to load before it writes.

An agent who types a paper dossier goes through the same actions, on what he or his service entered and nothing else:
such a demande is owned by ``papier#<his account>`` (demande/papier.py), which no usager's account can be.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from pydantic import BaseModel

from chalicelib import wiring
from chalicelib.demande import papier
from chalicelib.demande.brouillons import CLOTURE_JOURS, RAPPEL_JOURS
from chalicelib.demande.complement import repondre as repondre_a_la_suspension
from chalicelib.demande.erreurs import ConflitDeVersion, DemandeInconnue, PieceInconnue, TransitionInterdite
from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Demande, Piece, Statut
from chalicelib.demande.ports import Modification
from chalicelib.demande.ports_consultations import Consultation, Quoi
from chalicelib.demande.vue import DemandeVue, vue_demande
from chalicelib.http import AGENT, USAGER, Appel, Reponse
from chalicelib.settings import duree_du_jour


class Lien(BaseModel):
    """A short-lived link to the bytes of a document."""

    url: str


_ID = re.compile(r"[0-9a-f]{32}")
_PIECE_ID = re.compile(r"[0-9a-f]{16}")


def demande_visee(appel: Appel[Any]) -> str:
    """The demande's id in the path; a malformed one is an unknown demande, told without a call."""
    demande_id = appel.chemin["id"]
    if not _ID.fullmatch(demande_id):
        raise DemandeInconnue()
    return demande_id


def piece_visee(appel: Appel[Any]) -> str:
    """The pièce's id in the path; a malformed one is an unknown pièce, told without a call."""
    piece_id = appel.chemin["piece_id"]
    if not _PIECE_ID.fullmatch(piece_id):
        raise PieceInconnue()
    return piece_id


def proprietaire(appel: Appel[Any]) -> str:
    """Who owns what the caller enters: a usager himself, an agent as the hand of a paper dossier's holder."""
    identite = appel.identite
    return identite.compte_id if identite.role in USAGER else papier.proprietaire(identite.compte_id)


def modification(appel: Appel[Any], poser: Mapping[str, Any] | None = None, oter: tuple[str, ...] = ()) -> Modification:
    """The write that ``appel`` asks for on the caller's draft: attributes to set and to remove."""
    maintenant = wiring.horloge()
    jour = timedelta(seconds=duree_du_jour())
    return Modification(
        usager=proprietaire(appel),
        maintenant=maintenant,
        limite=maintenant - CLOTURE_JOURS * jour,
        limite_rappel=maintenant - (CLOTURE_JOURS - RAPPEL_JOURS) * jour,
        si_version=appel.si_version,
        poser=poser or {},
        oter=oter,
    )


def consulter(appel: Appel[Any], demande: Demande, quoi: Quoi, detail: str | None = None) -> None:
    """Record that the caller opens ``quoi`` of ``demande``; nothing is shown to whom this could not be recorded.

    One write, to ``table:consultations`` (``PutItem``). ``detail``: which page, as ``<piece_id>/<n>``.
    """
    wiring.consultations().noter(
        Consultation(
            demande_id=demande.id,
            consultation_id=wiring.nouvel_id(),
            consultee_le=ecrire(wiring.horloge()),
            compte_id=appel.identite.compte_id,
            role=appel.identite.role,
            quoi=quoi,
            detail=detail,
            correlation_id=appel.correlation_id,
        )
    )


def a_lui(demande: Demande, appel: Appel[Any]) -> Demande:
    """``demande`` if it is the caller's; somebody else's does not exist for him.

    A paper dossier of his service is an agent's too: the hand that acts for its holder is then his (``saisie_par``,
    ``saisie_role``). Once deposited it is a dossier like any other, and its opening is recorded (``consulter``).
    """
    identite = appel.identite
    if demande.usager != proprietaire(appel) and not (
        identite.role in AGENT and papier.est_du_service(demande, identite.autorites)
    ):
        raise DemandeInconnue()
    if identite.role not in AGENT:
        return demande
    if demande.numero is not None:
        consulter(appel, demande, Quoi.DOSSIER, appel.chemin.get("piece_id"))
    return demande.model_copy(update={"saisie_par": identite.compte_id, "saisie_role": identite.role})


def lire_la_sienne(appel: Appel[Any]) -> Demande:
    """The caller's demande named in the path. One call."""
    return a_lui(wiring.demandes().lire(demande_visee(appel)), appel)


def lire_la_sienne_et_ses_pieces(appel: Appel[Any]) -> tuple[Demande, list[Piece]]:
    """The caller's demande named in the path, with its pièces. One call."""
    demande, pieces = wiring.demandes().lire_avec_pieces(demande_visee(appel))
    return a_lui(demande, appel), pieces


ESSAIS = 5
"""How often an answer without If-Match reads again after a concurrent write, before telling the conflict."""


def enregistrer_etape(appel: Appel[Any], etape: str, valeur: BaseModel, *, oter: tuple[str, ...] = ()) -> Demande:
    """Write ``valeur`` for ``etape``: on a draft in one call, without ``oter``, else as the answer to a suspension.

    Such an answer is kept beside the demande until the complement is submitted (demande/complement.py).
    """
    demandes, demande_id = wiring.demandes(), demande_visee(appel)
    ecriture = modification(appel, {etape: valeur}, oter=(f"brouillon_{etape}", *oter))
    try:
        return demandes.modifier(demande_id, ecriture)
    except TransitionInterdite as refus:
        if refus.champs["statut"] != Statut.SUSPENDUE:
            raise
    except DemandeInconnue:
        if appel.identite.role not in AGENT:
            raise
    for essai in range(ESSAIS):
        demande = lire_la_sienne(appel)
        if appel.si_version is not None and appel.si_version != demande.version:
            raise ConflitDeVersion(demande.version)
        suspension = repondre_a_la_suspension(demande, etape, valeur, ecriture.maintenant)
        reponse = replace(
            ecriture,
            usager=demande.usager,
            poser={"suspension": suspension},
            oter=(),
            suspension=suspension.rang,
            si_version=demande.version,
        )
        try:
            return demandes.modifier(demande_id, reponse)
        except ConflitDeVersion:
            if appel.si_version is not None or essai == ESSAIS - 1:
                raise
    raise AssertionError("unreachable")


def repondre(
    demande: Demande, pieces: list[Piece] | None = None, *, statut: int = 200, avant: Demande | None = None
) -> Reponse:
    """The demande as its usager sees it now, with its version as ETag."""
    vue: DemandeVue = vue_demande(demande, wiring.horloge(), pieces, avant)
    return Reponse(vue, statut, {"ETag": f'"{demande.version}"'})
