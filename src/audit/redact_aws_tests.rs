//! What is redacted of lines of aws, and what is not.

use super::*;

/// The words as they are recorded, with `#` for each secret.
fn seen(words: &[&str]) -> String {
    let recorded = argv(&words.iter().map(OsString::from).collect::<Vec<_>>()).join(" ");
    let secret = regex::Regex::new("«redacted:[0-9]+»").unwrap();
    secret.replace_all(&recorded.replace("\\\\", "\\"), "#").into_owned()
}

fn assert_seen(cases: &[(&str, &str)]) {
    for (word, expected) in cases {
        assert_eq!(seen(&[word]), *expected, "{word}");
    }
}

#[test]
fn shorthand_is_redacted_value_by_value() {
    assert_seen(&[
        ("Variables={DB_PASSWORD=x,LOG=1}", "Variables={DB_PASSWORD=#,LOG=1}"),
        ("Variables={LOG=1,DB_PASSWORD=x}", "Variables={LOG=1,DB_PASSWORD=#}"),
        ("Variables={DB_PASSWORD=my pass,LOG=1}", "Variables={DB_PASSWORD=#,LOG=1}"),
        ("Variables={DB_PASSWORD=a;b&c,LOG=1}", "Variables={DB_PASSWORD=#,LOG=1}"),
        ("Variables={DB_PASSWORD=a,b,LOG=1}", "Variables={DB_PASSWORD=#,LOG=1}"),
        ("Variables={DB_PASSWORD=${A},LOG=1}", "Variables={DB_PASSWORD=#,LOG=1}"),
        ("Variables={DB_PASSWORD=\"a}b\",LOG=1}", "Variables={DB_PASSWORD=\"#\",LOG=1}"),
        (
            "Enabled=true,MasterUserOptions={MasterUserName=a,MasterUserPassword=x}",
            "Enabled=true,MasterUserOptions={MasterUserName=a,MasterUserPassword=#}",
        ),
        ("client_id=x,client_secret=y", "client_id=x,client_secret=#"),
        ("ConnectionProperties={USERNAME=u,PASSWORD=x}", "ConnectionProperties={USERNAME=u,PASSWORD=#}"),
        ("A={ConnectionProperties={PASSWORD=x}},B=1", "A={ConnectionProperties={PASSWORD=#}},B=1"),
        (
            "TunnelOptions=[{PreSharedKey=x},{PreSharedKey=y}]",
            "TunnelOptions=[{PreSharedKey=#},{PreSharedKey=#}]",
        ),
        ("asn=65000,authKey=x,cidr=10.0.0.0/8", "asn=65000,authKey=#,cidr=10.0.0.0/8"),
        ("Type=password,Passwords=a,b", "Type=password,Passwords=#"),
        ("USERNAME=u,PASSWORD=x", "USERNAME=u,PASSWORD=#"),
        ("Credentials={Username=u,Password=x}", "Credentials={Username=u,Password=#}"),
    ]);
}

#[test]
fn names_and_values_that_stand_beside_each_other_are_read_together() {
    assert_seen(&[
        (r#"{"name":"DB_PASSWORD","value":"x"}"#, r##"{"name":"DB_PASSWORD","value":"#"}"##),
        (r#"{"value":"x","name":"DB_PASSWORD"}"#, r##"{"value":"#","name":"DB_PASSWORD"}"##),
        (
            r#"[{"name":"LOG","value":"1"},{"name":"DB_PASSWORD","value":"x"},{"name":"A","value":"b"}]"#,
            r##"[{"name":"LOG","value":"1"},{"name":"DB_PASSWORD","value":"#"},{"name":"A","value":"b"}]"##,
        ),
        (
            r#"{"name":"DB_PASSWORD","note":"a{b","value":"x"}"#,
            r##"{"name":"DB_PASSWORD","note":"a{b","value":"#"}"##,
        ),
        (r#"{"name": "A_TOKEN", "value": "a\"b"}"#, r##"{"name": "A_TOKEN", "value": "#"}"##),
        (
            r#"{"name":"PASSWORD","value":"x","value":"y"}"#,
            r##"{"name":"PASSWORD","value":"#","value":"#"}"##,
        ),
        ("name=DB_PASSWORD,value=x", "name=DB_PASSWORD,value=#"),
        ("value=x,name=DB_PASSWORD", "value=#,name=DB_PASSWORD"),
        ("Namespace=n,OptionName=DB_PASSWORD,Value=x", "Namespace=n,OptionName=DB_PASSWORD,Value=#"),
        ("ParameterKey=DbPassword,ParameterValue=x", "ParameterKey=DbPassword,ParameterValue=#"),
        (
            r#"[{"ParameterKey":"DbPassword","ParameterValue":"x"},{"ParameterKey":"Size","ParameterValue":"3"}]"#,
            r##"[{"ParameterKey":"DbPassword","ParameterValue":"#"},{"ParameterKey":"Size","ParameterValue":"3"}]"##,
        ),
        (
            r#"[{"name":"PASSWORD","value":"x"},{"name":"LOG","value":"1"},{"value":"2"}]"#,
            r##"[{"name":"PASSWORD","value":"#"},{"name":"LOG","value":"1"},{"value":"2"}]"##,
        ),
        (r#"{"password":{"S":"x"},"id":{"S":"7"}}"#, r##"{"password":{"S":"#"},"id":{"S":"7"}}"##),
        (
            "- Name: A\n  Value: b\n- Name: PASSWORD\n  Value: x",
            "- Name: A\n  Value: b\n- Name: PASSWORD\n  Value: #",
        ),
    ]);
}

#[test]
fn json_in_json_yaml_sql_and_shell_are_read() {
    assert_seen(&[
        (r#"{"a":"{\"password\":\"x\",\"b\":1}"}"#, r##"{"a":"{\"password\":\"#\",\"b\":1}"}"##),
        (r#"{"Password":"x","Passwords":["a","b"]}"#, r##"{"Password":"#","Passwords":[#]}"##),
        (r#"{"password": 123, "a": 1}"#, r#"{"password": #, "a": 1}"#),
        (r#"{"UserData":"export DB_PASSWORD=x"}"#, r#"{"UserData":"export DB_PASSWORD=#"}"#),
        ("{MasterUserPassword: x, A: b}", "{MasterUserPassword: #, A: b}"),
        ("MasterUserPassword: x", "MasterUserPassword: #"),
        ("CREATE USER u IDENTIFIED BY 'x' REQUIRE SSL", "CREATE USER u IDENTIFIED BY '#' REQUIRE SSL"),
        ("ALTER ROLE u PASSWORD 'it''s'; SELECT 1", "ALTER ROLE u PASSWORD '#'; SELECT 1"),
        ("SET PASSWORD FOR u = 'x'", "SET PASSWORD FOR u = '#'"),
        ("A: b\nSecretString: x y\n  z\nC: d", "A: b\nSecretString: #\nC: d"),
        ("SecretString: |\n  a: b\n\n  c\nD: e", "SecretString: #\nD: e"),
        ("Secret:\n  Name: a\n  Value: b", "Secret:\n  Name: a\n  Value: b"),
        ("SecretString: 'a b'\nC: d", "SecretString: '#'\nC: d"),
        ("#!/bin/sh\nexport DB_PASSWORD='x y'\nrun", "#!/bin/sh\nexport DB_PASSWORD='#'\nrun"),
        ("export A=1; export DB_PASSWORD=x", "export A=1; export DB_PASSWORD=#"),
        ("export DB_PASSWORD=x A=1", "export DB_PASSWORD=# A=1"),
    ]);
}

#[test]
fn options_are_known_by_their_beginnings() {
    for option in [
        "--master-user-password",
        "--master-user-pass",
        "--master-user-p",
        "--master",
        "--secret-string",
        "--secret-s",
        "--secret-b",
        "--new-pass",
        "--old-pass",
        "--pass",
        "--proposed",
        "--prev",
        "--sse-customer-key",
        "--sse-c-key",
        "--sse-c-copy-source-key",
        "--copy-source-sse-customer-key",
        "--basic-auth-credentials",
        "--basic-auth",
        "--auth-tok",
        "--token-code",
        "--token-c",
        "--priv",
        "--certificate-priv",
        "--client-s",
        "--plaintext",
        "aws_secret_access_key",
        "profile.a.aws_session_token",
    ] {
        assert_eq!(seen(&["aws", option, "x", "--y", "z"]), format!("aws {option} # --y z"));
        if option.starts_with('-') {
            assert_eq!(seen(&[&format!("{option}=x")]), format!("{option}=#"));
        }
    }
    assert_eq!(seen(&["--passwords", "a", "b", "--c", "d"]), "--passwords # # --c d");
    assert_eq!(seen(&["--passwords=a", "--c"]), "--passwords=# --c");
}

#[test]
fn a_value_is_secret_where_its_line_says_so() {
    for (line, expected) in [
        (
            "ssm put-parameter --name n --value x --type SecureString",
            "ssm put-parameter --name n --value # --type SecureString",
        ),
        ("ssm put-par --type SecureString --val x", "ssm put-par --type SecureString --val #"),
        ("ssm put-par --value=x --type=SecureString", "ssm put-par --value=# --type=SecureString"),
        ("apigateway create-api-key --name n --value x", "apigateway create-api-key --name n --value #"),
        ("apigateway tag --value x", "apigateway tag --value x"),
        (
            r#"{"Name":"n","Value":"x","Type":"SecureString"}"#,
            r##"{"Name":"n","Value":"#","Type":"SecureString"}"##,
        ),
        (
            r#"apigateway create-api-key --cli-input-json {"name":"n","value":"x"}"#,
            r##"apigateway create-api-key --cli-input-json {"name":"n","value":"#"}"##,
        ),
    ] {
        assert_eq!(seen(&line.split(' ').collect::<Vec<_>>()), expected);
    }
}

#[test]
fn what_is_no_secret_is_shown() {
    for line in [
        "--secret-id x --token-type y --next-token a --starting-token b --client-request-token c",
        "--key-id k --key-name n --kms-key-id k --auth-type t --private-ip-address 10.0.0.1 --sse-c AES256",
        "--certificate file://c.pem --client-token t --new-path /p --copy-source b/k --sse AES256",
        "--manage-master-user-password --db-instance-identifier prod --hide-password --x y",
        "--secret-string file://s.json --password file://p",
        "KeyName=prod",
        "Key=Name,Value=web",
        "Name=tag:Name,Values=web,api",
        "SecretId=x",
        "SecretId=a,KmsKeyId=b,MasterUsername=c",
        "HttpTokens=required,HttpPutResponseHopLimit=1",
        r#"{"SecretId":"x","KeyName":"y","MasterUsername":"z","NextToken":"t"}"#,
        r#"{"ManageMasterUserPassword":true,"PasswordLength":8,"TokenType":"JWT"}"#,
        r#"{"secrets":[{"name":"DB_PASSWORD","valueFrom":"arn:aws:ssm:eu-west-1:1:parameter/p"}]}"#,
        r#"{"name":"DB_PASSWORD_ARN","value":"x"}"#,
        r#"{"Key":{"id":{"S":"7"}},"TableName":"t"}"#,
        "PasswordPolicy={MinimumLength=8,RequireNumbers=true}",
        "secret:MyApp",
        "s3://bucket/secret:1/password=",
        "the token: it is over",
    ] {
        assert_eq!(seen(&line.split(' ').collect::<Vec<_>>()), line);
        assert_eq!(seen(&[line]), line);
    }
}

#[test]
fn what_is_shown_stays_balanced() {
    for (word, line) in [
        ("Variables={DB_PASSWORD=x y,LOG=1}", "'Variables={DB_PASSWORD=«redacted»,LOG=1}'"),
        (r#"{"password":"it's"}"#, r#"'{"password":"«redacted»"}'"#),
        ("IDENTIFIED BY 'x'", r"'IDENTIFIED BY '\''«redacted»'\'''"),
    ] {
        assert_eq!(shown(&[word]), line);
    }
}

#[test]
fn texts_made_to_be_slow_are_read_to_their_end() {
    for part in [
        "name=",
        "value=",
        "{value=",
        "{value=x|name=password",
        "{value=[",
        "{\"value\":\"",
        "password=",
        "password: [",
        "password='",
        "{password=a\"",
        "- a: ",
        "a=,",
        "\\\"",
        "identified by '",
        "eyJaaaaa-AKIAIOSFODNN7EXAMPLE-",
    ] {
        let long = format!("x{}{}", part.repeat(100_000 / part.len()), "}name=password".repeat(2000));
        assert_eq!(argv(&[OsString::from(long)]).len(), 1, "{part}");
    }
}

proptest::proptest! {
    #[test]
    fn a_named_value_never_survives(
        value in "[a-z0-9!%^*()@~]{1,12}Q7Q7[a-z]{3}",
        before in "[a-zA-Z=,:{}\\[\\]\"' ]{0,12}",
    ) {
        for word in [
            format!("A={{DB_PASSWORD={value},B=1}}"),
            format!(r#"{{"a":1,"Password":"{value}"}}"#),
            format!(r#"{{"name":"API_TOKEN","value":"{value}"}}"#),
            format!("{before} export PASSWORD={value}"),
            format!("{before}\nMasterUserPassword: {value}\n"),
        ] {
            let shown = seen(&[&word]);
            proptest::prop_assert!(!shown.contains("Q7Q7"), "{} {}", word, shown);
        }
    }
}
