"""POST /verifications: whether the code of a document is ours, and what that document says.

The code names a person: it comes in a body, never in an address, and neither it nor the file is kept.
"""

import base64
import binascii
from datetime import date
from typing import TYPE_CHECKING, Annotated, Self

from chalice import Blueprint
from pydantic import BaseModel, Field, StringConstraints, model_validator

from chalicelib import wiring
from chalicelib.demande.erreurs import DemandeInconnue
from chalicelib.demande.instants import jour_legal
from chalicelib.demande.ports import Demandes
from chalicelib.demande.ports_cachet import Cachet
from chalicelib.demande.statuts import FINALS
from chalicelib.fonctions import Fonction
from chalicelib.http import CORPS_MAX, PUBLIC, Appel, Reponse, route
from chalicelib.saisie import Saisie

if TYPE_CHECKING:
    from chalicelib.documents.cachet import DocumentScelle

bp = Blueprint(__name__)
FONCTION = Fonction(
    droits={
        "key:cachet": ("GetPublicKey",),
        "table:demandes": ("GetItem",),
        "table:demandes/index/par_numero": ("Query",),
    },
    memoire=1769,
    delai=20,
    couches=("documents",),
    # Anybody may send a file that takes its four seconds.
    simultanees=20,
)

OCTETS_MAX = 3_000_000
"""Bytes of a photo or a PDF, of which our page sends half a million. In base 64 they are four million, and what is
around them a little more: API Gateway lets ten through, but Lambda takes six in a call that waits for its answer."""

FICHIER_MAX = OCTETS_MAX * 4 // 3
TROP_LOURD = "Ce fichier dépasse 3 Mo. Photographiez plutôt le carré noir et blanc du document."

PAGES_MAX = 5
"""An acknowledgement that asks for twenty things has four, and its code is on the last one."""

MESSAGES = {
    "valide": (
        "Ce document a été délivré par le service. Comparez ce qui est écrit ici avec le document, et l'identité avec "
        "celle de la personne."
    ),
    "expire": "Ce document a été délivré par le service, mais il n'est plus valable : sa date de fin est passée.",
    "termine": (
        "Ce document a été délivré par le service, mais il ne vaut plus rien : la demande qu'il concerne est terminée."
    ),
    "remplace": (
        "Ce document a été délivré par le service, mais il ne vaut plus rien : l'identité qu'il porte a été corrigée "
        "depuis. La personne peut télécharger le nouveau document."
    ),
    "altere": "Ce code n'est pas celui d'un document délivré par le service : il a été modifié ou fabriqué.",
    "inconnu": "Ce code n'a pas été émis par le service. Vérifiez que vous avez scanné le code du bon document.",
    "absent": "Aucun code n'a été trouvé. Photographiez le carré noir et blanc de près, bien à plat et bien éclairé.",
    "fichier": (
        "Ce fichier n'est ni une photo ni un PDF que le service sait lire. Photographiez le carré noir et blanc du "
        "document, ou choisissez le PDF reçu."
    ),
    "illisible": "Ce code n'a pas pu être lu en entier. Scannez-le de nouveau, bien à plat et bien éclairé.",
}


class SaisieVerification(Saisie):
    """What is to be verified: a code, or a photo or PDF where it is."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=4096)] | None = Field(
        default=None,
        title="Code du document",
        description="Tel que le lecteur le donne, caractères de séparation compris.",
    )
    fichier: Annotated[str, StringConstraints(min_length=1)] | None = Field(
        default=None,
        title="Photo ou PDF du document",
        description="En base 64, 3 Mo au plus.",
        json_schema_extra={"maxLength": FICHIER_MAX},
    )

    @model_validator(mode="after")
    def _l_un_ou_l_autre(self) -> Self:
        if (self.code is None) == (self.fichier is None):
            raise ValueError("Donnez le code du document, ou un fichier où il figure.")
        if self.fichier is not None:
            if len(self.fichier) > FICHIER_MAX:
                raise ValueError(TROP_LOURD)
            try:
                base64.b64decode(self.fichier, validate=True)
            except (binascii.Error, ValueError):
                raise ValueError("Le fichier doit être écrit en base 64.") from None
        return self


class DocumentVerifie(BaseModel):
    """What the document says: names in capitals without accents, dates AAAA-MM-JJ (``date_naissance`` may be AAAA or
    AAAA-MM), ``numero`` of the demande. ``abrege``: a name is longer on the paper than in the code."""

    type: str
    libelle: str
    numero: str
    emis_le: date
    nom: str
    prenom: str
    date_naissance: str | None
    expire_le: date | None
    montant_centimes: int | None
    abrege: bool


class Verification(BaseModel):
    """``etat``: valide, expire, termine, remplace, altere, inconnu; illisible (the code, or the file); absent: the file
    has none.

    ``document`` for the first four only. ``termine``: an attestation whose demande has ended since; ``remplace``: whose
    demande no longer bears that identity.
    """

    etat: str
    message: str
    document: DocumentVerifie | None


def verifier(cachet: Cachet, demandes: Demandes, code: str | None, au: date) -> Verification:
    """What ``code`` is worth on the day ``au``; None: there was none. Raises ``ServiceIndisponible``.

    An attestation says that one may drive: it is looked whether its demande still lets it be given, and to that
    person. What is answered says no more than the paper, which ends with the demande: not how it ended.
    """
    if code is None:
        return Verification(etat="absent", message=MESSAGES["absent"], document=None)
    from chalicelib.documents.cachet import LIBELLES, PROVISOIRES
    from chalicelib.documents.cachet import verifier as lire

    rendu = lire(code, cachet, au)
    un, etat = rendu.document, str(rendu.etat)
    if un is not None and etat == "valide" and un.type in PROVISOIRES:
        etat = _aujourd_hui(demandes, un)
    document = un and DocumentVerifie(
        type=un.type,
        libelle=LIBELLES[un.type],
        numero=un.numero,
        emis_le=un.emis_le,
        nom=un.nom,
        prenom=un.prenom,
        date_naissance=un.date_naissance,
        expire_le=un.expire_le,
        montant_centimes=un.montant_centimes,
        abrege=un.abrege,
    )
    return Verification(etat=etat, message=MESSAGES[etat], document=document)


def _aujourd_hui(demandes: Demandes, document: "DocumentScelle") -> str:
    from chalicelib.documents.cachet import nomme_encore

    try:
        demande = demandes.lire_par_numero(document.numero)
    except DemandeInconnue:
        return "termine"
    if demande.statut in FINALS:
        return "termine"
    return "valide" if nomme_encore(document, demande) else "remplace"


def verifier_fichier(cachet: Cachet, demandes: Demandes, octets: bytes, au: date) -> Verification:
    """What the file ``octets`` is worth by its code: ours rather than another's, where it has several.

    Takes at most 4 s and 512 MB, whatever the file. Raises ``ServiceIndisponible``.
    """
    from chalicelib.documents.cachet import est_de_nous
    from chalicelib.documents.inspection import reconnaitre
    from chalicelib.documents.reperage import contenus

    mime = reconnaitre(octets)
    if mime is None:
        return Verification(etat="illisible", message=MESSAGES["fichier"], document=None)
    trouves = contenus(octets, mime, PAGES_MAX)
    codes = [contenu.decode("ascii", "replace") for contenu in trouves]
    code = next((code for code in codes if est_de_nous(code)), codes[0] if codes else None)
    return verifier(cachet, demandes, code, au)


@route(
    bp,
    "POST",
    "/verifications",
    qui=PUBLIC,
    saisie=SaisieVerification,
    reponse=Verification,
    erreurs=(503,),
    corps_max=FICHIER_MAX + CORPS_MAX,
)
def handler(appel: Appel[SaisieVerification]) -> Reponse:
    """Vérifier un document délivré par le service"""
    saisie, cachet, demandes = appel.saisie, wiring.cachet(), wiring.demandes()
    au = jour_legal(wiring.horloge())
    if saisie.fichier is None:
        return Reponse(verifier(cachet, demandes, saisie.code, au))
    return Reponse(verifier_fichier(cachet, demandes, base64.b64decode(saisie.fichier), au))
