"""The worklists and the leases over the in-memory store of demandes."""

from datetime import datetime

from chalicelib.demande.bail import court
from chalicelib.demande.erreurs import DemandeInconnue, TransitionInterdite
from chalicelib.demande.index import fiche_de
from chalicelib.demande.modeles import Demande
from chalicelib.demande.ports_corbeille import DejaTenue, Ligne, Position, Prise, Source, Tranche
from tests.fakes.demandes import FakeDemandes


class FakeCorbeilles:
    """The port ``Corbeilles``; ``lectures`` counts the queries."""

    def __init__(self, demandes: FakeDemandes) -> None:
        self.demandes = demandes
        self.lectures = 0

    def lire(self, source: Source, apres: Position | None, limite: int) -> Tranche:
        self.lectures += 1
        champ = "corbeille" if source.index == "par_corbeille" else "agent"
        lignes = sorted(
            (
                _ligne(demande)
                for demande in list(self.demandes.toutes.values())
                if getattr(demande, champ) == source.cle and demande.corbeille and demande.urgence
            ),
            key=lambda ligne: (ligne.urgence, ligne.id),
        )
        dedans = [ligne for ligne in lignes if source.bas <= ligne.urgence <= source.haut]
        if apres is not None:
            dedans = [ligne for ligne in dedans if (ligne.urgence, ligne.id) > (apres.urgence, apres.id)]
        return Tranche(tuple(dedans[:limite]), len(dedans) >= limite)

    def prendre(self, demande_id: str, prise: Prise) -> Demande:
        with self.demandes._verrou:
            demande = self._connue(demande_id, tuple(c.partition("#")[0] for c in prise.corbeilles))
            if demande.corbeille not in prise.corbeilles:
                raise TransitionInterdite(demande.statut)
            if court(demande.agent, demande.bail_jusqua, prise.maintenant):
                if demande.agent != prise.compte_id:
                    raise DejaTenue(demande.agent_nom)
                if (demande.bail_jusqua or "") >= prise.jusqua:
                    return demande
            bail = {"agent": prise.compte_id, "agent_nom": prise.nom, "bail_jusqua": prise.jusqua}
            self.demandes.toutes[demande_id] = demande.model_copy(update=bail)
            return self.demandes.toutes[demande_id]

    def rendre(self, demande_id: str, compte_id: str, autorites: tuple[str, ...], maintenant: datetime) -> None:
        with self.demandes._verrou:
            tenue = self.demandes.toutes.get(demande_id)
            if tenue is None or tenue.agent != compte_id:
                tenue = self._connue(demande_id, autorites)
                if court(tenue.agent, tenue.bail_jusqua, maintenant):
                    raise DejaTenue(tenue.agent_nom)
                return
            libre = {"agent": None, "agent_nom": None, "bail_jusqua": None}
            self.demandes.toutes[demande_id] = tenue.model_copy(update=libre)

    def _connue(self, demande_id: str, autorites: tuple[str, ...]) -> Demande:
        demande = self.demandes.toutes.get(demande_id)
        if demande is None or demande.autorite not in autorites:
            raise DemandeInconnue()
        return demande


def _ligne(demande: Demande) -> Ligne:
    return Ligne(
        demande.id,
        demande.corbeille or "",
        demande.urgence or "",
        demande.statut,
        fiche_de(demande),
        demande.agent,
        demande.agent_nom,
        demande.bail_jusqua,
    )
