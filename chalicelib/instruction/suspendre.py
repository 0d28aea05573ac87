"""POST and PUT …/suspension: what is missing is asked from the usager, element by element; only that opens for him."""

from typing import Annotated

from chalice import Blueprint
from pydantic import Field, StringConstraints

from chalicelib import wiring
from chalicelib.demande.champs import TexteLong
from chalicelib.demande.journal import Changement
from chalicelib.demande.modeles import Demande, Element, Piece
from chalicelib.demande.motifs_decision import LIBELLES_SUSPENSION
from chalicelib.demande.suspension import (
    DELAI_JOURS,
    DELAI_MAX_JOURS,
    DELAI_MIN_JOURS,
    ELEMENTS_MAX,
    corriger,
    exiger_a_suspendre,
    suspendre,
)
from chalicelib.fonctions import Fonction
from chalicelib.guichet import (
    Suite,
    auteur,
    exiger_disponible,
    lire_pour_agent_et_pieces,
    nom_en_fonction,
    repondre_suite,
    transiter,
)
from chalicelib.http import AGENT, CTN, Appel, Reponse, route
from chalicelib.saisie import Saisie
from chalicelib.settings import duree_du_jour

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:demandes": ("Query", "UpdateItem", "PutItem"),
        "table:journal": ("PutItem",),
        "table:comptes": ("GetItem",),
    },
)

Code = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class ElementVise(Saisie):
    """``cible``: a ``piece_id``, a type of pièce, ``photo_signature`` or a field; ``motif``: a code of the closed list.

    GET /api/instruction/motifs gives the list.
    """

    cible: Code = Field(title="Élément à revoir")
    motif: Code = Field(title="Motif", json_schema_extra={"libelles": dict(LIBELLES_SUSPENSION)})


class DemandeDeComplement(Saisie):
    """What is asked, the agent's own words, and how many days are left to answer (60 when not said)."""

    elements: Annotated[list[ElementVise], Field(min_length=1, max_length=ELEMENTS_MAX, title="Éléments à revoir")]
    message: TexteLong = Field(
        title="Message à l'usager", description="Ce que vous attendez de lui : il le lit tel quel."
    )
    delai_jours: Annotated[int, Field(strict=True, ge=DELAI_MIN_JOURS, le=DELAI_MAX_JOURS)] | None = Field(
        default=None,
        title="Délai pour répondre, en jours",
        description=f"De {DELAI_MIN_JOURS} à {DELAI_MAX_JOURS} ; {DELAI_JOURS} si rien n'est indiqué.",
    )

    def vises(self) -> list[Element]:
        """The elements, as the rules take them."""
        return [Element(cible=element.cible, motif=element.motif) for element in self.elements]


@route(
    bp,
    "POST",
    "/instruction/demandes/{id}/suspension",
    qui=AGENT + CTN,
    saisie=DemandeDeComplement,
    reponse=Suite,
    erreurs=(404, 409, 412),
)
def demander(appel: Appel[DemandeDeComplement]) -> Reponse:
    """Suspendre la demande et demander un complément à l'usager"""
    pieces: list[Piece] = []
    qui = auteur(appel)

    def lire() -> Demande:
        demande, pieces[:] = lire_pour_agent_et_pieces(appel)
        return demande

    def changer(demande: Demande) -> Changement:
        exiger_a_suspendre(demande, qui)
        exiger_disponible(demande, appel)
        saisie = appel.saisie
        return suspendre(
            demande,
            pieces,
            saisie.vises(),
            saisie.message,
            saisie.delai_jours,
            qui,
            # Who holds it has given his name when he took it.
            demande.agent_nom if demande.agent == qui.id and demande.agent_nom else nom_en_fonction(appel),
            wiring.horloge(),
            appel.correlation_id,
            duree_du_jour(),
        )

    return repondre_suite(transiter(appel, lire, changer))


@route(
    bp,
    "PUT",
    "/instruction/demandes/{id}/suspension",
    qui=AGENT + CTN,
    saisie=DemandeDeComplement,
    reponse=Suite,
    erreurs=(404, 409, 412),
)
def corriger_la_demande(appel: Appel[DemandeDeComplement]) -> Reponse:
    """Corriger le complément demandé

    What the usager has already answered is kept. Without ``delai_jours`` the delay stays what it was.
    """
    pieces: list[Piece] = []

    def lire() -> Demande:
        demande, pieces[:] = lire_pour_agent_et_pieces(appel)
        return demande

    def changer(demande: Demande) -> Changement | None:
        saisie = appel.saisie
        return corriger(
            demande,
            pieces,
            saisie.vises(),
            saisie.message,
            saisie.delai_jours,
            auteur(appel),
            wiring.horloge(),
            appel.correlation_id,
            duree_du_jour(),
        )

    return repondre_suite(transiter(appel, lire, changer))
