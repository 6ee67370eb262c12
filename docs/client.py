"""A small client in Python: imports firms, starts a match run, waits for it, follows the changes.

Usage: client.py FIRMS.JSONL, with TANDEM_SERVER (host:port of gRPC) and TANDEM_CREDENTIAL_FILE in the environment.
The generated code must be on PYTHONPATH; integrate.md says how it is made. Loopback only: elsewhere use
grpc.secure_channel.
"""

import os
import sqlite3
import sys

import grpc
from google.longrunning import operations_pb2, operations_pb2_grpc
from tandem.v1 import change_pb2, change_pb2_grpc, firm_pb2, firm_pb2_grpc, match_run_pb2, match_run_pb2_grpc

with open(os.environ["TANDEM_CREDENTIAL_FILE"], encoding="utf-8") as file:
    CREDENTIAL = [("authorization", "Bearer " + file.read().strip())]


def import_firms(channel, path):
    """Sends the options first, then the file in parts. All of it is taken, or nothing."""

    def parts():
        yield firm_pb2.ImportFirmsRequest(options={"attested": True})
        with open(path, "rb") as file:
            while part := file.read(1 << 16):
                yield firm_pb2.ImportFirmsRequest(data=part)

    answer = firm_pb2_grpc.FirmServiceStub(channel).ImportFirms(parts(), metadata=CREDENTIAL)
    print(f"imported: {answer.created} new, {answer.updated} replaced, {answer.unchanged} unchanged")


def match(channel):
    """Starts a run and waits until it has ended."""
    operation = match_run_pb2_grpc.MatchRunServiceStub(channel).CreateMatchRun(
        match_run_pb2.CreateMatchRunRequest(match_run={"top": 5}), metadata=CREDENTIAL)
    operations = operations_pb2_grpc.OperationsStub(channel)
    while not operation.done:
        request = operations_pb2.WaitOperationRequest(name=operation.name, timeout={"seconds": 5})
        operation = operations.WaitOperation(request, metadata=CREDENTIAL)
    if operation.HasField("error"):
        sys.exit(operation.error.message)
    run = match_run_pb2.MatchRun()
    operation.response.Unpack(run)
    print(f"matched: {run.results} pairings in {run.name}")
    return run


def follow(channel, database, until):
    """Applies changes, each in one transaction with the position behind it, until a resource has come by."""
    database.executescript("""
        CREATE TABLE IF NOT EXISTS mirror (name TEXT PRIMARY KEY, deleted INTEGER NOT NULL, change BLOB NOT NULL);
        CREATE TABLE IF NOT EXISTS place (one INTEGER PRIMARY KEY CHECK (one = 1), position TEXT NOT NULL);
        INSERT OR IGNORE INTO place VALUES (1, '');""")
    changes = change_pb2_grpc.ChangeServiceStub(channel)
    while True:
        (position,) = database.execute("SELECT position FROM place").fetchone()
        stream = changes.WatchChanges(change_pb2.WatchChangesRequest(after=position), metadata=CREDENTIAL)
        try:
            for change in stream:
                with database:
                    database.execute("INSERT OR REPLACE INTO mirror VALUES (?, ?, ?)",
                                     (change.name, change.deleted, change.SerializeToString()))
                    database.execute("UPDATE place SET position = ?", (change.position,))
                print(f"change: {change.name}{' is gone' if change.deleted else ''}")
                if change.name == until:
                    stream.cancel()
                    return
        except grpc.RpcError as error:
            if error.code() == grpc.StatusCode.OUT_OF_RANGE:  # another register, or one restored from an older copy
                with database:
                    database.execute("DELETE FROM mirror")
                    database.execute("UPDATE place SET position = ''")
            elif error.code() != grpc.StatusCode.UNAVAILABLE:  # that one passes: the server stops, or 25 minutes are over
                raise


def main():
    with grpc.insecure_channel(os.environ["TANDEM_SERVER"]) as channel, sqlite3.connect("mirror.db") as database:
        import_firms(channel, sys.argv[1])
        run = match(channel)
        follow(channel, database, run.name)
        (firms,) = database.execute("SELECT count(*) FROM mirror WHERE name LIKE 'firms/%' AND NOT deleted").fetchone()
        print(f"mirrored: {firms} firms")


if __name__ == "__main__":
    main()
