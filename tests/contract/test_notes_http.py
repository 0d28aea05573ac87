"""The notes of the agents over their routes: shared in the service, never seen by the usager, told to nobody."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.demande.ports_consultations import Quoi
from chalicelib.http import ROUTES, Identite
from chalicelib.instruction.notes import FONCTION
from tests.agents import AGENT, AILLEURS, CHEF, CTN, PIERRE, deposer, habiliter
from tests.appel import Resultat, appeler, charger
from tests.compteur import compter_appels
from tests.contract.tables import aws_simule
from tests.dossiers import DEMANDE_ID
from tests.droits import relever_droits
from tests.ports import exterieur_simule

NOTES = "/instruction/demandes/{id}/notes"
SECRET = "zibeline-interne"


@pytest.fixture(autouse=True)
def _aws() -> Iterator[None]:
    with aws_simule():
        habiliter()
        yield


def noter(qui: Identite, texte: Any = "Vu au guichet.", cle: str | None = None) -> Resultat:
    return appeler("POST", NOTES, {"id": DEMANDE_ID}, {"texte": texte}, qui, {"Idempotency-Key": cle} if cle else None)


def lire(qui: Identite = AGENT) -> Any:
    resultat = appeler("GET", NOTES, {"id": DEMANDE_ID}, identite=qui)
    assert resultat.statut == 200, resultat
    return resultat.corps


def test_les_agents_d_une_autorite_partagent_leurs_notes_dans_l_ordre() -> None:
    deposer()
    assert [noter(qui, f"de {qui.role}").statut for qui in (AGENT, CTN, CHEF)] == [201] * 3
    lues = lire(CTN)
    assert [(n["texte"], n["de"], n["de_moi"]) for n in lues["elements"]] == [
        ("de agent", "agent", False),
        ("de ctn", "ctn", True),
        ("de chef", "chef", False),
    ]
    assert lues["elements"][0]["auteur"] == "Un agent instructeur, Préfecture de Meurthe-et-Moselle"
    assert lues["curseur"] is None
    assert [n["nom"] for n in lues["elements"]] == ["Agnès Guichet", "Corinne Traitement", "Charles Service"]


def test_une_note_ne_change_rien_de_la_demande_et_n_entre_pas_au_journal() -> None:
    avant = deposer()
    noter(AGENT)
    assert wiring.demandes().lire(DEMANDE_ID) == avant
    assert wiring.demandes().journal(DEMANDE_ID) == []


charger(None)
DE_L_USAGER = sorted(
    (methode, chemin) for (methode, chemin), route in ROUTES.items() if methode == "GET" and "usager" in route.qui
)


@pytest.mark.parametrize(("methode", "chemin"), DE_L_USAGER)
def test_aucune_route_de_l_usager_ne_rend_ni_une_note_ni_rien_du_guichet(methode: str, chemin: str) -> None:
    """Whatever the statut the usager reads: the note, who holds his demande, where it waits, how it is looked for."""
    caches = {
        "agent": "compte-d-agnes",
        "agent_nom": "Agnès Guichet",
        "bail_jusqua": "2999-01-01T00:00:00.000Z",
        "corbeille": "543#agent",
        "urgence": "1#2027-01-19T00:00:00.000Z",
        "saisie_par": "compte-de-charles",
        "photo_attendue": "CODE-ATTENDU",
        "attend_reponse_depuis": "2998-01-01T00:00:00.000Z",
    }
    demande = deposer(**caches)
    noter(AGENT, SECRET)
    noter(AGENT, SECRET, "cle-1")
    piece_id = (demande.pieces_deposees or [""])[0]
    with exterieur_simule():
        resultat = appeler(methode, chemin, {"id": DEMANDE_ID, "piece_id": piece_id}, identite=PIERRE)
    assert resultat.statut < 500
    tout = json.dumps(resultat.corps, ensure_ascii=False)
    index = [demande.nom_recherche, demande.autorite_nom, demande.autorite_le, f"#{demande.autorite}", AGENT.compte_id]
    for cache in (SECRET, *caches.values(), *filter(None, index)):
        assert cache not in tout


def test_la_meme_cle_n_ecrit_qu_une_note() -> None:
    deposer()
    assert noter(AGENT, cle="cle-1").corps == noter(AGENT, cle="cle-1").corps
    assert len(lire()["elements"]) == 1


def test_une_lecture_des_notes_est_consignee() -> None:
    deposer()
    noter(AGENT)
    lire(CHEF)
    (consultation,) = wiring.consultations().lister(DEMANDE_ID, wiring.horloge(), None, 10)[0]
    assert (consultation.quoi, consultation.role) == (Quoi.NOTES, "chef")


def test_une_note_coute_trois_appels_et_sa_lecture_autant() -> None:
    deposer()
    with compter_appels() as appels:
        noter(AGENT)
    assert [appel.operation for appel in appels] == ["GetItem", "GetItem", "PutItem"]
    with compter_appels() as appels:
        lire()
    assert [appel.operation for appel in appels] == ["GetItem", "Query", "PutItem"]


def test_hors_de_ses_autorites_rien_ne_se_lit_ni_ne_s_ecrit() -> None:
    deposer()
    noter(AGENT)
    refus = [noter(AILLEURS), appeler("GET", NOTES, {"id": DEMANDE_ID}, identite=AILLEURS)]
    assert [r.statut for r in refus] == [404, 404]
    assert len(lire()["elements"]) == 1


@pytest.mark.parametrize("role", ["usager", "ecole", "partenaire"])
def test_les_autres_roles_sont_refuses_sans_appel(role: str) -> None:
    autre = Identite("quelqu-un", "session", role, ("543",))
    with compter_appels() as appels:
        refus = [appeler(m, NOTES, {"id": DEMANDE_ID}, {"texte": "x"}, autre).statut for m in ("GET", "POST")]
    assert refus == [403, 403] and appels == []


@pytest.mark.parametrize("texte", [None, "", "  ", 3, "a\x00b", "x" * 2001], ids=ascii)
def test_un_texte_inacceptable_est_refuse_sans_appel(texte: Any) -> None:
    with compter_appels() as appels:
        assert noter(AGENT, texte).statut == 422
    assert appels == []


def test_la_fonction_n_a_que_les_droits_qu_elle_exerce() -> None:
    deposer()
    with relever_droits() as droits:
        noter(AGENT, cle="cle-1")
        noter(AGENT, cle="cle-1")
        lire()
    assert {table: set(actions) for table, actions in FONCTION.droits.items()} == droits
