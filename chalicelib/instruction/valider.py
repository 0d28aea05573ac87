"""POST …/validation: the agent validates the demande; the machine orders its card."""

from chalice import Blueprint
from pydantic import Field, StrictBool

from chalicelib import wiring
from chalicelib.demande.decision import consulter_snpc, exiger_decidable, exiger_droits, valider
from chalicelib.demande.journal import Changement
from chalicelib.demande.modeles import Demande, Piece
from chalicelib.fonctions import Fonction
from chalicelib.guichet import Suite, auteur, exiger_disponible, lire_pour_agent_et_pieces, repondre_suite, transiter
from chalicelib.http import AGENT, Appel, Reponse, route
from chalicelib.saisie import Saisie
from chalicelib.settings import duree_du_jour

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={"table:demandes": ("Query", "UpdateItem"), "table:journal": ("PutItem",)},
    variables=("URL_SNPC",),
    delai=20,
)


class Validation(Saisie):
    """``droits_etablis_autrement``: the agent answers for rights that the SNPC does not know (paper record)."""

    droits_etablis_autrement: StrictBool = Field(
        default=False, title="Les droits, inconnus du SNPC, sont établis autrement (dossier papier)"
    )


@route(
    bp,
    "POST",
    "/instruction/demandes/{id}/validation",
    qui=AGENT,
    saisie=Validation,
    reponse=Suite,
    erreurs=(404, 409, 412, 503),
)
def handler(appel: Appel[Validation]) -> Reponse:
    """Valider la demande"""
    pieces: list[Piece] = []

    def lire() -> Demande:
        demande, pieces[:] = lire_pour_agent_et_pieces(appel)
        return demande

    def changer(demande: Demande) -> Changement:
        exiger_decidable(demande, pieces)
        exiger_disponible(demande, appel)
        # Asked last: a slow register is not waited for when something nearer says no.
        autrement = appel.saisie.droits_etablis_autrement
        exiger_droits(consulter_snpc(demande, wiring.snpc()), autrement)
        return valider(demande, auteur(appel), wiring.horloge(), appel.correlation_id, duree_du_jour(), autrement)

    return repondre_suite(transiter(appel, lire, changer))
