"""Makes what the stack's template says in the stand-ins, and answers what everything came to be called.

Reads {"template", "parameters", "dynamodb", "services", "definition"} from its input. A type that it does not know is an
error: what is neither made nor said not to be would otherwise be a hole in every test.
"""

import io
import json
import re
import sys
import zipfile

import boto3

REGION, ACCOUNT, STACK = "eu-west-2", "123456789012", "lockgate"

# What the stand-ins have no part in, each with what looks after it instead.
LEFT_OUT = {
    "AWS::AppSync::GraphQLApi": "resolvers are called as events",
    "AWS::AppSync::GraphQLSchema": "held by a test of its own",
    "AWS::AppSync::DataSource": "resolvers are called as events",
    "AWS::AppSync::Resolver": "compared with the schemas",
    "AWS::CloudFront::Distribution": "linted",
    "AWS::CloudWatch::Alarm": "linted",
    "AWS::Cognito::UserPoolDomain": "linted",
    "AWS::Cognito::UserPoolIdentityProvider": "linted",
    "AWS::Events::Rule": "tests call chores when they want them",
    "AWS::IAM::ManagedPolicy": "told: a test compares what a role may with what its function does",
    "AWS::IAM::Role": "told, as the policies are",
    "AWS::Lambda::EventSourceMapping": "tests bring records by themselves",
    "AWS::Lambda::Permission": "linted",
    "AWS::Lambda::Url": "tests call the function",
    "AWS::Logs::LogGroup": "made only as a name",
    "AWS::S3::BucketPolicy": "linted",
    "AWS::SES::ConfigurationSet": "made only as a name",
    "AWS::SES::ConfigurationSetEventDestination": "linted",
    "AWS::SNS::Subscription": "tests bring records by themselves",
    "AWS::SNS::Topic": "made only as a name",
    "AWS::SNS::TopicPolicy": "linted",
    "AWS::SQS::Queue": "made only as a name",
    "AWS::SQS::QueuePolicy": "linted",
    "AWS::SecretsManager::Secret": "made only as a name",
    "AWS::WAFv2::WebACLAssociation": "linted",
}

order = json.load(sys.stdin)
template, parameters = order["template"], order["parameters"]
names, attributes = {}, {}


def client(service):
    endpoint = order["dynamodb"] if service == "dynamodb" else order["services"]
    return boto3.client(
        service, region_name=REGION, endpoint_url=endpoint, aws_access_key_id="test", aws_secret_access_key="test"
    )


PSEUDO = {
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::StackName": STACK,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
}


def reference(name):
    for known in (PSEUDO, parameters, names):
        if name in known:
            return known[name]
    default = template["Parameters"].get(name, {}).get("Default")
    return default if default is not None else f"{STACK}-{name}".lower()


def attribute(name, which):
    return attributes.get((name, which), f"arn:aws:none:{REGION}:{ACCOUNT}:{name}/{which}")


def substitute(text):
    def one(match):
        name = match.group(1)
        return str(attribute(*name.split(".", 1)) if "." in name else reference(name))

    return re.sub(r"\$\{([A-Za-z0-9:.]+)\}", one, text)


def value(node):
    if isinstance(node, list):
        return [value(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "Ref" in node:
        return reference(node["Ref"])
    if "Fn::GetAtt" in node:
        return attribute(*node["Fn::GetAtt"])
    if "Fn::Sub" in node:
        return substitute(node["Fn::Sub"])
    return {key: value(item) for key, item in node.items()}


def make_key(name, own):
    made = client("kms").create_key(
        KeySpec=own.get("KeySpec", "SYMMETRIC_DEFAULT"), KeyUsage=own.get("KeyUsage", "ENCRYPT_DECRYPT")
    )["KeyMetadata"]
    names[name], attributes[name, "Arn"] = made["KeyId"], made["Arn"]


def make_table(name, own):
    known = {"BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes"}
    own = {key: item for key, item in own.items() if key in known}
    client("dynamodb").create_table(TableName=f"{STACK}-{name}", **own)
    names[name] = f"{STACK}-{name}"
    attributes[name, "Arn"] = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{STACK}-{name}"


def make_bucket(name, own):
    s3, bucket = client("s3"), f"{STACK}-{name}".lower()
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=own["VersioningConfiguration"])
    names[name], attributes[name, "Arn"] = bucket, f"arn:aws:s3:::{bucket}"


def make_pool(name, _own):
    pool = client("cognito-idp").create_user_pool(PoolName=STACK)["UserPool"]
    names[name], attributes[name, "Arn"] = pool["Id"], pool["Arn"]


def make_pool_client(name, own):
    made = client("cognito-idp").create_user_pool_client(
        UserPoolId=own["UserPoolId"],
        ClientName=STACK,
        ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]
    names[name] = made["ClientId"]


def make_group(_name, own):
    client("cognito-idp").create_group(UserPoolId=own["UserPoolId"], GroupName=own["GroupName"])


def make_identity(name, own):
    names[name] = own["EmailIdentity"]
    client("ses").verify_email_identity(EmailAddress=own["EmailIdentity"])


functions = {}


def role():
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
    return client("iam").create_role(RoleName="played", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]


def make_function(name, own):
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("bootstrap", "the runtime is played")
    made = client("lambda").create_function(
        FunctionName=f"{STACK}-{name}", Runtime=own["Runtime"], Role=PLAYED, Handler=own["Handler"],
        Code={"ZipFile": code.getvalue()}, Timeout=own["Timeout"],
    )
    names[name], attributes[name, "Arn"] = made["FunctionName"], made["FunctionArn"]
    functions[name] = own


def make_machine(name, own):
    definition = order["definition"]
    for key, arn in own["DefinitionSubstitutions"].items():
        definition = definition.replace("${" + key + "}", arn)
    made = client("stepfunctions").create_state_machine(
        name=own["StateMachineName"], definition=definition, roleArn=PLAYED
    )
    names[name] = attributes[name, "Arn"] = made["stateMachineArn"]


# In an order in which nothing refers to what comes later.
MADE = {
    "AWS::KMS::Key": make_key,
    "AWS::DynamoDB::Table": make_table,
    "AWS::S3::Bucket": make_bucket,
    "AWS::SES::EmailIdentity": make_identity,
    "AWS::Cognito::UserPool": make_pool,
    "AWS::Cognito::UserPoolClient": make_pool_client,
    "AWS::Cognito::UserPoolGroup": make_group,
    "AWS::Lambda::Function": make_function,
    "AWS::StepFunctions::StateMachine": make_machine,
}

resources = template["Resources"]
unknown = {one["Type"] for one in resources.values()} - set(MADE) - set(LEFT_OUT)
if unknown:
    sys.exit(f"the loader knows nothing of {sorted(unknown)}")
PLAYED = role()
for kind, make in MADE.items():
    for name, resource in resources.items():
        if resource["Type"] == kind:
            make(name, value(resource["Properties"]))



def of(name):
    return resources[name]["Properties"]


def may(function):
    """What the role of a function may: statement by statement, each with the policy that it is of."""
    role = of(of(function)["Role"]["Fn::GetAtt"][0])
    policies = [(one["Ref"], of(one["Ref"])["PolicyDocument"]) for one in role.get("ManagedPolicyArns", [])]
    policies += [(function.removesuffix("Function"), one["PolicyDocument"]) for one in role["Policies"]]
    return [value({"Policy": policy, **one}) for policy, document in policies for one in document["Statement"]]


environments = {
    name: {"handler": own["Handler"], "name": names[name], "environment": value(template["Resources"][name]["Properties"])
           .get("Environment", {}).get("Variables", {}), "may": may(name)}
    for name, own in functions.items()
}

def key_of(own):
    rule = own["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]["ServerSideEncryptionByDefault"]
    return value(rule.get("KMSMasterKeyID"))


buckets = {names[name]: key_of(one["Properties"]) for name, one in resources.items() if one["Type"] == "AWS::S3::Bucket"}
for kind in ("EgressStore", "Notification"):
    buckets[parameters[f"{kind}BucketArn"].rsplit(":", 1)[1]] = parameters[f"{kind}KeyArn"]
arns = {name: attributes[name, "Arn"] for name in names if (name, "Arn") in attributes}
json.dump({"names": names, "arns": arns, "encrypted": buckets, "functions": environments}, sys.stdout)
