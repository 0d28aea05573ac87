"""The front door on a real emulator: what passes, what does not, and what is said when nothing is behind."""

import asyncio
import http.client
import io
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from chalicelib.adapters.producteur_http import ProducteurHttp
from chalicelib.adapters.snpc_http import SnpcHttp
from chalicelib.adapters.timbres_http import BoutiqueHttp
from chalicelib.demande.modeles import Adresse, EtatCivil, Motif
from chalicelib.demande.ports_externes import Commande
from infra.local.runtime import Reglages, Runtime, client_aws
from infra.local.simulateurs.portrait import image_par_defaut
from tests.dossiers import ADRESSE, ETAT_CIVIL

RACINE = Path(__file__).parents[2]
CLE = "cle-de-test-des-partenaires-0123456789"
BUCKET = "essai-quarantaine"
AILLEURS = {
    "reference": "r-0",
    "montant_centimes": 2500,
    "url_retour": "https://ailleurs.exemple/",
    "identifiant_commercant": "c",
}

# Tells what it received; on /partenaires/…, checks the signature as API.md has it.
FONCTION = """
import hashlib, hmac, json, os, time
def handler(event, context):
    if event["path"].endswith("/boum"):
        raise RuntimeError("boum")
    if "/partenaires/" in event["path"]:
        signature = dict(part.split("=", 1) for part in event["headers"]["x-permis-signature"].split(","))
        attendu = hmac.new(os.environ["CLE"].encode(), f"{signature['t']}.{event['body']}".encode(), hashlib.sha256)
        juste = hmac.compare_digest(attendu.hexdigest(), signature["v1"])
        recente = abs(time.time() - int(signature["t"])) < 300
        return {"statusCode": 204 if juste and recente else 401, "headers": {}, "body": ""}
    vu = {"methode": event["httpMethod"], "chemin": event["path"], "corps": event["body"],
          "entetes": {nom.lower(): valeur for nom, valeur in event["headers"].items()},
          "parametres": event["queryStringParameters"], "ip": event["requestContext"]["identity"]["sourceIp"]}
    return {"statusCode": 200, "headers": {"Content-Type": "application/json", "ETag": '"3"'}, "body": json.dumps(vu)}
"""


def port_libre() -> int:
    with socket.create_server(("127.0.0.1", 0)) as prise:
        port: int = prise.getsockname()[1]
        return port


def attendre(condition: Callable[[], bool], delai_s: float = 15) -> None:
    """Return as soon as ``condition`` holds; fail after ``delai_s``."""
    fin = time.monotonic() + delai_s
    while not condition():
        assert time.monotonic() < fin, "condition jamais remplie"
        time.sleep(0.05)


class Porte:
    """The front door's process."""

    def __init__(self, env: dict[str, str]) -> None:
        self.env = env
        self.url = f"http://127.0.0.1:{env['PERMIS_PORT']}"
        self.processus: subprocess.Popen[bytes]

    def demarrer(self) -> None:
        self.processus = subprocess.Popen(
            [sys.executable, "-m", "infra.local.facade"], cwd=RACINE, env=self.env, stderr=subprocess.DEVNULL
        )
        attendre(self.repond)

    def repond(self) -> bool:
        assert self.processus.poll() is None, "la porte d'entrée s'est arrêtée"
        try:
            return httpx.get(f"{self.url}/dev/sante", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def arreter(self) -> float:
        """Seconds that an asked end took."""
        debut = time.monotonic()
        self.processus.send_signal(signal.SIGTERM)
        assert self.processus.wait(10) == 0
        return time.monotonic() - debut


@pytest.fixture(scope="module")
def emulateur(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    reglages = Reglages(etat=tmp_path_factory.mktemp("etat"), port=port_libre(), port_emulateur=port_libre())
    runtime = Runtime(reglages)
    runtime.demarrer_emulateur()
    yield runtime
    runtime.arreter()


@pytest.fixture(scope="module")
def api_id(emulateur: Runtime) -> str:
    iam, fonctions, piles = (client_aws(emulateur.reglages, nom) for nom in ("iam", "lambda", "cloudformation"))
    confiance = {"Version": "2012-10-17", "Statement": []}
    role = iam.create_role(RoleName="essai", AssumeRolePolicyDocument=json.dumps(confiance))["Role"]["Arn"]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zip_:
        zip_.writestr("essai.py", FONCTION)
    arn = fonctions.create_function(
        FunctionName="essai",
        Runtime="python3.11",
        Role=role,
        Handler="essai.handler",
        Code={"ZipFile": archive.getvalue()},
        Environment={"Variables": {"CLE": CLE}},
    )["FunctionArn"]
    integration = {
        "type": "aws_proxy",
        "httpMethod": "POST",
        "uri": f"arn:aws:apigateway:eu-west-3:lambda:path/2015-03-31/functions/{arn}/invocations",
    }
    operation = {"responses": {}, "x-amazon-apigateway-integration": integration}
    chemins = {
        chemin: dict.fromkeys(("get", "post", "put"), operation)
        for chemin in (
            "/echo",
            "/echo/{id}",
            "/boum",
            "/partenaires/paiement",
            "/partenaires/production",
            "/partenaires/photo",
        )
    }
    corps = {"swagger": "2.0", "info": {"title": "essai", "version": "1"}, "paths": chemins}
    ressources = {
        "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "essai", "Body": corps}},
        "Etape": {
            "Type": "AWS::ApiGateway::Deployment",
            "Properties": {"RestApiId": {"Ref": "Api"}, "StageName": "api"},
        },
    }
    modele = {"Resources": ressources, "Outputs": {"ApiId": {"Value": {"Ref": "Api"}}}}
    piles.create_stack(StackName="essai", TemplateBody=json.dumps(modele))
    piles.get_waiter("stack_create_complete").wait(StackName="essai", WaiterConfig={"Delay": 1, "MaxAttempts": 20})
    identifiant: str = piles.describe_stacks(StackName="essai")["Stacks"][0]["Outputs"][0]["OutputValue"]
    return identifiant


@pytest.fixture(scope="module")
def env(emulateur: Runtime, api_id: str) -> dict[str, str]:
    s3 = client_aws(emulateur.reglages, "s3")
    for bucket in (BUCKET, "essai-secret"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})
    sorties = emulateur.reglages.etat / "sorties.json"
    sorties.write_text(json.dumps({"ApiId": api_id, "BucketQuarantaine": BUCKET, "TableDemandes": "essai-secret"}))
    return {
        "PATH": os.environ["PATH"],
        "PERMIS_PORT": str(emulateur.reglages.port),
        "PERMIS_EMULATEUR": emulateur.reglages.emulateur,
        "PERMIS_PILE_SORTIES": str(sorties),
        "PERMIS_ETAT": str(emulateur.reglages.etat / "porte"),
        "CLE_PARTENAIRE": CLE,
    }


@pytest.fixture(scope="module")
def porte(env: dict[str, str]) -> Iterator[Porte]:
    porte = Porte(env)
    porte.demarrer()
    yield porte
    if porte.processus.poll() is None:
        porte.arreter()


@pytest.fixture
def client(porte: Porte) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=porte.url, timeout=40) as client:
        yield client


def probleme(reponse: httpx.Response, statut: int) -> dict[str, Any]:
    assert reponse.status_code == statut, reponse.text
    assert reponse.headers["content-type"].startswith("application/problem+json")
    document: dict[str, Any] = reponse.json()
    assert document["status"] == statut and document["title"] and document["detail"]
    return document


class TestSite:
    @pytest.mark.parametrize(("chemin", "titre"), [("/", "Permis de conduire"), ("/agent/", "Portail Guichet Agent")])
    def test_both_sites_are_served_under_a_strict_policy(self, client: httpx.Client, chemin: str, titre: str) -> None:
        page = client.get(chemin)
        assert page.status_code == 200 and titre in page.text and '<html lang="fr"' in page.text
        politique = page.headers["content-security-policy"]
        assert "default-src 'none'" in politique and "script-src 'self'" in politique and "unsafe" not in politique
        assert page.headers["x-content-type-options"] == "nosniff"

    @pytest.mark.parametrize(
        "chemin",
        [
            "/../Makefile",
            "/%2e%2e/app.py",
            "/..%2fapp.py",
            "/agent/..%2f..%2fapp.py",
            "/%5c..%5capp.py",
            "//etc/passwd",
        ],
    )
    def test_nothing_outside_the_site_can_be_read(self, porte: Porte, chemin: str) -> None:
        hote, port = porte.url.removeprefix("http://").split(":")
        with socket.create_connection((hote, int(port))) as prise:
            prise.sendall(f"GET {chemin} HTTP/1.1\r\nHost: {hote}\r\nConnection: close\r\n\r\n".encode())
            reponse = b"".join(iter(lambda: prise.recv(65536), b""))
        assert reponse.split(b" ")[1] == b"404"

    def test_an_unknown_page_is_told_in_french_under_the_same_policy(self, client: httpx.Client) -> None:
        page = client.get("/inconnue")
        assert page.status_code == 404 and "n'existe pas" in page.text
        assert "content-security-policy" in page.headers

    def test_what_is_under_the_digest_is_kept_for_ever_and_pages_are_asked_again(self, client: httpx.Client) -> None:
        base = client.get("/actifs.json").json()["base"]
        feuille = client.get(f"{base}/dsfr.css")
        assert feuille.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert feuille.headers["content-encoding"] == "gzip"
        assert client.get("/").headers["cache-control"] == "no-cache"
        absente = client.get(f"{base}/absente.css")
        assert absente.status_code == 404 and absente.headers["cache-control"] == "no-cache"

    def test_the_local_tools_page_holds_to_the_policy_too(self, client: httpx.Client) -> None:
        for chemin in ("/dev", "/dev/"):
            page = client.get(chemin)
            assert page.status_code == 200 and "Jouez les deux rôles" in page.text and "agent.543" in page.text
            assert "default-src 'none'" in page.headers["content-security-policy"]
            assert not re.search(r"<script(?![^>]* src=)|<style| style=| on[a-z]+=", page.text)
        assert client.get("/dev/page.js").headers["content-type"].startswith("text/javascript")
        assert client.get("/dev/page.css").headers["content-type"].startswith("text/css")
        probleme(client.get("/dev/index.html"), 404)

    def test_reports_of_the_policy_are_kept_until_they_are_read_away(self, client: httpx.Client) -> None:
        client.delete("/dev/csp")
        rapport = {"csp-report": {"violated-directive": "img-src"}}
        entetes = {"Content-Type": "application/csp-report"}
        assert client.post("/dev/csp", content=json.dumps(rapport), headers=entetes).status_code == 204
        probleme(client.post("/dev/csp", content="{", headers=entetes), 400)
        assert client.get("/dev/csp").json() == [rapport]
        assert client.delete("/dev/csp").status_code == 204 and client.get("/dev/csp").json() == []

    def test_a_foreign_host_name_is_refused(self, client: httpx.Client) -> None:
        probleme(client.get("/dev/envois", headers={"Host": "pirate.example"}), 421)
        assert client.get("/", headers={"Host": "localhost:8080"}).status_code == 200


class TestApi:
    def test_method_path_query_body_and_headers_reach_the_function_and_its_answer_comes_back(
        self, client: httpx.Client
    ) -> None:
        reponse = client.put(
            "/api/echo/a%20b?x=1&y=%C3%A9",
            content='{"nom": "é"}',
            headers={"Content-Type": "application/json", "If-Match": '"3"', "Authorization": "Bearer jeton"},
        )
        vu = reponse.json()
        assert reponse.status_code == 200 and reponse.headers["etag"] == '"3"'
        assert (vu["methode"], vu["corps"]) == ("PUT", '{"nom": "é"}')
        assert vu["parametres"] == {"x": "1", "y": "é"}
        assert vu["entetes"]["if-match"] == '"3"' and vu["entetes"]["authorization"] == "Bearer jeton"

    def test_a_well_formed_correlation_id_is_kept_to_the_function_and_back(self, client: httpx.Client) -> None:
        reponse = client.get("/api/echo", headers={"X-Correlation-Id": "abcd-1234-efgh"})
        assert reponse.headers["x-correlation-id"] == "abcd-1234-efgh"
        assert reponse.json()["entetes"]["x-correlation-id"] == "abcd-1234-efgh"

    @pytest.mark.parametrize("recu", [None, "court", "avec espace dedans", "x" * 65, "<script>alert"])
    def test_otherwise_a_new_one_is_made(self, client: httpx.Client, recu: str | None) -> None:
        reponse = client.get("/api/echo", headers={"X-Correlation-Id": recu} if recu else {})
        donne = reponse.headers["x-correlation-id"]
        assert re.fullmatch(r"[0-9a-f-]{36}", donne)
        assert reponse.json()["entetes"]["x-correlation-id"] == donne

    def test_the_caller_cannot_choose_the_address_it_is_seen_from(self, client: httpx.Client) -> None:
        vu = client.get("/api/echo", headers={"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9"}).json()
        assert vu["ip"] == "127.0.0.1" and "203.0.113.9" not in json.dumps(vu)

    @pytest.mark.parametrize(
        "chemin", ["/api", "/api/", "/api/inconnu", "/api/echo/1/2", "/api//echo", "/api/%2e%2e/%2e%2e/"]
    )
    def test_an_unknown_path_is_a_404_problem(self, client: httpx.Client, chemin: str) -> None:
        reponse = client.get(chemin)
        probleme(reponse, 404)
        assert reponse.headers["x-correlation-id"]

    def test_no_path_leaves_the_api_towards_the_emulator(self, porte: Porte) -> None:
        hote, port = porte.url.removeprefix("http://").split(":")
        for chemin in (
            "/api/../../../_ministack/health",
            "/api/%2e%2e/%2e%2e/%2e%2e/_ministack/health",
            "/api/..%2f..%2fx",
        ):
            with socket.create_connection((hote, int(port))) as prise:
                prise.sendall(f"GET {chemin} HTTP/1.1\r\nHost: {hote}\r\nConnection: close\r\n\r\n".encode())
                reponse = b"".join(iter(lambda prise=prise: prise.recv(65536), b""))
            assert reponse.split(b" ")[1] == b"404", chemin

    def test_a_function_that_crashes_is_a_problem_without_its_trace(self, client: httpx.Client) -> None:
        reponse = client.get("/api/boum")
        assert reponse.status_code in (500, 502)
        probleme(reponse, reponse.status_code)
        assert "boum" not in reponse.text and "Traceback" not in reponse.text

    def test_a_body_of_more_than_10_mb_is_a_413_problem_however_it_is_sent(self, client: httpx.Client) -> None:
        gros = b"x" * (10 * 1024 * 1024 + 1)
        probleme(client.post("/api/echo", content=gros), 413)
        probleme(client.post("/api/echo", content=(gros[i : i + 65536] for i in range(0, len(gros), 65536))), 413)

    def test_fifty_calls_at_once_are_all_answered(self, client: httpx.Client) -> None:
        with ThreadPoolExecutor(50) as groupe:
            statuts = list(groupe.map(lambda i: client.get(f"/api/echo/{i}").status_code, range(50)))
        assert statuts == [200] * 50


class TestDepot:
    @pytest.fixture
    def s3(self, emulateur: Runtime) -> Any:
        return client_aws(emulateur.reglages, "s3")

    def deposer(
        self, client: httpx.Client, s3: Any, cle: str, octets: bytes, maximum: int = 11 * 1024**2
    ) -> httpx.Response:
        envoi = s3.generate_presigned_post(BUCKET, cle, Conditions=[["content-length-range", 1, maximum]], ExpiresIn=60)
        return client.post(f"/depot/{BUCKET}", data=envoi["fields"], files={"file": ("carte.jpg", octets)})

    def lien(self, emulateur: Runtime, s3: Any, cle: str, **reponse: str) -> str:
        url: str = s3.generate_presigned_url("get_object", {"Bucket": BUCKET, "Key": cle, **reponse}, ExpiresIn=60)
        return url.replace(emulateur.reglages.emulateur, "/depot")

    def test_a_file_of_11_mb_goes_in_by_its_form_and_out_by_its_link(
        self, client: httpx.Client, s3: Any, emulateur: Runtime
    ) -> None:
        octets = os.urandom(11 * 1024**2)
        depot = self.deposer(client, s3, "u/é 1/carte.jpg", octets)
        assert depot.status_code in (201, 204), depot.text
        lien = self.lien(emulateur, s3, "u/é 1/carte.jpg", ResponseContentType="image/jpeg")
        rendu = client.get(lien)
        assert rendu.status_code == 200 and rendu.content == octets
        assert rendu.headers["content-type"] == "image/jpeg" and rendu.headers["x-content-type-options"] == "nosniff"
        partie = client.get(lien, headers={"Range": "bytes=10-19"})
        assert partie.status_code == 206 and partie.content == octets[10:20]

    def test_what_the_policy_forbids_is_refused_by_the_bucket(self, client: httpx.Client, s3: Any) -> None:
        refus = self.deposer(client, s3, "u/gros.jpg", b"x" * 2000, maximum=1000)
        assert 400 <= refus.status_code < 500 and "EntityTooLarge" in refus.text

    def test_more_than_12_mb_or_another_format_does_not_reach_the_bucket(self, client: httpx.Client, s3: Any) -> None:
        gros = b"x" * (12 * 1024**2)
        probleme(self.deposer(client, s3, "u/tres-gros.jpg", gros, maximum=10**9), 413)
        morceaux = (gros[i : i + 65536] for i in range(0, 2 * len(gros), 65536))
        entetes = {"Content-Type": "multipart/form-data; boundary=x"}
        probleme(client.post(f"/depot/{BUCKET}", content=(m or b"x" * 65536 for m in morceaux), headers=entetes), 413)
        probleme(client.post(f"/depot/{BUCKET}", json={"Action": "ListQueues"}), 415)

    @pytest.mark.parametrize("chemin", [f"/depot/{BUCKET}", "/depot/autre", "/api", "/api/inconnu"])
    def test_a_refused_body_is_read_to_its_end_so_that_the_connection_serves_the_next_call(
        self, porte: Porte, chemin: str
    ) -> None:
        hote, port = porte.url.removeprefix("http://").split(":")
        liaison = http.client.HTTPConnection(hote, int(port), timeout=10)
        liaison.connect()
        prise = liaison.sock
        liaison.request("POST", chemin, b"x" * 300_000, {"Content-Type": "application/json"})
        assert liaison.getresponse().read()
        liaison.request("GET", "/dev/sante")
        assert liaison.getresponse().status == 200 and liaison.sock is prise
        liaison.close()

    def test_a_link_changed_expired_or_unsigned_gives_nothing(
        self, client: httpx.Client, s3: Any, emulateur: Runtime
    ) -> None:
        self.deposer(client, s3, "u/a.jpg", b"secret-a")
        self.deposer(client, s3, "u/b.jpg", b"secret-b")
        lien = self.lien(emulateur, s3, "u/a.jpg")
        assert client.get(lien).content == b"secret-a"
        for autre in (
            lien.replace("u/a.jpg", "u/b.jpg"),
            lien.replace("Expires=60", "Expires=600"),
            lien.partition("?")[0],
        ):
            refus = client.get(autre)
            assert refus.status_code == 403 and b"secret" not in refus.content
        # Not even asked to the bucket.
        probleme(client.get(lien.partition("?")[0]), 403)

    @pytest.mark.parametrize(
        "chemin", ["/depot/essai-secret/x", "/depot/_ministack/health", f"/depot/{BUCKET}/../essai-secret/x"]
    )
    def test_nothing_but_our_buckets_is_behind_the_depot(self, client: httpx.Client, chemin: str) -> None:
        probleme(client.get(f"{chemin}?X-Amz-Signature=x"), 404)
        probleme(client.post("/depot/essai-secret", files={"file": b"x"}), 404)


def test_mails_and_sms_are_found_by_their_recipient_oldest_first(client: httpx.Client, emulateur: Runtime) -> None:
    ses, sns = client_aws(emulateur.reglages, "ses"), client_aws(emulateur.reglages, "sns")
    ses.verify_email_identity(EmailAddress="de@permis.example")

    def mail(a: str, objet: str, **html: dict[str, str]) -> None:
        message = {"Subject": {"Data": objet}, "Body": {"Text": {"Data": f"texte de {objet}"}, **html}}
        ses.send_email(Source="de@permis.example", Destination={"ToAddresses": [a]}, Message=message)

    mail("pierre@exemple.fr", "un")
    sns.publish(PhoneNumber="+33612345678", Message="code 123456")
    mail("autre@exemple.fr", "deux")
    mail("pierre@exemple.fr", "trois", Html={"Data": "<p>trois</p>"})
    tous = client.get("/dev/envois").json()
    assert [envoi["objet"] or envoi["texte"] for envoi in tous] == ["un", "code 123456", "deux", "trois"]
    assert tous == sorted(tous, key=lambda envoi: envoi["envoye_le"])
    siens = client.get("/dev/envois", params={"destinataire": "Pierre@Exemple.fr"}).json()
    assert [(envoi["canal"], envoi["objet"], envoi["texte"]) for envoi in siens] == [
        ("mail", "un", "texte de un"),
        ("mail", "trois", "texte de trois"),
    ]
    assert set(siens[0]) == {"canal", "destinataire", "objet", "texte", "envoye_le"}
    assert siens[1]["html"] == "<p>trois</p>"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", siens[0]["envoye_le"])
    for numero in ("0612345678", "+33612345678", "06 12 34 56 78"):
        assert [e["texte"] for e in client.get("/dev/envois", params={"destinataire": numero}).json()] == [
            "code 123456"
        ]
    assert [e["canal"] for e in client.get("/dev/envois?destinataire=+33612345678").json()] == ["sms"]
    assert client.get("/dev/envois", params={"destinataire": "personne@exemple.fr"}).json() == []


def notifications(porte: Porte, reference: str) -> list[str | None]:
    """What became of each notification of a purchase."""
    with sqlite3.connect(Path(porte.env["PERMIS_ETAT"]) / "simulateurs.sqlite") as base:
        lues = base.execute("SELECT issue FROM notifications WHERE reference = ?", (reference,)).fetchall()
    return [issue for (issue,) in lues]


def courriers(porte: Porte, cle: str) -> list[tuple[dict[str, Any], str | None]]:
    """What printer, post and e-photo base had to tell about a numéro or a code, and what became of each sending."""
    with sqlite3.connect(Path(porte.env["PERMIS_ETAT"]) / "simulateurs.sqlite") as base:
        lus = base.execute("SELECT corps, issue FROM courriers WHERE cle = ? ORDER BY due_le, id", (cle,)).fetchall()
    return [(json.loads(corps), issue) for corps, issue in lus]


def commander(porte: Porte, numero: str) -> str:
    return ProducteurHttp(f"{porte.url}/dev/producteur").commander(
        Commande(
            numero=numero,
            rang=0,
            motif=Motif.VOL,
            etat_civil=EtatCivil.model_validate(ETAT_CIVIL),
            adresse=Adresse.model_validate(ADRESSE),
        )
    )


class TestSimulateurs:
    def test_an_order_left_alone_is_told_to_the_api_to_its_end(self, porte: Porte) -> None:
        numero = "1" * 23
        assert commander(porte, numero) == "acceptee"
        attendus = ["accepte", "produit", "expedie", "distribue"]
        attendre(lambda: [issue for _, issue in courriers(porte, numero)] == ["recue"] * 4)
        assert [corps["evenement"] for corps, _ in courriers(porte, numero)] == attendus
        assert len({corps.get("numero_suivi") for corps, _ in courriers(porte, numero)[2:]}) == 1

    def test_events_talons_and_activations_are_played_doubled_if_asked(
        self, client: httpx.Client, porte: Porte
    ) -> None:
        numero = "2" * 23
        joue = client.post(f"/dev/production/{numero}", json={"evenement": "retourne", "repetitions": 2}).json()
        assert (joue["evenement"], joue["notifications_en_attente"]) == ("retourne", 0)
        assert [issue for _, issue in courriers(porte, numero)] == ["recue", "recue"]
        talon = client.post("/dev/talons/" + "3" * 23).json()
        assert talon == {"code_talon": "3" * 23, "resultat": "valide", "notifications_en_attente": 0}
        venu = "2026-11-20T10:00:00.000Z"
        client.post("/dev/talons/" + "4" * 23, json={"repetitions": 2, "survenu_le": venu})
        date = {"code_talon": "4" * 23, "resultat": "valide", "survenu_le": venu, "image": image_par_defaut()}
        assert courriers(porte, "4" * 23) == [(date, "recue")] * 2
        code = client.post("/dev/photos", json={"etat": "en_activation"}).json()["code"]
        assert client.post(f"/dev/photos/{code}", json={"etat": "valide"}).json()["notifications_en_attente"] == 0
        ((corps, issue),) = courriers(porte, code)
        actif = {"code": code, "resultat": "valide", "image": image_par_defaut()}
        assert (corps.pop("survenu_le")[:2], corps, issue) == ("20", actif, "recue")
        sans_image, refuse = "4" * 22 + "1", "4" * 22 + "2"
        client.post(f"/dev/talons/{sans_image}", json={"image": None})
        client.post(f"/dev/talons/{refuse}", json={"resultat": "refuse"})
        assert ["image" in corps for n in (sans_image, refuse) for corps, _ in courriers(porte, n)] == [False, False]
        assert client.post("/dev/photos/consultation", json={"code": code}).json() == {"etat": "valide"}
        probleme(client.post("/dev/photos/inconnue", json={"etat": "valide"}), 404)

    def test_the_snpc_knows_the_decks_drivers_and_those_that_a_test_enters(
        self, client: httpx.Client, porte: Porte
    ) -> None:
        snpc = SnpcHttp(f"{porte.url}/dev/snpc")
        connu = snpc.consulter("13572A7654")
        assert connu is not None and (connu.nom, connu.points) == ("CORNEILLE", 12)
        nouveau = {"numero_dossier": "99999Z9999", "nom": "RACINE", "prenoms": ["JEAN"], "date_naissance": "22/12/1939"}
        assert client.post("/dev/snpc/conducteurs", json=nouveau).status_code == 200
        assert snpc.consulter("99999Z9999") is not None

    def test_the_dev_page_and_its_tools_answer_as_the_contract_says(self, client: httpx.Client) -> None:
        assert "/dev/envois" in client.get("/dev/").text
        code = client.post("/dev/photos").json()["code"]
        assert re.fullmatch(r"[A-Za-z0-9]{22}", code)
        assert client.post("/dev/photos/consultation", json={"code": code}).json() == {"etat": "valide"}
        expire = client.post("/dev/photos", json={"etat": "expire"}).json()["code"]
        assert client.post("/dev/photos/consultation", json={"code": expire}).json() == {"etat": "expire"}
        numero = client.post("/dev/timbres", json={"montant_centimes": 2500}).json()["numero_timbre"]
        assert re.fullmatch(r"[0-9]{16}", numero)
        verifie = client.post("/dev/timbres/verification", json={"numero_timbre": numero}).json()
        assert (verifie["etat"], verifie["montant_centimes"]) == ("valide", 2500)

    @pytest.mark.parametrize(
        ("chemin", "corps", "champ"),
        [
            ("/dev/photos", {"etat": "volee"}, "etat"),
            ("/dev/timbres", {"montant_centimes": 0}, "montant_centimes"),
            ("/dev/timbres", {}, "montant_centimes"),
            ("/dev/pannes", {"service": "meteo", "mode": "lent"}, "service"),
            ("/dev/production/1", {"evenement": "perdu"}, "evenement"),
            ("/dev/production/1", {"evenement": "expedie", "survenu_le": "hier"}, "survenu_le"),
            ("/dev/talons/1", {"resultat": "peut-etre"}, "resultat"),
            ("/dev/snpc/consultation", {"numero_dossier": ""}, "numero_dossier"),
            ("/dev/producteur/commandes", {"numero": "1"}, "numero"),
            ("/dev/paiement/r-0", {"resultat": "peut-etre"}, "resultat"),
            ("/dev/paiement/r-0", {"resultat": "accepte", "delai_s": -1}, "delai_s"),
            ("/dev/timbres/achats", {"reference": "../x"}, "reference"),
            ("/dev/timbres/achats", AILLEURS, "url_retour"),
        ],
    )
    def test_a_bad_body_is_refused_by_name(self, client: httpx.Client, chemin: str, corps: Any, champ: str) -> None:
        assert champ in [erreur["champ"] for erreur in probleme(client.post(chemin, json=corps), 422)["erreurs"]]

    def test_unknown_tools_and_purchases_are_404_problems(self, client: httpx.Client) -> None:
        probleme(client.get("/dev/inconnu"), 404)
        probleme(client.post("/dev/paiement/inconnu", json={"resultat": "accepte"}), 404)
        probleme(client.get("/dev/boutique/inconnu"), 404)

    def test_a_purchase_is_paid_on_its_page_told_to_the_api_and_the_browser_sent_back(
        self, client: httpx.Client, porte: Porte
    ) -> None:
        boutique = BoutiqueHttp(f"{porte.url}/dev/timbres")
        retour = f"{porte.url}/demande/paiement/?retour=oui"
        url = boutique.creer_achat("page-1", 2500, retour)
        page = client.get(url)
        assert page.status_code == 200 and "25,00" in page.text
        action = re.search(r'action="([^"]+)"', page.text)
        assert action
        vraie = client.post(action[1], data={"carte": "4970 1000 0000 0014", "resultat": "accepte"})
        assert vraie.status_code == 422 and "4970" not in vraie.text and 'role="alert"' in vraie.text
        assert boutique.consulter_achat("page-1").resultat == "en_attente"
        payee = client.post(action[1], data={"carte": "1111 2222 3333 4444", "resultat": "accepte"})
        assert (payee.status_code, payee.headers["location"]) == (303, retour)
        assert boutique.consulter_achat("page-1").resultat == "accepte"
        assert notifications(porte, "page-1") == ["recue"]
        # The button pressed again, or the page opened again.
        assert client.post(action[1], data={"resultat": "abandon"}).headers["location"] == retour
        assert "accepté" in client.get(url).text and notifications(porte, "page-1") == ["recue"]

    @pytest.mark.parametrize("resultat", ["refuse", "abandon"])
    def test_a_refusal_or_an_abandon_goes_back_too(self, client: httpx.Client, porte: Porte, resultat: str) -> None:
        boutique = BoutiqueHttp(f"{porte.url}/dev/timbres")
        boutique.creer_achat(f"fin-{resultat}", 2500, "/retour")
        fin = client.post(f"/dev/paiement/fin-{resultat}", data={"resultat": resultat})
        assert (fin.status_code, fin.headers["location"]) == (303, "/retour")
        assert boutique.consulter_achat(f"fin-{resultat}").resultat == resultat

    def test_a_test_ends_a_purchase_by_json_doubled_and_finds_it_told(self, client: httpx.Client, porte: Porte) -> None:
        BoutiqueHttp(f"{porte.url}/dev/timbres").creer_achat("json-1", 2500, "/retour")
        fin = client.post("/dev/paiement/json-1", json={"resultat": "accepte", "repetitions": 2})
        assert fin.status_code == 200
        assert fin.json() == {
            "reference": "json-1",
            "resultat": "accepte",
            "url_retour": "/retour",
            "notifications_en_attente": 0,
        }
        assert notifications(porte, "json-1") == ["recue", "recue"]
        probleme(client.post("/dev/paiement/json-1", json={"resultat": "abandon"}), 409)

    def test_a_late_notification_comes_by_itself(self, client: httpx.Client, porte: Porte) -> None:
        BoutiqueHttp(f"{porte.url}/dev/timbres").creer_achat("tard-1", 2500, "/retour")
        fin = client.post("/dev/paiement/tard-1", json={"resultat": "accepte", "delai_s": 0.5}).json()
        assert fin["notifications_en_attente"] == 1
        attendre(lambda: notifications(porte, "tard-1") == ["recue"])

    def test_a_fault_asked_for_shows_outside_and_not_in_the_tools(self, client: httpx.Client) -> None:
        client.post("/dev/pannes", json={"service": "photos", "mode": "panne"})
        assert client.post("/dev/photos/consultation", json={"code": "x"}).status_code == 503
        autres = dict.fromkeys(("timbres", "snpc", "producteur", "antivirus"), "aucune")
        etats = {"photos": "panne", **autres}
        assert client.get("/dev/pannes").json() == etats
        assert client.post("/dev/photos").status_code == 200
        client.post("/dev/pannes", json={"service": "photos", "mode": "aucune"})
        assert client.post("/dev/photos/consultation", json={"code": "x"}).status_code == 200


def test_a_notification_owed_at_a_sudden_death_is_sent_at_the_next_start(porte: Porte) -> None:
    BoutiqueHttp(f"{porte.url}/dev/timbres").creer_achat("mort-1", 2500, "/retour")
    fin = httpx.post(f"{porte.url}/dev/paiement/mort-1", json={"resultat": "accepte", "delai_s": 1})
    assert fin.json()["notifications_en_attente"] == 1
    porte.processus.kill()
    porte.processus.wait()
    assert notifications(porte, "mort-1") == [None]
    porte.demarrer()
    attendre(lambda: notifications(porte, "mort-1") == ["recue"])


def test_a_card_whose_order_was_taken_just_before_a_sudden_death_still_reaches_its_owner(porte: Porte) -> None:
    numero = "5" * 23
    commander(porte, numero)
    porte.processus.kill()
    porte.processus.wait()
    assert len(courriers(porte, numero)) == 4
    porte.demarrer()
    attendre(lambda: [issue for _, issue in courriers(porte, numero)] == ["recue"] * 4)
    assert commander(porte, numero) == "acceptee" and len(courriers(porte, numero)) == 4


def test_a_busy_port_or_a_missing_variable_is_told_in_one_sentence(porte: Porte) -> None:
    for change, attendu in (
        ({}, f"Le port {porte.env['PERMIS_PORT']} "),
        ({"CLE_PARTENAIRE": ""}, "La variable CLE_PARTENAIRE est nécessaire"),
    ):
        fini = subprocess.run(
            [sys.executable, "-m", "infra.local.facade"],
            cwd=RACINE,
            env={**porte.env, **change},
            capture_output=True,
            text=True,
            timeout=20,
        )
        assert fini.returncode == 1 and attendu in fini.stderr and "Traceback" not in fini.stderr


def test_it_stops_within_five_seconds_even_while_a_slow_call_waits(porte: Porte) -> None:
    httpx.post(f"{porte.url}/dev/pannes", json={"service": "timbres", "mode": "lent", "delai_s": 60})
    partie = threading.Event()

    def lente() -> None:
        async def appeler() -> None:
            async with httpx.AsyncClient(timeout=60) as client:
                tache = asyncio.create_task(
                    client.post(f"{porte.url}/dev/timbres/verification", json={"numero_timbre": "1"})
                )
                await asyncio.sleep(0.3)
                partie.set()
                with pytest.raises(httpx.HTTPError):
                    (await tache).raise_for_status()

        asyncio.run(appeler())

    tache = threading.Thread(target=lente)
    tache.start()
    assert partie.wait(10)
    assert porte.arreter() < 5
    tache.join(10)
    porte.demarrer()
    httpx.post(f"{porte.url}/dev/pannes", json={"service": "timbres", "mode": "aucune"})


def test_without_the_emulator_everything_is_a_503_problem_and_the_site_stays(
    client: httpx.Client, porte: Porte, emulateur: Runtime
) -> None:
    emulateur.tuer_emulateur()
    for reponse in (
        client.get("/api/echo"),
        client.post("/api/echo", json={}),
        client.get(f"/depot/{BUCKET}/u/a.jpg?X-Amz-Signature=x"),
        client.post(f"/depot/{BUCKET}", files={"file": b"x" * 1000}),
        client.get("/dev/envois"),
    ):
        probleme(reponse, 503)
        assert int(reponse.headers["retry-after"]) > 0
    assert client.get("/dev/sante").status_code == 503
    assert client.get("/").status_code == 200
