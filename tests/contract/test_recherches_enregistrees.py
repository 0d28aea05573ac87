"""The searches kept for a link: the same promises from the fake and from DynamoDB (moto), then the two routes."""

import importlib
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.adapters import clients
from chalicelib.demande.instants import ecrire, lire
from chalicelib.demande.recherche import CriteresTries
from chalicelib.demande.recherches_enregistrees import (
    CONSERVATION,
    PAR_JOUR,
    RechercheEnregistree,
    RecherchesEnregistrees,
    TropDeRecherches,
)
from chalicelib.http import Identite
from tests.agents import AGENT, AILLEURS, CHEF
from tests.appel import Resultat, appeler
from tests.compteur import compter_appels
from tests.contract.tables import aws_simule
from tests.dossiers import MAINTENANT
from tests.droits import relever_droits
from tests.fakes.recherches import FakeRecherches

CRITERES: dict[str, Any] = {
    "nom": "Corneille",
    "date_naissance": "1956",
    "statut": "suspendue",
    "modifie_du": "2026-11-01",
    "tri": "nom",
}
ENREGISTREES = "/instruction/recherches-enregistrees"
UNE = "/instruction/recherches-enregistrees/{recherche_id}"
DEUX_SERVICES = Identite("agent-itinerant", "session-i", "agent", ("543", "751"))


@pytest.fixture(params=["factice", "dynamodb"])
def recherches(request: pytest.FixtureRequest) -> Iterator[RecherchesEnregistrees]:
    if request.param == "factice":
        yield FakeRecherches()
        return
    with aws_simule():
        yield wiring.recherches_enregistrees()


@pytest.fixture
def aws() -> Iterator[Any]:
    with aws_simule() as dynamodb:
        yield dynamodb


def recherche(rang: int = 0, quand: datetime = MAINTENANT, **champs: Any) -> RechercheEnregistree:
    defaut = {
        "recherche_id": f"{rang:08x}-0000-4000-8000-000000000000",
        "auteur": "agent-de-nancy",
        "autorites": ["543"],
        "criteres": CRITERES,
        "cree_le": ecrire(quand),
        "expire_le": ecrire(quand + CONSERVATION),
    }
    return RechercheEnregistree.model_validate({**defaut, **champs})


def enregistrer(corps: Any, qui: Identite = AGENT) -> Resultat:
    return appeler("POST", ENREGISTREES, corps=corps, identite=qui)


def relire(recherche_id: str, qui: Identite = AGENT) -> Resultat:
    return appeler("GET", UNE, {"recherche_id": recherche_id}, identite=qui)


def test_une_recherche_se_relit_telle_qu_elle_fut_enregistree(recherches: RecherchesEnregistrees) -> None:
    nommee = recherche(1, nom="Les suspendues de novembre")
    for une in (recherche(), nommee):
        recherches.enregistrer(une, MAINTENANT)
    assert recherches.lire(nommee.recherche_id, MAINTENANT) == nommee
    assert recherches.lire(recherche().recherche_id, MAINTENANT) == recherche()
    assert recherches.lire(recherche(2).recherche_id, MAINTENANT) is None


def test_une_recherche_expiree_n_est_plus_lue_meme_si_l_effacement_tarde(recherches: RecherchesEnregistrees) -> None:
    recherches.enregistrer(recherche(), MAINTENANT)
    fin = MAINTENANT + CONSERVATION
    assert recherches.lire(recherche().recherche_id, fin - timedelta(seconds=1)) is not None
    assert recherches.lire(recherche().recherche_id, fin) is None


def test_un_agent_en_enregistre_un_nombre_borne_par_jour_et_ses_collegues_n_en_patissent_pas(
    recherches: RecherchesEnregistrees,
) -> None:
    for rang in range(PAR_JOUR):
        recherches.enregistrer(recherche(rang), MAINTENANT)
    with pytest.raises(TropDeRecherches) as refus:
        recherches.enregistrer(recherche(PAR_JOUR), MAINTENANT)
    assert recherches.lire(recherche(PAR_JOUR).recherche_id, MAINTENANT) is None
    recherches.enregistrer(recherche(PAR_JOUR, auteur="chef-de-nancy"), MAINTENANT)
    demain = MAINTENANT + timedelta(seconds=refus.value.attendre_s)
    recherches.enregistrer(recherche(PAR_JOUR + 1, demain), demain)


def test_tout_ce_qui_est_ecrit_s_efface_de_soi_meme(aws: Any) -> None:
    wiring.recherches_enregistrees().enregistrer(recherche(), MAINTENANT)
    elements = {e["cle"]["S"].partition("#")[0]: e for e in aws.scan(TableName="permis-recherches")["Items"]}
    assert int(elements["RECHERCHE"]["expire"]["N"]) == int((MAINTENANT + CONSERVATION).timestamp())
    fin_du_jour = int(elements["AGENT"]["expire"]["N"])
    assert 0 < fin_du_jour - int(MAINTENANT.timestamp()) <= 86400
    assert "Corneille" not in json.dumps(elements["AGENT"])


def test_les_routes_font_un_appel_chacune_dans_leurs_droits(aws: Any) -> None:
    with compter_appels() as appels, relever_droits() as exerces:
        cree = enregistrer({"nom": "Mes suspendues", "criteres": CRITERES})
        relue = relire(cree.corps["id"])
    assert (cree.statut, relue.statut) == (201, 200)
    assert [appel.operation for appel in appels] == ["TransactWriteItems", "GetItem"]
    droits = importlib.import_module("chalicelib.instruction.recherche_enregistree").FONCTION.droits
    assert exerces == {table: set(actions) for table, actions in droits.items()}
    assert set(cree.corps) == {"id", "nom", "cree_le", "expire_le"}
    assert lire(cree.corps["expire_le"]) - lire(cree.corps["cree_le"]) == CONSERVATION
    complets = CriteresTries.model_validate(CRITERES).model_dump(mode="json")
    assert relue.corps == {**cree.corps, "criteres": complets}


def test_les_criteres_relus_se_cherchent_tels_quels(aws: Any) -> None:
    criteres = relire(enregistrer({"criteres": CRITERES}).corps["id"]).corps["criteres"]
    assert appeler("POST", "/instruction/recherches", corps=criteres, identite=AGENT).statut == 200


def test_elle_se_lit_dans_un_service_de_son_auteur_et_nulle_part_ailleurs(aws: Any) -> None:
    d_ici = enregistrer({"criteres": CRITERES}).corps["id"]
    des_deux = enregistrer({"criteres": CRITERES}, DEUX_SERVICES).corps["id"]
    assert [relire(d_ici, qui).statut for qui in (AGENT, CHEF, DEUX_SERVICES, AILLEURS)] == [200, 200, 200, 404]
    assert [relire(des_deux, qui).statut for qui in (CHEF, AILLEURS)] == [200, 200]
    sans_service = Identite("agent-sans-service", "s", "agent")
    assert relire(enregistrer({"criteres": {}}, sans_service).corps["id"], sans_service).statut == 404
    absente, refusee = relire("0" * 8 + "-0000-4000-8000-" + "0" * 12), relire(d_ici, AILLEURS)
    assert (absente.statut, absente.corps["detail"]) == (refusee.statut, refusee.corps["detail"])


def test_un_identifiant_sans_forme_ne_coute_aucun_appel(aws: Any) -> None:
    with compter_appels() as appels:
        assert relire("corneille").statut == 404
    assert appels == []


@pytest.mark.parametrize(
    ("corps", "champ"),
    [
        ({"nom": "Sans critères"}, "criteres"),
        ({"criteres": {"curseur": "suite"}}, "criteres.curseur"),
        ({"criteres": {"numero": "12"}}, "criteres.numero"),
        ({"criteres": CRITERES, "nom": "n" * 101}, "nom"),
        ({"criteres": CRITERES, "agent": "autre"}, "agent"),
    ],
)
def test_une_saisie_refusee_nomme_son_champ_et_n_ecrit_rien(aws: Any, corps: Any, champ: str) -> None:
    with compter_appels() as appels:
        refus = enregistrer(corps)
    assert (refus.statut, [erreur["champ"] for erreur in refus.corps["erreurs"]]) == (422, [champ])
    assert appels == []


def test_la_limite_du_jour_dit_quand_reessayer(aws: Any) -> None:
    maintenant = wiring.horloge()
    for jour in (maintenant, maintenant + timedelta(days=1)):  # midnight may pass before the call
        for rang in range(PAR_JOUR):
            wiring.recherches_enregistrees().enregistrer(recherche(rang, jour), jour)
    refus = enregistrer({"criteres": CRITERES})
    assert refus.statut == 429
    assert 0 < int(refus.entetes["retry-after"]) <= 86400
    assert "demain" in refus.corps["detail"]


def test_les_criteres_ne_sont_dans_aucun_journal(aws: Any, caplog: pytest.LogCaptureFixture) -> None:
    recherche_id = enregistrer({"nom": "Dossiers Racine", "criteres": CRITERES}).corps["id"]
    relire(recherche_id)
    clients.client("dynamodb").delete_table(TableName="permis-recherches")
    assert enregistrer({"nom": "Dossiers Racine", "criteres": CRITERES}).statut == 500
    journal = " ".join(str(vars(ligne)) for ligne in caplog.records)
    assert "recherches-enregistrees" in journal
    assert not [mot for mot in ("Corneille", "Racine", "1956", recherche_id) if mot in journal]
