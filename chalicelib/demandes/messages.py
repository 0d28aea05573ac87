"""GET and POST /demandes/{id}/messages: the usager and the agents write to each other about his demande.

An agent is shown by his function and service. What agents note between themselves is elsewhere, and never read here.
"""

from typing import Literal

from chalice import Blueprint
from pydantic import BaseModel, Field

from chalicelib import wiring
from chalicelib.demande.curseurs import ecrire_curseur
from chalicelib.demande.echanges import PAGE, Curseur, Texte, designer, envoyer
from chalicelib.demande.instants import ecrire
from chalicelib.demande.journal import Auteur
from chalicelib.demande.modeles import Demande
from chalicelib.demande.ports_echanges import Ecrit, Fil
from chalicelib.fonctions import Fonction
from chalicelib.http import USAGER, Appel, Reponse, route
from chalicelib.saisie import Saisie
from chalicelib.settings import duree_du_jour
from chalicelib.usager import lire_la_sienne

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:demandes": ("GetItem", "Query", "PutItem", "UpdateItem"),
        "table:journal": ("PutItem",),
    },
)


class SuiteMessages(Saisie):
    """``curseur``: the one that the page before gave."""

    curseur: Curseur | None = None


class NouveauMessage(Saisie):
    """What the usager writes."""

    texte: Texte = Field(title="Votre message", description="Le service qui traite votre demande vous répond ici.")


class MessageRecu(BaseModel):
    """One message as the usager reads it: ``auteur`` is « Vous », or the function and the service of who answers."""

    id: str
    ecrit_le: str
    de: Literal["usager", "service"]
    auteur: str
    texte: str


class PageMessages(BaseModel):
    """A page, oldest first: ``curseur`` is null on the last one."""

    elements: list[MessageRecu]
    curseur: str | None


def vue(ecrit: Ecrit) -> MessageRecu:
    """``ecrit`` as its usager reads it."""
    de_lui = ecrit.auteur_genre == "usager"
    return MessageRecu(
        id=ecrit.ecrit_id,
        ecrit_le=ecrit.ecrit_le,
        de="usager" if de_lui else "service",
        auteur="Vous" if de_lui else designer(ecrit, wiring.nom_de_la_prefecture),
        texte=ecrit.texte,
    )


@route(bp, "GET", "/demandes/{id}/messages", qui=USAGER, requete=SuiteMessages, reponse=PageMessages, erreurs=(404,))
def lire(appel: Appel[SuiteMessages]) -> Reponse:
    """Lire mes échanges avec le service"""
    demande = lire_la_sienne(appel)
    ecrits, suite = wiring.echanges().lister(demande.id, Fil.MESSAGES, appel.saisie.curseur, PAGE)
    return Reponse(PageMessages(elements=[vue(ecrit) for ecrit in ecrits], curseur=ecrire_curseur(suite)))


@route(
    bp,
    "POST",
    "/demandes/{id}/messages",
    qui=USAGER,
    saisie=NouveauMessage,
    reponse=MessageRecu,
    statut=201,
    erreurs=(404, 409, 412),
)
def ecrire_au_service(appel: Appel[NouveauMessage]) -> Reponse:
    """Écrire au service qui traite ma demande

    The same Idempotency-Key again: the same message, written once.
    """
    maintenant = wiring.horloge()
    usager = appel.identite.compte_id

    def rediger(demande: Demande) -> Ecrit:
        return Ecrit(
            ecrit_id=wiring.nouvelle_cle(),
            ecrit_le=ecrire(maintenant),
            auteur_genre="usager",
            auteur_id=usager,
            texte=appel.saisie.texte,
        )

    demande, envoye = envoyer(
        wiring.demandes(),
        wiring.echanges(),
        lambda: lire_la_sienne(appel),
        rediger,
        Auteur("usager", usager),
        maintenant,
        appel.correlation_id,
        duree_du_jour(),
        wiring.nom_de_la_prefecture,
        cle=appel.cle_idempotence,
        si_version=appel.si_version,
    )
    return Reponse(vue(envoye), 201, {"ETag": f'"{demande.version}"'})
