"""The state machine on the running service, each function under its role: every branch of it is taken.

Executions are told short waits in their input: nothing here waits for a real deadline.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.demande.instants import ecrire
from chalicelib.demande.journal import Auteur
from chalicelib.demande.machine import COMMANDE_S, REMPLACEE
from chalicelib.demande.modeles import Demande, EtatPhoto, PhotoSignature, Statut
from chalicelib.demande.statuts import FINALS
from chalicelib.demande.verification import chaine_intacte
from chalicelib.demande.vie import SIGNAL, passer
from chalicelib.workflow.echeance import VIE_MAX
from demo.client import attendre
from infra.local.simulateurs.socle import ouvrir
from tests.dossiers import piece
from tests.runtime import ServiceDEssai
from tests.workflow.atelier import JOUR_S, Atelier, Execution, branches, prises

S = Statut
AGENT = Auteur("agent", "a1")


@pytest.fixture(scope="module")
def etabli(runtime: ServiceDEssai) -> Atelier:
    return Atelier(runtime)


@pytest.fixture
def atelier(etabli: Atelier) -> Iterator[Atelier]:
    """Each test ends all that it began: the reconciler has nothing of it to look at."""
    yield etabli
    etabli.ranger()


def il_y_a(**duree: float) -> datetime:
    return datetime.now(UTC) - timedelta(**duree)


def photo(etat: EtatPhoto, code: str) -> PhotoSignature:
    return PhotoSignature(mode="numerique", code=code, etat=etat)


def chez_l_usager(statut: Statut, depuis_jours: float) -> dict[str, Any]:
    """A deadline of 60 days that began ``depuis_jours`` ago."""
    return {
        "statut": statut,
        "chez_usager_depuis": ecrire(il_y_a(days=depuis_jours)),
        "echeance": ecrire(il_y_a(days=depuis_jours - 60)),
    }


def transiter(atelier: Atelier, demande: Demande, evenement: str, vers: Statut, auteur: Auteur = AGENT) -> Demande:
    """An action of somebody, as its function writes it."""
    changement = passer(
        atelier.lire(demande), evenement, auteur, datetime.now(UTC), "corr-essai", jour_s=JOUR_S, vers=vers
    )
    return atelier.demandes.transiter(atelier.lire(demande), changement)


@contextmanager
def panne(atelier: Atelier, service: str, mode: str, delai_s: float = 0) -> Iterator[None]:
    atelier.regler(service, mode, delai_s)
    try:
        yield
    finally:
        atelier.regler(service, "aucune")


# -- a whole life


def test_une_vie_sans_suspension_entre_dans_huit_etats(atelier: Atelier) -> None:
    """The stream's consumer starts it and signals it; the printer tells the rest."""
    maintenant = datetime.now(UTC)
    brouillon = atelier.demande(S.BROUILLON, deposee_le=None, autorite=None, numero=None)
    brouillon = atelier.lire(brouillon).model_copy(update={"photo_signature": None})
    deposee = passer(
        brouillon,
        "DemandeDeposee",
        Auteur("usager", brouillon.usager),
        maintenant,
        "corr-essai",
        jour_s=JOUR_S,
        vers=S.DEPOSEE,
        poser={
            "numero": wiring.nouveau_numero(),
            "deposee_le": ecrire(maintenant),
            "photo_signature": PhotoSignature(mode="talon", etat=EtatPhoto.VALIDE),
        },
    )
    demande = atelier.demandes.transiter(brouillon, deposee)
    execution = atelier.execution(demande)
    execution.passe("SelonStatut", "Controler", "Attendre")
    atelier.attend(demande)

    transiter(atelier, demande, "DemandeValidee", S.VALIDEE)
    attendre(lambda: atelier.commandes(demande), bool, "la commande")
    for evenement in ("accepte", "produit", "expedie", "distribue"):
        atelier.client.appeler("POST", f"/dev/production/{demande.numero}", {"evenement": evenement})

    execution.finit()
    assert execution.etats == [
        "SelonStatut",
        "Controler",
        "Attendre",
        "SelonStatut",
        "Commander",
        "Attendre",
        "SelonStatut",
        "Fin",
    ]
    assert atelier.evenements(demande) == [
        "DemandeDeposee",
        "ControleCommence",
        "ControleTermine",
        "DemandeValidee",
        "CommandeAcceptee",
        "TitreProduit",
        "TitreExpedie",
        "TitreDistribue",
    ]
    assert chaine_intacte(atelier.demandes.journal(demande.id), atelier.lire(demande))
    assert len(atelier.commandes(demande)) == 1


# -- started at any point


@pytest.mark.parametrize("statut", [*sorted(FINALS), REMPLACEE])
def test_ou_plus_rien_n_est_attendu_elle_finit(statut: str, atelier: Atelier) -> None:
    demande = atelier.demande(S.EN_INSTRUCTION if statut == REMPLACEE else S(statut))
    execution = atelier.demarrer(demande, statut=statut)

    execution.finit()

    assert execution.etats == ["SelonStatut", "Fin"]
    assert atelier.lire(demande) == demande
    assert atelier.evenements(demande) == []


@pytest.mark.parametrize(
    "champs",
    [
        {"statut": S.EN_CONTROLE},
        chez_l_usager(S.ATTENTE_PHOTO, 1),
        {"statut": S.EN_INSTRUCTION},
        chez_l_usager(S.SUSPENDUE, 1),
        {"statut": S.EN_PRODUCTION, "commande_le": ecrire(il_y_a(days=1))},
        {"statut": S.EXPEDIEE, "commande_le": ecrire(il_y_a(days=1))},
        {"statut": S.NON_DISTRIBUEE, "commande_le": ecrire(il_y_a(days=1)), "retours": 1},
    ],
    ids=lambda champs: str(champs["statut"]),
)
def test_ou_quelqu_un_doit_agir_elle_attend_en_sachant_ou(champs: dict[str, Any], atelier: Atelier) -> None:
    demande = atelier.demande(**champs)
    execution = atelier.demarrer(demande)

    atelier.attend(demande)

    assert execution.etats == ["SelonStatut", "Attendre"]
    assert atelier.reprises.lire(demande.id).sait(demande)
    assert atelier.lire(demande) == demande


def test_deposee_elle_passe_le_controle_et_l_operateur_garde_ce_qu_il_doit_voir(atelier: Atelier) -> None:
    sure, douteuse = atelier.demande(S.DEPOSEE), atelier.demande(S.DEPOSEE, pieces_deposees=["000000000000000a"])
    atelier.demandes.ajouter_piece(piece("avis_medical", 10, demande_id=douteuse.id))
    executions = [atelier.demarrer(demande) for demande in (sure, douteuse)]

    for demande, execution in zip((sure, douteuse), executions, strict=True):
        execution.passe("SelonStatut", "Controler", "Attendre")
        atelier.attend(demande)
    assert [atelier.lire(demande).statut for demande in (sure, douteuse)] == [S.ATTENTE_PHOTO, S.EN_CONTROLE]
    # It waits knowing what its own task has just written.
    assert all(atelier.reprises.lire(demande.id).sait(atelier.lire(demande)) for demande in (sure, douteuse))


def test_un_controle_deja_passe_n_est_pas_refait(atelier: Atelier) -> None:
    demande = atelier.demande(S.EN_INSTRUCTION)
    execution = atelier.demarrer(demande, statut="deposee")

    execution.passe("SelonStatut", "Controler", "Attendre")

    assert atelier.lire(demande) == demande
    assert atelier.evenements(demande) == []


def test_deux_executions_d_un_meme_depot_n_ouvrent_qu_un_controle(atelier: Atelier) -> None:
    demande = atelier.demande(S.DEPOSEE, generation=2)
    executions = [atelier.demarrer(demande, generation=generation) for generation in (1, 2)]

    for execution in executions:
        attendre(lambda e=execution: e.etats, lambda lus: "Attendre" in lus, "l'attente", pause_s=0.05)  # type: ignore[misc]
    atelier.attend(demande, generation=2)

    assert atelier.evenements(demande) == ["ControleCommence", "PhotoAttendue"]
    assert all(execution.etats[:3] == ["SelonStatut", "Controler", "Attendre"] for execution in executions)


def test_validee_elle_commande_et_recommander_est_une_seule_commande(atelier: Atelier) -> None:
    """Received only: the printer will say later that it accepts; nobody waits longer than a few minutes for it."""
    demande = atelier.demande(S.VALIDEE)
    execution = atelier.demarrer(demande)
    execution.passe("SelonStatut", "Commander", "Attendre")
    premier = atelier.attend(demande)
    assert (atelier.lire(demande).statut, atelier.lire(demande).commande_le is not None) == (S.VALIDEE, True)

    atelier.reveiller(demande)
    execution.passe("SelonStatut", "Commander", "Attendre", "SelonStatut", "Commander", "Attendre")

    attendre(lambda: atelier.attend(demande), lambda jeton: jeton != premier, "un autre jeton", pause_s=0.05)
    assert len(atelier.commandes(demande)) == 1
    attente = [e for e in execution.histoire if "stateExitedEventDetails" in e][-1]["stateExitedEventDetails"]["output"]
    assert f'"secondes": {COMMANDE_S}' in attente


def test_une_commande_acceptee_sur_le_champ_met_en_production(atelier: Atelier) -> None:
    demande = atelier.demande(S.VALIDEE)
    with ouvrir(atelier.service.reglages.etat) as imprimeur:
        imprimeur.execute("INSERT INTO commandes VALUES (?, 0, '{}', 'acceptee', 0)", (demande.numero,))
    execution = atelier.demarrer(demande)

    execution.passe("SelonStatut", "Commander", "Attendre")
    atelier.attend(demande)

    assert atelier.lire(demande).statut is S.EN_PRODUCTION
    assert atelier.evenements(demande) == ["CommandeAcceptee"]


def test_un_titre_revenu_est_commande_a_nouveau_sous_son_rang(atelier: Atelier) -> None:
    demande = atelier.demande(S.EXPEDIEE, commande_le=None, retours=1)
    execution = atelier.demarrer(demande)

    execution.passe("SelonStatut", "Commander", "Attendre")
    atelier.attend(demande)

    assert [commande["rang"] for commande in atelier.commandes(demande)] == [1]
    assert atelier.lire(demande).commande_le is not None
    assert atelier.reprises.lire(demande.id).sait(atelier.lire(demande))


# -- what ends a wait


def test_un_signal_mene_ou_est_la_demande_et_la_marque_s_efface(atelier: Atelier) -> None:
    demande = atelier.demande(S.EN_INSTRUCTION)
    execution = atelier.demarrer(demande)
    atelier.attend(demande)

    transiter(atelier, demande, "DemandeRefusee", S.REFUSEE)

    execution.finit()
    assert execution.etats == ["SelonStatut", "Attendre", "SelonStatut", "Fin"]
    attendre(lambda: atelier.lire(demande).veille, lambda veille: veille is None, "la marque effacée")


@pytest.mark.parametrize(
    ("statut", "evenement"), [(S.SUSPENDUE, "ComplementRappele"), (S.ATTENTE_PHOTO, "PhotoRappelee")]
)
def test_un_rappel_vient_a_son_jour_et_l_attente_reprend(statut: Statut, evenement: str, atelier: Atelier) -> None:
    demande = atelier.demande(**chez_l_usager(statut, 31))
    execution = atelier.demarrer(demande, secondes=1)

    execution.passe("SelonStatut", "Attendre", "Echeance", "SelonStatut", "Attendre")

    attendre(lambda: atelier.reprises.lire(demande.id).sait(atelier.lire(demande)), bool, "l'attente suivante")
    assert execution.echecs() == ["States.Timeout"]
    assert atelier.evenements(demande) == [evenement]


@pytest.mark.parametrize("statut", [S.SUSPENDUE, S.ATTENTE_PHOTO])
def test_le_delai_passe_classe_la_demande(statut: Statut, atelier: Atelier) -> None:
    demande = atelier.demande(**chez_l_usager(statut, 60))
    execution = atelier.demarrer(demande)

    execution.finit()

    assert execution.etats == ["SelonStatut", "Attendre", "Echeance", "SelonStatut", "Fin"]
    assert atelier.lire(demande).statut is S.CLASSEE_SANS_SUITE
    assert atelier.evenements(demande) == ["DemandeClasseeSansSuite"]


def test_une_photo_activee_sans_avis_est_vue_au_rendez_vous(atelier: Atelier) -> None:
    code = atelier.client.code_photo()
    attente = chez_l_usager(S.ATTENTE_PHOTO, 1)
    demande = atelier.demande(**attente, photo_signature=photo(EtatPhoto.EN_ACTIVATION, code), photo_attendue=code)
    execution = atelier.demarrer(demande, secondes=1)

    execution.passe("SelonStatut", "Attendre", "Echeance", "SelonStatut", "Attendre")

    assert atelier.lire(demande).statut is S.EN_INSTRUCTION
    assert atelier.evenements(demande) == ["PhotoRecue"]


def test_un_signal_venu_entre_deux_attentes_n_est_pas_manque(atelier: Atelier) -> None:
    """It left word of version 2; a wait that begins knowing version 1 is refused."""
    demande = atelier.demande(S.REFUSEE, version=2)
    atelier.reprises.annoncer(demande)
    execution = atelier.demarrer(demande, statut="en_instruction", version=1, secondes=600)

    execution.finit()

    assert execution.etats == ["SelonStatut", "Attendre", "Echeance", "SelonStatut", "Fin"]
    assert execution.echecs() == ["DynamoDb.ConditionalCheckFailedException"]
    assert atelier.reprises.lire(demande.id).jeton is None


@pytest.mark.parametrize("statut", [S.EN_INSTRUCTION, S.VALIDEE])
def test_une_execution_remplacee_s_en_va_sans_rien_faire(statut: Statut, atelier: Atelier) -> None:
    """Of a validated demande too: its order is the other one's to place."""
    demande = atelier.demande(statut, generation=2)
    autre = atelier.demarrer(demande)
    atelier.attend(demande, generation=2)
    avant, commandes = atelier.lire(demande), len(atelier.commandes(demande))

    execution = atelier.demarrer(demande, generation=1, statut="en_instruction", a_commander=False)

    execution.finit()
    assert execution.etats == ["SelonStatut", "Attendre", "Echeance", "SelonStatut", "Fin"]
    assert execution.echecs() == ["DynamoDb.ConditionalCheckFailedException"]
    assert (atelier.lire(demande), len(atelier.commandes(demande))) == (avant, commandes)
    assert (autre.statut, atelier.reprises.lire(demande.id).generation) == ("RUNNING", 2)


def test_une_attente_rompue_fait_echouer_au_grand_jour(atelier: Atelier) -> None:
    demande = atelier.demande(S.EN_INSTRUCTION)
    execution = atelier.demarrer(demande)

    atelier.stepfunctions.send_task_failure(taskToken=atelier.attend(demande), error="Rupture", cause="essai")

    finie = execution.finit("FAILED")
    assert (finie["error"], execution.etats) == ("SuiviEchoue", ["SelonStatut", "Attendre", "SignalerEchec"])


# -- tasks that fail


@pytest.mark.parametrize(
    ("du_point", "etats"),
    [
        ({"statut": "deposee"}, ["SelonStatut", "Controler", "SignalerEchec"]),
        ({"secondes": 1}, ["SelonStatut", "Attendre", "Echeance", "SignalerEchec"]),
        ({"a_commander": True}, ["SelonStatut", "Commander", "SignalerEchec"]),
    ],
    ids=["Controler", "Echeance", "Commander"],
)
def test_ce_qui_ne_changerait_pas_n_est_pas_recommence(
    du_point: dict[str, Any], etats: list[str], atelier: Atelier
) -> None:
    inconnue = atelier.demande(S.EN_INSTRUCTION)
    illisible = atelier.demande(S.EN_INSTRUCTION)
    atelier.oublier(inconnue)
    atelier.corriger(illisible, motif="motif-d-une-autre-epoque")
    suivies = [atelier.demarrer(demande, **du_point) for demande in (inconnue, illisible)]

    fins = [execution.finit("FAILED") for execution in suivies]

    assert [fin["error"] for fin in fins] == ["SuiviEchoue", "SuiviEchoue"]
    assert [execution.etats for execution in suivies] == [etats, etats]
    assert [execution.echecs()[-1] for execution in suivies] == ["DemandeInconnue", "DonneesIllisibles"]
    essais = [nom for nom in suivies[0].echecs() if nom != "States.Timeout"]
    assert essais == ["DemandeInconnue"], "one try, and no more"


def test_un_conflit_est_repris_sur_ce_qui_est_alors_ecrit(atelier: Atelier) -> None:
    """Somebody writes between what a task reads and what it writes: outside systems are slow meanwhile."""
    code, active = atelier.client.code_photo(), atelier.client.code_photo()
    deposee = atelier.demande(S.DEPOSEE, photo_signature=photo(EtatPhoto.VALIDE, code))
    attente = chez_l_usager(S.ATTENTE_PHOTO, 1)
    en_attente = atelier.demande(**attente, photo_signature=photo(EtatPhoto.EN_ACTIVATION, active))
    revenue = atelier.demande(S.EXPEDIEE, commande_le=None, retours=1)
    with panne(atelier, "photos", "lent", 0.4), panne(atelier, "producteur", "lent", 0.4):
        suivies = {
            deposee.id: atelier.demarrer(deposee),
            en_attente.id: atelier.demarrer(en_attente, secondes=1),
            revenue.id: atelier.demarrer(revenue),
        }
        fin = time.monotonic() + 30
        reste = {demande.id: demande for demande in (deposee, en_attente, revenue)}
        while reste:
            assert time.monotonic() < fin, f"sans conflit : {reste}"
            for id_, demande in list(reste.items()):
                atelier.corriger(demande)
                if "ConflitDeVersion" in suivies[id_].echecs():
                    del reste[id_]

    suivies[deposee.id].passe("SelonStatut", "Controler", "Attendre")
    suivies[en_attente.id].passe("SelonStatut", "Attendre", "Echeance", "SelonStatut", "Attendre")
    suivies[revenue.id].passe("SelonStatut", "Commander", "Attendre")
    assert atelier.evenements(deposee) == ["ControleCommence", "ControleTermine"]
    assert atelier.evenements(en_attente) == ["PhotoRecue"]
    assert [commande["rang"] for commande in atelier.commandes(revenue)] == [1]


@dataclass(frozen=True)
class Reprises:
    """Executions whose tasks are tried again, at the same time: the pauses between two tries are real."""

    sans_imprimeur: Demande
    en_panne: Execution
    imprevues: dict[str, Execution]


@pytest.fixture(scope="module")
def reprises(runtime: ServiceDEssai, etabli: Atelier) -> Iterator[Reprises]:
    a_part = Atelier(runtime)
    sans_imprimeur = a_part.demande(S.VALIDEE)
    sans_rien = a_part.demande(S.DEPOSEE, etat_civil=None)
    sans_instant = a_part.demande(S.SUSPENDUE)
    sans_adresse = a_part.demande(S.VALIDEE, adresse=None)
    incompletes = (sans_rien, sans_instant, sans_adresse)
    a_part.corriger(sans_instant, echeance="demain", chez_usager_depuis="hier")
    with panne(a_part, "producteur", "panne"):
        en_panne = a_part.demarrer(sans_imprimeur)
        imprevues = {
            "Controler": a_part.demarrer(sans_rien),
            "Echeance": a_part.demarrer(sans_instant, secondes=1),
            "Commander": a_part.demarrer(sans_adresse),
        }
        a_part.attend(sans_imprimeur)
    for execution in imprevues.values():
        execution.finit("FAILED")
    # The reconciler would have them followed again, to fail again.
    a_part.clore(*incompletes)
    etabli.executions += a_part.executions
    yield Reprises(sans_imprimeur, en_panne, imprevues)
    a_part.ranger()


@pytest.mark.parametrize("etat", ["Controler", "Echeance", "Commander"])
def test_une_erreur_que_rien_n_annonce_a_deux_reprises(etat: str, reprises: Reprises) -> None:
    """A control of nothing, a deadline that is no instant, an order without an address."""
    execution = reprises.imprevues[etat]

    assert execution.etats[-2:] == [etat, "SignalerEchec"]
    essais = [nom for nom in execution.echecs() if nom != "States.Timeout"]
    assert len(essais) == 3, essais


def test_un_imprimeur_en_panne_est_rappele_plus_tard(reprises: Reprises, atelier: Atelier) -> None:
    demande, execution = reprises.sans_imprimeur, reprises.en_panne
    assert execution.etats == ["SelonStatut", "Commander", "Attendre"]
    assert execution.echecs() == ["CommandeNonRecue"] * 4
    assert atelier.lire(demande).commande_le is None, "nothing left: the usager may still withdraw"
    assert atelier.commandes(demande) == []

    atelier.reveiller(demande)
    execution.passe("SelonStatut", "Commander", "Attendre", "SelonStatut", "Commander", "Attendre")

    assert len(atelier.commandes(demande)) == 1
    assert atelier.lire(demande).commande_le is not None


# -- when nobody follows a demande any more


def reconcilier(atelier: Atelier, voulu: Callable[[], bool]) -> None:
    """Run it, and wait for what is wanted: its schedule may have come first, and what others left may fail."""
    atelier.appeler("veille.reconciliation", {})
    attendre(voulu, bool, "la réparation", pause_s=0.05)


def test_une_execution_tuee_est_remplacee_ou_en_est_la_demande(atelier: Atelier) -> None:
    demande = atelier.demande(**chez_l_usager(S.SUSPENDUE, 10))
    execution = atelier.demarrer(demande)
    atelier.attend(demande)
    atelier.stepfunctions.stop_execution(executionArn=execution.arn)

    reconcilier(atelier, lambda: atelier.lire(demande).generation == 2)

    suivante = atelier.execution(demande, generation=2)
    atelier.attend(demande, generation=2)
    assert suivante.etats == ["SelonStatut", "Attendre"]
    assert atelier.lire(demande).echeance == demande.echeance
    assert atelier.evenements(demande) == []
    transiter(atelier, demande, "DemandeRetiree", S.RETIREE)
    suivante.finit()


def test_un_depot_que_rien_n_a_suivi_l_est(atelier: Atelier) -> None:
    demande = atelier.demande(S.DEPOSEE, veille=SIGNAL, veille_le=ecrire(il_y_a(minutes=1)))

    reconcilier(atelier, lambda: atelier.lire(demande).statut is not S.DEPOSEE)

    execution = atelier.execution(demande)
    execution.passe("SelonStatut", "Controler", "Attendre")
    assert atelier.lire(demande).generation == 1
    attendre(lambda: atelier.lire(demande).veille, lambda veille: veille is None, "la marque effacée")


def test_un_signal_que_personne_n_a_donne_l_est(atelier: Atelier) -> None:
    demande = atelier.demande(S.EN_INSTRUCTION)
    execution = atelier.demarrer(demande)
    atelier.attend(demande)
    atelier.corriger(demande, statut="refusee", veille=SIGNAL, veille_le=ecrire(il_y_a(minutes=1)))

    reconcilier(atelier, lambda: execution.statut == "SUCCEEDED")

    assert execution.etats == ["SelonStatut", "Attendre", "SelonStatut", "Fin"]
    assert atelier.lire(demande).veille is None


def test_une_execution_trop_vieille_passe_la_main_avant_un_an(atelier: Atelier) -> None:
    demande = atelier.demande(S.EN_INSTRUCTION)
    ancienne = atelier.demarrer(demande)
    jeton = atelier.attend(demande)

    # What its own next ``Echeance`` will be asked, a year later.
    rendu = atelier.appeler(
        "workflow.echeance",
        {
            "demande_id": demande.id,
            "generation": 1,
            "correlation_id": "corr-essai",
            "commencee_le": ecrire(datetime.now(UTC) - VIE_MAX - timedelta(days=1)),
        },
    )

    assert rendu.get("statut") == REMPLACEE, rendu
    suivante = atelier.execution(demande, generation=2)
    atelier.attend(demande, generation=2)
    assert suivante.etats == ["SelonStatut", "Attendre"]
    en_retard = {"statut": "en_instruction", "version": 1, "generation": 1, "secondes": 600, "a_commander": False}
    atelier.stepfunctions.send_task_success(taskToken=jeton, output=json.dumps(en_retard))
    ancienne.finit()
    assert ancienne.etats == ["SelonStatut", "Attendre", "SelonStatut", "Attendre", "Echeance", "SelonStatut", "Fin"]
    assert suivante.statut == "RUNNING"


# -- the account


def test_toutes_les_branches_ont_ete_prises(
    request: pytest.FixtureRequest, etabli: Atelier, capsys: pytest.CaptureFixture[str]
) -> None:
    joues = {test.name.partition("[")[0] for test in request.session.items if test.path == request.path}
    if not {nom for nom in globals() if nom.startswith("test_")} <= joues:
        pytest.skip("le fichier n'est joué qu'en partie")

    vues = {branche for execution in etabli.executions for branche in prises(execution.histoire)}

    compte = f"{len(vues & branches())} branches sur {len(branches())}, {len(etabli.executions)} exécutions"
    with capsys.disabled():
        print(f"\nmachine à états : {compte}")
    assert branches() - vues == set()
    assert vues - branches() == set()
