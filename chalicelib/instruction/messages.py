"""GET and POST …/messages: the agents read what the usager wrote, and answer; nobody needs to hold the demande."""

from typing import Literal

from chalice import Blueprint
from pydantic import BaseModel, Field

from chalicelib import wiring
from chalicelib.demande.curseurs import ecrire_curseur
from chalicelib.demande.echanges import PAGE, Curseur, Texte, designer, envoyer
from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Demande
from chalicelib.demande.papier import titulaire_prevenu
from chalicelib.demande.ports_consultations import Quoi
from chalicelib.demande.ports_echanges import Ecrit, Fil
from chalicelib.fonctions import Fonction
from chalicelib.guichet import auteur, lire_pour_agent, nom_en_fonction
from chalicelib.http import AGENT, CTN, Appel, Reponse, route
from chalicelib.saisie import Saisie
from chalicelib.settings import duree_du_jour
from chalicelib.usager import consulter

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:demandes": ("GetItem", "Query", "PutItem", "UpdateItem"),
        "table:journal": ("PutItem",),
        "table:comptes": ("GetItem",),
        "table:consultations": ("PutItem",),
    },
)


class SuiteEchange(Saisie):
    """``curseur``: the one that the page before gave."""

    curseur: Curseur | None = None


class NouvelleReponse(Saisie):
    """What the agent writes to the usager."""

    texte: Texte = Field(title="Votre réponse", description="L'usager la lit avec votre fonction, sans votre nom.")


class MessageEchange(BaseModel):
    """One message as agents read it; ``de_moi``: the caller wrote it. ``nom``: the agent's, told to agents only."""

    id: str
    ecrit_le: str
    de: Literal["usager", "agent", "chef", "ctn"]
    de_moi: bool
    auteur: str
    nom: str | None
    texte: str


class MessageEnvoye(MessageEchange):
    """The message just written. ``titulaire_prevenu``: how the holder of a paper dossier is told of it."""

    titulaire_prevenu: list[str] | None = None


class PageEchange(BaseModel):
    """A page, oldest first: ``curseur`` is null on the last one.

    ``attend_reponse_depuis``: the usager's first message that no agent has answered.
    """

    elements: list[MessageEchange]
    curseur: str | None
    attend_reponse_depuis: str | None


def vue(ecrit: Ecrit, compte_id: str) -> MessageEchange:
    """``ecrit`` as ``compte_id`` reads it."""
    return MessageEchange(
        id=ecrit.ecrit_id,
        ecrit_le=ecrit.ecrit_le,
        de=ecrit.auteur_genre,
        de_moi=ecrit.auteur_id == compte_id,
        auteur=designer(ecrit, wiring.nom_de_la_prefecture),
        nom=ecrit.auteur_nom,
        texte=ecrit.texte,
    )


@route(
    bp,
    "GET",
    "/instruction/demandes/{id}/messages",
    qui=AGENT + CTN,
    requete=SuiteEchange,
    reponse=PageEchange,
    erreurs=(404,),
)
def lire(appel: Appel[SuiteEchange]) -> Reponse:
    """Lire les échanges avec l'usager"""
    demande = lire_pour_agent(appel)
    ecrits, suite = wiring.echanges().lister(demande.id, Fil.MESSAGES, appel.saisie.curseur, PAGE)
    consulter(appel, demande, Quoi.MESSAGES)
    moi = appel.identite.compte_id
    return Reponse(
        PageEchange(
            elements=[vue(ecrit, moi) for ecrit in ecrits],
            curseur=ecrire_curseur(suite),
            attend_reponse_depuis=demande.attend_reponse_depuis,
        )
    )


@route(
    bp,
    "POST",
    "/instruction/demandes/{id}/messages",
    qui=AGENT + CTN,
    saisie=NouvelleReponse,
    reponse=MessageEnvoye,
    statut=201,
    erreurs=(404, 409, 412),
)
def ecrire_a_l_usager(appel: Appel[NouvelleReponse]) -> Reponse:
    """Écrire à l'usager

    The same Idempotency-Key again: the same message, written once.
    """
    maintenant = wiring.horloge()
    qui = auteur(appel)

    def lire_la_demande() -> Demande:
        return lire_pour_agent(appel)

    def rediger(demande: Demande) -> Ecrit:
        return Ecrit(
            ecrit_id=wiring.nouvelle_cle(),
            ecrit_le=ecrire(maintenant),
            auteur_genre=qui.genre,
            auteur_id=qui.id,
            auteur_nom=nom_en_fonction(appel),
            autorite=demande.autorite,
            texte=appel.saisie.texte,
        )

    demande, envoye = envoyer(
        wiring.demandes(),
        wiring.echanges(),
        lire_la_demande,
        rediger,
        qui,
        maintenant,
        appel.correlation_id,
        duree_du_jour(),
        wiring.nom_de_la_prefecture,
        cle=appel.cle_idempotence,
        si_version=appel.si_version,
    )
    corps = MessageEnvoye(**vue(envoye, qui.id).model_dump(), titulaire_prevenu=titulaire_prevenu(demande))
    return Reponse(corps, 201, {"ETag": f'"{demande.version}"'})
