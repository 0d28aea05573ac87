"""Each account function has the rights that its action exercises, and no other."""

import importlib
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.http import Identite
from tests.appel import appeler, autoriser
from tests.contract.tables import aws_simule
from tests.contract.test_comptes_http import (
    NOUVEAU,
    activer,
    anti_robot,
    code_envoye,
    compte_ouvert,
    connecter,
    creer,
    renvoyer,
)
from tests.droits import relever_droits


def connecte(base: Any) -> Identite:
    identite = autoriser(compte_ouvert(base))
    assert identite is not None
    return identite


def changement_en_attente(base: Any) -> tuple[Identite, dict[str, str]]:
    identite = connecte(base)
    nouveaux = {"email": "neuf@exemple.fr", "telephone": "0700000001"}
    assert put_moi(identite, nouveaux) == 200
    codes = {"code_email": code_envoye(base, "CodeEmail"), "code_telephone": code_envoye(base, "CodeTelephone")}
    return identite, codes


def codes_de_mot_de_passe(base: Any) -> dict[str, str]:
    compte_ouvert(base)
    oublier_mot_de_passe(None)
    return {"code": code_envoye(base, "CodeMotDePasse"), "code_sms": code_envoye(base, "CodeMotDePasseSms")}


def creer_avec_et_sans_courriel_pris(_: Any) -> None:
    assert creer("cle").statut == creer(identifiant="autre").statut == 201


def se_tromper_puis_entrer(_: Any) -> None:
    assert connecter(NOUVEAU).statut == 401
    assert connecter().statut == 200


def renouveler(identite: Identite) -> None:
    groupe = "comptes.renouveler_session"
    assert appeler("POST", "/sessions/renouvellement", identite=identite, groupe=groupe).statut == 200


def fermer_session(identite: Identite) -> None:
    groupe = "comptes.fermer_session"
    assert appeler("DELETE", "/sessions/courante", identite=identite, groupe=groupe).statut == 204


def put_moi(identite: Identite, corps: dict[str, str]) -> int:
    return appeler("PUT", "/comptes/moi", corps=corps, identite=identite, groupe="comptes.moi").statut


def lire_modifier_confirmer_fermer(attente: tuple[Identite, dict[str, str]]) -> None:
    identite, codes = attente
    assert appeler("GET", "/comptes/moi", identite=identite, groupe="comptes.moi").statut == 200
    assert put_moi(identite, codes) == 200
    assert put_moi(identite, {"email": "encore@exemple.fr"}) == 200
    assert appeler("DELETE", "/comptes/moi", identite=identite, groupe="comptes.moi").statut == 204


def rappeler_identifiant(_: Any) -> None:
    corps = {"email": "pierre@exemple.fr", "anti_robot": anti_robot()}
    groupe = "comptes.identifiant_oublie"
    assert appeler("POST", "/comptes/identifiant-oublie", corps=corps, groupe=groupe).statut == 202


def oublier_mot_de_passe(_: Any) -> None:
    corps = {"identifiant": "pierre.corneille", "anti_robot": anti_robot(), "reponse_perdue": True}
    groupe = "comptes.mot_de_passe_oublie"
    assert appeler("POST", "/comptes/mot-de-passe-oublie", corps=corps, groupe=groupe).statut == 202


def changer_mot_de_passe(codes: dict[str, str]) -> None:
    corps = {"identifiant": "pierre.corneille", "nouveau_mot_de_passe": NOUVEAU, **codes}
    groupe = "comptes.changer_mot_de_passe"
    assert appeler("POST", "/comptes/mot-de-passe", corps=corps, groupe=groupe).statut == 204


@pytest.mark.parametrize(
    ("groupe", "preparer", "agir"),
    [
        ("autorisation", compte_ouvert, autoriser),
        ("comptes.anti_robot", lambda base: None, lambda _: anti_robot()),
        ("comptes.creer", lambda base: None, creer_avec_et_sans_courriel_pris),
        ("comptes.activer", lambda base: creer() and code_envoye(base, "CodeActivation"), activer),
        ("comptes.renvoyer_code", lambda base: creer(), lambda _: renvoyer()),
        ("comptes.ouvrir_session", compte_ouvert, se_tromper_puis_entrer),
        ("comptes.renouveler_session", connecte, renouveler),
        ("comptes.fermer_session", connecte, fermer_session),
        ("comptes.moi", changement_en_attente, lire_modifier_confirmer_fermer),
        ("comptes.identifiant_oublie", compte_ouvert, rappeler_identifiant),
        ("comptes.mot_de_passe_oublie", compte_ouvert, oublier_mot_de_passe),
        ("comptes.changer_mot_de_passe", codes_de_mot_de_passe, changer_mot_de_passe),
    ],
)
def test_les_droits_ecrits_sont_ceux_qui_servent(
    groupe: str, preparer: Callable[[Any], Any], agir: Callable[[Any], Any]
) -> None:
    with aws_simule() as base:
        prepare = preparer(base)
        with relever_droits() as exerces:
            agir(prepare)
    ecrits = importlib.import_module(f"chalicelib.{groupe}").FONCTION.droits
    assert exerces == {ressource: set(actions) for ressource, actions in ecrits.items()}
