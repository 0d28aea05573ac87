"""Accounts and sessions: what they hold, and the rules on passwords, answers, attempts and lifetimes.

Instants are epoch seconds (int) inside, ISO 8601 UTC with milliseconds where people or other systems read them.
"""

import hashlib
import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from ipaddress import IPv6Network
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from chalicelib.demande.champs import LISIBLE, motif_de_texte
from chalicelib.demande.codes import DUREE_CODE_S, UsageCode
from chalicelib.demande.erreurs import NonAuthentifie, SaisieInvalide

JETON_S = 3600
SESSION_MAX_S = 12 * 3600
SESSIONS_PAR_COMPTE = 10
RESERVATION_S = 24 * 3600
EVENEMENT_S = 30 * 24 * 3600
LIMITE_FENETRE_S = 3600
LIMITES = {"mail": 5, "sms": 3}
# Read and written in place of an account that does not exist, so that its absence does not shorten the work.
COMPTE_INCONNU = "00000000-0000-4000-8000-000000000000"

# A password is tried 5 times freely, then waits 1, 2, 4… minutes, 2 hours at most: 23 tries in a day, below the 25 that
# CNIL 2022-100 takes as the access restriction that lets a password have 50 bits. A block always ends by itself.
ECHECS_LIBRES = 5
ATTENTE_INITIALE_S = 60
ATTENTE_MAX_S = 2 * 3600
ECHECS_OUBLI_S = 24 * 3600
# Offices, town halls and France Services share an address: only a flood is stopped, for the rest of its quarter hour.
ECHECS_PAR_ADRESSE = 500
FENETRE_ADRESSE_S = 15 * 60


class StatutCompte(StrEnum):
    """Life of an account: a reservation of one day until the code of the mail comes back, then active, then closed."""

    A_ACTIVER = "a_activer"
    ACTIF = "actif"
    FERME = "ferme"


class Compte(BaseModel):
    """An account as stored. ``mot_de_passe`` and ``reponse_secrete`` are argon2id hashes, empty until their holder
    chooses them: an agent's account is opened by his chef.

    ``expire`` (epoch) only while it awaits activation. ``fantome_de`` is the account that already has this e-mail: such
    a ghost lives one day like any other awaiting account, can never be activated, and so tells nobody that an e-mail is
    taken. ``veille_le``: when the watch over unused accounts looks next, if ``veille`` says that it does (once active);
    ``prevenu_le``: when its holder was last told that it would close (``inactivite.py``).
    """

    model_config = ConfigDict(extra="ignore")

    compte_id: str
    identifiant: str
    role: str = "usager"
    autorites: tuple[str, ...] = ()
    statut: StatutCompte
    prenom: str
    nom: str
    email: str
    sexe: str
    telephone: str
    question_secrete: str
    reponse_secrete: str
    mot_de_passe: str
    cgu_acceptees_le: str
    cree_le: str
    expire: int | None = None
    fantome_de: str | None = None
    email_en_attente: str | None = None
    telephone_en_attente: str | None = None
    derniere_connexion_le: str | None = None
    veille: str | None = None
    veille_le: str | None = None
    prevenu_le: str | None = None

    def encore_la(self, maintenant: int) -> bool:
        """False when the day given to activate has passed, even if the table's TTL has not removed it yet."""
        return self.statut is not StatutCompte.FERME and (self.expire is None or self.expire > maintenant)


@dataclass(frozen=True)
class Session:
    """One open session. ``expire_le``: end of its jeton; ``fin_le``: no renewal goes beyond (epoch seconds)."""

    compte_id: str
    session_id: str
    role: str
    autorites: tuple[str, ...]
    expire_le: int
    fin_le: int


@dataclass(frozen=True)
class Acces:
    """What opens an account, chosen by its holder: hashes, but for the question."""

    mot_de_passe: str
    question_secrete: str
    reponse_secrete: str


@dataclass(frozen=True)
class Essais:
    """Failed or running password tries on one identifiant: ``prochain`` is the instant of the next one allowed."""

    nombre: int = 0
    prochain: int = 0
    expire: int = 0


@dataclass(frozen=True)
class CodeEmis:
    """A code sent: its ``nonce``, and for a new e-mail or phone the ``valeur`` that it confirms.

    ``utilise`` once it has had its effect: it then only tells a repeated call that all is done.
    """

    compte_id: str
    usage: UsageCode
    nonce: str
    expire_le: int
    valeur: str | None = None
    utilise: bool = False


@dataclass(frozen=True)
class Evenement:
    """Something to tell by mail or SMS; ``donnees`` are its further members (nonce, usage, email, telephone…)."""

    compte_id: str
    evenement_id: str
    type: str
    correlation_id: str
    survenu_le: int
    donnees: Mapping[str, str]


@dataclass(frozen=True)
class Defi:
    """A solved anti-robot challenge: its ``signature`` is spent once, and forgotten after ``expire`` (epoch)."""

    signature: str
    expire: int


@dataclass(frozen=True)
class Limite:
    """At most ``maximum`` times per hour for one target; ``cle`` carries no identity in clear."""

    cle: str
    maximum: int
    expire: int


@dataclass(frozen=True)
class Creation:
    """What is kept a day of an account creation made with an Idempotency-Key, to recognise the same body again.

    ``empreinte`` digests the plain fields; the two secrets are compared with their hashes, never digested fast.
    """

    empreinte_cle: str
    empreinte: str
    mot_de_passe: str
    reponse_secrete: str
    expire: int


class SessionOuverte(BaseModel):
    """A jeton for ``Authorization: Bearer``, good for one hour and renewable for twelve."""

    jeton: str
    expire_le: str = Field(description="ISO 8601, UTC")
    profil: str = Field(description="usager, agent, chef, ctn")
    nom: str
    prenom: str
    autorites: tuple[str, ...] = Field(description="codes of those whose demandes an agent treats; none of an usager")


class CompteAActiver(NonAuthentifie):
    """Right password, but the code of the mail has not come back yet (401)."""

    titre = "Compte à activer"
    detail = "Votre compte n'est pas encore activé : saisissez le code reçu par courriel, ou demandez-en un autre."


class CleDejaUtilisee(SaisieInvalide):
    """The Idempotency-Key came before with another body (422)."""

    def __init__(self) -> None:
        super().__init__([("Idempotency-Key", "Cette clé a déjà servi pour une autre création de compte.")])


class AntiRobotRefuse(SaisieInvalide):
    """The proof of work is wrong, too old or already spent (422)."""

    def __init__(self) -> None:
        super().__init__(
            [
                (
                    "anti_robot",
                    "La vérification anti-robot a expiré ou a déjà servi : recommencez-la, votre saisie est gardée.",
                )
            ]
        )


class CodeRefuse(SaisieInvalide):
    """Wrong, expired or exhausted code, or unknown account: one answer for all (422)."""

    def __init__(self, champ: str = "code") -> None:
        super().__init__([(champ, "Ce code est faux, expiré ou déjà trop essayé. Demandez-en un autre si besoin.")])


def instant(epoch: float) -> str:
    """ISO 8601 UTC with milliseconds of an epoch instant."""
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def nom_complet(compte: Compte) -> str:
    """« Agnès Guichet »."""
    return f"{compte.prenom} {compte.nom}"


def cle_identifiant(identifiant: str) -> str:
    """The form under which an identifiant is unique: case does not count."""
    return identifiant.lower()


def empreinte(texte: str) -> str:
    """SHA-256 in hexadecimal, for the keys of the tables (e-mail, counters)."""
    return hashlib.sha256(texte.encode()).hexdigest()


def empreinte_email(email: str) -> str:
    """The digest under which an e-mail is unique: case does not count."""
    return empreinte(email.strip().lower())


def refuser(message: str) -> PydanticCustomError:
    """A refusal of a field, in the words shown to the person."""
    return PydanticCustomError("value_error", "{error}", {"error": message})


_CLASSES = ((r"[a-z\u00df-\u00ff]", 26), (r"[A-Z\u00c0-\u00de]", 26), (r"\d", 10), (r"[^\w]|_", 32))


def _mot_de_passe(texte: str) -> str:
    """CNIL délibération 2022-100: 50 bits are enough where access is restricted after failures (``attente_apres``).

    Accepted: 12 characters of three kinds out of four (lower case, upper case, digit, other), 12 × log2(62) = 71 bits;
    or a passphrase of 14 characters of any kinds worth 50 bits (14 lower-case letters: 65; digits alone need 16: 53).
    Six different characters at least. No forced renewal.
    """
    texte = unicodedata.normalize("NFC", texte)
    tailles = [taille for motif, taille in _CLASSES if re.search(motif, texte)]
    bits = len(texte) * math.log2(sum(tailles)) if tailles else 0.0
    if not (len(tailles) >= 3 or (len(texte) >= 14 and bits >= 50)):
        raise refuser(
            "Choisissez 12 caractères au moins, de trois sortes parmi minuscules, majuscules, chiffres et signes ; "
            "ou une phrase de 14 caractères au moins."
        )
    if len(set(texte.lower())) < 6:
        raise refuser("Ce mot de passe se devine trop facilement : utilisez au moins 6 caractères différents.")
    return texte


MotDePasse = Annotated[str, StringConstraints(min_length=12, max_length=128), AfterValidator(_mot_de_passe)]
"""A password being chosen."""

MotDePasseSaisi = Annotated[
    str,
    StringConstraints(min_length=1, max_length=128),
    AfterValidator(lambda texte: unicodedata.normalize("NFC", texte)),
]
"""A password being tried: only its length is bounded, the rule of choice tells nothing here."""

Identifiant = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=3, max_length=64),
    motif_de_texte(
        r"[A-Za-z0-9](?:[A-Za-z0-9._@+\-]*[A-Za-z0-9])?",
        "L'identifiant s'écrit sans espace ni accent : lettres, chiffres, et . - _ @ + entre eux.",
    ),
]
QuestionSecrete = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), LISIBLE]
ReponseSecrete = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), LISIBLE]
IdentifiantSaisi = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
Code = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=6),
    motif_de_texte(r"[0-9]{6}", "Le code comporte 6 chiffres."),
]
ReponseAntiRobot = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2048),
    Field(description="ALTCHA payload: base64 of the JSON {algorithm, challenge, number, salt, signature}"),
]


def refuser_identifiant_dans_mot_de_passe(identifiant: str, mot_de_passe: str, champ: str = "mot_de_passe") -> None:
    """Raise ``SaisieInvalide`` when fewer than 8 characters of the password remain without the identifiant."""
    reste = mot_de_passe.lower().replace(identifiant.lower(), "")
    if len(reste) < 8:
        raise SaisieInvalide([(champ, "Le mot de passe ressemble trop à l'identifiant : choisissez-en un autre.")])


def normaliser_reponse(reponse: str) -> str:
    """A secret answer without case, accents, spaces and punctuation: « Saint-Étienne » and « saint etienne » agree."""
    # Unicode's own caseless form (D146): folding once is not enough for letters that decompose into capitals.
    plie = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", reponse.casefold()).casefold())
    lettres = "".join(c for c in plie if c.isalnum())
    # An answer made of signs only keeps them.
    return lettres or reponse.strip()


def attente_apres(nombre: int) -> int:
    """Seconds to wait after the ``nombre``-th consecutive try: none before the 5th, then doubling, 2 hours at most."""
    if nombre < ECHECS_LIBRES:
        return 0
    return int(min(ATTENTE_INITIALE_S * 2 ** min(nombre - ECHECS_LIBRES, 16), ATTENTE_MAX_S))


def essai_de_plus(essais: Essais, maintenant: int) -> Essais:
    """The count once one more try is made at ``maintenant``; failures are forgotten after a day without any."""
    nombre = (essais.nombre if essais.expire > maintenant else 0) + 1
    return Essais(nombre, maintenant + attente_apres(nombre), maintenant + ECHECS_OUBLI_S)


def cle_essais(identifiant: str) -> str:
    """Key of the tries on an identifiant, known or not: so that a block tells nothing of its existence."""
    return f"ECHECS#{empreinte(cle_identifiant(identifiant))}"


def cle_adresse(adresse: str, maintenant: int) -> tuple[str, int]:
    """Key of the failures from an address in its current quarter hour, and the end of that quarter (epoch).

    An IPv6 caller has a whole /64 to himself: it counts as one.
    """
    with suppress(ValueError):
        adresse = str(IPv6Network((adresse, 64), strict=False))
    fenetre = maintenant // FENETRE_ADRESSE_S
    return f"ADRESSE#{empreinte(adresse)}#{fenetre}", (fenetre + 1) * FENETRE_ADRESSE_S


def limite(usage: str, cible: str, maintenant: int, canal: str = "mail") -> Limite:
    """The hourly allowance of ``usage`` for ``cible`` (an identifiant, an e-mail, an account)."""
    fenetre = maintenant // LIMITE_FENETRE_S
    cle = f"LIMITE#{usage}#{empreinte(cible)}#{fenetre}"
    return Limite(cle, LIMITES[canal], (fenetre + 2) * LIMITE_FENETRE_S)


def nouvelle_session(compte: Compte, session_id: str, maintenant: int) -> Session:
    """The session opened at ``maintenant``."""
    fin = maintenant + SESSION_MAX_S
    return Session(compte.compte_id, session_id, compte.role, compte.autorites, maintenant + JETON_S, fin)


def session_prolongee(session: Session, session_id: str, maintenant: int) -> Session:
    """The session that replaces ``session``: one more hour, never beyond its ``fin_le``."""
    expire = min(maintenant + JETON_S, session.fin_le)
    return Session(session.compte_id, session_id, session.role, session.autorites, expire, session.fin_le)


@dataclass(frozen=True)
class Contexte:
    """The instant of a call, its correlation id, and where new ids and nonces come from."""

    maintenant: int
    correlation_id: str
    nouvel_id: Callable[[], str]

    def code(self, compte_id: str, usage: UsageCode, valeur: str | None = None) -> CodeEmis:
        """A new code valid half an hour."""
        return CodeEmis(compte_id, usage, self.nouvel_id(), self.maintenant + DUREE_CODE_S, valeur)

    def evenement(self, compte_id: str, type_: str, **donnees: str) -> Evenement:
        """Something to tell the holder of ``compte_id``."""
        return Evenement(compte_id, self.nouvel_id(), type_, self.correlation_id, self.maintenant, donnees)

    def evenement_de_code(self, type_: str, code: CodeEmis, **donnees: str) -> Evenement:
        """The event that has ``code`` sent: it carries the nonce, never the code."""
        return self.evenement(
            code.compte_id,
            type_,
            usage=str(code.usage),
            nonce=code.nonce,
            valable_jusqua=instant(code.expire_le),
            **donnees,
        )
