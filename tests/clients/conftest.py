"""The server under test and what it is to answer. npm run test:clients sets the environment."""

import os
from dataclasses import dataclass, field

import numpy as np
import pytest
import requests

# MLflow, which reads this when it is imported, reports its use to its makers otherwise.
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"


@dataclass(frozen=True)
class Server:
    url: str
    key: str = field(repr=False)
    contract: dict = field(repr=False)

    @property
    def address(self) -> str:
        """Host and port, as tritonclient takes them."""
        return self.url.removeprefix("http://")

    @property
    def headers(self) -> dict:
        """A new one each time: clients add to what they are given."""
        return {"authorization": f"Bearer {self.key}"}

    @property
    def model(self) -> str:
        return self.contract["name"]

    @property
    def version(self) -> str:
        return self.contract["version"]


@dataclass(frozen=True)
class Column:
    """One feature of every row, with its datatype in the protocol."""

    name: str
    datatype: str
    values: np.ndarray


TYPES = {"category": ("BYTES", np.object_), "integer": ("INT64", np.int64), "number": ("FP64", np.float64)}


def to_columns(contract: dict, rows: list[dict]) -> list[Column]:
    columns = []
    for feature in contract["features"]:
        datatype, dtype = TYPES[feature["type"]]
        values = np.array([row[feature["name"]] for row in rows], dtype=dtype)
        columns.append(Column(feature["name"], datatype, values))
    return columns


@pytest.fixture(scope="session")
def server() -> Server:
    url = os.environ["FUTURISYS_URL"]
    response = requests.get(f"{url}/v1/model", timeout=30)
    response.raise_for_status()
    return Server(url, os.environ["FUTURISYS_API_KEY"], response.json())


@pytest.fixture(scope="session")
def rows(server) -> list[dict]:
    return [example["input"] for example in server.contract["examples"]]


@pytest.fixture(scope="session")
def columns(server, rows) -> list[Column]:
    return to_columns(server.contract, rows)


@pytest.fixture(scope="session")
def expected(server, rows) -> list[dict]:
    """What /v1/predict answers to each row."""
    answers = []
    for row in rows:
        response = requests.post(f"{server.url}/v1/predict", json=row, headers=server.headers, timeout=30)
        response.raise_for_status()
        answers.append(response.json())
    return answers
