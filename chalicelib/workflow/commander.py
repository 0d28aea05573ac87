"""Task ``Commander``: the order of a validated card leaves to the printer, or that of a returned one to be re-sent.

``commande_le`` is written before the order leaves: from then on the demande can't be withdrawn. It is taken back when
the printer certainly heard nothing; when nobody knows, the same order is placed again, which is placing it once.
"""

from datetime import datetime
from typing import Any

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.erreurs import Conflit
from chalicelib.demande.instants import ecrire
from chalicelib.demande.journal import Auteur
from chalicelib.demande.machine import Point, a_commander, point
from chalicelib.demande.modeles import Demande, Statut
from chalicelib.demande.ports import Demandes
from chalicelib.demande.ports_externes import Commande, CommandeNonRecue, Producteur
from chalicelib.demande.vie import passer
from chalicelib.fonctions import Fonction
from chalicelib.settings import duree_du_jour
from chalicelib.workflow.taches import executer

bp = Blueprint(__name__)

FONCTION = Fonction(
    droits={"table:demandes": ("GetItem", "UpdateItem"), "table:journal": ("PutItem",)},
    variables=("URL_PRODUCTEUR",),
    delai=25,
)

AUTEUR = Auteur("systeme", "commande")


def commander(
    demande_id: str,
    demandes: Demandes,
    producteur: Producteur,
    maintenant: datetime,
    correlation_id: str,
    jour_s: float,
) -> Point:
    """Place the order that ``demande_id`` waits for, if it does.

    Raises ``CommandeNonRecue`` and ``ServiceIndisponible`` (placed again later), ``ConflitDeVersion`` (read again).
    """
    demande = demandes.lire(demande_id)
    if not a_commander(demande):
        return point(demande, maintenant, jour_s)
    if demande.statut is Statut.EXPEDIEE:
        # Nobody can withdraw a card already made: the order to post it again is noted once it is taken.
        producteur.commander(commande(demande))
        return point(demandes.noter_commande(demande, ecrire(maintenant)), maintenant, jour_s)
    premiere = demande.commande_le is None
    if premiere:
        demande = demandes.noter_commande(demande, ecrire(maintenant))
    try:
        reponse = producteur.commander(commande(demande))
    except CommandeNonRecue:
        if premiere:
            # An order placed before, of which the fate is unknown, stays noted: the printer may have it.
            demandes.noter_commande(demande, None)
        raise
    if reponse == "acceptee":
        acceptee = passer(
            demande,
            "CommandeAcceptee",
            AUTEUR,
            maintenant,
            correlation_id,
            jour_s=jour_s,
            vers=Statut.EN_PRODUCTION,
            entendu=True,
        )
        demande = demandes.transiter(demande, acceptee)
    return point(demande, maintenant, jour_s)


def commande(demande: Demande) -> Commande:
    """What the printer is told of ``demande``."""
    if demande.numero is None or demande.etat_civil is None or demande.adresse is None:
        raise Conflit("La demande validée est incomplète.")
    photo = demande.photo_signature
    return Commande(
        numero=demande.numero,
        rang=demande.retours,
        motif=demande.motif,
        etat_civil=demande.etat_civil,
        adresse=demande.adresse,
        code_photo=photo.code if photo else None,
    )


@bp.lambda_function(name="commander")
def tache(entree: dict[str, Any], contexte: Any) -> dict[str, Any]:
    """The state ``Commander`` of infra/demande.asl.json: takes the execution's data, answers a ``Point``."""

    def placer(demande_id: str, correlation_id: str) -> Point:
        return commander(
            demande_id, wiring.demandes(), wiring.producteur(), wiring.horloge(), correlation_id, duree_du_jour()
        )

    return executer("commande", entree, placer)
