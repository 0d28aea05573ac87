"""POST /demandes: begin a demande by its motif."""

from datetime import datetime, timedelta

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.brouillons import RAPPEL_JOURS
from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Demande, Motif
from chalicelib.demande.ports import Demandes
from chalicelib.demande.vue import DemandeVue
from chalicelib.fonctions import Fonction
from chalicelib.http import USAGER, Appel, Reponse, route
from chalicelib.saisie import Saisie
from chalicelib.settings import duree_du_jour
from chalicelib.usager import repondre

bp = Blueprint(__name__)
FONCTION = Fonction(droits={"table:demandes": ("PutItem",)})


class NouvelleDemande(Saisie):
    """The motif decides the following steps, the pièces and the price (deck, step 1)."""

    motif: Motif


def creer(
    demandes: Demandes, demande_id: str, usager: str, motif: Motif, maintenant: datetime, rappel_apres: timedelta
) -> Demande:
    """Write a new draft; it will be looked at ``rappel_apres`` from now, in case nobody touches it."""
    demande = Demande(
        id=demande_id,
        usager=usager,
        motif=motif,
        cree_le=ecrire(maintenant),
        modifie_le=ecrire(maintenant),
        veille="brouillon",
        veille_le=ecrire(maintenant + rappel_apres),
    )
    demandes.creer(demande)
    return demande


@route(bp, "POST", "/demandes", qui=USAGER, saisie=NouvelleDemande, reponse=DemandeVue, statut=201)
def handler(appel: Appel[NouvelleDemande]) -> Reponse:
    """Commencer une demande"""
    rappel_apres = timedelta(seconds=RAPPEL_JOURS * duree_du_jour())
    demande = creer(
        wiring.demandes(),
        wiring.nouvelle_cle(),
        appel.identite.compte_id,
        appel.saisie.motif,
        wiring.horloge(),
        rappel_apres,
    )
    return repondre(demande, [], statut=201)
