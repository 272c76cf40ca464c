"""The KServe SDK's InferenceRESTClient, for version 2 of the protocol."""

import asyncio

import httpx
import numpy as np
import pytest
from conftest import to_columns
from kserve import InferenceRESTClient, InferInput, InferRequest
from kserve.inference_client import RESTConfig

TOLERANCE = 1e-6


def run(use):
    """Runs `use` with a client of its own."""

    async def with_client():
        async with InferenceRESTClient(RESTConfig(protocol="v2", retries=0, timeout=30)) as client:
            return await use(client)

    return asyncio.run(with_client())


def to_request(server, columns, binary, **options):
    inputs = []
    for column in columns:
        tensor = InferInput(column.name, list(column.values.shape), column.datatype)
        tensor.set_data_from_numpy(column.values, binary_data=binary)
        inputs.append(tensor)
    return InferRequest(server.model, inputs, request_id="a request", **options)


@pytest.mark.parametrize("binary_in", [True, False], ids=["binary in", "JSON in"])
@pytest.mark.parametrize("binary_out", [True, False], ids=["binary out", "JSON out"])
def test_infer_answers_as_v1_predict(server, columns, expected, binary_in, binary_out):
    request = to_request(server, columns, binary_in, parameters={"binary_data_output": binary_out})
    response = run(lambda client: client.infer(server.url, request, server.model, headers=server.headers))
    # The SDK drops the version that the answer names.
    assert (response.id, response.model_name) == ("a request", server.model)
    outputs = {output.name: output.as_numpy() for output in response.outputs}
    np.testing.assert_allclose(
        outputs["probability"], [answer["probability"] for answer in expected], rtol=0, atol=TOLERANCE
    )
    labels = [value.decode() if isinstance(value, bytes) else value for value in outputs["label"]]
    assert labels == [answer["label"] for answer in expected]


def test_the_server_and_the_model_say_how_they_are(server):
    assert run(lambda client: client.is_server_live(server.url)) is True
    assert run(lambda client: client.is_server_ready(server.url)) is True
    assert run(lambda client: client.is_model_ready(server.url, server.model)) is True
    assert run(lambda client: client.is_model_ready(server.url, "no-such-model")) is False


def test_a_refusal_is_raised_with_its_words(server, rows):
    request = to_request(server, to_columns(server.contract, [{**rows[0], "genre": "X"}]), True)
    with pytest.raises(httpx.HTTPStatusError) as refused:
        run(lambda client: client.infer(server.url, request, server.model, headers=server.headers))
    assert refused.value.response.status_code == 400
    assert "Row 0, genre (category): Must be one of: F, M." in str(refused.value)
