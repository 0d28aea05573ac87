"""The watch over unused accounts, on DynamoDB (moto): what it writes, what it leaves, what it costs."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.comptes.moi import fermer_le_compte
from chalicelib.demande.comptes import Compte, StatutCompte, nouvelle_session
from chalicelib.demande.inactivite import INACTIVITE_JOURS, PREAVIS_JOURS, REPORT_JOURS
from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Demande, Motif, Statut
from chalicelib.veille.comptes import tache, veiller
from chalicelib.veille.passage import VeilleIncomplete
from tests.appel import ContexteLambda
from tests.compteur import AppelAws, compter_appels
from tests.contract.tables import aws_simule

MAINTENANT = datetime(2029, 12, 1, 10, tzinfo=UTC)
JOUR = 86400.0
QUERY = AppelAws("dynamodb", "Query")
LECTURE = AppelAws("dynamodb", "GetItem")
TRANSACTION = AppelAws("dynamodb", "TransactWriteItems")
LOT = AppelAws("dynamodb", "BatchGetItem")


@pytest.fixture
def dynamodb() -> Iterator[Any]:
    with aws_simule() as client:
        yield client


def il_y_a(jours: float) -> datetime:
    return MAINTENANT - timedelta(days=jours)


def deposer_compte(venu: float, prevenu: float | None = None, id_: str = "c1", **champs: Any) -> Compte:
    """An active account last opened ``venu`` days ago, told ``prevenu`` days ago, whose turn has come."""
    compte = Compte(
        **{
            "compte_id": id_,
            "identifiant": f"i-{id_}",
            "statut": StatutCompte.ACTIF,
            "prenom": "Pierre",
            "nom": "CORNEILLE",
            "email": f"{id_}@exemple.fr",
            "sexe": "M",
            "telephone": "0612345678",
            "question_secrete": "?",
            "reponse_secrete": "haché",
            "mot_de_passe": "haché",
            "cgu_acceptees_le": ecrire(il_y_a(2000)),
            "cree_le": ecrire(il_y_a(2000)),
            "derniere_connexion_le": ecrire(il_y_a(venu)),
            "prevenu_le": ecrire(il_y_a(prevenu)) if prevenu is not None else None,
            "veille": "compte",
            "veille_le": ecrire(il_y_a(0.01)),
            **champs,
        }
    )
    wiring.comptes().installer(compte)
    return compte


def deposer_demande(statut: Statut, id_: str = "d1", usager: str = "c1") -> None:
    wiring.demandes().creer(
        Demande(
            id=id_,
            usager=usager,
            motif=Motif.PERTE,
            statut=statut,
            cree_le=ecrire(il_y_a(1200)),
            modifie_le=ecrire(il_y_a(1200)),
        )
    )


def passer(maintenant: datetime = MAINTENANT, encore: int = 1000) -> dict[str, int]:
    restants = iter(range(encore))
    return dict(
        veiller(
            wiring.comptes(),
            wiring.demandes(),
            maintenant,
            JOUR,
            wiring.nouvel_id,
            lambda: next(restants, None) is not None,
        )
    )


def evenements(dynamodb: Any) -> list[dict[str, Any]]:
    elements = dynamodb.scan(TableName="permis-comptes")["Items"]
    return [
        {nom: valeur["S"] for nom, valeur in element.items() if "S" in valeur}
        for element in elements
        if element["element"]["S"].startswith("EVENEMENT#")
    ]


def test_prevenu_un_mois_avant_puis_ferme(dynamodb: Any) -> None:
    deposer_compte(venu=INACTIVITE_JOURS - PREAVIS_JOURS)

    assert passer() == {"prevenus": 1}
    assert passer() == {}
    (annonce,) = evenements(dynamodb)
    assert (annonce["type"], annonce["valable_jusqua"]) == ("CompteInutilise", ecrire(MAINTENANT + timedelta(days=30)))
    assert passer(MAINTENANT + timedelta(days=29)) == {}

    assert passer(MAINTENANT + timedelta(days=30)) == {"fermes": 1}
    assert passer(MAINTENANT + timedelta(days=30)) == {}
    assert wiring.comptes().lire("c1") is None
    assert {un["type"]: un.get("email") for un in evenements(dynamodb)} == {
        "CompteInutilise": None,
        "CompteInutiliseFerme": "c1@exemple.fr",
    }


def test_qui_s_est_connecte_depuis_est_seulement_replanifie(dynamodb: Any) -> None:
    deposer_compte(venu=10, prevenu=40)

    with compter_appels() as appels:
        assert passer() == {"replanifies": 1}

    assert appels == [QUERY, LECTURE, AppelAws("dynamodb", "UpdateItem")]
    lu = wiring.comptes().lire("c1")
    assert lu is not None
    assert lu.veille_le == ecrire(il_y_a(10) + timedelta(days=INACTIVITE_JOURS - PREAVIS_JOURS))


@pytest.mark.parametrize("prevenu", [None, 30])
@pytest.mark.parametrize("statut", [Statut.BROUILLON, Statut.EN_INSTRUCTION, Statut.NON_DISTRIBUEE])
def test_une_demande_en_cours_garde_le_compte_ouvert(dynamodb: Any, prevenu: float | None, statut: Statut) -> None:
    deposer_compte(venu=INACTIVITE_JOURS + 10, prevenu=prevenu)
    deposer_demande(statut)
    deposer_demande(Statut.REFUSEE, "d2")

    assert passer() == {"replanifies": 1}

    lu = wiring.comptes().lire("c1")
    assert lu is not None
    assert lu.veille_le == ecrire(MAINTENANT + timedelta(days=REPORT_JOURS))
    assert evenements(dynamodb) == []


def test_une_demande_en_cours_est_trouvee_derriere_une_page_de_demandes_finies(dynamodb: Any) -> None:
    deposer_compte(venu=INACTIVITE_JOURS + 10, prevenu=30)
    for rang in range(26):
        deposer_demande(Statut.RETIREE, f"f{rang:02d}")
    deposer_demande(Statut.SUSPENDUE, "a")

    assert passer() == {"replanifies": 1}


def test_la_fermeture_ne_touche_pas_aux_demandes_finies(dynamodb: Any) -> None:
    deposer_compte(venu=INACTIVITE_JOURS + 10, prevenu=30)
    deposer_demande(Statut.DISTRIBUEE)
    avant = wiring.demandes().lire("d1")

    with compter_appels() as appels:
        assert passer() == {"fermes": 1}

    assert appels == [QUERY, LECTURE, QUERY, LOT, TRANSACTION]
    assert wiring.demandes().lire("d1") == avant


def test_un_titulaire_qui_revient_pendant_qu_on_le_regarde_garde_son_compte(
    dynamodb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    compte = deposer_compte(venu=INACTIVITE_JOURS + 10, prevenu=30)
    demandes = wiring.demandes()
    lister = demandes.lister

    def lister_puis_revenir(*arguments: Any) -> Any:
        wiring.sessions().ouvrir(compte, nouvelle_session(compte, "s1", 1), 1_900_000_000)
        return lister(*arguments)

    monkeypatch.setattr(demandes, "lister", lister_puis_revenir)

    assert passer() == {"conflits": 1}
    assert wiring.comptes().resoudre("i-c1") == "c1"


def test_un_compte_ferme_par_son_titulaire_n_est_plus_regarde(dynamodb: Any) -> None:
    deposer_compte(venu=INACTIVITE_JOURS + 10)
    fermer_le_compte("c1", wiring.comptes(), wiring.contexte("corr"))

    assert passer() == {}


def test_un_agent_n_est_pas_ferme_sans_son_chef(dynamodb: Any) -> None:
    deposer_compte(venu=INACTIVITE_JOURS + 10, role="agent", veille=None, veille_le=None)

    assert passer() == {}


def test_un_compte_en_panne_n_arrete_pas_les_suivants_et_la_tache_le_dit(dynamodb: Any) -> None:
    deposer_compte(venu=INACTIVITE_JOURS + 10, id_="c1", veille_le="2026-01-01T00:00:00.000Z")
    deposer_compte(venu=INACTIVITE_JOURS + 10, id_="c2")
    dynamodb.update_item(
        TableName="permis-comptes",
        Key={"cle": {"S": "COMPTE#c1"}, "element": {"S": "COMPTE"}},
        UpdateExpression="REMOVE nom",
    )

    assert passer() == {"erreurs": 1, "prevenus": 1}
    with pytest.raises(VeilleIncomplete):
        tache({}, Long())


class Long(ContexteLambda):
    """A run that has its time."""

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def test_un_passage_a_court_de_temps_s_arrete_et_le_suivant_reprend(dynamodb: Any) -> None:
    for rang in range(3):
        deposer_compte(venu=INACTIVITE_JOURS + 10, id_=f"c{rang}")

    assert passer(encore=2) == {"prevenus": 2}
    assert passer() == {"prevenus": 1}
    assert sorted(un["compte_id"] for un in evenements(dynamodb)) == ["c0", "c1", "c2"]
