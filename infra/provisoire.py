"""Temporary: package what exists while modules of GROUPES are still being written."""

import json
import re
import subprocess
import sys
from pathlib import Path

RACINE = Path(__file__).parents[1]


def filtrer(source: Path) -> None:
    app = source / "app.py"
    texte = app.read_text()
    bloc = re.search(r"GROUPES = \((.*?)\n\)", texte, re.S)
    groupes = re.findall(r'"([\w.]+)"', bloc[1])
    code = (
        "import importlib,json,sys,os\nsys.path.insert(0,sys.argv[1])\nok=[]\n"
        "for g in sys.argv[2:]:\n"
        "    try:\n        m=importlib.import_module('chalicelib.'+g)\n"
        "        assert hasattr(m,'bp') and hasattr(m,'FONCTION')\n        ok.append(g)\n"
        "    except ModuleNotFoundError as e:\n        print('PROVISOIRE absent', g, e.name, file=sys.stderr)\n"
        "    except BaseException as e:\n        print('PROVISOIRE cassé', g, repr(e)[:300], file=sys.stderr)\n"
        "print(json.dumps(ok))"
    )
    r = subprocess.run([sys.executable, "-c", code, str(source), *groupes], capture_output=True, text=True, cwd=source)
    casses = [l for l in r.stderr.splitlines() if "cassé" in l]
    absents = [l.split()[2] for l in r.stderr.splitlines() if "absent" in l]
    print("\n".join(casses + [f"PROVISOIRE absents: {absents}"]), flush=True)
    ok = json.loads(r.stdout.splitlines()[-1])
    app.write_text(texte.replace(bloc[0], "GROUPES = (" + "".join(f'"{g}", ' for g in ok) + ")"))


def retirer(ressources, groupes, outputs):
    from infra.politiques import camel

    prevus = re.findall(r'"([\w.]+)"', re.search(r"GROUPES = \((.*?)\n\)", (RACINE / "app.py").read_text(), re.S)[1])
    absents = {camel(g) for g in prevus} - {camel(g) for g in groupes}
    for nom, r in list(ressources.items()):
        if any(f'"{a}"' in json.dumps(r) for a in absents):
            ressources.pop(nom)
    if "MachineDemande" in ressources and (
        not (asl := RACINE / "infra/demande.asl.json").exists() or any(a in asl.read_text() for a in absents)
    ):
        (RACINE / "build/demande.asl.json").write_text('{"StartAt":"Fin","States":{"Fin":{"Type":"Succeed"}}}')
        ressources["MachineDemande"]["Properties"]["DefinitionS3Location"] = "../build/demande.asl.json"
    return absents
