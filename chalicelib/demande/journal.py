"""The journal of a demande: one entry per event, each carrying the digest of the one before.

An entry and the change it tells are written in one transaction; the entry is the event that the stream's consumer
publishes. Changing an entry breaks its own digest; removing one breaks the next one's ``precedent``.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Demande, Paiement, Statut


@dataclass(frozen=True)
class Auteur:
    """Who did it: the usager (his compte_id), or the system (the function's name)."""

    genre: Literal["usager", "systeme"]
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
    whether the usager did it: only then does ``modifie_le`` move.
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


class Entree(BaseModel):
    """One journal entry as stored. ``precedent`` is empty for the first; digests are hex SHA-256."""

    demande_id: str
    rang: int
    evenement: str
    statut: Statut
    survenu_le: str
    auteur_genre: str
    auteur_id: str
    correlation_id: str
    numero: str | None = None
    precedent: str
    empreinte: str = ""


def empreinte(entree: Entree) -> str:
    """The digest of an entry: SHA-256 of its other members as canonical JSON."""
    corps = entree.model_dump(mode="json", exclude={"empreinte"}, exclude_none=True)
    return hashlib.sha256(json.dumps(corps, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def entree_suivante(demande: Demande, changement: Changement) -> Entree:
    """The entry that ``changement`` adds to the journal of ``demande``."""
    entree = Entree(
        demande_id=demande.id,
        rang=demande.journal_rang + 1,
        evenement=changement.evenement,
        statut=changement.vers or demande.statut,
        survenu_le=ecrire(changement.maintenant),
        auteur_genre=changement.auteur.genre,
        auteur_id=changement.auteur.id,
        correlation_id=changement.correlation_id,
        numero=changement.poser.get("numero", demande.numero),
        precedent=demande.journal_empreinte,
    )
    return entree.model_copy(update={"empreinte": empreinte(entree)})


def chaine_intacte(entrees: list[Entree], demande: Demande) -> bool:
    """Whether ``entrees`` are all there, unedited, and end where the demande says that its journal ends."""
    precedent = ""
    for rang, entree in enumerate(entrees, start=1):
        if entree.rang != rang or entree.precedent != precedent or entree.empreinte != empreinte(entree):
            return False
        precedent = entree.empreinte
    return len(entrees) == demande.journal_rang and precedent == demande.journal_empreinte


def liberation(demande: Demande) -> tuple[MouvementTimbre | None, dict[str, Any]]:
    """What frees the stamp that ``demande`` holds, if any: the ledger's move and the attributes to set.

    A timbre is never lost: refusal, withdrawal or closing makes it usable again, its own expiry kept (DOMAIN §5).
    """
    paiement = demande.paiement
    if paiement is None or paiement.numero_timbre is None or paiement.etat not in ("reserve", "consomme"):
        return None, {}
    libere = Paiement.model_validate({**paiement.model_dump(), "etat": "libere"})
    return MouvementTimbre(paiement.numero_timbre, "libre"), {"paiement": libere}
