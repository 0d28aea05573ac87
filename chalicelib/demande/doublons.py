"""Likely duplicates as the usager reads them: his own demandes are named, somebody else's is only said to exist.

Same nom, prénoms and date de naissance, under way, in any autorité; it forbids nothing. A demande is known from its
control on (demande/index.py): what was deposited an instant ago is told to the agent.
"""

from collections.abc import Iterable

from pydantic import BaseModel

from chalicelib.demande.modeles import Demande, Motif, Statut
from chalicelib.demande.motifs import REGLES
from chalicelib.demande.suivi import LIBELLES

DEMANDE_EN_COURS = (
    "Une demande est déjà en cours pour cette personne. Vous pouvez continuer si elle est différente ; sinon, attendez "
    "la fin de la première : deux demandes ne vont pas plus vite qu'une."
)


class DemandeEnCours(BaseModel):
    """Another demande under way for the same person: all but ``message`` is null when it is not the caller's own."""

    message: str
    id: str | None = None
    numero: str | None = None
    motif: Motif | None = None
    statut: Statut | None = None
    deposee_le: str | None = None


def signaler(usager: str, autres: Iterable[Demande]) -> list[DemandeEnCours]:
    """What to tell ``usager`` of ``autres``: his own one by one, then once that others exist."""
    autres = list(autres)
    siennes = [_la_sienne(autre) for autre in autres if autre.usager == usager]
    ailleurs = any(autre.usager != usager for autre in autres)
    return [*siennes, *([DemandeEnCours(message=DEMANDE_EN_COURS)] if ailleurs else [])]


def _la_sienne(demande: Demande) -> DemandeEnCours:
    libelles = f"« {REGLES[demande.motif].libelle} » ({LIBELLES[demande.statut].lower()})"
    return DemandeEnCours(
        message=f"Vous avez déjà une demande en cours pour cette personne : {libelles}.",
        id=demande.id,
        numero=demande.numero,
        motif=demande.motif,
        statut=demande.statut,
        deposee_le=demande.deposee_le,
    )
