"""GET …/consultations: who opened a dossier, and when; for the chef de service, and recorded like any other."""

import re
from typing import Annotated

from chalice import Blueprint
from pydantic import AfterValidator, BaseModel

from chalicelib import wiring
from chalicelib.demande.ports_consultations import Consultation, Quoi
from chalicelib.fonctions import Fonction
from chalicelib.guichet import lire_pour_agent
from chalicelib.http import Appel, Reponse, route
from chalicelib.saisie import Saisie
from chalicelib.usager import consulter

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={"table:demandes": ("GetItem",), "table:consultations": ("Query", "PutItem")},
)

PAGE = 50
CURSEUR_INCONNU = "Ce curseur n'est pas l'un des nôtres : reprenez la lecture depuis le début."
_POSITION = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{12}Z_[0-9a-f-]{36}")


def _position(curseur: str) -> str:
    if not _POSITION.fullmatch(curseur):
        raise ValueError(CURSEUR_INCONNU)
    return curseur


class Suite(Saisie):
    """``curseur``: the one that the page before gave."""

    curseur: Annotated[str, AfterValidator(_position)] | None = None


class LigneConsultation(BaseModel):
    """One opening: which account, in which role, what. ``detail`` tells which page of which pièce."""

    consultee_le: str
    compte_id: str
    role: str
    quoi: Quoi
    detail: str | None
    correlation_id: str


class PageConsultations(BaseModel):
    """A page, last opening first: ``curseur`` is null on the last one."""

    elements: list[LigneConsultation]
    curseur: str | None


def ligne(consultation: Consultation) -> LigneConsultation:
    """``consultation`` as the chef reads it."""
    return LigneConsultation(**consultation.model_dump(include=set(LigneConsultation.model_fields)))


@route(
    bp,
    "GET",
    "/instruction/demandes/{id}/consultations",
    qui=("chef",),
    requete=Suite,
    reponse=PageConsultations,
    erreurs=(404,),
)
def handler(appel: Appel[Suite]) -> Reponse:
    """Lire qui a consulté un dossier"""
    demande = lire_pour_agent(appel)
    trouvees, suite = wiring.consultations().lister(demande.id, wiring.horloge(), appel.saisie.curseur, PAGE)
    consulter(appel, demande, Quoi.CONSULTATIONS)
    return Reponse(PageConsultations(elements=[ligne(une) for une in trouvees], curseur=suite))
