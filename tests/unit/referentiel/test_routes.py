"""GET /communes and GET /prefectures, called as API Gateway does."""

import pytest

from tests.appel import Resultat, appeler
from tests.compteur import compter_appels


def communes(**requete: str) -> Resultat:
    return appeler("GET", "/communes", requete=requete, groupe="referentiel.communes")


def prefectures(**requete: str) -> Resultat:
    return appeler("GET", "/prefectures", requete=requete, groupe="referentiel.prefectures")


def test_communes_of_a_code_postal_are_public_cacheable_and_cost_no_aws_call() -> None:
    with compter_appels() as appels:
        reponse = communes(code_postal="54000")
    assert reponse.statut == 200
    assert reponse.corps == [{"nom": "Nancy", "code": "54395", "departement": "54", "prefecture": "543"}]
    assert reponse.entetes["cache-control"] == "public, max-age=86400"
    assert appels == []


def test_an_unknown_code_postal_is_an_empty_list() -> None:
    assert communes(code_postal="00000")[::2] == (200, [])


@pytest.mark.parametrize("valeur", ["5400", "540000", "54OOO", "2A004", "", "../54", "540 0"])
def test_a_code_postal_that_is_not_five_digits_is_refused_by_name(valeur: str) -> None:
    reponse = communes(code_postal=valeur)
    assert reponse.statut == 422
    assert reponse.entetes["content-type"] == "application/problem+json"
    assert [e["champ"] for e in reponse.corps["erreurs"]] == ["code_postal"]
    assert reponse.entetes["cache-control"] == "no-store"


def test_a_missing_or_unknown_parameter_is_refused_by_name() -> None:
    assert [e["champ"] for e in communes().corps["erreurs"]] == ["code_postal"]
    assert [e["champ"] for e in communes(code_postal="54000", nom="x").corps["erreurs"]] == ["nom"]
    assert [e["champ"] for e in prefectures().corps["erreurs"]] == ["departement"]


@pytest.mark.parametrize(("departement", "codes"), [("54", ["543"]), ("2a", ["2A1"]), ("971", ["9711"]), ("99", [])])
def test_the_prefecture_of_a_departement(departement: str, codes: list[str]) -> None:
    with compter_appels() as appels:
        reponse = prefectures(departement=departement)
    assert reponse.statut == 200
    assert [p["code"] for p in reponse.corps] == codes
    assert appels == []


@pytest.mark.parametrize("departement", ["", "5", "Meurthe", "54 4", "A2", "٥٤"])
def test_a_departement_that_is_no_code_is_refused_by_name(departement: str) -> None:
    reponse = prefectures(departement=departement)
    assert reponse.statut == 422
    assert [e["champ"] for e in reponse.corps["erreurs"]] == ["departement"]
