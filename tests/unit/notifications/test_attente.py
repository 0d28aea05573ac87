"""SMS that wait for the morning: put off once, put back when due, sent once, whatever is repeated or late."""

from datetime import UTC, datetime

import pytest

from chalicelib.demande.comptes import instant
from chalicelib.demande.modeles import Statut
from chalicelib.demande.notifications import Canal, EnvoiAReprendre, EtatNotification
from chalicelib.notifications.acheminement import Issue
from chalicelib.notifications.envoyer_sms import IMMEDIATS
from chalicelib.notifications.messages import SMS
from chalicelib.notifications.reprendre_attente import LOT, reprendre
from tests.fakes.notifications import FilesFactices, SmsFactices
from tests.unit.notifications.banc import DEPOT, Banc, adresse, de_compte, de_demande

# Friday 22:00, then Saturday 8:00 in Nancy.
NUIT = int(datetime(2026, 11, 27, 21, tzinfo=UTC).timestamp())
MATIN = int(datetime(2026, 11, 28, 7, tzinfo=UTC).timestamp())


class BancDeNuit(Banc):
    """The bench at night, with quiet hours."""

    def __init__(self) -> None:
        super().__init__(adresse())
        self.horloge.maintenant, self.silence = NUIT, "21-8 dimanche"

    def reprendre(self) -> int:
        return reprendre(self.registre, self.files, instant(self.horloge.maintenant))


@pytest.fixture
def banc() -> BancDeNuit:
    return BancDeNuit()


def test_la_nuit_un_sms_attend_le_matin_et_part_une_fois(banc: BancDeNuit) -> None:
    assert banc.texto() is Issue.DIFFERE
    assert (banc.sms.partis, banc.reprendre()) == ([], 0)

    banc.horloge.maintenant = MATIN
    assert banc.reprendre() == 1
    ((canal, evenement),) = banc.files.deposes
    assert (canal, evenement) == (Canal.SMS, DEPOT)
    assert banc.texto(evenement) is Issue.ENVOYE
    assert (banc.texto(evenement), banc.reprendre()) == (Issue.DEJA_TRAITE, 0)
    assert len(banc.sms.partis) == 1
    assert len(banc.registre.toutes) == 1


def test_un_mail_n_attend_pas(banc: BancDeNuit) -> None:
    assert banc.mail() is Issue.ENVOYE


@pytest.mark.parametrize("type_", sorted(IMMEDIATS))
def test_un_code_part_a_toute_heure(banc: BancDeNuit, type_: str) -> None:
    code = de_compte(banc, type_, usage="telephone", nonce="n1", telephone="0722222222")

    assert banc.texto(code) is Issue.ENVOYE


def test_tout_sms_qui_n_est_pas_un_code_attend() -> None:
    assert {type_ for type_ in SMS if type_.startswith("Code")} == IMMEDIATS


def test_differe_deux_fois_il_n_attend_qu_une_fois(banc: BancDeNuit) -> None:
    assert (banc.texto(), banc.texto()) == (Issue.DIFFERE, Issue.DIFFERE)

    banc.horloge.maintenant = MATIN
    assert banc.reprendre() == 1
    assert banc.reprendre() == 0


def test_une_reprise_interrompue_le_remet_deux_fois_et_il_part_une_fois(banc: BancDeNuit) -> None:
    banc.texto()
    banc.horloge.maintenant = MATIN
    # Put back in its queue, but its wait was not ended.
    banc.files.deposer(Canal.SMS, DEPOT)
    assert banc.reprendre() == 1

    issues = [banc.texto(evenement) for _, evenement in banc.files.deposes]
    assert issues == [Issue.ENVOYE, Issue.DEJA_TRAITE]


def test_une_file_en_panne_laisse_l_attente_a_la_reprise_suivante(banc: BancDeNuit) -> None:
    banc.texto()
    banc.horloge.maintenant = MATIN
    banc.files = FilesFactices([ConnectionError()])
    with pytest.raises(ConnectionError):
        banc.reprendre()

    assert banc.reprendre() == 1


def test_repris_dans_le_silence_suivant_il_attend_encore(banc: BancDeNuit) -> None:
    banc.texto()
    # Our own outage lasts until Saturday 22:00: the next morning is Monday's.
    banc.horloge.maintenant = NUIT + 24 * 3600
    assert banc.reprendre() == 1
    assert banc.texto() is Issue.DIFFERE
    assert banc.reprendre() == 0

    banc.horloge.maintenant = MATIN + 2 * 24 * 3600
    assert banc.reprendre() == 1
    assert banc.texto() is Issue.ENVOYE


def test_ce_qui_n_est_plus_vrai_le_matin_ne_part_pas(banc: BancDeNuit) -> None:
    banc.demandes.poser(banc.demande.model_copy(update={"statut": Statut.EXPEDIEE}))
    envoi = de_demande("TitreExpedie")
    banc.texto(envoi)
    banc.demandes.poser(banc.demande.model_copy(update={"statut": Statut.DISTRIBUEE}))
    banc.horloge.maintenant = MATIN
    banc.reprendre()

    assert banc.texto(envoi) is Issue.PERIME
    notification = banc.registre.lire("d1#2", Canal.SMS)
    assert notification is not None
    assert (notification.etat, notification.raison) == (EtatNotification.ABANDONNE, "perime")


def test_un_sms_deja_parti_ne_se_remet_pas_en_attente(banc: BancDeNuit) -> None:
    banc.horloge.maintenant = MATIN
    banc.texto()
    banc.horloge.maintenant = NUIT + 24 * 3600

    assert banc.texto() is Issue.DEJA_TRAITE


def test_un_echec_du_matin_se_reprend_par_sa_file(banc: BancDeNuit) -> None:
    banc.texto()
    banc.horloge.maintenant = MATIN
    banc.reprendre()
    banc.sms = SmsFactices([EnvoiAReprendre("Throttled")])
    with pytest.raises(EnvoiAReprendre):
        banc.texto()

    assert banc.texto() is Issue.ENVOYE


def test_une_reprise_prend_un_lot_et_la_suivante_le_reste(banc: BancDeNuit) -> None:
    for rang in range(LOT + 1):
        banc.texto(DEPOT.model_copy(update={"evenement_id": f"d1#{rang}"}))
    banc.horloge.maintenant = MATIN

    assert (banc.reprendre(), banc.reprendre(), banc.reprendre()) == (LOT, 1, 0)
