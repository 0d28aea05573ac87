"""POST and GET /instruction/recherches-enregistrees: a link to a search names it by its id, never by its criteria."""

import re
from typing import Annotated

from chalice import Blueprint
from pydantic import BaseModel, Field

from chalicelib import wiring
from chalicelib.demande.champs import VIDE_EST_ABSENT, Texte100
from chalicelib.demande.instants import ecrire
from chalicelib.demande.recherche import CriteresTries
from chalicelib.demande.recherches_enregistrees import CONSERVATION, RechercheEnregistree, RechercheInconnue
from chalicelib.fonctions import Fonction
from chalicelib.http import AGENT, Appel, Reponse, route
from chalicelib.saisie import Saisie

bp = Blueprint(__name__)
FONCTION = Fonction(droits={"table:recherches": ("GetItem", "PutItem", "UpdateItem")})

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class NouvelleRecherche(Saisie):
    """What is kept: ``criteres`` as they are sent to look for demandes, without ``curseur``."""

    nom: Annotated[Texte100 | None, VIDE_EST_ABSENT] = Field(
        default=None, title="Nom de la recherche", description="Facultatif."
    )
    criteres: CriteresTries = Field(title="Critères")


class RechercheGardee(BaseModel):
    """A search just kept: ``id`` is what the link carries."""

    id: str
    nom: str | None
    cree_le: str
    expire_le: str


class RechercheRelue(RechercheGardee):
    """The same, with what to look for."""

    criteres: CriteresTries


@route(
    bp,
    "POST",
    "/instruction/recherches-enregistrees",
    qui=AGENT,
    saisie=NouvelleRecherche,
    reponse=RechercheGardee,
    statut=201,
    erreurs=(429,),
)
def enregistrer(appel: Appel[NouvelleRecherche]) -> Reponse:
    """Enregistrer une recherche, pour la partager par un lien"""
    maintenant = wiring.horloge()
    recherche = RechercheEnregistree(
        recherche_id=wiring.nouvel_id(),
        auteur=appel.identite.compte_id,
        autorites=list(appel.identite.autorites),
        nom=appel.saisie.nom,
        criteres=appel.saisie.criteres,
        cree_le=ecrire(maintenant),
        expire_le=ecrire(maintenant + CONSERVATION),
    )
    wiring.recherches_enregistrees().enregistrer(recherche, maintenant)
    gardee = RechercheGardee(
        id=recherche.recherche_id, nom=recherche.nom, cree_le=recherche.cree_le, expire_le=recherche.expire_le
    )
    return Reponse(gardee, 201)


@route(
    bp,
    "GET",
    "/instruction/recherches-enregistrees/{recherche_id}",
    qui=AGENT,
    reponse=RechercheRelue,
    erreurs=(404,),
)
def relire(appel: Appel[None]) -> Reponse:
    """Relire une recherche enregistrée"""
    recherche_id = appel.chemin["recherche_id"]
    if not _ID.fullmatch(recherche_id):
        raise RechercheInconnue()
    recherche = wiring.recherches_enregistrees().lire(recherche_id, wiring.horloge())
    if recherche is None or not set(recherche.autorites) & set(appel.identite.autorites):
        raise RechercheInconnue()
    relue = RechercheRelue(
        id=recherche.recherche_id,
        nom=recherche.nom,
        criteres=recherche.criteres,
        cree_le=recherche.cree_le,
        expire_le=recherche.expire_le,
    )
    return Reponse(relue)
