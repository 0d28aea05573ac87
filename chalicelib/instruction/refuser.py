"""POST …/refus: the agent refuses the demande, with a motif of the closed list and its reasons (CRPA L211-2)."""

from typing import Annotated

from chalice import Blueprint
from pydantic import AfterValidator, Field

from chalicelib import wiring
from chalicelib.demande.champs import TexteLong
from chalicelib.demande.decision import MOTIFS_DE_DROITS, consulter_snpc, exiger_motif_fonde, exiger_refusable, refuser
from chalicelib.demande.journal import Changement
from chalicelib.demande.modeles import Decision, Demande
from chalicelib.demande.motifs_decision import LIBELLES_REFUS
from chalicelib.fonctions import Fonction
from chalicelib.guichet import Suite, auteur, exiger_disponible, lire_pour_agent, repondre_suite, transiter
from chalicelib.http import AGENT, Appel, Reponse, route
from chalicelib.saisie import Saisie
from chalicelib.settings import duree_du_jour

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:demandes": ("GetItem", "UpdateItem"),
        "table:journal": ("PutItem",),
        "table:timbres": ("UpdateItem",),
    },
    variables=("URL_SNPC",),
    delai=20,
)


MESSAGE_MIN = 10


def _de_la_liste(motif: str) -> str:
    if motif not in LIBELLES_REFUS:
        raise ValueError("Ce motif de refus n'est pas dans la liste (GET /api/instruction/motifs).")
    return motif


class Refus(Saisie):
    """The motif (closed list) and the facts behind it, which the usager reads."""

    motif: Annotated[str, AfterValidator(_de_la_liste)] = Field(
        title="Motif du refus", json_schema_extra={"libelles": dict(LIBELLES_REFUS)}
    )
    message: Annotated[TexteLong, Field(min_length=MESSAGE_MIN)] = Field(
        title="Message à l'usager", description="Les faits qui fondent le refus : l'usager les lit tels quels."
    )


@route(
    bp,
    "POST",
    "/instruction/demandes/{id}/refus",
    qui=AGENT,
    saisie=Refus,
    reponse=Suite,
    erreurs=(404, 409, 412, 503),
)
def handler(appel: Appel[Refus]) -> Reponse:
    """Refuser la demande"""
    decision = Decision(motif=appel.saisie.motif, message=appel.saisie.message)

    def changer(demande: Demande) -> Changement:
        exiger_refusable(demande)
        if decision.motif in MOTIFS_DE_DROITS:
            exiger_disponible(demande, appel)
            # Asked last, as for a validation.
            exiger_motif_fonde(decision.motif, consulter_snpc(demande, wiring.snpc()))
        return refuser(demande, decision, auteur(appel), wiring.horloge(), appel.correlation_id, duree_du_jour())

    return repondre_suite(transiter(appel, lambda: lire_pour_agent(appel), changer))
