"""SMS through SNS, straight to a phone number."""

from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, EndpointConnectionError

from chalicelib.adapters.clients import session
from chalicelib.demande.notifications import (
    EnvoiAReprendre,
    EnvoiImpossible,
    EnvoiIncertain,
    numero_international,
)

_SANS_RETOUR = {"InvalidParameter", "InvalidParameterValue", "ParameterValueInvalid", "OptedOut", "OptedOutException"}
_PAS_PARTI = (EndpointConnectionError, ConnectTimeoutError)


def client_sans_reprise() -> Any:
    """An SNS client that sends a request once: botocore's own retry after a lost answer would send a second SMS."""
    return session().client(
        "sns", config=Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 1})
    )


class EnvoiSmsSns:
    """The port ``EnvoiSms``; ``client`` must not retry by itself."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def envoyer(self, telephone: str, texte: str) -> str:
        try:
            reponse = self._client.publish(
                PhoneNumber=numero_international(telephone),
                Message=texte,
                MessageAttributes={"AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"}},
            )
        except ClientError as erreur:
            raise self._erreur(erreur) from None
        except _PAS_PARTI as erreur:
            raise EnvoiAReprendre(type(erreur).__name__) from None
        except BotoCoreError as erreur:
            raise EnvoiIncertain(type(erreur).__name__) from None
        return str(reponse["MessageId"])

    @staticmethod
    def _erreur(erreur: ClientError) -> Exception:
        """A 4xx was refused before anything left; a 5xx leaves a doubt. Its message may quote the number: code only."""
        code = erreur.response["Error"]["Code"]
        if code in _SANS_RETOUR:
            return EnvoiImpossible(code)
        if erreur.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
            return EnvoiIncertain(code)
        return EnvoiAReprendre(code)
