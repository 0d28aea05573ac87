"""The simulated printer and post: an order is taken once, and what is owed of it is told in order, later or again."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.simulateurs.courriers import Courriers
from infra.local.simulateurs.producteur import CommandeRecue, EvenementJoue, ProducteurSimule
from infra.local.simulateurs.socle import instant, ouvrir

NUMERO = "12441542134215461243643"
T0 = 1_800_000_000.0


class Montre:
    """A clock that goes when told."""

    heure = T0

    def __call__(self) -> float:
        return self.heure


class Imprimeur:
    """The printer on a state, as one process has it."""

    def __init__(self, base: sqlite3.Connection, montre: Montre, manuel: bool = False) -> None:
        self.courriers = Courriers(base, "production", montre)
        self.producteur = ProducteurSimule(base, self.courriers, montre, manuel=manuel, delai_s=1.0)

    def commander(self, rang: int = 0) -> tuple[str, bool]:
        corps = {"numero": NUMERO, "rang": rang, "motif": "vol", "titulaire": {}, "adresse": {}}
        return self.producteur.commander(CommandeRecue.model_validate(corps))

    def jouer(self, **joue: object) -> None:
        self.producteur.jouer(NUMERO, EvenementJoue.model_validate(joue))

    def dus(self) -> list[tuple[str, str]]:
        contenus = map(self.courriers.contenu, self.courriers.notifications_dues())
        return [(contenu["evenement"], contenu["survenu_le"]) for contenu in contenus]


@pytest.fixture
def montre() -> Montre:
    return Montre()


@pytest.fixture
def base(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connexion = ouvrir(tmp_path)
    yield connexion
    connexion.close()


def test_une_commande_laissee_a_elle_meme_est_remise_un_evenement_apres_l_autre(
    base: sqlite3.Connection, montre: Montre
) -> None:
    imprimeur = Imprimeur(base, montre)
    assert [imprimeur.commander() for _ in range(3)] == [("acceptee", True), ("acceptee", False), ("acceptee", False)]
    assert imprimeur.dus() == []
    montre.heure += 10
    attendus = ["accepte", "produit", "expedie", "distribue"]
    assert imprimeur.dus() == [(nom, instant(T0 + rang)) for rang, nom in enumerate(attendus, start=1)]


def test_un_renvoi_ne_se_refabrique_pas(base: sqlite3.Connection, montre: Montre) -> None:
    imprimeur = Imprimeur(base, montre)
    imprimeur.commander(rang=1)
    montre.heure += 10
    assert [nom for nom, _ in imprimeur.dus()] == ["accepte", "expedie", "distribue"]


def test_en_manuel_rien_ne_bouge_avant_d_etre_joue_meme_double_meme_tard(
    base: sqlite3.Connection, montre: Montre
) -> None:
    imprimeur = Imprimeur(base, montre, manuel=True)
    assert imprimeur.commander() == ("recue", True)
    montre.heure += 100
    assert imprimeur.dus() == []
    imprimeur.jouer(evenement="expedie", repetitions=2)
    imprimeur.jouer(evenement="produit", survenu_le="2026-11-20T10:00:00Z")
    imprimeur.jouer(evenement="distribue", delai_s=5)
    assert imprimeur.dus() == [
        ("expedie", instant(T0 + 100)),
        ("expedie", instant(T0 + 100)),
        ("produit", "2026-11-20T10:00:00.000Z"),
    ]
    montre.heure += 5
    assert imprimeur.dus()[-1] == ("distribue", instant(T0 + 100)), "told late, as of when it happened"


def test_chaque_envoi_a_son_numero_de_suivi_le_meme_pour_tous_ses_evenements(
    base: sqlite3.Connection, montre: Montre
) -> None:
    imprimeur = Imprimeur(base, montre, manuel=True)
    suivis = []
    for rang in range(2):
        imprimeur.commander(rang)
        imprimeur.jouer(evenement="expedie")
        imprimeur.jouer(evenement="retourne")
        suivis.append(
            {imprimeur.courriers.contenu(du)["numero_suivi"] for du in imprimeur.courriers.notifications_dues()}
        )
    assert len(suivis[0]) == 1 and len(suivis[1]) == 2


def test_ce_qui_est_du_et_ce_qui_est_pris_survivent_a_une_fin_brutale(
    tmp_path: Path, base: sqlite3.Connection, montre: Montre
) -> None:
    Imprimeur(base, montre).commander()
    autre = ouvrir(tmp_path)
    reprise = Imprimeur(autre, montre)
    montre.heure += 10
    assert reprise.commander() == ("acceptee", False) and len(reprise.dus()) == 4
    autre.close()
