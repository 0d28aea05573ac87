"""The dossier over its route: all that an agent needs, with the SNPC or without it, in four calls."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.demande.index import cles_de_recherche
from chalicelib.demande.modeles import EtatPhoto, PhotoSignature, Representant, Statut, StatutPiece
from chalicelib.demande.ports_consultations import Quoi
from chalicelib.demande.ports_externes import DossierSnpc, Droit
from chalicelib.http import Identite
from chalicelib.instruction.dossier import FONCTION
from tests.agents import AGENT, AILLEURS, CHEF, CTN, NUMERO, PIERRE, deposer, en_cours
from tests.appel import Resultat, appeler
from tests.compteur import compter_appels
from tests.contract.tables import aws_simule
from tests.dossiers import ADRESSE, DEMANDE_ID, ETAT_CIVIL, changement, piece
from tests.droits import relever_droits
from tests.ports import Exterieur, exterieur_simule

DOSSIER = "/instruction/demandes/{id}"
CORNEILLE = DossierSnpc(
    numero_dossier="13572A7654",
    etat="VALIDE",
    points=12,
    points_max=12,
    droits=(Droit("B", "valide", "1975-05-02"),),
    nom="CORNEILLE",
    prenoms=("PIERRE",),
    date_naissance="00/00/1956",
    sexe="M",
    commune_naissance="METZ",
    departement_naissance="57",
)
DEMAIN = "2999-01-01T00:00:00.000Z"


@pytest.fixture(autouse=True)
def exterieur() -> Iterator[Exterieur]:
    with aws_simule(), exterieur_simule() as simules:
        yield simules


def ouvrir(qui: Identite = AGENT) -> Resultat:
    return appeler("GET", DOSSIER, {"id": DEMANDE_ID}, identite=qui)


def lire(qui: Identite = AGENT) -> Any:
    resultat = ouvrir(qui)
    assert resultat.statut == 200, resultat
    return resultat.corps


@pytest.mark.parametrize("qui", [AGENT, CHEF, CTN], ids=lambda qui: qui.role)
def test_le_dossier_montre_la_demande_entiere_avec_sa_version(exterieur: Exterieur, qui: Identite) -> None:
    exterieur.snpc.conducteurs["13572A7654"] = CORNEILLE
    demande = deposer(representant=Representant(qualite="mandataire", nom="Martin", prenoms=["Anne"]))
    resultat = ouvrir(qui)
    vu = resultat.corps["demande"]
    assert resultat.entetes["etag"] == f'"{demande.version}"'
    assert (vu["id"], vu["numero"], vu["statut"], vu["version"]) == (DEMANDE_ID, NUMERO, "en_instruction", 1)
    assert (vu["libelle"], vu["detenteur"]) == ("Instruction en cours", "agent")
    assert (vu["autorite"], vu["service"]) == ("543", "Préfecture de Meurthe-et-Moselle")
    assert {nom: vu["etat_civil"][nom] for nom in ETAT_CIVIL} == ETAT_CIVIL
    assert {nom: vu["adresse"][nom] for nom in ADRESSE} == ADRESSE
    assert (vu["representant"]["qualite"], vu["representant"]["nom"]) == ("mandataire", "Martin")
    assert vu["paiement"] == {"etat": "reserve", "montant_centimes": 2500, "numero_timbre": "••••••••••••3456"}
    assert (vu["origine"], vu["deposee_le"], vu["echeance"]) == ("en_ligne", demande.deposee_le, None)
    assert vu["droits_jusqua"] > vu["deposee_le"] and vu["decision_avant"] > vu["deposee_le"]


def test_le_snpc_est_compare_ligne_a_ligne(exterieur: Exterieur) -> None:
    exterieur.snpc.conducteurs["13572A7654"] = CORNEILLE
    deposer()
    vu = lire()
    assert (vu["snpc_etat"], vu["snpc"]["etat"], vu["snpc"]["points"]) == ("trouve", "VALIDE", 12)
    assert vu["snpc"]["droits"] == [{"categorie": "B", "etat": "valide", "debut": "1975-05-02", "fin": None}]
    genres = {ecart["champ"]: ecart["genre"] for ecart in vu["ecarts"]}
    assert genres["date_naissance"] == "forme"
    assert genres["lieu_naissance.commune"] == genres["lieu_naissance.departement"] == "different"
    assert genres["nom_naissance"] == "identique"
    assert all(ecart["explication"].endswith(".") for ecart in vu["ecarts"])


def test_sans_snpc_le_dossier_s_ouvre_et_le_dit(exterieur: Exterieur) -> None:
    deposer()
    inconnu = lire()
    exterieur.snpc.en_panne = True
    panne = lire()
    assert [vu["snpc_etat"] for vu in (inconnu, panne)] == ["inconnu", "indisponible"]
    for vu in (inconnu, panne):
        assert (vu["snpc"], vu["ecarts"]) == (None, None)
        assert vu["snpc_message"].endswith(".")
        assert vu["demande"]["etat_civil"]["nom_naissance"] == "CORNEILLE" and len(vu["pieces"]) == 2


def test_les_versions_remplacees_restent_a_cote_de_celles_qui_comptent_les_essais_non_soumis_non() -> None:
    ancienne = piece("domicile", 7, StatutPiece.REMPLACEE, pages=2, motif_refus="expiree")
    deposer(Statut.EN_INSTRUCTION, ancienne, piece("domicile", 8), piece("identite", 9, StatutPiece.ATTENDUE))
    pieces = lire()["pieces"]
    domiciles = [(p["rang"], p["statut"], p["courante"], p["pages"]) for p in pieces if p["type"] == "domicile"]
    assert domiciles == [(2, "valide", True, 1), (7, "remplacee", False, 2)]
    assert [p["type"] for p in pieces].count("identite") == 1
    remplacee = next(p for p in pieces if p["statut"] == "remplacee")
    assert (remplacee["motif_refus"], remplacee["refus"]) == ("expiree", "document périmé ou trop ancien")
    assert remplacee["libelle"].startswith("Justificatif de domicile")


@pytest.mark.parametrize(
    ("photo", "recue_le", "signee"),
    [
        (PhotoSignature(mode="talon", etat=EtatPhoto.TALON), None, False),
        (PhotoSignature(mode="talon", etat=EtatPhoto.TALON), "2026-11-24T10:00:00.000Z", True),
        (PhotoSignature(mode="numerique", code="A" * 22, etat=EtatPhoto.VALIDE), None, True),
        (PhotoSignature(mode="numerique", code="A" * 22, etat=EtatPhoto.EN_ACTIVATION), None, False),
    ],
)
def test_la_photo_dit_son_etat_et_si_la_demande_est_signee(
    photo: PhotoSignature, recue_le: str | None, signee: bool
) -> None:
    deposer(photo_signature=photo, photo_recue_le=recue_le)
    assert lire()["photo"] == {
        "mode": photo.mode,
        "etat": photo.etat,
        "code": photo.code,
        "recue_le": recue_le,
        "signee": signee,
        "image": None,
        "conseils": [],
    }


def test_qui_la_tient_se_voit_tant_que_son_bail_court() -> None:
    deposer(agent=AGENT.compte_id, agent_nom="Agnès Guichet", bail_jusqua=DEMAIN)
    assert lire()["demande"]["agent"] == {"nom": "Agnès Guichet", "de_moi": True, "bail_jusqua": DEMAIN}
    assert lire(CHEF)["demande"]["agent"]["de_moi"] is False


def test_un_bail_fini_n_est_plus_a_personne() -> None:
    deposer(agent=AGENT.compte_id, agent_nom="Agnès Guichet", bail_jusqua="2020-01-01T00:00:00.000Z")
    assert lire()["demande"]["agent"] is None


def test_une_autre_demande_en_cours_de_la_meme_personne_est_signalee() -> None:
    deposer()
    autre = en_cours(Statut.DEPOSEE, id="b" * 32, numero="9" * 23)
    finie = en_cours(Statut.DEPOSEE, id="c" * 32, numero="8" * 23)
    for une, vers in ((autre, Statut.EN_CONTROLE), (finie, Statut.RETIREE)):
        wiring.demandes().creer(une)
        wiring.demandes().transiter(une, changement(vers=vers, poser=cles_de_recherche(une)))
    (doublon,) = lire()["doublons"]
    assert (doublon["id"], doublon["numero"], doublon["statut"]) == ("b" * 32, "9" * 23, "en_controle")


def test_celle_d_un_autre_service_est_dite_sans_etre_montree() -> None:
    deposer()
    autre = en_cours(Statut.DEPOSEE, id="b" * 32, numero="9" * 23)
    wiring.demandes().creer(autre)
    ailleurs = {**cles_de_recherche(autre), "autorite": "751", "autorite_nom": "751#CORNEILLE PIERRE"}
    wiring.demandes().transiter(autre, changement(vers=Statut.EN_CONTROLE, poser=ailleurs))
    (doublon,) = lire()["doublons"]
    service = wiring.nom_de_la_prefecture("751")
    libelle = "Une demande est en cours dans un autre service"
    tus = dict.fromkeys(("id", "numero", "motif", "statut", "deposee_le"))
    assert doublon == {"libelle": libelle, "service": service, **tus}
    des_deux = dataclasses.replace(AGENT, autorites=("543", "751"))
    assert [d["id"] for d in lire(des_deux)["doublons"]] == ["b" * 32]


def test_les_messages_se_comptent() -> None:
    deposer(messages=3, attend_reponse_depuis="2026-11-24T10:00:00.000Z")
    assert lire()["messages"] == {"nombre": 3, "attend_reponse_depuis": "2026-11-24T10:00:00.000Z"}


def test_une_ouverture_est_consignee_une_fois() -> None:
    deposer()
    lire(CTN)
    (consultation,) = wiring.consultations().lister(DEMANDE_ID, wiring.horloge(), None, 10)[0]
    assert (consultation.quoi, consultation.compte_id, consultation.role) == (Quoi.DOSSIER, CTN.compte_id, "ctn")


@pytest.mark.parametrize("statut", sorted(set(Statut) - {Statut.BROUILLON, Statut.DEPOSEE}))
def test_un_dossier_s_ouvre_a_tout_statut(statut: Statut) -> None:
    deposer(statut)
    assert lire()["demande"]["statut"] == statut


def test_hors_de_ses_autorites_et_avant_son_controle_une_demande_n_existe_pas() -> None:
    deposer()
    with compter_appels() as appels:
        refus = ouvrir(AILLEURS)
    assert (refus.statut, [appel.operation for appel in appels]) == (404, ["Query"])
    absente = appeler("GET", DOSSIER, {"id": "0" * 32}, identite=AILLEURS)
    assert refus.corps == absente.corps
    malformee = appeler("GET", DOSSIER, {"id": "x"}, identite=AGENT)
    assert malformee.corps == absente.corps


def test_un_brouillon_n_existe_pas_pour_un_agent() -> None:
    deposer(Statut.BROUILLON, autorite=None)
    assert ouvrir().statut == 404


def test_un_usager_n_a_pas_de_dossier() -> None:
    with compter_appels() as appels:
        assert ouvrir(PIERRE).statut == 403
    assert appels == []


def test_un_dossier_coute_quatre_appels_au_plus_avec_les_seuls_droits_de_la_fonction() -> None:
    deposer(suspensions=1)
    with compter_appels() as appels, relever_droits() as droits:
        lire()
    assert [appel.operation for appel in appels] == ["Query", "PutItem", "Query", "Query"]
    tables = {nom: set(actions) for nom, actions in FONCTION.droits.items() if nom.startswith("table:")}
    assert droits == tables


def test_le_snpc_est_cherche_par_l_identite_quand_aucun_numero_n_est_donne(exterieur: Exterieur) -> None:
    exterieur.snpc.conducteurs["1"] = dataclasses.replace(CORNEILLE, numero_dossier="99999Z9999")
    deposer()
    assert lire()["snpc"]["numero_dossier"] == "99999Z9999"
    assert exterieur.snpc.appels == 1
