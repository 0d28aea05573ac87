"""PUT and DELETE /instruction/agents/{compte_id}: the chef changes what an agent may do, or ends it.

The agent's sessions die, and what he held and may no longer treat is given back. The paper dossiers that he had begun
to type and may no longer finish become the chef's, who finds them among his own.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalice import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.demande import papier
from chalicelib.demande.bail import corbeilles_de
from chalicelib.demande.comptes import Compte, Contexte, Evenement, nom_complet
from chalicelib.demande.erreurs import DemandeInconnue, ServiceIndisponible, TransitionInterdite
from chalicelib.demande.habilitations import (
    LIBELLES_ROLE,
    TITRE_AUTORITES,
    TITRE_ROLE,
    AgentInconnu,
    Autorites,
    Habilitation,
    Mouvement,
    Role,
    changer,
    concerne,
    exiger_du_service,
    exiger_fermable,
    habilitation_de,
)
from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Demande, Statut
from chalicelib.demande.ports import Demandes, Modification
from chalicelib.demande.ports_comptes import EtatInattendu
from chalicelib.demande.ports_corbeille import Corbeilles, DejaTenue, Source
from chalicelib.demande.ports_habilitations import Habilitations
from chalicelib.fonctions import Fonction
from chalicelib.guichet import nom_en_fonction
from chalicelib.http import AGENT, Appel, Identite, Reponse, route
from chalicelib.saisie import Saisie
from chalicelib.usager import modification

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:comptes": ("DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"),
        "table:sessions": ("DeleteItem",),
        "table:demandes": ("BatchGetItem", "UpdateItem"),
        "table:demandes/index/par_agent": ("Query",),
        "table:demandes/index/par_usager": ("Query",),
    },
    delai=20,
)

CHEMIN = "/instruction/agents/{compte_id}"
ESSAIS = 3
A_RENDRE_MAX = 100
"""How many demandes are given back at once; the lease of any other ends by itself."""

SAISIES_PAR_PAGE, PAGES_MAX = 100, 10
"""How far back an agent's paper dossiers are looked at, newest first: a draft that nobody touches closes by itself."""


class HabilitationVoulue(Saisie):
    """All that the agent may do from now on: his role and his autorités."""

    role: Role = Field(title=TITRE_ROLE, json_schema_extra={"libelles": dict(LIBELLES_ROLE)})
    autorites: Autorites = Field(title=TITRE_AUTORITES)


class Acte:
    """A chef who acts on the account ``compte_id``, read again when another changes it at the same instant.

    ``quand`` is the instant as stored, in milliseconds: the history keeps its order.
    """

    def __init__(
        self,
        chef: Identite,
        nom_du_chef: str,
        compte_id: str,
        habilitations: Habilitations,
        quand: str,
        contexte: Contexte,
    ) -> None:
        self._chef = chef
        self._nom_du_chef = nom_du_chef
        self._compte_id = compte_id
        self._habilitations = habilitations
        self._quand = quand
        self._contexte = contexte

    def changer(self, voulue: Habilitation) -> Habilitation:
        """Give the agent what he may do now; nothing is written when that is so already.

        Raises ``AgentInconnu``, ``Conflit``, ``SaisieInvalide``.
        """

        def appliquer(compte: Compte) -> Habilitation:
            apres = changer(compte, voulue, self._chef.autorites)
            if apres is None:
                return habilitation_de(compte)
            evenement = self._evenement(compte, "HabilitationModifiee")
            self._habilitations.changer_habilitation(compte, apres, evenement, self._mouvement(compte, apres))
            return apres

        return self._sur_ce_qui_est_lu(appliquer)

    def clore(self) -> None:
        """Close the agent's account; one that is closed stays so. Raises ``AgentInconnu``, ``Conflit``."""

        def appliquer(compte: Compte) -> Habilitation:
            exiger_fermable(compte, self._chef.autorites)
            mouvement = self._mouvement(compte, None)
            evenement = self._evenement(compte, "HabilitationFermee")
            self._habilitations.clore(compte, evenement, mouvement, self._contexte.maintenant)
            return Habilitation(role=compte.role, autorites=())

        try:
            self._sur_ce_qui_est_lu(appliquer)
        except AgentInconnu:
            # Closed already: the answer was lost, and the call made again.
            derniers, _ = self._habilitations.mouvements(self._compte_id, None, 1)
            if not any(dernier.apres is None and concerne(dernier, self._chef.autorites) for dernier in derniers):
                raise

    def _sur_ce_qui_est_lu(self, appliquer: Callable[[Compte], Habilitation]) -> Habilitation:
        for _ in range(ESSAIS):
            compte = self._habilitations.lire(self._compte_id)
            if compte is not None and not compte.encore_la(self._contexte.maintenant):
                compte = None
            try:
                return appliquer(exiger_du_service(compte, self._chef.compte_id, self._chef.autorites))
            except EtatInattendu:
                continue
        raise ServiceIndisponible("Un autre chef de service change cette habilitation : recommencez dans un instant.")

    def _mouvement(self, compte: Compte, apres: Habilitation | None) -> Mouvement:
        return Mouvement(
            mouvement_id=self._contexte.nouvel_id(),
            survenu_le=self._quand,
            par=self._chef.compte_id,
            par_nom=self._nom_du_chef,
            agent_nom=nom_complet(compte),
            avant=habilitation_de(compte),
            apres=apres,
        )

    def _evenement(self, compte: Compte, type_: str) -> Evenement:
        return self._contexte.evenement(compte.compte_id, type_, email=compte.email)


def rendre_le_reste(corbeilles: Corbeilles, compte_id: str, reste: Habilitation, maintenant: datetime) -> None:
    """Give back what ``compte_id`` held and may no longer treat."""
    siennes = corbeilles_de(reste.role, reste.autorites)
    for ligne in corbeilles.lire(Source("par_agent", compte_id), None, A_RENDRE_MAX).lignes:
        if ligne.corbeille in siennes:
            continue
        try:
            corbeilles.rendre(ligne.id, compte_id, (ligne.corbeille.partition("#")[0],), maintenant)
        except (DejaTenue, DemandeInconnue):
            # The index is an instant late: another one has it.
            continue


def confier_les_saisies(demandes: Demandes, compte_id: str, reste: Habilitation, ecriture: Modification) -> None:
    """Give another the paper drafts that ``compte_id`` began and may no longer finish; ``ecriture`` says to whom.

    Giving one counts as touching it: who receives it has as long as who begins one.
    """
    ancien, position = papier.proprietaire(compte_id), None
    for _ in range(PAGES_MAX):
        page, position = demandes.lister(ancien, position, SAISIES_PAR_PAGE)
        for demande in page:
            if demande.statut is not Statut.BROUILLON or _peut_finir(demande, reste):
                continue
            try:
                demandes.modifier(demande.id, replace(ecriture, usager=ancien, si_version=None))
            except (DemandeInconnue, TransitionInterdite):
                # Given, confirmed or closed in between.
                continue
        if position is None:
            return


def _peut_finir(demande: Demande, reste: Habilitation) -> bool:
    """Whether somebody with ``reste`` may go on with this paper draft, which may have no préfecture yet."""
    return reste.role in AGENT and (demande.adresse is None or demande.adresse.prefecture in reste.autorites)


def _reprendre(appel: Appel[Any], compte_id: str, reste: Habilitation) -> None:
    """What the agent held goes back to the worklists, what he was typing to the chef who acts."""
    rendre_le_reste(wiring.corbeilles(), compte_id, reste, wiring.horloge())
    chef = appel.identite.compte_id
    au_chef = modification(appel, {"usager": papier.proprietaire(chef), "saisie_par": chef})
    confier_les_saisies(wiring.demandes(), compte_id, reste, au_chef)


def _acte(appel: Appel[Any]) -> tuple[str, Acte]:
    compte_id = appel.chemin["compte_id"]
    if len(compte_id) > 64 or not compte_id.isascii():
        raise AgentInconnu()
    contexte, quand = wiring.contexte(appel.correlation_id), ecrire(wiring.horloge())
    nom = nom_en_fonction(appel)
    return compte_id, Acte(appel.identite, nom, compte_id, wiring.habilitations(), quand, contexte)


@route(
    bp,
    "PUT",
    CHEMIN,
    qui=("chef",),
    saisie=HabilitationVoulue,
    reponse=Habilitation,
    erreurs=(404, 409, 503),
)
def modifier(appel: Appel[HabilitationVoulue]) -> Reponse:
    """Changer l'habilitation d'un agent"""
    compte_id, acte = _acte(appel)
    voulue = Habilitation(role=appel.saisie.role, autorites=tuple(appel.saisie.autorites))
    apres = acte.changer(voulue)
    _reprendre(appel, compte_id, apres)
    return Reponse(apres)


@route(bp, "DELETE", CHEMIN, qui=("chef",), statut=204, erreurs=(404, 409, 503))
def clore(appel: Appel[None]) -> Reponse:
    """Fermer le compte d'un agent"""
    compte_id, acte = _acte(appel)
    acte.clore()
    _reprendre(appel, compte_id, Habilitation(role="", autorites=()))
    return Reponse(None, 204)
