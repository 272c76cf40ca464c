"""What npm run publish-model published, read with the real huggingface_hub; and the client's own writes. npm run test:clients sets the environment."""

import hashlib
import os
from pathlib import Path

# Read when the client is imported. The local Hub has no Xet storage.
os.environ["HF_HUB_DISABLE_XET"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"

import pytest
from huggingface_hub import HfApi, ModelCard, hf_hub_download, snapshot_download
from huggingface_hub.errors import HfHubHTTPError

HUB = os.environ["HUB_URL"]
PUBLISHED = os.environ["HUB_REPO"]
MODEL = Path(__file__).parents[2] / "model"
FILES = ["model.onnx", "contract.json", "README.md"]


@pytest.fixture(scope="module")
def api() -> HfApi:
    return HfApi(endpoint=HUB, token=os.environ["HUB_TOKEN"])


@pytest.fixture(scope="module")
def tag(api: HfApi) -> str:
    """The one tag of what was published."""
    (found,) = api.list_repo_refs(PUBLISHED).tags
    return found.name


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_a_published_version_by_its_tag(api: HfApi, tag: str, tmp_path: Path, name: str) -> None:
    path = hf_hub_download(
        PUBLISHED, name, revision=tag, endpoint=HUB, token=api.token, cache_dir=tmp_path
    )
    assert Path(path).read_bytes() == (MODEL / name).read_bytes()


def test_a_whole_published_version_by_its_tag(api: HfApi, tag: str, tmp_path: Path) -> None:
    folder = snapshot_download(
        PUBLISHED, revision=tag, endpoint=HUB, token=api.token, cache_dir=tmp_path
    )
    for name in FILES:
        assert (Path(folder) / name).read_bytes() == (MODEL / name).read_bytes()


def test_sizes_and_digests(api: HfApi, tag: str) -> None:
    graph = (MODEL / "model.onnx").read_bytes()
    siblings = {it.rfilename: it for it in api.model_info(PUBLISHED, revision=tag, files_metadata=True).siblings}
    assert siblings["model.onnx"].lfs.sha256 == hashlib.sha256(graph).hexdigest()
    assert siblings["model.onnx"].size == len(graph)
    (listed,) = api.get_paths_info(PUBLISHED, ["model.onnx", "missing"], revision=tag)
    assert (listed.size, listed.lfs.sha256) == (len(graph), siblings["model.onnx"].lfs.sha256)
    assert set(FILES) <= {it.path for it in api.list_repo_tree(PUBLISHED, revision=tag)}


def test_an_upload_a_tag_and_a_second_one(api: HfApi) -> None:
    name = f"{PUBLISHED.split('/')[0]}/uploaded"
    first = api.create_repo(name)
    assert api.create_repo(name, exist_ok=True) == first
    # README.md goes by /api/validate-yaml, model.onnx to large-file storage.
    api.upload_folder(repo_id=name, folder_path=MODEL, allow_patterns=FILES)
    assert set(FILES) <= set(api.list_repo_files(name))
    api.create_tag(name, tag="model-v9.0.0")
    with pytest.raises(HfHubHTTPError, match="409"):
        api.create_tag(name, tag="model-v9.0.0")
    api.create_tag(name, tag="model-v9.0.0", exist_ok=True)
    assert [it.name for it in api.list_repo_refs(name).tags] == ["model-v9.0.0"]


def test_the_model_card_has_what_the_hub_demands() -> None:
    """https://github.com/huggingface/hub-docs/blob/main/modelcard.md: the client refuses results without type, dataset and metrics."""
    card = ModelCard.load(MODEL / "README.md").data
    assert card.license
    assert card.eval_results
    for result in card.eval_results:
        assert result.task_type and result.dataset_type and result.dataset_name
        assert result.metric_type and result.metric_value is not None
