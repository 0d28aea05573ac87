"""GET /prefectures: the préfecture of a département, by its code autorité."""

from typing import Annotated

from chalice import Blueprint
from pydantic import StringConstraints

from chalicelib.adapters.catalogue import Prefecture, prefectures_de
from chalicelib.demande.champs import motif_de_texte
from chalicelib.fonctions import Fonction
from chalicelib.http import PUBLIC, Appel, Reponse, route
from chalicelib.saisie import Saisie

bp = Blueprint(__name__)

FONCTION = Fonction(memoire=256, delai=5)

# The same for everybody, changed by a deployment only.
EN_CACHE = {"Cache-Control": "public, max-age=86400"}


class RequetePrefectures(Saisie):
    """The query string: the code of a département."""

    departement: Annotated[
        str,
        StringConstraints(to_upper=True, min_length=1, max_length=3),
        motif_de_texte(r"[0-9][0-9AB][0-9]?", "Le département s'écrit par son code, comme 54, 2A ou 971."),
    ]


@route(bp, "GET", "/prefectures", qui=PUBLIC, requete=RequetePrefectures, reponse=list[Prefecture])
def prefectures(appel: Appel[RequetePrefectures]) -> Reponse:
    """La préfecture d'un département, avec son code autorité."""
    return Reponse(
        [prefecture.model_dump() for prefecture in prefectures_de(appel.saisie.departement)], entetes=EN_CACHE
    )
