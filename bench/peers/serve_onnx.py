"""FastAPI in front of the native ONNX Runtime; nothing is recorded. Async: a prediction is shorter than a change of threads."""

from uuid import uuid4

from fastapi import FastAPI
from graph import score
from record import Prediction, Record, describe

app = FastAPI()


@app.post('/predict')
async def predict(record: Record) -> Prediction:
    return describe(str(uuid4()), score([record])[0])


@app.post('/predict/batch')
async def predict_batch(records: list[Record]) -> list[Prediction]:
    return [describe(str(uuid4()), probability) for probability in score(records)]
