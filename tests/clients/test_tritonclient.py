"""tritonclient.http, in its blocking and its asyncio form."""

import asyncio

import numpy as np
import pytest
import tritonclient.http as triton
import tritonclient.http.aio as triton_aio
from conftest import to_columns
from tritonclient.utils import InferenceServerException

TOLERANCE = 1e-6


def call_blocking(server, method, *args, **kwargs):
    with triton.InferenceServerClient(server.address, network_timeout=30) as client:
        return getattr(client, method)(*args, **kwargs)


def call_aio(server, method, *args, **kwargs):
    async def call():
        async with triton_aio.InferenceServerClient(server.address, conn_timeout=30) as client:
            return await getattr(client, method)(*args, **kwargs)

    return asyncio.run(call())


@pytest.fixture(params=[call_blocking, call_aio], ids=["sync", "aio"])
def call(request, server):
    """Calls a method of a client of the server."""
    return lambda method, *args, **kwargs: request.param(server, method, *args, **kwargs)


def to_inputs(columns, binary=True):
    inputs = []
    for name, datatype, values in ((column.name, column.datatype, column.values) for column in columns):
        tensor = triton.InferInput(name, list(values.shape), datatype)
        tensor.set_data_from_numpy(values, binary_data=binary)
        inputs.append(tensor)
    return inputs


def texts(array):
    """BYTES come as bytes from binary data, as text from JSON."""
    return [value.decode() if isinstance(value, bytes) else value for value in array]


OUTPUTS = {
    "no outputs given": None,
    "outputs in binary": {"binary_data": True},
    "outputs in JSON": {"binary_data": False},
}


@pytest.mark.parametrize("binary", [True, False], ids=["binary in", "JSON in"])
@pytest.mark.parametrize("outputs", OUTPUTS.values(), ids=OUTPUTS.keys())
@pytest.mark.parametrize("compression", [None, "gzip", "deflate"])
def test_infer_answers_as_v1_predict(call, server, columns, expected, binary, outputs, compression):
    names = ["probability", "label", "risk", "threshold"]
    result = call(
        "infer",
        server.model,
        to_inputs(columns, binary),
        outputs=None if outputs is None else [triton.InferRequestedOutput(name, **outputs) for name in names],
        request_id="a request",
        request_compression_algorithm=compression,
        response_compression_algorithm=compression,
        headers=server.headers,
    )
    response = result.get_response()
    assert (response["model_name"], response["model_version"], response["id"]) == (
        server.model,
        server.version,
        "a request",
    )
    probabilities = result.as_numpy("probability")
    assert probabilities.dtype == np.float64
    np.testing.assert_allclose(probabilities, [answer["probability"] for answer in expected], rtol=0, atol=TOLERANCE)
    assert texts(result.as_numpy("label")) == [answer["label"] for answer in expected]
    if outputs is not None:
        assert [output["name"] for output in response["outputs"]] == names
        assert texts(result.as_numpy("risk")) == [answer["risk"] for answer in expected]
        assert result.as_numpy("threshold").tolist() == [answer["threshold"] for answer in expected]


def test_a_version_may_be_asked_for(call, server, columns, expected):
    result = call("infer", server.model, to_inputs(columns), model_version=server.version, headers=server.headers)
    np.testing.assert_allclose(
        result.as_numpy("probability"), [answer["probability"] for answer in expected], rtol=0, atol=TOLERANCE
    )


def test_the_inputs_may_be_those_of_the_graph(call, server, rows, expected):
    dtypes = {"string": ("BYTES", np.object_), "float32": ("FP32", np.float32), "int64": ("INT64", np.int64)}
    inputs = []
    for graph_input in server.contract["graph"]["inputs"]:
        datatype, dtype = dtypes[graph_input["type"]]
        values = np.array([[row[name] for name in graph_input["features"]] for row in rows], dtype=dtype)
        tensor = triton.InferInput(graph_input["name"], list(values.shape), datatype)
        tensor.set_data_from_numpy(values)
        inputs.append(tensor)
    result = call("infer", server.model, inputs, headers=server.headers)
    np.testing.assert_allclose(
        result.as_numpy("probability"), [answer["probability"] for answer in expected], rtol=0, atol=TOLERANCE
    )


def test_the_server_and_the_model_describe_themselves(call, server):
    assert call("is_server_live") is True
    assert call("is_server_ready") is True
    assert call("is_model_ready", server.model) is True
    assert call("is_model_ready", server.model, server.version) is True
    assert call("is_model_ready", server.model, "987654.0.0") is False
    assert call("is_model_ready", "no-such-model") is False
    assert "binary_tensor_data" in call("get_server_metadata")["extensions"]
    metadata = call("get_model_metadata", server.model)
    assert server.version in metadata["versions"]
    assert [tensor["name"] for tensor in metadata["inputs"]] == [it["name"] for it in server.contract["features"]]
    assert call("get_model_metadata", server.model, server.version) == metadata


def change(server, rows, **values):
    return to_inputs(to_columns(server.contract, [{**rows[0], **values}]))


def limit_of(server, name):
    return next(feature for feature in server.contract["features"] if feature["name"] == name)["accepted"]["max"]


def refusal(call, server, inputs, model=None, headers=None, **options):
    with pytest.raises(InferenceServerException) as refused:
        call("infer", model or server.model, inputs, headers=headers or server.headers, **options)
    return refused.value.status(), refused.value.message()


def test_what_the_contract_refuses_is_told_with_row_field_and_rule(call, server, rows):
    maximum = limit_of(server, "age")
    status, message = refusal(call, server, change(server, rows, age=maximum + 1))
    assert (status, message) == ("400", f"Row 0, age (maximum): Must be at most {maximum} years.")
    status, message = refusal(call, server, change(server, rows, genre="X"))
    assert (status, message) == ("400", 'Row 0, genre (category): Must be one of: F, M. Received: "X".')


def test_tensors_that_are_not_the_model_s_are_refused(call, server, columns):
    status, message = refusal(call, server, to_inputs(columns[1:]))
    assert (status, message) == ("400", f"These inputs are missing: {columns[0].name}.")
    unknown = triton.InferInput("shoe_size", [1], "FP32")
    unknown.set_data_from_numpy(np.array([42], dtype=np.float32))
    status, message = refusal(call, server, [*to_inputs(columns), unknown])
    assert status == "400" and "shoe_size" in message


def test_numbers_that_are_none_are_refused(call, server, rows):
    status, message = refusal(call, server, change(server, rows, revenu_mensuel=float("nan")))
    assert status == "400" and "revenu_mensuel" in message and "NaN" in message
    status, message = refusal(call, server, change(server, rows, age=2**53 + 1))
    assert status == "400" and "age" in message and str(2**53 + 1) in message


def test_unknown_outputs_models_and_versions_are_refused(call, server, columns):
    status, message = refusal(call, server, to_inputs(columns), outputs=[triton.InferRequestedOutput("colour")])
    assert status == "400" and "colour" in message
    status, message = refusal(call, server, to_inputs(columns), model="no-such-model")
    assert status == "404" and "no-such-model" in message
    status, message = refusal(call, server, to_inputs(columns), model_version="987654.0.0")
    assert status == "404" and "987654.0.0" in message


def test_who_has_no_key_is_told_so(call, server, columns):
    status, message = refusal(call, server, to_inputs(columns), headers={"x-request-id": "nobody"})
    assert (status, message) == ("401", 'Send an API key: "Authorization: Bearer KEY" or "X-API-Key: KEY".')
    status, message = refusal(call, server, to_inputs(columns), headers={"authorization": "Bearer wrong"})
    assert status == "401" and "API key" in message
