"""The texts sent to people: where they may show, how long they are, and what they must say."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.demande.modeles import (
    Adresse,
    Decision,
    Demande,
    Element,
    EtatCivil,
    Motif,
    NeEnFrance,
    Paiement,
    PhotoSignature,
    Representant,
    Statut,
    Suspension,
)
from chalicelib.demande.motifs_decision import LIBELLES_REFUS, LIBELLES_SUSPENSION, libelle_cible
from chalicelib.demande.notifications import (
    SECOURS,
    SMS_MAX,
    SmsTropLong,
    longueur_gsm7,
    numero_international,
    verifier_sms,
)
from chalicelib.notifications import textes_demandes, textes_titres
from chalicelib.notifications.envoyer_sms import IMMEDIATS
from chalicelib.notifications.messages import MAILS, SMS
from chalicelib.notifications.redaction import Dossier

NUMERO = "12441542134215461243643"
# As long an address as the template takes: whatever the site's is, an SMS fits.
_MODELE = json.loads((Path(__file__).parents[3] / "infra" / "resources.json").read_text())
SITE = "https://permisdeconduire.services.ants.gouv.fr/".ljust(_MODELE["Parameters"]["UrlSite"]["MaxLength"], "x")
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
        # All that any text may use, at its longest.
        echeance="2026-12-31T12:00:00.000Z",
        droits_rappeles="2026-12-31T12:00:00.000Z",
        numero_suivi="8R12345678901",
        paiement=Paiement.model_validate({"etat": "consomme", "montant_centimes": 2500}),
        decision=Decision(motif="identite_non_etablie", message="Monsieur CORNEILLE, venez avec votre acte."),
        suspension=Suspension(
            rang=1,
            elements=[
                Element(cible="p1", type="domicile", motif="illisible"),
                Element(cible="adresse.nom_voie", motif="differente_piece"),
            ],
            message="Monsieur CORNEILLE, votre facture est coupée.",
            par="a1",
            par_nom="Mme DURAND",
            role="agent",
            retour=Statut.EN_INSTRUCTION,
            suspendue_le="2026-11-01T10:00:00.000Z",
            delai_jours=60,
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
    assert "  " not in courriel.texte
    assert "\n\n\n" not in courriel.texte


@pytest.mark.parametrize("type_", sorted({**textes_demandes.MAILS, **textes_titres.MAILS}))
def test_un_courriel_sur_une_demande_ne_nomme_personne_ni_ne_repete_les_mots_de_l_agent(type_: str) -> None:
    courriel = MAILS[type_](dossier())

    assert courriel is not None
    assert not any(mot.lower() in courriel.texte.lower() for mot in (*IDENTITE, "DURAND", "coupée", "venez avec"))


@pytest.mark.parametrize("type_", sorted(SMS))
def test_un_sms_tient_en_160_caracteres_gsm7_sans_identite(type_: str) -> None:
    sms = SMS[type_](dossier())

    assert sms is not None
    texte = verifier_sms(sms)
    assert not any(mot.lower() in texte.lower() for mot in (*IDENTITE, NUMERO, "8R12345678901"))


@pytest.mark.parametrize("type_", sorted(set(SMS) - IMMEDIATS - {SECOURS}))
def test_ce_qu_un_sms_dit_d_une_demande_est_aussi_dans_un_courriel(type_: str) -> None:
    """So that an SMS that fails loses nothing."""
    assert type_ in MAILS


@pytest.mark.parametrize("type_", ["CodeActivation", "CodeMotDePasse", "CodeEmail"])
def test_un_courriel_de_code_le_donne_avec_sa_duree(type_: str) -> None:
    courriel = MAILS[type_](dossier())

    assert courriel is not None
    assert "042917" in courriel.texte
    assert "30 minutes" in courriel.texte


@pytest.mark.parametrize("type_", ["CodeMotDePasseSms", "CodeTelephone"])
def test_un_sms_de_code_le_donne_avec_sa_duree(type_: str) -> None:
    texte = SMS[type_](dossier())

    assert texte is not None
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
    assert "avant le 9 décembre 2026" in courriel.texte


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


# What the usager must be told of the life of his demande (DOMAIN §5); True: by SMS too, it asks or dates something.
A_DIRE = {
    "DemandeDeposee": True,
    "ControleTermine": False,
    "PhotoAttendue": True,
    "PhotoRappelee": True,
    "PhotoRecue": False,
    "PhotoRefusee": True,
    "PhotoTardive": False,
    "DemandeSuspendue": True,
    "SuspensionCorrigee": True,
    "SuspensionLevee": True,
    "ComplementRappele": True,
    "DroitsBientotFinis": True,
    "ComplementDepose": False,
    "MessageAgent": True,
    "DemandeValidee": False,
    "DemandeRefusee": True,
    "DemandeRetiree": False,
    "DemandeClasseeSansSuite": True,
    "CommandeAcceptee": False,
    "TitreExpedie": True,
    "TitreDistribue": False,
    "TitreRetourne": True,
    "AdresseConfirmee": False,
    "ContactRemplace": True,
    "TitreReexpedie": True,
    "BrouillonRappele": False,
    "TimbreConserve": False,
}


def test_chaque_moment_de_la_demande_a_son_courriel_et_son_sms_s_il_demande_ou_date() -> None:
    de_demande = {**textes_demandes.MAILS, **textes_titres.MAILS}

    assert set(de_demande) == set(A_DIRE)
    assert {type_ for type_ in SMS if type_ in A_DIRE} == {type_ for type_, sms in A_DIRE.items() if sms}


def test_une_suspension_nomme_chaque_element_avec_son_motif_et_sa_date() -> None:
    courriel = MAILS["DemandeSuspendue"](dossier())

    assert courriel is not None
    assert "- Justificatif de domicile de moins de 6 mois : document illisible" in courriel.texte
    assert "- Nom de la voie : information différente de celle des pièces jointes" in courriel.texte
    assert "L'agent vous a laissé un message" in courriel.texte
    assert "avant le 31 décembre 2026" in courriel.texte
    assert SMS["DemandeSuspendue"](dossier()) == (
        f"Permis : un complément vous est demandé avant le 31/12/2026. Détails : {SITE}"
    )


def test_un_renvoi_se_dit_une_fois_et_son_numero_de_suivi_par_courriel_seulement() -> None:
    renvoyee = demande(Statut.EXPEDIEE).model_copy(update={"retours": 1})
    sans_numero = renvoyee.model_copy(update={"numero_suivi": None})

    assert SMS["TitreReexpedie"](dossier(demande=renvoyee)) is not None
    suivi = MAILS["TitreExpedie"](dossier(demande=renvoyee))
    assert suivi is not None
    assert str(renvoyee.numero_suivi) in suivi.texte and "renvoyé" in suivi.texte
    assert MAILS["TitreExpedie"](dossier(demande=sans_numero)) is None
    assert SMS["TitreExpedie"](dossier(demande=renvoyee)) is None


def test_un_complement_depose_dont_la_photo_est_encore_attendue_ne_dit_pas_qu_il_n_y_a_rien_a_faire() -> None:
    repris, attente = (
        MAILS["ComplementDepose"](dossier(demande=demande(statut)))
        for statut in (Statut.EN_INSTRUCTION, Statut.ATTENTE_PHOTO)
    )

    assert repris is not None
    assert attente is not None
    assert "rien à faire" in repris.texte
    assert "rien à faire" not in attente.texte


def test_le_second_rappel_dit_qu_il_est_le_dernier() -> None:
    premier, second = (
        MAILS["ComplementRappele"](dossier(demande=demande(Statut.SUSPENDUE).model_copy(update={"rappels": n})))
        for n in (1, 2)
    )

    assert premier is not None
    assert second is not None
    assert premier.objet.startswith("Rappel :")
    assert second.objet.startswith("Dernier rappel :")


@pytest.mark.parametrize("motif", sorted(LIBELLES_REFUS))
def test_un_refus_dit_son_motif_et_les_recours(motif: str) -> None:
    refusee = demande(Statut.REFUSEE).model_copy(update={"decision": Decision(motif=motif, message="m")})
    courriel = MAILS["DemandeRefusee"](dossier(demande=refusee))

    assert courriel is not None
    assert LIBELLES_REFUS[motif] in courriel.texte
    assert all(mot in courriel.texte for mot in ("deux mois", "gracieux", "hiérarchique", "tribunal administratif"))
    assert "refus" not in courriel.objet.lower()


def test_un_sms_ne_dit_pas_qu_une_demande_est_refusee() -> None:
    sms = SMS["DemandeRefusee"](dossier())

    assert sms is not None
    assert "refus" not in sms.lower()


@pytest.mark.parametrize(
    ("photo", "mots"),
    [
        (PhotoSignature.model_validate({"mode": "talon", "etat": "talon"}), "Imprimez le talon"),
        (
            PhotoSignature.model_validate({"mode": "numerique", "code": "A" * 22, "etat": "en_activation"}),
            "n'est pas encore actif",
        ),
        (PhotoSignature.model_validate({"mode": "talon", "etat": "refuse"}), "ne peut pas être utilisée"),
    ],
)
def test_la_photo_attendue_dit_le_geste_du_mode_choisi(photo: PhotoSignature, mots: str) -> None:
    attente = demande(Statut.ATTENTE_PHOTO).model_copy(update={"photo_signature": photo})
    courriel = MAILS["PhotoAttendue"](dossier(demande=attente))

    assert courriel is not None
    assert mots in courriel.texte


def test_le_numero_de_suivi_est_dans_le_courriel_de_l_envoi() -> None:
    courriel = MAILS["TitreExpedie"](dossier())

    assert courriel is not None
    assert "8R12345678901" in courriel.texte
    assert "contre signature" in courriel.texte


def test_un_titre_renvoye_ne_donne_pas_le_numero_du_premier_envoi() -> None:
    courriel = MAILS["TitreReexpedie"](dossier())

    assert courriel is not None
    assert "8R12345678901" not in courriel.texte


def test_le_titulaire_sait_que_son_dossier_papier_est_enregistre() -> None:
    courriel = MAILS["DemandeDeposee"](dossier(demande=demande().model_copy(update={"origine": "papier"})))

    assert courriel is not None
    assert "dossier papier" in courriel.texte
    assert NUMERO in courriel.texte


def test_qui_a_remis_un_dossier_papier_n_est_pas_renvoye_a_un_site_ou_il_n_a_pas_de_compte() -> None:
    papier = dossier(demande=demande().model_copy(update={"origine": "papier"}))
    mails = {type_: MAILS[type_](papier) for type_ in (*textes_demandes.MAILS, *textes_titres.MAILS)}
    # The reminder of a draft goes to the agent who types it.
    textes = {type_: courriel.texte for type_, courriel in mails.items() if courriel and type_ != "BrouillonRappele"}
    textes |= {type_: SMS[type_](papier) or "" for type_ in (*textes_demandes.SMS, *textes_titres.SMS)}

    assert [type_ for type_, texte in textes.items() if SITE in texte] == []
    assert all("préfecture" in texte for texte in (textes["MessageAgent"], textes["DemandeSuspendue"]))


def test_le_titulaire_sait_qu_un_autre_a_depose_pour_lui() -> None:
    pour_lui = demande().model_copy(
        update={"representant": Representant(qualite="mandataire", nom="DURAND", prenoms=["Anne"])}
    )
    courriel = MAILS["DemandeDeposee"](dossier(demande=pour_lui))

    assert courriel is not None
    assert "la personne que vous avez mandatée" in courriel.texte
    assert NUMERO in courriel.texte


def test_un_brouillon_clos_ne_donne_pas_de_sms() -> None:
    assert SMS["DemandeClasseeSansSuite"](dossier(demande=demande(Statut.CLASSEE_SANS_SUITE, None))) is None


def test_une_cible_se_dit_avec_les_mots_du_formulaire() -> None:
    types = {"p1": "identite"}

    assert libelle_cible("p1", types) == "Pièce d'identité"
    assert libelle_cible("domicile", types) == "Justificatif de domicile de moins de 6 mois"
    assert libelle_cible("etat_civil.prenoms.0", types) == "Prénoms"
    assert libelle_cible("etat_civil.lieu_naissance.commune", types) == "Lieu de naissance"
    assert libelle_cible("inconnue", types) == "Un élément de votre demande"


@pytest.mark.parametrize("libelle", [*LIBELLES_SUSPENSION.values(), *LIBELLES_REFUS.values()])
def test_un_motif_se_lit_a_la_suite_de_ce_qu_il_vise(libelle: str) -> None:
    assert libelle[0].islower()
    assert not libelle.endswith(".")
