"""The wizard loses no word: network cut, session ended, two tabs, a page reloaded; and it weighs little."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.acteurs import Usager
from tests.e2e.navigateur.conftest import Ecran
from tests.e2e.navigateur.demandes import brouillon, signer
from tests.e2e.outils import demande_remplie

POIDS_MAX = 250 * 1024
ETAT = "[data-etat-saisie]"
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def etape(ecran: Callable[..., Ecran], usager: Usager) -> Callable[..., Ecran]:
    """Open the step ``page`` of a new draft on a phone: ``etape("adresse")``."""

    def ouvrir(page: str, id_: str | None = None) -> Ecran:
        e = ecran()
        signer(e, usager)
        e.ouvrir(f"/demande/{page}/#{id_ or brouillon(usager)['id']}")
        return e

    return ouvrir


def _tenu_par_le_service(usager: Usager, e: Ecran, etape: str) -> Any:
    return usager.client.demande(e.page.url.split("#")[1])["etapes"][etape]["donnees"]


def test_ce_qui_est_tape_est_enregistre_sans_bouton(etape: Callable[..., Ecran], usager: Usager) -> None:
    e = etape("adresse")
    e.page.locator("[name=nom_voie]").fill("de la Poste")
    expect(e.page.locator(ETAT)).to_contain_text("enregistré")
    expect(e.page.locator(ETAT)).to_have_attribute("data-genre", "ok")
    assert _tenu_par_le_service(usager, e, "adresse")["nom_voie"] == "de la Poste"


def test_le_reseau_coupe_au_milieu_d_une_etape_ne_perd_aucun_mot(etape: Callable[..., Ecran], usager: Usager) -> None:
    e = etape("adresse")
    e.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    e.page.context.set_offline(True)
    expect(e.page.locator("#reseau")).to_contain_text("Vous n'êtes plus connecté")
    e.page.locator("[name=nom_voie]").fill("de la Poste")
    expect(e.page.locator(ETAT)).to_contain_text("gardée sur cet appareil")
    e.accessible("hors ligne")
    # Closed and opened again without a network: the page and the words are still there.
    e.page.reload()
    e.prete()
    expect(e.page.locator("[name=nom_voie]")).to_have_value("de la Poste")
    e.page.context.set_offline(False)
    e.page.evaluate("dispatchEvent(new Event('online'))")
    expect(e.page.locator(ETAT)).to_have_attribute("data-genre", "ok")
    assert _tenu_par_le_service(usager, e, "adresse")["nom_voie"] == "de la Poste"


def test_la_session_finie_au_milieu_d_une_etape_se_reprend_sur_place(
    etape: Callable[..., Ecran], usager: Usager
) -> None:
    e = etape("adresse")
    jeton = e.page.evaluate("JSON.parse(localStorage.getItem('session-usager')).jeton")
    fin = e.page.request.delete(f"{e.url}/api/sessions/courante", headers={"Authorization": f"Bearer {jeton}"})
    assert fin.status == 204
    e.page.locator("[name=nom_voie]").fill("de la Poste")
    dialogue = e.page.get_by_role("dialog", name="Reprendre où vous en étiez")
    dialogue.wait_for()
    e.accessible("session finie")
    dialogue.get_by_label("Mot de passe").fill("ce n'est pas lui")
    dialogue.get_by_role("button", name="Me reconnecter").click()
    expect(dialogue.get_by_role("alert")).not_to_be_empty()
    dialogue.get_by_label("Mot de passe").fill(usager.citoyen.mot_de_passe)
    dialogue.get_by_role("button", name="Me reconnecter").click()
    expect(dialogue).to_have_count(0)
    expect(e.page.locator("[name=nom_voie]")).to_have_value("de la Poste")
    expect(e.page.locator(ETAT)).to_have_attribute("data-genre", "ok")
    usager.client.ouvrir_session(usager.citoyen.identifiant, usager.citoyen.mot_de_passe)
    assert _tenu_par_le_service(usager, e, "adresse")["nom_voie"] == "de la Poste"


def test_deux_onglets_sur_une_demande_ne_s_ecrasent_pas(etape: Callable[..., Ecran], usager: Usager) -> None:
    un = etape("adresse")
    autre = etape("adresse", un.page.url.split("#")[1])
    autre.page.locator("[name=nom_voie]").fill("du Pas")
    expect(autre.page.locator(ETAT)).to_have_attribute("data-genre", "ok")
    un.page.locator("[name=nom_voie]").fill("de la Poste")
    conflit = un.page.locator("[data-conflit]")
    expect(conflit).to_contain_text("modifiée ailleurs")
    expect(conflit).to_contain_text("du Pas")
    expect(un.page.locator("[name=nom_voie]")).to_have_value("de la Poste")
    un.accessible("deux onglets")
    un.cliquer("Garder ce qui est écrit ici")
    expect(un.page.locator(ETAT)).to_have_attribute("data-genre", "ok")
    assert _tenu_par_le_service(usager, un, "adresse")["nom_voie"] == "de la Poste"


def test_tant_qu_on_n_a_pas_choisi_rien_n_est_envoye(etape: Callable[..., Ecran], usager: Usager) -> None:
    un = etape("adresse")
    autre = etape("adresse", un.page.url.split("#")[1])
    autre.page.locator("[name=nom_voie]").fill("du Pas")
    expect(autre.page.locator(ETAT)).to_have_attribute("data-genre", "ok")
    un.page.locator("[name=nom_voie]").fill("de la Poste")
    expect(un.page.locator("[data-conflit]")).to_contain_text("du Pas")
    envois: list[str] = []
    un.page.on("request", lambda requete: envois.append(requete.method))
    un.page.locator("[name=complement]").fill("2e étage")
    # The timer of the saving is shorter than the time in which this other tab saves twice.
    for rang in ("1", "2"):
        autre.page.locator("[name=numero]").fill(rang)
        expect(autre.page.locator(ETAT)).not_to_have_attribute("data-genre", "ok")
        expect(autre.page.locator(ETAT)).to_have_attribute("data-genre", "ok")
    assert "PUT" not in envois
    un.cliquer("Reprendre les réponses d'ailleurs")
    expect(un.page.locator("[name=nom_voie]")).to_have_value("du Pas")
    expect(un.page.locator("[name=complement]")).to_have_value("")
    assert _tenu_par_le_service(usager, un, "adresse")["nom_voie"] == "du Pas"


def test_une_etape_ne_se_remplit_pas_avant_d_etre_lue(ecran: Callable[..., Ecran], usager: Usager) -> None:
    id_ = brouillon(usager)["id"]
    usager.client.enregistrer(id_, "adresse/brouillon", {"nom_voie": "du Pas", "commune": "Nancy"})
    e = ecran()
    signer(e, usager)
    retenues: list[Route] = []
    e.page.route(f"**/api/demandes/{id_}", lambda route: retenues.append(route))
    with e.page.expect_request(f"**/api/demandes/{id_}"):
        e.page.goto(f"{e.url}/demande/adresse/#{id_}")
    expect(e.page.locator("form[data-etape-formulaire]")).to_have_attribute("inert", "")
    retenues[0].continue_()
    e.page.unroute(f"**/api/demandes/{id_}")
    e.prete()
    e.page.locator("[name=numero]").fill("3")
    expect(e.page.locator(ETAT)).to_have_attribute("data-genre", "ok")
    tenu = _tenu_par_le_service(usager, e, "adresse")
    assert (tenu["numero"], tenu["nom_voie"], tenu["commune"]) == ("3", "du Pas", "Nancy")


def test_ce_qui_est_tape_pendant_un_enregistrement_reste_sur_l_appareil(
    etape: Callable[..., Ecran], usager: Usager
) -> None:
    e = etape("adresse")
    retenus: list[Route] = []

    def retenir(route: Route) -> None:
        if retenus:
            route.abort()
        retenus.append(route)

    e.page.route("**/adresse/brouillon", retenir)
    with e.page.expect_request("**/adresse/brouillon"):
        e.page.locator("[name=nom_voie]").fill("de la Poste")
    e.page.locator("[name=complement]").fill("2e étage")
    retenus[0].continue_()
    expect(e.page.locator(ETAT)).to_contain_text("gardée sur cet appareil")
    e.page.unroute("**/adresse/brouillon")
    e.page.reload()
    e.prete()
    expect(e.page.locator("[name=complement]")).to_have_value("2e étage")
    expect(e.page.locator(ETAT)).to_have_attribute("data-genre", "ok")
    tenu = _tenu_par_le_service(usager, e, "adresse")
    assert (tenu["nom_voie"], tenu["complement"]) == ("de la Poste", "2e étage")


def test_des_mots_d_une_visite_passee_n_ecrasent_pas_ce_qui_a_ete_repondu_depuis(
    etape: Callable[..., Ecran], usager: Usager
) -> None:
    e = etape("adresse")
    id_ = e.page.url.split("#")[1]
    e.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    e.page.context.set_offline(True)
    e.page.locator("[name=nom_voie]").fill("de la Poste")
    expect(e.page.locator(ETAT)).to_contain_text("gardée sur cet appareil")
    fermee, e.page = e.page, e.page.context.new_page()
    fermee.close()
    usager.client.enregistrer(id_, "adresse/brouillon", {"nom_voie": "du Pas"})
    e.page.context.set_offline(False)
    e.page.goto(f"{e.url}/demande/adresse/#{id_}")
    e.prete()
    expect(e.page.locator("[data-conflit]")).to_contain_text("du Pas")
    expect(e.page.locator("[name=nom_voie]")).to_have_value("de la Poste")
    assert _tenu_par_le_service(usager, e, "adresse")["nom_voie"] == "du Pas"
    e.cliquer("Garder ce qui est écrit ici")
    expect(e.page.locator(ETAT)).to_have_attribute("data-genre", "ok")
    assert _tenu_par_le_service(usager, e, "adresse")["nom_voie"] == "de la Poste"


def test_un_champ_refuse_est_dit_a_cote_et_les_autres_sont_gardes(etape: Callable[..., Ecran], usager: Usager) -> None:
    e = etape("adresse")
    e.page.locator("[name=nom_voie]").fill("de la Poste")
    e.page.locator("[name=email]").fill("ce n'est pas une adresse")
    e.page.locator("[name=telephone]").focus()
    message = e.page.locator("[data-champ=email] .fr-message--error")
    expect(message).to_contain_text("nom@exemple.fr")
    e.accessible("un champ refusé")
    assert _tenu_par_le_service(usager, e, "adresse")["nom_voie"] == "de la Poste"


def test_ce_qu_un_attaquant_tape_est_montre_comme_du_texte(etape: Callable[..., Ecran], usager: Usager) -> None:
    e = etape("adresse")
    e.page.locator("[name=nom_voie]").fill(HOSTILE)
    expect(e.page.locator(ETAT)).to_have_attribute("data-genre", "ok")
    e.ouvrir(f"/demande/recapitulatif/#{e.page.url.split('#')[1]}")
    e.page.reload()
    e.prete()
    expect(e.page.locator("[data-sections]")).to_contain_text(HOSTILE)
    assert e.page.locator("main img").count() == 0
    e.accessible("récapitulatif hostile")


def test_un_changement_de_motif_dit_ce_qu_il_laisse_a_revoir(etape: Callable[..., Ecran], usager: Usager) -> None:
    e = etape("motif", demande_remplie(usager.client, "vol", sauf=("paiement",))["id"])
    e.choisir("Perte du titre")
    e.cliquer("Etape suivante")
    e.page.wait_for_url("**/demande/etat-civil/**")
    e.prete()
    a_revoir = e.page.locator("[data-a-reprendre]")
    expect(a_revoir).to_contain_text("laisse des choses à revoir")
    expect(a_revoir.get_by_role("link", name="Pièces justificatives")).to_be_visible()
    e.accessible("motif changé")
    e.page.reload()
    e.prete()
    expect(a_revoir).to_be_hidden()


def test_la_premiere_visite_d_une_etape_pese_peu(ecran: Callable[..., Ecran], usager: Usager) -> None:
    e = ecran(service_workers="block")
    signer(e, usager)
    reseau = e.page.context.new_cdp_session(e.page)
    reseau.send("Network.enable")
    octets: list[int] = []
    reseau.on("Network.loadingFinished", lambda fini: octets.append(fini["encodedDataLength"]))
    e.ouvrir(f"/demande/etat-civil/#{brouillon(usager)['id']}")
    e.page.wait_for_load_state("networkidle")
    print(f"première visite d'une étape : {sum(octets) / 1024:.0f} Ko en {len(octets)} réponses")
    assert sum(octets) <= POIDS_MAX


def test_la_seconde_visite_n_attend_pas_le_reseau(etape: Callable[..., Ecran]) -> None:
    """On the browser's « slow 3G » (2 s before each answer), the form can be used before any answer has come."""
    e = etape("etat-civil")
    e.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    reseau = e.page.context.new_cdp_session(e.page)
    reseau.send("Network.enable")
    lent = {"offline": False, "latency": 2000, "downloadThroughput": 51200, "uploadThroughput": 51200}
    reseau.send("Network.emulateNetworkConditions", lent)
    e.page.reload()
    e.prete()
    utilisable = e.page.evaluate("performance.now()")
    expect(e.page.locator("[name=nom_naissance]")).to_be_editable()
    print(f"étape utilisable {utilisable / 1000:.1f} s après le début de la seconde visite, en « slow 3G »")
    venues = e.page.evaluate(
        "performance.getEntriesByType('resource').filter((r) => r.name.includes('/api/') && r.responseEnd > 0).length"
    )
    assert venues == 0, "la page a attendu une réponse de l'API"


def test_le_chemin_du_vol_demande_peu_de_frappes(etape: Callable[..., Ecran], usager: Usager) -> None:
    """Fields that one must type on the « vol » path (not chosen, not proposed): 20 at most."""
    tapes: list[str] = []
    for page in ("etat-civil", "adresse", "photo-signature", "paiement"):
        e = etape(page)
        if page == "photo-signature":
            e.choisir("J'ai un code")
        champs = e.page.locator("main input:visible:not([type=radio]):not([type=checkbox]), main textarea:visible")
        for rang in range(champs.count()):
            champ = champs.nth(rang)
            nom = champ.get_attribute("name") or champ.get_attribute("data-part") or ""
            exige = champ.get_attribute("required") is not None or re.match("jour|mois|annee|code|numero_timbre", nom)
            if exige and champ.input_value() == "":
                tapes.append(nom)
    print(f"chemin « vol » : {len(tapes)} champs à taper : {', '.join(tapes)}")
    assert 5 <= len(tapes) <= 20
