"""The acknowledgement of receipt of a demande (CRPA L112-3, R112-5): when, by whom, until when, and what to do then."""

from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.documents.edition import INSECABLE, composer, grouper, instant_en_lettres, jour_en_lettres


@dataclass(frozen=True)
class ElementManquant:
    """Something asked from the usager: what, and why, in words."""

    libelle: str
    raison: str


@dataclass(frozen=True)
class Recepisse:
    """What the acknowledgement says. ``numero`` has 23 digits; instants carry their zone.

    ``depose_par`` is who deposited it, in words, when it was not the holder. ``decision_avant`` is the day on which
    silence becomes a rejection; ``arrete``: that clock waits for the usager; ``jours_usager``: how many days of his
    own it has left out; ``decidee``: a decision was taken, the day has no effect any more. ``manquants`` are due
    ``avant_le``, and ``message`` is what the agent wrote. ``droits_jusqua`` ends the provisional right that ``droits``
    (a declaration, in words) gives to drive.
    """

    numero: str
    demandeur: str
    depose_par: str | None
    motif: str
    recue_le: datetime
    service: str
    adresse: tuple[str, ...]
    telephone: str
    courriel: str
    situation_au: date
    situation: str
    decision_avant: date
    arrete: bool
    jours_usager: int
    decidee: bool
    manquants: tuple[ElementManquant, ...]
    avant_le: date | None
    message: str | None
    droits_jusqua: date | None
    droits: str | None


def rendre(recepisse: Recepisse, code: str) -> bytes:
    """The PDF, with its signed ``code``."""
    return composer(
        "recepisse",
        {
            "numero": grouper(recepisse.numero),
            "demandeur": recepisse.demandeur,
            "depose_par": recepisse.depose_par,
            "motif": recepisse.motif,
            "recue_le": instant_en_lettres(recepisse.recue_le),
            "service": recepisse.service,
            "adresse": list(recepisse.adresse),
            "telephone": recepisse.telephone,
            "courriel": recepisse.courriel,
            "situation_au": jour_en_lettres(recepisse.situation_au),
            "situation": recepisse.situation,
            "decision_avant": jour_en_lettres(recepisse.decision_avant),
            "arrete": recepisse.arrete,
            "jours_usager": _jours(recepisse.jours_usager),
            "decidee": recepisse.decidee,
            "manquants": [{"libelle": un.libelle, "raison": un.raison} for un in recepisse.manquants],
            "avant_le": _le(recepisse.avant_le),
            "message": recepisse.message,
            "droits_jusqua": _le(recepisse.droits_jusqua),
            "droits": recepisse.droits,
            "droits_passes": recepisse.droits_jusqua is not None and recepisse.droits_jusqua < recepisse.situation_au,
        },
        code,
    )


def _le(jour: date | None) -> str | None:
    return jour_en_lettres(jour) if jour is not None else None


def _jours(jours: int) -> str | None:
    if jours < 1:
        return None
    return f"{jours}{INSECABLE}jour{'s' if jours > 1 else ''}"
