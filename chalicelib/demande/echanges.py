"""The rules of what is said under a demande: who may still write, what is written, and once however often it is sent.

Items (table ``demandes``): ``SUITE#MESSAGE#<instant>#<id>``, ``SUITE#NOTE#<instant>#<id>``, and ``SUITE#CLE#<digest>``,
which remembers what an Idempotency-Key wrote.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from chalicelib.demande.champs import TexteLong
from chalicelib.demande.curseurs import position_de
from chalicelib.demande.erreurs import Conflit, ConflitDeVersion, TransitionInterdite
from chalicelib.demande.instants import ecrire, jours_apres, lire
from chalicelib.demande.journal import Auteur, Changement
from chalicelib.demande.modeles import Demande, Statut
from chalicelib.demande.ports import Demandes
from chalicelib.demande.ports_echanges import Echanges, Ecrit, Fil, SansReponse
from chalicelib.demande.statuts import FINALS
from chalicelib.demande.vie import passer

PAGE = 50
"""How many messages or notes a page gives: a usual conversation is one page."""

LISTE = 25
"""How many demandes a page of those that wait for an answer gives."""

MESSAGES_MAX = 500
"""How many messages a demande takes: beyond, somebody's program is writing."""

ESSAIS = 5
"""How often a message without If-Match is tried again after a concurrent write."""

SUITE_JOURS = 60
"""How long, in legal days, people still write after a card was handed over or a demande refused (convention)."""

_SUITE = frozenset({Statut.DISTRIBUEE, Statut.REFUSEE})
"""The ends that leave something to say: a card that was not received, a refusal to explain."""

_POSITION = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{12}Z#[0-9a-f]{32}")

Texte = Annotated[TexteLong, Field(description="Texte simple, sur une ou plusieurs lignes")]


class TropDeMessages(Conflit):
    """The conversation has reached its bound (409)."""

    titre = "Trop de messages"
    detail = "Cette demande a reçu trop de messages : contactez votre préfecture par un autre moyen."


Curseur = Annotated[str, position_de(_POSITION)]
"""The cursor of a page, read as the position that it stands for."""


def element(fil: Fil, position: str = "") -> str:
    """The key, under its demande, of what is written at ``position``; without one, what all of ``fil`` begin with."""
    return f"SUITE#{fil}#{position}"


def element_de_cle(cle: str) -> str:
    """The key, under its demande, of what remembers that ``cle`` wrote something."""
    return f"SUITE#CLE#{cle}"


def cle_d_envoi(fil: Fil, auteur: Auteur, cle: str | None) -> str | None:
    """An Idempotency-Key as it is kept: a digest, each author's own; None without one."""
    if cle is None:
        return None
    return hashlib.sha256(f"{fil}/{auteur.genre}/{auteur.id}/{cle}".encode()).hexdigest()[:32]


def elements(fil: Fil, ecrit: Ecrit, cle: str | None) -> dict[str, Mapping[str, Any]]:
    """The items that write ``ecrit``: itself, and what remembers ``cle``."""
    ici = element(fil, ecrit.position)
    items: dict[str, Mapping[str, Any]] = {ici: ecrit.model_dump(mode="json", exclude_none=True)}
    if cle is not None:
        items[element_de_cle(cle)] = {"vers": ici}
    return items


def est_close(demande: Demande, maintenant: datetime, jour_s: float) -> bool:
    """Whether ``demande`` has ended, and the time to write about its end is over too."""
    if demande.statut not in FINALS:
        return False
    if demande.statut not in _SUITE or demande.terminee_le is None:
        return True
    return jours_apres(lire(demande.terminee_le), SUITE_JOURS, jour_s) <= maintenant


def exiger_ouverte(demande: Demande, maintenant: datetime, jour_s: float, nom_du_service: Callable[[str], str]) -> None:
    """Raise unless people may write to each other about ``demande``: from its deposit to its end, and a while after."""
    if demande.statut is Statut.BROUILLON:
        raise TransitionInterdite(demande.statut, "Confirmez d'abord votre demande : un service pourra alors répondre.")
    if est_close(demande, maintenant, jour_s):
        service = nom_du_service(demande.autorite) if demande.autorite else "votre préfecture"
        raise TransitionInterdite(
            demande.statut,
            "Cette demande est terminée : ses messages peuvent être lus, mais plus complétés. Contact : "
            f"{service} (coordonnées sur https://lannuaire.service-public.gouv.fr).",
        )
    if demande.messages >= MESSAGES_MAX:
        raise TropDeMessages()


def envoyer(
    demandes: Demandes,
    echanges: Echanges,
    lire: Callable[[], Demande],
    rediger: Callable[[Demande], Ecrit],
    auteur: Auteur,
    maintenant: datetime,
    correlation_id: str,
    jour_s: float,
    nom_du_service: Callable[[str], str],
    *,
    cle: str | None = None,
    si_version: int | None = None,
) -> tuple[Demande, Ecrit]:
    """Write what ``rediger`` makes on what ``lire`` reads, once under one Idempotency-Key ``cle``.

    Gives the demande as it now is, and the message. Nobody needs to hold the demande to answer its usager. Raises
    ``TransitionInterdite`` (a draft, an end), ``TropDeMessages``, ``ConflitDeVersion``.
    """
    empreinte = cle_d_envoi(Fil.MESSAGES, auteur, cle)
    for essai in range(ESSAIS):
        demande = lire()
        perimee = si_version is not None and si_version != demande.version
        try:
            exiger_ouverte(demande, maintenant, jour_s, nom_du_service)
            if perimee:
                raise ConflitDeVersion(demande.version)
            ecrit = rediger(demande)
            ecriture = _message(demande, ecrit, auteur, maintenant, correlation_id, jour_s, empreinte)
            return demandes.transiter(demande, ecriture), ecrit
        except (Conflit, ConflitDeVersion) as refus:
            # Written already, and its answer lost: whatever the demande has become, the same answer.
            deja = echanges.retrouver(demande.id, empreinte) if empreinte else None
            if deja is not None:
                return demande, deja
            if isinstance(refus, Conflit) or perimee or essai == ESSAIS - 1:
                raise
    raise AssertionError("unreachable")


def _message(
    demande: Demande,
    ecrit: Ecrit,
    auteur: Auteur,
    maintenant: datetime,
    correlation_id: str,
    jour_s: float,
    empreinte: str | None,
) -> Changement:
    poser: dict[str, Any] = {"messages": demande.messages + 1}
    if auteur.genre != "usager":
        poser["attend_reponse_depuis"] = None
    elif demande.attend_reponse_depuis is None:
        poser["attend_reponse_depuis"] = ecrire(maintenant)
    return passer(
        demande,
        "MessageUsager" if auteur.genre == "usager" else "MessageAgent",
        auteur,
        maintenant,
        correlation_id,
        jour_s=jour_s,
        poser=poser,
        elements=elements(Fil.MESSAGES, ecrit, empreinte),
    )


def page_sans_reponse(
    echanges: Echanges, autorites: Sequence[str], apres: tuple[str, str] | None
) -> tuple[list[SansReponse], tuple[str, str] | None]:
    """The demandes of ``autorites`` whose usager waits for an answer, oldest first, after the position ``apres``.

    Gives where the next page begins, too: None on the last one. One query per autorité.
    """
    depuis, dernier = apres or ("0", "")
    trouvees: list[SansReponse] = []
    horizons: list[str] = []
    for autorite in dict.fromkeys(autorites):
        # One more tells whether there is another page; one more again: the position itself is read anew.
        lues, encore = echanges.sans_reponse(autorite, depuis, LISTE + 2)
        trouvees += [une for une in lues if (une.depuis, une.id) > (depuis, dernier)]
        if encore and lues:
            horizons.append(lues[-1].depuis)
    trouvees.sort(key=lambda une: (une.depuis, une.id))
    # An index gives one instant's entries in no order: what was read of the last one may not be all of it.
    entieres = [une for une in trouvees if not horizons or une.depuis < min(horizons)]
    page = (entieres or trouvees)[:LISTE]
    if not page or (len(page) == len(trouvees) and not horizons):
        return page, None
    return page, (page[-1].depuis, page[-1].id)


FONCTIONS: Mapping[str, str] = {
    "usager": "L'usager",
    "agent": "Un agent instructeur",
    "chef": "Le chef de service",
    "ctn": "Un opérateur du centre de traitement des pièces",
}
"""Who writes, by what he is: an agent has no name for the usager."""


def designer(ecrit: Ecrit, nom_du_service: Callable[[str], str]) -> str:
    """Who wrote it, by function and service: « Un agent instructeur, Préfecture de Meurthe-et-Moselle »."""
    fonction = FONCTIONS[ecrit.auteur_genre]
    return f"{fonction}, {nom_du_service(ecrit.autorite)}" if ecrit.autorite else fonction
