"""The whole house in one process and in virtual time: real handlers, DynamoDB, SNS, SQS, SES and S3 by moto.

What AWS does between our functions is done here: the journal's stream, the queues and their redelivery, the schedules,
the state machine. Nothing waits for real: ``attendre`` moves the clock from one thing due to the next.
"""

import datetime as dt
import heapq
import itertools
import json
import logging
import os
import random
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from aws_lambda_powertools.utilities.idempotency import base as idempotence_base
from aws_lambda_powertools.utilities.idempotency.persistence import base, datarecord, dynamodb
from botocore.exceptions import BotoCoreError, ClientError
from moto.dynamodb.models import dynamodb_backends
from moto.sqs.models import sqs_backends

from chalicelib import wiring
from chalicelib.adapters import clients
from chalicelib.demande.erreurs import ServiceIndisponible
from chalicelib.demande.instants import ecrire
from chalicelib.demande.ports_externes import CommandeNonRecue
from chalicelib.demande.signature import signer
from chalicelib.http import Identite
from tests.appel import COMPTE_AWS, ENVIRONNEMENT, REGION, ContexteLambda, Resultat, appeler, charger
from tests.contract.tables import aws_simule
from tests.fakes.exterieur import FakeAntiVirus, FakePhotos, FakeProducteur, FakeSnpc
from tests.faults.automate import Automate, EchecDeTache, ExecutionTuee, Refus
from tests.faults.pannes import EXECUTION, Distant, Injecteur, Panne, Tue

DEBUT = datetime(2026, 11, 24, 10, tzinfo=UTC)
"""A Tuesday morning."""

RETARD_S = 0.2
"""How long the stream and the bus take."""

FLUX_ESSAIS = 10
FILE_ESSAIS = 5
VISIBILITE_S = 60
"""As infra/resources.json says of the stream and of the queues."""

SUITES_MIN = (1, 2, 3, 4, 6, 8, 11, 14)
"""How long after a failure the schedules are played: they run each minute, and see the same thing at most of them."""

LAMBDAS = {
    "${WorkflowControler}": "workflow.controler",
    "${WorkflowEcheance}": "workflow.echeance",
    "${WorkflowCommander}": "workflow.commander",
}
FILES = {
    "mails": ("notifications.envoyer_mail", "envoyer_mails", 5),
    "sms": ("notifications.envoyer_sms", "envoyer_des_sms", 1),
}

DELAI_API_S = 20
"""What most of the routes' functions may take."""

SANS_HATE_S = 3600
"""The time that a function has: a slow machine under the tests is not a failure of AWS."""

_EN_PANNE = (ServiceIndisponible, ClientError, BotoCoreError)


class Contexte(ContexteLambda):
    """The context of a function that has all its time: ``delai`` seconds."""

    def __init__(self, delai: int) -> None:
        self._delai = delai

    def get_remaining_time_in_millis(self) -> int:
        return self._delai * 1000


class _HorlogeDePowertools:
    """The module ``datetime`` as Powertools Idempotency sees it: its present is the virtual one."""

    def __init__(self, maintenant: Callable[[], datetime]) -> None:
        self.datetime = SimpleNamespace(now=lambda: maintenant(), fromtimestamp=dt.datetime.fromtimestamp)
        self.timedelta = dt.timedelta


class Monde:
    """One world, until its context ends. ``panne`` is what goes wrong in it, ``silence`` the quiet hours of SMS."""

    def __init__(self, panne: Panne | None = None, silence: str = "") -> None:
        self.maintenant = DEBUT
        self.silence = silence
        self.injecteur = Injecteur(panne, self._stepfunctions, lambda: self.maintenant)
        self.injecteur.touche = self._suites
        self.injecteur.entracte = self._entracte
        self.automate = Automate(self)
        self.photos, self.snpc, self.producteur = FakePhotos(), FakeSnpc(), FakeProducteur()
        self.antivirus = FakeAntiVirus()
        self.lettres_mortes: list[str] = []
        self.redits: list[str] = []
        self.panne_le: datetime | None = None
        self.doubler = self.melanger = self.redire = False
        self.reconciliation = True
        # AWS says how often a batch is tried again, not how soon.
        self.flux_presse = False
        self.retard_s = RETARD_S
        self._agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self._ordre = itertools.count()
        self._alea = random.Random(20261124)
        self._alea_des_files = random.Random(20261125)
        self._lots: deque[tuple[list[dict[str, Any]], int]] = deque()
        self._lus = 0
        self._flux_occupe = False
        self._delai = 0
        self._files: dict[str, list[tuple[str, int]]] = {nom: [] for nom in FILES}
        self._modules: dict[str, Any] = {}

    # -- making and unmaking it

    @contextmanager
    def ouvert(self) -> Iterator["Monde"]:
        """Inside, wiring gives this world."""
        logging.disable(logging.CRITICAL)
        with aws_simule():
            self._installer_aws()
            remplaces: dict[str, Any] = {
                "horloge": lambda: self.maintenant,
                "maintenant": lambda: int(self.maintenant.timestamp()),
                "nouvel_id": self._nouvel_id,
                "nouvelle_cle": lambda: f"{self._alea.getrandbits(128):032x}",
                "nouvelle_cle_de_piece": lambda: f"{self._alea.getrandbits(64):016x}",
                "nouveau_numero": lambda: str(10**22 + self._alea.randrange(9 * 10**22)),
                "antivirus": lambda: self.antivirus,
                "photos": lambda: Distant("photos", self.photos, self.injecteur, *[ServiceIndisponible] * 2),
                "snpc": lambda: Distant("snpc", self.snpc, self.injecteur, *[ServiceIndisponible] * 2),
                "producteur": lambda: Distant(
                    "producteur", self.producteur, self.injecteur, CommandeNonRecue, ServiceIndisponible
                ),
            }
            vrais = {nom: getattr(wiring, nom) for nom in remplaces}
            powertools = (base, datarecord, dynamodb, idempotence_base)
            horloge = _HorlogeDePowertools(lambda: self.maintenant)
            environnement = {nom: os.environ.get(nom) for nom in ("SILENCE_SMS", "QUEUE_MAILS", "QUEUE_SMS")}
            os.environ["SILENCE_SMS"] = self.silence
            for nom in FILES:
                os.environ[f"QUEUE_{nom.upper()}"] = _url(nom)
            vars(wiring).update(remplaces)
            for module in powertools:
                vars(module)["dt"] = horloge
            try:
                with self.injecteur.installe():
                    yield self
            finally:
                logging.disable(logging.NOTSET)
                for module in powertools:
                    vars(module)["dt"] = dt
                vars(wiring).update(vrais)
                for nom, valeur in environnement.items():
                    if valeur is None:
                        os.environ.pop(nom, None)
                    else:
                        os.environ[nom] = valeur

    def _installer_aws(self) -> None:
        self._modules = {m.__name__.removeprefix("chalicelib."): m for m in charger().modules_de_test}
        self._dynamodb = clients.session().client("dynamodb")
        sns, sqs = clients.client("sns"), clients.client("sqs")
        sns.create_topic(Name="permis-evenements")
        for nom in (*FILES, "ancrage"):
            sqs.create_queue(QueueName=f"permis-{nom}", Attributes={"VisibilityTimeout": "600"})
            sns.subscribe(
                TopicArn=ENVIRONNEMENT["TOPIC_EVENEMENTS"],
                Protocol="sqs",
                Endpoint=f"arn:aws:sqs:{REGION}:{COMPTE_AWS}:permis-{nom}",
                Attributes={"RawMessageDelivery": "true"},
            )
        clients.client("ses").verify_email_identity(EmailAddress=ENVIRONNEMENT["EXPEDITEUR"])

    def _nouvel_id(self) -> str:
        return str(uuid.UUID(int=self._alea.getrandbits(128), version=4))

    # -- time

    def plus_tard(self, secondes: float, faire: Callable[[], None]) -> None:
        """Do it ``secondes`` from now."""
        heapq.heappush(self._agenda, (self.maintenant + timedelta(seconds=secondes), next(self._ordre), faire))

    def attendre(self, **duree: float) -> None:
        """Let this long pass (as ``timedelta`` counts), and what follows a failure come to its end."""
        fin = self.maintenant + timedelta(**duree)
        if self.retard_s > RETARD_S:
            for minute in range(1, 5):
                self.plus_tard(60 * minute, self.reconcilier)
        while True:
            if self.panne_le is not None:
                fin = max(fin, self.panne_le + timedelta(minutes=SUITES_MIN[-1] + 1))
            if not self._agenda or self._agenda[0][0] > fin:
                break
            self.maintenant, _, faire = heapq.heappop(self._agenda)
            faire()
        self.maintenant = fin

    def _entracte(self) -> None:
        """What everybody else does while a function stands still; the reconciler passes too."""
        self.plus_tard(1, self.reconcilier)
        self._avancer(self._delai - 1)

    def instant(self) -> str:
        """The present instant, as partners write it."""
        return ecrire(self.maintenant)

    def _suites(self) -> None:
        self.panne_le = self.maintenant
        for minute in SUITES_MIN:
            self.plus_tard(60 * minute, self.reconcilier)
        for minute in SUITES_MIN[4::2]:
            self.plus_tard(60 * minute, self.reprendre_les_sms)

    # -- who calls from outside

    def appeler(
        self,
        methode: str,
        route: str,
        chemin: Mapping[str, str] | None,
        corps: Any,
        identite: Identite | None,
        entetes: Mapping[str, str] | None = None,
    ) -> Resultat:
        """One call of the API; a function that dies is the gateway's 502."""
        entetes = {"X-Correlation-Id": self._nouvel_id(), **(entetes or {})}
        with self.injecteur.pour(f"{methode} {route}"), self._duree(DELAI_API_S):
            try:
                resultat = appeler(
                    methode, route, chemin, corps, identite, entetes, contexte_lambda=Contexte(SANS_HATE_S)
                )
            except Tue:
                resultat = Resultat(502, {}, None)
        self._ramasser()
        return resultat

    def insister(
        self,
        methode: str,
        route: str,
        chemin: Mapping[str, str] | None,
        corps: Any,
        identite: Identite | None,
        entetes: Mapping[str, str] | None = None,
        deja: tuple[str, ...] = (),
    ) -> Any:
        """A client who tries again what was not answered. ``deja``: the statuts that tell him that it was done.

        Gives the body; None when it had been done by a try without an answer.
        """
        for essai in range(8):
            resultat = self.appeler(methode, route, chemin, corps, identite, entetes)
            if resultat.statut // 100 == 2:
                return resultat.corps
            if resultat.statut == 409 and essai and (resultat.corps or {}).get("statut", "") in deja:
                return None
            assert resultat.statut >= 500, resultat
            self._avancer(2.0**essai)
        raise AssertionError(f"{methode} {route} : sans réponse")

    def dire(self, quoi: str, corps: Mapping[str, Any]) -> str:
        """A partner tells an event, again while it is not heard (and later, with ``redire``); its effect."""
        effet = self._dire(quoi, corps)
        if self.redire:
            for apres_s in (0, 3600):
                self.plus_tard(apres_s, lambda: self.redits.append(self._dire(quoi, corps)))
        return effet

    def _dire(self, quoi: str, corps: Mapping[str, Any]) -> str:
        texte = json.dumps(corps)
        for essai in range(6):
            signature = signer(ENVIRONNEMENT["CLE_PARTENAIRE"], texte.encode(), int(self.maintenant.timestamp()))
            entetes = {"X-Permis-Signature": signature}
            resultat = self.appeler("POST", f"/partenaires/{quoi}", None, texte, None, entetes)
            if resultat.statut == 200:
                return str(resultat.corps["effet"])
            # A numéro that the index does not know yet is told again, as any refusal.
            assert resultat.statut >= 500 or resultat.statut == 404, resultat
            self._avancer(30.0 * 2**essai)
        raise AssertionError(f"{quoi} : sans réponse")

    def _avancer(self, secondes: float) -> None:
        """Move the clock within a caller's own patience."""
        fin = self.maintenant + timedelta(seconds=secondes)
        while self._agenda and self._agenda[0][0] <= fin:
            self.maintenant, _, faire = heapq.heappop(self._agenda)
            faire()
        self.maintenant = fin

    # -- the schedules

    def reconcilier(self) -> None:
        """One run of the reconciler, unless it is put to sleep (``reconciliation``)."""
        if self.reconciliation:
            self._planifiee("veille.reconciliation")

    def reprendre_les_sms(self) -> None:
        """One run of what puts back the SMS whose quiet hours have ended."""
        self._planifiee("notifications.reprendre_attente")

    def ancrer(self) -> None:
        """One run of the anchoring; what an earlier one took and did not confirm is there again."""
        file_ = _file("ancrage")
        file_._pending_messages.clear()
        for message in file_._messages:
            message.visible_at = 0
        self._planifiee("veille.ancrage")

    def _planifiee(self, module: str) -> None:
        try:
            self._lancer(module, "tache", {})
        except Exception as echec:
            # The next run is the remedy; a fault of ours is not.
            if type(echec).__name__ != "ReconciliationIncomplete" and not isinstance(echec, _EN_PANNE):
                raise
        except Tue:
            pass

    def _lancer(self, module: str, nom: str, entree: Any) -> Any:
        fonction = self._modules[module]
        with self.injecteur.pour(module), self._duree(fonction.FONCTION.delai):
            try:
                return getattr(fonction, nom)(entree, Contexte(fonction.FONCTION.delai))
            finally:
                self._ramasser()

    @contextmanager
    def _duree(self, delai: int) -> Iterator[None]:
        avant, self._delai = self._delai, delai
        try:
            yield
        finally:
            self._delai = avant

    # -- the stream and the queues

    def _ramasser(self) -> None:
        """Take what was written or published, and have it delivered soon."""
        fragment = dynamodb_backends[COMPTE_AWS][REGION].tables["permis-journal"].stream_shard
        assert fragment is not None
        neufs = [article.to_json() for article in fragment.items[self._lus :]]
        self._lus += len(neufs)
        if neufs:
            lots = [neufs[debut : debut + 10] for debut in range(0, len(neufs), 10)]
            self._lots.extend((lot, 0) for lot in lots)
            self._reveiller_le_flux(self.retard_s)
        for nom in FILES:
            file_ = _file(nom)
            recus = [message.body for message in file_._messages]
            file_._messages = []
            if recus:
                self._files[nom] += [(corps, 0) for corps in recus for _ in range(2 if self.doubler else 1)]
                if self.melanger:
                    self._alea_des_files.shuffle(self._files[nom])
                self.plus_tard(self.retard_s, lambda nom=nom: self._servir(nom))  # type: ignore[misc]

    def _reveiller_le_flux(self, secondes: float) -> None:
        if not self._flux_occupe:
            self._flux_occupe = True
            self.plus_tard(secondes, self._livrer)

    def _livrer(self) -> None:
        """One batch of the stream, in order; one that fails is halved, then tried again, and holds up the rest."""
        lot, essais = self._lots.popleft()
        attente = RETARD_S
        try:
            self._lancer("notifications.consommateur", "consommateur", {"Records": lot})
            if self.doubler:
                self._lancer("notifications.consommateur", "consommateur", {"Records": lot})
        except (Exception, Tue):
            if len(lot) > 1:
                moitie = len(lot) // 2
                self._lots.extendleft([(lot[moitie:], 0), (lot[:moitie], 0)])
            elif essais == FLUX_ESSAIS:
                self.lettres_mortes.append("journal")
            else:
                self._lots.appendleft((lot, essais + 1))
                attente = RETARD_S if self.flux_presse else min(60.0, 2.0**essais)
        self._flux_occupe = False
        if self._lots:
            self._reveiller_le_flux(attente)

    def _servir(self, nom: str) -> None:
        """One batch of a queue; what fails is visible again later, and dead after five receptions."""
        module, fonction, taille = FILES[nom]
        lot, self._files[nom] = self._files[nom][:taille], self._files[nom][taille:]
        if not lot:
            return
        articles = [_message(rang, corps) for rang, (corps, _) in enumerate(lot)]
        rates = set(range(len(lot)))
        try:
            reponse = self._lancer(module, fonction, {"Records": articles})
            rates = {int(rate["itemIdentifier"]) for rate in reponse["batchItemFailures"]}
        except (Exception, Tue):
            pass
        for rang in sorted(rates):
            corps, essais = lot[rang]
            if essais + 1 == FILE_ESSAIS:
                self.lettres_mortes.append(nom)
            else:
                self.plus_tard(VISIBILITE_S, lambda rendu=(corps, essais + 1): self._rendre(nom, rendu))  # type: ignore[misc]
        if self._files[nom]:
            self.plus_tard(0, lambda: self._servir(nom))

    def _rendre(self, nom: str, message: tuple[str, int]) -> None:
        self._files[nom].append(message)
        self._servir(nom)

    # -- the machine's hands

    def invoquer(self, fonction: str, entree: dict[str, Any]) -> Any:
        """A Lambda called by the machine: its error is the name of what it raised."""
        module = LAMBDAS[fonction]
        with self.injecteur.pour("machine"):
            mode = self.injecteur.passer("lambda", f"Invoke {module}")
        if mode == "avant":
            raise EchecDeTache("Lambda.SdkClientException")
        fois = 2 if mode == "repris" else 1
        for _ in range(fois):
            sortie = self._tacher(module, entree)
        if mode == "apres":
            raise EchecDeTache("Lambda.SdkClientException")
        if mode == "mort":
            raise ExecutionTuee
        return sortie

    def _tacher(self, module: str, entree: dict[str, Any]) -> Any:
        try:
            return json.loads(json.dumps(self._lancer(module, "tache", json.loads(json.dumps(entree)))))
        except Exception as echec:
            raise EchecDeTache(type(echec).__name__) from None
        except Tue:
            raise EchecDeTache("Runtime.ExitError") from None

    def entrer(self, etat: str) -> bool:
        """One more state of an execution, which may end there as by an operator's hand."""
        with self.injecteur.pour("machine"):
            return self.injecteur.passer(EXECUTION, etat) is None

    def ecrire(self, parametres: dict[str, Any]) -> None:
        """The machine's own UpdateItem."""
        table = {"${TableDemandes}": "permis-demandes"}[parametres["TableName"]]
        with self.injecteur.pour("machine"):
            try:
                self._dynamodb.update_item(**{**parametres, "TableName": table})
            except ClientError as erreur:
                raise EchecDeTache(f"DynamoDb.{erreur.response['Error']['Code']}") from None
            except BotoCoreError:
                raise EchecDeTache("DynamoDb.SdkClientException") from None
            except Tue:
                raise ExecutionTuee from None

    def _stepfunctions(self, operation: str, parametres: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """The API of Step Functions."""
        arn = ENVIRONNEMENT["MACHINE_DEMANDE"].replace(":stateMachine:", ":execution:")
        try:
            match operation:
                case "StartExecution":
                    execution = self.automate.demarrer(parametres["name"], parametres["input"])
                    return 200, {"executionArn": f"{arn}:{execution.nom}", "startDate": execution.debut.timestamp()}
                case "SendTaskSuccess":
                    self.automate.reussir(parametres["taskToken"], parametres["output"])
                    return 200, {}
                case "DescribeExecution":
                    nom = parametres["executionArn"].rpartition(":")[2]
                    if nom not in self.automate.executions:
                        raise Refus("ExecutionDoesNotExist")
                    return 200, {
                        "executionArn": parametres["executionArn"],
                        "status": self.automate.executions[nom].statut,
                    }
                case "ListExecutions":
                    trouvees = [e for e in self.automate.executions.values() if e.statut == parametres["statusFilter"]]
                    return 200, {
                        "executions": [
                            {
                                "executionArn": f"{arn}:{e.nom}",
                                "name": e.nom,
                                "status": e.statut,
                                "startDate": e.debut.timestamp(),
                                "stopDate": e.fin.timestamp() if e.fin else None,
                            }
                            for e in reversed(trouvees)
                        ]
                    }
                case autre:
                    raise NotImplementedError(autre)
        except Refus as refus:
            return 400, {"__type": str(refus), "message": ""}


def _url(nom: str) -> str:
    return f"https://sqs.{REGION}.amazonaws.com/{COMPTE_AWS}/permis-{nom}"


def _file(nom: str) -> Any:
    return sqs_backends[COMPTE_AWS][REGION].queues[f"permis-{nom}"]


def _message(rang: int, corps: str) -> dict[str, Any]:
    return {
        "messageId": str(rang),
        "receiptHandle": str(rang),
        "body": corps,
        "attributes": {},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:{COMPTE_AWS}:permis",
        "awsRegion": REGION,
    }
