"""Two writers, fifty confirmations, fifty demandes for one stamp: one wins, the others are told."""

from collections import Counter
from typing import Any

import pytest

from demo.client import Client, attendre, nouvelle_cle
from demo.parcours import inventer_citoyen
from tests.e2e.outils import ADRESSE, ETAPES, demande_remplie, en_parallele, prix, verifier_probleme

COURSE = 50


def _si(version: int) -> dict[str, str]:
    return {"If-Match": f'"{version}"'}


@pytest.mark.parametrize("etape", list(ETAPES))
@pytest.mark.parametrize("suffixe", ["", "/brouillon"])
def test_une_version_perimee_est_412_avec_la_version_courante(client: Client, etape: str, suffixe: str) -> None:
    demande = client.creer_demande("perte")
    client.enregistrer(demande["id"], "adresse", ADRESSE)
    avant = client.demande(demande["id"])
    chemin = f"/api/demandes/{demande['id']}/{etape}{suffixe}"
    refus = client.brut("PUT", chemin, ETAPES[etape], entetes=_si(demande["version"]))
    assert verifier_probleme(refus, 412)["version"] == avant["version"]
    assert client.demande(demande["id"]) == avant
    accepte = client.brut("PUT", chemin, ETAPES[etape], entetes=_si(avant["version"]))
    assert accepte.status_code == 200
    assert accepte.json()["version"] > avant["version"]


def test_la_version_est_aussi_l_etag(client: Client) -> None:
    demande = client.creer_demande("perte")
    reponse = client.brut("GET", f"/api/demandes/{demande['id']}")
    assert reponse.headers["etag"].strip('W/"') == str(demande["version"])


def test_de_deux_ecritures_sur_une_version_une_seule_passe(client: Client) -> None:
    demande = client.creer_demande("perte")
    for tour in range(10):
        version = client.demande(demande["id"])["version"]

        def ecrire(nom: str, version: int = version) -> Any:
            corps = {**ADRESSE, "nom_voie": nom}
            return client.brut("PUT", f"/api/demandes/{demande['id']}/adresse", corps, entetes=_si(version))

        reponses = en_parallele(ecrire, [f"Voie A {tour}", f"Voie B {tour}"], fils=2)
        assert sorted(r.status_code for r in reponses) == [200, 412]
        gagnant = next(r for r in reponses if r.status_code == 200).json()
        lue = client.demande(demande["id"])
        assert lue["version"] == gagnant["version"]
        assert lue["etapes"]["adresse"] == gagnant["etapes"]["adresse"]


def test_sans_if_match_aucune_ecriture_parallele_ne_se_perd(client: Client) -> None:
    demande = client.creer_demande("perte")
    corps = [("etat-civil", ETAPES["etat-civil"]), ("adresse", ADRESSE), ("photo-signature", {"mode": "talon"})]
    reponses = en_parallele(
        lambda e: client.brut("PUT", f"/api/demandes/{demande['id']}/{e[0]}", e[1]), corps * 8, fils=12
    )
    assert {r.status_code for r in reponses} == {200}
    assert len({r.json()["version"] for r in reponses}) == len(reponses)
    etapes = client.demande(demande["id"])["etapes"]
    assert {etapes[e]["etat"] for e in ("etat_civil", "adresse", "photo_signature")} == {"complete"}


@pytest.mark.parametrize("meme_cle", [True, False], ids=["une clé", "sans clé"])
def test_cinquante_confirmations_donnent_un_numero_et_consomment_un_timbre(client: Client, meme_cle: bool) -> None:
    demande = demande_remplie(client, "perte")
    courriel = f"course.{nouvelle_cle()[:8]}@exemple.fr"
    client.enregistrer(demande["id"], "adresse", {**ADRESSE, "email": courriel})
    chemin = f"/api/demandes/{demande['id']}/confirmation"
    entetes = {"Idempotency-Key": nouvelle_cle()} if meme_cle else {}
    reponses = en_parallele(
        lambda _: client.brut("POST", chemin, {"attestation": True}, entetes=entetes), range(COURSE)
    )
    statuts = Counter(r.status_code for r in reponses)
    assert statuts.keys() <= ({202} if meme_cle else {202, 409}), statuts
    assert statuts[202] >= 1
    numeros = {r.json()["numero"] for r in reponses if r.status_code == 202}
    assert len(numeros) == 1
    lue = client.demande(demande["id"])
    assert {lue["numero"]} == numeros
    assert client.paiement(demande["id"])["etat"] == "consomme"
    attendre(lambda: client.suivi(demande["id"]), lambda lu: lu["statut"] == "attente_photo", "attente du talon")
    # The deposit, then the talon awaited: each once.
    recus = attendre(lambda: client.envois(courriel), lambda lus: len(lus) >= 2, "courriels du dépôt et du talon")
    assert Counter(envoi["objet"] for envoi in recus) == {
        "Votre demande de permis de conduire est déposée": 1,
        "Votre photo et votre signature sont attendues": 1,
    }


def test_cinquante_demandes_pour_un_timbre_une_seule_le_reserve(client: Client) -> None:
    du = prix(client.url, "perte")
    numero = client.timbre(du)
    demandes = en_parallele(lambda _: client.creer_demande("perte")["id"], range(COURSE))
    reponses = en_parallele(
        lambda d: client.brut("PUT", f"/api/demandes/{d}/paiement", {"numero_timbre": numero}), demandes
    )
    assert Counter(r.status_code for r in reponses) == {200: 1, 409: COURSE - 1}
    for reponse in reponses:
        if reponse.status_code == 409:
            verifier_probleme(reponse, 409)
    etats = en_parallele(lambda d: client.paiement(d)["etat"], demandes)
    assert Counter(etats) == {"reserve": 1, "a_payer": COURSE - 1}


def test_retirer_et_confirmer_en_meme_temps_ne_perd_pas_le_timbre(client: Client) -> None:
    """Whichever wins, the stamp is either free or spent with a demande that stands."""
    premiere = demande_remplie(client, "perte", sauf=("paiement",))
    numero = client.timbre(prix(client.url, "perte"))
    client.donner_timbre(premiere["id"], numero)
    reponses = en_parallele(
        lambda methode: (
            client.brut("DELETE", f"/api/demandes/{premiere['id']}")
            if methode == "DELETE"
            else client.brut("POST", f"/api/demandes/{premiere['id']}/confirmation", {"attestation": True})
        ),
        ["DELETE", "POST"],
        fils=2,
    )
    assert all(r.status_code < 500 for r in reponses)
    lue = client.demande(premiere["id"])
    # Withdrawn before or after its confirmation, the stamp is free; if the confirmation won and the withdrawal was
    # refused, it is spent. Nothing in between.
    attendu = 200 if lue["statut"] == "retiree" else 409
    seconde = client.creer_demande("perte")["id"]
    reponse = client.brut("PUT", f"/api/demandes/{seconde}/paiement", {"numero_timbre": numero})
    assert reponse.status_code == attendu


def test_un_achat_demande_en_parallele_n_a_qu_une_reference(client: Client) -> None:
    demande_id = client.creer_demande("perte")["id"]
    entetes = {"Idempotency-Key": nouvelle_cle()}
    corps = {"url_retour": f"{client.url}/"}
    reponses = en_parallele(
        lambda _: client.brut("POST", f"/api/demandes/{demande_id}/paiement", corps, entetes=entetes), range(10)
    )
    assert {r.status_code for r in reponses} == {201}
    assert len({r.text for r in reponses}) == 1


def test_un_identifiant_dispute_n_ouvre_qu_un_compte(anonyme: Client) -> None:
    modele = inventer_citoyen()

    def creer(rang: int) -> int:
        fiche = {**modele.fiche(), "email": f"dispute.{modele.marque}.{rang}@exemple.fr"}
        corps = {**fiche, "anti_robot": anonyme.anti_robot()}
        return anonyme.brut("POST", "/api/comptes", corps).status_code

    assert Counter(en_parallele(creer, range(5), fils=5)) == {201: 1, 409: 4}
