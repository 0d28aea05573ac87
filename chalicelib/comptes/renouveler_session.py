"""POST /sessions/renouvellement: a new jeton for one more hour, twelve at most since the password; the old one dies."""

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.comptes import Contexte, SessionOuverte, StatutCompte, instant, session_prolongee
from chalicelib.demande.erreurs import NonAuthentifie
from chalicelib.demande.ports_comptes import Comptes, EtatInattendu, Sessions
from chalicelib.fonctions import Fonction
from chalicelib.http import TOUS, Appel, Identite, Reponse, route

bp = Blueprint(__name__)

FONCTION = Fonction(
    droits={"table:comptes": ("GetItem",), "table:sessions": ("GetItem", "UpdateItem")}, variables=("CLE_JETONS",)
)


def renouveler_la_session(
    identite: Identite, comptes: Comptes, sessions: Sessions, contexte: Contexte
) -> SessionOuverte:
    """Replace the session of the caller.

    Raises ``NonAuthentifie`` when it is dead or at the end of its twelve hours.
    """
    session = sessions.lire(identite.compte_id, identite.session_id)
    if session is None or min(session.expire_le, session.fin_le) <= contexte.maintenant:
        raise NonAuthentifie()
    compte = comptes.lire(identite.compte_id)
    if compte is None or compte.statut is not StatutCompte.ACTIF:
        raise NonAuthentifie()
    suivante = session_prolongee(session, contexte.nouvel_id(), contexte.maintenant)
    try:
        sessions.remplacer(session.session_id, suivante)
    except EtatInattendu:
        raise NonAuthentifie() from None
    return SessionOuverte(
        jeton=sessions.jeton(suivante),
        expire_le=instant(suivante.expire_le),
        profil=compte.role,
        nom=compte.nom,
        prenom=compte.prenom,
        autorites=compte.autorites,
    )


@route(bp, "POST", "/sessions/renouvellement", qui=TOUS, reponse=SessionOuverte)
def renouveler(appel: Appel[None]) -> Reponse:
    """Donne un nouveau jeton et éteint l'ancien."""
    contexte = wiring.contexte(appel.correlation_id)
    return Reponse(renouveler_la_session(appel.identite, wiring.comptes(), wiring.sessions(), contexte))
