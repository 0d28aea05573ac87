"""The sites' hosting: its template, what CloudFront runs, what is sent to the bucket and when, the same headers."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from chalicelib.adapters import clients
from chalicelib.http import RELAIS
from infra import deployer, npm
from infra.hebergement import envoi, gabarit
from infra.hebergement.entetes import A_REVOIR, POUR_TOUJOURS, duree_de_garde, entetes_du_site
from infra.local.runtime import RACINE, environnement_aws
from tests.appel import REGION
from tests.runtime import ServiceDEssai

BUCKET = "permis-site-essai"
Modele = dict[str, Any]


def ecrire_site(dossier: Path, base: str = "aaa", pages: tuple[str, ...] = ("index.html", "compte/index.html")) -> Path:
    """A small site, as the build writes one."""
    fichiers = {
        **{page: f"<p>{base} {page}" for page in (*pages, "404.html")},
        "service-worker.js": f"// {base}",
        "favicon.ico": "ico",
        "actifs.json": json.dumps({"base": f"/actifs/{base}"}),
        f"actifs/{base}/site.css": "p{}",
        f"actifs/{base}/modules/page.js": "export {}",
    }
    shutil.rmtree(dossier, ignore_errors=True)
    for nom, texte in fichiers.items():
        (dossier / nom).parent.mkdir(parents=True, exist_ok=True)
        (dossier / nom).write_text(texte)
    return dossier


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return ecrire_site(tmp_path / "site")


@pytest.fixture
def modele(site: Path) -> Modele:
    return gabarit.modele(site)


@pytest.fixture
def s3(aws: None) -> Any:
    """S3 alone (moto), with our bucket."""
    fait = clients.client("s3")
    fait.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    return fait


def cles(s3: Any) -> set[str]:
    return {objet["Key"] for objet in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])}


def envoyer(site: Path) -> dict[str, int]:
    return envoi.envoyer(BUCKET, site, lambda _: None)


def ecritures(s3: Any) -> tuple[list[str], Callable[[int], None]]:
    """What is written in the bucket from now on, in order; and how to have the writes fail after some."""
    faites: list[str] = []
    reste = [10**6]

    def avant(model: Any, params: Any, **_: Any) -> None:
        if model.name in ("PutObject", "DeleteObjects"):
            if reste[0] == 0:
                raise ConnectionError("coupure")
            reste[0] -= 1
            faites.append(params["url_path"].partition("/")[2] if model.name == "PutObject" else "effacement")

    s3.meta.events.register("before-call.s3", avant)
    return faites, lambda combien: reste.__setitem__(0, combien)


def test_chaque_fichier_a_son_type_et_sa_duree(s3: Any, site: Path) -> None:
    envoyer(site)
    lus = {cle: s3.head_object(Bucket=BUCKET, Key=cle) for cle in cles(s3)}
    types = {cle: (lu["ContentType"], lu["CacheControl"]) for cle, lu in lus.items()}
    assert types == {
        "index.html": ("text/html; charset=utf-8", A_REVOIR),
        "compte/index.html": ("text/html; charset=utf-8", A_REVOIR),
        "404.html": ("text/html; charset=utf-8", A_REVOIR),
        "introuvable.html": ("text/html; charset=utf-8", A_REVOIR),
        "service-worker.js": ("text/javascript; charset=utf-8", A_REVOIR),
        "actifs.json": ("application/json", A_REVOIR),
        "favicon.ico": ("image/x-icon", A_REVOIR),
        "actifs/aaa/site.css": ("text/css; charset=utf-8", POUR_TOUJOURS),
        "actifs/aaa/modules/page.js": ("text/javascript; charset=utf-8", POUR_TOUJOURS),
    }
    assert {cle for cle, lu in lus.items() if lu["Metadata"] == {"statut": "404"}} == {"introuvable.html"}


def test_les_pages_viennent_apres_ce_qu_elles_chargent_et_l_effacement_en_dernier(s3: Any, tmp_path: Path) -> None:
    envoyer(ecrire_site(tmp_path / "site", "aaa", ("index.html", "ancienne/index.html")))
    faites, _ = ecritures(s3)
    envoyer(ecrire_site(tmp_path / "site", "bbb"))

    rangs = [[n for n, cle in enumerate(faites) if cle.startswith("actifs/")]]
    rangs.append([n for n, cle in enumerate(faites) if cle.endswith("html")])
    rangs.append([faites.index("service-worker.js")])
    rangs.append([faites.index("effacement")])
    assert all(avant[-1] < apres[0] for avant, apres in zip(rangs, rangs[1:], strict=False)), faites
    assert "ancienne/index.html" not in cles(s3)


def test_ce_qui_connait_les_pages_change_quand_les_neuves_sont_la_et_les_anciennes_encore(
    s3: Any, tmp_path: Path
) -> None:
    envoyer(ecrire_site(tmp_path / "site", "aaa", ("index.html", "ancienne/index.html")))
    vues: list[set[str]] = []
    neuf = ecrire_site(tmp_path / "site", "bbb", ("index.html", "neuve/index.html"))
    envoi.envoyer(BUCKET, neuf, lambda _: None, lambda: vues.append(cles(s3)))
    assert [{"ancienne/index.html", "neuve/index.html"} <= vue for vue in vues] == [True]
    assert "ancienne/index.html" not in cles(s3)


def test_les_actifs_d_avant_restent_jusqu_a_la_construction_suivante(s3: Any, tmp_path: Path) -> None:
    def bases() -> set[str]:
        return {cle.split("/")[1] for cle in cles(s3) if cle.startswith("actifs/")}

    for base, attendues in (
        ("aaa", {"aaa"}),
        ("bbb", {"aaa", "bbb"}),
        ("bbb", {"aaa", "bbb"}),
        ("ccc", {"bbb", "ccc"}),
    ):
        envoyer(ecrire_site(tmp_path / "site", base))
        assert bases() == attendues


def test_envoyer_deux_fois_ne_renvoie_pas_les_actifs(s3: Any, site: Path) -> None:
    envoyer(site)
    faites, _ = ecritures(s3)
    envoyer(site)
    assert not [cle for cle in faites if cle.startswith("actifs/")]
    assert "effacement" not in faites


def test_coupe_n_importe_ou_une_page_servie_a_ce_qu_elle_charge_et_la_suite_finit(s3: Any, tmp_path: Path) -> None:
    envoyer(ecrire_site(tmp_path / "site", "aaa", ("index.html", "ancienne/index.html")))
    faites, couper = ecritures(s3)
    neuf = ecrire_site(tmp_path / "site", "bbb")
    essais = 0
    while True:
        couper(essais)
        try:
            envoyer(neuf)
            break
        except ConnectionError:
            essais += 1
        for cle in cles(s3):
            if cle.endswith("index.html"):
                base = s3.get_object(Bucket=BUCKET, Key=cle)["Body"].read().decode()[3:6]
                assert f"actifs/{base}/site.css" in cles(s3)
    assert essais >= 5
    couper(10**6)
    attendues = {f.relative_to(neuf).as_posix() for f in neuf.rglob("*") if f.is_file()} | {"introuvable.html"}
    assert {cle for cle in cles(s3) if not cle.startswith("actifs/aaa/")} == attendues


def test_un_fichier_sans_type_connu_arrete_tout_avant_d_ecrire(s3: Any, site: Path) -> None:
    (site / "actifs" / "aaa" / "essai.wasm").write_text("")
    with pytest.raises(envoi.TypeInconnu, match="wasm"):
        envoyer(site)
    assert cles(s3) == set()


def test_tout_ce_que_la_construction_ecrit_a_un_type(pages_construites: Path) -> None:
    assert {fichier.suffix for fichier in pages_construites.rglob("*") if fichier.is_file()} <= envoi.TYPES.keys()


@pytest.fixture(scope="module")
def pages_construites() -> Path:
    """The sites as they are now."""
    subprocess.run([sys.executable, "-m", "infra.pages"], cwd=RACINE, check=True, timeout=300)
    return gabarit.SITE


def test_le_gabarit_passe_cfn_lint_avec_le_site_entier(pages_construites: Path, tmp_path: Path) -> None:
    fichier = tmp_path / "site.json"
    fichier.write_text(json.dumps(gabarit.modele(pages_construites)))
    cfn_lint = [str(Path(sys.executable).parent / "cfn-lint"), "-r", "eu-west-3", "-t", str(fichier)]
    fini = subprocess.run(cfn_lint, capture_output=True, text=True, timeout=120)
    assert fini.returncode == 0, fini.stdout


def test_le_site_est_prive_et_cloudfront_seul_le_lit(modele: Modele) -> None:
    ressources = modele["Resources"]
    bloque = ressources["BucketSite"]["Properties"]["PublicAccessBlockConfiguration"]
    assert len(bloque) == 4
    assert all(bloque.values())
    enonces = ressources["BucketSiteDroits"]["Properties"]["PolicyDocument"]["Statement"]
    for enonce in enonces:
        if enonce["Effect"] == "Allow":
            assert enonce["Principal"] == {"Service": "cloudfront.amazonaws.com"}
            assert "${Distribution}" in enonce["Condition"]["StringEquals"]["aws:SourceArn"]["Fn::Sub"]
    assert sorted(e["Action"] for e in enonces if e["Effect"] == "Allow") == ["s3:GetObject", "s3:ListBucket"]
    origine = distribution(modele)["Origins"][0]
    assert origine["OriginAccessControlId"] == {"Fn::GetAtt": ["AccesSite", "Id"]}


def distribution(modele: Modele) -> Modele:
    """What the distribution is told."""
    return dict(modele["Resources"]["Distribution"]["Properties"]["DistributionConfig"])


def test_l_api_derriere_cloudfront_recoit_le_secret_et_rien_n_en_est_garde(modele: Modele) -> None:
    (origine,) = [o for o in distribution(modele)["Origins"] if o["Id"] == "api"]
    assert [(e["HeaderName"].lower(), e["HeaderValue"]) for e in origine["OriginCustomHeaders"]] == [
        (RELAIS, {"Ref": "SecretRelais"})
    ]
    assert modele["Parameters"]["SecretRelais"]["NoEcho"]
    (api,) = [c for c in distribution(modele)["CacheBehaviors"] if c["PathPattern"] == "/api/*"]
    # The managed policies « CachingDisabled » and « AllViewerExceptHostHeader ».
    assert api["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert api["OriginRequestPolicyId"] == "b689b0a8-53d0-40ab-baf2-68738e2966ac"
    assert len(api["AllowedMethods"]) == 7


def test_une_erreur_de_l_api_n_est_pas_remplacee_par_une_page(modele: Modele) -> None:
    assert "CustomErrorResponses" not in distribution(modele), "they hold for every origin, the API's problems too"


def _dits(politique: Modele) -> dict[str, str]:
    """The headers that a policy of CloudFront adds, as a browser would read them."""
    securite = politique["SecurityHeadersConfig"]
    dits = {e["Header"]: e["Value"] for e in politique.get("CustomHeadersConfig", {}).get("Items", [])}
    if "ContentSecurityPolicy" in securite:
        dits["Content-Security-Policy"] = securite["ContentSecurityPolicy"]["ContentSecurityPolicy"]
        dits["Referrer-Policy"] = securite["ReferrerPolicy"]["ReferrerPolicy"]
    if "ContentTypeOptions" in securite:
        dits["X-Content-Type-Options"] = "nosniff"
    return dits


def test_cloudfront_et_la_porte_locale_disent_les_memes_entetes(modele: Modele, runtime: ServiceDEssai) -> None:
    politique = modele["Resources"]["EntetesSite"]["Properties"]["ResponseHeadersPolicyConfig"]
    dits = _dits(politique)
    assert dits == entetes_du_site()
    assert politique["SecurityHeadersConfig"]["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 31536000
    actif = next((gabarit.SITE / "actifs").rglob("*.css")).relative_to(gabarit.SITE).as_posix()
    for chemin in ("/", f"/{actif}", "/absente/"):
        locaux = httpx.get(f"{runtime.url}{chemin}").headers
        assert {nom: locaux[nom].removesuffix("; report-uri /dev/csp") for nom in dits} == dits
        assert locaux["Cache-Control"] == duree_de_garde(chemin)
    for comportement in (distribution(modele)["DefaultCacheBehavior"], distribution(modele)["CacheBehaviors"][0]):
        assert comportement["ResponseHeadersPolicyId"] == {"Ref": "EntetesSite"}
        assert comportement["Compress"]


def executer(code: str, evenement: Modele) -> Modele:
    """What a function of CloudFront answers to an event."""
    programme = f"{code}\nconsole.log(JSON.stringify(handler({json.dumps(evenement)})))"
    fini = subprocess.run([npm.node(), "-e", programme], capture_output=True, text=True, check=True, timeout=30)
    return dict(json.loads(fini.stdout))


def code(modele: Modele, nom: str) -> str:
    """The source of one of the functions."""
    return str(modele["Resources"][nom]["Properties"]["FunctionCode"])


@pytest.mark.parametrize(
    ("demande", "servie"),
    [
        ("/", "/index.html"),
        ("/index.html", "/index.html"),
        ("/compte/", "/compte/index.html"),
        ("/404.html", "/404.html"),
        ("/service-worker.js", "/service-worker.js"),
        ("/absente/", "/introuvable.html"),
        ("/absente", "/introuvable.html"),
        ("/introuvable.html", "/introuvable.html"),
        ("/compte/..", "/introuvable.html"),
        ("//autre.exemple/", "/introuvable.html"),
    ],
)
def test_une_adresse_est_le_fichier_de_sa_page_ou_la_page_introuvable(
    modele: Modele, demande: str, servie: str
) -> None:
    rendu = executer(code(modele, "FonctionAdresses"), {"request": {"uri": demande, "headers": {}}})
    assert rendu == {"uri": servie, "headers": {}}


def test_un_dossier_sans_sa_barre_y_renvoie(modele: Modele) -> None:
    rendu = executer(code(modele, "FonctionAdresses"), {"request": {"uri": "/compte"}})
    assert (rendu["statusCode"], rendu["headers"]["location"]["value"]) == (307, "/compte/")


def test_la_page_introuvable_a_le_statut_404_et_les_autres_le_leur(modele: Modele) -> None:
    def rendre(entetes: Modele) -> Modele:
        reponse = {"statusCode": 200, "headers": entetes}
        return executer(code(modele, "FonctionIntrouvable"), {"request": {"uri": "/"}, "response": reponse})

    assert rendre({"x-amz-meta-statut": {"value": "404"}}) == {
        "statusCode": 404,
        "statusDescription": "Not Found",
        "headers": {},
    }
    assert rendre({"etag": {"value": "x"}}) == {"statusCode": 200, "headers": {"etag": {"value": "x"}}}


@pytest.mark.parametrize(
    ("demande", "servie"),
    [
        ("/depot/permis-quarantaine-1/", "/"),
        ("/depot/permis-quarantaine-1", "/"),
        ("/depot/permis-pieces-1/d/p/e/1.jpg", "/d/p/e/1.jpg"),
    ],
)
def test_le_chemin_d_un_fichier_est_celui_de_sa_signature(modele: Modele, demande: str, servie: str) -> None:
    assert executer(code(modele, "FonctionDepot"), {"request": {"uri": demande}})["uri"] == servie


def test_chaque_page_construite_est_connue_de_cloudfront_et_sa_fonction_tient(pages_construites: Path) -> None:
    source = code(gabarit.modele(pages_construites), "FonctionAdresses")
    liste = json.loads(source.splitlines()[0].removeprefix("const PAGES = ").removesuffix(";"))
    assert liste == gabarit.pages(pages_construites)
    assert "/demande/etat-civil/index.html" in liste
    assert not [page for page in liste if page.startswith("/actifs/")]
    assert len(source.encode()) <= gabarit.FONCTION_MAX


def test_trop_de_pages_pour_une_fonction_se_dit_a_la_construction(tmp_path: Path) -> None:
    with pytest.raises(gabarit.FonctionTropLongue):
        gabarit.modele(ecrire_site(tmp_path / "site", pages=tuple(f"page-{n}/index.html" for n in range(1000))))


def test_la_pile_du_site_se_deploie_devant_l_api_et_sert_ses_fichiers(
    runtime: ServiceDEssai, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for nom, valeur in environnement_aws(runtime.reglages).items():
        monkeypatch.setenv(nom, valeur)
    for cache in (clients.client, clients.session):
        cache.cache_clear()
    secret = runtime.secret("SECRET_RELAIS")
    certificat = "arn:aws:acm:us-east-1:000000000000:certificate/essai"
    reglages = {"SecretRelais": secret, "UrlSite": "https://permis.exemple.fr", "CertificatSite": certificat}
    try:
        site = ecrire_site(tmp_path / "site")
        faites = deployer.deployer_site(reglages, runtime.sorties, lambda _: None, site)
        assert deployer.deployer_site(reglages, runtime.sorties, lambda _: None, site) == faites
        ecrire_site(site, "bbb", ("index.html", "neuve/index.html"))
        assert deployer.deployer_site(reglages, runtime.sorties, lambda _: None, site) == faites
    finally:
        for cache in (clients.client, clients.session):
            cache.cache_clear()
    lu = runtime.client("cloudfront").get_distribution(Id=faites["DistributionSite"])["Distribution"]
    config = lu["DistributionConfig"]
    assert config["Aliases"]["Items"] == ["permis.exemple.fr"]
    origines = {o["Id"]: o for o in config["Origins"]["Items"]}
    assert origines["api"]["DomainName"].startswith(runtime.sorties["ApiId"])
    assert origines["api"]["CustomHeaders"]["Items"] == [{"HeaderName": "X-Permis-Relais", "HeaderValue": secret}]
    for nom in ("BucketQuarantaine", "BucketPieces", "BucketDocuments"):
        assert origines[nom]["DomainName"].startswith(f"{runtime.sorties[nom]}.s3.")
        assert f"/depot/{runtime.sorties[nom]}*" in [c["PathPattern"] for c in config["CacheBehaviors"]["Items"]]
    live = runtime.client("cloudfront").get_function(Name="permis-adresses", Stage="LIVE")["FunctionCode"].read()
    assert b'"/neuve/index.html"' in live
    objet = runtime.client("s3").get_object(Bucket=faites["BucketSite"], Key="neuve/index.html")
    assert (objet["ContentType"], objet["CacheControl"]) == ("text/html; charset=utf-8", A_REVOIR)
