"""The messages and the notes in memory, under the demandes of a ``FakeDemandes``, which writes the messages."""

from threading import RLock

from chalicelib.demande.echanges import element, element_de_cle, elements
from chalicelib.demande.index import fiche_de
from chalicelib.demande.ports_echanges import Ecrit, Fil, SansReponse
from tests.fakes.demandes import FakeDemandes


class FakeEchanges:
    """The port ``Echanges``."""

    def __init__(self, demandes: FakeDemandes) -> None:
        self._demandes = demandes
        self._elements = demandes.elements
        self._verrou = RLock()

    def lister(self, demande_id: str, fil: Fil, apres: str | None, limite: int) -> tuple[list[Ecrit], str | None]:
        if apres is not None and "#" not in apres:
            raise ValueError("position inconnue")
        siens = sorted(cle for id_, cle in self._elements if id_ == demande_id and cle.startswith(element(fil, "")))
        suivants = [cle for cle in siens if apres is None or cle > element(fil, apres)]
        ecrits = [Ecrit.model_validate(self._elements[(demande_id, cle)]) for cle in suivants[:limite]]
        return ecrits, ecrits[-1].position if len(suivants) > limite else None

    def sans_reponse(self, autorite: str, depuis: str, limite: int) -> tuple[list[SansReponse], bool]:
        attendent = [
            SansReponse(une.id, autorite, une.attend_reponse_depuis, une.statut, fiche_de(une))
            for une in list(self._demandes.toutes.values())
            if une.autorite == autorite and (une.attend_reponse_depuis or "") >= depuis and une.attend_reponse_depuis
        ]
        attendent.sort(key=lambda une: (une.depuis, une.id))
        return attendent[:limite], len(attendent) >= limite

    def noter(self, demande_id: str, note: Ecrit, cle: str | None) -> Ecrit:
        with self._verrou:
            deja = self.retrouver(demande_id, cle) if cle else None
            if deja is not None:
                return deja
            for ici, valeurs in elements(Fil.NOTES, note, cle).items():
                self._elements[(demande_id, ici)] = dict(valeurs)
            return note

    def retrouver(self, demande_id: str, cle: str) -> Ecrit | None:
        souvenir = self._elements.get((demande_id, element_de_cle(cle)))
        return Ecrit.model_validate(self._elements[(demande_id, souvenir["vers"])]) if souvenir else None
