"""POST /comptes/activation/renvoi: another activation code, which cancels the one before."""

from chalice import Blueprint
from pydantic import Field

from chalicelib import wiring
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


class SaisieRenvoi(Saisie):
    """Whose code to send again."""

    identifiant: IdentifiantSaisi = Field(title="Identifiant")
    anti_robot: ReponseAntiRobot = Field(title="Vérification anti-robot")


def renvoyer_le_code(saisie: SaisieRenvoi, comptes: Comptes, anti_robot: AntiRobot, contexte: Contexte) -> None:
    """Have a new code sent, 5 times an hour at most; nothing tells whether the account exists or awaits activation.

    Raises ``AntiRobotRefuse``.
    """
    defi = anti_robot.verifier(saisie.anti_robot, contexte.maintenant)
    compte = comptes.lire(comptes.resoudre(saisie.identifiant) or COMPTE_INCONNU)
    limites = [limite("activation", cle_identifiant(saisie.identifiant), contexte.maintenant)]
    codes: list[CodeEmis] = []
    evenements: list[Evenement] = []
    if compte and compte.statut is StatutCompte.A_ACTIVER and compte.encore_la(contexte.maintenant):
        if compte.fantome_de:
            limites.append(limite("deja_existant", compte.fantome_de, contexte.maintenant))
            evenements.append(contexte.evenement(compte.fantome_de, "CompteDejaExistant"))
        else:
            codes.append(contexte.code(compte.compte_id, UsageCode.ACTIVATION))
            # An agent's account was opened by his chef: the text says so.
            type_ = "CodeActivation" if compte.role == "usager" else "HabilitationOuverte"
            evenements.append(contexte.evenement_de_code(type_, codes[0]))
    try:
        comptes.emettre(limites, defi, codes, evenements)
    except LimiteAtteinte:
        return


@route(bp, "POST", "/comptes/activation/renvoi", qui=PUBLIC, saisie=SaisieRenvoi, statut=202)
def renvoyer(appel: Appel[SaisieRenvoi]) -> Reponse:
    """Renvoie un code d'activation, qui remplace le précédent."""
    renvoyer_le_code(appel.saisie, wiring.comptes(), wiring.anti_robot(), wiring.contexte(appel.correlation_id))
    return Reponse(None, 202)
