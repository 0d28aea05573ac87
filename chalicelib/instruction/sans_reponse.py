"""GET /instruction/messages: the demandes whose usager waits for an answer, at whatever statut, the oldest first.

A message may come when no agent has anything to do on the demande: no worklist would show it.
"""

from chalice import Blueprint
from pydantic import BaseModel

from chalicelib import wiring
from chalicelib.demande.curseurs import ecrire_curseur
from chalicelib.demande.echanges import Curseur, page_sans_reponse
from chalicelib.demande.modeles import Motif, Statut
from chalicelib.demande.ports_echanges import SansReponse
from chalicelib.demande.suivi import LIBELLES
from chalicelib.fonctions import Fonction
from chalicelib.http import AGENT, CTN, Appel, Reponse, route
from chalicelib.saisie import Saisie

bp = Blueprint(__name__)
FONCTION = Fonction(droits={"table:demandes/index/par_reponse": ("Query",)})


class SuiteSansReponse(Saisie):
    """``curseur``: the one that the page before gave."""

    curseur: Curseur | None = None


class LigneSansReponse(BaseModel):
    """One demande; ``attend_reponse_depuis``: the usager's first message that nobody has answered."""

    id: str
    numero: str
    nom: str
    prenom: str
    motif: Motif
    statut: Statut
    libelle: str
    autorite: str
    attend_reponse_depuis: str


class PageSansReponse(BaseModel):
    """A page: ``curseur`` is null on the last one."""

    elements: list[LigneSansReponse]
    curseur: str | None


def ligne(attend: SansReponse) -> LigneSansReponse:
    """``attend`` as a row of the screen."""
    return LigneSansReponse(
        id=attend.id,
        numero=attend.fiche.numero,
        nom=attend.fiche.nom,
        prenom=" ".join(attend.fiche.prenoms),
        motif=attend.fiche.motif,
        statut=attend.statut,
        libelle=LIBELLES[attend.statut],
        autorite=attend.autorite,
        attend_reponse_depuis=attend.depuis,
    )


@route(bp, "GET", "/instruction/messages", qui=AGENT + CTN, requete=SuiteSansReponse, reponse=PageSansReponse)
def handler(appel: Appel[SuiteSansReponse]) -> Reponse:
    """Lister les demandes dont l'usager attend une réponse"""
    depuis, _, id_ = (appel.saisie.curseur or "").partition("#")
    apres = (depuis, id_) if depuis else None
    attendent, suite = page_sans_reponse(wiring.echanges(), appel.identite.autorites, apres)
    page = PageSansReponse(
        elements=[ligne(une) for une in attendent], curseur=ecrire_curseur("#".join(suite) if suite else None)
    )
    return Reponse(page)
