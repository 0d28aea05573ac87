"""``make screenshots``: each page of both sites on a phone and on a desk, into ``captures/``, to be looked at.

Runs on the service at ``PERMIS_URL``, else starts one of its own. Pages are those of ``build/site/``: a new one cannot
be forgotten; ``Scene.vues`` says with whom and on which demande each is shown.
"""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageFilter
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from demo import fichiers
from demo.client import Client, Fichier, attendre
from demo.facturier import Client as Facture
from demo.guichet import Guichet
from infra.pages.__main__ import SORTIE
from tests.e2e.navigateur.conftest import OPTIONS, trouver_chromium
from tests.e2e.outils import demande_remplie, fichier_de, pieces_demandees
from tests.e2e.vies import Vie
from tests.runtime import service

DOSSIER = Path(__file__).parents[1] / "captures"
TAILLES = {"telephone": (320, 640), "bureau": (1280, 800)}
MOT_DE_PASSE_LOCAL = "Guichet-543-local"
SANS_SESSION = ("/compte/connexion/", "/compte/creer/", "/compte/activer/", "/agent/connexion/", "/404.html")


@contextmanager
def _url() -> Iterator[str]:
    donnee = os.environ.get("PERMIS_URL")
    if donnee:
        yield donnee.rstrip("/")
        return
    with tempfile.TemporaryDirectory() as etat, service(Path(etat)) as lance:
        yield lance.url


class Scene:
    """The people and the demandes that pages are shown with."""

    def __init__(self, url: str) -> None:
        print("préparation : une demande à remplir, une suspendue, une en instruction…", flush=True)
        self.vie = Vie(url).confirmer().jusqu_a("en_instruction")
        client = self.vie.client
        self.brouillon = demande_remplie(client, "vol", sauf=("paiement",))["id"]
        self.instruite = self.vie.id
        autre = Vie(url).confirmer().jusqu_a("en_instruction")
        agent = Guichet(url).entrer("agent.543")
        agent.prendre(autre.id)
        domicile = autre.piece("domicile")
        element = {"cible": domicile, "motif": "piece_perimee"}
        motifs = agent.appeler("GET", "/api/instruction/motifs")["suspension"]
        element["motif"] = next((m["code"] for m in motifs if m["code"] == element["motif"]), motifs[0]["code"])
        agent.agir(
            autre.id, "suspension", {"elements": [element], "message": "Cette facture date de plus de six mois."}
        )
        self.suspendue = autre
        agent.prendre(self.instruite)
        self.documents = self._documents(client)
        self.douteuse = self._douteuse(autre.client)
        recepisse = client.document(self.instruite, "recepisse")
        self.gestes: dict[str, Callable[[Page], None]] = {
            "demande-etat-civil-rempli": self._remplir,
            "agent-controle-refusee": self._refuser,
            "verifier-authentique": lambda page: self._verifier(page, recepisse),
            "verifier-illisible": lambda page: self._verifier(page, b"ni photo ni PDF"),
        }
        self.sessions = {
            "usager": self._session(self.vie),
            "suspendu": self._session(autre),
            **{role: self._agent(url, f"{role}.543") for role in ("agent", "chef", "ctn")},
        }

    @staticmethod
    def _documents(client: Client) -> str:
        """A draft begun by its documents: they say what the form asks, and one of them is blurred."""
        demande_id = client.creer_demande("vol")["id"]
        client.brouillon(demande_id, "etat-civil", {"nom_naissance": "Corneil", "prenoms": ["Pierre"]})
        floue = BytesIO()
        with Image.open(BytesIO(fichiers.carte_identite("verso"))) as nette:
            nette.filter(ImageFilter.GaussianBlur(14)).save(floue, "JPEG")
        for nom, octets in (("recto.jpg", fichiers.carte_identite()), ("verso.jpg", floue.getvalue())):
            client.joindre(demande_id, "identite", Fichier(nom, "image/jpeg", octets))
        client.joindre(demande_id, "domicile", Fichier("facture.pdf", "application/pdf", fichiers.facture(1)))
        return demande_id

    @staticmethod
    def _douteuse(client: Client) -> str:
        """A demande that a CTN operator must look at: somebody changed the name on the bill."""
        demande_id = demande_remplie(client, "changement_etat_civil", sauf=("pieces",))["id"]
        octets = fichiers.facture(2, Facture(nom="MARTIN", prenom="LOUISE"), altere=Facture())
        for type_piece in pieces_demandees(client.url, "changement_etat_civil"):
            maquillee = Fichier("facture.pdf", "application/pdf", octets)
            client.joindre(demande_id, type_piece, maquillee if type_piece == "domicile" else fichier_de(type_piece))
        client.confirmer(demande_id)
        attendre(lambda: client.demande(demande_id)["statut"], lambda lu: lu == "en_controle", "statut en_controle")
        return demande_id

    @staticmethod
    def _remplir(page: Page) -> None:
        # Nothing is saved, neither now nor when the page closes: the next screen is shown the same draft.
        page.route("**/brouillon", lambda route: route.abort())
        with page.expect_event("requestfailed", lambda une: une.url.endswith("/brouillon")):
            page.get_by_role("button", name="Remplir avec ces informations").click()
        page.locator("[data-source]").first.wait_for()

    @staticmethod
    def _refuser(page: Page) -> None:
        page.locator("label", has_text="Refuser").first.click()

    @staticmethod
    def _verifier(page: Page, octets: bytes) -> None:
        fichier = {"name": "document.pdf", "mimeType": "application/pdf", "buffer": octets}
        page.set_input_files("[data-fichier]", fichier)  # type: ignore[arg-type]
        page.locator("[data-verdict]:not([hidden])").wait_for()

    @staticmethod
    def _session(vie: Vie) -> dict[str, Any]:
        citoyen = vie.citoyen
        return vie.client.ouvrir_session(citoyen.identifiant, citoyen.mot_de_passe) | {
            "identifiant": citoyen.identifiant
        }

    @staticmethod
    def _agent(url: str, identifiant: str) -> dict[str, Any]:
        return Guichet(url).ouvrir_session(identifiant, MOT_DE_PASSE_LOCAL) | {"identifiant": identifiant}

    def vues(self, page: str) -> list[tuple[str, str, str | None]]:
        """What to show of ``page``: a name, the address with its fragment, and who is signed in."""
        nom = page.strip("/").replace("/", "-") or "accueil"
        if page in SANS_SESSION:
            return [(nom, page, None)]
        if page == "/":
            return [(nom, page, None)]
        if page == "/agent/equipe/":
            return [(nom, page, "chef")]
        if page == "/agent/controle/":
            return [(f"{nom}{etat}", f"{page}#{self.douteuse}", "ctn") for etat in ("", "-refusee")]
        if page == "/agent/dossier/":
            douteuse = f"{page}#{self.douteuse}"
            return [(nom, f"{page}#{self.instruite}", "agent"), ("agent-dossier-doute", douteuse, "agent")]
        if page.startswith("/agent/"):
            return [(nom, page, "agent")]
        if page in ("/demande/confirmation/", "/demande/suivi/", "/demande/messages/"):
            return [(nom, f"{page}#{self.instruite}", "usager")]
        if page == "/demande/complement/":
            suspendue = self.suspendue.id
            return [
                (nom, f"{page}#{suspendue}", "suspendu"),
                ("suivi-suspendu", f"/demande/suivi/#{suspendue}", "suspendu"),
            ]
        if page in ("/demande/etat-civil/", "/demande/adresse/", "/demande/pieces/"):
            etats = {
                "/demande/etat-civil/": ("propose", "rempli"),
                "/demande/adresse/": ("propose",),
                "/demande/pieces/": ("conseils",),
            }
            documents = [(f"{nom}-{etat}", f"{page}#{self.documents}", "usager") for etat in etats[page]]
            return [(nom, f"{page}#{self.brouillon}", "usager"), *documents]
        if page.startswith("/demande/"):
            return [(nom, f"{page}#{self.brouillon}", "usager")]
        if page == "/verifier/":
            return [(f"{nom}{etat}", page, None) for etat in ("", "-authentique", "-illisible")]
        return [(nom, page, "usager")]


def pages() -> list[str]:
    """The address of each page of the built sites."""
    dossiers = [f"/{f.parent.relative_to(SORTIE).as_posix()}/" for f in SORTIE.rglob("index.html")]
    return sorted("/" if dossier == "/./" else dossier for dossier in dossiers) + ["/404.html", "/dev/"]


def capturer(navigateur: Browser, url: str, scene: Scene) -> int:
    """Write the images; how many."""
    faites = 0
    for page in pages():
        for nom, adresse, qui in scene.vues(page):
            for appareil, (largeur, hauteur) in TAILLES.items():
                # The worker that keeps the pages would hide their calls from `Scene.gestes`.
                taille = ViewportSize(width=largeur, height=hauteur)
                contexte = navigateur.new_context(locale="fr-FR", viewport=taille, service_workers="block")
                if qui:
                    cle = "session-agent" if qui in ("agent", "chef", "ctn") else "session-usager"
                    tenue = json.dumps(json.dumps(scene.sessions[qui]))
                    contexte.add_init_script(f"localStorage.setItem('{cle}', {tenue})")
                vue = contexte.new_page()
                vue.goto(url + adresse)
                vue.wait_for_load_state("networkidle")
                if nom in scene.gestes:
                    scene.gestes[nom](vue)
                vue.screenshot(path=DOSSIER / f"{nom}-{appareil}.png", full_page=True)
                contexte.close()
                faites += 1
        print(f"  {page}", flush=True)
    return faites


def main() -> int:
    """Take them all; 0 when it is done."""
    shutil.rmtree(DOSSIER, ignore_errors=True)
    DOSSIER.mkdir()
    with _url() as url, sync_playwright() as playwright:
        scene = Scene(url)
        navigateur = playwright.chromium.launch(executable_path=trouver_chromium(), args=list(OPTIONS))
        faites = capturer(navigateur, url, scene)
        navigateur.close()
    print(f"{faites} images dans {DOSSIER.name}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
