"""The reference data as committed: who belongs to which préfecture, whatever the shape of the place."""

import json
from importlib.resources import files

import pytest

from chalicelib.adapters.catalogue import communes_de, departement_de, prefecture_connue, prefectures_de
from chalicelib.demande.autorites import code_autorite, departement_de_la_commune

DONNEES = files("chalicelib") / "referentiel" / "donnees"


def noms(code_postal: str) -> list[str]:
    return [commune.nom for commune in communes_de(code_postal)]


def test_nancy_belongs_to_the_prefecture_543_of_the_deck() -> None:
    (nancy,) = communes_de("54000")
    assert nancy.model_dump() == {"nom": "Nancy", "code": "54395", "departement": "54", "prefecture": "543"}
    assert [p.model_dump() for p in prefectures_de("54")] == [
        {"code": "543", "libelle": "Préfecture de Meurthe-et-Moselle"}
    ]


def test_a_commune_belongs_to_the_prefecture_of_its_departement_not_to_its_own_arrondissement() -> None:
    """Briey is in the arrondissement 541, its demandes go to Nancy's préfecture."""
    assert {c.prefecture for c in communes_de("54150")} == {"543"}


@pytest.mark.parametrize(
    ("code_postal", "nom", "code", "prefecture"),
    [
        ("75001", "Paris", "75056", "751"),
        ("75116", "Paris", "75056", "751"),
        ("69009", "Lyon", "69123", "691"),
        ("13016", "Marseille", "13055", "133"),
    ],
)
def test_paris_lyon_and_marseille_are_one_commune_each(code_postal: str, nom: str, code: str, prefecture: str) -> None:
    (commune,) = communes_de(code_postal)
    assert (commune.nom, commune.code, commune.prefecture) == (nom, code, prefecture)


def test_a_commune_is_found_by_each_of_its_codes_postaux() -> None:
    assert noms("54100") == ["Nancy"]
    assert "Ajaccio" in noms("20000") and "Ajaccio" in noms("20090")


def test_corsica_shares_its_codes_postaux_between_2A_and_2B() -> None:
    assert [(c.departement, c.prefecture) for c in communes_de("20000")] == [("2A", "2A1")]
    assert [(c.departement, c.prefecture) for c in communes_de("20200")][0] == ("2B", "2B2")


@pytest.mark.parametrize(
    ("code_postal", "departements"), [("01200", {"01", "74"}), ("33220", {"24", "33"}), ("52100", {"51", "52"})]
)
def test_a_code_postal_may_straddle_two_departements(code_postal: str, departements: set[str]) -> None:
    communes = communes_de(code_postal)
    assert {c.departement for c in communes} == departements
    assert {departement_de(c.prefecture) for c in communes} == departements


@pytest.mark.parametrize(
    ("code_postal", "nom", "departement", "prefecture"),
    [
        ("97100", "Basse-Terre", "971", "9711"),
        ("97200", "Fort-de-France", "972", "9721"),
        ("97300", "Cayenne", "973", "9731"),
        ("97400", "Saint-Denis", "974", "9741"),
        ("97600", "Mamoudzou", "976", "9761"),
        ("97500", "Saint-Pierre", "975", "9751"),
        ("97133", "Saint-Barthélemy", "977", "9781"),
        ("97150", "Saint-Martin", "978", "9781"),
        ("98600", "Uvea", "986", "9861"),
        ("98714", "Papeete", "987", "9871"),
        ("98800", "Nouméa", "988", "9881"),
    ],
)
def test_overseas_places_have_their_authority(code_postal: str, nom: str, departement: str, prefecture: str) -> None:
    (commune,) = [c for c in communes_de(code_postal) if c.nom == nom]
    assert (commune.departement, commune.prefecture) == (departement, prefecture)
    assert [p.code for p in prefectures_de(departement)] == [prefecture]


def test_the_prefecture_of_two_collectivites_sits_in_saint_martin() -> None:
    assert departement_de("9781") == "978"


@pytest.mark.parametrize("code_postal", ["00000", "99999", "98799", "54001"])
def test_an_unknown_code_postal_has_no_commune(code_postal: str) -> None:
    assert communes_de(code_postal) == []


@pytest.mark.parametrize("code_postal", ["../xx", "٥٤٠٠٠", "", "5", "/etc/"])
def test_a_strange_code_postal_never_names_a_file(code_postal: str) -> None:
    assert communes_de(code_postal) == []


def test_communes_are_sorted_as_people_read_them_accents_aside() -> None:
    lus = noms("02140")
    assert len(lus) > 20 and lus == sorted(
        lus, key=lambda n: n.casefold().translate(str.maketrans("éèêôâîç", "eeeoaic"))
    )
    assert noms("74110") == ["Essert-Romand", "La Côte-d'Arbroz", "Montriond", "Morzine"]


def test_every_departement_has_one_known_authority() -> None:
    prefectures = json.loads((DONNEES / "prefectures.json").read_text())
    assert len(prefectures) == 96 + 5 + 6
    for departement, prefecture in prefectures.items():
        assert prefecture_connue(prefecture["code"])
        assert [p.code for p in prefectures_de(departement)] == [prefecture["code"]]
    assert len({p["code"] for p in prefectures.values()}) == len(prefectures) - 1
    assert not prefecture_connue("541") and not prefecture_connue("54")


def test_every_commune_of_the_files_finds_its_prefecture() -> None:
    codes = set()
    for fichier in (DONNEES / "communes").iterdir():
        for code_postal in json.loads(fichier.read_text()):
            communes = communes_de(code_postal)
            assert communes and all(prefecture_connue(c.prefecture) for c in communes)
            codes |= {c.code for c in communes}
    assert len(codes) == 34_963


@pytest.mark.parametrize(
    ("departement", "libelle"),
    [
        ("01", "Préfecture de l'Ain"),
        ("06", "Préfecture des Alpes-Maritimes"),
        ("2B", "Préfecture de la Haute-Corse"),
        ("35", "Préfecture d'Ille-et-Vilaine"),
        ("69", "Préfecture du Rhône"),
        ("75", "Préfecture de police (Paris)"),
        ("84", "Préfecture de Vaucluse"),
        ("974", "Préfecture de La Réunion"),
        ("987", "Haut-commissariat de la République en Polynésie française"),
    ],
)
def test_prefectures_bear_their_usual_name(departement: str, libelle: str) -> None:
    assert [p.libelle for p in prefectures_de(departement)] == [libelle]


@pytest.mark.parametrize("departement", ["", "20", "96", "984", "989", "999", "544"])
def test_an_unknown_departement_has_no_prefecture(departement: str) -> None:
    assert prefectures_de(departement) == []


def test_the_departement_is_read_in_the_code_of_the_commune() -> None:
    lus = [departement_de_la_commune(code) for code in ("54395", "2A004", "97105", "98818", "01053")]
    assert lus == ["54", "2A", "971", "988", "01"]


def test_the_code_autorite_is_the_arrondissement_that_holds_the_chef_lieu() -> None:
    arrondissements = {"54395": "543", "54099": "541", "97611": ""}
    assert code_autorite("54395", arrondissements) == "543"
    assert code_autorite("97611", arrondissements) is None
    assert code_autorite("00000", arrondissements) is None
