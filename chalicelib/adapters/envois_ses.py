"""Mails through SES."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.demande.notifications import Courriel, EnvoiAReprendre, EnvoiImpossible

# An address that no mail can have. Everything else (limits, our own sender not verified, sending paused) can be put
# right, then sent again, from the dead letters if need be: MessageRejected tells the carrier's refusals and our faults.
_SANS_RETOUR = {"InvalidParameterValue"}


ETIQUETTE = "evenement"
"""The tag that comes back with each event about a mail."""


def en_etiquette(evenement_id: str) -> str:
    """An event's id in the letters that a tag may have: no id has an underscore of its own."""
    return evenement_id.replace("#", "_")


def depuis_etiquette(valeur: str) -> str:
    """The event's id written by ``en_etiquette``."""
    return valeur.replace("_", "#")


class EnvoiMailsSes:
    """The port ``EnvoiMails``. ``expediteur`` is the From address, one that SES has verified.

    ``suivi`` names the configuration set that publishes what becomes of each mail; empty, nothing does.
    """

    def __init__(self, client: Any, expediteur: str, suivi: str = "") -> None:
        self._client = client
        self._expediteur = expediteur
        self._suivi = {"ConfigurationSetName": suivi} if suivi else {}

    def envoyer(self, destinataire: str, courriel: Courriel, evenement_id: str) -> str:
        try:
            reponse = self._client.send_email(
                **self._suivi,
                Tags=[{"Name": ETIQUETTE, "Value": en_etiquette(evenement_id)}],
                Source=self._expediteur,
                Destination={"ToAddresses": [destinataire]},
                Message={
                    "Subject": {"Data": courriel.objet, "Charset": "UTF-8"},
                    "Body": {
                        "Text": {"Data": courriel.texte, "Charset": "UTF-8"},
                        "Html": {"Data": courriel.html, "Charset": "UTF-8"},
                    },
                },
            )
        except ClientError as erreur:
            # The carrier's message quotes the address: only its code goes further.
            code = erreur.response["Error"]["Code"]
            raise (EnvoiImpossible if code in _SANS_RETOUR else EnvoiAReprendre)(code) from None
        except BotoCoreError as erreur:
            raise EnvoiAReprendre(type(erreur).__name__) from None
        return str(reponse["MessageId"])
