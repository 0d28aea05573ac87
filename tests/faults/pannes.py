"""One error, at one chosen call: every AWS call made inside a function (or by the machine) is numbered, and may fail.

The error is met where the network is, under botocore: its retries, our translation and our own tries are the real ones.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Literal, NamedTuple

import botocore.endpoint
from botocore.client import BaseClient
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from moto.core.models import botocore_stubber

Mode = Literal["avant", "apres", "repris", "mort", "coupure", "sature", "conflit", "retard", "entracte"]
MODES: tuple[Mode, ...] = ("avant", "apres", "repris", "mort", "coupure")
"""``avant``: nothing happened, however often tried. ``apres``: it happened, no answer ever comes.

``repris``: it happened, the answer is lost, and the client of AWS itself tries again. ``mort``: it happened, and the
process that asked is gone. ``coupure``: from this call on, that service answers nobody for ``COUPURE_S``.
"""

MODES_D_AWS: tuple[Mode, ...] = ("sature", "conflit", "retard", "entracte")
"""What AWS does itself. ``sature``: too many requests, however often tried. ``conflit``: another transaction has the
item, at the first try. ``retard``: the index does not know yet what was just written. ``entracte``: the function stands
still just before the call, for nearly all the time it has, and everybody else goes on.
"""

COUPURE_S = 45

EXECUTION = "execution"
"""In the place of a service: an execution of the machine enters a state, and may be aborted there (``mort``)."""


class Point(NamedTuple):
    """A call of the life: its number, in which function, and what it asks."""

    numero: int
    qui: str
    service: str
    operation: str


class Panne(NamedTuple):
    """What goes wrong: at the call ``point``, in that ``mode``."""

    point: int
    mode: Mode


class Tue(BaseException):
    """The process dies here: nothing of ours catches it, nothing is tidied up."""


def possible(point: Point, mode: Mode) -> bool:
    """Whether that call can fail so: a mode of AWS's own only means something on some calls."""
    if point.service == EXECUTION:
        return mode == "mort"
    if mode == "sature":
        return point.service in _SATURE
    if mode == "conflit":
        return point.service == "dynamodb" and point.operation in ("TransactWriteItems", "UpdateItem")
    if mode == "entracte":
        return point.qui != "machine"
    if mode == "retard":
        # An e-photo told too early is told again by the base's daily question, and by another author.
        return point.operation in ("Query par_veille", "Query par_numero")
    return True


_SATURE = {
    "dynamodb": (400, '{"__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"}'),
    "stepfunctions": (400, '{"__type": "ThrottlingException"}'),
    "sqs": (400, '{"__type": "com.amazonaws.sqs#RequestThrottled"}'),
    "sns": (400, "<ErrorResponse><Error><Code>Throttled</Code></Error></ErrorResponse>"),
    "ses": (400, "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>"),
    "s3": (503, "<Error><Code>SlowDown</Code></Error>"),
}
_CONFLIT = {
    "UpdateItem": '{"__type": "com.amazonaws.dynamodb.v20120810#TransactionConflictException"}',
    "TransactWriteItems": json.dumps(
        {
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "CancellationReasons": [{"Code": "TransactionConflict"}],
        }
    ),
}


class _Appel:
    def __init__(self, point: Point, parametres: Any, mode: Mode | None) -> None:
        self.point = point
        self.parametres = parametres
        self.mode = mode
        self.essais = 0


class Injecteur:
    """Numbers the calls, makes one of them fail, and keeps what really left (``mails``, ``sms``)."""

    def __init__(
        self,
        panne: Panne | None,
        automate: Callable[[str, dict[str, Any]], tuple[int, dict[str, Any]]],
        horloge: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.panne = panne
        self.points: list[Point] = []
        self.touche: Callable[[], None] = lambda: None
        self.entracte: Callable[[], None] = lambda: None
        self.choisir: Callable[[Point], Mode | None] = self._prevue
        self.mails: list[str] = []
        self.sms: list[str] = []
        self._automate = automate
        self._horloge = horloge
        self._coupure: tuple[str, datetime] | None = None
        self._qui: str | None = None
        self._local = threading.local()
        self._repondus: dict[str, Any] = {}

    @contextmanager
    def pour(self, qui: str) -> Iterator[None]:
        """What is called inside is called by ``qui``, and counts."""
        avant, self._qui = self._qui, qui
        try:
            yield
        finally:
            self._qui = avant

    def passer(self, service: str, operation: str) -> Mode | None:
        """Number one call; the mode of its failure, if it is the chosen one."""
        assert self._qui is not None
        point = Point(len(self.points) + 1, self._qui, service, operation)
        self.points.append(point)
        mode = self.choisir(point)
        if mode is not None:
            self.touche()
        if mode == "coupure":
            self._coupure = service, self._horloge() + timedelta(seconds=COUPURE_S)
        if mode == "entracte":
            self.entracte()
            return None
        if self._coupure is not None and self._coupure[0] == service and self._horloge() < self._coupure[1]:
            return "avant"
        return mode

    def _prevue(self, point: Point) -> Mode | None:
        return self.panne.mode if self.panne is not None and self.panne.point == point.numero else None

    @contextmanager
    def installe(self) -> Iterator[None]:
        """Stand between botocore and moto, inside ``aws_simule``."""
        appeler, attendre = BaseClient._make_api_call, botocore.endpoint.time

        def numeroter(client: Any, operation: str, parametres: Any) -> Any:
            if self._qui is None:
                return appeler(client, operation, parametres)
            service = client.meta.service_model.service_name
            index = parametres.get("IndexName") if operation == "Query" else None
            rang = len(self.points)
            mode = self.passer(service, f"{operation} {index}" if index else operation)
            # Others may have called while this one stood still.
            self._local.appel = _Appel(self.points[rang], parametres, mode)
            try:
                return appeler(client, operation, parametres)
            finally:
                self._local.appel = None

        BaseClient._make_api_call = numeroter
        botocore.endpoint.time = SimpleNamespace(sleep=lambda _: None)
        vars(botocore_stubber)["process_request"] = self._au_reseau
        try:
            yield
        finally:
            del vars(botocore_stubber)["process_request"]
            botocore.endpoint.time = attendre
            BaseClient._make_api_call = appeler

    def _au_reseau(self, request: Any) -> Any:
        appel: _Appel | None = getattr(self._local, "appel", None)
        if appel is None:
            return _moto(request)
        appel.essais += 1
        match appel.mode:
            case "avant":
                raise EndpointConnectionError(endpoint_url=request.url)
            case "apres" | "repris" | "mort" if appel.essais == 1:
                self._effectuer(appel, request)
                if appel.mode == "mort":
                    raise Tue
                raise ReadTimeoutError(endpoint_url=request.url)
            case "apres":
                raise ReadTimeoutError(endpoint_url=request.url)
            case "sature":
                statut, corps = _SATURE[appel.point.service]
                return statut, {}, corps
            case "conflit":
                return 400, {}, _CONFLIT[appel.point.operation]
            case "retard":
                return 200, {}, '{"Items": [], "Count": 0, "ScannedCount": 0}'
        return self._effectuer(appel, request)

    def _effectuer(self, appel: _Appel, request: Any) -> Any:
        operation = appel.point.operation
        if appel.point.service == "stepfunctions":
            statut, corps = self._automate(operation, appel.parametres)
            return statut, {}, json.dumps(corps)
        if operation == "TransactWriteItems":
            # The same token again is the same transaction: DynamoDB answers as it did, moto does it again.
            jeton = json.loads(request.body)["ClientRequestToken"]
            if jeton not in self._repondus:
                self._repondus[jeton] = _moto(request)
            return self._repondus[jeton]
        if operation == "ReceiveMessage":
            # An empty queue makes moto wait for real.
            request.body = json.dumps({**json.loads(request.body), "WaitTimeSeconds": 0}).encode()
        reponse = _moto(request)
        if reponse[0] < 300 and operation == "SendEmail":
            self.mails.append(appel.parametres["Tags"][0]["Value"])
        if reponse[0] < 300 and operation == "Publish" and "PhoneNumber" in appel.parametres:
            self.sms.append(appel.parametres["Message"])
        return reponse


def _moto(request: Any) -> Any:
    return type(botocore_stubber).process_request(botocore_stubber, request)


class Distant:
    """An outside system whose calls are numbered too: ``avant`` raises ``panne_avant``, ``apres`` ``panne_apres``."""

    def __init__(
        self, nom: str, vrai: Any, injecteur: Injecteur, panne_avant: type[Exception], panne_apres: type[Exception]
    ) -> None:
        self._nom = nom
        self._vrai = vrai
        self._injecteur = injecteur
        self._pannes = panne_avant, panne_apres

    def __getattr__(self, nom: str) -> Any:
        faire = getattr(self._vrai, nom)

        def appeler(*donnees: Any, **nommees: Any) -> Any:
            mode = self._injecteur.passer(self._nom, nom)
            if mode == "avant":
                raise self._pannes[0]
            reponse = faire(*donnees, **nommees)
            if mode == "apres":
                raise self._pannes[1]
            if mode == "mort":
                raise Tue
            return faire(*donnees, **nommees) if mode == "repris" else reponse

        return appeler
