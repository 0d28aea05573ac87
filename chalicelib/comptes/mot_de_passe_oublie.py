"""POST /comptes/mot-de-passe-oublie: a code by mail, and one by SMS too when the secret answer is lost as well."""

from chalice import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.demande.champs import OuiNon
from chalicelib.demande.codes import UsageCode
from chalicelib.demande.comptes import (
    COMPTE_INCONNU,
    CodeEmis,
    Contexte,
    Evenement,
    IdentifiantSaisi,
    ReponseAntiRobot,
    StatutCompte,
    cle_identifiant,
    limite,
)
from chalicelib.demande.ports_comptes import AntiRobot, Comptes, LimiteAtteinte
from chalicelib.fonctions import Fonction
from chalicelib.http import PUBLIC, Appel, Reponse, route
from chalicelib.saisie import Saisie

bp = Blueprint(__name__)

FONCTION = Fonction(
    droits={"table:comptes": ("GetItem", "PutItem"), "table:sessions": ("PutItem", "UpdateItem")},
    variables=("CLE_ALTCHA",),
)


class SaisieMotDePasseOublie(Saisie):
    """Whose password is lost; ``reponse_perdue`` asks for a second code, by SMS, in place of the secret answer."""

    identifiant: IdentifiantSaisi = Field(title="Identifiant")
    reponse_perdue: OuiNon = Field(default=False, title="J'ai aussi perdu la réponse à ma question secrète")
    anti_robot: ReponseAntiRobot = Field(title="Vérification anti-robot")


def envoyer_les_codes(
    saisie: SaisieMotDePasseOublie, comptes: Comptes, anti_robot: AntiRobot, contexte: Contexte
) -> None:
    """Have the codes sent (5 mails, 3 SMS an hour at most); nothing tells whether the account exists.

    Raises ``AntiRobotRefuse``.
    """
    defi = anti_robot.verifier(saisie.anti_robot, contexte.maintenant)
    compte = comptes.lire(comptes.resoudre(saisie.identifiant) or COMPTE_INCONNU)
    cible = cle_identifiant(saisie.identifiant)
    limites = [limite("mot_de_passe", cible, contexte.maintenant)]
    if saisie.reponse_perdue:
        limites.append(limite("mot_de_passe_sms", cible, contexte.maintenant, "sms"))
    codes: list[CodeEmis] = []
    evenements: list[Evenement] = []
    if compte and compte.statut is StatutCompte.ACTIF:
        codes.append(contexte.code(compte.compte_id, UsageCode.MOT_DE_PASSE))
        evenements.append(contexte.evenement_de_code("CodeMotDePasse", codes[0]))
        if saisie.reponse_perdue:
            codes.append(contexte.code(compte.compte_id, UsageCode.MOT_DE_PASSE_SMS))
            evenements.append(contexte.evenement_de_code("CodeMotDePasseSms", codes[1]))
    try:
        comptes.emettre(limites, defi, codes, evenements)
    except LimiteAtteinte:
        return


@route(bp, "POST", "/comptes/mot-de-passe-oublie", qui=PUBLIC, saisie=SaisieMotDePasseOublie, statut=202)
def envoyer(appel: Appel[SaisieMotDePasseOublie]) -> Reponse:
    """Envoie un code pour changer de mot de passe, si le compte existe."""
    envoyer_les_codes(appel.saisie, wiring.comptes(), wiring.anti_robot(), wiring.contexte(appel.correlation_id))
    return Reponse(None, 202)
