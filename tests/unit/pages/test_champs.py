"""The fields of the forms say what the API will say: required marks, limits, forms and closed lists."""

import re
from typing import Any

import pytest
from pydantic import BaseModel, Field

from chalicelib.demande.erreurs import SaisieInvalide
from chalicelib.demande.modeles import AdresseEnLigne, EtatCivil
from chalicelib.saisie import partielle, valider_objet
from infra.pages.champs import LibelleManquant, decrire
from infra.pages.contexte import FORMULAIRES, formulaire


def refus(modele: type[BaseModel], corps: dict[str, Any]) -> dict[str, str]:
    try:
        valider_objet(modele, corps)
    except SaisieInvalide as dit:
        return {erreur["champ"]: erreur["message"] for erreur in dit.champs["erreurs"]}
    return {}


@pytest.mark.parametrize("nom", FORMULAIRES)
def test_each_mandatory_mark_is_what_the_model_refuses_when_absent(nom: str) -> None:
    absents = refus(FORMULAIRES[nom], {})
    marques = {c.nom: c.message_obligatoire for c in formulaire(nom).values() if c.obligatoire and "." not in c.nom}
    assert marques == absents


@pytest.mark.parametrize("nom", FORMULAIRES)
def test_each_field_has_words(nom: str) -> None:
    assert all(champ.libelle.strip() for champ in formulaire(nom).values())


@pytest.mark.parametrize("nom", FORMULAIRES)
def test_each_choice_is_accepted_by_the_model_and_has_words(nom: str) -> None:
    modele = partielle(FORMULAIRES[nom])
    for champ in formulaire(nom).values():
        for valeur, mots in champ.choix:
            dit = valeur == "true" if valeur in ("true", "false") else valeur
            assert mots and champ.nom not in refus(modele, {champ.nom: dit})


@pytest.mark.parametrize(
    ("modele", "champ", "bons", "mauvais"),
    [
        (EtatCivil, "neph", ["123456789012"], ["12345678901", "1234567890123", "12345678901a"]),
        (EtatCivil, "numero_dossier", ["13572A7654"], ["13572a7654", "1", "13572A7654-8"]),
        (AdresseEnLigne, "code_postal", ["54000"], ["5400", "540000", "2A000"]),
    ],
)
def test_a_form_told_to_the_page_accepts_what_the_model_accepts(
    modele: type[BaseModel], champ: str, bons: list[str], mauvais: list[str]
) -> None:
    decrit = decrire(modele)[champ]
    for texte in bons:
        assert re.fullmatch(decrit.motif, texte) and champ not in refus(modele, {champ: texte})
    for texte in mauvais:
        assert not re.fullmatch(decrit.motif, texte)
        assert refus(modele, {champ: texte})[champ] in (decrit.message_motif, "5 caractères au plus sont acceptés.")


@pytest.mark.parametrize("nom", ["etat_civil", "adresse", "compte", "timbre"])
def test_a_text_longer_than_its_limit_is_refused_by_the_model(nom: str) -> None:
    for champ in formulaire(nom).values():
        if champ.longueur_max and not champ.liste and "." not in champ.nom and not champ.choix:
            assert champ.nom in refus(FORMULAIRES[nom], {champ.nom: "a" * (champ.longueur_max + 1)})


def test_a_field_without_words_stops_the_build() -> None:
    class SansMots(BaseModel):
        nom: str = Field()

    with pytest.raises(LibelleManquant, match=r"SansMots\.nom"):
        decrire(SansMots)


def test_the_forms_of_a_union_are_all_described() -> None:
    lieux = {nom for nom in decrire(EtatCivil) if nom.startswith("lieu_naissance.")}
    assert lieux == {f"lieu_naissance.{champ}" for champ in ("commune", "departement", "pays", "ville")}
