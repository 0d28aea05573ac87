"""The SNPC over HTTP (docs/contrats/snpc.md)."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel, StringConstraints, model_validator

from chalicelib.adapters.http_exterieur import Distant, comprendre
from chalicelib.demande.erreurs import ServiceIndisponible
from chalicelib.demande.ports_externes import DossierSnpc, Droit, EtatDossierSnpc, EtatDroit, Identite

_Texte = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
_Jour = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
_Points = Annotated[int, Field(ge=0, le=12, strict=True)]


class _Droit(BaseModel):
    categorie: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,3}$")]
    etat: EtatDroit
    debut: _Jour
    fin: _Jour | None = None


class _Dossier(BaseModel):
    model_config = ConfigDict(extra="ignore")

    numero_dossier: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{6,15}$")]
    etat: EtatDossierSnpc
    points: _Points
    points_max: _Points
    droits: Annotated[list[_Droit], Field(max_length=30)]
    nom: _Texte
    prenoms: Annotated[list[_Texte], Field(max_length=15)]
    date_naissance: Annotated[str, StringConstraints(pattern=r"^[0-9]{2}/[0-9]{2}/[0-9]{4}$")]
    sexe: Literal["F", "M"]
    nom_epouse: _Texte | None = None
    nom_usage: _Texte | None = None
    commune_naissance: _Texte | None = None
    departement_naissance: _Texte | None = None
    libelle_incoherent: _Texte | None = None
    libelle_controle_impossible: _Texte | None = None
    echange_etranger: _Texte | None = None

    @model_validator(mode="after")
    def _coherent(self) -> "_Dossier":
        if self.points > self.points_max:
            raise ValueError("plus de points que le maximum")
        return self


class _Trouve(BaseModel):
    resultat: Literal["trouve"]
    dossier: _Dossier


class _Introuvable(BaseModel):
    resultat: Literal["introuvable"]


class _Reponse(RootModel[Annotated[_Trouve | _Introuvable, Field(discriminator="resultat")]]):
    """One driver, or none."""


class SnpcHttp:
    """The port ``Snpc``; ``base_url`` is ``URL_SNPC``."""

    def __init__(self, base_url: str) -> None:
        self._distant = Distant(base_url)

    def consulter(self, numero_dossier: str | None = None, identite: Identite | None = None) -> DossierSnpc | None:
        question: dict[str, Any] = {}
        if numero_dossier is not None:
            question["numero_dossier"] = numero_dossier
        if identite is not None:
            question["identite"] = {
                "nom": identite.nom,
                "prenoms": list(identite.prenoms),
                "date_naissance": identite.date_naissance,
            }
        if not question:
            raise ValueError("un numéro de dossier ou une identité est nécessaire")
        statut, octets = self._distant.appeler("POST", "/consultation", question)
        if statut != 200:
            raise ServiceIndisponible()
        reponse = comprendre(_Reponse, octets).root
        if isinstance(reponse, _Introuvable):
            return None
        if identite is None and reponse.dossier.numero_dossier != numero_dossier:
            # Somebody else's: worse than no answer.
            raise ServiceIndisponible()
        lu = reponse.dossier.model_dump()
        return DossierSnpc(
            **{**lu, "prenoms": tuple(lu["prenoms"]), "droits": tuple(Droit(**droit) for droit in lu["droits"])}
        )
