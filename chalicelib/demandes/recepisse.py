"""GET /demandes/{id}/recepisse: the acknowledgement of receipt (CRPA R112-5), as PDF, as things stand now."""

from datetime import datetime

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.autorites import Service, service_charge
from chalicelib.demande.delai import A_DECIDER, est_arretee, limite_de_decision, temps_usager
from chalicelib.demande.erreurs import Conflit
from chalicelib.demande.instants import jour_legal, lire
from chalicelib.demande.modeles import Demande, Statut
from chalicelib.demande.motifs import REGLES
from chalicelib.demande.ports_cachet import Cachet
from chalicelib.demande.suivi import DECLARATIONS, LIBELLES, RAISONS, droits, elements_attendus
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


QUALITES = {"representant_legal": "représentant légal", "mandataire": "mandataire"}


def rendre(demande: Demande, service: Service, maintenant: datetime, jour_s: float, cachet: Cachet) -> bytes:
    """The PDF of a deposited ``demande``; raises ``Conflit`` before its confirmation."""
    limite = limite_de_decision(demande, maintenant, jour_s)
    if demande.numero is None or demande.deposee_le is None or demande.etat_civil is None or limite is None:
        raise Conflit("L'accusé de réception est disponible une fois la demande confirmée.")
    from chalicelib.documents.cachet import TypeDocument, sceller_demande
    from chalicelib.documents.recepisse import ElementManquant, Recepisse
    from chalicelib.documents.recepisse import rendre as composer

    manquants = [ElementManquant(element.libelle, element.raison) for element in elements_attendus(demande)]
    if demande.statut is Statut.ATTENTE_PHOTO:
        manquants = [ElementManquant("Photo et signature", RAISONS[Statut.ATTENTE_PHOTO][0])]
    provisoires = droits(demande, maintenant, jour_s)
    return composer(
        Recepisse(
            numero=demande.numero,
            demandeur=demande.etat_civil.nom_complet,
            depose_par=_depose_par(demande),
            motif=REGLES[demande.motif].libelle,
            recue_le=lire(demande.deposee_le),
            service=service.nom,
            adresse=service.adresse,
            telephone=service.telephone,
            courriel=service.courriel,
            situation_au=jour_legal(maintenant),
            situation=LIBELLES[demande.statut],
            decision_avant=jour_legal(limite),
            arrete=est_arretee(demande),
            jours_usager=int(temps_usager(demande, maintenant).total_seconds() // jour_s),
            decidee=demande.statut not in A_DECIDER,
            manquants=tuple(manquants),
            avant_le=jour_legal(lire(demande.echeance)) if demande.echeance and manquants else None,
            message=demande.suspension.message if demande.suspension and manquants else None,
            droits_jusqua=jour_legal(lire(provisoires.jusqua)) if provisoires else None,
            droits=DECLARATIONS.get(demande.motif),
        ),
        sceller_demande(TypeDocument.RECEPISSE, demande, cachet, jour_legal(maintenant)),
    )


def _depose_par(demande: Demande) -> str | None:
    """Who deposited it when it was not the holder, in words."""
    if demande.representant is not None:
        return f"{demande.representant.nom_complet}, {QUALITES[demande.representant.qualite]}"
    return "Un agent, d’après le dossier papier" if demande.origine == "papier" else None


@route(bp, "GET", "/demandes/{id}/recepisse", qui=SAISIE, reponse=Lien, erreurs=(404, 409))
def handler(appel: Appel[None]) -> Reponse:
    """Obtenir l'accusé de réception de la demande"""
    demande = lire_la_sienne(appel)
    code = demande.adresse.prefecture if demande.adresse else ""
    service = service_charge(code, wiring.nom_de_la_prefecture(code))
    pdf = rendre(demande, service, wiring.horloge(), duree_du_jour(), wiring.cachet())
    lien = wiring.fichiers().publier_document(f"{demande.id}/recepisse.pdf", pdf, "accuse-de-reception.pdf")
    return Reponse(Lien(url=lien))
