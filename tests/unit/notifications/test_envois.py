"""The two senders: whom they write to, and what one event gives when it comes twice, fails or is cut short."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chalicelib.demande.codes import code_a_six_chiffres
from chalicelib.demande.comptes import StatutCompte, instant
from chalicelib.demande.erreurs import DemandeInconnue
from chalicelib.demande.modeles import AncienContact, Statut
from chalicelib.demande.notifications import (
    BAIL_S,
    Canal,
    EnvoiAReprendre,
    EnvoiEnCours,
    EnvoiImpossible,
    EnvoiIncertain,
    EtatNotification,
)
from chalicelib.demande.ports_notifications import ContactDeCompte
from chalicelib.notifications import envoyer_mail as module_mail
from chalicelib.notifications import envoyer_sms as module_sms
from chalicelib.notifications import recevoir_retours as module_retours
from chalicelib.notifications.acheminement import Issue
from tests.fakes.notifications import MailsFactices, SmsFactices
from tests.unit.notifications.banc import (
    CLE,
    DEPOT,
    MAINTENANT,
    SITE,
    Arret,
    Banc,
    adresse,
    de_compte,
    de_demande,
)


@pytest.fixture
def banc() -> Banc:
    return Banc(adresse())


def test_le_depot_s_ecrit_aux_coordonnees_de_la_demande(banc: Banc) -> None:
    assert (banc.mail(), banc.texto()) == (Issue.ENVOYE, Issue.ENVOYE)

    assert [a for a, _ in banc.mails.partis] == ["demande@exemple.fr"]
    assert banc.sms.partis == [("0612345678", f"Votre demande de permis est déposée. Suivi : {SITE}")]
    notification = banc.registre.lire("d1#2", Canal.MAIL)
    assert notification is not None
    assert (notification.etat, notification.reference) == (EtatNotification.ENVOYE, "mail-1")


def test_sans_telephone_dans_la_demande_pas_de_sms_meme_si_le_compte_en_a_un() -> None:
    banc = Banc(adresse(telephone=None))

    assert banc.texto() is Issue.SANS_ADRESSE
    assert banc.sms.partis == []


def test_un_brouillon_sans_adresse_est_rappele_a_l_adresse_du_compte() -> None:
    banc = Banc(None, Statut.BROUILLON)

    assert banc.mail(de_demande("BrouillonRappele")) is Issue.ENVOYE
    ((destinataire, courriel),) = banc.mails.partis
    assert destinataire == "compte@exemple.fr"
    assert "avant le" in courriel.texte


def test_un_brouillon_sans_adresse_ni_compte_ne_s_ecrit_a_personne() -> None:
    banc = Banc(None, Statut.BROUILLON)
    banc.contacts.comptes.clear()

    assert banc.mail(de_demande("BrouillonRappele")) is Issue.SANS_ADRESSE


def test_un_contact_remplace_est_prevenu_la_ou_il_etait_et_nulle_part_ailleurs(banc: Banc) -> None:
    ancien = AncienContact(rang=2, email="avant@exemple.fr", telephone="0698765432")
    autre = AncienContact(rang=7, telephone="0611111111")
    banc.demandes.poser(banc.demande.model_copy(update={"anciens_contacts": [ancien, autre]}))
    remplace = de_demande("ContactRemplace")
    suivant = remplace.model_copy(update={"evenement_id": "d1#7", "rang": 7})

    assert [banc.mail(remplace), banc.mail(suivant)] == [Issue.ENVOYE, Issue.SANS_ADRESSE]
    assert [banc.texto(remplace), banc.texto(suivant)] == [Issue.ENVOYE, Issue.ENVOYE]
    assert [vers for vers, _ in banc.mails.partis] == ["avant@exemple.fr"]
    assert [vers for vers, _ in banc.sms.partis] == ["0698765432", "0611111111"]
    assert banc.mail(remplace.model_copy(update={"evenement_id": "d1#3", "rang": 3})) is Issue.PERIME


def test_une_demande_absente_est_une_panne() -> None:
    banc = Banc(adresse())
    perdu = DEPOT.model_copy(update={"demande_id": "d2"})

    with pytest.raises(DemandeInconnue):
        banc.mail(perdu)


@pytest.mark.parametrize("type_", ["ControleCommence", "TypeDeDemain"])
def test_un_evenement_sans_texte_ne_fait_rien(banc: Banc, type_: str) -> None:
    assert (banc.mail(de_demande(type_)), banc.texto(de_demande(type_))) == (Issue.SANS_TEXTE, Issue.SANS_TEXTE)
    assert banc.registre.toutes == {}


def test_le_code_d_activation_est_celui_que_la_verification_recalcule(banc: Banc) -> None:
    evenement = de_compte(
        banc, "CodeActivation", usage="activation", nonce="n1", valable_jusqua=instant(MAINTENANT + 9)
    )

    assert banc.mail(evenement) is Issue.ENVOYE
    ((destinataire, courriel),) = banc.mails.partis
    assert destinataire == "compte@exemple.fr"
    assert code_a_six_chiffres(CLE, "c1", "activation", "n1") in courriel.texte


def test_un_code_expire_ne_part_pas(banc: Banc) -> None:
    evenement = de_compte(banc, "CodeActivation", usage="activation", nonce="n1", valable_jusqua=instant(MAINTENANT))

    assert banc.mail(evenement) is Issue.PERIME
    assert banc.mails.partis == []


def test_un_evenement_de_compte_oublie_ne_part_pas(banc: Banc) -> None:
    evenement = de_compte(banc, "CodeActivation")
    banc.contacts.evenements.clear()

    assert banc.mail(evenement) is Issue.PERIME


def test_un_changement_s_ecrit_a_l_adresse_de_l_evenement(banc: Banc) -> None:
    banc.mail(de_compte(banc, "CodeEmail", usage="email", nonce="n1", email="nouvelle@exemple.fr"))
    banc.texto(de_compte(banc, "CodeTelephone", usage="telephone", nonce="n2", telephone="0722222222"))

    assert [a for a, _ in banc.mails.partis] == ["nouvelle@exemple.fr"]
    assert [n for n, _ in banc.sms.partis] == ["0722222222"]


def test_un_compte_ferme_est_prevenu_a_l_adresse_de_l_evenement(banc: Banc) -> None:
    banc.contacts.comptes["c1"] = ContactDeCompte(statut=StatutCompte.FERME)

    assert banc.mail(de_compte(banc, "CompteFerme", email="ancienne@exemple.fr")) is Issue.ENVOYE
    assert [a for a, _ in banc.mails.partis] == ["ancienne@exemple.fr"]


def test_un_evenement_double_donne_un_seul_envoi_par_canal(banc: Banc) -> None:
    banc.mail()
    banc.texto()

    assert (banc.mail(), banc.texto()) == (Issue.DEJA_TRAITE, Issue.DEJA_TRAITE)
    assert (len(banc.mails.partis), len(banc.sms.partis), len(banc.registre.toutes)) == (1, 1, 2)


@pytest.mark.parametrize("canal", list(Canal))
def test_deux_exemplaires_en_meme_temps_n_en_envoient_qu_un(banc: Banc, canal: Canal) -> None:
    """The second copy comes while the first is being sent."""
    autres: list[type[Exception]] = []

    def pendant() -> None:
        with pytest.raises(EnvoiEnCours) as levee:
            envoi()
        autres.append(levee.type)

    banc.mails, banc.sms = MailsFactices(pendant=pendant), SmsFactices(pendant=pendant)
    envoi: Callable[[], Issue] = banc.mail if canal is Canal.MAIL else banc.texto

    assert envoi() is Issue.ENVOYE
    assert autres == [EnvoiEnCours]
    assert len(banc.mails.partis) + len(banc.sms.partis) == 1


@pytest.mark.parametrize("canal", list(Canal))
def test_un_transporteur_occupe_se_reprend_aussitot(banc: Banc, canal: Canal) -> None:
    banc.mails, banc.sms = MailsFactices([EnvoiAReprendre("Throttling")]), SmsFactices([EnvoiAReprendre("Throttled")])
    envoi = banc.mail if canal is Canal.MAIL else banc.texto

    with pytest.raises(EnvoiAReprendre):
        envoi()
    assert banc.etat(canal) is EtatNotification.A_ENVOYER
    assert envoi() is Issue.ENVOYE
    assert len(banc.registre.toutes) == 1


def test_une_adresse_refusee_s_abandonne_avec_sa_raison(banc: Banc) -> None:
    banc.mails = MailsFactices([EnvoiImpossible("MessageRejected")])

    assert banc.mail() is Issue.ABANDONNE
    assert banc.mail() is Issue.DEJA_TRAITE
    notification = banc.registre.lire("d1#2", Canal.MAIL)
    assert notification is not None
    assert (notification.etat, notification.raison) == (EtatNotification.ABANDONNE, "MessageRejected")


def test_un_sms_peut_etre_parti_ne_repart_pas(banc: Banc) -> None:
    banc.sms = SmsFactices([EnvoiIncertain("ReadTimeoutError")])

    assert banc.texto() is Issue.INCERTAIN
    assert banc.texto() is Issue.DEJA_TRAITE
    assert banc.sms.partis == []
    assert banc.etat(Canal.SMS) is EtatNotification.INCERTAIN


def mourir() -> None:
    raise Arret


def test_un_courriel_dont_l_envoyeur_meurt_avant_de_le_marquer_repart_apres_son_bail(banc: Banc) -> None:
    banc.mails = MailsFactices(pendant=mourir)
    with pytest.raises(Arret):
        banc.mail()

    banc.mails = MailsFactices()
    with pytest.raises(EnvoiEnCours):
        banc.mail()
    banc.horloge.avancer(BAIL_S)

    assert banc.mail() is Issue.ENVOYE
    assert len(banc.mails.partis) == 1
    notification = banc.registre.lire("d1#2", Canal.MAIL)
    assert notification is not None
    assert notification.essais == 2


def test_un_sms_dont_l_envoyeur_meurt_avant_de_le_marquer_reste_incertain(banc: Banc) -> None:
    banc.sms = SmsFactices(pendant=mourir)
    with pytest.raises(Arret):
        banc.texto()

    banc.sms = SmsFactices()
    with pytest.raises(EnvoiEnCours):
        banc.texto()
    banc.horloge.avancer(BAIL_S)

    assert banc.texto() is Issue.INCERTAIN
    assert banc.texto() is Issue.DEJA_TRAITE
    assert banc.sms.partis == []


@pytest.mark.parametrize(
    ("file_", "module"), [("QueueMails", module_mail), ("QueueSms", module_sms), ("QueueRetours", module_retours)]
)
def test_le_bail_dure_plus_que_l_envoyeur_et_moins_que_l_attente_de_la_file(file_: str, module: Any) -> None:
    """Else a living sender loses its record, or a message comes back while a dead one still holds it."""
    modele = json.loads((Path(__file__).parents[3] / "infra" / "resources.json").read_text())
    attente = modele["Resources"][file_]["Properties"]["VisibilityTimeout"]

    assert module.FONCTION.delai < BAIL_S
    assert module.FONCTION.delai + BAIL_S < attente
    assert attente >= 6 * module.FONCTION.delai


def test_l_annonce_d_une_fermeture_en_dit_la_date_et_se_tait_si_le_titulaire_est_revenu(banc: Banc) -> None:
    annonce = de_compte(banc, "CompteInutilise", valable_jusqua="2029-01-14T08:00:00.000Z")
    assert banc.mail(annonce) is Issue.ENVOYE
    assert "avant le 14 janvier 2029" in banc.mails.partis[0][1].texte

    contact = banc.contacts.comptes["c1"]
    banc.contacts.comptes["c1"] = contact.model_copy(update={"derniere_connexion_le": annonce.survenu_le})
    assert banc.mail(annonce.model_copy(update={"evenement_id": "e1"})) is Issue.PERIME
