"""DELETE /demandes/{id}: the usager withdraws his demande, where DOMAIN §5 allows it; its stamp is free again."""

from collections.abc import Callable
from datetime import datetime

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.erreurs import ConflitDeVersion, TimbreIndisponible, TransitionInterdite
from chalicelib.demande.modeles import Demande, Statut
from chalicelib.demande.papier import auteur_de
from chalicelib.demande.ports import Demandes
from chalicelib.demande.statuts import exiger_transition
from chalicelib.demande.vie import passer
from chalicelib.demande.vue import DemandeVue
from chalicelib.fonctions import Fonction
from chalicelib.http import SAISIE, Appel, Reponse, route
from chalicelib.settings import duree_du_jour
from chalicelib.usager import lire_la_sienne, repondre

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:consultations": ("PutItem",),
        "table:demandes": ("GetItem", "UpdateItem"),
        "table:journal": ("PutItem",),
        "table:timbres": ("UpdateItem",),
    },
)


ESSAIS = 5
"""How often a withdrawal without If-Match reads again after a concurrent write, before telling the conflict."""


def retirer(
    demandes: Demandes,
    lire: Callable[[], Demande],
    si_version: int | None,
    maintenant: datetime,
    correlation_id: str,
    jour_s: float,
) -> Demande:
    """Withdraw what ``lire`` reads; one already withdrawn stays so.

    Raises ``TransitionInterdite``, ``ConflitDeVersion``, ``TimbreIndisponible``.
    """
    for essai in range(ESSAIS):
        demande = lire()
        if demande.statut == Statut.RETIREE:
            return demande
        commandee = demande.statut == Statut.VALIDEE and demande.commande_le is not None
        if commandee or demande.statut == Statut.EN_PRODUCTION:
            # Once ordered it may be at the printer already.
            raise TransitionInterdite(demande.statut, "Votre titre est en fabrication : la demande suit son cours.")
        exiger_transition(demande.statut, Statut.RETIREE)
        if si_version is not None and si_version != demande.version:
            raise ConflitDeVersion(demande.version)
        auteur = auteur_de(demande)
        changement = passer(
            demande, "DemandeRetiree", auteur, maintenant, correlation_id, jour_s=jour_s, vers=Statut.RETIREE
        )
        try:
            return demandes.transiter(demande, changement)
        except (ConflitDeVersion, TimbreIndisponible):
            # Somebody wrote in between: what is there now decides.
            if essai == ESSAIS - 1:
                raise
    raise AssertionError("unreachable")


@route(bp, "DELETE", "/demandes/{id}", qui=SAISIE, reponse=DemandeVue, erreurs=(404, 409, 412))
def handler(appel: Appel[None]) -> Reponse:
    """Retirer une demande"""
    demandes = wiring.demandes()

    def lire() -> Demande:
        return lire_la_sienne(appel)

    retiree = retirer(demandes, lire, appel.si_version, wiring.horloge(), appel.correlation_id, duree_du_jour())
    return repondre(retiree)
