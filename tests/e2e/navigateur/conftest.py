"""A real browser on the running service: a phone and a desk, axe on every state, and nothing wrong in the console.

The browser is the system's Chromium. Where it is missing, root on Debian installs it; elsewhere the test says how.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from demo.client import Client
from infra.npm import obtenir
from infra.pages.paquets import AXE
from tests.e2e.navigateur.pages import pages_construites
from tests.programmes import trouver

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
REGLES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
ATTENTE_MS = 60_000
# Two cores may be busy with everything at once: a wait is bounded, and says what it waited for.
expect.set_options(timeout=ATTENTE_MS / 2)


def trouver_chromium() -> str:
    """The path of the browser, installed when it can be; else the test fails, and says how to have it."""
    return os.environ.get("PERMIS_CHROMIUM") or trouver(
        CHROMIUM, "chromium", "Chromium manque : installez-le, ou donnez son chemin dans PERMIS_CHROMIUM."
    )


@pytest.fixture(scope="session")
def navigateur() -> Iterator[Browser]:
    """One browser for all the tests."""
    with sync_playwright() as playwright:
        lance = playwright.chromium.launch(executable_path=trouver_chromium(), args=list(OPTIONS))
        yield lance
        lance.close()


@pytest.fixture(scope="session")
def axe_source() -> str:
    """The accessibility checker, as a script."""
    return (obtenir(*AXE) / "axe.min.js").read_text()


@pytest.fixture(scope="session", autouse=True)
def _politique_de_contenu(url: str) -> Iterator[None]:
    """In the whole run, the content policy had nothing to report (test_dev.py makes a report, and clears it)."""
    service = Client(url)
    service.appeler("DELETE", "/dev/csp")
    yield
    assert service.appeler("GET", "/dev/csp") == []


ETATS_VUS: dict[str, set[str]] = defaultdict(set)
"""The states of each page that axe looked at."""


@pytest.fixture(scope="session", autouse=True)
def _chaque_page_vue(request: pytest.FixtureRequest) -> Iterator[None]:
    """After a whole run of this folder, axe has looked at every page of both sites."""
    yield
    dossier = Path(__file__).parent
    joues = {element.path for element in request.session.items}
    if joues.issuperset(dossier.glob("test_*.py")) and request.session.testsfailed == 0:
        assert [page for page in pages_construites() if not ETATS_VUS[page]] == []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what axe looked at."""
    if ETATS_VUS:
        terminalreporter.section("états sans faute pour axe")
        for page, etats in sorted(ETATS_VUS.items()):
            terminalreporter.write_line(f"{page} ({len(etats)}) : {' ; '.join(sorted(etats))}")


class Ecran:
    """A page of the site in the browser, and what must hold of each of its states."""

    def __init__(self, page: Page, url: str, axe: str) -> None:
        self.page, self.url, self._axe = page, url, axe
        self.anomalies: list[str] = []
        page.on("pageerror", lambda erreur: self.anomalies.append(f"erreur : {erreur}"))
        page.on("console", self._console)

    def _console(self, message: Any) -> None:
        # What the service refuses (401, 422…) is told by the browser too, and is no fault of the page.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.anomalies.append(f"console : {message.text}")

    def ouvrir(self, chemin: str) -> None:
        """Go to ``chemin`` and wait until the page is ready."""
        self.page.goto(self.url + chemin)
        self.prete()

    def prete(self) -> None:
        """Wait until the page's own module has done its work, where it has one."""
        self.page.wait_for_selector("body[data-etat=pret], body:not(:has([data-chargement]))")

    def cliquer(self, mots: str) -> None:
        """Press the button or follow the link that says ``mots``."""
        self.page.get_by_role("button", name=mots).or_(self.page.get_by_role("link", name=mots)).first.click()

    def choisir(self, mots: str) -> None:
        """Tick the radio or the box labelled ``mots``: the design system's label covers it."""
        self.page.locator("label", has_text=mots).first.click()

    def accessible(self, etat: str) -> None:
        """axe finds nothing, and nothing overflows sideways."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(self._axe)
        vu = self.page.evaluate("regles => axe.run(document, {runOnly: {type: 'tag', values: regles}})", list(REGLES))
        fautes = [
            f"{v['id']} ({v['impact']}) : {v['help']} : " + " | ".join(n["html"][:160] for n in v["nodes"][:3])
            for v in vu["violations"]
        ]
        assert fautes == [], f"{etat} : " + "\n".join(fautes)
        largeurs = self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert largeurs[0] <= largeurs[1], f"{etat} : la page déborde ({largeurs})"
        ETATS_VUS[urlsplit(self.page.url).path].add(etat)


@pytest.fixture
def ecran(navigateur: Browser, url: str, axe_source: str) -> Iterator[Callable[..., Ecran]]:
    """Open a screen: ``ecran()`` is a phone of 320 × 640, ``ecran(bureau=True)`` a desk of 1280 × 800.

    At the end, nothing wrong was said in any console, violations of the content policy included.
    """
    contextes: list[BrowserContext] = []
    ecrans: list[Ecran] = []

    def ouvrir(bureau: bool = False, **options: Any) -> Ecran:
        taille = {"width": 1280, "height": 800} if bureau else {"width": 320, "height": 640}
        reglages = {"locale": "fr-FR", "viewport": taille, "has_touch": not bureau, "accept_downloads": True} | options
        contexte = navigateur.new_context(**reglages)
        contexte.set_default_timeout(ATTENTE_MS)
        contextes.append(contexte)
        ecrans.append(Ecran(contexte.new_page(), url, axe_source))
        return ecrans[-1]

    yield ouvrir
    for un in ecrans:
        un.page.unroute_all(behavior="ignoreErrors")
    for contexte in contextes:
        contexte.close()
    assert [anomalie for un in ecrans for anomalie in un.anomalies] == []
