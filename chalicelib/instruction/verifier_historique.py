"""GET …/historique/verification: is the journal of a demande whole, and is it the one that was anchored?"""

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.demande.ports_consultations import Quoi
from chalicelib.demande.verification import Verification, verifier
from chalicelib.fonctions import Fonction
from chalicelib.guichet import lire_pour_agent
from chalicelib.http import AGENT, CTN, Appel, Reponse, route
from chalicelib.observabilite import compter, journal_technique
from chalicelib.usager import consulter

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "table:demandes": ("GetItem",),
        "table:journal": ("Query",),
        "table:consultations": ("PutItem",),
        "bucket:ancres": ("ListBucketVersions",),
    },
)


@route(
    bp,
    "GET",
    "/instruction/demandes/{id}/historique/verification",
    qui=AGENT + CTN,
    reponse=Verification,
    erreurs=(404,),
)
def handler(appel: Appel[None]) -> Reponse:
    """Vérifier l'historique d'une demande

    Compared with the demande's own end and with its anchors: `ancree_jusqua` is the rank up to which it is proven.
    """
    demande = lire_pour_agent(appel)
    consulter(appel, demande, Quoi.VERIFICATION)
    # The anchors first: the journal may only have grown since.
    ancres = wiring.ancres().de(demande.id)
    verdict = verifier(wiring.journal().chaine(demande.id), ancres)
    if not verdict.intacte:
        compter("chaines_rompues")
        causes = [f"{rupture.cause}@{rupture.rang}" for rupture in verdict.ruptures]
        journal_technique.error("chaine rompue", extra={"demande_id": demande.id, "causes": causes})
    return Reponse(verdict)
