"""StructNoSQL 2.6.7 as a service: the package's own executor, over HTTP.

    executor.py ENGINE TOKEN TABLE

ENGINE is the address of a database that speaks DynamoDB's protocol. TABLE is created in it, and served to who
sends TOKEN. It prints the address that it listens on, and the types of the operations that it has run when its standard
input ends.
"""

import json
import logging
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

engine, token, table_name = sys.argv[1:]
for variable in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[variable]
os.environ.update(AWS_ACCESS_KEY_ID="local", AWS_SECRET_ACCESS_KEY="local", AWS_DEFAULT_REGION="eu-west-1")
os.environ.update(AWS_ENDPOINT_URL_DYNAMODB=engine, AWS_EC2_METADATA_DISABLED="true")

from StructNoSQL import ExternalDynamoDBApiExecutor, PrimaryIndex  # noqa: E402

logging.disable(logging.CRITICAL)
out, sys.stdout = sys.stdout, sys.stderr  # the package prints what fails
index = PrimaryIndex(hash_key_name="id", hash_key_variable_python_type=str)
users = ExternalDynamoDBApiExecutor(table_name=table_name, region_name="eu-west-1", primary_index=index)
ran = set()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        data = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        given = data.pop("accessToken", None)
        if given is None:
            answer = {"success": False, "errorKey": "invalidOrMissingAccessToken"}
        elif given != token:
            answer = {"success": False, "errorKey": "invalidAccessToken"}
        else:
            ran.add(data.get("operationType"))
            answer = users.execute(data)
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(f"http://127.0.0.1:{server.server_port}/users", file=out, flush=True)
sys.stdin.read()
print(" ".join(sorted(ran)), file=out, flush=True)
