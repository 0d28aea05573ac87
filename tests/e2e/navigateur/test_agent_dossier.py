"""The agent's dossier in a browser: compare, look at the pièces, decide, write; an outage, a colleague."""

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from demo.client import attendre
from demo.guichet import Guichet
from infra.local.simulateurs.portrait import en_base64, portrait
from tests.e2e.navigateur.agents import entrer
from tests.e2e.navigateur.conftest import Ecran
from tests.e2e.outils import ADRESSE, REPRESENTANT, photo
from tests.e2e.test_papier import personne, saisir
from tests.e2e.vies import Vie

HOSTILE = "<img src=x onerror=alert(1)> & <b>gras</b>"
RELIRE = "Relire le dossier"


@pytest.fixture
def vie(url: str) -> Vie:
    return Vie(url).confirmer().jusqu_a("en_instruction")


@pytest.fixture
def ouvrir(ecran: Callable[..., Ecran]) -> Callable[..., Ecran]:
    """Open a dossier as agent.543: ``ouvrir(vie.id)``, on a desk."""

    def faire(demande_id: str, bureau: bool = True, minuterie: bool = False) -> Ecran:
        e = ecran(bureau=bureau)
        entrer(e, "agent.543")
        if minuterie:
            e.page.clock.install()
        e.ouvrir(f"/agent/dossier/#{demande_id}")
        return e

    return faire


@pytest.fixture
def snpc_en_panne(url: str) -> Iterator[Callable[[str], None]]:
    """Break the SNPC, or set it right: ``snpc_en_panne("panne")``; it is right again at the end."""
    guichet = Guichet(url)

    def regler(mode: str) -> None:
        guichet.appeler("POST", "/dev/pannes", {"service": "snpc", "mode": mode})

    yield regler
    regler("aucune")


def _dialogue(e: Ecran) -> Locator:
    return e.page.get_by_role("dialog")


def _avis(e: Ecran, mots: str) -> None:
    expect(e.page.locator("[data-avis]")).to_contain_text(mots)


def _cocher(e: Ecran, cible: str, rang: int = 1) -> None:
    """Tick the line of ``cible`` and choose the motif at ``rang`` of those offered."""
    e.page.locator(f"input[data-designe='{cible}'] + label").click()
    e.page.locator(f"[data-motif-de='{cible}'] select").select_option(index=rang)


def _envoyer(e: Ecran, message: str, bouton: str = "Suspendre la demande") -> None:
    e.page.locator("#suspension-message").fill(message)
    e.cliquer(bouton)


def _cacher(e: Ecran, cachee: bool) -> None:
    """Have the page believe that it goes behind another one, or comes back."""
    e.page.evaluate(
        """cachee => {
            Object.defineProperty(document, "hidden", { value: cachee, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        cachee,
    )


def test_on_compare_le_snpc_et_la_demande(ouvrir: Callable[..., Ecran], vie: Vie) -> None:
    e = ouvrir(vie.id)
    for mots in ("13572A7654", "VALIDE", "12 / 12"):
        expect(e.page.locator("[data-snpc]")).to_contain_text(mots)
    nom = e.page.locator("[data-information] tr", has_text="Nom de naissance").first
    expect(nom).to_contain_text("écrit autrement au SNPC")
    expect(nom).to_contain_text("CORNEILLE")
    expect(e.page.locator("[data-information] tr", has_text="Département de naissance")).to_contain_text("54")
    expect(e.page.locator("[data-photo]")).to_contain_text("OUI")
    expect(e.page.locator("[data-historique]")).to_contain_text("DemandeDeposee")
    prededemande = e.page.locator("[data-prededemande]")
    expect(prededemande).to_be_hidden()
    e.page.get_by_role("button", name="CONSULTER les données de la prédemande").click()
    expect(prededemande).to_contain_text(vie.numero)
    expect(prededemande).to_contain_text("543")
    e.cliquer("Vérifier l'historique")
    expect(e.page.locator("[data-verification]")).to_contain_text("intact")
    e.accessible("dossier ouvert")


def _avec_sa_photo(url: str, **dit: Any) -> Vie:
    """A demande whose talon has come by post, with its image."""
    vie = Vie(url, photo_signature={"mode": "talon"}).confirmer().jusqu_a("attente_photo")
    vie.agent.appeler("POST", f"/dev/talons/{vie.numero}", dit)
    return vie.jusqu_a("en_instruction")


def _image_affichee(e: Ecran) -> None:
    image = e.page.get_by_role("img", name="Photo d'identité reçue")
    expect(image).to_be_visible()
    attendre(lambda: image.evaluate("une => une.naturalWidth"), bool, "l'image de la photo")


@pytest.mark.parametrize("bureau", [True, False], ids=["bureau", "telephone"])
def test_l_agent_voit_la_photo_et_ses_conseils_a_cote_du_choix_de_la_suspendre(
    url: str, ouvrir: Callable[..., Ecran], bureau: bool
) -> None:
    vie = _avec_sa_photo(url, image=en_base64(portrait(fond=(255, 255, 255))))
    e = ouvrir(vie.id, bureau=bureau)
    _image_affichee(e)
    conseils = e.page.locator("[data-photo] td .ecart-explication")
    expect(conseils).to_contain_text(["Le fond paraît blanc", "c'est vous qui décidez"])
    expect(e.page.locator("[data-photo]")).to_contain_text("420 × 540 points")
    e.accessible("photo et conseils")
    e.cliquer("Suspendre")
    _cocher(e, "photo_signature")
    expect(conseils.first).to_be_visible()
    e.accessible("photo à refaire")
    _envoyer(e, "Refaites la photo devant un mur gris clair.")
    _avis(e, "suspendue")
    _image_affichee(e)
    assert vie.statut == "suspendue"


def test_une_photo_sans_defaut_se_montre_sans_conseil(url: str, ouvrir: Callable[..., Ecran]) -> None:
    vie = _avec_sa_photo(url)
    e = ouvrir(vie.id)
    _image_affichee(e)
    expect(e.page.locator("[data-photo]")).not_to_contain_text("automatiques")


def test_une_image_illisible_se_dit_et_celle_qui_ne_s_affiche_pas_aussi(url: str, ouvrir: Callable[..., Ecran]) -> None:
    illisible = _avec_sa_photo(url, image="pas une image")
    e = ouvrir(illisible.id)
    expect(e.page.locator("[data-photo]")).to_contain_text("n'a pas pu être lue")
    expect(e.page.locator("[data-photo] img")).to_have_count(0)
    e.accessible("image illisible")
    perdue = _avec_sa_photo(url)
    e.page.route("**/photo/*.jpg*", lambda route: route.abort())
    e.ouvrir(f"/agent/dossier/#{perdue.id}")
    expect(e.page.locator("[data-photo]")).to_contain_text("La photo n'a pas pu être affichée")


def test_le_dossier_dit_qui_represente_ce_qui_est_paye_et_qui_attend(url: str, ouvrir: Callable[..., Ecran]) -> None:
    vie = Vie(url)
    vie.client.appeler("PUT", f"/api/demandes/{vie.id}/representant", REPRESENTANT)
    vie.client.joindre(vie.id, "justificatif_representation", photo())
    vie.confirmer().jusqu_a("en_controle")
    vie.ctn.controler_les_pieces(vie.id)
    vie.jusqu_a("en_instruction")
    vie.client.ecrire(vie.id, "Où en est ma demande ?")
    e = ouvrir(vie.id)
    suivi = e.page.locator("[data-suivi]")
    for mots in ("Mandataire : Marie Corneille", "timbre utilisé, 25 €", "à traiter avant le", "courriel, SMS"):
        expect(suivi).to_contain_text(mots.replace(" €", "\u00a0€"))
    attente = e.page.locator("[data-alertes]", has_text="Un message attend votre réponse")
    expect(attente).to_be_visible()
    e.accessible("un message attend")
    e.page.locator("#messages-texte").fill("Elle est en cours.")
    e.cliquer("Envoyer le message")
    expect(e.page.locator("[data-messages] .echanges")).to_contain_text("Elle est en cours.")
    expect(attente).to_have_count(0)


def test_les_deux_vues_se_conduisent_chacune_et_montrent_deux_versions(
    url: str, ouvrir: Callable[..., Ecran], vie: Vie
) -> None:
    demande = {"elements": [{"cible": vie.piece("domicile"), "motif": "illisible"}], "message": "Floue."}
    vie.agent.agir(vie.id, "suspension", demande)
    vie.client.joindre(vie.id, "domicile", photo(500, 700))
    vie.client.completer(vie.id)
    vie.jusqu_a("en_instruction")
    e = ouvrir(vie.id)
    pieces = e.page.locator("[data-pieces]")
    expect(pieces.locator("tr", has_text="version remplacée")).to_contain_text("document illisible")
    pieces.get_by_role("button", name="Voir : Justificatif de domicile").last.click()
    premiere, seconde = (e.page.get_by_role("group", name=nom, exact=True) for nom in ("Première vue", "Seconde vue"))
    expect(premiere.locator("[data-legende]")).to_contain_text("Justificatif de domicile")
    expect(seconde).to_be_hidden()
    e.cliquer("Côte à côte")
    legendes = [vue.locator("[data-legende]") for vue in (premiere, seconde)]
    vues = [legende.inner_text() for legende in legendes]
    expect(legendes[1]).to_contain_text("Justificatif de domicile")
    assert sum("version remplacée" in legende.inner_text() for legende in legendes) == 1, vues
    seconde.get_by_role("button", name="Tourner").click()
    expect(legendes[1]).to_contain_text("tournée de 90°")
    expect(legendes[0]).not_to_contain_text("tournée")
    premiere.get_by_label("Pièce de la première vue").select_option(label="Pièce d'identité – photo.jpg")
    expect(legendes[0]).to_contain_text("Pièce d'identité")
    expect(legendes[1]).to_contain_text("tournée de 90°")
    for outil in ("Agrandir", "Réduire", "Ajuster", "Page suivante"):
        premiere.get_by_role("button", name=outil).click()
    expect(legendes[0]).not_to_contain_text("Pièce d'identité")
    e.accessible("côte à côte")
    e.cliquer("Pleine page")
    expect(e.page.get_by_role("button", name="Pleine page")).to_have_attribute("aria-pressed", "true")
    expect(seconde).to_be_visible()
    e.cliquer("Pleine page")
    expect(e.page.get_by_role("button", name="Pleine page")).to_have_attribute("aria-pressed", "false")


def test_une_image_qui_ne_vient_pas_se_redemande(ecran: Callable[..., Ecran], vie: Vie) -> None:
    e = ecran(bureau=True)
    entrer(e, "agent.543")
    lien = "**/api/instruction/demandes/*/pieces/*/pages/*"
    e.page.route(lien, lambda route: route.fulfill(json={"url": f"{e.url}/absente.jpg"}))
    e.ouvrir(f"/agent/dossier/#{vie.id}")
    legende = e.page.locator("[data-vue='0'] [data-legende]")
    expect(legende).to_contain_text("l'image n'a pas pu être affichée")
    expect(e.page.locator("[data-vue='0']")).not_to_contain_text("absente.jpg")
    for outil in ("Agrandir", "Tourner", "Ajuster"):
        e.page.locator("[data-vue='0']").get_by_role("button", name=outil).click()
    e.accessible("image non affichée")
    e.page.unroute(lien)
    e.page.route(lien, lambda route: route.fulfill(status=404, json={"detail": "Cette page n'existe pas."}))
    legende.get_by_role("button", name="Réessayer").click()
    expect(legende).to_contain_text("Cette page n'existe pas.")
    e.page.unroute(lien)
    legende.get_by_role("button", name="Réessayer").click()
    expect(legende).not_to_contain_text("pas pu")
    expect(legende).to_contain_text("page 1 sur")
    expect(e.page.locator("[data-vue='0']")).not_to_contain_text("non affichée")
    expect(e.page.get_by_label("Pièce de la première vue")).to_be_focused()


def test_on_suspend_en_designant_des_lignes_puis_on_corrige(ouvrir: Callable[..., Ecran], vie: Vie) -> None:
    e = ouvrir(vie.id)
    e.cliquer("Prendre en charge")
    _avis(e, "prise en charge")
    identite = vie.piece("identite")
    e.page.get_by_role("button", name="Suspendre").first.click()
    expect(e.page.locator("[data-designation-debut]")).to_be_focused()
    e.page.locator("input[data-designe='adresse.nom_voie'] + label").click()
    e.cliquer("Suspendre la demande")
    resume = e.page.locator("[data-suspension] [data-resume-erreurs]")
    expect(resume).to_contain_text("Motif pour « Nom de la voie »")
    for mots in ("Choisissez un motif.", "Écrivez un message à l'usager."):
        expect(resume).to_contain_text(mots)
    e.accessible("suspension, avec des erreurs")
    e.page.locator("[data-motif-de='adresse.nom_voie'] select").select_option("inexacte")
    for cible in ("photo_signature", identite, "avis_medical"):
        _cocher(e, cible)
    _cocher(e, "etat_civil.neph")
    expect(e.page.locator("[data-designes]")).to_contain_text("5 lignes cochées")
    # Read again meanwhile, the lines are new ones: what was pointed at, and why, stays.
    e.page.get_by_role("button", name="CONSULTER à nouveau").click()
    expect(e.page.locator("[data-snpc-etat]")).to_contain_text("a répondu")
    expect(e.page.locator("[data-motif-de='adresse.nom_voie'] select")).to_have_value("inexacte")
    e.page.locator("input[data-designe='etat_civil.neph'] + label").click()
    e.page.locator("#suspension-delai-jours").fill("45")
    _envoyer(e, HOSTILE)
    _avis(e, "La demande a été suspendue.")
    expect(e.page.locator("[data-liste-suspensions]")).to_contain_text(HOSTILE)
    assert e.page.locator("[data-liste-suspensions] img").count() == 0
    e.accessible("suspendue")
    (ouverte,) = vie.agent.dossier(vie.id)["suspensions"]
    assert ouverte["delai_jours"] == 45
    visees = {un["cible"]: un["motif"] for un in ouverte["elements"]}
    assert visees.keys() == {"adresse.nom_voie", "photo_signature", identite, "avis_medical"}
    assert visees["avis_medical"] == "piece_manquante"

    e.cliquer("Corriger la suspension")
    for cible, motif in visees.items():
        expect(e.page.locator(f"input[data-designe='{cible}']")).to_be_checked()
        expect(e.page.locator(f"[data-motif-de='{cible}'] select")).to_have_value(motif)
    expect(e.page.locator("#suspension-message")).to_have_value(HOSTILE)
    expect(e.page.locator("#suspension-delai-jours")).to_have_value("45")
    e.accessible("correction")
    e.page.locator("input[data-designe='photo_signature'] + label").click()
    e.page.locator(f"[data-motif-de='{identite}'] select").select_option("expiree")
    _envoyer(e, "Votre pièce d'identité est périmée.", "Corriger le complément")
    _avis(e, "corrigé")
    corrigee, ouverte = vie.agent.dossier(vie.id)["suspensions"]
    assert (corrigee["issue"], ouverte["issue"]) == ("corrigee", "ouverte")
    corrigees = {un["cible"]: un["motif"] for un in ouverte["elements"]}
    assert corrigees == {**{c: m for c, m in visees.items() if c != "photo_signature"}, identite: "expiree"}
    e.cliquer("Lever la suspension")
    _avis(e, "levée")
    assert vie.statut == "en_instruction"


def test_on_suspend_au_clavier_seul(ouvrir: Callable[..., Ecran], vie: Vie) -> None:
    e = ouvrir(vie.id)
    clavier = e.page.keyboard

    def aller(selecteur: str) -> None:
        for _ in range(60):
            clavier.press("Tab")
            if e.page.evaluate("selecteur => document.activeElement.matches(selecteur)", selecteur):
                return
        raise AssertionError(f"{selecteur} n'est pas atteint au clavier")

    clavier.press("s")
    expect(e.page.locator("[data-designation-debut]")).to_be_focused()
    aller("[data-designe='etat_civil.prenoms']")
    clavier.press("Space")
    aller("[data-motif-de='etat_civil.prenoms'] select")
    clavier.press("ArrowDown")
    clavier.press("ArrowDown")
    aller("[data-designe='etat_civil.date_naissance']")
    clavier.press("m")
    expect(e.page.locator("#suspension-message")).to_be_focused()
    clavier.type("Vos prénoms ne sont pas ceux de votre pièce.")
    aller("[data-designation-envoi]")
    clavier.press("Enter")
    _avis(e, "La demande a été suspendue.")
    (ouverte,) = vie.agent.dossier(vie.id)["suspensions"]
    assert [un["cible"] for un in ouverte["elements"]] == ["etat_civil.prenoms"]


def test_ce_qui_est_prepare_puis_abandonne_se_retrouve(ouvrir: Callable[..., Ecran], vie: Vie) -> None:
    e = ouvrir(vie.id, bureau=False)
    e.cliquer("Suspendre")
    _cocher(e, "adresse.commune", 2)
    e.page.locator("#suspension-message").fill("À finir.")
    e.accessible("suspension sur un téléphone")
    e.cliquer("Abandonner")
    expect(e.page.locator("#suspension-message")).to_be_hidden()
    e.accessible("dossier sur un téléphone")
    e.cliquer("Suspendre")
    expect(e.page.locator("input[data-designe='adresse.commune']")).to_be_checked()
    expect(e.page.locator("#suspension-message")).to_have_value("À finir.")
    # Twenty lines at most, as the service takes them.
    libres = e.page.locator("input[data-designe]:not(:checked):not(:disabled) + label")
    for _ in range(19):
        libres.first.click()
    expect(e.page.locator("[data-designes]")).to_contain_text("20 lignes cochées")
    expect(libres).to_have_count(0)
    e.page.locator("input[data-designe='adresse.commune'] + label").click()
    expect(libres.first).to_be_visible()


def test_on_refuse_avec_un_motif(ouvrir: Callable[..., Ecran], vie: Vie) -> None:
    e = ouvrir(vie.id)
    e.page.get_by_role("button", name="Refuser").click()
    dialogue = _dialogue(e)
    dialogue.get_by_role("button", name="Refuser la demande").click()
    expect(dialogue.locator("[data-resume-erreurs]")).to_contain_text("Motif du refus")
    e.accessible("refus, avec des erreurs")
    dialogue.get_by_label("Motif du refus").select_option("droits_non_valides")
    dialogue.get_by_label("Message à l'usager").fill(f"Vos droits. {HOSTILE}")
    dialogue.get_by_role("button", name="Refuser la demande").click()
    # The SNPC says the contrary: told, and nothing typed is lost.
    expect(dialogue.locator("[data-resume-erreurs]")).to_contain_text("contredit par le SNPC")
    dialogue.get_by_label("Motif du refus").select_option("identite_non_etablie")
    dialogue.get_by_role("button", name="Refuser la demande").click()
    _avis(e, "refusée")
    assert vie.statut == "refusee"
    suivi = e.page.locator("[data-suivi]")
    expect(suivi).to_contain_text("l'identité du demandeur n'a pas pu être établie")
    expect(suivi).to_contain_text(HOSTILE)
    expect(e.page.locator("[data-actions]")).to_contain_text("Aucune action")
    e.accessible("refusée")


def test_la_demande_a_change_depuis_la_lecture(ouvrir: Callable[..., Ecran], vie: Vie) -> None:
    e = ouvrir(vie.id)
    e.page.get_by_role("button", name="Refuser").click()
    dialogue = _dialogue(e)
    dialogue.get_by_label("Motif du refus").select_option("domicile_non_etabli")
    dialogue.get_by_label("Message à l'usager").fill("Votre domicile n'est pas établi.")
    expect(dialogue.get_by_role("button", name=RELIRE)).to_be_hidden()
    vie.client.ecrire(vie.id, "Voici une précision.")
    dialogue.get_by_role("button", name="Refuser la demande").click()
    expect(dialogue.locator("[data-resume-erreurs]")).to_contain_text("modifiée entre-temps")
    e.accessible("demande modifiée entre-temps")
    assert vie.statut == "en_instruction"
    dialogue.get_by_role("button", name=RELIRE).click()
    expect(dialogue.locator("[data-relu]")).to_contain_text("Dossier relu")
    expect(e.page.locator("[data-messages]")).to_contain_text("Voici une précision.")
    expect(dialogue.get_by_label("Message à l'usager")).to_have_value("Votre domicile n'est pas établi.")
    dialogue.get_by_role("button", name="Refuser la demande").click()
    _avis(e, "refusée")


def test_un_collegue_a_pris_la_demande(ouvrir: Callable[..., Ecran], vie: Vie) -> None:
    e = ouvrir(vie.id)
    vie.chef.prendre(vie.id)
    e.page.get_by_role("button", name="Suspendre").first.click()
    _cocher(e, "adresse.commune")
    _envoyer(e, "Quelle commune ?")
    panneau = e.page.locator("[data-suspension]")
    expect(panneau.locator("[data-resume-erreurs]")).to_contain_text("traite cette demande")
    panneau.get_by_role("button", name=RELIRE).click()
    expect(panneau.locator("[data-relu]")).to_contain_text("Dossier relu")
    expect(e.page.locator("[data-bail]")).to_contain_text("vous pouvez la lire et écrire, pas décider")
    expect(e.page.locator("[data-actions]").get_by_role("button", name="Valider")).to_have_count(0)
    expect(e.page.locator("#suspension-message")).to_have_value("Quelle commune ?")
    e.accessible("prise par un collègue")
    vie.chef.rendre(vie.id)
    e.cliquer("Suspendre la demande")
    _avis(e, "La demande a été suspendue.")


def test_une_action_refusee_montre_ce_qui_reste_possible(ouvrir: Callable[..., Ecran], vie: Vie) -> None:
    e = ouvrir(vie.id)
    e.page.locator("#notes-texte").fill("À revoir.")
    vie.chef.prendre(vie.id)
    e.cliquer("Prendre en charge")
    _avis(e, "traite cette demande")
    expect(e.page.locator("[data-bail]")).to_contain_text("pas décider")
    expect(e.page.locator("[data-actions] button")).to_have_text([RELIRE])
    expect(e.page.locator("#notes-texte")).to_have_value("À revoir.")
    vie.chef.rendre(vie.id)


def test_la_prise_en_charge_se_prolonge_tant_qu_on_travaille(ouvrir: Callable[..., Ecran], vie: Vie) -> None:
    e = ouvrir(vie.id, minuterie=True)
    e.cliquer("Prendre en charge")
    _avis(e, "prise en charge")
    avant = vie.agent.dossier(vie.id)["demande"]["agent"]["bail_jusqua"]
    demandes: list[str] = []
    e.page.on("request", lambda r: demandes.append(r.url) if r.url.endswith("/prise-en-charge") else None)
    e.page.keyboard.press("Tab")
    # Behind another page, it is left alone; before him again, it is prolonged.
    _cacher(e, True)
    e.page.clock.fast_forward("05:30")
    e.page.clock.fast_forward("05:30")
    assert demandes == []
    with e.page.expect_response("**/prise-en-charge") as prolongee:
        _cacher(e, False)
    assert prolongee.value.ok
    assert vie.agent.dossier(vie.id)["demande"]["agent"]["bail_jusqua"] > avant
    expect(e.page.locator("[data-bail]")).to_be_empty()
    # Nobody makes a gesture any more: the lease runs to its end, which is told.
    demandes.clear()
    e.page.locator("#notes-texte").evaluate("champ => (champ.value = 'Ma note en cours')")
    e.page.clock.fast_forward("31:00")
    expect(e.page.locator("[data-bail]")).to_contain_text("Vous ne tenez plus cette demande")
    assert demandes == []
    expect(e.page.locator("#notes-texte")).to_have_value("Ma note en cours")
    e.accessible("prise en charge finie")
    e.cliquer("Reprendre en charge")
    expect(e.page.locator("[data-bail]")).to_be_empty()
    expect(e.page.locator("#notes-texte")).to_have_value("Ma note en cours")


def test_la_prise_en_charge_perdue_est_dite_sans_rien_perdre(ouvrir: Callable[..., Ecran], vie: Vie) -> None:
    e = ouvrir(vie.id, minuterie=True)
    e.cliquer("Prendre en charge")
    _avis(e, "prise en charge")
    vie.chef.agir(vie.id, "affectation", {"agent": "chef.543"})
    e.page.locator("#messages-texte").fill("Bonjour, il me manque")
    e.page.clock.fast_forward("11:00")
    bail = e.page.locator("[data-bail]")
    expect(bail).to_contain_text("Vous ne tenez plus cette demande")
    expect(bail).to_contain_text("traite cette demande")
    e.accessible("prise en charge perdue")
    bail.get_by_role("button", name=RELIRE).click()
    expect(bail).to_contain_text("vous pouvez la lire et écrire, pas décider")
    expect(e.page.locator("#messages-texte")).to_have_value("Bonjour, il me manque")


def test_le_snpc_en_panne_n_arrete_pas_l_instruction(
    ouvrir: Callable[..., Ecran], vie: Vie, snpc_en_panne: Callable[[str], None]
) -> None:
    snpc_en_panne("panne")
    e = ouvrir(vie.id)
    snpc = e.page.locator("[data-snpc]")
    expect(snpc).to_contain_text("Le SNPC ne répond pas")
    expect(e.page.locator("[data-information] tr", has_text="Nom de naissance")).to_contain_text("Corneille")
    e.accessible("SNPC en panne")
    consulter = e.page.get_by_role("button", name="CONSULTER à nouveau")
    consulter.click()
    expect(e.page.locator("[data-snpc-etat]")).to_contain_text("ne répond pas")
    e.page.get_by_role("button", name="Valider").click()
    _dialogue(e).get_by_role("button", name="Valider la demande").click()
    expect(_dialogue(e).locator("[data-resume-erreurs]")).to_be_visible()
    e.page.keyboard.press("Escape")
    assert vie.statut == "en_instruction"
    snpc_en_panne("aucune")
    consulter.click()
    expect(snpc).to_contain_text("12 / 12")
    expect(e.page.locator("[data-information]")).to_contain_text("écrit autrement au SNPC")


def test_un_conducteur_inconnu_du_snpc_se_valide_en_repondant_de_ses_droits(
    url: str, ouvrir: Callable[..., Ecran]
) -> None:
    agent = Guichet(url).entrer("agent.543")
    inconnu = {champ: valeur for champ, valeur in personne().items() if champ != "numero_dossier"}
    sans_contact = {champ: valeur for champ, valeur in ADRESSE.items() if champ not in ("email", "telephone")}
    papier = saisir(agent, inconnu, sans_contact)
    agent.confirmer(papier)
    attendre(lambda: agent.suivi(papier)["statut"], lambda lu: lu == "en_instruction", "instruction")
    e = ouvrir(papier)
    expect(e.page.locator("[data-snpc]")).to_contain_text("introuvable au SNPC")
    e.page.get_by_role("button", name="Valider").click()
    dialogue = _dialogue(e)
    dialogue.get_by_role("button", name="Valider la demande").click()
    expect(dialogue.locator("[data-resume-erreurs]")).to_contain_text("Le SNPC ne connaît pas ce conducteur")
    e.accessible("conducteur inconnu du SNPC")
    dialogue.locator("label[for=droits-etablis-autrement]").click()
    dialogue.get_by_role("button", name="Valider la demande").click()
    _avis(e, "validée")
    _avis(e, "écrivez-lui par courrier")
    expect(e.page.locator("[data-suivi]")).to_contain_text("établis autrement que par le SNPC")


def test_le_lien_du_snpc_ouvre_par_le_numero_de_dossier(ecran: Callable[..., Ecran], url: str) -> None:
    hasard = random.randrange(10**8)
    numero = f"{hasard // 1000:05}Z{hasard % 10000:04}"
    vies = [Vie(url) for _ in range(2)]
    for vie in vies:
        civil = vie.client.demande(vie.id)["etapes"]["etat_civil"]["donnees"]
        vie.client.enregistrer(vie.id, "etat-civil", {**civil, "numero_dossier": numero})
    e = ecran(bureau=True)
    entrer(e, "agent.543")
    lien = f"/agent/dossier/#dossier={numero[:6]}%20{numero[6:]}"
    e.ouvrir(lien)
    _avis(e, "Aucune demande de votre service")
    e.accessible("aucune demande")

    def trouvees(nombre: int) -> None:
        attendre(lambda: vies[0].agent.chercher(numero_dossier=numero), lambda lues: len(lues) == nombre, "l'index")
        e.page.reload()
        e.prete()

    vies[0].confirmer()
    trouvees(1)
    expect(e.page.locator("[data-information]")).to_contain_text(numero)
    assert e.page.url.endswith(f"#{vies[0].id}"), "the number of a person's dossier does not stay in the address"
    vies[1].confirmer()
    e.page.goto("about:blank")
    e.ouvrir(lien)
    trouvees(2)
    _avis(e, "Plusieurs demandes")
    e.accessible("plusieurs demandes")
    e.page.get_by_role("link", name=vies[1].numero).click()
    expect(e.page.locator("[data-information]")).to_contain_text(numero)
    assert e.page.url.endswith(f"#{vies[1].id}")


def test_une_adresse_qui_ne_nomme_aucune_demande_le_dit(ecran: Callable[..., Ecran]) -> None:
    e = ecran()
    entrer(e, "agent.543")
    for ancre, mots in (
        ("", "Aucune demande n'est indiquée"),
        ("#dossier=zzz", "n'a pas la bonne forme"),
        ("#%", "Cette demande n'existe pas"),
    ):
        e.page.goto("about:blank")
        e.ouvrir(f"/agent/dossier/{ancre}")
        _avis(e, mots)
        e.accessible(mots)
    e.ouvrir("/agent/dossier/#dossier=zzz")
    expect(e.page.locator("[data-avis]").get_by_role("link")).to_have_text(
        ["Aller à la corbeille", "Chercher une demande"]
    )


def test_le_lien_du_snpc_est_reserve_a_qui_cherche(ecran: Callable[..., Ecran]) -> None:
    e = ecran()
    entrer(e, "ctn.543")
    e.ouvrir("/agent/dossier/#dossier=13572A7654")
    expect(e.page.get_by_role("heading", name="Page réservée")).to_be_visible()
    expect(e.page.locator("main").get_by_role("link", name="Revenir à la corbeille")).to_be_visible()
    e.accessible("page réservée")


def test_ce_que_des_gens_ont_ecrit_n_est_que_du_texte(url: str, ouvrir: Callable[..., Ecran]) -> None:
    vie = Vie(url)
    vie.client.enregistrer(vie.id, "adresse", {**ADRESSE, "nom_voie": HOSTILE, "complement": HOSTILE})
    envoi = photo()
    vie.client.joindre(vie.id, "identite", type(envoi)("<img src=x>.jpg", envoi.mime, envoi.octets))
    vie.confirmer().jusqu_a("en_instruction")
    e = ouvrir(vie.id)
    expect(e.page.locator("[data-information] tr", has_text="Nom de la voie")).to_contain_text(HOSTILE)
    expect(e.page.locator("[data-pieces]")).to_contain_text("<img src=x>.jpg")
    for fil, bouton in (("notes", "Enregistrer la note"), ("messages", "Envoyer le message")):
        e.page.locator(f"#{fil}-texte").fill(HOSTILE)
        e.cliquer(bouton)
        expect(e.page.locator(f"[data-{fil}] .echanges")).to_contain_text(HOSTILE)
        expect(e.page.locator(f"#{fil}-texte")).to_have_value("")
    e.page.get_by_role("button", name="Suspendre").first.click()
    assert e.page.locator("main img, main b").count() == 0
    assert [un["texte"] for un in vie.client.messages(vie.id)] == [HOSTILE]
    e.accessible("textes hostiles")


def test_on_valide_au_clavier_seul(ouvrir: Callable[..., Ecran], vie: Vie) -> None:
    e = ouvrir(vie.id)
    e.page.keyboard.press("v")
    dialogue: Any = _dialogue(e)
    dialogue.wait_for()
    e.accessible("validation demandée")
    for _ in range(6):
        if e.page.evaluate("document.activeElement.matches('dialog button[type=submit]')"):
            break
        e.page.keyboard.press("Tab")
    e.page.keyboard.press("Enter")
    _avis(e, "validée")
    assert vie.statut in ("validee", "en_production", "expediee", "distribuee")


def test_les_raccourcis_s_eteignent(ouvrir: Callable[..., Ecran], vie: Vie) -> None:
    e = ouvrir(vie.id)
    e.ouvrir("/agent/raccourcis/")
    e.accessible("raccourcis")
    e.page.locator("label[for=raccourcis]").click()
    e.page.go_back()
    e.prete()
    e.page.keyboard.press("v")
    expect(_dialogue(e)).to_have_count(0)
