"""Instants as stored: text order is time order; the legal day is the French one."""

from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.demande.instants import debut_du_jour, ecrire, jour_legal, jours_apres, lire

INSTANTS = st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@given(INSTANTS, INSTANTS)
def test_l_ordre_des_textes_est_celui_du_temps(un: datetime, autre: datetime) -> None:
    if ecrire(un) != ecrire(autre):
        assert (ecrire(un) < ecrire(autre)) == (un < autre)


@given(INSTANTS)
def test_ce_qui_est_ecrit_se_relit_a_la_milliseconde(instant: datetime) -> None:
    assert timedelta() <= instant - lire(ecrire(instant)) < timedelta(milliseconds=1)


def test_un_instant_d_ailleurs_s_ecrit_en_temps_universel() -> None:
    assert ecrire(datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=2)))) == "2025-12-31T23:00:00.000Z"


def test_le_jour_legal_change_a_minuit_en_france_d_hiver() -> None:
    assert jour_legal(datetime(2026, 1, 1, 22, 59, tzinfo=UTC)) == date(2026, 1, 1)
    assert jour_legal(datetime(2026, 1, 1, 23, 0, tzinfo=UTC)) == date(2026, 1, 2)


def test_le_jour_legal_change_a_minuit_en_france_d_ete() -> None:
    assert jour_legal(datetime(2026, 7, 1, 21, 59, tzinfo=UTC)) == date(2026, 7, 1)
    assert jour_legal(datetime(2026, 7, 1, 22, 0, tzinfo=UTC)) == date(2026, 7, 2)


@given(INSTANTS)
def test_un_instant_est_dans_son_jour_legal(instant: datetime) -> None:
    jour = jour_legal(instant)
    assert debut_du_jour(jour) <= instant < debut_du_jour(jour + timedelta(days=1))


def test_un_jour_legal_dure_ce_qu_on_lui_dit() -> None:
    debut = datetime(2026, 1, 1, tzinfo=UTC)
    assert jours_apres(debut, 15, 86400) == datetime(2026, 1, 16, tzinfo=UTC)
    assert jours_apres(debut, 15, 2) == debut + timedelta(seconds=30)
