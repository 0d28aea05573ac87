"""Task of the state machine: a deposited demande enters its control.

Without HTTP: it raises, and the machine's Retry and Catch match the class of the error.
"""

from datetime import UTC, datetime
from typing import Any

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.journal import Auteur, Changement
from chalicelib.demande.modeles import Statut
from chalicelib.demande.ports import Demandes
from chalicelib.fonctions import Fonction
from chalicelib.observabilite import compter, journal_technique, publier_metriques, suivre

bp = Blueprint(__name__)

FONCTION = Fonction(
    droits={"table:demandes": ("GetItem", "UpdateItem"), "table:journal": ("PutItem",)},
    delai=15,
)

AUTEUR = Auteur("systeme", "prendre_en_controle")


def prendre_en_controle(demande_id: str, demandes: Demandes, maintenant: datetime, correlation_id: str) -> Statut:
    """Take a deposited demande to ``en_controle``; answers the statut where it now is.

    A demande already in control, or withdrawn meanwhile, is left as it is. Raises ``DemandeInconnue``, and
    ``ConflitDeVersion`` when somebody wrote at the same instant: the machine tries again.
    """
    demande = demandes.lire(demande_id)
    if demande.statut is not Statut.DEPOSEE:
        return demande.statut
    changement = Changement(
        "ControleCommence", AUTEUR, maintenant, correlation_id, vers=Statut.EN_CONTROLE, touche=False
    )
    return demandes.transiter(demande, changement).statut


@bp.lambda_function(name="prendre_en_controle")
def tache(entree: dict[str, Any], contexte: Any) -> str:
    """The task ``PrendreEnControle`` of infra/demande.asl.json: takes the execution's input, answers the statut."""
    demande_id, correlation_id = entree["demande_id"], entree["correlation_id"]
    suivre(correlation_id)
    try:
        statut = prendre_en_controle(demande_id, wiring.demandes(), datetime.now(UTC), correlation_id)
        compter(f"controle_{statut}")
        journal_technique.info("controle", extra={"demande_id": demande_id, "statut": str(statut)})
        return str(statut)
    finally:
        publier_metriques()
