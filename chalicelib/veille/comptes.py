"""Scheduled: tell the holders of accounts unused for almost 36 months, then close these accounts (DOMAIN §2).

A login does not move the date under which its account is watched: it would pay for it each time. This job alone does,
from the last login. An account whose holder has a demande under way is left alone. A closing erases what the holder's
own would (``comptes/moi.py``), and no demande. It may stop anywhere and run twice: each write holds only if nobody
logged in since the account was read.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.comptes import Compte, Contexte, StatutCompte
from chalicelib.demande.inactivite import Attendre, Fermer, Prevenir, a_regarder, decider
from chalicelib.demande.instants import ecrire
from chalicelib.demande.ports import Demandes
from chalicelib.demande.ports_comptes import Comptes, EtatInattendu
from chalicelib.demande.statuts import FINALS
from chalicelib.fonctions import Fonction
from chalicelib.observabilite import journal_technique, suivre
from chalicelib.settings import duree_du_jour
from chalicelib.veille.passage import tourner

bp = Blueprint(__name__)

FONCTION = Fonction(
    droits={
        "table:comptes": ("GetItem", "PutItem", "UpdateItem", "DeleteItem"),
        "table:comptes/index/par_veille": ("Query",),
        "table:sessions": ("DeleteItem",),
        "table:demandes": ("BatchGetItem",),
        "table:demandes/index/par_usager": ("Query",),
    },
    delai=300,
)

PAGE = 25


def veiller(
    comptes: Comptes,
    demandes: Demandes,
    maintenant: datetime,
    jour_s: float,
    nouvel_id: Callable[[], str],
    encore: Callable[[], bool] = lambda: True,
) -> Counter[str]:
    """Look at the accounts whose turn has come, oldest first, while ``encore()`` says so.

    One that fails stays the first of the next run, and holds up nobody.
    Answers how many were ``prevenus``, ``fermes``, ``replanifies``, in ``conflits`` with their holder, in ``erreurs``.
    """
    bilan: Counter[str] = Counter()
    for compte_id in comptes.a_veiller(ecrire(maintenant)):
        if not encore():
            break
        contexte = Contexte(int(maintenant.timestamp()), nouvel_id(), nouvel_id)
        suivre(contexte.correlation_id)
        try:
            bilan[_veiller_un(comptes, demandes, compte_id, contexte, maintenant, jour_s)] += 1
        except EtatInattendu:
            # Its holder came back, or closed it, while we looked.
            bilan["conflits"] += 1
        except Exception as panne:
            # One account must not hold up the others.
            bilan["erreurs"] += 1
            journal_technique.error("compte en echec", extra={"compte_id": compte_id, "erreur": type(panne).__name__})
    return bilan


def _veiller_un(
    comptes: Comptes, demandes: Demandes, compte_id: str, contexte: Contexte, maintenant: datetime, jour_s: float
) -> str:
    compte = comptes.lire(compte_id)
    if compte is None or compte.statut is not StatutCompte.ACTIF:
        # The index is late.
        return "conflits"
    en_cours = a_regarder(compte, maintenant, jour_s) and _demande_en_cours(demandes, compte)
    match decider(compte, en_cours, maintenant, jour_s):
        case Attendre(prochaine):
            comptes.replanifier(compte, ecrire(prochaine))
            return "replanifies"
        case Prevenir(cloture):
            annonce = contexte.evenement(compte_id, "CompteInutilise", valable_jusqua=ecrire(cloture))
            comptes.prevenir(compte, annonce, ecrire(maintenant), ecrire(cloture))
            return "prevenus"
        case Fermer():
            ferme = contexte.evenement(compte_id, "CompteInutiliseFerme", email=compte.email)
            comptes.fermer_inutilise(compte, ferme, contexte.maintenant)
            return "fermes"


def _demande_en_cours(demandes: Demandes, compte: Compte) -> bool:
    apres: str | None = None
    while True:
        page, apres = demandes.lister(compte.compte_id, apres, PAGE)
        if any(demande.statut not in FINALS for demande in page):
            return True
        if apres is None:
            return False


@bp.lambda_function(name="veille_comptes")
def tache(evenement: dict[str, Any], contexte: Any) -> dict[str, int]:
    """One run of the schedule; answers the counts. Raises ``VeilleIncomplete`` when some accounts failed."""
    return tourner(
        "veille des comptes",
        "comptes",
        contexte,
        partial(veiller, wiring.comptes(), wiring.demandes(), wiring.horloge(), duree_du_jour(), wiring.nouvel_id),
    )
