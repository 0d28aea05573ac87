"""GET /demandes/{id}/attestation-droits: the provisional proof of the rights to drive (deck, 15 October 2016)."""

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.attestations import droits_a_conduire
from chalicelib.demande.instants import jour_legal
from chalicelib.fonctions import Fonction
from chalicelib.http import SAISIE, Appel, Reponse, route
from chalicelib.settings import duree_du_jour
from chalicelib.usager import Lien, lire_la_sienne

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:consultations": ("PutItem",),
        "table:demandes": ("GetItem",),
        "bucket:documents/*": ("PutObject", "GetObject"),
        "key:cachet": ("Sign",),
    },
    variables=("URL_LIENS", "URL_SITE"),
    memoire=1024,
    delai=20,
    couches=("documents",),
)


@route(bp, "GET", "/demandes/{id}/attestation-droits", qui=SAISIE, reponse=Lien, erreurs=(404, 409))
def handler(appel: Appel[None]) -> Reponse:
    """Obtenir l'attestation provisoire de droits à conduire"""
    demande = lire_la_sienne(appel)
    maintenant = wiring.horloge()
    attestee = droits_a_conduire(demande, maintenant, duree_du_jour())
    from chalicelib.documents.attestation import rendre

    prefecture = wiring.nom_de_la_prefecture(demande.adresse.prefecture) if demande.adresse else ""
    pdf = rendre("attestation_droits", demande, attestee, prefecture, wiring.cachet(), jour_legal(maintenant))
    cle = f"{demande.id}/attestation-droits.pdf"
    return Reponse(Lien(url=wiring.fichiers().publier_document(cle, pdf, "attestation-droits-a-conduire.pdf")))
