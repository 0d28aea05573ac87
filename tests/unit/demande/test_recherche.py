"""What the criteria of a search mean, and which access path serves them."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from chalicelib.demande.index import Fiche
from chalicelib.demande.modeles import Motif, Statut
from chalicelib.demande.recherche import (
    STATUTS_TROUVABLES,
    Criteres,
    Trouvee,
    convient,
    departement_du_code_postal,
    planifier,
)

FICHE = Fiche(
    numero="1" * 23,
    numero_dossier="13572A7654",
    deposee_le="2025-12-31T23:30:00.000Z",
    motif=Motif.VOL,
    code_postal="20200",
    date_naissance="1956-01-01",
    sexe="F",
    nom="de l'Épée",
    nom_usage="Œuvrard",
    prenoms=("Anne-Marie", "Zoé"),
)
TROUVEE = Trouvee("a" * 32, "543", Statut.EN_INSTRUCTION, "2026-01-31T22:59:59.999Z", FICHE)


@pytest.mark.parametrize(
    "criteres",
    [
        {},
        {"nom": "de l epee"},
        {"nom": "DE L’É"},
        {"nom": "de l'épée anne"},
        {"nom": "oeuv"},
        {"nom": " œuvrard anne-marie z"},
        {"prenom": "zoe"},
        {"prenom": "ANNE"},
        {"prenom": "anne marie"},
        {"date_naissance": "1956-01-01"},
        {"sexe": "F"},
        {"numero": "1" * 23},
        {"numero_dossier": "13572A7654"},
        {"annee": 2026},
        {"departement": "2B"},
        {"code_postal": "20200"},
        {"statut": "en_instruction"},
        {"motif": "vol"},
        {"modifie_du": "2026-01-31", "modifie_au": "2026-01-31"},
        {"modifie_au": "9999-12-31"},
        {"modifie_du": "0001-01-01"},
        {"nom": "", "prenom": None, "statut": "", "modifie_du": ""},
    ],
)
def test_une_demande_est_trouvee_par(criteres: dict[str, Any]) -> None:
    assert convient(Criteres.model_validate(criteres), TROUVEE, ("543",))


@pytest.mark.parametrize(
    "criteres",
    [
        {"nom": "epee"},
        {"nom": "oeuvrards"},
        {"prenom": "marie"},
        {"prenom": "oe"},
        {"date_naissance": "1956"},
        {"date_naissance": "1956-01"},
        {"sexe": "M"},
        {"numero": "2" * 23},
        {"numero_dossier": "13572A765"},
        {"annee": 2025},
        {"departement": "2A"},
        {"code_postal": "20000"},
        {"statut": "validee"},
        {"motif": "perte"},
        {"modifie_du": "2026-02-01"},
        {"modifie_au": "2026-01-30"},
        {"nom": "oeuv", "sexe": "M"},
    ],
)
def test_une_demande_n_est_pas_trouvee_par(criteres: dict[str, Any]) -> None:
    assert not convient(Criteres.model_validate(criteres), TROUVEE, ("543",))


def test_une_autre_autorite_ne_trouve_rien() -> None:
    assert not convient(Criteres(), TROUVEE, ("751", "54"))


def test_sans_nom_d_usage_seul_celui_de_naissance_est_cherche() -> None:
    sans = replace(TROUVEE, fiche=replace(FICHE, nom_usage=None))
    assert not convient(Criteres(nom="oeuvrard"), sans, ("543",))


@pytest.mark.parametrize(
    ("criteres", "champ"),
    [
        ({"nom": "--"}, "nom"),
        ({"prenom": "x" * 101}, "prenom"),
        ({"date_naissance": "01/01/1956"}, "date_naissance"),
        ({"sexe": "X"}, "sexe"),
        ({"numero": "1"}, "numero"),
        ({"numero_dossier": "abc"}, "numero_dossier"),
        ({"annee": "2026a"}, "annee"),
        ({"departement": "99"}, "departement"),
        ({"code_postal": "5400"}, "code_postal"),
        ({"statut": "perdu"}, "statut"),
        ({"motif": "envie"}, "motif"),
        ({"modifie_du": "2026-02-30"}, "modifie_du"),
        ({"modifie_du": 20260101}, "modifie_du"),
        ({"modifie_du": "2026-02-02", "modifie_au": "2026-02-01"}, "modifie_au"),
        ({"autorite": "751"}, "autorite"),
    ],
)
def test_un_critere_mal_ecrit_est_refuse(criteres: dict[str, Any], champ: str) -> None:
    with pytest.raises(ValidationError) as refus:
        Criteres.model_validate(criteres)
    assert [erreur["loc"] for erreur in refus.value.errors()] == [(champ,)]


@pytest.mark.parametrize(
    ("code_postal", "departement"),
    [
        ("54000", "54"),
        ("01000", "01"),
        ("20000", "2A"),
        ("20137", "2A"),
        ("20200", "2B"),
        ("20600", "2B"),
        ("97400", "974"),
    ],
)
def test_le_departement_se_lit_dans_le_code_postal(code_postal: str, departement: str) -> None:
    assert departement_du_code_postal(code_postal) == departement


@pytest.mark.parametrize(
    ("criteres", "tri", "autorites", "chemin", "memoire"),
    [
        ({"numero": "1" * 23, "nom": "a"}, None, ("543",), "numero", False),
        ({"numero_dossier": "13572A7654"}, None, ("543",), "dossier", False),
        ({"numero_dossier": "13572A7654"}, "date_demande", ("543",), "dossier", False),
        ({"date_naissance": "1956", "statut": "validee"}, None, ("543",), "naissance", False),
        ({"date_naissance": "1956"}, "-nom", ("543", "751"), "naissance", False),
        ({"date_naissance": "1956", "nom": "a"}, "nom", ("543",), "naissance", True),
        ({"nom": "ma", "statut": "validee"}, "nom", ("543",), "nom", False),
        ({"nom": "ma"}, "modifie", ("543",), "nom", True),
        ({"statut": "validee"}, "modifie", ("543", "751"), "etat", False),
        ({"statut": "validee"}, "nom", ("543",), "etat", True),
        ({}, None, ("543",), "etat", False),
        ({}, "-modifie", ("543",), "etat", False),
        ({}, "-modifie", ("543", "751"), "etats", True),
        ({}, None, ("543", "751"), "etats", False),
        ({"sexe": "F"}, None, ("543",), "etats", False),
        ({"sexe": "F"}, "-modifie", ("543",), "etat", False),
        ({"sexe": "F"}, "nom", ("543",), "nom", False),
        ({"sexe": "F"}, "date_demande", ("543",), "etats", True),
    ],
)
def test_le_chemin_le_plus_selectif_sert_la_recherche(
    criteres: dict[str, Any], tri: Any, autorites: tuple[str, ...], chemin: str, memoire: bool
) -> None:
    plan = planifier(Criteres.model_validate(criteres), tri, autorites)
    assert (plan.chemin, plan.memoire) == (chemin, memoire)


def test_aucun_chemin_ne_lit_une_autre_autorite_ni_les_brouillons() -> None:
    for criteres in ({}, {"nom": "a"}, {"date_naissance": "1956"}, {"statut": "validee"}, {"sexe": "F"}):
        plan = planifier(Criteres.model_validate(criteres), None, ("543", "751"))
        sources = [source for groupe in plan.groupes for source in groupe]
        assert all((source.prefixe or source.valeur).rstrip("#") in ("543", "751") for source in sources)
        assert all(source.valeur in STATUTS_TROUVABLES for source in sources if source.index == "par_etat")
