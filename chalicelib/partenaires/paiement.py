"""POST /partenaires/paiement: the stamp shop tells the end of a purchase; it may tell it late, twice, or never.

The notice only says that something happened: what happened is read at the shop, by its reference. A stamp paid for is
never lost: when the demande can no longer hold it, it enters the ledger free, and its owner is told.
"""

from datetime import datetime
from typing import Literal

from chalice import Blueprint
from pydantic import BaseModel

from chalicelib import wiring
from chalicelib.demande.champs import Texte60
from chalicelib.demande.erreurs import ConflitDeVersion, DemandeInconnue, Introuvable
from chalicelib.demande.instants import ecrire
from chalicelib.demande.journal import Auteur, Changement
from chalicelib.demande.modeles import Demande, EtatPaiement, EtatTimbre, Paiement, Statut, Timbre
from chalicelib.demande.ports import Demandes
from chalicelib.demande.ports_externes import Boutique
from chalicelib.fonctions import Fonction
from chalicelib.http import PUBLIC, Appel, Reponse, route
from chalicelib.observabilite import compter
from chalicelib.partenaire import ESSAIS, lire_signe
from chalicelib.saisie import Saisie

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:demandes": ("GetItem", "UpdateItem"),
        "table:journal": ("PutItem",),
        "table:timbres": ("GetItem", "PutItem"),
    },
    variables=("CLE_PARTENAIRE", "URL_TIMBRES"),
    delai=20,
)

LONGUEUR_CLE = 32
SYSTEME = Auteur("systeme", "boutique")


class AchatInconnu(Introuvable):
    """A purchase that we did not open (404)."""

    titre = "Achat inconnu"
    detail = "Aucune demande n'a ouvert cet achat."


class Notification(Saisie):
    """The end of the purchase ``reference``."""

    reference: Texte60
    resultat: Literal["accepte", "refuse", "abandon"]


class Suite(BaseModel):
    """What became of the notice: ``reserve``, ``conserve`` (kept free for its owner), ``refuse`` or ``sans_effet``."""

    effet: Literal["reserve", "conserve", "refuse", "sans_effet"]


def encaisser(
    demandes: Demandes, boutique: Boutique, reference: str, maintenant: datetime, correlation_id: str
) -> Suite:
    """Read the purchase at the shop and write its effect once, however often this is told.

    Raises ``AchatInconnu``, ``ServiceIndisponible`` (the shop tells again later).
    """
    try:
        achat = boutique.consulter_achat(reference)
    except Introuvable:
        raise AchatInconnu() from None
    for _ in range(ESSAIS):
        try:
            demande = demandes.lire(reference[:LONGUEUR_CLE])
        except DemandeInconnue:
            raise AchatInconnu() from None
        if achat.resultat in ("refuse", "abandon"):
            try:
                return _noter_refus(demandes, demande, reference, achat.montant_centimes, maintenant)
            except ConflitDeVersion:
                continue
        if achat.resultat != "accepte" or achat.numero_timbre is None:
            return Suite(effet="sans_effet")
        if demandes.timbre(achat.numero_timbre) is not None:
            return Suite(effet="sans_effet")
        timbre = Timbre(
            numero=achat.numero_timbre,
            etat=EtatTimbre.RESERVE,
            montant_centimes=achat.montant_centimes,
            demande_id=demande.id,
            expire_le=achat.expire_le,
        )
        try:
            if _attend(demande, reference):
                paiement = Paiement(
                    etat=EtatPaiement.RESERVE,
                    montant_centimes=achat.montant_centimes,
                    reference=reference,
                    numero_timbre=achat.numero_timbre,
                    cle=demande.paiement.cle if demande.paiement else None,
                    paye_le=ecrire(maintenant),
                    expire_le=achat.expire_le,
                )
                if demandes.encaisser(demande, paiement, timbre, maintenant):
                    return Suite(effet="reserve")
                continue
            libre = timbre.model_copy(update={"etat": EtatTimbre.LIBRE, "demande_id": None})
            changement = Changement("TimbreConserve", SYSTEME, maintenant, correlation_id, touche=False)
            demandes.conserver(demande, libre, changement)
            return Suite(effet="conserve")
        except ConflitDeVersion:
            continue
    raise ConflitDeVersion(demande.version)


def _attend(demande: Demande, reference: str) -> bool:
    """Whether the draft still waits for this very purchase (a refusal may be followed by a success)."""
    paiement = demande.paiement
    return (
        demande.statut == Statut.BROUILLON
        and paiement is not None
        and paiement.reference == reference
        and paiement.etat in (EtatPaiement.EN_ATTENTE, EtatPaiement.REFUSE)
    )


def _noter_refus(demandes: Demandes, demande: Demande, reference: str, montant: int, maintenant: datetime) -> Suite:
    if not _attend(demande, reference) or demande.paiement is None or demande.paiement.etat == EtatPaiement.REFUSE:
        return Suite(effet="sans_effet")
    refuse = demande.paiement.model_copy(update={"etat": EtatPaiement.REFUSE, "montant_centimes": montant})
    demandes.noter_paiement(demande, refuse, maintenant)
    return Suite(effet="refuse")


@route(
    bp,
    "POST",
    "/partenaires/paiement",
    qui=PUBLIC,
    saisie=Notification,
    reponse=Suite,
    erreurs=(401, 404, 409, 412, 503),
    corps_brut=True,
)
def handler(appel: Appel[None]) -> Reponse:
    """Recevoir la fin d'un achat de timbre"""
    notification, maintenant = lire_signe(appel, Notification)
    suite = encaisser(wiring.demandes(), wiring.boutique(), notification.reference, maintenant, appel.correlation_id)
    compter(f"paiements_{suite.effet}")
    return Reponse(suite)
