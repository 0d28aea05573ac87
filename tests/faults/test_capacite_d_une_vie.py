"""What a whole life without trouble costs, from the first step to the card in its owner's hands: counted, not timed.

A loss, of which machines are sure, and a theft, whose receipt an operator accepts: with their stamp and an e-photo
ready, taken and validated by an agent, made, posted, handed over. Real handlers, the consumer, the machine and the
senders included (``Monde``). What bounds it: docs/decisions/capacite-d-une-vie.md.
"""

# The table of calls reads on one line per function.
# ruff: noqa: E501

from typing import Any, NamedTuple

import pytest

from chalicelib import wiring
from chalicelib.adapters import clients
from chalicelib.demande.modeles import Statut, StatutPiece
from chalicelib.http import Identite
from tests.agents import AGENT, CTN, habiliter
from tests.capacite import Ecriture, total
from tests.dossiers import ADRESSE, ETAT_CIVIL
from tests.faults.automate import Execution
from tests.faults.monde import Monde
from tests.faults.pannes import EXECUTION
from tests.faults.releve import Passage, Releve
from tests.parcours import FICHIER
from tests.ports import Exterieur, exterieur_simule
from tests.specimens import carte_identite, facture, recepisse_vol

USAGER = Identite("5b0c7d4e-3f0a-4a53-9a57-0d1f7e2c9b11", "session", "usager")
DEMANDE = "/demandes/{id}"
AGENT_SUR = "/instruction/demandes/{id}"

BUT_CONFIRMATION, BUT_VIE, BUT_ETATS = 24, 72, 8
"""DESIGN §3 and §5."""

A_PART = {"reprise": 2, "idempotence": 16, "notifications": 18, "consultations": 1}
MESURES = {
    "perte": {"confirmation": 22, "vie": 96, **A_PART},
    "vol": {"confirmation": 24, "vie": 112, **A_PART},
}
"""What each costs today, never more: until the confirmation; the whole life, what follows apart; the machine's parked
tokens; the consumer's memory of what it published; the records of the notifications; that of the dossier opened."""


class VieHeureuse:
    """The life, one call after the other; what follows each is let happen before the next."""

    def __init__(self, motif: str, monde: Monde, releve: Releve, exterieur: Exterieur) -> None:
        self.motif = motif
        self.monde, self.releve, self.exterieur = monde, releve, exterieur
        self.chemin: dict[str, str] = {}
        self.etats_avant_confirmation = -1

    def faire(
        self, etape: str, methode: str, route: str, corps: Any = None, qui: Identite = USAGER, **entetes: str
    ) -> Any:
        self.releve.etape = etape
        resultat = self.monde.appeler(methode, route, self.chemin or None, corps, qui, entetes)
        assert resultat.statut // 100 == 2, resultat
        self.monde.attendre(minutes=5)
        return resultat.corps

    def vivre(self) -> None:
        habiliter(AGENT, CTN)
        self.saisir()
        self.etats_avant_confirmation = sum(p.service == EXECUTION for p in self.monde.injecteur.points)
        cle = {"Idempotency-Key": "0d6f1c1e-8f3c-4d7e-9a52-3c3b5a4d2e10"}
        self.faire("confirmation", "POST", f"{DEMANDE}/confirmation", {"attestation": True}, **cle)
        for une in self.a_verifier():
            jugee = {"pieces": [{"piece_id": une, "statut": "acceptee"}]}
            self.faire("contrôle", "POST", f"{AGENT_SUR}/controle", jugee, CTN)
        self.faire("prise en charge", "POST", f"{AGENT_SUR}/prise-en-charge", None, AGENT)
        self.faire("dossier", "GET", AGENT_SUR, None, AGENT)
        self.faire("validation", "POST", f"{AGENT_SUR}/validation", {"droits_etablis_autrement": True}, AGENT)
        for evenement in ("accepte", "produit", "expedie", "distribue"):
            self.titre(evenement)
        self.releve.etape = "réconciliation"
        self.monde.reconcilier()

    def saisir(self) -> None:
        chemin = self.chemin
        chemin["id"] = self.faire("création", "POST", "/demandes", {"motif": self.motif})["id"]
        self.faire("état civil", "PUT", f"{DEMANDE}/etat-civil", ETAT_CIVIL)
        self.faire("adresse", "PUT", f"{DEMANDE}/adresse", ADRESSE)
        photo = {"mode": "numerique", "code": self.monde.photos.creer("valide")}
        self.faire("photo", "PUT", f"{DEMANDE}/photo-signature", photo)
        pieces = {"identite": carte_identite(), "domicile": facture()}
        if self.motif == "vol":
            pieces["recepisse_vol"] = recepisse_vol()
        for type_, octets in pieces.items():
            annonce = {**FICHIER, "type": type_, "taille": len(octets)}
            chemin["piece_id"] = self.faire(type_, "POST", f"{DEMANDE}/pieces", annonce)["piece_id"]
            cle = f"{chemin['id']}/{chemin['piece_id']}"
            clients.client("s3").put_object(Bucket="permis-quarantaine", Key=cle, Body=octets)
            self.faire(type_, "POST", f"{DEMANDE}/pieces/{{piece_id}}/controle")
        timbre = {"numero_timbre": self.exterieur.boutique.creer_timbre()}
        self.faire("paiement", "PUT", f"{DEMANDE}/paiement", timbre)

    def a_verifier(self) -> list[str]:
        """What machines are not sure of; read outside the count."""
        pieces = wiring.demandes().lire_avec_pieces(self.chemin["id"])[1]
        return [une.piece_id for une in pieces if une.statut is StatutPiece.A_VERIFIER]

    def titre(self, evenement: str) -> None:
        self.monde.attendre(days=1)
        self.releve.etape = evenement
        suivi = {"numero_suivi": "LX123456789FR"} if evenement == "expedie" else {}
        corps = {"numero": self.demande.numero, "evenement": evenement, "survenu_le": self.monde.instant(), **suivi}
        self.monde.dire("production", corps)
        self.monde.attendre(minutes=5)

    @property
    def demande(self) -> Any:
        return wiring.demandes().lire(self.chemin["id"])


class Vecue(NamedTuple):
    """What is left of the life."""

    motif: str
    statut: Statut
    passages: list[Passage]
    etats_avant_confirmation: int
    executions: list[Execution]


def vivre(motif: str) -> Vecue:
    monde, releve = Monde(), Releve()
    with exterieur_simule() as exterieur, releve.ouvert(monde):
        vie = VieHeureuse(motif, monde, releve, exterieur)
        vie.vivre()
        statut = vie.demande.statut
    executions = list(monde.automate.executions.values())
    return Vecue(motif, statut, releve.passages, vie.etats_avant_confirmation, executions)


@pytest.fixture(scope="module")
def vecue() -> Vecue:
    """The ordinary life: nobody but an agent acts."""
    return vivre("perte")


@pytest.fixture(scope="module")
def controlee() -> Vecue:
    """The same, with an operator's verdict."""
    return vivre("vol")


def poste(passage: Passage, ecriture: Ecriture) -> str:
    """Which figure a write is counted in."""
    if passage.qui == "veille.reconciliation":
        return "réconciliation"
    if passage.qui == "machine":
        return "reprise"
    table = ecriture.table.removeprefix("permis-")
    return table if table in ("idempotence", "notifications", "consultations") else "vie"


@pytest.mark.parametrize("laquelle", ["vecue", "controlee"])
def test_une_vie_heureuse_ne_coute_pas_plus_qu_aujourd_hui(
    laquelle: str, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    vecue: Vecue = request.getfixturevalue(laquelle)
    mesures = MESURES[vecue.motif]
    assert vecue.statut is Statut.DISTRIBUEE
    postes = dict.fromkeys(mesures, 0)
    lignes = []
    for passage in (un for un in vecue.passages if un.ecritures):
        for une in passage.ecritures:
            nom = poste(passage, une)
            postes[nom] = postes.get(nom, 0) + total([une])
        if passage.qui.endswith("/confirmation"):
            postes["confirmation"] = postes["vie"]
        detail = ", ".join(
            f"{e.table.removeprefix('permis-')} {e.octets} o = {e.wru}" + (f" + index {e.index}" if e.index else "")
            for e in passage.ecritures
        )
        lignes.append(f"  {passage.etape:16s} {passage.qui:42s} {passage.wru:3d}   {detail}")
    with capsys.disabled():
        print(
            f"\n\nWRU d'une vie heureuse ({vecue.motif}) : {postes['vie']} (but {BUT_VIE}), dont jusqu'à la confirmation"
        )
        print(f"{postes['confirmation']} (but {BUT_CONFIRMATION}) ; à part : {postes}")
        print("\n".join(lignes))

    repere = postes.pop("réconciliation")
    assert repere <= 1, "a reconciler with nothing to repair writes its own mark and no more"
    assert {nom: wru for nom, wru in postes.items() if wru > mesures[nom]} == {}


def test_la_machine_n_entre_pas_dans_plus_de_huit_etats_et_dans_aucun_avant_la_confirmation(vecue: Vecue) -> None:
    assert vecue.etats_avant_confirmation == 0
    (execution,) = vecue.executions
    assert execution.statut == "SUCCEEDED"
    assert execution.parcours == [
        *("SelonStatut", "Controler", "Attendre"),
        *("SelonStatut", "Commander", "Attendre"),
        *("SelonStatut", "Fin"),
    ]
    assert len(execution.parcours) <= BUT_ETATS


PUBLIER = ["dynamodb PutItem", "sns Publish", "dynamodb UpdateItem"]
ENVOYER_MAIL = ["dynamodb GetItem", "dynamodb UpdateItem", "ses SendEmail", "dynamodb UpdateItem"]
ENVOYER_SMS = ["dynamodb GetItem", "dynamodb UpdateItem", "sns Publish", "dynamodb UpdateItem"]
ECRIRE = "dynamodb TransactWriteItems"
# fmt: off
APPELS: tuple[tuple[str, str, list[str]], ...] = (
    # step, function, its calls (those to outside systems included); a sender that has nothing to say makes none
    ("confirmation",    "POST /demandes/{id}/confirmation", ["dynamodb Query", "dynamodb Query par_naissance", "photos reserver", ECRIRE]),
    ("confirmation",    "notifications.consommateur", ["dynamodb PutItem", "dynamodb GetItem", "stepfunctions StartExecution", "sns Publish", "dynamodb UpdateItem"]),
    ("confirmation",    "workflow.controler", ["dynamodb Query", "dynamodb Query par_naissance", "photos reserver", ECRIRE]),
    ("confirmation",    "notifications.consommateur", [*PUBLIER, *PUBLIER]),
    ("prise en charge", "POST /instruction/demandes/{id}/prise-en-charge", ["dynamodb GetItem", "dynamodb UpdateItem"]),
    ("validation",      "POST /instruction/demandes/{id}/validation", ["dynamodb Query", "snpc consulter", ECRIRE]),
    ("validation",      "notifications.consommateur", ["dynamodb PutItem", "dynamodb GetItem", "dynamodb GetItem", "stepfunctions SendTaskSuccess", "sns Publish", "dynamodb UpdateItem"]),
    ("validation",      "workflow.commander", ["dynamodb GetItem", "dynamodb UpdateItem", "producteur commander", ECRIRE]),
    ("validation",      "notifications.consommateur", PUBLIER),
    ("accepte",         "POST /partenaires/production", ["dynamodb Query par_numero", "dynamodb GetItem"]),
    ("produit",         "POST /partenaires/production", ["dynamodb Query par_numero", "dynamodb GetItem", ECRIRE]),
    ("produit",         "notifications.consommateur", PUBLIER),
    ("expedie",         "POST /partenaires/production", ["dynamodb Query par_numero", "dynamodb GetItem", ECRIRE]),
    ("expedie",         "notifications.consommateur", PUBLIER),
    ("distribue",       "POST /partenaires/production", ["dynamodb Query par_numero", "dynamodb GetItem", ECRIRE]),
    ("distribue",       "notifications.consommateur", ["dynamodb PutItem", "dynamodb GetItem", "dynamodb GetItem", "stepfunctions SendTaskSuccess", "dynamodb UpdateItem", "sns Publish", "dynamodb UpdateItem"]),
)
# fmt: on


def test_chaque_fonction_de_la_vie_fait_exactement_les_appels_prevus(vecue: Vecue) -> None:
    suivies = {qui for _, qui, _ in APPELS}
    assert [(un.etape, un.qui, un.appels) for un in vecue.passages if un.qui in suivies] == list(APPELS)
    envois = [un.appels for un in vecue.passages if un.qui.startswith("notifications.envoyer") and un.appels]
    assert {tuple(appels) for appels in envois} == {tuple(ENVOYER_MAIL), tuple(ENVOYER_SMS)}
