"""Whatever an attacker types is text, on every page of both sites: names, file names, messages, notes, addresses.

What the API takes goes through it (markup, file names, the longest names); what it refuses (a name with markup, a sign
that turns the reading order) is put into its answers, since pages must not rely on its refusal. On each page: nothing
runs, nothing is asked, the text is there as it was written, axe finds nothing, nothing overflows at 320 px or 400 %.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from demo.client import Client, Fichier, attendre
from demo.guichet import Guichet
from tests.e2e.acteurs import Usager
from tests.e2e.navigateur.agents import HOSTILE, LONG, pieger, signer_agent
from tests.e2e.navigateur.conftest import Ecran
from tests.e2e.navigateur.demandes import signer
from tests.e2e.navigateur.pages import pages_construites
from tests.e2e.outils import ADRESSE, ETAPES, compte_neuf, photo, pieces_demandees, prix

BALISES = '"><script>window.pirate = 1</script><img src="x" onerror="window.pirate = 1">'
NOM_LONG = "W" * 100
MESSAGE = f"{BALISES}\n[lien](javascript:window.pirate=1) {'W' * 200}"
# 1280 × 1024 seen at 400 %.
ZOOM = {"width": 320, "height": 256}
# What a person reads, what the fields hold included.
LIRE = """[
    document.body.innerText, ...[...document.querySelectorAll("input, textarea")].map((un) => un.value)
].join("\\n").replaceAll("\\u00a0", " ")"""


@dataclass(frozen=True)
class Monde:
    """Somebody whose every word is hostile, and his demandes by what they are."""

    usager: Usager
    demandes: dict[str, str]


@pytest.fixture(scope="module")
def monde(url: str) -> Monde:
    usager = Usager(*compte_neuf(url))
    client, agent, ctn = usager.client, Guichet(url).entrer("agent.543"), Guichet(url).entrer("ctn.543")
    suspendue, controlee = _remplir(client, "vol"), _remplir(client, "changement_etat_civil")
    for demande_id in (suspendue, controlee):
        client.confirmer(demande_id)
    _jusqu_a(client, suspendue, "en_controle")
    ctn.prendre(suspendue)
    ctn.controler_les_pieces(suspendue)
    _jusqu_a(client, suspendue, "en_instruction")
    agent.prendre(suspendue)
    client.ecrire(suspendue, MESSAGE)
    for fil in ("messages", "notes"):
        agent.agir(suspendue, fil, {"texte": MESSAGE})
    (domicile,) = [p for p in agent.dossier(suspendue)["pieces"] if p["type"] == "domicile"]
    elements = [
        {"cible": domicile["piece_id"], "motif": "illisible"},
        {"cible": "etat_civil.nom_naissance", "motif": "inexacte"},
        {"cible": "adresse.nom_voie", "motif": "inexacte"},
    ]
    agent.agir(suspendue, "suspension", {"elements": elements, "message": MESSAGE})
    _jusqu_a(client, controlee, "en_controle")
    return Monde(
        usager, {"brouillon": _remplir(client, "vol"), "suspendue": suspendue, "en_controle": controlee, "": ""}
    )


def _remplir(client: Client, motif: str) -> str:
    """A draft whose words are as hostile and as long as the API takes them."""
    demande_id = client.creer_demande(motif)["id"]
    noms = {"nom_naissance": NOM_LONG, "nom_usage": NOM_LONG, "prenoms": [NOM_LONG] * 3}
    lieu = {"lieu_naissance": {"commune": BALISES, "departement": "54"}}
    client.enregistrer(demande_id, "etat-civil", {**ETAPES["etat-civil"], **noms, **lieu})
    voie = {"type_voie": BALISES[:30], "nom_voie": BALISES, "complement": f"{BALISES}{'W' * 70}", "commune": BALISES}
    client.enregistrer(demande_id, "adresse", {**ADRESSE, **voie})
    client.enregistrer(demande_id, "photo-signature", {"mode": "numerique", "code": client.code_photo()})
    for type_piece in pieces_demandees(client.url, motif):
        client.joindre(demande_id, type_piece, Fichier(f"{BALISES}{'W' * 150}.jpg", "image/jpeg", photo().octets))
    if du := prix(client.url, motif):
        client.donner_timbre(demande_id, client.timbre(du))
    return str(demande_id)


def _jusqu_a(client: Client, demande_id: str, statut: str) -> None:
    attendre(lambda: client.demande(demande_id)["statut"], lambda lu: lu == statut, f"statut {statut}")


def _soumettre(ecran: Ecran) -> None:
    """Type it in every field, and send: it is refused, or the page goes on without saying whether it knows it."""
    for champ in ecran.page.locator("main form input.fr-input:visible").all():
        champ.fill(HOSTILE)
    ecran.page.locator("main form button[type=submit]:visible").first.click()
    ecran.page.locator("[data-resume-erreurs]:visible, #nouveau:visible").first.wait_for()


def _chercher(ecran: Ecran) -> None:
    ecran.cliquer("Rechercher")
    ecran.page.locator("#lignes tbody tr").first.wait_for()


def _tout_ouvrir(ecran: Ecran) -> None:
    ecran.page.evaluate("document.querySelectorAll('main details').forEach((un) => (un.open = true))")


def _verifier(ecran: Ecran) -> None:
    """A code that is not one: the page says so, and shows nothing of it but in its field."""
    _tout_ouvrir(ecran)
    ecran.page.locator("form[data-code] textarea").fill(HOSTILE)
    ecran.cliquer("Vérifier ce code")
    ecran.page.locator("[data-verdict] .fr-alert").wait_for()


@dataclass(frozen=True)
class Cas:
    """Who opens the page, on which demande, what he does there."""

    qui: str = "usager"
    sur: str = ""
    geste: Callable[[Ecran], None] = _tout_ouvrir


ANONYME = Cas("", geste=_soumettre)
CAS = {
    "/": Cas(),
    "/404.html": Cas(),
    "/accessibilite/": Cas(),
    "/aide/": Cas(),
    "/conditions/": Cas(),
    "/donnees-personnelles/": Cas(),
    "/plan/": Cas(),
    "/verifier/": Cas("", geste=_verifier),
    "/compte/": Cas(),
    "/compte/activer/": ANONYME,
    "/compte/connexion/": ANONYME,
    "/compte/creer/": ANONYME,
    "/compte/identifiant-oublie/": ANONYME,
    "/compte/mot-de-passe-oublie/": ANONYME,
    "/demandes/": Cas(),
    "/demande/motif/": Cas(sur="brouillon"),
    "/demande/etat-civil/": Cas(sur="brouillon"),
    "/demande/representant/": Cas(sur="brouillon"),
    "/demande/adresse/": Cas(sur="brouillon"),
    "/demande/photo-signature/": Cas(sur="brouillon"),
    "/demande/pieces/": Cas(sur="brouillon"),
    "/demande/paiement/": Cas(sur="brouillon"),
    "/demande/recapitulatif/": Cas(sur="brouillon"),
    "/demande/confirmation/": Cas(sur="suspendue"),
    "/demande/suivi/": Cas(sur="suspendue"),
    "/demande/complement/": Cas(sur="suspendue"),
    "/demande/messages/": Cas(sur="suspendue"),
    "/agent/": Cas("chef.543"),
    "/agent/activer/": ANONYME,
    "/agent/connexion/": ANONYME,
    "/agent/mot-de-passe-oublie/": ANONYME,
    "/agent/controle/": Cas("ctn.543", "en_controle"),
    "/agent/dossier/": Cas("agent.543", "suspendue"),
    "/agent/equipe/": Cas("chef.543"),
    "/agent/raccourcis/": Cas("agent.543"),
    "/agent/recherche/": Cas("agent.543", geste=_chercher),
}
# Where a page shows what the API took as it stands, beside the names.
MONTRENT_DES_BALISES = ("adresse", "complement", "messages", "pieces", "recapitulatif", "dossier")


def test_chaque_page_a_son_cas() -> None:
    assert sorted(CAS) == sorted(pages_construites())


@pytest.mark.parametrize("chemin", CAS)
def test_la_page_montre_du_texte_et_rien_d_autre(
    ecran: Callable[..., Ecran], url: str, monde: Monde, chemin: str
) -> None:
    cas = CAS[chemin]
    # The worker of the site would answer before what is put in the answers.
    vu = ecran(service_workers="block")
    vu.page.on("dialog", lambda dialogue: (vu.anomalies.append(f"dialogue : {dialogue.message}"), dialogue.dismiss()))
    pieger(vu, "**/api/**")
    hostile = {"nom": f"{HOSTILE} {LONG}", "prenom": HOSTILE}
    if cas.qui == "usager":
        signer(vu, monde.usager, **hostile)
    elif cas.qui:
        signer_agent(vu, url, cas.qui, **hostile)
    vu.ouvrir(f"{chemin}#{monde.demandes[cas.sur]}" if cas.sur else chemin)
    cas.geste(vu)
    vu.accessible("données hostiles")

    lu = vu.page.evaluate(LIRE)
    # What is typed is cut at the field's length.
    assert (HOSTILE if cas.qui else HOSTILE[:40]) in lu
    assert vu.page.locator("[src=x], body script").count() == 0
    assert vu.page.evaluate("window.pirate") is None
    if chemin.strip("/").rpartition("/")[2] in MONTRENT_DES_BALISES:
        assert BALISES in lu
    vu.page.set_viewport_size(ZOOM)
    assert vu.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "déborde à 400 %"
