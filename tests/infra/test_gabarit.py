"""The template that is deployed: one owner per route, each function's rights as its module says, nothing wide open."""

import ast
import importlib
import json
import re
from typing import Any

import pytest
from chalice import Chalice

from chalicelib.fonctions import Fonction
from infra.local.runtime import RACINE
from tests.appel import charger

Modele = dict[str, Any]

# Kept whatever is done to the stack; a first deployment that fails leaves nothing that would be in the way of the next.
GARDE = ("RetainExceptOnCreate", "Retain")

GENRES = {"table": "dynamodb", "bucket": "s3", "topic": "sns", "queue": "sqs", "machine": "states", "key": "kms"}


@pytest.fixture(scope="module")
def application() -> Chalice:
    return charger()


def _groupes() -> tuple[str, ...]:
    """``GROUPES`` of app.py, read: importing it would register the blueprints a second time."""
    for noeud in ast.parse((RACINE / "app.py").read_text()).body:
        if isinstance(noeud, ast.Assign) and getattr(noeud.targets[0], "id", "") == "GROUPES":
            return tuple(ast.literal_eval(noeud.value))
    raise AssertionError("app.py n'a plus de GROUPES")


def _logique(groupe: str) -> str:
    return "".join(mot.capitalize() for mot in re.split(r"[._]", groupe))


def _fonction(groupe: str) -> Fonction:
    fonction: Fonction = importlib.import_module(f"chalicelib.{groupe}").FONCTION
    return fonction


def _de_type(modele: Modele, genre: str) -> dict[str, Modele]:
    return {nom: r["Properties"] for nom, r in modele["Resources"].items() if r["Type"] == genre}


def _enonces(modele: Modele, role: str) -> list[Modele]:
    politiques = modele["Resources"][role]["Properties"].get("Policies", [])
    return [enonce for politique in politiques for enonce in politique["PolicyDocument"]["Statement"]]


def _cible(ressource: Any) -> str:
    """``TableDemandes`` + suffix, whatever the intrinsic function."""
    if isinstance(ressource, str):
        return ressource
    if "Ref" in ressource:
        return str(ressource["Ref"])
    if "Fn::GetAtt" in ressource:
        nom, attribut = ressource["Fn::GetAtt"]
        return str(nom) if attribut == "Arn" else f"{nom}.{attribut}"
    return re.sub(r"\$\{(\w+)\.Arn\}", r"\1", str(ressource["Fn::Sub"]))


def test_une_fonction_par_groupe_et_rien_d_autre(modele: Modele) -> None:
    assert set(_de_type(modele, "AWS::Lambda::Function")) == {_logique(groupe) for groupe in _groupes()}


def test_chaque_fonction_a_son_propre_role(modele: Modele) -> None:
    roles = [json.dumps(f["Role"]) for f in _de_type(modele, "AWS::Lambda::Function").values()]
    assert len(set(roles)) == len(roles)


def test_chaque_route_a_exactement_une_fonction_celle_de_son_module(modele: Modele, application: Chalice) -> None:
    chemins = _de_type(modele, "AWS::ApiGateway::RestApi")["RestAPI"]["Body"]["paths"]
    attendues, trouvees = {}, {}
    for chemin, methodes in application.routes.items():
        for methode, entree in methodes.items():
            module = entree.view_function.__module__.removeprefix("chalicelib.")
            attendues[(chemin, methode)] = _logique(module)
    for chemin, operations in chemins.items():
        for methode, operation in operations.items():
            uri = operation["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
            trouvees[(chemin, methode.upper())] = re.findall(r"\$\{(\w+)\.Arn\}", uri)
    assert trouvees == {route: [logique] for route, logique in attendues.items()}


def test_api_gateway_n_appelle_une_fonction_que_pour_ses_routes(modele: Modele, application: Chalice) -> None:
    permissions = [
        (p["FunctionName"]["Ref"], p["SourceArn"]["Fn::Sub"].rpartition("${RestAPI}")[2])
        for p in _de_type(modele, "AWS::Lambda::Permission").values()
        if p["Principal"] == "apigateway.amazonaws.com"
    ]
    attendues = [("Autorisation", "/authorizers/*")]
    for chemin, methodes in application.routes.items():
        for methode, entree in methodes.items():
            module = entree.view_function.__module__.removeprefix("chalicelib.")
            attendues.append((_logique(module), f"/*/{methode}{re.sub(r'{[^}]+}', '*', chemin)}"))
    assert sorted(permissions) == sorted(attendues)


@pytest.mark.parametrize("groupe", [groupe for groupe in _groupes() if groupe.startswith("veille.")])
def test_une_veille_a_son_rythme_qui_seul_l_appelle(modele: Modele, groupe: str) -> None:
    logique = _logique(groupe)
    regles = {
        nom
        for nom, regle in _de_type(modele, "AWS::Events::Rule").items()
        for cible in regle["Targets"]
        if cible["Arn"] == {"Fn::GetAtt": [logique, "Arn"]}
    }
    permissions = [
        (p["Principal"], p["SourceArn"]["Fn::GetAtt"][0])
        for p in _de_type(modele, "AWS::Lambda::Permission").values()
        if p["FunctionName"] == {"Ref": logique}
    ]
    assert permissions == [("events.amazonaws.com", regle) for regle in regles]
    assert len(regles) == 1


@pytest.mark.parametrize("groupe", _groupes())
def test_les_droits_d_une_fonction_sont_ceux_de_son_module(modele: Modele, groupe: str) -> None:
    logique, attendus = _logique(groupe), set()
    for ressource, actions in _fonction(groupe).droits.items():
        genre, _, nom = ressource.partition(":")
        ici = "${AWS::Region}:${AWS::AccountId}"
        if genre == "mail":
            objet = "configuration-set/${SuiviMails}" if nom == "suivi" else "identity/${IdentiteExpediteur}"
            attendus |= {(f"ses:{action}", f"arn:${{AWS::Partition}}:ses:{ici}:{objet}") for action in actions}
        elif genre == "machine":
            objet = "execution:${Prefixe}-demande:*" if "/executions" in nom else "stateMachine:${Prefixe}-demande"
            attendus |= {(f"states:{action}", f"arn:${{AWS::Partition}}:states:{ici}:{objet}") for action in actions}
        elif genre == "sms":
            attendus |= {(f"sns:{action}", "tout sauf arn:aws:sns:*:*:*") for action in actions}
        else:
            nom, barre, suite = nom.partition("/")
            attendus |= {
                (f"{GENRES[genre]}:{action}", genre.capitalize() + _logique(nom) + barre + suite) for action in actions
            }
    for source in _de_type(modele, "AWS::Lambda::EventSourceMapping").values():
        if source["FunctionName"] == {"Ref": logique}:
            cible = _cible(source["EventSourceArn"])
            if cible.endswith("StreamArn"):
                attendus |= {(f"dynamodb:{a}", cible) for a in ("DescribeStream", "GetRecords", "GetShardIterator")}
                attendus |= {("dynamodb:ListStreams", "*"), ("sqs:SendMessage", "QueueJournalEchecs")}
            else:
                attendus |= {(f"sqs:{a}", cible) for a in ("DeleteMessage", "GetQueueAttributes", "ReceiveMessage")}
    attendus |= {("logs:CreateLogStream", "JournalTechnique"), ("logs:PutLogEvents", "JournalTechnique")}

    donnes = set()
    for enonce in _enonces(modele, f"{logique}Role"):
        assert enonce["Effect"] == "Allow"
        cible = _cible(enonce["Resource"]) if "Resource" in enonce else f"tout sauf {enonce['NotResource']}"
        donnes |= {(action, cible) for action in enonce["Action"]}
    assert donnes == attendus


@pytest.mark.parametrize("groupe", _groupes())
def test_une_fonction_n_a_que_les_variables_que_son_module_nomme(modele: Modele, groupe: str) -> None:
    fonction = _fonction(groupe)
    communes = {
        "ROUTE_GROUP",
        "POWERTOOLS_SERVICE_NAME",
        "POWERTOOLS_METRICS_NAMESPACE",
        "POWERTOOLS_LOG_LEVEL",
        "PERMIS_JOUR",
    }
    attendues = communes | set(fonction.variables)
    for ressource in fonction.droits:
        genre, _, nom = ressource.partition(":")
        if genre not in ("mail", "sms"):
            attendues.add(f"{genre}_{nom.partition('/')[0]}".upper().replace("-", "_"))
    proprietes = modele["Resources"][_logique(groupe)]["Properties"]
    assert set(proprietes["Environment"]["Variables"]) == attendues
    assert proprietes["Environment"]["Variables"]["ROUTE_GROUP"] == groupe
    assert (proprietes["MemorySize"], proprietes["Timeout"]) == (fonction.memoire, fonction.delai)
    assert proprietes.get("ReservedConcurrentExecutions") == fonction.simultanees


def test_aucun_droit_general_sauf_la_ou_aws_l_exige(modele: Modele) -> None:
    larges = []
    for role in _de_type(modele, "AWS::IAM::Role"):
        for enonce in _enonces(modele, role):
            larges += [action for action in enonce["Action"] if "*" in action]
            if enonce.get("Resource") == "*" or "NotResource" in enonce:
                larges += enonce["Action"]
    # Listing streams has no resource; neither has a phone number (NotResource keeps topics out).
    assert sorted(larges) == ["dynamodb:ListStreams", "sns:Publish"]


def test_la_machine_n_appelle_que_ses_taches(modele: Modele) -> None:
    definition = _de_type(modele, "AWS::StepFunctions::StateMachine")["MachineDemande"]["DefinitionString"]
    citees = set(re.findall(r"\$\{(\w+)\}", definition))
    enonces = _enonces(modele, "MachineDemandeRole")
    assert {_cible(enonce["Resource"]) for enonce in enonces} == citees
    assert {action for enonce in enonces for action in enonce["Action"]} <= {
        "lambda:InvokeFunction",
        "dynamodb:UpdateItem",
    }


def test_l_api_n_est_publiee_que_sous_le_nom_api(modele: Modele) -> None:
    # The translator's default also opens a second one, named "Stage".
    assert [e["StageName"] for e in _de_type(modele, "AWS::ApiGateway::Stage").values()] == ["api"]
    assert all("StageName" not in d for d in _de_type(modele, "AWS::ApiGateway::Deployment").values())


def test_le_gabarit_reste_loin_des_limites_de_cloudformation(modele: Modele) -> None:
    assert len(modele["Resources"]) <= 400
    assert len(json.dumps(modele)) < 900_000  # CloudFormation reads 1 MB from S3


def test_les_secrets_ne_s_affichent_pas(modele: Modele) -> None:
    secrets = {nom for nom in modele["Parameters"] if nom.startswith("Cle")}
    assert secrets == {"CleJetons", "CleCodes", "CleAltcha", "ClePartenaire"}
    assert all(modele["Parameters"][nom]["NoEcho"] and "Default" not in modele["Parameters"][nom] for nom in secrets)
    assert modele["Parameters"]["SecretRelais"]["NoEcho"]
    sorties = json.dumps(modele["Outputs"])
    assert ('"Cle' in sorties, '"Secret' in sorties) == (False, False)


@pytest.mark.parametrize("bucket", ["BucketQuarantaine", "BucketPieces", "BucketDocuments", "BucketAncres"])
def test_un_bucket_est_chiffre_ferme_et_garde_a_la_suppression(modele: Modele, bucket: str) -> None:
    ressource = modele["Resources"][bucket]
    proprietes = ressource["Properties"]
    assert all(proprietes["PublicAccessBlockConfiguration"].values())
    assert len(proprietes["PublicAccessBlockConfiguration"]) == 4
    assert proprietes["BucketEncryption"]
    assert (ressource["DeletionPolicy"], ressource["UpdateReplacePolicy"]) == GARDE
    refus = modele["Resources"][f"Tls{bucket}"]["Properties"]["PolicyDocument"]["Statement"][0]
    assert (refus["Effect"], refus["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_la_cle_du_cachet_signe_seulement_et_survit_a_la_pile(modele: Modele) -> None:
    cle = modele["Resources"]["KeyCachet"]
    assert (cle["Properties"]["KeySpec"], cle["Properties"]["KeyUsage"]) == ("ECC_NIST_P256", "SIGN_VERIFY")
    assert (cle["DeletionPolicy"], cle["UpdateReplacePolicy"]) == GARDE


def test_ce_que_personne_ne_confirme_expire_en_un_jour(modele: Modele) -> None:
    regles = modele["Resources"]["BucketQuarantaine"]["Properties"]["LifecycleConfiguration"]["Rules"]
    assert {"Id": "non-confirme", "Status": "Enabled", "ExpirationInDays": 1} in regles


def test_les_tables_survivent_a_une_erreur(modele: Modele) -> None:
    tables = {nom: r for nom, r in modele["Resources"].items() if r["Type"] == "AWS::DynamoDB::Table"}
    assert len(tables) == 9
    for nom, table in tables.items():
        assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == GARDE
        # No backup keeps the criteria of a search after its end: lost, a link is made again.
        sauvegarde = table["Properties"]["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
        assert sauvegarde is (nom != "TableRecherches")
        assert table["Properties"]["SSESpecification"]["SSEEnabled"]


def test_un_message_qui_echoue_toujours_finit_dans_une_file_d_echecs(modele: Modele) -> None:
    files = _de_type(modele, "AWS::SQS::Queue")
    for nom in ("QueueMails", "QueueSms"):
        assert files[nom]["RedrivePolicy"]["maxReceiveCount"] == 5
        assert files[nom]["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": [f"{nom}Echecs", "Arn"]}
    for source in _de_type(modele, "AWS::Lambda::EventSourceMapping").values():
        if _cible(source["EventSourceArn"]).endswith("StreamArn"):
            assert source["BisectBatchOnFunctionError"]
            assert source["DestinationConfig"]["OnFailure"]["Destination"] == {
                "Fn::GetAtt": ["QueueJournalEchecs", "Arn"]
            }


def test_une_file_attend_plus_longtemps_que_la_fonction_qui_la_lit(modele: Modele) -> None:
    files = _de_type(modele, "AWS::SQS::Queue")
    for source in _de_type(modele, "AWS::Lambda::EventSourceMapping").values():
        file = _cible(source["EventSourceArn"])
        if file in files:
            delai = modele["Resources"][source["FunctionName"]["Ref"]]["Properties"]["Timeout"]
            assert files[file]["VisibilityTimeout"] >= 6 * delai  # what AWS recommends, retries included


def test_les_erreurs_de_la_passerelle_sont_des_problemes_en_francais(modele: Modele) -> None:
    reponses = _de_type(modele, "AWS::ApiGateway::RestApi")["RestAPI"]["Body"]["x-amazon-apigateway-gateway-responses"]
    attendus = {
        "UNAUTHORIZED": 401,
        "ACCESS_DENIED": 401,
        "MISSING_AUTHENTICATION_TOKEN": 404,
        "REQUEST_TOO_LARGE": 413,
        "THROTTLED": 429,
        "DEFAULT_4XX": None,
        "DEFAULT_5XX": None,
    }
    for genre, statut in attendus.items():
        document = json.loads(reponses[genre]["responseTemplates"]["application/json"])
        assert document["title"]
        assert document["detail"]
        assert document.get("status") == statut
        entetes = reponses[genre]["responseParameters"]
        assert entetes["gatewayresponse.header.Content-Type"] == "'application/problem+json'"


@pytest.mark.parametrize("genre", ["AUTHORIZER_FAILURE", "INTEGRATION_FAILURE", "INTEGRATION_TIMEOUT"])
def test_ce_qui_ne_repond_pas_derriere_la_passerelle_est_un_503_qui_dit_quand_revenir(
    modele: Modele, genre: str
) -> None:
    corps = _de_type(modele, "AWS::ApiGateway::RestApi")["RestAPI"]["Body"]
    reponse = corps["x-amazon-apigateway-gateway-responses"][genre]
    entetes = reponse["responseParameters"]
    assert reponse["statusCode"] == "503"
    assert json.loads(reponse["responseTemplates"]["application/json"])["status"] == 503
    assert entetes["gatewayresponse.header.Retry-After"] == "'30'"
    assert entetes["gatewayresponse.header.Content-Type"] == "'application/problem+json'"


def test_les_ancres_du_journal_sont_sous_verrou_des_leur_ecriture(modele: Modele) -> None:
    proprietes = modele["Resources"]["BucketAncres"]["Properties"]
    assert proprietes["VersioningConfiguration"] == {"Status": "Enabled"}
    assert proprietes["ObjectLockEnabled"] is True
    retention = proprietes["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert retention == {"Mode": {"Ref": "ModeAncres"}, "Days": {"Ref": "JoursAncres"}}
    assert modele["Parameters"]["JoursAncres"]["Default"] >= 365
    ecrivains = {
        role
        for role in _de_type(modele, "AWS::IAM::Role")
        for enonce in _enonces(modele, role)
        if "Resource" in enonce and "BucketAncres" in _cible(enonce["Resource"]) and "s3:PutObject" in enonce["Action"]
    }
    assert ecrivains == {"VeilleAncrageRole"}


def test_les_tetes_a_ancrer_attendent_sans_se_perdre(modele: Modele) -> None:
    file = _de_type(modele, "AWS::SQS::Queue")["QueueAncrage"]
    assert file["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": ["QueueAncrageEchecs", "Arn"]}
    assert file["MessageRetentionPeriod"] == 14 * 24 * 3600
    assert file["VisibilityTimeout"] > modele["Resources"]["VeilleAncrage"]["Properties"]["Timeout"]
    abonnement = _de_type(modele, "AWS::SNS::Subscription")["AbonnementAncrage"]
    assert abonnement["RawMessageDelivery"] is True
    assert (abonnement["FilterPolicyScope"], abonnement["FilterPolicy"]) == (
        "MessageBody",
        {"empreinte": [{"exists": True}]},
    )
    age = _de_type(modele, "AWS::CloudWatch::Alarm")["AlarmeAncrageRetard"]
    assert (age["MetricName"], age["Threshold"]) == ("ApproximateAgeOfOldestMessage", 86400)
