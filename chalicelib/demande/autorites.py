"""The code autorité of a préfecture (DOMAIN §7), and how to reach its service.

In the deck's own example 543 is Nancy's arrondissement, the one that holds the chef-lieu of the département 54. So the
code autorité of a préfecture is the code of that arrondissement.
"""

from collections.abc import Mapping
from dataclasses import dataclass

# Départements d'outre-mer and collectivités have three characters, the others (2A and 2B included) two.
_OUTRE_MER = ("97", "98")


def departement_de_la_commune(code: str) -> str:
    """The département of a commune, read in its INSEE ``code``: 54395 -> 54, 2A004 -> 2A, 97105 -> 971."""
    return code[:3] if code.startswith(_OUTRE_MER) else code[:2]


def code_autorite(chef_lieu: str, arrondissement_des_communes: Mapping[str, str]) -> str | None:
    """The code of the arrondissement that holds ``chef_lieu`` (INSEE codes); None where there is no arrondissement."""
    return arrondissement_des_communes.get(chef_lieu) or None


@dataclass(frozen=True)
class Service:
    """The service in charge of a demande, as an acknowledgement of receipt names it (CRPA R112-5, 2°)."""

    nom: str
    adresse: tuple[str, ...]
    telephone: str
    courriel: str


def service_charge(code: str, nom: str) -> Service:
    """The service of the autorité ``code``, whose usual name is ``nom``.

    *Convention*: no source at hand gives the address of each service. One mail centre sorts by the code (as for the
    talons), one number answers for all, and the domain of the mail is reserved for examples: all three are to be
    replaced here, and only here, before the service opens.
    """
    return Service(
        nom=nom,
        adresse=("Permis de conduire en ligne", nom, f"Service {code} - TSA 00543", "54000 NANCY CEDEX"),
        telephone="34 00",
        courriel=f"service-{code.lower()}@permis-de-conduire.example",
    )
