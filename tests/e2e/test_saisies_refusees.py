"""Bad input for every field of every step and account action: 422, the field named, a French sentence, nothing lost."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from demo.client import Client, Demande
from demo.parcours import ETAT_CIVIL
from tests.e2e.acteurs import Usager
from tests.e2e.outils import ADRESSE, OCTETS_MAX, verifier_probleme

ABSENT = object()
LONG = "x" * 10_000
CHIFFRES_ARABES = "١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦"
ANNEE_PROCHAINE = datetime.now(UTC).year + 1
DANS_LE_FUTUR = (str(ANNEE_PROCHAINE), f"{ANNEE_PROCHAINE}-01-01", "9999-12-31")

VIDES: tuple[Any, ...] = (ABSENT, None, "")
PAS_UN_TEXTE: tuple[Any, ...] = (42, True, ["x"], {"x": 1})
ILLISIBLES: tuple[Any, ...] = ("Du\x00pont", "Du\u202epont", "Du\x07pont", LONG)
PAS_UN_NOM: tuple[Any, ...] = (*ILLISIBLES, "D0upont", "<b>Dupont</b>", "😀", "-", "'")
PAS_UN_COURRIEL: tuple[Any, ...] = (
    *ILLISIBLES,
    "pierre",
    "pierre@",
    "@exemple.fr",
    "pierre@exemple",
    "a b@exemple.fr",
    "a@b@exemple.fr",
    "pierre@exemple.fr\r\nBcc: autre@exemple.fr",
)
PAS_UN_TELEPHONE: tuple[Any, ...] = (
    *ILLISIBLES,
    "06",
    "abcdefghij",
    "06123456789",
    "0012345678",
    "06" + CHIFFRES_ARABES[:8],
)
PAS_SIX_CHIFFRES: tuple[Any, ...] = (
    "12345",
    "1234567",
    "abcdef",
    "12 456",
    CHIFFRES_ARABES[:6],
    LONG,
    123456,
    ["123456"],
)

Cas = tuple[str, Any, str]


def _cas(champ: str, *series: tuple[Any, ...]) -> Iterator[Cas]:
    """(where the value goes, the value, the field that the answer must name)."""
    for serie in series:
        for valeur in serie:
            yield champ, valeur, champ


@dataclass(frozen=True)
class Action:
    """A call, a body that is right, and what must be refused in it."""

    nom: str
    methode: str
    chemin: str
    juste: dict[str, Any]
    refuses: tuple[Cas, ...]


ETAT_CIVIL_REFUSE: tuple[Cas, ...] = (
    *_cas("nom_naissance", VIDES, ("   ",), PAS_UN_TEXTE, PAS_UN_NOM),
    *_cas("nom_usage", PAS_UN_TEXTE, PAS_UN_NOM),
    *_cas("sexe", VIDES, PAS_UN_TEXTE, ("X", "m", "Masculin", "😀", LONG)),
    *_cas("prenoms", (ABSENT, None, [], "Pierre", 42, {"0": "Pierre"}, ["Pierre"] * 1000)),
    *(("prenoms", [valeur], "prenoms.0") for valeur in ("", None, 42, ["Jean"], *PAS_UN_NOM)),
    ("prenoms", ["Pierre", "P1erre"], "prenoms.1"),
    *_cas("date_naissance", VIDES, PAS_UN_TEXTE, ("01/01/1956", "1956-13", "1956-02-30", "1957-02-29", "1956-00-00")),
    *_cas("date_naissance", ("56", "1956-1-1", "1956-01-01T00:00:00", "0000", "0001-01-01", "-1956", LONG, "😀")),
    *_cas("date_naissance", (CHIFFRES_ARABES[:4], *DANS_LE_FUTUR)),
    *_cas("lieu_naissance", (ABSENT, None, "", "Nancy", 54, [], {}, ["Nancy", "54"])),
    ("lieu_naissance", {"commune": "Nancy"}, "lieu_naissance.departement"),
    ("lieu_naissance", {"departement": "54"}, "lieu_naissance.commune"),
    ("lieu_naissance", {"pays": "Belgique"}, "lieu_naissance.ville"),
    ("lieu_naissance", {"ville": "Namur"}, "lieu_naissance.pays"),
    ("lieu_naissance", {"commune": "Nancy", "departement": "54", "ville": "Namur"}, "lieu_naissance"),
    *(("lieu_naissance.commune", valeur, "lieu_naissance.commune") for valeur in ("", None, 42, *ILLISIBLES)),
    *(
        ("lieu_naissance.departement", valeur, "lieu_naissance.departement")
        for valeur in ("", None, 54, "5", "999", "00", "2C", "Meurthe", CHIFFRES_ARABES[:2], LONG)
    ),
    *(("lieu_naissance", {"pays": valeur, "ville": "Namur"}, "lieu_naissance.pays") for valeur in ("", None, 42, LONG)),
    *(("lieu_naissance", {"pays": "Belgique", "ville": valeur}, "lieu_naissance.ville") for valeur in ("", 42, LONG)),
    *_cas("neph", PAS_UN_TEXTE, ("123", "1" * 13, "12345678901A", CHIFFRES_ARABES[:12], "😀", LONG)),
    *_cas("numero_dossier", PAS_UN_TEXTE, ("abc def", "é" * 10, CHIFFRES_ARABES[:8], "😀", LONG)),
    *_cas("nom_epouse", ("Corneille",)),
)
ADRESSE_REFUSEE: tuple[Cas, ...] = (
    *_cas("numero", PAS_UN_TEXTE, ILLISIBLES),
    *_cas("extension", PAS_UN_TEXTE, ILLISIBLES),
    *_cas("type_voie", PAS_UN_TEXTE, ILLISIBLES),
    *_cas("nom_voie", VIDES, ("   ",), PAS_UN_TEXTE, ILLISIBLES),
    *_cas("complement", PAS_UN_TEXTE, ILLISIBLES),
    *_cas("code_postal", VIDES, PAS_UN_TEXTE, ("5400", "540000", "ABCDE", "54 00", CHIFFRES_ARABES[:5], 54000, LONG)),
    *_cas("commune", VIDES, PAS_UN_TEXTE, ILLISIBLES),
    *_cas("prefecture", VIDES, PAS_UN_TEXTE, ("Nancy", "999999", "000", CHIFFRES_ARABES[:3], 543, LONG)),
    *_cas("email", VIDES, PAS_UN_TEXTE, PAS_UN_COURRIEL),
    *_cas("telephone", PAS_UN_TEXTE, PAS_UN_TELEPHONE, ("0383000000", 612345678)),
    *_cas("reutilisation_donnees", (ABSENT, None, "", "oui", "true", 1, 0, [True])),
    *_cas("pays", ("France",)),
)
PHOTO_REFUSEE: tuple[Cas, ...] = (
    *_cas("mode", VIDES, PAS_UN_TEXTE, ("papier", "Numerique", "😀", LONG)),
    *_cas(
        "code", PAS_UN_TEXTE, ("court", "A" * 21, "A" * 23, "!" * 22, "é" * 22, CHIFFRES_ARABES + "123456", "😀", LONG)
    ),
    *_cas("signature", ("oui",)),
)
MOTIF_REFUSE: tuple[Cas, ...] = (
    *_cas("motif", VIDES, PAS_UN_TEXTE, ("voler", "Perte", "perte ou vol", "😀", LONG)),
    *_cas("phrase", ("x",)),
)
PIECE_REFUSEE: tuple[Cas, ...] = (
    *_cas("type", VIDES, PAS_UN_TEXTE, ("passeport", "recepisse_vol", "😀", LONG)),
    *_cas("nom_fichier", VIDES, PAS_UN_TEXTE, ILLISIBLES),
    *_cas("taille", (ABSENT, None, "", "mille", 0, -1, 1.5, OCTETS_MAX + 1, 10**30, True, [1000])),
    *_cas("mime", VIDES, PAS_UN_TEXTE, ("text/html", "image/svg+xml", "image", "application/x-msdownload", LONG)),
    *_cas("piece_id", ("choisi-par-moi",)),
)
COMPTE: dict[str, Any] = {
    "identifiant": "jamais.cree",
    "mot_de_passe": "Horace-1640-Cinna-1641",
    "profil": "usager",
    "prenom": "Pierre",
    "nom": "Corneille",
    "email": "jamais.cree@exemple.fr",
    "sexe": "M",
    "telephone": "0612345678",
    "question_secrete": "Première tragédie ?",
    "reponse_secrete": "Médée",
    "cgu_acceptees": True,
    "anti_robot": "cGFzIHVuZSBzb2x1dGlvbg==",
}

PAR_DEMANDE = (
    Action("motif", "PUT", "/api/demandes/{id}/motif", {"motif": "perte"}, MOTIF_REFUSE),
    Action("etat-civil", "PUT", "/api/demandes/{id}/etat-civil", ETAT_CIVIL, ETAT_CIVIL_REFUSE),
    Action("adresse", "PUT", "/api/demandes/{id}/adresse", ADRESSE, ADRESSE_REFUSEE),
    Action("photo-signature", "PUT", "/api/demandes/{id}/photo-signature", {"mode": "numerique"}, PHOTO_REFUSEE),
    Action(
        "photo-talon",
        "PUT",
        "/api/demandes/{id}/photo-signature",
        {"mode": "talon"},
        (("code", "A1B2C3D4E5F6G7H8J9K0L1", "code"),),
    ),
    Action(
        "piece",
        "POST",
        "/api/demandes/{id}/pieces",
        {"type": "identite", "nom_fichier": "carte.jpg", "taille": 1000, "mime": "image/jpeg"},
        PIECE_REFUSEE,
    ),
    Action(
        "achat",
        "POST",
        "/api/demandes/{id}/paiement",
        {"url_retour": "http://127.0.0.1:8080/"},
        (
            *_cas("url_retour", VIDES, PAS_UN_TEXTE, ILLISIBLES),
            *_cas("url_retour", ("pas une url", "javascript:alert(1)", "data:text/html,x", "ftp://exemple.fr/")),
            *_cas("montant_centimes", (1,)),
        ),
    ),
    Action(
        "timbre",
        "PUT",
        "/api/demandes/{id}/paiement",
        {"numero_timbre": "1234567890123456"},
        (
            *_cas("numero_timbre", VIDES, PAS_UN_TEXTE, ("123", "1" * 15, "1" * 17, "123456789012345A", LONG)),
            *_cas("numero_timbre", (CHIFFRES_ARABES, 1234567890123456)),
            *_cas("montant_centimes", (2500,)),
        ),
    ),
    Action(
        "confirmation",
        "POST",
        "/api/demandes/{id}/confirmation",
        {"attestation": True},
        (
            *_cas("attestation", (ABSENT, None, False, "", "true", "oui", 1, [True])),
            *_cas("numero", ("12345678901234567890123",)),
        ),
    ),
)
PUBLIQUES = (
    Action("nouvelle demande", "POST", "/api/demandes", {"motif": "perte"}, MOTIF_REFUSE),
    Action(
        "compte",
        "POST",
        "/api/comptes",
        COMPTE,
        (
            *_cas("identifiant", VIDES, PAS_UN_TEXTE, ILLISIBLES, ("a b", "😀😀😀😀😀", "<script>")),
            *_cas("mot_de_passe", VIDES, PAS_UN_TEXTE, ("court", "a" * 30, "123456789012", LONG)),
            *_cas("profil", VIDES, PAS_UN_TEXTE, ("agent", "chef", "ecole", LONG)),
            *_cas("prenom", VIDES, PAS_UN_TEXTE, PAS_UN_NOM),
            *_cas("nom", VIDES, PAS_UN_TEXTE, PAS_UN_NOM),
            *_cas("email", VIDES, PAS_UN_TEXTE, PAS_UN_COURRIEL),
            *_cas("sexe", VIDES, PAS_UN_TEXTE, ("X", "m", LONG)),
            *_cas("telephone", VIDES, PAS_UN_TEXTE, PAS_UN_TELEPHONE),
            *_cas("question_secrete", VIDES, PAS_UN_TEXTE, ILLISIBLES),
            *_cas("reponse_secrete", VIDES, PAS_UN_TEXTE, ILLISIBLES),
            *_cas("cgu_acceptees", (ABSENT, None, False, "", "true", 1)),
            *_cas("anti_robot", VIDES, PAS_UN_TEXTE, ("pas du base64 !", "e30=", "bnVsbA==", "W10=", "//79", LONG)),
            *_cas("role", ("agent",)),
        ),
    ),
    Action(
        "activation",
        "POST",
        "/api/comptes/activation",
        {"identifiant": "jamais.cree", "code": "123456"},
        (
            *_cas("identifiant", VIDES, PAS_UN_TEXTE, (LONG,)),
            *_cas("code", VIDES, PAS_UN_TEXTE, PAS_SIX_CHIFFRES),
            *_cas("email", ("pierre@exemple.fr",)),
        ),
    ),
    Action(
        "renvoi du code",
        "POST",
        "/api/comptes/activation/renvoi",
        {"identifiant": "jamais.cree", "anti_robot": "e30="},
        (*_cas("identifiant", VIDES, PAS_UN_TEXTE, (LONG,)), *_cas("anti_robot", VIDES, PAS_UN_TEXTE, ("e30=", LONG))),
    ),
    Action(
        "connexion",
        "POST",
        "/api/sessions",
        {"identifiant": "jamais.cree", "mot_de_passe": "Horace-1640"},
        (
            *_cas("identifiant", VIDES, PAS_UN_TEXTE, (LONG,)),
            *_cas("mot_de_passe", VIDES, PAS_UN_TEXTE, (LONG,)),
            *_cas("profil", ("agent",)),
        ),
    ),
    Action(
        "identifiant oublié",
        "POST",
        "/api/comptes/identifiant-oublie",
        {"email": "jamais.cree@exemple.fr", "anti_robot": "e30="},
        (*_cas("email", VIDES, PAS_UN_TEXTE, PAS_UN_COURRIEL), *_cas("anti_robot", VIDES, PAS_UN_TEXTE, ("e30=",))),
    ),
    Action(
        "mot de passe oublié",
        "POST",
        "/api/comptes/mot-de-passe-oublie",
        {"identifiant": "jamais.cree", "anti_robot": "e30="},
        (*_cas("identifiant", VIDES, PAS_UN_TEXTE, (LONG,)), *_cas("anti_robot", VIDES, PAS_UN_TEXTE, ("e30=",))),
    ),
    Action(
        "nouveau mot de passe",
        "POST",
        "/api/comptes/mot-de-passe",
        {
            "identifiant": "jamais.cree",
            "code": "123456",
            "reponse_secrete": "Médée",
            "nouveau_mot_de_passe": "Horace-1640-Cinna",
        },
        (
            *_cas("identifiant", VIDES, PAS_UN_TEXTE, (LONG,)),
            *_cas("code", VIDES, PAS_UN_TEXTE, PAS_SIX_CHIFFRES),
            *_cas("reponse_secrete", PAS_UN_TEXTE, (LONG,)),
            *_cas("nouveau_mot_de_passe", VIDES, PAS_UN_TEXTE, ("court", "a" * 30, LONG)),
        ),
    ),
    Action(
        "profil",
        "PUT",
        "/api/comptes/moi",
        {},
        (
            *_cas("prenom", PAS_UN_TEXTE, PAS_UN_NOM),
            *_cas("nom", PAS_UN_TEXTE, PAS_UN_NOM),
            *_cas("sexe", PAS_UN_TEXTE, ("X", LONG)),
            *_cas("email", PAS_UN_TEXTE, PAS_UN_COURRIEL),
            *_cas("telephone", PAS_UN_TEXTE, PAS_UN_TELEPHONE),
            *_cas("question_secrete", PAS_UN_TEXTE, ILLISIBLES),
            *_cas("identifiant", ("un.autre",)),
            *_cas("role", ("agent",)),
        ),
    ),
)


def _nommer(valeur: Any) -> str:
    if valeur is ABSENT:
        return "absent"
    texte = ascii(valeur)
    return texte if len(texte) <= 40 else f"{texte[:30]}...({len(texte)})"


def _parametres(actions: tuple[Action, ...]) -> list[Any]:
    return [
        pytest.param(action, ou, valeur, champ, id=f"{action.nom}: {ou}={_nommer(valeur)}")
        for action in actions
        for ou, valeur, champ in action.refuses
    ]


def _corps(juste: dict[str, Any], ou: str, valeur: Any) -> dict[str, Any]:
    """``juste`` with ``valeur`` at the dotted path ``ou``, or without it."""
    corps = copy.deepcopy(juste)
    *parents, dernier = ou.split(".")
    cible = corps
    for parent in parents:
        cible = cible[parent]
    if valeur is ABSENT:
        cible.pop(dernier, None)
    else:
        cible[dernier] = valeur
    return corps


@pytest.fixture(scope="module")
def demande(client: Client) -> Demande:
    """A demande whose steps are saved: what no refusal may touch."""
    demande_id = client.creer_demande("perte")["id"]
    client.enregistrer(demande_id, "etat-civil", ETAT_CIVIL)
    client.enregistrer(demande_id, "adresse", ADRESSE)
    client.enregistrer(demande_id, "photo-signature", {"mode": "talon"})
    return client.demande(demande_id)


@pytest.mark.parametrize(("action", "ou", "valeur", "champ"), _parametres(PAR_DEMANDE))
def test_une_etape_refuse_et_nomme_le_champ(
    client: Client, demande: Demande, action: Action, ou: str, valeur: Any, champ: str
) -> None:
    chemin = action.chemin.format(id=demande["id"])
    verifier_probleme(client.brut(action.methode, chemin, _corps(action.juste, ou, valeur)), 422, champ=champ)


def _formes(refuses: tuple[Cas, ...]) -> tuple[Cas, ...]:
    """What a half step refuses too: a value given, whole, whose form is wrong (nothing absent, empty or half there).

    Whether a well-formed value makes sense (a past date, an existing préfecture) waits for the whole step.
    """
    sans: tuple[Any, ...] = (ABSENT, None, "", "   ", [], {}, "000", *DANS_LE_FUTUR)
    return tuple(cas for cas in refuses if "." not in cas[0] and cas[1] not in sans and not isinstance(cas[1], dict))


BROUILLONS = tuple(
    Action(f"brouillon {action.nom}", "PUT", f"{action.chemin}/brouillon", {}, _formes(action.refuses))
    for action in PAR_DEMANDE[:4]
)


@pytest.mark.parametrize(("action", "ou", "valeur", "champ"), _parametres(BROUILLONS))
def test_un_brouillon_verifie_la_forme(
    client: Client, demande: Demande, action: Action, ou: str, valeur: Any, champ: str
) -> None:
    chemin = action.chemin.format(id=demande["id"])
    verifier_probleme(client.brut(action.methode, chemin, _corps(action.juste, ou, valeur)), 422, champ=champ)


@pytest.fixture(scope="module", autouse=True)
def rien_n_est_perdu(request: pytest.FixtureRequest) -> Iterator[None]:
    """After all the refusals of this file: the demande and the account are as they were."""
    client: Client = request.getfixturevalue("client")
    demande: Demande = request.getfixturevalue("demande")
    profil = client.appeler("GET", "/api/comptes/moi")
    yield
    assert client.demande(demande["id"]) == demande
    assert client.appeler("GET", "/api/comptes/moi") == profil


@pytest.mark.parametrize(("action", "ou", "valeur", "champ"), _parametres(PUBLIQUES))
def test_un_compte_ou_une_session_refuse_et_nomme_le_champ(
    client: Client, action: Action, ou: str, valeur: Any, champ: str
) -> None:
    corps = _corps(action.juste, ou, valeur)
    verifier_probleme(client.brut(action.methode, action.chemin, corps), 422, champ=champ)


@pytest.mark.parametrize(
    ("chemin", "requete", "champ"),
    [
        ("/api/communes", {}, "code_postal"),
        *(("/api/communes", {"code_postal": faux}, "code_postal") for faux in ("", "5400", "abcde", "😀", LONG[:500])),
        ("/api/prefectures", {}, "departement"),
        *(("/api/prefectures", {"departement": faux}, "departement") for faux in ("", "Nancy", "😀", "5", "2C")),
        *(("/api/motifs", {"departement": faux}, "departement") for faux in ("Nancy", "😀", "5", "2C")),
    ],
)
def test_une_requete_mal_formee_nomme_le_parametre(
    anonyme: Client, chemin: str, requete: dict[str, str], champ: str
) -> None:
    verifier_probleme(anonyme.brut("GET", chemin, requete=requete), 422, champ=champ)


@pytest.mark.parametrize("version", ["abc", "-1", "1.5", "1" * 200])
def test_un_if_match_illisible_est_refuse(client: Client, demande: Demande, version: str) -> None:
    chemin = f"/api/demandes/{demande['id']}/motif"
    reponse = client.brut("PUT", chemin, {"motif": "perte"}, entetes={"If-Match": version})
    verifier_probleme(reponse, 422, champ="If-Match")


@pytest.mark.parametrize("cle", ["avec espace", "c" * 300])
def test_une_cle_d_idempotence_illisible_est_refusee(client: Client, demande: Demande, cle: str) -> None:
    chemin = f"/api/demandes/{demande['id']}/confirmation"
    reponse = client.brut("POST", chemin, {"attestation": True}, entetes={"Idempotency-Key": cle})
    verifier_probleme(reponse, 422, champ="Idempotency-Key")


# Bodies that are no object, or no JSON at all

ECRITURES = tuple(
    (a.nom, a.methode, a.chemin, a.juste) for a in (*PAR_DEMANDE, *BROUILLONS, *PUBLIQUES) if a.nom != "photo-talon"
)

CORPS_MALADES: dict[str, bytes] = {
    "vide": b"",
    "pas du JSON": b"bonjour",
    "coupe": b'{"motif": "per',
    "null": b"null",
    "tableau": b"[]",
    "texte": b'"perte"',
    "nombre": b"42",
    "booleen": b"true",
    "tableaux emboites": b"[" * 30_000 + b"]" * 30_000,
    "objets emboites": b'{"motif":' * 5_000 + b"1" + b"}" * 5_000,
    "tres long": b'{"motif": "' + b"a" * 300_000 + b'"}',
    "pas de l'UTF-8": b'{"motif": "\xff\xfe"}',
    "UTF-16": '{"motif": "perte"}'.encode("utf-16"),
    "octets nuls": b"\x00\x00\x00",
    "NaN": b'{"motif": NaN}',
    "nombre infini": b'{"motif": 1e999}',
    "demi-caractere": b'{"motif": "\\ud800"}',
    "demi-caracteres": b'{"\\ud800": "\\udfff"}',
    "nom nul": b'{"\\u0000": 1}',
    "nom emoji": '{"😀": 1}'.encode(),
    "prototype": b'{"__proto__": {"motif": "perte"}}',
    "mille champs": b"{" + b",".join(b'"c%d": 1' % rang for rang in range(1000)) + b"}",
    "formulaire": b"motif=perte",
}


@pytest.mark.parametrize(("methode", "chemin"), [pytest.param(e[1], e[2], id=e[0]) for e in ECRITURES])
def test_un_corps_malade_est_refuse_sans_panne(client: Client, demande: Demande, methode: str, chemin: str) -> None:
    for nom, octets in CORPS_MALADES.items():
        reponse = client.brut(methode, chemin.format(id=demande["id"]), contenu=octets)
        probleme = verifier_probleme(reponse, 400, 413, 422)
        assert len(reponse.content) < 200_000, nom
        assert probleme["status"] != 422 or probleme["erreurs"], nom


@pytest.mark.parametrize(("methode", "chemin", "juste"), [pytest.param(*e[1:], id=e[0]) for e in ECRITURES])
def test_un_autre_type_de_contenu_est_refuse(
    client: Client, demande: Demande, methode: str, chemin: str, juste: dict[str, Any]
) -> None:
    for type_ in (
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ):
        entetes = {"Content-Type": type_}
        verifier_probleme(client.brut(methode, chemin.format(id=demande["id"]), juste, entetes=entetes), 400, 415, 422)


@pytest.mark.parametrize("megaoctets", [7, 12])
def test_un_corps_enorme_est_refuse_sans_panne(client: Client, demande: Demande, megaoctets: int) -> None:
    octets = b'{"motif": "' + b"a" * megaoctets * 10**6 + b'"}'
    verifier_probleme(client.brut("PUT", f"/api/demandes/{demande['id']}/motif", contenu=octets), 400, 413, 422)


def test_les_erreurs_sont_toutes_dites_ensemble(client: Client, demande: Demande) -> None:
    corps = {**ETAT_CIVIL, "sexe": "X", "prenoms": ["P1erre"], "neph": "12"}
    probleme = verifier_probleme(client.brut("PUT", f"/api/demandes/{demande['id']}/etat-civil", corps), 422)
    assert {e["champ"] for e in probleme["erreurs"]} == {"sexe", "prenoms.0", "neph"}


def test_ce_qui_est_juste_mais_rare_est_accepte(usager: Usager) -> None:
    client = usager.client
    demande_id = client.creer_demande("perte")["id"]
    rare = {
        "nom_naissance": "D'Arc-Étœile  de l’Île",
        "sexe": "F",
        "prenoms": ["Anne-Zoé", "Ÿ"],
        "date_naissance": "1956",
        "lieu_naissance": {"pays": "Côte d'Ivoire", "ville": "Abidjan"},
        "neph": "",
    }
    donnees = client.enregistrer(demande_id, "etat-civil", rare)["etapes"]["etat_civil"]["donnees"]
    assert donnees["date_naissance"] == "1956"
    assert donnees["prenoms"] == rare["prenoms"]
    for date in ("1956-02", "1956-02-29"):
        lue = client.enregistrer(demande_id, "etat-civil", {**rare, "date_naissance": date})
        assert lue["etapes"]["etat_civil"]["donnees"]["date_naissance"] == date
    corse = {**rare, "lieu_naissance": {"commune": "Ajaccio", "departement": "2A"}}
    assert client.enregistrer(demande_id, "etat-civil", corse)["etapes"]["etat_civil"]["etat"] == "complete"
