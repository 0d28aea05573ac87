"""Adding a pièce touches the draft: its end is put off, at the price of a write only when a day has passed."""

from datetime import UTC, datetime, timedelta

from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Demande, Motif
from chalicelib.demande.ports import Modification
from chalicelib.steps.pieces import repousser
from tests.fakes.demandes import FakeDemandes

MAINTENANT = datetime(2026, 11, 24, 10, tzinfo=UTC)
JOUR = timedelta(days=1)


def _brouillon(demandes: FakeDemandes, touche: datetime) -> Demande:
    demande = Demande(id="a" * 32, usager="c1", motif=Motif.PERTE, cree_le=ecrire(touche), modifie_le=ecrire(touche))
    demandes.creer(demande)
    return demande


def _ecriture() -> Modification:
    return Modification("c1", MAINTENANT, limite=MAINTENANT - 15 * JOUR, limite_rappel=MAINTENANT - 5 * JOUR)


def test_un_brouillon_touche_la_veille_est_repousse() -> None:
    demandes = FakeDemandes()
    demande = _brouillon(demandes, MAINTENANT - 14 * JOUR)
    repousser(demandes, demande, _ecriture(), 86400)
    assert demandes.lire(demande.id).modifie_le == ecrire(MAINTENANT)


def test_un_brouillon_touche_le_jour_meme_n_est_pas_recrit() -> None:
    demandes = FakeDemandes()
    demande = _brouillon(demandes, MAINTENANT - timedelta(hours=2))
    repousser(demandes, demande, _ecriture(), 86400)
    assert demandes.lire(demande.id) == demande
