"""The journal of a demande: one entry per event, each carrying the digest of the one before.

An entry and the change it tells are written in one transaction; the entry is the event that the stream's consumer
publishes. Changing an entry breaks its own digest; removing one breaks the next one's ``precedent``.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from chalicelib.demande.index import cle_d_etat
from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Demande, PageRefusee, Paiement, Statut, StatutPiece
from chalicelib.demande.statuts import exiger_transition


@dataclass(frozen=True)
class Auteur:
    """Who did it: a person (his compte_id), the system (the function's name), or a partner (its name)."""

    genre: Literal["usager", "agent", "chef", "ctn", "systeme", "partenaire"]
    id: str


@dataclass(frozen=True)
class MouvementTimbre:
    """What the stamp held by the demande becomes in the same transaction: spent, or free again."""

    numero: str
    vers: Literal["consomme", "libre"]


@dataclass(frozen=True)
class Changement:
    """An event of a demande and all that it writes.

    ``vers`` is the new statut (None: unchanged). ``poser``/``oter`` are attributes to set or remove. ``touche`` says
    whether ``modifie_le`` moves: while a draft, only what its usager does touches it. ``precedents`` are the events
    that this one implies and that come before it, each with the statut it leads to, which may be the same: all are
    written together.
    ``elements`` are new items under the demande, ``pieces`` the new statut of some of its pièces, ``refus`` the motif
    of those refused, ``pages_refusees`` their wrong pages, when they are named. ``constate_le`` is when it happened
    outside, as a partner says. ``agent`` is the account to whom the demande is given, when that is the event;
    ``droits_etablis_autrement`` that the agent who validates answers for the rights.
    """

    evenement: str
    auteur: Auteur
    maintenant: datetime
    correlation_id: str
    vers: Statut | None = None
    poser: Mapping[str, Any] = field(default_factory=dict)
    oter: tuple[str, ...] = ()
    timbre: MouvementTimbre | None = None
    touche: bool = True
    precedents: tuple[tuple[str, Statut], ...] = ()
    elements: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    pieces: Mapping[str, StatutPiece] = field(default_factory=dict)
    refus: Mapping[str, str] = field(default_factory=dict)
    pages_refusees: Mapping[str, Sequence[PageRefusee]] = field(default_factory=dict)
    constate_le: str | None = None
    agent: str | None = None
    droits_etablis_autrement: bool | None = None


class Entree(BaseModel):
    """One journal entry as stored. ``precedent`` is empty for the first; digests are hex SHA-256.

    What an entry does not have is not in it, nor in its digest: a member may be added without breaking a chain.
    """

    demande_id: str
    rang: int
    evenement: str
    statut: Statut
    survenu_le: str
    auteur_genre: str
    auteur_id: str
    correlation_id: str
    numero: str | None = None
    constate_le: str | None = None
    agent: str | None = None
    droits_etablis_autrement: bool | None = None
    precedent: str
    empreinte: str = ""


def empreinte(entree: Entree) -> str:
    """The digest of an entry: SHA-256 of its other members as canonical JSON."""
    return empreinte_stockee(entree.model_dump(mode="json", exclude_none=True))


def empreinte_stockee(attributs: Mapping[str, Any]) -> str:
    """The same, of an entry as it lies in the store, whatever was put there since."""
    corps = {nom: valeur for nom, valeur in attributs.items() if nom != "empreinte"}
    texte = json.dumps(corps, sort_keys=True, separators=(",", ":"), default=repr)
    return hashlib.sha256(texte.encode()).hexdigest()


def entrees_suivantes(demande: Demande, changement: Changement) -> list[Entree]:
    """The entries that ``changement`` adds to the journal of ``demande``: those it implies, then its own."""
    entrees: list[Entree] = []
    rang, precedent = demande.journal_rang, demande.journal_empreinte
    suite = (*changement.precedents, (changement.evenement, changement.vers or demande.statut))
    for evenement, statut in suite:
        entree = Entree(
            demande_id=demande.id,
            rang=rang + 1,
            evenement=evenement,
            statut=statut,
            survenu_le=ecrire(changement.maintenant),
            auteur_genre=changement.auteur.genre,
            auteur_id=changement.auteur.id,
            correlation_id=changement.correlation_id,
            numero=changement.poser.get("numero", demande.numero),
            constate_le=changement.constate_le,
            precedent=precedent,
            agent=changement.agent,
            droits_etablis_autrement=changement.droits_etablis_autrement,
        )
        entrees.append(entree.model_copy(update={"empreinte": empreinte(entree)}))
        rang, precedent = rang + 1, entrees[-1].empreinte
    return entrees


def exiger_chaine(demande: Demande, changement: Changement) -> None:
    """Raise ``TransitionInterdite`` unless the table lets each statut of ``changement`` follow the one before."""
    statut = demande.statut
    for _, vers in changement.precedents:
        if vers is not statut:
            exiger_transition(statut, vers)
        statut = vers
    if changement.vers is not None:
        exiger_transition(statut, changement.vers)


def ecritures(demande: Demande, changement: Changement) -> tuple[dict[str, Any], list[Entree]]:
    """What ``changement`` writes: the demande's attributes (None: removed), and the entries of its journal."""
    entrees = entrees_suivantes(demande, changement)
    posees = {**dict.fromkeys(changement.oter), **changement.poser}
    if changement.vers is not None:
        posees["statut"] = changement.vers
    if changement.touche:
        posees["modifie_le"] = ecrire(changement.maintenant)
        autorite = posees.get("autorite", demande.autorite)
        if autorite is not None:
            posees["autorite_le"] = cle_d_etat(autorite, posees["modifie_le"])
    posees |= {"journal_rang": entrees[-1].rang, "journal_empreinte": entrees[-1].empreinte}
    return posees, entrees


def liberation(demande: Demande) -> tuple[MouvementTimbre | None, dict[str, Any]]:
    """What frees the stamp that ``demande`` holds, if any: the ledger's move and the attributes to set.

    A timbre is never lost: refusal, withdrawal or closing makes it usable again, its own expiry kept (DOMAIN §5).
    """
    paiement = demande.paiement
    if paiement is None or paiement.numero_timbre is None or paiement.etat not in ("reserve", "consomme"):
        return None, {}
    libere = Paiement.model_validate({**paiement.model_dump(), "etat": "libere"})
    return MouvementTimbre(paiement.numero_timbre, "libre"), {"paiement": libere}
