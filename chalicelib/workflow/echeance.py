"""Task ``Echeance``: a wait of the machine has ended; what time decides is done, and the machine told where it is.

A reminder, a closing, an activation of which the notice was lost; or nothing, when a signal has come meanwhile. An
execution too old to wait on hands over to a new one (DESIGN §5: before a year).
"""

from datetime import datetime, timedelta
from typing import Any

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.completude import manques_photo
from chalicelib.demande.instants import lire
from chalicelib.demande.journal import Auteur
from chalicelib.demande.machine import REMPLACEE, Point, point
from chalicelib.demande.modeles import Demande, EtatPhoto, Statut
from chalicelib.demande.photo import arriver, photo_actuelle, refuser, rendre_au_demandeur
from chalicelib.demande.ports import Demandes
from chalicelib.demande.ports_comptes import Comptes
from chalicelib.demande.ports_externes import Photos
from chalicelib.demande.ports_machine import Machine
from chalicelib.demande.statuts import FINALS
from chalicelib.demande.vie import echoir
from chalicelib.fonctions import Fonction
from chalicelib.settings import duree_du_jour
from chalicelib.workflow.taches import executer

bp = Blueprint(__name__)

FONCTION = Fonction(
    droits={
        "table:comptes": ("GetItem",),
        "table:demandes": ("GetItem", "UpdateItem"),
        "table:journal": ("PutItem",),
        "table:timbres": ("UpdateItem",),
        "machine:demande": ("StartExecution",),
    },
    variables=("URL_PHOTOS",),
    delai=25,
)

AUTEUR = Auteur("systeme", "echeance")

VIE_MAX = timedelta(days=300)
"""How old an execution may grow before it hands over: AWS ends one after a year, or 25,000 events."""


def faire_ce_qui_echoit(
    demande_id: str,
    generation: int,
    commencee_le: datetime,
    demandes: Demandes,
    photos: Photos,
    comptes: Comptes,
    machine: Machine,
    maintenant: datetime,
    correlation_id: str,
    jour_s: float,
) -> Point:
    """Do what is due of a demande followed by the execution of ``generation``, begun at ``commencee_le``.

    Raises ``DemandeInconnue``, and ``ConflitDeVersion`` when somebody wrote at the same instant: the machine tries
    again, on what is there then.
    """
    demande = demandes.lire(demande_id)
    if demande.generation != generation:
        return point(demande, maintenant, jour_s).model_copy(update={"statut": REMPLACEE})
    demande = _decider(demande, demandes, photos, comptes, maintenant, correlation_id, jour_s)
    if demande.statut not in FINALS and maintenant - commencee_le > VIE_MAX:
        demande = demandes.changer_de_generation(demande, maintenant)
        machine.demarrer(demande, point(demande, maintenant, jour_s), correlation_id)
        return point(demande, maintenant, jour_s).model_copy(update={"statut": REMPLACEE})
    return point(demande, maintenant, jour_s)


def _decider(
    demande: Demande,
    demandes: Demandes,
    photos: Photos,
    comptes: Comptes,
    maintenant: datetime,
    correlation_id: str,
    jour_s: float,
) -> Demande:
    changement = echoir(demande, AUTEUR, maintenant, correlation_id, jour_s)
    if demande.statut is Statut.ATTENTE_PHOTO and (changement is None or changement.vers is None):
        photo = photo_actuelle(demande, photos)
        if photo is not None and photo.etat is EtatPhoto.VALIDE:
            recue = {"photo_signature": photo}
            changement = arriver(demande, recue, AUTEUR, maintenant, correlation_id, jour_s, entendu=True)
        elif photo is not None and photo.code is not None and manques_photo(photo):
            changement = refuser(demande, AUTEUR, maintenant, correlation_id, jour_s) or changement
    if changement is None:
        return demande
    return demandes.transiter(demande, rendre_au_demandeur(demande, changement, comptes, jour_s))


@bp.lambda_function(name="echeance")
def tache(entree: dict[str, Any], contexte: Any) -> dict[str, Any]:
    """The state ``Echeance`` of infra/demande.asl.json: takes the execution's data, answers a ``Point``."""

    def echeance(demande_id: str, correlation_id: str) -> Point:
        return faire_ce_qui_echoit(
            demande_id,
            entree["generation"],
            lire(entree["commencee_le"]),
            wiring.demandes(),
            wiring.photos(),
            wiring.comptes(),
            wiring.machine(),
            wiring.horloge(),
            correlation_id,
            duree_du_jour(),
        )

    return executer("echeance", entree, echeance)
