"""Whole lives over HTTP on the running service: from the confirmation to the card in its owner's hands, or another end.

Each life is judged by its exact history, what was sent (each notice once), and what became of its stamp.
"""

import pytest

from demo.client import Client, attendre
from demo.guichet import Guichet
from tests.e2e.acteurs import Usager
from tests.e2e.outils import ADRESSE, photo, verifier_probleme
from tests.e2e.vies import DEPOT, PRODUCTION, Vie


def test_une_perte_dont_le_domicile_est_redemande_jusqu_a_sa_remise(url: str) -> None:
    vie = Vie(url).confirmer().jusqu_a("en_instruction")
    vie.agent.agir(vie.id, "prise-en-charge")
    domicile = vie.piece("domicile")
    demandee = {
        "elements": [{"cible": domicile, "motif": "illisible"}],
        "message": "La facture est floue : joignez-en une autre, bien lisible.",
    }

    assert vie.agent.agir(vie.id, "suspension", demandee)["statut"] == "suspendue"
    suivi = vie.client.suivi(vie.id)
    assert suivi["detenteur"] == "usager"
    assert suivi["echeance"]
    verifier_probleme(vie.client.brut("POST", f"/api/demandes/{vie.id}/complement"), 409)
    autre = {"type": "identite", "nom_fichier": "a.jpg", "taille": 1000, "mime": "image/jpeg"}
    verifier_probleme(vie.client.brut("POST", f"/api/demandes/{vie.id}/pieces", autre), 422, champ="type")
    assert vie.client.joindre(vie.id, "domicile", photo(600, 420))["statut"] == "valide"
    reponse = vie.client.brut("POST", f"/api/demandes/{vie.id}/complement")
    assert (reponse.status_code, reponse.json()["statut"]) == (202, "en_instruction")

    dossier = vie.agent.dossier(vie.id)
    statuts = sorted(p["statut"] for p in dossier["pieces"] if p["type"] == "domicile")
    assert len(statuts) == 2, "the old version stays beside the new one"
    assert "valide" in statuts
    vie.valider()
    # A notice that is no longer true when its turn comes is not sent: each is waited for.
    vie.titre("accepte", "produit")
    vie.recoit("Votre permis de conduire est en fabrication")
    vie.titre("expedie")
    vie.recoit("Votre permis de conduire est en chemin")
    assert vie.client.suivi(vie.id)["detenteur"] == "poste"
    vie.titre("distribue")
    vie.jusqu_a("distribuee")

    vie.raconte(*DEPOT, "DemandeSuspendue", "ComplementDepose", "DemandeValidee", *PRODUCTION)
    vie.recus(
        "Votre demande de permis de conduire est déposée",
        "Votre dossier est complet",
        "Un complément est nécessaire pour votre demande",
        "Votre complément est bien arrivé",
        "Votre demande de permis de conduire est acceptée",
        "Votre permis de conduire est en fabrication",
        "Votre permis de conduire est en chemin",
        "Votre permis de conduire vous a été remis",
    )
    sms = vie.sms()
    assert len(sms) == len(set(sms))
    assert all(vie.citoyen.fiche()["nom"] not in texte and "CORNEILLE" not in texte.upper() for texte in sms)
    assert not vie.timbre_resert(), "the stamp is spent"
    assert len(vie.agent.commandes(vie.numero)) == 1


def test_un_refus_rend_le_timbre(url: str) -> None:
    vie = Vie(url).confirmer().jusqu_a("en_instruction")
    refus = {"motif": "domicile_non_etabli", "message": "La facture jointe est à un autre nom et à une autre adresse."}

    verifier_probleme(vie.agent.brut("POST", f"/api/instruction/demandes/{vie.id}/refus", {**refus, "motif": "x"}), 422)
    assert vie.agent.agir(vie.id, "refus", refus)["statut"] == "refusee"

    encore = vie.agent.brut("POST", f"/api/instruction/demandes/{vie.id}/refus", refus)
    assert verifier_probleme(encore, 409)["statut"] == "refusee"
    vie.raconte(*DEPOT, "DemandeRefusee")
    vie.recus(
        "Votre demande de permis de conduire est déposée",
        "Votre dossier est complet",
        "Une décision a été prise sur votre demande",
    )
    assert vie.timbre_resert()


@pytest.mark.parametrize(
    "statut", ["deposee", "en_controle", "attente_photo", "en_instruction", "suspendue", "validee"]
)
def test_un_retrait_la_ou_il_est_permis_rend_le_timbre(url: str, statut: str) -> None:
    talon = {"mode": "talon"} if statut == "attente_photo" else None
    vie = Vie(url, "vol" if statut == "en_controle" else "perte", talon)
    vie.confirmer()
    if statut != "deposee":
        vie.jusqu_a("en_instruction" if statut in ("suspendue", "validee") else statut)
    if statut == "suspendue":
        elements = [{"cible": vie.piece("domicile"), "motif": "expiree"}]
        vie.agent.agir(vie.id, "suspension", {"elements": elements, "message": "Joignez une facture récente."})
    if statut == "validee":
        vie.agent.agir(vie.id, "validation", {})

    reponse = vie.client.brut("DELETE", f"/api/demandes/{vie.id}")

    if statut == "validee" and reponse.status_code == 409:
        # The order has left: it can't be called back any more, and says so.
        assert "fabrication" in verifier_probleme(reponse, 409)["detail"]
        return
    assert (reponse.status_code, reponse.json()["statut"]) == (200, "retiree")
    assert vie.histoire()[-1] == "DemandeRetiree"
    attendre(vie.objets, lambda lus: lus["Votre demande de permis de conduire est retirée"] == 1, "l'avis du retrait")
    if vie.timbre:
        assert vie.timbre_resert()


@pytest.mark.parametrize("statut", ["en_production", "expediee", "non_distribuee", "distribuee"])
def test_un_titre_en_fabrication_ou_parti_ne_se_retire_plus(vie_validee: Vie, statut: str) -> None:
    suite = {"expediee": ["expedie"], "non_distribuee": ["expedie", "retourne"], "distribuee": ["expedie", "distribue"]}
    vie_validee.titre("accepte", *suite.get(statut, []))
    vie_validee.jusqu_a(statut)

    refus = verifier_probleme(vie_validee.client.brut("DELETE", f"/api/demandes/{vie_validee.id}"), 409)

    assert refus["statut"] == statut


@pytest.fixture
def vie_validee(url: str) -> Vie:
    vie = Vie(url).confirmer().jusqu_a("en_instruction")
    vie.valider()
    return vie


def test_un_titre_revenu_est_renvoye_et_remis(vie_validee: Vie) -> None:
    vie = vie_validee
    vie.titre("accepte", "produit", "expedie", "retourne")
    vie.jusqu_a("non_distribuee")
    assert vie.client.suivi(vie.id)["detenteur"] == "usager"

    renvoi = f"/api/instruction/demandes/{vie.id}/reexpedition"
    assert "adresse" in verifier_probleme(vie.agent.brut("POST", renvoi), 409)["detail"]

    adresse = {**ADRESSE, "email": vie.email, "telephone": vie.telephone}
    vie.client.appeler("PUT", f"/api/demandes/{vie.id}/adresse/confirmation", adresse)
    assert vie.client.suivi(vie.id)["detenteur"] == "agent"
    assert vie.agent.agir(vie.id, "reexpedition")["statut"] == "expediee"

    attendre(lambda: len(vie.agent.commandes(vie.numero)), lambda nombre: nombre == 2, "la seconde commande")
    vie.titre("expedie", "distribue")
    vie.jusqu_a("distribuee")
    histoire = vie.histoire()
    retour = ["TitreRetourne", "AdresseConfirmee", "TitreReexpedie"]
    attendue = [*DEPOT, "DemandeValidee", "CommandeAcceptee", "TitreProduit", "TitreExpedie", *retour]
    assert histoire[: len(attendue)] == attendue
    assert histoire[-1] == "TitreDistribue"
    assert vie.agent.verification(vie.id)["intacte"]


def test_un_titre_dont_les_evenements_arrivent_doubles_et_en_desordre_est_remis_une_fois(vie_validee: Vie) -> None:
    vie = vie_validee
    for evenement in ("expedie", "accepte", "distribue", "produit", "expedie"):
        vie.agent.jouer_titre(vie.numero, evenement, repetitions=3)
    vie.jusqu_a("distribuee")

    histoire = vie.histoire()
    assert histoire.count("TitreDistribue") == histoire.count("TitreExpedie") == 1
    assert histoire[-1] == "TitreDistribue"


def test_un_dossier_ordinaire_arrive_en_instruction_sans_aucun_acte_humain(url: str) -> None:
    vie = Vie(url).confirmer().jusqu_a("en_instruction")
    vie.raconte(*DEPOT)
    auteurs = {e["code_evenement"]: e["auteur"] for e in vie.agent.historique(vie.id)}
    assert auteurs == {"DemandeDeposee": "usager", "ControleCommence": "systeme", "ControleTermine": "systeme"}
    assert [(p["statut"], p["doute"]) for p in vie.agent.dossier(vie.id)["pieces"]] == [("valide", None)] * 2


def test_une_piece_que_rien_ne_juge_passe_par_un_operateur(url: str) -> None:
    vie = Vie(url, "changement_etat_civil").confirmer().jusqu_a("en_controle")
    refus = vie.agent.brut("POST", f"/api/instruction/demandes/{vie.id}/validation", {})
    assert verifier_probleme(refus, 409)["statut"] == "en_controle"

    assert vie.ctn.controler_les_pieces(vie.id)["statut"] == "en_instruction"

    vie.raconte("DemandeDeposee", "ControleCommence", "ControleTermine")


def test_un_code_en_activation_attend_sa_photo(url: str) -> None:
    code = Client(url).code_photo("en_activation")
    vie = Vie(url, photo_signature={"mode": "numerique", "code": code}).confirmer().jusqu_a("attente_photo")

    vie.agent.activer_photo(code)

    vie.jusqu_a("en_instruction")
    vie.raconte("DemandeDeposee", "ControleCommence", "PhotoAttendue", "PhotoRecue")


def test_un_code_refuse_se_remplace_sans_perdre_la_demande(url: str) -> None:
    refuse, nouveau = (Client(url).code_photo("en_activation") for _ in range(2))
    vie = Vie(url, photo_signature={"mode": "numerique", "code": refuse}).confirmer().jusqu_a("attente_photo")
    suivi = f"/api/demandes/{vie.id}/suivi"

    vie.agent.appeler("POST", f"/dev/photos/{refuse}", {"etat": "expire"})
    lu = attendre(lambda: vie.client.appeler("GET", suivi), lambda lu: "utilisé" in lu["raison"], "code refusé")
    assert "Donnez un nouveau code" in lu["prochaine_etape"]
    assert vie.client.demande(vie.id)["modifiable"] == ["photo_signature"]
    vie.client.enregistrer(vie.id, "photo-signature", {"mode": "numerique", "code": nouveau})
    vie.agent.activer_photo(nouveau)

    vie.jusqu_a("en_instruction")
    attente = ["PhotoAttendue", "PhotoRefusee", "PhotoChangee", "PhotoRecue"]
    vie.raconte("DemandeDeposee", "ControleCommence", *attente)


def test_un_talon_qui_arrive_met_en_instruction(url: str) -> None:
    vie = Vie(url, photo_signature={"mode": "talon"}).confirmer().jusqu_a("attente_photo")

    vie.agent.jouer_talon(vie.numero)

    vie.jusqu_a("en_instruction")
    vie.raconte("DemandeDeposee", "ControleCommence", "PhotoAttendue", "PhotoRecue")


def test_une_autre_prefecture_ne_voit_rien(url: str, usager: Usager) -> None:
    vie = Vie(url).confirmer().jusqu_a("en_instruction")
    ailleurs = Guichet(url).entrer("agent.751")

    for methode, chemin in (("GET", ""), ("GET", "/historique"), ("POST", "/validation"), ("POST", "/prise-en-charge")):
        corps = {} if methode == "POST" and chemin == "/validation" else None
        reponse = ailleurs.brut(methode, f"/api/instruction/demandes/{vie.id}{chemin}", corps)
        verifier_probleme(reponse, 404)
    assert ailleurs.chercher(nom="CORNEILLE") == [] or all(
        trouvee["id"] != vie.id for trouvee in ailleurs.chercher(nom="CORNEILLE")
    )
    verifier_probleme(usager.client.brut("GET", f"/api/demandes/{vie.id}/suivi"), 404)
