"""The two attestations that let one prove, for a while and without a card, what the administration knows.

« Attestation de déclaration de perte » (F1727) and « attestation provisoire de droits à conduire » (deck, 15 October
2016). Both end on a day, which their signed code carries. Pure: instants are given.
"""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.demande.erreurs import Conflit
from chalicelib.demande.instants import ecrire, jours_apres, lire
from chalicelib.demande.modeles import Demande, Motif, Statut
from chalicelib.demande.statuts import FINALS
from chalicelib.demande.vie import droits_jusqua

S = Statut

DROITS_ATTESTES_JOURS = 60
"""How long a validation proves the rights of its holder without a card (convention: as a declaration, two months)."""

CARTE_A_VENIR = frozenset({S.VALIDEE, S.EN_PRODUCTION, S.EXPEDIEE, S.NON_DISTRIBUEE})
"""The rights were established, and the card that proves them is not in its holder's hands."""

PAS_DE_PERTE = "Cette attestation n'existe que pour une demande faite après la perte du permis."
PAS_EXAMINEE = "L'attestation sera disponible quand votre déclaration de perte aura été examinée."
PAS_VALIDEE = "L'attestation sera disponible quand vos droits à conduire auront été vérifiés et votre demande validée."
CLOSE = "Cette demande est terminée : elle ne donne plus d'attestation."
DEPASSEE = "Cette attestation ne peut plus être délivrée : sa date de fin est passée."


@dataclass(frozen=True)
class Attestation:
    """From when, and until when, an attestation proves what it says (instants)."""

    depuis: datetime
    jusqua: datetime


def declaration_de_perte(demande: Demande, maintenant: datetime, jour_s: float) -> Attestation:
    """The attestation of a declared loss, once the declaration was examined (F1727); raises ``Conflit`` otherwise."""
    if demande.motif is not Motif.PERTE:
        raise Conflit(PAS_DE_PERTE)
    if demande.statut in FINALS:
        raise Conflit(CLOSE)
    fin = droits_jusqua(demande, jour_s)
    if fin is None or demande.deposee_le is None or not _examinee(demande):
        raise Conflit(PAS_EXAMINEE)
    return _en_cours(lire(demande.deposee_le), fin, maintenant)


def droits_a_conduire(demande: Demande, maintenant: datetime, jour_s: float) -> Attestation:
    """The provisional attestation of a validated demande's holder, until his card comes; raises ``Conflit``."""
    if demande.statut in FINALS:
        raise Conflit(CLOSE)
    if demande.statut not in CARTE_A_VENIR or demande.validee_le is None:
        raise Conflit(PAS_VALIDEE)
    debut = lire(demande.validee_le)
    return _en_cours(debut, jours_apres(debut, DROITS_ATTESTES_JOURS, jour_s), maintenant)


def _en_cours(debut: datetime, fin: datetime, maintenant: datetime) -> Attestation:
    if ecrire(fin) <= ecrire(maintenant):
        raise Conflit(DEPASSEE)
    return Attestation(debut, fin)


def _examinee(demande: Demande) -> bool:
    """Whether the control of what was deposited has ended once: a suspension of its operator leaves it open."""
    statut = demande.suspension.retour if demande.statut is S.SUSPENDUE and demande.suspension else demande.statut
    return statut not in (S.BROUILLON, S.DEPOSEE, S.EN_CONTROLE)
