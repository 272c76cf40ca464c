"""The clients of openapi-python-client and datamodel-code-generator, against the Worker. npm run test:generated makes them."""

import io
import json
import os
from pathlib import Path

import httpx
import models
import pytest
from client import AuthenticatedClient
from client.api.history import list_predictions
from client.api.model import get_model
from client.api.predict import explore, predict, predict_batch_form, predict_batch_json, validate
from client.models import (
    BatchAnswer,
    Contract,
    ExploreAnswer,
    ExploreRequest,
    PredictAnswer,
    PredictBatchFormBody,
    PredictionPage,
    Problem,
    Record,
    ValidateAnswer,
)
from client.types import File

URL = os.environ["FUTURISYS_URL"]
KEY = os.environ["FUTURISYS_API_KEY"]
CONTRACT = json.loads((Path(__file__).parents[2] / "model/contract.json").read_text(encoding="utf-8"))
EXAMPLES = CONTRACT["examples"]
INPUT = EXAMPLES[0]["input"]
NUMBERS = {"sirh": "id_employee", "eval": "eval_number", "sondage": "code_sondage"}


def extract(group: str) -> File:
    """The CSV of one extract, with every example in it."""
    names = [feature["name"] for feature in CONTRACT["features"] if feature["group"] == group]
    lines = [",".join([NUMBERS[group], *names])]
    for number, example in enumerate(EXAMPLES, 1):
        lines.append(",".join([str(number), *(str(example["input"][name]) for name in names)]))
    return File(io.BytesIO("\n".join(lines).encode()), f"{group}.csv", "text/csv")


class TestOpenapiPythonClient:
    client = AuthenticatedClient(URL, KEY)

    def test_predicts_checks_and_explores(self) -> None:
        record = Record.from_dict(INPUT)
        answer = predict.sync(client=self.client, body=record)
        assert isinstance(answer, PredictAnswer)
        assert answer.probability == pytest.approx(EXAMPLES[0]["probability"], abs=1e-6)
        assert isinstance(validate.sync(client=self.client, body=record), ValidateAnswer)
        request = ExploreRequest.from_dict({"record": INPUT, "vary": {"field": "age", "values": [30, 40]}})
        assert isinstance(request.record, Record)
        explored = explore.sync(client=self.client, body=request)
        assert isinstance(explored, ExploreAnswer) and len(explored.points) == 2

    def test_is_told_why_a_record_is_refused(self) -> None:
        problem = predict.sync(client=self.client, body=Record.from_dict({**INPUT, "age": 400}))
        assert isinstance(problem, Problem) and problem.errors
        assert problem.errors[0].fields == ["age"]

    def test_predicts_many_as_json_and_as_a_form(self) -> None:
        answer = predict_batch_json.sync(client=self.client, body=[Record.from_dict(INPUT)])
        assert isinstance(answer, BatchAnswer) and answer.summary.predicted == 1
        body = PredictBatchFormBody(sirh=extract("sirh"), eval_=extract("eval"), sondage=extract("sondage"))
        answer = predict_batch_form.sync(client=self.client, body=body)
        assert isinstance(answer, BatchAnswer) and answer.summary.predicted == len(EXAMPLES)

    def test_reads_history_and_contract(self) -> None:
        page = list_predictions.sync(client=self.client, limit=1)
        assert isinstance(page, PredictionPage)
        contract = get_model.sync(client=self.client)
        assert isinstance(contract, Contract) and contract.name == CONTRACT["name"]


class TestDatamodelCodeGenerator:
    headers = {"authorization": f"Bearer {KEY}"}

    def test_sends_a_record_and_reads_the_answer(self) -> None:
        record = models.Record.model_validate(INPUT)
        sent = record.model_dump_json(exclude_unset=True, by_alias=True)
        headers = {**self.headers, "content-type": "application/json"}
        response = httpx.post(f"{URL}/v1/predict", content=sent, headers=headers)
        answer = models.PredictAnswer.model_validate_json(response.text)
        assert answer.probability == pytest.approx(EXAMPLES[0]["probability"], abs=1e-6)

    def test_refuses_what_the_api_refuses(self) -> None:
        for change in ({"age": 400}, {"genre": "X"}):
            with pytest.raises(ValueError):
                models.Record.model_validate({**INPUT, **change})
            assert httpx.post(f"{URL}/v1/predict", json={**INPUT, **change}, headers=self.headers).status_code == 422
        with pytest.raises(ValueError):
            models.ExploreRequest.model_validate({"record": {}})

    def test_reads_the_contract(self) -> None:
        models.Contract.model_validate_json(httpx.get(f"{URL}/v1/model").text)
