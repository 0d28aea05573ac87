"""What the senders read of the accounts, as the accounts' own adapter writes it."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.demande.codes import UsageCode
from chalicelib.demande.comptes import Compte, Contexte, Defi, StatutCompte
from chalicelib.demande.ports_notifications import ContactDeCompte, EvenementDeCompte
from tests.contract.tables import aws_simule

MAINTENANT = 1_795_000_000
APPEL = Contexte(MAINTENANT, "corr-0001", lambda: "nonce-1")
DEFI = Defi("signature", MAINTENANT + 60)


@pytest.fixture
def aws() -> Iterator[Any]:
    with aws_simule() as dynamodb:
        yield dynamodb


def compte() -> Compte:
    return Compte(
        compte_id="c1",
        identifiant="p.corneille",
        statut=StatutCompte.ACTIF,
        prenom="Pierre",
        nom="Corneille",
        email="pierre@exemple.fr",
        sexe="M",
        telephone="0612345678",
        question_secrete="Votre premier animal",
        reponse_secrete="$argon2id$x",
        mot_de_passe="$argon2id$y",
        cgu_acceptees_le="2026-11-24T10:00:00.000Z",
        cree_le="2026-11-24T10:00:00.000Z",
    )


def test_le_contact_d_un_compte_est_ce_qu_il_faut_pour_lui_ecrire(aws: Any) -> None:
    wiring.comptes().installer(compte())

    assert wiring.contacts().compte("c1") == ContactDeCompte(
        statut=StatutCompte.ACTIF, identifiant="p.corneille", email="pierre@exemple.fr", telephone="0612345678"
    )


def test_un_compte_ou_un_evenement_inconnu_est_absent(aws: Any) -> None:
    assert wiring.contacts().compte("c2") is None
    assert wiring.contacts().evenement("c1", "e1") is None


def test_un_compte_ferme_n_a_plus_d_adresse_mais_son_evenement_la_garde(aws: Any) -> None:
    wiring.comptes().installer(compte())
    ferme = APPEL.evenement("c1", "CompteFerme", email="pierre@exemple.fr")

    wiring.comptes().fermer(compte(), ferme, MAINTENANT)

    assert wiring.contacts().compte("c1") == ContactDeCompte(statut=StatutCompte.FERME)
    assert wiring.contacts().evenement("c1", ferme.evenement_id) == EvenementDeCompte(email="pierre@exemple.fr")


def test_un_evenement_de_code_donne_son_usage_et_son_nonce(aws: Any) -> None:
    wiring.comptes().installer(compte())
    code = APPEL.code("c1", UsageCode.MOT_DE_PASSE)
    evenement = APPEL.evenement_de_code("CodeMotDePasse", code)

    wiring.comptes().emettre([], DEFI, [code], [evenement])

    assert wiring.contacts().evenement("c1", evenement.evenement_id) == EvenementDeCompte(
        usage="mot_de_passe", nonce="nonce-1", valable_jusqua=evenement.donnees["valable_jusqua"]
    )


def test_qui_est_revenu_se_lit_dans_son_contact(aws: Any) -> None:
    wiring.comptes().installer(compte().model_copy(update={"derniere_connexion_le": "2029-01-01T00:00:00.000Z"}))

    contact = wiring.contacts().compte("c1")

    assert contact is not None
    assert contact.derniere_connexion_le == "2029-01-01T00:00:00.000Z"


def test_un_evenement_sans_rien_de_plus_n_est_pas_absent(aws: Any) -> None:
    wiring.comptes().installer(compte())
    evenement = APPEL.evenement("c1", "IdentifiantOublie")

    wiring.comptes().emettre([], DEFI, [], [evenement])

    assert wiring.contacts().evenement("c1", evenement.evenement_id) == EvenementDeCompte()
