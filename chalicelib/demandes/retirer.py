"""DELETE /demandes/{id}: the usager withdraws his demande, where DOMAIN §5 allows it; its stamp is free again."""

from datetime import datetime

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.erreurs import ConflitDeVersion
from chalicelib.demande.journal import Auteur, Changement, liberation
from chalicelib.demande.modeles import Demande, Statut
from chalicelib.demande.ports import Demandes
from chalicelib.demande.vue import DemandeVue
from chalicelib.fonctions import Fonction
from chalicelib.http import USAGER, Appel, Reponse, route
from chalicelib.usager import a_lui, demande_visee, repondre

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:demandes": ("GetItem", "UpdateItem"),
        "table:journal": ("PutItem",),
        "table:timbres": ("UpdateItem",),
    },
)


def retirer(
    demandes: Demandes, demande: Demande, si_version: int | None, maintenant: datetime, correlation_id: str
) -> Demande:
    """Withdraw ``demande``; one already withdrawn stays so. Raises ``TransitionInterdite``, ``ConflitDeVersion``."""
    if demande.statut == Statut.RETIREE:
        return demande
    if si_version is not None and si_version != demande.version:
        raise ConflitDeVersion(demande.version)
    mouvement, suite = liberation(demande)
    changement = Changement(
        evenement="DemandeRetiree",
        auteur=Auteur("usager", demande.usager),
        maintenant=maintenant,
        correlation_id=correlation_id,
        vers=Statut.RETIREE,
        poser=suite,
        oter=("veille", "veille_le"),
        timbre=mouvement,
    )
    return demandes.transiter(demande, changement)


@route(bp, "DELETE", "/demandes/{id}", qui=USAGER, reponse=DemandeVue, erreurs=(404, 409, 412))
def handler(appel: Appel[None]) -> Reponse:
    """Retirer une demande"""
    demandes = wiring.demandes()
    demande = a_lui(demandes.lire(demande_visee(appel)), appel)
    return repondre(retirer(demandes, demande, appel.si_version, wiring.horloge(), appel.correlation_id))
