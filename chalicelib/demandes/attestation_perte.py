"""GET /demandes/{id}/attestation-perte: the attestation of a declared loss (F1727), once it was examined."""

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.attestations import declaration_de_perte
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


@route(bp, "GET", "/demandes/{id}/attestation-perte", qui=SAISIE, reponse=Lien, erreurs=(404, 409))
def handler(appel: Appel[None]) -> Reponse:
    """Obtenir l'attestation de déclaration de perte"""
    demande = lire_la_sienne(appel)
    maintenant = wiring.horloge()
    attestee = declaration_de_perte(demande, maintenant, duree_du_jour())
    from chalicelib.documents.attestation import rendre

    prefecture = wiring.nom_de_la_prefecture(demande.adresse.prefecture) if demande.adresse else ""
    pdf = rendre("attestation_perte", demande, attestee, prefecture, wiring.cachet(), jour_legal(maintenant))
    cle = f"{demande.id}/attestation-perte.pdf"
    return Reponse(Lien(url=wiring.fichiers().publier_document(cle, pdf, "attestation-declaration-de-perte.pdf")))
