"""POST /comptes/mot-de-passe: a new password, against the mail's code and the secret answer, or a second code by SMS.

The secret answer is never enough alone (DOMAIN §2): the mail's code is always asked, and its five tries bound the
guesses of the answer too.
"""

from typing import Self

from chalice import Blueprint
from pydantic import Field, model_validator

from chalicelib import wiring
from chalicelib.demande.codes import UsageCode, code_juste
from chalicelib.demande.comptes import (
    COMPTE_INCONNU,
    Code,
    CodeEmis,
    CodeRefuse,
    Compte,
    Contexte,
    IdentifiantSaisi,
    MotDePasse,
    ReponseSecrete,
    StatutCompte,
    normaliser_reponse,
    refuser,
    refuser_identifiant_dans_mot_de_passe,
)
from chalicelib.demande.ports_comptes import Comptes, EtatInattendu, Secrets
from chalicelib.fonctions import Fonction
from chalicelib.http import PUBLIC, Appel, Reponse, route
from chalicelib.saisie import Saisie
from chalicelib.settings import lire

bp = Blueprint(__name__)

FONCTION = Fonction(
    droits={"table:comptes": ("GetItem", "PutItem", "UpdateItem"), "table:sessions": ("DeleteItem",)},
    variables=("CLE_CODES",),
    memoire=1024,
)


class SaisieNouveauMotDePasse(Saisie):
    """The mail's code, and one second proof: ``reponse_secrete`` or ``code_sms``."""

    identifiant: IdentifiantSaisi = Field(title="Identifiant")
    code: Code = Field(title="Code reçu par courriel", description="6 chiffres, valables 30 minutes.")
    reponse_secrete: ReponseSecrete | None = Field(default=None, repr=False, title="Réponse à votre question secrète")
    code_sms: Code | None = Field(default=None, title="Code reçu par SMS", description="6 chiffres.")
    nouveau_mot_de_passe: MotDePasse = Field(repr=False, title="Nouveau mot de passe")

    @model_validator(mode="after")
    def _une_seconde_preuve(self) -> Self:
        if (self.reponse_secrete is None) == (self.code_sms is None):
            raise refuser("Donnez la réponse à votre question secrète, ou le code reçu par SMS.")
        return self


def changer_le_mot_de_passe(
    saisie: SaisieNouveauMotDePasse, comptes: Comptes, secrets: Secrets, cle_codes: str, contexte: Contexte
) -> None:
    """Change the password and end every session. The same call made twice succeeds twice, and changes once.

    Raises ``CodeRefuse`` without telling which proof was wrong, nor whether the account exists.
    """
    refuser_identifiant_dans_mot_de_passe(saisie.identifiant, saisie.nouveau_mot_de_passe, "nouveau_mot_de_passe")
    compte_id = comptes.resoudre(saisie.identifiant) or COMPTE_INCONNU
    codes = _codes_justes(saisie, compte_id, comptes, cle_codes, contexte.maintenant)
    compte = comptes.lire(compte_id)
    prouve = bool(codes) and _reponse_juste(saisie, compte, secrets)
    if compte is None or compte.statut is not StatutCompte.ACTIF or not prouve:
        raise CodeRefuse()
    if any(code.utilise for code in codes):
        if not secrets.verifier(compte.mot_de_passe, saisie.nouveau_mot_de_passe):
            raise CodeRefuse()
        return
    evenement = contexte.evenement(compte_id, "MotDePasseModifie")
    try:
        comptes.changer_mot_de_passe(compte, secrets.hacher(saisie.nouveau_mot_de_passe), codes, evenement)
    except EtatInattendu:
        raise CodeRefuse() from None


def _codes_justes(
    saisie: SaisieNouveauMotDePasse, compte_id: str, comptes: Comptes, cle_codes: str, maintenant: int
) -> list[CodeEmis]:
    """The codes given, all of them right; empty when one is not. Each one's try is counted in any case."""
    donnes = [(UsageCode.MOT_DE_PASSE, saisie.code)]
    if saisie.code_sms is not None:
        donnes.append((UsageCode.MOT_DE_PASSE_SMS, saisie.code_sms))
    emis = [comptes.compter_essai(compte_id, usage, maintenant) for usage, _ in donnes]
    justes = [
        code
        for code, (_, donne) in zip(emis, donnes, strict=True)
        if code is not None and code_juste(cle_codes, compte_id, code.usage, code.nonce, donne)
    ]
    return justes if len(justes) == len(donnes) else []


def _reponse_juste(saisie: SaisieNouveauMotDePasse, compte: Compte | None, secrets: Secrets) -> bool:
    if saisie.reponse_secrete is None:
        return True
    hache = compte.reponse_secrete if compte else None
    return secrets.verifier(hache, normaliser_reponse(saisie.reponse_secrete))


@route(bp, "POST", "/comptes/mot-de-passe", qui=PUBLIC, saisie=SaisieNouveauMotDePasse, statut=204)
def changer(appel: Appel[SaisieNouveauMotDePasse]) -> Reponse:
    """Change le mot de passe avec le code reçu par courriel et une seconde preuve."""
    changer_le_mot_de_passe(
        appel.saisie,
        wiring.comptes(),
        wiring.secrets(),
        lire("CLE_CODES"),
        wiring.contexte(appel.correlation_id),
    )
    return Reponse(None, 204)
