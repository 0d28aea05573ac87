"""The records of notices: the same promises from the fake and from DynamoDB (moto)."""

from collections.abc import Iterator

import pytest

from chalicelib import wiring
from chalicelib.demande.evenements import EvenementPublie
from chalicelib.demande.notifications import Canal, EtatNotification
from chalicelib.demande.ports_notifications import Notifications, Prise
from tests.contract.tables import aws_simule
from tests.fakes.notifications import NotificationsFactices

T0, T1, T2 = "2026-11-24T10:00:00.000Z", "2026-11-24T10:00:30.000Z", "2026-11-24T10:01:00.000Z"
EVENEMENT = EvenementPublie(
    evenement_id="d1#3", type="DemandeDeposee", demande_id="d1", rang=3, correlation_id="corr-0001", survenu_le=T0
)


@pytest.fixture(params=["factice", "dynamodb"])
def notifications(request: pytest.FixtureRequest) -> Iterator[Notifications]:
    if request.param == "factice":
        yield NotificationsFactices()
        return
    with aws_simule():
        yield wiring.notifications()


def prendre(
    notifications: Notifications,
    maintenant: str = T0,
    jusqua: str = T1,
    canal: Canal = Canal.MAIL,
    reprendre: bool = True,
) -> Prise:
    return notifications.prendre(EVENEMENT, canal, maintenant, jusqua, 1_900_000_000, reprendre=reprendre)


def test_un_premier_preneur_cree_l_enregistrement(notifications: Notifications) -> None:
    prise = prendre(notifications)

    assert prise.obtenue
    lue = notifications.lire("d1#3", Canal.MAIL)
    assert lue == prise.notification
    assert lue is not None
    assert (lue.type, lue.etat, lue.essais, lue.cree_le, lue.prise_jusqua) == (
        "DemandeDeposee",
        EtatNotification.A_ENVOYER,
        1,
        T0,
        T1,
    )


def test_chaque_canal_a_son_enregistrement(notifications: Notifications) -> None:
    assert prendre(notifications, canal=Canal.MAIL).obtenue
    assert prendre(notifications, canal=Canal.SMS).obtenue


def test_un_second_preneur_n_obtient_rien_tant_que_le_bail_court(notifications: Notifications) -> None:
    prendre(notifications)

    prise = prendre(notifications, maintenant="2026-11-24T10:00:29.999Z", jusqua=T2)

    assert not prise.obtenue
    assert prise.notification.essais == 1
    assert prise.notification.prise_jusqua == T1


def test_un_bail_fini_se_reprend_sur_demande(notifications: Notifications) -> None:
    prendre(notifications)

    prise = prendre(notifications, maintenant=T1, jusqua=T2)

    assert prise.obtenue
    assert (prise.notification.essais, prise.notification.cree_le, prise.notification.prise_jusqua) == (2, T0, T2)


def test_un_bail_fini_ne_se_reprend_pas_sans_le_demander(notifications: Notifications) -> None:
    prendre(notifications, reprendre=False)

    prise = prendre(notifications, maintenant=T2, jusqua=T2, reprendre=False)

    assert not prise.obtenue
    assert prise.notification.prise_jusqua == T1


def test_un_enregistrement_rendu_se_reprend_aussitot(notifications: Notifications) -> None:
    notifications.rendre(prendre(notifications, reprendre=False).notification)

    assert prendre(notifications, reprendre=False).notification.essais == 2


def test_rendre_apres_une_reprise_ne_libere_pas_le_nouveau_preneur(notifications: Notifications) -> None:
    premiere = prendre(notifications).notification
    prendre(notifications, maintenant=T1, jusqua=T2)

    notifications.rendre(premiere)

    assert not prendre(notifications, maintenant=T1, jusqua=T2).obtenue


@pytest.mark.parametrize("etat", [EtatNotification.ENVOYE, EtatNotification.INCERTAIN, EtatNotification.ABANDONNE])
def test_une_fin_refuse_toute_suite(notifications: Notifications, etat: EtatNotification) -> None:
    notification = prendre(notifications).notification

    assert notifications.conclure(notification, etat, T1, reference="r-1", raison="X")
    assert not notifications.conclure(notification, EtatNotification.ABANDONNE, T2, raison="Y")
    notifications.rendre(notification)
    prise = prendre(notifications, maintenant=T2, jusqua=T2)

    assert not prise.obtenue
    lue = prise.notification
    assert (lue.etat, lue.reference, lue.raison, lue.prise_jusqua) == (etat, "r-1", "X", None)
    assert lue.envoye_le == (T1 if etat is EtatNotification.ENVOYE else None)


def test_un_enregistrement_inconnu_est_absent(notifications: Notifications) -> None:
    assert notifications.lire("d1#4", Canal.MAIL) is None
