"""Pages of a search: equal to what a plain scan gives, never repeating nor losing a row, never beyond the budget."""

import base64
import json
import random
from collections.abc import Sequence
from typing import Any

import pytest

from chalicelib.adapters.dynamo import plat
from chalicelib.adapters.recherche_dynamodb import RechercheDynamoDB
from chalicelib.demande.fouille import BUDGET_RRU, CurseurInconnu, Resultats, chercher
from chalicelib.demande.modeles import Demande, Motif, Statut
from chalicelib.demande.recherche import (
    PAGE,
    Criteres,
    RechercheTropLarge,
    Tri,
    Trouvee,
    convient,
    planifier,
    trouvee_de,
)
from tests.fakes.requetes import RequetesEnMemoire
from tests.population import AUTORITES, CODES_POSTAUX, demandes, stockee

NOMBRE = 1500
COMBINAISONS = 200
TRIS: tuple[Tri | None, ...] = (None, None, "modifie", "-modifie", "nom", "-nom", "date_demande", "-date_demande")


class Magasin:
    """A population in memory: searched by our paths, or scanned."""

    def __init__(self, population: Sequence[Demande]) -> None:
        self.population = population
        items = [stockee(demande) for demande in population]
        self.lecteur = RechercheDynamoDB(RequetesEnMemoire(items), "demandes")
        self.trouvables = [trouvee for item in items if (trouvee := trouvee_de(plat(item) or {})) is not None]

    def balayer(self, criteres: Criteres, autorites: Sequence[str]) -> list[Trouvee]:
        return [trouvee for trouvee in self.trouvables if convient(criteres, trouvee, autorites)]

    def pages(self, criteres: Criteres, tri: Tri | None, autorites: Sequence[str]) -> list[Resultats]:
        pages, curseur = [], None
        while True:
            pages.append(chercher(self.lecteur, criteres, tri, curseur, autorites))
            curseur = pages[-1].curseur
            if curseur is None:
                return pages
            assert len(pages) < 1000


@pytest.fixture(scope="module")
def magasin() -> Magasin:
    return Magasin(list(demandes(NOMBRE)))


def tirer(alea: random.Random, population: Sequence[Demande]) -> tuple[Criteres, Tri | None, tuple[str, ...]]:
    """Criteria that resemble somebody, some of them exactly: one to four at once, or none."""
    modele = alea.choice(population)
    etat_civil, adresse = modele.etat_civil, modele.adresse
    assert etat_civil is not None
    assert adresse is not None
    nom = alea.choice([etat_civil.nom_naissance, etat_civil.nom_usage or etat_civil.nom_naissance])
    jours = sorted(alea.sample([f"202{annee}-{mois:02d}-15" for annee in (4, 5, 6) for mois in range(1, 13)], 2))
    valeurs: dict[str, Any] = {
        "nom": nom[: alea.randint(1, len(nom))].rstrip(" '’.-"),
        "prenom": alea.choice(etat_civil.prenoms)[: alea.randint(1, 4)],
        "date_naissance": etat_civil.date_naissance,
        "sexe": alea.choice("FM"),
        "numero_dossier": etat_civil.numero_dossier,
        "numero": modele.numero,
        "annee": alea.choice((2024, 2025, 2026)),
        "departement": alea.choice(("54", "75", "88", "2A", "2B")),
        "code_postal": alea.choice(CODES_POSTAUX[adresse.prefecture]),
        "modifie_du": jours[0],
        "modifie_au": jours[1],
        "statut": alea.choice(tuple(Statut)),
        "motif": alea.choice(tuple(Motif)),
    }
    poids = [3, 2, 2, 2, 1, 1, 2, 2, 2, 2, 2, 5, 2]
    choisis = {alea.choices(tuple(valeurs), poids)[0] for _ in range(alea.choice((0, 1, 1, 2, 2, 3, 4)))}
    criteres = Criteres.model_validate({nom: valeurs[nom] for nom in choisis})
    autorites = alea.choice((("543",), ("751",), ("543", "751"), AUTORITES))
    return criteres, alea.choice(TRIS), autorites


@pytest.mark.parametrize("graine", range(COMBINAISONS))
def test_les_pages_d_une_recherche_sont_ce_que_donne_un_balayage(magasin: Magasin, graine: int) -> None:
    criteres, tri, autorites = tirer(random.Random(graine), magasin.population)
    plan = planifier(criteres, tri, autorites)
    attendues = sorted(magasin.balayer(criteres, autorites), key=plan.cle, reverse=plan.decroissant)
    try:
        pages = magasin.pages(criteres, tri, autorites)
    except RechercheTropLarge:
        assert plan.memoire, "only a sort that no index has may be refused"
        return

    assert [une.id for page in pages for une in page.elements] == [une.id for une in attendues]
    for page in pages:
        assert page.rru <= BUDGET_RRU
        assert len(page.elements) <= PAGE
        if page.curseur is not None and len(page.elements) < PAGE:
            assert page.partiel
        if page.partiel:
            assert page.rru > BUDGET_RRU - 1, "a page is cut only once the budget is spent"


def test_les_combinaisons_tirees_passent_par_tous_les_chemins(magasin: Magasin) -> None:
    tirages = [tirer(random.Random(graine), magasin.population) for graine in range(COMBINAISONS)]
    plans = [planifier(*tirage) for tirage in tirages]
    assert {plan.chemin for plan in plans} == {"numero", "dossier", "naissance", "nom", "etat", "etats"}
    assert {plan.memoire for plan in plans} == {plan.filtre for plan in plans} == {True, False}


def test_un_agent_d_une_autre_autorite_ne_trouve_rien(magasin: Magasin) -> None:
    for graine in range(50):
        criteres, tri, _ = tirer(random.Random(graine), magasin.population)
        for autorites in ((), ("999",), ("54",), ("543#",)):
            assert [page.elements for page in magasin.pages(criteres, tri, autorites)][-1] == ()


def test_ni_un_brouillon_ni_une_demande_sans_controle_ne_se_trouvent(magasin: Magasin) -> None:
    caches = [une for une in magasin.population if une.statut in (Statut.BROUILLON, Statut.DEPOSEE)]
    assert caches
    for demande in caches[:50]:
        assert demande.etat_civil is not None
        for criteres in ({"numero": demande.numero}, {"date_naissance": demande.etat_civil.date_naissance}):
            (page,) = magasin.pages(Criteres.model_validate(criteres), None, AUTORITES)
            assert demande.id not in [une.id for une in page.elements]


def test_qui_se_marie_se_trouve_sous_ses_deux_noms_une_seule_fois(magasin: Magasin) -> None:
    for trouvee in magasin.trouvables[:200]:
        for nom in (trouvee.fiche.nom, trouvee.fiche.nom_usage or trouvee.fiche.nom):
            pages = magasin.pages(Criteres(nom=nom), None, [trouvee.autorite])
            assert [une.id for page in pages for une in page.elements].count(trouvee.id) == 1


def test_plus_d_autorites_qu_une_fusion_n_en_tient_se_lisent_l_une_apres_l_autre(magasin: Magasin) -> None:
    beaucoup = (*AUTORITES, *(f"9{rang:02d}" for rang in range(30)))
    for criteres in ({}, {"nom": "m"}, {"statut": "validee"}, {"sexe": "F"}, {"date_naissance": "1956"}):
        saisis = Criteres.model_validate(criteres)
        pages = magasin.pages(saisis, None, beaucoup)
        plan = planifier(saisis, None, beaucoup)
        attendues = sorted(magasin.balayer(saisis, beaucoup), key=plan.cle, reverse=plan.decroissant)
        assert [une.id for page in pages for une in page.elements] == [une.id for une in attendues]


def test_un_tri_hors_index_se_refuse_au_dela_de_300_reponses() -> None:
    population = [une for une in demandes(330, autorites=("543",)) if une.statut is not Statut.BROUILLON]
    for demande in population:
        demande.statut = Statut.VALIDEE
    assert len(population) > 301
    criteres = Criteres(statut=Statut.VALIDEE)
    with pytest.raises(RechercheTropLarge):
        chercher(Magasin(population[:301]).lecteur, criteres, "nom", None, ["543"])

    pages = Magasin(population[:300]).pages(criteres, "nom", ["543"])
    noms = [une.fiche.nom_recherche for page in pages for une in page.elements]
    assert len(noms) == 300
    assert noms == sorted(noms)
    assert max(page.rru for page in pages) <= BUDGET_RRU


def curseur_de(contenu: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(contenu).encode()).decode()


def sceau(curseur: str) -> str:
    return str(json.loads(base64.urlsafe_b64decode(curseur))[0])


@pytest.mark.parametrize(
    "contenu",
    [
        None,
        [],
        {},
        [0],
        [0, []],
        [1, [None]],
        [-1, [None]],
        ["0", [None]],
        [0, [1]],
        [0, [["2026-01-01T00:00:00.000Z", "x"]]],
        [0, [["", "a" * 32]]],
        [0, [["9999-12-31T23:59:59.999Zx", "a" * 32]]],
        [0, [["2026\ud800", "a" * 32]]],
        [0, [["2" * 2000, "a" * 32]]],
        [0, [None, None]],
        "tri",
    ],
)
def test_un_curseur_qui_n_est_pas_le_notre_est_refuse(magasin: Magasin, contenu: Any) -> None:
    criteres = Criteres(statut=Statut.VALIDEE)
    bon = chercher(magasin.lecteur, criteres, None, None, ["543"]).curseur
    assert bon is not None
    with pytest.raises(CurseurInconnu):
        chercher(magasin.lecteur, criteres, None, curseur_de([sceau(bon), contenu]), ["543"])


@pytest.mark.parametrize("curseur", ["x", "é", "====", "bnVsbA==", "W10=", "WzEsMl0=", "[" * 100])
def test_un_curseur_illisible_est_refuse(magasin: Magasin, curseur: str) -> None:
    for tri in (None, "nom"):
        with pytest.raises(CurseurInconnu):
            chercher(magasin.lecteur, Criteres(statut=Statut.VALIDEE, sexe="F"), tri, curseur, ["543"])  # type: ignore[arg-type]


def test_un_curseur_ne_sert_que_sa_recherche_et_son_agent(magasin: Magasin) -> None:
    criteres = Criteres(statut=Statut.VALIDEE)
    curseur = chercher(magasin.lecteur, criteres, None, None, ["543"]).curseur
    autres: list[tuple[Criteres, Tri | None, list[str]]] = [
        (criteres, None, ["751"]),
        (criteres, None, ["543", "751"]),
        (criteres, "modifie", ["543"]),
        (Criteres(statut=Statut.REFUSEE), None, ["543"]),
    ]
    for autre in autres:
        with pytest.raises(CurseurInconnu):
            chercher(magasin.lecteur, autre[0], autre[1], curseur, autre[2])


def test_un_curseur_forge_reste_dans_l_autorite_de_l_agent(magasin: Magasin) -> None:
    criteres = Criteres(statut=Statut.VALIDEE)
    bon = chercher(magasin.lecteur, criteres, None, None, ["543"]).curseur
    assert bon is not None
    for suffixe in ("9000", "2025-06-01T00:00:00.000Z", "0"):
        forge = curseur_de([sceau(bon), [0, [[suffixe, "f" * 32]]]])
        page = chercher(magasin.lecteur, criteres, None, forge, ["543"])
        assert {une.autorite for une in page.elements} <= {"543"}
