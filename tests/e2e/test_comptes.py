"""Accounts: the code of the mail, lost passwords, what is never told to who guesses."""

import pytest

from demo.client import Client, attendre
from demo.parcours import inventer_citoyen
from tests.e2e.acteurs import Usager
from tests.e2e.outils import compte_neuf, verifier_probleme


def _faux(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_cinq_faux_codes_eteignent_le_code_et_un_renvoi_en_donne_un_autre(anonyme: Client) -> None:
    citoyen = inventer_citoyen()
    anonyme.creer_compte(citoyen.fiche())
    connexion = {"identifiant": citoyen.identifiant, "mot_de_passe": citoyen.mot_de_passe}
    verifier_probleme(anonyme.brut("POST", "/api/sessions", connexion), 401, 403)
    code = anonyme.code_recu(citoyen.email)
    deja_lus = len(anonyme.envois(citoyen.email))
    activation = {"identifiant": citoyen.identifiant, "code": _faux(code)}
    for _ in range(5):
        verifier_probleme(anonyme.brut("POST", "/api/comptes/activation", activation), 422, champ="code")
    verifier_probleme(anonyme.brut("POST", "/api/comptes/activation", {**activation, "code": code}), 422, champ="code")
    renvoi = {"identifiant": citoyen.identifiant, "anti_robot": anonyme.anti_robot()}
    assert anonyme.brut("POST", "/api/comptes/activation/renvoi", renvoi).status_code == 202
    anonyme.activer_compte(citoyen.identifiant, anonyme.code_recu(citoyen.email, deja_lus))
    session = Client(anonyme.url)
    assert session.ouvrir_session(citoyen.identifiant, citoyen.mot_de_passe)["profil"] == "usager"
    session.fermer_session()


def test_un_identifiant_pris_est_409_meme_en_majuscules(anonyme: Client, usager: Usager) -> None:
    for identifiant in (usager.citoyen.identifiant, usager.citoyen.identifiant.upper()):
        fiche = {**inventer_citoyen().fiche(), "identifiant": identifiant, "anti_robot": anonyme.anti_robot()}
        verifier_probleme(anonyme.brut("POST", "/api/comptes", fiche), 409)


def test_un_courriel_pris_a_la_meme_reponse_et_son_titulaire_est_prevenu(anonyme: Client, usager: Usager) -> None:
    deja_lus = len(anonyme.envois(usager.citoyen.email))
    libre = inventer_citoyen()
    pris = inventer_citoyen()
    reponses = [
        anonyme.brut("POST", "/api/comptes", {**fiche, "anti_robot": anonyme.anti_robot()})
        for fiche in (libre.fiche(), {**pris.fiche(), "email": usager.citoyen.email})
    ]
    assert [r.status_code for r in reponses] == [201, 201]
    assert reponses[0].json().keys() == reponses[1].json().keys()
    recus = attendre(lambda: anonyme.envois(usager.citoyen.email)[deja_lus:], bool, "courriel au titulaire")
    assert usager.citoyen.identifiant in recus[0]["texte"]


def test_un_defi_anti_robot_ne_sert_qu_une_fois(anonyme: Client) -> None:
    preuve = anonyme.anti_robot()
    fiche = {**inventer_citoyen().fiche(), "anti_robot": preuve}
    assert anonyme.brut("POST", "/api/comptes", fiche).status_code == 201
    rejouee = {**inventer_citoyen().fiche(), "anti_robot": preuve}
    verifier_probleme(anonyme.brut("POST", "/api/comptes", rejouee), 422, champ="anti_robot")


def test_la_meme_cle_d_idempotence_n_ouvre_qu_un_compte(anonyme: Client) -> None:
    citoyen = inventer_citoyen()
    fiche = citoyen.fiche()
    premiere = anonyme.creer_compte(fiche, "cle-" + citoyen.marque)
    assert anonyme.creer_compte(fiche, "cle-" + citoyen.marque) == premiere
    anonyme.activer_compte(citoyen.identifiant, anonyme.code_recu(citoyen.email))
    codes = [e for e in anonyme.envois(citoyen.email) if e["canal"] == "mail"]
    assert len(codes) == 1


def test_un_compte_inconnu_et_un_mauvais_mot_de_passe_ont_la_meme_reponse(anonyme: Client, usager: Usager) -> None:
    corps = [
        anonyme.brut("POST", "/api/sessions", {"identifiant": identifiant, "mot_de_passe": "Polyeucte-1643-Nicomède"})
        for identifiant in (usager.citoyen.identifiant, inventer_citoyen().identifiant)
    ]
    assert verifier_probleme(corps[0], 401) == verifier_probleme(corps[1], 401)
    # The right password still opens, and forgets the failure.
    session = Client(anonyme.url)
    session.ouvrir_session(usager.citoyen.identifiant, usager.citoyen.mot_de_passe)
    session.fermer_session()


def test_trop_d_essais_font_attendre_que_le_compte_existe_ou_non(anonyme: Client) -> None:
    corps = {"identifiant": inventer_citoyen().identifiant, "mot_de_passe": "Polyeucte-1643-Nicomède"}
    statuts = [anonyme.brut("POST", "/api/sessions", corps) for _ in range(7)]
    assert [r.status_code for r in statuts[:4]] == [401] * 4
    verifier_probleme(statuts[-1], 429)
    assert int(statuts[-1].headers["retry-after"]) > 0


def test_un_mot_de_passe_oublie_se_change_et_ferme_les_sessions(url: str) -> None:
    client, citoyen = compte_neuf(url)
    deja_lus = len(client.envois(citoyen.email))
    oubli = {"identifiant": citoyen.identifiant, "anti_robot": client.anti_robot()}
    assert client.brut("POST", "/api/comptes/mot-de-passe-oublie", oubli).status_code == 202
    code = client.code_recu(citoyen.email, deja_lus)
    nouveau = "Rodogune-1644-Héraclius"
    corps = {"identifiant": citoyen.identifiant, "code": code, "nouveau_mot_de_passe": nouveau}
    verifier_probleme(client.brut("POST", "/api/comptes/mot-de-passe", {**corps, "reponse_secrete": "Phèdre"}), 422)
    juste = {**corps, "reponse_secrete": "  médée "}
    assert client.brut("POST", "/api/comptes/mot-de-passe", juste).status_code == 204
    verifier_probleme(client.brut("GET", "/api/comptes/moi"), 401)
    ancien = {"identifiant": citoyen.identifiant, "mot_de_passe": citoyen.mot_de_passe}
    verifier_probleme(client.brut("POST", "/api/sessions", ancien), 401)
    client.ouvrir_session(citoyen.identifiant, nouveau)


@pytest.mark.parametrize("route", ["identifiant-oublie", "mot-de-passe-oublie"])
def test_un_oubli_ne_dit_pas_si_le_compte_existe(anonyme: Client, usager: Usager, route: str) -> None:
    champ = "email" if route == "identifiant-oublie" else "identifiant"
    connu = getattr(usager.citoyen, champ)
    inconnu = getattr(inventer_citoyen(), champ)
    reponses = [
        anonyme.brut("POST", f"/api/comptes/{route}", {champ: valeur, "anti_robot": anonyme.anti_robot()})
        for valeur in (connu, inconnu)
    ]
    assert [(r.status_code, r.content) for r in reponses] == [(202, b"")] * 2 or (
        reponses[0].status_code == reponses[1].status_code == 202 and reponses[0].content == reponses[1].content
    )


def test_le_profil_se_lit_et_une_nouvelle_adresse_attend_son_code(url: str) -> None:
    client, citoyen = compte_neuf(url)
    profil = client.appeler("GET", "/api/comptes/moi")
    assert (profil["identifiant"], profil["email"], profil["profil"]) == (citoyen.identifiant, citoyen.email, "usager")
    assert not {"mot_de_passe", "reponse_secrete"} & profil.keys()
    nouvelle = f"nouvelle.{citoyen.marque}@exemple.fr"
    assert client.appeler("PUT", "/api/comptes/moi", {"email": nouvelle, "prenom": "Thomas"})["prenom"] == "Thomas"
    assert client.appeler("GET", "/api/comptes/moi")["email"] == citoyen.email
    assert client.code_recu(nouvelle)
