"""The pages of a pièce for the viewer: every submitted version, by a short-lived link, each opening recorded."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.demande.modeles import Piece, Statut, StatutPiece
from chalicelib.demande.ports_consultations import Quoi
from chalicelib.http import Identite
from chalicelib.instruction.pages import FONCTION
from tests.agents import AGENT, AILLEURS, CTN, PIERRE, deposer
from tests.appel import Resultat, appeler
from tests.compteur import compter_appels
from tests.contract.tables import aws_simule
from tests.dossiers import DEMANDE_ID, piece
from tests.droits import relever_droits

PAGE = "/instruction/demandes/{id}/pieces/{piece_id}/pages/{n}"
REMPLACEE = piece("domicile", 8, StatutPiece.REMPLACEE, pages=2, empreinte="a" * 64)
ESSAI = piece("domicile", 9, pages=1)


@pytest.fixture(autouse=True)
def _aws() -> Iterator[None]:
    with aws_simule():
        yield


def voir(une: Piece | str, n: Any = 1, qui: Identite = AGENT) -> Resultat:
    piece_id = une if isinstance(une, str) else une.piece_id
    return appeler("GET", PAGE, {"id": DEMANDE_ID, "piece_id": piece_id, "n": str(n)}, identite=qui)


def consultations() -> list[tuple[str, str | None]]:
    return [(c.quoi, c.detail) for c in wiring.consultations().lister(DEMANDE_ID, wiring.horloge(), None, 50)[0]]


@pytest.mark.parametrize("qui", [AGENT, CTN], ids=["agent", "ctn"])
def test_le_lien_mene_a_la_page_rangee_sous_l_empreinte_du_fichier_juge_et_expire(qui: Identite) -> None:
    demande = deposer()
    premiere = (demande.pieces_deposees or [])[0]
    vu = voir(premiere, 1, qui)
    assert vu.statut == 200
    assert f"/{DEMANDE_ID}/{premiere}/{'e' * 64}/1.jpg?" in vu.corps["url"]
    assert "X-Amz-Expires=300" in vu.corps["url"]
    assert vu.entetes["cache-control"] == "no-store"


def test_une_version_remplacee_reste_visible_page_a_page() -> None:
    deposer(Statut.EN_INSTRUCTION, REMPLACEE)
    liens = [voir(REMPLACEE, n).corps["url"] for n in (1, 2)]
    assert [f"/{'a' * 64}/{n}.jpg?" in lien for n, lien in zip((1, 2), liens, strict=True)] == [True, True]
    assert consultations() == [(Quoi.PAGE, f"{REMPLACEE.piece_id}/2"), (Quoi.PAGE, f"{REMPLACEE.piece_id}/1")]


def test_ce_que_l_usager_a_essaye_sans_le_soumettre_reste_a_lui() -> None:
    deposer(Statut.SUSPENDUE, ESSAI)
    refus = voir(ESSAI)
    assert (refus.statut, refus.corps["title"]) == (404, "Pièce introuvable")
    assert consultations() == []


@pytest.mark.parametrize("n", [0, 2, 9999, "00", "01", "-1", "1.5", "x", "١", "1\n", "99999", "1e3"], ids=ascii)
def test_ce_qui_n_est_pas_une_page_est_introuvable_et_n_est_pas_consigne(n: Any) -> None:
    demande = deposer()
    refus = voir((demande.pieces_deposees or [])[0], n)
    assert (refus.statut, refus.corps["title"]) == (404, "Page introuvable")
    assert consultations() == []


def test_une_piece_sans_page_n_en_montre_pas() -> None:
    sans = piece("avis_medical", 7, StatutPiece.REMPLACEE, pages=0, empreinte=None)
    deposer(Statut.EN_INSTRUCTION, sans)
    assert voir(sans).statut == 404


@pytest.mark.parametrize("piece_id", ["0" * 16, "x", "A" * 16, "0" * 17])
def test_une_piece_inconnue_est_introuvable(piece_id: str) -> None:
    deposer()
    assert voir(piece_id).statut == 404


def test_hors_de_ses_autorites_la_piece_n_existe_pas() -> None:
    demande = deposer()
    refus = voir((demande.pieces_deposees or [])[0], 1, AILLEURS)
    assert (refus.statut, refus.corps["title"]) == (404, "Demande introuvable")
    assert consultations() == []


def test_un_usager_n_y_a_pas_acces() -> None:
    with compter_appels() as appels:
        assert voir("0" * 16, 1, PIERRE).statut == 403
    assert appels == []


def test_une_page_coute_une_lecture_et_sa_consignation_avec_les_seuls_droits_de_la_fonction() -> None:
    demande = deposer()
    with compter_appels() as appels, relever_droits() as droits:
        voir((demande.pieces_deposees or [])[0])
    assert [appel.operation for appel in appels] == ["Query", "PutItem"]
    tables = {nom: set(actions) for nom, actions in FONCTION.droits.items() if nom.startswith("table:")}
    assert tables == droits


def test_ce_qui_n_a_pu_etre_consigne_n_est_pas_montre(monkeypatch: pytest.MonkeyPatch) -> None:
    demande = deposer()
    wiring.consultations.cache_clear()
    monkeypatch.setenv("TABLE_CONSULTATIONS", "absente")
    assert voir((demande.pieces_deposees or [])[0]).statut >= 500
