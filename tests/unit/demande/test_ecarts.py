"""SNPC and demande side by side: what is only written otherwise is not a difference, and the line says why."""

import dataclasses
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.demande.ecarts import Ecart, comparer
from chalicelib.demande.modeles import EtatCivil
from chalicelib.demande.ports_externes import DossierSnpc
from tests.dossiers import ETAT_CIVIL

DOSSIER = DossierSnpc(
    numero_dossier="13572A7654",
    etat="VALIDE",
    points=12,
    points_max=12,
    droits=(),
    nom="CORNEILLE",
    prenoms=("PIERRE",),
    date_naissance="01/01/1956",
    sexe="M",
    commune_naissance="NANCY",
    departement_naissance="54",
)


def ligne(champ: str, snpc: dict[str, Any] | None = None, demande: dict[str, Any] | None = None) -> Ecart:
    """The line of ``champ``, with what differs from two sides that agree."""
    lignes = comparer(
        dataclasses.replace(DOSSIER, **(snpc or {})), EtatCivil.model_validate({**ETAT_CIVIL, **(demande or {})})
    )
    (trouvee,) = [une for une in lignes if une.champ == champ]
    return trouvee


def test_chaque_ligne_de_l_ecran_est_comparee_et_expliquee() -> None:
    lignes = comparer(DOSSIER, EtatCivil.model_validate(ETAT_CIVIL))
    assert [une.champ for une in lignes] == [
        "nom_naissance",
        "nom_usage",
        "prenoms",
        "sexe",
        "date_naissance",
        "lieu_naissance.commune",
        "lieu_naissance.departement",
        "numero_dossier",
    ]
    assert all(une.explication.endswith(".") and une.libelle for une in lignes)
    assert not [une for une in lignes if une.genre == "different"]


@pytest.mark.parametrize(
    ("snpc", "demande", "genre"),
    [
        ("CORNEILLE", "CORNEILLE", "identique"),
        ("CORNEILLE", "Corneille", "forme"),
        ("LEFEVRE", "Lefèvre", "forme"),
        ("LE GOFF", "Le-Goff", "forme"),
        ("LEGOFF", "Le Goff", "forme"),
        ("D ARTAGNAN", "d'Artagnan", "forme"),
        ("OEUVRARD", "Œuvrard", "forme"),
        ("CORNEILLE", "Corneil", "different"),
        ("MARTIN", "Martins", "different"),
    ],
)
def test_nom_de_naissance(snpc: str, demande: str, genre: str) -> None:
    assert ligne("nom_naissance", {"nom": snpc}, {"nom_naissance": demande}).genre == genre


@pytest.mark.parametrize("champ", ["nom_epouse", "nom_usage"])
def test_le_nom_d_epouse_donne_pour_nom_de_naissance_est_une_forme_et_le_dit(champ: str) -> None:
    vue = ligne("nom_naissance", {"nom": "DURAND", champ: "MARTIN"}, {"nom_naissance": "Martin"})
    assert vue.genre == "forme" and "et non le nom de naissance" in vue.explication


def test_le_nom_d_usage_de_la_demande_peut_etre_le_nom_de_naissance_du_snpc() -> None:
    vue = ligne("nom_naissance", {"nom": "MARTIN"}, {"nom_naissance": "Durand", "nom_usage": "Martin"})
    assert vue.genre == "forme"


@pytest.mark.parametrize(
    ("snpc", "demande", "genre"),
    [
        ({}, None, "identique"),
        ({"nom_usage": "MARTIN"}, "Martin", "forme"),
        ({"nom_epouse": "MARTIN"}, "MARTIN", "forme"),
        ({"nom_usage": "DURAND", "nom_epouse": "MARTIN"}, "Martin", "forme"),
        ({"nom_epouse": "MARTIN"}, "Corneille-Martin", "forme"),
        ({"nom_usage": "MARTIN CORNEILLE"}, "Martin", "forme"),
        ({}, "Corneille", "forme"),
        ({"nom_epouse": "CORNEILLE"}, None, "forme"),
        ({"nom_epouse": "MARTIN"}, None, "absent"),
        ({}, "Martin", "absent"),
        ({"nom_usage": "MARTIN"}, "Racine", "different"),
    ],
)
def test_nom_d_usage(snpc: dict[str, str], demande: str | None, genre: str) -> None:
    assert ligne("nom_usage", snpc, {"nom_usage": demande}).genre == genre


@pytest.mark.parametrize(
    ("snpc", "demande", "genre"),
    [
        (("Pierre",), ["Pierre"], "identique"),
        (("JEAN", "MARIE"), ["Jean-Marie"], "forme"),
        (("JEAN MARIE",), ["Jean", "Marie"], "forme"),
        (("MARIE", "JEAN"), ["Jean", "Marie"], "forme"),
        (("PIERRE",), ["Pierre", "Paul", "Émile"], "forme"),
        (("PIERRE", "PAUL"), ["Pierre"], "forme"),
        ((), ["Pierre"], "absent"),
        (("PAUL",), ["Pierre", "Paul"], "different"),
        (("PIERRE",), ["Pierrette"], "different"),
    ],
)
def test_prenoms(snpc: tuple[str, ...], demande: list[str], genre: str) -> None:
    assert ligne("prenoms", {"prenoms": snpc}, {"prenoms": demande}).genre == genre


@pytest.mark.parametrize(
    ("snpc", "demande", "genre", "dit"),
    [
        ("01/01/1956", "1956-01-01", "identique", ""),
        ("00/00/1956", "1956", "identique", ""),
        ("00/01/1956", "1956-01", "identique", ""),
        ("00/00/1956", "1956-01-01", "forme", "Le SNPC ne connaît pas le jour et le mois"),
        ("01/01/1956", "1956", "forme", "La demande ne connaît pas le jour et le mois"),
        ("00/01/1956", "1956-01-17", "forme", "Le SNPC ne connaît pas le jour de"),
        ("00/00/1957", "1956-01-01", "different", ""),
        ("00/02/1956", "1956-01-01", "different", ""),
        ("02/01/1956", "1956-01-01", "different", ""),
        ("illisible", "1956-01-01", "absent", ""),
    ],
)
def test_date_de_naissance(snpc: str, demande: str, genre: str, dit: str) -> None:
    vue = ligne("date_naissance", {"date_naissance": snpc}, {"date_naissance": demande})
    assert vue.genre == genre and dit in vue.explication


@pytest.mark.parametrize(
    ("snpc", "demande", "genre"),
    [
        ("NANCY", "Nancy", "forme"),
        ("ST DIE DES VOSGES", "Saint-Dié-des-Vosges", "forme"),
        ("PARIS 05", "Paris 5e Arrondissement", "forme"),
        ("PARIS", "Paris 20e arrondissement", "forme"),
        (None, "Nancy", "absent"),
        ("METZ", "Nancy", "different"),
    ],
)
def test_commune_de_naissance(snpc: str | None, demande: str, genre: str) -> None:
    lieu = {"lieu_naissance": {"commune": demande, "departement": "54"}}
    assert ligne("lieu_naissance.commune", {"commune_naissance": snpc}, lieu).genre == genre


@pytest.mark.parametrize(
    ("snpc", "demande", "genre"),
    [
        ("54", "54", "identique"),
        ("1", "01", "forme"),
        ("054", "54", "forme"),
        ("20", "2A", "forme"),
        ("97", "971", "forme"),
        ("972", "971", "different"),
        ("2B", "2A", "different"),
        ("57", "54", "different"),
        (None, "54", "absent"),
    ],
)
def test_departement_de_naissance(snpc: str | None, demande: str, genre: str) -> None:
    lieu = {"lieu_naissance": {"commune": "Nancy", "departement": demande}}
    assert ligne("lieu_naissance.departement", {"departement_naissance": snpc}, lieu).genre == genre


@pytest.mark.parametrize(
    ("code", "genre"), [("99", "forme"), ("BELGIQUE", "forme"), (None, "absent"), ("54", "different")]
)
def test_ne_a_l_etranger(code: str | None, genre: str) -> None:
    lieu = {"lieu_naissance": {"pays": "Belgique", "ville": "Liège"}}
    assert ligne("lieu_naissance.departement", {"departement_naissance": code}, lieu).genre == genre


LETTRES = st.text(st.sampled_from("abcdeéèêïôùçlmnoprstABCDEÉ"), min_size=1, max_size=10)
NOMS = st.lists(LETTRES, min_size=1, max_size=3).map("-".join)
JOURS = st.dates().filter(lambda jour: jour.year >= 1900).map(lambda jour: jour.isoformat())


def a_la_facon_du_snpc(texte: str) -> str:
    """Capitals without accents, a space for a hyphen."""
    plie = unicodedata.normalize("NFKD", texte).upper().replace("-", " ")
    return "".join(lettre for lettre in plie if not unicodedata.combining(lettre))


@given(nom=NOMS, prenoms=st.lists(NOMS, min_size=1, max_size=4), commune=NOMS, date=JOURS, coupe=st.integers(0, 2))
def test_la_facon_d_ecrire_du_snpc_n_est_jamais_une_difference_de_fond(
    nom: str, prenoms: list[str], commune: str, date: str, coupe: int
) -> None:
    annee, mois, jour = date.split("-")
    ecrite = f"{'00' if coupe else jour}/{'00' if coupe > 1 else mois}/{annee}"
    dossier = dataclasses.replace(
        DOSSIER,
        nom=a_la_facon_du_snpc(nom),
        prenoms=tuple(map(a_la_facon_du_snpc, prenoms)),
        date_naissance=ecrite,
        commune_naissance=a_la_facon_du_snpc(commune),
    )
    etat_civil = EtatCivil.model_validate(
        {
            **ETAT_CIVIL,
            "nom_naissance": nom,
            "prenoms": prenoms,
            "date_naissance": date,
            "lieu_naissance": {"commune": commune, "departement": "54"},
        }
    )
    assert not [une for une in comparer(dossier, etat_civil) if une.genre == "different"]


@given(un=NOMS, autre=NOMS)
def test_deux_noms_de_lettres_differentes_different_et_le_sens_n_y_fait_rien(un: str, autre: str) -> None:
    aller = ligne("nom_naissance", {"nom": un}, {"nom_naissance": autre}).genre
    retour = ligne("nom_naissance", {"nom": autre}, {"nom_naissance": un}).genre
    memes = a_la_facon_du_snpc(un).replace(" ", "") == a_la_facon_du_snpc(autre).replace(" ", "")
    assert aller == retour
    assert (aller == "different") != memes


@given(prenoms=st.permutations(["Anne", "Marie-Rose", "Zoé", "Luc"]))
def test_l_ordre_des_prenoms_est_une_forme(prenoms: list[str]) -> None:
    snpc = tuple(map(a_la_facon_du_snpc, ["Anne", "Marie-Rose", "Zoé", "Luc"]))
    assert ligne("prenoms", {"prenoms": snpc}, {"prenoms": prenoms}).genre == "forme"


@given(un=JOURS, autre=JOURS)
def test_deux_dates_entieres_sont_la_meme_ou_different(un: str, autre: str) -> None:
    annee, mois, jour = un.split("-")
    genre = ligne("date_naissance", {"date_naissance": f"{jour}/{mois}/{annee}"}, {"date_naissance": autre}).genre
    assert genre == ("identique" if un == autre else "different")
