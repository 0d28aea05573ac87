"""POST /comptes/activation: the code of the mail proves the e-mail and opens the account."""

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.codes import UsageCode, code_juste
from chalicelib.demande.comptes import COMPTE_INCONNU, Code, CodeRefuse, Contexte, IdentifiantSaisi
from chalicelib.demande.ports_comptes import Comptes
from chalicelib.fonctions import Fonction
from chalicelib.http import PUBLIC, Appel, Reponse, route
from chalicelib.saisie import Saisie
from chalicelib.settings import lire

bp = Blueprint(__name__)

FONCTION = Fonction(droits={"table:comptes": ("GetItem", "UpdateItem")}, variables=("CLE_CODES",))


class SaisieActivation(Saisie):
    """What the person copies from the mail."""

    identifiant: IdentifiantSaisi
    code: Code


def activer_compte(saisie: SaisieActivation, comptes: Comptes, cle_codes: str, contexte: Contexte) -> None:
    """Activate; sending the right code again changes nothing and succeeds.

    Raises ``CodeRefuse`` for a wrong, expired or exhausted code as for an unknown account.
    """
    compte_id = comptes.resoudre(saisie.identifiant) or COMPTE_INCONNU
    emis = comptes.compter_essai(compte_id, UsageCode.ACTIVATION, contexte.maintenant)
    if emis is None or not code_juste(cle_codes, compte_id, emis.usage, emis.nonce, saisie.code):
        raise CodeRefuse()
    if not comptes.activer(emis, contexte.maintenant):
        raise CodeRefuse()


@route(bp, "POST", "/comptes/activation", qui=PUBLIC, saisie=SaisieActivation, statut=204)
def activer(appel: Appel[SaisieActivation]) -> Reponse:
    """Active un compte avec le code à 6 chiffres reçu par courriel."""
    activer_compte(appel.saisie, wiring.comptes(), lire("CLE_CODES"), wiring.contexte(appel.correlation_id))
    return Reponse(None, 204)
