"""Step 7, récapitulatif (deck: « Relisez-vous ! »): every section, what is missing, what can be corrected."""

from typing import Any

from chalice import Blueprint
from pydantic import BaseModel

from chalicelib import wiring
from chalicelib.demande.completude import manques
from chalicelib.demande.instants import jour_legal
from chalicelib.demande.modeles import Statut
from chalicelib.demande.vue import AReprendre, DemandeVue, vue_demande
from chalicelib.fonctions import Fonction
from chalicelib.http import USAGER, Appel, Reponse, route
from chalicelib.usager import lire_la_sienne_et_ses_pieces

bp = Blueprint(__name__)
FONCTION = Fonction(droits={"table:demandes": ("Query",)})

ATTESTATION = (
    "Je soussigné(e), le (la) déclarant(e), atteste sur l'honneur que les renseignements de la présente demande sont "
    "exacts et ne pas faire l'objet d'une suspension du permis de conduire en cours d'exécution ou d'une interdiction "
    "judiciaire de solliciter la délivrance du permis de conduire."
)


class Section(BaseModel):
    """One collapsible section: the step, its state, what it holds, and whether its pencil corrects it."""

    etape: str
    etat: str
    donnees: Any
    modifiable: bool


class Recapitulatif(BaseModel):
    """The whole of it, before confirmation: ``attestation`` is the deck's sentence, to be accepted."""

    sections: list[Section]
    manques: list[AReprendre]
    modifiable: list[str]
    attestation: str
    demande: DemandeVue


@route(bp, "GET", "/demandes/{id}/recapitulatif", qui=USAGER, reponse=Recapitulatif, erreurs=(404,))
def handler(appel: Appel[None]) -> Reponse:
    """Relire toute la demande"""
    demande, pieces = lire_la_sienne_et_ses_pieces(appel)
    maintenant = wiring.horloge()
    vue = vue_demande(demande, maintenant, pieces)
    sections = [
        Section(etape=nom, etat=etape.etat, donnees=etape.donnees, modifiable=nom in vue.modifiable)
        for nom, etape in vue.etapes.items()
        if nom not in ("recapitulatif", "confirmation")
    ]
    a_completer = (
        manques(demande, pieces, maintenant, jour_legal(maintenant)) if demande.statut == Statut.BROUILLON else []
    )
    return Reponse(
        Recapitulatif(
            sections=sections,
            manques=[AReprendre(**manque) for manque in a_completer],
            modifiable=vue.modifiable,
            attestation=ATTESTATION,
            demande=vue,
        ),
        entetes={"ETag": f'"{demande.version}"'},
    )
