"""Machine readable zones of identity documents and licences: parsed, keys verified, compared with an état civil.

Four formats: TD1 (3×30: CNIe, titres de séjour) and TD3 (2×44: passports) of ICAO 9303, the French CNI of 1988-2021
(2×36) and the French licence (1×30, ISO 18013-1). All keys are sums weighted 7-3-1 modulo 10, so one table says all.
The PyPI `mrz` knows two of the four and verifies nothing of the others: it would not shorten this file.

A zone has no accent, no case, no apostrophe, and cuts what does not fit: comparing says what that leaves undecided.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Literal

from chalicelib.demande.modeles import EtatCivil

LETTRES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CHIFFRES = "0123456789"
ALPHABET = CHIFFRES + LETTRES + "<"

# What may stand at a position, told by one character; a capital and "1" stand for themselves.
CLASSES = {
    "a": LETTRES,
    "b": LETTRES + "<",
    "9": CHIFFRES,
    "0": CHIFFRES + "<",
    "*": ALPHABET,
    "s": "FMX<",
    "t": "IAC",
    **{c: c for c in LETTRES + "1"},
}

EXPIRATION_MAX_ANS = 15  # no document is valid for longer (licences: 15 years)
AGE_MIN = 14
"""Years of the youngest who may ask for a licence (category AM): of two centuries, the one that makes him younger is
not his."""

NomFormat = Literal["td1", "td3", "cni", "permis"]
Verdict = Literal["concorde", "differe", "indecis"]


@dataclass(frozen=True)
class Format:
    """A kind of zone. ``forme`` has one class per character, lines joined; ``cles`` are (position, slices covered)."""

    nom: NomFormat
    lignes: int
    longueur: int
    forme: str
    cles: tuple[tuple[int, tuple[tuple[int, int], ...]], ...]
    # Key that is "<" when what it covers is empty (the personal number of a passport).
    cle_facultative: int | None = None


FORMATS = (
    Format(
        "td1",
        3,
        30,
        "tbbbb" + "*" * 9 + "9" + "*" * 15 + "0000009s0000009bbb" + "*" * 11 + "9" + "b" * 30,
        (
            (14, ((5, 14),)),
            (36, ((30, 36),)),
            (44, ((38, 44),)),
            (59, ((5, 37), (38, 45), (48, 59))),
        ),
    ),
    Format(
        "td3",
        2,
        44,
        "Pbbbb" + "b" * 39 + "*" * 9 + "9bbb0000009s0000009" + "*" * 14 + "09",
        (
            (53, ((44, 53),)),
            (63, ((57, 63),)),
            (71, ((65, 71),)),
            (86, ((72, 86),)),
            (87, ((44, 54), (57, 64), (65, 87))),
        ),
        86,
    ),
    Format(
        "cni",
        2,
        36,
        "IDFRA" + "b" * 25 + "*" * 6 + "9999***999999" + "b" * 14 + "0000009s9",
        ((48, ((36, 48),)), (69, ((63, 69),)), (71, ((0, 71),))),
    ),
    Format("permis", 1, 30, "D1FRA99aa999999" + "999999" + "b" * 8 + "9", ((14, ((0, 14),)), (29, ((0, 29),)))),
)


@dataclass(frozen=True)
class Mrz:
    """What a zone says. Dates are AAAA-MM-JJ, or partial when the document's are; ``sexe`` None when X or not said.

    ``prenoms`` are the words between fillers: « Jean-Pierre » is JEAN and PIERRE there. ``nom_tronque`` and
    ``prenoms_tronques``: there may have been more. The old CNI says when it was issued, not when it ends; the licence
    says neither birth nor prénoms.
    """

    format: NomFormat
    type: str
    pays: str
    numero: str
    nom: str
    nom_tronque: bool
    prenoms: tuple[str, ...]
    prenoms_tronques: bool
    naissance: str | None
    sexe: Literal["F", "M"] | None
    delivrance: str | None
    expiration: str | None
    nationalite: str | None
    cles_justes: bool
    lignes: tuple[str, ...]


@dataclass(frozen=True)
class Comparaison:
    """``champs`` (names of EtatCivil) are those that differ, or those that the zone leaves undecided."""

    verdict: Verdict
    champs: tuple[str, ...] = ()


def cle(texte: str) -> str:
    """The key of ``texte``: values 0-9, A=10…Z=35, filler 0, weights 7-3-1, modulo 10."""
    return str(sum(_VALEURS[c] * (7, 3, 1)[rang % 3] for rang, c in enumerate(texte)) % 10)


_VALEURS = {c: rang for rang, c in enumerate(CHIFFRES + LETTRES)} | {"<": 0}


def cles_justes(format_: Format, texte: str) -> bool:
    """Whether every key of ``texte`` (lines joined) is right."""
    return not cles_fausses(format_, texte)


def cles_fausses(format_: Format, texte: str) -> list[int]:
    """The positions of the wrong keys of ``texte``."""
    fausses = []
    for position, plages in format_.cles:
        couvert = "".join(texte[debut:fin] for debut, fin in plages)
        vide = position == format_.cle_facultative and texte[position] == "<" and not couvert.strip("<")
        if not vide and texte[position] != cle(couvert):
            fausses.append(position)
    return fausses


def format_de(lignes: tuple[str, ...]) -> Format | None:
    """The format whose shape these lines have, whatever their keys."""
    texte = "".join(lignes)
    for format_ in FORMATS:
        if [len(ligne) for ligne in lignes] == [format_.longueur] * format_.lignes and all(
            c in CLASSES[classe] for c, classe in zip(texte, format_.forme, strict=True)
        ):
            return format_
    return None


def lire(lignes: tuple[str, ...], aujourdhui: date) -> Mrz | None:
    """Parse the lines of a zone; None when they have the shape of none. A wrong key is said, not hidden.

    Centuries of two-digit years: a birth is 14 years before ``aujourdhui`` or more, an end not over 15 years after it.
    """
    format_ = format_de(lignes)
    if format_ is None:
        return None
    t = "".join(lignes)
    justes = cles_justes(format_, t)
    fin_max = date(aujourdhui.year + EXPIRATION_MAX_ANS, 12, 31)
    ne_avant = date(aujourdhui.year - AGE_MIN, aujourdhui.month, min(aujourdhui.day, 28))
    if format_.nom == "permis":
        return Mrz(
            "permis", t[0:2], "FRA", t[5:14], _mots(t[21:29]), t[28] != "<", (), False,
            None, None, None, _date(t[15:21], fin_max), None, justes, lignes,
        )  # fmt: skip
    if format_.nom == "cni":
        return Mrz(
            "cni", t[0:2], "FRA", t[36:48], _mots(t[5:30]), t[29] != "<", _liste(t[49:63]), t[62] != "<",
            _date(t[63:69], ne_avant), _sexe(t[70]), _annee_mois(t[36:40], aujourdhui), None, "FRA", justes, lignes,
        )  # fmt: skip
    if format_.nom == "td1":
        entete, noms, corps = t[0:5], t[60:90], t[30:60]
        numero, naissance, sexe, fin, nation = t[5:14], corps[0:6], corps[7], corps[8:14], corps[15:18]
    else:
        entete, noms, corps = t[0:5], t[5:44], t[44:88]
        numero, naissance, sexe, fin, nation = corps[0:9], corps[13:19], corps[20], corps[21:27], corps[10:13]
    nom, separe, suite = noms.partition("<<")
    tronque = noms[-1] != "<"
    return Mrz(
        format_.nom, entete[0:2].rstrip("<"), entete[2:5].rstrip("<"), numero.rstrip("<"),
        _mots(nom), tronque and not separe, _liste(suite), tronque,
        _date(naissance, ne_avant), _sexe(sexe), None, _date(fin, fin_max), nation.rstrip("<"), justes, lignes,
    )  # fmt: skip


def vraisemblable(mrz: Mrz) -> bool:
    """Whether names and dates are such as an office prints: a last guard where keys cover little."""
    n = mrz.lignes
    if mrz.format == "permis":
        return bool(_NOM.fullmatch(n[0][21:29])) and mrz.expiration is not None
    if mrz.format == "cni":
        return bool(_NOM.fullmatch(n[0][5:30]) and _PRENOMS.fullmatch(n[1][13:27])) and bool(
            mrz.naissance and mrz.delivrance
        )
    noms = n[0][5:] if mrz.format == "td3" else n[2]
    return bool(_NOMS.fullmatch(noms) and mrz.naissance and mrz.expiration)


_NOM = re.compile(r"[A-Z]+(<[A-Z]+)*<*")
_PRENOMS = re.compile(r"[A-Z]+(<<?[A-Z]+)*<*")
_NOMS = re.compile(r"[A-Z]+(<[A-Z]+)*(<<[A-Z]+(<[A-Z]+)*)?<*")


def comparer(mrz: Mrz, etat_civil: EtatCivil) -> Comparaison:
    """Compare a zone with an état civil, field by field.

    `differe` when a field cannot be the same; `indecis` when the zone does not say enough (a licence has no birth),
    bears the nom d'usage, has other prénoms after the first or has cut the first one, or has a wrong key, and when what
    is declared has a letter that no zone writes; `concorde` otherwise.
    """
    if not mrz.cles_justes:
        return Comparaison("indecis")
    verdicts = {
        "nom_naissance": _comparer_nom(mrz, etat_civil) if _s_ecrit(etat_civil.nom_naissance) else "indecis",
        "prenoms": _comparer_prenoms(mrz, etat_civil.prenoms) if all(map(_s_ecrit, etat_civil.prenoms)) else "indecis",
        "date_naissance": _comparer_date(mrz.naissance, etat_civil.date_naissance),
        "sexe": "concorde" if mrz.sexe in (None, etat_civil.sexe) else "differe",
    }
    for verdict in ("differe", "indecis"):
        if champs := tuple(champ for champ, trouve in verdicts.items() if trouve == verdict):
            return Comparaison(verdict, champs)
    return Comparaison("concorde")


def _comparer_nom(mrz: Mrz, etat_civil: EtatCivil) -> Verdict:
    lu = mrz.nom.replace(" ", "")
    if _meme(lu, etat_civil.nom_naissance, mrz.nom_tronque):
        return "concorde"
    usage = etat_civil.nom_usage
    if usage and (_meme(lu, usage, mrz.nom_tronque) or _meme(lu, etat_civil.nom_naissance + usage, mrz.nom_tronque)):
        return "indecis"
    if _commence(tuple(mrz.nom.split()), etat_civil.nom_naissance):  # « MARTIN EPOUSE DURAND »
        return "indecis"
    return "differe"


def _comparer_prenoms(mrz: Mrz, prenoms: list[str]) -> Verdict:
    lus = "".join(mrz.prenoms)
    if not lus:  # not said (licence), or pushed out by a long nom
        return "indecis"
    if _meme(lus, "".join(prenoms), mrz.prenoms_tronques):
        # Cut in its middle, or at its end, the first one may be another's: « MARIE » of « MARIELLE ».
        entier = _commence(mrz.prenoms[:-1], prenoms[0])
        return "indecis" if mrz.prenoms_tronques and not entier else "concorde"
    dits = {forme for prenom in prenoms for mot in re.split(r"[\s'’-]", prenom) for forme in _formes(mot)}
    if _commence(mrz.prenoms, prenoms[0]) or set(mrz.prenoms) <= dits:
        return "indecis"
    return "differe"


def _comparer_date(lue: str | None, dite: str) -> Verdict:
    if lue == dite:
        return "concorde"
    if lue is None or lue.startswith(dite) or dite.startswith(lue):
        return "indecis"
    return "differe"


def _meme(lu: str, dit: str, tronque: bool) -> bool:
    return any(lu == forme or (tronque and forme.startswith(lu)) for forme in _formes(dit))


def _commence(mots: tuple[str, ...], dit: str) -> bool:
    formes = _formes(dit)
    return any("".join(mots[:nombre]) in formes for nombre in range(1, len(mots) + 1))


# Letters that are not a plain letter with an accent, or that ICAO 9303 lets be written in more than one way.
_TRANSLITTERATIONS = {
    "Ä": ("A", "AE"), "Ö": ("O", "OE"), "Ü": ("U", "UE", "UXX"), "Å": ("A", "AA"), "Ñ": ("N", "NXX"),
    "Ø": ("O", "OE"), "Æ": ("AE",), "Œ": ("OE",), "ẞ": ("SS",), "Ł": ("L",), "Đ": ("D",), "Ð": ("D", "DH"),
    "Þ": ("TH",), "Ħ": ("H",), "Ŋ": ("N",), "Ŧ": ("T",), "ı": ("I",),
}  # fmt: skip
FORMES_MAX = 64


def _formes(texte: str) -> set[str]:
    """The ways in which a zone may write ``texte``: letters A to Z only."""
    choix = [_TRANSLITTERATIONS.get(c) or (_lettres(c),) for c in _majuscules(texte)]
    formes = {""}
    for possibles in choix:
        formes = {
            forme + suite for forme, suite in product(formes, possibles if len(formes) < FORMES_MAX else possibles[:1])
        }
    return formes


def _s_ecrit(texte: str) -> bool:
    """Whether each of its letters is one of a zone: « Иван » would vanish from it."""
    return all(c in _TRANSLITTERATIONS or _lettres(c) for c in _majuscules(texte) if c.isalpha())


def _majuscules(texte: str) -> str:
    return unicodedata.normalize("NFC", texte.replace("ß", "ẞ").upper())


def _lettres(caractere: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", caractere) if c in LETTRES)


def _mots(champ: str) -> str:
    return " ".join(champ.replace("<", " ").split())


def _liste(champ: str) -> tuple[str, ...]:
    return tuple(champ.replace("<", " ").split())


def _sexe(caractere: str) -> Literal["F", "M"] | None:
    return "F" if caractere == "F" else "M" if caractere == "M" else None


def _date(brute: str, maximum: date) -> str | None:
    """AAAA-MM-JJ, AAAA-MM or AAAA not after ``maximum``; None when this is no date."""
    annee, mois, jour = brute[0:2], brute[2:4], brute[4:6]
    inconnu = ("<<", "00")
    if not annee.isdigit():
        return None
    siecle = maximum.year // 100 * 100
    if mois in inconnu:
        return str(_passee(siecle + int(annee), maximum.year)) if jour in inconnu else None
    if not mois.isdigit() or not 1 <= int(mois) <= 12:
        return None
    if jour in inconnu:
        recule = (siecle + int(annee), int(mois)) > (maximum.year, maximum.month)
        return f"{siecle + int(annee) - 100 * recule}-{mois}"
    for candidate in (siecle + int(annee), siecle + int(annee) - 100):
        try:
            trouvee = date(candidate, int(mois), int(jour))
        except ValueError:  # also 29 February of a century that had none
            continue
        if trouvee <= maximum:
            return trouvee.isoformat()
    return None


def _passee(annee: int, maximum: int) -> int:
    return annee - 100 if annee > maximum else annee


def _annee_mois(brute: str, maximum: date) -> str | None:
    lue = _date(brute + "<<", maximum)
    return lue if lue is not None and len(lue) == len("AAAA-MM") else None  # its month is always told
