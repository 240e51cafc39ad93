"""`python -m shared.contracts.v1` writes schemas/*.json anew; a test holds them to be what is committed."""

from pathlib import Path

from shared.contracts.v1.schema import schemas, written

folder = Path(__file__).parent / "schemas"


def main() -> None:
    """Replaces every schema file, and removes those whose type is gone."""
    files = {folder / f"{name}.json": written(schema) for name, schema in schemas()}
    folder.mkdir(exist_ok=True)
    for old in set(folder.glob("*.json")) - set(files):
        old.unlink()
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
