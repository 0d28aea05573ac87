"""An error before and after each call to AWS of whole lives: the same end, whatever was lost, doubled or killed."""

import random
from dataclasses import dataclass

import pytest

from tests.faults.balayage import Balayage, Essai, vivre
from tests.faults.bilan import Ecarts
from tests.faults.monde import Monde
from tests.faults.pannes import EXECUTION, Mode, Panne, Point
from tests.faults.vies import VIES, Perdue, Refus, Vie

UNE_SUR = 100
"""How many failures there are for one that ``make test`` tries; ``make test-long`` tries all."""

GRAINE = 20261125


@dataclass
class Compte:
    """The figures of a life, or of all. ``admis``: at the crash point of a sender (DESIGN §10), a mail twice or an SMS
    of which nobody knows."""

    pannes: int = 0
    perdues: int = 0
    doublees: int = 0
    admis: int = 0

    def ajouter(self, essais: list[Essai]) -> None:
        """Count these too."""
        self.pannes += len(essais)
        self.perdues += sum(bool(essai.ecarts) for essai in essais)
        self.doublees += sum(essai.doubles for essai in essais)
        self.admis += sum(bool(essai.admis) for essai in essais)

    def __str__(self) -> str:
        return (
            f"{self.pannes} pannes injectées, {self.pannes - self.perdues} rattrapées, {self.perdues} perdues, "
            f"{self.doublees} effets doublés ; au point de rupture d'un envoi : {self.admis}"
        )


@pytest.fixture(scope="module")
def total() -> Compte:
    """All the failures of the run until now."""
    return Compte()


def tiree(vie: type[Vie], point: Point, mode: Mode) -> bool:
    """Whether that failure is in the sample: drawn by its name, so that it is the same at each run."""
    return random.Random(f"{GRAINE} {vie.nom} {point.numero} {mode}").random() < 1 / UNE_SUR


def balayer(vie: type[Vie], toutes: bool, total: Compte, capsys: pytest.CaptureFixture[str]) -> list[Essai]:
    """Try the failures of the sample, or all of them, print the figures, give those that were not recovered."""
    balayage = Balayage(vie, lambda point, mode: toutes or tiree(vie, point, mode))
    essais = balayage.passer()
    total.ajouter(essais)
    compte = Compte()
    compte.ajouter(essais)
    with capsys.disabled():
        print(f"\n{vie.nom}, {len(balayage.points)} appels : {compte}")
        print(f"pannes jusqu'ici : {total}")
    return [essai for essai in essais if essai.ecarts]


@pytest.mark.parametrize("vie", VIES, ids=lambda vie: vie.nom)
def test_des_pannes_tirees_au_sort_ne_changent_rien(
    vie: type[Vie], total: Compte, capsys: pytest.CaptureFixture[str]
) -> None:
    assert balayer(vie, False, total, capsys) == []


def test_sans_reconciliation_une_execution_morte_ne_serait_reprise_par_personne() -> None:
    """What the sweep sees is real: without the backstop, the same failure stops the life."""
    (point,) = [un for un in vivre(Refus)[0].injecteur.points if (un.service, un.operation) == (EXECUTION, "Controler")]

    def sans_veille(monde: Monde) -> None:
        monde.reconciliation = False

    with pytest.raises(Perdue, match="deposee"):
        vivre(Refus, Panne(point.numero, "mort"), sans_veille)
    assert vivre(Refus, Panne(point.numero, "mort"))[1].statut == "refusee"


def test_un_consommateur_tue_ne_retient_rien_de_ce_que_le_flux_redonne_aussitot() -> None:
    """A stream that gives again at once has spent its ten tries in two seconds."""

    def presser(monde: Monde) -> None:
        monde.flux_presse = True

    temoin_, bilan_ = vivre(Refus)
    depot = [p for p in temoin_.injecteur.points if p.qui == "notifications.consommateur"][:5]
    assert [point.operation for point in depot] == ["PutItem", "GetItem", "StartExecution", "Publish", "UpdateItem"]
    for point in depot:
        assert Ecarts(bilan_, vivre(Refus, Panne(point.numero, "mort"), presser)[1]).tous == []


@pytest.mark.long
@pytest.mark.parametrize("vie", VIES, ids=lambda vie: vie.nom)
def test_aucune_panne_ne_change_rien(vie: type[Vie], total: Compte, capsys: pytest.CaptureFixture[str]) -> None:
    assert balayer(vie, True, total, capsys) == []
