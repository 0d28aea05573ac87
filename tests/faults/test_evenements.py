"""What comes twice, late or in another order ends the same: the stream, the queues, the partners, the client."""

from collections.abc import Callable
from itertools import permutations

import pytest

from chalicelib.demande.modeles import EtatPhoto, PhotoSignature, Statut
from tests.faults.balayage import vivre
from tests.faults.bilan import Bilan, Ecarts
from tests.faults.monde import Monde
from tests.faults.vies import VIES, Refus, Retour, SansSuite, Vie, Vol

COURTES = (Refus, SansSuite)
"""The lives that each disturbance meets in ``make test``; the others, in ``make test-long``."""

VIES_A_DERANGER = [pytest.param(vie, id=vie.nom, marks=[] if vie in COURTES else [pytest.mark.long]) for vie in VIES]


def doubler(monde: Monde) -> None:
    monde.doubler = True


def retarder(monde: Monde) -> None:
    # Later than the reconciler's patience: it does the consumer's work, which comes on top.
    monde.retard_s = 100.0


def repeter(monde: Monde) -> None:
    monde.redire = True


def melanger(monde: Monde) -> None:
    monde.doubler = monde.melanger = True
    monde.retard_s = 5.0


@pytest.fixture(scope="module")
def temoins() -> Callable[[type[Vie]], Bilan]:
    """What each life leaves when nothing disturbs it, lived once."""
    vecus: dict[type[Vie], Bilan] = {}

    def temoin(vie: type[Vie]) -> Bilan:
        if vie not in vecus:
            vecus[vie] = vivre(vie)[1]
        return vecus[vie]

    return temoin


@pytest.mark.parametrize("deranger", [doubler, retarder, melanger], ids=lambda deranger: deranger.__name__)
@pytest.mark.parametrize("vie", VIES_A_DERANGER)
def test_le_flux_et_les_files_peuvent_doubler_tarder_et_melanger(
    vie: type[Vie], deranger: Callable[[Monde], None], temoins: Callable[[type[Vie]], Bilan]
) -> None:
    assert Ecarts(temoins(vie), vivre(vie, regler=deranger)[1]).tous == []


@pytest.mark.parametrize("vie", [Retour, pytest.param(Vol, marks=pytest.mark.long)], ids=lambda vie: vie.nom)
def test_un_partenaire_qui_se_repete_ne_change_rien(vie: type[Vie], temoins: Callable[[type[Vie]], Bilan]) -> None:
    monde, bilan = vivre(vie, regler=repeter)

    assert Ecarts(temoins(vie), bilan).tous == []
    assert len(monde.redits) > 6 and "applique" not in monde.redits


def en_desordre(ordre: tuple[str, ...]) -> type[Vie]:
    """A life whose card's events come in this order; each says when it happened."""

    class Desordonnee(Retour):
        nom = "événements du titre en désordre"

        def vivre(self) -> None:
            monde = self.monde
            self.confirmer()
            monde.attendre(minutes=5)
            self.valider()
            survenus = {}
            for evenement in ("accepte", "produit", "expedie", "distribue"):
                monde.attendre(hours=12)
                survenus[evenement] = monde.instant()
            numero = self.demande().numero
            for evenement in ordre:
                monde.dire("production", {"numero": numero, "evenement": evenement, "survenu_le": survenus[evenement]})
                monde.attendre(minutes=5)
            self.exiger(Statut.DISTRIBUEE)
            self.finir()

    return Desordonnee


DROIT = ("accepte", "produit", "expedie", "distribue")
ORDRES = [
    pytest.param(
        ordre, id="-".join(ordre), marks=[] if ordre in (DROIT[::-1], (*DROIT[2:], *DROIT[:2])) else [pytest.mark.long]
    )
    for ordre in permutations(DROIT)
    if ordre != DROIT
]


@pytest.fixture(scope="module")
def dans_l_ordre() -> Bilan:
    return vivre(en_desordre(DROIT))[1]


@pytest.mark.parametrize("ordre", ORDRES)
def test_les_evenements_du_titre_en_desordre_menent_a_la_meme_fin(ordre: tuple[str, ...], dans_l_ordre: Bilan) -> None:
    bilan = vivre(en_desordre(ordre))[1]

    # What is behind where the card is known to be adds nothing; what it jumped over is told with it.
    assert set(bilan.mails.values()) == {1}
    assert bilan.statut == dans_l_ordre.statut
    assert [e for e in bilan.journal if e[0] != "TitreProduit"][-3:-1] == [
        ("CommandeAcceptee", "en_production", "systeme", "commande"),
        ("TitreExpedie", "expediee", "partenaire", "poste"),
    ]
    assert (bilan.chaine, bilan.timbre, bilan.commandes, bilan.marque, bilan.execution, bilan.lettres_mortes) == (
        True,
        dans_l_ordre.timbre,
        dans_l_ordre.commandes,
        None,
        "finie",
        [],
    )


class TalonTardif(SansSuite):
    """The talon comes after the deadline, twice."""

    def vivre(self) -> None:
        super().vivre()
        for _ in range(2):
            self.monde.dire("photo", {"code_talon": self.demande().numero, "resultat": "valide"})
        self.finir()


def test_un_talon_qui_arrive_apres_la_fin_est_dit_une_fois_et_ne_rouvre_rien(
    temoins: Callable[[type[Vie]], Bilan],
) -> None:
    temoin, bilan = temoins(SansSuite), vivre(TalonTardif)[1]

    assert bilan.journal[:-1] == temoin.journal
    assert bilan.journal[-1][:3] == ("PhotoTardive", "classee_sans_suite", "partenaire")
    assert (bilan.timbre, bilan.execution, bilan.lettres_mortes) == (temoin.timbre, temoin.execution, [])


class Active(Vie):
    """The base tells of an activation before anybody waits for it, and again once somebody does."""

    nom = "activation"
    avance = False

    def photo(self) -> PhotoSignature:
        return PhotoSignature(
            mode="numerique", code=self.monde.photos.creer("en_activation"), etat=EtatPhoto.EN_ACTIVATION
        )

    def vivre(self) -> None:
        monde = self.monde
        (code,) = monde.photos.etats
        self.confirmer()
        if self.avance:
            monde.photos.etats[code] = "valide"
            assert monde.dire("photo", {"code": code, "resultat": "valide"}) == "inattendue"
        monde.attendre(minutes=5)
        monde.photos.etats[code] = "valide"
        monde.dire("photo", {"code": code, "resultat": "valide"})
        monde.attendre(days=2)
        self.exiger(Statut.EN_INSTRUCTION)


class ActiveEnAvance(Active):
    avance = True


def test_une_activation_dite_trop_tot_n_est_pas_perdue() -> None:
    bilan = vivre(ActiveEnAvance)[1]
    assert [entree[0] for entree in bilan.journal] == ["DemandeDeposee", "ControleCommence", "ControleTermine"]
    assert (bilan.statut, bilan.marque, bilan.lettres_mortes) == ("en_instruction", None, [])
