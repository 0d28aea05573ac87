"""Who opened which dossier: the same promises from the fake and from DynamoDB (moto), and the chef's page over HTTP."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from chalicelib import wiring
from chalicelib.demande.instants import ecrire
from chalicelib.demande.ports_consultations import CONSERVATION, Consultation, Consultations, Quoi
from tests.contract.tables import aws_simule
from tests.dossiers import DEMANDE_ID, MAINTENANT
from tests.fakes.consultations import FakeConsultations


@pytest.fixture(params=["factice", "dynamodb"])
def consultations(request: pytest.FixtureRequest) -> Iterator[Consultations]:
    if request.param == "factice":
        yield FakeConsultations()
        return
    with aws_simule():
        yield wiring.consultations()


def consultation(rang: int = 0, quoi: Quoi = Quoi.DOSSIER, demande_id: str = DEMANDE_ID) -> Consultation:
    return Consultation(
        demande_id=demande_id,
        consultation_id=f"{rang:08x}-0000-4000-8000-000000000000",
        consultee_le=ecrire(MAINTENANT + timedelta(seconds=rang)),
        compte_id="agent-de-nancy",
        role="agent",
        quoi=quoi,
        correlation_id="corr-0001",
    )


def rangs(liste: list[Consultation]) -> list[int]:
    return [int(une.consultation_id[:8], 16) for une in liste]


def test_les_consultations_d_une_demande_se_lisent_page_a_page_la_derniere_d_abord(
    consultations: Consultations,
) -> None:
    for rang in range(5):
        consultations.noter(consultation(rang))
    consultations.noter(consultation(9, demande_id="b" * 32))
    premiere, suite = consultations.lister(DEMANDE_ID, MAINTENANT, None, 3)
    assert rangs(premiere) == [4, 3, 2]
    seconde, fin = consultations.lister(DEMANDE_ID, MAINTENANT, suite, 3)
    assert rangs(seconde) == [1, 0]
    assert fin is None
    assert premiere[0] == consultation(4)


def test_la_meme_consultation_redite_n_en_fait_qu_une_et_n_est_pas_recouverte(consultations: Consultations) -> None:
    consultations.noter(consultation())
    consultations.noter(consultation(quoi=Quoi.NOTES))
    liste, _ = consultations.lister(DEMANDE_ID, MAINTENANT, None, 10)
    assert liste == [consultation()]


def test_ce_qui_n_est_plus_conserve_n_est_plus_lu_meme_si_la_purge_tarde(consultations: Consultations) -> None:
    consultations.noter(consultation(0))
    consultations.noter(consultation(60))
    liste, _ = consultations.lister(DEMANDE_ID, MAINTENANT + CONSERVATION + timedelta(seconds=30), None, 10)
    assert rangs(liste) == [60]


def test_une_position_inventee_est_refusee(consultations: Consultations) -> None:
    with pytest.raises(ValueError):
        consultations.lister(DEMANDE_ID, MAINTENANT, "ailleurs", 10)


def test_un_enregistrement_s_efface_de_lui_meme_et_ne_dit_rien_de_la_personne() -> None:
    with aws_simule() as dynamodb:
        wiring.consultations().noter(consultation())
        (element,) = dynamodb.scan(TableName="permis-consultations")["Items"]
    assert int(element["expire"]["N"]) == int((MAINTENANT + CONSERVATION).timestamp())
    assert set(element) == {
        "demande_id",
        "consultation",
        "consultation_id",
        "consultee_le",
        "compte_id",
        "role",
        "quoi",
        "correlation_id",
        "expire",
    }
