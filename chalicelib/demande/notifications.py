"""Notices by mail and SMS: their record, what may be sent again, what became of them, and the limits of an SMS.

Nothing outside can be exactly once. Per event and channel there is one record; between the send and its mark, where a
crash leaves a doubt, a mail is sent again and an SMS is not (DESIGN §10).
"""

from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from chalicelib.demande.contact import REMPLACE
from chalicelib.demande.evenements import EvenementPublie

BAIL_S = 30
"""Seconds for which a sender holds a record: longer than it may run; both together, less than its queue's visibility
timeout, so that what comes back after a crash finds the lease ended. That timeout is six runs, as AWS asks."""

CONSERVATION_S = 400 * 24 * 3600
"""How long a record is kept: beyond every redelivery and replay of dead letters, and a year of questions."""

SMS_MAX = 160
_GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM7_ETENDUS = frozenset("^{}\\[~]|€")

# Mobile numbers of overseas départements have ten digits in France, but are dialled with their own country code.
_INDICATIFS = {
    **dict.fromkeys(("0690", "0691"), "590"),
    "0694": "594",
    **dict.fromkeys(("0696", "0697"), "596"),
    **dict.fromkeys(("0639", "0692", "0693"), "262"),
}


class Canal(StrEnum):
    """How a notice reaches a person."""

    MAIL = "mail"
    SMS = "sms"


class EtatNotification(StrEnum):
    """The life of a record: ``a_envoyer`` until it is known; then one of three ends, which refuse any later change.

    ``incertain``: an SMS that was perhaps sent, never sent again. ``abandonne``: the address can't be served.
    """

    A_ENVOYER = "a_envoyer"
    ENVOYE = "envoye"
    INCERTAIN = "incertain"
    ABANDONNE = "abandonne"


class EtatLivraison(StrEnum):
    """What a carrier says later of what it took: it arrived, it came back, its reader called it unwanted."""

    LIVRE = "livre"
    REBOND = "rebond"
    PLAINTE = "plainte"


@dataclass(frozen=True)
class Livraison:
    """What a carrier says of one notice.

    A mail names its event (``evenement_id``); an SMS only has the carrier's ``reference``. ``definitif``: what came
    back will come back again; ``raison`` is the carrier's code, without the address.
    """

    canal: Canal
    etat: EtatLivraison
    le: str
    reference: str
    evenement_id: str | None = None
    definitif: bool = True
    raison: str | None = None


class Notification(BaseModel):
    """The one record of an event on a channel. It holds no address and no text.

    ``essais`` counts the attempts; ``prise_jusqua`` (ISO) is the end of the current one's lease; ``attendre_jusqua``
    the end of the quiet hours that it waits for; ``reference`` is the carrier's id of what was sent; ``raison`` the
    error's class name when it was given up. An ended record stays ended: what the carrier tells later is beside it
    (``livre_le``, ``rebond_le``, ``plainte_le``, ``raison_rebond``).
    """

    model_config = ConfigDict(extra="ignore")

    evenement_id: str
    canal: Canal
    type: str
    etat: EtatNotification
    essais: int = 0
    cree_le: str
    correlation_id: str = ""
    survenu_le: str = ""
    demande_id: str | None = None
    compte_id: str | None = None
    rang: int | None = None
    attendre_jusqua: str | None = None
    livre_le: str | None = None
    rebond_le: str | None = None
    plainte_le: str | None = None
    raison_rebond: str | None = None
    prise_jusqua: str | None = None
    envoye_le: str | None = None
    reference: str | None = None
    raison: str | None = None

    def evenement(self) -> EvenementPublie:
        """The event that the record is of, to be told again."""
        return EvenementPublie(
            evenement_id=self.evenement_id,
            type=self.type,
            demande_id=self.demande_id,
            compte_id=self.compte_id,
            rang=self.rang,
            correlation_id=self.correlation_id,
            survenu_le=self.survenu_le,
        )


SECOURS = "MailNonRemis"
"""The event made when a mail could not reach the usager: an SMS tells him that something waits for him."""


def secours(evenement: EvenementPublie) -> EvenementPublie | None:
    """What to tell by SMS of an event whose mail could not be delivered; None when nothing is.

    It has an id of its own, made from the event's: one per event, whatever is replayed. An account's events have none:
    a code sent elsewhere than asked would open a way around the address. A former contact that fails is why it was
    replaced. What an SMS says is always in a mail too, so that an SMS that fails needs nothing more: there is no way
    back, and no ping-pong.
    """
    if evenement.demande_id is None or evenement.type in (SECOURS, REMPLACE):
        return None
    return evenement.model_copy(update={"evenement_id": f"{evenement.evenement_id}#secours", "type": SECOURS})


@dataclass(frozen=True)
class Courriel:
    """A mail ready to be sent: no identity data in ``objet``; ``texte`` and ``html`` say the same."""

    objet: str
    texte: str
    html: str


class EnvoiAReprendre(Exception):
    """It was not sent, and may succeed later: a limit reached, a carrier that does not answer."""


class EnvoiImpossible(Exception):
    """The carrier refuses this address or this message for good: sending again would change nothing."""


class EnvoiIncertain(Exception):
    """Nobody knows whether it left: the connection broke after the request."""


class EnvoiEnCours(Exception):
    """Another copy of the same message is being sent right now: look again later."""


class ReferenceInconnue(Exception):
    """No record has this carrier's reference: not yet, if the carrier was faster than our mark."""


class SmsTropLong(ValueError):
    """More than 160 GSM-7 characters, or a character that GSM-7 does not have: a fault of ours, not the person's."""


def longueur_gsm7(texte: str) -> int:
    """The length of an SMS in GSM-7 septets (extended characters count twice); raises ``SmsTropLong`` outside it."""
    etrangers = sorted(set(texte) - _GSM7 - _GSM7_ETENDUS)
    if etrangers:
        raise SmsTropLong(f"caractères hors GSM-7 : {' '.join(etrangers)}")
    return len(texte) + sum(c in _GSM7_ETENDUS for c in texte)


def verifier_sms(texte: str) -> str:
    """``texte`` itself when it fits one SMS; raises ``SmsTropLong``."""
    longueur = longueur_gsm7(texte)
    if longueur > SMS_MAX:
        raise SmsTropLong(f"{longueur} caractères au lieu de {SMS_MAX}")
    return texte


def numero_international(telephone: str) -> str:
    """E.164 form of a French number of ten digits; what already begins with + is left as it is."""
    chiffres = "".join(telephone.split())
    if not chiffres.startswith("0"):
        return chiffres
    return f"+{_INDICATIFS.get(chiffres[:4], '33')}{chiffres[1:]}"
