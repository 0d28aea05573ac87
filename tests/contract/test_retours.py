"""What SES and SNS tell of a notice, as AWS documents it, down to its record and to the queue of the SMS (moto)."""

import base64
import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.adapters.clients import client
from chalicelib.adapters.envois_ses import depuis_etiquette, en_etiquette
from chalicelib.adapters.retours_aws import RetourIllisible, retour
from chalicelib.demande.evenements import EvenementPublie
from chalicelib.demande.notifications import SECOURS, Canal, EtatLivraison, EtatNotification, Livraison
from tests.appel import ContexteLambda, charger
from tests.contract.tables import aws_simule

T0, T1 = "2026-11-25T10:00:00.000Z", "2026-11-25T10:00:30.000Z"
EVENEMENT = EvenementPublie(
    evenement_id="d1#3", type="TitreExpedie", demande_id="d1", rang=3, correlation_id="corr-0001", survenu_le=T0
)


def de_ses(genre: str, detail: dict[str, Any], cle: str = "eventType", evenement_id: str = "d1#3") -> str:
    mail = {
        "timestamp": "2026-11-25T10:00:01.000Z",
        "messageId": "ses-1",
        "destination": ["pierre@exemple.fr"],
        "tags": {"ses:configuration-set": ["permis-mails"], "evenement": [en_etiquette(evenement_id)]},
    }
    return json.dumps({cle: genre, "mail": mail, genre.lower(): detail})


def rebond(type_: str, sous_type: str) -> str:
    personnes = [{"emailAddress": "pierre@exemple.fr", "diagnosticCode": "smtp; 550 5.1.1 pierre@exemple.fr"}]
    detail = {"bounceType": type_, "bounceSubType": sous_type, "bouncedRecipients": personnes, "timestamp": T1}
    return de_ses("Bounce", detail)


def de_sns(statut: str, message_id: str = "sms-1") -> str:
    return json.dumps(
        {
            "notification": {"messageId": message_id, "timestamp": "2026-11-25 10:00:30.000"},
            "delivery": {
                "phoneCarrier": "My Phone Carrier",
                "mnc": 270,
                "numberOfMessageParts": 1,
                "destination": "+33612345678",
                "priceInUSD": 0.07,
                "smsType": "Transactional",
                "mcc": 208,
                "providerResponse": "Phone has blocked SMS" if statut == "FAILURE" else "Message has been accepted",
                "dwellTimeMs": 1420,
                "dwellTimeMsUntilDeviceAck": 1692,
            },
            "status": statut,
        }
    )


def paquet(*lignes: str, genre: str = "DATA_MESSAGE") -> dict[str, Any]:
    """What a subscription of CloudWatch Logs hands to a function."""
    corps = {
        "messageType": genre,
        "logEvents": [{"id": str(n), "timestamp": 1, "message": ligne} for n, ligne in enumerate(lignes)],
    }
    return {"awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(corps).encode())).decode()}}


@pytest.mark.parametrize(
    ("message", "attendue"),
    [
        (
            de_ses("Delivery", {"timestamp": T1, "recipients": ["pierre@exemple.fr"]}),
            Livraison(Canal.MAIL, EtatLivraison.LIVRE, T1, "ses-1", "d1#3"),
        ),
        (
            de_ses("Complaint", {"timestamp": T1, "complaintFeedbackType": "abuse"}),
            Livraison(Canal.MAIL, EtatLivraison.PLAINTE, T1, "ses-1", "d1#3"),
        ),
        (
            rebond("Permanent", "General"),
            Livraison(Canal.MAIL, EtatLivraison.REBOND, T1, "ses-1", "d1#3", True, "Permanent/General"),
        ),
        (
            rebond("Transient", "General"),
            Livraison(Canal.MAIL, EtatLivraison.REBOND, T1, "ses-1", "d1#3", False, "Transient/General"),
        ),
        (
            rebond("Transient", "MailboxFull"),
            Livraison(Canal.MAIL, EtatLivraison.REBOND, T1, "ses-1", "d1#3", True, "Transient/MailboxFull"),
        ),
        (
            de_ses("Reject", {"reason": "Bad content"}),
            Livraison(Canal.MAIL, EtatLivraison.REBOND, "2026-11-25T10:00:01.000Z", "ses-1", "d1#3", False, "Reject"),
        ),
        (
            de_ses("Delivery", {"timestamp": T1}, cle="notificationType"),
            Livraison(Canal.MAIL, EtatLivraison.LIVRE, T1, "ses-1", "d1#3"),
        ),
        (de_sns("SUCCESS"), Livraison(Canal.SMS, EtatLivraison.LIVRE, T1, "sms-1")),
        (
            de_sns("FAILURE"),
            Livraison(Canal.SMS, EtatLivraison.REBOND, T1, "sms-1", raison="Phone has blocked SMS"),
        ),
        (de_ses("Open", {"timestamp": T1}), None),
        ("Successfully validated SNS topic for Amazon SES event publishing.", None),
    ],
)
def test_chaque_message_des_transporteurs_se_lit_sans_l_adresse(message: str, attendue: Livraison | None) -> None:
    lu = retour(message)

    assert lu == attendue
    assert "pierre" not in repr(lu)
    assert "0612345678" not in repr(lu)


def test_un_courriel_qui_n_est_pas_des_notres_ne_dit_rien() -> None:
    etranger = json.loads(rebond("Permanent", "General"))
    etranger["mail"]["tags"] = {}

    assert retour(json.dumps(etranger)) is None


@pytest.mark.parametrize("message", ["", "[]", "{}", '{"eventType": "Bounce"}', '{"notification": {}}'])
def test_une_forme_inconnue_est_une_panne_visible(message: str) -> None:
    with pytest.raises(RetourIllisible):
        retour(message)


@pytest.mark.parametrize("evenement_id", ["a" * 32 + "#12", "d1#3#secours", "0f0e6b54-2b50-4c5c-9a49-3f2f0a4a7c11"])
def test_un_evenement_revient_de_son_etiquette(evenement_id: str) -> None:
    assert depuis_etiquette(en_etiquette(evenement_id)) == evenement_id


@pytest.fixture
def file_sms(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The queue of the SMS sender, with both notices of the event sent."""
    with aws_simule():
        url = client("sqs").create_queue(QueueName="permis-sms")["QueueUrl"]
        monkeypatch.setenv("QUEUE_SMS", url)
        for canal, reference in ((Canal.MAIL, "ses-1"), (Canal.SMS, "sms-1")):
            prise = wiring.notifications().prendre(EVENEMENT, canal, T0, T1, 1_900_000_000, reprendre=False)
            wiring.notifications().conclure(prise.notification, EtatNotification.ENVOYE, T0, reference=reference)
        yield url


def recevoir(lot: dict[str, Any]) -> Any:
    (module,) = charger("notifications.recevoir_retours").modules_de_test
    return module.recevoir_les_retours(lot, ContexteLambda())


def par_la_file(*messages: str) -> dict[str, Any]:
    return {
        "Records": [
            {"messageId": f"m{n}", "eventSource": "aws:sqs", "body": message} for n, message in enumerate(messages)
        ]
    }


def deposes(file_: str) -> list[dict[str, Any]]:
    recus = client("sqs").receive_message(QueueUrl=file_, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in recus]


def dates(canal: Canal) -> tuple[str | None, str | None]:
    note = wiring.notifications().lire("d1#3", canal)
    assert note is not None
    return note.livre_le, note.rebond_le


def test_un_courriel_revenu_est_note_et_demande_un_sms(file_sms: str) -> None:
    assert recevoir(par_la_file(rebond("Permanent", "General"))) == {"batchItemFailures": []}

    assert dates(Canal.MAIL) == (None, T1)
    secours = EVENEMENT.model_copy(update={"evenement_id": "d1#3#secours", "type": SECOURS})
    assert deposes(file_sms) == [secours.model_dump(exclude_none=True)]


def test_un_message_illisible_revient_seul(file_sms: str) -> None:
    livre = de_ses("Delivery", {"timestamp": T1})

    assert recevoir(par_la_file("{}", livre)) == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    assert dates(Canal.MAIL) == (T1, None)


def test_les_journaux_disent_le_sort_des_sms(file_sms: str) -> None:
    recevoir(paquet(de_sns("SUCCESS")))
    recevoir(paquet(genre="CONTROL_MESSAGE"))

    assert dates(Canal.SMS) == (T1, None)
    assert deposes(file_sms) == []


def test_un_sms_d_un_autre_service_n_empeche_pas_de_lire_les_suivants(file_sms: str) -> None:
    with pytest.raises(Exception, match="sms-d-un-autre") as levee:
        recevoir(paquet(de_sns("SUCCESS", "sms-d-un-autre"), de_sns("FAILURE")))

    assert type(levee.value).__name__ == "ReferenceInconnue"
    assert dates(Canal.SMS) == (None, T1)
