"""A hundred agents decide on one demande at the same instant, over HTTP: one decision, and the others are told."""

from collections import Counter

import pytest

from demo.guichet import Guichet
from tests.e2e.outils import en_parallele, verifier_probleme
from tests.e2e.vies import DEPOT, Vie

DECISIONS = 100
FINS = {
    "validation": ("DemandeValidee", {"validee", "en_production"}),
    "refus": ("DemandeRefusee", {"refusee"}),
    "suspension": ("DemandeSuspendue", {"suspendue"}),
}


@pytest.mark.parametrize("avec", [FINS.keys(), ("refus", "suspension")], ids=["toutes", "sans validation"])
def test_de_cent_decisions_a_la_fois_une_seule_est_prise(url: str, avec: tuple[str, ...]) -> None:
    vie = Vie(url).confirmer().jusqu_a("en_instruction")
    version = vie.client.demande(vie.id)["version"]
    corps = {
        "validation": {},
        "refus": {"motif": "fraude", "message": "La facture jointe a été modifiée."},
        "suspension": {
            "elements": [{"cible": vie.piece("domicile"), "motif": "illisible"}],
            "message": "La facture est floue : joignez-en une autre, bien lisible.",
        },
    }
    # Several sessions of the service: a hundred decisions, half of which say which version they have seen.
    guichets = [vie.agent, vie.chef, *(Guichet(url).entrer("agent.543") for _ in range(4))]
    actions = [(guichets[rang % len(guichets)], list(avec)[rang % len(avec)], rang % 2) for rang in range(DECISIONS)]

    def decider(une: tuple[Guichet, str, int]) -> tuple[int, str]:
        guichet, action, si = une
        entetes = {"If-Match": f'"{version}"'} if si else {}
        chemin = f"/api/instruction/demandes/{vie.id}/{action}"
        reponse = guichet.brut("POST", chemin, corps[action], entetes=entetes)
        while reponse.status_code == 503:
            # A machine too busy to answer says to try again, which an agent does.
            sans_reponse.append(action)
            reponse = guichet.brut("POST", chemin, corps[action], entetes=entetes)
        if reponse.is_success:
            return reponse.status_code, reponse.json()["statut"]
        return reponse.status_code, verifier_probleme(reponse, *((409, 412) if si else (409,))).get("statut", "")

    sans_reponse: list[str] = []
    reponses = en_parallele(decider, actions)

    histoire = [un for un in vie.histoire() if un != "CommandeAcceptee"]
    (gagnante,) = [action for action in avec if histoire == [*DEPOT, FINS[action][0]]]
    codes = Counter(code for code, _ in reponses)
    assert codes[409] + codes[412] == DECISIONS - codes[200]
    assert codes[200] == 1 or (codes[200] == 0 and gagnante in sans_reponse)
    # Once validated, its order is placed at once.
    statuts = FINS[gagnante][1]
    assert {dit for code, dit in reponses if code != 412} <= statuts
    assert vie.statut in statuts
    assert vie.agent.verification(vie.id)["intacte"]
    assert vie.timbre_resert() is (gagnante == "refus")
