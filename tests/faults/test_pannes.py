"""An error before and after each call to AWS of whole lives: the same end, whatever was lost, doubled or killed."""

import random

import pytest

from tests.faults.balayage import Balayage, Essai, vivre
from tests.faults.bilan import Ecarts
from tests.faults.monde import Monde
from tests.faults.pannes import EXECUTION, Mode, Panne, Point
from tests.faults.vies import VIES, Perdue, Refus, Vie

UNE_SUR = 60
"""How many failures there are for one that ``make test`` tries; ``make test-long`` tries all."""

GRAINE = 20261125


def bilan(vie: type[Vie], balayage: Balayage, essais: list[Essai]) -> str:
    """The figures to print."""
    perdus = [essai for essai in essais if essai.ecarts]
    admis = [essai for essai in essais if essai.admis]
    return (
        f"\n{vie.nom} : {len(balayage.points)} appels, {len(essais)} pannes injectées, {len(essais) - len(perdus)} "
        f"rattrapées, {len(perdus)} perdues, {sum(essai.doubles for essai in essais)} doublées ; au point de rupture "
        f"des envois (DESIGN §10) : {len(admis)} mail en double ou SMS incertain"
    )


def tiree(vie: type[Vie], point: Point, mode: Mode) -> bool:
    """Whether that failure is in the sample: drawn by its name, so that it is the same at each run."""
    return random.Random(f"{GRAINE} {vie.nom} {point.numero} {mode}").random() < 1 / UNE_SUR


def balayer(vie: type[Vie], toutes: bool, capsys: pytest.CaptureFixture[str]) -> list[Essai]:
    """Try the failures of the sample, or all of them, print the figures, give those that were not recovered."""
    balayage = Balayage(vie, lambda point, mode: toutes or tiree(vie, point, mode))
    essais = balayage.passer()
    with capsys.disabled():
        print(bilan(vie, balayage, essais))
    return [essai for essai in essais if essai.ecarts]


@pytest.mark.parametrize("vie", VIES, ids=lambda vie: vie.nom)
def test_des_pannes_tirees_au_sort_ne_changent_rien(vie: type[Vie], capsys: pytest.CaptureFixture[str]) -> None:
    assert balayer(vie, False, capsys) == []


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
def test_aucune_panne_ne_change_rien(vie: type[Vie], capsys: pytest.CaptureFixture[str]) -> None:
    assert balayer(vie, True, capsys) == []
