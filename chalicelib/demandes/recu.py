"""GET /demandes/{id}/recu: the receipt of the payment (CRPA L112-11), as PDF."""

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.erreurs import Conflit
from chalicelib.demande.instants import jour_legal, lire
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


def rendre(demande: Demande, cachet: Cachet) -> bytes:
    """The PDF; raises ``Conflit`` when nothing was paid."""
    paiement = demande.paiement
    if paiement is None or paiement.numero_timbre is None or not paiement.paye_le or not paiement.expire_le:
        raise Conflit("Aucun paiement n'est enregistré pour cette demande : il n'y a pas de reçu.")
    from chalicelib.documents.cachet import TypeDocument, sceller_demande
    from chalicelib.documents.recu import Recu
    from chalicelib.documents.recu import rendre as composer

    paye_le = lire(paiement.paye_le)
    return composer(
        Recu(
            reference=paiement.reference,
            numero_timbre=paiement.numero_timbre,
            montant_centimes=paiement.montant_centimes,
            paye_le=paye_le,
            demandeur=demande.etat_civil.nom_complet if demande.etat_civil else "",
            motif=REGLES[demande.motif].libelle,
            numero=demande.numero,
            timbre_expire_le=jour_legal(lire(paiement.expire_le)),
        ),
        sceller_demande(
            TypeDocument.RECU,
            demande,
            cachet,
            jour_legal(paye_le),
            montant_centimes=paiement.montant_centimes,
        ),
    )


@route(bp, "GET", "/demandes/{id}/recu", qui=SAISIE, reponse=Lien, erreurs=(404, 409))
def handler(appel: Appel[None]) -> Reponse:
    """Obtenir le reçu du paiement"""
    demande = lire_la_sienne(appel)
    pdf = rendre(demande, wiring.cachet())
    lien = wiring.fichiers().publier_document(f"{demande.id}/recu.pdf", pdf, "recu-de-paiement.pdf")
    return Reponse(Lien(url=lien))
