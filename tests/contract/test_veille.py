"""The watch over drafts and the entry into control, on DynamoDB (moto): what they write, once, whatever comes in."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.demande.erreurs import DemandeInconnue
from chalicelib.demande.instants import ecrire
from chalicelib.demande.journal import Auteur, Changement, chaine_intacte
from chalicelib.demande.modeles import Demande, EtatPaiement, EtatTimbre, Motif, Paiement, Statut, Timbre
from chalicelib.demande.ports import Modification
from chalicelib.veille.brouillons import LOT, VeilleIncomplete, tache, veiller
from chalicelib.workflow.prendre_en_controle import prendre_en_controle
from tests.appel import ContexteLambda
from tests.compteur import AppelAws, compter_appels
from tests.contract.tables import aws_simule

MAINTENANT = datetime(2026, 11, 24, 10, tzinfo=UTC)
JOUR = 86400.0
TIMBRE = "1234567890123456"
TRANSACTION = AppelAws("dynamodb", "TransactWriteItems")
LECTURE = AppelAws("dynamodb", "GetItem")


@pytest.fixture
def dynamodb() -> Iterator[Any]:
    with aws_simule() as client:
        yield client


def il_y_a(jours: float) -> datetime:
    return MAINTENANT - timedelta(days=jours)


def deposer_brouillon(touche: float, rappele: float | None = None, id_: str = "d1", **champs: Any) -> Demande:
    """A draft last touched ``touche`` days ago, reminded ``rappele`` days ago, whose turn to be looked at has come."""
    demande = Demande(
        id=id_,
        usager="c1",
        motif=Motif.PERTE,
        cree_le=ecrire(il_y_a(30)),
        modifie_le=ecrire(il_y_a(touche)),
        rappele_le=ecrire(il_y_a(rappele)) if rappele is not None else None,
        veille="brouillon",
        veille_le=ecrire(il_y_a(0.01)),
        **champs,
    )
    wiring.demandes().creer(demande)
    return demande


def passer(maintenant: datetime = MAINTENANT) -> dict[str, int]:
    return dict(veiller(wiring.demandes(), maintenant, JOUR, lambda: "corr-veille"))


def toucher(id_: str = "d1") -> None:
    """What a step of the wizard does: it does not know the watch."""
    wiring.demandes().modifier(
        id_,
        Modification("c1", MAINTENANT, limite=il_y_a(15), limite_rappel=il_y_a(5), poser={"motif": Motif.VOL}),
    )


def evenements(id_: str = "d1") -> list[str]:
    return [entree.evenement for entree in wiring.demandes().journal(id_)]


def test_un_brouillon_de_dix_jours_est_rappele_une_fois(dynamodb: Any) -> None:
    deposer_brouillon(touche=10)

    assert passer() == {"rappeles": 1}
    assert passer() == {}

    demande = wiring.demandes().lire("d1")
    assert demande.statut is Statut.BROUILLON
    assert demande.rappele_le == ecrire(MAINTENANT)
    assert demande.modifie_le == ecrire(il_y_a(10)), "a reminder is no touch"
    assert demande.veille_le == ecrire(MAINTENANT + timedelta(days=5))
    assert evenements() == ["BrouillonRappele"]
    assert chaine_intacte(wiring.demandes().journal("d1"), demande)


def test_un_brouillon_de_quinze_jours_rappele_est_clos_et_sort_de_l_index(dynamodb: Any) -> None:
    deposer_brouillon(touche=15, rappele=5)

    assert passer() == {"classes": 1}
    assert passer() == {}

    demande = wiring.demandes().lire("d1")
    assert (demande.statut, demande.veille, demande.veille_le) == (Statut.CLASSEE_SANS_SUITE, None, None)
    assert evenements() == ["DemandeClasseeSansSuite"]


def test_la_cloture_libere_le_timbre(dynamodb: Any) -> None:
    demande = deposer_brouillon(touche=10)
    timbre = Timbre(numero=TIMBRE, etat=EtatTimbre.RESERVE, montant_centimes=2500, demande_id="d1")
    paiement = Paiement(etat=EtatPaiement.RESERVE, montant_centimes=2500, numero_timbre=TIMBRE)
    assert wiring.demandes().encaisser(demande, paiement, timbre, il_y_a(10))

    passer()
    assert passer(MAINTENANT + timedelta(days=5)) == {"classes": 1}

    libere = wiring.demandes().timbre(TIMBRE)
    assert libere is not None
    assert (libere.etat, libere.demande_id) == (EtatTimbre.LIBRE, None)
    paye = wiring.demandes().lire("d1").paiement
    assert paye is not None
    assert paye.etat is EtatPaiement.LIBERE


def test_un_brouillon_touche_est_replanifie_sans_evenement(dynamodb: Any) -> None:
    deposer_brouillon(touche=10)
    toucher()

    assert passer() == {"replanifies": 1}
    assert passer() == {}
    assert wiring.demandes().lire("d1").veille_le == ecrire(MAINTENANT + timedelta(days=10))
    assert evenements() == []


def test_un_brouillon_touche_pendant_le_passage_n_est_ni_rappele_ni_clos(dynamodb: Any) -> None:
    """The person saves a step between our read and our write."""
    deposer_brouillon(touche=10)

    class LuPuisTouche:
        """The store, where a step is saved right after each read."""

        def __getattr__(self, nom: str) -> Any:
            return getattr(wiring.demandes(), nom)

        def lire(self, demande_id: str) -> Demande:
            lue = wiring.demandes().lire(demande_id)
            toucher(demande_id)
            return lue

    assert veiller(LuPuisTouche(), MAINTENANT, JOUR, lambda: "corr-veille") == {"conflits": 1}
    assert evenements() == []
    assert passer() == {"replanifies": 1}


def test_un_brouillon_illisible_ne_retient_pas_les_autres(dynamodb: Any) -> None:
    deposer_brouillon(touche=10, id_="d1")
    deposer_brouillon(touche=10, id_="d2")
    dynamodb.update_item(
        TableName="permis-demandes",
        Key={"id": {"S": "d1"}, "element": {"S": "DEMANDE"}},
        UpdateExpression="SET motif = :inconnu",
        ExpressionAttributeValues={":inconnu": {"S": "motif-d-une-autre-epoque"}},
    )

    assert passer() == {"erreurs": 1, "rappeles": 1}
    assert evenements("d2") == ["BrouillonRappele"]
    with pytest.raises(VeilleIncomplete):
        tache({}, ContexteLambda())


def test_un_passage_s_arrete_avant_la_fin_de_son_temps(dynamodb: Any) -> None:
    for rang in range(3):
        deposer_brouillon(touche=10, id_=f"d{rang}")
    reste = iter((True, True, False))

    comptes = veiller(wiring.demandes(), MAINTENANT, JOUR, lambda: "corr-veille", lambda: next(reste))

    assert comptes == {"rappeles": 2}
    assert passer() == {"rappeles": 1}


def test_un_passage_est_borne(dynamodb: Any) -> None:
    for rang in range(LOT + 1):
        deposer_brouillon(touche=1, id_=f"d{rang}")

    assert passer() == {"replanifies": LOT}
    assert passer() == {"replanifies": 1}


def test_un_rappel_coute_une_lecture_et_une_transaction(dynamodb: Any) -> None:
    deposer_brouillon(touche=10)
    wiring.demandes()

    with compter_appels() as appels:
        passer()

    assert appels == [AppelAws("dynamodb", "Query"), LECTURE, TRANSACTION]


def deposee(id_: str = "d1") -> Demande:
    demande = deposer_brouillon(touche=0, id_=id_)
    depot = Changement(
        "DemandeDeposee",
        Auteur("usager", "c1"),
        MAINTENANT,
        "corr-depot",
        vers=Statut.DEPOSEE,
        poser={"numero": "12441542134215461243643"},
        oter=("veille", "veille_le"),
    )
    return wiring.demandes().transiter(demande, depot)


def test_une_demande_deposee_entre_en_controle_en_une_transaction(dynamodb: Any) -> None:
    deposee()

    with compter_appels() as appels:
        statut = prendre_en_controle("d1", wiring.demandes(), MAINTENANT, "corr-depot")

    assert statut is Statut.EN_CONTROLE
    assert appels == [LECTURE, TRANSACTION]
    demande = wiring.demandes().lire("d1")
    assert demande.statut is Statut.EN_CONTROLE
    assert evenements() == ["DemandeDeposee", "ControleCommence"]
    derniere = wiring.demandes().journal("d1")[-1]
    assert (derniere.auteur_genre, derniere.auteur_id) == ("systeme", "prendre_en_controle")
    assert (derniere.statut, derniere.correlation_id) == (Statut.EN_CONTROLE, "corr-depot")


def test_la_tache_doublee_ne_recommence_rien(dynamodb: Any) -> None:
    deposee()

    statuts = [prendre_en_controle("d1", wiring.demandes(), MAINTENANT, "corr-depot") for _ in range(2)]

    assert statuts == [Statut.EN_CONTROLE] * 2
    assert evenements() == ["DemandeDeposee", "ControleCommence"]


def test_une_demande_retiree_avant_son_controle_reste_retiree(dynamodb: Any) -> None:
    retrait = Changement("DemandeRetiree", Auteur("usager", "c1"), MAINTENANT, "corr-retrait", vers=Statut.RETIREE)
    wiring.demandes().transiter(deposee(), retrait)

    assert prendre_en_controle("d1", wiring.demandes(), MAINTENANT, "corr-depot") is Statut.RETIREE
    assert evenements() == ["DemandeDeposee", "DemandeRetiree"]


def test_une_demande_inconnue_est_une_erreur_sans_reprise(dynamodb: Any) -> None:
    with pytest.raises(DemandeInconnue):
        prendre_en_controle("d9", wiring.demandes(), MAINTENANT, "corr-depot")
