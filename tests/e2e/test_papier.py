"""A paper dossier on the running system: typed by an agent, then the same life; who acts for somebody; duplicates."""

import io
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pikepdf

from demo.client import Client, attendre
from demo.guichet import Guichet
from tests.e2e.outils import (
    ADRESSE,
    ETAPES,
    REPRESENTANT,
    compte_neuf,
    demande_remplie,
    fichier_de,
    pdf,
    pieces_demandees,
    verifier_probleme,
)


def personne() -> dict[str, Any]:
    """Somebody that no other test names."""
    lettres = "".join(chr(ord("a") + random.randrange(26)) for _ in range(10))
    return {**ETAPES["etat-civil"], "nom_naissance": f"Papier{lettres}"}


def adresse() -> dict[str, Any]:
    return {**ADRESSE, "email": f"papier{random.randrange(10**9)}@exemple.fr"}


def saisir(agent: Guichet, etat_civil: dict[str, Any], contact: dict[str, Any]) -> str:
    """Type a whole paper dossier, received yesterday; gives its id."""
    recu_le = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    demande_id: str = agent.appeler("POST", "/api/instruction/demandes", {"motif": "expiration", "recu_le": recu_le})[
        "id"
    ]
    agent.enregistrer(demande_id, "etat-civil", etat_civil)
    agent.enregistrer(demande_id, "adresse", contact)
    agent.enregistrer(demande_id, "photo-signature", {"mode": "numerique", "code": agent.code_photo()})
    for type_piece in pieces_demandees(agent.url, "expiration"):
        assert agent.joindre(demande_id, type_piece, fichier_de(type_piece))["statut"] == "valide"
    assert agent.joindre(demande_id, "formulaire_papier", pdf(2))["statut"] == "valide"
    return demande_id


def controler(qui: Client, demande_id: str) -> None:
    """A CTN operator accepts the pièces: the card that they hold is somebody else's, which no machine lets pass.

    ``qui`` follows the demande until then.
    """
    attendre(lambda: qui.suivi(demande_id)["statut"], lambda lu: lu == "en_controle", "contrôle")
    Guichet(qui.url).entrer("ctn.543").controler_les_pieces(demande_id)


def test_un_dossier_papier_vit_comme_les_autres_et_son_titulaire_est_prevenu(url: str) -> None:
    agent, etat_civil, contact = Guichet(url).entrer("agent.543"), personne(), adresse()
    demande_id = saisir(agent, etat_civil, contact)
    assert agent.recapitulatif(demande_id)["manques"] == []

    confirmee = agent.confirmer(demande_id)

    assert confirmee["titulaire_prevenu"] == ["mail", "sms"]
    controler(agent, demande_id)
    attendre(lambda: agent.suivi(demande_id)["statut"], lambda lu: lu == "en_instruction", "instruction")
    dossier = agent.dossier(demande_id)
    assert dossier["demande"]["origine"] == "papier"
    (recu, *_) = attendre(lambda: agent.envois(contact["email"]), bool, "courriel au titulaire")
    assert "dossier papier" in recu["texte"]
    with pikepdf.open(io.BytesIO(agent.document(demande_id, "recepisse"))) as accuse:
        assert bool(accuse.Root.MarkInfo.Marked)
    assert agent.agir(demande_id, "validation", {"droits_etablis_autrement": True})["statut"] == "validee"


def test_un_usager_apprend_qu_une_demande_est_deja_en_cours_pour_lui(url: str) -> None:
    agent, etat_civil = Guichet(url).entrer("agent.543"), personne()
    papier = saisir(agent, etat_civil, adresse())
    agent.confirmer(papier)
    controler(agent, papier)
    attendre(lambda: agent.suivi(papier)["statut"], lambda lu: lu == "en_instruction", "instruction")

    client, _ = compte_neuf(url)
    demande_id = demande_remplie(client, "expiration", sauf=("etat-civil",))["id"]
    client.enregistrer(demande_id, "etat-civil", etat_civil)

    def doublons() -> list[dict[str, Any]]:
        lus: list[dict[str, Any]] = client.recapitulatif(demande_id)["doublons"]
        return lus

    (doublon,) = attendre(doublons, bool, "doublon")
    assert doublon["message"].startswith("Une demande est déjà en cours pour cette personne.")
    assert (doublon["numero"], doublon["id"]) == (None, None), "it is not his own"
    assert client.confirmer(demande_id)["avertissement"] == doublon["message"]
    controler(client, demande_id)
    attendre(lambda: client.suivi(demande_id)["statut"], lambda lu: lu == "attente_photo", "attente de la photo")
    vus = agent.dossier(demande_id)["doublons"]
    assert [vu["id"] for vu in vus] == [papier]


def test_qui_agit_pour_un_autre_se_nomme_le_prouve_et_le_titulaire_l_apprend(url: str) -> None:
    client, _ = compte_neuf(url)
    contact = adresse()
    demande_id = demande_remplie(client, "perte", sauf=("adresse",))["id"]
    client.enregistrer(demande_id, "adresse", contact)
    client.appeler("PUT", f"/api/demandes/{demande_id}/representant", REPRESENTANT)
    refus = verifier_probleme(
        client.brut("POST", f"/api/demandes/{demande_id}/confirmation", {"attestation": True}), 409
    )
    assert [manque["champ"] for manque in refus["manques"]] == ["justificatif_representation"]
    client.joindre(demande_id, "justificatif_representation", pdf(1))

    client.confirmer(demande_id)

    recus = attendre(lambda: client.envois(contact["email"]), bool, "courriel au titulaire")
    assert "la personne que vous avez mandatée" in recus[0]["texte"]
    attendre(lambda: client.suivi(demande_id)["statut"], lambda lu: lu == "en_controle", "contrôle")
    ctn = Guichet(url).entrer("ctn.543")
    dossier = ctn.dossier(demande_id)
    assert dossier["demande"]["representant"]["nom"] == REPRESENTANT["nom"]
    a_juger = [p["type"] for p in dossier["pieces"] if p["statut"] == "a_verifier"]
    assert a_juger == ["justificatif_representation"], "a mandate is read by a person"
