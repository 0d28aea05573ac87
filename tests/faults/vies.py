"""Whole lives of a demande, from its confirmation on, told by those who make them: usager, agent, partners, time."""

from typing import Any

from chalicelib import wiring
from chalicelib.adapters import clients
from chalicelib.adapters.dynamo import item
from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Demande, EtatPhoto, Motif, PhotoSignature, Statut
from tests.agents import AGENT, PIERRE, habiliter
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

    def __init__(self, monde: Monde) -> None:
        self.monde = monde

    def preparer(self) -> None:
        """What is there before: a draft ready to be confirmed, and the people."""
        habiliter(AGENT)
        photo = self.photo()
        demande = prete(motif=Motif.VOL, photo_signature=photo, modifie_le=ecrire(self.monde.maintenant))
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

    def agent(self, action: str, corps: Any, *deja: str) -> None:
        """An action of the agent on the demande; ``deja`` as for ``Monde.insister``."""
        self.monde.insister("POST", f"/instruction/demandes/{{id}}/{action}", CHEMIN, corps, AGENT, deja=deja)

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
    """A theft whose e-photo waits for its activation; suspended for its domicile, completed, made, delivered."""

    nom = "vol suspendu"
    silence = "21-8 dimanche"

    def photo(self) -> PhotoSignature:
        code = self.monde.photos.creer("en_activation")
        return PhotoSignature(mode="numerique", code=code, etat=EtatPhoto.EN_ACTIVATION)

    def vivre(self) -> None:
        monde = self.monde
        self.confirmer()
        monde.attendre(minutes=5)
        self.exiger(Statut.ATTENTE_PHOTO)
        monde.reconcilier()
        # The base is asked again after a day; its own notice comes at night.
        monde.attendre(hours=36)
        self.exiger(Statut.ATTENTE_PHOTO)
        code = self.demande().photo_attendue
        monde.photos.etats[str(code)] = "valide"
        monde.dire("photo", {"code": code, "resultat": "valide"})
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
        _, pieces = wiring.demandes().lire_avec_pieces(DEMANDE_ID)
        (domicile,) = (une.piece_id for une in pieces if une.type == "domicile")
        demande = {
            "elements": [{"cible": domicile, "motif": "expiree"}, {"cible": "adresse.complement", "motif": "inexacte"}],
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
        octets = image("PNG")
        annonce = {"type": "domicile", "nom_fichier": "facture.png", "taille": len(octets), "mime": "image/png"}
        piece_id = self.usager("POST", "/demandes/{id}/pieces", annonce)["piece_id"]
        clients.client("s3").put_object(Bucket="permis-quarantaine", Key=f"{DEMANDE_ID}/{piece_id}", Body=octets)
        self.usager("POST", "/demandes/{id}/pieces/{piece_id}/controle", None, piece_id=piece_id)
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
        motifs = {"motif": "droits_non_valides", "message": "Votre permis est suspendu jusqu'en mars."}
        self.agent("refus", motifs, "refusee")
        self.monde.attendre(minutes=5)
        self.exiger(Statut.REFUSEE)
        self.finir()


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
        self.agent("reexpedition", None, "expediee")
        monde.attendre(minutes=10)
        for evenement in ("expedie", "distribue"):
            monde.attendre(days=1)
            self.titre(evenement)
        monde.attendre(minutes=5)
        self.exiger(Statut.DISTRIBUEE)
        self.finir()


VIES: tuple[type[Vie], ...] = (Vol, Refus, SansSuite, Retrait, Retour)
