"""Deadlines that pass, over HTTP, on a service whose legal day lasts one second (``PERMIS_JOUR``)."""

from collections.abc import Iterator

import pytest

from demo.client import attendre
from tests.e2e.outils import verifier_probleme
from tests.e2e.vies import DEPOT, Vie
from tests.runtime import lancer

JOUR_S = "1"

DROITS = "DroitsBientotFinis"
"""A theft lets one drive for sixty days from its deposit: that end is told on its own day, whatever else waits."""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with lancer(tmp_path_factory.mktemp("jours-courts"), JOUR_S) as service:
        yield service.url


def suspendre(vie: Vie, delai_jours: int) -> None:
    elements = [{"cible": vie.piece("domicile"), "motif": "illisible"}]
    corps = {"elements": elements, "message": "Joignez une facture lisible.", "delai_jours": delai_jours}
    assert vie.agent.agir(vie.id, "suspension", corps)["statut"] == "suspendue"


def test_sans_complement_deux_rappels_puis_le_classement_et_le_timbre_rendu(url: str) -> None:
    vie = Vie(url).confirmer().jusqu_a("en_instruction")
    suspendre(vie, 40)

    vie.jusqu_a("classee_sans_suite")

    rappels = ["ComplementRappele", "ComplementRappele"]
    vie.raconte(*DEPOT, "DemandeSuspendue", *rappels, "DemandeClasseeSansSuite", ailleurs=DROITS)
    attendre(vie.objets, lambda lus: sum(lus.values()) >= 6, "le dernier avis")
    assert max(vie.objets().values()) == 1, vie.objets()
    assert vie.timbre_resert()
    trop_tard = verifier_probleme(vie.client.brut("POST", f"/api/demandes/{vie.id}/complement"), 409)
    assert trop_tard["statut"] == "classee_sans_suite"


def test_un_talon_qui_arrive_apres_un_rappel_met_en_instruction(url: str) -> None:
    vie = Vie(url, photo_signature={"mode": "talon"}).confirmer().jusqu_a("attente_photo")
    attendre(vie.histoire, lambda lue: "PhotoRappelee" in lue, "le premier rappel")

    vie.agent.jouer_talon(vie.numero)

    vie.jusqu_a("en_instruction")
    vie.raconte("DemandeDeposee", "ControleCommence", "PhotoAttendue", "PhotoRappelee", "PhotoRecue", ailleurs=DROITS)


def test_un_talon_qui_arrive_trop_tard_est_note_et_dit(url: str) -> None:
    vie = Vie(url, photo_signature={"mode": "talon"}).confirmer().jusqu_a("attente_photo")
    attendre(lambda: vie.statut, lambda lu: lu == "classee_sans_suite", "le classement", delai_s=120)

    vie.agent.jouer_talon(vie.numero)

    rappels = ["PhotoRappelee", "PhotoRappelee"]
    histoire = ["DemandeDeposee", "ControleCommence", "PhotoAttendue", *rappels, "DemandeClasseeSansSuite"]
    vie.raconte(*histoire, "PhotoTardive", ailleurs=DROITS)
    assert vie.histoire().count(DROITS) == 1
    vie.recoit("Votre droit provisoire de conduire prend bientôt fin")
    assert vie.statut == "classee_sans_suite"
    vie.recoit("Votre photo est arrivée après la fin de votre demande")
    assert vie.timbre_resert()
