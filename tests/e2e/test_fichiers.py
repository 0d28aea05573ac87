"""Files: what S3 refuses, what the contrôle refuses and why, and that both may be repeated."""

import io
import re
from collections.abc import Callable

import pytest

from demo.client import Client, Envoi, Fichier
from tests.e2e.acteurs import Usager
from tests.e2e.outils import OCTETS_MAX, en_parallele, image, pdf, photo, tiff, verifier_probleme


@pytest.fixture
def demande_id(client: Client) -> str:
    """A demande of its own for each test: pages add up."""
    return client.creer_demande("vol")["id"]


def _tronque(fichier: Fichier) -> Fichier:
    return Fichier(fichier.nom, fichier.mime, fichier.octets[: len(fichier.octets) * 2 // 3])


@pytest.mark.parametrize(
    ("type_piece", "fabriquer", "codes"),
    [
        pytest.param("identite", lambda: _tronque(photo()), {"fichier_tronque", "fichier_illisible"}, id="JPEG coupé"),
        pytest.param("identite", lambda: _tronque(tiff()), {"fichier_tronque", "fichier_illisible"}, id="TIFF coupé"),
        pytest.param("domicile", lambda: _tronque(pdf(2)), {"fichier_tronque", "fichier_illisible"}, id="PDF coupé"),
        pytest.param("domicile", lambda: pdf(1, "secret"), {"pdf_protege"}, id="PDF protégé"),
        pytest.param("identite", lambda: pdf(3), {"trop_de_pages"}, id="identité de 3 pages"),
        pytest.param("domicile", lambda: pdf(6), {"trop_de_pages"}, id="domicile de 6 pages"),
        pytest.param("domicile", lambda: tiff(6), {"trop_de_pages"}, id="TIFF de 6 pages"),
        pytest.param("recepisse_vol", lambda: pdf(2), {"trop_de_pages"}, id="récépissé de 2 pages"),
        pytest.param(
            "identite",
            lambda: Fichier("carte.jpg", "image/jpeg", b"MZ\x90\x00" + b"\x00" * 2000),
            {"format_non_accepte"},
            id="programme nommé .jpg",
        ),
        pytest.param(
            "domicile",
            lambda: Fichier("facture.pdf", "application/pdf", b"<html><script>alert(1)</script></html>"),
            {"format_non_accepte"},
            id="page web nommée .pdf",
        ),
    ],
)
def test_un_mauvais_fichier_est_refuse_avec_sa_raison(
    client: Client, demande_id: str, type_piece: str, fabriquer: Callable[[], Fichier], codes: set[str]
) -> None:
    controle = client.joindre(demande_id, type_piece, fabriquer())
    assert controle["statut"] == "invalide"
    assert {a["code"] for a in controle["anomalies"]} & codes, controle
    for anomalie in controle["anomalies"]:
        assert re.fullmatch(r"[A-ZÀÉÊ].*\.", anomalie["message"]), anomalie
    piece = client.demande(demande_id)["pieces"][0]
    assert piece["statut"] == "invalide"
    assert client.demande(demande_id)["etapes"]["pieces"]["etat"] != "complete"


@pytest.mark.parametrize(
    ("fichier", "pages"),
    [(photo(), 1), (image("PNG"), 1), (image("BMP"), 1), (tiff(2), 2), (pdf(2), 2)],
    ids=["JPEG", "PNG", "BMP", "TIFF de 2 pages", "PDF de 2 pages"],
)
def test_un_bon_fichier_est_valide_et_ses_pages_comptees(
    client: Client, demande_id: str, fichier: Fichier, pages: int
) -> None:
    assert client.joindre(demande_id, "domicile", fichier) == {"statut": "valide", "pages": pages, "anomalies": []}


def test_le_contenu_compte_pas_le_type_annonce(client: Client, demande_id: str) -> None:
    """A scanner that names its TIFF .jpg sends two pages: they are read as what they are."""
    menteur = Fichier("carte.jpg", "image/jpeg", tiff(2).octets)
    assert client.joindre(demande_id, "domicile", menteur) == {"statut": "valide", "pages": 2, "anomalies": []}


def test_les_pages_de_plusieurs_fichiers_s_additionnent(client: Client, demande_id: str) -> None:
    assert client.joindre(demande_id, "domicile", pdf(3))["statut"] == "valide"
    refuse = client.joindre(demande_id, "domicile", pdf(3))
    assert refuse["statut"] == "invalide"
    assert refuse["anomalies"][0]["code"] == "trop_de_pages"
    assert client.joindre(demande_id, "domicile", pdf(2))["statut"] == "valide"


def test_deux_controles_en_meme_temps_ne_font_pas_passer_trop_de_pages(client: Client, demande_id: str) -> None:
    def preparer(_: int) -> str:
        preparee = client.preparer_piece(demande_id, "identite", "cni.pdf", len(pdf(2).octets), "application/pdf")
        assert client.envoyer(preparee["envoi"], pdf(2)).is_success
        return preparee["piece_id"]

    en_parallele(lambda piece_id: client.controler(demande_id, piece_id), [preparer(0), preparer(1)], fils=2)
    valides = [p for p in client.demande(demande_id)["pieces"] if p["statut"] == "valide"]
    manques = client.recapitulatif(demande_id)["manques"]
    assert sum(p["pages"] for p in valides) <= 2 or any(m.get("champ") == "identite" for m in manques)


def test_l_ordre_des_fichiers_d_une_piece_est_garde(client: Client, demande_id: str) -> None:
    for nom in ("recto.jpg", "verso.jpg"):
        client.joindre(demande_id, "identite", Fichier(nom, "image/jpeg", photo().octets))
    pieces = sorted(client.demande(demande_id)["pieces"], key=lambda p: p["rang"])
    assert [p["nom_fichier"] for p in pieces] == ["recto.jpg", "verso.jpg"]


def test_s3_refuse_un_fichier_vide_ou_le_controle_le_dit(client: Client, demande_id: str) -> None:
    preparee = client.preparer_piece(demande_id, "identite", "vide.jpg", 10, "image/jpeg")
    depot = client.envoyer(preparee["envoi"], Fichier("vide.jpg", "image/jpeg", b""))
    if depot.is_success:
        controle = client.controler(demande_id, preparee["piece_id"])
        assert controle["statut"] == "invalide"
        assert controle["anomalies"][0]["code"] == "fichier_vide"
    else:
        assert 400 <= depot.status_code < 500


def test_s3_refuse_plus_de_11_mo(client: Client, demande_id: str) -> None:
    preparee = client.preparer_piece(demande_id, "identite", "gros.jpg", OCTETS_MAX, "image/jpeg")
    gros = Fichier("gros.jpg", "image/jpeg", photo().octets + b"\x00" * OCTETS_MAX)
    assert 400 <= client.envoyer(preparee["envoi"], gros).status_code < 500
    verifier_probleme(
        client.brut("POST", f"/api/demandes/{demande_id}/pieces/{preparee['piece_id']}/controle"), 409, 422
    )


def _autre_cle(envoi: Envoi) -> Envoi:
    return {"url": envoi["url"], "champs": {**envoi["champs"], "key": envoi["champs"]["key"] + "-autre"}}


def _autre_type(envoi: Envoi) -> Envoi:
    return {"url": envoi["url"], "champs": {**envoi["champs"], "Content-Type": "text/html"}}


def _sans_politique(envoi: Envoi) -> Envoi:
    return {"url": envoi["url"], "champs": {nom: v for nom, v in envoi["champs"].items() if nom.lower() != "policy"}}


def _champ_de_plus(envoi: Envoi) -> Envoi:
    return {"url": envoi["url"], "champs": {**envoi["champs"], "x-amz-meta-intrus": "1"}}


@pytest.mark.parametrize(
    "changer", [_autre_cle, _autre_type, _sans_politique, _champ_de_plus], ids=lambda f: f.__name__.strip("_")
)
def test_s3_refuse_ce_que_la_politique_n_a_pas_prevu(
    client: Client, demande_id: str, changer: Callable[[Envoi], Envoi]
) -> None:
    preparee = client.preparer_piece(demande_id, "identite", "carte.jpg", len(photo().octets), "image/jpeg")
    depot = client.envoyer(changer(preparee["envoi"]), photo())
    assert 400 <= depot.status_code < 500, depot.text


def test_la_cle_de_depot_ne_dit_rien_du_nom_du_fichier(client: Client, demande_id: str) -> None:
    preparee = client.preparer_piece(demande_id, "identite", "../../Corneille Pierre.jpg", 1000, "image/jpeg")
    assert "Corneille" not in str(preparee["envoi"])
    assert ".." not in preparee["envoi"]["champs"]["key"]


def test_controler_un_fichier_pas_encore_envoye_le_dit(client: Client, demande_id: str) -> None:
    preparee = client.preparer_piece(demande_id, "identite", "carte.jpg", 1000, "image/jpeg")
    chemin = f"/api/demandes/{demande_id}/pieces/{preparee['piece_id']}/controle"
    verifier_probleme(client.brut("POST", chemin), 409, 422)
    assert client.demande(demande_id)["pieces"][0]["statut"] in {"attendue", "en_cours"}


def test_controler_deux_fois_donne_la_meme_reponse(client: Client, demande_id: str) -> None:
    for fichier in (pdf(2), pdf(3)):
        preparee = client.preparer_piece(demande_id, "identite", fichier.nom, len(fichier.octets), fichier.mime)
        assert client.envoyer(preparee["envoi"], fichier).is_success
        premier = client.controler(demande_id, preparee["piece_id"])
        assert client.controler(demande_id, preparee["piece_id"]) == premier


def test_controler_en_ayant_un_autre_corps_ne_casse_rien(client: Client, demande_id: str) -> None:
    client.joindre(demande_id, "identite", photo())
    piece_id = client.demande(demande_id)["pieces"][0]["piece_id"]
    chemin = f"/api/demandes/{demande_id}/pieces/{piece_id}/controle"
    for octets in (b"", b"{}", b"[", b"\xff"):
        assert client.brut("POST", chemin, contenu=octets).status_code < 500


def test_une_piece_valide_se_consulte_par_un_lien_court(client: Client, demande_id: str) -> None:
    client.joindre(demande_id, "identite", photo())
    piece_id = client.demande(demande_id)["pieces"][0]["piece_id"]
    octets = client.document(demande_id, f"pieces/{piece_id}")
    assert octets[:3] == b"\xff\xd8\xff" or octets.startswith(b"%PDF-")


def test_le_lien_d_une_piece_ne_s_ouvre_pas_sans_sa_signature(client: Client, anonyme: Client, demande_id: str) -> None:
    for _ in range(2):
        client.joindre(demande_id, "identite", photo())
    liens = [
        client.appeler("GET", f"/api/demandes/{demande_id}/pieces/{piece['piece_id']}")["url"]
        for piece in client.demande(demande_id)["pieces"]
    ]
    chemins, requetes = zip(*(lien.split("?", 1) for lien in liens), strict=True)
    faux = (chemins[0], f"{chemins[0]}?{requetes[1]}", liens[0][:-4] + "0000", f"{chemins[0]}x?{requetes[0]}")
    for lien in faux:
        assert anonyme.brut("GET", lien).status_code == 403, lien
    assert anonyme.brut("GET", liens[0]).status_code == 200


def test_ce_que_nous_gardons_ne_porte_plus_ce_que_le_telephone_ajoute(client: Client, demande_id: str) -> None:
    from PIL import Image

    sortie = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "Corneille chez lui"
    Image.effect_noise((400, 300), 60).convert("RGB").save(sortie, "JPEG", exif=exif)
    client.joindre(demande_id, "identite", Fichier("photo.jpg", "image/jpeg", sortie.getvalue()))
    piece_id = client.demande(demande_id)["pieces"][0]["piece_id"]
    assert b"Corneille" not in client.document(demande_id, f"pieces/{piece_id}")


def test_un_virus_est_refuse_et_une_analyse_en_panne_se_dit_sans_rien_laisser_passer(
    client: Client, demande_id: str
) -> None:
    virus = photo().octets + rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
    refuse = client.joindre(demande_id, "identite", Fichier("carte.jpg", "image/jpeg", virus))
    assert (refuse["statut"], [a["code"] for a in refuse["anomalies"]]) == ("invalide", ["virus_trouve"])

    preparee = client.preparer_piece(demande_id, "domicile", "a.jpg", len(photo().octets), "image/jpeg")
    assert client.envoyer(preparee["envoi"], photo()).is_success
    chemin = f"/api/demandes/{demande_id}/pieces/{preparee['piece_id']}/controle"
    client.appeler("POST", "/dev/pannes", {"service": "antivirus", "mode": "panne"})
    try:
        reponse = client.brut("POST", chemin)
        assert (reponse.status_code, reponse.json()["statut"]) == (202, "en_cours")
        assert [a["code"] for a in reponse.json()["anomalies"]] == ["analyse_indisponible"]
    finally:
        client.appeler("POST", "/dev/pannes", {"service": "antivirus", "mode": "aucune"})
    conclu = client.brut("GET", chemin)
    assert (conclu.status_code, conclu.json()["statut"]) == (200, "valide")


def test_retirer_une_piece_libere_ses_pages(client: Client, demande_id: str) -> None:
    client.joindre(demande_id, "identite", pdf(2))
    piece_id = client.demande(demande_id)["pieces"][0]["piece_id"]
    assert client.brut("DELETE", f"/api/demandes/{demande_id}/pieces/{piece_id}").is_success
    assert all(p["piece_id"] != piece_id for p in client.demande(demande_id)["pieces"])
    assert client.joindre(demande_id, "identite", pdf(2))["statut"] == "valide"


def test_le_fichier_d_un_autre_ne_s_envoie_pas_a_sa_place(usager: Usager, autre_usager: Usager) -> None:
    sienne = usager.client.creer_demande("vol")["id"]
    autre = autre_usager.client.creer_demande("vol")["id"]
    a_lui = usager.client.preparer_piece(sienne, "identite", "carte.jpg", len(photo().octets), "image/jpeg")
    a_moi = autre_usager.client.preparer_piece(autre, "identite", "carte.jpg", len(photo().octets), "image/jpeg")
    vole: Envoi = {
        "url": a_moi["envoi"]["url"],
        "champs": {**a_moi["envoi"]["champs"], "key": a_lui["envoi"]["champs"]["key"]},
    }
    assert 400 <= autre_usager.client.envoyer(vole, photo()).status_code < 500
