"""The state machine's definition: it lints, the lint sees each kind of defect, and every statut leads somewhere."""

import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.demande.machine import REMPLACEE
from chalicelib.demande.modeles import Statut
from chalicelib.demande.statuts import FINALS
from infra.erreurs_levees import Source
from infra.verifier_asl import MACHINE, Code, code_du_depot, defauts

TACHES = ("Controler", "Echeance", "Commander")


@pytest.fixture(scope="module")
def code() -> Code:
    return code_du_depot()


def definition() -> dict[str, Any]:
    return dict(json.loads(MACHINE.read_text()))


def regles_de(etat: dict[str, Any]) -> list[dict[str, Any]]:
    return [*etat.get("Retry", []), *etat.get("Catch", [])]


def test_la_definition_est_sans_defaut(code: Code) -> None:
    assert defauts(MACHINE.read_text(), code) == []


@pytest.mark.parametrize("etat", TACHES)
def test_une_tache_sans_borne_ni_reprise_ni_issue_est_vue(etat: str, code: Code) -> None:
    for cle, defaut in (
        ("TimeoutSeconds", "TimeoutSeconds manque"),
        ("Retry", "Retry manque"),
        ("Catch", "aucun Catch de States.ALL"),
    ):
        abimee = definition()
        del abimee["States"][etat][cle]

        assert f"{etat} : {defaut}" in defauts(json.dumps(abimee), code)


@pytest.mark.parametrize("etat", [*TACHES, "Attendre"])
def test_une_issue_qui_ne_prend_pas_tout_est_vue(etat: str, code: Code) -> None:
    abimee = definition()
    abimee["States"][etat]["Catch"][-1]["ErrorEquals"] = ["States.Timeout"]

    assert f"{etat} : aucun Catch de States.ALL" in defauts(json.dumps(abimee), code)


def test_une_attente_sans_fin_est_vue(code: Code) -> None:
    abimee = definition()
    del abimee["States"]["Attendre"]["TimeoutSecondsPath"]

    assert defauts(json.dumps(abimee), code) == ["Attendre : TimeoutSeconds manque"]


def test_une_attente_dont_la_fin_est_un_echec_est_vue(code: Code) -> None:
    abimee = definition()
    abimee["States"]["Attendre"]["Catch"][0]["ErrorEquals"] = ["DynamoDb.ConditionalCheckFailedException"]

    assert defauts(json.dumps(abimee), code) == ["Attendre : aucun Catch de States.Timeout"]


@pytest.mark.parametrize(
    ("champ", "reste"),
    [
        ("generation", "attribute_not_exists(signale) OR signale <= :version"),
        ("signale", "attribute_not_exists(generation) OR generation <= :generation"),
    ],
)
def test_une_attente_qui_n_ecoute_pas_les_autres_est_vue(champ: str, reste: str, code: Code) -> None:
    abimee = definition()
    abimee["States"]["Attendre"]["Parameters"]["ConditionExpression"] = reste

    assert defauts(json.dumps(abimee), code) == [f"Attendre : aucune condition sur {champ}"]


def test_une_attente_sans_condition_du_tout_est_vue(code: Code) -> None:
    abimee = definition()
    del abimee["States"]["Attendre"]["Parameters"]["ConditionExpression"]

    assert len(defauts(json.dumps(abimee), code)) == 2


def test_une_attente_dont_personne_n_a_le_jeton_est_vue(code: Code) -> None:
    abimee = MACHINE.read_text().replace("$$.Task.Token", "$.point.statut")

    assert defauts(abimee, code) == ["Attendre : le jeton n'est déposé nulle part"]


def test_une_attente_reprise_est_vue(code: Code) -> None:
    abimee = definition()
    abimee["States"]["Attendre"]["Retry"] = [{"ErrorEquals": ["States.ALL"]}]

    assert defauts(json.dumps(abimee), code) == ["Attendre : une attente ne se reprend pas : son Catch mène ailleurs"]


@pytest.mark.parametrize("erreur", ["DemandePerdue", "JetonPerime", "CommandeNonRecue"])
def test_une_erreur_que_la_tache_ne_peut_pas_lever_est_vue(erreur: str, code: Code) -> None:
    """Unknown to the code; ours, but of another room; ours, but of another task."""
    for genre in ("Retry", "Catch"):
        abimee = definition()
        abimee["States"]["Controler"][genre][0]["ErrorEquals"].append(erreur)

        assert f"Controler : l'erreur {erreur} n'est jamais levée" in defauts(json.dumps(abimee), code)


@pytest.mark.parametrize(
    ("etat", "erreur"),
    [
        *((etat, erreur) for etat in TACHES for erreur in ("ConflitDeVersion", "ServiceIndisponible")),
        ("Commander", "CommandeNonRecue"),
    ],
)
def test_une_erreur_passagere_qui_n_est_pas_reprise_est_vue(etat: str, erreur: str, code: Code) -> None:
    abimee = definition()
    for regle in regles_de(abimee["States"][etat]):
        regle["ErrorEquals"] = [nom for nom in regle["ErrorEquals"] if nom != erreur]

    assert f"{etat} : l'erreur {erreur} n'est pas reprise" in defauts(json.dumps(abimee), code)


def test_nommer_une_erreur_pour_ne_pas_la_reprendre_ne_la_reprend_pas(code: Code) -> None:
    abimee = definition()
    abimee["States"]["Echeance"]["Retry"][1]["MaxAttempts"] = 0

    trouves = defauts(json.dumps(abimee), code)

    assert "Echeance : l'erreur ConflitDeVersion n'est pas reprise" in trouves


@pytest.mark.parametrize("reference", ["WorkflowControler", "WorkflowEcheance", "WorkflowCommander", "TableDemandes"])
def test_ce_qui_n_existe_pas_est_vu(reference: str, code: Code) -> None:
    abimee = MACHINE.read_text().replace(f"${{{reference}}}", "${Ailleurs}")

    assert "${Ailleurs} : aucune fonction ni table de ce nom" in defauts(abimee, code)


def test_un_etat_suivant_absent_est_vu(code: Code) -> None:
    abimee = definition()
    abimee["States"]["Controler"]["Next"] = "Ailleurs"

    assert any("Ailleurs" in defaut for defaut in defauts(json.dumps(abimee), code))


def test_un_etat_que_rien_n_atteint_est_vu(code: Code) -> None:
    abimee = definition()
    abimee["States"]["Oublie"] = {"Type": "Succeed"}

    assert any("Oublie" in defaut for defaut in defauts(json.dumps(abimee), code))


def test_un_choix_sans_defaut_est_vu(code: Code) -> None:
    abimee = definition()
    del abimee["States"]["SelonStatut"]["Default"]

    assert "SelonStatut : Default manque" in defauts(json.dumps(abimee), code)


def test_une_machine_sans_fin_et_un_etat_d_un_autre_genre_sont_vus(code: Code) -> None:
    abimee = definition()
    del abimee["TimeoutSeconds"]
    abimee["States"]["Fin"] = {"Type": "Wait", "Seconds": 60, "Next": "SignalerEchec"}

    assert {"la machine : TimeoutSeconds manque", "Fin : type Wait non prévu"} <= set(defauts(json.dumps(abimee), code))


def test_le_choix_ne_nomme_que_des_statuts_qui_existent_et_tous_ceux_qui_finissent() -> None:
    """A statut misspelt would wait for ever without a word."""
    premier, _, fin = definition()["States"]["SelonStatut"]["Choices"]

    assert premier["StringEquals"] == Statut.DEPOSEE
    assert {regle["StringEquals"] for regle in fin["Or"]} == {*FINALS, REMPLACEE}


def test_les_erreurs_sont_suivies_d_appel_en_appel_jusqu_a_ce_qui_les_retient(tmp_path: Path) -> None:
    paquet = tmp_path / "paquet"
    (paquet / "salle").mkdir(parents=True)
    (paquet / "erreurs.py").write_text(
        "class Metier(Exception): ...\nclass Occupe(Metier): ...\nclass Absent(Metier): ...\nclass Lourd(Metier): ...\n"
    )
    (paquet / "depot.py").write_text(
        "from paquet.erreurs import *\n"
        "class Depot:\n"
        "    def __init__(self):\n        raise Lourd\n"
        "    def lire(self):\n        raise Absent()\n"
        "    def ecrire(self):\n        raise Occupe()\n"
        "def jamais():\n    raise Metier()\n"
    )
    (paquet / "ports.py").write_text(
        "def depot():\n    from paquet.depot import Depot\n    return Depot\n"
        "def neuf():\n    from paquet.depot import Depot\n    return Depot()\n"
    )
    sources = {
        "lit": "def tache():\n    ports.depot().lire()\n",
        "garde": "def tache():\n    try:\n        ports.depot().lire()\n    except Metier:\n        pass\n",
        "rend": "def tache():\n    try:\n        ports.depot().lire()\n    except Metier:\n        raise\n",
        "change": "def tache():\n    try:\n        ports.depot().lire()\n    except Absent:\n        raise Occupe\n",
        "confie": "def tache():\n    def une():\n        ports.depot().ecrire()\n    suivre(une)\n",
        "rien": "def tache():\n    return 1\n",
    }
    for nom, texte in sources.items():
        (paquet / "salle" / f"{nom}.py").write_text(f"from paquet import ports\nfrom paquet.erreurs import *\n{texte}")
    source = Source(paquet)

    # A class that is named may be called: what its ``__init__`` raises counts.
    assert {nom: source.levees(f"paquet.salle.{nom}") - {"Lourd"} for nom in sources} == {
        "lit": {"Absent"},
        "garde": set(),
        "rend": {"Absent"},
        "change": {"Occupe"},
        "confie": {"Occupe"},
        "rien": set(),
    }
    assert "Lourd" in source.levees("paquet.salle.lit")
    assert source.sous("Metier") == {"Metier", "Occupe", "Absent", "Lourd"}
