"""What every action of an agent on a demande shares: which one, may he see it, who he is, and the answer.

An agent, a chef and a CTN operator act within their own autorités: a demande of another one does not exist for them.
"""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from chalicelib import wiring
from chalicelib.demande.bail import detenteur
from chalicelib.demande.comptes import nom_complet
from chalicelib.demande.erreurs import (
    Conflit,
    ConflitDeVersion,
    DemandeInconnue,
    NonAuthentifie,
    TimbreIndisponible,
    TransitionInterdite,
)
from chalicelib.demande.journal import Auteur, Changement
from chalicelib.demande.modeles import Demande, Piece, Statut
from chalicelib.demande.papier import titulaire_prevenu
from chalicelib.http import Appel, Reponse
from chalicelib.usager import demande_visee

ESSAIS = 5
"""How often an action without If-Match reads again after a concurrent write, before telling the conflict."""


class DetenueParUnAutre(Conflit):
    """Somebody else holds this demande for now (409)."""

    titre = "Demande prise en charge par un autre agent"

    def __init__(self, nom: str | None) -> None:
        super().__init__(f"{nom or 'Un autre agent'} traite cette demande : attendez qu’elle soit rendue.")


class DemandeHorsService(DemandeInconnue):
    """No such demande for the caller's autorités: one that others treat is told as one that does not exist (404)."""

    detail = "Cette demande n'existe pas, ou ne relève pas de votre service."


def de_son_autorite(demande: Demande, appel: Appel[Any]) -> Demande:
    """``demande`` if the caller's autorités treat it; raises ``DemandeHorsService`` (also for a draft)."""
    if demande.autorite is None or demande.autorite not in appel.identite.autorites:
        raise DemandeHorsService()
    return demande


def lire_pour_agent(appel: Appel[Any]) -> Demande:
    """The demande named in the path, within the caller's autorités. One call."""
    try:
        return de_son_autorite(wiring.demandes().lire(demande_visee(appel)), appel)
    except DemandeInconnue:
        raise DemandeHorsService() from None


def lire_pour_agent_et_pieces(appel: Appel[Any]) -> tuple[Demande, list[Piece]]:
    """The demande named in the path with its pièces, within the caller's autorités. One call."""
    try:
        demande, pieces = wiring.demandes().lire_avec_pieces(demande_visee(appel))
        return de_son_autorite(demande, appel), pieces
    except DemandeInconnue:
        raise DemandeHorsService() from None


def auteur(appel: Appel[Any]) -> Auteur:
    """The caller as the author of a journal entry."""
    identite = appel.identite
    return Auteur(identite.role, identite.compte_id)  # type: ignore[arg-type]  # the route lets these roles only in


def exiger_statut(demande: Demande, *permis: Statut) -> None:
    """Raise ``TransitionInterdite``, telling the current statut, unless it is one of ``permis``."""
    if demande.statut not in permis:
        raise TransitionInterdite(demande.statut)


def exiger_version(demande: Demande, si_version: int | None) -> None:
    """Raise ``ConflitDeVersion`` when the caller's If-Match is stale."""
    if si_version is not None and si_version != demande.version:
        raise ConflitDeVersion(demande.version)


def exiger_disponible(demande: Demande, appel: Appel[Any]) -> None:
    """Raise ``DetenueParUnAutre`` while another agent's lease runs: one decides alone on what he holds."""
    if not est_disponible(demande, appel.identite.compte_id):
        raise DetenueParUnAutre(demande.agent_nom)


def est_disponible(demande: Demande, compte_id: str) -> bool:
    """Whether ``compte_id`` may act on ``demande``: he holds it, or nobody does any more."""
    return detenteur(demande, wiring.horloge()) in (None, compte_id)


def nom_en_fonction(appel: Appel[Any]) -> str:
    """The caller's name, as his colleagues read it on what he holds. One call, to ``table:comptes`` (``GetItem``).

    Raises ``NonAuthentifie`` once his habilitation has ended or changed: the authorizer may know it a minute late.
    """
    compte = wiring.comptes().lire(appel.identite.compte_id)
    identite = appel.identite
    if compte is None or (compte.role, set(compte.autorites)) != (identite.role, set(identite.autorites)):
        raise NonAuthentifie()
    return nom_complet(compte)


class Suite(BaseModel):
    """What an action left: the demande's statut and version, which is its ETag.

    ``titulaire_prevenu``: how the holder of a paper dossier is told (``mail``, ``sms``), or ``courrier`` when the agent
    must write to him.
    """

    id: str
    numero: str | None
    statut: Statut
    version: int
    titulaire_prevenu: list[str] | None = None


def repondre_suite(demande: Demande) -> Reponse:
    """The answer to an action on ``demande``."""
    suite = Suite(
        id=demande.id,
        numero=demande.numero,
        statut=demande.statut,
        version=demande.version,
        titulaire_prevenu=titulaire_prevenu(demande),
    )
    return Reponse(suite, 200, {"ETag": f'"{demande.version}"'})


class Tenue(Suite):
    """A demande that an agent holds: who (``agent`` is his compte_id), and until when."""

    agent: str
    agent_nom: str
    bail_jusqua: str


def repondre_tenue(demande: Demande) -> Reponse:
    """The answer to who takes or gives ``demande``."""
    champs = demande.model_dump(include=set(Tenue.model_fields))
    return Reponse(Tenue.model_validate(champs), 200, {"ETag": f'"{demande.version}"'})


def transiter(
    appel: Appel[Any], lire: Callable[[], Demande], changer: Callable[[Demande], Changement | None]
) -> Demande:
    """Write what ``changer`` makes of what ``lire`` reads, unless it is another's, or stale for the caller.

    ``changer`` refuses a wrong statut, and gives None when nothing would change: what was read is then the answer. A
    concurrent write is read again: what is there then decides.
    """
    for essai in range(ESSAIS):
        demande = lire()
        changement = changer(demande)
        exiger_version(demande, appel.si_version)
        exiger_disponible(demande, appel)
        if changement is None:
            return demande
        try:
            return wiring.demandes().transiter(demande, changement)
        except (ConflitDeVersion, TimbreIndisponible):
            if essai == ESSAIS - 1:
                raise
    raise AssertionError("unreachable")
