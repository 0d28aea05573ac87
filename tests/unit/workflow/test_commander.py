"""Task ``Commander``: a validated card is ordered once, whatever is lost, and can't be withdrawn from then on."""

from typing import Any

import pytest

from chalicelib.demande.erreurs import ServiceIndisponible
from chalicelib.demande.instants import ecrire
from chalicelib.demande.machine import COMMANDE_S, Point
from chalicelib.demande.modeles import Demande, Statut
from chalicelib.demande.ports_externes import CommandeNonRecue
from chalicelib.workflow.commander import commander
from tests.dossiers import DEMANDE_ID, JOUR_S, MAINTENANT, prete
from tests.fakes.demandes import FakeDemandes
from tests.fakes.exterieur import FakeProducteur

NUMERO = "1" * 23


class Monde:
    """A store with one demande, and the printer."""

    def __init__(self, producteur: FakeProducteur | None = None, **champs: Any) -> None:
        self.demandes, self.producteur = FakeDemandes(), producteur or FakeProducteur()
        defaut: dict[str, Any] = {"statut": Statut.VALIDEE, "numero": NUMERO, "autorite": "543", "veille": "signal"}
        self.demandes.creer(prete(**{**defaut, **champs}))

    def commander(self) -> Point:
        return commander(DEMANDE_ID, self.demandes, self.producteur, MAINTENANT, "corr", JOUR_S)

    @property
    def demande(self) -> Demande:
        return self.demandes.lire(DEMANDE_ID)

    @property
    def evenements(self) -> list[str]:
        return [entree.evenement for entree in self.demandes.journal(DEMANDE_ID)]


def test_une_commande_acceptee_met_en_production() -> None:
    monde = Monde()

    point = monde.commander()

    assert (point.statut, point.a_commander) == ("en_production", False)
    assert (monde.demande.commande_le, monde.demande.veille) == (ecrire(MAINTENANT), None)
    (commande,) = monde.producteur.commandes.values()
    assert (commande.numero, commande.rang, commande.code_photo) == (NUMERO, 0, None)
    assert monde.evenements == ["CommandeAcceptee"]


def test_une_commande_seulement_recue_sera_redemandee() -> None:
    monde = Monde(FakeProducteur("recue"))

    point = monde.commander()

    assert (point.statut, point.a_commander, point.secondes) == ("validee", True, COMMANDE_S)
    assert monde.demande.commande_le is not None
    monde.producteur.reponse = "acceptee"
    assert monde.commander().statut == "en_production"
    assert len(monde.producteur.commandes) == 1


def test_un_imprimeur_injoignable_laisse_la_demande_retirable() -> None:
    monde = Monde()
    monde.producteur.en_panne = True

    with pytest.raises(CommandeNonRecue):
        monde.commander()

    assert (monde.demande.statut, monde.demande.commande_le) == (Statut.VALIDEE, None)


def test_une_reponse_perdue_garde_la_commande_partie() -> None:
    monde = Monde()
    monde.producteur.muet = True

    with pytest.raises(ServiceIndisponible):
        monde.commander()

    assert monde.demande.commande_le is not None, "nobody knows: it must not be withdrawn"
    monde.producteur.muet = False
    assert monde.commander().statut == "en_production"
    assert len(monde.producteur.commandes) == 1


def test_un_refus_qui_suit_une_reponse_perdue_ne_rend_pas_la_demande_retirable() -> None:
    monde = Monde()
    monde.producteur.muet = True
    with pytest.raises(ServiceIndisponible):
        monde.commander()
    monde.producteur.muet, monde.producteur.en_panne = False, True

    with pytest.raises(CommandeNonRecue):
        monde.commander()

    assert monde.demande.commande_le is not None, "the printer has the first order"


def test_un_titre_revenu_se_recommande_sous_un_autre_rang() -> None:
    monde = Monde(statut=Statut.EXPEDIEE, retours=1)

    point = monde.commander()

    assert (point.statut, point.a_commander) == ("expediee", False)
    assert [commande.rang for commande in monde.producteur.commandes.values()] == [1]
    assert monde.demande.commande_le is not None
    assert monde.evenements == []


@pytest.mark.parametrize("statut", [Statut.EN_PRODUCTION, Statut.DISTRIBUEE, Statut.RETIREE, Statut.EN_INSTRUCTION])
def test_rien_ne_se_commande_ailleurs(statut: Statut) -> None:
    monde = Monde(statut=statut)

    assert monde.commander().statut == statut
    assert monde.producteur.appels == 0


def test_une_demande_validee_sans_adresse_ne_se_commande_pas() -> None:
    monde = Monde(adresse=None)

    with pytest.raises(Exception, match="incomplète"):
        monde.commander()
    assert monde.producteur.appels == 0
