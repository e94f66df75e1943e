# Sourced by the scripts beside it: makes the virtual environment once, again when dependencies change.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

python=
for candidate in python3 python3.13 python3.12 python3.11; do
  if command -v "$candidate" >/dev/null && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$(command -v "$candidate")
    break
  fi
done
if [ -z "$python" ]; then
  echo "Sojourn needs Python 3.11 or newer; on Debian: apt install python3 python3-venv" >&2
  exit 1
fi
if ! command -v git >/dev/null; then
  echo "Sojourn needs git; on Debian: apt install git" >&2
  exit 1
fi

kind=${SOJOURN_SETUP:-run}
lock=requirements/$kind.lock
stamp=$(cat pyproject.toml "$lock" | sha256sum)
if [ "$(cat ".venv/.sojourn-$kind" 2>/dev/null)" != "$stamp" ]; then
  if [ ! -x .venv/bin/python ]; then
    echo "Making .venv with $("$python" --version)"
    "$python" -m venv .venv || {
      rm -rf .venv
      echo "Python's venv module is not whole here; on Debian: apt install python3-venv" >&2
      exit 1
    }
  fi
  echo "Installing packages"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.8,<1'
  .venv/bin/uv pip install --python .venv/bin/python --require-hashes -r "$lock"
  .venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps -e .
  echo "$stamp" >".venv/.sojourn-$kind"
fi
export PATH="$root/.venv/bin:$PATH"
