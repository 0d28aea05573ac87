"""The agent's decisions over their routes: what the SNPC says of the rights, what is kept of it, what is refused."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.demande.ports_externes import DossierSnpc, Droit
from chalicelib.demande.verification import chaine_intacte
from chalicelib.http import Identite
from chalicelib.instruction import refuser
from tests.agents import AGENT, CHEF, deposer
from tests.appel import Resultat, appeler
from tests.compteur import compter_appels
from tests.contract.tables import aws_simule
from tests.dossiers import DEMANDE_ID, paiement_reserve
from tests.droits import relever_droits
from tests.ports import Exterieur, exterieur_simule

VALIDATION = "/instruction/demandes/{id}/validation"
REFUS = "/instruction/demandes/{id}/refus"
FAITS = "Les pièces jointes ne sont pas celles du demandeur."
CORNEILLE = DossierSnpc(
    numero_dossier="13572A7654",
    etat="VALIDE",
    points=12,
    points_max=12,
    droits=(Droit("B", "valide", "1975-05-02"),),
    nom="CORNEILLE",
    prenoms=("PIERRE",),
    date_naissance="01/01/1956",
    sexe="M",
)
SUSPENDU = dataclasses.replace(CORNEILLE, etat="SUSPENDU")


@pytest.fixture(autouse=True)
def exterieur() -> Iterator[Exterieur]:
    with aws_simule(), exterieur_simule() as simules:
        yield simules


def decider(route: str, corps: Any = None, qui: Identite = AGENT, **autres: Any) -> Resultat:
    return appeler("POST", route, {"id": DEMANDE_ID}, corps, qui, **autres)


def refuser_pour(motif: str, message: Any = FAITS, **autres: Any) -> Resultat:
    return decider(REFUS, {"motif": motif, "message": message}, **autres)


def connaitre(exterieur: Exterieur, conducteur: DossierSnpc) -> None:
    exterieur.snpc.conducteurs[conducteur.numero_dossier] = conducteur


def phrases(refus: Resultat, champ: str) -> list[str]:
    assert refus.statut == 422, refus
    return [erreur["message"] for erreur in refus.corps["erreurs"] if erreur["champ"] == champ]


# -- validation


@pytest.mark.parametrize("corps", [None, "", {}], ids=["sans corps", "vide", "objet vide"])
def test_une_validation_n_a_pas_besoin_de_corps(exterieur: Exterieur, corps: Any) -> None:
    connaitre(exterieur, CORNEILLE)
    deposer()
    assert decider(VALIDATION, corps).corps["statut"] == "validee"


@pytest.mark.parametrize("corps", ["null", "[]", "{"])
def test_un_corps_qui_n_est_pas_un_objet_reste_refuse(exterieur: Exterieur, corps: str) -> None:
    connaitre(exterieur, CORNEILLE)
    deposer()
    assert decider(VALIDATION, corps).statut == 422


def test_un_refus_sans_corps_dit_ce_qui_manque() -> None:
    deposer()
    assert decider(REFUS).statut == 422


def test_un_brouillon_perdu_en_route_n_efface_pas_celui_d_avant() -> None:
    assert appeler("PUT", "/demandes/{id}/etat-civil/brouillon", {"id": DEMANDE_ID}, None, AGENT).statut == 422


def test_des_droits_etablis_autrement_laissent_une_trace_sur_la_demande_et_dans_son_journal() -> None:
    deposer()
    assert decider(VALIDATION).statut == 409
    assert decider(VALIDATION, {"droits_etablis_autrement": True}).statut == 200
    demande, (entree,) = wiring.demandes().lire(DEMANDE_ID), wiring.demandes().journal(DEMANDE_ID)
    assert (demande.droits_etablis_autrement, entree.droits_etablis_autrement) == (True, True)
    assert (entree.evenement, entree.auteur_id) == ("DemandeValidee", AGENT.compte_id)
    assert chaine_intacte([entree], demande)
    dossier = appeler("GET", "/instruction/demandes/{id}", {"id": DEMANDE_ID}, identite=AGENT).corps
    assert dossier["demande"]["droits_etablis_autrement"] is True
    historique = appeler("GET", "/instruction/demandes/{id}/historique", {"id": DEMANDE_ID}, identite=AGENT).corps
    assert historique["elements"][0]["droits_etablis_autrement"] is True
    verification = appeler(
        "GET", "/instruction/demandes/{id}/historique/verification", {"id": DEMANDE_ID}, identite=AGENT
    )
    assert verification.corps["intacte"] is True


def test_une_validation_ordinaire_n_en_dit_rien(exterieur: Exterieur) -> None:
    connaitre(exterieur, CORNEILLE)
    deposer()
    decider(VALIDATION)
    (entree,) = wiring.demandes().journal(DEMANDE_ID)
    assert (wiring.demandes().lire(DEMANDE_ID).droits_etablis_autrement, entree.droits_etablis_autrement) == (None,) * 2
    dossier = appeler("GET", "/instruction/demandes/{id}", {"id": DEMANDE_ID}, identite=AGENT).corps
    assert dossier["demande"]["droits_etablis_autrement"] is False


# -- refus


@pytest.mark.parametrize(
    ("message", "phrase"),
    [
        ("", "Ce champ est obligatoire."),
        ("   ", "Ce champ est obligatoire."),
        ("Non.", "10 caractères au moins sont attendus."),
        ("  Non.        ", "10 caractères au moins sont attendus."),
        ("x" * 2001, "2000 caractères au plus sont acceptés."),
        (FAITS + "\x00", "Le texte contient des caractères invisibles ou illisibles : ressaisissez-le."),
        (FAITS + "\u202e", "Le texte contient des caractères invisibles ou illisibles : ressaisissez-le."),
        (FAITS + "\u200b", "Le texte contient des caractères invisibles ou illisibles : ressaisissez-le."),
    ],
)
def test_le_message_d_un_refus_est_un_texte_lisible_et_assez_long(message: str, phrase: str) -> None:
    assert phrases(refuser_pour("fraude", message), "message") == [phrase]


def test_le_message_d_un_refus_garde_ses_lignes() -> None:
    deposer(paiement=None)
    assert refuser_pour("fraude", "Première raison.\r\nSeconde raison.").statut == 200
    decision = wiring.demandes().lire(DEMANDE_ID).decision
    assert decision is not None
    assert decision.message == "Première raison.\nSeconde raison."


@pytest.mark.parametrize("motif", ["droits_inconnus", "droits_non_valides"])
def test_un_refus_pour_les_droits_attend_le_snpc(exterieur: Exterieur, motif: str) -> None:
    exterieur.snpc.en_panne = True
    demande = deposer(paiement=None)
    refus = refuser_pour(motif)
    assert (refus.statut, "retry-after" in refus.entetes) == (503, True)
    assert wiring.demandes().lire(DEMANDE_ID) == demande
    assert refuser_pour("fraude").statut == 200, "another motif does not wait for it"


@pytest.mark.parametrize(
    ("conducteur", "motif", "statut"),
    [
        (CORNEILLE, "droits_inconnus", 409),
        (CORNEILLE, "droits_non_valides", 409),
        (SUSPENDU, "droits_inconnus", 409),
        (SUSPENDU, "droits_non_valides", 200),
        (None, "droits_inconnus", 200),
        (None, "droits_non_valides", 200),
    ],
)
def test_un_refus_pour_les_droits_ne_contredit_pas_le_snpc(
    exterieur: Exterieur, conducteur: DossierSnpc | None, motif: str, statut: int
) -> None:
    if conducteur is not None:
        connaitre(exterieur, conducteur)
    deposer(paiement=None)
    refus = refuser_pour(motif)
    assert (refus.statut, exterieur.snpc.appels) == (statut, 1)
    if statut == 409:
        assert refus.corps["detail"].endswith("choisissez un autre motif.")


def test_le_snpc_n_est_pas_derange_pour_ce_qui_ne_peut_pas_etre_refuse(exterieur: Exterieur) -> None:
    deposer(agent=CHEF.compte_id, agent_nom="Charles Service", bail_jusqua="2999-01-01T00:00:00.000Z")
    refus = refuser_pour("droits_inconnus")
    assert (refus.statut, "Charles Service" in refus.corps["detail"], exterieur.snpc.appels) == (409, True, 0)


def test_un_refus_coute_une_lecture_et_une_transaction_avec_les_seuls_droits_de_la_fonction() -> None:
    deposer(paiement=None)
    with compter_appels() as appels, relever_droits() as droits:
        assert refuser_pour("droits_inconnus").statut == 200
    assert [appel.operation for appel in appels] == ["GetItem", "TransactWriteItems"]
    assert all(set(actions) <= set(refuser.FONCTION.droits[table]) for table, actions in droits.items())
    assert "URL_SNPC" in refuser.FONCTION.variables


def test_un_timbre_ne_montre_aux_agents_que_ses_quatre_derniers_chiffres() -> None:
    deposer(paiement=paiement_reserve(etat="libere"))
    vu = appeler("GET", "/instruction/demandes/{id}", {"id": DEMANDE_ID}, identite=AGENT).corps["demande"]
    assert vu["paiement"]["numero_timbre"] == "••••••••••••3456"
