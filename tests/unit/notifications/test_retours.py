"""What carriers tell of a notice: written once on its record, and told by SMS when a mail came back."""

import pytest

from chalicelib.demande.comptes import instant
from chalicelib.demande.notifications import (
    SECOURS,
    Canal,
    EnvoiImpossible,
    EtatLivraison,
    EtatNotification,
    Livraison,
    Notification,
    ReferenceInconnue,
)
from chalicelib.notifications.acheminement import Issue
from chalicelib.notifications.recevoir_retours import recevoir
from tests.fakes.notifications import FilesFactices, MailsFactices
from tests.unit.notifications.banc import DEPOT, MAINTENANT, SITE, Arret, Banc, adresse, de_compte

TOT, TARD = instant(MAINTENANT + 5), instant(MAINTENANT + 9)
SECOURS_DU_DEPOT = DEPOT.model_copy(update={"evenement_id": "d1#2#secours", "type": SECOURS})


@pytest.fixture
def banc() -> Banc:
    return Banc(adresse())


def du_mail(etat: EtatLivraison, le: str = TOT, definitif: bool = True, evenement_id: str = "d1#2") -> Livraison:
    raison = "Permanent/General" if etat is EtatLivraison.REBOND else None
    return Livraison(Canal.MAIL, etat, le, "mail-1", evenement_id, definitif, raison)


def recu(banc: Banc, *livraisons: Livraison) -> Notification:
    for livraison in livraisons:
        recevoir(livraison, banc.registre, banc.files)
    notification = banc.registre.lire("d1#2", livraisons[-1].canal)
    assert notification is not None
    return notification


def test_chaque_nouvelle_s_ecrit_a_cote_de_la_fin_de_l_envoi(banc: Banc) -> None:
    banc.mail()

    note = recu(banc, du_mail(EtatLivraison.LIVRE), du_mail(EtatLivraison.PLAINTE, TARD))

    assert (note.etat, note.livre_le, note.plainte_le) == (EtatNotification.ENVOYE, TOT, TARD)
    assert banc.files.deposes == []


def test_une_nouvelle_repetee_ou_en_desordre_garde_la_premiere_date_de_chaque_sorte(banc: Banc) -> None:
    banc.mail()

    note = recu(
        banc,
        du_mail(EtatLivraison.REBOND, TOT),
        du_mail(EtatLivraison.LIVRE, TOT),
        du_mail(EtatLivraison.REBOND, TARD),
        du_mail(EtatLivraison.LIVRE, TARD),
    )

    assert (note.rebond_le, note.livre_le, note.raison_rebond) == (TOT, TOT, "Permanent/General")


def test_un_courriel_revenu_pour_de_bon_se_dit_par_sms_une_seule_fois(banc: Banc) -> None:
    banc.mail()
    recu(banc, du_mail(EtatLivraison.REBOND), du_mail(EtatLivraison.REBOND, TARD))

    assert {evenement for _, evenement in banc.files.deposes} == {SECOURS_DU_DEPOT}
    assert [banc.texto(evenement) for _, evenement in banc.files.deposes] == [Issue.ENVOYE, Issue.DEJA_TRAITE]
    ((telephone, texte),) = banc.sms.partis
    assert telephone == "0612345678"
    assert SITE in texte


def test_un_rebond_passager_est_note_sans_sms(banc: Banc) -> None:
    banc.mail()

    assert recu(banc, du_mail(EtatLivraison.REBOND, definitif=False)).rebond_le == TOT
    assert banc.files.deposes == []


def test_un_rebond_plus_rapide_que_notre_marque_trouve_deja_l_enregistrement(banc: Banc) -> None:
    banc.mails = MailsFactices(pendant=lambda: recevoir(du_mail(EtatLivraison.REBOND), banc.registre, banc.files))

    assert banc.mail() is Issue.ENVOYE
    note = banc.registre.lire("d1#2", Canal.MAIL)
    assert note is not None
    assert (note.etat, note.rebond_le) == (EtatNotification.ENVOYE, TOT)


def test_une_adresse_refusee_par_le_transporteur_se_dit_par_sms(banc: Banc) -> None:
    banc.mails = MailsFactices([EnvoiImpossible("InvalidParameterValue")])

    assert banc.mail() is Issue.ABANDONNE
    assert banc.files.deposes == [(Canal.SMS, SECOURS_DU_DEPOT)]


def test_un_refus_dont_le_sms_n_a_pas_pu_etre_demande_se_reprend(banc: Banc) -> None:
    banc.mails = MailsFactices([EnvoiImpossible("InvalidParameterValue")] * 2)
    banc.files = FilesFactices([Arret()])
    with pytest.raises(Arret):
        banc.mail()
    banc.horloge.avancer(60)

    assert banc.mail() is Issue.ABANDONNE
    assert banc.files.deposes == [(Canal.SMS, SECOURS_DU_DEPOT)]


def test_ce_qui_n_a_pas_d_adresse_se_dit_par_sms_s_il_n_en_a_pas_deja_un() -> None:
    """A dossier that came on paper may have a phone number only."""
    banc = Banc(adresse(email=None))
    banc.contacts.comptes.clear()
    retrait = DEPOT.model_copy(update={"evenement_id": "d1#3", "type": "DemandeRetiree", "rang": 3})

    assert (banc.mail(DEPOT), banc.mail(retrait)) == (Issue.SANS_ADRESSE, Issue.SANS_ADRESSE)

    ((canal, autre),) = banc.files.deposes
    assert (canal, autre.evenement_id, autre.type) == (Canal.SMS, "d1#3#secours", SECOURS)
    assert banc.texto(autre) is Issue.ENVOYE


def test_sans_telephone_il_n_y_a_pas_d_autre_voie() -> None:
    banc = Banc(adresse(telephone=None))

    assert banc.texto(SECOURS_DU_DEPOT) is Issue.SANS_ADRESSE


def test_le_courriel_d_un_compte_qui_revient_n_ouvre_pas_une_autre_voie(banc: Banc) -> None:
    """A code sent elsewhere than asked would be a way around the address."""
    banc.mail(de_compte(banc, "CodeMotDePasse", usage="mot_de_passe", nonce="n1"))
    recevoir(du_mail(EtatLivraison.REBOND, evenement_id="e1"), banc.registre, banc.files)

    assert banc.files.deposes == []


def test_un_sms_qui_n_arrive_pas_est_note_et_rien_n_est_perdu_car_un_courriel_l_a_dit(banc: Banc) -> None:
    banc.texto()

    note = recu(banc, Livraison(Canal.SMS, EtatLivraison.REBOND, TOT, "sms-1", raison="Phone is unreachable"))

    assert (note.rebond_le, note.raison_rebond, note.etat) == (TOT, "Phone is unreachable", EtatNotification.ENVOYE)
    assert banc.files.deposes == []


def test_une_reference_inconnue_se_redira(banc: Banc) -> None:
    with pytest.raises(ReferenceInconnue):
        recevoir(Livraison(Canal.SMS, EtatLivraison.LIVRE, TOT, "sms-9"), banc.registre, banc.files)


def test_l_enregistrement_redit_son_evenement_tel_qu_il_etait(banc: Banc) -> None:
    banc.mail()
    note = banc.registre.lire("d1#2", Canal.MAIL)

    assert note is not None
    assert note.evenement() == DEPOT
