"""2D-Docs for the tests: the specification's own, and others signed by an authority made here."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import zxingcpp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import NameOID
from PIL import Image, ImageDraw, ImageFont

from chalicelib.documents import reperage
from chalicelib.documents.deuxddoc import US, base32, jour_code, officiel


@cache
def specimens() -> tuple[dict[str, object], ...]:
    """The vectors of the specification: ``text``, ``valid``."""
    fichier = Path(__file__).parent / "donnees" / "2ddoc.json"
    return tuple(json.loads(fichier.read_text(encoding="utf-8"))["vectors"])


def dans_la_page(page: Image.Image) -> list[bytes]:
    """The contents of the 2D-Docs that are found in ``page``, of any mode, as in a file of one image."""
    echeance = reperage.process_time() + reperage.SECONDES  # type: ignore[attr-defined]  # a test may move this clock
    return reperage._dans_les_vues(reperage._vues(reperage._gris(page)), echeance)


def texte(rang: int) -> str:
    """The text of a vector: 0 and 1 are valid, 2 is misprinted."""
    return str(specimens()[rang]["text"])


def avec_specimens(autorite: str, nom: str) -> x509.Certificate | None:
    """As ``officiel``, and the specification's own authority."""
    if (autorite, nom) == ("FR00", "0001"):
        return x509.load_der_x509_certificate((files("tddoc.chains") / "FR00.der").read_bytes())
    return officiel(autorite, nom)


CONDENSES: dict[str, hashes.HashAlgorithm] = {
    "secp256r1": hashes.SHA256(),
    "secp384r1": hashes.SHA384(),
    "secp521r1": hashes.SHA512(),
}


@dataclass(frozen=True)
class Autorite:
    """An authority with one certificate, FR99 and TST1."""

    cle: ec.EllipticCurvePrivateKey
    certificat: x509.Certificate

    def annuaire(self, autorite: str, nom: str) -> x509.Certificate | None:
        """What finds its certificate, and no other."""
        return self.certificat if (autorite, nom) == ("FR99", "TST1") else None

    def signer(
        self, donnees: str, type_: str = "01", version: int = 3, perimetre: str = "01", **jours: date | None
    ) -> str:
        """A 2D-Doc of ``donnees``; ``emis_le`` and ``signe_le`` are in October 2026 unless told."""
        emis, signe = (jours.get(nom, date(2026, 10, 1)) for nom in ("emis_le", "signe_le"))
        fin = {2: "", 3: perimetre, 4: f"{perimetre}FR"}[version]
        message = f"DC{version:02}FR99TST1{jour_code(emis)}{jour_code(signe)}{type_}{fin}{donnees}"
        signature = self.cle.sign(message.encode("ascii"), ec.ECDSA(CONDENSES[self.cle.curve.name]))
        moitie = (self.cle.curve.key_size + 7) // 8
        brute = b"".join(nombre.to_bytes(moitie, "big") for nombre in decode_dss_signature(signature))
        return message + US + base32(brute)


@cache
def autorite(courbe: type[ec.EllipticCurve] = ec.SECP256R1, debut: int = 2025, fin: int = 2027) -> Autorite:
    """An authority whose certificate is good from the first of January of ``debut`` to that of ``fin``."""
    cle = ec.generate_private_key(courbe())
    nom = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, cn)]) for cn in ("TST1", "FR99")]
    certificat = (
        x509.CertificateBuilder()
        .subject_name(nom[0])
        .issuer_name(nom[1])
        .public_key(cle.public_key())
        .serial_number(1)
        .not_valid_before(datetime(debut, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(fin, 1, 1, tzinfo=UTC))
        .sign(cle, hashes.SHA256())
    )
    return Autorite(cle, certificat)


def symbole(code: str, pixels_par_module: int = 12) -> Image.Image:
    """The Data Matrix of ``code``, without margin."""
    dessin = zxingcpp.create_barcode(code.encode("ascii"), zxingcpp.BarcodeFormat.DataMatrix)
    modules = dessin.to_image(scale=1, add_quiet_zones=False)
    hauteur, largeur = modules.shape[:2]
    image = Image.frombytes("L", (largeur, hauteur), bytes(modules))
    return image.resize((largeur * pixels_par_module, hauteur * pixels_par_module), Image.Resampling.NEAREST)


def page(
    code: str, points_par_pouce: int = 200, cote_mm: float = 25, x_mm: float = 160, y_mm: float = 15
) -> Image.Image:
    """A bill on A4: lines of text, frames, and the symbol of ``code`` with its white margin."""
    px = points_par_pouce / 25.4
    feuille = Image.new("L", (round(210 * px), round(297 * px)), 255)
    trait = ImageDraw.Draw(feuille)
    police = ImageFont.load_default(3.5 * px)
    for rang in range(38):
        ligne = f"Électricité de démonstration, facture du 1er octobre 2026, ligne {rang}, montant 54,22 euros"
        trait.text((20 * px, (60 + 5.5 * rang) * px), ligne, fill=20, font=police)
    for rang in range(6):
        trait.rectangle(((20 + 25 * rang) * px, 275 * px, (40 + 25 * rang) * px, 282 * px), outline=0, width=3)
    dessin = symbole(code)
    cote = round(cote_mm * px)
    marge = round(2.5 * cote * 12 / dessin.width)
    gauche, haut = round(x_mm * px), round(y_mm * px)
    feuille.paste(255, (gauche - marge, haut - marge, gauche + cote + marge, haut + cote + marge))
    feuille.paste(dessin.resize((cote, cote), Image.Resampling.LANCZOS), (gauche, haut))
    return feuille


def de_travers(image: Image.Image, coins: list[tuple[float, float]]) -> Image.Image:
    """``image`` as seen when its corners (clockwise from the top left) move by these shares of its sides."""
    largeur, hauteur = image.size
    depart = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
    lignes = []
    for (x0, y0), (dx, dy) in zip(depart, coins, strict=True):
        x, y = (x0 + dx) * largeur, (y0 + dy) * hauteur  # where the corner is seen
        u, v = x0 * largeur, y0 * hauteur
        lignes.append([x, y, 1, 0, 0, 0, -u * x, -u * y, u])
        lignes.append([0, 0, 0, x, y, 1, -v * x, -v * y, v])
    return image.transform(
        image.size, Image.Transform.PERSPECTIVE, _resoudre(lignes), Image.Resampling.BICUBIC, fillcolor=190
    )


def _resoudre(lignes: list[list[float]]) -> list[float]:
    """Gauss and Jordan."""
    for rang in range(len(lignes)):
        pivot = max(range(rang, len(lignes)), key=lambda un: abs(lignes[un][rang]))
        lignes[rang], lignes[pivot] = lignes[pivot], lignes[rang]
        lignes[rang] = [valeur / lignes[rang][rang] for valeur in lignes[rang]]
        for autre in range(len(lignes)):
            if autre != rang:
                facteur = lignes[autre][rang]
                lignes[autre] = [a - facteur * b for a, b in zip(lignes[autre], lignes[rang], strict=True)]
    return [ligne[-1] for ligne in lignes]


def octets(image: Image.Image, format_: str, **options: object) -> bytes:
    """The file of ``image``."""
    sortie = BytesIO()
    image.copy().save(sortie, format_, **options)  # saving as PDF leaves its settings in the image
    return sortie.getvalue()
