"""The searches kept, in memory, with the guarantees of the real store."""

from collections import Counter
from datetime import datetime

from chalicelib.demande.instants import ecrire
from chalicelib.demande.recherches_enregistrees import (
    PAR_JOUR,
    RechercheEnregistree,
    TropDeRecherches,
    jour_de_compte,
)


class FakeRecherches:
    """The port ``RecherchesEnregistrees``."""

    def __init__(self) -> None:
        self._gardees: dict[str, RechercheEnregistree] = {}
        self._comptes: Counter[tuple[str, int]] = Counter()

    def enregistrer(self, recherche: RechercheEnregistree, maintenant: datetime) -> None:
        jour, reste_s = jour_de_compte(maintenant)
        if self._comptes[recherche.auteur, jour] >= PAR_JOUR:
            raise TropDeRecherches(reste_s)
        self._comptes[recherche.auteur, jour] += 1
        self._gardees[recherche.recherche_id] = recherche

    def lire(self, recherche_id: str, maintenant: datetime) -> RechercheEnregistree | None:
        trouvee = self._gardees.get(recherche_id)
        return trouvee if trouvee and trouvee.expire_le > ecrire(maintenant) else None
