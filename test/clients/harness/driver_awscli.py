"""Runs commands of the AWS CLI for a test in another process.

Reads one JSON object per line from standard input and answers each with one
line on standard output. A request holds args, the command line after `aws`,
and environment, variables to be set; an answer holds status, stdout and stderr.

Every command is a process of its own, as for anybody who types it, and runs what
the `aws` script runs. It is forked from one that has imported the CLI, which is
more than half of the work of a command.
"""

import json
import os
import sys
import tempfile

import awscli.clidriver


def command(request, stdout, stderr):
    """Becomes the command; it does not return."""
    status = 255
    try:
        with open(os.devnull, "rb") as nothing:
            os.dup2(nothing.fileno(), 0)
        os.dup2(stdout.fileno(), 1)
        os.dup2(stderr.fileno(), 2)
        os.environ.update(request["environment"])
        sys.argv = ["aws", *request["args"]]
        status = awscli.clidriver.main()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(status)


def answer(request):
    """Runs one command to its end."""
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        child = os.fork()
        if child == 0:
            command(request, stdout, stderr)
        _, status = os.waitpid(child, 0)
        stdout.seek(0)
        stderr.seek(0)
        return {
            "status": os.waitstatus_to_exitcode(status),
            "stdout": stdout.read().decode("utf-8", "replace"),
            "stderr": stderr.read().decode("utf-8", "replace"),
        }


def main():
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


main()
