"""Decisions that meet on one demande: agents between themselves, and one with the deadline. One decides.

The real handlers over the real store (moto), without the HTTP around them: an application of Chalice's answers one
call at a time. Each meeting is forced: everybody has read before anybody writes, or one acts between two calls of the
other.
"""

import inspect
import itertools
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from botocore.client import BaseClient

from chalicelib import wiring
from chalicelib.adapters import clients
from chalicelib.adapters.dynamo import item
from chalicelib.demande.erreurs import ConflitDeVersion, ErreurMetier
from chalicelib.demande.instants import ecrire, lire
from chalicelib.demande.modeles import EtatPaiement, EtatPhoto, EtatTimbre, PhotoSignature, Statut
from chalicelib.demande.verification import verifier
from chalicelib.demande.vie import RAPPELS, attendre_la_photo
from chalicelib.demandes import complement, retirer
from chalicelib.http import Appel, Identite
from chalicelib.instruction import lever, refuser, suspendre, valider
from chalicelib.partenaires.photo import NotificationPhoto, recevoir_la_photo
from chalicelib.workflow import echeance
from tests.agents import AGENT, PIERRE, deposer, habiliter
from tests.appel import ContexteLambda
from tests.contract.tables import aws_simule
from tests.dossiers import DEMANDE_ID, JOUR_S, NUMERO_TIMBRE, paiement_reserve, piece, timbre_reserve
from tests.ports import Exterieur, exterieur_simule

AGENTS = 100
DOMICILE = f"{2:016x}"
DEBUT = datetime(2026, 11, 24, 10, tzinfo=UTC)


class Suite(NamedTuple):
    """What an action came to: an HTTP status and, refused, the statut that it tells."""

    code: int
    statut: str | None = None


Action = Callable[[], Suite]


class Horloge:
    """The clock that wiring gives: it stands still, and each actor sets it."""

    def __init__(self) -> None:
        self.heure = DEBUT

    def __call__(self) -> datetime:
        return self.heure


@pytest.fixture
def horloge() -> Iterator[Horloge]:
    vraie, fausse = wiring.horloge, Horloge()
    vars(wiring)["horloge"] = fausse
    try:
        yield fausse
    finally:
        vars(wiring)["horloge"] = vraie


@pytest.fixture
def exterieur(horloge: Horloge) -> Iterator[Exterieur]:
    with aws_simule(), exterieur_simule() as simules:
        habiliter(AGENT)
        yield simules


def agir(module: Any, nom: str, identite: Identite, corps: Any = None, si_version: int | None = None) -> Suite:
    """What the handler ``nom`` of a route's module answers to that caller."""
    action = inspect.getclosurevars(getattr(module, nom)).nonlocals["action"]
    appel: Appel[Any] = Appel(
        saisie=corps,
        chemin={"id": DEMANDE_ID},
        requete={},
        correlation_id="0b6f1c1e-8f3c-4d7e-9a52-3c3b5a4d2e10",
        adresse="192.0.2.10",
        si_version=si_version,
        _identite=identite,
    )
    try:
        return Suite(int(action(appel).statut))
    except ErreurMetier as erreur:
        return Suite(erreur.code_http, erreur.champs.get("statut"))


def poser(statut: Statut, **champs: Any) -> None:
    """A demande whose stamp is spent, at that statut."""
    defaut = {"paiement": paiement_reserve(etat=EtatPaiement.CONSOMME), "photo_signature": PHOTO}
    deposer(statut, **{**defaut, **champs})
    ligne = timbre_reserve(etat=EtatTimbre.CONSOMME).model_dump(mode="json", exclude_none=True)
    clients.client("dynamodb").put_item(TableName="permis-timbres", Item=item(ligne))


EN_ACTIVATION = EtatPhoto.EN_ACTIVATION
PHOTO = PhotoSignature(mode="numerique", code="PHOTO" + "0" * 17, etat=EtatPhoto.VALIDE)
COMPLEMENT = suspendre.DemandeDeComplement(
    elements=[suspendre.ElementVise(cible=DOMICILE, motif="expiree")],
    message="Votre justificatif a plus de six mois : envoyez-en un plus récent.",
)
REFUS = refuser.Refus(motif="droits_non_valides", message="Votre permis est suspendu jusqu'en mars.")


def exiger_une_fin(evenement: str, statut: Statut, timbre: EtatTimbre, apres: int = 0) -> None:
    """After the ``apres`` first entries of the journal one more, its statut the demande's; the stamp follows it."""
    demande, entrees = wiring.demandes().lire(DEMANDE_ID), wiring.demandes().journal(DEMANDE_ID)
    # A photo that comes after the end is written down, and changes nothing.
    suite = [entree for entree in entrees[apres:] if entree.evenement != "PhotoTardive"]
    assert [entree.evenement for entree in suite] == [evenement]
    assert {demande.statut, *(entree.statut for entree in entrees[apres:])} == {statut}
    assert verifier(wiring.journal().chaine(DEMANDE_ID), []).intacte
    ligne, paiement = wiring.demandes().timbre(NUMERO_TIMBRE), demande.paiement
    assert ligne is not None
    assert paiement is not None
    libre = timbre is EtatTimbre.LIBRE
    assert (ligne.etat, ligne.demande_id) == (timbre, None if libre else DEMANDE_ID)
    assert paiement.etat is (EtatPaiement.LIBERE if libre else EtatPaiement.CONSOMME)
    assert (demande.echeance is not None) is (statut is Statut.SUSPENDUE), "a deadline goes with its wait"


# -- a hundred agents


def cent_agents() -> list[Identite]:
    """The agents of one service; those who will suspend (the third, the sixth…) have an account, where a name is."""
    modele = wiring.comptes().lire(AGENT.compte_id)
    assert modele is not None
    agents = [Identite(f"agent-{rang}", f"session-{rang}", "agent", ("543",)) for rang in range(AGENTS)]
    for agent in agents[2::3]:
        propre = {"compte_id": agent.compte_id, "identifiant": agent.compte_id}
        wiring.comptes().installer(modele.model_copy(update=propre))
    return agents


@contextmanager
def tous_lisent_avant_d_ecrire(combien: int) -> Iterator[Counter[str]]:
    """The first transaction of each thread waits for that of all the others; gives how many were sent."""
    appeler, barriere, vu = BaseClient._make_api_call, threading.Barrier(combien), threading.local()
    envoyees: Counter[str] = Counter()

    def attendre(self: Any, operation: str, parametres: Any) -> Any:
        if operation == "TransactWriteItems":
            envoyees[operation] += 1
            if not hasattr(vu, "une"):
                vu.une = True
                barriere.wait(60)
        return appeler(self, operation, parametres)

    BaseClient._make_api_call = attendre
    try:
        yield envoyees
    finally:
        BaseClient._make_api_call = appeler


DECISIONS = (
    ("DemandeValidee", Statut.VALIDEE, EtatTimbre.CONSOMME),
    ("DemandeRefusee", Statut.REFUSEE, EtatTimbre.LIBRE),
    ("DemandeSuspendue", Statut.SUSPENDUE, EtatTimbre.CONSOMME),
)


def test_de_cent_decisions_d_agents_a_la_fois_une_seule_est_prise(exterieur: Exterieur) -> None:
    poser(Statut.EN_INSTRUCTION)
    version = wiring.demandes().lire(DEMANDE_ID).version
    validation = valider.Validation(droits_etablis_autrement=True)
    gestes: dict[str, Callable[[Identite, int | None], Suite]] = {
        "DemandeValidee": lambda qui, si: agir(valider, "handler", qui, validation, si),
        "DemandeRefusee": lambda qui, si: agir(refuser, "handler", qui, REFUS, si),
        "DemandeSuspendue": lambda qui, si: agir(suspendre, "demander", qui, COMPLEMENT, si),
    }
    # Half of them say which version they have seen.
    tous = list(zip(cent_agents(), itertools.cycle(gestes), itertools.cycle((None, version)), strict=False))

    with tous_lisent_avant_d_ecrire(AGENTS) as envoyees, ThreadPoolExecutor(AGENTS) as fils:
        suites = list(fils.map(lambda un: gestes[un[1]](un[0], un[2]), tous))

    assert envoyees["TransactWriteItems"] >= AGENTS, "the hundred had read the same demande"
    ((agent, decision, _),) = [un for un, suite in zip(tous, suites, strict=True) if suite.code == 200]
    statut = wiring.demandes().lire(DEMANDE_ID).statut
    assert set(suites) - {Suite(200)} <= {Suite(409, statut), Suite(412)}, "the others are told where it now is"
    exiger_une_fin(*next(une for une in DECISIONS if une[0] == decision))
    assert wiring.demandes().journal(DEMANDE_ID)[-1].auteur_id == agent.compte_id


# -- the deadline at the same instant


class Rencontre:
    """``premier`` runs, and ``second`` whole between two of its calls to AWS: before the call ``rang`` (from 0)."""

    def __init__(self, premier: Action, second: Action, rang: int) -> None:
        self.premier, self.second, self.rang = premier, second, rang
        self.atteint = False

    def jouer(self) -> tuple[Suite, Suite]:
        """What each comes to. ``atteint`` tells whether the first made so many calls."""
        appeler, appels, suite = BaseClient._make_api_call, itertools.count(), []

        def intercaler(client: Any, operation: str, parametres: Any) -> Any:
            if not self.atteint and next(appels) == self.rang:
                self.atteint = True
                suite.append(self.second())
            return appeler(client, operation, parametres)

        BaseClient._make_api_call = intercaler
        try:
            premier = self.premier()
        finally:
            BaseClient._make_api_call = appeler
        return premier, suite[0] if suite else self.second()


def a_son_heure(horloge: Horloge, heure: datetime, action: Action) -> Action:
    """``action`` with its own clock: two servers never read the same instant."""

    def agir_a_l_heure() -> Suite:
        avant, horloge.heure = horloge.heure, heure
        try:
            return action()
        finally:
            horloge.heure = avant

    return agir_a_l_heure


def temps_ecoule() -> Suite:
    """The machine's task at the timeout, tried again as its Retry says."""
    entree = {
        "demande_id": DEMANDE_ID,
        "generation": 1,
        "correlation_id": "2b6f1c1e-8f3c-4d7e-9a52-3c3b5a4d2e10",
        "commencee_le": ecrire(wiring.horloge() - timedelta(days=60)),
    }
    for _ in range(6):
        try:
            return Suite(200, echeance.tache(entree, ContexteLambda())["statut"])
        except ConflitDeVersion:
            continue
    raise AssertionError("la machine a épuisé ses reprises")


def suspendue(exterieur: Exterieur) -> None:
    """Suspended for its domicile, which has been answered."""
    poser(Statut.EN_INSTRUCTION)
    assert agir(suspendre, "demander", AGENT, COMPLEMENT).code == 200
    nouvelle = piece("domicile", 9, piece_id=f"{9:016x}", empreinte="f" * 64)
    wiring.demandes().ajouter_piece(nouvelle)


def en_attente_de_photo(exterieur: Exterieur) -> None:
    """Its e-photo is waited for, since just now."""
    attendue = PhotoSignature(mode="numerique", code=exterieur.photos.creer("en_activation"), etat=EN_ACTIVATION)
    poser(
        Statut.ATTENTE_PHOTO,
        photo_signature=attendue,
        photo_attendue=attendue.code,
        chez_usager_depuis=ecrire(wiring.horloge()),
        echeance=attendre_la_photo(wiring.horloge(), JOUR_S),
    )


def deja_rappelee() -> None:
    """Every reminder has left, that of the provisional right too: nothing but the deadline itself is to come."""
    clients.client("dynamodb").update_item(
        TableName="permis-demandes",
        Key=item({"id": DEMANDE_ID, "element": "DEMANDE"}),
        UpdateExpression="SET rappels = :tous, droits_rappeles = :dits",
        ExpressionAttributeValues=item({":tous": len(RAPPELS), ":dits": ecrire(DEBUT)}),
    )


def photo_recue() -> Suite:
    """The base tells that the photo is there; 200 when that came first."""
    photo = wiring.demandes().lire(DEMANDE_ID).photo_signature
    assert photo is not None
    recue = NotificationPhoto(code=photo.code, resultat="valide")
    recevoir_la_photo(
        wiring.demandes(), wiring.comptes(), wiring.fichiers, recue, wiring.horloge(), "correlation", JOUR_S
    )
    changee = wiring.demandes().journal(DEMANDE_ID)[0].evenement == "PhotoRecue"
    return Suite(200 if changee else 409)


CORRIGE = COMPLEMENT.model_copy(update={"message": "Envoyez-nous la facture entière.", "delai_jours": 90})
CLASSEE = ("DemandeClasseeSansSuite", Statut.CLASSEE_SANS_SUITE, EtatTimbre.LIBRE)
ACTES: dict[str, tuple[Callable[[Exterieur], None], Action, tuple[str, Statut, EtatTimbre]]] = {
    # what meets the deadline: from where, the act, and what it makes of the demande when it wins
    "levée": (
        suspendue,
        lambda: agir(lever, "handler", AGENT),
        ("SuspensionLevee", Statut.EN_INSTRUCTION, EtatTimbre.CONSOMME),
    ),
    "complément": (
        suspendue,
        lambda: agir(complement, "handler", PIERRE),
        ("ComplementDepose", Statut.EN_INSTRUCTION, EtatTimbre.CONSOMME),
    ),
    "correction": (
        suspendue,
        lambda: agir(suspendre, "corriger_la_demande", AGENT, CORRIGE),
        ("SuspensionCorrigee", Statut.SUSPENDUE, EtatTimbre.CONSOMME),
    ),
    # Nobody refuses what is suspended: it loses, whoever comes first.
    "refus": (
        suspendue,
        lambda: agir(refuser, "handler", AGENT, REFUS),
        ("DemandeRefusee", Statut.REFUSEE, EtatTimbre.LIBRE),
    ),
    "retrait": (
        suspendue,
        lambda: agir(retirer, "handler", PIERRE),
        ("DemandeRetiree", Statut.RETIREE, EtatTimbre.LIBRE),
    ),
    "photo reçue": (
        en_attente_de_photo,
        photo_recue,
        ("PhotoRecue", Statut.EN_INSTRUCTION, EtatTimbre.CONSOMME),
    ),
    "retrait sans photo": (
        en_attente_de_photo,
        lambda: agir(retirer, "handler", PIERRE),
        ("DemandeRetiree", Statut.RETIREE, EtatTimbre.LIBRE),
    ),
}


def heures(fin: datetime) -> list[tuple[datetime, datetime]]:
    """The clocks of the act and of the timeout: both at the deadline, or one a millisecond behind."""
    juste_avant = fin - timedelta(milliseconds=1)
    return [(juste_avant, fin), (fin, fin), (fin, juste_avant)]


@pytest.mark.parametrize("acte_d_abord", [True, False], ids=["acte interrompu", "échéance interrompue"])
@pytest.mark.parametrize("nom", list(ACTES))
def test_une_decision_et_l_echeance_au_meme_instant_font_une_seule_fin(
    horloge: Horloge, nom: str, acte_d_abord: bool
) -> None:
    preparer, acte, gagnee = ACTES[nom]
    gagnants: Counter[str | None] = Counter()
    quand = rang = 0
    while quand < 3:
        horloge.heure = DEBUT
        with aws_simule(), exterieur_simule() as exterieur:
            habiliter(AGENT)
            preparer(exterieur)
            deja_rappelee()
            demande = wiring.demandes().lire(DEMANDE_ID)
            assert demande.echeance is not None
            heure_acte, heure_temps = heures(lire(demande.echeance))[quand]
            a_l_heure = a_son_heure(horloge, heure_acte, acte)
            du_temps = a_son_heure(horloge, heure_temps, temps_ecoule)
            rencontre = Rencontre(a_l_heure, du_temps, rang) if acte_d_abord else Rencontre(du_temps, a_l_heure, rang)
            un, autre = rencontre.jouer()
            # A call that is not made: they only followed one another, and the next clocks are tried.
            quand, rang = (quand, rang + 1) if rencontre.atteint else (quand + 1, 0)
            suite, histoire = un if acte_d_abord else autre, wiring.demandes().journal(DEMANDE_ID)
            gagnant = next((entree.evenement for entree in histoire[demande.journal_rang :]), None)
            gagnants[gagnant] += 1
            if gagnant is None:
                # Refused, and the machine came before its time.
                assert (suite.code, heure_temps < lire(demande.echeance)) == (409, True)
                assert wiring.demandes().lire(DEMANDE_ID) == demande
            else:
                exiger_une_fin(*(CLASSEE if gagnant == CLASSEE[0] else gagnee), apres=demande.journal_rang)
                assert (suite.code < 300) is (gagnant == gagnee[0])
    assert {gagnee[0], CLASSEE[0]} - set(gagnants) <= ({"DemandeRefusee"} if nom == "refus" else set())
