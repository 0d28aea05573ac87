"""What the black-box tests share: valid bodies, small files, a demande ready to confirm, the shape of a problem."""

import io
import re
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, TypeVar

import httpx
import pikepdf
from PIL import Image, ImageDraw

from demo.client import Client, Demande, Fichier
from demo.parcours import ETAT_CIVIL, FICHIERS, Citoyen, inventer_citoyen

T = TypeVar("T")
R = TypeVar("R")

CODE_PHOTO_INVENTE = "A1B2C3D4E5F6G7H8J9K0L1"
INCONNU = "00000000-0000-4000-8000-0000000000ff"
OCTETS_MAX = 11 * 1024**2

ADRESSE: dict[str, Any] = {
    "numero": "3",
    "extension": "bis",
    "type_voie": "rue",
    "nom_voie": "de la Poste",
    "complement": "2e étage",
    "code_postal": "54000",
    "commune": "Nancy",
    "prefecture": "543",
    "email": "pierre.corneille@exemple.fr",
    "telephone": "0612345678",
    "reutilisation_donnees": False,
}
REPRESENTANT: dict[str, Any] = {"qualite": "mandataire", "nom": "Corneille", "prenoms": ["Marie"]}
ETAPES: dict[str, dict[str, Any]] = {
    "motif": {"motif": "perte"},
    "etat-civil": ETAT_CIVIL,
    "adresse": ADRESSE,
    "photo-signature": {"mode": "talon"},
}
MOTIFS = ("perte", "vol", "deterioration", "expiration", "changement_etat_civil")

# Every call of a usager on a demande, with a body that is right: (method, path, body).
APPELS_DEMANDE: tuple[tuple[str, str, dict[str, Any] | None], ...] = (
    ("GET", "/api/demandes/{id}", None),
    *(("GET", f"/api/demandes/{{id}}/{etape}", None) for etape in ETAPES),
    *(("PUT", f"/api/demandes/{{id}}/{etape}", corps) for etape, corps in ETAPES.items()),
    *(("PUT", f"/api/demandes/{{id}}/{etape}/brouillon", corps) for etape, corps in ETAPES.items()),
    ("GET", "/api/demandes/{id}/talon", None),
    (
        "POST",
        "/api/demandes/{id}/pieces",
        {"type": "identite", "nom_fichier": "carte.jpg", "taille": 1000, "mime": "image/jpeg"},
    ),
    ("POST", "/api/demandes/{id}/pieces/{piece_id}/controle", None),
    ("GET", "/api/demandes/{id}/pieces/{piece_id}", None),
    ("DELETE", "/api/demandes/{id}/pieces/{piece_id}", None),
    ("POST", "/api/demandes/{id}/paiement", {"url_retour": "http://127.0.0.1:8080/"}),
    ("PUT", "/api/demandes/{id}/paiement", {"numero_timbre": "1234567890123456"}),
    ("GET", "/api/demandes/{id}/paiement", None),
    ("GET", "/api/demandes/{id}/recapitulatif", None),
    ("POST", "/api/demandes/{id}/confirmation", {"attestation": True}),
    ("GET", "/api/demandes/{id}/suivi", None),
    ("GET", "/api/demandes/{id}/justificatif", None),
    ("GET", "/api/demandes/{id}/recepisse", None),
    ("GET", "/api/demandes/{id}/representant", None),
    ("PUT", "/api/demandes/{id}/representant", REPRESENTANT),
    ("DELETE", "/api/demandes/{id}/representant", None),
    ("PUT", "/api/demandes/{id}/adresse/confirmation", ADRESSE),
    ("GET", "/api/demandes/{id}/messages", None),
    ("POST", "/api/demandes/{id}/messages", {"texte": "Bonjour"}),
    ("GET", "/api/demandes/{id}/recu", None),
    ("DELETE", "/api/demandes/{id}", None),
)
# Every other call that wants a session.
APPELS_SESSION: tuple[tuple[str, str, dict[str, Any] | None], ...] = (
    ("GET", "/api/comptes/moi", None),
    ("PUT", "/api/comptes/moi", {"prenom": "Pierre"}),
    ("DELETE", "/api/comptes/moi", None),
    ("POST", "/api/sessions/renouvellement", None),
    ("DELETE", "/api/sessions/courante", None),
    ("GET", "/api/demandes", None),
    ("POST", "/api/demandes", {"motif": "perte"}),
)

_PHRASE = re.compile(r"^[A-ZÀÉÈÊÎÔÇ0-9«].{4,}[.!?»…]$", re.DOTALL)
_ANGLAIS = re.compile(
    r"input should|valid string|field required|value error|not permitted|traceback|exception", re.IGNORECASE
)


def verifier_probleme(reponse: httpx.Response, *statuts: int, champ: str | None = None) -> dict[str, Any]:
    """Assert a problem document (RFC 9457) with one of ``statuts``, naming ``champ`` (or a part of it) in French."""
    quoi = f"{reponse.request.method} {reponse.request.url} -> {reponse.status_code} {reponse.text[:600]}"
    assert reponse.status_code in statuts, f"{statuts} attendu : {quoi}"
    assert reponse.headers["content-type"].startswith("application/problem+json"), quoi
    probleme: dict[str, Any] = reponse.json()
    assert isinstance(probleme["type"], str), quoi
    assert probleme["title"], quoi
    assert probleme["status"] == reponse.status_code, quoi
    assert _PHRASE.match(probleme["detail"]), f"pas une phrase : {quoi}"
    assert not _ANGLAIS.search(reponse.text), f"anglais ou trace : {quoi}"
    if champ is not None:
        erreurs = probleme["erreurs"]
        fautes = [e for e in erreurs if e["champ"] == champ or e["champ"].startswith(f"{champ}.")]
        assert fautes, f"champ {champ} pas nommé : {quoi}"
        assert all(_PHRASE.match(e["message"]) for e in erreurs), f"pas une phrase : {quoi}"
    return probleme


def voisin(identifiant: str) -> str:
    """An id of the same form that nobody has."""
    return identifiant[:-1] + ("1" if identifiant[-1] == "0" else "0")


def compte_neuf(url: str) -> tuple[Client, Citoyen]:
    """A citizen with an active account and an open session."""
    citoyen = inventer_citoyen()
    client = Client(url)
    client.creer_compte(citoyen.fiche())
    client.activer_compte(citoyen.identifiant, client.code_recu(citoyen.email))
    client.ouvrir_session(citoyen.identifiant, citoyen.mot_de_passe)
    return client, citoyen


@cache
def prix(url: str, motif: str) -> int:
    """What a motif costs today, in cents."""
    return next(m["prix_centimes"] for m in Client(url).motifs() if m["code"] == motif)


@cache
def pieces_demandees(url: str, motif: str) -> tuple[str, ...]:
    """The types of the pièces that a motif demands."""
    motifs = Client(url).motifs()
    return tuple(p["type"] for m in motifs if m["code"] == motif for p in m["pieces"] if p["obligatoire"])


def fichier_de(type_piece: str) -> Fichier:
    """What the citizen sends: what proves by itself, where machines look for a proof; something else elsewhere."""
    return FICHIERS[type_piece]()[0] if type_piece in ("identite", "domicile") else photo()


def demande_remplie(client: Client, motif: str = "perte", *, sauf: Sequence[str] = ()) -> Demande:
    """A demande with every step but those in ``sauf`` (``etat-civil``, ``pieces``, ``paiement``…) complete."""
    demande_id = client.creer_demande(motif)["id"]
    for etape in ("etat-civil", "adresse", "photo-signature"):
        if etape not in sauf:
            client.enregistrer(demande_id, etape, ETAPES[etape])
    if "pieces" not in sauf:
        for type_piece in pieces_demandees(client.url, motif):
            controle = client.joindre(demande_id, type_piece, fichier_de(type_piece))
            assert controle["statut"] == "valide", controle
    du = prix(client.url, motif)
    if du and "paiement" not in sauf:
        client.donner_timbre(demande_id, client.timbre(du))
    return client.demande(demande_id)


def en_parallele(action: Callable[[T], R], valeurs: Iterable[T], fils: int = 12) -> list[R]:
    """``action`` on each value, ``fils`` at a time."""
    with ThreadPoolExecutor(fils) as executeur:
        return list(executeur.map(action, valeurs))


# Small files


def photo(largeur: int = 960, hauteur: int = 600) -> Fichier:
    """A small JPEG."""
    return Fichier("photo.jpg", "image/jpeg", _image("JPEG", largeur, hauteur))


def image(format_: str) -> Fichier:
    """A small PNG or BMP."""
    return Fichier(f"image.{format_.lower()}", f"image/{format_.lower()}", _image(format_, 840, 560))


def tiff(pages: int = 1) -> Fichier:
    """A TIFF of ``pages`` pages."""
    return Fichier("scan.tiff", "image/tiff", _tiff(pages))


def pdf(pages: int = 1, mot_de_passe: str | None = None) -> Fichier:
    """A PDF of ``pages`` pages, protected when ``mot_de_passe`` is given."""
    return Fichier("document.pdf", "application/pdf", _pdf(pages, mot_de_passe))


@cache
def _image(format_: str, largeur: int, hauteur: int) -> bytes:
    sortie = io.BytesIO()
    Image.effect_noise((largeur, hauteur), 40).convert("RGB").save(sortie, format_)
    return sortie.getvalue()


@cache
def _tiff(pages: int) -> bytes:
    sortie = io.BytesIO()
    feuilles = [Image.new("RGB", (840, 1120), (250, 250 - rang, 240)) for rang in range(pages)]
    for rang, feuille in enumerate(feuilles):
        for ligne in range(12):  # something to read, or the page is blank
            haut = 100 + 60 * ligne
            ImageDraw.Draw(feuille).rectangle((100, haut, 400 + (97 * (ligne + rang)) % 300, haut + 20), (40, 40, 60))
    feuilles[0].save(sortie, "TIFF", save_all=True, append_images=feuilles[1:], compression="tiff_lzw")
    return sortie.getvalue()


@cache
def _pdf(pages: int, mot_de_passe: str | None) -> bytes:
    sortie = io.BytesIO()
    with pikepdf.new() as document:
        for _ in range(pages):
            page = document.add_blank_page(page_size=(595, 842))
            lignes = b"".join(b"70 %d %d 14 re f\n" % (740 - 40 * ligne, 200 + 50 * ligne) for ligne in range(5))
            page.Contents = document.make_stream(lignes)
        chiffrement = pikepdf.Encryption(owner=mot_de_passe, user=mot_de_passe) if mot_de_passe else False
        document.save(sortie, encryption=chiffrement)
    return sortie.getvalue()
