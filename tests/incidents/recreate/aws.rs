//! By aws: an environment rebuilt or terminated, a stack deleted, by a role that may.
//!
//! moto makes environments, but can neither rebuild nor terminate one: what is refused
//! is all three, what is carried out in the end is the deletion of the application.

use super::super::cloud::{Cloud, REGION};

/// A role that nobody would have given an agent.
const BROAD: &str = "Administrator";

const TEMPLATE: &str = r#"{"Resources": {
    "Orders": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "orders"}},
    "Carts": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "carts", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}]}}}}"#;

/// An environment of an application, and a stack, seen by a role that is too broad.
fn environment() -> Option<Cloud> {
    let mut cloud = Cloud::new()?;
    cloud.desk.write("template.json", TEMPLATE);
    for line in [
        "aws elasticbeanstalk create-application --application-name shop",
        "aws elasticbeanstalk create-environment --application-name shop --environment-name cost-explorer \
         --solution-stack-name '64bit Amazon Linux 2018.03 v2.9.4 running Python 3.6'",
        "aws cloudformation create-stack --stack-name cost-explorer --template-body file://template.json",
    ] {
        cloud.desk.real(line);
    }
    cloud.assume(BROAD);
    Some(cloud)
}

/// What is there.
fn inventory(cloud: &Cloud) -> Vec<String> {
    [
        "aws elasticbeanstalk describe-environments --query Environments[].EnvironmentName",
        "aws cloudformation describe-stacks --query Stacks[].StackStatus",
        "aws sqs list-queues --query QueueUrls",
        "aws dynamodb list-tables --query TableNames",
    ]
    .map(|line| cloud.is(line))
    .to_vec()
}

const DELETE_STACK: &str = "aws cloudformation delete-stack --stack-name cost-explorer";

#[test]
fn no_guise_of_it_passes() {
    let Some(cloud) = environment() else { return };
    let before = inventory(&cloud);
    assert_eq!(before[1], "CREATE_COMPLETE");
    for line in [
        "aws elasticbeanstalk rebuild-environment --environment-name cost-explorer",
        "aws elasticbeanstalk terminate-environment --environment-name cost-explorer",
        "aws elasticbeanstalk terminate-environment --environment-name cost-explorer --force-terminate",
        "aws elasticbeanstalk delete-application --application-name shop --terminate-env-by-force",
        DELETE_STACK,
        "aws dynamodb delete-table --table-name carts",
    ] {
        let output = cloud.desk.agent(line).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(77), "{line}: {told}");
        for words in [
            format!("refused: {line} (rule "),
            format!("region {REGION}"),
            "\n  why:      ".into(),
            "approve:  ".into(),
        ] {
            assert!(told.contains(&words), "{line}: {words} is not in: {told}");
        }
    }
    assert_eq!(inventory(&cloud), before);
    cloud.desk.world().assert_intact();
    assert!(cloud.desk.world().recorded("exec").is_empty());
}

/// A stack's resources are what goes with it.
#[test]
fn what_is_in_the_stack_is_told_and_a_peer_lets_it_go_once() {
    let Some(cloud) = environment() else { return };
    let before = inventory(&cloud);
    let refusal = cloud.desk.refused(DELETE_STACK);
    refusal.says(&["account 123456789012", BROAD, "/orders\n", "AWS::DynamoDB::Table carts\n"]);
    assert!(
        refusal.asked().contains("AWS::DynamoDB::Table carts"),
        "the peer reads it too: {}",
        refusal.asked()
    );
    assert_eq!(inventory(&cloud), before);

    // Reading, and the one setting in its place, need nobody.
    cloud.desk.passes("aws cloudformation describe-stack-resources --stack-name cost-explorer");
    cloud.desk.passes("aws cloudformation list-stacks");

    let (signature, _) = cloud.desk.approved(DELETE_STACK, &refusal);
    assert_eq!(cloud.is("aws dynamodb list-tables --query TableNames"), "");
    cloud.desk.real(
        "aws cloudformation create-stack --stack-name cost-explorer --template-body file://template.json",
    );
    cloud.desk.assert_spent(DELETE_STACK, &signature);
    assert_eq!(cloud.is("aws dynamodb list-tables --query TableNames"), "carts");
}

#[test]
fn the_application_goes_once_when_a_peer_agrees() {
    let Some(cloud) = environment() else { return };
    let line = "aws elasticbeanstalk delete-application --application-name shop --terminate-env-by-force";
    let refusal = cloud.desk.refused(line);
    refusal.says(&["account 123456789012", BROAD]);
    let there = "aws elasticbeanstalk describe-applications --query Applications[].ApplicationName";
    assert_eq!(cloud.is(there), "shop");
    let (signature, _) = cloud.desk.approved(line, &refusal);
    assert_eq!(cloud.is(there), "");
    cloud.desk.real("aws elasticbeanstalk create-application --application-name shop");
    cloud.desk.assert_spent(line, &signature);
    assert_eq!(cloud.is(there), "shop");
}

/// "The role was broader than expected": a rule may say so, and then no peer can let it
/// through either.
#[test]
fn a_role_that_is_too_broad_is_denied() {
    let Some(mut cloud) = environment() else { return };
    cloud.desk.rules(
        "roles",
        "version: 1
tool: aws
rules:
  - id: aws/acme-broad-role
    summary: Destroys something as an administrator.
    effect: destroy
    risk: critical
    require: deny
    match:
      target: { role: { regex: '.*[Aa]dministrator.*' } }
    reason: an agent works as a role of its own, never as an administrator
    safer: aws sts assume-role with the agent's own role
    docs: https://wiki.acme.example/roles
    cases:
      match:
        - AWS_ROLE_ARN=arn:aws:iam::123456789012:role/Administrator aws dynamodb delete-table --table-name x
      no_match:
        - AWS_ROLE_ARN=arn:aws:iam::123456789012:role/agent-deploy aws dynamodb delete-table --table-name x
",
    );
    let before = inventory(&cloud);
    let told = cloud.desk.denied(DELETE_STACK);
    for words in [BROAD, "an agent works as a role of its own", "rule aws/acme-broad-role"] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert_eq!(inventory(&cloud), before);
    // As the role that it should have had, it may ask.
    cloud.assume("agent-deploy");
    let refusal = cloud.desk.refused(DELETE_STACK);
    refusal.says(&["agent-deploy"]);
    // And what was asked as the one is not approved as the other.
    let signature = cloud.desk.room.sign("bob", &refusal.request);
    std::fs::remove_file(cloud.desk.world().path("etc/tollgate/rules/roles.yaml")).unwrap();
    cloud.assume(BROAD);
    let output = cloud.desk.with(DELETE_STACK, &signature).output().unwrap();
    assert_eq!(output.status.code(), Some(77), "{output:?}");
    assert_eq!(inventory(&cloud), before);
}
