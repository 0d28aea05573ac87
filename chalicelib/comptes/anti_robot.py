"""GET /anti-robot: the challenge that public forms solve before they are sent."""

from typing import Literal

from chalice import Blueprint
from pydantic import BaseModel

from chalicelib import wiring
from chalicelib.fonctions import Fonction
from chalicelib.http import PUBLIC, Appel, Reponse, route

bp = Blueprint(__name__)

FONCTION = Fonction(variables=("CLE_ALTCHA",), memoire=256)


class DefiAntiRobot(BaseModel):
    """An ALTCHA challenge: find ``number`` ≤ ``maxnumber`` with SHA-256(salt + number) = challenge, within 10 minutes.

    The answer, field ``anti_robot`` of the forms, is base64 of the JSON {algorithm, challenge, number, salt,
    signature}.
    """

    algorithm: Literal["SHA-256"]
    challenge: str
    salt: str
    maxnumber: int
    signature: str


@route(bp, "GET", "/anti-robot", qui=PUBLIC, reponse=DefiAntiRobot)
def donner_un_defi(appel: Appel[None]) -> Reponse:
    """Donne un défi anti-robot (preuve de travail, sans image)."""
    return Reponse(wiring.anti_robot().defi(wiring.maintenant()))
