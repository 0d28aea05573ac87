"""Scheduled: remind of the drafts that nobody touches, then close them (deck, step 4).

Before either, a purchase whose end was never heard is looked up at the shop: a stamp paid for is held, as its notice
would have done, and the draft goes on.

The steps do not move the date under which a draft is watched: they would pay for it at each write. This job alone does,
from when the draft was last touched. It may stop anywhere and run twice: each write is conditional on the version read.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.achats import achat_en_cours, constater, fin_manquee
from chalicelib.demande.brouillons import Attendre, Classer, Rappeler, decider
from chalicelib.demande.erreurs import ConflitDeVersion, DemandeInconnue, ServiceIndisponible, TimbreIndisponible
from chalicelib.demande.instants import ecrire
from chalicelib.demande.journal import Auteur, Changement
from chalicelib.demande.modeles import Demande, Statut
from chalicelib.demande.ports import Demandes
from chalicelib.demande.ports_externes import Achat, Boutique
from chalicelib.demande.vie import passer
from chalicelib.fonctions import Fonction
from chalicelib.observabilite import journal_technique, suivre
from chalicelib.settings import duree_du_jour
from chalicelib.veille.passage import tourner

bp = Blueprint(__name__)

FONCTION = Fonction(
    droits={
        "table:demandes": ("GetItem", "UpdateItem"),
        "table:demandes/index/par_veille": ("Query",),
        "table:journal": ("PutItem",),
        "table:timbres": ("GetItem", "PutItem", "UpdateItem"),
    },
    variables=("URL_TIMBRES",),
    delai=300,
)

AUTEUR = Auteur("systeme", "veille_brouillons")


@dataclass
class Caisse:
    """The shop, asked no more in this run once it did not answer: the drafts must not all wait for it."""

    boutique: Boutique
    muette: bool = False

    def fin_manquee(self, demande: Demande) -> Achat | None:
        """As ``achats.fin_manquee``; raises ``ServiceIndisponible``."""
        if self.muette and achat_en_cours(demande) is not None:
            raise ServiceIndisponible()
        try:
            return fin_manquee(demande, self.boutique)
        except ServiceIndisponible:
            self.muette = True
            raise


def veiller(
    demandes: Demandes,
    boutique: Boutique,
    maintenant: datetime,
    jour_s: float,
    nouvel_id: Callable[[], str],
    encore: Callable[[], bool] = lambda: True,
) -> Counter[str]:
    """Look at the drafts whose turn has come, oldest first, while ``encore()`` says so.

    One that fails stays the first of the next run, and holds up nobody: the run goes on behind it.
    Answers how many were ``rappeles``, ``classes``, ``replanifies``, ``payes`` without our knowing, ``remis`` to the
    next run because the shop does not answer, in ``conflits`` with a writer, in ``erreurs``.
    """
    comptes: Counter[str] = Counter()
    caisse = Caisse(boutique)
    for demande_id in demandes.a_veiller(maintenant):
        if not encore():
            break
        correlation_id = nouvel_id()
        suivre(correlation_id)
        try:
            demande = demandes.lire(demande_id)
            comptes[_veiller_un(demandes, caisse, demande, maintenant, jour_s, correlation_id)] += 1
        except (ConflitDeVersion, DemandeInconnue, TimbreIndisponible):
            # Touched, confirmed or withdrawn while we looked.
            comptes["conflits"] += 1
        except Exception as panne:
            # One draft must not hold up the others.
            comptes["erreurs"] += 1
            journal_technique.error(
                "brouillon en echec", extra={"demande_id": demande_id, "erreur": type(panne).__name__}
            )
    return comptes


def _veiller_un(
    demandes: Demandes, caisse: Caisse, demande: Demande, maintenant: datetime, jour_s: float, correlation_id: str
) -> str:
    if demande.statut is not Statut.BROUILLON:
        # The index is late.
        return "conflits"
    decision = decider(demande, maintenant, jour_s)
    if not isinstance(decision, Attendre):
        try:
            achat = caisse.fin_manquee(demande)
        except ServiceIndisponible:
            return "remis"
        # A refusal changes nothing for a draft that nobody touches.
        if achat is not None and achat.resultat == "accepte":
            constater(demandes, achat_en_cours(demande) or "", achat, maintenant, correlation_id)
            return "payes"
    match decision:
        case Attendre(prochaine):
            demandes.replanifier(demande, prochaine)
            return "replanifies"
        case Rappeler(prochaine):
            poser = {"rappele_le": ecrire(maintenant), "veille_le": ecrire(prochaine)}
            rappel = Changement("BrouillonRappele", AUTEUR, maintenant, correlation_id, poser=poser, touche=False)
            demandes.transiter(demande, rappel)
            return "rappeles"
        case Classer():
            classement = passer(
                demande,
                "DemandeClasseeSansSuite",
                AUTEUR,
                maintenant,
                correlation_id,
                jour_s=jour_s,
                vers=Statut.CLASSEE_SANS_SUITE,
            )
            demandes.transiter(demande, classement)
            return "classes"


@bp.lambda_function(name="brouillons")
def tache(evenement: dict[str, Any], contexte: Any) -> dict[str, int]:
    """One run of the schedule; answers the counts. Raises ``VeilleIncomplete`` when some drafts failed."""
    return tourner(
        "veille des brouillons",
        "brouillons",
        contexte,
        partial(veiller, wiring.demandes(), wiring.boutique(), datetime.now(UTC), duree_du_jour(), wiring.nouvel_id),
    )
