"""Step 1, motif de la demande (deck): it decides the following steps, the pièces and the price.

A change of motif keeps everything; ``a_reprendre`` in the answer says what no longer fits.
"""

from chalice import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.demande.modeles import Demande, Motif
from chalicelib.demande.ports import Demandes, Modification
from chalicelib.demande.vue import DemandeVue, EtapeVue, vue_demande
from chalicelib.fonctions import Fonction
from chalicelib.http import SAISIE, Appel, Reponse, route
from chalicelib.saisie import Saisie, partielle, saisi
from chalicelib.usager import demande_visee, lire_la_sienne, modification, repondre

bp = Blueprint(__name__)
FONCTION = Fonction(droits={"table:consultations": ("PutItem",), "table:demandes": ("GetItem", "UpdateItem")})


class ChoixMotif(Saisie):
    """The motif chosen."""

    motif: Motif = Field(title="Quel est le motif de la demande du titre")


Brouillon = partielle(ChoixMotif)


def changer_motif(demandes: Demandes, demande_id: str, ecriture: Modification, motif: Motif) -> tuple[Demande, Demande]:
    """Write the motif in one call; answers the demande before and after (what was written is known)."""
    avant = demandes.changer_motif(demande_id, ecriture)
    apres = avant.model_copy(update={"motif": motif, "version": avant.version + 1, "brouillon_motif": None})
    return avant, apres


@route(bp, "GET", "/demandes/{id}/motif", qui=SAISIE, reponse=EtapeVue, erreurs=(404,))
def lire(appel: Appel[None]) -> Reponse:
    """Lire le motif"""
    return Reponse(vue_demande(lire_la_sienne(appel), wiring.horloge()).etapes["motif"])


@route(bp, "PUT", "/demandes/{id}/motif", qui=SAISIE, saisie=ChoixMotif, reponse=DemandeVue, erreurs=(404, 409, 412))
def enregistrer(appel: Appel[ChoixMotif]) -> Reponse:
    """Enregistrer le motif"""
    motif = appel.saisie.motif
    ecriture = modification(appel, {"motif": motif}, oter=("brouillon_motif",))
    avant, apres = changer_motif(wiring.demandes(), demande_visee(appel), ecriture, motif)
    return repondre(apres, avant=avant)


@route(
    bp,
    "PUT",
    "/demandes/{id}/motif/brouillon",
    qui=SAISIE,
    saisie=Brouillon,
    reponse=DemandeVue,
    erreurs=(404, 409, 412),
)
def garder(appel: Appel[Saisie]) -> Reponse:
    """Garder le motif en brouillon"""
    ecriture = modification(appel, {"brouillon_motif": saisi(appel.saisie)})
    return repondre(wiring.demandes().modifier(demande_visee(appel), ecriture))
