"""One list of blocks, two forms: the text part of a mail, and its accessible HTML part.

The HTML has what a reader of screens needs (language, title, headings, lists, links that say where they go) and asks
nothing of who displays it: no image, no table, no width, no colour of ours, so that a dark screen keeps its own.
Nothing in it tells us that it was opened or followed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

SIGNATURE = "Permis de conduire en ligne"
_AUTOMATIQUE = "Ce message est automatique : il n'est pas possible d'y répondre."

# The reader's own, said aloud: a checker of contrasts takes an unsaid background for a white one.
_COULEURS = ":root { color-scheme: light dark; } body { background: Canvas; color: CanvasText; }"
_LISIBLE = "margin:0 auto;max-width:38em;padding:1em;font:1em/1.5 Arial,sans-serif;overflow-wrap:anywhere"
_SEPARE = "margin-top:2em;border-top:1px solid;padding-top:1em"
# Large enough for a thumb.
_A_TOUCHER = "display:inline-block;padding:.6em 1em;border:2px solid;font-weight:bold"

_OFFICIELS = ("https://www.telerecours.fr",)
_REMARQUABLE = re.compile(
    rf"(?P<site>\b(?:{'|'.join(map(re.escape, _OFFICIELS))})(?![\w/@:?#-]|\.\w))"
    r"|(?P<fort>\bn° \d+|\bavant le (?:1er|\d{1,2}) \w+ \d{4})"
)


@dataclass(frozen=True)
class Titre:
    """The heading of what follows, down to the next one."""

    texte: str


@dataclass(frozen=True)
class Valeur:
    """Something to copy or to keep, after what it is."""

    libelle: str
    valeur: str


@dataclass(frozen=True)
class Lien:
    """A page to open: ``libelle`` says which one by itself, ``url`` is absolute."""

    libelle: str
    url: str


Bloc = str | Titre | Valeur | Lien
"""A str is a paragraph; those of its lines that a dash begins are a list."""


def en_texte(blocs: Sequence[Bloc]) -> str:
    """The text part."""
    return "\n\n".join(("Bonjour,", *map(_texte, blocs), f"{_AUTOMATIQUE}\n{SIGNATURE}")) + "\n"


def _texte(bloc: Bloc) -> str:
    match bloc:
        case Titre(texte):
            return texte
        case Valeur(libelle, valeur):
            return f"{libelle} : {valeur}"
        case Lien(libelle, url):
            return f"{libelle} : {url}"
        case _:
            return bloc


def en_html(objet: str, blocs: Sequence[Bloc]) -> str:
    """The HTML part: a whole page, whose language and look hold when a mail client keeps only its body."""
    titre = escape(objet)
    corps = "\n".join(map(_html, blocs))
    return (
        '<!DOCTYPE html>\n<html lang="fr">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="format-detection" content="telephone=no, date=no, address=no, email=no">\n'
        f"<title>{titre}</title>\n<style>{_COULEURS}</style>\n</head>\n"
        f'<body style="margin:0">\n<main lang="fr" style="{_LISIBLE}">\n'
        f'<h1 style="font-size:1.5em;line-height:1.25">{titre}</h1>\n'
        f"<p>Bonjour,</p>\n{corps}\n"
        f'<div style="{_SEPARE}">\n<p>{_AUTOMATIQUE}</p>\n<p>{SIGNATURE}</p>\n</div>\n</main>\n</body>\n</html>\n'
    )


def _html(bloc: Bloc) -> str:
    match bloc:
        case Titre(texte):
            return f'<h2 style="font-size:1.2em;line-height:1.25">{escape(texte)}</h2>'
        case Valeur(libelle, valeur):
            return f'<p>{escape(libelle)} : <strong style="font-size:1.2em">{escape(valeur)}</strong></p>'
        case Lien(libelle, url):
            return f'<p><a href="{escape(url)}" style="{_A_TOUCHER}">{escape(libelle)}</a></p>'
        case _:
            return _paragraphe(bloc)


def _paragraphe(paragraphe: str) -> str:
    html: list[str] = []
    for ligne in paragraphe.split("\n"):
        if not ligne.startswith("- "):
            html.append(f"<p>{_phrase(ligne)}</p>")
            continue
        element = f"<li>{_phrase(ligne.removeprefix('- '))}</li>"
        if html and html[-1].endswith("</ul>"):
            html[-1] = f"{html[-1].removesuffix('</ul>')}{element}\n</ul>"
        else:
            html.append(f"<ul>\n{element}\n</ul>")
    return "\n".join(html)


def _phrase(phrase: str) -> str:
    """Escaped, with a link on a site of the State, and an emphasis on a number or a deadline."""
    html, lu = [], 0
    for trouve in _REMARQUABLE.finditer(phrase):
        mot = escape(trouve.group())
        html += [
            escape(phrase[lu : trouve.start()]),
            f'<a href="{mot}">{mot}</a>' if trouve["site"] else f"<strong>{mot}</strong>",
        ]
        lu = trouve.end()
    return "".join((*html, escape(phrase[lu:])))
