"""POST /comptes/identifiant-oublie: the mail carries it; the answer never tells whether the e-mail is known."""

from chalice import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.demande.champs import Courriel
from chalicelib.demande.comptes import Contexte, ReponseAntiRobot, limite
from chalicelib.demande.ports_comptes import AntiRobot, Comptes, LimiteAtteinte
from chalicelib.fonctions import Fonction
from chalicelib.http import PUBLIC, Appel, Reponse, route
from chalicelib.saisie import Saisie

bp = Blueprint(__name__)

FONCTION = Fonction(
    droits={"table:comptes": ("GetItem", "PutItem"), "table:sessions": ("PutItem", "UpdateItem")},
    variables=("CLE_ALTCHA",),
)


class SaisieIdentifiantOublie(Saisie):
    """The e-mail given when the account was opened."""

    email: Courriel = Field(title="Adresse e-mail", description="Celle de votre compte.")
    anti_robot: ReponseAntiRobot = Field(title="Vérification anti-robot")


def rappeler_l_identifiant(
    saisie: SaisieIdentifiantOublie, comptes: Comptes, anti_robot: AntiRobot, contexte: Contexte
) -> None:
    """Have the identifiant sent, 5 times an hour at most; raises ``AntiRobotRefuse``."""
    defi = anti_robot.verifier(saisie.anti_robot, contexte.maintenant)
    titulaire = comptes.titulaire(saisie.email, contexte.maintenant)
    evenements = [contexte.evenement(titulaire, "IdentifiantOublie")] if titulaire else []
    try:
        comptes.emettre([limite("identifiant", saisie.email.lower(), contexte.maintenant)], defi, [], evenements)
    except LimiteAtteinte:
        return


@route(bp, "POST", "/comptes/identifiant-oublie", qui=PUBLIC, saisie=SaisieIdentifiantOublie, statut=202)
def rappeler(appel: Appel[SaisieIdentifiantOublie]) -> Reponse:
    """Envoie l'identifiant par courriel, si l'adresse est connue."""
    rappeler_l_identifiant(appel.saisie, wiring.comptes(), wiring.anti_robot(), wiring.contexte(appel.correlation_id))
    return Reponse(None, 202)
