"""What every partner's call shares: its signature, checked on the bytes received before anything is read of them."""

from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel

from chalicelib import wiring
from chalicelib.demande.erreurs import NonAuthentifie
from chalicelib.demande.signature import verifier
from chalicelib.http import Appel
from chalicelib.saisie import valider
from chalicelib.settings import lire

M = TypeVar("M", bound=BaseModel)

ESSAIS = 5
"""How often an event is applied again on a demande that somebody else has just changed."""


class SignatureRefusee(NonAuthentifie):
    """The event is not signed by the partner, or too old (401)."""

    titre = "Signature refusée"
    detail = "La signature de l'événement est absente, fausse ou vieille de plus de cinq minutes."


def lire_signe(appel: Appel[Any], modele: type[M]) -> tuple[M, datetime]:
    """The event of a signed call, and the present instant; raises ``SignatureRefusee``, ``SaisieInvalide``."""
    maintenant = wiring.horloge()
    entete = appel.entetes.get("x-permis-signature", "")
    if not verifier(lire("CLE_PARTENAIRE"), appel.octets, entete, int(maintenant.timestamp())):
        raise SignatureRefusee()
    return valider(modele, appel.octets), maintenant
