"""A client of the service that knows only its published contract (API.md): one method per call, JSON in, JSON out.

Amounts are euro cents, instants ISO 8601 UTC. A refusal raises ``Probleme`` (RFC 9457) with what the service said.
"""

import base64
import hashlib
import json
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict, TypeVar
from urllib.parse import urljoin

import httpx

URL_PAR_DEFAUT = "http://127.0.0.1:8080"
ATTENTE_MAX_S = 60.0
_PAUSE_S = 0.2
_CODE = re.compile(r"(?<!\w)(\d{6})(?!\w)")

T = TypeVar("T")


class PieceDemandee(TypedDict):
    """A pièce that a motif asks for; ``pages_max`` bounds the sum of its files."""

    type: str
    libelle: str
    pages_max: int
    obligatoire: bool


class Motif(TypedDict):
    """A motif and what it asks for."""

    code: str
    libelle: str
    phrase: str
    etapes: list[Any]
    pieces: list[PieceDemandee]
    prix_centimes: int


class Commune(TypedDict):
    """A commune and the préfecture (code autorité) that it belongs to."""

    nom: str
    code: str
    departement: str
    prefecture: str


class Etape(TypedDict):
    """A step of a demande: ``etat`` is vide, brouillon, complete, non_requise or a_revoir."""

    etat: str
    donnees: Any


class Demande(TypedDict):
    """A demande as the service answers it; ``numero`` is None until confirmation."""

    id: str
    numero: str | None
    statut: str
    version: int
    motif: str
    etapes: dict[str, Etape]
    modifiable: list[str]
    pieces: NotRequired[list[dict[str, Any]]]


class Envoi(TypedDict):
    """Where and how to post a file: ``champs`` first, the file last."""

    url: str
    champs: dict[str, str]


class PiecePreparee(TypedDict):
    """A pièce announced, whose file is awaited."""

    piece_id: str
    envoi: Envoi


class Controle(TypedDict):
    """What the service says of a file."""

    statut: str
    pages: int
    anomalies: list[dict[str, str]]


class Paiement(TypedDict):
    """Where the payment of a demande is."""

    etat: str
    montant_centimes: int
    reference: NotRequired[str | None]
    numero_timbre: NotRequired[str | None]
    recu: NotRequired[Any]


class Achat(TypedDict):
    """A purchase opened at the stamp shop."""

    reference: str
    montant_centimes: int
    url_paiement: str


class Suivi(TypedDict):
    """Where a demande is, who holds it and what comes next."""

    statut: str
    libelle: str
    detenteur: str
    raison: str
    prochaine_etape: str | None
    echeance: str | None
    evenements: list[dict[str, Any]]
    complement: NotRequired[dict[str, Any] | None]
    numero_suivi: NotRequired[str | None]


@dataclass(frozen=True)
class Fichier:
    """A file to send: its name, media type and bytes."""

    nom: str
    mime: str
    octets: bytes


class Probleme(Exception):
    """The service refused: ``statut`` HTTP, ``corps`` the problem document (empty when it was not one)."""

    def __init__(self, methode: str, chemin: str, reponse: httpx.Response) -> None:
        self.statut = reponse.status_code
        try:
            lu = reponse.json()
        except ValueError:
            lu = {}
        self.corps: dict[str, Any] = lu if isinstance(lu, dict) else {}
        detail = self.corps.get("detail") or reponse.text[:200] or "sans explication"
        champs = "".join(f" [{e['champ']} : {e['message']}]" for e in self.corps.get("erreurs", []))
        manques = "".join(f" [{m['etape']} : {m['message']}]" for m in self.corps.get("manques", []))
        super().__init__(f"{methode} {chemin} : {self.statut}, {detail}{champs}{manques}")


class DelaiDepasse(Exception):
    """What was awaited did not come within the bounded wait."""


def attendre(
    lire: Callable[[], T],
    voulu: Callable[[T], bool],
    quoi: str,
    *,
    delai_s: float = ATTENTE_MAX_S,
    pause_s: float = _PAUSE_S,
) -> T:
    """Read until ``voulu``, ``delai_s`` seconds at most; raises ``DelaiDepasse`` with ``quoi`` and the last reading."""
    fin = time.monotonic() + delai_s
    while True:
        lu = lire()
        if voulu(lu):
            return lu
        if time.monotonic() >= fin:
            raise DelaiDepasse(f"{quoi} : toujours rien après {delai_s:.0f} s (dernière lecture : {str(lu)[:300]})")
        time.sleep(pause_s)


def resoudre(defi: dict[str, Any]) -> str:
    """Answer to an ALTCHA challenge: the number whose SHA-256 after the salt is the challenge, as base64 JSON."""
    sel = str(defi["salt"]).encode()
    for nombre in range(int(defi["maxnumber"]) + 1):
        if hashlib.sha256(sel + str(nombre).encode()).hexdigest() == defi["challenge"]:
            preuve = {cle: defi[cle] for cle in ("algorithm", "challenge", "salt", "signature")} | {"number": nombre}
            return base64.b64encode(json.dumps(preuve).encode()).decode()
    raise ValueError("Le défi anti-robot n'a pas de solution dans les bornes annoncées.")


def code_du_message(texte: str) -> str | None:
    """The 6-digit code that a mail or SMS carries, if it does."""
    trouve = _CODE.search(texte)
    return trouve.group(1) if trouve else None


class Client:
    """A person at a keyboard; ``jeton`` is kept once ``ouvrir_session`` succeeded. Safe to share between threads."""

    def __init__(self, url: str = URL_PAR_DEFAUT, jeton: str | None = None, *, delai_s: float = 60.0) -> None:
        self.url = url.rstrip("/")
        self.jeton = jeton
        limites = httpx.Limits(max_connections=32, max_keepalive_connections=32)
        self._http = httpx.Client(base_url=self.url, timeout=delai_s, limits=limites, trust_env=False)

    def brut(
        self,
        methode: str,
        chemin: str,
        corps: Any = None,
        *,
        entetes: dict[str, str] | None = None,
        contenu: bytes | None = None,
        requete: dict[str, str] | None = None,
    ) -> httpx.Response:
        """One call, answered as it is, whatever its status. ``contenu`` is sent raw, in place of ``corps`` as JSON."""
        tous = {"Accept": "application/json"}
        if self.jeton:
            tous["Authorization"] = f"Bearer {self.jeton}"
        if corps is not None and contenu is None:
            contenu = json.dumps(corps).encode()
        if contenu is not None:
            tous["Content-Type"] = "application/json"
        tous |= entetes or {}
        return self._http.request(methode, chemin, headers=tous, content=contenu, params=requete)

    def appeler(
        self,
        methode: str,
        chemin: str,
        corps: Any = None,
        *,
        si_version: int | None = None,
        cle: str | None = None,
        requete: dict[str, str] | None = None,
    ) -> Any:
        """One call that must succeed: its JSON, or None. ``si_version`` goes as If-Match; raises ``Probleme``."""
        entetes = {}
        if si_version is not None:
            entetes["If-Match"] = f'"{si_version}"'
        if cle is not None:
            entetes["Idempotency-Key"] = cle
        reponse = self.brut(methode, chemin, corps, entetes=entetes, requete=requete)
        if not reponse.is_success:
            raise Probleme(methode, chemin, reponse)
        return reponse.json() if reponse.content else None

    # Reference data

    def motifs(self, departement: str | None = None) -> list[Motif]:
        """The motifs, with the pièces and the price of each."""
        return self._liste("/api/motifs", {"departement": departement} if departement else None)

    def communes(self, code_postal: str) -> list[Commune]:
        """The communes of a post code."""
        return self._liste("/api/communes", {"code_postal": code_postal})

    def prefectures(self, departement: str) -> list[dict[str, str]]:
        """The préfectures of a département: {code, libelle}."""
        return self._liste("/api/prefectures", {"departement": departement})

    def _liste(self, chemin: str, requete: dict[str, str] | None) -> list[Any]:
        lue: list[Any] = self.appeler("GET", chemin, requete=requete)
        return lue

    # Accounts and sessions

    def anti_robot(self) -> str:
        """A challenge, fetched and solved: the value of the field ``anti_robot``."""
        return resoudre(self.appeler("GET", "/api/anti-robot"))

    def creer_compte(self, fiche: dict[str, Any], cle: str | None = None) -> Any:
        """Open an account; ``fiche`` has every field but ``anti_robot``."""
        return self.appeler("POST", "/api/comptes", {**fiche, "anti_robot": self.anti_robot()}, cle=cle)

    def activer_compte(self, identifiant: str, code: str) -> None:
        """Activate the account with the code of the mail."""
        self.appeler("POST", "/api/comptes/activation", {"identifiant": identifiant, "code": code})

    def ouvrir_session(self, identifiant: str, mot_de_passe: str) -> dict[str, Any]:
        """Log in and keep the jeton."""
        session: dict[str, Any] = self.appeler(
            "POST", "/api/sessions", {"identifiant": identifiant, "mot_de_passe": mot_de_passe}
        )
        self.jeton = session["jeton"]
        return session

    def fermer_session(self) -> None:
        """Log out; the jeton is kept here so that its death can be seen."""
        self.appeler("DELETE", "/api/sessions/courante")

    # Demandes and their steps

    def creer_demande(self, motif: str) -> Demande:
        """A new demande, in brouillon."""
        demande: Demande = self.appeler("POST", "/api/demandes", {"motif": motif})
        return demande

    def demande(self, demande_id: str) -> Demande:
        """The demande as it is, pièces included."""
        lue: Demande = self.appeler("GET", f"/api/demandes/{demande_id}")
        return lue

    def mes_demandes(self) -> list[dict[str, Any]]:
        """All one's demandes, page after page."""
        elements: list[dict[str, Any]] = []
        requete: dict[str, str] | None = None
        while True:
            page = self.appeler("GET", "/api/demandes", requete=requete)
            elements += page["elements"]
            if page["curseur"] is None:
                return elements
            requete = {"curseur": page["curseur"]}

    def retirer(self, demande_id: str) -> Any:
        """Withdraw a demande."""
        return self.appeler("DELETE", f"/api/demandes/{demande_id}")

    def enregistrer(
        self, demande_id: str, etape: str, saisie: dict[str, Any], si_version: int | None = None
    ) -> Demande:
        """Save a whole step (``motif``, ``etat-civil``, ``adresse``, ``photo-signature``)."""
        demande: Demande = self.appeler("PUT", f"/api/demandes/{demande_id}/{etape}", saisie, si_version=si_version)
        return demande

    def brouillon(self, demande_id: str, etape: str, saisie: dict[str, Any]) -> Demande:
        """Save half a step."""
        demande: Demande = self.appeler("PUT", f"/api/demandes/{demande_id}/{etape}/brouillon", saisie)
        return demande

    # Pièces

    def preparer_piece(self, demande_id: str, type_piece: str, nom: str, taille: int, mime: str) -> PiecePreparee:
        """Announce a file of ``taille`` bytes."""
        preparee: PiecePreparee = self.appeler(
            "POST",
            f"/api/demandes/{demande_id}/pieces",
            {"type": type_piece, "nom_fichier": nom, "taille": taille, "mime": mime},
        )
        return preparee

    def envoyer(self, envoi: Envoi, fichier: Fichier) -> httpx.Response:
        """Post the bytes straight to the store: the fields as given, then the file, last."""
        return self._http.post(
            urljoin(self.url, envoi["url"]),
            data=envoi["champs"],
            files={"file": (fichier.nom, fichier.octets, fichier.mime)},
        )

    def controler(self, demande_id: str, piece_id: str) -> Controle:
        """Have the file controlled; waits, within bounds, for a control that takes its time."""
        chemin = f"/api/demandes/{demande_id}/pieces/{piece_id}/controle"
        controle: Controle = self.appeler("POST", chemin)
        if controle["statut"] != "en_cours":
            return controle

        def relire() -> Controle:
            lu: Controle = self.appeler("GET", chemin)
            return lu

        return attendre(relire, lambda lu: lu["statut"] != "en_cours", "contrôle du fichier")

    def joindre(self, demande_id: str, type_piece: str, fichier: Fichier) -> Controle:
        """Announce, send and have controlled one file."""
        preparee = self.preparer_piece(demande_id, type_piece, fichier.nom, len(fichier.octets), fichier.mime)
        depot = self.envoyer(preparee["envoi"], fichier)
        if not depot.is_success:
            raise Probleme("POST", preparee["envoi"]["url"], depot)
        return self.controler(demande_id, preparee["piece_id"])

    # Paiement

    def acheter(self, demande_id: str, url_retour: str, cle: str | None = None) -> Achat:
        """Open a purchase at the stamp shop."""
        achat: Achat = self.appeler("POST", f"/api/demandes/{demande_id}/paiement", {"url_retour": url_retour}, cle=cle)
        return achat

    def donner_timbre(self, demande_id: str, numero_timbre: str) -> Any:
        """Pay with a stamp already bought (16 digits)."""
        return self.appeler("PUT", f"/api/demandes/{demande_id}/paiement", {"numero_timbre": numero_timbre})

    def paiement(self, demande_id: str) -> Paiement:
        """Where the payment is."""
        lu: Paiement = self.appeler("GET", f"/api/demandes/{demande_id}/paiement")
        return lu

    # End of the entry, and after

    def recapitulatif(self, demande_id: str) -> dict[str, Any]:
        """Every section, what is missing, what can be corrected."""
        lu: dict[str, Any] = self.appeler("GET", f"/api/demandes/{demande_id}/recapitulatif")
        return lu

    def confirmer(self, demande_id: str, cle: str | None = None) -> dict[str, Any]:
        """Confirm on one's honour: {numero, statut}."""
        confirmee: dict[str, Any] = self.appeler(
            "POST", f"/api/demandes/{demande_id}/confirmation", {"attestation": True}, cle=cle
        )
        return confirmee

    def suivi(self, demande_id: str) -> Suivi:
        """Where the demande is."""
        lu: Suivi = self.appeler("GET", f"/api/demandes/{demande_id}/suivi")
        return lu

    def historique(self, demande_id: str) -> list[dict[str, Any]]:
        """The journal, oldest first (its first page, which a usual life does not fill)."""
        return self._elements(f"/api/demandes/{demande_id}/historique")

    def messages(self, demande_id: str) -> list[dict[str, Any]]:
        """What the usager and the agents wrote to each other, oldest first."""
        return self._elements(f"/api/demandes/{demande_id}/messages")

    def ecrire(self, demande_id: str, texte: str, cle: str | None = None) -> Any:
        """Write to the service that treats the demande."""
        return self.appeler("POST", f"/api/demandes/{demande_id}/messages", {"texte": texte}, cle=cle)

    def completer(self, demande_id: str) -> Demande:
        """Submit what a suspension asked."""
        demande: Demande = self.appeler("POST", f"/api/demandes/{demande_id}/complement")
        return demande

    def _elements(self, chemin: str) -> list[dict[str, Any]]:
        lus: list[dict[str, Any]] = self.appeler("GET", chemin)["elements"]
        return lus

    def document(self, demande_id: str, nom: str) -> bytes:
        """The bytes of ``justificatif``, ``recepisse``, ``recu`` or ``talon``, by the short-lived link."""
        return self.telecharger(self.appeler("GET", f"/api/demandes/{demande_id}/{nom}")["url"])

    def telecharger(self, url: str) -> bytes:
        """The bytes behind a link given by the service."""
        reponse = self._http.get(urljoin(self.url, url))
        if not reponse.is_success:
            raise Probleme("GET", "(lien du document)", reponse)
        return reponse.content

    # Local only: outbox and simulators

    def envois(self, destinataire: str) -> list[dict[str, str]]:
        """Mails and SMS sent to ``destinataire``, oldest first."""
        return self._liste("/dev/envois", {"destinataire": destinataire})

    def code_recu(self, destinataire: str, deja_lus: int = 0) -> str:
        """The code of the first message carrying one after the ``deja_lus`` first; waits for it within bounds."""

        def codes() -> list[str]:
            envois = self.envois(destinataire)[deja_lus:]
            return [code for envoi in envois if (code := code_du_message(f"{envoi['objet']} {envoi['texte']}"))]

        return attendre(codes, bool, f"code envoyé à {destinataire}")[0]

    def timbre(self, montant_centimes: int) -> str:
        """A stamp bought beforehand: its 16 digits."""
        return str(self.appeler("POST", "/dev/timbres", {"montant_centimes": montant_centimes})["numero_timbre"])

    def terminer_achat(self, reference: str, resultat: str = "accepte", **options: float) -> None:
        """End a purchase at the simulated shop; options ``delai_s``, ``repetitions``."""
        self.appeler("POST", f"/dev/paiement/{reference}", {"resultat": resultat, **options})

    def code_photo(self, etat: str = "valide") -> str:
        """An e-photo code in that state."""
        return str(self.appeler("POST", "/dev/photos", {"etat": etat})["code"])


def nouvelle_cle() -> str:
    """A new Idempotency-Key."""
    return str(uuid.uuid4())
