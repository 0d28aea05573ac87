"""What the texts are made of: what they may use, a mail's two parts, its links, dates and lists in French."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.demande.instants import jour_legal, lire
from chalicelib.demande.modeles import Demande
from chalicelib.demande.notifications import Courriel
from chalicelib.notifications.mise_en_page import Bloc, Lien, en_html, en_texte

_MOIS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)


@dataclass(frozen=True)
class Dossier:
    """What a text may use, read in the tables when the notice is written.

    ``url_site`` is the site's base URL; ``email`` and ``telephone`` are where to write. As the event has them: the
    account's ``identifiant``, whether it is ``a_activer`` or an ``agent``'s, the ``code``; the ``demande``; the
    ``cloture`` of a draft or of an unused account.
    ``perime``: what the event would tell is no longer true.
    """

    url_site: str
    email: str | None = None
    telephone: str | None = None
    identifiant: str | None = None
    a_activer: bool = False
    agent: bool = False
    code: str | None = None
    perime: bool = False
    demande: Demande | None = None
    cloture: datetime | None = None

    @property
    def ou(self) -> str:
        """Where the usager reads more and answers: the site; his préfecture for a dossier that came on paper."""
        return "auprès de votre préfecture" if self.sur_papier else "sur notre site"

    @property
    def ou_par_sms(self) -> str:
        """The same in an SMS, which has no link beside its sentence."""
        return "auprès de votre préfecture" if self.sur_papier else f"sur {self.url_site}"

    @property
    def lien(self) -> str:
        """The same, at the end of an SMS."""
        return "votre préfecture" if self.sur_papier else self.url_site

    @property
    def sur_papier(self) -> bool:
        """Whether the demande came on paper: who asked for it has no account."""
        return self.demande is not None and self.demande.origine == "papier"


def courriel(objet: str, *blocs: Bloc | None) -> Courriel:
    """A mail, as text and as HTML; an empty block is left out."""
    gardes = [bloc for bloc in blocs if bloc]
    return Courriel(objet, en_texte(gardes), en_html(objet, gardes))


def page(dossier: Dossier, chemin: str, libelle: str) -> Lien:
    """A link to a page of the site."""
    return Lien(libelle, f"{dossier.url_site.rstrip('/')}{chemin}")


def page_de_l_usager(dossier: Dossier, chemin: str, libelle: str) -> Lien | None:
    """The same, if he has an account: a dossier that came on paper gives none."""
    return None if dossier.sur_papier else page(dossier, chemin, libelle)


def page_de_la_demande(dossier: Dossier, nom: str, libelle: str) -> Lien | None:
    """The same, to what the site shows of this demande: its id says nothing of anybody, and no server reads it."""
    return page_de_l_usager(dossier, f"/demande/{nom}/#{la_demande(dossier).id}", libelle)


def espace_des_agents(dossier: Dossier) -> Lien:
    """The link of what only an agent reads."""
    return page(dossier, "/agent/", "Ouvrir l'espace des agents")


def voir(dossier: Dossier) -> Lien | None:
    """The link to the follow-up of the demande."""
    return page_de_la_demande(dossier, "suivi", "Voir ma demande")


def suivre(dossier: Dossier) -> tuple[Bloc | None, ...]:
    """How the demande is followed."""
    return f"Vous pouvez suivre votre demande à tout moment {dossier.ou}.", voir(dossier)


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
