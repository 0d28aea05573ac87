"""The outside systems: e-photo base, stamp shop, SNPC, printer with the post behind it (docs/contrats/).

All are remote, slow and sometimes down: every call below is bounded in time, and raises ``ServiceIndisponible`` when
no usable answer came. The caller then knows nothing of what the other side did: every call may be made again.
The post is asked nothing: it only tells events, as the printer does (demande/titre.py).
"""

from dataclasses import dataclass
from typing import Literal, Protocol

from chalicelib.demande.erreurs import ServiceIndisponible
from chalicelib.demande.modeles import Adresse, EtatCivil, Motif

EtatPhotoExterne = Literal["valide", "en_activation", "inconnu", "deja_utilise", "expire"]
ResultatAchat = Literal["en_attente", "accepte", "refuse", "abandon"]
EtatTimbreExterne = Literal["valide", "inconnu", "expire", "rembourse"]
EtatDossierSnpc = Literal["VALIDE", "SUSPENDU", "INVALIDE", "ANNULE"]
EtatDroit = Literal["valide", "suspendu", "annule", "expire"]
ReponseCommande = Literal["acceptee", "recue"]


@dataclass(frozen=True)
class Achat:
    """A purchase at the shop; ``numero_timbre`` (16 digits) and ``expire_le`` (instant) once ``accepte`` only."""

    resultat: ResultatAchat
    montant_centimes: int
    numero_timbre: str | None = None
    expire_le: str | None = None


@dataclass(frozen=True)
class TimbreVerifie:
    """What the shop says of a stamp; an ``inconnu`` one has neither amount (0) nor expiry."""

    etat: EtatTimbreExterne
    montant_centimes: int
    expire_le: str | None


@dataclass(frozen=True)
class Identite:
    """Who is looked for at the SNPC: nom de naissance, first prénoms in order, date (AAAA, AAAA-MM or AAAA-MM-JJ)."""

    nom: str
    prenoms: tuple[str, ...]
    date_naissance: str


@dataclass(frozen=True)
class Droit:
    """A category that one may drive; dates are AAAA-MM-JJ, ``fin`` None when it has no end."""

    categorie: str
    etat: EtatDroit
    debut: str
    fin: str | None = None


@dataclass(frozen=True)
class DossierSnpc:
    """A driver as the SNPC has him, written its own way: capitals, accents lost, JJ/MM/AAAA with 00 for the unknown.

    ``points`` are left of ``points_max``. The three texts are None when the SNPC has nothing to say: what it finds
    inconsistent, why it could not check, the country whose licence was exchanged.
    """

    numero_dossier: str
    etat: EtatDossierSnpc
    points: int
    points_max: int
    droits: tuple[Droit, ...]
    nom: str
    prenoms: tuple[str, ...]
    date_naissance: str
    sexe: Literal["F", "M"]
    nom_epouse: str | None = None
    nom_usage: str | None = None
    commune_naissance: str | None = None
    departement_naissance: str | None = None
    libelle_incoherent: str | None = None
    libelle_controle_impossible: str | None = None
    echange_etranger: str | None = None


@dataclass(frozen=True)
class Commande:
    """A card to make (``rang`` 0) or, once it came back, to post again (its n-th sending again).

    ``code_photo`` is the e-photo to print; None when the photo came on paper, filed under ``numero``.
    """

    numero: str
    rang: int
    motif: Motif
    etat_civil: EtatCivil
    adresse: Adresse
    code_photo: str | None = None


class CommandeNonRecue(ServiceIndisponible):
    """The printer has certainly not taken this order: nobody answered the call, or it was refused before any effect."""


class Photos(Protocol):
    """The e-photo base."""

    def consulter(self, code: str, reference: str | None = None) -> EtatPhotoExterne:
        """The state of the e-photo ``code`` (22 alphanumerics); asking does not spend it.

        With ``reference``, as the demande of this id sees it: what it holds itself is not ``deja_utilise``.
        """
        ...

    def reserver(self, code: str, reference: str) -> EtatPhotoExterne:
        """Hold ``code``, single use, for the demande of id ``reference``, and give its state.

        ``valide`` and ``en_activation``: it is held, however often asked. ``deja_utilise``: another one holds it. The
        other states hold nothing.
        """
        ...

    def liberer(self, code: str, reference: str) -> None:
        """Give ``code`` back, if the demande of id ``reference`` holds it: another may use it. Twice does no more."""
        ...


class Boutique(Protocol):
    """The stamp shop."""

    def creer_achat(self, reference: str, montant_centimes: int, url_retour: str) -> str:
        """Open the purchase ``reference`` and give the address of its payment page.

        The same reference and amount again: the same purchase. Raises ``Conflit`` for a known reference at another
        amount, or for a ``url_retour`` that the shop does not accept.
        """
        ...

    def consulter_achat(self, reference: str) -> Achat:
        """The purchase as the shop knows it, whether its notification came or not; ``Introuvable`` if unknown there."""
        ...

    def verifier(self, numero: str) -> TimbreVerifie:
        """What the stamp ``numero`` is worth; asking does not spend it."""
        ...


class Snpc(Protocol):
    """The national register of driving licences."""

    def consulter(self, numero_dossier: str | None = None, identite: Identite | None = None) -> DossierSnpc | None:
        """The driver of this number; without one, or when it is unknown there, the driver of this identity.

        None: the SNPC knows no such driver, or several between whom it does not choose (that is an answer, not an
        error). A number leads to its driver whatever the identity: what differs is for the agent to see (ecarts.py).
        Raises ``ValueError`` when neither is given.
        """
        ...


class Producteur(Protocol):
    """The printer of the cards, which hands them to the post."""

    def commander(self, commande: Commande) -> ReponseCommande:
        """Place an order; the same ``numero`` and ``rang`` again is the same order, whatever became of it.

        ``acceptee``: it will be made. ``recue``: it will be told later (event ``accepte``). Raises ``CommandeNonRecue``
        when this call certainly had no effect, ``ServiceIndisponible`` when nobody can tell.
        """
        ...
