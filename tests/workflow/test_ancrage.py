"""On the running service: from an entry to its locked anchor, and what an agent and the command then say of a forger.

The functions run under their own roles, in the bucket that the template locks.
"""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib import wiring
from chalicelib.adapters.ancres_s3 import AncresS3
from chalicelib.adapters.demandes_dynamodb import DemandesDynamoDB
from chalicelib.adapters.dynamo import item
from chalicelib.demande.index import cles_de_recherche
from chalicelib.demande.journal import Auteur, empreinte_stockee
from chalicelib.demande.modeles import Demande, Statut
from chalicelib.demande.verification import Ancre
from chalicelib.demande.vie import passer
from demo.client import Client
from infra.local.runtime import RACINE
from tests.dossiers import prete
from tests.runtime import ServiceDEssai

PATIENCE_S = 45
MOT_DE_PASSE_LOCAL = "Guichet-543-local"


class Greffe:
    """A demande under instruction, its journal and its anchors, on the running service."""

    def __init__(self, service: ServiceDEssai) -> None:
        self.service, self.dynamodb, self.s3 = service, service.client("dynamodb"), service.client("s3")
        sorties = service.sorties
        self.bucket = sorties["BucketAncres"]
        self.ancres = AncresS3(self.s3, self.bucket)
        self.demandes = DemandesDynamoDB(self.dynamodb, sorties["TableDemandes"], sorties["TableJournal"])
        en_cours = prete(
            id=wiring.nouvelle_cle(),
            statut=Statut.EN_INSTRUCTION,
            numero=wiring.nouveau_numero(),
            deposee_le="2026-11-20T10:00:00.000Z",
            paiement=None,
            veille=None,
            veille_le=None,
        )
        self.demande = Demande.model_validate({**en_cours.model_dump(exclude_none=True), **cles_de_recherche(en_cours)})
        self.demandes.creer(self.demande)

    def ecrire(self, evenement: str = "MessageUsager") -> None:
        changement = passer(
            self.demande, evenement, Auteur("usager", "c1"), datetime.now(UTC), wiring.nouvel_id(), jour_s=86400
        )
        self.demande = self.demandes.transiter(self.demande, changement)

    def appeler_l_ancrage(self) -> Any:
        reponse = self.service.client("lambda").invoke(FunctionName="permis-veille-ancrage", Payload=b"{}")
        rendu = json.loads(reponse["Payload"].read())
        assert "FunctionError" not in reponse, rendu
        return rendu

    def attendre_l_ancre(self) -> list[Ancre]:
        """Run the schedule until the last entry is anchored: the event passes by the stream and the bus first."""
        fin = time.monotonic() + PATIENCE_S
        while not (vues := self.ancres.de(self.demande.id)) or vues[-1].rang < self.demande.journal_rang:
            assert time.monotonic() < fin, f"pas ancrée en {PATIENCE_S} s ; ancres : {vues}"
            self.appeler_l_ancrage()
        return vues

    def commande(self, *arguments: str) -> tuple[int, str]:
        env = {**os.environ, **self.service.environnement_de_deploiement()}
        fini = subprocess.run(
            [sys.executable, "-m", "infra.verifier_journal", *arguments],
            cwd=RACINE,
            env=env,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return fini.returncode, fini.stdout + fini.stderr


@pytest.fixture
def greffe(runtime: ServiceDEssai) -> Greffe:
    return Greffe(runtime)


def test_une_entree_est_ancree_sous_verrou_avec_l_empreinte_qu_elle_avait(greffe: Greffe) -> None:
    greffe.ecrire()
    greffe.ecrire()
    ancre = greffe.attendre_l_ancre()[-1]
    assert (ancre.rang, ancre.empreinte) == (2, greffe.demande.journal_empreinte)
    cle = f"{greffe.demande.id}/000002-{ancre.empreinte}.json"
    objet = {"Bucket": greffe.bucket, "Key": cle}
    tenu = greffe.s3.head_object(**objet)
    assert tenu["ObjectLockMode"] == "GOVERNANCE"
    assert (tenu["ObjectLockRetainUntilDate"] - datetime.now(UTC)).days >= 1826
    with pytest.raises(ClientError, match="object lock|AccessDenied|Access Denied"):
        greffe.s3.delete_object(**objet, VersionId=tenu["VersionId"])
    with pytest.raises(ClientError, match="PreconditionFailed"):
        greffe.s3.put_object(**objet, Body=b"{}", IfNoneMatch="*")
    greffe.s3.delete_object(**objet)
    assert ancre.empreinte in [vue.empreinte for vue in greffe.ancres.de(greffe.demande.id)]


def test_un_second_passage_n_ecrit_rien(greffe: Greffe) -> None:
    greffe.ecrire()
    greffe.attendre_l_ancre()

    def versions() -> list[str]:
        vues = greffe.s3.list_object_versions(Bucket=greffe.bucket, Prefix=f"{greffe.demande.id}/")["Versions"]
        return [version["VersionId"] for version in vues]

    avant = versions()
    greffe.appeler_l_ancrage()
    assert versions() == avant


def test_l_agent_et_la_commande_voient_ce_qu_un_faussaire_a_recalcule_en_entier(greffe: Greffe) -> None:
    greffe.ecrire()
    greffe.ecrire()
    greffe.attendre_l_ancre()
    demande_id = greffe.demande.id
    agent = Client(greffe.service.url)
    agent.ouvrir_session("agent.543", MOT_DE_PASSE_LOCAL)
    chemin = f"/api/instruction/demandes/{demande_id}/historique"
    verdict = agent.brut("GET", f"{chemin}/verification").json()
    assert (verdict["intacte"], verdict["entrees"], verdict["ancree_jusqua"]) == (True, 2, 2)
    assert greffe.commande(demande_id)[0] == 0

    precedent = ""
    for entree in greffe.demandes.journal(demande_id):
        refaite = {**entree.model_dump(mode="json", exclude_none=True), "auteur_id": "un-autre", "precedent": precedent}
        precedent = refaite["empreinte"] = empreinte_stockee(refaite)
        greffe.dynamodb.put_item(TableName=greffe.service.sorties["TableJournal"], Item=item(refaite))
    greffe.dynamodb.update_item(
        TableName=greffe.service.sorties["TableDemandes"],
        Key=item({"id": demande_id, "element": "DEMANDE"}),
        UpdateExpression="SET journal_empreinte = :e",
        ExpressionAttributeValues=item({":e": precedent}),
    )

    verdict = agent.brut("GET", f"{chemin}/verification").json()
    assert verdict["intacte"] is False
    assert {rupture["cause"] for rupture in verdict["ruptures"]} == {"chaine_recalculee"}
    code, dit = greffe.commande(demande_id)
    assert code == 1
    assert "ROMPUE" in dit
    assert "[chaine_recalculee]" in dit

    chef = Client(greffe.service.url)
    chef.ouvrir_session("chef.543", MOT_DE_PASSE_LOCAL)
    vues = chef.brut("GET", f"/api/instruction/demandes/{demande_id}/consultations").json()["elements"]
    assert [vue["quoi"] for vue in vues] == ["verification", "verification"]
    ailleurs = Client(greffe.service.url)
    ailleurs.ouvrir_session("agent.751", MOT_DE_PASSE_LOCAL)
    assert ailleurs.brut("GET", f"{chemin}/verification").status_code == 404
    for client in (agent, chef, ailleurs):
        client.fermer_session()
