"""The files on S3 (moto): what a browser may post, what leaves the quarantine, what links give, what removal leaves."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.adapters import clients
from chalicelib.adapters.fichiers_s3 import ENVOI_S, LIEN_S, FichiersS3, _deplacer
from chalicelib.demande.modeles import StatutPiece
from tests.appel import preparer_environnement
from tests.compteur import compter_appels
from tests.contract.tables import aws_simule, oublier_les_ports
from tests.dossiers import DEMANDE_ID, piece

ATTENDUE = piece("domicile", statut=StatutPiece.ATTENDUE, pages=0, taille=2000)
CLE = f"{DEMANDE_ID}/{ATTENDUE.piece_id}"
RANGEMENT = f"{CLE}/{ATTENDUE.empreinte}"
PAGES = [b"page 1", b"page 2", b"page 3"]


@pytest.fixture
def s3() -> Iterator[Any]:
    with aws_simule():
        yield clients.client("s3")


def fichiers(s3: Any, **reglages: str) -> FichiersS3:
    buckets = {nom: f"permis-{nom}" for nom in ("quarantaine", "pieces", "documents")}
    return FichiersS3(s3, **{**buckets, **reglages})


def poster(s3: Any, octets: bytes = b"%PDF-1.7") -> None:
    """What the browser's POST leaves in the quarantine."""
    s3.put_object(Bucket="permis-quarantaine", Key=CLE, Body=octets, ContentType="application/pdf")


def contenu(s3: Any, bucket: str) -> dict[str, bytes]:
    cles = [objet["Key"] for objet in s3.list_objects_v2(Bucket=f"permis-{bucket}").get("Contents", [])]
    return {cle: s3.get_object(Bucket=f"permis-{bucket}", Key=cle)["Body"].read() for cle in cles}


def politique(champs: dict[str, str]) -> dict[str, Any]:
    decodee: dict[str, Any] = json.loads(base64.b64decode(champs["policy"]))
    return decodee


def test_l_envoi_est_lie_a_sa_cle_sa_taille_son_type_et_son_usager_pour_un_quart_d_heure(s3: Any) -> None:
    avant = datetime.now(UTC).replace(microsecond=0)
    with compter_appels() as appels:
        envoi = fichiers(s3).preparer_envoi(ATTENDUE, "compte-de-pierre")
    conditions = politique(envoi.champs)["conditions"]

    assert appels == []
    attendues: list[Any] = [
        {"bucket": "permis-quarantaine"},
        {"key": CLE},
        {"Content-Type": "application/pdf"},
        {"x-amz-meta-usager": "compte-de-pierre"},
        {"x-amz-meta-piece": ATTENDUE.piece_id},
    ]
    for attendue in attendues:
        assert attendue in conditions
    (longueur,) = [c for c in conditions if isinstance(c, list) and c[0] == "content-length-range"]
    assert longueur[2] == 2000
    assert not [c for c in conditions if isinstance(c, list) and c[0] == "starts-with"], "nothing is left to the sender"
    fin = datetime.fromisoformat(politique(envoi.champs)["expiration"].replace("Z", "+00:00"))
    assert timedelta() <= fin - avant - timedelta(seconds=ENVOI_S) < timedelta(seconds=10)
    assert envoi.champs["key"] == CLE


def test_une_cle_ne_porte_aucune_donnee_d_identite(s3: Any) -> None:
    champs = fichiers(s3).preparer_envoi(ATTENDUE, "compte-de-pierre").champs
    assert ATTENDUE.nom_fichier not in json.dumps(champs)
    assert ATTENDUE.nom_fichier not in json.dumps(politique(champs))


def test_une_porte_de_facade_remplace_l_adresse_du_depot_et_des_liens(s3: Any) -> None:
    porte = fichiers(s3, url_depot="http://127.0.0.1:8080/depot", url_liens="http://127.0.0.1:8080/depot/")
    assert porte.preparer_envoi(ATTENDUE, "u").url == "http://127.0.0.1:8080/depot/permis-quarantaine/"
    lien = urlsplit(porte.liens_pages(piece("domicile"))[0])
    assert (lien.netloc, lien.path.split("/")[1:3]) == ("127.0.0.1:8080", ["depot", "permis-pieces"])
    assert parse_qs(lien.query)["X-Amz-Signature"]


def test_la_porte_de_facade_nomme_le_bucket_que_s3_nomme_dans_le_chemin_ou_dans_l_hote() -> None:
    base = "https://permis.exemple.fr/depot"
    for s3_dit in (
        "https://permis-pieces.s3.eu-west-3.amazonaws.com/d/p.jpg?X=1",
        "http://s3.local/permis-pieces/d/p.jpg?X=1",
    ):
        assert _deplacer(s3_dit, "permis-pieces", base) == f"{base}/permis-pieces/d/p.jpg?X=1"
        assert _deplacer(s3_dit, "permis-pieces", "") == s3_dit


def test_un_fichier_pas_encore_poste_est_absent(s3: Any) -> None:
    assert fichiers(s3).lire_quarantaine(ATTENDUE) is None
    poster(s3)
    assert fichiers(s3).lire_quarantaine(ATTENDUE) == b"%PDF-1.7"


def test_une_panne_de_s3_n_est_pas_prise_pour_une_absence(s3: Any) -> None:
    with pytest.raises(s3.exceptions.ClientError):
        fichiers(s3, quarantaine="permis-inexistant").lire_quarantaine(ATTENDUE)


def test_un_fichier_controle_sort_de_quarantaine_en_pages_a_nous_et_son_original_est_scelle(s3: Any) -> None:
    poster(s3)
    fichiers(s3).ranger(ATTENDUE, b"%PDF-1.7", PAGES)

    pages = {f"{RANGEMENT}/{rang}.jpg": page for rang, page in enumerate(PAGES, start=1)}
    assert contenu(s3, "pieces") == {**pages, f"{RANGEMENT}/original": b"%PDF-1.7"}
    types = {cle: s3.head_object(Bucket="permis-pieces", Key=cle)["ContentType"] for cle in contenu(s3, "pieces")}
    assert types.pop(f"{RANGEMENT}/original") == "application/octet-stream", "a browser never opens what somebody sent"
    assert set(types.values()) == {"image/jpeg"}


def test_ranger_deux_fois_ne_laisse_rien_de_plus(s3: Any) -> None:
    poster(s3)
    fichiers(s3).ranger(ATTENDUE, b"%PDF-1.7", PAGES)
    une_fois = contenu(s3, "pieces")
    fichiers(s3).ranger(ATTENDUE, b"%PDF-1.7", PAGES)
    assert contenu(s3, "pieces") == une_fois


def test_les_liens_des_pages_sont_courts_et_dans_l_ordre_sans_appel(s3: Any) -> None:
    with compter_appels() as appels:
        liens = fichiers(s3).liens_pages(ATTENDUE.model_copy(update={"pages": 3}))
    assert appels == []
    assert [urlsplit(lien).path.rsplit("/", 1)[-1] for lien in liens] == ["1.jpg", "2.jpg", "3.jpg"]
    for lien in liens:
        assert parse_qs(urlsplit(lien).query)["X-Amz-Expires"] == [str(LIEN_S)]


@pytest.mark.parametrize("pages_du_verdict", [0, 3])
def test_supprimer_ne_laisse_rien_meme_d_un_controle_coupe_avant_son_verdict(s3: Any, pages_du_verdict: int) -> None:
    poster(s3)
    fichiers(s3).ranger(ATTENDUE, b"%PDF-1.7", PAGES)
    fichiers(s3).supprimer(ATTENDUE.model_copy(update={"pages": pages_du_verdict}))
    assert (contenu(s3, "pieces"), contenu(s3, "quarantaine")) == ({}, {})


def test_supprimer_ce_qui_n_est_plus_la_ne_gene_pas_et_ne_touche_pas_aux_autres(s3: Any) -> None:
    voisine = piece("domicile", 2, statut=StatutPiece.ATTENDUE)
    s3.put_object(Bucket="permis-quarantaine", Key=f"{DEMANDE_ID}/{voisine.piece_id}", Body=b"x")
    for _ in range(2):
        fichiers(s3).supprimer(ATTENDUE)
    assert list(contenu(s3, "quarantaine")) == [f"{DEMANDE_ID}/{voisine.piece_id}"]


def test_supprimer_coute_trois_appels_quel_que_soit_le_nombre_de_pages(s3: Any) -> None:
    fichiers(s3).ranger(ATTENDUE, b"%PDF-1.7", PAGES)
    with compter_appels() as appels:
        fichiers(s3).supprimer(ATTENDUE)
    assert [appel.operation for appel in appels] == ["ListObjectsV2", "DeleteObjects", "DeleteObject"]


def test_deux_controles_d_une_piece_rangent_leurs_pages_a_part(s3: Any) -> None:
    autre = ATTENDUE.model_copy(update={"empreinte": "f" * 64})
    fichiers(s3).ranger(ATTENDUE, b"%PDF-1.7", PAGES)
    jugees = contenu(s3, "pieces")
    fichiers(s3).ranger(autre, b"autre", [b"autre page"])
    assert contenu(s3, "pieces").items() > jugees.items()
    fichiers(s3).abandonner(autre)
    assert contenu(s3, "pieces") == jugees


def test_une_piece_supprimee_emporte_les_pages_de_tous_ses_controles(s3: Any) -> None:
    for lettre in "ef":
        fichiers(s3).ranger(ATTENDUE.model_copy(update={"empreinte": lettre * 64}), b"%PDF-1.7", PAGES)
    fichiers(s3).supprimer(ATTENDUE.model_copy(update={"empreinte": None}))
    assert contenu(s3, "pieces") == {}


def test_la_photo_d_une_demande_a_son_lien_court_et_part_seule_ou_avec_tout(s3: Any) -> None:
    fichiers(s3).ranger(ATTENDUE, b"%PDF-1.7", PAGES)
    pages = contenu(s3, "pieces")
    for nom, jpeg in (("2-aa", b"avant"), ("5-bb", b"photo")):
        fichiers(s3).ranger_photo(DEMANDE_ID, nom, jpeg)
    with compter_appels() as appels:
        lien = urlsplit(fichiers(s3).lien_photo(DEMANDE_ID, "5-bb"))
    assert (appels, parse_qs(lien.query)["X-Amz-Expires"]) == ([], [str(LIEN_S)])
    assert lien.path.endswith(f"/{DEMANDE_ID}/photo/5-bb.jpg")
    for _ in range(2):
        fichiers(s3).retirer_photo(DEMANDE_ID, "2-aa")
    cle = f"{DEMANDE_ID}/photo/5-bb.jpg"
    assert contenu(s3, "pieces") == {**pages, cle: b"photo"}
    assert s3.head_object(Bucket="permis-pieces", Key=cle)["ContentType"] == "image/jpeg"
    fichiers(s3).vider(DEMANDE_ID)
    assert contenu(s3, "pieces") == {}


def test_un_document_publie_se_telecharge_sous_son_nom_en_pdf(s3: Any) -> None:
    lien = fichiers(s3).publier_document(f"{DEMANDE_ID}/recu.pdf", b"%PDF-1.7", "reçu de paiement.pdf")
    assert contenu(s3, "documents") == {f"{DEMANDE_ID}/recu.pdf": b"%PDF-1.7"}
    options = parse_qs(urlsplit(lien).query)
    assert options["response-content-disposition"] == ["attachment; filename*=UTF-8''re%C3%A7u%20de%20paiement.pdf"]
    assert options["response-content-type"] == ["application/pdf"]
    assert options["X-Amz-Expires"] == [str(LIEN_S)]


def test_sur_aws_un_envoi_va_a_la_region_du_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    preparer_environnement()
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    oublier_les_ports()
    s3 = clients.client("s3")
    oublier_les_ports()
    envoi = fichiers(s3).preparer_envoi(ATTENDUE, "c1")
    assert envoi.url == "https://permis-quarantaine.s3.eu-west-3.amazonaws.com/"
