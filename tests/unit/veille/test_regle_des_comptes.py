"""The rule of unused accounts: told a month before, closed after 36 months, never behind their holder's back."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.demande.comptes import Compte, StatutCompte
from chalicelib.demande.inactivite import (
    INACTIVITE_JOURS,
    PREAVIS_JOURS,
    REPORT_JOURS,
    Attendre,
    Fermer,
    Prevenir,
    a_regarder,
    cloture_prevue,
    decider,
    premiere_veille,
)
from chalicelib.demande.instants import ecrire

VENU = datetime(2026, 11, 1, 10, tzinfo=UTC)
JOUR = 86400.0
AVANT = INACTIVITE_JOURS - PREAVIS_JOURS


def compte(venu: datetime | None = VENU, prevenu: datetime | None = None, cree: datetime = VENU) -> Compte:
    champs: dict[str, Any] = dict.fromkeys(Compte.model_fields, "x") | {
        "autorites": (),
        "statut": StatutCompte.ACTIF,
        "expire": None,
        "cree_le": ecrire(cree),
        "derniere_connexion_le": ecrire(venu) if venu else None,
        "prevenu_le": ecrire(prevenu) if prevenu else None,
    }
    return Compte(**champs)


def jours(nombre: float, jour_s: float = JOUR) -> timedelta:
    return timedelta(seconds=nombre * jour_s)


def test_trente_six_mois_ne_sont_jamais_plus_longs_que_la_regle() -> None:
    for annee in range(2026, 2034):
        debut = datetime(annee, 2, 28, tzinfo=UTC)
        assert debut + timedelta(days=INACTIVITE_JOURS) >= datetime(annee + 3, 2, 28, tzinfo=UTC)


def test_avant_le_preavis_on_attend_sans_lire_les_demandes() -> None:
    tot = VENU + jours(AVANT - 0.01)
    assert not a_regarder(compte(), tot, JOUR)
    assert decider(compte(), False, tot, JOUR) == Attendre(VENU + jours(AVANT))


def test_au_preavis_on_previent_avec_la_date_de_la_fermeture() -> None:
    assert a_regarder(compte(), VENU + jours(AVANT), JOUR)
    assert decider(compte(), False, VENU + jours(AVANT), JOUR) == Prevenir(VENU + jours(INACTIVITE_JOURS))


def test_prevenu_a_temps_on_ferme_a_la_date_dite() -> None:
    prevenu = compte(prevenu=VENU + jours(AVANT))
    assert decider(prevenu, False, VENU + jours(INACTIVITE_JOURS - 0.01), JOUR) == Attendre(
        VENU + jours(INACTIVITE_JOURS)
    )
    assert decider(prevenu, False, VENU + jours(INACTIVITE_JOURS), JOUR) == Fermer()


def test_prevenu_tard_on_laisse_le_mois_entier() -> None:
    tard = VENU + jours(INACTIVITE_JOURS + 200)
    assert decider(compte(), False, tard, JOUR) == Prevenir(tard + jours(PREAVIS_JOURS))
    assert decider(compte(prevenu=tard), False, tard + jours(PREAVIS_JOURS - 1), JOUR) == Attendre(
        tard + jours(PREAVIS_JOURS)
    )


def test_qui_revient_recommence_ses_trente_six_mois_et_sera_prevenu_de_nouveau() -> None:
    revenu = VENU + jours(AVANT + 5)
    revenant = compte(venu=revenu, prevenu=VENU + jours(AVANT))
    assert decider(revenant, False, VENU + jours(INACTIVITE_JOURS), JOUR) == Attendre(revenu + jours(AVANT))
    assert isinstance(decider(revenant, False, revenu + jours(AVANT), JOUR), Prevenir)


def test_jamais_connecte_compte_depuis_son_ouverture() -> None:
    assert decider(compte(venu=None), False, VENU + jours(AVANT), JOUR) == Prevenir(VENU + jours(INACTIVITE_JOURS))
    assert premiere_veille(VENU, JOUR) == ecrire(VENU + jours(AVANT))


def test_une_demande_en_cours_repousse_le_preavis_et_la_fermeture() -> None:
    for un, quand in ((compte(), AVANT), (compte(prevenu=VENU + jours(AVANT)), INACTIVITE_JOURS)):
        instant = VENU + jours(quand)
        assert decider(un, True, instant, JOUR) == Attendre(instant + jours(REPORT_JOURS))


@given(st.floats(0, 3000), st.floats(0, 3000), st.booleans(), st.sampled_from([0.5, 60.0, JOUR]))
def test_rien_ne_ferme_sans_un_mois_de_preavis_ni_avant_trente_six_mois(
    passe: float, depuis_l_avis: float, en_cours: bool, jour_s: float
) -> None:
    maintenant = VENU + jours(passe, jour_s)
    un = compte(prevenu=maintenant - jours(depuis_l_avis, jour_s))
    decision = decider(un, en_cours, maintenant, jour_s)
    if isinstance(decision, Fermer):
        assert passe >= INACTIVITE_JOURS
        assert depuis_l_avis >= PREAVIS_JOURS - 1e-6 * JOUR / jour_s
        assert not en_cours
        assert cloture_prevue(un, jour_s) <= maintenant
    if isinstance(decision, Attendre):
        assert decision.prochaine > maintenant, "a look that changes nothing must not come again at once"
