"""A write that DynamoDB made and whose answer was lost: the SDK sends it again, and it is one success, told as such."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.adapters.clients import client
from chalicelib.demande.complement import repondre
from chalicelib.demande.comptes import StatutCompte, nouvelle_session, session_prolongee
from chalicelib.demande.erreurs import ConflitDeVersion
from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Adresse, Element, EtatPaiement, Motif, Paiement
from chalicelib.demande.ports_comptes import EtatInattendu
from tests.contract import test_complement
from tests.contract.tables import aws_simule
from tests.contract.test_comptes import T0, un_compte
from tests.dossiers import ADRESSE, DEMANDE_ID, MAINTENANT, brouillon, ecriture, prete
from tests.parcours import Parcours


@pytest.fixture
def dynamodb() -> Iterator[Any]:
    with aws_simule() as dynamodb_:
        yield dynamodb_


@contextmanager
def reponses_perdues() -> Iterator[list[str]]:
    """Lose the first answer to each write made inside; gives the names of those that were sent again."""
    renvoyes: list[str] = []

    def perdre(attempts: int, operation: Any, **_: Any) -> float | None:
        if attempts > 1 or operation.name not in ("UpdateItem", "PutItem", "TransactWriteItems"):
            return None
        renvoyes.append(operation.name)
        return 0.0

    evenements = client("dynamodb").meta.events
    evenements.register_first("needs-retry.dynamodb", perdre)
    try:
        yield renvoyes
    finally:
        evenements.unregister("needs-retry.dynamodb", perdre)


@pytest.mark.parametrize("corps", [{"motif": "perte"}, {"motif": "vol"}])
def test_une_etape_ecrite_une_fois_n_est_pas_en_conflit_avec_elle_meme(dynamodb: Any, corps: dict[str, str]) -> None:
    parcours = Parcours()
    with reponses_perdues() as renvoyes:
        resultat = parcours.appeler("PUT", "/demandes/{id}/motif/brouillon", corps, {"If-Match": '"1"'})
    assert (resultat.statut, resultat.entetes["etag"]) == (200, '"2"')
    assert renvoyes == ["UpdateItem"]
    assert parcours.reussir("GET", "/demandes/{id}")["version"] == 2


def test_le_client_qui_renvoie_lui_meme_apprend_la_version_courante(dynamodb: Any) -> None:
    parcours = Parcours()
    memes = [
        parcours.appeler("PUT", "/demandes/{id}/motif/brouillon", {"motif": "perte"}, {"If-Match": '"1"'})
        for _ in range(2)
    ]
    assert [resultat.statut for resultat in memes] == [200, 412]
    assert memes[1].corps["version"] == 2


def test_l_ecriture_d_un_autre_reste_un_conflit_meme_quand_la_notre_est_renvoyee(dynamodb: Any) -> None:
    demandes = wiring.demandes()
    demandes.creer(brouillon())
    demandes.modifier(DEMANDE_ID, ecriture(poser={"motif": Motif.VOL}))
    with reponses_perdues(), pytest.raises(ConflitDeVersion):
        demandes.modifier(DEMANDE_ID, ecriture(poser={"motif": Motif.PERTE}, si_version=1))


def test_une_reponse_a_une_suspension_ecrite_une_fois_n_est_pas_en_conflit_avec_elle_meme(dynamodb: Any) -> None:
    demandes = wiring.demandes()
    voie = Element(cible="adresse.nom_voie", motif="inexacte")
    demande = test_complement.suspendue(demandes, voie)
    reponse = repondre(demande, "adresse", Adresse.model_validate({**ADRESSE, "nom_voie": "Neuve"}), MAINTENANT)
    modification = ecriture(poser={"suspension": reponse}, suspension=1, si_version=demande.version)
    with reponses_perdues() as renvoyes:
        ecrite = demandes.modifier(DEMANDE_ID, modification)
    assert renvoyes == ["UpdateItem"]
    assert ecrite == demandes.lire(DEMANDE_ID)
    assert (ecrite.version, ecrite.suspension) == (demande.version + 1, reponse)


def test_ce_que_la_boutique_ou_la_machine_font_noter_se_note_une_fois(dynamodb: Any) -> None:
    demandes = wiring.demandes()
    demandes.creer(prete())
    refuse = Paiement(etat=EtatPaiement.REFUSE, montant_centimes=2500)
    with reponses_perdues():
        demandes.noter_paiement(demandes.lire(DEMANDE_ID), refuse, MAINTENANT)
        commandee = demandes.noter_commande(demandes.lire(DEMANDE_ID), ecrire(MAINTENANT))
    assert demandes.lire(DEMANDE_ID) == commandee
    assert (commandee.version, commandee.paiement) == (3, refuse)


def test_une_session_renouvelee_l_est_une_fois(dynamodb: Any) -> None:
    compte = un_compte(statut=StatutCompte.ACTIF, expire=None)
    wiring.comptes().installer(compte)
    sessions = wiring.sessions()
    session = nouvelle_session(compte, "s1", T0)
    sessions.ouvrir(compte, session, T0)
    suivante = session_prolongee(session, "s2", T0 + 10)
    with reponses_perdues() as renvoyes:
        sessions.remplacer("s1", suivante)
    assert renvoyes == ["UpdateItem"]
    assert (sessions.lire("c1", "s1"), sessions.lire("c1", "s2")) == (None, suivante)


def test_qui_n_a_pas_recu_son_jeton_neuf_se_connecte_de_nouveau(dynamodb: Any) -> None:
    """The old jeton has no grace: it would outlive its renewal in the hands of whoever stole it."""
    compte = un_compte(statut=StatutCompte.ACTIF, expire=None)
    wiring.comptes().installer(compte)
    sessions = wiring.sessions()
    session = nouvelle_session(compte, "s1", T0)
    sessions.ouvrir(compte, session, T0)
    sessions.remplacer("s1", session_prolongee(session, "s2", T0 + 10))
    with pytest.raises(EtatInattendu):
        sessions.remplacer("s1", session_prolongee(session, "s3", T0 + 10))
    sessions.ouvrir(compte, nouvelle_session(compte, "s4", T0 + 20), T0 + 20)
    assert sessions.lire("c1", "s4") is not None
