"""The AWS calls of each action, counted at the botocore boundary through the application: the table below is the budget.

A wizard step is one conditional write. What needs more is listed, call by call: nothing else is hidden behind a route.
"""

# The table reads on one line per call.
# ruff: noqa: E501

import importlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from chalicelib.demande.signature import signer
from chalicelib.fonctions import Fonction
from chalicelib.http import ROUTES
from tests.appel import ENVIRONNEMENT, Resultat, appeler
from tests.compteur import compter_appels
from tests.contract.tables import aws_simule
from tests.dossiers import ADRESSE, ETAT_CIVIL
from tests.droits import relever_droits
from tests.parcours import FICHIER, PAUL, Parcours
from tests.ports import Exterieur, exterieur_simule
from tests.specimens import acte_naissance, facture, image, texte_renomme

REPRESENTANT = {"qualite": "mandataire", "nom": "Corneille", "prenoms": ["Marie"]}
UNE_ECRITURE = ["UpdateItem"]
UNE_LECTURE = ["GetItem"]
AVEC_LES_PIECES = ["Query"]
RIEN: list[str] = []


@pytest.fixture
def exterieur() -> Iterator[Exterieur]:
    with aws_simule(), exterieur_simule() as simules:
        yield simules


@dataclass(frozen=True)
class Ligne:
    """One line of the table: a call in a situation, the status it answers, and the AWS calls it makes, in order."""

    situation: str
    methode: str
    route: str
    corps: Any
    statut: int
    appels: list[str]
    avant: Callable[[Parcours, Exterieur], Any] = lambda parcours, exterieur: None
    motif: str = "vol"


def fichier(octets: Callable[[], bytes], **annonce: Any) -> Callable[[Parcours, Exterieur], Any]:
    return lambda parcours, exterieur: parcours.deposer_fichier(octets(), **annonce)


def jugee(parcours: Parcours, exterieur: Exterieur) -> None:
    fichier(lambda: image("PNG"))(parcours, exterieur)
    parcours.reussir("POST", "/demandes/{id}/pieces/{piece_id}/controle")


def attendue(parcours: Parcours, exterieur: Exterieur) -> None:
    parcours.chemin["piece_id"] = parcours.reussir("POST", "/demandes/{id}/pieces", FICHIER)["piece_id"]


def prete(parcours: Parcours, exterieur: Exterieur) -> None:
    parcours.preparer(exterieur.boutique.creer_timbre() if parcours.motif == "vol" else None)


def confirmee(parcours: Parcours, exterieur: Exterieur) -> None:
    prete(parcours, exterieur)
    parcours.reussir("POST", "/demandes/{id}/confirmation", {"attestation": True})


def payee(parcours: Parcours, exterieur: Exterieur) -> None:
    parcours.reussir("PUT", "/demandes/{id}/paiement", {"numero_timbre": exterieur.boutique.creer_timbre()})
    exterieur.boutique.creer_timbre()


def en_cours(parcours: Parcours, exterieur: Exterieur) -> str:
    return str(parcours.reussir("POST", "/demandes/{id}/paiement", {"url_retour": "/"})["reference"])


def payee_sans_avis(parcours: Parcours, exterieur: Exterieur) -> None:
    exterieur.boutique.finir(en_cours(parcours, exterieur), "accepte")


def timbre_vendu(parcours: Parcours, exterieur: Exterieur) -> None:
    assert exterieur.boutique.creer_timbre() == TIMBRE["numero_timbre"]


def talon_choisi(parcours: Parcours, exterieur: Exterieur) -> None:
    parcours.reussir("PUT", "/demandes/{id}/photo-signature", {"mode": "talon"})


TIMBRE = {"numero_timbre": "0000000000000001"}
SECOND_TIMBRE = {"numero_timbre": "0000000000000002"}
CONTROLE = "/demandes/{id}/pieces/{piece_id}/controle"
PIECE = "/demandes/{id}/pieces/{piece_id}"
CONFIRMATION = ("POST", "/demandes/{id}/confirmation", {"attestation": True})
# Pages first, then the sealed original, then the verdict: a verdict never speaks of a page that is not there.
TROIS_PAGES = ["Query", "GetObject", *["PutObject"] * 4, "UpdateItem"]

# fmt: off
BUDGETS = (
    # situation                                     call                                          body                      status  AWS calls
    Ligne("créer",                         "POST",  "/demandes",                                  {"motif": "vol"},         201, ["PutItem"]),
    Ligne("lister",                        "GET",   "/demandes",                                  None,                     200, ["Query", "BatchGetItem"]),
    Ligne("lire",                          "GET",   "/demandes/{id}",                             None,                     200, AVEC_LES_PIECES),
    Ligne("motif",                         "PUT",   "/demandes/{id}/motif",                       {"motif": "perte"},       200, UNE_ECRITURE),
    Ligne("motif, brouillon",              "PUT",   "/demandes/{id}/motif/brouillon",             {"motif": "perte"},       200, UNE_ECRITURE),
    Ligne("motif, lu",                     "GET",   "/demandes/{id}/motif",                       None,                     200, UNE_LECTURE),
    Ligne("état civil",                    "PUT",   "/demandes/{id}/etat-civil",                  ETAT_CIVIL,               200, UNE_ECRITURE),
    Ligne("état civil, brouillon",         "PUT",   "/demandes/{id}/etat-civil/brouillon",        {"sexe": "F"},            200, UNE_ECRITURE),
    Ligne("état civil, lu",                "GET",   "/demandes/{id}/etat-civil",                  None,                     200, UNE_LECTURE),
    Ligne("adresse",                       "PUT",   "/demandes/{id}/adresse",                     ADRESSE,                  200, UNE_ECRITURE),
    Ligne("adresse, brouillon",            "PUT",   "/demandes/{id}/adresse/brouillon",           {"numero": "3"},          200, UNE_ECRITURE),
    Ligne("adresse, lue",                  "GET",   "/demandes/{id}/adresse",                     None,                     200, UNE_LECTURE),
    Ligne("photo, code",                   "PUT",   "/demandes/{id}/photo-signature",             {"mode": "numerique", "code": "A" * 22}, 200, ["GetItem", "UpdateItem"]),
    Ligne("photo, talon",                  "PUT",   "/demandes/{id}/photo-signature",             {"mode": "talon"},        200, UNE_ECRITURE),
    Ligne("photo, brouillon",              "PUT",   "/demandes/{id}/photo-signature/brouillon",   {"mode": "talon"},        200, UNE_ECRITURE),
    Ligne("photo, lue",                    "GET",   "/demandes/{id}/photo-signature",             None,                     200, UNE_LECTURE),
    Ligne("talon",                         "GET",   "/demandes/{id}/talon",                       None,                     200, ["GetItem", "Sign", "PutObject"], talon_choisi),
    Ligne("pièce annoncée",                "POST",  "/demandes/{id}/pieces",                      FICHIER,                  201, ["Query", "PutItem"]),
    Ligne("pièce que le motif n'a pas",    "POST",  "/demandes/{id}/pieces",                      {**FICHIER, "type": "ancien_permis"}, 422, AVEC_LES_PIECES),
    Ligne("contrôle, PDF de 3 pages",      "POST",  CONTROLE,                                     None,                     200, TROIS_PAGES, fichier(facture, type="domicile")),
    Ligne("contrôle, TIFF de 2 pages",     "POST",  CONTROLE,                                     None,                     200, ["Query", "GetObject", "PutObject", "PutObject", "PutObject", "UpdateItem"], fichier(acte_naissance)),
    Ligne("contrôle, fichier refusé",      "POST",  CONTROLE,                                     None,                     200, ["Query", "GetObject", "UpdateItem"], fichier(texte_renomme)),
    Ligne("contrôle, fichier pas arrivé",  "POST",  CONTROLE,                                     None,                     409, ["Query", "GetObject"], attendue),
    Ligne("contrôle, déjà jugé",           "POST",  CONTROLE,                                     None,                     200, AVEC_LES_PIECES, jugee),
    Ligne("contrôle, relu",                "GET",   CONTROLE,                                     None,                     200, AVEC_LES_PIECES, jugee),
    Ligne("pièce consultée",               "GET",   PIECE,                                        None,                     200, AVEC_LES_PIECES, jugee),
    Ligne("pièce retirée",                 "DELETE", PIECE,                                       None,                     204, ["Query", "TransactWriteItems", "ListObjectsV2", "DeleteObjects", "DeleteObject"], jugee),
    Ligne("achat ouvert",                  "POST",  "/demandes/{id}/paiement",                    {"url_retour": "/"},      201, UNE_ECRITURE),
    Ligne("achat, rien à payer",           "POST",  "/demandes/{id}/paiement",                    {"url_retour": "/"},      409, UNE_ECRITURE, motif="expiration"),
    # Whether the stamp held can pay is read: one that cannot is given back.
    Ligne("achat, déjà payé",              "POST",  "/demandes/{id}/paiement",                    {"url_retour": "/"},      409, ["UpdateItem", "GetItem"], payee),
    # The shop and the e-photo base are asked for one's own demande only: a read before. A transaction answers no item:
    # the demande as it now is costs another.
    Ligne("timbre saisi",                  "PUT",   "/demandes/{id}/paiement",                    TIMBRE,                   200, ["GetItem", "TransactWriteItems", "GetItem"], timbre_vendu),
    Ligne("timbre inconnu",                "PUT",   "/demandes/{id}/paiement",                    SECOND_TIMBRE,            409, UNE_LECTURE, timbre_vendu),
    # The stamp held is only known by the refusal: a second transaction frees it.
    Ligne("timbre échangé",                "PUT",   "/demandes/{id}/paiement",                    SECOND_TIMBRE,            200, ["GetItem", "TransactWriteItems", "TransactWriteItems", "GetItem"], payee),
    # A purchase whose end was not heard is looked up at the shop, and its stamp taken, before another one or on reading.
    Ligne("achat, un autre en cours",      "POST",  "/demandes/{id}/paiement",                    {"url_retour": "/"},      201, ["UpdateItem", "UpdateItem"], en_cours),
    Ligne("achat, un autre payé sans avis", "POST", "/demandes/{id}/paiement",                    {"url_retour": "/"},      409, ["UpdateItem", "GetItem", "GetItem", "TransactWriteItems", "UpdateItem", "GetItem"], payee_sans_avis),
    Ligne("paiement lu, achat en cours",   "GET",   "/demandes/{id}/paiement",                    None,                     200, UNE_LECTURE, en_cours),
    Ligne("paiement lu, payé sans avis",   "GET",   "/demandes/{id}/paiement",                    None,                     200, ["GetItem", "GetItem", "GetItem", "TransactWriteItems", "GetItem"], payee_sans_avis),
    Ligne("paiement lu",                   "GET",   "/demandes/{id}/paiement",                    None,                     200, UNE_LECTURE, payee),
    Ligne("reçu",                          "GET",   "/demandes/{id}/recu",                        None,                     200, ["GetItem", "Sign", "PutObject"], payee),
    Ligne("récapitulatif",                 "GET",   "/demandes/{id}/recapitulatif",               None,                     200, AVEC_LES_PIECES, jugee),
    # The second Query of a whole demande looks for another one under way for the same person.
    Ligne("récapitulatif, complet",        "GET",   "/demandes/{id}/recapitulatif",               None,                     200, ["Query", "Query"], prete),
    Ligne("représentant",                  "PUT",   "/demandes/{id}/representant",                REPRESENTANT,             200, UNE_ECRITURE),
    Ligne("représentant, lu",              "GET",   "/demandes/{id}/representant",                None,                     200, UNE_LECTURE),
    Ligne("représentant, retiré",          "DELETE", "/demandes/{id}/representant",               None,                     200, UNE_ECRITURE),
    Ligne("confirmation",                  *CONFIRMATION,                                                                   202, ["Query", "Query", "TransactWriteItems"], prete),
    Ligne("confirmation gratuite",         *CONFIRMATION,                                                                   202, ["Query", "Query", "TransactWriteItems"], prete, "expiration"),
    Ligne("confirmation incomplète",       *CONFIRMATION,                                                                   409, AVEC_LES_PIECES),
    Ligne("confirmation, déjà faite",      *CONFIRMATION,                                                                   409, AVEC_LES_PIECES, confirmee),
    Ligne("suivi",                         "GET",   "/demandes/{id}/suivi",                       None,                     200, ["GetItem", "Query"], confirmee),
    Ligne("justificatif",                  "GET",   "/demandes/{id}/justificatif",                None,                     200, ["Query", "Sign", "PutObject"], confirmee),
    Ligne("accusé de réception",           "GET",   "/demandes/{id}/recepisse",                   None,                     200, ["GetItem", "Sign", "PutObject"], confirmee),
    Ligne("retrait d'un brouillon",        "DELETE", "/demandes/{id}",                            None,                     200, ["GetItem", "TransactWriteItems"]),
    Ligne("retrait après confirmation",    "DELETE", "/demandes/{id}",                            None,                     200, ["GetItem", "TransactWriteItems"], confirmee),
    Ligne("motifs",                        "GET",   "/motifs",                                    None,                     200, RIEN),
)
# fmt: on


@pytest.mark.parametrize("ligne", BUDGETS, ids=lambda ligne: ligne.situation)
def test_chaque_appel_fait_exactement_les_appels_prevus(ligne: Ligne, exterieur: Exterieur) -> None:
    parcours = Parcours(ligne.motif)
    ligne.avant(parcours, exterieur)

    with compter_appels() as appels, relever_droits() as exerces:
        resultat = parcours.appeler(ligne.methode, ligne.route, ligne.corps)

    assert resultat.statut == ligne.statut, resultat.corps
    assert [appel.operation for appel in appels] == ligne.appels
    fonction: Fonction = importlib.import_module(ROUTES[(ligne.methode, ligne.route)].module).FONCTION
    au_dela = {table: actions - set(fonction.droits.get(table, ())) for table, actions in exerces.items()}
    assert not any(au_dela.values()), f"rights that the function does not have: {au_dela}"


ETAPES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/demandes/{id}/motif", {"motif": "perte"}),
    ("/demandes/{id}/etat-civil", ETAT_CIVIL),
    ("/demandes/{id}/adresse", ADRESSE),
    ("/demandes/{id}/photo-signature", {"mode": "talon"}),
)


@pytest.mark.parametrize(("route", "corps"), ETAPES)
@pytest.mark.parametrize(
    ("situation", "statut"), [("absente", 404), ("d'un autre", 404), ("confirmée", 409), ("version périmée", 412)]
)
def test_une_etape_refusee_ne_coute_pas_plus_qu_une_etape_enregistree(
    route: str, corps: dict[str, Any], situation: str, statut: int, exterieur: Exterieur
) -> None:
    parcours = Parcours("expiration")
    if situation == "confirmée":
        confirmee(parcours, exterieur)
    if situation == "absente":
        parcours.chemin["id"] = "f" * 32
    entetes = {"If-Match": '"99"'} if situation == "version périmée" else None
    if situation == "d'un autre":
        parcours.identite = PAUL

    with compter_appels() as appels:
        resultat = parcours.appeler("PUT", route, corps, entetes)

    assert resultat.statut == statut
    assert [appel.operation for appel in appels] == UNE_ECRITURE


def prevenir(reference: str, resultat: str = "accepte") -> Resultat:
    corps = json.dumps({"reference": reference, "resultat": resultat})
    signature = signer(ENVIRONNEMENT["CLE_PARTENAIRE"], corps.encode(), int(time.time()))
    return appeler("POST", "/partenaires/paiement", corps=corps, entetes={"X-Permis-Signature": signature})


ACCEPTE = ["GetItem", "GetItem", "TransactWriteItems"]
# fmt: off
AVIS = (
    # how the purchase ended, what became of the demande, the effect, the AWS calls
    ("accepte",    None,       "reserve",    ACCEPTE),
    ("accepte",    "doublé",   "sans_effet", ["GetItem", "GetItem"]),
    ("accepte",    "retirée",  "conserve",   ACCEPTE),
    ("refuse",     None,       "refuse",     ["GetItem", "UpdateItem"]),
    ("abandon",    None,       "refuse",     ["GetItem", "UpdateItem"]),
    ("refuse",     "doublé",   "sans_effet", ["GetItem"]),
    ("en_attente", None,       "sans_effet", ["GetItem"]),
)
# fmt: on


@pytest.mark.parametrize(("fin", "entre_temps", "effet", "attendus"), AVIS)
def test_l_avis_de_la_boutique_fait_exactement_les_appels_prevus(
    fin: Any, entre_temps: str | None, effet: str, attendus: list[str], exterieur: Exterieur
) -> None:
    parcours = Parcours()
    reference = parcours.reussir("POST", "/demandes/{id}/paiement", {"url_retour": "/"})["reference"]
    if fin != "en_attente":
        exterieur.boutique.finir(reference, fin)
    if entre_temps == "doublé":
        prevenir(reference)
    elif entre_temps == "retirée":
        parcours.reussir("DELETE", "/demandes/{id}")

    with compter_appels() as appels:
        resultat = prevenir(reference)

    assert (resultat.statut, resultat.corps) == (200, {"effet": effet})
    assert [appel.operation for appel in appels] == attendus


def test_un_avis_mal_signe_ne_fait_aucun_appel(exterieur: Exterieur) -> None:
    with compter_appels() as appels:
        resultat = appeler("POST", "/partenaires/paiement", corps={"reference": "r", "resultat": "accepte"})
    assert (resultat.statut, appels) == (401, [])
