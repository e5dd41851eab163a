"""What frameworks for Python read: urllib (aiohttp, too), Django, Werkzeug (Flask),
Bottle, Tornado and python-multipart (FastAPI)."""

import base64
import io
import json
import os
import sys
import urllib.parse

import bottle
import django.conf
import django.core.handlers.wsgi
import multipart
import tornado.httputil
import werkzeug.http
import werkzeug.wrappers

HERE = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(HERE, "fields.json"), encoding="utf-8") as file:
    FIELDS = json.load(file)

django.conf.settings.configure(DATA_UPLOAD_MAX_NUMBER_FIELDS=None)


def encoded(value):
    if isinstance(value, str):
        value = value.encode("utf-8", "surrogatepass")
    return base64.b64encode(value).decode("ascii")


def pick(values_of):
    return {"parameters": {name: [encoded(value) for value in values_of(name)] for name in FIELDS}}


def pick_from_pairs(pairs):
    return pick(lambda name: [value for key, value in pairs if key in (name, name.encode())])


def environ_of(request):
    environ = {
        "REQUEST_METHOD": request["method"],
        "PATH_INFO": "/token",
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request["bytes"]),
        "CONTENT_LENGTH": str(len(request["bytes"])),
    }
    for name, value in request["headers"]:
        if name == "content-type":
            environ["CONTENT_TYPE"] = value
        elif name == "authorization":
            environ["HTTP_AUTHORIZATION"] = value
    return environ


def urllib_of_text(strict):
    def read(request):
        text = request["bytes"].decode("latin-1")
        return pick_from_pairs(urllib.parse.parse_qsl(text, keep_blank_values=True, strict_parsing=strict))

    return read


def urllib_of_old(request):
    """Python before 3.10, and the W3C's advice of 1999: a semicolon separates as well."""
    text = request["bytes"].decode("latin-1").replace(";", "&")
    return pick_from_pairs(urllib.parse.parse_qsl(text, keep_blank_values=True))


def read_django(request):
    return pick(django.core.handlers.wsgi.WSGIRequest(environ_of(request)).POST.getlist)


def read_werkzeug(request):
    return pick(werkzeug.wrappers.Request(environ_of(request)).form.getlist)


def read_bottle(request):
    # Its own limit of what it holds in memory is 100 KiB.
    return pick(bottle.BaseRequest(environ_of(request)).forms.decode("utf8").getall)


def read_tornado(request):
    headers = tornado.httputil.HTTPHeaders(dict(request["headers"]))
    arguments = {}
    content_type = headers.get("content-type", "")
    tornado.httputil.parse_body_arguments(content_type, request["bytes"], arguments, {}, headers)
    return pick(lambda name: arguments.get(name, []))


def read_python_multipart(request):
    pairs = []

    def take(field):
        value = urllib.parse.unquote_plus((field.value or b"").decode("latin-1"))
        pairs.append((urllib.parse.unquote_plus(field.field_name.decode("latin-1")), value))

    headers = {"Content-Type": b"application/x-www-form-urlencoded", "Content-Length": len(request["bytes"])}
    multipart.parse_form(headers, io.BytesIO(request["bytes"]), take, lambda file: None)
    return pick_from_pairs(pairs)


def read_werkzeug_basic(request):
    parsed = werkzeug.wrappers.Request(environ_of(request)).authorization
    return {"client": encoded(parsed.username) if parsed and parsed.username is not None else None}


def read_bottle_basic(request):
    parsed = bottle.parse_auth(dict(request["headers"]).get("authorization", ""))
    return {"client": encoded(parsed[0]) if parsed else None}


READERS = {
    "urllib": urllib_of_text(strict=False),
    "urllib, strict": urllib_of_text(strict=True),
    "urllib before 3.10": urllib_of_old,
    "django": read_django,
    "werkzeug": read_werkzeug,
    "bottle": read_bottle,
    "tornado": read_tornado,
    "python-multipart": read_python_multipart,
    "werkzeug, Basic": read_werkzeug_basic,
    "bottle, Basic": read_bottle_basic,
}


def attempt(reader, request):
    try:
        return reader(request)
    except Exception as error:  # whatever a framework declines with
        return {"error": f"{type(error).__name__}: {error}"}


def main():
    for line in sys.stdin:
        request = json.loads(line)
        request["bytes"] = base64.b64decode(request["body"])
        readings = {name: attempt(reader, request) for name, reader in READERS.items()}
        print(json.dumps({"id": request["id"], "readings": readings}), flush=True)


main()
