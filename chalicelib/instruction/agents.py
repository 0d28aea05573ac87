"""GET and POST /instruction/agents: the chef's service, and a new agent in it.

The agent chooses his password with the code that a mail brings him (POST /comptes/activation).
"""

import re
from typing import Annotated, Literal

from chalice import Blueprint
from pydantic import BaseModel, Field

from chalicelib import wiring
from chalicelib.demande.champs import Courriel, Nom, Telephone
from chalicelib.demande.codes import UsageCode
from chalicelib.demande.comptes import Compte, Contexte, Identifiant, StatutCompte, instant, nom_complet
from chalicelib.demande.curseurs import CURSEUR_INCONNU, ecrire_curseur, position_de
from chalicelib.demande.erreurs import Conflit, IdentifiantPris, SaisieInvalide
from chalicelib.demande.habilitations import (
    ACTIVATION_S,
    LIBELLES_ROLE,
    TITRE_AUTORITES,
    TITRE_ROLE,
    Autorites,
    Mouvement,
    Role,
    exiger_les_siennes,
    habilitation_de,
)
from chalicelib.demande.instants import ecrire
from chalicelib.demande.ports_comptes import EmailPris
from chalicelib.demande.ports_habilitations import Habilitations
from chalicelib.fonctions import Fonction
from chalicelib.guichet import nom_en_fonction
from chalicelib.http import Appel, Identite, Reponse, route
from chalicelib.saisie import Saisie

bp = Blueprint(__name__)
FONCTION = Fonction(droits={"table:comptes": ("BatchGetItem", "GetItem", "PutItem", "Query")})

PAGE = 25
_POSITION = re.compile(r"[0-9AB]{3,4}/[0-9A-Za-z-]{0,64}")


class SuiteAgents(Saisie):
    """``curseur``: the one that the page before gave."""

    curseur: Annotated[str, position_de(_POSITION)] | None = None


class FicheAgent(Saisie):
    """Who will treat demandes, and in which autorités."""

    identifiant: Identifiant = Field(title="Identifiant")
    prenom: Nom = Field(title="Prénom")
    nom: Nom = Field(title="Nom")
    email: Courriel = Field(
        title="Adresse électronique professionnelle", description="Le code d'activation y est envoyé."
    )
    telephone: Telephone = Field(title="Téléphone (n° à 10 chiffres)")
    autorites: Autorites = Field(title=TITRE_AUTORITES)


class NouvelAgent(FicheAgent):
    """Whom the chef lets treat demandes, in which of his own autorités."""

    role: Role = Field(title=TITRE_ROLE, json_schema_extra={"libelles": dict(LIBELLES_ROLE)})


class AgentVu(BaseModel):
    """One of the service; ``statut`` is ``a_activer`` until he has chosen his password."""

    compte_id: str
    identifiant: str
    prenom: str
    nom: str
    email: str
    role: str
    autorites: list[str]
    statut: Literal["a_activer", "actif"]
    derniere_connexion_le: str | None


class PageAgents(BaseModel):
    """A page: ``curseur`` is null on the last one."""

    elements: list[AgentVu]
    curseur: str | None


class EmailDejaPris(Conflit):
    """The e-mail is another account's (409)."""

    titre = "Adresse électronique déjà utilisée"
    detail = "Cette adresse électronique est déjà celle d'un compte : donnez l'adresse professionnelle de l'agent."


def vue(compte: Compte) -> AgentVu:
    """``compte`` as its chef sees it."""
    return AgentVu.model_validate(compte.model_dump(mode="json", include=set(AgentVu.model_fields)))


def lister(
    habilitations: Habilitations, autorites: tuple[str, ...], position: str | None, maintenant: int
) -> tuple[list[Compte], str | None]:
    """A page of those who treat for ``autorites``, each once, under the first of these that he has; and the position
    of the next page.

    Raises ``SaisieInvalide`` on a position in another's autorité.
    """
    siennes = sorted(set(autorites))
    code, _, apres = (position or f"{siennes[0] if siennes else ''}/").partition("/")
    if position is not None and code not in siennes:
        raise SaisieInvalide([("curseur", CURSEUR_INCONNU)])
    page: list[Compte] = []
    restent = siennes[siennes.index(code) :] if siennes else []
    while restent and len(page) < PAGE:
        lus, suite = habilitations.equipe(restent[0], apres or None, PAGE - len(page))
        page += [c for c in lus if c.encore_la(maintenant) and restent[0] == min(set(c.autorites) & set(siennes))]
        apres = suite or ""
        if not suite:
            del restent[0]
    return page, f"{restent[0]}/{apres}" if restent else None


def habiliter(
    saisie: FicheAgent,
    role: str,
    chef: Identite,
    nom_du_chef: str,
    habilitations: Habilitations,
    quand: str,
    contexte: Contexte,
) -> Compte:
    """Open the account of an agent of the chef's autorités; the same call made again changes nothing.

    ``quand`` is the instant as stored, in milliseconds: the history keeps its order.

    Raises ``SaisieInvalide``, ``IdentifiantPris``, ``EmailDejaPris``.
    """
    exiger_les_siennes(saisie.autorites, chef.autorites)
    compte = Compte(
        compte_id=contexte.nouvel_id(),
        identifiant=saisie.identifiant,
        role=role,
        autorites=tuple(sorted(set(saisie.autorites))),
        statut=StatutCompte.A_ACTIVER,
        prenom=saisie.prenom,
        nom=saisie.nom,
        email=saisie.email,
        sexe="",
        telephone=saisie.telephone,
        question_secrete="",
        reponse_secrete="",
        mot_de_passe="",
        cgu_acceptees_le="",
        cree_le=instant(contexte.maintenant),
        expire=contexte.maintenant + ACTIVATION_S,
    )
    code = contexte.code(compte.compte_id, UsageCode.ACTIVATION)
    mouvement = Mouvement(
        mouvement_id=contexte.nouvel_id(),
        survenu_le=quand,
        par=chef.compte_id,
        par_nom=nom_du_chef,
        agent_nom=nom_complet(compte),
        apres=habilitation_de(compte),
    )
    evenement = contexte.evenement_de_code("HabilitationOuverte", code)
    try:
        habilitations.habiliter(compte, code, evenement, mouvement, contexte.maintenant)
    except IdentifiantPris:
        deja = habilitations.lire(habilitations.resoudre(saisie.identifiant) or "")
        if deja is None or not _le_meme(deja, compte):
            raise
        return deja
    except EmailPris:
        raise EmailDejaPris() from None
    return compte


def _le_meme(deja: Compte, voulu: Compte) -> bool:
    """Whether the account just asked for is there: the answer was lost, and the call made again."""
    propres = {"compte_id", "cree_le", "expire"}
    return deja.model_dump(exclude=propres) == voulu.model_dump(exclude=propres)


@route(bp, "GET", "/instruction/agents", qui=("chef",), requete=SuiteAgents, reponse=PageAgents)
def consulter(appel: Appel[SuiteAgents]) -> Reponse:
    """Lister les agents de son service"""
    autorites, position = appel.identite.autorites, appel.saisie.curseur
    comptes, suite = lister(wiring.habilitations(), autorites, position, wiring.maintenant())
    return Reponse(PageAgents(elements=[vue(compte) for compte in comptes], curseur=ecrire_curseur(suite)))


@route(
    bp, "POST", "/instruction/agents", qui=("chef",), saisie=NouvelAgent, reponse=AgentVu, statut=201, erreurs=(409,)
)
def creer(appel: Appel[NouvelAgent]) -> Reponse:
    """Habiliter un nouvel agent"""
    contexte, quand = wiring.contexte(appel.correlation_id), ecrire(wiring.horloge())
    nom = nom_en_fonction(appel)
    saisie = appel.saisie
    cree = habiliter(saisie, saisie.role, appel.identite, nom, wiring.habilitations(), quand, contexte)
    return Reponse(vue(cree), 201)
