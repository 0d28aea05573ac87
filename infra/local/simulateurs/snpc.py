"""The SNPC (docs/contrats/snpc.md): drivers by number or by identity, written as that register writes them."""

import json
import sqlite3
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chalicelib.demande.index import forme_de_recherche
from chalicelib.demande.ports_externes import EtatDossierSnpc, EtatDroit
from chalicelib.saisie import Saisie
from infra.local.simulateurs.socle import Pannes, lire

Texte = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Jour = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
Points = Annotated[int, Field(ge=0, le=12, strict=True)]


class DroitConnu(Saisie):
    """A category held."""

    categorie: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,3}$")]
    etat: EtatDroit = "valide"
    debut: Jour = "1975-01-01"
    fin: Jour | None = None


class Conducteur(Saisie):
    """A driver; what is not said is the commonest case: a valid licence B with all its points."""

    numero_dossier: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{6,15}$")]
    nom: Texte
    prenoms: list[Texte]
    date_naissance: Annotated[str, StringConstraints(pattern=r"^[0-9]{2}/[0-9]{2}/[0-9]{4}$")]
    sexe: Literal["F", "M"] = "M"
    etat: EtatDossierSnpc = "VALIDE"
    points: Points = 12
    points_max: Points = 12
    droits: list[DroitConnu] = [DroitConnu(categorie="B")]
    nom_epouse: Texte | None = None
    nom_usage: Texte | None = None
    commune_naissance: Texte | None = "NANCY"
    departement_naissance: Texte | None = "54"
    libelle_incoherent: Texte | None = None
    libelle_controle_impossible: Texte | None = None
    echange_etranger: Texte | None = None


class IdentiteCherchee(Saisie):
    """Who is looked for; the date may be partial."""

    nom: Texte
    prenoms: Annotated[list[Texte], Field(min_length=1, max_length=15)]
    date_naissance: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$")]


class ConsultationSnpc(Saisie):
    """POST {URL_SNPC}/consultation."""

    numero_dossier: Texte | None = None
    identite: IdentiteCherchee | None = None

    @model_validator(mode="after")
    def _une_cle(self) -> "ConsultationSnpc":
        if self.numero_dossier is None and self.identite is None:
            raise ValueError("Un numéro de dossier ou une identité est nécessaire.")
        return self


CONDUCTEURS = (
    # The deck's own rows.
    Conducteur(numero_dossier="13572A7654", nom="CORNEILLE", prenoms=["PIERRE"], date_naissance="01/01/1956"),
    Conducteur(numero_dossier="24683B8765", nom="MENARD", prenoms=["RAUL"], date_naissance="12/03/1970"),
    Conducteur(numero_dossier="35794C9876", nom="DELAUNAY", prenoms=["ANTOINE"], date_naissance="23/07/1982"),
    Conducteur(numero_dossier="46805D0987", nom="OGER", prenoms=["DAVID"], date_naissance="05/11/1965"),
    Conducteur(numero_dossier="57916E1098", nom="TESSIER", prenoms=["ETIENNE"], date_naissance="30/09/1990"),
    # Known by her birth name and by her husband's.
    Conducteur(
        numero_dossier="61027F2109",
        nom="DURAND",
        nom_epouse="MARTIN",
        prenoms=["ANNE", "MARIE"],
        date_naissance="14/02/1961",
        sexe="F",
        commune_naissance="ST DIE DES VOSGES",
        departement_naissance="88",
    ),
    # Born on a day that no register knows.
    Conducteur(
        numero_dossier="72138G3210",
        nom="BENALI",
        prenoms=["KARIM"],
        date_naissance="00/00/1956",
        commune_naissance=None,
        departement_naissance="99",
    ),
    # Accents and hyphens lost.
    Conducteur(
        numero_dossier="83249H4321",
        nom="LE GOFF LEFEVRE",
        prenoms=["JEAN BAPTISTE", "REMI"],
        date_naissance="09/06/1978",
        commune_naissance="ST ETIENNE",
        departement_naissance="42",
    ),
    Conducteur(
        numero_dossier="94350J5432",
        nom="SUSPENDU",
        prenoms=["HUGO"],
        date_naissance="17/08/1985",
        etat="SUSPENDU",
        points=4,
        droits=[DroitConnu(categorie="B", etat="suspendu"), DroitConnu(categorie="A2", fin="2031-01-01")],
    ),
    Conducteur(
        numero_dossier="15461K6543",
        nom="SANSPOINT",
        prenoms=["LUC"],
        date_naissance="21/05/1992",
        etat="INVALIDE",
        points=0,
        droits=[DroitConnu(categorie="B", etat="annule")],
    ),
    Conducteur(
        numero_dossier="26572L7654",
        nom="INCOHERENT",
        prenoms=["PAUL"],
        date_naissance="31/12/1959",
        libelle_incoherent="Deux dates de naissance différentes figurent au dossier.",
    ),
    Conducteur(
        numero_dossier="37683M8765",
        nom="INCONTROLABLE",
        prenoms=["REMI"],
        date_naissance="02/02/1968",
        libelle_controle_impossible="Dossier sur microfilm : le contrôle automatique n'est pas possible.",
    ),
    Conducteur(
        numero_dossier="48794N9876",
        nom="DIAS",
        prenoms=["JOANA"],
        date_naissance="11/10/1988",
        sexe="F",
        commune_naissance="LISBOA",
        departement_naissance="99",
        echange_etranger="PORTUGAL",
    ),
)


class SnpcSimule:
    """The register; what a test adds survives a sudden end, as the rest of the simulators' state."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base
        base.execute("CREATE TABLE IF NOT EXISTS conducteurs (numero_dossier TEXT PRIMARY KEY, corps TEXT NOT NULL)")
        for conducteur in CONDUCTEURS:
            self._ecrire("INSERT OR IGNORE", conducteur)

    def inscrire(self, conducteur: Conducteur) -> None:
        """Enter a driver, or replace him."""
        self._ecrire("INSERT OR REPLACE", conducteur)

    def _ecrire(self, comment: str, conducteur: Conducteur) -> None:
        self._base.execute(
            f"{comment} INTO conducteurs VALUES (?, ?)", (conducteur.numero_dossier, conducteur.model_dump_json())
        )

    def consulter(self, question: ConsultationSnpc) -> dict[str, Any] | None:
        """The driver asked for; None when there is none, or when the identity has several."""
        if question.numero_dossier is not None:
            trouve = self._base.execute(
                "SELECT corps FROM conducteurs WHERE numero_dossier = ?", (question.numero_dossier,)
            ).fetchone()
            if trouve is not None:
                return dict(json.loads(trouve["corps"]))
        if question.identite is None:
            return None
        tous = (json.loads(ligne["corps"]) for ligne in self._base.execute("SELECT corps FROM conducteurs"))
        trouves = [conducteur for conducteur in tous if _est(conducteur, question.identite)]
        return trouves[0] if len(trouves) == 1 else None

    def routes(self, pannes: Pannes) -> list[Route]:
        """The register's own route, which faults reach, and the local tool that enters drivers."""

        async def consulter(requete: Request) -> Response:
            dossier = self.consulter(await lire(requete, ConsultationSnpc))
            if dossier is None:
                return JSONResponse({"resultat": "introuvable"})
            return JSONResponse({"resultat": "trouve", "dossier": dossier})

        async def inscrire(requete: Request) -> Response:
            conducteur = await lire(requete, Conducteur)
            self.inscrire(conducteur)
            return JSONResponse({"numero_dossier": conducteur.numero_dossier})

        return [
            Route("/dev/snpc/consultation", pannes.subir("snpc", consulter), methods=["POST"]),
            Route("/dev/snpc/conducteurs", inscrire, methods=["POST"]),
        ]


def _est(conducteur: dict[str, Any], cherchee: IdentiteCherchee) -> bool:
    noms = {_forme(conducteur[champ]) for champ in ("nom", "nom_epouse", "nom_usage") if conducteur[champ]}
    jour, mois, annee = conducteur["date_naissance"].split("/")
    connue = [annee, *([mois] if mois != "00" else []), *([jour] if "00" not in (mois, jour) else [])]
    dates_compatibles = all(un == autre for un, autre in zip(connue, cherchee.date_naissance.split("-"), strict=False))
    # The first word: the SNPC does not tell a compound prénom from two.
    premiers = {forme_de_recherche(" ".join(p)).partition(" ")[0] for p in (conducteur["prenoms"], cherchee.prenoms)}
    return _forme(cherchee.nom) in noms and dates_compatibles and len(premiers) == 1


def _forme(texte: str) -> str:
    return forme_de_recherche(texte).replace(" ", "")
