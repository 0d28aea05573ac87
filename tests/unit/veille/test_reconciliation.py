"""The reconciler: whatever a crash left between a write and what should have followed, one run or two repair it."""

from collections import Counter
from datetime import timedelta
from itertools import count
from typing import Any

from chalicelib.demande.instants import ecrire
from chalicelib.demande.journal import Auteur
from chalicelib.demande.machine import point
from chalicelib.demande.modeles import Demande, Statut
from chalicelib.demande.vie import passer
from chalicelib.veille.reconciliation import LOT, RECUL, Liens, reconcilier
from tests.dossiers import DEMANDE_ID, JOUR_S, MAINTENANT, il_y_a, prete
from tests.fakes.demandes import FakeDemandes
from tests.fakes.machine import FakeMachine, FakeReprises

NUMERO = "12441542134215461243643"
IL_Y_A_UNE_MINUTE = MAINTENANT - timedelta(minutes=1)


class Monde:
    """A store, a machine and its tokens, with one demande in them."""

    def __init__(self, statut: Statut = Statut.EN_INSTRUCTION, **champs: Any) -> None:
        self.demandes, self.machine, self.reprises = FakeDemandes(), FakeMachine(), FakeReprises()
        self.poser(statut=statut, **champs)

    def poser(self, **champs: Any) -> Demande:
        defaut: dict[str, Any] = {"numero": NUMERO, "autorite": "543", "veille": None, "veille_le": None}
        demande = prete(**{**defaut, **champs})
        self.demandes.creer(demande)
        return demande

    @property
    def demande(self) -> Demande:
        return self.demandes.lire(DEMANDE_ID)

    def suivre(self) -> None:
        """Its execution runs, and waits with full knowledge of it."""
        depart = point(self.demande, MAINTENANT, JOUR_S)
        self.machine.demarrer(self.demande, depart, "corr")
        assert self.reprises.deposer(DEMANDE_ID, f"jeton-{self.demande.version}", depart.generation, depart.version)

    def passer(self, maintenant: Any = MAINTENANT, encore: Any = lambda: True) -> Counter[str]:
        ids = count()
        liens = Liens(self.demandes, self.reprises, self.machine, JOUR_S)
        return reconcilier(liens, maintenant, lambda: f"corr-{next(ids)}", encore)

    def valider(self) -> None:
        """An agent validates; the signal is lost."""
        auteur = Auteur("agent", "a1")
        validee = passer(
            self.demande, "DemandeValidee", auteur, IL_Y_A_UNE_MINUTE, "corr", jour_s=JOUR_S, vers=Statut.VALIDEE
        )
        self.demandes.transiter(self.demande, validee)


def test_ce_qui_va_bien_n_est_pas_touche() -> None:
    monde = Monde()
    monde.suivre()
    avant = monde.demande

    assert monde.passer() == Counter()
    assert monde.demande == avant


def test_un_depot_dont_la_machine_n_a_pas_demarre_demarre() -> None:
    monde = Monde(Statut.DEPOSEE, veille="signal", veille_le=ecrire(IL_Y_A_UNE_MINUTE))

    assert monde.passer() == {"demarrees": 1}
    assert monde.machine.departs[f"{NUMERO}-1"].statut == "deposee"


def test_un_signal_perdu_est_redonne_une_fois() -> None:
    monde = Monde()
    monde.suivre()
    jeton = monde.reprises.lire(DEMANDE_ID).jeton
    monde.valider()

    assert monde.passer() == {"entendus": 1}
    assert monde.passer() == {}
    assert [(vers, donne.statut) for vers, donne in monde.machine.signaux] == [(jeton, "validee")]
    assert monde.demande.veille is None


def test_un_signal_tout_recent_est_laisse_au_flux() -> None:
    monde = Monde(veille="signal", veille_le=ecrire(MAINTENANT - timedelta(seconds=5)))

    assert monde.passer() == {}


def test_entre_deux_attentes_le_mot_est_laisse_et_la_marque_reste_jusqu_a_l_attente_suivante() -> None:
    monde = Monde()
    monde.suivre()
    monde.machine.morts.add(str(monde.reprises.lire(DEMANDE_ID).jeton))
    monde.valider()

    assert monde.passer() == {"perimes": 1}
    assert not monde.reprises.deposer(DEMANDE_ID, "aveugle", 1, monde.demande.version - 1), (
        "an ignorant wait is refused"
    )
    monde.reprises.deposer(DEMANDE_ID, "averti", 1, monde.demande.version)
    assert monde.passer() == {"sus": 1}
    assert monde.demande.veille is None


def test_une_execution_morte_est_remplacee_ou_en_est_la_demande() -> None:
    monde = Monde(
        Statut.SUSPENDUE, echeance=ecrire(MAINTENANT + timedelta(days=1)), chez_usager_depuis=ecrire(il_y_a(59))
    )
    monde.suivre()
    monde.machine.tuer(monde.demande, IL_Y_A_UNE_MINUTE)

    assert monde.passer() == {"remplacees": 1}
    assert monde.demande.generation == 2
    depart = monde.machine.departs[f"{NUMERO}-2"]
    assert (depart.statut, depart.generation) == ("suspendue", 2)
    # Reminders of days 30 and 50 were not told of: they are due now; what is left of the delay is one day, no more.
    assert depart.secondes <= 86400
    assert monde.passer() == {}, "the dead one is known, the new one has time to park its token"


def test_une_execution_de_remplacement_qui_n_a_pas_demarre_est_retrouvee() -> None:
    monde = Monde()
    monde.suivre()
    monde.machine.tuer(monde.demande, IL_Y_A_UNE_MINUTE)
    monde.machine.panne = TimeoutError()

    assert monde.passer() == {"erreurs": 1}
    assert monde.demande.generation == 2
    monde.machine.panne = None
    plus_tard = MAINTENANT + timedelta(minutes=1)

    assert monde.passer(plus_tard)["demarrees"] == 1
    assert f"{NUMERO}-2" in monde.machine.departs


def test_une_execution_morte_d_une_demande_close_n_est_pas_remplacee() -> None:
    monde = Monde(Statut.REFUSEE, veille="signal", veille_le=ecrire(IL_Y_A_UNE_MINUTE))
    monde.suivre()
    monde.machine.tuer(monde.demande, IL_Y_A_UNE_MINUTE)

    assert monde.passer() == {"sus": 1}
    assert (monde.demande.generation, monde.demande.veille) == (1, None)


def test_une_execution_deja_remplacee_ne_l_est_pas_encore() -> None:
    monde = Monde(generation=3)
    monde.suivre()
    monde.machine.tuer(monde.demande.model_copy(update={"generation": 2}), IL_Y_A_UNE_MINUTE)

    assert monde.passer() == {}
    assert monde.demande.generation == 3


def test_le_repere_n_avance_que_sur_ce_qui_a_ete_vu() -> None:
    monde = Monde()
    monde.suivre()
    monde.machine.tuer(monde.demande, il_y_a(2))

    assert monde.passer(encore=lambda: False) == {}
    assert monde.reprises.jusqua is None
    assert monde.passer() == {"remplacees": 1}
    assert monde.reprises.jusqua == MAINTENANT - RECUL


def test_une_demande_en_panne_n_arrete_pas_les_autres() -> None:
    class Illisible(FakeDemandes):
        def lire(self, demande_id: str) -> Demande:
            if demande_id == "abimee":
                raise ValueError("données illisibles")
            return super().lire(demande_id)

    monde = Monde()
    monde.demandes = Illisible()
    for id_ in ("abimee", DEMANDE_ID):
        monde.poser(id=id_, statut=Statut.DEPOSEE, veille="signal", veille_le=ecrire(IL_Y_A_UNE_MINUTE))

    assert monde.passer() == {"erreurs": 1, "demarrees": 1}


def test_une_demande_illisible_n_empeche_pas_de_remplacer_les_executions_mortes_apres_la_sienne() -> None:
    class Illisible(FakeDemandes):
        def lire_par_numero(self, numero: str) -> Demande:
            if numero == "1" * 23:
                raise ValueError("données illisibles")
            return super().lire_par_numero(numero)

    monde = Monde()
    monde.demandes = Illisible()
    abimee, saine = monde.poser(id="abimee", numero="1" * 23), monde.poser(statut=Statut.EN_INSTRUCTION)
    monde.machine.tuer(abimee, il_y_a(2))
    monde.machine.tuer(saine, il_y_a(1))

    assert monde.passer() == {"erreurs": 1, "remplacees": 1}
    assert monde.reprises.jusqua is None, "the one that failed is looked at again"
    assert monde.passer() == {"erreurs": 1}
    assert monde.demande.generation == 2


def test_un_passage_est_borne() -> None:
    monde = Monde()
    for rang in range(LOT + 5):
        numero = f"{rang:023d}"
        marque = {"veille": "signal", "veille_le": ecrire(IL_Y_A_UNE_MINUTE)}
        monde.poser(id=f"d{rang}", numero=numero, statut=Statut.DEPOSEE, **marque)

    assert monde.passer()["demarrees"] == LOT
