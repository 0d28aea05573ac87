"""Step 7, récapitulatif (deck: « Relisez-vous ! »): every section, what is missing, what can be corrected."""

from typing import Any

from chalice import Blueprint
from pydantic import BaseModel

from chalicelib import wiring
from chalicelib.demande import papier
from chalicelib.demande.complement import manques as manques_du_complement
from chalicelib.demande.completude import ATTESTATION, manques
from chalicelib.demande.doublons import DemandeEnCours, signaler
from chalicelib.demande.instants import jour_legal
from chalicelib.demande.modeles import Demande, Representant, Statut
from chalicelib.demande.ports import Demandes
from chalicelib.demande.vue import AReprendre, DemandeVue, vue_demande
from chalicelib.fonctions import Fonction
from chalicelib.http import SAISIE, Appel, Reponse, route
from chalicelib.usager import lire_la_sienne_et_ses_pieces

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:consultations": ("PutItem",),
        "table:demandes": ("Query", "GetItem"),
        "table:demandes/index/par_naissance": ("Query",),
    },
)

DOUBLONS_MAX = 5
"""How many likely duplicates are looked at: more tell nothing more."""


class Section(BaseModel):
    """One collapsible section: the step, its state, what it holds, and whether its pencil corrects it."""

    etape: str
    etat: str
    donnees: Any
    modifiable: bool


class Recapitulatif(BaseModel):
    """The whole of it, before confirmation: ``attestation`` is the deck's sentence, to be accepted.

    ``representant`` acts for the holder, if anybody does; ``doublons`` are other demandes under way for the same
    person, which forbid nothing.
    """

    sections: list[Section]
    manques: list[AReprendre]
    modifiable: list[str]
    attestation: str
    representant: Representant | None
    doublons: list[DemandeEnCours]
    demande: DemandeVue


def _ouverte(etape: str, modifiables: list[str]) -> bool:
    """Whether something of ``etape`` may be changed: all of it, or a field that is asked."""
    return any(ouvert.partition(".")[0] == etape for ouvert in modifiables)


def doublons(demandes: Demandes, demande: Demande) -> list[DemandeEnCours]:
    """The likely duplicates of a draft, as its owner may know them. One call, and one for each that there is."""
    if demande.statut is not Statut.BROUILLON or demande.etat_civil is None or demande.adresse is None:
        return []
    return signaler(demande.usager, [demandes.lire(autre.id) for autre in demandes.doublons(demande)[-DOUBLONS_MAX:]])


@route(bp, "GET", "/demandes/{id}/recapitulatif", qui=SAISIE, reponse=Recapitulatif, erreurs=(404,))
def handler(appel: Appel[None]) -> Reponse:
    """Relire toute la demande"""
    demande, pieces = lire_la_sienne_et_ses_pieces(appel)
    maintenant = wiring.horloge()
    vue = vue_demande(demande, maintenant, pieces)
    sections = [
        Section(etape=nom, etat=etape.etat, donnees=etape.donnees, modifiable=_ouverte(nom, vue.modifiable))
        for nom, etape in vue.etapes.items()
        if nom not in ("recapitulatif", "confirmation")
    ]
    a_completer: list[dict[str, str]] = []
    if demande.statut is Statut.BROUILLON:
        a_completer = manques(demande, pieces, maintenant, jour_legal(maintenant))
    elif demande.statut is Statut.SUSPENDUE:
        a_completer = manques_du_complement(demande, pieces)
    if demande.origine == "papier" and demande.statut is Statut.BROUILLON:
        a_completer += papier.manques(demande, appel.identite.autorites)
    return Reponse(
        Recapitulatif(
            sections=sections,
            manques=[AReprendre(**manque) for manque in a_completer],
            modifiable=vue.modifiable,
            attestation=papier.ATTESTATION if demande.origine == "papier" else ATTESTATION,
            representant=demande.representant,
            doublons=doublons(wiring.demandes(), demande),
            demande=vue,
        ),
        entetes={"ETag": f'"{demande.version}"'},
    )
