"""Runs a command on a terminal of its own and types an answer to a question.

terminal.py QUESTION ANSWER COMMAND... prints what the command prints after that,
and exits with its code; the question must have been asked once.
"""

import os
import pty
import sys

question, answer, command = sys.argv[1].encode(), sys.argv[2], sys.argv[3:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)
seen, asked = b"", 0
while True:
    try:
        piece = os.read(terminal, 65536)
    except OSError:  # its end, on Linux
        break
    if not piece:
        break
    seen += piece
    if not asked and question in seen:
        asked, seen = 1, seen.split(question, 1)[1]
        os.write(terminal, answer.encode() + b"\n")
_, status = os.waitpid(child, 0)
if not asked or question in seen:
    sys.exit("the question was asked %d times; the command printed %r" % (asked + seen.count(question), seen))
print(seen.decode().replace("\r\n", "\n"))
sys.exit(os.waitstatus_to_exitcode(status))
