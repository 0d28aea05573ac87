"""An outage of AWS told as what it is: 503 with Retry-After, in the time that the function has, and nothing lost."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from chalicelib import temps
from chalicelib.adapters.clients import ESSAIS, LECTURES_S, client, essai_s
from chalicelib.adapters.http_exterieur import MARGE_S, NonJoint
from chalicelib.adapters.photos_http import PhotosHttp
from chalicelib.demande.erreurs import ServiceIndisponible
from tests.appel import Resultat, charger
from tests.contract.tables import aws_simule
from tests.contract.test_ports_externes import repondre
from tests.dossiers import ADRESSE
from tests.parcours import Parcours

Faute = Callable[[Any], AWSResponse]


class Corps:
    """The body of an answer, as urllib3 gives it."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self._octets


def refuser(statut: int, code: str) -> Faute:
    corps = f'{{"__type": "com.amazonaws.dynamodb.v20120810#{code}", "message": "x"}}'.encode()
    return lambda request: AWSResponse(
        request.url, statut, {"content-type": "application/x-amz-json-1.0"}, Corps(corps)
    )


def lever(erreur: Callable[..., Exception], **champs: Any) -> Faute:
    def faute(request: Any) -> AWSResponse:
        raise erreur(endpoint_url=request.url, **champs)

    return faute


FAUTES: dict[str, Faute] = {
    "nobody there": lever(EndpointConnectionError, error="refused"),
    "no answer in time": lever(ReadTimeoutError, error="late"),
    "throttling": refuser(400, "ProvisionedThroughputExceededException"),
    "internal error": refuser(500, "InternalServerError"),
}


class Panne:
    """What DynamoDB does at each try, counted; None: it works."""

    def __init__(self) -> None:
        self.faute: Faute | None = None
        self.essais = 0

    def __call__(self, request: Any, **_: Any) -> AWSResponse | None:
        if self.faute is None:
            return None
        self.essais += 1
        return self.faute(request)


@pytest.fixture
def parcours() -> Iterator[Parcours]:
    with aws_simule():
        yield Parcours()


@pytest.fixture
def panne(parcours: Parcours) -> Panne:
    panne = Panne()
    # Before moto's own answer, after our look at the time left.
    evenements = client("dynamodb").meta.events
    evenements.register("before-send.dynamodb", panne)
    return panne


def adresse(parcours: Parcours) -> Resultat:
    return parcours.appeler("PUT", "/demandes/{id}/adresse", ADRESSE)


@pytest.mark.parametrize("faute", FAUTES.values(), ids=FAUTES)
def test_une_panne_d_aws_est_un_503_qui_dit_quand_revenir(faute: Faute, panne: Panne, parcours: Parcours) -> None:
    panne.faute = faute
    resultat = adresse(parcours)

    assert resultat.statut == 503, resultat.corps
    assert resultat.entetes["content-type"] == "application/problem+json"
    assert int(resultat.entetes["retry-after"]) > 0
    assert resultat.corps["status"] == 503
    assert panne.essais == ESSAIS

    panne.faute = None
    assert adresse(parcours).statut == 200


def test_ce_que_dynamodb_refuse_n_est_pas_une_panne(panne: Panne, parcours: Parcours) -> None:
    panne.faute = refuser(400, "ValidationException")
    assert adresse(parcours).statut == 500
    assert panne.essais == 1


def test_un_essai_qui_ne_finirait_pas_a_temps_n_est_pas_commence(panne: Panne) -> None:
    panne.faute = refuser(500, "InternalServerError")
    with temps.borne(essai_s("dynamodb") - 0.1), pytest.raises(ServiceIndisponible):
        client("dynamodb").get_item(TableName="permis-demandes", Key={"id": {"S": "x"}, "element": {"S": "DEMANDE"}})
    assert panne.essais == 0


def test_un_systeme_exterieur_lent_ne_prend_pas_plus_que_le_temps_qui_reste() -> None:
    with repondre(b"HTTP/1.1 200 OK\r\n\r\n", goutte=b" ") as lent, temps.borne(MARGE_S + 0.4):
        debut = time.monotonic()
        with pytest.raises(ServiceIndisponible):
            PhotosHttp(lent).consulter("X" * 22)
        assert time.monotonic() - debut < 2


def test_sans_temps_pour_lui_un_systeme_exterieur_n_est_pas_appele() -> None:
    with repondre(b"HTTP/1.1 200 OK\r\n\r\n") as present, temps.borne(MARGE_S), pytest.raises(NonJoint):
        PhotosHttp(present).consulter("X" * 22)


def test_la_fin_d_un_appel_ne_borne_pas_le_suivant(parcours: Parcours) -> None:
    assert adresse(parcours).statut == 200
    assert temps.reste() == float("inf")


@pytest.mark.parametrize("module", charger().modules_de_test, ids=lambda module: module.__name__)
def test_chaque_fonction_a_le_temps_d_un_essai_de_chaque_service_qu_elle_appelle(module: Any) -> None:
    services = {"table": "dynamodb", "bucket": "s3", "topic": "sns", "queue": "sqs", "machine": "stepfunctions"}
    for ressource in module.FONCTION.droits:
        service = services.get(ressource.partition(":")[0], "ses")
        assert service in LECTURES_S
        assert essai_s(service) < module.FONCTION.delai
