"""The table route × role × autorité: who may call what, and on whose demandes. A new route is added here, or fails.

Roles: U usager, A agent, F chef de service, C opérateur CTN, E école, X partenaire; – public. An agent on a route of
the usagers acts on the paper dossiers that he enters.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Statut
from chalicelib.http import ROUTES, Identite
from tests.agents import AGENT, AILLEURS, CHEF, CTN, PAUL, deposer
from tests.appel import appeler, charger
from tests.compteur import compter_appels
from tests.contract.tables import aws_simule
from tests.dossiers import ADRESSE, DEMANDE_ID, ETAT_CIVIL, brouillon
from tests.parcours import FICHIER
from tests.personnel import compte_de
from tests.ports import exterieur_simule

TABLE = """
GET    /anti-robot                                                –
GET    /communes                                                  –
POST   /comptes                                                   –
POST   /comptes/activation                                        –
POST   /comptes/activation/renvoi                                 –
POST   /comptes/identifiant-oublie                                –
DELETE /comptes/moi                                               UAFCEX
GET    /comptes/moi                                               UAFCEX
PUT    /comptes/moi                                               UAFCEX
POST   /comptes/mot-de-passe                                      –
POST   /comptes/mot-de-passe-oublie                               –
GET    /demandes                                                  UAF
POST   /demandes                                                  U
DELETE /demandes/{id}                                             UAF
GET    /demandes/{id}                                             UAF
GET    /demandes/{id}/adresse                                     UAF
PUT    /demandes/{id}/adresse                                     UAF
PUT    /demandes/{id}/adresse/brouillon                           UAF
PUT    /demandes/{id}/adresse/confirmation                        UAF
GET    /demandes/{id}/attestation-droits                          UAF
GET    /demandes/{id}/attestation-perte                           UAF
POST   /demandes/{id}/complement                                  UAF
POST   /demandes/{id}/confirmation                                UAF
GET    /demandes/{id}/etat-civil                                  UAF
PUT    /demandes/{id}/etat-civil                                  UAF
PUT    /demandes/{id}/etat-civil/brouillon                        UAF
GET    /demandes/{id}/historique                                  U
GET    /demandes/{id}/justificatif                                UAF
GET    /demandes/{id}/messages                                    U
POST   /demandes/{id}/messages                                    U
GET    /demandes/{id}/motif                                       UAF
PUT    /demandes/{id}/motif                                       UAF
PUT    /demandes/{id}/motif/brouillon                             UAF
GET    /demandes/{id}/paiement                                    UAF
POST   /demandes/{id}/paiement                                    U
PUT    /demandes/{id}/paiement                                    UAF
GET    /demandes/{id}/photo-signature                             UAF
PUT    /demandes/{id}/photo-signature                             UAF
PUT    /demandes/{id}/photo-signature/brouillon                   UAF
POST   /demandes/{id}/pieces                                      UAF
DELETE /demandes/{id}/pieces/{piece_id}                           UAF
GET    /demandes/{id}/pieces/{piece_id}                           UAF
GET    /demandes/{id}/pieces/{piece_id}/controle                  UAF
POST   /demandes/{id}/pieces/{piece_id}/controle                  UAF
GET    /demandes/{id}/recapitulatif                               UAF
GET    /demandes/{id}/recepisse                                   UAF
GET    /demandes/{id}/recu                                        UAF
DELETE /demandes/{id}/representant                                UAF
GET    /demandes/{id}/representant                                UAF
PUT    /demandes/{id}/representant                                UAF
GET    /demandes/{id}/suivi                                       UAF
GET    /demandes/{id}/talon                                       UAF
GET    /instruction/agents                                        F
POST   /instruction/agents                                        F
DELETE /instruction/agents/{compte_id}                            F
PUT    /instruction/agents/{compte_id}                            F
GET    /instruction/agents/{compte_id}/historique                 F
GET    /instruction/corbeille                                     AFC
POST   /instruction/corbeille/suivante                            AFC
POST   /instruction/demandes                                      AF
GET    /instruction/demandes/{id}                                 AFC
POST   /instruction/demandes/{id}/affectation                     F
GET    /instruction/demandes/{id}/consultations                   F
POST   /instruction/demandes/{id}/controle                        C
GET    /instruction/demandes/{id}/historique                      AFC
GET    /instruction/demandes/{id}/historique/verification         AFC
POST   /instruction/demandes/{id}/levee                           AFC
GET    /instruction/demandes/{id}/messages                        AFC
POST   /instruction/demandes/{id}/messages                        AFC
GET    /instruction/demandes/{id}/notes                           AFC
POST   /instruction/demandes/{id}/notes                           AFC
GET    /instruction/demandes/{id}/pieces/{piece_id}/pages/{n}     AFC
DELETE /instruction/demandes/{id}/prise-en-charge                 AFC
POST   /instruction/demandes/{id}/prise-en-charge                 AFC
POST   /instruction/demandes/{id}/reexpedition                    AF
POST   /instruction/demandes/{id}/refus                           AF
POST   /instruction/demandes/{id}/suspension                      AFC
PUT    /instruction/demandes/{id}/suspension                      AFC
POST   /instruction/demandes/{id}/validation                      AF
GET    /instruction/messages                                      AFC
GET    /instruction/motifs                                        AFC
POST   /instruction/recherches                                    AF
POST   /instruction/recherches-enregistrees                       AF
GET    /instruction/recherches-enregistrees/{recherche_id}        AF
GET    /motifs                                                    –
GET    /openapi.json                                              –
POST   /partenaires/paiement                                      –
POST   /partenaires/photo                                         –
POST   /partenaires/production                                    –
GET    /prefectures                                               –
POST   /sessions                                                  –
DELETE /sessions/courante                                         UAFCEX
POST   /sessions/renouvellement                                   UAFCEX
POST   /verifications                                             –
"""
LETTRES = {"U": "usager", "A": "agent", "F": "chef", "C": "ctn", "E": "ecole", "X": "partenaire"}
DROITS = {
    (methode, chemin): {LETTRES[lettre] for lettre in roles if lettre != "–"}
    for methode, chemin, roles in (ligne.split() for ligne in TABLE.strip().splitlines())
}
QUI = {"usager": PAUL, "agent": AGENT, "chef": CHEF, "ctn": CTN}
SUSPENSION = {"elements": [{"cible": "adresse.nom_voie", "motif": "inexacte"}], "message": "Corrigez votre adresse."}
CORPS: dict[str, Any] = {
    "PUT adresse": ADRESSE,
    "PUT adresse/brouillon": {"numero": "3"},
    "PUT adresse/confirmation": ADRESSE,
    "POST confirmation": {"attestation": True},
    "PUT etat-civil": ETAT_CIVIL,
    "PUT etat-civil/brouillon": {"sexe": "F"},
    "POST messages": {"texte": "Bonjour."},
    "PUT motif": {"motif": "vol"},
    "PUT motif/brouillon": {"motif": "vol"},
    "POST paiement": {"url_retour": "/"},
    "PUT paiement": {"numero_timbre": "1234567890123456"},
    "PUT photo-signature": {"mode": "talon"},
    "PUT photo-signature/brouillon": {"mode": "talon"},
    "POST pieces": FICHIER,
    "PUT representant": {"qualite": "mandataire", "nom": "Corneille", "prenoms": ["Thomas"]},
    "POST affectation": {"agent": "second.nancy"},
    "POST controle": {"pieces": []},
    "POST notes": {"texte": "À revoir."},
    "POST refus": {"motif": "fraude", "message": "Les pièces jointes sont celles d'une autre personne."},
    "POST suspension": SUSPENSION,
    "PUT suspension": SUSPENSION,
    "POST validation": {},
}
"""A right body for each route under a demande that takes one: what is refused is then refused for who asks."""


@pytest.fixture(autouse=True)
def _aws() -> Iterator[None]:
    with aws_simule(), exterieur_simule():
        yield


def parametres(chemin: str) -> dict[str, str]:
    valeurs = {
        "id": DEMANDE_ID,
        "piece_id": f"{1:016x}",
        "n": "1",
        "compte_id": "inconnu",
        "recherche_id": "00000000-0000-4000-8000-000000000000",
    }
    return {nom: valeur for nom, valeur in valeurs.items() if f"{{{nom}}}" in chemin}


def corps(methode: str, chemin: str) -> Any:
    return CORPS.get(f"{methode} {chemin.partition('{id}')[2].lstrip('/')}")


def routes_sous(prefixe: str) -> list[tuple[str, str, str]]:
    """Each route under ``prefixe`` that names a demande, with each role that may call it."""
    return [
        (methode, chemin, role)
        for (methode, chemin), roles in sorted(DROITS.items())
        if chemin.startswith(prefixe) and "{id}" in chemin
        for role in sorted(roles)
    ]


def test_la_table_est_complete() -> None:
    charger()
    assert {route: set(description.qui) for route, description in ROUTES.items()} == DROITS


@pytest.mark.parametrize(("methode", "chemin"), [route for route, roles in sorted(DROITS.items()) if roles])
def test_une_route_n_admet_que_ses_roles_et_ne_lit_rien_pour_les_autres(methode: str, chemin: str) -> None:
    exclus = set(LETTRES.values()) - DROITS[methode, chemin]
    with compter_appels() as appels:
        refus = {
            role: appeler(methode, chemin, parametres(chemin), {}, Identite("x", "s", role, ("543",))).statut
            for role in exclus
        }
        sans = appeler(methode, chemin, parametres(chemin), {})
    assert (refus, sans.statut, appels) == (dict.fromkeys(exclus, 403), 401, [])


@pytest.mark.parametrize(("methode", "chemin", "role"), routes_sous("/instruction/"))
@pytest.mark.parametrize("statut", [Statut.EN_INSTRUCTION, Statut.BROUILLON], ids=["instruite", "brouillon"])
def test_une_demande_d_une_autre_autorite_ou_un_brouillon_n_existe_pas_pour_un_agent(
    methode: str, chemin: str, role: str, statut: Statut
) -> None:
    if statut is Statut.BROUILLON:
        wiring.demandes().creer(brouillon())
    else:
        deposer(statut, corbeille="543#agent", urgence="1#2026-12-01T00:00:00.000Z")
    avant = wiring.demandes().lire(DEMANDE_ID)
    ailleurs = Identite(AILLEURS.compte_id, "s", role, () if statut is Statut.BROUILLON else AILLEURS.autorites)
    wiring.comptes().installer(compte_de(ailleurs))
    with compter_appels() as appels:
        refus = appeler(methode, chemin, parametres(chemin), corps(methode, chemin), ailleurs)
    absente = appeler(methode, chemin, {**parametres(chemin), "id": "0" * 32}, corps(methode, chemin), ailleurs)
    assert (refus.statut, absente.statut) == (404, 404)
    assert (refus.corps["title"], refus.corps["detail"]) == (absente.corps["title"], absente.corps["detail"])
    assert wiring.demandes().lire(DEMANDE_ID) == avant
    assert not {"PutItem", "TransactWriteItems"} & {appel.operation for appel in appels}


@pytest.mark.parametrize(("methode", "chemin", "role"), routes_sous("/demandes/"))
def test_la_demande_d_un_autre_n_existe_pas_pour_un_usager_ni_pour_un_agent_qui_ne_l_a_pas_saisie(
    methode: str, chemin: str, role: str
) -> None:
    wiring.demandes().creer(brouillon(modifie_le=ecrire(wiring.horloge())))
    avant = wiring.demandes().lire(DEMANDE_ID)
    refus = appeler(methode, chemin, parametres(chemin), corps(methode, chemin), QUI[role])
    absente = appeler(methode, chemin, {**parametres(chemin), "id": "0" * 32}, corps(methode, chemin), QUI[role])
    assert (refus.statut, absente.statut) == (404, 404)
    assert refus.corps["detail"] == absente.corps["detail"]
    assert wiring.demandes().lire(DEMANDE_ID) == avant
