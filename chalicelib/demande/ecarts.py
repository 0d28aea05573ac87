"""What differs between the SNPC and the demande, line by line, and whether it matters (DOMAIN §6).

The SNPC writes in capitals, has lost accents and hyphens, puts 00 for an unknown day, and may know a married woman by
another name: these are differences of form. Only what two people could disagree on is one of substance.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from chalicelib.demande.index import forme_de_recherche
from chalicelib.demande.modeles import EtatCivil, NeEnFrance
from chalicelib.demande.ports_externes import DossierSnpc

Genre = Literal["identique", "forme", "different", "absent"]

IDENTIQUE = "Les deux valeurs sont les mêmes."
ABSENT_DES_DEUX = "Aucune des deux parties ne donne cette valeur."
ABSENT_DU_SNPC = "Le SNPC ne connaît pas cette valeur."
ABSENT_DE_LA_DEMANDE = "La demande ne donne pas cette valeur."
ECRITURE = "Même valeur : seuls les accents, les majuscules, les traits d'union ou les espaces diffèrent."
DIFFERENT = "Les deux valeurs sont différentes : à vérifier sur les pièces."

_DATE_SNPC = re.compile(r"(\d{2})/(\d{2})/(\d{4})", re.ASCII)


@dataclass(frozen=True)
class Ecart:
    """One line of the comparison: the two values as each side writes them, and what their difference is worth.

    ``forme``: the same thing written otherwise. ``absent``: one side says nothing. ``explication`` is for the agent.
    """

    champ: str
    libelle: str
    snpc: str | None
    demande: str | None
    genre: Genre
    explication: str


def comparer(dossier: DossierSnpc, etat_civil: EtatCivil) -> list[Ecart]:
    """Every line that the agent sees, in the order of the screen; the same for the same two sides, always."""
    lieu = etat_civil.lieu_naissance
    commune, departement = (lieu.commune, lieu.departement) if isinstance(lieu, NeEnFrance) else (lieu.ville, None)
    return [
        _nom_de_naissance(dossier, etat_civil),
        _nom_d_usage(dossier, etat_civil),
        _prenoms(dossier.prenoms, etat_civil.prenoms),
        _ecart("sexe", "Sexe", dossier.sexe, etat_civil.sexe, *_textes(dossier.sexe, etat_civil.sexe)),
        _ecart(
            "date_naissance",
            "Date de naissance",
            dossier.date_naissance,
            etat_civil.date_naissance,
            *_dates(dossier.date_naissance, etat_civil.date_naissance),
        ),
        _ecart(
            "lieu_naissance.commune",
            "Commune de naissance",
            dossier.commune_naissance,
            commune,
            *_communes(dossier.commune_naissance, commune),
        ),
        _departement(dossier.departement_naissance, departement, etat_civil),
        _ecart(
            "numero_dossier",
            "Numéro de dossier",
            dossier.numero_dossier,
            etat_civil.numero_dossier,
            *_textes(dossier.numero_dossier, etat_civil.numero_dossier),
        ),
    ]


def _ecart(champ: str, libelle: str, snpc: str | None, demande: str | None, genre: Genre, explication: str) -> Ecart:
    return Ecart(champ, libelle, snpc or None, demande or None, genre, explication)


def _absence(snpc: str | None, demande: str | None) -> tuple[Genre, str] | None:
    if not snpc and not demande:
        return "identique", ABSENT_DES_DEUX
    if not snpc:
        return "absent", ABSENT_DU_SNPC
    return None if demande else ("absent", ABSENT_DE_LA_DEMANDE)


def _textes(snpc: str | None, demande: str | None) -> tuple[Genre, str]:
    absence = _absence(snpc, demande)
    if absence:
        return absence
    assert snpc and demande
    if snpc == demande:
        return "identique", IDENTIQUE
    return ("forme", ECRITURE) if _memes(snpc, demande) else ("different", DIFFERENT)


def _memes(un: str, autre: str) -> bool:
    """The same letters and digits, however spaced: « LE GOFF » is « LEGOFF », « D'Artagnan » is « DARTAGNAN »."""
    formes = [forme_de_recherche(texte).replace(" ", "") for texte in (un, autre)]
    # What has no letter of ours at all (another script, cut down to nothing) is compared as it is.
    return formes[0] == formes[1] if all(formes) else un == autre


def _nom_de_naissance(dossier: DossierSnpc, etat_civil: EtatCivil) -> Ecart:
    genre, explication = _textes(dossier.nom, etat_civil.nom_naissance)
    if genre == "different":
        autres = {"nom d'épouse": dossier.nom_epouse, "nom d'usage": dossier.nom_usage}
        for libelle, nom in autres.items():
            if nom and _memes(nom, etat_civil.nom_naissance):
                genre = "forme"
                explication = (
                    f"Le nom donné dans la demande est le {libelle} connu du SNPC, et non le nom de naissance."
                )
                break
        else:
            if etat_civil.nom_usage and _memes(dossier.nom, etat_civil.nom_usage):
                genre = "forme"
                explication = "Le SNPC enregistre comme nom de naissance le nom d'usage de la demande."
    return Ecart("nom_naissance", "Nom de naissance", dossier.nom, etat_civil.nom_naissance, genre, explication)


def _nom_d_usage(dossier: DossierSnpc, etat_civil: EtatCivil) -> Ecart:
    """The SNPC has a nom d'épouse and a nom d'usage where the demande has one nom d'usage."""
    declare = etat_civil.nom_usage
    connus = [nom for nom in (dossier.nom_usage, dossier.nom_epouse) if nom]
    snpc = connus[0] if connus else None
    genre, explication = _textes(snpc, declare)
    if genre == "different" and declare and dossier.nom_epouse and _memes(dossier.nom_epouse, declare):
        snpc, genre = dossier.nom_epouse, "forme"
        explication = "Le nom d'usage de la demande est le nom d'épouse connu du SNPC."
    elif genre == "identique" and snpc is not None and not dossier.nom_usage:
        genre, explication = "forme", "Le nom d'usage de la demande est le nom d'épouse connu du SNPC."
    elif genre == "different" and declare and snpc and _double(snpc, declare, dossier.nom, etat_civil.nom_naissance):
        genre = "forme"
        explication = "Même nom, accolé ou non au nom de naissance : un nom d'usage peut être double."
    elif genre == "absent" and declare and _memes(declare, dossier.nom):
        genre, explication = "forme", "Le nom d'usage de la demande est le nom de naissance connu du SNPC."
    elif genre == "absent" and snpc and _memes(snpc, etat_civil.nom_naissance):
        genre, explication = "forme", "Le nom d'usage connu du SNPC est le nom de naissance de la demande."
    return Ecart("nom_usage", "Nom d'usage ou d'épouse", snpc, declare, genre, explication)


def _double(un: str, autre: str, *naissance: str) -> bool:
    """Whether one name is the other with the birth name before or after it (« DURAND MARTIN » and « MARTIN »)."""
    return any(
        _memes(long, f"{nom} {court}") or _memes(long, f"{court} {nom}")
        for long, court in ((un, autre), (autre, un))
        for nom in naissance
    )


def _prenoms(snpc: Sequence[str], demande: Sequence[str]) -> Ecart:
    gauche, droite = ", ".join(snpc), ", ".join(demande)

    def ecart(genre: Genre, explication: str) -> Ecart:
        return Ecart("prenoms", "Prénoms", gauche or None, droite or None, genre, explication)

    absence = _absence(gauche, droite)
    if absence:
        return ecart(*absence)
    if list(snpc) == list(demande):
        return ecart("identique", IDENTIQUE)
    mots_snpc, mots_demande = _mots(snpc), _mots(demande)
    if "".join(mots_snpc) == "".join(mots_demande):
        return ecart("forme", ECRITURE)
    if sorted(mots_snpc) == sorted(mots_demande):
        return ecart("forme", "Mêmes prénoms dans un autre ordre : celui de l'acte de naissance fait foi.")
    court, long = sorted((mots_snpc, mots_demande), key=len)
    if court and long[: len(court)] == court:
        qui = "Le SNPC" if mots_snpc == court else "La demande"
        return ecart("forme", f"{qui} ne donne que les premiers prénoms : ceux qui suivent ne se contredisent pas.")
    return ecart("different", DIFFERENT)


def _mots(prenoms: Sequence[str]) -> list[str]:
    """The words of the prénoms: a compound one (« Jean-Marie ») is two words, as the SNPC writes it."""
    return [mot for prenom in prenoms for mot in forme_de_recherche(prenom).split()]


def _dates(snpc: str, demande: str) -> tuple[Genre, str]:
    """A day or a month that one side does not know contradicts nothing; 00/00/1956 is the year alone."""
    ecrite = _DATE_SNPC.fullmatch(snpc)
    absence = _absence(snpc if ecrite else None, demande)
    if absence:
        return absence
    assert ecrite
    jour, mois, annee = (partie if int(partie) else None for partie in ecrite.groups())
    donnee = (demande.split("-") + [None, None])[:3]
    if mois is None:
        jour = None
    couples = list(zip((annee, mois, jour), donnee, strict=True))
    if any(un is not None and autre is not None and un != autre for un, autre in couples):
        return "different", DIFFERENT
    if all(un == autre for un, autre in couples):
        return "identique", IDENTIQUE
    quoi = "le jour" if couples[1][0] == couples[1][1] is not None else "le jour et le mois"
    qui = (
        "Le SNPC" if sum(un is None for un, _ in couples) > sum(autre is None for _, autre in couples) else "La demande"
    )
    return "forme", f"{qui} ne connaît pas {quoi} de naissance ; ce qui est connu des deux côtés est identique."


def _communes(snpc: str | None, demande: str | None) -> tuple[Genre, str]:
    genre, explication = _textes(snpc, demande)
    if genre != "different":
        return genre, explication
    assert snpc and demande
    formes = [_forme_de_commune(commune) for commune in (snpc, demande)]
    if formes[0] == formes[1]:
        return "forme", "Même commune : l'abréviation (St, Ste) ou l'arrondissement diffère."
    return genre, explication


def _forme_de_commune(commune: str) -> str:
    """« ST » is Saint; the arrondissements of Paris, Lyon and Marseille are one town in the SNPC, or several."""
    forme = " ".join({"ST": "SAINT", "STE": "SAINTE"}.get(mot, mot) for mot in forme_de_recherche(commune).split())
    return re.sub(r"^(PARIS|LYON|MARSEILLE) \d{1,2}(?:E|ER|EME)?(?: ARRONDISSEMENT)?$", r"\1", forme)


def _departement(snpc: str | None, demande: str | None, etat_civil: EtatCivil) -> Ecart:
    champ, libelle = "lieu_naissance.departement", "Département de naissance"
    if demande is None and not isinstance(etat_civil.lieu_naissance, NeEnFrance):
        demande = etat_civil.lieu_naissance.pays
        if snpc and snpc.lstrip("0") == "99":
            return Ecart(
                champ, libelle, snpc, demande, "forme", "99 est le code du SNPC pour une naissance à l'étranger."
            )
        genre, explication = _textes(snpc, demande)
        return Ecart(champ, libelle, snpc, demande, genre, explication)
    genre, explication = _textes(snpc, demande)
    if genre == "different" and snpc and demande:
        codes = (snpc.strip().upper(), demande.strip().upper())
        if codes[0].lstrip("0") == codes[1].lstrip("0"):
            genre, explication = "forme", "Même département : seul le zéro de tête diffère."
        elif set(codes) <= {"20", "2A", "2B"} and "20" in codes:
            genre, explication = "forme", "20 était le code de la Corse jusqu'en 1976."
        elif {len(code) for code in codes} == {2, 3} and "97" in codes and all(c.startswith("97") for c in codes):
            genre, explication = "forme", "97 désigne l'outre-mer sans préciser le département."
    return Ecart(champ, libelle, snpc, demande, genre, explication)
