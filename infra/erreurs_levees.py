"""Which errors of ours the functions of a module may let out, read from the source: what a Retry has to name.

Calls are followed by name, through what the module imports and what the functions reached import themselves: it may
find more than what really happens, not less. A ``try`` keeps what its handlers name, and the classes under it.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

PAQUET = Path(__file__).parents[1] / "chalicelib"
_PRIMITIVES = {"Exception", "ValueError", "RuntimeError"}

Index = dict[str, set[ast.FunctionDef]]
Sorties = dict[ast.FunctionDef, set[str]]


class Source:
    """The package ``paquet``, parsed."""

    def __init__(self, paquet: Path = PAQUET) -> None:
        self._modules = {
            ".".join(fichier.relative_to(paquet.parent).with_suffix("").parts): ast.parse(fichier.read_text())
            for fichier in paquet.rglob("*.py")
        }

    @cached_property
    def erreurs(self) -> dict[str, set[str]]:
        """Each exception class, with itself and those that it descends from."""
        classes = [n for module in self._modules.values() for n in ast.walk(module) if isinstance(n, ast.ClassDef)]
        bases = {classe.name: {nom for base in classe.bases for nom in _noms(base)} for classe in classes}

        def lignee(nom: str) -> set[str]:
            return {nom}.union(*(lignee(base) for base in bases.get(nom, ())))

        return {nom: lignee(nom) for nom in bases if lignee(nom) & _PRIMITIVES}

    def sous(self, *ancetres: str) -> set[str]:
        """The classes ``ancetres`` and those under them."""
        return {nom for nom, lignee in self.erreurs.items() if lignee & set(ancetres)}

    def levees(self, module: str) -> set[str]:
        """The classes of ours that the functions of ``module`` may let out."""
        index = self._atteintes(module)
        sorties: Sorties = defaultdict(set)
        while True:
            avant = {fonction: set(noms) for fonction, noms in sorties.items()}
            for fonction in set().union(*index.values()):
                sorties[fonction] = self._bloc(fonction.body, index, sorties, set())
            if sorties == avant:
                break
        return set().union(*(sorties[fonction] for _, fonction in _fonctions(self._modules[module])))

    def _atteintes(self, module: str) -> Index:
        """The functions that those of ``module`` may reach, by the name that calls them."""
        portee = self._charges({module})
        index: Index = {
            nom: {f for n, f in _fonctions(self._modules[module]) if n == nom}
            for nom, _ in _fonctions(self._modules[module])
        }
        while True:
            corps = set().union(*index.values())
            appels = set().union(*(_noms(fonction) for fonction in corps))
            portee |= self._charges(set().union(*(_importes(fonction) for fonction in corps)))
            trouvees: Index = defaultdict(set)
            for nom, fonction in (paire for m in portee for paire in _fonctions(self._modules[m])):
                if nom in appels or fonction in corps:
                    trouvees[nom].add(fonction)
            if trouvees == index:
                return index
            index = trouvees

    def _charges(self, modules: set[str]) -> set[str]:
        """``modules`` of the package, and all that they import as they load."""
        vus: set[str] = set()
        a_voir = modules & set(self._modules)
        while a_voir:
            vus |= a_voir
            importes = set().union(*(_importes(n) for nom in a_voir for n in _hors_fonctions(self._modules[nom])))
            a_voir = (importes & set(self._modules)) - vus
        return vus

    def _bloc(self, noeuds: list[ast.stmt], index: Index, sorties: Sorties, reprises: set[str]) -> set[str]:
        return set().union(*(self._sorties(noeud, index, sorties, reprises) for noeud in noeuds))

    def _sorties(self, noeud: ast.AST, index: Index, sorties: Sorties, reprises: set[str]) -> set[str]:
        """What ``noeud`` lets out; ``reprises`` is what the handler around it has caught."""
        match noeud:
            case ast.FunctionDef() | ast.ClassDef():
                return set()
            case ast.Try():
                dehors = self._bloc(noeud.body, index, sorties, reprises)
                suite = self._bloc([*noeud.orelse, *noeud.finalbody], index, sorties, reprises)
                for issue in noeud.handlers:
                    types = _noms(issue.type) if issue.type else {"Exception"}
                    gardees = {nom for nom in dehors if self.erreurs[nom] & types}
                    dehors -= gardees
                    suite |= self._bloc(issue.body, index, sorties, gardees)
                return dehors | suite
            case ast.Raise(exc=None):
                return reprises
            case ast.Raise():
                levees = _noms(noeud) & set(self.erreurs)
            case ast.Name(id=nom) | ast.Attribute(attr=nom):
                levees = set().union(*(sorties[fonction] for fonction in index.get(nom, ())))
            case _:
                levees = set()
        enfants = (self._sorties(enfant, index, sorties, reprises) for enfant in ast.iter_child_nodes(noeud))
        return levees.union(*enfants)


def _noms(noeud: ast.AST) -> set[str]:
    """Every name that ``noeud`` uses, alone or after a dot."""
    noms = {n.id for n in ast.walk(noeud) if isinstance(n, ast.Name)}
    return noms | {n.attr for n in ast.walk(noeud) if isinstance(n, ast.Attribute)}


def _fonctions(module: ast.AST, classe: str = "") -> Iterator[tuple[str, ast.FunctionDef]]:
    """The functions of ``module`` by the name that calls them: for ``__init__`` and its like, that of their class."""
    for noeud in ast.iter_child_nodes(module):
        match noeud:
            case ast.FunctionDef(name=nom):
                yield classe if classe and nom.startswith("__") else nom, noeud
                yield from _fonctions(noeud)
            case ast.ClassDef(name=nom):
                yield from _fonctions(noeud, nom)
            case _:
                yield from _fonctions(noeud, classe)


def _importes(noeud: ast.AST) -> set[str]:
    """The modules that ``noeud`` names in its imports: ``from a.b import c`` may mean a.b or a.b.c."""
    noms: set[str] = set()
    for n in ast.walk(noeud):
        if isinstance(n, ast.ImportFrom) and n.module:
            noms |= {n.module, *(f"{n.module}.{alias.name}" for alias in n.names)}
        elif isinstance(n, ast.Import):
            noms |= {alias.name for alias in n.names}
    return noms


def _hors_fonctions(noeud: ast.AST) -> Iterator[ast.stmt]:
    """The statements that run as a module loads."""
    for enfant in ast.iter_child_nodes(noeud):
        if isinstance(enfant, ast.stmt) and not isinstance(enfant, ast.FunctionDef):
            yield enfant
