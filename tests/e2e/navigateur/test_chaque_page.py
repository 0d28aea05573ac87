"""What holds of every page of both sites, whichever it is: with JavaScript refused, it says what to do."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.navigateur.conftest import Ecran
from tests.e2e.navigateur.pages import pages_construites

# A page whose only modules are those of every page shows all that it has without them.
SON_MODULE = re.compile(r"/modules/(?!page\.js)")


def test_sans_javascript_chaque_page_dit_quoi_faire(ecran: Callable[..., Ecran]) -> None:
    vu = ecran(java_script_enabled=False)
    for chemin in pages_construites():
        vu.page.goto(vu.url + chemin)
        expect(vu.page.locator("h1")).to_be_visible()
        if SON_MODULE.search(vu.page.content()):
            alerte = vu.page.locator("main noscript .fr-alert")
            expect(alerte, chemin).to_contain_text("Autorisez JavaScript")
            expect(alerte, chemin).to_contain_text("vous pouvez aussi déposer un dossier papier", ignore_case=True)
            expect(vu.page.locator("[data-chargement]"), chemin).to_be_hidden()
        else:
            assert len(vu.page.inner_text("main")) > 100, chemin
