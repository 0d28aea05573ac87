"""What a 2D-Doc says of where somebody lives, and whether it agrees with the demande (DOMAIN §4, §7).

A code proves who wrote it, not that the person lives there: where it does not agree, or says too little, the pièce goes
to a person. Nothing here refuses.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Literal

from chalicelib.demande.index import forme_de_recherche
from chalicelib.demande.modeles import Adresse, EtatCivil
from chalicelib.demande.motifs import OUVERTURE, Depuis, en_vigueur

MOIS_MAX: tuple[Depuis[int], ...] = (Depuis(OUVERTURE, 3), Depuis(date(2019, 1, 1), 6))
"""How old a justificatif may be, in months: 3 in the deck, 6 in F31847 (read in 2019; the very day is a convention)."""

PROCHE = 0.8
"""Two street names this alike may be one badly spelled: a person decides (convention)."""


class Signature(StrEnum):
    """What the signature of a code is worth.

    ``certificat_hors_dates``: right, but signed before the certificate began or after it ended. ``illisible``: the code
    says that it is a 2D-Doc, and the rest cannot be understood.
    """

    VERIFIEE = "verifiee"
    FAUSSE = "fausse"
    AUTORITE_INCONNUE = "autorite_inconnue"
    CERTIFICAT_HORS_DATES = "certificat_hors_dates"
    ILLISIBLE = "illisible"


@dataclass(frozen=True)
class Personne:
    """Somebody named by a code. ``texte`` is all of it, title or quality first, in the order of who wrote it; ``nom``
    and ``prenoms`` only when the code says which is which. What was read before titles were kept has none.
    ``payeur`` is who pays, and is not told to receive the service; ``coupee`` when the code says that it cut a name."""

    texte: str = field(repr=False)
    nom: str | None = field(default=None, repr=False)
    prenoms: str | None = field(default=None, repr=False)
    payeur: bool = False
    coupee: bool = False


@dataclass(frozen=True)
class AdresseLue:
    """Lines 2 to 5 of a postal address (AFNOR NF Z10-011), and the last one in two: as written, empty when absent.

    ``coupees`` are those, by their name here, that the code says it cut. ``du_payeur``: it is where the bill goes, for
    want of where the service is given.
    """

    appartement: str = field(default="", repr=False)
    batiment: str = field(default="", repr=False)
    voie: str = field(default="", repr=False)
    lieu_dit: str = field(default="", repr=False)
    code_postal: str = field(default="", repr=False)
    commune: str = field(default="", repr=False)
    pays: str = field(default="", repr=False)
    coupees: tuple[str, ...] = ()
    du_payeur: bool = False


@dataclass(frozen=True)
class CodeLu:
    """A 2D-Doc as it was read, whatever it is worth: ``signature`` tells that.

    ``type`` is the code's own (``01``), ``libelle`` in words. ``emis_le`` is the document's date; ``signe_le`` the
    code's. Values are given for justificatifs de domicile only; ``autres_titulaires`` when the code says that somebody
    else, whom it does not name, shares the contract. ``contredit`` when the same file bears another code of a domicile,
    which does not say the same.
    """

    signature: Signature
    autorite: str = ""
    certificat: str = ""
    type: str = ""
    libelle: str = ""
    emis_le: date | None = None
    signe_le: date | None = None
    personnes: tuple[Personne, ...] = ()
    adresse: AdresseLue | None = None
    autres_titulaires: bool = False
    contredit: bool = False


Issue = Literal["concorde", "differe", "indecis"]
_ISSUES: tuple[Issue, ...] = ("concorde", "indecis", "differe")


@dataclass(frozen=True)
class Concordance:
    """The outcome, and which fields of the demande (or ``date``, ``signature``, ``document``) differ or are in doubt.

    ``differe`` as soon as one differs; ``indecis`` when none does and one is in doubt.
    """

    issue: Issue
    differents: tuple[str, ...] = ()
    indecis: tuple[str, ...] = ()


def comparer(code: CodeLu, etat_civil: EtatCivil, adresse: Adresse, au: date) -> Concordance:
    """Whether ``code`` shows that this person lives there, ``au`` being the day on which the pièce was sent.

    A code that is not verified proves nothing, for or against: ``indecis``.
    """
    if code.signature is not Signature.VERIFIEE:
        return Concordance("indecis", indecis=("signature",))
    if code.adresse is None or not code.personnes or code.contredit:
        return Concordance("indecis", indecis=("document",))
    avis = {"date": _date(code, au), **_nom(code, etat_civil), **_adresse(code.adresse, adresse)}
    differents = tuple(champ for champ, issue in avis.items() if issue == "differe")
    indecis = tuple(champ for champ, issue in avis.items() if issue == "indecis")
    return Concordance("differe" if differents else "indecis" if indecis else "concorde", differents, indecis)


def proposer(code: CodeLu) -> dict[str, str]:
    """What ``code`` says of the address, by field of the demande's ``adresse``: to be proposed, never written silently.

    Nothing of a code that is not verified, nor of what it cut. Codes have capitals without accents: so have the values.
    """
    if code.signature is not Signature.VERIFIEE or code.adresse is None or not _en_france(code.adresse):
        return {}
    lue = code.adresse
    entieres = {
        nom: ligne
        for nom in ("appartement", "batiment", "voie", "lieu_dit")
        if nom not in lue.coupees and not _coupee(ligne := getattr(lue, nom))
    }
    numero, extension, reste = _couper_numero(_mots(lue.voie or lue.lieu_dit))
    type_voie, nom = _couper_type([] if _est_boite(reste) else reste)
    complements = ["appartement", "batiment", *(["lieu_dit"] if lue.voie else [])]
    valeurs = {
        "numero": numero,
        "extension": extension,
        "type_voie": type_voie,
        "nom_voie": " ".join(nom) if ("voie" if lue.voie else "lieu_dit") in entieres else "",
        "complement": ", ".join(entieres[ligne] for ligne in complements if entieres.get(ligne)),
        "code_postal": lue.code_postal,
        "commune": "" if "commune" in lue.coupees else re.sub(r"\s+CEDEX(?:\s+\d+)?$", "", lue.commune),
    }
    return {champ: valeur for champ, valeur in valeurs.items() if valeur}


def trop_ancien(emis_le: date, au: date) -> bool:
    """Whether a justificatif of this day is older than what is accepted ``au``: the same day so many months later is
    the last one."""
    mois = au.year * 12 + au.month - 1 - en_vigueur(MOIS_MAX, au)
    annee, mois = divmod(mois, 12)
    suivant = date(annee + (mois == 11), (mois + 1) % 12 + 1, 1)
    dernier = (suivant - timedelta(days=1)).day
    return emis_le < date(annee, mois + 1, min(au.day, dernier))


SIGNATURE_JOURS = 62
"""How far from its document's date a code may be signed (convention: bills are signed within days of their edition)."""


def _date(code: CodeLu, au: date) -> Issue:
    emis_le = code.emis_le or code.signe_le
    if emis_le is None or emis_le > au + timedelta(days=1):  # a bill of tomorrow is a mistake of a clock; later, no
        return "indecis"
    if trop_ancien(emis_le, au):
        return "differe"
    # Whoever holds a key whose certificate has ended may still sign, but only of a day when it had not.
    ecart = emis_le - (code.signe_le or emis_le)
    return "indecis" if abs(ecart) > timedelta(days=SIGNATURE_JOURS) else "concorde"


# --- The name


ETATS = {"EPOUX": "M", "EPOUSE": "F", "NEE": "F"}
SEXES = {
    "M": "M", "MR": "M", "MONSIEUR": "M", "MME": "F", "MADAME": "F", "MLLE": "F", "MELLE": "F", "MADEMOISELLE": "F",
    **ETATS,
}  # fmt: skip
TITRES = {*SEXES, "DR", "ME"}
LIENS = {"ET", "OU"}
_FIRME = re.compile(
    r" ET (?=(?:FILS|FILLES?|FRERES?|SOEURS?|ENFANTS?|NEVEUX?|NIECES?|SON|SA|SES|LEURS?|CIE|CO|COMPAGNIE|SOCIETE"
    r"|ASSOCIEE?S?|PARTENAIRES?|COLLABORATEURS?|COLLABORATRICES?|SARL|SASU?|EURL|SCI|SNC|SELARL)\b)"
)
_TITRE_ELIDE = re.compile(r"\bME?['’´`]\s*\w", re.IGNORECASE)


def _nom(code: CodeLu, etat_civil: EtatCivil) -> dict[str, Issue]:
    """The best that is said of one of the persons named; with a holder not named, nobody differs.

    Whoever pays for somebody else who is named may live elsewhere: to be him is a doubt, and no proof. So is to be the
    one who is paid for, when the address is where the bill goes.
    """
    payeurs = [_personne(une, etat_civil) for une in code.personnes if une.payeur]
    nom, prenoms = _le_meilleur([_personne(une, etat_civil) for une in code.personnes if not une.payeur] or payeurs)
    if code.autres_titulaires or any("differe" not in un for un in payeurs):
        nom, prenoms = ("indecis", "indecis") if "differe" in (nom, prenoms) else (nom, prenoms)
    if code.adresse and code.adresse.du_payeur and payeurs and _le_meilleur(payeurs) != ("concorde", "concorde"):
        nom, prenoms = _au_mieux_indecis(nom), _au_mieux_indecis(prenoms)
    return {"nom": nom, "prenoms": prenoms}


def _au_mieux_indecis(issue: Issue) -> Issue:
    return "indecis" if issue == "concorde" else issue


def _le_meilleur(avis: Sequence[tuple[Issue, Issue]]) -> tuple[Issue, Issue]:
    """Two doubts are better than one difference."""
    return min(avis, key=lambda un: sorted((_ISSUES.index(issue) for issue in un), reverse=True))


def _personne(personne: Personne, etat_civil: EtatCivil) -> tuple[Issue, Issue]:
    """When the code says which is which, each is compared with its own. In one line, each of those named is judged by
    himself: the prénom of one with the name of another is nobody's.

    A usage name may be alone, or joined to the birth name on either side (married name, double name).
    """
    noms = _noms_possibles([_mots(nom) for nom in (etat_civil.nom_naissance, etat_civil.nom_usage) if nom])
    nom, prenoms = _nom_et_prenoms(personne, noms, etat_civil)
    if personne.coupee:
        nom, prenoms = _au_mieux_indecis(nom), _au_mieux_indecis(prenoms)
    if _equivoque(personne.texte):
        nom = _au_mieux_indecis(nom)
    if _joint(personne.texte, _mots(etat_civil.prenoms[0])):
        prenoms = _au_mieux_indecis(prenoms)
    ambigus = [nom_ for nom_ in noms if set(nom_) & (TITRES | LIENS)]  # M'Barek, Ou: their words have another meaning
    if nom == "differe" and any(_retirer(_mots(personne.texte), nom_) is not None for nom_ in ambigus):
        nom = "indecis"
    return nom, prenoms


def _equivoque(texte: str) -> bool:
    """Whether a title or a link of it may be the beginning of a name: « M'BAREK ALI », « M M BAREK », « M OU YANG »."""
    mots = _mots(texte)
    for avant, mot, apres in zip(["", *mots], mots, [*mots[1:], ""], strict=False):
        if mot in LIENS and (not avant or avant in TITRES | LIENS) and apres not in TITRES:
            return True
        if mot in SEXES and SEXES.get(apres) == SEXES[mot]:
            return True
    return _TITRE_ELIDE.search(texte) is not None


def _joint(texte: str, premier: list[str]) -> bool:
    """Whether ``texte`` makes another prénom of the first one: « JEAN-PIERRE » is not Jean, whose second is Pierre."""
    composes = [_mots(mot) for mot in texte.split() if "-" in mot]
    return any(len(mots) > len(premier) and mots[: len(premier)] == premier for mots in composes)


def _nom_et_prenoms(personne: Personne, noms: Sequence[list[str]], etat_civil: EtatCivil) -> tuple[Issue, Issue]:
    dits = _mots(personne.texte)
    if personne.nom and personne.prenoms:
        nom = [mot for mot in _mots(personne.nom) if mot not in TITRES]
        prenoms = _mots(personne.prenoms)
        qualite = [mot for mot in dits if mot not in (*nom, *prenoms)]
        return (
            max(_nom_seul(nom, noms), _titre(qualite, etat_civil.sexe), key=_ISSUES.index),
            _prenoms(prenoms, etat_civil.prenoms, seuls=True),
        )
    parties = _parties(_FIRME.sub(" ", " ".join(dits)).split())  # « ET FILS » is nobody: its words are left over
    if not any(partie.mots for partie in parties):
        return "indecis", "indecis"  # « M ET MME »: nobody is named
    prete = any(_retirer(partie.mots, nom) is not None for partie in parties for nom in noms)
    avis = [_partie(partie, noms, etat_civil, prete) for partie in parties]
    if _coupee(personne.texte) and avis[-1] == ("concorde", "concorde"):
        avis[-1] = "concorde", "indecis"  # the last name may have lost its end: « JEAN » of « JEANNE »
    avis_nom, avis_prenoms = _le_meilleur(avis)
    seul = len(parties) > 1 and any(len(partie.mots) == 1 and not partie.titres for partie in parties)
    if seul and len(parties[0].titres) < 2:  # « CORNEILLE PIERRE ET COUSINS »; after « M ET MME » it is her prénom
        avis_prenoms = _au_mieux_indecis(avis_prenoms)
    return avis_nom, avis_prenoms


@dataclass
class _Partie:
    """One of those named in a line. ``etats``: where, among ``mots``, « NEE » or « EPOUSE » was."""

    titres: list[str] = field(default_factory=list)
    mots: list[str] = field(default_factory=list)
    etats: list[tuple[int, str]] = field(default_factory=list)


def _parties(mots: Sequence[str]) -> list[_Partie]:
    """Those named in one line, each with the titles before his name: « M OU MME CORNEILLE PIERRE » is one, who has two
    titles; « M PIERRE ET MME MARIE CORNEILLE » are two. A title anywhere else is a word (an initial is M)."""
    parties = [_Partie()]
    for mot in mots:
        partie = parties[-1]
        if mot in LIENS:
            if partie.mots:
                parties.append(_Partie())
            continue
        if mot in ETATS and (partie.mots or mot != "EPOUX"):  # « EPOUX CORNEILLE » is a couple's title
            partie.etats.append((len(partie.mots), mot))
        if mot in TITRES and not partie.mots:
            partie.titres.append(mot)
        elif mot not in ETATS:
            partie.mots.append(mot)
    return parties


def _partie(partie: _Partie, noms: Sequence[list[str]], etat_civil: EtatCivil, prete: bool) -> tuple[Issue, Issue]:
    """The order is not told: a name is found anywhere in ``mots``, and what is left must be of the prénoms.

    Without a family name, one may bear that of another part (``prete``), as in « M PIERRE ET MME MARIE CORNEILLE ».
    That is never sure: Pierre is a family name too.
    """
    mots = partie.mots
    restes = [reste for nom in noms if (reste := _retirer(mots, nom)) is not None]
    if restes:
        issues = [_prenoms(reste, etat_civil.prenoms, seuls=True) for reste in restes]
        nom = _titre([*partie.titres, *(etat for _, etat in partie.etats)], etat_civil.sexe)
        if not all(_allie(mots[rang:], etat, etat_civil) for rang, etat in partie.etats):
            nom = "indecis"
        return nom, min(issues, key=_ISSUES.index)
    emprunte = prete and _prenoms(mots, etat_civil.prenoms, seuls=True) == "concorde"
    return "indecis" if emprunte else "differe", _prenoms(mots, etat_civil.prenoms, seuls=False)


def _allie(suite: list[str], etat: str, etat_civil: EtatCivil) -> bool:
    """Whether the name after « NEE » is the birth name, after « EPOUSE » the usage one: « MARTIN NEE CLAUDE » is no
    Claude Martin."""
    dit = etat_civil.nom_naissance if etat == "NEE" else etat_civil.nom_usage
    return dit is not None and _apres(suite, _mots(dit)) is not None


def _titre(qualite: Sequence[str], sexe: str) -> Issue:
    """« MME PIERRE CORNEILLE » is not Pierre; the prénom after a couple's titles is the husband's, by usage; a quality
    that is no title (« SUCCESSION ») is in doubt."""
    dits = {SEXES[mot] for mot in qualite if mot in SEXES}
    dit = "M" if "M" in dits else "F" if dits else sexe
    return "concorde" if dit == sexe and set(qualite) <= TITRES | LIENS else "indecis"


def _nom_seul(lus: list[str], noms: Sequence[list[str]]) -> Issue:
    """``lus`` are a family name and nothing else: one more word in it makes another name of it, or a double one."""
    if "".join(lus) in ("".join(nom) for nom in noms):
        return "concorde"
    return "indecis" if any(_retirer(lus, nom) is not None for nom in noms) else "differe"


def _noms_possibles(noms: Sequence[list[str]]) -> list[list[str]]:
    """The longest first, so that « DURAND MARTIN » is not a MARTIN whose prénom is Durand."""
    doubles = [noms[0] + noms[1], noms[1] + noms[0]] if len(noms) == 2 else []
    return sorted((nom for nom in [*doubles, *noms] if nom), key=len, reverse=True)


def _retirer(mots: list[str], nom: list[str]) -> list[str] | None:
    """What is left of ``mots`` without the words of ``nom``, found in a row however they are spaced; None when not
    found. « LE GOFF » may be written LEGOFF."""
    colle = "".join(nom)
    for debut in range(len(mots)):
        for fin in range(debut + 1, len(mots) + 1):
            if "".join(mots[debut:fin]) == colle:
                return mots[:debut] + mots[fin:]
    return None


def _apres(mots: list[str], nom: list[str]) -> list[str] | None:
    """As ``_retirer``, of a name that ``mots`` begin with."""
    colle = "".join(nom)
    return next((mots[fin:] for fin in range(1, len(mots) + 1) if "".join(mots[:fin]) == colle), None)


def _prenoms(mots: list[str], prenoms: Sequence[str], seuls: bool) -> Issue:
    """``mots`` are the prénoms of this one person (``seuls``), or are among other words.

    The first prénom proves, before nothing but others of the same person. Another one alone or before it does not: a
    son often bears his father's, and « JEAN PIERRE » may be Jean-Pierre. An initial, or none at all, decides nothing.
    """
    connus = [_mots(prenom) for prenom in prenoms]
    reste = _apres(mots, connus[0]) if seuls else _retirer(mots, connus[0])
    if reste is not None:
        for prenom in connus[1:]:
            sans = _retirer(reste, prenom)
            reste = reste if sans is None else sans
        return "indecis" if reste and seuls else "concorde"
    tous = [mot for prenom in connus for mot in prenom]
    if any(_retirer(mots, prenom) is not None for prenom in connus) or any(mot in tous for mot in mots):
        return "indecis"  # another one, or half of a compound one
    initiales = {mot[0] for mot in tous}
    if seuls and all(len(mot) == 1 and mot in initiales for mot in mots):
        return "indecis"
    return "differe"


# --- The address


TYPES_ABREGES = {
    "ALL": "ALLEE", "AV": "AVENUE", "AVE": "AVENUE", "BD": "BOULEVARD", "BLD": "BOULEVARD", "BLVD": "BOULEVARD",
    "BVD": "BOULEVARD", "CAR": "CARREFOUR", "CHE": "CHEMIN", "CHEM": "CHEMIN", "CHS": "CHAUSSEE", "CITE": "CITE",
    "COR": "CORNICHE", "CRS": "COURS", "DOM": "DOMAINE", "DSC": "DESCENTE", "ESP": "ESPLANADE", "FBG": "FAUBOURG",
    "FG": "FAUBOURG", "HAM": "HAMEAU", "IMP": "IMPASSE", "LOT": "LOTISSEMENT", "MTE": "MONTEE", "PAS": "PASSAGE",
    "PASS": "PASSAGE", "PL": "PLACE", "PRO": "PROMENADE", "QU": "QUAI", "QUA": "QUARTIER", "QUAR": "QUARTIER",
    "R": "RUE", "RES": "RESIDENCE", "RLE": "RUELLE", "ROC": "ROCADE", "RTE": "ROUTE", "SEN": "SENTIER",
    "SENT": "SENTIER", "SQ": "SQUARE", "TRA": "TRAVERSE", "VLA": "VILLA", "VLGE": "VILLAGE",
}  # fmt: skip
"""Types of voie, as AFNOR NF Z10-011, the tax office and people shorten them."""

TYPES_DE_VOIE = {
    **TYPES_ABREGES,
    **{long: long for long in TYPES_ABREGES.values()},
    "ALLEES": "ALLEES",
    "CH": "CHEMIN",  # at the head of a line only: elsewhere it is Charles
}

ABREVIATIONS = {
    **TYPES_ABREGES,
    "1ER": "PREMIER", "1ERE": "PREMIERE", "ADJ": "ADJUDANT", "AMI": "AMIRAL", "CAP": "CAPITAINE", "CAPT": "CAPITAINE",
    "CDT": "COMMANDANT", "CHAN": "CHANOINE", "COL": "COLONEL", "DOC": "DOCTEUR", "DR": "DOCTEUR", "GAL": "GENERAL",
    "GD": "GRAND", "GDE": "GRANDE", "GEN": "GENERAL", "GR": "GRANDE", "LD": "LIEU DIT", "LT": "LIEUTENANT",
    "MAL": "MARECHAL", "MGR": "MONSEIGNEUR", "ND": "NOTRE DAME", "PDT": "PRESIDENT", "PR": "PROFESSEUR",
    "PROF": "PROFESSEUR", "PT": "PETIT", "PTE": "PETITE", "RPT": "ROND POINT", "SGT": "SERGENT", "ST": "SAINT",
    "STE": "SAINTE", "STES": "SAINTES", "STS": "SAINTS", "VTE": "VIEILLE", "VX": "VIEUX", "ZA": "ZONE ARTISANALE",
    "ZI": "ZONE INDUSTRIELLE",
}  # fmt: skip
"""And the other words of an address line."""

ARTICLES = {"DE", "DU", "DES", "LA", "LE", "LES", "ET", "AU", "AUX"}
DU_NOM = {"LE", "LA", "LES"}
"""Those that are of the name where no « DE » is before: « rue La Fontaine » is not « rue de la Fontaine »."""

BOITES = {"BP", "CS", "TSA"}
"""Where mail is kept, and nobody lives."""

EN_FRANCE = {"", "FR", "FRA", "GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF", "WF", "PF", "NC"}
"""Countries of ISO 3166 that are of the Republic: those over the sea have codes of their own."""

COLLES = {"", "LE", "LA", "L", "D"}
"""Those that a family name is written with or without a blank after."""

LIGNE = 38
"""Characters of a line of an address (AFNOR NF Z10-011): the rest of a longer one is cut."""

EXTENSIONS = {"B": "BIS", "BIS": "BIS", "T": "TER", "TER": "TER", "Q": "QUATER", "QUATER": "QUATER"}
_NUMERO = re.compile(r"(\d{1,5})([A-Z]*)", re.ASCII)


def _adresse(lue: AdresseLue, adresse: Adresse) -> dict[str, Issue]:
    """Each field of the demande's address; the number and its extension are one."""
    if not _en_france(lue):
        return {"adresse.commune": "differe"}
    # A letter is written with its number, so that « 12 D rue du Lac » is not taken for a name that begins by D.
    numero, extension = adresse.numero or "", adresse.extension or ""
    numero_dit = f"{numero}{'' if extension[:1].isalpha() else ' '}{extension}"
    dite = " ".join(filter(None, (numero_dit, adresse.type_voie, adresse.nom_voie)))
    cedex = "CEDEX" in _mots(lue.commune)  # a big company's, or a post box: its code is not the commune's
    avis: dict[str, Issue] = {
        "adresse.code_postal": _code_postal(lue.code_postal, adresse.code_postal, cedex),
        "adresse.commune": _commune(lue.commune, adresse.commune),
    }
    if "commune" in lue.coupees:
        avis["adresse.commune"] = _au_mieux_indecis(avis["adresse.commune"])
    lignes = [(nom, ligne) for nom, ligne in (("voie", lue.voie), ("lieu_dit", lue.lieu_dit)) if ligne]
    if not lignes:
        return {**avis, "adresse.numero": "indecis", "adresse.nom_voie": "indecis"}
    couples = [_voie(ligne, dite, nom in lue.coupees) for nom, ligne in lignes]
    avis_numero, avis_voie = min(couples, key=lambda un: [_ISSUES.index(issue) for issue in reversed(un)])
    if (
        not _couper_numero(_mots(dite))[0] and _couper_numero(_mots(lue.voie))[0]
    ):  # « 12 rue du Lac, Le Bourg » is not all of Le Bourg
        avis_numero = "indecis"
    return {**avis, "adresse.numero": avis_numero, "adresse.nom_voie": avis_voie}


def _en_france(lue: AdresseLue) -> bool:
    return lue.pays.strip().upper() in EN_FRANCE


def _est_boite(mots: Sequence[str]) -> bool:
    """« BP 12 », « CS 40001 », « POSTE RESTANTE »: mail goes there, nobody lives there."""
    return bool(mots) and (mots[0] in BOITES or list(mots[:2]) in (["POSTE", "RESTANTE"], ["BOITE", "POSTALE"]))


def _code_postal(lu: str, dit: str, cedex: bool) -> Issue:
    if lu == dit:
        return "concorde"
    return "indecis" if cedex or not lu else "differe"


def _commune(lue: str, dite: str) -> Issue:
    formes = [_forme_de_commune(commune) for commune in (lue, dite)]
    if not formes[0]:
        return "indecis"
    if formes[0] == formes[1]:
        return "concorde"
    # A code keeps 32 letters of it at most, and abbreviates: « CHALONS CHAMPAGNE » for « Châlons-en-Champagne ».
    return "indecis" if _proches(*formes) or set(formes[0].split()) <= set(formes[1].split()) else "differe"


def _forme_de_commune(commune: str) -> str:
    """« ST » is Saint; CEDEX and the arrondissements of Paris, Lyon and Marseille are not the town's name."""
    mots = [{"ST": "SAINT", "STE": "SAINTE", "S": "SUR"}.get(mot, mot) for mot in _mots(commune)]
    forme = re.sub(r" CEDEX(?: \d+)?$", "", " ".join(mots))
    return re.sub(r"^(PARIS|LYON|MARSEILLE) \d{1,2}(?:E|ER|EME)?(?: ARRONDISSEMENT)?$", r"\1", forme)


def _voie(lue: str, dite: str, coupee: bool) -> tuple[Issue, Issue]:
    """The number, then the street. Only one of them with a number, an extension or a type decides nothing; nor does a
    line that is ``coupee`` or may be: « RUE DU MOULIN » of « RUE DU MOULIN NEUF »."""
    (numero_lu, extension_lue, mots_lus), (numero_dit, extension_dite, mots_dits) = (
        _couper_numero(_mots(texte)) for texte in (lue, dite)
    )
    numero: Issue = "concorde"
    if numero_lu != numero_dit:
        numero = "differe" if numero_lu and numero_dit else "indecis"
    elif extension_lue != extension_dite:
        numero = "differe" if extension_lue and extension_dite else "indecis"
    rue = _rue(mots_lus, mots_dits)
    return numero, _au_mieux_indecis(rue) if coupee or _coupee(lue) or _est_boite(mots_lus) else rue


def _coupee(ligne: str) -> bool:
    return len(ligne.strip()) >= LIGNE - 1  # a blank may have been the last one kept


def _rue(lus: list[str], dits: list[str]) -> Issue:
    """The same type and the same name, spelled in full or not. In doubt when one only begins as the other, lacks words
    of it, its type, or is nearly spelled so: « rue Victor » and « rue Victor Hugo » are in one town."""
    if not (lus and dits):
        return "indecis"
    (type_lu, nom_lu), (type_dit, nom_dit) = (_couper_type(mots) for mots in (lus, dits))
    if _meme_nom(nom_lu, nom_dit):
        if type_lu == type_dit:
            return "concorde"
        if type_lu.removesuffix("S") == type_dit.removesuffix("S"):  # « ALL » is said of « allée » and of « allées »
            return "concorde" if "ALL" in (lus[0], dits[0]) else "indecis"
        return "differe" if type_lu and type_dit else "indecis"  # « rue » and « place de la Gare » are two streets
    un, autre = (
        [mot for mot in (type_, *(mot for _, mot in _en_entier(nom, fin=True))) if mot]
        for type_, nom in ((type_lu, nom_lu), (type_dit, nom_dit))
    )
    court, long = sorted((un, autre), key=lambda mots: len("".join(mots)))
    return (
        "indecis"
        if set(court) <= set(long)
        or "".join(long).startswith("".join(court))
        or (len(un) == len(autre) and all(a.startswith(b) or b.startswith(a) for a, b in zip(un, autre, strict=True)))
        or _proches(" ".join(un), " ".join(autre))
        else "differe"
    )


def _meme_nom(un: list[str], autre: list[str]) -> bool:
    """The same words, whatever articles one leaves out (« DU BOIS » and « DES BOIS » are two streets, « LA FONTAINE »
    and « FONTAINE » too), or the same letters: « LE GOFF » may be written LEGOFF, but « DU BOIS » is not DUBOIS."""
    formes = _en_entier(un), _en_entier(autre)
    if len({"".join(f"{article}{'' if article in COLLES else ' '}{mot}" for article, mot in f) for f in formes}) == 1:
        return True
    return len(formes[0]) == len(formes[1]) and all(
        mot == autre_mot
        and (article == autre_article or (not (article and autre_article) and not {article, autre_article} & DU_NOM))
        for (article, mot), (autre_article, autre_mot) in zip(*formes, strict=True)
    )


def _en_entier(nom: list[str], fin: bool = False) -> list[tuple[str, str]]:
    """The words of a name in full, each with the articles before it. The last one tells streets apart, and stays as it
    is unless ``fin``: « LOT » is a river, « CAP » no captain. So do letters: R is an initial."""
    mots: list[tuple[str, str]] = []
    articles = ""
    for rang, mot in enumerate(nom):
        if _est_article(nom, rang):
            articles += mot
            continue
        ouvert = len(mot) > 1 and (fin or rang < len(nom) - 1)
        for long in (ABREVIATIONS.get(mot, mot) if ouvert else mot).split():
            mots.append((articles, long))
            articles = ""
    return mots


def _est_article(nom: list[str], rang: int) -> bool:
    """Not the last word (« rue A »), nor an initial: D before a vowel only, L after DE too."""
    mot, suivant = nom[rang], nom[rang + 1 : rang + 2]
    if not suivant:
        return False
    elide = mot == "D" or (mot == "L" and nom[rang - 1 : rang] == ["DE"])
    return mot in ARTICLES or (elide and suivant[0][0] in "AEIOUYH")


def _couper_type(mots: list[str]) -> tuple[str, list[str]]:
    """The type of voie in full, or nothing, and the name. A type is before a name: « LE CHEMIN VERT » and « IMPASSE »
    alone are names."""
    type_ = TYPES_DE_VOIE.get(mots[0], "") if len(mots) > 1 else ""
    return type_, mots[1:] if type_ else mots


def _couper_numero(mots: list[str]) -> tuple[str, str, list[str]]:
    """The number, its extension (BIS) and the street: « 12B R DU LAC », « 12 BIS RUE DU LAC », « 12 B RUE DU LAC »."""
    tete = _NUMERO.fullmatch(mots[0]) if mots else None
    if tete is None or mots[0] in ABREVIATIONS:
        return "", "", mots
    numero, colle = tete[1].lstrip("0"), tete[2]
    if colle:
        return numero, EXTENSIONS.get(colle, colle), mots[1:]
    if len(mots) > 2 and (mots[1] in EXTENSIONS or _est_extension(mots[1], mots[2])):
        return numero, EXTENSIONS.get(mots[1], mots[1]), mots[2:]
    return numero, "", mots[1:]


def _est_extension(mot: str, suivant: str) -> bool:
    """A letter alone is one, but R (« rue »), and D or L (articles) unless a type of voie follows, « 12 D RUE DU LAC »,
    that they could not be the article of: « 12 L ALLEE VERTE »."""
    if len(mot) != 1 or mot == "R" or mot.isdigit():  # « 12 8 MAI 1945 »
        return False
    return mot not in "DL" or (suivant in TYPES_DE_VOIE and suivant[0] not in "AEIOUYH")


def _proches(un: str, autre: str) -> bool:
    return SequenceMatcher(None, un, autre, autojunk=False).ratio() >= PROCHE


def _mots(texte: str) -> list[str]:
    return forme_de_recherche(texte).split()
