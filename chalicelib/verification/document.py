"""POST /verifications: whether the code of a document is ours, and what that document says.

The code names a person: it comes in a body, never in an address, and neither it nor the file is kept.
"""

import base64
import binascii
from datetime import date
from typing import Annotated, Self

from chalice import Blueprint
from pydantic import BaseModel, Field, StringConstraints, model_validator

from chalicelib import wiring
from chalicelib.demande.instants import jour_legal
from chalicelib.demande.ports_cachet import Cachet
from chalicelib.fonctions import Fonction
from chalicelib.http import PUBLIC, Appel, Reponse, route
from chalicelib.saisie import Saisie

bp = Blueprint(__name__)
FONCTION = Fonction(droits={"key:cachet": ("GetPublicKey",)}, memoire=1769, delai=20, couches=("documents",))

FICHIER_MAX = 4_000_000
"""Characters of base 64: three megabytes, where a photo sent by our page has half of one."""

PAGES_MAX = 5

MESSAGES = {
    "valide": (
        "Ce document a été délivré par le service. Comparez ce qui est écrit ici avec le document, et l'identité avec "
        "celle de la personne."
    ),
    "expire": "Ce document a été délivré par le service, mais il n'est plus valable : sa date de fin est passée.",
    "altere": "Ce code n'est pas celui d'un document délivré par le service : il a été modifié ou fabriqué.",
    "inconnu": "Ce code n'a pas été émis par le service. Vérifiez que vous avez scanné le code du bon document.",
    "absent": "Aucun code n'a été trouvé. Photographiez le carré noir et blanc de près, bien à plat et bien éclairé.",
    "illisible": "Ce code n'a pas pu être lu en entier. Scannez-le de nouveau, bien à plat et bien éclairé.",
}


class SaisieVerification(Saisie):
    """What is to be verified: a code, or a photo or PDF where it is."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=4096)] | None = Field(
        default=None,
        title="Code du document",
        description="Tel que le lecteur le donne, caractères de séparation compris.",
    )
    fichier: Annotated[str, StringConstraints(min_length=1, max_length=FICHIER_MAX)] | None = Field(
        default=None, title="Photo ou PDF du document", description="En base 64, 3 Mo au plus."
    )

    @model_validator(mode="after")
    def _l_un_ou_l_autre(self) -> Self:
        if (self.code is None) == (self.fichier is None):
            raise ValueError("Donnez le code du document, ou un fichier où il figure.")
        if self.fichier is not None:
            try:
                base64.b64decode(self.fichier, validate=True)
            except (binascii.Error, ValueError):
                raise ValueError("Le fichier doit être écrit en base 64.") from None
        return self


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
    """``etat``: valide, expire, altere, inconnu, illisible; absent when the file has no code.

    ``document`` for the first two only.
    """

    etat: str
    message: str
    document: DocumentVerifie | None


def verifier(cachet: Cachet, code: str | None, au: date) -> Verification:
    """What ``code`` is worth on the day ``au``; None: there was none. Raises ``ServiceIndisponible``."""
    if code is None:
        return Verification(etat="absent", message=MESSAGES["absent"], document=None)
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


def code_du_fichier(octets: bytes) -> str | None:
    """The 2D-Doc of a file, ours rather than another's; None when there is none, or it cannot be read.

    Takes at most 4 s and 512 MB, whatever the file.
    """
    from chalicelib.documents.cachet import est_de_nous
    from chalicelib.documents.inspection import reconnaitre
    from chalicelib.documents.reperage import contenus

    mime = reconnaitre(octets)
    trouves = contenus(octets, mime, PAGES_MAX) if mime is not None else []
    codes = [contenu.decode("ascii", "replace") for contenu in trouves]
    return next((code for code in codes if est_de_nous(code)), codes[0] if codes else None)


@route(bp, "POST", "/verifications", qui=PUBLIC, saisie=SaisieVerification, reponse=Verification, erreurs=(503,))
def handler(appel: Appel[SaisieVerification]) -> Reponse:
    """Vérifier un document délivré par le service"""
    saisie = appel.saisie
    code = saisie.code if saisie.fichier is None else code_du_fichier(base64.b64decode(saisie.fichier))
    return Reponse(verifier(wiring.cachet(), code, jour_legal(wiring.horloge())))
