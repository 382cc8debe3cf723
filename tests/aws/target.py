"""What botocore makes of many homes and environments.

Reads cases as JSON from standard input and answers each with a list of two
readings, of aws 1 and of aws 2, which differ in their variables.
"""

import base64
import json
import os
import sys

import awscli
import botocore.credentials as credentials
import botocore.session
from botocore.configprovider import ConfiguredEndpointProvider

ORDERS = [
    {},
    {
        "profile": (None, ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"], None, None),
        "region": ("region", ["AWS_REGION", "AWS_DEFAULT_REGION"], None, None),
    },
]


def process(self):
    """Runs nothing."""
    if self._credential_process is None:
        return None
    return credentials.Credentials("none", "none", method=self.METHOD)


def account(key):
    """The account in an access key."""
    bits = int.from_bytes(base64.b32decode(key[4:])[:6], "big")
    return f"{(bits & 0x7FFFFFFFFF80) >> 7:012d}"


def role(session, method):
    """The role that the method found would assume."""
    if method not in ("assume-role", "assume-role-with-web-identity"):
        return None
    options = session.get_scoped_config()
    given = options.get("role_arn")
    if method == "assume-role-with-web-identity" and session.instance_variables().get("profile") is None:
        return os.environ.get("AWS_ROLE_ARN", given)
    return given


def read(case, order):
    session = botocore.session.Session({**awscli.EnvironmentVariables, **order})
    for name in ("profile", "region"):
        if case.get(name):
            session.set_config_variable(name, case[name])
    # Every command reads both files first.
    session.full_config
    scoped = session.get_scoped_config()
    resolver = credentials.create_credential_resolver(session)
    network = ("ec2-credentials-file", "boto-config", "container-role", "iam-role")
    resolver.providers = [one for one in resolver.providers if one.METHOD not in network]
    found = resolver.load_credentials()
    method = found.method if found else None
    static = method in ("env", "shared-credentials-file", "config-file")
    store = session.get_component("config_store")
    ignored = store.get_config_variable("ignore_configured_endpoint_urls")
    endpoint = ConfiguredEndpointProvider(session.full_config, scoped, case["service"]).provide()
    return {
        "profile": session.get_config_variable("profile"),
        "region": session.get_config_variable("region"),
        "method": method,
        "account": account(found.access_key) if static else None,
        "sso": scoped.get("sso_account_id") if method == "sso" else None,
        "role": role(session, method),
        "endpoint": None if ignored else endpoint,
    }


def answer(case, order):
    os.environ.clear()
    os.environ.update(case["variables"])
    os.chdir(case["directory"])
    try:
        return read(case, order)
    except Exception as cause:
        return {"error": type(cause).__name__}


credentials.ProcessProvider.load = process
json.dump([[answer(case, order) for order in ORDERS] for case in json.load(sys.stdin)], sys.stdout)
