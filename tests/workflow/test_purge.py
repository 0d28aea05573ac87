"""On the running service: the purge does its work under its own role, on what ended and on nothing else."""

import json
from datetime import UTC, datetime, timedelta

from chalicelib import wiring
from chalicelib.adapters.demandes_dynamodb import DemandesDynamoDB
from chalicelib.adapters.fichiers_s3 import FichiersS3
from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Demande, Statut
from chalicelib.demande.vie import PURGE
from demo.client import attendre
from tests.dossiers import piece, prete
from tests.runtime import ServiceDEssai


def test_les_fichiers_d_un_brouillon_fini_partent_ceux_d_un_brouillon_vivant_restent(runtime: ServiceDEssai) -> None:
    s3, bucket = runtime.client("s3"), runtime.sorties["BucketPieces"]
    demandes = DemandesDynamoDB(runtime.client("dynamodb"), runtime.sorties["TableDemandes"])
    fichiers = FichiersS3(s3, pieces=bucket)
    fini, vivant = prete(id=wiring.nouvelle_cle(), paiement=None), prete(id=wiring.nouvelle_cle(), paiement=None)
    tot = ecrire(datetime.now(UTC) - timedelta(hours=2))
    for demande in (fini.model_copy(update={"statut": Statut.RETIREE, "veille": PURGE, "veille_le": tot}), vivant):
        demandes.creer(Demande.model_validate(demande.model_dump(exclude_none=True)))
        une = piece("domicile", demande_id=demande.id)
        demandes.ajouter_piece(une)
        fichiers.ranger(une, b"original", [b"page"])

    def restes(demande: Demande) -> int:
        return int(s3.list_objects_v2(Bucket=bucket, Prefix=f"{demande.id}/")["KeyCount"])

    reponse = runtime.client("lambda").invoke(FunctionName="permis-veille-purge", Payload=b"{}")
    rendu = json.loads(reponse["Payload"].read())

    assert "FunctionError" not in reponse, rendu
    # The scheduled purge may have taken it a moment before: it is then the one that ends the work.
    attendre(lambda: restes(fini), lambda nombre: nombre == 0, "les fichiers du brouillon fini")
    assert restes(vivant) == 2
    attendre(lambda: demandes.lire(fini.id).veille, lambda veille: veille is None, "la fin de la purge")
    assert (demandes.lire(fini.id).veille, demandes.lire_avec_pieces(fini.id)[1]) == (None, [])
    assert len(demandes.lire_avec_pieces(vivant.id)[1]) == 1
