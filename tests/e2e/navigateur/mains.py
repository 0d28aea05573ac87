"""Two hands for one scenario: a finger or a mouse, and a keyboard alone. Both do what the page's words say.

``Clavier`` has no way to click: it moves with Tab and arrows, presses Enter or Space, types. After each gesture the
focus is somewhere, and is seen; at the end the browser itself says that no pointer ever touched it.
"""

import re
from typing import Protocol
from urllib.parse import urlsplit

from playwright.sync_api import FilePayload, Locator, expect

from tests.e2e.navigateur.conftest import Ecran

TABULATIONS_MAX = 150
# What is focused has an outline, its own or that of the label drawn in its place (radios and boxes of the design
# system); inside a date, the browser itself marks the part that is being typed.
OU_EST_LE_FOYER = """() => {
    const foyer = document.activeElement;
    if (!foyer || foyer === document.body || foyer === document.documentElement) return "le foyer est perdu";
    const dessins = [getComputedStyle(foyer)];
    for (const un of foyer.labels ?? []) dessins.push(getComputedStyle(un), getComputedStyle(un, "::before"));
    const dit = foyer.outerHTML.slice(0, 160);
    const souligne = dessins.some((un) => un.outlineStyle !== "none" && parseFloat(un.outlineWidth) > 0);
    if (foyer.type !== "date" && !souligne) return `le foyer ne se voit pas : ${dit}`;
    const { top, bottom, left, right } = foyer.getBoundingClientRect();
    const dehors = bottom <= 0 || right <= 0 || top >= innerHeight || left >= innerWidth;
    if (dehors) return `le foyer est hors de l'écran : ${dit}`;
    return "";
}"""
AVANT_LE_FOYER = """(n) => Boolean(
    document.activeElement.compareDocumentPosition(n) & Node.DOCUMENT_POSITION_PRECEDING
)"""
COMPTER_LES_POINTEURS = """
    for (const geste of ["pointerdown", "mousedown", "touchstart"])
        addEventListener(geste, () => localStorage.setItem("pointeurs", "touché"), { capture: true });
"""


def motif(mots: str) -> re.Pattern[str]:
    """``mots`` whatever their spaces are (French ones do not break)."""
    return re.compile(r"\s+".join(map(re.escape, mots.split())).replace("/", r"\/"))


class Main(Protocol):
    """What one does with a page. ``vers`` is the address that follows, when one leaves the page."""

    ecran: Ecran

    def ouvrir(self, chemin: str) -> None:
        """Type an address."""

    def activer(self, mots: str, vers: str = "") -> None:
        """Press the button, follow the link."""

    def ecrire(self, selecteur: str, texte: str) -> None:
        """Fill a field."""

    def choisir(self, mots: str) -> None:
        """Choose a radio by its label."""

    def cocher(self, mots: str) -> None:
        """Tick a box by its label."""

    def selectionner(self, selecteur: str, mots: str) -> None:
        """Choose in a list what begins by ``mots``."""

    def joindre(self, bouton: str, fichier: FilePayload) -> None:
        """Answer the file dialog that ``bouton`` opens."""

    def finir(self) -> None:
        """Nothing was done otherwise."""


class _Main:
    def __init__(self, ecran: Ecran) -> None:
        self.ecran = ecran

    def _commande(self, mots: str) -> Locator:
        """What says ``mots`` and can be pressed: in the open dialog, else in the content, else around it."""
        page, nom = self.ecran.page, motif(mots)

        def dans(racine: Locator) -> Locator:
            commandes = racine.get_by_role("button", name=nom).or_(racine.get_by_role("link", name=nom))
            return commandes.or_(racine.locator("summary", has_text=nom)).filter(visible=True).first

        dialogue = page.get_by_role("dialog")
        partout = dans(dialogue if dialogue.count() else page.locator("body"))
        partout.wait_for()
        contenu = dans(page.locator("main"))
        return contenu if not dialogue.count() and contenu.count() else partout

    def _arriver(self, vers: str) -> None:
        self.ecran.page.wait_for_url(f"**{vers}")
        self.ecran.prete()


class Doigt(_Main):
    """A finger on the phone, a mouse on the desk."""

    def ouvrir(self, chemin: str) -> None:
        self.ecran.ouvrir(chemin)

    def activer(self, mots: str, vers: str = "") -> None:
        self._commande(mots).click()
        if vers:
            self._arriver(vers)

    def ecrire(self, selecteur: str, texte: str) -> None:
        self.ecran.page.locator(selecteur).fill(texte)

    def choisir(self, mots: str) -> None:
        # The label covers the radio that it stands for.
        self.ecran.page.locator("label", has_text=mots).filter(visible=True).first.click()

    cocher = choisir

    def selectionner(self, selecteur: str, mots: str) -> None:
        liste = self.ecran.page.locator(selecteur)
        valeur = liste.locator("option").filter(has_text=re.compile(f"^{re.escape(mots)}")).first.get_attribute("value")
        liste.select_option(valeur)

    def joindre(self, bouton: str, fichier: FilePayload) -> None:
        with self.ecran.page.expect_file_chooser() as dialogue:
            self.activer(bouton)
        dialogue.value.set_files(fichier)

    def finir(self) -> None:
        return


class Clavier(_Main):
    """A keyboard and nothing else."""

    def __init__(self, ecran: Ecran) -> None:
        super().__init__(ecran)
        ecran.page.add_init_script(COMPTER_LES_POINTEURS)

    def ouvrir(self, chemin: str) -> None:
        self.ecran.ouvrir(chemin)
        self._commencer()

    def activer(self, mots: str, vers: str = "") -> None:
        self._aller_a(self._commande(mots))
        if vers:
            self.ecran.page.keyboard.press("Enter")
            self._arriver(vers)
            self._commencer()
        else:
            self._presser("Enter")

    def ecrire(self, selecteur: str, texte: str) -> None:
        self._aller_a(self.ecran.page.locator(selecteur))
        self._presser("Control+A")
        self.ecran.page.keyboard.type(texte)
        self._verifier()

    def choisir(self, mots: str) -> None:
        radio = self.ecran.page.get_by_role("radio", name=motif(mots)).filter(visible=True).first
        # Tab comes to the group, arrows choose in it.
        self._aller_a(radio, "(n) => document.activeElement.type === 'radio' && document.activeElement.name === n.name")
        self._presser("Space")
        for _ in range(TABULATIONS_MAX):
            if radio.is_checked():
                return
            self._presser("ArrowDown")
        raise AssertionError(f"au clavier, « {mots} » ne se choisit pas")

    def cocher(self, mots: str) -> None:
        case = self.ecran.page.get_by_role("checkbox", name=motif(mots)).filter(visible=True).first
        self._aller_a(case)
        self._presser("Space")
        expect(case).to_be_checked()

    def selectionner(self, selecteur: str, mots: str) -> None:
        liste = self.ecran.page.locator(selecteur)
        self._aller_a(liste)
        self.ecran.page.keyboard.type(mots)
        self._verifier()
        expect(liste.locator("option:checked")).to_have_text(re.compile(f"^{re.escape(mots)}"))

    def joindre(self, bouton: str, fichier: FilePayload) -> None:
        # The dialog is the system's own, outside of the page: the keyboard opens it, the file is then given to it.
        with self.ecran.page.expect_file_chooser() as dialogue:
            self.activer(bouton)
        dialogue.value.set_files(fichier)

    def finir(self) -> None:
        assert self.ecran.page.evaluate("localStorage.getItem('pointeurs')") is None

    def _commencer(self) -> None:
        """A new page begins at its top: the first stop skips to its content, unless the page takes the focus."""
        if self.ecran.page.evaluate("document.activeElement !== document.body"):
            return self._verifier()
        self._presser("Tab")
        assert self.ecran.page.evaluate("document.activeElement.matches('.fr-skiplinks a')")
        self._presser("Enter")
        assert self.ecran.page.evaluate("document.activeElement.matches('main')")

    def _aller_a(self, cible: Locator, atteinte: str = "(n) => document.activeElement === n") -> None:
        """Press Tab, or Shift+Tab when it stands before, until ``cible`` has the focus."""
        cible.wait_for()
        avant = cible.evaluate(AVANT_LE_FOYER)
        for _ in range(TABULATIONS_MAX):
            if cible.evaluate(atteinte):
                return
            self._presser("Shift+Tab" if avant else "Tab")
        raise AssertionError(f"au clavier, {cible} ne s'atteint pas")

    def _presser(self, touche: str) -> None:
        self.ecran.page.keyboard.press(touche)
        self._verifier()

    def _verifier(self) -> None:
        faute = self.ecran.page.evaluate(OU_EST_LE_FOYER)
        assert faute == "", f"{urlsplit(self.ecran.page.url).path} : {faute}"
