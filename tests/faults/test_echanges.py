"""A message or a note whose write fails at any call, before or after, sent again under its key: written once."""

from contextlib import suppress

import pytest

from chalicelib import wiring
from chalicelib.demande.ports_echanges import Fil
from chalicelib.http import Identite
from tests.agents import AGENT, PIERRE, deposer, habiliter
from tests.appel import Resultat, appeler
from tests.contract.tables import aws_simule
from tests.dossiers import DEMANDE_ID
from tests.faults.pannes import MODES, Injecteur, Mode, Panne, Tue

ENVOIS = {
    "message de l'usager": (PIERRE, "/demandes/{id}/messages", Fil.MESSAGES, 2),
    "message de l'agent": (AGENT, "/instruction/demandes/{id}/messages", Fil.MESSAGES, 3),
    "note": (AGENT, "/instruction/demandes/{id}/notes", Fil.NOTES, 3),
}


def envoyer(qui: Identite, chemin: str) -> Resultat:
    return appeler("POST", chemin, {"id": DEMANDE_ID}, {"texte": "Bonjour"}, qui, {"Idempotency-Key": "cle-1"})


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("envoi", "point"),
    [(nom, point) for nom, (*_, appels) in ENVOIS.items() for point in range(1, appels + 1)],
)
def test_un_envoi_dont_un_appel_echoue_puis_repris_est_ecrit_une_fois(envoi: str, point: int, mode: Mode) -> None:
    qui, chemin, fil, appels = ENVOIS[envoi]
    injecteur = Injecteur(Panne(point, mode), lambda *_: (500, {}))
    with aws_simule(), injecteur.installe():
        habiliter()
        deposer()
        with injecteur.pour(envoi), suppress(Tue):
            premiere = envoyer(qui, chemin)
            assert premiere.statut in (201, 503)
            assert mode != "repris" or premiere.statut == 201
        assert any(un.numero == point for un in injecteur.points), "the call to fail was made"
        reprise = envoyer(qui, chemin)
        assert reprise.statut == 201

        (ecrit,) = wiring.echanges().lister(DEMANDE_ID, fil, None, 10)[0]
        assert ecrit.ecrit_id == reprise.corps["id"]
        messages = 1 if fil is Fil.MESSAGES else 0
        assert len(wiring.demandes().journal(DEMANDE_ID)) == messages
        assert wiring.demandes().lire(DEMANDE_ID).messages == messages
