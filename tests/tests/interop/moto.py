"""Amazon S3 as PyPI's moto has it, with a bucket. Prints where it answers, and ends with its standard input.

moto looks at `If-Match` and `If-None-Match` first and puts the object then, and another request may come in
between; S3 itself does both at once. So one request at a time is answered here.

Usage: python moto.py BUCKET
"""

import os
import sys
import threading

import boto3
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

application = DomainDispatcherApplication(create_backend_app)
turn = threading.Lock()


def one_at_a_time(environment, start_response):
    with turn:
        return list(application(environment, start_response))


server = make_server("127.0.0.1", 0, one_at_a_time, threaded=True, request_handler=MotoRequestHandler)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.port}"
login = {"aws_access_key_id": "account-of-tests", "aws_secret_access_key": "of-no-use"}
boto3.client("s3", endpoint_url=address, region_name="us-east-1", **login).create_bucket(Bucket=sys.argv[1])
print(address, flush=True)
sys.stdin.read()
os._exit(0)
