"""What each kind of field accepts, what it refuses, and that every refusal is a French sentence naming the field."""

import json
from datetime import UTC, date, datetime
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, Field

from chalicelib.demande.champs import (
    CodePostal,
    Courriel,
    DatePartielle,
    Mobile,
    Nom,
    OuiNon,
    Telephone,
    Texte100,
    TexteLong,
)
from chalicelib.demande.erreurs import SaisieInvalide
from chalicelib.demande.modeles import Adresse, EtatCivil
from chalicelib.saisie import valider, valider_objet
from tests.dossiers import ADRESSE, ETAT_CIVIL

CHIFFRES_ARABES = "١٢٣٤٥٦٧٨٩٠"


class Fiche(BaseModel):
    """One field of each kind, all optional so that a test sends the one it speaks of."""

    nom: Nom = "X"
    texte: Texte100 = "x"
    date: DatePartielle = "1956"
    telephone: Telephone = "0383000000"
    mobile: Mobile = "0612345678"
    courriel: Courriel = "a@exemple.fr"
    code_postal: CodePostal = "54000"
    accord: OuiNon = False
    long: TexteLong = "x"
    assez_long: Annotated[TexteLong, Field(min_length=10)] = "x" * 10
    liste: Annotated[list[str], Field(min_length=1, max_length=2)] = ["x"]
    instant: Annotated[AwareDatetime, Field(strict=True)] = datetime(2026, 11, 24, tzinfo=UTC)


def garde(champ: str, valeur: Any) -> Any:
    return getattr(valider_objet(Fiche, {champ: valeur}), champ)


def refus(champ: str, valeur: Any) -> str:
    with pytest.raises(SaisieInvalide) as erreur:
        valider_objet(Fiche, {champ: valeur})
    (seule,) = erreur.value.champs["erreurs"]
    assert seule["champ"] == champ
    return str(seule["message"])


@pytest.mark.parametrize(
    "nom",
    ["Corneille", "Jean-Pierre", "d'Artagnan", "De La Tour", "Éléonore", "Nuñez", "Martin St.", "D’Aubigné", "Ng"],
)
def test_un_nom_porte_lettres_accents_traits_d_union_et_apostrophes(nom: str) -> None:
    assert garde("nom", nom) == nom


@pytest.mark.parametrize(
    "nom", ["D0upont", "<b>", "😀", "-", "'", "12", "Dupont;", "Dupont/Martin", "_", "Dupont_", "²", "Zoé²", "Ⅳ", "①"]
)
def test_un_nom_sans_lettre_d_abord_ou_avec_un_signe_est_refuse(nom: str) -> None:
    assert refus("nom", nom) == "Seules les lettres, les espaces, les apostrophes et les traits d'union sont acceptés."


def test_un_nom_decompose_est_recompose_pour_etre_le_meme_partout() -> None:
    assert garde("nom", "E\u0301léonore") == "Éléonore"


@pytest.mark.parametrize("texte", ["Du\x00pont", "Du\u202epont", "Du\u200bpont", "\ue000", "a\tb", "a\nb"])
def test_un_caractere_invisible_est_refuse(texte: str) -> None:
    assert "invisibles" in refus("texte", texte)


def test_les_espaces_autour_sont_otes_et_rien_que_des_espaces_est_absent() -> None:
    assert garde("texte", "  rue de la Poste ") == "rue de la Poste"
    assert refus("texte", "   ") == "Ce champ est obligatoire."


def test_un_texte_trop_long_dit_sa_limite() -> None:
    assert refus("texte", "x" * 101) == "100 caractères au plus sont acceptés."
    assert garde("texte", "x" * 100) == "x" * 100


@pytest.mark.parametrize(
    ("saisi", "phrase"),
    [
        ("", "Ce champ est obligatoire."),
        (" \n ", "Ce champ est obligatoire."),
        ("x" * 2001, "2000 caractères au plus sont acceptés."),
    ],
)
def test_un_long_texte_parle_de_caracteres(saisi: str, phrase: str) -> None:
    assert refus("long", saisi) == phrase
    assert garde("long", "x" * 1999 + "\r\n" + "x" * 0) == "x" * 1999


def test_une_limite_posee_apres_coup_sur_un_texte_parle_de_caracteres_sur_une_liste_d_elements() -> None:
    assert refus("assez_long", "court") == "10 caractères au moins sont attendus."
    assert refus("liste", []) == "1 élément(s) au moins sont attendus."
    assert refus("liste", ["x", "y", "z"]) == "2 élément(s) au plus sont acceptés."


@pytest.mark.parametrize("instant", ["hier", "2026-11-20T10:00:00", "2026-11-20", 12, None, "2026-13-01T00:00:00Z", ""])
def test_un_faux_instant_dit_quelle_forme_il_a(instant: Any) -> None:
    attendu = "Un instant s'écrit en ISO 8601, avec son fuseau : 2026-11-24T10:00:00Z."
    with pytest.raises(SaisieInvalide) as erreur:
        valider(Fiche, json.dumps({"instant": instant}).encode())
    assert erreur.value.champs["erreurs"] == [{"champ": "instant", "message": attendu}]


@pytest.mark.parametrize("jour", ["1956", "1956-01", "1956-12-31", "2000-02-29"])
def test_une_date_de_naissance_peut_etre_partielle_et_n_est_jamais_completee(jour: str) -> None:
    assert garde("date", jour) == jour


@pytest.mark.parametrize(
    "jour",
    [
        "01/01/1956",
        "1956-1-1",
        "1956-13",
        "1956-00",
        "1956-00-00",
        "1956-02-30",
        "1957-02-29",
        "56",
        "1956-01-01T00:00",
    ],
)
def test_une_date_impossible_ou_autrement_ecrite_est_refusee(jour: str) -> None:
    assert refus("date", jour)


def test_une_date_d_avant_1900_est_refusee() -> None:
    assert refus("date", "1899-12-31") == "L'année doit être au moins 1900."


@given(st.dates(min_value=date(1900, 1, 1)))
def test_toute_date_du_calendrier_passe_entiere_au_mois_ou_a_l_annee(jour: date) -> None:
    for longueur in (4, 7, 10):
        assert garde("date", jour.isoformat()[:longueur]) == jour.isoformat()[:longueur]


@pytest.mark.parametrize(
    "saisi", ["0612345678", "06 12 34 56 78", "06.12.34.56.78", "06-12-34-56-78", "+33612345678", "0033 6 12 34 56 78"]
)
def test_un_portable_s_ecrit_de_toutes_les_facons_et_se_garde_en_dix_chiffres(saisi: str) -> None:
    assert garde("mobile", saisi) == "0612345678"
    assert garde("telephone", saisi) == "0612345678"


def test_un_fixe_est_un_telephone_mais_pas_un_portable() -> None:
    assert garde("telephone", "03 83 00 00 00") == "0383000000"
    assert "06 ou 07" in refus("mobile", "0383000000")


@pytest.mark.parametrize(
    "saisi", ["06", "abcdefghij", "06123456789", "0012345678", "06" + CHIFFRES_ARABES[:8], "+32612"]
)
def test_un_faux_numero_est_refuse(saisi: str) -> None:
    assert "10 chiffres" in refus("telephone", saisi)
    assert "10 chiffres" in refus("mobile", saisi)


@pytest.mark.parametrize("adresse", ["a@exemple.fr", "prenom.nom+permis@sous.exemple.fr", "é@exemple.fr"])
def test_une_adresse_electronique_est_gardee(adresse: str) -> None:
    assert garde("courriel", adresse) == adresse


@pytest.mark.parametrize(
    "adresse",
    [
        "pierre",
        "pierre@",
        "@exemple.fr",
        "pierre@exemple",
        "a b@exemple.fr",
        "a@b@exemple.fr",
        "a@exemple.fr,b@exemple.fr",
    ],
)
def test_une_fausse_adresse_electronique_est_refusee(adresse: str) -> None:
    assert refus("courriel", adresse) == "L'adresse électronique doit ressembler à nom@exemple.fr."


def test_une_adresse_electronique_ne_porte_pas_de_ligne_de_plus() -> None:
    assert "invisibles" in refus("courriel", "a@exemple.fr\r\nBcc: b@exemple.fr")


@pytest.mark.parametrize("code", ["5400", "540000", "ABCDE", "54 00", CHIFFRES_ARABES[:5]])
def test_un_code_postal_a_cinq_chiffres(code: str) -> None:
    assert refus("code_postal", code)


@pytest.mark.parametrize("valeur", ["oui", "true", 1, 0, None, []])
def test_un_consentement_est_un_vrai_oui_ou_non(valeur: Any) -> None:
    assert refus("accord", valeur) == "Répondez par oui ou par non."


@given(st.text(max_size=120))
def test_un_texte_quelconque_est_garde_propre_ou_refuse_en_une_phrase(texte: str) -> None:
    for champ in ("nom", "texte", "date", "telephone", "courriel", "code_postal"):
        try:
            garde_ = garde(champ, texte)
        except SaisieInvalide as erreur:
            for message in (e["message"] for e in erreur.champs["erreurs"]):
                assert message.endswith(".")
                assert message[0].isupper() or message[0].isdigit()
        else:
            assert garde_ == garde_.strip() != ""
            assert garde(champ, garde_) == garde_, "what is kept is accepted again, unchanged"


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), st.lists, max_leaves=4))
def test_une_valeur_d_un_autre_type_n_est_jamais_convertie(valeur: Any) -> None:
    if isinstance(valeur, str):
        return
    assert refus("nom", valeur) == "Un texte est attendu."


def test_le_lieu_de_naissance_est_en_france_ou_a_l_etranger() -> None:
    assert valider_objet(EtatCivil, ETAT_CIVIL).lieu_naissance.model_dump() == {"commune": "Nancy", "departement": "54"}
    ailleurs = {**ETAT_CIVIL, "lieu_naissance": {"pays": "Belgique", "ville": "Namur"}}
    assert valider_objet(EtatCivil, ailleurs).lieu_naissance.model_dump() == {"pays": "Belgique", "ville": "Namur"}


@pytest.mark.parametrize(
    ("lieu", "champ"),
    [
        ({"commune": "Nancy"}, "lieu_naissance.departement"),
        ({"pays": "Belgique"}, "lieu_naissance.ville"),
        ({"commune": "Nancy", "departement": "00x"}, "lieu_naissance.departement"),
        ({}, "lieu_naissance.commune"),
        ("Nancy", "lieu_naissance"),
    ],
)
def test_un_lieu_incomplet_nomme_le_champ_de_la_forme_choisie(lieu: Any, champ: str) -> None:
    with pytest.raises(SaisieInvalide) as erreur:
        valider_objet(EtatCivil, {**ETAT_CIVIL, "lieu_naissance": lieu})
    assert champ in [e["champ"] for e in erreur.value.champs["erreurs"]]


@pytest.mark.parametrize("champ", ["nom_usage", "neph", "numero_dossier"])
@pytest.mark.parametrize("vide", ["", "  ", None])
def test_un_champ_facultatif_vide_est_absent(champ: str, vide: str | None) -> None:
    assert getattr(valider_objet(EtatCivil, {**ETAT_CIVIL, champ: vide}), champ) is None


@pytest.mark.parametrize("champ", ["numero", "extension", "type_voie", "complement", "telephone"])
def test_une_adresse_sans_numero_ni_complement_suffit(champ: str) -> None:
    assert getattr(valider_objet(Adresse, {**ADRESSE, champ: ""}), champ) is None


def test_une_adresse_refuse_un_champ_qu_elle_ne_connait_pas() -> None:
    with pytest.raises(SaisieInvalide) as erreur:
        valider_objet(Adresse, {**ADRESSE, "pays": "France"})
    assert erreur.value.champs["erreurs"] == [{"champ": "pays", "message": "Ce champ n'est pas attendu ici."}]


def test_toutes_les_fautes_sont_dites_en_une_fois() -> None:
    with pytest.raises(SaisieInvalide) as erreur:
        valider_objet(EtatCivil, {**ETAT_CIVIL, "nom_naissance": "", "sexe": "X", "prenoms": ["Pierre", "P1erre"]})
    assert [e["champ"] for e in erreur.value.champs["erreurs"]] == ["nom_naissance", "sexe", "prenoms.1"]


@pytest.mark.parametrize("corps", [b"", b"{", b"\xff", b"[]", b"null", b'"x"', b'{"motif": "\\ud800"}', b"[" * 5000])
def test_un_corps_qui_n_est_pas_un_objet_json_est_refuse_sans_exception(corps: bytes) -> None:
    with pytest.raises(SaisieInvalide) as erreur:
        valider(EtatCivil, corps)
    assert all(e["message"].endswith(".") for e in erreur.value.champs["erreurs"])
