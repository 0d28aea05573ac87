"""Where ports meet adapters: each function below gives one port, made when first asked for and once per process.

A function only pays for what it uses: adapters are imported inside.
"""

import functools
import os
import secrets as alea
import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from chalicelib.settings import lire

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer

    from chalicelib.demande.comptes import Contexte
    from chalicelib.demande.notifications import Livraison
    from chalicelib.demande.ports import Demandes, Fichiers
    from chalicelib.demande.ports_antivirus import AntiVirus
    from chalicelib.demande.ports_cachet import Cachet
    from chalicelib.demande.ports_comptes import AntiRobot, Comptes, Secrets, Sessions
    from chalicelib.demande.ports_consultations import Consultations
    from chalicelib.demande.ports_corbeille import Corbeilles
    from chalicelib.demande.ports_echanges import Echanges
    from chalicelib.demande.ports_externes import Boutique, Photos, Producteur, Snpc
    from chalicelib.demande.ports_habilitations import Habilitations
    from chalicelib.demande.ports_journal import Ancres, Journal, TetesEnAttente
    from chalicelib.demande.ports_machine import Machine, Reprises
    from chalicelib.demande.ports_notifications import Bus, Contacts, EnvoiMails, EnvoiSms, Files, Notifications
    from chalicelib.demande.ports_recherche import Lecteur
    from chalicelib.demande.recherches_enregistrees import RecherchesEnregistrees


def maintenant() -> int:
    """The present instant, in epoch seconds."""
    return int(time.time())


def horloge() -> datetime:
    """The present instant, aware (UTC)."""
    return datetime.now(UTC)


def nouvelle_cle() -> str:
    """A new random key of a demande: 32 hexadecimal digits, unguessable."""
    return alea.token_hex(16)


def nouvelle_cle_de_piece() -> str:
    """A new key of a pièce, alone in its demande: 16 hexadecimal digits (a demande keeps their list)."""
    return alea.token_hex(8)


def nouveau_numero() -> str:
    """A new numéro of demande: 23 digits without meaning, the first not zero (DOMAIN §6, *convention*)."""
    return str(10**22 + alea.randbelow(9 * 10**22))


def nouvel_id() -> str:
    """A new random identifier (uuid4), also good as a nonce: it comes from the system's secure source."""
    return str(uuid.uuid4())


def contexte(correlation_id: str) -> "Contexte":
    """The instant and the ids of one call on accounts."""
    from chalicelib.demande.comptes import Contexte

    return Contexte(maintenant(), correlation_id, nouvel_id)


@functools.cache
def comptes() -> "Comptes":
    """The accounts; the sessions' table is known only to the functions that write there with an account."""
    from chalicelib.adapters.clients import client
    from chalicelib.adapters.comptes_dynamodb import ComptesDynamoDB

    return ComptesDynamoDB(client("dynamodb"), lire("TABLE_COMPTES"), os.environ.get("TABLE_SESSIONS", ""))


@functools.cache
def habilitations() -> "Habilitations":
    """The accounts of the agents, as their chef keeps them."""
    from chalicelib.adapters.clients import client
    from chalicelib.adapters.habilitations_dynamodb import HabilitationsDynamoDB

    return HabilitationsDynamoDB(client("dynamodb"), lire("TABLE_COMPTES"), os.environ.get("TABLE_SESSIONS", ""))


@functools.cache
def sessions() -> "Sessions":
    """The open sessions and the password tries; the accounts' table is for the function that opens a session."""
    from chalicelib.adapters.clients import client
    from chalicelib.adapters.jetons import Jetons
    from chalicelib.adapters.sessions_dynamodb import SessionsDynamoDB

    return SessionsDynamoDB(
        client("dynamodb"),
        lire("TABLE_SESSIONS"),
        os.environ.get("TABLE_COMPTES", ""),
        Jetons(lambda: lire("CLE_JETONS")),
        maintenant,
    )


@functools.cache
def secrets() -> "Secrets":
    """The hashing of passwords and secret answers."""
    from chalicelib.adapters.secrets_argon2 import SecretsArgon2

    return SecretsArgon2()


@functools.cache
def anti_robot() -> "AntiRobot":
    """The proof of work asked from whoever has no account yet."""
    from chalicelib.adapters.anti_robot import AntiRobotAltcha

    return AntiRobotAltcha(lire("CLE_ALTCHA"))


@functools.cache
def cachet() -> "Cachet":
    """The seal of the documents that we issue. A key that replaces this one is added after it, under the next name."""
    from chalicelib.adapters.cachet_kms import CachetKms
    from chalicelib.adapters.clients import client

    return CachetKms(client("kms"), {"0001": lire("KEY_CACHET")})


@functools.cache
def bus() -> "Bus":
    """The bus of events."""
    from chalicelib.adapters.bus_sns import BusSns
    from chalicelib.adapters.clients import client

    return BusSns(client("sns"), lire("TOPIC_EVENEMENTS"))


@functools.cache
def machine() -> "Machine":
    """The workflow of the demandes."""
    from chalicelib.adapters.clients import client
    from chalicelib.adapters.machine_stepfunctions import MachineStepFunctions

    return MachineStepFunctions(client("stepfunctions"), lire("MACHINE_DEMANDE"))


@functools.cache
def reprises() -> "Reprises":
    """The tokens parked by the machine."""
    from chalicelib.adapters.clients import client
    from chalicelib.adapters.reprises_dynamodb import ReprisesDynamoDB

    return ReprisesDynamoDB(client("dynamodb"), lire("TABLE_DEMANDES"))


@functools.cache
def notifications() -> "Notifications":
    """The records of the notices sent."""
    from chalicelib.adapters.clients import client
    from chalicelib.adapters.notifications_dynamodb import NotificationsDynamoDB

    return NotificationsDynamoDB(client("dynamodb"), lire("TABLE_NOTIFICATIONS"))


@functools.cache
def contacts() -> "Contacts":
    """What the senders may read of the accounts."""
    from chalicelib.adapters.clients import client
    from chalicelib.adapters.notifications_dynamodb import ContactsDynamoDB

    return ContactsDynamoDB(client("dynamodb"), lire("TABLE_COMPTES"))


@functools.cache
def envoi_mails() -> "EnvoiMails":
    """The mail carrier."""
    from chalicelib.adapters.clients import client
    from chalicelib.adapters.envois_ses import EnvoiMailsSes

    return EnvoiMailsSes(client("ses"), lire("EXPEDITEUR"), lire("SUIVI_MAILS"))


@functools.cache
def envoi_sms() -> "EnvoiSms":
    """The SMS carrier."""
    from chalicelib.adapters.envois_sms import EnvoiSmsSns, client_sans_reprise

    return EnvoiSmsSns(client_sans_reprise())


@functools.cache
def files() -> "Files":
    """The senders' queues: each function knows those that it was given."""
    from chalicelib.adapters.clients import client
    from chalicelib.adapters.files_sqs import FilesSqs
    from chalicelib.demande.notifications import Canal

    urls = {Canal.MAIL: os.environ.get("QUEUE_MAILS", ""), Canal.SMS: os.environ.get("QUEUE_SMS", "")}
    return FilesSqs(client("sqs"), urls)


def retour_de_transporteur(message: str) -> "Livraison | None":
    """What a carrier's message says of a notice; None when it says nothing of ours."""
    from chalicelib.adapters.retours_aws import retour

    return retour(message)


def messages_de_journal(evenement: "Mapping[str, Any]") -> list[str]:
    """The lines that a subscription of CloudWatch Logs hands to a function."""
    from chalicelib.adapters.retours_aws import messages_de_journal as lire_messages

    return lire_messages(evenement)


@functools.cache
def idempotence() -> "DynamoDBPersistenceLayer":
    """Where the events already handled are remembered."""
    from chalicelib.adapters.clients import client
    from chalicelib.adapters.idempotence import persistance

    return persistance(client("dynamodb"), lire("TABLE_IDEMPOTENCE"))


@functools.cache
def demandes() -> "Demandes":
    """The demandes, their journal and the stamp ledger: each function knows the tables that it was given."""
    from chalicelib.adapters.clients import client
    from chalicelib.adapters.demandes_dynamodb import DemandesDynamoDB

    return DemandesDynamoDB(
        client("dynamodb"),
        lire("TABLE_DEMANDES"),
        os.environ.get("TABLE_JOURNAL", ""),
        os.environ.get("TABLE_TIMBRES", ""),
    )


@functools.cache
def echanges() -> "Echanges":
    """The messages and notes under the demandes."""
    from chalicelib.adapters.clients import client
    from chalicelib.adapters.echanges_dynamodb import EchangesDynamoDB

    return EchangesDynamoDB(client("dynamodb"), lire("TABLE_DEMANDES"))


@functools.cache
def recherche() -> "Lecteur":
    """The indexes of the demandes, for the agents' search."""
    from chalicelib.adapters.clients import client
    from chalicelib.adapters.recherche_dynamodb import RechercheDynamoDB

    return RechercheDynamoDB(client("dynamodb"), lire("TABLE_DEMANDES"))


@functools.cache
def recherches_enregistrees() -> "RecherchesEnregistrees":
    """The searches that agents share by a link."""
    from chalicelib.adapters.clients import client
    from chalicelib.adapters.recherches_dynamodb import RecherchesDynamoDB

    return RecherchesDynamoDB(client("dynamodb"), lire("TABLE_RECHERCHES"))


@functools.cache
def consultations() -> "Consultations":
    """The record of who opened which dossier."""
    from chalicelib.adapters.clients import client
    from chalicelib.adapters.consultations_dynamodb import ConsultationsDynamoDB

    return ConsultationsDynamoDB(client("dynamodb"), lire("TABLE_CONSULTATIONS"))


@functools.cache
def corbeilles() -> "Corbeilles":
    """The agents' worklists, and the leases on what they hold."""
    from chalicelib.adapters.clients import client
    from chalicelib.adapters.corbeille_dynamodb import CorbeillesDynamoDB

    return CorbeillesDynamoDB(client("dynamodb"), lire("TABLE_DEMANDES"))


@functools.cache
def journal() -> "Journal":
    """The journal of the demandes, read as it lies; the demandes' table is for the functions that verify."""
    from chalicelib.adapters.clients import client
    from chalicelib.adapters.journal_dynamodb import JournalDynamoDB

    return JournalDynamoDB(client("dynamodb"), lire("TABLE_JOURNAL"), os.environ.get("TABLE_DEMANDES", ""))


@functools.cache
def ancres() -> "Ancres":
    """The anchored heads of the journal."""
    from chalicelib.adapters.ancres_s3 import AncresS3
    from chalicelib.adapters.clients import client

    return AncresS3(client("s3"), lire("BUCKET_ANCRES"))


@functools.cache
def tetes_en_attente() -> "TetesEnAttente":
    """The heads that wait to be anchored."""
    from chalicelib.adapters.clients import client
    from chalicelib.adapters.tetes_sqs import TetesSqs

    return TetesSqs(client("sqs"), lire("QUEUE_ANCRAGE"))


@functools.cache
def fichiers() -> "Fichiers":
    """The files: each function knows the buckets that it was given."""
    from chalicelib.adapters.clients import client
    from chalicelib.adapters.fichiers_s3 import FichiersS3

    return FichiersS3(
        client("s3"),
        quarantaine=os.environ.get("BUCKET_QUARANTAINE", ""),
        pieces=os.environ.get("BUCKET_PIECES", ""),
        documents=os.environ.get("BUCKET_DOCUMENTS", ""),
        url_depot=os.environ.get("URL_DEPOT", ""),
        url_liens=os.environ.get("URL_LIENS", ""),
    )


@functools.cache
def antivirus() -> "AntiVirus":
    """The scanner of what is posted: AWS's own (``s3``), or a ClamAV (``unix:/chemin``, ``tcp:hote:port``)."""
    choix = lire("ANTIVIRUS")
    if choix == "s3":
        from chalicelib.adapters.antivirus_s3 import AntiVirusS3
        from chalicelib.adapters.clients import client

        return AntiVirusS3(client("s3"), lire("BUCKET_QUARANTAINE"))
    from chalicelib.adapters.antivirus_clamav import AntiVirusClamav

    return AntiVirusClamav(choix)


@functools.cache
def photos() -> "Photos":
    """The e-photo base."""
    from chalicelib.adapters.photos_http import PhotosHttp

    return PhotosHttp(lire("URL_PHOTOS"))


@functools.cache
def boutique() -> "Boutique":
    """The stamp shop."""
    from chalicelib.adapters.timbres_http import BoutiqueHttp

    return BoutiqueHttp(lire("URL_TIMBRES"))


@functools.cache
def snpc() -> "Snpc":
    """The national register of driving licences."""
    from chalicelib.adapters.snpc_http import SnpcHttp

    return SnpcHttp(lire("URL_SNPC"))


@functools.cache
def producteur() -> "Producteur":
    """The printer of the cards."""
    from chalicelib.adapters.producteur_http import ProducteurHttp

    return ProducteurHttp(lire("URL_PRODUCTEUR"))


def prefecture_connue(code: str) -> bool:
    """Whether ``code`` is the code autorité of a préfecture; read from the package's own data, without a call."""
    from chalicelib.adapters.catalogue import prefecture_connue as connue

    return connue(code)


def nom_de_la_prefecture(code: str) -> str:
    """The usual name of the préfecture ``code``; the code itself if it left the list since it was chosen."""
    from chalicelib.adapters.catalogue import departement_de, prefecture_connue, prefectures_de

    if not prefecture_connue(code):
        return code
    return next((une.libelle for une in prefectures_de(departement_de(code)) if une.code == code), code)
