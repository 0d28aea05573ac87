"""GET …: the dossier, with the SNPC beside it; it opens without the SNPC when that one does not answer, and says so.

The image of the photo comes as a short-lived link: opening the dossier, which is recorded, is opening it.
"""

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.dossier import Dossier, demander_au_snpc, dossier, doublon_vu
from chalicelib.demande.image_photo import image_montree
from chalicelib.demande.ports_consultations import Quoi
from chalicelib.fonctions import Fonction
from chalicelib.guichet import lire_pour_agent_et_pieces
from chalicelib.http import AGENT, CTN, Appel, Reponse, route
from chalicelib.observabilite import compter
from chalicelib.settings import duree_du_jour
from chalicelib.usager import consulter

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:demandes": ("Query",),
        "table:demandes/index/par_naissance": ("Query",),
        "table:consultations": ("PutItem",),
        "bucket:pieces/*": ("GetObject",),
    },
    variables=("URL_SNPC", "URL_LIENS"),
    delai=20,
)


@route(bp, "GET", "/instruction/demandes/{id}", qui=AGENT + CTN, reponse=Dossier, erreurs=(404,))
def handler(appel: Appel[None]) -> Reponse:
    """Ouvrir un dossier"""
    demande, pieces = lire_pour_agent_et_pieces(appel)
    consulter(appel, demande, Quoi.DOSSIER)
    demandes = wiring.demandes()
    closes = demandes.suspensions_closes(demande.id) if demande.suspensions else []
    doublons = [
        doublon_vu(autre, appel.identite.autorites, wiring.nom_de_la_prefecture(autre.autorite))
        for autre in demandes.doublons(demande)
    ]
    snpc = demander_au_snpc(demande, wiring.snpc())
    compter(f"snpc_{snpc[0]}")
    image = image_montree(demande)
    lien_photo = wiring.fichiers().lien_photo(demande.id, image.nom) if image and image.nom else None
    corps = dossier(
        demande,
        pieces,
        closes,
        doublons,
        snpc,
        wiring.nom_de_la_prefecture(demande.autorite or ""),
        appel.identite.compte_id,
        wiring.horloge(),
        duree_du_jour(),
        lien_photo,
    )
    return Reponse(corps, 200, {"ETag": f'"{demande.version}"'})
