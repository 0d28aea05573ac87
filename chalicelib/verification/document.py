"""POST /verifications: whether the code of a document is ours, and what that document says.

The code names a person: it comes in a body, never in an address, and is not kept.
"""

from datetime import date
from typing import Annotated

from chalice import Blueprint
from pydantic import BaseModel, Field, StringConstraints

from chalicelib import wiring
from chalicelib.demande.instants import jour_legal
from chalicelib.demande.ports_cachet import Cachet
from chalicelib.fonctions import Fonction
from chalicelib.http import PUBLIC, Appel, Reponse, route
from chalicelib.saisie import Saisie

bp = Blueprint(__name__)
FONCTION = Fonction(droits={"key:cachet": ("GetPublicKey",)}, couches=("documents",))

MESSAGES = {
    "valide": (
        "Ce document a été délivré par le service. Comparez ce qui est écrit ici avec le document, et l'identité avec "
        "celle de la personne."
    ),
    "expire": "Ce document a été délivré par le service, mais il n'est plus valable : sa date de fin est passée.",
    "altere": "Ce code n'est pas celui d'un document délivré par le service : il a été modifié ou fabriqué.",
    "inconnu": "Ce code n'a pas été émis par le service. Vérifiez que vous avez scanné le code du bon document.",
    "illisible": "Ce code n'a pas pu être lu en entier. Scannez-le de nouveau, bien à plat et bien éclairé.",
}


class SaisieVerification(Saisie):
    """What the scanner read, as it is, separators included."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=4096)] = Field(
        title="Code du document", description="Tel que le lecteur le donne, caractères de séparation compris."
    )


class DocumentVerifie(BaseModel):
    """What the document says: names in capitals without accents, dates AAAA-MM-JJ (``date_naissance`` may be AAAA or
    AAAA-MM), ``numero`` of the demande."""

    type: str
    libelle: str
    numero: str
    emis_le: date
    nom: str
    prenom: str
    date_naissance: str | None
    expire_le: date | None
    categories: list[str]
    montant_centimes: int | None


class Verification(BaseModel):
    """``etat``: valide, expire, altere, inconnu, illisible. ``document`` for the first two only."""

    etat: str
    message: str
    document: DocumentVerifie | None


def verifier(cachet: Cachet, code: str, au: date) -> Verification:
    """What ``code`` is worth on the day ``au``. Raises ``ServiceIndisponible``."""
    from chalicelib.documents.cachet import LIBELLES
    from chalicelib.documents.cachet import verifier as lire

    rendu = lire(code, cachet, au)
    un = rendu.document
    document = un and DocumentVerifie(
        type=un.type,
        libelle=LIBELLES[un.type],
        numero=un.numero,
        emis_le=un.emis_le,
        nom=un.nom,
        prenom=un.prenom,
        date_naissance=un.date_naissance,
        expire_le=un.expire_le,
        categories=list(un.categories),
        montant_centimes=un.montant_centimes,
    )
    return Verification(etat=rendu.etat, message=MESSAGES[rendu.etat], document=document)


@route(bp, "POST", "/verifications", qui=PUBLIC, saisie=SaisieVerification, reponse=Verification, erreurs=(503,))
def handler(appel: Appel[SaisieVerification]) -> Reponse:
    """Vérifier un document délivré par le service"""
    return Reponse(verifier(wiring.cachet(), appel.saisie.code, jour_legal(wiring.horloge())))
