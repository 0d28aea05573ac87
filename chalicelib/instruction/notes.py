"""GET and POST …/notes: what agents write for each other about a demande. Its usager never reads it.

A note changes nothing of the demande: no journal entry, no new version, nobody is told.
"""

from typing import Literal

from chalice import Blueprint
from pydantic import BaseModel, Field

from chalicelib import wiring
from chalicelib.demande.curseurs import ecrire_curseur
from chalicelib.demande.echanges import PAGE, Curseur, Texte, cle_d_envoi, designer
from chalicelib.demande.instants import ecrire
from chalicelib.demande.ports_consultations import Quoi
from chalicelib.demande.ports_echanges import Ecrit, Fil
from chalicelib.fonctions import Fonction
from chalicelib.guichet import auteur, lire_pour_agent, nom_en_fonction
from chalicelib.http import AGENT, CTN, Appel, Reponse, route
from chalicelib.saisie import Saisie
from chalicelib.usager import consulter

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:demandes": ("GetItem", "Query", "PutItem"),
        "table:comptes": ("GetItem",),
        "table:consultations": ("PutItem",),
    },
)


class SuiteNotes(Saisie):
    """``curseur``: the one that the page before gave."""

    curseur: Curseur | None = None


class NouvelleNote(Saisie):
    """What the agent writes for his colleagues."""

    texte: Texte = Field(title="Note interne", description="Elle n'est lue que par les agents.")


class NoteLue(BaseModel):
    """One note; ``de_moi``: the caller wrote it."""

    id: str
    ecrit_le: str
    de: Literal["agent", "chef", "ctn"]
    de_moi: bool
    auteur: str
    nom: str | None
    texte: str


class PageNotes(BaseModel):
    """A page, oldest first: ``curseur`` is null on the last one."""

    elements: list[NoteLue]
    curseur: str | None


def vue(ecrit: Ecrit, compte_id: str) -> NoteLue:
    """``ecrit`` as ``compte_id`` reads it."""
    return NoteLue(
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
    "/instruction/demandes/{id}/notes",
    qui=AGENT + CTN,
    requete=SuiteNotes,
    reponse=PageNotes,
    erreurs=(404,),
)
def lire(appel: Appel[SuiteNotes]) -> Reponse:
    """Lire les notes internes"""
    demande = lire_pour_agent(appel)
    ecrits, suite = wiring.echanges().lister(demande.id, Fil.NOTES, appel.saisie.curseur, PAGE)
    consulter(appel, demande, Quoi.NOTES)
    elements = [vue(ecrit, appel.identite.compte_id) for ecrit in ecrits]
    return Reponse(PageNotes(elements=elements, curseur=ecrire_curseur(suite)))


@route(
    bp,
    "POST",
    "/instruction/demandes/{id}/notes",
    qui=AGENT + CTN,
    saisie=NouvelleNote,
    reponse=NoteLue,
    statut=201,
    erreurs=(404,),
)
def noter(appel: Appel[NouvelleNote]) -> Reponse:
    """Écrire une note interne

    The same Idempotency-Key again: the same note, written once.
    """
    demande = lire_pour_agent(appel)
    qui = auteur(appel)
    note = Ecrit(
        ecrit_id=wiring.nouvelle_cle(),
        ecrit_le=ecrire(wiring.horloge()),
        auteur_genre=qui.genre,
        auteur_id=qui.id,
        auteur_nom=nom_en_fonction(appel),
        autorite=demande.autorite,
        texte=appel.saisie.texte,
    )
    cle = cle_d_envoi(Fil.NOTES, qui, appel.cle_idempotence)
    return Reponse(vue(wiring.echanges().noter(demande.id, note, cle), qui.id), 201)
