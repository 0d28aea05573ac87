"""The agent's view of a demande on the running service: SNPC present, slow or down; pages; messages and notes."""

import io
import random
import time
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from demo.client import Client, attendre
from demo.guichet import Guichet
from tests.e2e.outils import ADRESSE, compte_neuf, demande_remplie, verifier_probleme


class Affaire:
    """One demande in instruction, its usager, and the agents of its service."""

    def __init__(self, url: str) -> None:
        self.client, _ = compte_neuf(url)
        hasard = f"{random.randrange(10**8):08}"
        self.email = f"affaire{hasard}@exemple.fr"
        self.id: str = demande_remplie(self.client, "perte", sauf=("adresse", "photo-signature"))["id"]
        self.client.enregistrer(self.id, "adresse", {**ADRESSE, "email": self.email, "telephone": f"07{hasard}"})
        photo = {"mode": "numerique", "code": self.client.code_photo()}
        self.client.enregistrer(self.id, "photo-signature", photo)
        self.client.confirmer(self.id)
        self.agent, self.ctn = Guichet(url).entrer("agent.543"), Guichet(url).entrer("ctn.543")
        attendre(lambda: self.client.demande(self.id)["statut"], lambda lu: lu == "en_instruction", "l'instruction")

    def lire(self, qui: Client, quoi: str) -> list[dict[str, Any]]:
        base = "/api/instruction/demandes" if isinstance(qui, Guichet) else "/api/demandes"
        lus: list[dict[str, Any]] = qui.appeler("GET", f"{base}/{self.id}/{quoi}")["elements"]
        return lus

    def sans_reponse(self) -> bool:
        lignes = self.agent.appeler("GET", "/api/instruction/messages")["elements"]
        return any(ligne["id"] == self.id for ligne in lignes)


@pytest.fixture(scope="module")
def affaire(url: str) -> Affaire:
    return Affaire(url)


@pytest.fixture
def snpc(url: str) -> Iterator[Any]:
    """Make the SNPC of the local run slow or down; it is well again afterwards."""
    client = Client(url)

    def mettre(mode: str, **options: float) -> None:
        client.appeler("POST", "/dev/pannes", {"service": "snpc", "mode": mode, **options})

    yield mettre
    mettre("aucune")


def test_le_dossier_s_ouvre_avec_le_snpc_a_cote_et_le_dit_sans_lui(affaire: Affaire, snpc: Any) -> None:
    dossier = affaire.ctn.dossier(affaire.id)
    assert (dossier["snpc_etat"], dossier["snpc"]["numero_dossier"]) == ("trouve", "13572A7654")
    genres = {ecart["champ"]: ecart["genre"] for ecart in dossier["ecarts"]}
    assert genres["nom_naissance"] == "forme"
    assert (dossier["demande"]["statut"], dossier["photo"]["signee"]) == ("en_instruction", True)

    snpc("panne")
    sans = affaire.agent.dossier(affaire.id)
    assert (sans["snpc_etat"], sans["snpc"], sans["ecarts"]) == ("indisponible", None, None)
    assert sans["demande"] == dossier["demande"]

    snpc("lent", delai_s=30)
    debut = time.monotonic()
    assert affaire.agent.dossier(affaire.id)["snpc_etat"] == "indisponible"
    assert time.monotonic() - debut < 15


def test_une_page_s_ouvre_par_son_lien(affaire: Affaire) -> None:
    piece = affaire.agent.dossier(affaire.id)["pieces"][0]
    chemin = f"/api/instruction/demandes/{affaire.id}/pieces/{piece['piece_id']}/pages"
    lien = affaire.agent.appeler("GET", f"{chemin}/1")["url"]
    with Image.open(io.BytesIO(affaire.agent.telecharger(lien))) as image:
        assert image.format == "JPEG"
    verifier_probleme(affaire.agent.brut("GET", f"{chemin}/{piece['pages'] + 1}"), 404)


def test_l_usager_et_l_agent_s_ecrivent_chaque_message_une_fois(affaire: Affaire) -> None:
    ecrire = f"/api/demandes/{affaire.id}/messages"
    for _ in range(2):
        affaire.client.appeler("POST", ecrire, {"texte": "Où en est ma demande ?"}, cle="question-1")
    attendre(affaire.sans_reponse, bool, "la question dans la liste des agents")

    affaire.agent.agir(affaire.id, "messages", {"texte": "Elle est complète :\nje l'examine."}, cle="reponse-1")
    affaire.agent.agir(affaire.id, "messages", {"texte": "Elle est complète :\nje l'examine."}, cle="reponse-1")
    attendre(affaire.sans_reponse, lambda attend: not attend, "la question répondue")

    question, reponse = affaire.lire(affaire.client, "messages")
    assert (question["auteur"], reponse["texte"]) == ("Vous", "Elle est complète :\nje l'examine.")
    assert "Guichet" not in str(reponse)
    assert affaire.lire(affaire.agent, "messages")[1]["nom"] == "Agnès Guichet"
    objet = "Vous avez un message au sujet de votre demande"
    attendre(
        lambda: [envoi["objet"] for envoi in affaire.client.envois(affaire.email)].count(objet),
        lambda nombre: nombre == 1,
        "le courriel du message",
    )


def test_une_note_reste_entre_agents(affaire: Affaire) -> None:
    affaire.ctn.agir(affaire.id, "notes", {"texte": "zibeline-interne"})
    assert affaire.lire(affaire.agent, "notes")[-1]["texte"] == "zibeline-interne"
    for chemin in ("", "/suivi", "/messages", "/historique", "/recapitulatif"):
        assert "zibeline" not in affaire.client.brut("GET", f"/api/demandes/{affaire.id}{chemin}").text
    verifier_probleme(affaire.client.brut("GET", f"/api/instruction/demandes/{affaire.id}/notes"), 403)
