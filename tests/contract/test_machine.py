"""What any workflow engine and any store of its tokens must do: the same tests on the fakes and on AWS (moto).

A token is parked by the machine itself: on DynamoDB, with the very write of infra/demande.asl.json.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from chalicelib import wiring
from chalicelib.adapters.clients import client
from chalicelib.adapters.dynamo import item
from chalicelib.adapters.machine_stepfunctions import VIE_MAX, MachineStepFunctions
from chalicelib.demande.instants import ecrire
from chalicelib.demande.journal import Auteur
from chalicelib.demande.machine import point
from chalicelib.demande.modeles import Demande, Demandeur, EtatPaiement, EtatPhoto, EtatTimbre, PhotoSignature, Statut
from chalicelib.demande.ports_machine import JetonPerime, Machine, Reprise, Reprises
from chalicelib.demande.signaux import signaler
from chalicelib.demande.vie import SIGNAL, passer
from chalicelib.fonctions import Fonction
from chalicelib.notifications import consommateur
from chalicelib.veille import reconciliation
from chalicelib.workflow import commander, controler, echeance
from infra.verifier_asl import MACHINE
from tests.appel import COMPTE_AWS, ENVIRONNEMENT
from tests.compteur import compter_appels
from tests.contract.tables import aws_simule
from tests.dossiers import (
    DEMANDE_ID,
    JOUR_S,
    MAINTENANT,
    NUMERO_TIMBRE,
    il_y_a,
    paiement_reserve,
    piece,
    prete,
    timbre_reserve,
)
from tests.droits import relever_droits
from tests.fakes.exterieur import FakePhotos, FakeProducteur
from tests.fakes.machine import FakeMachine, FakeReprises
from tests.faults.automate import evaluer

NUMERO = "12441542134215461243643"
ARN = ENVIRONNEMENT["MACHINE_DEMANDE"]
ATTENDRE = json.loads(MACHINE.read_text().replace("${TableDemandes}", "permis-demandes"))["States"]["Attendre"]


def demande(version: int = 1, **champs: Any) -> Demande:
    defaut: dict[str, Any] = {
        "numero": NUMERO,
        "statut": Statut.EN_INSTRUCTION,
        "autorite": "543",
        "veille": None,
        "veille_le": None,
    }
    return prete(**{**defaut, "version": version, **champs})


# -- the tokens


@dataclass
class Attente:
    """The store, and the machine's own write in it; ``deposer`` is False when its condition refuses."""

    reprises: Reprises
    deposer: Callable[[str, int, int], bool]


def _attente_en_memoire() -> Iterator[Attente]:
    reprises = FakeReprises()
    yield Attente(reprises, lambda jeton, generation, version: reprises.deposer(DEMANDE_ID, jeton, generation, version))


def _attente_dynamodb() -> Iterator[Attente]:
    with aws_simule() as dynamodb:

        def deposer(jeton: str, generation: int, version: int) -> bool:
            donnees = {"demande_id": DEMANDE_ID, "generation": generation, "point": {"version": version}}
            parametres = evaluer(ATTENDRE["Parameters"], donnees, {"Task": {"Token": jeton}})
            try:
                dynamodb.update_item(**parametres)
            except dynamodb.exceptions.ConditionalCheckFailedException:
                return False
            return True

        yield Attente(wiring.reprises(), deposer)


@pytest.fixture(params=[_attente_en_memoire, _attente_dynamodb], ids=["memoire", "dynamodb"])
def attente(request: pytest.FixtureRequest) -> Iterator[Attente]:
    yield from request.param()


def test_avant_toute_attente_personne_n_attend(attente: Attente) -> None:
    lue = attente.reprises.lire(DEMANDE_ID)

    assert lue == Reprise()
    assert not lue.attend(demande(9))
    assert not lue.sait(demande(1))


def test_un_jeton_depose_se_lit_avec_ce_que_sait_l_execution(attente: Attente) -> None:
    assert attente.deposer("jeton-1", 2, 5)

    lue = attente.reprises.lire(DEMANDE_ID)
    assert lue == Reprise("jeton-1", generation=2, version=5)
    assert [lue.attend(demande(version, generation=2)) for version in (4, 5, 6)] == [False, False, True]
    assert [lue.sait(demande(version, generation=2)) for version in (4, 5, 6)] == [True, True, False]
    for generation in (1, 3):
        une_autre = demande(6, generation=generation)
        assert not lue.attend(une_autre)
        assert not lue.sait(une_autre)


def test_annoncer_dit_ou_attendait_l_execution_a_cet_instant_et_laisse_le_mot(attente: Attente) -> None:
    assert attente.reprises.annoncer(demande(2)) == Reprise()
    assert attente.deposer("jeton-1", 1, 2)

    assert attente.reprises.annoncer(demande(3)) == Reprise("jeton-1", 1, 2, signale=2)
    assert attente.reprises.lire(DEMANDE_ID) == Reprise("jeton-1", 1, 2, signale=3)


def test_un_mot_plus_ancien_n_efface_pas_le_plus_recent_et_repond_pareil(attente: Attente) -> None:
    attente.deposer("jeton-1", 1, 1)
    attente.reprises.annoncer(demande(4))

    for version in (4, 3):
        assert attente.reprises.annoncer(demande(version)) == Reprise("jeton-1", 1, 1, signale=4)
    assert attente.reprises.lire(DEMANDE_ID).signale == 4


def test_une_attente_qui_ignore_le_mot_est_refusee_celle_qui_le_sait_non(attente: Attente) -> None:
    attente.reprises.annoncer(demande(3))

    assert not attente.deposer("ignorant", 1, 2)
    assert attente.reprises.lire(DEMANDE_ID) == Reprise(signale=3)
    assert attente.deposer("averti", 1, 3)
    assert attente.reprises.lire(DEMANDE_ID) == Reprise("averti", 1, 3, signale=3)


def test_une_execution_remplacee_ne_reprend_pas_la_place(attente: Attente) -> None:
    assert attente.deposer("ancienne", 1, 1)
    assert attente.deposer("nouvelle", 2, 1)
    assert not attente.deposer("ancienne encore", 1, 9)
    assert attente.deposer("nouvelle encore", 2, 4)

    assert attente.reprises.lire(DEMANDE_ID).jeton == "nouvelle encore"


@pytest.mark.parametrize("le_signal_d_abord", [True, False])
def test_d_une_attente_et_d_un_signal_le_second_voit_toujours_le_premier(
    le_signal_d_abord: bool, attente: Attente
) -> None:
    if le_signal_d_abord:
        vu = attente.reprises.annoncer(demande(2)).attend(demande(2))
        refuse = not attente.deposer("jeton-1", 1, 1)
    else:
        refuse = not attente.deposer("jeton-1", 1, 1)
        vu = attente.reprises.annoncer(demande(2)).attend(demande(2))

    assert (vu, refuse) == (not le_signal_d_abord, le_signal_d_abord)


def test_chaque_demande_a_son_jeton(attente: Attente) -> None:
    attente.deposer("jeton-1", 1, 1)

    assert attente.reprises.lire("b" * 32) == Reprise()
    assert attente.reprises.annoncer(demande(2, id="b" * 32)) == Reprise()
    assert attente.reprises.lire(DEMANDE_ID).signale == 0


def test_le_repere_ne_recule_jamais(attente: Attente) -> None:
    assert attente.reprises.repere() is None
    for instant in (il_y_a(2), il_y_a(1), il_y_a(3), il_y_a(1)):
        attente.reprises.noter_repere(instant)

    assert attente.reprises.repere() == il_y_a(1)


def test_le_jeton_ne_se_lit_pas_avec_les_pieces() -> None:
    with aws_simule():
        wiring.demandes().creer(demande())
        wiring.demandes().ajouter_piece(piece("domicile"))
        wiring.reprises().annoncer(demande(2))

        lue, pieces = wiring.demandes().lire_avec_pieces(DEMANDE_ID)

    assert (lue.version, [p.type for p in pieces]) == (1, ["domicile"])


# -- the executions


@dataclass
class Moteur:
    """An engine, and what ends its executions and its tokens."""

    machine: Machine
    tuer: Callable[[Demande], None]
    perimer: Callable[[str], None]


def _moteur_en_memoire() -> Iterator[Moteur]:
    machine = FakeMachine()
    yield Moteur(machine, lambda d: machine.tuer(d, datetime.now(UTC)), machine.morts.add)


def _moteur_stepfunctions() -> Iterator[Moteur]:
    with aws_simule():
        creer_la_machine()
        stepfunctions = client("stepfunctions")

        def tuer(une: Demande) -> None:
            arn = ARN.replace(":stateMachine:", ":execution:")
            stepfunctions.stop_execution(executionArn=f"{arn}:{une.numero}-{une.generation}")

        def perimer(jeton: str) -> None:
            def refuser(request: Any, **_: Any) -> AWSResponse | None:
                if json.loads(request.body)["taskToken"] != jeton:
                    return None
                corps = json.dumps({"__type": "TaskTimedOut", "message": "Provided task does not exist anymore"})
                return AWSResponse(request.url, 400, {}, _Corps(corps.encode()))

            # moto accepts any token.
            stepfunctions.meta.events.register_first("before-send.sfn.SendTaskSuccess", refuser)

        yield Moteur(wiring.machine(), tuer, perimer)


class _Corps:
    """What botocore reads of an answer."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._octets


def creer_la_machine() -> None:
    client("stepfunctions").create_state_machine(
        name="permis-demande",
        definition='{"StartAt":"Fin","States":{"Fin":{"Type":"Succeed"}}}',
        roleArn=f"arn:aws:iam::{COMPTE_AWS}:role/machine",
    )


@pytest.fixture(params=[_moteur_en_memoire, _moteur_stepfunctions], ids=["memoire", "stepfunctions"])
def moteur(request: pytest.FixtureRequest) -> Iterator[Moteur]:
    yield from request.param()


def demarrer(machine: Machine, une: Demande) -> bool:
    return machine.demarrer(une, point(une, MAINTENANT, JOUR_S), "corr-essai")


def test_une_execution_par_demande_et_par_generation(moteur: Moteur) -> None:
    premiere, seconde = demande(), demande(generation=2)
    assert moteur.machine.etat(premiere) == "inconnue"

    assert demarrer(moteur.machine, premiere)
    assert not demarrer(moteur.machine, demande(version=7)), "already there, which is as good"

    assert [moteur.machine.etat(une) for une in (premiere, seconde)] == ["en_cours", "inconnue"]
    assert demarrer(moteur.machine, seconde)
    assert moteur.machine.etat(seconde) == "en_cours"


def test_une_execution_morte_se_voit_et_son_nom_ne_se_reprend_pas(moteur: Moteur) -> None:
    demarrer(moteur.machine, demande())
    moteur.tuer(demande())

    assert moteur.machine.etat(demande()) == "echouee"
    assert not demarrer(moteur.machine, demande())


def test_les_mortes_se_lisent_de_la_plus_ancienne_fin_a_la_derniere(moteur: Moteur) -> None:
    depuis = datetime.now(UTC) - timedelta(minutes=1)
    mortes = [demande(numero=f"{rang:023d}", generation=rang) for rang in (3, 1, 2)]
    for une in (*mortes, demande()):
        demarrer(moteur.machine, une)
    for une in reversed(mortes):
        moteur.tuer(une)

    lues = moteur.machine.echouees(depuis)

    assert {(echec.numero, echec.generation) for echec in lues} == {(u.numero, u.generation) for u in mortes}
    # Two may end within one millisecond: their instants tell the order, not their places.
    fins = {echec.numero: echec.le for echec in lues}
    assert [echec.le for echec in lues] == [fins[u.numero] for u in reversed(mortes)]
    depuis_la_seconde = [echec for echec in lues if echec.le >= lues[1].le]
    assert moteur.machine.echouees(lues[1].le) == depuis_la_seconde, "the instant itself is looked at again"
    assert moteur.machine.echouees(datetime.now(UTC) + timedelta(minutes=1)) == []


def test_les_mortes_se_lisent_toutes_page_apres_page(moteur: Moteur) -> None:
    mortes = [demande(numero=f"{rang:023d}") for rang in range(130)]
    for une in mortes:
        demarrer(moteur.machine, une)
        moteur.tuer(une)

    lues = moteur.machine.echouees(datetime(2016, 1, 1, tzinfo=UTC))

    assert {echec.numero for echec in lues} == {une.numero for une in mortes}
    assert len(lues) == len(mortes)


def test_un_jeton_mort_est_dit_perime_un_vivant_est_entendu(moteur: Moteur) -> None:
    moteur.perimer("mort")

    moteur.machine.signaler("vivant", point(demande(), MAINTENANT, JOUR_S))
    with pytest.raises(JetonPerime):
        moteur.machine.signaler("mort", point(demande(), MAINTENANT, JOUR_S))


class Pages:
    """Step Functions with pages of executions; the one that must not be asked for fails."""

    def __init__(self, *pages: list[dict[str, Any]]) -> None:
        self._pages = pages

    def get_paginator(self, operation: str) -> "Pages":
        assert operation == "list_executions"
        return self

    def paginate(self, statusFilter: str, **_: Any) -> Iterator[dict[str, Any]]:
        if statusFilter == "FAILED":
            yield from ({"executions": page} for page in self._pages)
            raise AssertionError("a page of executions too old to matter was asked for")
        yield {"executions": []}


def execution(nom: str, debut: datetime, fin: datetime) -> dict[str, Any]:
    return {"name": nom, "startDate": debut, "stopDate": fin}


def test_la_recherche_des_mortes_s_arrete_a_celles_qui_ne_peuvent_plus_compter() -> None:
    """An execution lives a year: one begun long before cannot have ended since."""
    depuis = il_y_a(1)
    longue = execution("1-1", il_y_a(360), il_y_a(0.5))
    ancienne = execution("2-1", depuis - VIE_MAX - timedelta(days=1), il_y_a(300))

    lues = MachineStepFunctions(Pages([longue], [ancienne]), ARN).echouees(depuis)

    assert [echec.numero for echec in lues] == ["1"]


def test_une_execution_lancee_a_la_main_n_empeche_pas_de_lire_les_autres() -> None:
    """Without a name, the console gives a random one, which may look like ours until its last letters."""
    noms = ("0b7e5d5c-3f0e-4c39-9c7e-0123456789ab", "essai", "12-2", "essai-1", "12-")
    fins = [execution(nom, il_y_a(1), il_y_a(0.5)) for nom in noms]
    ancienne = execution("2-1", il_y_a(900), il_y_a(800))

    lues = MachineStepFunctions(Pages([*fins, ancienne]), ARN).echouees(il_y_a(1))

    assert [(echec.numero, echec.generation) for echec in lues] == [("12", 2)]


# -- the rights


def exerces(faire: Callable[[], None]) -> dict[str, set[str]]:
    """The rights exercised, as ``Fonction.droits`` writes them; an execution is described apart."""
    with relever_droits() as droits, compter_appels() as appels:
        faire()
    faits = {appel.operation for appel in appels if appel.service == "stepfunctions"}
    decrites = faits & {"DescribeExecution"}
    machine = {"machine:demande": faits - decrites, "machine:demande/executions": decrites}
    return {**droits, **{nom: actions for nom, actions in machine.items() if actions}}


def donnes(fonction: Fonction) -> dict[str, set[str]]:
    return {ressource: set(actions) for ressource, actions in fonction.droits.items()}


@pytest.fixture
def aws() -> Iterator[None]:
    with aws_simule():
        creer_la_machine()
        yield


def poser(statut: Statut, **champs: Any) -> Demande:
    une = demande(**{"id": wiring.nouvelle_cle(), "numero": wiring.nouveau_numero(), "statut": statut, **champs})
    wiring.demandes().creer(une)
    return une


def parquer(une: Demande) -> None:
    """The machine waits, knowing the first version of it."""
    donnees = {"demande_id": une.id, "generation": 1, "point": {"version": 1}}
    client("dynamodb").update_item(**evaluer(ATTENDRE["Parameters"], donnees, {"Task": {"Token": "jeton"}}))


def test_le_controle_a_juste_les_droits_qu_il_exerce(aws: None) -> None:
    deposee = poser(Statut.DEPOSEE, pieces_deposees=["0" * 15 + "1"])
    wiring.demandes().ajouter_piece(piece("avis_medical", demande_id=deposee.id))

    def faire() -> None:
        controler.controler_le_depot(deposee.id, wiring.demandes(), FakePhotos(), MAINTENANT, "corr", JOUR_S)

    assert exerces(faire) == donnes(controler.FONCTION)


def test_la_commande_a_juste_les_droits_qu_elle_exerce(aws: None) -> None:
    demandes = [poser(Statut.VALIDEE), poser(Statut.EXPEDIEE, retours=1)]

    def faire() -> None:
        for une in demandes:
            commander.commander(une.id, wiring.demandes(), FakeProducteur(), MAINTENANT, "corr", JOUR_S)

    assert exerces(faire) == donnes(commander.FONCTION)


def test_l_echeance_a_juste_les_droits_qu_elle_exerce(aws: None) -> None:
    photos = FakePhotos()
    code = photos.creer("valide")

    def chez_l_usager(statut: Statut, jours: float, **champs: Any) -> Demande:
        delai = {"chez_usager_depuis": ecrire(il_y_a(jours)), "echeance": ecrire(il_y_a(jours - 60))}
        return poser(statut, **delai, paiement=None, **champs)

    tenu = paiement_reserve(etat=EtatPaiement.CONSOMME)
    passee = poser(Statut.SUSPENDUE, chez_usager_depuis=ecrire(il_y_a(60)), echeance=ecrire(il_y_a(0)), paiement=tenu)
    client("dynamodb").put_item(
        TableName="permis-timbres",
        Item=item(
            timbre_reserve(demande_id=passee.id, etat=EtatTimbre.CONSOMME).model_dump(mode="json", exclude_none=True)
        ),
    )
    rappelee = chez_l_usager(Statut.SUSPENDUE, 31)
    activee = chez_l_usager(
        Statut.ATTENTE_PHOTO,
        1,
        photo_signature=PhotoSignature(mode="numerique", code=code, etat=EtatPhoto.EN_ACTIVATION),
        photo_redemandee_par=Demandeur(par="agent-de-nancy", par_nom="Agnès GUICHET"),
    )
    vieille = poser(Statut.EN_INSTRUCTION)

    def faire() -> None:
        for une, age in ((passee, 1), (rappelee, 1), (activee, 1), (vieille, 301)):
            liens = (wiring.demandes(), photos, wiring.comptes(), wiring.machine())
            echeance.faire_ce_qui_echoit(une.id, 1, il_y_a(age), *liens, MAINTENANT, "corr", JOUR_S)

    assert exerces(faire) == donnes(echeance.FONCTION)
    libere = wiring.demandes().timbre(NUMERO_TIMBRE)
    assert libere is not None
    assert libere.etat is EtatTimbre.LIBRE


def test_la_reconciliation_a_juste_les_droits_qu_elle_exerce(aws: None) -> None:
    marque = {"veille": SIGNAL, "veille_le": ecrire(il_y_a(1))}
    jamais_suivie = poser(Statut.DEPOSEE, **marque)
    non_entendue = poser(Statut.REFUSEE, version=2, **marque)
    morte = poser(Statut.EN_INSTRUCTION)
    for une in (non_entendue, morte):
        demarrer(wiring.machine(), une)
    parquer(non_entendue)
    execution_morte = f"{ARN.replace(':stateMachine:', ':execution:')}:{morte.numero}-1"
    client("stepfunctions").stop_execution(executionArn=execution_morte)

    faits: dict[str, int] = {}

    def faire() -> None:
        liens = reconciliation.Liens(wiring.demandes(), wiring.reprises(), wiring.machine(), JOUR_S)
        faits.update(reconciliation.reconcilier(liens, datetime.now(UTC), wiring.nouvel_id))

    assert exerces(faire) == donnes(reconciliation.FONCTION)
    assert faits == {"remplacees": 1, "demarrees": 1, "entendus": 1}
    assert wiring.machine().etat(jamais_suivie) == "en_cours"
    assert wiring.demandes().lire(morte.id).generation == 2


def test_un_signal_s_ecrit_avec_les_droits_du_consommateur(aws: None) -> None:
    une = poser(Statut.EN_INSTRUCTION, paiement=None)
    refusee = passer(
        une, "DemandeRefusee", Auteur("agent", "a1"), MAINTENANT, "corr", jour_s=JOUR_S, vers=Statut.REFUSEE
    )
    suivie = wiring.demandes().transiter(une, refusee)
    parquer(une)

    def faire() -> None:
        demarrer(wiring.machine(), wiring.demandes().lire(une.id))
        liens = (wiring.demandes(), wiring.reprises(), wiring.machine())
        assert signaler(suivie, *liens, MAINTENANT, JOUR_S) == "entendu"

    attendus = donnes(consommateur.FONCTION)
    assert exerces(faire) == {nom: attendus[nom] for nom in ("table:demandes", "machine:demande")}
    assert wiring.demandes().lire(une.id).veille is None
