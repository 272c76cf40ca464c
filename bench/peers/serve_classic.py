"""The classic stack: FastAPI, a pickled pipeline, and SQLAlchemy that commits each prediction before it is answered."""

import os
from datetime import UTC, datetime
from uuid import UUID, uuid4

import joblib
import numpy as np
import pandas as pd
from fastapi import FastAPI
from record import CONTRACT, NAMES, THRESHOLD, Prediction, Record, describe
from sqlalchemy import JSON, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

pipeline = joblib.load(os.environ['BENCH_PIPELINE'])
engine = create_engine(os.environ['BENCH_CLASSIC_URL'], pool_size=20, max_overflow=20)


class Base(DeclarativeBase):
    pass


class StoredPrediction(Base):
    __tablename__ = 'classic_predictions'

    id: Mapped[UUID] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]
    input: Mapped[dict] = mapped_column(JSON)
    probability: Mapped[float]
    threshold: Mapped[float]
    label: Mapped[str]
    model_version: Mapped[str]


Base.metadata.create_all(engine)


def score(frame: pd.DataFrame) -> np.ndarray:
    return pipeline.predict_proba(frame)[:, 1]


def check_golden_cases() -> None:
    golden = CONTRACT['golden']
    scores = score(pd.DataFrame([case['values'] for case in golden], columns=NAMES))
    expected = [case['probability'] for case in golden]
    np.testing.assert_allclose(scores, expected, rtol=0, atol=CONTRACT['parity']['tolerance'])


check_golden_cases()
app = FastAPI()


@app.post('/predict')
def predict(record: Record) -> Prediction:
    return predict_batch([record])[0]


@app.post('/predict/batch')
def predict_batch(records: list[Record]) -> list[Prediction]:
    inputs = [record.model_dump() for record in records]
    answers = [describe(str(uuid4()), float(p)) for p in score(pd.DataFrame(inputs))]
    now = datetime.now(UTC).replace(tzinfo=None)
    with Session(engine) as session:
        session.add_all(
            StoredPrediction(
                id=UUID(answer.id),
                created_at=now,
                input=given,
                probability=answer.probability,
                threshold=THRESHOLD,
                label=answer.label,
                model_version=CONTRACT['version'],
            )
            for given, answer in zip(inputs, answers)
        )
        session.commit()
    return answers
