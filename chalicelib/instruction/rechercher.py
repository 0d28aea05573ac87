"""POST /instruction/recherches: the global search of the PGA, within the agent's own autorités (DOMAIN §6).

It is a POST so that no name is ever in a URL; it writes nothing.
"""

from typing import Annotated

from chalice import Blueprint
from pydantic import BaseModel, StringConstraints

from chalicelib import wiring
from chalicelib.demande.erreurs import SaisieInvalide
from chalicelib.demande.fouille import CurseurInconnu, chercher
from chalicelib.demande.index import INDEX
from chalicelib.demande.modeles import Motif, Statut
from chalicelib.demande.recherche import CriteresTries, Trouvee
from chalicelib.fonctions import Fonction
from chalicelib.http import AGENT, Appel, Reponse, route
from chalicelib.observabilite import compter

bp = Blueprint(__name__)
CHEMINS = ("par_etat", "par_nom", "par_nom_usage", "par_naissance", "par_dossier", "par_numero")
FONCTION = Fonction(
    droits={
        "table:demandes": ("BatchGetItem",),
        **{f"table:demandes/index/{INDEX[nom].nom}": ("Query",) for nom in CHEMINS},
    },
)

CURSEUR_INCONNU = "Ce curseur n'est pas celui de cette recherche : reprenez-la depuis le début."


class Recherche(CriteresTries):
    """The criteria and their order; ``curseur``: the one of the page before."""

    curseur: Annotated[str, StringConstraints(min_length=1, max_length=8192)] | None = None


class LigneTrouvee(BaseModel):
    """One row; ``date_demande`` is when it was deposited, ``nom`` the nom de naissance."""

    id: str
    numero: str
    numero_dossier: str | None
    nom: str
    prenom: str
    date_naissance: str
    sexe: str
    date_demande: str
    motif: Motif
    statut: Statut


class PageTrouvee(BaseModel):
    """A page: ``curseur`` is null on the last one; ``partiel``: go on with it, the page was cut before it was full."""

    elements: list[LigneTrouvee]
    curseur: str | None
    partiel: bool


def ligne(trouvee: Trouvee) -> LigneTrouvee:
    """``trouvee`` as a row of the screen."""
    fiche = trouvee.fiche
    return LigneTrouvee(
        id=trouvee.id,
        numero=fiche.numero,
        numero_dossier=fiche.numero_dossier,
        nom=fiche.nom,
        prenom=" ".join(fiche.prenoms),
        date_naissance=fiche.date_naissance,
        sexe=fiche.sexe,
        date_demande=fiche.deposee_le,
        motif=fiche.motif,
        statut=Statut(trouvee.statut),
    )


@route(bp, "POST", "/instruction/recherches", qui=AGENT, saisie=Recherche, reponse=PageTrouvee)
def handler(appel: Appel[Recherche]) -> Reponse:
    """Rechercher des demandes"""
    saisie = appel.saisie
    try:
        trouvees = chercher(wiring.recherche(), saisie, saisie.tri, saisie.curseur, appel.identite.autorites)
    except CurseurInconnu:
        raise SaisieInvalide([("curseur", CURSEUR_INCONNU)]) from None
    compter("recherches_partielles" if trouvees.partiel else "recherches_completes")
    elements = [ligne(trouvee) for trouvee in trouvees.elements]
    return Reponse(PageTrouvee(elements=elements, curseur=trouvees.curseur, partiel=trouvees.partiel))
