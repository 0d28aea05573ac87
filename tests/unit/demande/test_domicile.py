"""A 2D-Doc beside the demande: written otherwise is the same, too little said decides nothing, elsewhere differs."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.demande.domicile import (
    AdresseLue,
    CodeLu,
    Concordance,
    Personne,
    Signature,
    comparer,
    proposer,
    trop_ancien,
)
from chalicelib.demande.modeles import Adresse, EtatCivil
from tests.dossiers import ADRESSE, ETAT_CIVIL

AU = date(2026, 11, 25)
LUE = AdresseLue(voie="3 BIS RUE DE LA POSTE", code_postal="54000", commune="NANCY", pays="FR")
CODE = CodeLu(
    signature=Signature.VERIFIEE,
    type="01",
    emis_le=date(2026, 10, 1),
    signe_le=date(2026, 10, 2),
    personnes=(Personne("CORNEILLE PIERRE"),),
    adresse=LUE,
)


def avis(code: CodeLu = CODE, etat_civil: dict[str, Any] | None = None, adresse: dict[str, Any] | None = None) -> Any:
    return comparer(
        code,
        EtatCivil.model_validate({**ETAT_CIVIL, **(etat_civil or {})}),
        Adresse.model_validate({**ADRESSE, **(adresse or {})}),
        AU,
    )


def nomme(*textes: str) -> CodeLu:
    return replace(CODE, personnes=tuple(Personne(texte) for texte in textes))


def situe(**lue: Any) -> CodeLu:
    return replace(CODE, adresse=replace(LUE, **lue))


def test_le_meme_nom_a_la_meme_adresse_concorde() -> None:
    assert avis() == Concordance("concorde")


@pytest.mark.parametrize("signature", [une for une in Signature if une is not Signature.VERIFIEE])
def test_ce_qui_n_est_pas_verifie_ne_prouve_rien_pour_ni_contre(signature: Signature) -> None:
    assert avis(replace(CODE, signature=signature)) == Concordance("indecis", indecis=("signature",))
    assert avis(replace(nomme("DUPONT"), signature=signature)).issue == "indecis"
    assert proposer(replace(CODE, signature=signature)) == {}


@pytest.mark.parametrize("vide", [{"personnes": ()}, {"adresse": None}])
def test_un_document_qui_ne_dit_ni_qui_ni_ou_va_vers_une_personne(vide: dict[str, Any]) -> None:
    assert avis(replace(CODE, **vide)) == Concordance("indecis", indecis=("document",))


@pytest.mark.parametrize(
    ("texte", "etat_civil", "issue", "champs"),
    [
        ("CORNEILLE PIERRE", {}, "concorde", ()),
        ("PIERRE CORNEILLE", {}, "concorde", ()),
        ("M CORNEILLE PIERRE", {}, "concorde", ()),
        ("MR ET MME CORNEILLE PIERRE ET MARIE", {}, "concorde", ()),
        ("CORNEILLE PIERRE JEAN", {"prenoms": ["Pierre", "Jean"]}, "concorde", ()),
        # Another order is another's: Jean-Pierre may be the father of Pierre Jean.
        ("CORNEILLE JEAN PIERRE", {"prenoms": ["Pierre", "Jean"]}, "indecis", ("prenoms",)),
        ("CORNEILLE JEAN-PIERRE", {"prenoms": ["Pierre", "Jean"]}, "indecis", ("prenoms",)),
        ("M JEAN-PIERRE CORNEILLE", {"prenoms": ["Jean", "Pierre"]}, "indecis", ("prenoms",)),
        ("CORNEILLE JEAN PIERRE", {"prenoms": ["Jean", "Pierre"]}, "concorde", ()),
        ("CORNEILLE PIERRE PAUL JEAN", {"prenoms": ["Pierre", "Jean", "Paul"]}, "concorde", ()),
        # The usual prénom is not always the first; but a son's second one is often his father's.
        ("CORNEILLE JEAN", {"prenoms": ["Pierre", "Jean"]}, "indecis", ("prenoms",)),
        # A word that is nobody's: another family name, another prénom, a firm.
        ("DURAND CORNEILLE PIERRE", {}, "indecis", ("prenoms",)),
        ("CORNEILLE PAULINE PIERRE", {}, "indecis", ("prenoms",)),
        ("EURL PIERRE CORNEILLE", {}, "indecis", ("prenoms",)),
        ("SUCCESSION DE CORNEILLE PIERRE", {}, "indecis", ("prenoms",)),
        ("MME CORNEILLE PIERRE", {}, "indecis", ("nom",)),
        ("M CORNEILLE CLAUDE", {"prenoms": ["Claude"], "sexe": "F"}, "indecis", ("nom",)),
        ("LE GOFF YANNICK", {"nom_naissance": "Le Goff", "prenoms": ["Yannick"]}, "concorde", ()),
        ("LEGOFF YANNICK", {"nom_naissance": "Le Goff", "prenoms": ["Yannick"]}, "concorde", ()),
        ("D ARTAGNAN CHARLES", {"nom_naissance": "d'Artagnan", "prenoms": ["Charles"]}, "concorde", ()),
        ("LEFEVRE ELEONORE", {"nom_naissance": "Lefèvre", "prenoms": ["Éléonore"]}, "concorde", ()),
        ("COEUR AGNES", {"nom_naissance": "Cœur", "prenoms": ["Agnès"]}, "concorde", ()),
        ("CORNEILLE JEAN PIERRE", {"prenoms": ["Jean-Pierre"]}, "concorde", ()),
        ("CORNEILLE JEANPIERRE", {"prenoms": ["Jean-Pierre"]}, "concorde", ()),
        # Married names: alone, joined on either side, or the birth name still on the bill.
        (
            "MME MARTIN ANNE",
            {"nom_naissance": "Durand", "nom_usage": "Martin", "prenoms": ["Anne"], "sexe": "F"},
            "concorde",
            (),
        ),
        (
            "MME DURAND ANNE",
            {"nom_naissance": "Durand", "nom_usage": "Martin", "prenoms": ["Anne"], "sexe": "F"},
            "concorde",
            (),
        ),
        (
            "DURAND MARTIN ANNE",
            {"nom_naissance": "Durand", "nom_usage": "Martin", "prenoms": ["Anne"], "sexe": "F"},
            "concorde",
            (),
        ),
        (
            "MARTIN DURAND ANNE",
            {"nom_naissance": "Durand", "nom_usage": "Martin", "prenoms": ["Anne"], "sexe": "F"},
            "concorde",
            (),
        ),
        (
            "MARTIN EPOUSE DURAND ANNE",
            {"nom_naissance": "Martin", "nom_usage": "Durand", "prenoms": ["Anne"], "sexe": "F"},
            "concorde",
            (),
        ),
        ("CORNEILLE P", {}, "indecis", ("prenoms",)),
        ("MME CORNEILLE", {"sexe": "F"}, "indecis", ("prenoms",)),
        ("CORNEILLE JEAN", {"prenoms": ["Jean-Pierre"]}, "indecis", ("prenoms",)),
        ("CORNEILLE MARIE", {}, "differe", ("prenoms",)),
        ("CORNEILLE X", {}, "differe", ("prenoms",)),
        ("RACINE PIERRE", {}, "differe", ("nom",)),
        ("RACINE JEAN", {}, "differe", ("nom", "prenoms")),
        ("PIERRE", {"nom_naissance": "Pierre", "prenoms": ["Jean"]}, "indecis", ("prenoms",)),
        ("CORNEILLES PIERRE", {}, "differe", ("nom",)),
        # Whose wife, and not who.
        ("EPOUSE CORNEILLE PIERRE", {}, "indecis", ("nom",)),
        ("M CORNEILLE PIERRE ET SES ENFANTS", {}, "indecis", ("prenoms",)),
        *(
            (f"CORNEILLE PIERRE ET {eux}", {}, "indecis", ("prenoms",))
            for eux in ("CO", "SON FILS", "ASSOCIEES", "COUSINS", "MARIE")
        ),
        ("GARAGE ET CORNEILLE PIERRE", {}, "indecis", ("prenoms",)),
        ("MELLE CORNEILLE CLAUDE", {"prenoms": ["Claude"], "sexe": "F"}, "concorde", ()),
        (
            "MME DURAND NEE MARTIN ANNE",
            {"nom_naissance": "Martin", "nom_usage": "Durand", "prenoms": ["Anne"], "sexe": "F"},
            "concorde",
            (),
        ),
        # What follows « NEE » or « EPOUSE » is a family name, and it is not said of a man.
        ("MARTIN NEE CLAUDE", {"nom_naissance": "Martin", "prenoms": ["Claude"], "sexe": "F"}, "indecis", ("nom",)),
        ("MME MARTIN NEE CLAUDE", {"nom_naissance": "Martin", "prenoms": ["Claude"], "sexe": "F"}, "indecis", ("nom",)),
        (
            "MME CLAIRE EPOUSE MARTIN",
            {"nom_naissance": "Martin", "prenoms": ["Claire"], "sexe": "F"},
            "indecis",
            ("nom",),
        ),
        ("EPOUSE MARTIN CLAIRE", {"nom_naissance": "Martin", "prenoms": ["Claire"], "sexe": "F"}, "indecis", ("nom",)),
        ("THOMAS EPOUSE MARTIN", {"nom_naissance": "Martin", "prenoms": ["Thomas"]}, "indecis", ("nom",)),
        ("MME NEE MARTIN ANNE", {"nom_naissance": "Martin", "prenoms": ["Anne"], "sexe": "F"}, "indecis", ("nom",)),
        ("NEE MARTIN ANNE", {"nom_naissance": "Martin", "prenoms": ["Anne"], "sexe": "F"}, "concorde", ()),
        # A title or a link may be the beginning of the name that was read, too.
        ("M M'BAREK ALI", {"nom_naissance": "Barek", "prenoms": ["Ali"]}, "indecis", ("nom",)),
        ("M M BAREK ALI", {"nom_naissance": "Barek", "prenoms": ["Ali"]}, "indecis", ("nom",)),
        ("M'BAREK ALI", {"nom_naissance": "Barek", "prenoms": ["Ali"]}, "indecis", ("nom",)),
        ("M OU YANG LI", {"nom_naissance": "Yang", "prenoms": ["Li"]}, "indecis", ("nom",)),
        ("OU YANG LI", {"nom_naissance": "Yang", "prenoms": ["Li"]}, "indecis", ("nom",)),
        # A word of the name that is a title or a link elsewhere: M'Barek or Monsieur Barek, Ou or « or ».
        ("M BAREK ALI", {"nom_naissance": "M'Barek", "prenoms": ["Ali"]}, "indecis", ("nom",)),
        ("M OU WEI", {"nom_naissance": "Ou", "prenoms": ["Wei"]}, "indecis", ("nom",)),
        ("M OU MME WEI", {"nom_naissance": "Ou", "prenoms": ["Wei"]}, "indecis", ("nom",)),
    ],
)
def test_le_nom_est_cherche_dans_la_ligne_sans_en_savoir_l_ordre(
    texte: str, etat_civil: dict[str, Any], issue: str, champs: tuple[str, ...]
) -> None:
    rendu = avis(nomme(texte), etat_civil=etat_civil)
    assert (rendu.issue, rendu.differents or rendu.indecis) == (issue, champs)


@pytest.mark.parametrize(
    ("nom", "prenoms", "issue", "champs"),
    [
        ("CORNEILLE", "PIERRE", "concorde", ()),
        ("CORNEILLE", "PIERRE JEAN", "indecis", ("prenoms",)),
        ("CORNEILLE DUPONT", "PIERRE", "indecis", ("nom",)),
        ("PIERRE", "CORNEILLE", "differe", ("nom", "prenoms")),
        ("M CORNEILLE", "PIERRE", "concorde", ()),
        ("MME CORNEILLE", "PIERRE", "indecis", ("nom",)),
        ("EPOUX CORNEILLE", "PIERRE", "concorde", ()),
        ("M'CORNEILLE", "PIERRE", "indecis", ("nom",)),
        ("CORNEILLE", "PIERRE-JEAN", "indecis", ("prenoms",)),
        ("CORNEILLE ET DURAND", "PIERRE", "indecis", ("nom",)),
        ("CORNEILLE", "PIERRE ET MARIE", "indecis", ("prenoms",)),
        ("DUPONT", "PIERRE", "differe", ("nom",)),
    ],
)
def test_quand_le_code_dit_lequel_est_lequel_chacun_est_compare_au_sien(
    nom: str, prenoms: str, issue: str, champs: tuple[str, ...]
) -> None:
    rendu = avis(replace(CODE, personnes=(Personne(f"{nom} {prenoms}", nom, prenoms),)))
    assert (rendu.issue, rendu.differents or rendu.indecis) == (issue, champs)


@pytest.mark.parametrize(
    ("qualite", "sexe", "issue"),
    [
        ("M", "M", "concorde"),
        ("MADAME", "F", "concorde"),
        ("DR", "F", "concorde"),
        ("", "F", "concorde"),  # as all that was read before titles were kept
        ("MME", "M", "indecis"),
        ("MONSIEUR", "F", "indecis"),
        # The prénom after a couple's titles is the husband's.
        ("M ET MME", "M", "concorde"),
        ("MME OU M", "M", "concorde"),
        ("M MME", "F", "indecis"),
        ("SUCCESSION", "M", "indecis"),
    ],
)
def test_un_titre_de_l_autre_sexe_laisse_un_doute_ou_qu_il_soit_ecrit(qualite: str, sexe: str, issue: str) -> None:
    texte = f"{qualite} CORNEILLE CLAUDE".strip()
    claude = {"prenoms": ["Claude"], "sexe": sexe}
    assert avis(replace(CODE, personnes=(Personne(texte, "CORNEILLE", "CLAUDE"),)), etat_civil=claude).issue == issue
    assert avis(nomme(texte), etat_civil=claude).issue == issue


PIERRE: dict[str, Any] = {}
MARIE = {"prenoms": ["Marie"], "sexe": "F"}


@pytest.mark.parametrize(
    ("texte", "etat_civil", "issue", "champs"),
    [
        ("M CORNEILLE PIERRE ET MME DURAND MARIE", PIERRE, "concorde", ()),
        ("MME RACINE ANNE OU M CORNEILLE PIERRE", PIERRE, "indecis", ("prenoms",)),  # 37 characters: the end is cut?
        ("MME RACINE ANNE M CORNEILLE PIERRE", PIERRE, "indecis", ("nom", "prenoms")),
        ("MME RACINE EVE OU M CORNEILLE PIERRE", PIERRE, "concorde", ()),
        ("M CORNEILLE PIERRE ET MME DURAND MARIE", MARIE, "differe", ("nom",)),
        ("CORNEILLE PIERRE ET DURAND MARIE", MARIE, "differe", ("prenoms",)),
        ("M DURAND PIERRE ET MME CORNEILLE MARIE", PIERRE, "differe", ("nom",)),
        ("MME CORNEILLE MARIE ET M DURAND PIERRE", MARIE, "concorde", ()),
        ("MME CORNEILLE MARIE ET M DURAND PIERRE", {**MARIE, "nom_naissance": "Durand", "nom_usage": "Corneille"}, "concorde", ()),  # noqa: E501
        # The title of one with the name and prénom of the other.
        ("M DURAND ET MME CORNEILLE CLAUDE", {"prenoms": ["Claude"]}, "indecis", ("nom",)),
        ("MME DURAND ET M CORNEILLE CLAUDE", {"prenoms": ["Claude"]}, "concorde", ()),
        # Who has no family name may bear the other's, or be « Monsieur Pierre ».
        ("M PIERRE ET MME MARIE CORNEILLE", MARIE, "concorde", ()),
        ("M PIERRE ET MME MARIE CORNEILLE", PIERRE, "indecis", ("nom",)),
        ("M PIERRE ET MME CORNEILLE MARIE", PIERRE, "indecis", ("nom",)),
        ("MR ET MME CORNEILLE PIERRE ET MARIE", MARIE, "indecis", ("nom",)),
        ("M PAUL ET MME MARIE CORNEILLE", PIERRE, "differe", ("prenoms",)),
        ("M PIERRE ET MME MARIE RACINE", PIERRE, "differe", ("nom",)),
        ("M CORNEILLE ET MME CORNEILLE MARIE", PIERRE, "indecis", ("prenoms",)),
        ("CORNEILLE ET PIERRE", PIERRE, "indecis", ("prenoms",)),
        # A couple under one prénom, by usage the husband's.
        ("M OU MME CORNEILLE PIERRE", PIERRE, "concorde", ()),
        ("M OU MME CORNEILLE MARIE", MARIE, "indecis", ("nom",)),
        ("M ET MME CORNEILLE", PIERRE, "indecis", ("prenoms",)),
        ("M ET MME CORNEILLE PIERRE MARIE", PIERRE, "indecis", ("prenoms",)),
        # A title that is not before a name is a word; and so is what makes a firm of a name.
        ("MME CORNEILLE PIERRE M", PIERRE, "indecis", ("nom", "prenoms")),
        ("CORNEILLE PIERRE ET FILS", PIERRE, "indecis", ("prenoms",)),
        ("CORNEILLE PIERRE ET", PIERRE, "concorde", ()),
        *((personne, PIERRE, "indecis", ("nom", "prenoms")) for personne in ("", "   ", "M", "M ET MME", "ET")),
    ],
)  # fmt: skip
def test_chacun_de_ceux_qu_une_ligne_nomme_est_juge_pour_lui_meme(
    texte: str, etat_civil: dict[str, Any], issue: str, champs: tuple[str, ...]
) -> None:
    rendu = avis(nomme(texte), etat_civil=etat_civil)
    assert (rendu.issue, rendu.differents or rendu.indecis) == (issue, champs)


_UN = st.tuples(st.sampled_from(["M", "MME"]), st.sampled_from(["ROY", "BON"]), st.sampled_from(["LUC", "EVE"]))


@given(_UN, st.sampled_from(["ET", "OU"]), _UN, st.booleans())
def test_de_deux_noms_un_seul_entier_concorde(
    un: tuple[str, str, str], lien: str, autre: tuple[str, str, str], prenom_avant: bool
) -> None:
    dits = [(titre, prenom, nom) if prenom_avant else (titre, nom, prenom) for titre, nom, prenom in (un, autre)]
    rendu = avis(
        nomme(f" {lien} ".join(" ".join(dit) for dit in dits)),
        etat_civil={"nom_naissance": "Roy", "prenoms": ["Luc"], "sexe": "M"},
    )
    assert (rendu.issue == "concorde") == (("M", "ROY", "LUC") in (un, autre))


def test_un_nom_aussi_long_que_la_ligne_a_pu_etre_coupe() -> None:
    """« JEAN » may be all that is left of « JEANNE »."""
    longue = {"nom_naissance": "Corneille de la Tour du Pin", "prenoms": ["Jean", "Paul"]}
    rendu = avis(nomme("M CORNEILLE DE LA TOUR DU PIN JEAN PAUL"[:38]), etat_civil=longue)
    assert rendu == Concordance("indecis", indecis=("prenoms",))
    assert avis(nomme("M CORNEILLE DE LA TOUR DU PIN MATTHIEU"), etat_civil=longue).differents == ("prenoms",)
    assert avis(nomme("M CORNEILLE DE LA TOUR DU PIN JEAN"), etat_civil=longue).issue == "concorde"


def test_un_prenom_de_famille_n_est_pas_un_nom_de_famille() -> None:
    """« MARTIN Pierre » is not « Pierre, Martin » when the code says which is which."""
    code = replace(CODE, personnes=(Personne("MARTIN PIERRE", "MARTIN", "PIERRE"),))
    assert avis(code, etat_civil={"nom_naissance": "Pierre", "prenoms": ["Martin"]}).issue == "differe"


@pytest.mark.parametrize(
    ("beneficiaires", "payeurs", "issue", "champs"),
    [
        (["RACINE JEAN"], ["CORNEILLE PIERRE"], "indecis", ("nom", "prenoms")),
        (["CORNEILLE JEAN"], ["CORNEILLE PIERRE"], "indecis", ("nom", "prenoms")),
        (["CORNEILLE P"], ["CORNEILLE PIERRE"], "indecis", ("prenoms",)),
        (["RACINE JEAN"], ["SARL DUPONT", "CORNEILLE PIERRE"], "indecis", ("nom", "prenoms")),
        (["RACINE JEAN"], ["CORNEILLE P"], "indecis", ("nom", "prenoms")),
        (["RACINE JEAN"], ["SARL DUPONT"], "differe", ("nom", "prenoms")),
        (["RACINE JEAN", "CORNEILLE PIERRE"], ["SARL DUPONT"], "concorde", ()),
        (["CORNEILLE PIERRE"], ["RACINE JEAN"], "concorde", ()),
        ([], ["CORNEILLE PIERRE"], "concorde", ()),
        ([], ["RACINE JEAN"], "differe", ("nom", "prenoms")),
    ],
)
def test_payer_pour_un_autre_qui_est_nomme_ne_prouve_pas_qu_on_habite_la(
    beneficiaires: list[str], payeurs: list[str], issue: str, champs: tuple[str, ...]
) -> None:
    nommes = [Personne(texte) for texte in beneficiaires] + [Personne(texte, payeur=True) for texte in payeurs]
    rendu = avis(replace(CODE, personnes=tuple(nommes)))
    assert (rendu.issue, rendu.differents or rendu.indecis) == (issue, champs)


def test_deux_codes_qui_se_contredisent_ne_prouvent_rien() -> None:
    assert avis(replace(CODE, contredit=True)) == Concordance("indecis", indecis=("document",))


def test_un_code_signe_longtemps_avant_ou_apres_son_document_est_a_voir() -> None:
    """Else who holds an ended certificate's key would sign a bill of today, of a day when it had not ended."""
    for signe_le in (date(2016, 1, 1), date(2026, 7, 1)):
        assert avis(replace(CODE, signe_le=signe_le)) == Concordance("indecis", indecis=("date",))
    assert avis(replace(CODE, signe_le=date(2026, 8, 15))).issue == "concorde"


def test_un_numero_de_la_facture_n_est_pas_tout_le_lieu_dit() -> None:
    lieu_dit = {"numero": None, "extension": None, "type_voie": None, "nom_voie": "Le Bourg"}
    rendu = avis(situe(voie="12 RUE DU LAC", lieu_dit="LE BOURG"), adresse=lieu_dit)
    assert rendu == Concordance("indecis", indecis=("adresse.numero",))


def test_un_seul_des_titulaires_suffit() -> None:
    assert avis(nomme("RACINE JEAN", "CORNEILLE PIERRE")).issue == "concorde"
    assert avis(nomme("RACINE JEAN", "CORNEILLE P")).issue == "indecis"
    assert avis(nomme("CORNEILLE MARIE", "MME CORNEILLE P")).issue == "indecis"
    assert avis(nomme("RACINE JEAN", "CORNEILLE MARIE")).differents == ("prenoms",)


def test_un_titulaire_que_le_code_tait_ne_laisse_pas_dire_que_le_nom_differe() -> None:
    assert avis(replace(nomme("RACINE JEAN"), autres_titulaires=True)) == Concordance(
        "indecis", indecis=("nom", "prenoms")
    )
    assert avis(replace(CODE, autres_titulaires=True)).issue == "concorde"


@pytest.mark.parametrize(
    ("voie", "adresse", "issue", "champs"),
    [
        ("3 BIS RUE DE LA POSTE", {}, "concorde", ()),
        ("3BIS RUE DE LA POSTE", {}, "concorde", ()),
        ("3B R DE LA POSTE", {}, "concorde", ()),
        ("3 B R POSTE", {}, "concorde", ()),
        ("0003 BIS RUE DE LA POSTE", {}, "concorde", ()),
        ("3 BIS RUE DE LA POSTE", {"numero": None, "extension": None, "type_voie": None, "nom_voie": "3 bis rue de la Poste"}, "concorde", ()),  # noqa: E501
        ("12 AV DU GAL DE GAULLE", {"numero": "12", "extension": None, "type_voie": "avenue", "nom_voie": "du Général de Gaulle"}, "concorde", ()),  # noqa: E501
        ("12 AV GENERAL DE GAULLE", {"numero": "12", "extension": None, "type_voie": "Avenue", "nom_voie": "Général-de-Gaulle"}, "concorde", ()),  # noqa: E501
        ("5 BD ST MICHEL", {"numero": "5", "extension": None, "type_voie": "boulevard", "nom_voie": "Saint-Michel"}, "concorde", ()),  # noqa: E501
        ("5 PL DE L ETOILE", {"numero": "5", "extension": None, "type_voie": "place", "nom_voie": "de l’Étoile"}, "concorde", ()),  # noqa: E501
        ("8 R DU 8 MAI 1945", {"numero": "8", "extension": None, "nom_voie": "du 8 mai 1945"}, "concorde", ()),
        ("8 RUE PROF CALMETTE", {"numero": "8", "extension": None, "nom_voie": "du Professeur Calmette"}, "concorde", ()),  # noqa: E501
        *((f"{lu} RUE DE LA POSTE", {"numero": "1", "extension": dit}, "differe", ("adresse.numero",)) for lu, dit in (("12", "2"), ("112", "12"), ("12B", "2B"))),  # noqa: E501
        ("12 14 RUE DE LA POSTE", {"numero": "12", "extension": "14"}, "concorde", ()),
        ("3 RUE DE LA POSTE", {}, "indecis", ("adresse.numero",)),
        ("RUE DE LA POSTE", {}, "indecis", ("adresse.numero",)),
        ("3 BIS LA POSTE", {}, "indecis", ("adresse.nom_voie",)),
        ("3 BIS RUE DE LA POSTTE", {}, "indecis", ("adresse.nom_voie",)),
        ("3 BIS RUE DE LA VIEILLE POSTE", {}, "indecis", ("adresse.nom_voie",)),
        ("3 TER RUE DE LA POSTE", {}, "differe", ("adresse.numero",)),
        ("4 BIS RUE DE LA POSTE", {}, "differe", ("adresse.numero",)),
        ("3 BIS RUE DES LILAS", {}, "differe", ("adresse.nom_voie",)),
        ("3 BIS PLACE DE LA POSTE", {}, "differe", ("adresse.nom_voie",)),
        ("", {}, "indecis", ("adresse.numero", "adresse.nom_voie")),
    ],
)  # fmt: skip
def test_la_voie_est_comparee_mot_a_mot_abreviations_ouvertes(
    voie: str, adresse: dict[str, Any], issue: str, champs: tuple[str, ...]
) -> None:
    rendu = avis(situe(voie=voie), adresse=adresse)
    assert (rendu.issue, rendu.differents or rendu.indecis) == (issue, champs)


@pytest.mark.parametrize(
    ("lue", "dite", "issue"),
    [
        # One begins as the other, on either side.
        ("RUE VICTOR", "rue Victor Hugo", "indecis"),
        ("RUE VICTOR HUGO", "rue Victor", "indecis"),
        ("RUE DU MOULIN", "rue du Moulin Neuf", "indecis"),
        ("RUE DU MOULIN NEUF", "rue du Moulin", "indecis"),
        ("RUE HUGO", "rue Victor Hugo", "indecis"),
        ("RUE PAUL", "rue Pauline", "indecis"),
        # Nor is a word that begins as another, the last one being the same.
        ("RUE PAUL VALERY", "rue Pauline Valéry", "indecis"),
        ("RUE JEAN MARC", "rue Jeanne Marc", "indecis"),
        ("RUE DU 1 MAI", "rue du 11 mai", "indecis"),
        ("RUE DU PRE ST GERVAIS", "rue du Président Saint-Gervais", "indecis"),
        ("RUE J MOULIN", "rue Jean Moulin", "indecis"),
        ("RUE M CURIE", "rue Marguerite Curie", "indecis"),
        ("RUE R QUENEAU", "rue Raymond Queneau", "indecis"),
        ("RUE R NEUVE", "rue de la Rue Neuve", "indecis"),
        ("RUE MAR FOCH", "rue Marie Foch", "indecis"),
        # Types.
        ("RUE DE PARIS", "avenue de Paris", "differe"),
        ("AV DE PARIS", "avenue de Paris", "concorde"),
        ("RUE VERTE", "ruelle Verte", "differe"),
        ("VILLA DES LILAS", "village des Lilas", "differe"),
        ("CH DES LILAS", "chemin des Lilas", "concorde"),
        ("RUE CH PEGUY", "rue Charles Péguy", "indecis"),
        ("BLVD DES LILAS", "boulevard des Lilas", "concorde"),
        ("ALL DES LILAS", "allées des Lilas", "concorde"),
        ("ALLEES DES LILAS", "allée des Lilas", "indecis"),
        ("COURS MARTIN", "cour Martin", "indecis"),
        ("DE PARIS", "avenue de Paris", "indecis"),
        ("PARIS", "avenue de Paris", "indecis"),
        ("FG ST DENIS", "rue du Faubourg Saint-Denis", "indecis"),
        ("R DU FG ST DENIS", "rue du Faubourg Saint-Denis", "concorde"),
        ("RUE", "rue de Paris", "indecis"),
        # What is shortened everywhere but in the last word, which is a name of its own.
        ("PL DU MAL FOCH", "place du Maréchal Foch", "concorde"),
        ("RUE DU LOT", "rue du Lotissement", "indecis"),
        ("RUE DU COR", "rue de la Corniche", "indecis"),
        ("RUE DU CAP", "rue du Capitaine", "indecis"),
        ("PLACE ND", "place Notre-Dame", "indecis"),
        ("PLACE ND DES CHAMPS", "place Notre-Dame-des-Champs", "concorde"),
        # Articles are left out; others make another name, and a letter is an initial.
        ("RUE BOIS", "rue du Bois", "concorde"),
        ("RUE DES BOIS", "rue du Bois", "indecis"),
        ("RUE DE LA FONTAINE", "rue La Fontaine", "indecis"),
        ("RUE LAFONTAINE", "rue La Fontaine", "concorde"),
        ("RUE LA FONTAINE", "rue Fontaine", "indecis"),
        ("RUE NOTRE", "rue Le Nôtre", "indecis"),
        # Nobody lives in a box.
        *((boite, boite, "indecis") for boite in ("BP 12", "CS 40001", "TSA 1", "POSTE RESTANTE", "BOITE POSTALE 3")),
        ("RUE DUBOIS", "rue du Bois", "indecis"),
        ("RUE DESCHAMPS", "rue des Champs", "indecis"),
        ("RUE DULAC", "rue du Lac", "indecis"),
        ("RUE LEGOFF", "rue Le Goff", "concorde"),
        ("RUE DARTAGNAN", "rue d'Artagnan", "concorde"),
        ("RUE D ALSACE", "rue Alsace", "concorde"),
        ("RUE EGLISE", "rue de l'Église", "concorde"),
        ("RUE A FRANCE", "rue de France", "indecis"),
        ("RUE L MICHEL", "rue Michel", "indecis"),
        ("RUE L ARMAND", "rue Armand", "indecis"),
        ("RUE D CASANOVA", "rue Casanova", "indecis"),
        ("RUE A", "rue A", "concorde"),
        ("RUE A", "rue D", "indecis"),
        ("RUE LE", "rue Aux", "differe"),
        ("RUE DU MOULIN A VENT", "rue du Moulin-à-Vent", "concorde"),
        # What the limit of the line has cut, in a word or between two.
        ("AVENUE DU MARECHAL DE LATTRE DE TAS", "avenue du Maréchal de Lattre de Tassigny", "indecis"),
        ("AVENUE DU MARECHAL DE LAT", "avenue du Maréchal de Lattre de Tassigny", "indecis"),
        ("RUE DE LA CHAPELLE DU VIEUX MOULIN", "rue de la Chapelle du Vieux Moulin", "indecis"),
        ("RUE DE LA CHAPELLE DU VIEUX LAC", "rue de la Chapelle du Vieux Lac", "concorde"),
    ],
)
def test_une_voie_qui_commence_comme_une_autre_n_est_pas_elle(lue: str, dite: str, issue: str) -> None:
    ailleurs = {"numero": "12", "extension": None, "type_voie": None, "nom_voie": dite}
    rendu = avis(situe(voie=f"12 {lue}"), adresse=ailleurs)
    assert rendu == Concordance(
        issue,  # type: ignore[arg-type]
        ("adresse.nom_voie",) if issue == "differe" else (),
        ("adresse.nom_voie",) if issue == "indecis" else (),
    )


_NOMS_DE_VOIE = st.lists(st.sampled_from(["VICTOR", "HUGO", "MOULIN", "NEUF", "PARIS", "GARE"]), min_size=1, max_size=3)
_TYPES = st.sampled_from(["", "RUE", "AVENUE", "IMPASSE", "RUELLE", "ROUTE"])


@given(_TYPES, _NOMS_DE_VOIE, _TYPES, _NOMS_DE_VOIE)
def test_seule_la_meme_voie_concorde(type_lu: str, lue: list[str], type_dit: str, dite: list[str]) -> None:
    rendu = avis(
        situe(voie=" ".join(["12", type_lu, *lue])),
        adresse={"numero": "12", "extension": None, "type_voie": type_dit or None, "nom_voie": " ".join(dite)},
    )
    assert (rendu.issue == "concorde") == ((type_lu, lue) == (type_dit, dite))


def test_un_lieu_dit_tient_lieu_de_voie() -> None:
    code = situe(voie="", lieu_dit="LE BOIS JOLI")
    lieu_dit = {"numero": None, "extension": None, "type_voie": None, "nom_voie": "Le Bois-Joli"}
    assert avis(code, adresse=lieu_dit).issue == "concorde"
    assert avis(situe(voie="", lieu_dit="LES ORMES"), adresse=lieu_dit).differents == ("adresse.nom_voie",)


@pytest.mark.parametrize(
    ("lue", "adresse", "issue", "champs"),
    [
        ({"commune": "ST ETIENNE"}, {"commune": "Saint-Étienne"}, "concorde", ()),
        ({"commune": "PARIS 11"}, {"commune": "Paris 11e Arrondissement"}, "concorde", ()),
        ({"commune": "NANCY CEDEX 9"}, {}, "concorde", ()),
        ({"commune": "CHALONS S SAONE"}, {"commune": "Chalons-sur-Saône"}, "concorde", ()),
        ({"code_postal": "54009", "commune": "NANCY CEDEX"}, {}, "indecis", ("adresse.code_postal",)),
        ({"code_postal": ""}, {}, "indecis", ("adresse.code_postal",)),
        ({"commune": ""}, {}, "indecis", ("adresse.commune",)),
        ({"commune": "CHALONS CHAMPAGNE"}, {"commune": "Châlons-en-Champagne"}, "indecis", ("adresse.commune",)),
        ({"code_postal": "57000"}, {}, "differe", ("adresse.code_postal",)),
        ({"commune": "METZ"}, {}, "differe", ("adresse.commune",)),
        ({"pays": "BE"}, {}, "differe", ("adresse.commune",)),
        *(({"pays": pays}, {}, "concorde", ()) for pays in ("", "FRA", "fr ", "RE", "GP")),
    ],
)
def test_le_code_postal_et_la_commune(
    lue: dict[str, str], adresse: dict[str, Any], issue: str, champs: tuple[str, ...]
) -> None:
    rendu = avis(situe(**lue), adresse=adresse)
    assert (rendu.issue, rendu.differents or rendu.indecis) == (issue, champs)


@pytest.mark.parametrize(
    ("emis_le", "signe_le", "issue"),
    [
        (date(2026, 5, 25), None, "concorde"),
        (date(2026, 5, 24), None, "differe"),
        (None, date(2026, 5, 25), "concorde"),
        (None, date(2026, 5, 24), "differe"),
        (None, None, "indecis"),
        (date(2026, 11, 26), None, "concorde"),
        (date(2026, 11, 27), None, "indecis"),
    ],
)
def test_un_justificatif_a_moins_de_six_mois(emis_le: date | None, signe_le: date | None, issue: str) -> None:
    rendu = avis(replace(CODE, emis_le=emis_le, signe_le=signe_le))
    assert (rendu.issue, rendu.differents or rendu.indecis) == (issue, () if issue == "concorde" else ("date",))


@pytest.mark.parametrize(
    ("emis_le", "au", "ancien"),
    [
        (date(2016, 6, 30), date(2016, 9, 30), False),  # three months, as the deck
        (date(2016, 6, 29), date(2016, 9, 30), True),
        (date(2025, 8, 31), date(2026, 2, 28), False),
        (date(2026, 2, 28), date(2026, 8, 31), False),  # there is no 31 February
        (date(2026, 2, 27), date(2026, 8, 31), True),
        (date(2025, 12, 31), date(2026, 6, 30), False),
        (date(2025, 12, 29), date(2026, 6, 30), True),
        (date(2025, 6, 30), date(2025, 12, 31), False),
    ],
)
def test_la_limite_est_une_configuration_datee(emis_le: date, au: date, ancien: bool) -> None:
    assert trop_ancien(emis_le, au) is ancien


def test_tout_ce_qui_differe_est_nomme() -> None:
    code = replace(nomme("RACINE JEAN"), emis_le=date(2020, 1, 1), adresse=replace(LUE, voie="9 RUE X", commune="METZ"))
    assert avis(code) == Concordance(
        "differe", ("date", "nom", "prenoms", "adresse.commune", "adresse.numero", "adresse.nom_voie"), ()
    )


@pytest.mark.parametrize(
    ("lue", "propose"),
    [
        ({}, {"numero": "3", "extension": "BIS", "type_voie": "RUE", "nom_voie": "DE LA POSTE"}),
        (
            {"voie": "145 AV DES SPECIMENS", "batiment": "BAT 2", "appartement": "APT 3"},
            {
                "numero": "145",
                "type_voie": "AVENUE",
                "nom_voie": "DES SPECIMENS",
                "complement": "APT 3, BAT 2",
            },
        ),
        ({"voie": "", "lieu_dit": "LE BOIS JOLI"}, {"nom_voie": "LE BOIS JOLI"}),
        ({"voie": "7 R X", "lieu_dit": "LE BOIS"}, {"numero": "7", "type_voie": "RUE", "nom_voie": "X", "complement": "LE BOIS"}),  # noqa: E501
        ({"voie": "IMPASSE"}, {"nom_voie": "IMPASSE"}),
        ({"voie": "BP 12"}, {}),
    ],
)  # fmt: skip
def test_l_adresse_lue_est_proposee_champ_par_champ(lue: dict[str, str], propose: dict[str, str]) -> None:
    assert proposer(situe(**lue)) == {**propose, "code_postal": "54000", "commune": "NANCY"}


def test_une_adresse_a_l_etranger_n_est_pas_proposee() -> None:
    assert proposer(situe(pays="BE")) == {}
    assert proposer(situe(commune="NANCY CEDEX 9"))["commune"] == "NANCY"


@pytest.mark.parametrize(
    "voie",
    [
        "12B AV DU GAL LECLERC",
        *(f"12{lettre} RUE DU LAC" for lettre in "ABDLRTZ"),
        "12 D RUE DU LAC",
        "12 L ALLEE VERTE",
        "12 R DU LAC",
        "ALLEES DE TOURNY",
        "2 CH VERT",
        "LE BOIS JOLI",
        "8 RUE DU 8 MAI 1945",
        "12 8 MAI 1945",
    ],
)
def test_ce_qui_est_propose_puis_accepte_concorde(voie: str) -> None:
    code = situe(voie=voie, commune="ST MAX", batiment="BAT 2")
    vide = {"numero": None, "extension": None, "type_voie": None}
    assert avis(code, adresse={**vide, **proposer(code)}) == Concordance("concorde")


def test_une_lettre_devant_un_type_de_voie_est_une_extension() -> None:
    assert proposer(situe(voie="12 D RUE DU LAC"))["extension"] == "D"
    assert proposer(situe(voie="12 L RUE DU LAC"))["extension"] == "L"
    assert "extension" not in proposer(situe(voie="12 L ALLEE VERTE"))
    assert "extension" not in proposer(situe(voie="12 R COURS MARTIN"))


def test_ce_que_le_code_dit_avoir_coupe_ne_confirme_rien_et_n_est_pas_propose() -> None:
    coupee = situe(coupees=("voie",))
    assert avis(coupee) == Concordance("indecis", indecis=("adresse.nom_voie",))
    assert proposer(coupee) == {k: v for k, v in proposer(CODE).items() if k != "nom_voie"}
    commune = situe(coupees=("commune",))
    assert avis(commune) == Concordance("indecis", indecis=("adresse.commune",))
    assert proposer(commune) == {k: v for k, v in proposer(CODE).items() if k != "commune"}
    etage = situe(coupees=("batiment",), batiment="RESIDENCE DES LIL", appartement="APT 3")
    assert avis(etage) == Concordance("concorde")
    assert proposer(etage)["complement"] == "APT 3"
    pleine = "12 RUE DU GENERAL DE LATTRE DE TASSIGN"
    assert "nom_voie" not in proposer(situe(voie=pleine)) and "complement" not in proposer(situe(lieu_dit=pleine))
    for nomme in (
        Personne("CORNEILLE PIERRE", coupee=True),
        Personne("M CORNEILLE PIERRE", "CORNEILLE", "PIERRE", coupee=True),
    ):
        assert avis(replace(CODE, personnes=(nomme,))) == Concordance("indecis", indecis=("nom", "prenoms"))


@pytest.mark.parametrize(
    ("payeurs", "issue"),
    [
        ((), "concorde"),
        (("M CORNEILLE PIERRE",), "concorde"),
        (("CORNEILLE P",), "indecis"),
        (("SOCIETE DES BIENS",), "indecis"),
        (("SOCIETE DES BIENS", "M CORNEILLE PIERRE"), "concorde"),
    ],
)
def test_l_adresse_de_qui_paie_n_est_celle_de_qui_recoit_que_s_il_paie(payeurs: tuple[str, ...], issue: str) -> None:
    personnes = (*CODE.personnes, *(Personne(texte, payeur=True) for texte in payeurs))
    assert avis(replace(situe(du_payeur=True), personnes=personnes)).issue == issue
    assert avis(replace(CODE, personnes=personnes)).issue == "concorde"


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=40), st.text(max_size=8), st.dates(), st.booleans())
def test_rien_de_ce_qu_un_code_dit_ne_fait_echouer(
    nom: str, voie: str, commune: str, code_postal: str, jour: date, autres: bool
) -> None:
    lue = AdresseLue(voie=voie, lieu_dit=voie, commune=commune, code_postal=code_postal)
    code = replace(CODE, personnes=(Personne(nom),), adresse=lue, emis_le=jour, autres_titulaires=autres)
    assert avis(code).issue in ("concorde", "differe", "indecis")
    assert set(proposer(code)) <= set(Adresse.model_fields)


def test_l_identite_n_apparait_pas_quand_on_imprime_un_code() -> None:
    assert "CORNEILLE" not in repr(CODE)
    assert "POSTE" not in repr(CODE)
