"""Calls AWS services through boto3 for a test in another process.

Reads one JSON object per line from standard input and answers each with one
line on standard output. A request holds endpoint, region, service, method
(a client's method name), params, page_size and credentials; an answer holds
output, or error with code, message and status, or failure with a text.
"""

import datetime
import json
import sys

import boto3
import botocore.config
import botocore.exceptions

SESSION = boto3.session.Session()
CONFIG = botocore.config.Config(retries={"total_max_attempts": 1}, connect_timeout=10, read_timeout=60)


def plain(value):
    """Turns what json cannot print into strings."""
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    raise TypeError(type(value).__name__)


def client_for(clients, request):
    """Returns the client for a request's endpoint, service and credentials."""
    credentials = request["credentials"]
    key = json.dumps([request["endpoint"], request["service"], credentials], sort_keys=True)
    if key not in clients:
        clients[key] = SESSION.client(
            request["service"],
            endpoint_url=request["endpoint"],
            region_name=request["region"],
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials.get("SessionToken"),
            config=CONFIG,
        )
    return clients[key]


def answer(clients, request):
    """Makes one call."""
    client = client_for(clients, request)
    params = request["params"] or {}
    try:
        if request["page_size"]:
            pages = client.get_paginator(request["method"]).paginate(
                PaginationConfig={"PageSize": request["page_size"]}, **params
            )
            return {"output": pages.build_full_result()}
        return {"output": getattr(client, request["method"])(**params)}
    except botocore.exceptions.ClientError as error:
        details = error.response.get("Error", {})
        return {
            "error": {
                "code": details.get("Code", ""),
                "message": details.get("Message", ""),
                "status": error.response["ResponseMetadata"]["HTTPStatusCode"],
            }
        }


def main():
    clients = {}
    for line in sys.stdin:
        try:
            reply = answer(clients, json.loads(line))
        except Exception as error:  # the test reports it and goes on
            reply = {"failure": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply, default=plain), flush=True)


main()
