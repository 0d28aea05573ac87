"""The local tools: a newcomer reads the messages and plays what happens around the service, in the browser."""

import re
import secrets
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, expect

from demo.client import Client, attendre
from tests.e2e.acteurs import compte_neuf
from tests.e2e.navigateur.conftest import Ecran


@pytest.fixture
def retabli(url: str) -> Iterator[Client]:
    """A caller of the tools; the SNPC is well again afterwards."""
    client = Client(url)
    yield client
    client.appeler("POST", "/dev/pannes", {"service": "snpc", "mode": "aucune"})


def outil(ecran: Ecran, titre: str) -> Locator:
    """The block of the tool ``titre``."""
    return ecran.page.locator("section.outil", has=ecran.page.get_by_role("heading", name=titre, exact=True))


def jouer(bloc: Locator, dit: str | re.Pattern[str]) -> str:
    """Send the form of ``bloc``; what it answers, which must hold ``dit``."""
    bloc.locator("button[type=submit]").click()
    resultat = bloc.locator(".outil-resultat")
    expect(resultat).to_contain_text(dit)
    return resultat.inner_text()


@pytest.mark.parametrize("bureau", [False, True])
def test_chaque_etat_de_la_page_est_accessible(ecran: Callable[..., Ecran], url: str, bureau: bool) -> None:
    compte_neuf(url)
    vu = ecran(bureau=bureau)
    vu.ouvrir("/dev/")
    vu.accessible("à l'arrivée")
    vu.page.locator("#envois summary").first.click()
    jouer(outil(vu, "Un code e-photo"), "Code : ")
    talon = outil(vu, "L'arrivée d'un talon")
    talon.locator("input").fill("000")
    jouer(talon, "Le service ne l'a pas encore accepté")
    snpc = outil(vu, "Un conducteur du SNPC")
    for champ, valeur in (("numero_dossier", "99X"), ("nom", "x"), ("prenoms", "y"), ("date_naissance", "hier")):
        snpc.locator(f"[name={champ}]").fill(valeur)
    jouer(snpc, "numero_dossier")
    vu.accessible("des réponses, une annonce refusée, des erreurs, un courriel ouvert")
    vu.page.fill("#filtre", "personne@nulle-part.example")
    expect(vu.page.locator("#compte")).to_have_text("Aucun message.")
    vu.accessible("aucun message")


def test_un_message_parti_se_trouve_par_son_destinataire_et_son_lien_se_suit(
    ecran: Callable[..., Ecran], url: str
) -> None:
    _, citoyen = compte_neuf(url)
    vu = ecran()
    vu.ouvrir("/dev/")
    vu.page.fill("#filtre", citoyen.email)
    premier = vu.page.locator("#envois li").first
    expect(premier).to_contain_text(citoyen.email)
    premier.locator("summary").click()
    liens = premier.locator("a").evaluate_all("liens => liens.map((un) => un.href)")
    assert liens and all(lien.startswith(url) for lien in liens)


def test_un_message_arrive_tout_seul_sans_fermer_celui_qu_on_lit(ecran: Callable[..., Ecran], url: str) -> None:
    compte_neuf(url)
    vu = ecran(bureau=True)
    vu.ouvrir("/dev/")
    vu.page.locator("#envois summary").first.click()
    lu = vu.page.locator("#envois details[open]").inner_text()
    _, nouveau = compte_neuf(url)
    expect(vu.page.locator("#envois")).to_contain_text(nouveau.email)
    assert vu.page.locator("#envois details[open]").inner_text() == lu


def test_les_outils_jouent_ce_que_leur_page_dit(ecran: Callable[..., Ecran], retabli: Client) -> None:
    vu = ecran(bureau=True)
    vu.ouvrir("/dev/")
    photo = outil(vu, "Un code e-photo")
    photo.locator("select").select_option("en_activation")
    jouer(photo, re.compile(r"Code\s: [0-9A-Z]{22}"))
    code = photo.locator(".valeur").inner_text()
    activation = outil(vu, "Une e-photo qui était en cours d'activation")
    activation.locator("input").fill(f" {code} ")
    jouer(activation, f"Le code {code} est dit : valide.")
    assert retabli.appeler("POST", "/dev/photos/consultation", {"code": code}) == {"etat": "valide"}

    timbre = outil(vu, "Un timbre déjà acheté")
    timbre.locator("input").fill("12.5")
    jouer(timbre, re.compile(r"Numéro du timbre\s: \d{16}"))
    numero = timbre.locator(".valeur").inner_text()
    vendu = retabli.appeler("POST", "/dev/timbres/verification", {"numero_timbre": numero})
    assert (vendu["etat"], vendu["montant_centimes"]) == ("valide", 1250)

    dossier = f"77{secrets.randbelow(10**6):06d}"
    snpc = outil(vu, "Un conducteur du SNPC")
    fiche = {"numero_dossier": dossier, "nom": "essai", "prenoms": "Anne, Marie", "date_naissance": "01/02/1960"}
    for champ, valeur in fiche.items():
        snpc.locator(f"[name={champ}]").fill(valeur)
    jouer(snpc, f"Dossier {dossier} inscrit.")
    inscrit = retabli.appeler("POST", "/dev/snpc/consultation", {"numero_dossier": dossier})["dossier"]
    assert (inscrit["nom"], inscrit["prenoms"], inscrit["sexe"]) == ("ESSAI", ["ANNE", "MARIE"], "F")

    pannes = outil(vu, "Les pannes")
    pannes.locator("[name=service]").select_option("snpc")
    jouer(pannes, "Fait.")
    expect(vu.page.locator("#pannes")).to_contain_text("SNPC : est en panne")
    assert retabli.brut("POST", "/dev/snpc/consultation", {"numero_dossier": dossier}).status_code == 503
    pannes.locator("[name=mode]").select_option("aucune")
    pannes.locator("button").click()
    expect(vu.page.locator("#pannes")).to_contain_text("SNPC : répond normalement")


def test_sans_javascript_la_page_mene_aux_messages(ecran: Callable[..., Ecran]) -> None:
    vu = ecran(java_script_enabled=False)
    vu.page.goto(vu.url + "/dev/")
    vu.page.get_by_role("link", name="la liste des messages partis").click()
    expect(vu.page).to_have_url(vu.url + "/dev/envois")


def test_ce_que_la_politique_de_contenu_empeche_est_rapporte(ecran: Callable[..., Ecran], retabli: Client) -> None:
    vu = ecran()
    vu.ouvrir("/dev/")
    assert retabli.appeler("GET", "/dev/csp") == []
    with vu.page.expect_request("**/dev/csp"):
        vu.page.evaluate(
            "document.body.append(Object.assign(document.createElement('img'), {src: 'http://[::1]:9/x'}))"
        )
    (rapport,) = attendre(lambda: retabli.appeler("GET", "/dev/csp"), bool, "le rapport du navigateur")
    assert "img-src" in str(rapport)
    retabli.appeler("DELETE", "/dev/csp")
    vu.anomalies.clear()
