"""On the running service: the watch over accounts does its work under its own role, and its closing is told."""

import json
import urllib.request
from datetime import UTC, datetime, timedelta
from functools import partial

from chalicelib import wiring
from chalicelib.adapters.comptes_dynamodb import ComptesDynamoDB
from chalicelib.demande.comptes import Compte, StatutCompte
from chalicelib.demande.instants import ecrire
from tests.runtime import ServiceDEssai
from tests.workflow.test_avis import attendre


def compte(venu: int, prevenu: int | None) -> Compte:
    """An account last opened ``venu`` days ago, told ``prevenu`` days ago; its turn has come."""
    id_, maintenant = wiring.nouvel_id(), datetime.now(UTC)
    return Compte(
        compte_id=id_,
        identifiant=f"veille-{id_[:8]}",
        statut=StatutCompte.ACTIF,
        prenom="Pierre",
        nom="CORNEILLE",
        email=f"{id_[:8]}@exemple.fr",
        sexe="M",
        telephone="0612345678",
        question_secrete="?",
        reponse_secrete="haché",
        mot_de_passe="haché",
        cgu_acceptees_le=ecrire(maintenant),
        cree_le=ecrire(maintenant - timedelta(days=2000)),
        derniere_connexion_le=ecrire(maintenant - timedelta(days=venu)),
        prevenu_le=ecrire(maintenant - timedelta(days=prevenu)) if prevenu is not None else None,
        veille="compte",
        veille_le=ecrire(maintenant - timedelta(hours=1)),
    )


def objets(runtime: ServiceDEssai, titulaire: Compte) -> list[str]:
    """The subjects of the mails that ``titulaire`` received."""
    with urllib.request.urlopen(f"{runtime.url}/dev/envois?destinataire={titulaire.email}", timeout=10) as reponse:
        return [envoi["objet"] for envoi in json.load(reponse)]


def test_un_compte_inutilise_est_prevenu_ou_ferme_un_compte_utilise_reste(runtime: ServiceDEssai) -> None:
    client = runtime.client("dynamodb")
    comptes = ComptesDynamoDB(client, runtime.sorties["TableComptes"], runtime.sorties["TableSessions"])
    ferme, prevenu, utilise = compte(1200, 40), compte(1080, None), compte(3, None)
    for un in (ferme, prevenu, utilise):
        comptes.installer(un)

    reponse = runtime.client("lambda").invoke(FunctionName="permis-veille-comptes", Payload=b"{}")
    rendu = json.loads(reponse["Payload"].read())

    assert "FunctionError" not in reponse, rendu
    assert comptes.lire(ferme.compte_id) is None
    assert comptes.resoudre(ferme.identifiant) is None
    lus = [comptes.lire(un.compte_id) for un in (prevenu, utilise)]
    assert [lu is not None and lu.prevenu_le is not None for lu in lus] == [True, False]
    attendre(partial(objets, runtime, ferme), lambda recus: recus == ["Votre compte est fermé"])
    attendre(partial(objets, runtime, prevenu), lambda recus: recus == ["Votre compte va être fermé"])
    assert objets(runtime, utilise) == []
