"""On the running service, each function under its role: from a write to the mails and the SMS.

Only the tables are written, as the steps of the wizard would: what follows is the house's own doing. Whatever is
delivered twice has one record and one mail.
"""

import json
import random
import time
import urllib.request
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest

from chalicelib import wiring
from chalicelib.adapters.comptes_dynamodb import ComptesDynamoDB
from chalicelib.adapters.demandes_dynamodb import DemandesDynamoDB
from chalicelib.adapters.dynamo import item, plat
from chalicelib.demande.codes import UsageCode, code_a_six_chiffres
from chalicelib.demande.comptes import Compte, Contexte, Defi, StatutCompte
from chalicelib.demande.instants import ecrire
from chalicelib.demande.journal import Auteur
from chalicelib.demande.modeles import Adresse, Demande, EtatCivil, EtatPhoto, Motif, PhotoSignature, Statut
from chalicelib.demande.notifications import numero_international
from chalicelib.demande.verification import chaine_intacte
from chalicelib.demande.vie import passer
from tests.dossiers import ETAT_CIVIL
from tests.runtime import ServiceDEssai

T = TypeVar("T")
PATIENCE_S = 45


def attendre(observer: Callable[[], T], voulu: Callable[[T], bool]) -> T:
    """Look until what is observed is what is wanted, for a bounded time; a failure tells the last thing seen."""
    fin = time.monotonic() + PATIENCE_S
    while not voulu(vu := observer()):
        assert time.monotonic() < fin, f"pas vu en {PATIENCE_S} s ; en dernier : {vu}"
        time.sleep(0.05)
    return vu


class Maison:
    """The running service, written through our adapters and looked at from outside."""

    def __init__(self, service: ServiceDEssai) -> None:
        self.service = service
        dynamodb, sorties = service.client("dynamodb"), service.sorties
        self.demandes = DemandesDynamoDB(
            dynamodb, sorties["TableDemandes"], sorties["TableJournal"], sorties["TableTimbres"]
        )
        self.comptes = ComptesDynamoDB(dynamodb, sorties["TableComptes"], sorties["TableSessions"])
        self._dynamodb = dynamodb

    def brouillon(self, touche: float = 0, rappele: float | None = None) -> Demande:
        """A draft last touched ``touche`` days ago, with an address and a phone of its own."""
        maintenant, hasard = datetime.now(UTC), f"{random.randrange(10**8):08}"
        rappele_le = ecrire(maintenant - timedelta(days=rappele)) if rappele is not None else None
        demande = Demande(
            id=str(uuid.uuid4()),
            usager=str(uuid.uuid4()),
            motif=Motif.VOL,
            cree_le=ecrire(maintenant - timedelta(days=30)),
            modifie_le=ecrire(maintenant - timedelta(days=touche)),
            rappele_le=rappele_le,
            veille="brouillon",
            veille_le=ecrire(maintenant - timedelta(days=touche) + timedelta(days=10)),
            etat_civil=EtatCivil.model_validate(ETAT_CIVIL),
            photo_signature=PhotoSignature(mode="talon", etat=EtatPhoto.TALON),
            adresse=Adresse(
                nom_voie="rue Saint-Jean",
                code_postal="54000",
                commune="Nancy",
                prefecture="543",
                email=f"usager{hasard}@exemple.fr",
                telephone=f"06{hasard}",
                reutilisation_donnees=False,
            ),
        )
        self.demandes.creer(demande)
        return demande

    def deposer(self) -> Demande:
        """A demande just confirmed by its usager, whose photo comes by post."""
        brouillon, maintenant = self.brouillon(), datetime.now(UTC)
        depot = passer(
            brouillon,
            "DemandeDeposee",
            Auteur("usager", "c1"),
            maintenant,
            f"corr-{uuid.uuid4()}",
            jour_s=86400,
            vers=Statut.DEPOSEE,
            poser={"numero": wiring.nouveau_numero(), "deposee_le": ecrire(maintenant)},
        )
        return self.demandes.transiter(brouillon, depot)

    def statut(self, demande: Demande) -> Statut:
        return self.demandes.lire(demande.id).statut

    def evenements(self, demande: Demande) -> list[str]:
        return [entree.evenement for entree in self.demandes.journal(demande.id)]

    def mails(self, adresse: str) -> list[dict[str, Any]]:
        """The raw mails sent to an address, oldest first."""
        messages = self._emulateur("ses/messages")["messages"]
        return [m for compte in messages.values() for m in compte if adresse in m["To"]]

    def sms(self, telephone: str) -> list[str]:
        """The raw SMS sent to a number."""
        messages = self._emulateur("sns/sms-messages")["sms_messages"]
        return [m["Message"] for m in messages.get(numero_international(telephone), [])]

    def enregistrements(self, evenement_id: str) -> dict[str, str]:
        """The state of each channel's record."""
        trouves = self._dynamodb.query(
            TableName=self.service.sorties["TableNotifications"],
            KeyConditionExpression="evenement_id = :id",
            ExpressionAttributeValues=item({":id": evenement_id}),
            ConsistentRead=True,
        )["Items"]
        return {n["canal"]: n["etat"] for n in (plat(t) or {} for t in trouves)}

    def files_vides(self) -> bool:
        """Whether no message waits or is being handled in the two queues."""
        noms = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        sqs = self.service.client("sqs")
        return all(
            valeur == "0"
            for file_ in ("QueueMails", "QueueSms")
            for valeur in sqs.get_queue_attributes(QueueUrl=self.service.sorties[file_], AttributeNames=noms)[
                "Attributes"
            ].values()
        )

    def appeler(self, groupe: str, evenement: dict[str, Any]) -> Any:
        """Invoke the function of a group with an event; a raised error comes back as {"errorType": …}."""
        nom = "permis-" + groupe.replace(".", "-").replace("_", "-")
        reponse = self.service.client("lambda").invoke(FunctionName=nom, Payload=json.dumps(evenement))
        return json.loads(reponse["Payload"].read())

    def _emulateur(self, chemin: str) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.service.reglages.emulateur}/_ministack/{chemin}", timeout=10) as reponse:
            return dict(json.load(reponse))


@pytest.fixture
def maison(runtime: ServiceDEssai) -> Maison:
    return Maison(runtime)


def evenement_publie(demande: Demande) -> str:
    """The bus message of the deposit of ``demande``."""
    return json.dumps(
        {
            "evenement_id": f"{demande.id}#1",
            "type": "DemandeDeposee",
            "demande_id": demande.id,
            "rang": 1,
            "correlation_id": "corr-essai",
            "survenu_le": ecrire(datetime.now(UTC)),
        }
    )


def message_sqs(corps: str, numero: int = 1) -> dict[str, Any]:
    return {"messageId": f"m{numero}", "receiptHandle": "r", "body": corps, "eventSource": "aws:sqs", "attributes": {}}


def adresse_de(demande: Demande) -> tuple[str, str]:
    assert demande.adresse is not None
    assert demande.adresse.telephone is not None
    return demande.adresse.email, demande.adresse.telephone


def tout_est_envoye(maison: Maison, demande: Demande) -> None:
    """Wait for the mail and the SMS of the deposit, then of the photo that is awaited."""
    for rang in (1, 3):
        attendre(
            lambda rang=rang: maison.enregistrements(f"{demande.id}#{rang}"),
            lambda etats: etats == {"mail": "envoye", "sms": "envoye"},
        )


def test_un_depot_est_controle_et_previent_son_usager(maison: Maison) -> None:
    demande = maison.deposer()
    email, telephone = adresse_de(demande)

    tout_est_envoye(maison, demande)

    assert maison.statut(demande) is Statut.ATTENTE_PHOTO
    depot, photo = maison.mails(email)
    assert str(demande.numero) in depot["BodyText"]
    assert str(demande.numero) not in depot["Subject"] + photo["Subject"]
    assert depot["Subject"] != photo["Subject"]
    assert [maison.service.url in sms for sms in maison.sms(telephone)] == [True, True]
    journal = maison.demandes.journal(demande.id)
    assert [e.evenement for e in journal] == ["DemandeDeposee", "ControleCommence", "PhotoAttendue"]
    assert len({e.correlation_id for e in journal}) == 1
    assert chaine_intacte(journal, maison.demandes.lire(demande.id))


def test_ce_qui_est_livre_deux_fois_ne_previent_qu_une_fois(maison: Maison) -> None:
    """The stream's record, the bus message and the queue's message are each delivered again."""
    demande = maison.deposer()
    email, telephone = adresse_de(demande)
    tout_est_envoye(maison, demande)
    entree = maison.demandes.journal(demande.id)[0]
    flux = {
        "eventID": "e1",
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "dynamodb": {"SequenceNumber": "1", "NewImage": item(entree.model_dump(mode="json"))},
    }

    assert maison.appeler("notifications.consommateur", {"Records": [flux, flux]}) == {"batchItemFailures": []}
    maison.service.client("sns").publish(
        TopicArn=maison.service.sorties["TopicEvenements"], Message=evenement_publie(demande)
    )
    attendre(maison.files_vides, bool)
    for groupe in ("notifications.envoyer_mail", "notifications.envoyer_sms"):
        lot = {"Records": [message_sqs(evenement_publie(demande), n) for n in (1, 2)]}
        assert maison.appeler(groupe, lot) == {"batchItemFailures": []}

    assert (len(maison.mails(email)), len(maison.sms(telephone))) == (2, 2), "one for each of two events"
    assert maison.enregistrements(f"{demande.id}#1") == {"mail": "envoye", "sms": "envoye"}


def test_dix_exemplaires_en_meme_temps_ne_donnent_qu_un_courriel(maison: Maison) -> None:
    """Straight to the sender, before anything else knows of the event."""
    demande = maison.brouillon()
    email, _ = adresse_de(demande)
    message = evenement_publie(demande).replace("DemandeDeposee", "BrouillonRappele")
    lot = {"Records": [message_sqs(message)]}

    with ThreadPoolExecutor(10) as fils:
        reponses = list(fils.map(lambda _: maison.appeler("notifications.envoyer_mail", lot), range(10)))

    assert all(set(reponse) == {"batchItemFailures"} for reponse in reponses)
    assert any(reponse["batchItemFailures"] == [] for reponse in reponses)
    assert len(maison.mails(email)) == 1
    assert maison.enregistrements(f"{demande.id}#1") == {"mail": "envoye"}


def test_un_message_illisible_est_rendu_a_sa_file(maison: Maison) -> None:
    lot = {"Records": [message_sqs("ceci n'est pas un événement")]}

    assert maison.appeler("notifications.envoyer_mail", lot) == {"batchItemFailures": [{"itemIdentifier": "m1"}]}


def test_un_code_demande_arrive_par_courriel(maison: Maison) -> None:
    appel = Contexte(int(time.time()), "corr-compte", lambda: str(uuid.uuid4()))
    compte = Compte(
        compte_id=str(uuid.uuid4()),
        identifiant=f"usager.{random.randrange(10**8):08}",
        statut=StatutCompte.ACTIF,
        prenom="Pierre",
        nom="Corneille",
        email=f"compte{random.randrange(10**8):08}@exemple.fr",
        sexe="M",
        telephone="0612345678",
        question_secrete="Votre premier animal",
        reponse_secrete="-",
        mot_de_passe="-",
        cgu_acceptees_le="2026-11-24T10:00:00.000Z",
        cree_le="2026-11-24T10:00:00.000Z",
    )
    code = appel.code(compte.compte_id, UsageCode.MOT_DE_PASSE)
    maison.comptes.installer(compte)

    maison.comptes.emettre(
        [], Defi(str(uuid.uuid4()), appel.maintenant + 60), [code], [appel.evenement_de_code("CodeMotDePasse", code)]
    )

    (mail,) = attendre(lambda: maison.mails(compte.email), lambda mails: len(mails) == 1)
    attendu = code_a_six_chiffres(maison.service.secret("CLE_CODES"), compte.compte_id, code.usage, code.nonce)
    assert attendu in mail["BodyText"]
    assert attendu not in mail["Subject"]


def test_un_brouillon_oublie_est_rappele_puis_clos(maison: Maison) -> None:
    oublie, perdu = maison.brouillon(touche=11), maison.brouillon(touche=16, rappele=6)

    assert "errorType" not in maison.appeler("veille.brouillons", {})
    assert "errorType" not in maison.appeler("veille.brouillons", {})

    # The schedule may have run meanwhile, too: only what became of the drafts counts.
    assert maison.evenements(oublie) == ["BrouillonRappele"]
    assert maison.evenements(perdu) == ["DemandeClasseeSansSuite"]
    assert (maison.statut(oublie), maison.statut(perdu)) == (Statut.BROUILLON, Statut.CLASSEE_SANS_SUITE)
    for demande, objet in ((oublie, "n'est pas terminée"), (perdu, "est close")):
        email, telephone = adresse_de(demande)
        (mail,) = attendre(lambda email=email: maison.mails(email), lambda mails: len(mails) == 1)
        assert objet in mail["Subject"]
        assert maison.sms(telephone) == []
