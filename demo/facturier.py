"""The invented electricity company of the demonstration: it signs its bills with a 2D-Doc, as real ones do.

Its key is drawn from a word that everybody can read here, as the passwords of the local agents are: only a local
service trusts its certificate (``CERTIFICATS``), none that is deployed on AWS does.
"""

import base64
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from hashlib import sha512

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

AUTORITE, CERTIFICAT = "XF00", "EVAL"
SECRET = b"energie-du-val-local"
ORDRE_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
GS, US = "\x1d", "\x1f"
JOUR_ZERO = date(2000, 1, 1)


@dataclass(frozen=True)
class Client:
    """Who is billed, and where: as a bill writes it, in capitals."""

    nom: str = "CORNEILLE"
    prenom: str = "PIERRE"
    voie: str = "3 BIS RUE DE LA POSTE"
    code_postal: str = "54000"
    commune: str = "NANCY"


def code(client: Client, jour: date, altere: Client | None = None) -> str:
    """The 2D-Doc (type 01, version 3) of a bill of ``jour`` for ``client``.

    ``altere`` is who somebody wrote in the place of ``client`` afterwards, without the key that would sign it.
    """
    signe = _message(client, jour)
    signature = _cle().sign(signe.encode("ascii"), ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    brute = b"".join(nombre.to_bytes(32, "big") for nombre in decode_dss_signature(signature))
    return _message(altere or client, jour) + US + base64.b32encode(brute).decode().rstrip("=")


def _message(client: Client, jour: date) -> str:
    donnees = "".join(
        (
            f"12{client.prenom}{GS}",
            f"13{client.nom}{GS}",
            f"22{client.voie}{GS}",
            f"24{client.code_postal}",
            f"25{client.commune}{GS}",
            "26FR",
        )
    )
    date_codee = f"{(jour - JOUR_ZERO).days:04X}"
    return f"DC03{AUTORITE}{CERTIFICAT}{date_codee}{date_codee}0101{donnees}"


@cache
def certificat() -> str:
    """``XF00/EVAL:<DER in base 64>``: what a local service is given to trust this company; always the same."""
    nom = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Énergie du Val (inventée)")])
    fait = (
        x509.CertificateBuilder()
        .subject_name(nom)
        .issuer_name(nom)
        .public_key(_cle().public_key())
        .serial_number(1)
        .not_valid_before(datetime(2016, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2046, 1, 1, tzinfo=UTC))
        .sign(_cle(), hashes.SHA256(), ecdsa_deterministic=True)
    )
    return f"{AUTORITE}/{CERTIFICAT}:{base64.b64encode(fait.public_bytes(Encoding.DER)).decode()}"


@cache
def _cle() -> ec.EllipticCurvePrivateKey:
    nombre = int.from_bytes(sha512(SECRET).digest(), "big")
    return ec.derive_private_key(nombre % (ORDRE_P256 - 1) + 1, ec.SECP256R1())
