"""A process that can import nothing more once it has begun, as one that is in a node."""

import subprocess
import sys
from pathlib import Path

_ALONE = """
import sys
sys.path.insert(0, {root!r})
{imports}
class Nothing:
    def find_spec(self, name, *_):
        raise ImportError(f"{{name}} is not there")
sys.meta_path.insert(0, Nothing())
{work}
"""


def alone(imports: str, work: str) -> None:
    """Import, then work; both are lines of Python. What goes wrong fails the test."""
    script = _ALONE.format(root=str(Path(__file__).parents[4]), imports=imports, work=work)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
