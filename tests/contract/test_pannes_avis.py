"""An error before or after each AWS call of a sender, then the redelivery: no mail lost, no SMS doubled, one record."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from moto.ses.models import ses_backends
from moto.sns.models import sns_backends

from chalicelib import wiring
from chalicelib.adapters.clients import client
from chalicelib.adapters.dynamo import item
from chalicelib.demande.evenements import EvenementPublie
from chalicelib.demande.modeles import Statut
from chalicelib.demande.notifications import Canal, EtatNotification
from tests.appel import COMPTE_AWS, ENVIRONNEMENT, REGION, ContexteLambda, charger
from tests.contract.tables import aws_simule
from tests.dossiers import prete

EVENEMENT = EvenementPublie(
    evenement_id="d1#2",
    type="DemandeDeposee",
    demande_id="d1",
    rang=2,
    correlation_id="corr-0001",
    survenu_le="2026-11-24T10:00:00.000Z",
)
ENVOYEURS = {Canal.MAIL: ("envoyer_mail", "envoyer_mails"), Canal.SMS: ("envoyer_sms", "envoyer_des_sms")}
MOMENTS = ("avant", "apres")


class Panne:
    """Fails the call number ``rang``, before it is made or once it is; ``appels`` are those seen, in order."""

    def __init__(self, rang: int = -1, moment: str = "avant") -> None:
        self.appels: list[str] = []
        self._rang, self._moment = rang, moment

    @contextmanager
    def active(self) -> Iterator[None]:
        appeler = BaseClient._make_api_call

        def en_panne(client_: Any, operation: str, parametres: Any) -> Any:
            self.appels.append(operation)
            touche = len(self.appels) - 1 == self._rang
            if touche and self._moment == "avant":
                raise _erreur(operation)
            resultat = appeler(client_, operation, parametres)
            if touche:
                raise _erreur(operation)
            return resultat

        BaseClient._make_api_call = en_panne
        try:
            yield
        finally:
            BaseClient._make_api_call = appeler


def _erreur(operation: str) -> ClientError:
    detail: Any = {"Error": {"Code": "InternalFailure", "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": 500}}
    return ClientError(detail, operation)


def livrer(canal: Canal) -> bool:
    """The queue delivers the event; whether the sender is done with it."""
    nom, fonction = ENVOYEURS[canal]
    (module,) = charger(f"notifications.{nom}").modules_de_test
    message = {"messageId": "m1", "eventSource": "aws:sqs", "body": EVENEMENT.model_dump_json(exclude_none=True)}
    reponse = getattr(module, fonction)({"Records": [message]}, ContexteLambda())
    return not reponse["batchItemFailures"]


def vie(canal: Canal, panne: Panne) -> tuple[int, EtatNotification]:
    """How many were sent, and the record's end, after the redeliveries that a failure calls for."""
    with aws_simule():
        client("ses").verify_email_identity(EmailAddress=ENVIRONNEMENT["EXPEDITEUR"])
        wiring.demandes().creer(prete(id="d1", numero="12441542134215461243643", statut=Statut.DEPOSEE))
        with panne.active():
            fini = livrer(canal)
        livraisons = 1
        while not fini:
            assert livraisons < 5, "la file l'aurait mis dans ses échecs"
            _laisser_passer_le_bail(canal)
            fini = livrer(canal)
            livraisons += 1
        assert livrer(canal)
        notification = wiring.notifications().lire("d1#2", canal)
        assert notification is not None
        if canal is Canal.MAIL:
            return len(ses_backends[COMPTE_AWS][REGION].sent_messages), notification.etat
        return len(sns_backends[COMPTE_AWS][REGION].sms_messages), notification.etat


def _laisser_passer_le_bail(canal: Canal) -> None:
    """What the queue's patience does: the lease of a sender that failed has ended."""
    notification = wiring.notifications().lire("d1#2", canal)
    if notification is not None and notification.prise_jusqua is not None:
        client("dynamodb").update_item(
            TableName="permis-notifications",
            Key=item({"evenement_id": "d1#2", "canal": canal}),
            UpdateExpression="SET prise_jusqua = :passe",
            ExpressionAttributeValues=item({":passe": "2026-01-01T00:00:00.000Z"}),
        )


def points(canal: Canal) -> list[tuple[str, int, str]]:
    sans = Panne()
    assert vie(canal, sans) == (1, EtatNotification.ENVOYE)
    return [(operation, rang, moment) for rang, operation in enumerate(sans.appels) for moment in MOMENTS]


@pytest.mark.parametrize("canal", list(Canal))
def test_chaque_panne_d_un_envoyeur_finit_sans_perte_ni_double_hors_de_l_envoi_lui_meme(canal: Canal) -> None:
    bilan: Counter[str] = Counter()
    for operation, rang, moment in points(canal):
        envois, etat = vie(canal, Panne(rang, moment))
        point = f"{operation} {moment}"
        if operation in ("SendEmail", "Publish"):
            # Nobody can know whether it left: a mail goes again, an SMS does not (DESIGN §10).
            attendu = {
                (Canal.MAIL, "avant"): (1, EtatNotification.ENVOYE),
                (Canal.MAIL, "apres"): (2, EtatNotification.ENVOYE),
                (Canal.SMS, "avant"): (0, EtatNotification.INCERTAIN),
                (Canal.SMS, "apres"): (1, EtatNotification.INCERTAIN),
            }[canal, moment]
        else:
            attendu = (1, EtatNotification.ENVOYE)
        assert (envois, etat) == attendu, point
        bilan[{0: "perdus", 1: "retrouvés"}.get(envois, "doublés")] += 1
    print(f"{canal} : {bilan.total()} points de panne, {dict(bilan)}")
    assert bilan.total() >= 8
