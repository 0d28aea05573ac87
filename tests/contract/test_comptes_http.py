"""The accounts' routes as API Gateway calls them, each room alone as its function is, over DynamoDB (moto)."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.adapters.dynamo import plat
from chalicelib.adapters.secrets_argon2 import SecretsArgon2
from chalicelib.demande.codes import code_a_six_chiffres
from chalicelib.demande.comptes import Compte, StatutCompte
from chalicelib.http import Identite
from tests.agents import AGENT, CHEF, CTN
from tests.appel import ENVIRONNEMENT, Resultat, appeler, autoriser
from tests.compteur import compter_appels
from tests.contract.tables import aws_simule
from tests.defi import resoudre
from tests.personnel import installer

MOT_DE_PASSE = "Le-Cid-1637-Rouen"
NOUVEAU = "Horace-1640-Paris"


@pytest.fixture
def base() -> Iterator[Any]:
    with aws_simule() as client:
        yield client


def anti_robot() -> str:
    return resoudre(appeler("GET", "/anti-robot", groupe="comptes.anti_robot").corps)


def formulaire(**champs: Any) -> dict[str, Any]:
    return {
        "identifiant": "pierre.corneille",
        "mot_de_passe": MOT_DE_PASSE,
        "profil": "usager",
        "prenom": "Pierre",
        "nom": "CORNEILLE",
        "email": "pierre@exemple.fr",
        "sexe": "M",
        "telephone": "06 12 34 56 78",
        "question_secrete": "Votre première pièce ?",
        "reponse_secrete": "Mélite",
        "cgu_acceptees": True,
        **({} if "anti_robot" in champs else {"anti_robot": anti_robot()}),
        **champs,
    }


def creer(cle: str | None = None, **champs: Any) -> Resultat:
    entetes = {"Idempotency-Key": cle} if cle else {}
    return appeler("POST", "/comptes", corps=formulaire(**champs), entetes=entetes, groupe="comptes.creer")


def evenements(base: Any, type_: str | None = None) -> list[dict[str, Any]]:
    items = [plat(i) or {} for i in base.scan(TableName="permis-comptes")["Items"]]
    trouves = [i for i in items if i["element"].startswith("EVENEMENT#") and type_ in (None, i["type"])]
    return sorted(trouves, key=lambda i: str(i["survenu_le"]))


def code_envoye(base: Any, type_: str) -> str:
    evenement = evenements(base, type_)[-1]
    return code_a_six_chiffres(
        ENVIRONNEMENT["CLE_CODES"], evenement["compte_id"], evenement["usage"], evenement["nonce"]
    )


def faux(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def activer(code: str, identifiant: str = "pierre.corneille") -> Resultat:
    corps = {"identifiant": identifiant, "code": code}
    return appeler("POST", "/comptes/activation", corps=corps, groupe="comptes.activer")


def connecter(mot_de_passe: str = MOT_DE_PASSE, identifiant: str = "pierre.corneille") -> Resultat:
    corps = {"identifiant": identifiant, "mot_de_passe": mot_de_passe}
    return appeler("POST", "/sessions", corps=corps, groupe="comptes.ouvrir_session")


def moi(methode: str, jeton: str, corps: Any = None) -> Resultat:
    return appeler(methode, "/comptes/moi", corps=corps, jeton=jeton, groupe="comptes.moi")


def compte_ouvert(base: Any) -> str:
    """Open and activate the account of Pierre Corneille; gives a jeton."""
    assert creer().statut == 201
    assert activer(code_envoye(base, "CodeActivation")).statut == 204
    return str(connecter().corps["jeton"])


class TestAntiRobot:
    def test_le_defi_est_celui_que_la_bibliotheque_resout(self) -> None:
        defi = appeler("GET", "/anti-robot", groupe="comptes.anti_robot").corps
        assert set(defi) == {"algorithm", "challenge", "salt", "maxnumber", "signature"}
        assert "expires=" in defi["salt"]
        wiring.anti_robot().verifier(resoudre(defi), wiring.maintenant())


class TestCreer:
    def test_le_chemin_heureux_fait_deux_appels_et_rend_201_sans_le_courriel(self, base: Any) -> None:
        corps = formulaire()
        with compter_appels() as appels:
            resultat = appeler("POST", "/comptes", corps=corps, groupe="comptes.creer")
        assert (resultat.statut, resultat.corps) == (201, {"identifiant": "pierre.corneille", "statut": "a_activer"})
        assert appels == [("dynamodb", "GetItem"), ("dynamodb", "TransactWriteItems")]
        (evenement,) = evenements(base)
        assert evenement["type"] == "CodeActivation"
        assert evenement["correlation_id"] == resultat.entetes["x-correlation-id"]

    def test_ce_qui_est_garde_ne_contient_ni_mot_de_passe_ni_reponse_ni_code(self, base: Any) -> None:
        creer("cle-de-creation")
        code = code_envoye(base, "CodeActivation")
        tout = str(base.scan(TableName="permis-comptes")["Items"]) + str(
            base.scan(TableName="permis-sessions")["Items"]
        )
        for secret in (MOT_DE_PASSE, "Mélite", "melite", f"'{code}'", "cle-de-creation"):
            assert secret not in tout
        assert "$argon2id$" in tout

    @pytest.mark.parametrize(
        ("champ", "valeur"),
        [
            ("identifiant", "ab"),
            ("identifiant", "a" * 65),
            ("identifiant", "pierre corneille"),
            ("identifiant", None),
            ("mot_de_passe", "court-1A"),
            ("mot_de_passe", "aaaaaaaaaaaaaaaaaaaa"),
            ("mot_de_passe", "motdepasseun"),
            ("mot_de_passe", "pierre.corneille-1A"),
            ("mot_de_passe", "x" * 129),
            ("profil", "agent"),
            ("prenom", ""),
            ("prenom", "P1erre"),
            ("nom", "<script>"),
            ("nom", 12),
            ("email", "pierre@"),
            ("email", "pas un courriel"),
            ("sexe", "X"),
            ("telephone", "123"),
            ("telephone", "1612345678"),
            ("question_secrete", " "),
            ("reponse_secrete", ""),
            ("cgu_acceptees", False),
            ("cgu_acceptees", "oui"),
            ("anti_robot", "n'importe quoi"),
            ("anti_robot", "W10="),
            ("anti_robot", ""),
        ],
    )
    def test_un_champ_faux_est_nomme_en_francais_sans_aucun_appel(self, base: Any, champ: str, valeur: Any) -> None:
        corps = formulaire(**{champ: valeur})
        with compter_appels() as appels:
            resultat = appeler("POST", "/comptes", corps=corps, groupe="comptes.creer")
        assert resultat.statut == 422
        assert resultat.entetes["content-type"] == "application/problem+json"
        assert [erreur["champ"] for erreur in resultat.corps["erreurs"]] == [champ]
        assert appels == []

    @pytest.mark.parametrize("corps", ["", "{", "[]", "null", '"texte"', b"\xff\xfe", "[" * 5000])
    def test_un_corps_illisible_est_un_422_sans_aucun_appel(self, base: Any, corps: Any) -> None:
        with compter_appels() as appels:
            resultat = appeler("POST", "/comptes", corps=corps, groupe="comptes.creer")
        assert resultat.statut == 422
        assert appels == []

    def test_un_champ_inconnu_est_refuse(self, base: Any) -> None:
        resultat = creer(role="chef")
        assert (resultat.statut, resultat.corps["erreurs"][0]["champ"]) == (422, "role")

    def test_les_noms_et_les_telephones_de_la_vraie_vie_passent(self, base: Any) -> None:
        resultat = creer(prenom="Zoé-Anaïs", nom="d’Hœrt O'Brien", telephone="+33 6 12 34 56 78")
        assert resultat.statut == 201
        comptes = [i for i in base.scan(TableName="permis-comptes")["Items"] if i["element"]["S"] == "COMPTE"]
        assert comptes[0]["telephone"]["S"] == "0612345678"

    def test_un_identifiant_pris_est_un_409_quelle_que_soit_sa_casse(self, base: Any) -> None:
        creer()
        assert creer(identifiant="Pierre.Corneille", email="autre@exemple.fr").statut == 409

    def test_un_courriel_pris_repond_pareil_avec_les_memes_appels_et_previent_son_titulaire(self, base: Any) -> None:
        compte_ouvert(base)
        corps = formulaire(identifiant="un.curieux", email="PIERRE@exemple.fr")
        with compter_appels() as appels:
            resultat = appeler("POST", "/comptes", corps=corps, groupe="comptes.creer")
        assert (resultat.statut, resultat.corps) == (201, {"identifiant": "un.curieux", "statut": "a_activer"})
        assert appels == [("dynamodb", "GetItem"), ("dynamodb", "TransactWriteItems")]
        titulaire = evenements(base, "CodeActivation")[0]["compte_id"]
        assert [i["compte_id"] for i in evenements(base, "CompteDejaExistant")] == [titulaire]
        assert len(evenements(base, "CodeActivation")) == 1

    def test_rien_ensuite_ne_trahit_le_courriel_pris(self, base: Any) -> None:
        compte_ouvert(base)
        creer(identifiant="un.curieux")
        creer(identifiant="un.neuf", email="neuf@exemple.fr")
        for identifiant in ("un.curieux", "un.neuf"):
            assert creer(identifiant=identifiant, email="x@exemple.fr").statut == 409
            assert activer("000000", identifiant).statut == 422
            connexion = connecter(identifiant=identifiant)
            assert (connexion.statut, connexion.corps["title"]) == (401, "Compte à activer")
            assert renvoyer(identifiant).statut == 202

    def test_la_meme_cle_et_le_meme_corps_rendent_le_meme_201_pour_un_compte_et_un_courriel(self, base: Any) -> None:
        defi = anti_robot()
        premier, rejoue = creer("cle-1", anti_robot=defi), creer("cle-1", anti_robot=defi)
        autre_defi = creer("cle-1")
        assert premier[0] == rejoue[0] == autre_defi[0] == 201
        assert premier.corps == rejoue.corps == autre_defi.corps
        assert len(evenements(base)) == 1

    @pytest.mark.parametrize(
        ("champ", "valeur"),
        [
            ("mot_de_passe", NOUVEAU),
            ("reponse_secrete", "Clitandre"),
            ("nom", "RACINE"),
            ("identifiant", "jean.racine"),
            ("email", "jean@exemple.fr"),
        ],
    )
    def test_la_meme_cle_avec_un_autre_corps_est_refusee(self, base: Any, champ: str, valeur: str) -> None:
        creer("cle-1")
        resultat = creer("cle-1", **{champ: valeur})
        assert (resultat.statut, resultat.corps["erreurs"][0]["champ"]) == (422, "Idempotency-Key")
        assert len(evenements(base)) == 1

    def test_un_defi_deja_depense_est_refuse(self, base: Any) -> None:
        defi = anti_robot()
        creer(anti_robot=defi)
        resultat = creer(anti_robot=defi, identifiant="autre", email="autre@exemple.fr")
        assert (resultat.statut, resultat.corps["erreurs"][0]["champ"]) == (422, "anti_robot")

    def test_dix_envois_paralleles_de_la_meme_creation_n_en_font_qu_une(self, base: Any) -> None:
        corps = formulaire()
        statuts: list[int] = []

        def envoyer() -> None:
            # A Chalice application serves one request at a time, as a Lambda process does: threads call the action
            # itself.
            from chalicelib.comptes.creer import SaisieCompte, creer_compte

            saisie = SaisieCompte.model_validate(corps)
            creer_compte(
                saisie,
                wiring.comptes(),
                wiring.secrets(),
                wiring.anti_robot(),
                wiring.contexte("correlation-parallele"),
                "cle-parallele",
                86400,
            )
            statuts.append(201)

        fils = [threading.Thread(target=envoyer) for _ in range(10)]
        for fil in fils:
            fil.start()
        for fil in fils:
            fil.join()
        assert statuts == [201] * 10
        assert len(evenements(base)) == 1


def renvoyer(identifiant: str = "pierre.corneille") -> Resultat:
    corps = {"identifiant": identifiant, "anti_robot": anti_robot()}
    return appeler("POST", "/comptes/activation/renvoi", corps=corps, groupe="comptes.renvoyer_code")


class TestActiver:
    def test_le_bon_code_active_et_peut_etre_envoye_deux_fois(self, base: Any) -> None:
        creer()
        code = code_envoye(base, "CodeActivation")
        with compter_appels() as appels:
            assert activer(code).statut == 204
        assert [appel.operation for appel in appels] == ["GetItem", "UpdateItem", "GetItem", "TransactWriteItems"]
        assert activer(code).statut == 204
        assert connecter().statut == 200

    def test_un_code_faux_et_un_compte_inconnu_ont_la_meme_reponse_et_les_memes_appels(self, base: Any) -> None:
        creer()
        code = faux(code_envoye(base, "CodeActivation"))
        with compter_appels() as du_connu:
            connu = activer(code)
        with compter_appels() as de_l_inconnu:
            inconnu = activer(code, "personne")
        assert (connu.statut, connu.corps) == (inconnu.statut, inconnu.corps)
        assert (connu.statut, connu.corps["erreurs"][0]["champ"]) == (422, "code")
        assert du_connu == de_l_inconnu

    def test_apres_cinq_codes_faux_le_bon_ne_passe_plus(self, base: Any) -> None:
        creer()
        code = code_envoye(base, "CodeActivation")
        for _ in range(5):
            assert activer(faux(code)).statut == 422
        assert activer(code).statut == 422

    @pytest.mark.parametrize("code", ["12345", "abcdef", "1234567", "", 123456, None, "１２３４５６"])
    def test_un_code_mal_forme_est_refuse_sans_appel(self, base: Any, code: Any) -> None:
        with compter_appels() as appels:
            resultat = activer(code)
        assert (resultat.statut, resultat.corps["erreurs"][0]["champ"]) == (422, "code")
        assert appels == []


class TestRenvoi:
    def test_le_nouveau_code_remplace_l_ancien(self, base: Any) -> None:
        creer()
        ancien = code_envoye(base, "CodeActivation")
        premier = evenements(base)[0]["evenement_id"]
        with compter_appels() as appels:
            assert renvoyer().statut == 202
        assert [appel.operation for appel in appels] == ["GetItem", "GetItem", "TransactWriteItems"]
        (nouvel,) = [i for i in evenements(base) if i["evenement_id"] != premier]
        nouveau = code_a_six_chiffres(ENVIRONNEMENT["CLE_CODES"], nouvel["compte_id"], nouvel["usage"], nouvel["nonce"])
        assert ancien == nouveau or activer(ancien).statut == 422
        assert activer(nouveau).statut == 204

    def test_un_inconnu_a_la_meme_reponse_et_les_memes_appels(self, base: Any) -> None:
        with compter_appels() as appels:
            assert renvoyer("personne").statut == 202
        assert [appel.operation for appel in appels] == ["GetItem", "GetItem", "TransactWriteItems"]
        assert evenements(base) == []

    def test_cinq_courriels_par_heure_au_plus(self, base: Any) -> None:
        creer()
        for _ in range(7):
            assert renvoyer().statut == 202
        assert len(evenements(base)) == 1 + 5

    def test_sans_anti_robot_rien_ne_part(self, base: Any) -> None:
        corps = {"identifiant": "pierre.corneille", "anti_robot": "faux"}
        with compter_appels() as appels:
            resultat = appeler("POST", "/comptes/activation/renvoi", corps=corps, groupe="comptes.renvoyer_code")
        assert resultat.statut == 422
        assert appels == []


class TestSessions:
    def test_le_chemin_heureux_fait_cinq_appels(self, base: Any) -> None:
        creer()
        activer(code_envoye(base, "CodeActivation"))
        with compter_appels() as appels:
            resultat = connecter()
        assert resultat.statut == 200
        assert set(resultat.corps) == {"jeton", "expire_le", "profil", "nom", "prenom", "autorites"}
        assert (resultat.corps["profil"], resultat.corps["prenom"]) == ("usager", "Pierre")
        assert [appel.operation for appel in appels] == [
            "GetItem",
            "UpdateItem",
            "GetItem",
            "GetItem",
            "TransactWriteItems",
        ]
        identite = autoriser(resultat.corps["jeton"])
        assert identite is not None
        assert (identite.role, identite.autorites) == ("usager", ())

    def test_un_inconnu_et_un_mauvais_mot_de_passe_ont_la_meme_reponse_et_les_memes_appels(self, base: Any) -> None:
        compte_ouvert(base)
        with compter_appels() as du_connu:
            connu = connecter(NOUVEAU)
        with compter_appels() as de_l_inconnu:
            inconnu = connecter(NOUVEAU, "personne")
        assert (connu.statut, connu.corps) == (inconnu.statut, inconnu.corps) == (401, connu.corps)
        assert du_connu == de_l_inconnu

    def test_l_attente_est_la_meme_pour_un_inconnu(self, base: Any) -> None:
        compte_ouvert(base)
        for identifiant in ("pierre.corneille", "personne"):
            for _ in range(5):
                assert connecter(NOUVEAU, identifiant).statut == 401
            with compter_appels() as appels:
                bloque = connecter(MOT_DE_PASSE, identifiant)
            assert bloque.statut == 429
            assert 0 < int(bloque.entetes["retry-after"]) <= 60
            assert [appel.operation for appel in appels] == ["GetItem", "UpdateItem"]

    def test_un_agent_entre_par_la_meme_porte_avec_ses_autorites(self, base: Any) -> None:
        wiring.comptes().installer(
            Compte(
                compte_id="agent-1",
                identifiant="agent.543",
                role="agent",
                autorites=("543",),
                statut=StatutCompte.ACTIF,
                prenom="Jeanne",
                nom="AGENT",
                email="agent@exemple.fr",
                sexe="F",
                telephone="0383000000",
                question_secrete="?",
                reponse_secrete="",
                mot_de_passe=SecretsArgon2(memoire_kio=64, passes=1).hacher("Guichet-543-local"),
                cgu_acceptees_le="2026-11-24T00:00:00.000Z",
                cree_le="2026-11-24T00:00:00.000Z",
            )
        )
        resultat = connecter("Guichet-543-local", "agent.543")
        assert resultat.corps["profil"] == "agent"
        identite = autoriser(resultat.corps["jeton"])
        assert identite is not None
        assert (identite.role, identite.autorites) == ("agent", ("543",))

    def test_renouveler_donne_un_jeton_neuf_et_tue_l_ancien(self, base: Any) -> None:
        ancien = compte_ouvert(base)
        with compter_appels() as appels:
            resultat = appeler("POST", "/sessions/renouvellement", jeton=ancien, groupe="comptes.renouveler_session")
        assert resultat.statut == 200
        # The first read is the authorizer's.
        assert [appel.operation for appel in appels] == ["GetItem", "GetItem", "GetItem", "UpdateItem"]
        assert autoriser(ancien) is None
        assert autoriser(resultat.corps["jeton"]) is not None

    def test_fermer_eteint_le_jeton_aussitot(self, base: Any) -> None:
        jeton = compte_ouvert(base)
        identite = autoriser(jeton)
        with compter_appels() as appels:
            fermee = appeler("DELETE", "/sessions/courante", identite=identite, groupe="comptes.fermer_session")
        assert (fermee.statut, fermee.corps) == (204, None)
        assert [appel.operation for appel in appels] == ["UpdateItem"]
        assert autoriser(jeton) is None
        assert appeler("DELETE", "/sessions/courante", jeton=jeton, groupe="comptes.fermer_session").statut == 401

    def test_un_jeton_forge_est_refuse_sans_lecture(self, base: Any) -> None:
        jeton = compte_ouvert(base)
        tete, corps, signature = jeton.split(".")
        sans_signature = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0." + corps + "."
        for forge in ("", "x", "a.b.c", f"{tete}.{corps}.{signature[::-1]}", sans_signature, jeton + "x", "é" * 40):
            with compter_appels() as appels:
                assert autoriser(forge) is None
            assert appels == []


class TestOublis:
    def _identifiant(self, email: str) -> Resultat:
        corps = {"email": email, "anti_robot": anti_robot()}
        return appeler("POST", "/comptes/identifiant-oublie", corps=corps, groupe="comptes.identifiant_oublie")

    def _mot_de_passe(self, identifiant: str = "pierre.corneille", **champs: Any) -> Resultat:
        corps = {"identifiant": identifiant, "anti_robot": anti_robot(), **champs}
        return appeler("POST", "/comptes/mot-de-passe-oublie", corps=corps, groupe="comptes.mot_de_passe_oublie")

    def _changer(self, **champs: Any) -> Resultat:
        corps = {"identifiant": "pierre.corneille", "nouveau_mot_de_passe": NOUVEAU, **champs}
        return appeler("POST", "/comptes/mot-de-passe", corps=corps, groupe="comptes.changer_mot_de_passe")

    def test_l_identifiant_part_si_le_courriel_est_connu_et_rien_ne_le_dit(self, base: Any) -> None:
        compte_ouvert(base)
        with compter_appels() as du_connu:
            connu = self._identifiant("Pierre@Exemple.fr")
        with compter_appels() as de_l_inconnu:
            inconnu = self._identifiant("inconnu@exemple.fr")
        assert connu[0] == inconnu[0] == 202
        assert connu.corps == inconnu.corps
        assert du_connu == de_l_inconnu
        assert len(evenements(base, "IdentifiantOublie")) == 1

    def test_le_code_et_la_reponse_changent_le_mot_de_passe_et_ferment_tout(self, base: Any) -> None:
        jeton = compte_ouvert(base)
        with compter_appels() as appels:
            assert self._mot_de_passe().statut == 202
        assert [appel.operation for appel in appels] == ["GetItem", "GetItem", "TransactWriteItems"]
        code = code_envoye(base, "CodeMotDePasse")
        with compter_appels() as appels:
            change = self._changer(code=code, reponse_secrete="  MELITE ")
        assert change.statut == 204
        assert [appel.operation for appel in appels] == ["GetItem", "UpdateItem", "GetItem", "TransactWriteItems"]
        assert autoriser(jeton) is None
        assert connecter(MOT_DE_PASSE).statut == 401
        assert connecter(NOUVEAU).statut == 200
        assert len(evenements(base, "MotDePasseModifie")) == 1

    def test_le_meme_changement_envoye_deux_fois_reussit_et_un_autre_est_refuse(self, base: Any) -> None:
        compte_ouvert(base)
        self._mot_de_passe()
        code = code_envoye(base, "CodeMotDePasse")
        assert self._changer(code=code, reponse_secrete="Mélite").statut == 204
        assert self._changer(code=code, reponse_secrete="Mélite").statut == 204
        assert self._changer(code=code, reponse_secrete="Mélite", nouveau_mot_de_passe="Cinna-1641-Rouen").statut == 422
        assert len(evenements(base, "MotDePasseModifie")) == 1

    def test_sans_la_reponse_le_second_code_vient_par_sms(self, base: Any) -> None:
        compte_ouvert(base)
        self._mot_de_passe(reponse_perdue=True)
        code, sms = code_envoye(base, "CodeMotDePasse"), code_envoye(base, "CodeMotDePasseSms")
        assert self._changer(code=code, code_sms=faux(sms)).statut == 422
        assert self._changer(code=code, code_sms=sms).statut == 204

    @pytest.mark.parametrize("preuves", [{}, {"reponse_secrete": "Mélite", "code_sms": "123456"}])
    def test_il_faut_une_seconde_preuve_et_une_seule(self, base: Any, preuves: dict[str, str]) -> None:
        with compter_appels() as appels:
            assert self._changer(code="123456", **preuves).statut == 422
        assert appels == []

    def test_code_faux_reponse_fausse_et_compte_inconnu_se_ressemblent(self, base: Any) -> None:
        compte_ouvert(base)
        self._mot_de_passe()
        code = code_envoye(base, "CodeMotDePasse")
        reponses = [
            self._changer(code=faux(code), reponse_secrete="Mélite"),
            self._changer(code=code, reponse_secrete="Cinna"),
            self._changer(code=code, reponse_secrete="Mélite", identifiant="personne"),
        ]
        assert [reponse.statut for reponse in reponses] == [422] * 3
        assert reponses[0].corps == reponses[1].corps == reponses[2].corps

    def test_cinq_reponses_fausses_epuisent_le_code(self, base: Any) -> None:
        compte_ouvert(base)
        self._mot_de_passe()
        code = code_envoye(base, "CodeMotDePasse")
        for _ in range(5):
            assert self._changer(code=code, reponse_secrete="Cinna").statut == 422
        assert self._changer(code=code, reponse_secrete="Mélite").statut == 422

    def test_un_inconnu_ou_un_compte_a_activer_ne_recoit_rien_et_rien_ne_le_dit(self, base: Any) -> None:
        creer()
        for identifiant in ("pierre.corneille", "personne"):
            with compter_appels() as appels:
                assert self._mot_de_passe(identifiant, reponse_perdue=True).statut == 202
            assert [appel.operation for appel in appels] == ["GetItem", "GetItem", "TransactWriteItems"]
        assert evenements(base, "CodeMotDePasse") == []

    def test_changer_de_mot_de_passe_leve_le_blocage(self, base: Any) -> None:
        compte_ouvert(base)
        for _ in range(5):
            connecter(NOUVEAU)
        assert connecter().statut == 429
        self._mot_de_passe()
        assert self._changer(code=code_envoye(base, "CodeMotDePasse"), reponse_secrete="Mélite").statut == 204
        assert connecter(NOUVEAU).statut == 200


class TestMoi:
    def test_le_profil_se_lit_en_un_appel(self, base: Any) -> None:
        identite = autoriser(compte_ouvert(base))
        with compter_appels() as appels:
            resultat = appeler("GET", "/comptes/moi", identite=identite, groupe="comptes.moi")
        assert resultat.corps == {
            "identifiant": "pierre.corneille",
            "profil": "usager",
            "prenom": "Pierre",
            "nom": "CORNEILLE",
            "email": "pierre@exemple.fr",
            "sexe": "M",
            "telephone": "0612345678",
            "question_secrete": "Votre première pièce ?",
            "email_en_attente": None,
            "telephone_en_attente": None,
        }
        assert [appel.operation for appel in appels] == ["GetItem"]

    def test_sans_jeton_c_est_401(self, base: Any) -> None:
        assert appeler("GET", "/comptes/moi", groupe="comptes.moi").statut == 401

    @pytest.mark.parametrize("identite", [AGENT, CHEF, CTN], ids=lambda identite: identite.role)
    def test_le_nom_et_la_fin_d_un_compte_de_service_ne_sont_pas_a_son_titulaire(
        self, base: Any, identite: Identite
    ) -> None:
        installer(identite)
        avant = wiring.comptes().lire(identite.compte_id)
        assert avant is not None
        agir: dict[str, Any] = {"identite": identite, "groupe": "comptes.moi"}
        refus = appeler("PUT", "/comptes/moi", corps={"prenom": "Bruno", "nom": "Martin", "sexe": "M"}, **agir)
        assert refus.statut == 422
        assert [erreur["champ"] for erreur in refus.corps["erreurs"]] == ["prenom", "nom"]
        fermeture = appeler("DELETE", "/comptes/moi", **agir)
        assert (fermeture.statut, "chef de service" in fermeture.corps["detail"]) == (409, True)
        assert wiring.comptes().lire(identite.compte_id) == avant
        ouvert = {"prenom": avant.prenom, "nom": avant.nom, "email": "autre@prefecture.example"}
        change = appeler("PUT", "/comptes/moi", corps={**ouvert, "telephone": "0383000099"}, **agir)
        assert (change.statut, change.corps["email_en_attente"]) == (200, "autre@prefecture.example")

    def test_un_nouveau_courriel_attend_son_code(self, base: Any) -> None:
        jeton = compte_ouvert(base)
        attente = moi("PUT", jeton, {"email": "neuf@exemple.fr", "prenom": "Paul"})
        assert attente.statut == 200
        assert (attente.corps["email"], attente.corps["email_en_attente"]) == ("pierre@exemple.fr", "neuf@exemple.fr")
        assert attente.corps["prenom"] == "Paul"
        (evenement,) = evenements(base, "CodeEmail")
        assert evenement["email"] == "neuf@exemple.fr"
        code = code_envoye(base, "CodeEmail")
        refus = moi("PUT", jeton, {"code_email": faux(code)})
        assert (refus.statut, refus.corps["erreurs"][0]["champ"]) == (422, "code_email")
        for _ in range(2):
            confirme = moi("PUT", jeton, {"code_email": code})
            assert confirme.statut == 200
            assert (confirme.corps["email"], confirme.corps["email_en_attente"]) == ("neuf@exemple.fr", None)
        assert [i["email"] for i in evenements(base, "CoordonneesModifiees")] == ["pierre@exemple.fr"]
        assert moi("GET", jeton).corps == confirme.corps

    def test_un_courriel_pris_ne_se_trahit_pas(self, base: Any) -> None:
        creer(identifiant="jean.racine", email="jean@exemple.fr")
        activer(code_envoye(base, "CodeActivation"), "jean.racine")
        jean = evenements(base)[0]["compte_id"]
        creer()
        (pierre,) = [i for i in evenements(base, "CodeActivation") if i["compte_id"] != jean]
        activer(code_a_six_chiffres(ENVIRONNEMENT["CLE_CODES"], pierre["compte_id"], "activation", pierre["nonce"]))
        jeton = connecter().corps["jeton"]
        resultat = moi("PUT", jeton, {"email": "jean@exemple.fr"})
        assert (resultat.statut, resultat.corps["email_en_attente"]) == (200, "jean@exemple.fr")
        assert evenements(base, "CodeEmail") == []
        assert [i["compte_id"] for i in evenements(base, "CompteDejaExistant")] == [jean]

    def test_un_nouveau_telephone_attend_son_code(self, base: Any) -> None:
        jeton = compte_ouvert(base)
        moi("PUT", jeton, {"telephone": "07 00 00 00 01"})
        (evenement,) = evenements(base, "CodeTelephone")
        assert evenement["telephone"] == "0700000001"
        confirme = moi("PUT", jeton, {"code_telephone": code_envoye(base, "CodeTelephone")})
        assert (confirme.corps["telephone"], confirme.corps["telephone_en_attente"]) == ("0700000001", None)

    def test_trop_de_codes_demandes_est_un_429(self, base: Any) -> None:
        jeton = compte_ouvert(base)
        statuts = [moi("PUT", jeton, {"telephone": f"070000000{rang}"}).statut for rang in range(4)]
        assert statuts == [200, 200, 200, 429]

    @pytest.mark.parametrize(
        ("champ", "valeur"),
        [
            ("email", "x"),
            ("telephone", "12"),
            ("nom", "1"),
            ("sexe", "X"),
            ("identifiant", "autre"),
            ("role", "chef"),
            ("code_email", "12"),
        ],
    )
    def test_un_champ_faux_est_nomme_sans_aucun_appel(self, base: Any, champ: str, valeur: str) -> None:
        identite = autoriser(compte_ouvert(base))
        with compter_appels() as appels:
            resultat = appeler("PUT", "/comptes/moi", corps={champ: valeur}, identite=identite, groupe="comptes.moi")
        assert (resultat.statut, resultat.corps["erreurs"][0]["champ"]) == (422, champ)
        assert appels == []

    def test_fermer_le_compte_eteint_la_session_et_libere_l_identifiant(self, base: Any) -> None:
        jeton = compte_ouvert(base)
        assert moi("DELETE", jeton).statut == 204
        assert moi("GET", jeton).statut == 401
        assert connecter().statut == 401
        assert [i["email"] for i in evenements(base, "CompteFerme")] == ["pierre@exemple.fr"]
        assert creer().statut == 201

    def test_rien_de_personnel_ne_reste_dans_un_compte_ferme(self, base: Any) -> None:
        jeton = compte_ouvert(base)
        moi("DELETE", jeton)
        (compte,) = [
            plat(i) or {} for i in base.scan(TableName="permis-comptes")["Items"] if i["element"]["S"] == "COMPTE"
        ]
        assert set(compte) == {
            "cle",
            "element",
            "compte_id",
            "role",
            "statut",
            "cgu_acceptees_le",
            "cree_le",
            "ferme_le",
        }


def test_aucune_donnee_personnelle_dans_les_journaux(base: Any, capsys: pytest.CaptureFixture[str]) -> None:
    jeton = compte_ouvert(base)
    moi("PUT", jeton, {"email": "neuf@exemple.fr", "telephone": "0700000001"})
    connecter("Faux-mot-de-passe-1")
    creer(email="pas un courriel", nom="R4CINE")
    sorties = capsys.readouterr()
    ecrit = (sorties.out + sorties.err).lower()
    assert "permis" in ecrit
    for donnee in (
        "corneille",
        "pierre",
        "exemple.fr",
        "0612345678",
        "0700000001",
        "faux-mot",
        "r4cine",
        jeton.lower(),
    ):
        assert donnee not in ecrit
