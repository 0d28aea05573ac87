"""The pages of a pièce that a CTN operator found wrong, in words: what its usager and the agents read of them."""

from collections.abc import Sequence

from pydantic import BaseModel

from chalicelib.demande.modeles import PageRefusee
from chalicelib.demande.motifs_decision import libelle_page


class PageVue(BaseModel):
    """A page that was refused, and why: ``motif`` is a code, ``libelle`` says both (« Page 2 : illisible. »)."""

    page: int
    motif: str
    libelle: str


def pages_vues(pages: Sequence[PageRefusee]) -> list[PageVue]:
    """``pages``, each with its sentence."""
    return [
        PageVue(page=une.page, motif=une.motif, libelle=f"Page {une.page}\u00a0: {libelle_page(une.motif)}.")
        for une in pages
    ]
