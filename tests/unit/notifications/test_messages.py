"""The texts sent to people: where they may show, how long they are, and what they must say."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.demande.modeles import Adresse, Demande, EtatCivil, Motif, NeEnFrance, Statut
from chalicelib.demande.notifications import (
    SMS_MAX,
    SmsTropLong,
    longueur_gsm7,
    numero_international,
    verifier_sms,
)
from chalicelib.notifications.messages import MAILS, SMS, Dossier

NUMERO = "12441542134215461243643"
# As long a public address as such a service may have.
SITE = "https://permisdeconduire.services.ants.gouv.fr/demandes"
IDENTITE = ("CORNEILLE", "Pierre", "1956-01-01", "Nancy", "pierre.corneille@exemple.fr", "0612345678", "p.corneille")


def demande(statut: Statut = Statut.DEPOSEE, numero: str | None = NUMERO, motif: Motif = Motif.VOL) -> Demande:
    return Demande(
        id="d1",
        usager="c1",
        statut=statut,
        motif=motif,
        numero=numero,
        cree_le="2026-11-01T10:00:00.000Z",
        modifie_le="2026-11-01T10:00:00.000Z",
        etat_civil=EtatCivil(
            nom_naissance="CORNEILLE",
            sexe="M",
            prenoms=["Pierre"],
            date_naissance="1956-01-01",
            lieu_naissance=NeEnFrance(commune="Nancy", departement="54"),
        ),
        adresse=Adresse(
            nom_voie="rue Saint-Jean",
            code_postal="54000",
            commune="Nancy",
            prefecture="543",
            email="pierre.corneille@exemple.fr",
            telephone="0612345678",
            reutilisation_donnees=False,
        ),
    )


def dossier(**changements: object) -> Dossier:
    complet: dict[str, object] = {
        "url_site": SITE,
        "email": "pierre.corneille@exemple.fr",
        "telephone": "0612345678",
        "identifiant": "p.corneille",
        "code": "042917",
        "demande": demande(),
        "cloture": datetime(2026, 12, 9, 10, tzinfo=UTC),
    }
    return Dossier(**{**complet, **changements})  # type: ignore[arg-type]


@pytest.mark.parametrize("type_", sorted(MAILS))
def test_l_objet_d_un_courriel_ne_dit_rien_de_la_personne(type_: str) -> None:
    courriel = MAILS[type_](dossier())

    assert courriel is not None
    assert not any(mot.lower() in courriel.objet.lower() for mot in (*IDENTITE, NUMERO, "042917"))
    assert "\n" not in courriel.objet
    assert len(courriel.objet) <= 78


@pytest.mark.parametrize("type_", sorted(MAILS))
def test_un_courriel_est_complet(type_: str) -> None:
    courriel = MAILS[type_](dossier())

    assert courriel is not None
    assert courriel.texte.startswith("Bonjour,\n")
    assert courriel.texte.endswith("Permis de conduire en ligne\n")
    assert "None" not in courriel.texte


@pytest.mark.parametrize("type_", sorted(SMS))
def test_un_sms_tient_en_160_caracteres_gsm7_sans_identite(type_: str) -> None:
    texte = verifier_sms(SMS[type_](dossier()))

    assert not any(mot.lower() in texte.lower() for mot in (*IDENTITE, NUMERO))


@pytest.mark.parametrize("type_", ["CodeActivation", "CodeMotDePasse", "CodeEmail"])
def test_un_courriel_de_code_le_donne_avec_sa_duree(type_: str) -> None:
    courriel = MAILS[type_](dossier())

    assert courriel is not None
    assert "042917" in courriel.texte
    assert "30 minutes" in courriel.texte


@pytest.mark.parametrize("type_", ["CodeMotDePasseSms", "CodeTelephone"])
def test_un_sms_de_code_le_donne_avec_sa_duree(type_: str) -> None:
    texte = SMS[type_](dossier())

    assert "042917" in texte
    assert "30 minutes" in texte


@pytest.mark.parametrize("type_", ["CodeActivation", "IdentifiantOublie", "CompteDejaExistant"])
def test_l_identifiant_est_dans_le_corps(type_: str) -> None:
    courriel = MAILS[type_](dossier())

    assert courriel is not None
    assert "p.corneille" in courriel.texte


def test_un_compte_deja_la_mais_pas_active_est_renvoye_vers_son_activation() -> None:
    actif, a_activer = (MAILS["CompteDejaExistant"](dossier(a_activer=valeur)) for valeur in (False, True))

    assert actif is not None
    assert a_activer is not None
    assert "Mot de passe oublié" in actif.texte
    assert "code d'activation" in a_activer.texte


def test_le_depot_donne_le_numero_par_courriel_et_le_suivi_par_sms() -> None:
    courriel = MAILS["DemandeDeposee"](dossier())

    assert courriel is not None
    assert NUMERO in courriel.texte
    assert SMS["DemandeDeposee"](dossier()) == f"Votre demande de permis est déposée. Suivi : {SITE}"


def test_le_rappel_dit_avant_quand_reprendre_le_brouillon() -> None:
    courriel = MAILS["BrouillonRappele"](dossier(demande=demande(Statut.BROUILLON, None)))

    assert courriel is not None
    assert "avant le 09/12/2026" in courriel.texte


def test_un_brouillon_clos_ne_parle_pas_de_numero() -> None:
    courriel = MAILS["DemandeClasseeSansSuite"](dossier(demande=demande(Statut.CLASSEE_SANS_SUITE, None)))

    assert courriel is not None
    assert "n°" not in courriel.texte
    assert "timbre" in courriel.texte


def test_le_retrait_d_une_perte_rappelle_que_la_declaration_demeure() -> None:
    perte, vol = (MAILS["DemandeRetiree"](dossier(demande=demande(motif=motif))) for motif in (Motif.PERTE, Motif.VOL))

    assert perte is not None
    assert vol is not None
    assert "déclaration de perte" in perte.texte
    assert "déclaration de perte" not in vol.texte


def test_un_brouillon_jete_par_la_personne_ne_donne_pas_de_courriel() -> None:
    assert MAILS["DemandeRetiree"](dossier(demande=demande(Statut.RETIREE, None))) is None


def test_un_paiement_arrive_trop_tard_dit_que_le_timbre_n_est_pas_perdu() -> None:
    courriel = MAILS["TimbreConserve"](dossier(demande=demande(Statut.CLASSEE_SANS_SUITE, None)))

    assert courriel is not None
    assert "n'est pas perdu" in courriel.texte


def test_un_sms_trop_long_est_refuse() -> None:
    assert verifier_sms("a" * SMS_MAX) == "a" * SMS_MAX
    with pytest.raises(SmsTropLong):
        verifier_sms("a" * (SMS_MAX + 1))


def test_un_caractere_etendu_compte_double() -> None:
    assert longueur_gsm7("25 €") == 5


@pytest.mark.parametrize("texte", ["fenêtre", "reçu", "« oui »", "l\u2019adresse", "ok\u00a0!"])
def test_un_caractere_hors_gsm7_est_refuse(texte: str) -> None:
    with pytest.raises(SmsTropLong):
        longueur_gsm7(texte)


@given(st.text(alphabet="éèàùabcXYZ019 .,:;!?'\"@", max_size=200))
def test_la_longueur_gsm7_est_celle_du_texte_sans_caractere_etendu(texte: str) -> None:
    assert longueur_gsm7(texte) == len(texte)


@pytest.mark.parametrize(
    ("national", "international"),
    [
        ("0612345678", "+33612345678"),
        ("0712345678", "+33712345678"),
        ("0383123456", "+33383123456"),
        ("0690123456", "+590690123456"),
        ("0694123456", "+594694123456"),
        ("0696123456", "+596696123456"),
        ("0692123456", "+262692123456"),
        ("0639123456", "+262639123456"),
        ("06 12 34 56 78", "+33612345678"),
        ("+33612345678", "+33612345678"),
    ],
)
def test_un_numero_se_compose_avec_l_indicatif_de_son_departement(national: str, international: str) -> None:
    assert numero_international(national) == international
