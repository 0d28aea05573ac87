"""Another photo while one is awaited, through the routes: what opens, what is told, what it calls and may do."""

import importlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Demande, Statut
from chalicelib.demande.verification import chaine_intacte
from chalicelib.partenaires.photo import NotificationPhoto, recevoir_la_photo
from tests.agents import PAUL, PIERRE
from tests.appel import Resultat, appeler
from tests.compteur import compter_appels
from tests.contract.tables import aws_simule
from tests.dossiers import DEMANDE_ID, JOUR_S, prete
from tests.droits import relever_droits
from tests.ports import Exterieur, exterieur_simule

NUMERO = "12441542134215461243643"
ECRIRE = "TransactWriteItems"


@pytest.fixture(autouse=True)
def exterieur() -> Iterator[Exterieur]:
    with aws_simule(), exterieur_simule() as simules:
        yield simules


def attendre_un_code(exterieur: Exterieur, jours: float = 30) -> str:
    """A demande that waits for its e-photo, in activation, for ``jours`` still; gives the code."""
    maintenant = datetime.now(UTC)
    code = exterieur.photos.creer("en_activation")
    exterieur.photos.reserver(code, DEMANDE_ID)
    attente: dict[str, Any] = {
        "statut": Statut.ATTENTE_PHOTO,
        "numero": NUMERO,
        "autorite": "543",
        "deposee_le": ecrire(maintenant),
        "modifie_le": ecrire(maintenant),
        "echeance": ecrire(maintenant + timedelta(seconds=jours * JOUR_S)),
        "chez_usager_depuis": ecrire(maintenant),
        "photo_signature": {"mode": "numerique", "code": code, "etat": "en_activation"},
        "photo_attendue": code,
    }
    wiring.demandes().creer(prete(**attente))
    return code


def donner(code: str | None, qui: Any = PIERRE, **entetes: str) -> Resultat:
    choix = {"mode": "talon"} if code is None else {"mode": "numerique", "code": code}
    return appeler("PUT", "/demandes/{id}/photo-signature", {"id": DEMANDE_ID}, choix, qui, entetes or None)


def lire(route: str) -> Any:
    resultat = appeler("GET", route, {"id": DEMANDE_ID}, None, PIERRE)
    assert resultat.statut == 200, resultat
    return resultat.corps


def demande() -> Demande:
    return wiring.demandes().lire(DEMANDE_ID)


def evenements() -> list[str]:
    entrees = wiring.demandes().journal(DEMANDE_ID)
    assert chaine_intacte(entrees, demande())
    return [entree.evenement for entree in entrees]


def dire(resultat: str, **corps: str) -> str:
    notice = NotificationPhoto.model_validate({"resultat": resultat, **corps})
    return recevoir_la_photo(
        wiring.demandes(), wiring.comptes(), wiring.fichiers, notice, datetime.now(UTC), "correlation", JOUR_S
    ).effet


def test_un_code_refuse_se_remplace_par_un_code_valide(exterieur: Exterieur) -> None:
    ancien = attendre_un_code(exterieur)
    assert dire("refuse", code=ancien) == "applique"
    vue = lire("/demandes/{id}")
    assert (vue["modifiable"], vue["etapes"]["photo_signature"]["etat"]) == (["photo_signature"], "a_revoir")
    assert "ne peut pas être utilisé" in lire("/demandes/{id}/suivi")["raison"]

    nouveau = exterieur.photos.creer()
    reponses = [donner(nouveau) for _ in range(2)]

    assert [(une.statut, une.corps["statut"], une.corps["modifiable"]) for une in reponses] == [
        (200, "en_instruction", [])
    ] * 2
    assert evenements() == ["PhotoRefusee", "PhotoRecue"]
    apres = demande()
    assert (apres.photos_quittees, apres.corbeille, apres.echeance) == ([ancien], "543#agent", None)


def test_un_code_qui_ne_s_active_pas_laisse_la_place_au_talon_qui_s_imprime(exterieur: Exterieur) -> None:
    ancien = attendre_un_code(exterieur)
    echeance = demande().echeance
    assert appeler("GET", "/demandes/{id}/talon", {"id": DEMANDE_ID}, None, PIERRE).statut == 409

    assert donner(None).corps["statut"] == "attente_photo"

    assert lire("/demandes/{id}/talon")["url"]
    assert (demande().echeance, demande().photo_attendue) == (echeance, None)
    assert dire("valide", code=ancien) == "inattendue"
    assert dire("valide", code_talon=NUMERO) == "applique"
    assert evenements() == ["PhotoChangee", "PhotoRecue"]


def test_le_nouveau_code_en_activation_est_celui_que_l_on_retrouve(exterieur: Exterieur) -> None:
    attendre_un_code(exterieur)
    nouveau = exterieur.photos.creer("en_activation")
    assert donner(nouveau).statut == 200
    assert wiring.demandes().lire_par_photo(nouveau).id == DEMANDE_ID
    assert [dire("valide", code=nouveau) for _ in range(2)] == ["applique", "inattendue"]
    assert demande().statut is Statut.EN_INSTRUCTION


def test_ce_qui_ne_peut_servir_est_refuse_sans_rien_changer(exterieur: Exterieur) -> None:
    attendre_un_code(exterieur)
    avant = demande()
    refus = [donner(exterieur.photos.creer(etat)) for etat in ("inconnu", "deja_utilise", "expire")]
    assert [(un.statut, un.corps["erreurs"][0]["champ"]) for un in refus] == [(422, "code")] * 3
    assert donner(exterieur.photos.creer(), PAUL).statut == 404
    assert donner(None, **{"If-Match": '"99"'}).statut == 412
    exterieur.photos.en_panne = True
    assert donner(exterieur.photos.creer()).statut == 503
    assert demande() == avant


def test_passe_l_echeance_il_est_trop_tard(exterieur: Exterieur) -> None:
    attendre_un_code(exterieur, jours=-1)
    assert donner(None).statut == 409


def test_chaque_action_ne_fait_que_les_appels_comptes(exterieur: Exterieur) -> None:
    attendre_un_code(exterieur)
    code = exterieur.photos.creer("en_activation")
    with compter_appels() as appels:
        donner(code)
    assert [un.operation for un in appels] == ["GetItem", "UpdateItem", "GetItem", ECRIRE]
    with compter_appels() as appels:
        donner(None)
    assert [un.operation for un in appels] == ["UpdateItem", "GetItem", ECRIRE]


def test_un_talon_en_route_ne_se_change_plus(exterieur: Exterieur) -> None:
    attendre_un_code(exterieur)
    donner(None)

    refus = donner(exterieur.photos.creer())

    assert (refus.statut, refus.corps["statut"]) == (409, "attente_photo")


def test_les_droits_ecrits_sont_ceux_qui_servent(exterieur: Exterieur) -> None:
    attendre_un_code(exterieur)
    with relever_droits() as exerces:
        donner(None)
    droits = importlib.import_module("chalicelib.steps.photo_signature").FONCTION.droits
    assert exerces == {nom: set(droits[nom]) for nom in ("table:demandes", "table:journal")}
