"""No event without a choice: each one that the code can write is told to somebody, or kept silent on purpose."""

import ast
import re
from pathlib import Path

import pytest

from chalicelib.notifications.messages import MAILS, SMS, TUS

CODE = Path(__file__).parents[3] / "chalicelib"
# They tell events or speak to AWS: they write none.
AILLEURS = ("notifications", "adapters")
# A line of the follow-up, made from the demande itself: the journal has no such entry.
PAS_DU_JOURNAL = {"DemandeCommencee"}
_NOM = re.compile(r"(?:[A-Z][a-z]+){2,}")


def evenements_de(noeud: ast.AST) -> set[str]:
    """The strings of a program that have the form of an event's name; rights and types have it too, and are left."""
    if isinstance(noeud, ast.Call) and isinstance(noeud.func, ast.Name) and noeud.func.id == "Fonction":
        return set()
    if isinstance(noeud, ast.Constant):
        return {noeud.value} if isinstance(noeud.value, str) and _NOM.fullmatch(noeud.value) else set()
    trouves: set[str] = set()
    for champ, valeur in ast.iter_fields(noeud):
        if champ not in ("annotation", "returns"):
            for suite in valeur if isinstance(valeur, list) else [valeur]:
                trouves |= evenements_de(suite) if isinstance(suite, ast.AST) else set()
    return trouves


def evenements_du_code() -> set[str]:
    modules = [chemin for chemin in CODE.rglob("*.py") if chemin.relative_to(CODE).parts[0] not in AILLEURS]
    return set[str]().union(*(evenements_de(ast.parse(m.read_text())) for m in modules)) - PAS_DU_JOURNAL


EVENEMENTS = sorted(evenements_du_code())


def test_la_recherche_des_evenements_voit_les_formes_du_code() -> None:
    assert evenements_de(ast.parse('passer(d, "TitreNeuf", a)\nX: "PasCela" = {"e": "AutreChose"}')) == {
        "TitreNeuf",
        "AutreChose",
    }
    assert len(EVENEMENTS) > 30


@pytest.mark.parametrize("evenement", EVENEMENTS)
def test_chaque_evenement_a_un_texte_ou_un_silence_voulu(evenement: str) -> None:
    assert (evenement in MAILS or evenement in SMS) != (evenement in TUS), (
        f"{evenement} : lui donner un texte (notifications/textes_*.py), ou le taire (messages.TUS)"
    )


def test_aucun_texte_ne_parle_d_un_evenement_qui_n_existe_pas() -> None:
    assert {*MAILS, *SMS, *TUS} - set(EVENEMENTS) == set()
