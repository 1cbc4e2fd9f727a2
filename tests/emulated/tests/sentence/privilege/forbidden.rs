//! What is not everybody's: who may do it, and nobody else.

use tests_emulated::Cloud;
use tests_emulated::cloud::Called;

/// A call, and the functions that may make it.
pub(crate) type Rule = (Called, &'static [&'static str]);

/// Who enters people into the directory.
const ENTERING: &[&str] = &["Administer", "GraphqlAppsync", "GraphqlHttp", "Predecessor", "Web"];

/// What some functions may, each for its purpose.
pub(crate) fn reserved(cloud: &Cloud) -> Vec<Rule> {
    let arn = |name: &str| cloud.arn(name).to_owned();
    let object = |bucket: &str, key: &str| format!("{}/{key}", cloud.arn(bucket));
    let token = |action: &str| {
        let context = ["lockgate:request", "lockgate:run"].map(str::to_owned);
        Called::new(action, arn("TokenKey")).with("kms:EncryptionContextKeys", context)
    };
    let (file, archive) = (object("StagingBucket", "w/r/r1/a.csv"), object("ReleaseBucket", "approved_egress/a.zip"));
    vec![
        (Called::new("kms:Sign", arn("SigningKey")), &["Release", "Seal"]),
        (token("kms:Encrypt"), &["Wait"]),
        (token("kms:Decrypt"), &["GraphqlAppsync", "GraphqlHttp", "Predecessor", "Sweep", "Web"]),
        (Called::new("states:StartExecution", arn("Machine")), &["Deliver", "Sweep"]),
        (
            Called::new("states:SendTaskSuccess", arn("Machine")),
            &["GraphqlAppsync", "GraphqlHttp", "Predecessor", "Sweep", "Wait", "Web"],
        ),
        (mail("egress@example.ac.uk"), &["Deliver"]),
        (Called::new("s3:PutObject", archive.clone()), &["Reject", "Release", "Sweep"]),
        (Called::new("s3:DeleteObjectVersion", archive), &["Reject", "Release", "Sweep"]),
        (Called::new("s3:PutObject", file.clone()), &["Dispose", "Reject", "Stage", "Sweep"]),
        (Called::new("s3:DeleteObjectVersion", file), &["Dispose", "Reject", "Release", "Stage", "Sweep"]),
        (Called::new("s3:GetObjectVersion", platform()), &["Stage"]),
        (status(["id", "status"]), &["Admit", "Tell"]),
        (Called::new("dynamodb:PutItem", arn("DirectoryTable")), ENTERING),
        (Called::new("dynamodb:PutItem", arn("SessionsTable")), &["Web"]),
        (Called::new("dynamodb:PutItem", arn("PoliciesTable")), &["Administer"]),
        (Called::new("dynamodb:GetItem", arn("IntakeTable")), &["GraphqlAppsync", "GraphqlHttp", "Receive", "Web"]),
    ]
}

/// What nobody may.
pub(crate) fn forbidden(cloud: &Cloud) -> Vec<Called> {
    let arn = |name: &str| cloud.arn(name).to_owned();
    let of_bucket =
        |action: &str, bucket: &str, rest: &str| Called::new(action, format!("{}{rest}", cloud.arn(bucket)));
    let other = |service: &str, rest: &str| format!("arn:aws:{service}:eu-west-2:123456789012:{rest}");
    vec![
        Called::new("s3:GetObject", "arn:aws:s3:::somebody-elses/secret.csv"),
        of_bucket("s3:PutObject", "ReleaseBucket", "/elsewhere/a.zip"),
        of_bucket("s3:PutObject", "ReleaseBucket", "/approved_egress"),
        of_bucket("s3:DeleteObject", "StagingBucket", "/w/r/r1/a.csv"),
        of_bucket("s3:DeleteObject", "RecordsBucket", "/r/manifest"),
        of_bucket("s3:DeleteBucket", "StagingBucket", ""),
        of_bucket("s3:PutBucketPolicy", "ReleaseBucket", ""),
        of_bucket("s3:PutBucketVersioning", "StagingBucket", ""),
        Called::new("s3:PutObject", platform()),
        Called::new("s3:DeleteObjectVersion", platform()),
        Called::new("dynamodb:Scan", arn("RequestsTable")),
        Called::new("dynamodb:DeleteItem", arn("RequestsTable")),
        Called::new("dynamodb:DeleteTable", arn("LedgerTable")),
        Called::new("dynamodb:PutItem", other("dynamodb", "table/somebody-elses")),
        Called::new("dynamodb:PutItem", other("dynamodb", "table/platform-EgressStore")),
        status(["id", "workspaceId"]),
        Called::new("kms:Decrypt", other("kms", "key/somebody-elses")),
        Called::new("kms:Decrypt", arn("TokenKey")).with("kms:EncryptionContextKeys", ["aws:s3:arn".to_owned()]),
        Called::new("kms:ScheduleKeyDeletion", arn("SigningKey")),
        Called::new("states:StartExecution", other("states", "stateMachine:somebody-elses")),
        Called::new("states:StopExecution", other("states", "execution:lockgate:one")),
        Called::new("states:SendTaskFailure", arn("Machine")),
        mail("dean@example.ac.uk"),
        Called::new("lambda:InvokeFunction", arn("AdmitFunction")),
        Called::new("cognito-idp:AdminAddUserToGroup", arn("UserPool")),
        Called::new("sts:AssumeRole", "arn:aws:iam::123456789012:role/administrator"),
    ]
}

fn mail(from: &str) -> Called {
    let identity = "arn:aws:ses:eu-west-2:123456789012:identity/egress@example.ac.uk";
    Called::new("ses:SendRawEmail", identity).with("ses:FromAddress", [from.to_owned()])
}

/// A file of the platform's.
fn platform() -> String {
    let notice = workflow::domain::notice::Notice::parse(tests::builders::NOTICE.as_bytes()).unwrap();
    format!("arn:aws:s3:::{}/w/a.csv", notice.bucket)
}

/// A change of the platform's row of a store.
fn status(attributes: [&str; 2]) -> Called {
    let table = "arn:aws:dynamodb:eu-west-2:123456789012:table/platform-EgressStore";
    Called::new("dynamodb:UpdateItem", table).with("dynamodb:Attributes", attributes.map(str::to_owned))
}
