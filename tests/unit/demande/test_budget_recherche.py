"""What a search reads, at ten thousand demandes and at a hundred thousand: counted in bytes, the same at both."""

import random
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pytest

from chalicelib.adapters.recherche_dynamodb import RechercheDynamoDB
from chalicelib.demande.fouille import BUDGET_RRU, Resultats, chercher
from chalicelib.demande.index import INDEX
from chalicelib.demande.modeles import Demande, Statut
from chalicelib.demande.recherche import PAGE, STATUTS_TROUVABLES, Criteres, Tri
from tests.fakes.requetes import RequetesEnMemoire
from tests.population import demandes, stockee

TAILLES = (10_000, 100_000)
DECLAREE_RRU = 1.5
"""DESIGN §3: a page of 25 on a declared path."""


class Magasin(NamedTuple):
    echantillon: Sequence[Demande]
    lecteur: RechercheDynamoDB
    requetes: RequetesEnMemoire


@pytest.fixture(scope="module")
def magasins() -> Iterator[dict[int, Magasin]]:
    faits = {}
    for nombre in TAILLES:
        echantillon: list[Demande] = []

        def items(nombre: int = nombre, echantillon: list[Demande] = echantillon) -> Iterator[dict[str, Any]]:
            for demande in demandes(nombre):
                if len(echantillon) < 400 and demande.statut in STATUTS_TROUVABLES:
                    echantillon.append(demande)
                yield stockee(demande)

        requetes = RequetesEnMemoire(items())
        faits[nombre] = Magasin(echantillon, RechercheDynamoDB(requetes, "demandes"), requetes)
    return faits


def cas(demande: Demande, alea: random.Random) -> dict[str, tuple[dict[str, Any], Tri | None]]:
    """A search of each declared path, that resembles ``demande``."""
    assert demande.etat_civil is not None
    nom = demande.etat_civil.nom_naissance
    statut = alea.choice(STATUTS_TROUVABLES)
    return {
        "statut": ({"statut": statut}, None),
        "statut, plus ancien d'abord": ({"statut": statut}, "modifie"),
        "statut et période": ({"statut": statut, "modifie_du": "2026-10-25", "modifie_au": "2026-11-24"}, None),
        "nom, deux lettres": ({"nom": nom[:2].rstrip("'")}, None),
        "nom entier": ({"nom": nom}, "nom"),
        "date de naissance": ({"date_naissance": demande.etat_civil.date_naissance}, None),
        "date partielle": ({"date_naissance": demande.etat_civil.date_naissance[:4]}, None),
        "numéro": ({"numero": demande.numero}, None),
        **(
            {"numéro de dossier": ({"numero_dossier": demande.etat_civil.numero_dossier}, None)}
            if demande.etat_civil.numero_dossier
            else {}
        ),
    }


def trois_pages(lecteur: RechercheDynamoDB, criteres: Criteres, tri: Tri | None, autorite: str) -> Iterator[Resultats]:
    curseur = None
    for _ in range(3):
        page = chercher(lecteur, criteres, tri, curseur, [autorite])
        yield page
        curseur = page.curseur
        if curseur is None:
            return


def test_une_page_d_un_chemin_declare_a_le_meme_prix_a_dix_mille_et_a_cent_mille(
    magasins: dict[int, Magasin], capsys: pytest.CaptureFixture[str]
) -> None:
    prix: dict[str, dict[int, list[float]]] = {}
    pleines: dict[str, dict[int, set[float]]] = {}
    for nombre, magasin in magasins.items():
        alea = random.Random(nombre)
        for demande in magasin.echantillon[:120]:
            assert demande.adresse is not None
            for titre, (valeurs, tri) in cas(demande, alea).items():
                criteres = Criteres.model_validate(valeurs)
                for page in trois_pages(magasin.lecteur, criteres, tri, demande.adresse.prefecture):
                    assert not page.partiel
                    prix.setdefault(titre, {}).setdefault(nombre, []).append(page.rru)
                    if len(page.elements) == PAGE:
                        pleines.setdefault(titre, {}).setdefault(nombre, set()).add(page.rru)
    with capsys.disabled():
        print(f"\n\nRRU d'une page de {PAGE} sur un chemin déclaré (but {DECLAREE_RRU})")
        for titre, par_nombre in prix.items():
            print(f"  {titre:28s} " + "   ".join(f"{n:7d} : {max(p):.1f} au plus" for n, p in par_nombre.items()))
    assert all(max(lus) <= DECLAREE_RRU for par_nombre in prix.values() for lus in par_nombre.values())
    for titre, par_nombre in pleines.items():
        assert max(par_nombre[TAILLES[-1]]) <= max(par_nombre.get(TAILLES[0], {DECLAREE_RRU})), titre


def test_d_autres_criteres_ne_font_jamais_lire_plus_que_le_budget(
    magasins: dict[int, Magasin], capsys: pytest.CaptureFixture[str]
) -> None:
    """A page filled, or cut and said to be: how many calls a full page takes is told."""
    autres: dict[str, dict[str, Any]] = {
        "nom (2 lettres) et sexe": {"nom": "ma", "sexe": "F"},
        "nom (2 lettres) et statut": {"nom": "ma", "statut": "en_instruction"},
        "nom entier et prénom": {"nom": "martin", "prenom": "zoe"},
        "statut, période et motif": {
            "statut": "validee",
            "modifie_du": "2026-10-25",
            "modifie_au": "2026-11-24",
            "motif": "vol",
        },
        "statut, période et prénom": {
            "statut": "validee",
            "modifie_du": "2026-10-25",
            "modifie_au": "2026-11-24",
            "prenom": "zoe",
        },
        "date et motif": {"date_naissance": "1956", "motif": "vol"},
        "période": {"modifie_du": "2026-11-01", "modifie_au": "2026-11-24"},
        "aucun critère": {},
        "prénom": {"prenom": "zoe"},
        "année, motif, code postal": {"annee": 2025, "motif": "vol", "code_postal": "54100"},
    }
    lignes = []
    for titre, valeurs in autres.items():
        for nombre, magasin in magasins.items():
            criteres, curseur, lus, trouvees = Criteres.model_validate(valeurs), None, [], 0
            while trouvees < PAGE:
                page = chercher(magasin.lecteur, criteres, None, curseur, ["543"])
                lus.append(page.rru)
                trouvees += len(page.elements)
                assert page.rru <= BUDGET_RRU
                assert page.partiel or page.curseur is None or len(page.elements) == PAGE
                assert not page.partiel or page.rru > BUDGET_RRU - 1, "cut only once the budget is spent"
                curseur = page.curseur
                if curseur is None:
                    break
            lignes.append((titre, nombre, len(lus), sum(lus), trouvees))
    with capsys.disabled():
        print("\n\nAutres critères, jusqu'à une page pleine ou la fin")
        for titre, nombre, appels, rru, trouvees in lignes:
            print(f"  {titre:28s} {nombre:7d} : {appels} appel(s), {rru:5.1f} RRU, {trouvees} réponses")
    for titre, _, appels, _, _ in lignes:
        if titre.startswith(("statut, période et motif", "date", "nom (2 lettres) et sexe", "période", "aucun")):
            assert appels == 1, titre


def test_une_entree_d_index_tient_dans_la_page_promise(
    magasins: dict[int, Magasin], capsys: pytest.CaptureFixture[str]
) -> None:
    requetes = magasins[TAILLES[0]].requetes
    moyennes = {}
    for nom, index in INDEX.items():
        octets = requetes.tailles(nom)
        if index.projette and octets:
            moyennes[nom] = sum(octets) / len(octets)
            # 26 entries (a page, and whether there is more) of this index, read at once.
            assert (PAGE + 1) * moyennes[nom] <= DECLAREE_RRU * 8192
    with capsys.disabled():
        print("\n\nOctets par entrée : " + ", ".join(f"{nom} {moyenne:.0f}" for nom, moyenne in moyennes.items()))
    assert moyennes


def test_la_recherche_ne_voit_ni_brouillon_ni_demande_deposee(magasins: dict[int, Magasin]) -> None:
    for statut in (Statut.BROUILLON, Statut.DEPOSEE):
        for magasin in magasins.values():
            assert chercher(magasin.lecteur, Criteres(statut=statut), None, None, ["543"]).elements == ()
