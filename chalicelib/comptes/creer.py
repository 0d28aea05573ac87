"""POST /comptes: open a usager's account, to be activated by the code of a mail."""

import hmac
import json
from typing import Annotated, Literal

from chalice import Blueprint
from pydantic import AfterValidator, BaseModel, Field

from chalicelib import wiring
from chalicelib.demande.champs import Courriel, Nom, OuiNon, Telephone
from chalicelib.demande.codes import UsageCode
from chalicelib.demande.comptes import (
    RESERVATION_S,
    CleDejaUtilisee,
    Compte,
    Contexte,
    Creation,
    Defi,
    Identifiant,
    MotDePasse,
    QuestionSecrete,
    ReponseAntiRobot,
    ReponseSecrete,
    StatutCompte,
    empreinte,
    instant,
    limite,
    normaliser_reponse,
    refuser,
    refuser_identifiant_dans_mot_de_passe,
)
from chalicelib.demande.erreurs import ServiceIndisponible
from chalicelib.demande.inactivite import premiere_veille
from chalicelib.demande.instants import lire
from chalicelib.demande.ports_comptes import AntiRobot, Comptes, CreationConnue, EmailPris, LimiteAtteinte, Secrets
from chalicelib.fonctions import Fonction
from chalicelib.http import PUBLIC, Appel, Reponse, route
from chalicelib.saisie import Saisie
from chalicelib.settings import duree_du_jour

bp = Blueprint(__name__)

FONCTION = Fonction(
    droits={"table:comptes": ("GetItem", "PutItem"), "table:sessions": ("PutItem", "UpdateItem")},
    variables=("CLE_ALTCHA",),
    memoire=1024,
)
_COURSES = 4


def _acceptees(valeur: bool) -> bool:
    if not valeur:
        raise refuser(
            "Acceptez les conditions générales d'utilisation et les règles de confidentialité pour continuer."
        )
    return valeur


class SaisieCompte(Saisie):
    """The form of the slide « Préalable » (DOMAIN §2)."""

    identifiant: Identifiant = Field(title="Veuillez définir un identifiant pour votre compte")
    mot_de_passe: MotDePasse = Field(repr=False, title="Mot de passe")
    profil: Literal["usager"] = Field(title="Profil principal", json_schema_extra={"libelles": {"usager": "Usager"}})
    prenom: Nom = Field(title="Prénom")
    nom: Nom = Field(title="Nom")
    email: Courriel = Field(title="Adresse e-mail")
    sexe: Literal["F", "M"] = Field(title="Sexe", json_schema_extra={"libelles": {"F": "Femme", "M": "Homme"}})
    telephone: Telephone = Field(title="Téléphone (n° à 10 chiffres)")
    question_secrete: QuestionSecrete = Field(
        title="Question secrète", description="Une question dont vous seul connaissez la réponse."
    )
    reponse_secrete: ReponseSecrete = Field(repr=False, title="Réponse à votre question secrète")
    cgu_acceptees: Annotated[OuiNon, AfterValidator(_acceptees)] = Field(
        title="J'accepte les conditions générales d'utilisation et les règles de confidentialité"
    )
    anti_robot: ReponseAntiRobot = Field(title="Vérification anti-robot")


class CompteCree(BaseModel):
    """The same whether the e-mail was free or not."""

    identifiant: str
    statut: Annotated[Literal["a_activer"], Field(description="le code reçu par courriel l'active, sous 24 heures")]


def creer_compte(
    saisie: SaisieCompte,
    comptes: Comptes,
    secrets: Secrets,
    anti_robot: AntiRobot,
    contexte: Contexte,
    cle_idempotence: str | None,
    jour_s: float,
) -> CompteCree:
    """Open the account, or a ghost of it when the e-mail has one: the caller sees no difference, in answer or in work.

    Raises ``AntiRobotRefuse``, ``IdentifiantPris``, ``CleDejaUtilisee``.
    """
    refuser_identifiant_dans_mot_de_passe(saisie.identifiant, saisie.mot_de_passe)
    defi = anti_robot.verifier(saisie.anti_robot, contexte.maintenant)
    mot_de_passe = secrets.hacher(saisie.mot_de_passe)
    reponse_secrete = secrets.hacher(normaliser_reponse(saisie.reponse_secrete))
    creation = None
    if cle_idempotence is not None:
        expire = contexte.maintenant + RESERVATION_S
        creation = Creation(empreinte(cle_idempotence), _empreinte(saisie), mot_de_passe, reponse_secrete, expire)
    try:
        _ecrire(saisie, comptes, defi, creation, mot_de_passe, reponse_secrete, contexte, jour_s)
    except CreationConnue as connue:
        if not _meme_saisie(saisie, connue.creation, secrets):
            raise CleDejaUtilisee() from None
    return CompteCree(identifiant=saisie.identifiant, statut="a_activer")


def _ecrire(
    saisie: SaisieCompte,
    comptes: Comptes,
    defi: Defi,
    creation: Creation | None,
    mot_de_passe: str,
    reponse_secrete: str,
    contexte: Contexte,
    jour_s: float,
) -> None:
    maintenant = contexte.maintenant
    compte_id = contexte.nouvel_id()
    code = contexte.code(compte_id, UsageCode.ACTIVATION)
    prevenir = True
    for _ in range(_COURSES):
        titulaire = comptes.titulaire(saisie.email, maintenant)
        compte = Compte(
            compte_id=compte_id,
            identifiant=saisie.identifiant,
            statut=StatutCompte.A_ACTIVER,
            prenom=saisie.prenom,
            nom=saisie.nom,
            email=saisie.email,
            sexe=saisie.sexe,
            telephone=saisie.telephone,
            question_secrete=saisie.question_secrete,
            reponse_secrete=reponse_secrete,
            mot_de_passe=mot_de_passe,
            cgu_acceptees_le=instant(maintenant),
            cree_le=instant(maintenant),
            expire=maintenant + RESERVATION_S,
            fantome_de=titulaire,
            veille_le=premiere_veille(lire(instant(maintenant)), jour_s),
        )
        limites = []
        evenements = [contexte.evenement_de_code("CodeActivation", code)]
        if titulaire is not None:
            limites = [limite("deja_existant", titulaire, maintenant)] if prevenir else []
            evenements = [contexte.evenement(titulaire, "CompteDejaExistant")] if prevenir else []
        try:
            comptes.creer(compte, code, limites, evenements, defi, creation, maintenant)
            return
        except EmailPris:
            continue
        except LimiteAtteinte:
            # The holder has been told often enough for this hour.
            prevenir = False
    raise ServiceIndisponible("Cette création est en concurrence avec une autre : recommencez dans quelques instants.")


def _empreinte(saisie: SaisieCompte) -> str:
    """Digest of the body without its secrets, nor the anti-robot (a second attempt brings another one)."""
    champs = saisie.model_dump(exclude={"mot_de_passe", "reponse_secrete", "anti_robot"})
    return empreinte(json.dumps(champs, sort_keys=True))


def _meme_saisie(saisie: SaisieCompte, creation: Creation, secrets: Secrets) -> bool:
    return (
        hmac.compare_digest(creation.empreinte, _empreinte(saisie))
        and secrets.verifier(creation.mot_de_passe, saisie.mot_de_passe)
        and secrets.verifier(creation.reponse_secrete, normaliser_reponse(saisie.reponse_secrete))
    )


@route(bp, "POST", "/comptes", qui=PUBLIC, saisie=SaisieCompte, reponse=CompteCree, statut=201, erreurs=(409, 503))
def creer(appel: Appel[SaisieCompte]) -> Reponse:
    """Ouvre un compte d'usager ; un courriel porte le code qui l'active."""
    cree = creer_compte(
        appel.saisie,
        wiring.comptes(),
        wiring.secrets(),
        wiring.anti_robot(),
        wiring.contexte(appel.correlation_id),
        appel.cle_idempotence,
        duree_du_jour(),
    )
    return Reponse(cree, 201)
