"""POST /sessions: log in. One answer and one amount of work for an unknown account and for a wrong password."""

from chalice import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.demande.comptes import (
    COMPTE_INCONNU,
    CompteAActiver,
    Contexte,
    IdentifiantSaisi,
    MotDePasseSaisi,
    SessionOuverte,
    StatutCompte,
    instant,
    nouvelle_session,
)
from chalicelib.demande.erreurs import IdentifiantsRefuses
from chalicelib.demande.ports_comptes import Comptes, EtatInattendu, Secrets, Sessions
from chalicelib.fonctions import Fonction
from chalicelib.http import PUBLIC, Appel, Reponse, route
from chalicelib.saisie import Saisie

bp = Blueprint(__name__)

FONCTION = Fonction(
    droits={
        "table:comptes": ("GetItem", "UpdateItem"),
        "table:sessions": ("GetItem", "UpdateItem", "DeleteItem"),
    },
    variables=("CLE_JETONS", "SECRET_RELAIS"),
    memoire=1024,
)


class SaisieSession(Saisie):
    """What the person types to log in."""

    identifiant: IdentifiantSaisi = Field(title="Identifiant")
    mot_de_passe: MotDePasseSaisi = Field(repr=False, title="Mot de passe")


def ouvrir_une_session(
    saisie: SaisieSession, adresse: str, comptes: Comptes, sessions: Sessions, secrets: Secrets, contexte: Contexte
) -> SessionOuverte:
    """Check the password and open a session.

    Raises ``TropDeTentatives``, ``IdentifiantsRefuses``, and ``CompteAActiver`` only to who knows the password.
    """
    maintenant = contexte.maintenant
    sessions.reserver_essai(saisie.identifiant, adresse, maintenant)
    compte = comptes.lire(comptes.resoudre(saisie.identifiant) or COMPTE_INCONNU)
    if compte and not compte.encore_la(maintenant):
        compte = None
    juste = secrets.verifier(compte.mot_de_passe if compte else None, saisie.mot_de_passe)
    if compte is None or not juste:
        sessions.compter_echec(adresse, maintenant)
        raise IdentifiantsRefuses()
    if compte.statut is StatutCompte.A_ACTIVER:
        raise CompteAActiver()
    session = nouvelle_session(compte, contexte.nouvel_id(), maintenant)
    try:
        sessions.ouvrir(compte, session, maintenant)
    except EtatInattendu:
        # The password changed, or the account closed, while this one was being checked.
        raise IdentifiantsRefuses() from None
    return SessionOuverte(
        jeton=sessions.jeton(session),
        expire_le=instant(session.expire_le),
        profil=compte.role,
        nom=compte.nom,
        prenom=compte.prenom,
        autorites=compte.autorites,
    )


@route(bp, "POST", "/sessions", qui=PUBLIC, saisie=SaisieSession, reponse=SessionOuverte, erreurs=(401, 429))
def ouvrir(appel: Appel[SaisieSession]) -> Reponse:
    """Ouvre une session et donne son jeton."""
    return Reponse(
        ouvrir_une_session(
            appel.saisie,
            appel.adresse,
            wiring.comptes(),
            wiring.sessions(),
            wiring.secrets(),
            wiring.contexte(appel.correlation_id),
        )
    )
