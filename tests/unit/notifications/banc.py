"""The bench of the notices' tests: both senders over fakes, and a clock that only moves when told."""

from typing import Any

from chalicelib.demande.comptes import StatutCompte, instant
from chalicelib.demande.evenements import EvenementPublie
from chalicelib.demande.modeles import Adresse, Demande, Motif, Statut
from chalicelib.demande.notifications import Canal, EtatNotification
from chalicelib.demande.ports_notifications import ContactDeCompte, EvenementDeCompte
from chalicelib.notifications.acheminement import Issue, Lectures
from chalicelib.notifications.envoyer_mail import envoyer_mail
from chalicelib.notifications.envoyer_sms import envoyer_sms
from tests.fakes.notifications import (
    ContactsFactices,
    DemandesLues,
    FilesFactices,
    MailsFactices,
    NotificationsFactices,
    SmsFactices,
)

CLE = "cle-des-codes"
SITE = "https://permis.exemple.fr"
MAINTENANT = 1_795_000_000
DEPOT = EvenementPublie(
    evenement_id="d1#2",
    type="DemandeDeposee",
    demande_id="d1",
    rang=2,
    correlation_id="corr-0001",
    survenu_le=instant(MAINTENANT),
)


class Horloge:
    """A clock that only moves when told."""

    def __init__(self) -> None:
        self.maintenant = MAINTENANT

    def __call__(self) -> int:
        return self.maintenant

    def avancer(self, secondes: int) -> None:
        self.maintenant += secondes


class Banc:
    """Both senders over fakes. The demande d1 is c1's; c1's account has other addresses than the demande."""

    def __init__(self, adresse: Adresse | None, statut: Statut = Statut.DEPOSEE) -> None:
        numero = None if statut is Statut.BROUILLON else "12441542134215461243643"
        demande = Demande(
            id="d1",
            usager="c1",
            statut=statut,
            motif=Motif.PERTE,
            numero=numero,
            cree_le=instant(MAINTENANT),
            modifie_le=instant(MAINTENANT),
            adresse=adresse,
        )
        self.contacts = ContactsFactices()
        self.contacts.comptes["c1"] = ContactDeCompte(
            statut=StatutCompte.ACTIF, identifiant="p.corneille", email="compte@exemple.fr", telephone="0711111111"
        )
        self.demande = demande
        self.demandes = DemandesLues(demande)
        self.lectures = Lectures(self.demandes, self.contacts, CLE, SITE, 86400.0)
        self.registre = NotificationsFactices()
        self.horloge = Horloge()
        self.mails, self.sms, self.files = MailsFactices(), SmsFactices(), FilesFactices()
        self.silence = ""

    def mail(self, evenement: EvenementPublie = DEPOT) -> Issue:
        return envoyer_mail(evenement, self.lectures, self.registre, self.mails, self.files, self.horloge)

    def texto(self, evenement: EvenementPublie = DEPOT) -> Issue:
        return envoyer_sms(evenement, self.lectures, self.registre, self.sms, self.horloge, self.silence)

    def etat(self, canal: Canal, evenement_id: str = "d1#2") -> EtatNotification | None:
        notification = self.registre.lire(evenement_id, canal)
        return notification.etat if notification else None


def adresse(telephone: str | None = "0612345678", email: str | None = "demande@exemple.fr") -> Adresse:
    return Adresse(
        nom_voie="rue Saint-Jean",
        code_postal="54000",
        commune="Nancy",
        prefecture="543",
        email=email,
        telephone=telephone,
        reutilisation_donnees=False,
    )


def de_demande(type_: str) -> EvenementPublie:
    return DEPOT.model_copy(update={"type": type_})


def de_compte(banc: Banc, type_: str, **detail: Any) -> EvenementPublie:
    banc.contacts.evenements["e1"] = EvenementDeCompte(**detail)
    return EvenementPublie(
        evenement_id="e1",
        type=type_,
        compte_id="c1",
        correlation_id="corr-0002",
        survenu_le=instant(MAINTENANT),
    )


class Arret(BaseException):
    """The process dies: nothing of ours runs after it."""
