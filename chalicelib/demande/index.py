"""The access paths of the demandes, declared in one place: index, keys, what is projected, and what each costs.

``infra/resources.json`` is checked against this table. Prices are units of DynamoDB, counted in bytes (DESIGN §3):
``lecture`` is a page of 25 in one partition (RRU, eventually consistent, 0.5 per 4 KB read); ``transition`` is what a
change of statut adds to the write (WRU: an entry's key that moves costs two, a projected attribute that changes one).
"""

import re
import unicodedata
from dataclasses import dataclass

from chalicelib.demande.modeles import Adresse, Demande, EtatCivil, Motif

RESULTAT = ("fiche", "statut", "modifie_le")
"""What a search entry projects: a row whole, and what further criteria look at.

The ``fiche`` says again, in 100 bytes, what never changes; the statut and the last change are the demande's own.
"""

CORBEILLE = ("fiche", "statut", "agent_nom", "bail_jusqua")
"""What a worklist entry projects, beside its own keys: a row, and who holds it; with it, where or by whom."""


@dataclass(frozen=True)
class Index:
    """One index of the table ``demandes``: ``cle`` is its hash key then, if any, its range key."""

    nom: str
    cle: tuple[str, ...]
    projette: tuple[str, ...]
    lecture: float
    transition: int
    sert: str


INDEX = {
    un.nom: un
    for un in (
        Index("par_usager", ("usager", "cree_le"), (), 0.5, 0, "les demandes d'un usager"),
        Index("par_veille", ("veille", "veille_le"), (), 0.5, 1, "brouillons à veiller, à purger, signaux"),
        Index("par_etat", ("statut", "autorite_le"), ("fiche",), 1.0, 2, "statut, statut et période de modification"),
        Index("par_nom", ("autorite", "nom_recherche"), RESULTAT, 1.0, 1, "nom de naissance ou ses premières lettres"),
        Index("par_nom_usage", ("autorite", "usage_recherche"), RESULTAT, 1.0, 1, "nom d'usage ; absent sans lui"),
        Index("par_naissance", ("naissance", "autorite_nom"), RESULTAT, 1.0, 1, "date de naissance, puis nom"),
        Index("par_dossier", ("numero_dossier", "deposee_le"), (), 1.0, 0, "dossier du SNPC ; absent sans lui"),
        Index("par_numero", ("numero", "autorite"), (), 1.0, 0, "numéro de demande, une fois entrée en contrôle"),
        Index(
            "par_corbeille",
            ("corbeille", "urgence"),
            (*CORBEILLE, "agent"),
            1.5,
            1,
            "travail qui attend, le plus urgent avant",
        ),
        Index("par_agent", ("agent", "urgence"), (*CORBEILLE, "corbeille"), 1.5, 1, "ce que tient un agent"),
        Index("par_photo", ("photo_attendue",), (), 0.5, 0, "code de photo ou de talon attendu"),
        Index(
            "par_reponse",
            ("autorite", "attend_reponse_depuis"),
            ("fiche", "statut"),
            1.0,
            0,
            "messages d'usagers sans réponse ; absent sans eux",
        ),
    )
}


FORME_MAX = 120
"""Characters kept of a search form: an index key has 1024 bytes at most, fifteen prénoms may be longer."""


def forme_de_recherche(texte: str) -> str:
    """``texte`` in capitals without accents; hyphens, apostrophes, dots are spaces: « De l'Épée » → « DE L EPEE ».

    Unicode's own caseless form, so that two spellings of one name agree (œ and oe, ß and ss included).
    """
    plie = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", texte.casefold()).casefold())
    ligatures = plie.replace("œ", "oe").replace("æ", "ae")
    lettres = "".join(c for c in ligatures if not unicodedata.combining(c)).upper()
    return " ".join(re.sub(r"[\W_]+", " ", lettres).split())[:FORME_MAX].rstrip()


@dataclass(frozen=True)
class Fiche:
    """What search entries say of a demande beside its statut; dates as stored."""

    numero: str
    numero_dossier: str | None
    deposee_le: str
    motif: Motif
    code_postal: str
    date_naissance: str
    sexe: str
    nom: str
    nom_usage: str | None
    prenoms: tuple[str, ...]

    @property
    def nom_recherche(self) -> str:
        """The search form of the nom de naissance, then the prénoms."""
        return forme_de_recherche(f"{self.nom} {' '.join(self.prenoms)}")

    @property
    def usage_recherche(self) -> str | None:
        """The search form of the nom d'usage, then the prénoms; None without a nom d'usage."""
        return forme_de_recherche(f"{self.nom_usage} {' '.join(self.prenoms)}") if self.nom_usage else None


def fiche_de(demande: Demande) -> Fiche:
    """The fiche of a deposited demande."""
    etat_civil, adresse = _exiger(demande)
    return Fiche(
        numero=demande.numero or "",
        numero_dossier=etat_civil.numero_dossier,
        deposee_le=demande.deposee_le or "",
        motif=demande.motif,
        code_postal=adresse.code_postal,
        date_naissance=etat_civil.date_naissance,
        sexe=etat_civil.sexe,
        nom=etat_civil.nom_naissance,
        nom_usage=etat_civil.nom_usage,
        prenoms=tuple(etat_civil.prenoms),
    )


def ecrire_fiche(fiche: Fiche) -> str:
    """The fiche as one attribute: no name holds a bar or a comma (demande/champs.py)."""
    champs = (
        fiche.numero,
        fiche.numero_dossier or "",
        fiche.deposee_le,
        fiche.motif,
        fiche.code_postal,
        fiche.date_naissance,
        fiche.sexe,
        fiche.nom,
        fiche.nom_usage or "",
        ",".join(fiche.prenoms),
    )
    return "|".join(champs)


def lire_fiche(texte: str) -> Fiche:
    """The fiche that ``ecrire_fiche`` wrote."""
    numero, dossier, deposee_le, motif, code_postal, naissance, sexe, nom, usage, prenoms = texte.split("|")
    return Fiche(
        numero,
        dossier or None,
        deposee_le,
        Motif(motif),
        code_postal,
        naissance,
        sexe,
        nom,
        usage or None,
        tuple(prenoms.split(",")),
    )


def cle_d_etat(autorite: str, modifie_le: str) -> str:
    """The key that orders the demandes of one statut: by autorité, then by when they were last changed."""
    return f"{autorite}#{modifie_le}"


def cles_de_recherche(demande: Demande) -> dict[str, str]:
    """The search keys of a demande that enters its contrôle; what it does not have (numéro de dossier) is left out.

    A draft has none of them: it is in no agent's index.
    """
    etat_civil, adresse = _exiger(demande)
    fiche = fiche_de(demande)
    nom = fiche.nom_recherche
    cles = {
        "autorite": adresse.prefecture,
        "nom_recherche": nom,
        "naissance": etat_civil.date_naissance,
        "autorite_nom": f"{adresse.prefecture}#{nom}",
        "fiche": ecrire_fiche(fiche),
    }
    if fiche.usage_recherche:
        cles["usage_recherche"] = fiche.usage_recherche
    if etat_civil.numero_dossier:
        cles["numero_dossier"] = etat_civil.numero_dossier
    return cles


def _exiger(demande: Demande) -> tuple[EtatCivil, Adresse]:
    if demande.etat_civil is None or demande.adresse is None:
        raise ValueError("une demande sans état civil ni adresse n'a pas d'autorité")
    return demande.etat_civil, demande.adresse
