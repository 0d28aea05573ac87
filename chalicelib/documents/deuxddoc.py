"""Read a 2D-Doc: its header, its fields, and whether who signed it is who it says (DOMAIN §7).

`tddoc` gives the certificates of the authorities, the names of the types and the length of each field. Its own reading
stops at the first character that the specification does not foresee, and verifies P-256 only: ours does neither.
"""

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from chalicelib.demande.domicile import AdresseLue, CodeLu, Personne, Signature

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

GS, RS, US = "\x1d", "\x1e", "\x1f"  # end of a field, of a field that was cut, of all the fields
JOUR_ZERO = date(2000, 1, 1)
PERIMETRE_ANTS = 1
TAILLE_MAX = 4096  # more than the biggest symbol holds
DOMICILE = ("00", "01")

Annuaire = Callable[[str, str], "Certificate | None"]

ENTETES = {
    2: re.compile(r"DC02([A-Z0-9]{4})([A-Z0-9]{4})([0-9A-F]{4})([0-9A-F]{4})([A-Z0-9]{2})()()"),
    3: re.compile(r"DC03([A-Z0-9]{4})([A-Z0-9]{4})([0-9A-F]{4})([0-9A-F]{4})([A-Z0-9]{2})(\d\d)()"),
    4: re.compile(r"DC04([A-Z0-9]{4})([A-Z0-9]{4})([0-9A-F]{4})([0-9A-F]{4})([A-Z0-9]{2})(\d\d)([A-Z]{2})"),
}
"""Authority, certificate, emission, signature, type, then perimeter from version 3 and country from version 4."""


class Incomprehensible(ValueError):
    """It is not a 2D-Doc, or not one that we can read."""


@dataclass(frozen=True)
class Contenu:
    """A 2D-Doc taken apart, nothing verified yet. ``signe`` are the bytes that were signed, ``signature`` raw r‖s."""

    autorite: str
    certificat: str
    emis_le: date | None
    signe_le: date | None
    type: str
    perimetre: int
    pays: str
    donnees: str
    signe: bytes
    signature: bytes


def est_un_2ddoc(octets: bytes) -> bool:
    """Whether the content of a symbol says that it is a 2D-Doc, in text or in binary (version 4)."""
    return re.match(rb"DC\d\d|\xdc\x04", octets) is not None


def lire(octets: bytes, annuaire: "Annuaire | None" = None) -> CodeLu:
    """What the content of a symbol says and what its signature is worth. Never raises for what is in it.

    ``annuaire`` finds the certificate of an authority's name and its own: ``officiel`` unless another one is given.
    """
    try:
        contenu = separer(octets)
    except Incomprehensible:
        return CodeLu(Signature.ILLISIBLE)
    certificat = (annuaire or officiel)(contenu.autorite, contenu.certificat)
    champs: dict[str, str] = {}
    coupes: set[str] = set()
    if contenu.perimetre == PERIMETRE_ANTS and contenu.type in DOMICILE:
        for nom, valeur, coupee in decouper(contenu.donnees, _longueurs()):
            champs[nom] = valeur
            coupes = coupes | {nom} if coupee else coupes - {nom}
    return CodeLu(
        signature=_verifier(contenu, certificat),
        autorite=contenu.autorite,
        certificat=contenu.certificat,
        type=contenu.type,
        libelle=_libelle(contenu),
        emis_le=contenu.emis_le,
        signe_le=contenu.signe_le,
        personnes=tuple(_personnes(champs, coupes)),
        adresse=_adresse(champs, coupes),
        autres_titulaires="1" in (champs.get("1G"), champs.get("1H")),
    )


@lru_cache(256)  # who writes a code chooses what is asked
def officiel(autorite: str, nom: str) -> "Certificate | None":
    """The certificate ``nom`` of a real authority, signed by it, or None. Those that sign specimens are not real: that
    of the specification (FR00), and the ones that authorities made to try theirs."""
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature

    chaines = files("tddoc.chains")
    chemins = [chaines / f"{autorite}_{nom}.der", chaines / f"{autorite}.der"]
    if not all(chemin.is_file() for chemin in chemins):
        return None
    certificat, emetteur = (x509.load_der_x509_certificate(chemin.read_bytes()) for chemin in chemins)
    try:
        certificat.verify_directly_issued_by(emetteur)
    except (InvalidSignature, ValueError, TypeError):
        return None
    return None if _DESSAI.search(certificat.subject.rfc4514_string()) else certificat


_DESSAI = re.compile(r"\b(TEST|SPECIMEN|DEMO|RECETTE)", re.IGNORECASE)


def elargi(certificats: str) -> "Annuaire":
    """``officiel``, and the ``certificats`` given: ``XF00/EVAL:<DER in base 64>``, separated by spaces."""
    plus = dict(une.split(":", 1) for une in certificats.split())

    def chercher(autorite: str, nom: str) -> "Certificate | None":
        from cryptography.x509 import load_der_x509_certificate

        der = plus.get(f"{autorite}/{nom}")
        return load_der_x509_certificate(base64.b64decode(der)) if der else officiel(autorite, nom)

    return chercher


def separer(octets: bytes) -> Contenu:
    """Take apart the text ``octets`` of a 2D-Doc, versions 2 to 4. Raises Incomprehensible."""
    try:
        texte = octets.decode("ascii")
    except UnicodeDecodeError:
        raise Incomprehensible("binaire") from None
    entete = next((trouve for forme in ENTETES.values() if (trouve := forme.match(texte))), None)
    message, fin, signature = texte.rstrip("\r\n").partition(US)
    if entete is None or not fin or len(texte) > TAILLE_MAX or len(message) < entete.end():
        raise Incomprehensible("entete")
    autorite, certificat, emission, signe, type_, perimetre, pays = entete.groups()
    return Contenu(
        autorite=autorite,
        certificat=certificat,
        emis_le=jour_lu(emission),
        signe_le=jour_lu(signe),
        type=type_,
        perimetre=int(perimetre or PERIMETRE_ANTS),
        pays=pays,
        donnees=message[entete.end() :],
        signe=message.encode("ascii"),
        signature=_base32(signature.split(GS)[0]),  # what may follow (annex) is not signed
    )


def decouper(donnees: str, longueurs: Mapping[str, int | None]) -> Iterator[tuple[str, str, bool]]:
    """The fields of ``donnees``: two characters that name it, then its value, of the length that ``longueurs`` gives or
    (None, or a field unknown) up to GS; and whether RS instead of it says that the value was cut."""
    while len(donnees) >= 2:
        nom, donnees = donnees[:2], donnees[2:]
        longueur = longueurs.get(nom)
        if longueur is None:
            longueur = next((rang for rang, signe in enumerate(donnees) if signe in (GS, RS)), len(donnees))
        valeur, donnees = donnees[:longueur], donnees[longueur:]
        coupee = donnees[:1] == RS
        if donnees[:1] in (GS, RS):
            donnees = donnees[1:]
        yield nom, valeur, coupee


def verifier_signature(spki: bytes, message: bytes, signature: bytes) -> bool:
    """Whether ``signature`` (raw r‖s) of ``message`` was made with the key whose public half is ``spki`` (DER).

    P-256 with SHA-256, P-384 with SHA-384, P-521 with SHA-512.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    cle = load_der_public_key(spki)
    if not isinstance(cle, ec.EllipticCurvePublicKey):
        return False
    moitie = (cle.curve.key_size + 7) // 8
    condense: hashes.HashAlgorithm = {32: hashes.SHA256, 48: hashes.SHA384}.get(moitie, hashes.SHA512)()
    if len(signature) != 2 * moitie:
        return False
    r, s = (int.from_bytes(partie, "big") for partie in (signature[:moitie], signature[moitie:]))
    try:
        cle.verify(encode_dss_signature(r, s), message, ec.ECDSA(condense))
    except InvalidSignature:
        return False
    return True


def base32(octets: bytes) -> str:
    """RFC 4648, without its padding."""
    return base64.b32encode(octets).decode().rstrip("=")


def jour_code(jour: date | None) -> str:
    """Days since 2000-01-01 in four hexadecimal digits, FFFF for none."""
    return "FFFF" if jour is None else f"{(jour - JOUR_ZERO).days:04X}"


def jour_lu(hexadecimal: str) -> date | None:
    return None if hexadecimal == "FFFF" else JOUR_ZERO + timedelta(days=int(hexadecimal, 16))


def _base32(texte: str) -> bytes:
    """The bytes, or none (which no key verifies) when they would not be written so: the last character has bits to
    spare, and a code changed there must not pass."""
    try:
        octets = base64.b32decode(texte + "=" * (-len(texte) % 8))
    except ValueError:
        return b""
    return octets if base32(octets) == texte else b""


def _verifier(contenu: Contenu, certificat: "Certificate | None") -> Signature:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    if certificat is None:
        return Signature.AUTORITE_INCONNUE
    spki = certificat.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if not verifier_signature(spki, contenu.signe, contenu.signature):
        return Signature.FAUSSE
    debut, fin = certificat.not_valid_before_utc.date(), certificat.not_valid_after_utc.date()
    if contenu.signe_le is None or not debut <= contenu.signe_le <= fin:
        return Signature.CERTIFICAT_HORS_DATES
    return Signature.VERIFIEE


@cache
def _longueurs() -> Mapping[str, int | None]:
    """The length of each field of the ANTS's perimeter, None when it varies."""
    from tddoc.data_definition import c40

    definitions = c40.perimeters[PERIMETRE_ANTS].datatypes
    return {nom: definition.fixed for nom, (_, definition) in definitions.items()}


def _libelle(contenu: Contenu) -> str:
    """« Justificatif de domicile : facture », or nothing for a type that the specification does not have."""
    from tddoc.data_definition import c40

    connu = c40.perimeters[PERIMETRE_ANTS].doctypes.get(contenu.type)
    if contenu.perimetre != PERIMETRE_ANTS or connu is None:
        return ""
    return f"{connu.user_type} : {connu.emitter_type}"


def _personnes(champs: Mapping[str, str], coupes: set[str]) -> Iterator[Personne]:
    """Those who receive the service, then those who pay: in one line (« MME/NOM/PRENOM »), or in
    fields of their own."""
    lignes = (("10", "11", "12", "13"), ("1I", "1J", "1K", "1L"), ("14", "15", "16", "17"), ("1M", "1N", "1O", "1P"))
    for rang, (ligne, *a_part) in enumerate(lignes):
        qualite, prenom, nom = (champs.get(champ) for champ in a_part)
        if champs.get(ligne):
            texte = " ".join(filter(None, (qualite, *champs[ligne].split("/")))).strip()
            yield Personne(texte, payeur=rang > 1, coupee=ligne in coupes)
        elif nom:
            texte = " ".join(filter(None, (qualite, nom, prenom)))
            yield Personne(texte, nom, prenom, payeur=rang > 1, coupee=not coupes.isdisjoint(a_part))


def _adresse(champs: Mapping[str, str], coupes: set[str]) -> AdresseLue | None:
    """Where the service is given; where the bill goes, only when the code does not say it."""
    dites = ("appartement", "batiment", "voie", "lieu_dit", "code_postal", "commune", "pays")
    for noms, du_payeur in (
        (("20", "21", "22", "23", "24", "25", "26"), False),
        (("27", "28", "29", "2A", "2B", "2C", "2D"), True),
    ):
        lignes = {dite: champs.get(nom, "").strip() for dite, nom in zip(dites, noms, strict=True)}
        if any(lignes[dite] for dite in ("voie", "lieu_dit", "code_postal", "commune")):
            coupees = tuple(dite for dite, nom in zip(dites, noms, strict=True) if nom in coupes)
            return AdresseLue(**lignes, coupees=coupees, du_payeur=du_payeur)
    return None
