"""The stand-in for every service but DynamoDB: moto's server on a free port of loopback, which it says on its output.

It ends when its input does, so that it never outlives the test that started it.
"""

import base64
import json
import os
import sys
import threading
import urllib.request
import zlib

import moto.awslambda.models
import moto.s3.models
import moto.s3.responses
from moto.core.config import default_user_config
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

default_user_config["stepfunctions"] = {"execute_state_machine": True}

dispatcher = DomainDispatcherApplication(create_backend_app)
one_at_a_time = threading.Lock()


def application(environ, start_response):
    """S3 decides about one request at a time here: conditional writes are then as atomic as they are in AWS."""
    if "/s3/aws4_request" not in environ.get("HTTP_AUTHORIZATION", ""):
        return dispatcher(environ, start_response)
    with one_at_a_time:
        return list(dispatcher(environ, start_response))


plainly = moto.s3.responses.S3Response.serialized


def serialized(self, action_result):
    """S3 lists parts with their checksums, under another root than the stand-in writes."""
    if self.data.get("Action") != "ListParts":
        return plainly(self, action_result)
    upload = self.querystring.get("uploadId", [""])[0]
    stored = {part.name: part for part in self.backend.list_parts(self.bucket_name, upload)}
    for part in action_result.result["Parts"]:
        crc32 = zlib.crc32(stored[part["PartNumber"]].value)
        part["ChecksumCRC32"] = base64.b64encode(crc32.to_bytes(4, "big")).decode()
    status, headers, body = plainly(self, action_result)
    text = body.decode() if isinstance(body, bytes) else body
    return status, headers, text.replace("ListPartsResponse", "ListPartsResult")


moto.s3.responses.S3Response.serialized = serialized


plain_part = moto.s3.models.S3Backend.upload_part
plain_copy = moto.s3.responses.S3Response.copy_object


def upload_part(self, bucket_name, multipart_id, *rest):
    """S3 knows that an upload is gone; the stand-in stumbles."""
    if multipart_id not in self.get_bucket(bucket_name).multiparts:
        raise moto.s3.models.NoSuchUpload(upload_id=multipart_id)
    return plain_part(self, bucket_name, multipart_id, *rest)


def copy_object(self, *arguments, **named):
    """S3 copies where nothing is, if it is asked to; the stand-in does not look."""
    if self.headers.get("If-None-Match") == "*" and self.backend.get_object(self.bucket_name, self.parse_key_name()):
        raise moto.s3.responses.PreconditionFailed("If-None-Match")
    return plain_copy(self, *arguments, **named)


moto.s3.models.S3Backend.upload_part = upload_part
moto.s3.responses.S3Response.copy_object = copy_object


def invoke(self, event=None):
    """Functions are played by the service that the test started: the real binary, a process each."""
    address = f"{os.environ['LAMBDA_URL']}/2015-03-31/functions/{self.function_name}/invocations"
    body = json.dumps({} if event is None else event).encode()
    with urllib.request.urlopen(urllib.request.Request(address, data=body, method="POST"), timeout=240) as answer:
        return answer.read().decode(), bool(answer.headers.get("x-amz-function-error")), ""


if "LAMBDA_URL" in os.environ:
    moto.awslambda.models.LambdaFunction._invoke_lambda = invoke


class Quiet(WSGIRequestHandler):
    """Says nothing of requests."""

    def log_request(self, *_arguments):
        pass


def end_with_input():
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Quiet)
os.environ["MOTO_PORT"] = str(server.server_port)
print(server.server_port, flush=True)
threading.Thread(target=end_with_input, daemon=True).start()
server.serve_forever()
