"""GET /communes: the communes of a code postal, each with its préfecture."""

from chalice import Blueprint

from chalicelib.adapters.catalogue import Commune, communes_de
from chalicelib.demande.champs import CodePostal
from chalicelib.fonctions import Fonction
from chalicelib.http import PUBLIC, Appel, Reponse, route
from chalicelib.saisie import Saisie

bp = Blueprint(__name__)

FONCTION = Fonction(memoire=256, delai=5)

# The same for everybody, changed by a deployment only.
EN_CACHE = {"Cache-Control": "public, max-age=86400"}


class RequeteCommunes(Saisie):
    """The query string: a code postal, five digits."""

    code_postal: CodePostal


@route(bp, "GET", "/communes", qui=PUBLIC, requete=RequeteCommunes, reponse=list[Commune])
def communes(appel: Appel[RequeteCommunes]) -> Reponse:
    """Les communes d'un code postal, par ordre alphabétique."""
    return Reponse([commune.model_dump() for commune in communes_de(appel.saisie.code_postal)], entetes=EN_CACHE)
