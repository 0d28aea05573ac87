"""The rule of untouched drafts: one reminder after 10 legal days, closed after 15, whatever a legal day lasts."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.demande.brouillons import Attendre, Classer, Rappeler, cloture_prevue, decider
from chalicelib.demande.modeles import Demande, Motif

TOUCHE = datetime(2026, 11, 1, 10, tzinfo=UTC)
JOUR = 86400.0


def brouillon(rappele: datetime | None = None, touche: datetime = TOUCHE) -> Demande:
    return Demande(
        id="d1",
        usager="c1",
        motif=Motif.PERTE,
        cree_le=iso(TOUCHE),
        modifie_le=iso(touche),
        rappele_le=iso(rappele) if rappele else None,
    )


def iso(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def jours(nombre: float) -> timedelta:
    return timedelta(seconds=nombre * JOUR)


def test_avant_dix_jours_on_attend_le_dixieme() -> None:
    assert decider(brouillon(), TOUCHE + jours(9.99), JOUR) == Attendre(TOUCHE + jours(10))


def test_au_dixieme_jour_on_rappelle_et_on_revient_au_quinzieme() -> None:
    assert decider(brouillon(), TOUCHE + jours(10), JOUR) == Rappeler(TOUCHE + jours(15))


def test_un_brouillon_rappele_ne_l_est_plus() -> None:
    rappel = TOUCHE + jours(10)

    assert decider(brouillon(rappel), TOUCHE + jours(14.99), JOUR) == Attendre(TOUCHE + jours(15))


def test_au_quinzieme_jour_on_classe() -> None:
    assert decider(brouillon(TOUCHE + jours(10)), TOUCHE + jours(15), JOUR) == Classer()


def test_un_brouillon_touche_apres_son_rappel_recommence_ses_quinze_jours() -> None:
    touche = TOUCHE + jours(12)

    assert decider(brouillon(TOUCHE + jours(10), touche), TOUCHE + jours(16), JOUR) == Attendre(touche + jours(10))
    assert decider(brouillon(TOUCHE + jours(10), touche), touche + jours(10), JOUR) == Rappeler(touche + jours(15))


def test_un_rappel_tardif_laisse_tout_de_meme_cinq_jours() -> None:
    tard = TOUCHE + jours(20)

    assert decider(brouillon(), tard, JOUR) == Rappeler(tard + jours(5))
    assert decider(brouillon(tard), tard + jours(4.9), JOUR) == Attendre(tard + jours(5))
    assert decider(brouillon(tard), tard + jours(5), JOUR) == Classer()


def test_la_cloture_annoncee_est_celle_qui_sera_appliquee() -> None:
    assert cloture_prevue(brouillon(), JOUR) == TOUCHE + jours(15)
    assert cloture_prevue(brouillon(TOUCHE + jours(11)), JOUR) == TOUCHE + jours(16)


@pytest.mark.parametrize("jour", [0.2, 1.0, 86400.0])
def test_la_duree_du_jour_se_regle(jour: float) -> None:
    assert decider(brouillon(), TOUCHE + timedelta(seconds=10 * jour), jour) == Rappeler(
        TOUCHE + timedelta(seconds=15 * jour)
    )


@given(passages=st.lists(st.integers(min_value=1, max_value=6 * 24), max_size=60))
def test_un_rappel_exactement_avant_toute_cloture_quels_que_soient_les_passages(passages: list[int]) -> None:
    """Whenever the job runs (hours between runs), a draft is reminded once, then closes 5 days later or more."""
    demande, maintenant, rappels = brouillon(), TOUCHE, []
    for heures in passages:
        maintenant += timedelta(hours=heures)
        decision = decider(demande, maintenant, JOUR)
        if isinstance(decision, Rappeler):
            rappels.append(maintenant)
            demande = demande.model_copy(update={"rappele_le": iso(maintenant)})
        elif isinstance(decision, Classer):
            assert maintenant - rappels[0] >= jours(5)
            assert maintenant - TOUCHE >= jours(15)
            break
    assert len(rappels) <= 1
    assert len(rappels) == (maintenant - TOUCHE >= jours(10))
