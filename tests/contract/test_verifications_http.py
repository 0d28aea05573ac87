"""POST /verifications, as whoever is shown a document calls it: without an account, the code in the body."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from PIL import Image

from chalicelib import wiring
from chalicelib.adapters.clients import client
from chalicelib.demande.attestations import Attestation
from chalicelib.demande.instants import jour_legal
from chalicelib.demande.modeles import Demande, EtatCivil, Statut
from chalicelib.demande.statuts import FINALS
from chalicelib.documents.attestation import rendre
from chalicelib.documents.cachet import DocumentScelle, TypeDocument, sceller, sceller_demande
from chalicelib.http import CORPS_MAX
from chalicelib.verification.document import FICHIER_MAX, OCTETS_MAX
from tests import codes
from tests.appel import appeler
from tests.compteur import compter_appels
from tests.contract.tables import aws_simule
from tests.dossiers import DEMANDE_ID, ETAT_CIVIL, prete
from tests.fakes.cachet import FakeCachet

NUMERO = "12441542134215461243643"


@pytest.fixture(autouse=True)
def aws() -> Iterator[None]:
    with aws_simule():
        yield


def deposer(statut: Statut = Statut.VALIDEE, **etat_civil: Any) -> Demande:
    """The demande of the documents below; its état civil differs by ``etat_civil``."""
    demande = prete(
        numero=NUMERO,
        autorite="543",
        deposee_le="2026-11-24T20:27:00.000Z",
        statut=statut,
        etat_civil=EtatCivil.model_validate({**ETAT_CIVIL, **etat_civil}),
    )
    wiring.demandes().creer(demande)
    return demande


def document(jours: int = 60, type_: TypeDocument = TypeDocument.DROITS_A_CONDUIRE) -> DocumentScelle:
    aujourdhui = jour_legal(wiring.horloge())
    return DocumentScelle(
        type_,
        NUMERO,
        aujourdhui,
        "Corneille",
        "Pierre",
        "1956-01-01",
        aujourdhui + timedelta(days=jours),
    )


def verifier(code: Any) -> Any:
    return appeler("POST", "/verifications", corps={"code": code}, groupe="verification.document")


def test_un_document_que_nous_avons_scelle_dit_ce_qu_il_faut_comparer() -> None:
    un = document()
    deposer()
    rendu = verifier(sceller(un, wiring.cachet()))
    assert rendu.statut == 200
    assert rendu.corps["etat"] == "valide"
    assert rendu.corps["document"] == {
        "type": "DC",
        "libelle": "Attestation provisoire de droits à conduire",
        "numero": un.numero,
        "emis_le": un.emis_le.isoformat(),
        "nom": "CORNEILLE",
        "prenom": "PIERRE",
        "date_naissance": "1956-01-01",
        "expire_le": un.expire_le.isoformat() if un.expire_le else None,
        "montant_centimes": None,
        "abrege": False,
    }


ATTESTATIONS = [TypeDocument.DROITS_A_CONDUIRE, TypeDocument.DECLARATION_DE_PERTE]


@pytest.mark.parametrize("type_", ATTESTATIONS)
def test_une_attestation_ne_vaut_plus_rien_quand_sa_demande_est_terminee_et_ne_dit_pas_comment(
    type_: TypeDocument,
) -> None:
    code = sceller(document(type_=type_), wiring.cachet())
    deposer(Statut.EN_INSTRUCTION)
    assert verifier(code).corps["etat"] == "valide"
    rendus = []
    for statut in sorted(FINALS):
        client("dynamodb").delete_item(
            TableName="permis-demandes", Key={"id": {"S": DEMANDE_ID}, "element": {"S": "DEMANDE"}}
        )
        deposer(statut)
        rendus.append(verifier(code).corps)
    assert rendus[0]["etat"] == "termine" and rendus[0]["document"]["nom"] == "CORNEILLE"
    assert all(rendu == rendus[0] for rendu in rendus), "how it ended is nobody else's business"


def test_une_attestation_dont_la_demande_n_est_plus_la_ne_vaut_rien() -> None:
    assert verifier(sceller(document(), wiring.cachet())).corps["etat"] == "termine"


@pytest.mark.parametrize("type_", ATTESTATIONS)
@pytest.mark.parametrize(
    "corrige", [{"nom_naissance": "Racine"}, {"prenoms": ["Jean", "Pierre"]}, {"date_naissance": "1956-01-10"}]
)
def test_une_attestation_au_nom_d_avant_une_correction_ne_vaut_rien(
    type_: TypeDocument, corrige: dict[str, Any]
) -> None:
    code = sceller(document(type_=type_), wiring.cachet())
    deposer(Statut.EN_INSTRUCTION, **corrige)
    assert verifier(code).corps["etat"] == "remplace"


def test_un_nom_trop_long_pour_le_code_est_toujours_le_sien() -> None:
    nom, prenom = "de la Tour d'Auvergne-Lauraguais " * 2 + "du Pont", "Éléonore-Œnone"
    demande = deposer(Statut.EN_INSTRUCTION, nom_naissance=nom, prenoms=[prenom, "Anne"])
    code = sceller_demande(
        TypeDocument.DROITS_A_CONDUIRE, demande, wiring.cachet(), jour_legal(wiring.horloge()), date(2099, 1, 1)
    )
    rendu = verifier(code).corps
    assert rendu["etat"] == "valide" and rendu["document"]["abrege"] is True


@pytest.mark.parametrize("type_", sorted(set(TypeDocument) - set(ATTESTATIONS)))
def test_un_document_qui_dit_ce_qui_a_eu_lieu_reste_vrai(type_: TypeDocument) -> None:
    deposer(Statut.REFUSEE)
    assert verifier(sceller(document(type_=type_), wiring.cachet())).corps["etat"] == "valide"


def test_ce_que_nous_n_avons_pas_signe_ne_fait_lire_aucune_demande() -> None:
    deposer()
    code = sceller(document(), wiring.cachet())
    with compter_appels() as appels:
        verifier(code.replace("PIERRE", "PAUL"))
        verifier(sceller(document(), FakeCachet()))
        verifier(sceller(document(-1), wiring.cachet()))
    assert {appel.operation for appel in appels} <= {"GetPublicKey", "Sign"}
    with compter_appels() as appels:
        verifier(code)
    assert [appel.operation for appel in appels if appel.operation != "GetPublicKey"] == ["Query", "GetItem"]


def test_les_blancs_autour_de_ce_qui_est_colle_ne_comptent_pas_et_rien_d_autre_ne_passe() -> None:
    deposer()
    code = sceller(document(), wiring.cachet())
    assert verifier(f"  {code}\r\n").corps["etat"] == "valide"
    for ajout in ("\x1d", "\x1dDROITS VALABLES", "A"):
        assert verifier(code + ajout).corps["document"] is None


def test_un_document_passe_le_dit() -> None:
    rendu = verifier(sceller(document(-1), wiring.cachet())).corps
    assert rendu["etat"] == "expire" and rendu["document"]["nom"] == "CORNEILLE"


def test_ce_qui_n_est_pas_prouve_n_est_pas_montre() -> None:
    code = sceller(document(), wiring.cachet())
    for faux, etat in (
        (code.replace("PIERRE", "PAUL"), "altere"),
        (sceller(replace(document(), nom="Racine"), FakeCachet()), "altere"),
        (codes.texte(0), "inconnu"),
        ("bonjour", "illisible"),
    ):
        rendu = verifier(faux)
        assert (rendu.statut, rendu.corps["etat"], rendu.corps["document"]) == (200, etat, None)
        assert rendu.corps["message"].endswith(".")


def verifier_fichier(octets: bytes) -> Any:
    corps = {"fichier": base64.b64encode(octets).decode()}
    return appeler("POST", "/verifications", corps=corps, groupe="verification.document")


def photographie(code: str) -> bytes:
    """JPEG: the code of a document on a grained table, as heavy as what our page sends."""
    table = Image.effect_noise((1800, 1350), 60).convert("RGB")
    table.paste("white", (250, 150, 950, 850))
    table.paste(codes.symbole(code, 6), (300, 200))
    return codes.octets(table, "JPEG", quality=85)


def test_une_photo_du_document_est_lue_aussi_lourde_qu_un_telephone_l_envoie() -> None:
    deposer()
    octets = photographie(sceller(document(), wiring.cachet()))
    assert len(octets) > 1_000_000
    rendu = verifier_fichier(octets)
    assert (rendu.statut, rendu.corps["etat"]) == (200, "valide")
    assert rendu.corps["document"]["nom"] == "CORNEILLE"


def test_le_pdf_que_nous_delivrons_se_verifie_tel_quel() -> None:
    aujourdhui = jour_legal(wiring.horloge())
    deposee = deposer()
    droits = Attestation(wiring.horloge(), wiring.horloge() + timedelta(days=60))
    pdf = rendre("attestation_droits", deposee, droits, "Préfecture de Paris", wiring.cachet(), aujourdhui)
    rendu = verifier_fichier(pdf)
    assert (rendu.statut, rendu.corps["etat"], rendu.corps["document"]["type"]) == (200, "valide", "DC")


def test_notre_code_compte_plutot_qu_un_autre_et_jusqu_a_la_derniere_page() -> None:
    deposer()
    pages = [codes.page(codes.texte(0)), codes.page(sceller(document(), wiring.cachet()))]
    pdf = codes.octets(pages[0], "PDF", save_all=True, append_images=pages[1:], resolution=200)
    assert verifier_fichier(pdf).corps["etat"] == "valide"
    seul = codes.octets(pages[0], "PDF", resolution=200)
    assert verifier_fichier(seul).corps["etat"] == "inconnu"


def test_un_fichier_trop_lourd_est_refuse_avec_sa_limite() -> None:
    assert verifier_fichier(b"\0" * OCTETS_MAX).corps["etat"] == "illisible"
    for de_trop, dit in ((4, "dépasse 3 Mo. Photographiez"), (2 * CORPS_MAX, "trop longue (3 Mo au plus)")):
        corps = {"fichier": "A" * (FICHIER_MAX + de_trop)}
        rendu = appeler("POST", "/verifications", corps=corps, groupe="verification.document")
        assert rendu.statut == 422
        assert dit in rendu.corps["erreurs"][0]["message"], rendu.corps["erreurs"]


@pytest.mark.parametrize("code", ["", "A" * 4097, None, 12, ["DC04"]])
def test_une_saisie_qui_n_est_pas_un_code_est_refusee(code: Any) -> None:
    assert verifier(code).statut == 422


def test_le_code_n_est_pas_dans_les_journaux(capsys: pytest.CaptureFixture[str]) -> None:
    verifier(sceller(document(), wiring.cachet()))
    sorties = capsys.readouterr()
    assert "CORNEILLE" not in sorties.out + sorties.err
