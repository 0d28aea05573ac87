"""From a module's ``FONCTION`` to its environment and its IAM policy; from a state machine to its role's policy.

Pure: dicts in, dicts out. A resource that no one knows is an error here, at build time, and says where it is written.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the build imports the application from the copy it packages, and only there
    from chalicelib.fonctions import Fonction

Modele = dict[str, Any]

SERVICES = {
    "table": "dynamodb",
    "bucket": "s3",
    "topic": "sns",
    "queue": "sqs",
    "machine": "states",
    "key": "kms",
    "mail": "ses",
    "sms": "sns",
}
# These actions are on an execution of the machine, not on the machine.
_SUR_EXECUTION = {"DescribeExecution", "StopExecution", "GetExecutionHistory"}
_ASL_DYNAMODB = re.compile(r"^arn:aws:states:::(?:aws-sdk:)?dynamodb:(\w+?)(?:\.waitForTaskToken)?$")
_REFERENCE = re.compile(r"\$\{(\w+)\}")


class RegleInconnue(ValueError):
    """A ``FONCTION``, a state machine or a template names something that the build cannot resolve."""


def identifiant(genre: str, nom: str) -> str:
    """The logical id of a resource: ``("table", "demandes")`` -> ``TableDemandes``."""
    return genre.capitalize() + camel(nom)


def camel(nom: str) -> str:
    """``steps.etat_civil`` -> ``StepsEtatCivil``; also ``CLE_JETONS`` -> ``CleJetons``."""
    return "".join(mot.capitalize() for mot in re.split(r"[^A-Za-z0-9]+", nom))


def environnement(fonction: "Fonction", parametres: Mapping[str, Any], ressources: Mapping[str, Any]) -> dict[str, Any]:
    """The variables that ``fonction`` asked for: its resources' names, and the template's parameters it lists."""
    if isinstance(fonction.variables, str):
        raise RegleInconnue(f"variables = {fonction.variables!r} : il manque la virgule du tuple d'un seul élément")
    variables: dict[str, Any] = {}
    for ressource in fonction.droits:
        genre, nom, _ = _decouper(ressource)
        if genre not in ("mail", "sms"):
            logique = identifiant(genre, nom)
            valeur = _arn_machine(ressources, logique) if genre == "machine" else {"Ref": logique}
            variables[f"{genre}_{nom}".upper().replace("-", "_")] = valeur
    for variable in fonction.variables:
        if camel(variable) not in parametres:
            raise RegleInconnue(f"variable {variable} : pas de paramètre {camel(variable)} dans infra/resources.json")
        variables[variable] = {"Ref": camel(variable)}
    return variables


def politique(fonction: "Fonction", ressources: Mapping[str, Any]) -> list[Modele]:
    """The IAM statements of ``fonction``: one per resource it names, its actions and nothing else."""
    return [_enonce(ressource, actions, ressources) for ressource, actions in sorted(fonction.droits.items())]


def _decouper(ressource: str) -> tuple[str, str, str]:
    """``table:demandes/index/par_usager`` -> (``table``, ``demandes``, ``/index/par_usager``)."""
    genre, deux_points, suite = ressource.partition(":")
    if not deux_points or genre not in SERVICES:
        raise RegleInconnue(f"ressource {ressource!r} : le genre doit être l'un de {', '.join(SERVICES)}")
    nom, barre, reste = suite.partition("/")
    return genre, nom, barre + reste


def _enonce(ressource: str, actions: tuple[str, ...], ressources: Mapping[str, Any]) -> Modele:
    genre, nom, reste = _decouper(ressource)
    if not actions or any("*" in action for action in actions):
        raise RegleInconnue(f"ressource {ressource!r} : il faut nommer des actions, sans « * »")
    enonce: Modele = {"Effect": "Allow", "Action": sorted(f"{SERVICES[genre]}:{action}" for action in actions)}
    if genre == "sms":
        # AWS demands "*" to publish to a phone number; this form leaves every topic out.
        return enonce | {"NotResource": "arn:aws:sns:*:*:*"}
    if genre == "mail":
        cible = "configuration-set/${SuiviMails}" if nom == "suivi" else "identity/${IdentiteExpediteur}"
        return enonce | {"Resource": {"Fn::Sub": "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:" + cible}}
    logique = identifiant(genre, nom)
    if logique not in ressources:
        raise RegleInconnue(f"ressource {ressource!r} : pas de {logique} dans infra/resources.json")
    if genre == "machine":
        executions = [action for action in actions if action in _SUR_EXECUTION]
        if executions and len(executions) < len(actions):
            raise RegleInconnue(
                f"ressource {ressource!r} : {', '.join(executions)} à mettre sous machine:{nom}/executions"
            )
        if reste == "/executions":
            return enonce | {"Resource": _arn_machine(ressources, logique, "execution", ":*")}
        return enonce | {"Resource": _arn_machine(ressources, logique)}
    if genre == "topic":
        return enonce | {"Resource": {"Ref": logique}}
    if reste:
        return enonce | {"Resource": {"Fn::Sub": f"${{{logique}.Arn}}{reste}"}}
    return enonce | {"Resource": {"Fn::GetAtt": [logique, "Arn"]}}


def _arn_machine(ressources: Mapping[str, Any], logique: str, genre: str = "stateMachine", suite: str = "") -> Modele:
    """By its name, not by reference: a function that the machine invokes may start another execution of it."""
    if logique not in ressources:
        raise RegleInconnue(f"pas de {logique} dans infra/resources.json")
    nom = ressources[logique]["Properties"]["StateMachineName"]["Fn::Sub"]
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:states:${{AWS::Region}}:${{AWS::AccountId}}:{genre}:{nom}{suite}"}


def politique_source(source: Modele) -> list[Modele]:
    """What Lambda itself needs, under the function's role, to read an event source mapping and report what it drops."""
    proprietes = source["Properties"]
    arn = proprietes["EventSourceArn"]
    if arn["Fn::GetAtt"][1] == "StreamArn":
        actions = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"]
        echecs = proprietes["DestinationConfig"]["OnFailure"]["Destination"]
        return [
            {"Effect": "Allow", "Action": actions, "Resource": arn},
            # AWS demands "*" here: the list of streams has no resource of its own.
            {"Effect": "Allow", "Action": ["dynamodb:ListStreams"], "Resource": "*"},
            {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": echecs},
        ]
    actions = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
    return [{"Effect": "Allow", "Action": actions, "Resource": arn}]


def substitutions(definition: str, ressources: Mapping[str, Any]) -> dict[str, Any]:
    """``${LogicalId}`` of a state machine's text -> the function's ARN, or the resource's name."""
    valeurs: dict[str, Any] = {}
    for nom in sorted(set(_REFERENCE.findall(definition))):
        if nom not in ressources:
            raise RegleInconnue(f"${{{nom}}} dans la machine à états : aucune ressource de ce nom")
        fonction = ressources[nom]["Type"] in ("AWS::Serverless::Function", "AWS::Lambda::Function")
        valeurs[nom] = {"Fn::GetAtt": [nom, "Arn"]} if fonction else {"Ref": nom}
    return valeurs


def politique_machine(definition: str) -> list[Modele]:
    """The statements of a state machine's role: exactly the calls its Task states make."""
    droits: dict[tuple[str, str], Modele] = {}
    for etat in _taches(json.loads(definition)):
        ressource, parametres = etat["Resource"], etat.get("Parameters") or etat.get("Arguments") or {}
        if "lambda:invoke" in ressource:
            ressource = parametres["FunctionName"]
        if appel := _ASL_DYNAMODB.match(ressource):
            table = _nom(parametres["TableName"])
            action = "dynamodb:" + appel[1][0].upper() + appel[1][1:]
            droits[(table, action)] = {"Fn::GetAtt": [table, "Arn"]}
        else:
            droits[(_nom(ressource), "lambda:InvokeFunction")] = {"Fn::GetAtt": [_nom(ressource), "Arn"]}
    return [{"Effect": "Allow", "Action": [action], "Resource": arn} for (_, action), arn in sorted(droits.items())]


def _nom(reference: str) -> str:
    if not (seul := _REFERENCE.fullmatch(reference)):
        raise RegleInconnue(f"machine à états : {reference!r} n'est pas un appel dont le build sait donner le droit")
    return seul[1]


def _taches(machine: Modele) -> Iterator[Modele]:
    for etat in machine["States"].values():
        if etat["Type"] == "Task":
            yield etat
        for branche in [
            *etat.get("Branches", []),
            *(etat[cle] for cle in ("Iterator", "ItemProcessor") if cle in etat),
        ]:
            yield from _taches(branche)
