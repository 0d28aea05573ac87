"""Task ``Echeance``: what time decides is done once, with the days that are left, whatever execution asks."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.demande.instants import ecrire
from chalicelib.demande.machine import REMPLACEE, Point
from chalicelib.demande.modeles import Demande, Demandeur, EtatPhoto, EtatTimbre, Motif, PhotoSignature, Statut
from chalicelib.workflow.echeance import VIE_MAX, faire_ce_qui_echoit
from tests.agents import AGENT
from tests.dossiers import (
    DEMANDE_ID,
    JOUR_S,
    MAINTENANT,
    NUMERO_TIMBRE,
    il_y_a,
    paiement_reserve,
    prete,
    timbre_reserve,
)
from tests.fakes.comptes import ComptesEnMemoire, Magasin
from tests.fakes.demandes import FakeDemandes
from tests.fakes.exterieur import FakePhotos
from tests.fakes.machine import FakeMachine
from tests.personnel import compte_de

SERVICE = ComptesEnMemoire(Magasin({AGENT.compte_id: compte_de(AGENT)}))
CODE = f"PHOTO{0:017d}"


class Monde:
    """A store with one demande suspended ``depuis`` days ago, for 60 days, its stamp spent."""

    def __init__(self, depuis: float = 0, statut: Statut = Statut.SUSPENDUE, **champs: Any) -> None:
        self.demandes, self.photos, self.machine = FakeDemandes(), FakePhotos(), FakeMachine()
        defaut: dict[str, Any] = {
            "statut": statut,
            "numero": "1" * 23,
            "autorite": "543",
            "veille": None,
            "veille_le": None,
            "chez_usager_depuis": ecrire(il_y_a(depuis)),
            "echeance": ecrire(il_y_a(depuis - 60)),
            "paiement": paiement_reserve(etat="consomme"),
        }
        self.demandes.creer(prete(**{**defaut, **champs}))
        self.demandes.timbres[NUMERO_TIMBRE] = timbre_reserve(etat=EtatTimbre.CONSOMME)

    def echoir(
        self, maintenant: datetime = MAINTENANT, generation: int = 1, commencee_le: datetime = MAINTENANT
    ) -> Point:
        liens = (self.demandes, self.photos, SERVICE, self.machine)
        return faire_ce_qui_echoit(DEMANDE_ID, generation, commencee_le, *liens, maintenant, "corr", JOUR_S)

    @property
    def demande(self) -> Demande:
        return self.demandes.lire(DEMANDE_ID)

    @property
    def evenements(self) -> list[str]:
        return [entree.evenement for entree in self.demandes.journal(DEMANDE_ID)]


@pytest.mark.parametrize(
    ("depuis", "evenements", "attente_j"),
    [
        (0, [], 30),
        (29.5, [], 0.5),
        (30, ["ComplementRappele"], 20),
        (49, ["ComplementRappele"], 1),
        (59, ["ComplementRappele"], 1),
    ],
)
def test_les_rappels_et_ce_qui_reste(depuis: float, evenements: list[str], attente_j: float) -> None:
    monde = Monde(depuis)

    point = monde.echoir()

    assert monde.evenements == evenements
    assert point.secondes == attente_j * JOUR_S


def test_une_suspension_entiere_donne_deux_rappels_puis_classe_et_rend_le_timbre() -> None:
    monde = Monde()
    maintenant, instants = MAINTENANT, []
    while monde.demande.statut is Statut.SUSPENDUE:
        maintenant += timedelta(seconds=monde.echoir(maintenant).secondes)
        instants.append((maintenant - MAINTENANT).days)

    assert monde.evenements == ["ComplementRappele", "ComplementRappele", "DemandeClasseeSansSuite"]
    assert instants[:3] == [30, 50, 60]
    assert monde.demandes.timbres[NUMERO_TIMBRE].etat is EtatTimbre.LIBRE
    assert monde.demande.veille is None


def test_ce_qui_est_fait_ne_se_refait_pas() -> None:
    monde = Monde(30)

    assert monde.echoir() == monde.echoir()
    assert monde.evenements == ["ComplementRappele"]


@pytest.mark.parametrize("evenement", ["PhotoRappelee"])
def test_une_photo_attendue_se_rappelle_aussi(evenement: str) -> None:
    monde = Monde(30, Statut.ATTENTE_PHOTO)

    monde.echoir()

    assert monde.evenements == [evenement]


def test_un_code_active_dont_l_avis_s_est_perdu_est_vu() -> None:
    photo = PhotoSignature(mode="numerique", code=CODE, etat=EtatPhoto.EN_ACTIVATION)
    demandeur = Demandeur(par=AGENT.compte_id, par_nom="Agnès GUICHET")
    monde = Monde(1, Statut.ATTENTE_PHOTO, photo_signature=photo, photo_attendue=CODE, photo_redemandee_par=demandeur)
    monde.photos.creer("valide")

    assert monde.echoir().statut == "en_instruction"
    assert (monde.demande.agent, monde.demande.urgence) == (AGENT.compte_id, f"0#{ecrire(MAINTENANT)}")
    assert monde.evenements == ["PhotoRecue"]
    assert (monde.demande.corbeille, monde.demande.photo_attendue) == ("543#agent", None)
    assert monde.demande.temps_usager_s == JOUR_S


def test_un_code_expire_dont_l_avis_s_est_perdu_se_dit_une_fois() -> None:
    photo = PhotoSignature(mode="numerique", code=CODE, etat=EtatPhoto.EN_ACTIVATION)
    monde = Monde(1, Statut.ATTENTE_PHOTO, photo_signature=photo, photo_attendue=CODE)
    monde.photos.creer("expire")
    avant = monde.demande.echeance

    points = [monde.echoir(MAINTENANT + timedelta(days=jours)) for jours in (0, 5)]

    assert monde.evenements == ["PhotoRefusee"]
    assert (monde.demande.statut, monde.demande.echeance) == ("attente_photo", avant)
    assert points[0].secondes == 29 * JOUR_S, "a refused code is asked about no more"


def test_un_talon_refuse_n_est_pas_redit_par_le_temps() -> None:
    photo = PhotoSignature(mode="talon", etat=EtatPhoto.REFUSE)
    monde = Monde(5, Statut.ATTENTE_PHOTO, photo_signature=photo)

    monde.echoir()

    assert monde.evenements == []


def test_une_execution_remplacee_n_agit_pas() -> None:
    monde = Monde(61, generation=2)

    assert monde.echoir(generation=1).statut == REMPLACEE
    assert monde.evenements == []


def test_une_execution_trop_vieille_passe_la_main() -> None:
    monde = Monde(1)

    point = monde.echoir(commencee_le=MAINTENANT - VIE_MAX - timedelta(days=1))

    assert point.statut == REMPLACEE
    assert monde.demande.generation == 2
    assert monde.machine.departs["1" * 23 + "-2"].secondes == 29 * JOUR_S


def test_une_demande_sans_echeance_attend_un_signal() -> None:
    monde = Monde(statut=Statut.EN_INSTRUCTION, echeance=None, chez_usager_depuis=None)

    assert monde.echoir().secondes == 300 * 86400
    assert monde.evenements == []


def en_instruction(depuis: float, **champs: Any) -> Monde:
    """A theft deposited ``depuis`` days ago, which waits for an agent."""
    depot = {"deposee_le": ecrire(il_y_a(depuis)), "echeance": None, "chez_usager_depuis": None, "motif": Motif.VOL}
    return Monde(statut=Statut.EN_INSTRUCTION, **{**depot, **champs})


@pytest.mark.parametrize(
    ("depuis", "evenements", "attente_s"),
    [
        (0, [], 53 * JOUR_S),
        (52, [], JOUR_S),
        (53, ["DroitsBientotFinis"], 300 * 86400),
        (59, ["DroitsBientotFinis"], 300 * 86400),
        (60, [], 300 * 86400),
    ],
)
def test_la_fin_d_un_droit_provisoire_se_dit_une_fois_sept_jours_avant_et_jamais_apres(
    depuis: float, evenements: list[str], attente_s: float
) -> None:
    monde = en_instruction(depuis)

    assert monde.echoir().secondes == attente_s
    assert monde.echoir().secondes == attente_s

    assert monde.evenements == evenements
    assert monde.demande.statut is Statut.EN_INSTRUCTION


@pytest.mark.parametrize("motif", [Motif.DETERIORATION, Motif.EXPIRATION])
def test_sans_droit_provisoire_rien_n_est_a_dire(motif: Motif) -> None:
    monde = en_instruction(55, motif=motif)

    assert monde.echoir().secondes == 300 * 86400
    assert monde.evenements == []


def test_une_demande_suspendue_est_prevenue_de_son_droit_sans_perdre_son_rappel() -> None:
    monde = Monde(50, deposee_le=ecrire(il_y_a(54)), motif=Motif.PERTE)

    assert monde.echoir().secondes == 1, "the other is due now"
    assert monde.echoir().secondes == 10 * JOUR_S

    assert monde.evenements == ["ComplementRappele", "DroitsBientotFinis"]
    assert monde.demande.echeance is not None
