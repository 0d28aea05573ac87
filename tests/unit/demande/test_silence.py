"""Quiet hours: no SMS at night nor on Sunday, on the usager's own clock, summer time and overseas included."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.demande.silence import _OUTRE_MER, SilenceIllisible, fin_du_silence

REGLAGE = "21-8 dimanche"
PARIS = ZoneInfo("Europe/Paris")
PREFECTURES = Path(__file__).parents[3] / "chalicelib" / "referentiel" / "donnees" / "prefectures.json"


def paris(texte: str) -> datetime:
    return datetime.fromisoformat(texte).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("instant", "fin"),
    [
        # A Wednesday and the night that follows it.
        ("2026-11-25T08:00", None),
        ("2026-11-25T20:59:59.999", None),
        ("2026-11-25T21:00", "2026-11-26T08:00"),
        ("2026-11-25T23:59", "2026-11-26T08:00"),
        ("2026-11-26T00:00", "2026-11-26T08:00"),
        ("2026-11-26T07:59", "2026-11-26T08:00"),
        # Saturday's evening waits for Monday; and so does the Sunday.
        ("2026-11-28T20:59", None),
        ("2026-11-28T21:00", "2026-11-30T08:00"),
        ("2026-11-29T14:00", "2026-11-30T08:00"),
        ("2026-11-29T23:59", "2026-11-30T08:00"),
        ("2026-11-30T08:00", None),
        # The nights when the clocks change are the Sunday's own.
        ("2026-03-28T22:00", "2026-03-30T08:00"),
        ("2026-10-24T22:00", "2026-10-26T08:00"),
        # Summer.
        ("2026-07-01T21:00", "2026-07-02T08:00"),
        ("2026-07-01T20:59", None),
    ],
)
def test_en_metropole_un_sms_attend_le_matin_d_un_jour_ouvrable(instant: str, fin: str | None) -> None:
    assert fin_du_silence(paris(instant), REGLAGE, "54") == (paris(fin).astimezone(UTC) if fin else None)


@pytest.mark.parametrize(
    ("departement", "instant", "fin"),
    [
        # 12:00 UTC on a Wednesday: 8:00 in Guadeloupe, 23:00 in Nouvelle-Calédonie, midnight in Wallis.
        ("971", "2026-11-25T12:00", None),
        ("971", "2026-11-25T11:59", "2026-11-25T12:00"),
        ("988", "2026-11-25T12:00", "2026-11-25T21:00"),
        ("986", "2026-11-25T12:00", "2026-11-25T20:00"),
        ("974", "2026-11-25T16:59", None),
        ("974", "2026-11-25T17:00", "2026-11-26T04:00"),
        # No summer time in Mayotte, Sunday begins there before it does in Paris.
        ("976", "2026-07-01T18:00", "2026-07-02T05:00"),
        ("976", "2026-11-28T21:30", "2026-11-30T05:00"),
        # Saturday evening in Polynésie, Sunday already in Paris.
        ("987", "2026-11-29T06:00", None),
    ],
)
def test_outre_mer_l_heure_est_celle_de_l_usager(departement: str, instant: str, fin: str | None) -> None:
    moment = datetime.fromisoformat(instant).replace(tzinfo=UTC)

    assert fin_du_silence(moment, REGLAGE, departement) == (
        datetime.fromisoformat(fin).replace(tzinfo=UTC) if fin else None
    )


def test_chaque_departement_d_outre_mer_a_son_heure() -> None:
    departements = json.loads(PREFECTURES.read_text())

    assert {code for code in departements if code >= "97"} <= set(_OUTRE_MER)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),
    st.sampled_from([None, "54", *_OUTRE_MER]),
)
def test_la_fin_du_silence_n_est_pas_dans_le_silence_et_vient_avant_trois_jours(
    instant: datetime, departement: str | None
) -> None:
    fin = fin_du_silence(instant, REGLAGE, departement)

    if fin is not None:
        assert instant < fin <= instant + timedelta(days=2)
        assert fin_du_silence(fin, REGLAGE, departement) is None


@given(st.datetimes(datetime(2026, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))
def test_les_heures_de_metropole_sont_celles_de_la_base_des_fuseaux(instant: datetime) -> None:
    local = instant.astimezone(PARIS)
    calme = local.weekday() == 6 or local.hour >= 21 or local.hour < 8

    assert (fin_du_silence(instant, REGLAGE, "54") is not None) == calme


def test_sans_dimanche_ni_nuit_rien_n_attend() -> None:
    dimanche = paris("2026-11-29T14:00")

    assert fin_du_silence(dimanche, "21-8", "54") is None
    assert fin_du_silence(dimanche, "", "54") is None
    assert fin_du_silence(paris("2026-11-25T13:30"), "12-14", "54") == paris("2026-11-25T14:00")


@pytest.mark.parametrize("reglage", ["21h-8h", "24-8", "21-8 samedi", "21", " "])
def test_un_reglage_illisible_est_une_faute_visible(reglage: str) -> None:
    with pytest.raises(SilenceIllisible):
        fin_du_silence(paris("2026-11-25T13:30"), reglage, "54")
