"""GET, PUT, DELETE /comptes/moi: one's own profile. A new e-mail or phone waits for the code sent to it.

The name under which an agent signs, and the end of his account, are his service's (instruction/habilitation.py): he
changes how he is reached and how he opens his account, nothing else.
"""

from typing import Annotated, Literal

from chalice import Blueprint
from pydantic import BaseModel, Field

from chalicelib import wiring
from chalicelib.demande.champs import VIDE_EST_ABSENT, Courriel, Nom, Telephone
from chalicelib.demande.codes import UsageCode, code_juste
from chalicelib.demande.comptes import (
    LIMITE_FENETRE_S,
    Code,
    CodeEmis,
    CodeRefuse,
    Compte,
    Contexte,
    Evenement,
    Limite,
    QuestionSecrete,
    ReponseSecrete,
    limite,
    normaliser_reponse,
)
from chalicelib.demande.erreurs import Conflit, NonAuthentifie, SaisieInvalide, TropDeTentatives
from chalicelib.demande.ports_comptes import Comptes, EtatInattendu, LimiteAtteinte, Secrets
from chalicelib.fonctions import Fonction
from chalicelib.http import TOUS, USAGER, Appel, Reponse, route
from chalicelib.saisie import Saisie
from chalicelib.settings import lire

bp = Blueprint(__name__)

FONCTION = Fonction(
    droits={
        "table:comptes": ("GetItem", "PutItem", "UpdateItem", "DeleteItem"),
        "table:sessions": ("UpdateItem", "DeleteItem"),
    },
    variables=("CLE_CODES",),
    memoire=1024,
)

TENUS = ("prenom", "nom")
"""What names who signs a decision: a usager's own, but for anybody else as his habilitation says."""

NOM_TENU = "Ce nom est celui de votre habilitation : demandez sa correction à votre chef de service."


class HabilitationTenue(Conflit):
    """An account that carries an habilitation is not closed by its holder (409)."""

    titre = "Compte tenu par votre service"
    detail = "Votre habilitation est tenue par votre chef de service : lui seul ferme ce compte."


class Profil(BaseModel):
    """The account as its holder sees it; ``…_en_attente``: given, and awaiting its code."""

    identifiant: str
    profil: str
    prenom: str
    nom: str
    email: str
    sexe: str
    telephone: str
    question_secrete: str
    email_en_attente: str | None
    telephone_en_attente: str | None


class SaisieProfil(Saisie):
    """What changes, nothing else; ``code_email`` and ``code_telephone`` confirm what was given before."""

    prenom: Nom | None = Field(default=None, title="Prénom")
    nom: Nom | None = Field(default=None, title="Nom")
    sexe: Literal["F", "M"] | None = Field(
        default=None, title="Sexe", json_schema_extra={"libelles": {"F": "Femme", "M": "Homme"}}
    )
    email: Annotated[Courriel | None, VIDE_EST_ABSENT] = Field(default=None, title="Adresse e-mail")
    telephone: Annotated[Telephone | None, VIDE_EST_ABSENT] = Field(default=None, title="Téléphone (n° à 10 chiffres)")
    question_secrete: QuestionSecrete | None = Field(default=None, title="Question secrète")
    reponse_secrete: ReponseSecrete | None = Field(default=None, repr=False, title="Réponse à votre question secrète")
    code_email: Annotated[Code | None, VIDE_EST_ABSENT] = Field(
        default=None, title="Code reçu à la nouvelle adresse", description="6 chiffres."
    )
    code_telephone: Annotated[Code | None, VIDE_EST_ABSENT] = Field(
        default=None, title="Code reçu par SMS", description="6 chiffres."
    )


def lire_le_profil(compte_id: str, comptes: Comptes) -> Compte:
    """The account of the caller; raises ``NonAuthentifie`` once it is closed."""
    compte = comptes.lire(compte_id)
    if compte is None:
        raise NonAuthentifie()
    return compte


def modifier_le_profil(
    compte_id: str, saisie: SaisieProfil, comptes: Comptes, secrets: Secrets, cle_codes: str, contexte: Contexte
) -> Compte:
    """Confirm what a code confirms, then change the rest; gives the account as it now is.

    An e-mail that has another account is taken as any other, and its holder is told: nothing is revealed.
    Raises ``CodeRefuse``, ``SaisieInvalide``, ``TropDeTentatives``, ``NonAuthentifie``.
    """
    compte = lire_le_profil(compte_id, comptes)
    if compte.role not in USAGER:
        _exiger_le_nom_tenu(compte, saisie)
    confirmations = (
        (UsageCode.EMAIL, saisie.code_email, "code_email"),
        (UsageCode.TELEPHONE, saisie.code_telephone, "code_telephone"),
    )
    for usage, code, champ in confirmations:
        if code is not None:
            compte = _confirmer(compte, usage, code, champ, comptes, cle_codes, contexte)
    changements = _changements(compte, saisie, secrets)
    limites: list[Limite] = []
    codes: list[CodeEmis] = []
    evenements: list[Evenement] = []
    if email := changements.get("email_en_attente"):
        limites.append(limite("email", compte_id, contexte.maintenant))
        codes.append(contexte.code(compte_id, UsageCode.EMAIL, email))
        titulaire = comptes.titulaire(email, contexte.maintenant)
        evenements.append(
            contexte.evenement_de_code("CodeEmail", codes[-1], email=email)
            if titulaire in (None, compte_id)
            else contexte.evenement(titulaire, "CompteDejaExistant")
        )
    if telephone := changements.get("telephone_en_attente"):
        limites.append(limite("telephone", compte_id, contexte.maintenant, "sms"))
        codes.append(contexte.code(compte_id, UsageCode.TELEPHONE, telephone))
        evenements.append(contexte.evenement_de_code("CodeTelephone", codes[-1], telephone=telephone))
    if not changements:
        return compte
    try:
        comptes.modifier(compte_id, changements, limites, codes, evenements)
    except LimiteAtteinte:
        raise TropDeTentatives(LIMITE_FENETRE_S - contexte.maintenant % LIMITE_FENETRE_S) from None
    except EtatInattendu:
        raise NonAuthentifie() from None
    return compte.model_copy(update=changements)


def _exiger_le_nom_tenu(compte: Compte, saisie: SaisieProfil) -> None:
    """Raise ``SaisieInvalide`` naming each part of the name that would change."""
    changes = [nom for nom in TENUS if getattr(saisie, nom) not in (None, getattr(compte, nom))]
    if changes:
        raise SaisieInvalide([(nom, NOM_TENU) for nom in changes])


def _changements(compte: Compte, saisie: SaisieProfil, secrets: Secrets) -> dict[str, str]:
    """The members to write: those given that differ; contacts as awaiting."""
    changements: dict[str, str] = {
        nom: valeur
        for nom in ("prenom", "nom", "sexe", "question_secrete")
        if (valeur := getattr(saisie, nom)) is not None and valeur != getattr(compte, nom)
    }
    if "question_secrete" in changements and saisie.reponse_secrete is None:
        raise SaisieInvalide([("reponse_secrete", "Donnez aussi la réponse à votre nouvelle question.")])
    if saisie.reponse_secrete is not None:
        changements["reponse_secrete"] = secrets.hacher(normaliser_reponse(saisie.reponse_secrete))
    if saisie.email and saisie.email != compte.email:
        changements["email_en_attente"] = saisie.email
    if saisie.telephone and saisie.telephone != compte.telephone:
        changements["telephone_en_attente"] = saisie.telephone
    return changements


def _confirmer(
    compte: Compte,
    usage: UsageCode,
    code: str,
    champ: str,
    comptes: Comptes,
    cle_codes: str,
    contexte: Contexte,
) -> Compte:
    emis = comptes.compter_essai(compte.compte_id, usage, contexte.maintenant)
    if emis is None or not code_juste(cle_codes, compte.compte_id, usage, emis.nonce, code):
        raise CodeRefuse(champ)
    confirme = compte.model_copy(update={str(usage): emis.valeur, f"{usage}_en_attente": None})
    if emis.utilise and getattr(compte, usage) == emis.valeur:
        return confirme
    # The address that could be reached until now is told, in case the change is somebody else's.
    evenement = contexte.evenement(compte.compte_id, "CoordonneesModifiees", email=compte.email)
    try:
        comptes.confirmer(compte, emis, evenement, contexte.maintenant)
    except EtatInattendu:
        raise CodeRefuse(champ) from None
    return confirme


def fermer_le_compte(compte_id: str, comptes: Comptes, contexte: Contexte) -> None:
    """Close a usager's account; demandes live elsewhere and stay.

    Raises ``NonAuthentifie`` once it is closed, ``HabilitationTenue`` for anybody else's.
    """
    compte = lire_le_profil(compte_id, comptes)
    if compte.role not in USAGER:
        raise HabilitationTenue()
    evenement = contexte.evenement(compte_id, "CompteFerme", email=compte.email)
    try:
        comptes.fermer(compte, evenement, contexte.maintenant)
    except EtatInattendu:
        raise NonAuthentifie() from None


def _profil(compte: Compte) -> Reponse:
    return Reponse(Profil(profil=compte.role, **compte.model_dump(include=set(Profil.model_fields) - {"profil"})))


@route(bp, "GET", "/comptes/moi", qui=TOUS, reponse=Profil)
def consulter(appel: Appel[None]) -> Reponse:
    """Donne le profil de la personne connectée."""
    return _profil(lire_le_profil(appel.identite.compte_id, wiring.comptes()))


@route(bp, "PUT", "/comptes/moi", qui=TOUS, saisie=SaisieProfil, reponse=Profil, erreurs=(429,))
def modifier(appel: Appel[SaisieProfil]) -> Reponse:
    """Modifie le profil ; une adresse ou un téléphone nouveaux attendent leur code."""
    compte = modifier_le_profil(
        appel.identite.compte_id,
        appel.saisie,
        wiring.comptes(),
        wiring.secrets(),
        lire("CLE_CODES"),
        wiring.contexte(appel.correlation_id),
    )
    return _profil(compte)


@route(bp, "DELETE", "/comptes/moi", qui=TOUS, statut=204, erreurs=(409,))
def fermer(appel: Appel[None]) -> Reponse:
    """Ferme le compte ; les demandes confirmées sont conservées."""
    fermer_le_compte(appel.identite.compte_id, wiring.comptes(), wiring.contexte(appel.correlation_id))
    return Reponse(None, 204)
