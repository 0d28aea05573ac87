"""The control of a CTN operator over its route: one verdict for a pièce, which he may correct."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.adapters import clients
from chalicelib.adapters.dynamo import item
from chalicelib.demande.modeles import Motif, Statut, StatutPiece
from chalicelib.http import Identite
from chalicelib.instruction.controler import PAGES_MAX
from tests.agents import CTN, PIERRE, deposer, habiliter
from tests.appel import Resultat, appeler
from tests.compteur import compter_appels
from tests.contract.tables import aws_simule
from tests.dossiers import DEMANDE_ID, piece, pieces_de, prete
from tests.ports import exterieur_simule

CONTROLE = "/instruction/demandes/{id}/controle"
ACTE = next(
    p.piece_id
    for p in pieces_de(prete(motif=Motif.CHANGEMENT_ETAT_CIVIL, paiement=None))
    if p.type == "justificatif_etat_civil"
)


@pytest.fixture(autouse=True)
def _aws() -> Iterator[None]:
    with aws_simule(), exterieur_simule():
        habiliter()
        deposer(
            Statut.EN_CONTROLE,
            motif=Motif.CHANGEMENT_ETAT_CIVIL,
            photo_recue_le="2026-11-24T10:00:00.000Z",
            paiement=None,
        )
        yield


def verdict(statut: str, motif: str | None = None) -> dict[str, Any]:
    return {"piece_id": ACTE, "statut": statut, **({"motif": motif} if motif else {})}


def juger(*verdicts: dict[str, Any], qui: Identite = CTN) -> Resultat:
    return appeler("POST", CONTROLE, {"id": DEMANDE_ID}, {"pieces": list(verdicts)}, qui)


def acte() -> tuple[StatutPiece, str | None]:
    une = next(p for p in wiring.demandes().lire_avec_pieces(DEMANDE_ID)[1] if p.piece_id == ACTE)
    return une.statut, une.motif_refus


def test_une_piece_jugee_deux_fois_a_la_fois_est_refusee_sans_appel() -> None:
    with compter_appels() as appels:
        refus = juger(verdict("refusee", "illisible"), verdict("acceptee"))
    assert (refus.statut, appels) == (422, [])
    (erreur,) = refus.corps["erreurs"]
    assert (erreur["champ"], erreur["message"]) == (
        "pieces",
        "Une même pièce ne peut pas être jugée deux fois à la fois.",
    )
    assert acte() == (StatutPiece.VALIDE, None)


def test_le_motif_d_une_piece_refusee_se_corrige() -> None:
    assert juger(verdict("refusee", "illisible")).corps["statut"] == "en_controle"
    assert juger(verdict("refusee", "illisible")).statut == 409, "the same again changes nothing"
    assert acte() == (StatutPiece.REFUSEE, "illisible")
    assert juger(verdict("refusee", "incomplete")).corps["statut"] == "en_controle"
    assert acte() == (StatutPiece.REFUSEE, "incomplete")
    assert [entree.evenement for entree in wiring.demandes().journal(DEMANDE_ID)] == ["PiecesControlees"] * 2


def test_le_motif_s_en_va_quand_la_piece_est_acceptee_apres_tout() -> None:
    juger(verdict("refusee", "illisible"))
    assert juger(verdict("acceptee")).corps["statut"] == "en_instruction"
    assert acte() == (StatutPiece.ACCEPTEE, None)


def deux_pages() -> str:
    """A deposited pièce of two pages, beside the acte."""
    recto_verso = piece("identite", 9, pages=2)
    wiring.demandes().ajouter_piece(recto_verso)
    demande = wiring.demandes().lire(DEMANDE_ID)
    deposees = [*(demande.pieces_deposees or []), recto_verso.piece_id]
    clients.client("dynamodb").update_item(
        TableName="permis-demandes",
        Key=item({"id": DEMANDE_ID, "element": "DEMANDE"}),
        UpdateExpression="SET pieces_deposees = :deposees",
        ExpressionAttributeValues=item({":deposees": deposees}),
    )
    return recto_verso.piece_id


def refuser(piece_id: str, *pages: tuple[int, str], motif: str | None = None) -> Resultat:
    nommees = [{"page": page, "motif": pourquoi} for page, pourquoi in pages]
    donne = {"motif": motif} if motif else {}
    return juger({"piece_id": piece_id, "statut": "refusee", "pages": nommees, **donne})


def au_dossier(piece_id: str) -> tuple[str, str | None, list[str]]:
    """What the operator reads again of a pièce: its statut, its motif, the sentences of its pages."""
    lu = appeler("GET", "/instruction/demandes/{id}", {"id": DEMANDE_ID}, None, CTN)
    (une,) = (p for p in lu.corps["pieces"] if p["piece_id"] == piece_id)
    return une["statut"], une["motif_refus"], [page["libelle"] for page in une["pages_refusees"]]


def test_les_pages_en_cause_se_nomment_se_corrigent_et_s_en_vont_avec_le_refus() -> None:
    recto_verso = deux_pages()
    assert refuser(recto_verso, (2, "illisible"), motif="incomplete").statut == 200
    floue = "Page 2\u00a0: illisible, floue ou mal éclairée."
    assert au_dossier(recto_verso) == ("refusee", "incomplete", [floue])
    assert refuser(recto_verso, (2, "illisible"), motif="incomplete").statut == 409, "the same again changes nothing"
    assert refuser(recto_verso, (2, "illisible"), (1, "expiree"), motif="incomplete").statut == 200
    assert au_dossier(recto_verso)[2] == ["Page 1\u00a0: périmée ou trop ancienne.", floue]
    assert refuser(recto_verso, motif="incomplete").statut == 200, "no page any more is a change too"
    assert au_dossier(recto_verso) == ("refusee", "incomplete", [])
    refuser(recto_verso, (1, "illisible"))
    assert juger({"piece_id": recto_verso, "statut": "acceptee"}).statut == 200
    assert au_dossier(recto_verso) == ("acceptee", None, [])


def test_sans_motif_une_piece_prend_celui_de_sa_premiere_page_en_cause() -> None:
    recto_verso = deux_pages()
    refuser(recto_verso, (2, "illisible"), (1, "expiree"))
    assert au_dossier(recto_verso)[:2] == ("refusee", "expiree")


def test_une_page_que_la_piece_n_a_pas_est_nommee_et_rien_n_est_ecrit() -> None:
    recto_verso = deux_pages()
    refus = refuser(recto_verso, (2, "illisible"), (3, "illisible"))
    assert refus.statut == 422
    assert refus.corps["erreurs"] == [
        {"champ": "pieces.0.pages.1.page", "message": "Cette pièce n'a que 2 pages."},
    ]
    assert "n'a qu'une page." in refuser(ACTE, (2, "illisible")).corps["erreurs"][0]["message"]
    assert au_dossier(recto_verso) == ("valide", None, [])


@pytest.mark.parametrize(
    ("pages", "champ"),
    [
        ([{"page": 0, "motif": "illisible"}], "pieces.0.pages.0.page"),
        ([{"page": True, "motif": "illisible"}], "pieces.0.pages.0.page"),
        ([{"page": 1, "motif": "floue"}], "pieces.0.pages.0.motif"),
        ([{"page": 1}], "pieces.0.pages.0.motif"),
        ([{"page": 1, "motif": "illisible"}, {"page": 1, "motif": "expiree"}], "pieces.0.pages"),
        ([{"page": page, "motif": "illisible"} for page in range(1, PAGES_MAX + 2)], "pieces.0.pages"),
        ({"1": "illisible"}, "pieces.0.pages"),
        (None, "pieces.0.pages"),
    ],
)
def test_des_pages_mal_dites_sont_refusees_sans_appel(pages: Any, champ: str) -> None:
    with compter_appels() as appels:
        refus = juger({"piece_id": ACTE, "statut": "refusee", "pages": pages})
    assert (refus.statut, appels) == (422, [])
    assert [erreur["champ"] for erreur in refus.corps["erreurs"]] == [champ]


def test_une_piece_acceptee_n_a_pas_de_page_refusee() -> None:
    refus = juger({**verdict("acceptee"), "pages": [{"page": 1, "motif": "illisible"}]})
    assert refus.statut == 422
    assert refus.corps["erreurs"][0]["message"] == "Une pièce acceptée n'a pas de page refusée."
    assert juger({**verdict("refusee"), "pages": []}).statut == 422, "no page, no motif"


def test_l_usager_a_qui_l_on_redemande_la_piece_lit_quelle_page_et_pourquoi() -> None:
    recto_verso = deux_pages()
    refuser(recto_verso, (2, "illisible"))
    demande = {"elements": [{"cible": recto_verso, "motif": "illisible"}], "message": "Reprenez le verso, merci."}
    assert appeler("POST", "/instruction/demandes/{id}/suspension", {"id": DEMANDE_ID}, demande, CTN).statut == 200
    page = {"page": 2, "motif": "illisible", "libelle": "Page 2\u00a0: illisible, floue ou mal éclairée."}
    vue = appeler("GET", "/demandes/{id}", {"id": DEMANDE_ID}, None, PIERRE)
    suivi = appeler("GET", "/demandes/{id}/suivi", {"id": DEMANDE_ID}, None, PIERRE)
    dossier = appeler("GET", "/instruction/demandes/{id}", {"id": DEMANDE_ID}, None, CTN)
    for elements in (
        vue.corps["suspension"]["elements"],
        suivi.corps["complement"]["elements"],
        dossier.corps["suspensions"][0]["elements"],
    ):
        assert [element["pages"] for element in elements] == [[page]]
