"""The records of notices: the same promises from the fake and from DynamoDB (moto)."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError

from chalicelib import wiring
from chalicelib.adapters.notifications_dynamodb import NotificationsDynamoDB
from chalicelib.demande.evenements import EvenementPublie
from chalicelib.demande.notifications import Canal, EtatLivraison, EtatNotification, Livraison, ReferenceInconnue
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


EXPIRE = 1_900_000_000
APRES = "2026-11-24T10:02:00.000Z"


def differer(notifications: Notifications, jusqua: str = T1, evenement: EvenementPublie = EVENEMENT) -> str | None:
    return notifications.differer(evenement, Canal.SMS, T0, jusqua, EXPIRE).attendre_jusqua


def lue(notifications: Notifications, canal: Canal = Canal.SMS) -> dict[str, object]:
    notification = notifications.lire("d1#3", canal)
    assert notification is not None
    return notification.model_dump(exclude_none=True)


def test_un_evenement_differe_attend_son_heure_dans_son_enregistrement(notifications: Notifications) -> None:
    assert differer(notifications) == T1

    assert lue(notifications) == {
        "evenement_id": "d1#3",
        "canal": Canal.SMS,
        "type": "DemandeDeposee",
        "etat": EtatNotification.A_ENVOYER,
        "essais": 0,
        "cree_le": T0,
        "correlation_id": "corr-0001",
        "survenu_le": T0,
        "demande_id": "d1",
        "rang": 3,
        "attendre_jusqua": T1,
    }
    assert notifications.en_attente(Canal.SMS, T0, 10) == []
    assert notifications.en_attente(Canal.MAIL, T2, 10) == []
    assert notifications.en_attente(Canal.SMS, T1, 10) == [EVENEMENT]


def test_ceux_qui_attendent_reviennent_dans_l_ordre_par_lots(notifications: Notifications) -> None:
    suivants = [EVENEMENT.model_copy(update={"evenement_id": f"d{n}#3", "demande_id": f"d{n}"}) for n in (1, 2, 3)]
    for evenement, jusqua in zip(suivants, (T2, T0, T1), strict=True):
        differer(notifications, jusqua, evenement)

    assert notifications.en_attente(Canal.SMS, T2, 2) == [suivants[1], suivants[2]]


def test_differer_encore_deplace_l_attente(notifications: Notifications) -> None:
    differer(notifications)

    assert differer(notifications, T2) == T2
    assert notifications.en_attente(Canal.SMS, T1, 10) == []


def test_une_attente_finie_se_termine_une_attente_nouvelle_demeure(notifications: Notifications) -> None:
    differer(notifications)
    notifications.sortir_d_attente(EVENEMENT, Canal.SMS, T0)
    assert notifications.en_attente(Canal.SMS, T2, 10) == [EVENEMENT]

    notifications.sortir_d_attente(EVENEMENT, Canal.SMS, T1)
    notifications.sortir_d_attente(EVENEMENT, Canal.SMS, T1)
    assert notifications.en_attente(Canal.SMS, T2, 10) == []
    assert differer(notifications, T2) == T2


def test_un_enregistrement_pris_ou_fini_ne_se_differe_pas(notifications: Notifications) -> None:
    prise = prendre(notifications, canal=Canal.SMS).notification
    assert differer(notifications, T2) is None

    notifications.conclure(prise, EtatNotification.ENVOYE, T1)
    assert differer(notifications, T2) is None
    assert notifications.en_attente(Canal.SMS, APRES, 10) == []


def test_prendre_met_fin_a_l_attente(notifications: Notifications) -> None:
    differer(notifications)

    assert prendre(notifications, canal=Canal.SMS, reprendre=False).obtenue
    assert notifications.en_attente(Canal.SMS, T2, 10) == []


def test_renoncer_ferme_ce_qui_attend_et_rien_d_autre(notifications: Notifications) -> None:
    assert not notifications.renoncer(EVENEMENT, Canal.SMS, T0, "perime")
    assert notifications.lire("d1#3", Canal.SMS) is None

    differer(notifications)
    assert notifications.renoncer(EVENEMENT, Canal.SMS, T1, "perime")
    assert not notifications.renoncer(EVENEMENT, Canal.SMS, T2, "perime")
    assert (lue(notifications)["etat"], lue(notifications)["raison"]) == (EtatNotification.ABANDONNE, "perime")
    assert notifications.en_attente(Canal.SMS, T2, 10) == []

    prendre(notifications, canal=Canal.MAIL)
    assert not notifications.renoncer(EVENEMENT, Canal.MAIL, T2, "perime")


def envoyee(notifications: Notifications, canal: Canal) -> None:
    notification = prendre(notifications, canal=canal).notification
    notifications.conclure(notification, EtatNotification.ENVOYE, T1, reference=f"ref-{canal}")


def test_le_sort_d_un_courriel_se_note_par_son_evenement(notifications: Notifications) -> None:
    envoyee(notifications, Canal.MAIL)
    livre = Livraison(Canal.MAIL, EtatLivraison.LIVRE, T1, "autre", "d1#3")
    rebond = Livraison(Canal.MAIL, EtatLivraison.REBOND, T2, "autre", "d1#3", True, "Permanent/General")

    for une in (livre, rebond, Livraison(Canal.MAIL, EtatLivraison.REBOND, APRES, "autre", "d1#3", True, "Autre")):
        note = notifications.noter_livraison(une)

    assert lue(notifications, Canal.MAIL) == note.model_dump(exclude_none=True)
    assert (note.etat, note.livre_le, note.rebond_le) == (EtatNotification.ENVOYE, T1, T2)
    assert (note.raison_rebond, note.evenement()) == ("Permanent/General", EVENEMENT)


def test_le_sort_d_un_sms_se_note_par_la_reference_du_transporteur(notifications: Notifications) -> None:
    envoyee(notifications, Canal.SMS)

    note = notifications.noter_livraison(Livraison(Canal.SMS, EtatLivraison.LIVRE, T2, "ref-sms"))

    assert (note.evenement_id, note.livre_le) == ("d1#3", T2)


@pytest.mark.parametrize(
    "inconnue",
    [
        Livraison(Canal.SMS, EtatLivraison.LIVRE, T2, "ref-inconnue"),
        Livraison(Canal.MAIL, EtatLivraison.LIVRE, T2, "ref", "d9#1"),
    ],
)
def test_le_sort_d_un_envoi_inconnu_ne_cree_rien(notifications: Notifications, inconnue: Livraison) -> None:
    envoyee(notifications, Canal.SMS)

    with pytest.raises(ReferenceInconnue):
        notifications.noter_livraison(inconnue)
    assert notifications.lire("d9#1", Canal.MAIL) is None


class ClientSourd:
    """A DynamoDB client that loses the answer of the ``rang``-th write: the write itself was done."""

    def __init__(self, client: Any, rang: int) -> None:
        self._client = client
        self._reste = rang

    def __getattr__(self, operation: str) -> Any:
        def appel(**parametres: Any) -> Any:
            resultat = getattr(self._client, operation)(**parametres)
            self._reste -= 1
            if self._reste == 0:
                raise ConnectionClosedError(endpoint_url="https://dynamodb.invalid")
            return resultat

        return appel


@pytest.mark.parametrize("rang", [1, 2, 3])
def test_une_reponse_perdue_ne_perd_ni_ne_bloque_un_envoi(rang: int) -> None:
    """Taken, given back, taken again: whichever answer is lost, the sender goes on as if it had come."""
    with aws_simule() as dynamodb:
        notifications = NotificationsDynamoDB(ClientSourd(dynamodb, rang), "permis-notifications")

        premiere = prendre(notifications, canal=Canal.SMS, reprendre=False)
        notifications.rendre(premiere.notification)
        seconde = prendre(notifications, canal=Canal.SMS, reprendre=False)

        assert (premiere.obtenue, seconde.obtenue) == (True, True)
        assert seconde.notification.essais == 2
        assert not prendre(notifications, canal=Canal.SMS, reprendre=False).obtenue


def test_une_fin_dont_la_reponse_est_perdue_est_ecrite() -> None:
    with aws_simule() as dynamodb:
        notifications = NotificationsDynamoDB(ClientSourd(dynamodb, 2), "permis-notifications")
        notification = prendre(notifications, canal=Canal.SMS).notification

        notifications.conclure(notification, EtatNotification.ENVOYE, T1, reference="r-1")

        assert lue(notifications)["etat"] is EtatNotification.ENVOYE
