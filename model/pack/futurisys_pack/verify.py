"""Verifies a folder in the serving runtime, where the repository is at hand."""

import json
import shutil
import subprocess
from pathlib import Path

from .errors import PackError

SECONDS = 600


def verify(folder: Path) -> bool:
    """False where neither this directory nor the folder is inside the repository. Raises a PackError for a folder that is refused."""
    root = next((it for start in (Path.cwd(), folder.resolve()) for it in (start, *start.parents) if _is_repository(it)), None)
    npm = shutil.which('npm')
    if root is None or npm is None:
        return False
    command = [npm, 'run', '--silent', 'verify-model', '--', str(folder.resolve()), '--json']
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=SECONDS, check=False)
    try:
        result = json.loads(done.stdout)
    except json.JSONDecodeError:
        raise PackError(f'npm run verify-model failed: {done.stderr.strip()[-500:]} Run it by hand: npm install comes first.') from None
    if not result['ok']:
        raise PackError('The serving runtime refuses the folder: ' + ' '.join(result['errors'])[:2000])
    return True


def _is_repository(folder: Path) -> bool:
    return (folder / 'scripts' / 'model' / 'verify-model.ts').is_file() and (folder / 'node_modules').is_dir()
