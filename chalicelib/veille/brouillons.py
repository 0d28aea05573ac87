"""Scheduled: remind of the drafts that nobody touches, then close them (deck, step 4).

The steps do not move the date under which a draft is watched: they would pay for it at each write. This job alone does,
from when the draft was last touched. It may stop anywhere and run twice: each write is conditional on the version read.
"""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.brouillons import Attendre, Classer, Rappeler, decider
from chalicelib.demande.erreurs import ConflitDeVersion, DemandeInconnue, TimbreIndisponible
from chalicelib.demande.instants import ecrire
from chalicelib.demande.journal import Auteur, Changement
from chalicelib.demande.modeles import Demande, Statut
from chalicelib.demande.ports import Demandes
from chalicelib.demande.vie import passer
from chalicelib.fonctions import Fonction
from chalicelib.observabilite import compter, journal_technique, publier_metriques, suivre
from chalicelib.settings import duree_du_jour

bp = Blueprint(__name__)

FONCTION = Fonction(
    droits={
        "table:demandes": ("GetItem", "UpdateItem"),
        "table:demandes/index/par_veille": ("Query",),
        "table:journal": ("PutItem",),
        "table:timbres": ("UpdateItem",),
    },
    delai=300,
)

AUTEUR = Auteur("systeme", "veille_brouillons")
MARGE_MS = 5_000


class VeilleIncomplete(Exception):
    """Some drafts could not be looked at: the rest was, and these come first at the next run."""


def veiller(
    demandes: Demandes,
    maintenant: datetime,
    jour_s: float,
    nouvel_id: Callable[[], str],
    encore: Callable[[], bool] = lambda: True,
) -> Counter[str]:
    """Look at the drafts whose turn has come, oldest first, while ``encore()`` says so.

    One that fails stays the first of the next run, and holds up nobody: the run goes on behind it.
    Answers how many were ``rappeles``, ``classes``, ``replanifies``, in ``conflits`` with a writer, in ``erreurs``.
    """
    comptes: Counter[str] = Counter()
    for demande_id in demandes.a_veiller(maintenant):
        if not encore():
            break
        correlation_id = nouvel_id()
        suivre(correlation_id)
        try:
            comptes[_veiller_un(demandes, demandes.lire(demande_id), maintenant, jour_s, correlation_id)] += 1
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


def _veiller_un(demandes: Demandes, demande: Demande, maintenant: datetime, jour_s: float, correlation_id: str) -> str:
    if demande.statut is not Statut.BROUILLON:
        # The index is late.
        return "conflits"
    match decider(demande, maintenant, jour_s):
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
    try:
        comptes = veiller(
            wiring.demandes(),
            datetime.now(UTC),
            duree_du_jour(),
            wiring.nouvel_id,
            lambda: contexte.get_remaining_time_in_millis() > MARGE_MS,
        )
        for nom, nombre in comptes.items():
            compter(f"brouillons_{nom}", nombre)
        journal_technique.info("veille des brouillons", extra={"comptes": dict(comptes)})
        if comptes["erreurs"]:
            raise VeilleIncomplete(f"{comptes['erreurs']} brouillon(s) en échec")
        return dict(comptes)
    finally:
        publier_metriques()
