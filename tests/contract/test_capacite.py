"""What a demande costs to write, from its first step to its confirmation: counted in bytes, by operation."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.http import Identite
from tests.capacite import KO, Ecriture, mesurer_ecritures, taille, total
from tests.contract.tables import aws_simule
from tests.dossiers import ADRESSE, ETAT_CIVIL, brouillon, changement
from tests.parcours import FICHIER, Parcours
from tests.ports import Exterieur, exterieur_simule
from tests.specimens import carte_identite, facture, recepisse_vol

BUT = 24
"""DESIGN §3: « WRU to confirmation ≤ 24 », transactions at 2×, indexes included."""

ORDINAIRE = (Identite("5b0c7d4e-3f0a-4a53-9a57-0d1f7e2c9b11", "session", "usager"), ETAT_CIVIL, ADRESSE)
COMPLET = (
    ORDINAIRE[0],
    {
        **ETAT_CIVIL,
        "nom_naissance": "de La Rochefoucauld-Montbel",
        "nom_usage": "Bourbon de La Rochefoucauld",
        "prenoms": ["Marie-Antoinette", "Élisabeth", "Anne-Charlotte", "Joséphine"],
        "lieu_naissance": {"commune": "Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson", "departement": "51"},
        "neph": "123456789012",
        "numero_dossier": "13572A7654",
    },
    {
        **ADRESSE,
        "nom_voie": "de l'Ancienne Porte de Saint-Nicolas-de-Port",
        "complement": "Résidence des Tilleuls, bâtiment C, escalier 2, 3e étage, appartement 34",
        "email": "marie-antoinette.de-la-rochefoucauld-montbel@exemple-de-messagerie.fr",
    },
)
MESURES = {"ordinaire": (ORDINAIRE, 24), "tout rempli": (COMPLET, 28)}
"""What a theft paid with a stamp's number costs today, by one person with ordinary names, and by one who fills every
field: never more."""


@pytest.fixture
def exterieur() -> Iterator[Exterieur]:
    with aws_simule(), exterieur_simule() as simules:
        yield simules


def parcours_de_vol(
    exterieur: Exterieur, identite: Identite, etat_civil: dict[str, Any], adresse: dict[str, Any]
) -> list[tuple[str, list[Ecriture]]]:
    """The writes of each call of a whole path: three pièces, a stamp already bought, the confirmation."""
    numero = exterieur.boutique.creer_timbre()
    lignes: list[tuple[str, list[Ecriture]]] = []
    with mesurer_ecritures() as ecrites:
        parcours = Parcours("vol", identite)
        lignes.append(("POST /demandes", list(ecrites)))

        def faire(titre: str, methode: str, route: str, corps: object = None, **entetes: str) -> None:
            ecrites.clear()
            assert parcours.appeler(methode, route, corps, entetes).statut // 100 == 2
            lignes.append((titre, list(ecrites)))

        faire("PUT etat-civil", "PUT", "/demandes/{id}/etat-civil", etat_civil)
        faire("PUT adresse", "PUT", "/demandes/{id}/adresse", adresse)
        photo = {"mode": "numerique", "code": exterieur.photos.creer()}
        faire("PUT photo-signature", "PUT", "/demandes/{id}/photo-signature", photo)
        pieces = {"identite": carte_identite(), "domicile": facture(), "recepisse_vol": recepisse_vol()}
        for type_, octets in pieces.items():
            ecrites.clear()
            parcours.deposer_fichier(octets, **{**FICHIER, "type": type_, "taille": len(octets)})
            lignes.append((f"POST pieces ({type_})", list(ecrites)))
            faire(f"POST controle ({type_})", "POST", "/demandes/{id}/pieces/{piece_id}/controle")
        faire("PUT paiement", "PUT", "/demandes/{id}/paiement", {"numero_timbre": numero})
        cle = {"Idempotency-Key": "0d6f1c1e-8f3c-4d7e-9a52-3c3b5a4d2e10"}
        faire("POST confirmation", "POST", "/demandes/{id}/confirmation", {"attestation": True}, **cle)
    return lignes


@pytest.mark.parametrize("qui", list(MESURES))
def test_le_parcours_d_un_vol_ne_coute_pas_plus_qu_aujourd_hui(
    exterieur: Exterieur, capsys: pytest.CaptureFixture[str], qui: str
) -> None:
    personne, mesure = MESURES[qui]
    lignes = parcours_de_vol(exterieur, *personne)

    somme = total([ecriture for _, ecritures in lignes for ecriture in ecritures])
    with capsys.disabled():
        print(f"\n\nWRU jusqu'à la confirmation, vol, numéro de timbre, {qui} : {somme} (but {BUT})")
        for titre, ecritures in lignes:
            detail = ", ".join(
                f"{e.table.removeprefix('permis-')} {e.octets} o = {e.wru}" + (f" + index {e.index}" if e.index else "")
                for e in ecritures
            )
            print(f"  {titre:30s} {total(ecritures):3d}   {detail}")
    assert somme <= mesure


def test_un_item_se_compte_en_octets_comme_dynamodb_les_documente() -> None:
    assert taille({"id": {"S": "abc"}}) == 5
    assert taille({"é": {"S": "é"}}) == 4
    assert taille({"n": {"N": "2500"}}) == 1 + 2
    assert taille({"n": {"N": "-123"}}) == 1 + 4
    assert taille({"b": {"BOOL": True}, "v": {"NULL": True}}) == 4
    assert taille({"m": {"M": {"a": {"S": "x"}}}}) == 1 + 3 + 1 + 1 + 1
    assert taille({"l": {"L": [{"S": "x"}, {"S": "y"}]}}) == 1 + 3 + 2 * 2


def test_une_ecriture_se_paie_au_ko_entier_double_en_transaction_avec_ses_index(exterieur: Exterieur) -> None:
    demandes = wiring.demandes()
    with mesurer_ecritures() as ecrites:
        demandes.creer(brouillon(brouillon_adresse={"nom_voie": "x" * KO}))
        demandes.transiter(brouillon(), changement(oter=("veille", "veille_le", "brouillon_adresse")))
    creation, retrait, entree = ecrites
    assert (creation.operation, creation.wru, creation.index) == ("PutItem", 2, 2), "two indexes enter"
    assert (retrait.operation, retrait.wru, retrait.index) == ("TransactWriteItems/Update", 4, 1), "the watch leaves"
    assert (entree.operation, entree.wru, entree.index) == ("TransactWriteItems/Put", 2, 0)
    assert total(ecrites) == 11
