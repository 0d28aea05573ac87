"""The journal as it lies, its anchors, and the heads that wait for one, in memory, with the guarantees of the real."""

from collections.abc import Iterator, Sequence

from chalicelib.demande.ports_journal import MessageDeTete
from chalicelib.demande.verification import Ancre, Attributs, Chaine, Tete
from tests.dossiers import MAINTENANT

ANCREE_LE = MAINTENANT.strftime("%Y-%m-%dT%H:%M:%S.000Z")


class FakeJournal:
    """The port ``Journal``: ``poser`` writes a chain, true or forged."""

    def __init__(self) -> None:
        self._chaines: dict[str, Chaine] = {}

    def poser(self, chaine: Chaine) -> None:
        self._chaines[chaine.demande_id] = chaine

    def page(self, demande_id: str, apres: int, limite: int) -> tuple[list[Attributs], int | None]:
        reste = [entree for entree in self.chaine(demande_id).entrees if entree["rang"] > apres]
        return reste[:limite], reste[limite - 1]["rang"] if len(reste) >= limite else None

    def chaine(self, demande_id: str) -> Chaine:
        return self._chaines.get(demande_id, Chaine(demande_id, [], None))

    def demandes(self) -> Iterator[str]:
        for chaine in self._chaines.values():
            if chaine.entrees or (chaine.tete or Tete(0, "")).rang:
                yield chaine.demande_id


class FakeAncres:
    """The port ``Ancres``."""

    def __init__(self) -> None:
        self._ancres: dict[tuple[str, int, str], Ancre] = {}

    def ancrer(self, tetes: Sequence[Ancre]) -> int:
        avant = len(self._ancres)
        for tete in tetes:
            datee = Ancre(tete.demande_id, tete.rang, tete.empreinte, ANCREE_LE)
            self._ancres.setdefault((tete.demande_id, tete.rang, tete.empreinte), datee)
        return len(self._ancres) - avant

    def de(self, demande_id: str) -> list[Ancre]:
        return [ancre for (id_, _, _), ancre in sorted(self._ancres.items()) if id_ == demande_id]

    def demandes(self) -> Iterator[str]:
        yield from sorted({demande_id for demande_id, _, _ in self._ancres})


class FakeTetes:
    """The port ``TetesEnAttente``: what is received and not confirmed comes back after ``revenir``."""

    def __init__(self, textes: Sequence[str] = ()) -> None:
        self.en_attente = [MessageDeTete(f"p{rang}", texte) for rang, texte in enumerate(textes)]
        self._en_cours: list[MessageDeTete] = []

    def recevoir(self) -> list[MessageDeTete]:
        recus, self.en_attente = self.en_attente[:10], self.en_attente[10:]
        self._en_cours += recus
        return recus

    def confirmer(self, messages: Sequence[MessageDeTete]) -> None:
        self._en_cours = [message for message in self._en_cours if message not in messages]

    def revenir(self) -> None:
        self.en_attente, self._en_cours = self._en_cours + self.en_attente, []
