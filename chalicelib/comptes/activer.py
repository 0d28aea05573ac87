"""POST /comptes/activation: the code of the mail proves the e-mail and opens the account.

An agent's account was opened by his chef: he chooses his password with its activation.
"""

from typing import Self

from chalice import Blueprint
from pydantic import Field, model_validator

from chalicelib import wiring
from chalicelib.demande.codes import UsageCode, code_juste
from chalicelib.demande.comptes import (
    COMPTE_INCONNU,
    Acces,
    Code,
    CodeRefuse,
    Contexte,
    IdentifiantSaisi,
    MotDePasse,
    QuestionSecrete,
    ReponseSecrete,
    normaliser_reponse,
    refuser,
    refuser_identifiant_dans_mot_de_passe,
)
from chalicelib.demande.erreurs import SaisieInvalide
from chalicelib.demande.ports_comptes import AccesInattendu, Comptes, Secrets
from chalicelib.fonctions import Fonction
from chalicelib.http import PUBLIC, Appel, Reponse, route
from chalicelib.saisie import Saisie
from chalicelib.settings import lire

bp = Blueprint(__name__)

FONCTION = Fonction(
    droits={"table:comptes": ("GetItem", "UpdateItem")},
    variables=("CLE_CODES",),
    memoire=1024,
)


A_CHOISIR = "Ce compte n'a pas encore de mot de passe : choisissez-le, avec une question secrète et sa réponse."
DEJA_CHOISI = "Le mot de passe de ce compte a déjà été choisi : activez-le avec le code seul."


class SaisieActivation(Saisie):
    """What the person copies from the mail; and for an agent, the password and the secret answer that he chooses."""

    identifiant: IdentifiantSaisi = Field(title="Identifiant")
    code: Code = Field(title="Code reçu par courriel", description="6 chiffres, valables 30 minutes.")
    mot_de_passe: MotDePasse | None = Field(default=None, repr=False, title="Mot de passe")
    question_secrete: QuestionSecrete | None = Field(default=None, title="Question secrète")
    reponse_secrete: ReponseSecrete | None = Field(default=None, repr=False, title="Réponse à votre question secrète")

    @model_validator(mode="after")
    def _tout_l_acces_ou_rien(self) -> Self:
        donnes = {valeur is None for valeur in (self.mot_de_passe, self.question_secrete, self.reponse_secrete)}
        if len(donnes) > 1:
            raise refuser("Choisissez ensemble le mot de passe, la question secrète et sa réponse.")
        return self


def acces_choisi(saisie: SaisieActivation, secrets: Secrets) -> Acces | None:
    """What the person chooses to open his account, hashed; None when he chose it before."""
    if saisie.mot_de_passe is None or saisie.question_secrete is None or saisie.reponse_secrete is None:
        return None
    return Acces(
        mot_de_passe=secrets.hacher(saisie.mot_de_passe),
        question_secrete=saisie.question_secrete,
        reponse_secrete=secrets.hacher(normaliser_reponse(saisie.reponse_secrete)),
    )


def activer_compte(
    saisie: SaisieActivation, comptes: Comptes, secrets: Secrets, cle_codes: str, contexte: Contexte
) -> None:
    """Activate; sending the right code again changes nothing and succeeds.

    Raises ``CodeRefuse`` for a wrong, expired or exhausted code as for an unknown account; once the code is right,
    ``SaisieInvalide`` when a password is missing, or was chosen before.
    """
    if saisie.mot_de_passe is not None:
        refuser_identifiant_dans_mot_de_passe(saisie.identifiant, saisie.mot_de_passe)
    compte_id = comptes.resoudre(saisie.identifiant) or COMPTE_INCONNU
    emis = comptes.compter_essai(compte_id, UsageCode.ACTIVATION, contexte.maintenant)
    if emis is None or not code_juste(cle_codes, compte_id, emis.usage, emis.nonce, saisie.code):
        raise CodeRefuse()
    try:
        actif = comptes.activer(emis, contexte.maintenant, acces_choisi(saisie, secrets))
    except AccesInattendu as refus:
        raise SaisieInvalide([("mot_de_passe", A_CHOISIR if refus.attendu else DEJA_CHOISI)]) from None
    if not actif:
        raise CodeRefuse()


@route(bp, "POST", "/comptes/activation", qui=PUBLIC, saisie=SaisieActivation, statut=204)
def activer(appel: Appel[SaisieActivation]) -> Reponse:
    """Active un compte avec le code à 6 chiffres reçu par courriel."""
    activer_compte(
        appel.saisie,
        wiring.comptes(),
        wiring.secrets(),
        lire("CLE_CODES"),
        wiring.contexte(appel.correlation_id),
    )
    return Reponse(None, 204)
