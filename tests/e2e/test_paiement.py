"""Paying: the shop that accepts, refuses, is left, answers late, twice; forged notifications; stamps bought."""

import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from demo.client import Client, Paiement, attendre, nouvelle_cle
from tests.e2e.acteurs import Usager
from tests.e2e.outils import demande_remplie, en_parallele, prix, verifier_probleme


@pytest.fixture
def demande_id(client: Client) -> str:
    """A demande for which a stamp is due."""
    return client.creer_demande("perte")["id"]


@pytest.fixture(scope="module")
def du(url: str) -> int:
    """What a perte costs, in cents."""
    return prix(url, "perte")


def _attendre_etat(client: Client, demande_id: str, *etats: str) -> Paiement:
    return attendre(
        lambda: client.paiement(demande_id), lambda lu: lu["etat"] in etats, f"paiement {etats}", delai_s=20
    )


def _payer(client: Client, demande_id: str, resultat: str = "accepte", **options: float) -> str:
    achat = client.acheter(demande_id, f"{client.url}/retour")
    client.terminer_achat(achat["reference"], resultat, **options)
    return achat["reference"]


def test_avant_tout_il_reste_a_payer(client: Client, demande_id: str, du: int) -> None:
    paiement = client.paiement(demande_id)
    assert (paiement["etat"], paiement["montant_centimes"]) == ("a_payer", du)


def test_un_achat_accepte_reserve_un_timbre(client: Client, demande_id: str, du: int) -> None:
    achat = client.acheter(demande_id, f"{client.url}/retour")
    assert achat["montant_centimes"] == du
    assert achat["url_paiement"].startswith(("http", "/"))
    assert client.paiement(demande_id)["etat"] == "en_attente"
    client.terminer_achat(achat["reference"])
    paiement = _attendre_etat(client, demande_id, "reserve")
    assert paiement["reference"] == achat["reference"]
    assert re.fullmatch(r"[0-9]{16}", str(paiement["numero_timbre"]))
    assert client.demande(demande_id)["etapes"]["paiement"]["etat"] == "complete"


def test_un_achat_refuse_le_dit_et_se_recommence(client: Client, demande_id: str) -> None:
    premiere = _payer(client, demande_id, "refuse")
    assert _attendre_etat(client, demande_id, "refuse")["etat"] == "refuse"
    seconde = _payer(client, demande_id, "accepte")
    assert seconde != premiere
    assert _attendre_etat(client, demande_id, "reserve")["reference"] == seconde


def test_un_achat_abandonne_se_recommence(client: Client, demande_id: str) -> None:
    _payer(client, demande_id, "abandon")
    _attendre_etat(client, demande_id, "refuse", "a_payer")
    _payer(client, demande_id, "accepte")
    _attendre_etat(client, demande_id, "reserve")


def test_une_reponse_tardive_de_la_boutique_est_prise(client: Client, demande_id: str) -> None:
    _payer(client, demande_id, "accepte", delai_s=2)
    # Nothing is lost meanwhile: the demande can be filled in.
    client.enregistrer(demande_id, "photo-signature", {"mode": "talon"})
    _attendre_etat(client, demande_id, "reserve")
    assert client.demande(demande_id)["etapes"]["photo_signature"]["etat"] == "complete"


def test_une_reponse_repetee_de_la_boutique_ne_change_rien(client: Client, demande_id: str) -> None:
    reference = _payer(client, demande_id, "accepte", repetitions=3)
    paiement = _attendre_etat(client, demande_id, "reserve")
    version = client.demande(demande_id)["version"]
    client.terminer_achat(reference, "accepte", repetitions=2)
    assert client.paiement(demande_id) == paiement
    assert client.demande(demande_id)["version"] == version


def test_un_refus_apres_un_accord_ne_reprend_pas_le_timbre(client: Client, demande_id: str) -> None:
    reference = _payer(client, demande_id, "accepte")
    paiement = _attendre_etat(client, demande_id, "reserve")
    client.brut("POST", f"/dev/paiement/{reference}", {"resultat": "refuse"})
    assert client.paiement(demande_id) == paiement


def test_la_meme_cle_donne_le_meme_achat(client: Client, demande_id: str) -> None:
    cle = nouvelle_cle()
    achat = client.acheter(demande_id, f"{client.url}/retour", cle)
    assert client.acheter(demande_id, f"{client.url}/retour", cle) == achat


def test_payer_deux_fois_n_est_pas_possible(client: Client, demande_id: str, du: int) -> None:
    client.donner_timbre(demande_id, client.timbre(du))
    verifier_probleme(
        client.brut("POST", f"/api/demandes/{demande_id}/paiement", {"url_retour": f"{client.url}/"}), 409
    )


def test_un_timbre_deja_achete_paie(client: Client, demande_id: str, du: int) -> None:
    numero = client.timbre(du)
    client.donner_timbre(demande_id, numero)
    client.donner_timbre(demande_id, numero)
    paiement = client.paiement(demande_id)
    assert (paiement["etat"], paiement["numero_timbre"]) == ("reserve", numero)


def test_un_timbre_inconnu_est_409(client: Client, demande_id: str) -> None:
    refus = client.brut("PUT", f"/api/demandes/{demande_id}/paiement", {"numero_timbre": "0000000000000000"})
    verifier_probleme(refus, 409)
    assert client.paiement(demande_id)["etat"] == "a_payer"


def test_un_timbre_qui_ne_suffit_pas_ne_paie_pas(client: Client, du: int) -> None:
    demande = demande_remplie(client, "perte", sauf=("paiement",))
    chemin = f"/api/demandes/{demande['id']}"
    reponse = client.brut("PUT", f"{chemin}/paiement", {"numero_timbre": client.timbre(du - 500)})
    assert reponse.status_code in {200, 409}
    assert client.demande(demande["id"])["etapes"]["paiement"]["etat"] != "complete"
    refus = verifier_probleme(client.brut("POST", f"{chemin}/confirmation", {"attestation": True}), 409)
    assert [m["etape"] for m in refus["manques"]] == ["paiement"]
    client.donner_timbre(demande["id"], client.timbre(du))
    assert client.confirmer(demande["id"])["numero"]


def test_un_timbre_tenu_ailleurs_est_409_puis_utilisable_une_fois_libere(client: Client, du: int) -> None:
    numero, autre = client.timbre(du), client.timbre(du)
    tient, demande = client.creer_demande("perte")["id"], client.creer_demande("perte")["id"]
    client.donner_timbre(tient, numero)
    chemin = f"/api/demandes/{demande}/paiement"
    verifier_probleme(client.brut("PUT", chemin, {"numero_timbre": numero}), 409)
    client.donner_timbre(tient, autre)
    client.donner_timbre(demande, numero)
    assert client.paiement(demande)["etat"] == "reserve"
    assert client.paiement(tient)["numero_timbre"] == autre


def test_le_timbre_d_une_demande_confirmee_est_consomme(client: Client) -> None:
    demande = demande_remplie(client, "vol")
    numero = client.paiement(demande["id"])["numero_timbre"]
    client.confirmer(demande["id"])
    assert client.paiement(demande["id"])["etat"] == "consomme"
    ailleurs = client.creer_demande("perte")["id"]
    verifier_probleme(client.brut("PUT", f"/api/demandes/{ailleurs}/paiement", {"numero_timbre": numero}), 409)


def test_le_recu_n_existe_qu_une_fois_paye(client: Client, demande_id: str, du: int) -> None:
    verifier_probleme(client.brut("GET", f"/api/demandes/{demande_id}/recu"), 404, 409)
    client.donner_timbre(demande_id, client.timbre(du))
    assert client.document(demande_id, "recu").startswith(b"%PDF-")


@pytest.mark.parametrize("motif", ["expiration", "changement_etat_civil"])
def test_rien_a_payer_est_409(client: Client, motif: str) -> None:
    demande_id = client.creer_demande(motif)["id"]
    chemin = f"/api/demandes/{demande_id}/paiement"
    verifier_probleme(client.brut("POST", chemin, {"url_retour": f"{client.url}/"}), 409)
    verifier_probleme(client.brut("PUT", chemin, {"numero_timbre": client.timbre(2500)}), 409)
    assert client.paiement(demande_id)["etat"] == "non_requis"
    assert client.demande(demande_id)["etapes"]["paiement"]["etat"] == "non_requise"


def test_un_achat_regle_apres_le_retrait_ne_perd_pas_le_timbre(usager: Usager) -> None:
    client = usager.client
    demande_id = client.creer_demande("perte")["id"]
    reference = client.acheter(demande_id, f"{client.url}/retour")["reference"]
    client.retirer(demande_id)
    client.terminer_achat(reference)
    suivi = attendre(
        lambda: client.suivi(demande_id), lambda lu: "TimbreConserve" in str(lu["evenements"]), "timbre mis de côté"
    )
    assert suivi["statut"] == "retiree"
    attendre(
        lambda: client.envois(usager.citoyen.email), lambda lus: "timbre" in lus[-1]["objet"], "courriel sur le timbre"
    )
    # The number is on the shop's own confirmation.
    numero = client.appeler("GET", f"/dev/timbres/achats/{reference}")["numero_timbre"]
    ailleurs = client.creer_demande("perte")["id"]
    client.donner_timbre(ailleurs, numero)
    assert client.paiement(ailleurs)["etat"] == "reserve"


def test_un_achat_regle_apres_un_timbre_donne_ne_perd_aucun_des_deux(client: Client, demande_id: str, du: int) -> None:
    reference = client.acheter(demande_id, f"{client.url}/retour")["reference"]
    donne = client.timbre(du)
    reponse = client.brut("PUT", f"/api/demandes/{demande_id}/paiement", {"numero_timbre": donne})
    client.terminer_achat(reference)
    paiement = _attendre_etat(client, demande_id, "reserve")
    ailleurs = client.creer_demande("perte")["id"]
    libre = client.brut("PUT", f"/api/demandes/{ailleurs}/paiement", {"numero_timbre": donne})
    # Refused while the purchase is open, the stamp is still its owner's; taken, it is the one held.
    assert libre.status_code == (409 if paiement["numero_timbre"] == donne else 200)
    assert reponse.status_code in {200, 409}


def test_cinq_timbres_donnes_en_meme_temps_un_seul_reste_tenu(client: Client, demande_id: str, du: int) -> None:
    timbres = [client.timbre(du) for _ in range(5)]
    chemin = f"/api/demandes/{demande_id}/paiement"
    reponses = en_parallele(lambda numero: client.brut("PUT", chemin, {"numero_timbre": numero}), timbres, fils=5)
    assert all(r.status_code in {200, 409, 412} for r in reponses), [r.text for r in reponses]
    tenu = client.paiement(demande_id)["numero_timbre"]
    assert tenu in timbres
    ailleurs = client.creer_demande("perte")["id"]
    for numero in timbres:
        reponse = client.brut("PUT", f"/api/demandes/{ailleurs}/paiement", {"numero_timbre": numero})
        assert reponse.status_code == (409 if numero == tenu else 200), numero


def test_on_ne_confirme_pas_pendant_que_le_paiement_est_en_attente(client: Client) -> None:
    demande = demande_remplie(client, "perte", sauf=("paiement",))
    client.acheter(demande["id"], f"{client.url}/retour")
    chemin = f"/api/demandes/{demande['id']}/confirmation"
    refus = verifier_probleme(client.brut("POST", chemin, {"attestation": True}), 409)
    assert [m["etape"] for m in refus["manques"]] == ["paiement"]


# The partner's notification, by somebody who is not the partner


def _signer(octets: bytes, cle: bytes, instant: int) -> str:
    return f"t={instant},v1={hmac.new(cle, f'{instant}.'.encode() + octets, hashlib.sha256).hexdigest()}"


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "n'importe quoi",
        "t=,v1=",
        "t=abc,v1=def",
        "v1=00",
        "t=99999999999999999999,v1=00",
        "t=1,v1=" + "0" * 64,
        "instant juste, clé fausse",
        "instant ancien, clé fausse",
    ],
)
def test_une_notification_mal_signee_est_refusee(
    client: Client, anonyme: Client, demande_id: str, signature: str | None
) -> None:
    reference = client.acheter(demande_id, f"{client.url}/retour")["reference"]
    octets = json.dumps({"reference": reference, "resultat": "accepte"}).encode()
    maintenant = int(time.time())
    if signature == "instant juste, clé fausse":
        signature = _signer(octets, b"une cle devinee", maintenant)
    elif signature == "instant ancien, clé fausse":
        signature = _signer(octets, b"une cle devinee", maintenant - 3600)
    entetes = {"X-Permis-Signature": signature} if signature is not None else {}
    reponse = anonyme.brut("POST", "/api/partenaires/paiement", contenu=octets, entetes=entetes)
    verifier_probleme(reponse, 401, 403)
    assert client.paiement(demande_id)["etat"] == "en_attente"


@pytest.fixture(scope="module")
def cle_partenaire(secret: Callable[[str], str]) -> bytes:
    """The key that signs the shop's notifications."""
    return secret("CLE_PARTENAIRE").encode()


def _notifier(anonyme: Client, cle: bytes, corps: Any, decalage_s: int = 0) -> Any:
    octets = json.dumps(corps).encode()
    entetes = {"X-Permis-Signature": _signer(octets, cle, int(time.time()) + decalage_s)}
    return anonyme.brut("POST", "/api/partenaires/paiement", contenu=octets, entetes=entetes)


def test_une_notification_signee_mais_ancienne_est_refusee(
    client: Client, anonyme: Client, cle_partenaire: bytes, demande_id: str
) -> None:
    reference = client.acheter(demande_id, f"{client.url}/retour")["reference"]
    for decalage in (-301, -3600, 3600):
        corps = {"reference": reference, "resultat": "accepte"}
        verifier_probleme(_notifier(anonyme, cle_partenaire, corps, decalage), 401, 403)
    assert client.paiement(demande_id)["etat"] == "en_attente"


def test_une_notification_signee_ne_suffit_pas_sans_la_boutique(
    client: Client, anonyme: Client, cle_partenaire: bytes, demande_id: str
) -> None:
    """A well-signed notification for a purchase that the shop still holds open does not invent a stamp."""
    reference = client.acheter(demande_id, f"{client.url}/retour")["reference"]
    assert _notifier(anonyme, cle_partenaire, {"reference": reference, "resultat": "accepte"}).status_code < 500
    assert client.paiement(demande_id)["etat"] in {"en_attente", "a_payer"}


def test_une_reference_inconnue_est_refusee_sans_panne(anonyme: Client, cle_partenaire: bytes) -> None:
    corps = {"reference": "INCONNUE-0000", "resultat": "accepte"}
    verifier_probleme(_notifier(anonyme, cle_partenaire, corps), 404, 409, 422)
    malades: tuple[object, ...] = ({}, [], None, {"reference": 1}, {"reference": "x", "resultat": "gagne"})
    for malade in malades:
        verifier_probleme(_notifier(anonyme, cle_partenaire, malade), 422)
