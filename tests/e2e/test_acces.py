"""Who may do what: no session, a dead or forged one, somebody else's demande, ids that lead nowhere."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest

from demo.client import Client, Demande
from tests.e2e.acteurs import Usager
from tests.e2e.outils import (
    APPELS_DEMANDE,
    APPELS_SESSION,
    INCONNU,
    compte_neuf,
    photo,
    prix,
    verifier_probleme,
    voisin,
)

MOT_DE_PASSE_LOCAL = "Guichet-543-local"


@pytest.fixture(scope="module")
def demande(client: Client) -> Demande:
    """A demande of the shared citizen, with one controlled pièce."""
    demande_id = client.creer_demande("perte")["id"]
    client.joindre(demande_id, "identite", photo())
    return client.demande(demande_id)


def _chemin(modele: str, demande: Demande) -> str:
    return modele.format(id=demande["id"], piece_id=demande["pieces"][0]["piece_id"])


def _retouche(jeton: str, rang: int, **champs: Any) -> str:
    """The jeton with ``champs`` changed in its part ``rang`` (0 header, 1 content), its signature kept."""
    parties = jeton.split(".")
    bourre = parties[rang] + "=" * (-len(parties[rang]) % 4)
    contenu = json.loads(base64.urlsafe_b64decode(bourre)) | champs
    parties[rang] = base64.urlsafe_b64encode(json.dumps(contenu).encode()).rstrip(b"=").decode()
    return ".".join(parties)


def _faux_jetons(jeton: str) -> dict[str, str]:
    faux = {
        "n'importe quoi": "Bearer n-importe-quoi",
        "vide": "Bearer",
        "sans Bearer": jeton,
        "Basic": "Basic " + base64.b64encode(b"pierre:secret").decode(),
        "coupé": f"Bearer {jeton[:-10]}",
        "signature changée": f"Bearer {jeton[:-8]}{'A' * 8}",
        "très long": "Bearer " + "a" * 6000,
        "deux points": "Bearer a.b",
        "trois points": "Bearer a.b.c",
    }
    if jeton.count(".") == 2:  # a JWT
        en_tete, contenu, signature = jeton.split(".")
        faux |= {
            "sans signature": f"Bearer {en_tete}.{contenu}.",
            "algorithme none": f"Bearer {_retouche(jeton, 0, alg='none')}",
            "prolongé": f"Bearer {_retouche(jeton, 1, exp=4_102_444_800)}",
            "autre personne": f"Bearer {_retouche(jeton, 1, sub=INCONNU)}",
            "agent": f"Bearer {_retouche(jeton, 1, role='agent')}",
            "contenu illisible": f"Bearer {en_tete}.{'_' * 40}.{signature}",
        }
    return faux


@pytest.mark.parametrize(("methode", "modele", "corps"), [*APPELS_SESSION, *APPELS_DEMANDE])
def test_sans_jeton_tout_est_401(
    anonyme: Client, demande: Demande, methode: str, modele: str, corps: dict[str, Any] | None
) -> None:
    verifier_probleme(anonyme.brut(methode, _chemin(modele, demande), corps), 401)


def test_toute_route_publiee_qui_veut_une_session_est_401_sans_jeton(anonyme: Client) -> None:
    document = anonyme.appeler("GET", "/api/openapi.json")
    fermees = [
        (methode.upper(), chemin)
        for chemin, operations in document["paths"].items()
        for methode, operation in operations.items()
        if methode in {"get", "put", "post", "delete"} and operation.get("security")
    ]
    assert len(fermees) >= len(APPELS_DEMANDE)
    base = "" if all(chemin.startswith("/api/") for _, chemin in fermees) else "/api"
    for methode, chemin in fermees:
        reponse = anonyme.brut(
            methode, base + chemin.replace("{", "").replace("}", ""), {} if methode != "GET" else None
        )
        verifier_probleme(reponse, 401)


def test_un_jeton_faux_est_401_partout(client: Client, anonyme: Client, demande: Demande) -> None:
    assert client.jeton
    for nom, autorisation in _faux_jetons(client.jeton).items():
        for methode, modele, corps in (*APPELS_SESSION, *APPELS_DEMANDE)[::5]:
            entetes = {"Authorization": autorisation}
            reponse = anonyme.brut(methode, _chemin(modele, demande), corps, entetes=entetes)
            assert reponse.status_code == 401, (
                f"{nom} : {methode} {modele} -> {reponse.status_code} {reponse.text[:200]}"
            )
            verifier_probleme(reponse, 401)
    assert client.brut("GET", f"/api/demandes/{demande['id']}").status_code == 200


def test_un_jeton_expire_est_401_partout(
    client: Client, anonyme: Client, secret: Callable[[str], str], demande: Demande
) -> None:
    """Signed by our own key, for the very session that is open: only its term has passed."""
    contenu = jwt.decode(str(client.jeton), options={"verify_signature": False})
    expire = jwt.encode({**contenu, "exp": int(time.time()) - 1}, secret("CLE_JETONS"), algorithm="HS256")
    for methode, modele, corps in (*APPELS_SESSION, *APPELS_DEMANDE):
        entetes = {"Authorization": f"Bearer {expire}"}
        verifier_probleme(anonyme.brut(methode, _chemin(modele, demande), corps, entetes=entetes), 401)
    valable = jwt.encode(contenu, secret("CLE_JETONS"), algorithm="HS256")
    assert anonyme.brut("GET", "/api/comptes/moi", entetes={"Authorization": f"Bearer {valable}"}).status_code == 200


def test_un_jeton_revoque_est_401_partout(usager: Usager, demande: Demande) -> None:
    bureau = Client(usager.client.url)
    bureau.ouvrir_session(usager.citoyen.identifiant, usager.citoyen.mot_de_passe)
    assert bureau.brut("GET", f"/api/demandes/{demande['id']}").status_code == 200
    bureau.fermer_session()
    for methode, modele, corps in (*APPELS_SESSION, *APPELS_DEMANDE):
        verifier_probleme(bureau.brut(methode, _chemin(modele, demande), corps), 401)
    assert usager.client.brut("GET", f"/api/demandes/{demande['id']}").status_code == 200


def test_un_renouvellement_donne_un_jeton_et_eteint_l_ancien(usager: Usager) -> None:
    bureau = Client(usager.client.url)
    bureau.ouvrir_session(usager.citoyen.identifiant, usager.citoyen.mot_de_passe)
    suivant = Client(usager.client.url, bureau.appeler("POST", "/api/sessions/renouvellement")["jeton"])
    assert suivant.brut("GET", "/api/comptes/moi").status_code == 200
    verifier_probleme(bureau.brut("GET", "/api/comptes/moi"), 401)
    suivant.fermer_session()


@pytest.mark.parametrize(("methode", "modele", "corps"), APPELS_DEMANDE)
def test_la_demande_d_un_autre_est_404_sans_le_dire(
    autre_usager: Usager, client: Client, demande: Demande, methode: str, modele: str, corps: dict[str, Any] | None
) -> None:
    if corps and "numero_timbre" in corps:
        corps = {"numero_timbre": client.timbre(prix(client.url, "perte"))}
    refus = verifier_probleme(autre_usager.client.brut(methode, _chemin(modele, demande), corps), 404)
    inconnue = _chemin(modele, {**demande, "id": voisin(demande["id"])})
    assert verifier_probleme(autre_usager.client.brut(methode, inconnue, corps), 404) == refus
    assert client.demande(demande["id"]) == demande


@pytest.mark.parametrize(
    "faux", ["abc", "1", "%00", "%F0%9F%98%80", "a" * 400, INCONNU.upper(), "%2e%2e%2f", "{id}", "*", "' OR 1=1"]
)
@pytest.mark.parametrize(("methode", "modele", "corps"), APPELS_DEMANDE)
def test_un_id_de_demande_qui_ne_mene_nulle_part_est_404(
    client: Client, faux: str, methode: str, modele: str, corps: dict[str, Any] | None
) -> None:
    verifier_probleme(client.brut(methode, modele.format(id=faux, piece_id=INCONNU), corps), 404)


@pytest.mark.parametrize("faux", ["", INCONNU, "abc", "%00", "a" * 400, "%F0%9F%98%80"])
@pytest.mark.parametrize(("methode", "modele", "corps"), [a for a in APPELS_DEMANDE if "{piece_id}" in a[1]])
def test_une_piece_inconnue_est_404(
    client: Client, demande: Demande, faux: str, methode: str, modele: str, corps: dict[str, Any] | None
) -> None:
    """An empty ``faux`` stands for an id of the right form that nobody has."""
    piece_id = faux or voisin(demande["pieces"][0]["piece_id"])
    verifier_probleme(client.brut(methode, modele.format(id=demande["id"], piece_id=piece_id), corps), 404)


def test_la_piece_d_une_autre_de_ses_demandes_est_404(client: Client, demande: Demande) -> None:
    ailleurs = client.creer_demande("perte")["id"]
    piece_id = demande["pieces"][0]["piece_id"]
    for methode, modele, corps in APPELS_DEMANDE:
        if "{piece_id}" in modele:
            verifier_probleme(client.brut(methode, modele.format(id=ailleurs, piece_id=piece_id), corps), 404)


def test_la_liste_ne_montre_que_les_siennes(usager: Usager, autre_usager: Usager, demande: Demande) -> None:
    assert demande["id"] in {d["id"] for d in usager.client.mes_demandes()}
    assert demande["id"] not in {d["id"] for d in autre_usager.client.mes_demandes()}


def test_un_agent_ne_peut_pas_tenir_la_place_de_l_usager(url: str, client: Client, demande: Demande) -> None:
    agent = Client(url)
    agent.ouvrir_session("agent.543", MOT_DE_PASSE_LOCAL)
    for methode, modele, corps in APPELS_DEMANDE:
        if corps and "numero_timbre" in corps:
            corps = {"numero_timbre": agent.timbre(prix(url, "perte"))}
        # The routes that type a paper dossier know him, and no demande of a usager's.
        verifier_probleme(agent.brut(methode, _chemin(modele, demande), corps), 403, 404)
    assert client.demande(demande["id"]) == demande
    verifier_probleme(agent.brut("POST", "/api/demandes", {"motif": "perte"}), 403)
    agent.fermer_session()


def test_un_compte_ferme_ne_peut_plus_rien(url: str) -> None:
    client, citoyen = compte_neuf(url)
    assert client.brut("DELETE", "/api/comptes/moi").status_code == 204
    verifier_probleme(client.brut("GET", "/api/comptes/moi"), 401)
    verifier_probleme(client.brut("GET", "/api/demandes"), 401)
    connexion = {"identifiant": citoyen.identifiant, "mot_de_passe": citoyen.mot_de_passe}
    verifier_probleme(Client(url).brut("POST", "/api/sessions", connexion), 401)
