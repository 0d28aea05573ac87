"""POST /verification: whoever is shown a document that we issued can tell it from a forgery.

What is shown travels in the body, never in a URL; nothing of it is kept.
"""

import base64
import binascii
from datetime import date
from typing import Annotated, Literal, Self

from chalice import Blueprint
from pydantic import BaseModel, Field, StringConstraints, model_validator

from chalicelib import wiring
from chalicelib.demande.instants import jour_legal
from chalicelib.demande.ports_cachet import Cachet
from chalicelib.fonctions import Fonction
from chalicelib.http import PUBLIC, Appel, Reponse, route
from chalicelib.saisie import Saisie

bp = Blueprint(__name__)
FONCTION = Fonction(droits={"cle:cachet": ("GetPublicKey",)}, memoire=1769, delai=20, couches=("documents",))

FICHIER_MAX = 4_000_000
"""Characters of base 64: three megabytes, where a photo sent by our page has half of one."""

PAGES_MAX = 5

PHRASES = {
    "valide": "Ce document est authentique. Comparez ce qui suit avec le papier, et avec une pièce d'identité.",
    "expire": "Ce document est authentique, mais sa date de fin est passée : il ne vaut plus.",
    "altere": "Ce document n'est pas authentique : son code a été modifié, ou fabriqué.",
    "inconnu": "Ce code n'est pas l'un des nôtres : ce document n'a pas été délivré par ce service.",
    "illisible": "Ce code ne se lit pas. Photographiez-le de plus près, bien à plat et bien éclairé.",
    "absent": "Aucun code n'a été trouvé. Photographiez le carré noir et blanc de près, bien à plat et bien éclairé.",
}
"""What a code is worth, for who reads it (documents/cachet.py); ``absent``: nothing was found in the file."""


class Document(Saisie):
    """What is to be verified: the text of the code as a scanner reads it, or a photo or PDF where it is."""

    code: Annotated[str, StringConstraints(max_length=4096)] | None = Field(default=None, title="Texte du code")
    fichier: Annotated[str, StringConstraints(max_length=FICHIER_MAX)] | None = Field(
        default=None, title="Photo ou PDF du document", description="En base 64, 3 Mo au plus."
    )

    @model_validator(mode="after")
    def _l_un_ou_l_autre(self) -> Self:
        if (self.code is None) == (self.fichier is None):
            raise ValueError("Donnez le texte du code, ou un fichier où il figure.")
        if self.fichier is not None:
            try:
                base64.b64decode(self.fichier, validate=True)
            except binascii.Error:
                raise ValueError("Le fichier doit être écrit en base 64.") from None
        return self


class DocumentAuthentique(BaseModel):
    """What an authentic document says: names in capitals without accents, the first prénom only; days AAAA-MM-JJ."""

    type: str
    libelle: str
    numero: str
    nom: str
    prenom: str
    date_naissance: str | None
    emis_le: date
    expire_le: date | None
    montant_centimes: int | None


class Verdict(BaseModel):
    """What the code is worth; ``document`` only when it is proven."""

    etat: Literal["valide", "expire", "altere", "inconnu", "illisible", "absent"]
    phrase: str
    document: DocumentAuthentique | None


def verifier(saisie: Document, cachet: Cachet, jour: date) -> Verdict:
    """The verdict on what was given, on ``jour``. Raises ``ServiceIndisponible``."""
    from chalicelib.documents.cachet import LIBELLES
    from chalicelib.documents.cachet import verifier as verifier_code

    code = saisie.code if saisie.fichier is None else _code_du_fichier(base64.b64decode(saisie.fichier))
    if code is None:
        return Verdict(etat="absent", phrase=PHRASES["absent"], document=None)
    lu = verifier_code(code, cachet, jour)
    document = None
    if lu.document is not None:
        document = DocumentAuthentique(
            type=lu.document.type,
            libelle=LIBELLES[lu.document.type],
            numero=lu.document.numero,
            nom=lu.document.nom,
            prenom=lu.document.prenom,
            date_naissance=lu.document.date_naissance,
            emis_le=lu.document.emis_le,
            expire_le=lu.document.expire_le,
            montant_centimes=lu.document.montant_centimes,
        )
    return Verdict(etat=lu.etat, phrase=PHRASES[lu.etat], document=document)


def _code_du_fichier(octets: bytes) -> str | None:
    """The first 2D-Doc of a file, ours rather than another's; None when there is none, or it cannot be read."""
    from chalicelib.documents.cachet import est_de_nous
    from chalicelib.documents.inspection import reconnaitre
    from chalicelib.documents.reperage import contenus

    mime = reconnaitre(octets)
    trouves = contenus(octets, mime, PAGES_MAX) if mime is not None else []
    codes = [contenu.decode("ascii", "replace") for contenu in trouves]
    return next((code for code in codes if est_de_nous(code)), codes[0] if codes else None)


@route(bp, "POST", "/verification", qui=PUBLIC, saisie=Document, reponse=Verdict)
def handler(appel: Appel[Document]) -> Reponse:
    """Vérifier un document délivré par le service"""
    return Reponse(verifier(appel.saisie, wiring.cachet(), jour_legal(wiring.horloge())))
