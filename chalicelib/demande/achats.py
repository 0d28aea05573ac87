"""The end of a purchase at the stamp shop, whoever learns of it: its notice, the usager who comes back, the watch.

What happened is read at the shop, by the purchase's reference. A stamp paid for is never lost: when the demande can no
longer hold it, it enters the ledger free, and its owner is told.
"""

from datetime import datetime
from typing import Literal

from chalicelib.demande.erreurs import ConflitDeVersion, DemandeInconnue, Introuvable
from chalicelib.demande.instants import ecrire
from chalicelib.demande.journal import Auteur, Changement
from chalicelib.demande.modeles import Demande, EtatPaiement, EtatTimbre, Paiement, Statut, Timbre
from chalicelib.demande.ports import Demandes
from chalicelib.demande.ports_externes import Achat, Boutique

Effet = Literal["reserve", "conserve", "refuse", "sans_effet"]
"""What the end of a purchase does: ``conserve`` keeps its stamp free for its owner."""

ESSAIS = 5
"""How often it is written again on a demande that somebody else has just changed."""

LONGUEUR_CLE = 32
"""The reference of a purchase begins with the id of its demande."""

SYSTEME = Auteur("systeme", "boutique")


class AchatInconnu(Introuvable):
    """A purchase that we did not open (404)."""

    titre = "Achat inconnu"
    detail = "Aucune demande n'a ouvert cet achat."


def achat_en_cours(demande: Demande) -> str | None:
    """The reference of the purchase whose end the draft has not heard; None when it waits for none."""
    paiement = demande.paiement
    if demande.statut is not Statut.BROUILLON or paiement is None or paiement.etat is not EtatPaiement.EN_ATTENTE:
        return None
    return paiement.reference


def fin_manquee(demande: Demande, boutique: Boutique) -> Achat | None:
    """The purchase that the draft waits for, when it has ended at the shop and nobody told us.

    A purchase that never reached the shop has no end. Raises ``ServiceIndisponible``.
    """
    reference = achat_en_cours(demande)
    if reference is None:
        return None
    try:
        achat = boutique.consulter_achat(reference)
    except Introuvable:
        return None
    return achat if achat.resultat != "en_attente" else None


def constater(
    demandes: Demandes, reference: str, achat: Achat, maintenant: datetime, correlation_id: str
) -> tuple[Effet, Demande]:
    """Write what the end ``achat`` of the purchase ``reference`` does, once, however often; the demande as read for it.

    Raises ``AchatInconnu``, ``ConflitDeVersion`` after ``ESSAIS`` tries.
    """
    for _ in range(ESSAIS):
        try:
            demande = demandes.lire(reference[:LONGUEUR_CLE])
        except DemandeInconnue:
            raise AchatInconnu() from None
        if achat.resultat in ("refuse", "abandon"):
            try:
                return _noter_refus(demandes, demande, reference, achat.montant_centimes, maintenant), demande
            except ConflitDeVersion:
                continue
        if achat.resultat != "accepte" or achat.numero_timbre is None:
            return "sans_effet", demande
        if demandes.timbre(achat.numero_timbre) is not None:
            return "sans_effet", demande
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
                    return "reserve", demande
                continue
            libre = timbre.model_copy(update={"etat": EtatTimbre.LIBRE, "demande_id": None})
            changement = Changement("TimbreConserve", SYSTEME, maintenant, correlation_id, touche=False)
            demandes.conserver(demande, libre, changement)
            return "conserve", demande
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


def _noter_refus(demandes: Demandes, demande: Demande, reference: str, montant: int, maintenant: datetime) -> Effet:
    if not _attend(demande, reference) or demande.paiement is None or demande.paiement.etat == EtatPaiement.REFUSE:
        return "sans_effet"
    refuse = demande.paiement.model_copy(update={"etat": EtatPaiement.REFUSE, "montant_centimes": montant})
    demandes.noter_paiement(demande, refuse, maintenant)
    return "refuse"
