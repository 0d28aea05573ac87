"""What the texts are made of: what they may use, the frame of a mail, dates and lists in French."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.demande.instants import jour_legal, lire
from chalicelib.demande.modeles import Demande
from chalicelib.demande.notifications import Courriel

_MOIS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)


@dataclass(frozen=True)
class Dossier:
    """What a text may use, read in the tables when the notice is written.

    ``url_site`` is the site's base URL; ``email`` and ``telephone`` are where to write. As the event has them: the
    account's ``identifiant``, whether it is ``a_activer``, the ``code``; the ``demande``; the ``cloture`` of a draft.
    ``perime``: what the event would tell is no longer true.
    """

    url_site: str
    email: str | None = None
    telephone: str | None = None
    identifiant: str | None = None
    a_activer: bool = False
    code: str | None = None
    perime: bool = False
    demande: Demande | None = None
    cloture: datetime | None = None

    @property
    def ou(self) -> str:
        """Where the usager reads more and answers: the site; his préfecture for a dossier that came on paper."""
        return "auprès de votre préfecture" if self._sur_papier else f"sur {self.url_site}"

    @property
    def lien(self) -> str:
        """The same, at the end of an SMS."""
        return "votre préfecture" if self._sur_papier else self.url_site

    @property
    def _sur_papier(self) -> bool:
        return self.demande is not None and self.demande.origine == "papier"


def courriel(objet: str, *paragraphes: str) -> Courriel:
    """A mail in its frame; an empty paragraph is left out."""
    fin = "Ce message est automatique : il n'est pas possible d'y répondre.\nPermis de conduire en ligne"
    return Courriel(objet, "\n\n".join(("Bonjour,", *filter(None, paragraphes), fin)) + "\n")


def la_demande(dossier: Dossier) -> Demande:
    """The demande that a text speaks of; raises ``ValueError`` when there is none."""
    if dossier.demande is None:
        raise ValueError("ce texte parle d'une demande")
    return dossier.demande


def en_lettres(instant: str) -> str:
    """``24 janvier 2027``, from a stored instant: the calendar day in France."""
    jour = jour_legal(lire(instant))
    return f"{'1er' if jour.day == 1 else jour.day} {_MOIS[jour.month - 1]} {jour.year}"


def en_chiffres(instant: str) -> str:
    """``24/01/2027``, for an SMS."""
    return f"{jour_legal(lire(instant)):%d/%m/%Y}"


def avant_le(dossier: Dossier, *, court: bool = False) -> str:
    """`` avant le 24 janvier 2027``: the deadline that runs; empty when none does. The day itself is left out."""
    echeance = la_demande(dossier).echeance
    if echeance is None:
        return ""
    return f" avant le {en_chiffres(echeance) if court else en_lettres(echeance)}"


def puces(lignes: list[str]) -> str:
    """One line each, behind a dash."""
    return "\n".join(f"- {ligne}" for ligne in lignes)
