"""Seal what we issue, and say whether a code is one of ours: the structure of a 2D-Doc, signed by our own authority.

The code says only what its reader must compare with the paper and with the person in front of him.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Literal

from chalicelib.demande.index import forme_de_recherche
from chalicelib.demande.modeles import Demande
from chalicelib.demande.ports_cachet import AUTORITE, Cachet
from chalicelib.documents.deuxddoc import (
    GS,
    RS,
    US,
    Incomprehensible,
    base32,
    decouper,
    jour_code,
    jour_lu,
    separer,
    verifier_signature,
)

PERIMETRE = 99  # the ANTS's is 01: our types and fields are not its own
PAYS = AUTORITE[:2]
NOM_MAX = 60  # characters kept of a name: the symbol must stay small enough to be printed and read
MARGE = 2  # modules of white around the symbol; the standard asks for one

LONGUEURS = {"P0": None, "P1": None, "P2": None, "P3": None, "P4": 4, "P6": None}
"""Numéro, nom, premier prénom, date de naissance (AAAA, AAAAMM or AAAAMMJJ), expiry, euro cents."""

# Latin letters that are no letter with an accent; the rest is Unicode's own business (demande/index.py).
LETTRES = str.maketrans(
    {
        "Ł": "L", "Đ": "D", "Ð": "D", "Ø": "O", "Þ": "TH", "Ħ": "H", "Ŋ": "N", "Ŧ": "T", "ĸ": "K",
        "ẜ": "S", "ẝ": "S", "ẟ": "D", "Ỻ": "LL", "Ỽ": "V", "Ỿ": "Y",
    }
)  # fmt: skip


class TypeDocument(StrEnum):
    """What we issue."""

    JUSTIFICATIF = "PJ"
    RECEPISSE = "RC"
    RECU = "RP"
    DECLARATION_DE_PERTE = "DP"
    DROITS_A_CONDUIRE = "DC"
    TALON = "TP"


PROVISOIRES = frozenset({TypeDocument.DECLARATION_DE_PERTE, TypeDocument.DROITS_A_CONDUIRE})
"""What lets one drive without a card, until a day, and while its demande lasts."""

LIBELLES = {
    TypeDocument.JUSTIFICATIF: "Justificatif de pré-demande de permis de conduire",
    TypeDocument.RECEPISSE: "Accusé de réception d'une demande de permis de conduire",
    TypeDocument.RECU: "Reçu de paiement",
    TypeDocument.DECLARATION_DE_PERTE: "Attestation de déclaration de perte du permis de conduire",
    TypeDocument.DROITS_A_CONDUIRE: "Attestation provisoire de droits à conduire",
    TypeDocument.TALON: "Talon photo-signature",
}


@dataclass(frozen=True)
class DocumentScelle:
    """What a sealed document says. ``numero`` is the demande's, or its key in capitals while it has none (a talon, a
    receipt of before its confirmation); ``date_naissance`` is AAAA, AAAA-MM or AAAA-MM-JJ.

    Read back, names are in capitals without accents; ``prenom`` is the first one; ``abrege``: a name was too long for
    the code, which has its beginning only. ``expire_le`` is its last good day.
    """

    type: TypeDocument
    numero: str
    emis_le: date
    nom: str = field(repr=False)
    prenom: str = field(repr=False)
    date_naissance: str | None = field(default=None, repr=False)
    expire_le: date | None = None
    montant_centimes: int | None = None
    abrege: bool = False


Etat = Literal["valide", "expire", "altere", "inconnu", "illisible"]


@dataclass(frozen=True)
class Authenticite:
    """What a code is worth; ``document`` for ``valide`` and ``expire`` only: nothing is shown of what is not proven.

    ``altere``: it says that it is ours, and it is not what we signed. ``inconnu``: a 2D-Doc of somebody else, or of a
    key that was never ours. ``illisible``: no 2D-Doc at all.
    """

    etat: Etat
    document: DocumentScelle | None = None


def sceller_demande(
    type_: TypeDocument,
    demande: Demande,
    cachet: Cachet,
    emis_le: date,
    expire_le: date | None = None,
    montant_centimes: int | None = None,
) -> str:
    """The text of the code of a document of ``demande``: whose it is, and until when; a loss and rights are proven by
    the birth date too. Raises ``ServiceIndisponible``."""
    etat_civil = demande.etat_civil
    document = DocumentScelle(
        type=type_,
        numero=demande.numero or demande.id,
        emis_le=emis_le,
        nom=etat_civil.nom_naissance if etat_civil else "",
        prenom=etat_civil.prenoms[0] if etat_civil else "",
        date_naissance=etat_civil.date_naissance if etat_civil and type_ in PROVISOIRES else None,
        expire_le=expire_le,
        montant_centimes=montant_centimes,
    )
    return sceller(document, cachet)


def sceller(document: DocumentScelle, cachet: Cachet) -> str:
    """The text of the code of ``document``. Raises ``ServiceIndisponible``."""
    jour = jour_code(document.emis_le)
    entete = f"DC04{AUTORITE}{cachet.certificat}{jour}{jour}{document.type}{PERIMETRE:02}{PAYS}"
    message = entete + "".join(_champs(document))
    return message + US + base32(cachet.signer(message.encode("ascii")))


def est_de_nous(code: str) -> bool:
    """Whether ``code`` says that our authority signed it."""
    return code[4 : 4 + len(AUTORITE)] == AUTORITE


def verifier(code: str, cachet: Cachet, au: date) -> Authenticite:
    """What ``code``, as a scanner reads it, is worth on the day ``au``. Never raises for what is in it; raises
    ``ServiceIndisponible``."""
    try:
        contenu = separer(code.encode())
    except (Incomprehensible, UnicodeEncodeError):
        return Authenticite("illisible")
    cle = cachet.cle_publique(contenu.certificat) if contenu.autorite == AUTORITE else None
    if cle is None:
        return Authenticite("inconnu")
    # Nothing before, nothing after: our codes have no annex, and what is not signed would be believed with the rest.
    ecrit_par_nous = contenu.signe.decode("ascii") + US + base32(contenu.signature)
    if code != ecrit_par_nous or not verifier_signature(cle, contenu.signe, contenu.signature):
        return Authenticite("altere")
    champs = {nom: valeur for nom, valeur, _ in decouper(contenu.donnees, LONGUEURS)}
    naissance = re.sub(r"(?<=^\d{4})(\d\d)(\d\d)?$", _avec_tirets, champs.get("P3", ""))
    document = DocumentScelle(
        type=TypeDocument(contenu.type),
        numero=champs["P0"],
        emis_le=contenu.emis_le or date.min,
        nom=champs.get("P1", ""),
        prenom=champs.get("P2", ""),
        date_naissance=naissance or None,
        expire_le=jour_lu(champs["P4"]) if "P4" in champs else None,
        montant_centimes=int(champs["P6"]) if "P6" in champs else None,
        abrege=RS in contenu.donnees,
    )
    passe = document.expire_le is not None and document.expire_le < au
    return Authenticite("expire" if passe else "valide", document)


def nomme_encore(document: DocumentScelle, demande: Demande) -> bool:
    """Whether ``document``, read back, names the holder of ``demande`` as it is now: an identity may be corrected."""
    dit = demande.etat_civil
    if dit is None:
        return False
    noms = (_abreger(_capitales(nom)) for nom in (dit.nom_naissance, dit.prenoms[0]))
    return (document.nom, document.prenom, document.date_naissance) == (*noms, dit.date_naissance)


def symbole_svg(code: str) -> str:
    """The Data Matrix of ``code``, to draw in a document: one unit is one module, white margin included."""
    lignes = _modules(code)
    cote = len(lignes) + 2 * MARGE
    traits = "".join(
        f"M{x + MARGE} {y + MARGE}h{longueur}v1h-{longueur}z"
        for y, ligne in enumerate(lignes)
        for x, longueur in _series(ligne)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{cote}" height="{cote}" viewBox="0 0 {cote} {cote}">'
        f'<path fill="#fff" d="M0 0h{cote}v{cote}h-{cote}z"/><path d="{traits}"/></svg>'
    )


def _champs(document: DocumentScelle) -> Iterator[str]:
    for nom, valeur in (
        ("P0", document.numero.upper()),
        ("P1", _capitales(document.nom)),
        ("P2", _capitales(document.prenom)),
        ("P3", (document.date_naissance or "").replace("-", "")),
        ("P6", "" if document.montant_centimes is None else str(document.montant_centimes)),
    ):
        if len(valeur) > NOM_MAX:
            yield f"{nom}{_abreger(valeur)}{RS}"
        elif valeur:
            yield f"{nom}{valeur}{GS}"
    if document.expire_le:
        yield f"P4{jour_code(document.expire_le)}"


def _abreger(valeur: str) -> str:
    return valeur[:NOM_MAX].rstrip()


def _capitales(nom: str) -> str:
    """What the symbol writes in few bits: capitals, digits, spaces. A letter of another alphabet is not there."""
    lettres = re.sub(r"[^A-Z0-9 ]", " ", forme_de_recherche(nom.upper().translate(LETTRES)))
    return " ".join(lettres.split())


def _avec_tirets(fin: re.Match[str]) -> str:
    return "".join(f"-{partie}" for partie in fin.groups() if partie)


def _modules(code: str) -> list[bytes]:
    """The symbol, a byte for each module: 0 is black."""
    import zxingcpp

    symbole = zxingcpp.create_barcode(code.encode("ascii"), zxingcpp.BarcodeFormat.DataMatrix)
    image: Any = symbole.to_image(scale=1, add_quiet_zones=False)  # its stub does not say that it is a buffer
    hauteur, largeur = image.shape[:2]
    octets = bytes(image)
    return [octets[rang * largeur : (rang + 1) * largeur] for rang in range(hauteur)]


def _series(ligne: bytes) -> Iterator[tuple[int, int]]:
    """Where black begins, and for how long."""
    for serie in re.finditer(rb"\x00+", ligne):
        yield serie.start(), len(serie.group())
