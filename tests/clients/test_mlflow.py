"""MLflow's own scoring server beside this Worker: the same requests, and how each of them answers.

What is compared is the status, the media type and the structure, not the words of a refusal nor the values of a
prediction: MLflow serves a stand-in with the signature of the contract. Where this Worker differs from MLflow on purpose,
a test says how.
"""

import csv
import io
import json
import socket
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from uuid import uuid4

import mlflow.pyfunc
import pandas as pd
import pytest
import requests
import uvicorn
from mlflow.models import ModelSignature
from mlflow.deployments import PredictionsResponse
from mlflow.pyfunc import scoring_server
from mlflow.pyfunc.scoring_server.client import ScoringServerClient
from mlflow.types import ColSpec, Schema
from mlflow.utils.proto_json_utils import dump_input_data

# That a model is saved without an example of its input is advice for its users.
pytestmark = pytest.mark.filterwarnings("ignore:.*input example")

JSON = "application/json"
CSV = "text/csv"
COLUMN_TYPES = {"category": "string", "integer": "long", "number": "double"}


class StandIn:
    """Answers every row the same, in a DataFrame with the columns of this Worker's answers."""

    def predict(self, model_input, params=None):
        rows = [("stays", 0.25, "low", str(uuid4())) for _ in model_input.index]
        return pd.DataFrame(rows, columns=["label", "probability", "risk", "id"])


def _load_pyfunc(_path):
    """MLflow calls it by this name, in the module that loads a model."""
    return StandIn()


def load_stand_in(contract, folder):
    columns = [ColSpec(COLUMN_TYPES[feature["type"]], feature["name"]) for feature in contract["features"]]
    signature = ModelSignature(inputs=Schema(columns))
    # No requirements: it is served from this environment.
    mlflow.pyfunc.save_model(folder, loader_module=__name__, signature=signature, pip_requirements=[])
    return mlflow.pyfunc.load_model(folder)


@pytest.fixture(scope="module")
def mlflow_url(server, tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("mlflow") / "model")
    # What `mlflow models serve` has uvicorn run, in a thread: it ends with the tests, however they end.
    app = scoring_server.init(load_stand_in(server.contract, folder))
    serving = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        # Requests wait from here on, until it is ready.
        listener.listen()
        thread = threading.Thread(target=serving.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        serving.should_exit = True
        thread.join(timeout=10)


@dataclass(frozen=True)
class Shape:
    """What is compared of an answer. `body` is the structure of what is JSON, and the text of what is not."""

    status: int
    type: str
    body: object


def shape_of(response):
    content_type = response.headers["content-type"].split(";")[0]
    try:
        body = structure_of(response.json())
    except requests.JSONDecodeError:
        body = response.text
    return Shape(response.status_code, content_type, body)


def structure_of(answer):
    """The predictions' columns and types, in order, or the code of an error; else what was answered."""
    if isinstance(answer, dict) and "predictions" in answer:
        return [[(name, type(value).__name__) for name, value in row.items()] for row in answer["predictions"]]
    if isinstance(answer, dict) and "error_code" in answer:
        assert isinstance(answer["message"], str) and answer["message"] != ""
        return answer["error_code"]
    return answer


@pytest.fixture(scope="module")
def both(server, mlflow_url):
    """Sends a request to this Worker and to MLflow, and returns the shapes of their answers."""

    def send(method, path, body=None, content_type=None):
        headers = {} if content_type is None else {"content-type": content_type}
        ours = requests.request(method, server.url + path, data=body, headers={**server.headers, **headers}, timeout=30)
        theirs = requests.request(method, mlflow_url + path, data=body, headers=headers, timeout=30)
        return shape_of(ours), shape_of(theirs)

    return send


@pytest.fixture(scope="module")
def table(rows):
    """Two rows, as each of the formats has them."""
    two = rows[:2]
    names = list(two[0])
    columns = {name: [row[name] for row in two] for name in names}
    split = {"columns": names, "data": [[row[name] for name in names] for row in two]}
    return SimpleNamespace(rows=two, names=names, columns=columns, split=split, csv=to_csv(names, two))


def to_csv(names, rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


ANSWER = [("label", "str"), ("probability", "float"), ("risk", "str"), ("id", "str")]

ACCEPTED = {
    "dataframe_split": (2, JSON, lambda table: {"dataframe_split": table.split}),
    "dataframe_split with an index": (2, JSON, lambda table: {"dataframe_split": {**table.split, "index": [7, 8]}}),
    "dataframe_records": (2, JSON, lambda table: {"dataframe_records": table.rows}),
    "instances": (2, JSON, lambda table: {"instances": table.rows}),
    "instances by column": (2, JSON, lambda table: {"instances": table.columns}),
    "inputs": (2, JSON, lambda table: {"inputs": table.columns}),
    "inputs by row": (2, JSON, lambda table: {"inputs": table.rows}),
    "inputs of a single row": (1, JSON, lambda table: {"inputs": table.rows[0]}),
    "JSON with a charset": (2, "application/json; charset=UTF-8", lambda table: {"inputs": table.columns}),
    "parameters, which the model has none of": (2, JSON, lambda table: {"inputs": table.columns, "params": {"a": 1}}),
    "fields of no format": (2, JSON, lambda table: {"inputs": table.columns, "note": 1}),
    "CSV": (2, CSV, lambda table: table.csv),
    "CSV with a charset": (2, "text/csv; charset=utf-8", lambda table: table.csv),
    "no rows in dataframe_split": (0, JSON, lambda table: {"dataframe_split": {**table.split, "data": []}}),
    "no rows in CSV": (0, CSV, lambda table: to_csv(table.names, [])),
}


def invoke(both, table, content_type, make):
    body = make(table)
    return both("POST", "/invocations", body if isinstance(body, str | bytes) else json.dumps(body), content_type)


@pytest.mark.parametrize(("count", "content_type", "make"), ACCEPTED.values(), ids=ACCEPTED.keys())
def test_predictions_have_the_structure_of_mlflow_s(both, table, count, content_type, make):
    ours, theirs = invoke(both, table, content_type, make)
    assert ours == theirs == Shape(200, JSON, [ANSWER] * count)


def without(name, rows):
    return [{key: value for key, value in row.items() if key != name} for row in rows]


REFUSED = {
    "none of the formats": ("BAD_REQUEST", JSON, lambda table: {}),
    "a field of no format": ("BAD_REQUEST", JSON, lambda table: {"data": table.rows}),
    "two formats": ("BAD_REQUEST", JSON, lambda table: {"inputs": table.columns, "instances": table.rows}),
    "a list": ("BAD_REQUEST", JSON, lambda table: table.rows),
    "malformed JSON": ("BAD_REQUEST", JSON, lambda table: '{"inputs":'),
    "JSON that is not UTF-8": ("BAD_REQUEST", JSON, lambda table: b'{"inputs":"\xff"}'),
    "nothing": ("BAD_REQUEST", JSON, lambda table: ""),
    "a short row": ("BAD_REQUEST", JSON, lambda table: {"dataframe_split": {**table.split, "data": [[1]]}}),
    "NaN": ("BAD_REQUEST", JSON, lambda table: {"inputs": {**table.columns, "age": [float("nan"), 1]}}),
    "a row without a column": (
        "INVALID_PARAMETER_VALUE",
        JSON,
        lambda table: {"dataframe_records": without("age", table.rows)},
    ),
    "an empty CSV": ("BAD_REQUEST", CSV, lambda table: ""),
    "a CSV line that is too short": ("BAD_REQUEST", CSV, lambda table: f"{table.csv}40\n"),
    "a CSV line that is too long": ("BAD_REQUEST", CSV, lambda table: f"{table.csv}{'4,' * 50}\n"),
    "CSV that is not UTF-8": ("BAD_REQUEST", CSV, lambda table: b"a\xff\n1\n"),
}


@pytest.mark.parametrize(("code", "content_type", "make"), REFUSED.values(), ids=REFUSED.keys())
def test_refusals_have_the_status_and_code_of_mlflow_s(both, table, code, content_type, make):
    ours, theirs = invoke(both, table, content_type, make)
    assert ours == theirs == Shape(400, JSON, code)


@pytest.mark.parametrize("path", ["/ping", "/health", "/version"])
def test_other_addresses_answer_the_same_text(both, path):
    ours, theirs = both("GET", path)
    assert ours.status == theirs.status == 200
    # "3.17.2" is no JSON, nor is a line end: MLflow calls them JSON, and this Worker text.
    assert (ours.body, ours.type, theirs.type) == (theirs.body, "text/plain", JSON)


@pytest.mark.parametrize(("method", "path"), [("GET", "/invocations"), ("POST", "/ping"), ("POST", "/version")])
def test_other_methods_are_refused(both, method, path):
    ours, theirs = both(method, path)
    # MLflow leaves this answer to its framework, whose errors have another form.
    assert (ours, theirs) == (Shape(405, JSON, "BAD_REQUEST"), Shape(405, JSON, {"detail": "Method Not Allowed"}))


class TestWhereThisWorkerDiffersOnPurpose:
    @pytest.mark.parametrize(
        "content_type", ["text/plain", "application/x-thing", "text/csv; charset=latin1", "text/csv; header=absent"]
    )
    def test_a_content_type_that_is_refused_is_an_error_like_any_other(self, both, table, content_type):
        ours, theirs = both("POST", "/invocations", table.csv, content_type)
        assert ours == Shape(415, JSON, "BAD_REQUEST")
        # The words alone, in MLflow.
        assert (theirs.status, theirs.type) == (415, "text/plain")

    def test_a_request_without_a_content_type_is_refused_rather_than_a_fault_of_the_server(self, both):
        ours, theirs = both("POST", "/invocations", b"{}")
        assert (ours.status, theirs.status) == (415, 500)

    def test_errors_have_no_stack_trace_and_no_other_field(self, server, mlflow_url):
        request = {"data": "", "headers": {"content-type": CSV}, "timeout": 30}
        theirs = requests.post(f"{mlflow_url}/invocations", **request).json()
        request["headers"].update(server.headers)
        ours = requests.post(f"{server.url}/invocations", **request).json()
        assert set(ours) == {"error_code", "message"}
        assert set(theirs) == {"error_code", "message", "error_class", "sqlstate", "stack_trace"}

    def test_parquet_is_not_read(self, both):
        ours, theirs = both("POST", "/invocations", b"PAR1", "application/vnd.apache.parquet")
        # MLflow reads it, and finds that this is none.
        assert (ours.status, theirs.status) == (415, 400)

    def test_the_contract_is_stricter_than_a_signature(self, both, table):
        """MLflow drops columns that it does not know, and its signature has neither limits nor categories."""
        for change in ({"shoe_size": 42}, {"age": 400}, {"genre": "X"}):
            ours, theirs = both("POST", "/invocations", json.dumps({"instances": [{**table.rows[0], **change}]}), JSON)
            assert (ours, theirs) == (Shape(400, JSON, "INVALID_PARAMETER_VALUE"), Shape(200, JSON, [ANSWER]))

    def test_what_is_no_table_is_a_bad_request_and_what_breaks_the_contract_an_invalid_parameter(self, both, table):
        """MLflow finds the first in its signature, and the type of a value while it reads: the other way round."""
        nameless = {"dataframe_records": [[1]]}
        uneven = {"inputs": {**table.columns, "age": [1]}}
        for body in (nameless, uneven, {"dataframe_records": []}, {"instances": []}, {"inputs": {}}):
            ours, theirs = both("POST", "/invocations", json.dumps(body), JSON)
            assert (ours, theirs) == (Shape(400, JSON, "BAD_REQUEST"), Shape(400, JSON, "INVALID_PARAMETER_VALUE"))
        names = [name for name in table.names if name != "age"]
        ours, theirs = both("POST", "/invocations", to_csv(names, without("age", table.rows)), CSV)
        assert (ours, theirs) == (Shape(400, JSON, "BAD_REQUEST"), Shape(400, JSON, "INVALID_PARAMETER_VALUE"))
        for age in ("old", None):
            body = {"dataframe_records": [{**table.rows[0], "age": age}]}
            ours, theirs = both("POST", "/invocations", json.dumps(body), JSON)
            assert (ours, theirs) == (Shape(400, JSON, "INVALID_PARAMETER_VALUE"), Shape(400, JSON, "BAD_REQUEST"))


class KeyedClient(ScoringServerClient):
    """As docs/api.md has it: MLflow's client, and a key."""

    def __init__(self, url, key):
        super().__init__("", "")
        self.url_prefix = url
        self.key = key

    def invoke(self, data, params=None):
        response = requests.post(
            f"{self.url_prefix}/invocations",
            data=dump_input_data(data, params=params),
            headers={"content-type": JSON, "authorization": f"Bearer {self.key}"},
            timeout=30,
        )
        if response.status_code != 200:
            raise Exception(f"Invocation failed ({response.status_code}): {response.text}")
        return PredictionsResponse.from_json(response.text)


@pytest.fixture
def gateway(server):
    """A proxy that adds the key: for clients that cannot send one."""

    class Proxy(BaseHTTPRequestHandler):
        def forward(self):
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {**server.headers, "content-type": self.headers.get("content-type", "")}
            answer = requests.request(self.command, server.url + self.path, data=body, headers=headers, timeout=30)
            self.send_response(answer.status_code)
            self.send_header("content-type", answer.headers["content-type"])
            self.send_header("content-length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_POST = forward

        def log_message(self, *_):
            """Says nothing: the tests do."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, daemon=True)
        thread.start()
        yield proxy.server_address
        proxy.shutdown()
        thread.join(timeout=10)


class TestScoringServerClient:
    def test_asks_for_health_and_version_without_a_key(self, server):
        client = ScoringServerClient(*server.address.split(":"))
        client.wait_server_ready(timeout=10)
        assert client.get_version().count(".") == 2

    def test_cannot_send_a_key_and_is_told_that_one_is_needed(self, server, rows):
        client = ScoringServerClient(*server.address.split(":"))
        with pytest.raises(Exception, match="error code 401.*Send an API key"):
            client.invoke(pd.DataFrame(rows))

    def test_a_key_in_its_address_or_in_netrc_is_basic_authentication_which_is_refused(
        self, server, rows, tmp_path, monkeypatch
    ):
        host, port = server.address.split(":")
        in_address = ScoringServerClient(f"futurisys:{server.key}@{host}", port)
        netrc = tmp_path / "netrc"
        netrc.write_text(f"machine {host} login futurisys password {server.key}\n")
        monkeypatch.setenv("NETRC", str(netrc))
        for client in (in_address, ScoringServerClient(host, port)):
            with pytest.raises(Exception, match="error code 401") as refused:
                client.invoke(pd.DataFrame(rows))
            assert server.key not in str(refused.value)

    @pytest.mark.parametrize(
        "make",
        [pd.DataFrame, list, lambda rows: json.dumps({"dataframe_records": rows})],
        ids=["a DataFrame", "a list of records", "a text of one's own"],
    )
    def test_predicts_through_a_gateway_that_adds_the_key(self, gateway, rows, expected, make):
        answer = ScoringServerClient(*gateway).invoke(make(rows))
        assert [row["probability"] for row in answer["predictions"]] == [it["probability"] for it in expected]

    def test_predicts_with_a_key_in_a_class_of_its_own(self, server, rows, expected):
        client = KeyedClient(server.url, server.key)
        client.ping()
        answer = client.invoke(pd.DataFrame(rows)).get_predictions()
        assert answer["probability"].tolist() == [it["probability"] for it in expected]
        with pytest.raises(Exception, match="400.*age"):
            client.invoke(pd.DataFrame([{**rows[0], "age": 400}]))
