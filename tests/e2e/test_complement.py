"""Complements over HTTP on the running service: a corrected identity, a lifted request, another photo."""

from typing import Any

from demo.client import attendre
from tests.e2e.outils import verifier_probleme
from tests.e2e.vies import DEPOT, Vie

PRENOMS = {"cible": "etat_civil.prenoms", "motif": "differente_piece"}
VOIE = {"cible": "adresse.nom_voie", "motif": "inexacte"}
PHOTO = {"cible": "photo_signature", "motif": "photo_non_conforme"}


def suspendue(url: str, *elements: dict[str, str]) -> Vie:
    """A demande that its agent has suspended."""
    vie = Vie(url).confirmer().jusqu_a("en_instruction")
    vie.agent.agir(vie.id, "prise-en-charge")
    demandee = {"elements": list(elements), "message": "Votre pièce d'identité dit autre chose."}
    assert vie.agent.agir(vie.id, "suspension", demandee)["statut"] == "suspendue"
    return vie


def envoyer(vie: Vie) -> Any:
    reponse = vie.client.brut("POST", f"/api/demandes/{vie.id}/complement")
    assert reponse.status_code == 202, reponse.text
    return reponse.json()


def test_une_identite_corrigee_en_complement_se_cherche_sous_son_nouveau_nom(url: str) -> None:
    vie = suspendue(url, PRENOMS, VOIE)
    etat_civil = vie.client.demande(vie.id)["etapes"]["etat_civil"]["donnees"]
    etape = f"/api/demandes/{vie.id}/etat-civil"
    verifier_probleme(vie.client.brut("PUT", etape, {**etat_civil, "sexe": "F"}), 422, champ="sexe")
    vie.client.enregistrer(vie.id, "etat-civil", {**etat_civil, "prenoms": ["Zéphyrin", "Paul"]})
    seulement = {"elements": [PRENOMS], "message": "L'adresse est finalement bonne."}
    corrigee = vie.agent.brut("PUT", f"/api/instruction/demandes/{vie.id}/suspension", seulement)
    assert corrigee.status_code == 200, corrigee.text
    demande = vie.client.demande(vie.id)
    assert demande["modifiable"] == ["etat_civil.prenoms"]
    assert [un["repondu"] for un in demande["suspension"]["elements"]] == [True]

    assert envoyer(vie)["statut"] == "en_instruction"
    assert envoyer(vie)["statut"] == "en_instruction", "twice is once"

    dossier = vie.agent.dossier(vie.id)
    issues = {(une["issue"], une["message"]) for une in dossier["suspensions"]}
    assert issues == {
        ("corrigee", "Votre pièce d'identité dit autre chose."),
        ("complement", "L'adresse est finalement bonne."),
    }
    nom = etat_civil["nom_naissance"]
    trouver = {"nom": nom, "prenom": "zephyrin", "date_naissance": etat_civil["date_naissance"]}
    attendre(
        lambda: [ligne["id"] for ligne in vie.agent.chercher(**trouver)],
        lambda trouvees: vie.id in trouvees,
        "la demande sous son nouveau prénom",
    )
    vie.raconte(*DEPOT, "DemandeSuspendue", "SuspensionCorrigee", "ComplementDepose")


def test_une_suspension_levee_rend_la_demande_sans_perdre_son_message(url: str) -> None:
    vie = suspendue(url, {"cible": "domicile", "motif": "piece_manquante"})
    assert vie.agent.agir(vie.id, "levee")["statut"] == "en_instruction"
    refus = vie.client.brut("POST", f"/api/demandes/{vie.id}/complement")
    assert verifier_probleme(refus, 409)["statut"] == "en_instruction"
    (levee,) = vie.agent.dossier(vie.id)["suspensions"]
    assert (levee["issue"], levee["message"]) == ("levee", "Votre pièce d'identité dit autre chose.")
    vie.raconte(*DEPOT, "DemandeSuspendue", "SuspensionLevee")


def test_une_autre_photo_par_talon_est_attendue_puis_rend_la_demande_a_l_agent(url: str) -> None:
    vie = suspendue(url, PHOTO)
    vie.client.enregistrer(vie.id, "photo-signature", {"mode": "talon"})
    assert vie.client.document(vie.id, "talon").startswith(b"%PDF")
    assert envoyer(vie)["statut"] == "attente_photo"
    vie.agent.jouer_talon(vie.numero)
    vie.jusqu_a("en_instruction")
    vie.raconte(*DEPOT, "DemandeSuspendue", "ComplementDepose", "PhotoAttendue", "PhotoRecue")
    assert vie.agent.dossier(vie.id)["demande"]["agent"]["de_moi"] is True
