"""GET /demandes/{id}/talon: the talon photo-signature to print and post (deck, step 4), as PDF."""

from datetime import date

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.complement import corrigee
from chalicelib.demande.erreurs import Conflit
from chalicelib.demande.instants import jour_legal
from chalicelib.demande.modeles import Demande
from chalicelib.demande.motifs import REGLES
from chalicelib.demande.ports_cachet import Cachet
from chalicelib.fonctions import Fonction
from chalicelib.http import SAISIE, Appel, Reponse, route
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


def rendre(demande: Demande, cachet: Cachet, jour: date) -> bytes:
    """The PDF; its code is the numéro, or the demande's key while it has none. Raises ``Conflit`` without talon."""
    if demande.photo_signature is None or demande.photo_signature.mode != "talon":
        raise Conflit("Choisissez d'abord le talon à l'étape « Photo / Signature ».")
    from chalicelib.documents.cachet import TypeDocument, sceller_demande
    from chalicelib.documents.talon import Talon
    from chalicelib.documents.talon import rendre as composer

    demandeur = demande.etat_civil.nom_complet if demande.etat_civil else ""
    code = sceller_demande(TypeDocument.TALON, demande, cachet, jour)
    return composer(Talon(demande.numero or demande.id, demandeur, REGLES[demande.motif].libelle), code)


@route(bp, "GET", "/demandes/{id}/talon", qui=SAISIE, reponse=Lien, erreurs=(404, 409))
def handler(appel: Appel[None]) -> Reponse:
    """Obtenir le talon photo-signature"""
    demande = lire_la_sienne(appel)
    pdf = rendre(corrigee(demande), wiring.cachet(), jour_legal(wiring.horloge()))
    lien = wiring.fichiers().publier_document(f"{demande.id}/talon.pdf", pdf, "talon-photo-signature.pdf")
    return Reponse(Lien(url=lien))
