"""PUT /demandes/{id}/adresse/confirmation: a card came back; its holder confirms or corrects where to post it again."""

from collections.abc import Callable
from datetime import datetime

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.contact import remplacement
from chalicelib.demande.erreurs import ConflitDeVersion, SaisieInvalide, TransitionInterdite
from chalicelib.demande.index import cles_de_recherche
from chalicelib.demande.instants import ecrire
from chalicelib.demande.journal import Changement
from chalicelib.demande.modeles import Adresse, AdresseEnLigne, Demande, Statut
from chalicelib.demande.papier import auteur_de
from chalicelib.demande.ports import Demandes
from chalicelib.demande.vie import passer, urgence_de_tete
from chalicelib.demande.vue import DemandeVue
from chalicelib.fonctions import Fonction
from chalicelib.http import SAISIE, Appel, Reponse, route
from chalicelib.settings import duree_du_jour
from chalicelib.usager import lire_la_sienne, repondre

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:consultations": ("PutItem",),
        "table:demandes": ("GetItem", "UpdateItem"),
        "table:journal": ("PutItem",),
    }
)

ESSAIS = 5
"""How often a confirmation without If-Match reads again after a concurrent write, before telling the conflict."""


def preparer(
    demande: Demande, adresse: Adresse, maintenant: datetime, correlation_id: str, jour_s: float
) -> Changement | None:
    """What confirming ``adresse`` writes; None when it was already confirmed since the card came back.

    Raises ``TransitionInterdite``, and ``SaisieInvalide`` for another préfecture: this one has the demande.
    """
    if demande.statut is not Statut.NON_DISTRIBUEE:
        raise TransitionInterdite(demande.statut)
    if demande.adresse is not None and adresse.prefecture != demande.adresse.prefecture:
        message = "Votre demande est traitée par cette préfecture, qui ne change plus : corrigez seulement l'adresse."
        raise SaisieInvalide([("prefecture", message)])
    inchangee = demande.adresse is not None and demande.adresse.model_dump() == adresse.model_dump()
    if inchangee and demande.adresse_confirmee_le is not None:
        return None
    apres = demande.model_copy(update={"adresse": adresse})
    avant = cles_de_recherche(demande)
    cles = {nom: valeur for nom, valeur in cles_de_recherche(apres).items() if avant.get(nom) != valeur}
    remplace, anciens = remplacement(demande, apres)
    # The usager has done his part: an agent posts the card again. Confirming once more keeps its place.
    tete = {"urgence": urgence_de_tete(maintenant)} if demande.adresse_confirmee_le is None else {}
    return passer(
        demande,
        "AdresseConfirmee",
        auteur_de(demande),
        maintenant,
        correlation_id,
        jour_s=jour_s,
        poser={**cles, **anciens, **tete, "adresse": adresse, "adresse_confirmee_le": ecrire(maintenant)},
        precedents=remplace,
    )


def confirmer(
    demandes: Demandes,
    lire: Callable[[], Demande],
    adresse: Adresse,
    si_version: int | None,
    maintenant: datetime,
    correlation_id: str,
    jour_s: float,
) -> Demande:
    """Confirm ``adresse`` for what ``lire`` reads, once. Raises as ``preparer``, and ``ConflitDeVersion``."""
    for essai in range(ESSAIS):
        demande = lire()
        changement = preparer(demande, adresse, maintenant, correlation_id, jour_s)
        if changement is None:
            return demande
        if si_version is not None and si_version != demande.version:
            raise ConflitDeVersion(demande.version)
        try:
            return demandes.transiter(demande, changement)
        except ConflitDeVersion:
            if essai == ESSAIS - 1:
                raise
    raise AssertionError("unreachable")


@route(
    bp,
    "PUT",
    "/demandes/{id}/adresse/confirmation",
    qui=SAISIE,
    saisie=AdresseEnLigne,
    saisie_agent=Adresse,
    reponse=DemandeVue,
    erreurs=(404, 409, 412),
)
def handler(appel: Appel[Adresse]) -> Reponse:
    """Confirmer l'adresse où renvoyer le titre"""
    adresse = Adresse.model_validate(appel.saisie.model_dump())
    demande = confirmer(
        wiring.demandes(),
        lambda: lire_la_sienne(appel),
        adresse,
        appel.si_version,
        wiring.horloge(),
        appel.correlation_id,
        duree_du_jour(),
    )
    return repondre(demande)
