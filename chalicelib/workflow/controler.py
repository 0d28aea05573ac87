"""Task ``Controler``: a deposited demande enters its control, and leaves it when machines are sure of all."""

from datetime import datetime
from typing import Any

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.controle import controler
from chalicelib.demande.journal import Auteur
from chalicelib.demande.machine import Point, point
from chalicelib.demande.modeles import Statut
from chalicelib.demande.photo import photo_actuelle
from chalicelib.demande.ports import Demandes
from chalicelib.demande.ports_externes import Photos
from chalicelib.fonctions import Fonction
from chalicelib.settings import duree_du_jour
from chalicelib.workflow.taches import executer

bp = Blueprint(__name__)

FONCTION = Fonction(
    droits={
        "table:demandes": ("Query", "UpdateItem"),
        "table:demandes/index/par_naissance": ("Query",),
        "table:journal": ("PutItem",),
    },
    variables=("URL_PHOTOS",),
    delai=25,
)

AUTEUR = Auteur("systeme", "controle")


def controler_le_depot(
    demande_id: str, demandes: Demandes, photos: Photos, maintenant: datetime, correlation_id: str, jour_s: float
) -> Point:
    """Open the control of a deposited demande; one already further, or withdrawn meanwhile, is left as it is.

    Raises ``DemandeInconnue``, and ``ConflitDeVersion`` when somebody wrote at the same instant: the machine tries
    again.
    """
    demande, pieces = demandes.lire_avec_pieces(demande_id)
    if demande.statut is Statut.DEPOSEE:
        doublons = [autre.numero for autre in demandes.doublons(demande)]
        photo = photo_actuelle(demande, photos)
        changement = controler(demande, pieces, doublons, photo, AUTEUR, maintenant, correlation_id, jour_s)
        demande = demandes.transiter(demande, changement)
    return point(demande, maintenant, jour_s)


@bp.lambda_function(name="controler")
def tache(entree: dict[str, Any], contexte: Any) -> dict[str, Any]:
    """The state ``Controler`` of infra/demande.asl.json: takes the execution's input, answers a ``Point``."""

    def controler_une(demande_id: str, correlation_id: str) -> Point:
        return controler_le_depot(
            demande_id, wiring.demandes(), wiring.photos(), wiring.horloge(), correlation_id, duree_du_jour()
        )

    return executer("controle", entree, controler_une)
