"""The native ONNX Runtime under MLServer, with the schema of the other peers: one tensor a feature, one row an employee."""

import sys
from pathlib import Path

from mlserver import MLModel
from mlserver.codecs import NumpyCodec, StringCodec
from mlserver.types import InferenceRequest, InferenceResponse

sys.path.append(str(Path(__file__).parents[1]))

import numpy as np  # noqa: E402
from graph import score  # noqa: E402
from record import LABELS, THRESHOLD, Record  # noqa: E402


class Attrition(MLModel):
    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        columns = {tensor.name: tensor.data.root for tensor in payload.inputs}
        records = [Record.model_validate(dict(zip(columns, row))) for row in zip(*columns.values())]
        probabilities = score(records)
        return InferenceResponse(
            model_name=self.name,
            outputs=[
                NumpyCodec.encode_output('probability', np.array(probabilities, np.float32)),
                StringCodec.encode_output('label', [LABELS[p >= THRESHOLD] for p in probabilities]),
            ],
        )
