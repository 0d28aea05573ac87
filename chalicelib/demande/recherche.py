"""The global search of the agents (DOMAIN §6): criteria, what they mean, sorts, and the access path that serves them.

Results are the demandes of the agent's autorités that have entered their contrôle: a draft is never found.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from chalicelib.demande.champs import (
    DEPARTEMENT,
    VIDE_EST_ABSENT,
    CodePostal,
    DatePartielle,
    Texte100,
    motif_de_texte,
)
from chalicelib.demande.erreurs import SaisieInvalide
from chalicelib.demande.index import Fiche, forme_de_recherche, lire_fiche
from chalicelib.demande.instants import debut_du_jour, ecrire, jour_legal, lire
from chalicelib.demande.modeles import Motif, Statut

Tri = Literal["modifie", "-modifie", "nom", "-nom", "date_demande", "-date_demande"]

PAGE = 25

MEMOIRE_MAX = 300
"""How many matches are sorted outside the order of an index (DESIGN §3)."""


FUSION_MAX = 12
"""How many index ranges are merged into one order: each costs a read before the first row can be given."""

STATUTS_TROUVABLES = tuple(statut for statut in Statut if statut not in (Statut.BROUILLON, Statut.DEPOSEE))
"""A demande has its search keys from its contrôle on."""


_PERIODE = frozenset({"modifie_du", "modifie_au"})


class RechercheTropLarge(SaisieInvalide):
    """Too many matches to sort them in that order (422)."""

    def __init__(self) -> None:
        super().__init__(
            [("tri", "Trop de demandes répondent pour ce tri : précisez un nom, une date de naissance ou un statut.")]
        )


def _lettres(texte: str) -> str:
    if not forme_de_recherche(texte):
        raise PydanticCustomError("value_error", "{error}", {"error": "Indiquez au moins une lettre."})
    return texte


def _jour(valeur: Any) -> Any:
    if isinstance(valeur, date) or valeur is None:
        return valeur
    try:
        return date.fromisoformat(valeur) if isinstance(valeur, str) and len(valeur) == 10 else date.fromisoformat("")
    except ValueError:
        raise PydanticCustomError("value_error", "{error}", {"error": "La date s'écrit AAAA-MM-JJ."}) from None


_Nom = Annotated[Annotated[Texte100, AfterValidator(_lettres)] | None, VIDE_EST_ABSENT]
_Jour = Annotated[Annotated[date, BeforeValidator(_jour)] | None, VIDE_EST_ABSENT]


class Criteres(BaseModel):
    """What may be looked for; all that is given must hold.

    ``nom``: beginning of the nom de naissance or of the nom d'usage, prénoms after it if given (« corneille pi »);
    ``prenom``: beginning of any prénom; both without accents or case. ``date_naissance`` as it is stored, partial
    included. ``annee`` is the year of the deposit, ``departement`` that of the home, read in its code postal;
    ``modifie_du``/``modifie_au`` are legal days, both included.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    nom: _Nom = Field(default=None, title="Nom")
    prenom: _Nom = Field(default=None, title="Prénom")
    date_naissance: Annotated[DatePartielle | None, VIDE_EST_ABSENT] = Field(
        default=None, title="Date de naissance", description="JJ/MM/AAAA"
    )
    sexe: Annotated[Literal["F", "M"] | None, VIDE_EST_ABSENT] = Field(
        default=None, title="Sexe", json_schema_extra={"libelles": {"M": "M", "F": "F"}}
    )
    numero: Annotated[
        Annotated[str, motif_de_texte(r"\d{23}", "Le numéro de demande comporte 23 chiffres.")] | None, VIDE_EST_ABSENT
    ] = Field(default=None, title="N° de demande")
    numero_dossier: Annotated[
        Annotated[
            str, motif_de_texte(r"[0-9A-Z]{6,15}", "Le numéro de dossier comporte 6 à 15 chiffres et majuscules.")
        ]
        | None,
        VIDE_EST_ABSENT,
    ] = Field(default=None, title="Numéro de dossier")
    annee: Annotated[int, Field(ge=2000, le=2999)] | None = Field(default=None, title="Année")
    departement: Annotated[
        Annotated[str, motif_de_texte(DEPARTEMENT, "Le département s'écrit par son code : 54, 2A, 971…")] | None,
        VIDE_EST_ABSENT,
    ] = Field(default=None, title="Département")
    code_postal: Annotated[CodePostal | None, VIDE_EST_ABSENT] = Field(default=None, title="Code postal")
    modifie_du: _Jour = Field(default=None, title="Modification : de")
    modifie_au: _Jour = Field(default=None, title="à")
    statut: Annotated[Statut | None, VIDE_EST_ABSENT] = Field(default=None, title="Statut")
    motif: Annotated[Motif | None, VIDE_EST_ABSENT] = Field(default=None, title="Motif")

    @field_validator("modifie_au")
    @classmethod
    def _dans_l_ordre(cls, au: date | None, info: ValidationInfo) -> date | None:
        du = info.data.get("modifie_du")
        if au is not None and du is not None and au < du:
            raise PydanticCustomError("value_error", "{error}", {"error": "La fin précède le début de la période."})
        return au

    @property
    def donnes(self) -> dict[str, Any]:
        """The criteria that were given, as JSON values."""
        return {nom: v for nom, v in self.model_dump(mode="json").items() if v is not None and nom in CRITERES}

    @property
    def periode(self) -> tuple[str, str]:
        """The first and the last instant of modification, as stored."""
        debut = _debut(self.modifie_du) if self.modifie_du else ""
        if self.modifie_au is None or self.modifie_au.year > 9000:
            return debut, "9999-12-31T23:59:59.999Z"
        fin = lire(_debut(self.modifie_au + timedelta(days=1))) - timedelta(milliseconds=1)
        return debut, ecrire(fin)


CRITERES = frozenset(Criteres.model_fields)


class CriteresTries(Criteres):
    """The criteria, all optional, and the order; ``tri``: ``-`` for the greatest first."""

    tri: Tri | None = Field(
        default=None,
        title="Trier par",
        json_schema_extra={
            "libelles": {
                "modifie": "Modification, la plus ancienne d'abord",
                "-modifie": "Modification, la plus récente d'abord",
                "nom": "Nom, de A à Z",
                "-nom": "Nom, de Z à A",
                "date_demande": "Date de demande, la plus ancienne d'abord",
                "-date_demande": "Date de demande, la plus récente d'abord",
            }
        },
    )


def _debut(jour: date) -> str:
    return ecrire(debut_du_jour(min(max(jour, date(1900, 1, 1)), date(9999, 1, 1))))


@dataclass(frozen=True)
class Trouvee:
    """One demande as an index knows it."""

    id: str
    autorite: str
    statut: str
    modifie_le: str
    fiche: Fiche


def trouvee_de(entree: Mapping[str, Any]) -> Trouvee | None:
    """An index entry, or a whole item, as plain values; None when no autorité treats it yet."""
    if "fiche" not in entree:
        return None
    du_nom, _, _ = entree.get("autorite_nom", "").partition("#")
    de_l_etat, _, modifie_le = entree.get("autorite_le", "").partition("#")
    return Trouvee(
        entree["id"],
        entree.get("autorite") or du_nom or de_l_etat,
        entree["statut"],
        entree.get("modifie_le") or modifie_le,
        lire_fiche(entree["fiche"]),
    )


def departement_du_code_postal(code_postal: str) -> str:
    """54000 → 54, 97400 → 974, 20000 to 20199 → 2A, other 20 → 2B.

    The post's own limits: a few communes have the code of a neighbour département, as their letters do.
    """
    if code_postal.startswith("20"):
        return "2A" if code_postal[2] in "01" else "2B"
    return code_postal[:3] if code_postal.startswith(("97", "98")) else code_postal[:2]


def convient(criteres: Criteres, trouvee: Trouvee, autorites: Iterable[str]) -> bool:
    """Whether a demande is among the results: it belongs to ``autorites`` and every criterion given holds."""
    fiche = trouvee.fiche
    debut, fin = criteres.periode
    egaux = (
        (criteres.date_naissance, fiche.date_naissance),
        (criteres.sexe, fiche.sexe),
        (criteres.numero, fiche.numero),
        (criteres.numero_dossier, fiche.numero_dossier),
        (criteres.code_postal, fiche.code_postal),
        (criteres.statut, trouvee.statut),
        (criteres.motif, fiche.motif),
    )
    return (
        trouvee.autorite in autorites
        and all(cherche is None or cherche == trouve for cherche, trouve in egaux)
        and debut <= trouvee.modifie_le <= fin
        and (criteres.annee is None or criteres.annee == jour_legal(lire(fiche.deposee_le)).year)
        and criteres.departement in (None, departement_du_code_postal(fiche.code_postal))
        and (criteres.nom is None or _commence(criteres.nom, fiche.nom_recherche, fiche.usage_recherche))
        and (criteres.prenom is None or _commence(criteres.prenom, *map(forme_de_recherche, fiche.prenoms)))
    )


def _commence(cherche: str, *formes: str | None) -> bool:
    debut = forme_de_recherche(cherche)
    return any(forme is not None and forme.startswith(debut) for forme in formes)


Cle = Callable[[Trouvee], tuple[str, ...]]


def par_modification(trouvee: Trouvee) -> tuple[str, ...]:
    """By when they were last changed."""
    return (trouvee.modifie_le, trouvee.id)


def par_depot(trouvee: Trouvee) -> tuple[str, ...]:
    """By when they were deposited."""
    return (trouvee.fiche.deposee_le, trouvee.id)


def par_nom_de_naissance(trouvee: Trouvee) -> tuple[str, ...]:
    """By nom de naissance, then prénoms."""
    return (trouvee.fiche.nom_recherche, trouvee.id)


def par_statut_et_modification(trouvee: Trouvee) -> tuple[str, ...]:
    """By statut, the last one of a life first, then by when they were last changed."""
    return (f"{STATUTS_TROUVABLES.index(Statut(trouvee.statut)):02d}", trouvee.modifie_le, trouvee.id)


def par_autorite(cle: Cle) -> Cle:
    """By autorité, then by ``cle``."""
    return lambda trouvee: (trouvee.autorite, *cle(trouvee))


def par_nom_trouve(nom: str) -> Cle:
    """By the name that was found: those born under ``nom`` first, then those who use it."""

    def cle(trouvee: Trouvee) -> tuple[str, ...]:
        if _commence(nom, trouvee.fiche.nom_recherche):
            return ("0", trouvee.fiche.nom_recherche, trouvee.id)
        return ("1", trouvee.fiche.usage_recherche or "", trouvee.id)

    return cle


@dataclass(frozen=True)
class Source:
    """A range of one index, in one partition: ``valeur`` is its hash key.

    Range keys begin with ``prefixe`` (never told outside: the agent's own autorité), and what follows is between
    ``bas`` and ``haut``, or begins with ``debut``. ``usage``: names are those of usage, in which a demande already
    found under its nom de naissance is passed over.
    """

    index: str
    valeur: str
    prefixe: str = ""
    bas: str = ""
    haut: str | None = None
    debut: str = ""
    usage: bool = False


@dataclass(frozen=True)
class Plan:
    """How a search is answered: ``groupes`` of sources are read one after the other, merged within a group.

    ``cle`` is the order of the rows, from the greatest when ``decroissant``; ``memoire``: no index has that order, so
    that all the matches are read before they are sorted. ``filtre``: some criteria are not the index's own.
    """

    chemin: str
    groupes: tuple[tuple[Source, ...], ...]
    cle: Cle
    decroissant: bool
    memoire: bool
    filtre: bool


@dataclass(frozen=True)
class _Chemin:
    """A way to the matches, in its own order. ``natif`` are the sorts that it has, one in each direction."""

    nom: str
    groupes: tuple[tuple[Source, ...], ...]
    couvre: frozenset[str]
    cle: Cle
    natif: str | None
    decroissant: bool = False


def planifier(criteres: Criteres, tri: Tri | None, autorites: Iterable[str]) -> Plan:
    """The path that serves ``criteres``: the most selective that is declared, else all of the agent's autorités.

    Without ``tri`` the order is the path's own.
    """
    chemin = _chemin(criteres, tri, sorted(set(autorites)))
    filtre = bool(set(criteres.donnes) - chemin.couvre)
    if tri is None:
        return Plan(chemin.nom, chemin.groupes, chemin.cle, chemin.decroissant, False, filtre)
    champ, decroissant = tri.removeprefix("-"), tri.startswith("-")
    if champ == chemin.natif:
        groupes = chemin.groupes if decroissant == chemin.decroissant else chemin.groupes[::-1]
        return Plan(chemin.nom, groupes, chemin.cle, decroissant, False, filtre)
    return Plan(chemin.nom, chemin.groupes, _cle_de(champ, criteres), decroissant, True, filtre)


def _cle_de(champ: str, criteres: Criteres) -> Cle:
    match champ:
        case "modifie":
            return par_modification
        case "date_demande":
            return par_depot
        case _:
            return par_nom_trouve(criteres.nom) if criteres.nom else par_nom_de_naissance


def _chemin(criteres: Criteres, tri: Tri | None, autorites: list[str]) -> _Chemin:
    if criteres.numero:
        source = Source("par_numero", criteres.numero)
        return _Chemin("numero", ((source,),), frozenset({"numero"}), par_depot, None)
    if criteres.numero_dossier:
        source = Source("par_dossier", criteres.numero_dossier)
        couvre = frozenset({"numero_dossier"})
        return _Chemin("dossier", ((source,),), couvre, par_depot, "date_demande", decroissant=True)
    if criteres.date_naissance:
        return _naissance(criteres, criteres.date_naissance, autorites)
    if criteres.nom:
        return _nom(criteres.nom, autorites)
    if criteres.statut:
        return _etat(criteres, (criteres.statut,), autorites)
    if tri in ("nom", "-nom"):
        return _nom("", autorites)
    # A merge reads every statut until its next match: when matches are rare, one statut after the other gives more.
    rares = bool(set(criteres.donnes) - _PERIODE) and tri not in ("modifie", "-modifie")
    return _etat(criteres, STATUTS_TROUVABLES, autorites, fusion=not rares)


def _naissance(criteres: Criteres, naissance: str, autorites: list[str]) -> _Chemin:
    sources = [Source("par_naissance", naissance, f"{autorite}#") for autorite in autorites]
    groupes, cle, ordonne = _fusion(sources, par_nom_de_naissance)
    natif = "nom" if ordonne and not criteres.nom else None
    return _Chemin("naissance", groupes, frozenset({"date_naissance"}), cle, natif)


def _nom(nom: str, autorites: list[str]) -> _Chemin:
    debut = forme_de_recherche(nom)
    cle_du_nom = par_nom_trouve(nom) if nom else par_nom_de_naissance
    nes = [Source("par_nom", autorite, debut=debut) for autorite in autorites]
    groupes, cle, ordonne = _fusion(nes, cle_du_nom)
    if nom:
        usages = [Source("par_nom_usage", autorite, debut=debut, usage=True) for autorite in autorites]
        groupes += _fusion(usages, cle_du_nom)[0]
    if not ordonne:
        # Born under the name or using it comes first, as the groups are read.
        cle = _par_rang_puis_autorite(cle_du_nom) if nom else cle
    return _Chemin("nom", groupes, frozenset({"nom"}), cle, "nom" if ordonne else None)


def _par_rang_puis_autorite(cle: Cle) -> Cle:
    return lambda trouvee: (cle(trouvee)[0], trouvee.autorite, *cle(trouvee)[1:])


def _etat(criteres: Criteres, statuts: tuple[Statut, ...], autorites: list[str], fusion: bool = True) -> _Chemin:
    bas, haut = criteres.periode
    couvre = _PERIODE | {"statut"}
    par_statut = [
        [Source("par_etat", statut, f"{autorite}#", bas, haut) for autorite in autorites[::-1]]
        for statut in statuts[::-1]
    ]
    toutes = [source for sources in par_statut for source in sources]
    if len(statuts) == 1 or (fusion and len(toutes) <= FUSION_MAX):
        groupes, cle, ordonne = _fusion(toutes, par_modification)
        return _Chemin("etat", groupes, couvre, cle, "modifie" if ordonne else None, decroissant=True)
    if len(autorites) <= FUSION_MAX:
        return _Chemin("etats", tuple(map(tuple, par_statut)), couvre, par_statut_et_modification, None, True)
    un_a_un = tuple((source,) for source in toutes)
    return _Chemin("etats", un_a_un, couvre, _par_rang_puis_autorite(par_statut_et_modification), None, True)


def _fusion(sources: list[Source], cle: Cle) -> tuple[tuple[tuple[Source, ...], ...], Cle, bool]:
    """One group in one order while they are few; else one after the other, by autorité."""
    if len(sources) <= FUSION_MAX:
        return (tuple(sources),), cle, True
    return tuple((source,) for source in sources), par_autorite(cle), False
