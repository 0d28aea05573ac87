"""No line of a page begins with « : ; ? ! » or ends inside guillemets; nothing but words is touched."""

import re

import pytest

from infra.pages.__main__ import SOURCES
from infra.pages.typographie import composer, insecables


@pytest.mark.parametrize(
    ("ecrit", "compose"),
    [
        ("Relisez-vous !", "Relisez-vous\u00a0!"),
        ("un code « photo numérique » :", "un code «\u00a0photo numérique\u00a0»\u00a0:"),
        ("Retirer ?\n  Oui ; non", "Retirer\u00a0?\n  Oui\u00a0; non"),
        ("25 € à 20 %", "25\u00a0€ à 20\u00a0%"),
        ("à 10:05, https://exemple.fr/?a;b", "à 10:05, https://exemple.fr/?a;b"),
        ("déjà\u00a0: fait", "déjà\u00a0: fait"),
    ],
)
def test_les_espaces_du_francais_ne_coupent_pas(ecrit: str, compose: str) -> None:
    assert insecables(ecrit) == compose


def test_seuls_les_mots_changent() -> None:
    html = (
        '<!doctype html><!-- non : ! --><title>Aide : oui</title><p title="Suite > : ?">Qui : <b>vous</b> !</p>'
        "<script>a ? b : c</script><textarea>tel : quel</textarea><code>a ; b</code><p>&lt;&lt; Fin ?</p>"
    )
    assert composer(html) == (
        '<!doctype html><!-- non : ! --><title>Aide : oui</title><p title="Suite > : ?">Qui\u00a0: <b>vous</b>'
        "\u00a0!</p>"
        "<script>a ? b : c</script><textarea>tel : quel</textarea><code>a ; b</code><p>&lt;&lt; Fin\u00a0?</p>"
    )


def test_le_meme_signe_est_protege_par_la_construction_et_par_les_modules() -> None:
    regles = re.findall(r"\(\?=\[([^\]]+)\]\)", (SOURCES / "modules" / "dom.js").read_text())
    assert regles == [":;?!%€»"]
