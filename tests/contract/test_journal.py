"""The journal as it lies, its anchors and the heads that wait: the same promises from the fakes and from AWS (moto)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

from chalicelib import wiring
from chalicelib.adapters.clients import client
from chalicelib.adapters.dynamo import attribut, item
from chalicelib.demande.instants import lire
from chalicelib.demande.ports_journal import Ancres, Journal, TetesEnAttente
from chalicelib.demande.verification import Ancre, Chaine, Tete
from tests.contract.tables import aws_simule
from tests.dossiers import DEMANDE_ID, brouillon, changement
from tests.fakes.demandes import FakeDemandes
from tests.fakes.journal import FakeAncres, FakeJournal, FakeTetes

UNE, DEUX = "1" * 64, "2" * 64
AUTRE_ID = "b" * 32
BUCKET = "permis-ancres"


def creer_le_coffre() -> None:
    """The bucket of the anchors as the template makes it: versioned, locked."""
    s3 = client("s3")
    s3.delete_bucket(Bucket=BUCKET)
    s3.create_bucket(
        Bucket=BUCKET,
        CreateBucketConfiguration={"LocationConstraint": "eu-west-3"},
        ObjectLockEnabledForBucket=True,
    )
    regle = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1827}}
    s3.put_object_lock_configuration(
        Bucket=BUCKET, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": regle}
    )


@pytest.fixture(params=["factice", "s3"])
def ancres(request: pytest.FixtureRequest) -> Iterator[Ancres]:
    if request.param == "factice":
        yield FakeAncres()
        return
    with aws_simule():
        creer_le_coffre()
        yield wiring.ancres()


def fiches(liste: list[Ancre]) -> list[tuple[str, int, str]]:
    return [(ancre.demande_id, ancre.rang, ancre.empreinte) for ancre in liste]


def test_une_tete_s_ancre_une_fois_et_se_retrouve_par_sa_demande(ancres: Ancres) -> None:
    assert ancres.ancrer([Ancre(DEMANDE_ID, 12, DEUX), Ancre(DEMANDE_ID, 2, UNE), Ancre(AUTRE_ID, 1, UNE)]) == 3
    assert ancres.ancrer([Ancre(DEMANDE_ID, 2, UNE), Ancre(DEMANDE_ID, 13, UNE)]) == 1
    assert fiches(ancres.de(DEMANDE_ID)) == [(DEMANDE_ID, 2, UNE), (DEMANDE_ID, 12, DEUX), (DEMANDE_ID, 13, UNE)]
    assert all(lire(ancre.ancree_le) for ancre in ancres.de(DEMANDE_ID))
    assert ancres.de("c" * 32) == []
    assert list(ancres.demandes()) == [DEMANDE_ID, AUTRE_ID]


def test_une_autre_tete_au_meme_rang_ne_recouvre_pas_la_premiere(ancres: Ancres) -> None:
    ancres.ancrer([Ancre(DEMANDE_ID, 2, UNE)])
    assert ancres.ancrer([Ancre(DEMANDE_ID, 2, DEUX)]) == 1
    assert fiches(ancres.de(DEMANDE_ID)) == [(DEMANDE_ID, 2, UNE), (DEMANDE_ID, 2, DEUX)]


def test_une_ancre_est_sous_verrou_et_la_cacher_ne_la_retire_pas() -> None:
    with aws_simule():
        creer_le_coffre()
        wiring.ancres().ancrer([Ancre(DEMANDE_ID, 2, UNE)])
        s3 = client("s3")
        (version,) = s3.list_object_versions(Bucket=BUCKET)["Versions"]
        objet = {"Bucket": BUCKET, "Key": version["Key"]}
        tenu = s3.head_object(**objet)
        assert tenu["ObjectLockMode"] == "COMPLIANCE"
        assert (tenu["ObjectLockRetainUntilDate"] - datetime.now(UTC)).days >= 1826
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.delete_object(**objet, VersionId=version["VersionId"])
        s3.delete_object(**objet)
        assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET)
        assert fiches(wiring.ancres().de(DEMANDE_ID)) == [(DEMANDE_ID, 2, UNE)]


def test_ecrite_de_nouveau_apres_avoir_ete_cachee_une_ancre_reste_une(ancres: Ancres) -> None:
    ancres.ancrer([Ancre(DEMANDE_ID, 2, UNE)])
    if not isinstance(ancres, FakeAncres):
        client("s3").delete_object(Bucket=BUCKET, Key=f"{DEMANDE_ID}/000002-{UNE}.json")
        ancres.ancrer([Ancre(DEMANDE_ID, 2, UNE)])
    assert fiches(ancres.de(DEMANDE_ID)) == [(DEMANDE_ID, 2, UNE)]


def test_une_ancre_ne_dit_rien_de_la_personne() -> None:
    with aws_simule():
        creer_le_coffre()
        wiring.ancres().ancrer([Ancre(DEMANDE_ID, 2, UNE)])
        corps = client("s3").get_object(Bucket=BUCKET, Key=f"{DEMANDE_ID}/000002-{UNE}.json")["Body"].read()
    assert corps == f'{{"demande_id": "{DEMANDE_ID}", "rang": 2, "empreinte": "{UNE}"}}'.encode()


class Coffre(NamedTuple):
    """A demande of 7 events, and the journal that tells them."""

    journal: Journal
    entrees: list[dict[str, Any]]
    tete: Tete


@pytest.fixture(params=["factice", "dynamodb"])
def coffre(request: pytest.FixtureRequest) -> Iterator[Coffre]:
    with aws_simule():
        demandes = wiring.demandes() if request.param == "dynamodb" else FakeDemandes()
        demandes.creer(brouillon())
        demandes.creer(brouillon(id=AUTRE_ID))
        demande = demandes.lire(DEMANDE_ID)
        for rang in range(7):
            note = changement("BrouillonRappele", vers=None, correlation_id=f"correlation-{rang}", touche=False)
            demande = demandes.transiter(demande, note)
        entrees = [entree.model_dump(mode="json", exclude_none=True) for entree in demandes.journal(DEMANDE_ID)]
        tete = Tete(demande.journal_rang, demande.journal_empreinte)
        if request.param == "dynamodb":
            yield Coffre(wiring.journal(), entrees, tete)
            return
        journal = FakeJournal()
        journal.poser(Chaine(DEMANDE_ID, entrees, tete))
        yield Coffre(journal, entrees, tete)


def test_une_chaine_se_lit_entiere_avec_la_tete_que_garde_la_demande(coffre: Coffre) -> None:
    chaine = coffre.journal.chaine(DEMANDE_ID)
    assert list(chaine.entrees) == coffre.entrees
    assert chaine.tete == coffre.tete
    assert set(coffre.journal.demandes()) == {DEMANDE_ID}


def test_une_demande_inconnue_n_a_ni_entree_ni_tete(coffre: Coffre) -> None:
    chaine = coffre.journal.chaine("c" * 32)
    assert (list(chaine.entrees), chaine.tete) == ([], None)


def test_un_journal_se_lit_page_a_page_dans_l_ordre(coffre: Coffre) -> None:
    rangs, apres = [], 0
    pages = 0
    while apres is not None:
        entrees, apres = coffre.journal.page(DEMANDE_ID, apres, 3)
        rangs += [entree["rang"] for entree in entrees]
        pages += 1
    assert rangs == [1, 2, 3, 4, 5, 6, 7]
    assert pages == 3


def test_ce_qu_un_tiers_a_mis_dans_une_entree_est_rendu_tel_quel() -> None:
    with aws_simule() as dynamodb:
        wiring.demandes().creer(brouillon())
        falsifiee = {"demande_id": DEMANDE_ID, "rang": 1, "statut": "inventé", "de_trop": ["x"]}
        dynamodb.put_item(TableName="permis-journal", Item=item(falsifiee))
        assert wiring.journal().chaine(DEMANDE_ID).entrees == [falsifiee]
        assert wiring.journal().page(DEMANDE_ID, 0, 10) == ([falsifiee], None)


def test_une_demande_qui_avance_pendant_la_lecture_n_est_pas_prise_pour_une_rupture() -> None:
    with aws_simule():
        demandes, journal = wiring.demandes(), wiring.journal()
        demandes.creer(brouillon())
        demande = demandes.transiter(demandes.lire(DEMANDE_ID), changement("BrouillonRappele", vers=None, touche=False))
        lire_les_entrees = journal._entrees  # type: ignore[attr-defined]  # what another writer does meanwhile
        fois: list[int] = []

        def entrees_apres_une_ecriture(demande_id: str) -> Any:
            if not fois:
                fois.append(1)
                demandes.transiter(demande, changement("BrouillonRappele", vers=None, touche=False))
            return lire_les_entrees(demande_id)

        journal._entrees = entrees_apres_une_ecriture  # type: ignore[attr-defined]
        chaine = journal.chaine(DEMANDE_ID)
        assert chaine.tete is not None
        assert (chaine.tete.rang, len(chaine.entrees)) == (2, 2)


def test_une_tete_falsifiee_dans_la_demande_est_lue_telle_quelle() -> None:
    with aws_simule() as dynamodb:
        demandes = wiring.demandes()
        demandes.creer(brouillon())
        demandes.transiter(demandes.lire(DEMANDE_ID), changement("BrouillonRappele", vers=None, touche=False))
        dynamodb.update_item(
            TableName="permis-demandes",
            Key=item({"id": DEMANDE_ID, "element": "DEMANDE"}),
            UpdateExpression="SET journal_rang = :r",
            ExpressionAttributeValues={":r": attribut(9)},
        )
        chaine = wiring.journal().chaine(DEMANDE_ID)
        assert chaine.tete is not None
        assert (chaine.tete.rang, len(chaine.entrees)) == (9, 1)


@pytest.fixture(params=["factice", "sqs"])
def tetes(request: pytest.FixtureRequest) -> Iterator[TetesEnAttente]:
    textes = [f"message {rang}" for rang in range(12)]
    if request.param == "factice":
        yield FakeTetes(textes)
        return
    with aws_simule():
        sqs = client("sqs")
        url = sqs.create_queue(QueueName="permis-ancrage")["QueueUrl"]
        for texte in textes:
            sqs.send_message(QueueUrl=url, MessageBody=texte)
        yield wiring.tetes_en_attente()


def test_ce_qui_attend_se_recoit_jusqu_au_bout_et_ne_revient_plus_une_fois_confirme(tetes: TetesEnAttente) -> None:
    recus = []
    while suite := tetes.recevoir():
        recus += suite
    assert sorted(recu.texte for recu in recus) == sorted(f"message {rang}" for rang in range(12))
    tetes.confirmer(recus)
    if isinstance(tetes, FakeTetes):
        tetes.revenir()
    assert tetes.recevoir() == []
