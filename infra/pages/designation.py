"""What an agent may point at to ask it again, and why: pages offer what the API accepts, no more and no less."""

from chalicelib.demande.motifs_decision import LIBELLES_SUSPENSION, libelle_cible, motifs_de
from chalicelib.demande.suspension import ELEMENTS_MAX, MANQUANTE, OUVRABLES, PHOTO

__all__ = ["CIBLES", "ELEMENTS_MAX", "MOTIFS_SUSPENSION"]


def _cibles(partie: str) -> list[tuple[str, str]]:
    champs = () if partie == PHOTO else OUVRABLES[partie]
    return [(cible, libelle_cible(cible, {})) for cible in (partie, *(f"{partie}.{champ}" for champ in champs))]


CIBLES: dict[str, list[tuple[str, str]]] = {partie: _cibles(partie) for partie in OUVRABLES}
"""Part by part of the form: (cible, words); the part itself comes first, and means all of it."""

MOTIFS_SUSPENSION: dict[str, list[tuple[str, str]]] = {
    "champ": list(motifs_de(cible_est_piece=False).items()),
    "photo": list(motifs_de(cible_est_piece=False, cible_est_photo=True).items()),
    "piece": list(motifs_de(cible_est_piece=True).items()),
    "manquante": [(MANQUANTE, LIBELLES_SUSPENSION[MANQUANTE])],
}
"""Each kind of target has its own motifs; a type of which there is no pièce can only be missing."""
