"""DELETE /demandes/{id}: the usager withdraws his demande, where DOMAIN §5 allows it; its stamp is free again."""

from collections.abc import Callable
from datetime import datetime

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.erreurs import ConflitDeVersion, TimbreIndisponible
from chalicelib.demande.journal import Auteur, Changement, liberation
from chalicelib.demande.modeles import Demande, Statut
from chalicelib.demande.ports import Demandes
from chalicelib.demande.statuts import exiger_transition
from chalicelib.demande.vue import DemandeVue
from chalicelib.fonctions import Fonction
from chalicelib.http import USAGER, Appel, Reponse, route
from chalicelib.usager import lire_la_sienne, repondre

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
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
) -> Demande:
    """Withdraw what ``lire`` reads; one already withdrawn stays so.

    Raises ``TransitionInterdite``, ``ConflitDeVersion``, ``TimbreIndisponible``.
    """
    for essai in range(ESSAIS):
        demande = lire()
        if demande.statut == Statut.RETIREE:
            return demande
        exiger_transition(demande.statut, Statut.RETIREE)
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
        try:
            return demandes.transiter(demande, changement)
        except (ConflitDeVersion, TimbreIndisponible):
            # Somebody wrote in between: what is there now decides.
            if essai == ESSAIS - 1:
                raise
    raise AssertionError("unreachable")


@route(bp, "DELETE", "/demandes/{id}", qui=USAGER, reponse=DemandeVue, erreurs=(404, 409, 412))
def handler(appel: Appel[None]) -> Reponse:
    """Retirer une demande"""
    demandes = wiring.demandes()

    def lire() -> Demande:
        return lire_la_sienne(appel)

    return repondre(retirer(demandes, lire, appel.si_version, wiring.horloge(), appel.correlation_id))
