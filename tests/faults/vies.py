"""Whole lives of a demande, from its confirmation on, told by those who make them: usager, agent, partners, time."""

from typing import Any

from chalicelib import wiring
from chalicelib.adapters import clients
from chalicelib.adapters.dynamo import item
from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Demande, EtatPhoto, Motif, PhotoSignature, Statut
from chalicelib.http import Identite
from infra.local.simulateurs.portrait import image_par_defaut
from tests.agents import AGENT, CTN, PIERRE, habiliter
from tests.dossiers import ADRESSE, DEMANDE_ID, pieces_de, prete, timbre_reserve
from tests.faults.monde import Monde
from tests.specimens import image

CHEMIN = {"id": DEMANDE_ID}


class Perdue(AssertionError):
    """The demande is not where it would be without the failure."""


class Vie:
    """What the people and the partners do, one thing after the other."""

    nom = ""
    silence = ""
    motif = Motif.PERTE

    def __init__(self, monde: Monde) -> None:
        self.monde = monde

    def preparer(self) -> None:
        """What is there before: a draft ready to be confirmed, and the people."""
        habiliter(AGENT, CTN)
        photo = self.photo()
        demande = prete(motif=self.motif, photo_signature=photo, modifie_le=ecrire(self.monde.maintenant))
        wiring.demandes().creer(demande)
        for une in pieces_de(demande):
            wiring.demandes().ajouter_piece(une)
        clients.client("dynamodb").put_item(
            TableName="permis-timbres", Item=item(timbre_reserve().model_dump(mode="json", exclude_none=True))
        )

    def photo(self) -> PhotoSignature:
        """Step 4 of the draft: an e-photo that can be used at once."""
        return PhotoSignature(mode="numerique", code=self.monde.photos.creer("valide"), etat=EtatPhoto.VALIDE)

    def vivre(self) -> None:
        """The life."""
        raise NotImplementedError

    def finir(self) -> None:
        """The hours that follow the end: the head of the journal is anchored."""
        monde = self.monde
        monde.attendre(hours=1)
        monde.reconcilier()
        monde.ancrer()
        monde.attendre(hours=1)
        if monde.panne_le is not None:
            monde.ancrer()

    # -- what several lives do

    def demande(self) -> Demande:
        """As it is now; read outside the count."""
        return wiring.demandes().lire(DEMANDE_ID)

    def exiger(self, statut: Statut) -> None:
        """Raise ``Perdue`` unless the demande is there."""
        if self.demande().statut is not statut:
            raise Perdue(f"{self.demande().statut} au lieu de {statut}")

    def confirmer(self) -> None:
        """Step 8, with the key that a page keeps for its tries."""
        self.monde.insister(
            "POST",
            "/demandes/{id}/confirmation",
            CHEMIN,
            {"attestation": True},
            PIERRE,
            {"Idempotency-Key": "cle-de-confirmation"},
        )

    def valider(self) -> None:
        """The agent takes it and validates it; the machine orders the card."""
        self.agent("prise-en-charge", None)
        self.agent("validation", {"droits_etablis_autrement": True}, "validee", "en_production")
        self.monde.attendre(minutes=10)
        self.exiger(Statut.EN_PRODUCTION)

    def refuser(self) -> None:
        """The agent refuses; the stamp is free again."""
        motifs = {"motif": "droits_non_valides", "message": "Votre permis est suspendu jusqu'en mars."}
        self.agent("refus", motifs, "refusee")
        self.monde.attendre(minutes=5)
        self.exiger(Statut.REFUSEE)
        self.finir()

    def agent(self, action: str, corps: Any, *deja: str, qui: Identite = AGENT, methode: str = "POST") -> None:
        """An action of an agent on the demande; ``deja`` as for ``Monde.insister``."""
        self.monde.insister(methode, f"/instruction/demandes/{{id}}/{action}", CHEMIN, corps, qui, deja=deja)

    def piece(self, type_: str) -> str:
        """The pièce of that type which counts now; read outside the count."""
        demande, pieces = wiring.demandes().lire_avec_pieces(DEMANDE_ID)
        (une,) = (p.piece_id for p in pieces if p.type == type_ and p.piece_id in (demande.pieces_deposees or ()))
        return une

    def envoyer_piece(self, type_: str) -> None:
        """The usager announces a file, his browser posts it, and it is controlled."""
        octets = image("PNG")
        annonce = {"type": type_, "nom_fichier": "piece.png", "taille": len(octets), "mime": "image/png"}
        piece_id = self.usager("POST", "/demandes/{id}/pieces", annonce)["piece_id"]
        clients.client("s3").put_object(Bucket="permis-quarantaine", Key=f"{DEMANDE_ID}/{piece_id}", Body=octets)
        self.usager("POST", "/demandes/{id}/pieces/{piece_id}/controle", None, piece_id=piece_id)

    def usager(self, methode: str, route: str, corps: Any, **chemin: str) -> Any:
        """A call of the usager on his demande."""
        return self.monde.insister(methode, route, {**CHEMIN, **chemin}, corps, PIERRE)

    def titre(self, evenement: str, **champs: str) -> None:
        """The printer or the post tells an event of the card, which happened just now."""
        demande = self.demande()
        survenu_le = ecrire(self.monde.maintenant)
        self.monde.dire(
            "production", {"numero": demande.numero, "evenement": evenement, "survenu_le": survenu_le, **champs}
        )


class Vol(Vie):
    """A theft whose receipt an operator accepts, whose e-photo waits for its activation; suspended for its domicile,
    completed, made, delivered."""

    nom = "vol suspendu"
    motif = Motif.VOL
    silence = "21-8 dimanche"

    def photo(self) -> PhotoSignature:
        code = self.monde.photos.creer("en_activation")
        return PhotoSignature(mode="numerique", code=code, etat=EtatPhoto.EN_ACTIVATION)

    def vivre(self) -> None:
        monde = self.monde
        self.confirmer()
        monde.attendre(minutes=5)
        self.exiger(Statut.EN_CONTROLE)
        jugee = {"piece_id": self.piece("recepisse_vol"), "statut": "acceptee"}
        self.agent("controle", {"pieces": [jugee]}, "attente_photo", qui=CTN)
        monde.attendre(minutes=5)
        self.exiger(Statut.ATTENTE_PHOTO)
        monde.reconcilier()
        # The base is asked again after a day; its own notice comes at night.
        monde.attendre(hours=36)
        self.exiger(Statut.ATTENTE_PHOTO)
        code = self.demande().photo_attendue
        monde.photos.etats[str(code)] = "valide"
        monde.dire("photo", {"code": code, "resultat": "valide", "image": image_par_defaut()})
        monde.attendre(minutes=5)
        self.exiger(Statut.EN_INSTRUCTION)
        self.suspendre()
        self.completer()
        self.valider()
        self.remettre()
        self.finir()

    def suspendre(self) -> None:
        """At night, so that its SMS waits for the morning; a reminder comes after thirty days."""
        monde = self.monde
        demande = {
            "elements": [
                {"cible": self.piece("domicile"), "motif": "expiree"},
                {"cible": "adresse.complement", "motif": "inexacte"},
            ],
            "message": "Votre justificatif a plus de six mois : envoyez-en un plus récent.",
        }
        self.agent("suspension", demande, "suspendue")
        monde.attendre(hours=11)
        monde.reprendre_les_sms()
        monde.attendre(minutes=5)
        self.exiger(Statut.SUSPENDUE)
        monde.attendre(days=30)
        monde.reprendre_les_sms()
        monde.attendre(days=1)
        self.exiger(Statut.SUSPENDUE)

    def completer(self) -> None:
        """The usager answers what is asked, and nothing else."""
        self.usager("PUT", "/demandes/{id}/adresse", {**ADRESSE, "complement": "3e étage"})
        self.envoyer_piece("domicile")
        self.usager("POST", "/demandes/{id}/complement", None)
        self.monde.attendre(minutes=5)
        self.exiger(Statut.EN_INSTRUCTION)

    def remettre(self) -> None:
        """The card is made, posted and handed over."""
        monde = self.monde
        self.titre("accepte")
        monde.attendre(days=1)
        self.titre("produit")
        monde.attendre(days=2)
        self.titre("expedie", numero_suivi="LX123456789FR")
        monde.attendre(hours=26)
        monde.reprendre_les_sms()
        monde.attendre(days=1)
        self.exiger(Statut.EXPEDIEE)
        self.titre("distribue")
        monde.attendre(minutes=5)
        self.exiger(Statut.DISTRIBUEE)


class Refus(Vie):
    """Refused by the agent: the stamp is free again."""

    nom = "refus"

    def vivre(self) -> None:
        self.confirmer()
        self.monde.attendre(minutes=5)
        self.exiger(Statut.EN_INSTRUCTION)
        self.agent("prise-en-charge", None)
        self.refuser()


class SansSuite(Vie):
    """The talon never comes: two reminders, then the deadline closes the demande and frees the stamp."""

    nom = "classement sans suite"

    def photo(self) -> PhotoSignature:
        return PhotoSignature(mode="talon", etat=EtatPhoto.TALON)

    def vivre(self) -> None:
        self.confirmer()
        self.monde.attendre(minutes=5)
        self.exiger(Statut.ATTENTE_PHOTO)
        for _ in range(3):
            self.monde.attendre(days=20, minutes=5)
        self.exiger(Statut.CLASSEE_SANS_SUITE)
        self.finir()


class Retrait(Vie):
    """Withdrawn by its usager while the agent has it."""

    nom = "retrait"

    def vivre(self) -> None:
        self.confirmer()
        self.monde.attendre(minutes=5)
        self.usager("DELETE", "/demandes/{id}", None)
        self.monde.attendre(minutes=5)
        self.exiger(Statut.RETIREE)
        self.finir()


class Retour(Vie):
    """The post brings the card back; it is posted again."""

    nom = "retour par la poste"

    def vivre(self) -> None:
        monde = self.monde
        self.confirmer()
        monde.attendre(minutes=5)
        self.valider()
        for evenement in ("produit", "expedie", "retourne"):
            monde.attendre(days=1)
            self.titre(evenement)
        monde.attendre(minutes=5)
        self.exiger(Statut.NON_DISTRIBUEE)
        self.usager("PUT", "/demandes/{id}/adresse/confirmation", ADRESSE)
        self.agent("reexpedition", None, "expediee")
        monde.attendre(minutes=10)
        for evenement in ("expedie", "distribue"):
            monde.attendre(days=1)
            self.titre(evenement)
        monde.attendre(minutes=5)
        self.exiger(Statut.DISTRIBUEE)
        self.finir()


class Controle(Vie):
    """A change of name: the operator refuses an act, asks for another, says it better, and accepts what comes.

    Then an agent asks for something, and lifts it.
    """

    nom = "contrôle et levée"
    motif = Motif.CHANGEMENT_ETAT_CIVIL

    def vivre(self) -> None:
        monde = self.monde
        self.confirmer()
        monde.attendre(minutes=5)
        self.exiger(Statut.EN_CONTROLE)
        acte = self.piece("justificatif_etat_civil")
        self.agent("prise-en-charge", None, qui=CTN)
        refus = {"piece_id": acte, "statut": "refusee", "motif": "illisible"}
        self.agent("controle", {"pieces": [refus]}, "", qui=CTN)
        demande = {"elements": [{"cible": acte, "motif": "illisible"}], "message": "L'acte est illisible."}
        self.agent("suspension", demande, "suspendue", qui=CTN)
        monde.attendre(days=1)
        self.exiger(Statut.SUSPENDUE)
        corrigee = {**demande, "message": "L'acte est illisible : la date du jugement est coupée."}
        self.agent("suspension", corrigee, qui=CTN, methode="PUT")
        monde.attendre(days=1)
        self.envoyer_piece("justificatif_etat_civil")
        self.usager("POST", "/demandes/{id}/complement", None)
        monde.attendre(minutes=5)
        self.exiger(Statut.EN_CONTROLE)
        nouvelle = {"piece_id": self.piece("justificatif_etat_civil"), "statut": "acceptee"}
        self.agent("controle", {"pieces": [nouvelle]}, "en_instruction", qui=CTN)
        monde.attendre(minutes=5)
        self.exiger(Statut.EN_INSTRUCTION)
        self.agent(
            "suspension", {**demande, "elements": [{"cible": "adresse.commune", "motif": "inexacte"}]}, "suspendue"
        )
        monde.attendre(days=1)
        self.agent("levee", None, "en_instruction")
        monde.attendre(minutes=5)
        self.exiger(Statut.EN_INSTRUCTION)
        self.refuser()


class SansReponse(Vie):
    """Suspended, reminded twice, never answered."""

    nom = "suspension sans réponse"

    def vivre(self) -> None:
        monde = self.monde
        self.confirmer()
        monde.attendre(minutes=5)
        demande = {"elements": [{"cible": self.piece("domicile"), "motif": "expiree"}], "message": "Trop ancien."}
        self.agent("suspension", demande, "suspendue")
        for _ in range(3):
            monde.attendre(days=20, minutes=5)
        self.exiger(Statut.CLASSEE_SANS_SUITE)
        self.finir()


class Longue(Vie):
    """It waits so long for its agent that its execution hands over to another one."""

    nom = "très longue attente"

    def vivre(self) -> None:
        monde = self.monde
        self.confirmer()
        monde.attendre(minutes=5)
        monde.attendre(days=301)
        self.exiger(Statut.EN_INSTRUCTION)
        self.refuser()


VIES: tuple[type[Vie], ...] = (Vol, Refus, SansSuite, Retrait, Retour, Controle, SansReponse, Longue)
