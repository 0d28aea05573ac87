"""The play: an invented citizen opens an account, then passes the eight steps for each of the five motifs.

Each act prints its time. What the service does not do as its contract says raises ``Inattendu`` with one sentence.
"""

import secrets
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, TextIO

from demo import fichiers
from demo.client import Client, Demande, Fichier, Motif, attendre, nouvelle_cle

ETAT_CIVIL: dict[str, Any] = {
    "nom_naissance": "Corneille",
    "nom_usage": "Corneille d'Arc-Étoile",
    "sexe": "M",
    "prenoms": ["Pierre", "Jean-Noël"],
    "date_naissance": "1956-01-01",
    "lieu_naissance": {"commune": "Nancy", "departement": "54"},
    "numero_dossier": "13572A7654",
}
CODE_POSTAL = "54000"

FICHIERS: dict[str, Callable[[], list[Fichier]]] = {
    "identite": lambda: [
        Fichier("carte-recto.jpg", "image/jpeg", fichiers.carte_identite("recto", "PIERRE<<JEAN<NOEL")),
        Fichier("carte-verso.jpg", "image/jpeg", fichiers.carte_identite("verso")),
    ],
    "domicile": lambda: [Fichier("facture.pdf", "application/pdf", fichiers.facture(3))],
    "recepisse_vol": lambda: [Fichier("récépissé.pdf", "application/pdf", fichiers.recepisse_vol())],
    "permis_deteriore": lambda: [Fichier("permis-abime.jpg", "image/jpeg", fichiers.permis(abime=True))],
    "ancien_permis": lambda: [Fichier("permis.jpg", "image/jpeg", fichiers.permis())],
    "justificatif_etat_civil": lambda: [Fichier("acte.tiff", "image/tiff", fichiers.acte_naissance(2))],
    "avis_medical": lambda: [Fichier("avis.bmp", "image/bmp", fichiers.avis_medical_bmp())],
}


@dataclass(frozen=True)
class Variante:
    """How a motif is played: the way of the photo, the way of paying when something is due, where one comes back."""

    photo: Literal["numerique", "code_plus_tard", "talon"] = "numerique"
    paiement: Literal["boutique", "timbre"] = "timbre"
    autre_appareil: bool = False
    motif_d_abord: str | None = None


VARIANTES = {
    "perte": Variante(paiement="boutique", autre_appareil=True),
    "vol": Variante(photo="talon", motif_d_abord="perte"),
    "deterioration": Variante(photo="code_plus_tard"),
    "expiration": Variante(photo="talon"),
    "changement_etat_civil": Variante(),
}


class Inattendu(Exception):
    """The service answered, but not what its contract says."""


def verifier(condition: object, phrase: str) -> None:
    """Raise ``Inattendu`` with ``phrase`` unless ``condition``."""
    if not condition:
        raise Inattendu(phrase)


@dataclass
class Note:
    """What a step found worth telling beside its time, and in the lines below."""

    texte: str = ""
    suite: list[str] = field(default_factory=list)


@dataclass
class Acte:
    """A group of steps and their times in milliseconds."""

    titre: str
    etapes: list[tuple[str, float]] = field(default_factory=list)

    @property
    def total_ms(self) -> float:
        return sum(duree for _, duree in self.etapes)


class Journal:
    """Writes each step with its time, and the summary at the end; ``sortie`` None keeps silent."""

    def __init__(self, sortie: TextIO | None) -> None:
        self._sortie = sortie
        self.actes: list[Acte] = []

    def partie(self, titre: str) -> None:
        """Announce the groups that follow."""
        self._ecrire(f"\n{titre}\n{'=' * len(titre)}")

    def acte(self, titre: str) -> None:
        """Begin a group of steps."""
        self.actes.append(Acte(titre))
        self._ecrire(f"\n{titre}")

    @contextmanager
    def etape(self, nom: str) -> Iterator[Note]:
        """Time what is inside; it may fill the note."""
        note = Note()
        debut = time.perf_counter()
        try:
            yield note
        except Exception:
            self._ecrire(f"  ✗ {nom}")
            raise
        duree = (time.perf_counter() - debut) * 1000
        self.actes[-1].etapes.append((nom, duree))
        self._ecrire(f"  ✓ {nom:<34} {duree:>7.0f} ms   {note.texte}".rstrip())
        for ligne in note.suite:
            self._ecrire(textwrap.fill(ligne, 110, initial_indent=" " * 6, subsequent_indent=" " * 8))

    def resume(self) -> None:
        """The time of each group."""
        self._ecrire("\nRésumé")
        for acte in self.actes:
            self._ecrire(f"  {acte.titre:<60} {len(acte.etapes):>3} étapes {acte.total_ms:>8.0f} ms")
        total = sum(acte.total_ms for acte in self.actes)
        self._ecrire(f"  {'Total':<60} {sum(len(a.etapes) for a in self.actes):>3} étapes {total:>8.0f} ms")

    def _ecrire(self, ligne: str) -> None:
        if self._sortie is not None:
            print(ligne, file=self._sortie, flush=True)


@dataclass(frozen=True)
class Citoyen:
    """An invented person: what the account form asks, unique to this run."""

    marque: str
    mot_de_passe: str

    @property
    def identifiant(self) -> str:
        return f"corneille.{self.marque}"

    @property
    def email(self) -> str:
        return f"pierre.corneille.{self.marque}@exemple.fr"

    def fiche(self) -> dict[str, Any]:
        """The fields of POST /api/comptes but ``anti_robot``."""
        return {
            "identifiant": self.identifiant,
            "mot_de_passe": self.mot_de_passe,
            "profil": "usager",
            "prenom": "Pierre",
            "nom": "Corneille",
            "email": self.email,
            "sexe": "M",
            "telephone": mobile(),
            "question_secrete": "Le titre de votre première tragédie ?",
            "reponse_secrete": "Médée",
            "cgu_acceptees": True,
        }


def inventer_citoyen() -> Citoyen:
    """A citizen whom nobody used before."""
    return Citoyen(secrets.token_hex(4), f"Cid-{secrets.token_urlsafe(12)}-1637")


def mobile() -> str:
    """A mobile number at random, so that its SMS are told from others'."""
    return f"06{secrets.randbelow(10**8):08d}"


def ouvrir_un_compte(client: Client, citoyen: Citoyen, journal: Journal) -> None:
    """Anti-robot, account, activation code of the mail, log in."""
    fiche = citoyen.fiche()
    with journal.etape("défi anti-robot") as note:
        preuve = client.anti_robot()
        note.texte = "preuve de travail trouvée"
    with journal.etape("création du compte") as note:
        cle = nouvelle_cle()
        cree = client.appeler("POST", "/api/comptes", {**fiche, "anti_robot": preuve}, cle=cle)
        rejouee = client.creer_compte(fiche, cle)
        verifier(cree == rejouee, "La même création de compte, envoyée deux fois, n'a pas eu la même réponse.")
        note.texte = citoyen.identifiant
    with journal.etape("code d'activation, par courriel") as note:
        code = client.code_recu(citoyen.email)
        note.texte = f"code {code}"
    with journal.etape("activation"):
        client.activer_compte(citoyen.identifiant, code)
    with journal.etape("connexion") as note:
        session = client.ouvrir_session(citoyen.identifiant, citoyen.mot_de_passe)
        note.texte = f"Bienvenue {session['prenom']} {session['nom']}"


def fermer(client: Client, journal: Journal) -> None:
    """Log out, and see that the jeton is dead."""
    with journal.etape("déconnexion"):
        client.fermer_session()
    with journal.etape("jeton éteint") as note:
        reponse = client.brut("GET", "/api/demandes")
        verifier(
            reponse.status_code == 401, f"Après la déconnexion le jeton a encore été accepté ({reponse.status_code})."
        )
        note.texte = "401"


def jouer_motif(client: Client, citoyen: Citoyen, motif: Motif, variante: Variante, journal: Journal) -> Demande:
    """The eight steps for ``motif``, then suivi and documents; the confirmed demande, as last read."""
    prix = motif["prix_centimes"]
    contact = {"email": f"{motif['code'].replace('_', '-')}.{citoyen.marque}@exemple.fr", "telephone": mobile()}
    demande_id = _choisir_motif(client, motif, variante, journal)
    _etat_civil(client, citoyen, demande_id, variante, journal)
    adresse = _adresse(client, demande_id, contact, journal)
    _photo(client, demande_id, variante, journal)
    _pieces(client, demande_id, motif, journal)
    _payer(client, demande_id, prix, variante, journal)
    _relire(client, demande_id, adresse, variante, journal)
    numero = _confirmer(client, demande_id, journal)
    _suivre(client, demande_id, journal)
    _documents(client, demande_id, prix, variante, journal)
    _messages(client, contact, numero, journal)
    return client.demande(demande_id)


def _choisir_motif(client: Client, motif: Motif, variante: Variante, journal: Journal) -> str:
    with journal.etape("1 motif") as note:
        demande = client.creer_demande(variante.motif_d_abord or motif["code"])
        verifier(
            demande["statut"] == "brouillon" and demande["numero"] is None,
            "Une demande neuve doit être un brouillon sans numéro.",
        )
        if variante.motif_d_abord:
            demande = client.enregistrer(demande["id"], "motif", {"motif": motif["code"]}, demande["version"])
            note.texte = f"{variante.motif_d_abord}, changé en {motif['code']}"
        verifier(demande["motif"] == motif["code"], f"Le motif enregistré est {demande['motif']}, pas {motif['code']}.")
    return demande["id"]


def _etat_civil(client: Client, citoyen: Citoyen, demande_id: str, variante: Variante, journal: Journal) -> None:
    moitie = {cle: ETAT_CIVIL[cle] for cle in ("nom_naissance", "prenoms")}
    with journal.etape("2 état civil, moitié (brouillon)"):
        etape = client.brouillon(demande_id, "etat-civil", moitie)["etapes"]["etat_civil"]
        verifier(etape["etat"] == "brouillon", f"Une moitié d'étape enregistrée est dite « {etape['etat']} ».")
    with journal.etape("2 état civil, repris et fini") as note:
        ailleurs = client
        if variante.autre_appareil:
            ailleurs = Client(client.url)
            ailleurs.ouvrir_session(citoyen.identifiant, citoyen.mot_de_passe)
            note.texte = "sur un autre appareil"
        repris = ailleurs.demande(demande_id)["etapes"]["etat_civil"]["donnees"] or {}
        verifier(
            all(repris.get(cle) == valeur for cle, valeur in moitie.items()),
            "La moitié d'état civil enregistrée n'est pas revenue telle quelle.",
        )
        etape = ailleurs.enregistrer(demande_id, "etat-civil", ETAT_CIVIL | moitie)["etapes"]["etat_civil"]
        verifier(etape["etat"] == "complete", f"L'état civil entier est dit « {etape['etat']} ».")
        if variante.autre_appareil:
            ailleurs.fermer_session()


def _adresse(client: Client, demande_id: str, contact: dict[str, str], journal: Journal) -> dict[str, Any]:
    with journal.etape("3 adresse et contact") as note:
        commune = next(c for c in client.communes(CODE_POSTAL) if c["nom"].upper() == "NANCY")
        adresse = {
            "numero": "3",
            "extension": "bis",
            "type_voie": "rue",
            "nom_voie": "de la Poste",
            "code_postal": CODE_POSTAL,
            "commune": commune["nom"],
            "prefecture": commune["prefecture"],
            **contact,
            "reutilisation_donnees": False,
        }
        client.enregistrer(demande_id, "adresse", adresse)
        note.texte = f"{commune['nom']}, préfecture {commune['prefecture']}"
    return adresse


def _photo(client: Client, demande_id: str, variante: Variante, journal: Journal) -> None:
    with journal.etape("4 photo et signature") as note:
        if variante.photo == "talon":
            client.enregistrer(demande_id, "photo-signature", {"mode": "talon"})
            verifier_pdf(client.document(demande_id, "talon"), "talon photo-signature")
            note.texte = "talon téléchargé"
            return
        if variante.photo == "code_plus_tard":
            client.enregistrer(demande_id, "photo-signature", {"mode": "numerique"})
        code = client.code_photo()
        etape = client.enregistrer(demande_id, "photo-signature", {"mode": "numerique", "code": code})
        etat = etape["etapes"]["photo_signature"]["donnees"]["etat"]
        verifier(etat == "valide", f"Un code e-photo valide est dit « {etat} ».")
        note.texte = "code e-photo" + (" donné en deux fois" if variante.photo == "code_plus_tard" else "")


def _pieces(client: Client, demande_id: str, motif: Motif, journal: Journal) -> None:
    for piece in motif["pieces"]:
        if not piece["obligatoire"]:
            continue
        verifier(piece["type"] in FICHIERS, f"Ce client n'a pas de fichier pour la pièce « {piece['type']} ».")
        envoyes = FICHIERS[piece["type"]]()
        with journal.etape(f"5 pièce {piece['type']}") as note:
            pages = 0
            for fichier in envoyes:
                controle = client.joindre(demande_id, piece["type"], fichier)
                raisons = " ".join(anomalie["message"] for anomalie in controle["anomalies"])
                verifier(controle["statut"] == "valide", f"{fichier.nom} est dit « {controle['statut']} ». {raisons}")
                pages += controle["pages"]
            noms = ", ".join(fichier.nom for fichier in envoyes)
            poids = sum(len(fichier.octets) for fichier in envoyes) / 1024
            note.texte = f"{noms} : {pages} page(s) sur {piece['pages_max']}, {poids:.0f} Ko"


def _payer(client: Client, demande_id: str, prix: int, variante: Variante, journal: Journal) -> None:
    with journal.etape("6 paiement") as note:
        if prix == 0:
            etat = client.paiement(demande_id)["etat"]
            verifier(etat == "non_requis", f"Cette demande est gratuite, mais son paiement est dit « {etat} ».")
            note.texte = "gratuit, étape passée d'elle-même"
            return
        if variante.paiement == "boutique":
            cle = nouvelle_cle()
            achat = client.acheter(demande_id, f"{client.url}/", cle)
            verifier(
                client.acheter(demande_id, f"{client.url}/", cle) == achat,
                "Le même achat, demandé deux fois, n'a pas eu la même réponse.",
            )
            verifier(achat["montant_centimes"] == prix, "La boutique ne demande pas le prix annoncé par le motif.")
            client.terminer_achat(achat["reference"], "accepte", repetitions=2)
        else:
            client.donner_timbre(demande_id, client.timbre(prix))
        paiement = attendre(
            lambda: client.paiement(demande_id), lambda lu: lu["etat"] == "reserve", "paiement accepté", delai_s=30
        )
        note.texte = f"{_euros(prix)}, {variante.paiement}, timbre {paiement.get('numero_timbre')}"


def _relire(client: Client, demande_id: str, adresse: dict[str, Any], variante: Variante, journal: Journal) -> None:
    with journal.etape("7 récapitulatif") as note:
        manques = client.recapitulatif(demande_id)["manques"]
        verifier(not manques, f"Tout est rempli, mais le récapitulatif dit qu'il manque : {manques}.")
        note.texte = "rien ne manque"
    with journal.etape("7 retour sur l'adresse, corrigée"):
        version = client.demande(demande_id)["version"]
        corrigee = {**adresse, "complement": "2e étage, porte gauche"}
        client.enregistrer(demande_id, "adresse", corrigee, si_version=version)
        lue = client.demande(demande_id)["etapes"]["adresse"]["donnees"]
        verifier(lue["complement"] == corrigee["complement"], "La correction de l'adresse n'a pas été gardée.")
        verifier(not client.recapitulatif(demande_id)["manques"], "Corriger l'adresse a défait une autre étape.")


def _confirmer(client: Client, demande_id: str, journal: Journal) -> str:
    with journal.etape("8 confirmation, envoyée deux fois") as note:
        cle = nouvelle_cle()
        confirmee = client.confirmer(demande_id, cle)
        verifier(client.confirmer(demande_id, cle) == confirmee, "Confirmée deux fois, la demande a eu deux réponses.")
        numero = str(confirmee["numero"])
        verifier(len(numero) == 23 and numero.isdecimal(), f"Le numéro {numero} n'a pas 23 chiffres.")
        note.texte = f"n° {numero}"
    return numero


def _suivre(client: Client, demande_id: str, journal: Journal) -> None:
    with journal.etape("suivi jusqu'au contrôle, et après") as note:
        suivi = attendre(lambda: client.suivi(demande_id), lambda lu: lu["statut"] != "deposee", "passage en contrôle")
        note.texte = f"{suivi['libelle']} ({suivi['detenteur']})"


def _documents(client: Client, demande_id: str, prix: int, variante: Variante, journal: Journal) -> None:
    with journal.etape("justificatif de pré-demande") as note:
        octets = client.document(demande_id, "justificatif")
        verifier_pdf(octets, "justificatif")
        note.texte = f"PDF, {len(octets) / 1024:.0f} Ko"
    with journal.etape("accusé de réception") as note:
        octets = client.document(demande_id, "recepisse")
        verifier_pdf(octets, "accusé de réception")
        note.texte = f"PDF, {len(octets) / 1024:.0f} Ko"
    if prix:
        with journal.etape("reçu du paiement") as note:
            octets = client.document(demande_id, "recu")
            verifier_pdf(octets, "reçu")
            note.texte = f"PDF, {len(octets) / 1024:.0f} Ko"


def _messages(client: Client, contact: dict[str, str], numero: str, journal: Journal) -> None:
    with journal.etape("courriel de confirmation") as note:
        courriel = _message(client, "mail", contact["email"])
        verifier(numero in courriel["texte"], "Le courriel de confirmation ne dit pas le numéro de la demande.")
        note.texte = courriel["objet"]
    with journal.etape("SMS de confirmation") as note:
        sms = _message(client, "sms", contact["telephone"])
        verifier(ETAT_CIVIL["nom_naissance"].lower() not in sms["texte"].lower(), "Le SMS porte le nom de la personne.")
        note.texte = sms["texte"][:70]


def _message(client: Client, canal: str, destinataire: str) -> dict[str, str]:
    def recus() -> list[dict[str, str]]:
        return [envoi for envoi in client.envois(destinataire) if envoi["canal"] == canal]

    return attendre(recus, bool, f"{canal} de confirmation")[0]


def verifier_pdf(octets: bytes, nom: str) -> None:
    """Raise ``Inattendu`` unless ``octets`` are a PDF."""
    verifier(octets.startswith(b"%PDF-"), f"Le document « {nom} » n'est pas un PDF.")


def _euros(centimes: int) -> str:
    return f"{centimes // 100},{centimes % 100:02d} €" if centimes else "gratuit"


def jouer(client: Client, journal: Journal, voulus: Sequence[str] = ()) -> tuple[Citoyen, dict[str, Demande]]:
    """The citizen's whole play, for the five motifs or those ``voulus``; who he was, and his demande of each motif."""
    citoyen = inventer_citoyen()
    journal.partie("Premier acte : un usager dépose ses demandes")
    journal.acte("Compte")
    ouvrir_un_compte(client, citoyen, journal)
    offerts = {motif["code"]: motif for motif in client.motifs("54")}
    demandes: dict[str, Demande] = {}
    for code in dict.fromkeys(voulus or VARIANTES):
        verifier(code in offerts, f"Le service ne propose pas le motif « {code} ».")
        motif = offerts[code]
        journal.acte(f"{motif['libelle']} ({_euros(motif['prix_centimes'])})")
        demandes[code] = jouer_motif(client, citoyen, motif, VARIANTES[code], journal)
    journal.acte("Fin du premier acte")
    with journal.etape("liste des demandes") as note:
        nombre = len(client.mes_demandes())
        verifier(nombre == len(demandes), f"La liste montre {nombre} demandes, pas {len(demandes)}.")
        note.texte = f"{nombre} demande{'s' if nombre > 1 else ''}"
    fermer(client, journal)
    return citoyen, demandes
