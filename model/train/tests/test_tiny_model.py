import json
from pathlib import Path

import tiny_model

COMMITTED = Path(tiny_model.__file__).parents[2] / 'workers' / 'test' / 'fixtures' / 'tiny'


def test_the_committed_fixture_is_what_the_script_writes(tmp_path):
    tiny_model.write(tmp_path)
    assert {path.name for path in COMMITTED.iterdir()} == {'model.onnx', 'contract.json'}
    for path in COMMITTED.iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name


def test_it_has_both_labels_and_one_input_of_each_type():
    contract = json.loads((COMMITTED / 'contract.json').read_text(encoding='utf-8'))
    assert {part['type'] for part in contract['graph']['inputs']} == {'string', 'float32', 'int64'}
    labels = [case['probability'] >= contract['output']['threshold'] for case in contract['golden']]
    assert len(labels) >= 10 and len(set(labels)) == 2
