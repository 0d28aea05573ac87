"""The fields of the pages say what the API checks: required marks, lengths, forms, closed lists, and its sentences."""

import re
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from chalicelib.demande.champs import Texte30
from chalicelib.demande.erreurs import SaisieInvalide
from chalicelib.demande.modeles import EtatCivil, NeALEtranger, NeEnFrance
from chalicelib.instruction.controler import PieceJugee
from chalicelib.instruction.refuser import Refus
from chalicelib.instruction.suspendre import DemandeDeComplement, ElementVise
from chalicelib.saisie import partielle, valider_objet
from infra.pages.champs import Champ, LibelleManquant, decrire
from infra.pages.contexte import FORMULAIRES

MODELES: list[type[BaseModel]] = [*FORMULAIRES.values(), NeEnFrance, NeALEtranger, ElementVise, PieceJugee]


def _simples(garder: Any) -> list[Any]:
    return [
        pytest.param(modele, champ, id=f"{modele.__name__}.{champ.nom}")
        for modele in MODELES
        for champ in decrire(modele).values()
        if "." not in champ.nom and not champ.liste and garder(champ)
    ]


def _refus(modele: type[BaseModel], champ: Champ, texte: str) -> list[str]:
    """What the API says of this field when it alone is given."""
    try:
        valider_objet(partielle(modele), {champ.nom: texte})
    except SaisieInvalide as refus:
        return [erreur["message"] for erreur in refus.champs["erreurs"]]
    return []


AVEC_FORME = _simples(lambda champ: champ.motif)
SANS_ESPACE = st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters="-"), min_size=1)


@pytest.mark.parametrize("modele", MODELES, ids=lambda modele: modele.__name__)
def test_a_field_is_marked_required_when_its_absence_is_refused(modele: type[BaseModel]) -> None:
    marques = {nom: champ for nom, champ in decrire(modele).items() if champ.obligatoire and "." not in nom}
    assert set(marques) == set(modele.model_json_schema().get("required", []))
    if marques:
        with pytest.raises(SaisieInvalide) as refus:
            valider_objet(modele, {})
        dits = {erreur["champ"]: erreur["message"] for erreur in refus.value.champs["erreurs"]}
        assert {nom: champ.message_obligatoire for nom, champ in marques.items()} == dits


@pytest.mark.parametrize("modele", MODELES, ids=lambda modele: modele.__name__)
def test_every_field_and_every_choice_has_words_of_its_own(modele: type[BaseModel]) -> None:
    for champ in decrire(modele).values():
        assert champ.libelle.strip(), champ.nom
        assert all(mots.strip() for _, mots in champ.choix), champ.nom


@pytest.mark.parametrize(("modele", "champ"), AVEC_FORME)
@settings(max_examples=20)
@given(donnees=st.data())
def test_what_has_the_form_is_never_refused_for_it(
    modele: type[BaseModel], champ: Champ, donnees: st.DataObject
) -> None:
    juste = donnees.draw(st.from_regex(re.compile(champ.motif, re.ASCII), fullmatch=True))
    assert champ.message_motif not in _refus(modele, champ, juste)


@pytest.mark.parametrize(("modele", "champ"), AVEC_FORME)
@settings(max_examples=20)
@given(texte=SANS_ESPACE)
def test_what_has_not_the_form_is_refused(modele: type[BaseModel], champ: Champ, texte: str) -> None:
    if not re.fullmatch(champ.motif, texte, re.ASCII):
        assert _refus(modele, champ, texte)


@pytest.mark.parametrize(("modele", "champ"), AVEC_FORME)
def test_a_form_is_read_the_same_way_by_a_browser(modele: type[BaseModel], champ: Champ) -> None:
    # What python alone writes: named groups, flags inside, \A and \Z, possessive quantifiers.
    assert not re.search(r"\(\?(?!:)|\\[AZbBwWsS]|[*+?}]\+", champ.motif)


@pytest.mark.parametrize(("modele", "champ"), AVEC_FORME)
def test_the_json_schema_tells_the_form_and_its_sentence(modele: type[BaseModel], champ: Champ) -> None:
    schema = modele.model_json_schema()["properties"][champ.nom]
    formes = [branche for branche in (schema, *schema.get("anyOf", [])) if "x-motif" in branche]
    assert [(f["x-motif"], f["x-message"]) for f in formes] == [(f"^(?:{champ.motif})$", champ.message_motif)]


@pytest.mark.parametrize(("modele", "champ"), _simples(lambda champ: champ.longueur_max))
def test_the_longest_text_is_the_one_that_the_api_takes(modele: type[BaseModel], champ: Champ) -> None:
    assert champ.longueur_max is not None
    trop_long = f"{champ.longueur_max} caractères au plus sont acceptés."
    assert trop_long not in _refus(modele, champ, "1" * champ.longueur_max)
    assert trop_long in _refus(modele, champ, "1" * (champ.longueur_max + 1))


@pytest.mark.parametrize(("modele", "champ"), _simples(lambda champ: champ.longueur_min and champ.longueur_min > 1))
def test_the_shortest_text_is_the_one_that_the_api_takes(modele: type[BaseModel], champ: Champ) -> None:
    assert champ.longueur_min is not None
    trop_court = f"{champ.longueur_min} caractères au moins sont attendus."
    assert trop_court not in _refus(modele, champ, "1" * champ.longueur_min)
    assert trop_court in _refus(modele, champ, "1" * (champ.longueur_min - 1))


@pytest.mark.parametrize(("modele", "champ"), _simples(lambda champ: champ.choix and champ.choix[0][0] != "true"))
def test_every_choice_is_taken(modele: type[BaseModel], champ: Champ) -> None:
    for valeur, _ in champ.choix:
        assert _refus(modele, champ, valeur) == []


@pytest.mark.parametrize(
    ("modele", "nom", "bons", "mauvais"),
    [
        (EtatCivil, "neph", ["123456789012"], ["12345678901", "1234567890123", "12345678901a"]),
        (EtatCivil, "numero_dossier", ["13572A7654"], ["13572a7654", "1", "13572A7654-8"]),
        (NeEnFrance, "departement", ["54", "2A", "971"], ["0", "54000", "2C", "١٢"]),
        (FORMULAIRES["adresse"], "code_postal", ["54000"], ["5400", "2A000"]),
        (FORMULAIRES["compte"], "identifiant", ["corneille", "p.corneille@exemple.fr"], ["-corneille", "né à rouen"]),
    ],
)
def test_a_form_takes_what_the_model_takes(
    modele: type[BaseModel], nom: str, bons: list[str], mauvais: list[str]
) -> None:
    champ = decrire(modele)[nom]
    for texte in bons:
        assert re.fullmatch(champ.motif, texte, re.ASCII) and _refus(modele, champ, texte) == []
    for texte in mauvais:
        assert not re.fullmatch(champ.motif, texte, re.ASCII)
        assert _refus(modele, champ, texte) == [champ.message_motif]


def test_both_forms_of_a_birth_place_are_described() -> None:
    noms = {nom for nom in decrire(EtatCivil) if nom.startswith("lieu_naissance.")}
    assert noms == {f"lieu_naissance.{fin}" for fin in ("commune", "departement", "pays", "ville")}


def test_a_list_says_how_many_and_how_long_each() -> None:
    prenoms = decrire(EtatCivil)["prenoms"]
    assert (prenoms.liste, prenoms.nombre_max, prenoms.longueur_max) == (True, 15, 100)
    assert {"elements", "elements.cible", "elements.motif"} <= set(decrire(DemandeDeComplement))


def test_the_words_of_the_deck() -> None:
    etat_civil, adresse = decrire(EtatCivil), decrire(FORMULAIRES["adresse"])
    assert etat_civil["nom_naissance"].libelle == "Nom de naissance"
    assert etat_civil["sexe"].choix == (("F", "Femme"), ("M", "Homme"))
    assert adresse["email"].format == "email"
    assert adresse["prefecture"].libelle == "Votre préfecture de rattachement"


def test_the_last_limit_said_of_a_text_counts() -> None:
    assert decrire(Refus)["message"].longueur_min == 10


class _SansLibelle(BaseModel):
    nom: Texte30


class _SansMots(BaseModel):
    sens: Annotated[Literal["nord", "sud"], Field(title="Sens", json_schema_extra={"libelles": {"nord": "Nord"}})]


def test_a_field_without_label_is_told() -> None:
    with pytest.raises(LibelleManquant, match=r"_SansLibelle\.nom"):
        decrire(_SansLibelle)


def test_a_choice_without_words_is_told() -> None:
    with pytest.raises(LibelleManquant, match="sud"):
        decrire(_SansMots)
