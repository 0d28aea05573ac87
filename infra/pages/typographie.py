"""French typography of what pages say: a line breaks neither before « : ; ? ! % € » nor inside guillemets.

``site/modules/dom.js`` does the same to what the modules write.
"""

import re

_BALISE = re.compile(r"""(<!--.*?-->|<[a-zA-Z/!](?:[^>"']|"[^"]*"|'[^']*')*>)""", re.DOTALL)
_NOM = re.compile(r"<(/?)([a-zA-Z0-9]+)")
_AVANT = re.compile(r"\s+(?=[:;?!%€»])")
_APRES = re.compile(r"«\s+")
_TELS_QUELS = frozenset({"code", "pre", "script", "style", "textarea", "title"})
"""Elements whose text is not words to be wrapped."""


def insecables(texte: str) -> str:
    """``texte`` with a no-break space wherever French wants a space and a line must not end."""
    return _APRES.sub("«\u00a0", _AVANT.sub("\u00a0", texte))


def composer(html: str) -> str:
    """``html`` with ``insecables`` on its text; tags and attributes are left as they are."""
    morceaux = []
    tel_quel = ""
    for morceau in _BALISE.split(html):
        nom = _NOM.match(morceau)
        if nom:
            ferme, element = nom[1], nom[2].lower()
            if not tel_quel and not ferme and element in _TELS_QUELS:
                tel_quel = element
            elif ferme and element == tel_quel:
                tel_quel = ""
        elif not tel_quel and not morceau.startswith("<!"):
            morceau = insecables(morceau)
        morceaux.append(morceau)
    return "".join(morceaux)
