"""The demandes whose usager waits for an answer, over their route: at whatever statut, until somebody answers."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.demande.echanges import LISTE
from chalicelib.demande.modeles import Statut
from chalicelib.http import Identite
from chalicelib.instruction.sans_reponse import FONCTION
from tests.agents import AGENT, AILLEURS, CHEF, CTN, NUMERO, PIERRE, deposer, habiliter
from tests.appel import appeler
from tests.compteur import compter_appels
from tests.contract.tables import aws_simule
from tests.dossiers import DEMANDE_ID
from tests.droits import relever_droits

LISTER = "/instruction/messages"


@pytest.fixture(autouse=True)
def _aws() -> Iterator[None]:
    with aws_simule():
        habiliter()
        yield


def dire(qui: Identite) -> None:
    chemin = "/demandes/{id}/messages" if qui is PIERRE else "/instruction/demandes/{id}/messages"
    assert appeler("POST", chemin, {"id": DEMANDE_ID}, {"texte": "Bonjour"}, qui).statut == 201


def lister(qui: Identite = AGENT, **requete: str) -> Any:
    resultat = appeler("GET", LISTER, identite=qui, requete=requete or None)
    assert resultat.statut == 200, resultat
    return resultat.corps


@pytest.mark.parametrize("statut", [Statut.ATTENTE_PHOTO, Statut.SUSPENDUE, Statut.EN_INSTRUCTION, Statut.EXPEDIEE])
def test_un_message_se_voit_meme_quand_rien_n_attend_l_agent_jusqu_a_la_reponse(statut: Statut) -> None:
    deposer(statut)
    assert lister() == {"elements": [], "curseur": None}
    dire(PIERRE)
    for qui in (AGENT, CHEF, CTN):
        (ligne,) = lister(qui)["elements"]
        assert (ligne["id"], ligne["numero"], ligne["statut"], ligne["autorite"]) == (DEMANDE_ID, NUMERO, statut, "543")
        assert (ligne["nom"], ligne["prenom"]) == ("CORNEILLE", "Pierre")
    assert ligne["attend_reponse_depuis"] == wiring.demandes().lire(DEMANDE_ID).attend_reponse_depuis
    assert lister(AILLEURS)["elements"] == []
    dire(AGENT)
    assert lister()["elements"] == []


def test_les_pages_se_suivent_et_un_curseur_invente_est_refuse() -> None:
    for rang in range(LISTE + 2):
        attend = f"2026-11-24T10:00:{rang:02d}.000Z"
        deposer(id=f"{rang:032x}", numero=str(10**22 + rang), attend_reponse_depuis=attend)
    premiere = lister()
    seconde = lister(curseur=premiere["curseur"])
    assert [len(premiere["elements"]), len(seconde["elements"]), seconde["curseur"]] == [LISTE, 2, None]
    assert len({ligne["id"] for ligne in premiere["elements"] + seconde["elements"]}) == LISTE + 2
    for curseur in ("x", "é", ""):
        assert appeler("GET", LISTER, identite=AGENT, requete={"curseur": curseur}).statut == 422


def test_une_lecture_par_autorite_avec_les_seuls_droits_de_la_fonction() -> None:
    deposer()
    with compter_appels() as appels, relever_droits() as droits:
        lister(Identite("agent-des-deux", "s", "agent", ("543", "751")))
    assert [appel.operation for appel in appels] == ["Query", "Query"]
    assert droits == {nom: set(actions) for nom, actions in FONCTION.droits.items()}


@pytest.mark.parametrize("role", ["usager", "ecole", "partenaire"])
def test_les_autres_roles_sont_refuses_sans_appel(role: str) -> None:
    with compter_appels() as appels:
        assert appeler("GET", LISTER, identite=Identite("x", "s", role, ("543",))).statut == 403
    assert appels == []
